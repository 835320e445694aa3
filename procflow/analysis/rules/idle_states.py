"""S5: states in which nothing happens. Never flags a state whose data are not declared complete."""

from collections.abc import Iterator

from procflow.analysis.finding import Cost, Finding, Measurement, Remedy, Step, Witness
from procflow.analysis.knowledge import flow
from procflow.analysis.pricing import basis_of, cost, priced_visits, transfer_days, visits
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.passing import adds, is_timed
from procflow.analysis.rules.wording import finding, named, subjects
from procflow.definition.process import State, Transition
from procflow.machine.graph import Edge
from procflow.text import Text


def looks_idle(context: Context, name: str) -> bool:
    """Whether a state seems to do nothing, whether or not its data are complete: one in, one out, and no effect."""
    state = context.graph.nodes[name].state
    before, after = context.graph.into(name), context.graph.out(name)
    return (
        not (state.is_composite or state.final or _means_something(state))
        and name != context.graph.initial
        and len(before) == len(after) == 1
        and before[0].source != name
        and not (before[0].leaves or after[0].leaves)
        and not _decides(after[0].transition)
        and not is_timed(context, name)
        and _keeps_the_owner(context, before[0], state, after[0])
    )


def _means_something(state: State) -> bool:
    """Whether a state takes work, time, data, visits or has a meaning of its own."""
    return bool(
        state.work
        or state.delay
        or state.batch
        or state.call
        or state.limit
        or state.visits
        or state.milestone
        or state.discretion
        or state.notice
        or state.reads
        or adds(state)
    )


def _decides(transition: Transition) -> bool:
    return bool(transition.when or transition.timeout or transition.set or transition.rejects)


def _keeps_the_owner(context: Context, before: Edge, state: State, after: Edge) -> bool:
    """Whether the case changes hands as often without the state: nobody's, or its neighbor's on either side."""
    if state.who in ("applicant", "external"):
        return False
    beside = (context.graph.nodes[before.source].state, context.graph.nodes[after.dest].state)
    return state.department is None or any(other.department == state.department for other in beside)


def _idle(context: Context) -> Iterator[Finding]:
    for name in context.shared(flow).at:
        state = context.graph.nodes[name].state
        if state.data == "complete" and looks_idle(context, name):
            yield _finding(context, name)


def _finding(context: Context, name: str) -> Finding:
    before, after = context.graph.into(name)[0], context.graph.out(name)[0]
    where = named(context, [name])
    return finding(
        context,
        "S5",
        subjects(("state", [name])),
        Text(
            en=f"nothing happens at {where.get('en')}: one way in, one way out, no work, time, data, visit or clock",
            zh=f"“{where.get('zh')}”无实质内容：一进一出，无工作、时限、数据、跑动，也不起算时限（冗余节点）",
        ),
        (Witness((Step(before.source), Step(name), Step(after.dest))), *_count(context, name)),
        cost=_saved(context, name, before, after),
        remedies=(
            Remedy("eliminate", Text(en="lead from the step before to the one after", zh="取消该节点，前后直连")),
        ),
        path=context.graph.nodes[name].path,
    )


def _count(context: Context, name: str) -> tuple[Measurement, ...]:
    expected = context.shared(visits)
    label = Text(en="expected visits per case", zh="每件期望经过次数")
    return () if expected is None else (Measurement(label, expected.to(name), "times"),)


def _saved(context: Context, name: str, before: Edge, after: Edge) -> tuple[Cost, ...]:
    """Return the way that is saved: of two transfers, around the state, the shorter one."""
    expected = context.shared(priced_visits)
    if expected is None:
        return ()
    days = min(
        transfer_days(context.process, context.graph.nodes[e.source].state, e.transition) for e in (before, after)
    )
    basis = Text(en="expected visits × the shorter of two transfers", zh="期望次数×前后两次移送中较短者")
    return cost(context, "working_days", expected.to(name) * days, basis_of(context, basis)) if days else ()


RULES = (
    Rule(
        "S5",
        Text(en="superfluous state", zh="冗余节点"),
        Text(
            en="a state with one way in and one way out in which nothing happens and nobody else takes over",
            zh="一进一出、无任何实质内容且不改变办理主体的状态",
        ),
        Text(en="it lengthens the diagram and the file's way, and nothing else", zh="徒增流程长度和流转次数"),
        Text(
            en="one edge in, one out, no work, delay, sitting, data, visits, limit or clock instant; its owner is that "
            "of a neighbor; data complete; cost = the shorter of two transfers around it",
            zh="入边、出边各一，无工作、等待、批次、数据、跑动、时限及计时节点，办理主体与前后环节之一相同，且数据声明完整；"
            "成本=前后两次移送中较短者",
        ),
        "Reijers, Liman Mansar, Best practices in business process redesign, Omega 33 (2005): task elimination",
        Text(
            en="a legal milestone, an instant of a limit or a lock, a step that only reads, data not declared complete",
            zh="法定里程碑、时限或法定先后的时点、仅查阅信息的环节、数据未声明完整",
        ),
        _idle,
    ),
)
