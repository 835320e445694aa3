"""R21: steps, materials and conditions that no law asks for, as far as the definition says what law asks for."""

from collections.abc import Iterator

from procflow.analysis.finding import Finding, Remedy, Witness
from procflow.analysis.knowledge import flow
from procflow.analysis.pricing import cost, elapsed_days, priced_visits, weighted
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, named, subjects, witness
from procflow.analysis.spending import of_states
from procflow.definition.facts import Ask
from procflow.definition.process import State
from procflow.machine.graph import Edge
from procflow.text import Text

HOOK = "《优化营商环境条例》第三十五条"
_GATES = frozenset({"review", "inspection", "approval", "decision", "consultation", "meeting"})


def _unfounded(context: Context) -> Iterator[Finding]:
    for name in context.shared(flow).at:
        if name in context.graph.regions:
            continue
        state = context.graph.nodes[name].state
        if is_step_without_basis(context, name):
            yield _step(context, name, state)
        asks = [ask for ask in state.asks if _is_asked_without_basis(context, name, ask)]
        if asks:
            yield _demand(context, name, asks)
    for edge in context.graph.edges:
        if edge.transition.no_basis and edge.source in context.shared(flow).at:
            yield _condition(context, edge)


def is_step_without_basis(context: Context, name: str) -> bool:
    """Whether a step burdens the applicant and no basis covers it, or it is said that there is none.

    Silence counts only where the data are declared complete; a basis of the process or of a composite around covers.
    """
    state = context.graph.nodes[name].state
    if state.who == "applicant":
        return False  # what the applicant does follows from what somebody demanded
    if state.no_basis:
        return True
    return state.data == "complete" and _burdens(context, name, state) and not _is_covered(context, name)


def _burdens(context: Context, name: str, state: State) -> bool:
    """Whether a step can hold the applicant up: it judges, demands something, has him come, or may turn him away.

    An internal step that only serves (a form filled in beforehand, a notice, a delivery) needs no law.
    """
    visited = state.visits is not None and state.visits.value > 0
    ways = {edge.dest for edge in context.graph.out(name) if edge.transition.timeout is None}
    asked = [ask for ask in state.asks if ask.basis is None]
    return state.who in ("staff", "external") and (state.kind in _GATES or bool(asked) or visited or len(ways) > 1)


def _is_covered(context: Context, name: str) -> bool:
    """Whether a basis is cited: by the step or its checks, a composite around it, or the process as a whole."""
    nodes = context.graph.nodes
    around = [nodes[n].state for n in (name, *context.graph.ancestors(name))]
    return (
        context.process.definition.basis is not None
        or any(state.basis is not None for state in around)
        or any(check.basis is not None for check in nodes[name].state.checks)
    )


def _is_asked_without_basis(context: Context, name: str, ask: Ask) -> bool:
    if ask.no_basis:
        return True
    state = context.graph.nodes[name].state
    entry = context.process.material(ask.thing) or context.process.item(ask.thing)
    silent = ask.basis is None and (entry is None or entry.basis is None) and not _is_covered(context, name)
    return silent and state.data == "complete" and ask.document is not None and not state.no_basis


def _step(context: Context, name: str, state: State) -> Finding:
    where, spent = named(context, [name]), of_states(context, [name])
    return finding(
        context,
        "R21",
        subjects(("state", [name])),
        Text(
            en=f"no law is cited for {where.get('en')}, which holds the applicant up",
            zh=f"“{where.get('zh')}”未载明法律依据，却增加申请人负担（无依据环节）",
        ),
        (_way_to(context, name, Text(en="no basis", zh="无依据")), *spent.evidence),
        cost=spent.costs,
        legal_hook=HOOK,
        remedies=(
            Remedy("eliminate", Text(en="drop the step", zh="取消该环节")),
            Remedy("", Text(en="or cite its basis", zh="或补充载明依据")),
        ),
        path=context.graph.nodes[name].path,
    )


def _demand(context: Context, name: str, asks: list[Ask]) -> Finding:
    things = [ask.thing for ask in asks]
    documents = [ask.thing for ask in asks if ask.document]
    items = [ask.thing for ask in asks if ask.item]
    listed, where = named(context, things), named(context, [name])
    return finding(
        context,
        "R21",
        subjects(("state", [name]), ("document", documents), ("item", items)),
        Text(
            en=f"no law is cited by which {where.get('en')} demands {listed.get('en')}",
            zh=f"“{where.get('zh')}”索要{listed.get('zh')}，未载明依据（无依据材料）",
        ),
        (_way_to(context, name, Text(en=f"demands {listed.get('en')}", zh=f"索要{listed.get('zh')}")),),
        cost=(
            *(cost(context, "materials", weighted(context, {name: float(len(documents))})) if documents else ()),
            *(cost(context, "keyed_items", weighted(context, {name: float(len(items))})) if items else ()),
        ),
        legal_hook=HOOK,
        remedies=(
            Remedy("eliminate", Text(en="stop demanding it", zh="取消该项材料")),
            Remedy("", Text(en="or cite the rule that demands it", zh="或补充载明依据")),
        ),
        path=(*context.graph.nodes[name].path, "asks"),
    )


def _condition(context: Context, edge: Edge) -> Finding:
    source, dest = named(context, [edge.source]), named(context, [edge.dest])
    told = edge.transition.when or edge.trigger
    expected = context.shared(priced_visits)
    uses = None if expected is None else expected.edges.get(edge.index, 0.0)
    behind = context.graph.nodes[edge.dest].state
    days = elapsed_days(context.process, behind)
    return finding(
        context,
        "R21",
        subjects(("transition", [edge.name]), ("state", [edge.source])),
        Text(
            en=f"no law is cited for the condition by which {source.get('en')} leads to {dest.get('en')} ({told})",
            zh=f"“{source.get('zh')}”转入“{dest.get('zh')}”的条件（{told}）未载明依据（无依据条件）",
        ),
        (_way_to(context, edge.source, Text(en=f"if {told}", zh=f"条件：{told}")),),
        cost=cost(context, "working_days", None if uses is None else uses * days),
        legal_hook=HOOK,
        remedies=(
            Remedy("eliminate", Text(en="drop the condition", zh="取消该条件")),
            Remedy("", Text(en="or cite its basis", zh="或补充载明依据")),
        ),
        path=edge.path,
    )


def _way_to(context: Context, name: str, remark: Text) -> Witness:
    """Return the step before and the step itself: more of the way proves nothing here."""
    points = context.shared(flow)
    here = points.at[name][0]
    return witness(points, list(dict.fromkeys((points.came_from[here], here))), {-1: remark})


RULES = (
    Rule(
        "R21",
        Text(en="no legal basis", zh="无依据环节、材料"),
        Text(
            en="a step that holds the applicant up, a material demanded or a condition for which no law is cited",
            zh="未载明法律依据、却增加申请人负担的环节、材料或条件",
        ),
        Text(en="burdens may be added by law only", zh="没有法律依据，不得增设办理环节、材料和条件"),
        Text(
            en="'no_basis' says so; or no basis of the step, its checks, the material, a composite around or the "
            "process, where the data are declared complete; cost = expected visits × time, work, visits or materials",
            zh="写明 no_basis；或数据声明完整而环节、审查、材料、上级环节及流程整体均未载明依据；"
            "成本=期望次数×用时、工作、跑动，或材料份数",
        ),
        "优化营商环境条例 (2019) 第三十五条",
        Text(
            en="internal steps that serve the applicant (notices, deliveries, dispatch), the applicant's own steps, a "
            "basis of the whole process; where the data are not declared complete, D17 tells the gap",
            zh="服务申请人的内部环节（告知、送达、转办）、申请人自身环节、流程整体已载明依据；"
            "数据未声明完整的由 D17 提示",
        ),
        _unfounded,
    ),
)
