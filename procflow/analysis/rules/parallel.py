"""R15: steps done one after the other although none needs another."""

import itertools
import math
from collections.abc import Iterator

from procflow.analysis.finding import Finding, Measurement, Remedy, Step, Witness
from procflow.analysis.knock_out import orders
from procflow.analysis.pricing import cost, elapsed_days, visits, work_minutes
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, named, subjects
from procflow.analysis.segments import (
    Unit,
    chains,
    depends,
    effects,
    limits_between,
    locks_between,
    scarce,
)
from procflow.definition.citations import cited
from procflow.definition.limits import Lock
from procflow.text import Text

HOOK = "《行政许可法》第二十六条"

ORDERED = frozenset(
    {
        "application",
        "intake",
        "dispatch",
        "decision",
        "notice",
        "certificate",
        "delivery",
        "archive",
        "correction",
        "rectification",
    }
)
"""Kinds whose place in the order is their meaning: what comes in first, what is decided, what is handed out last."""


def candidates(context: Context) -> Iterator[tuple[Unit, Unit]]:
    """Yield the neighbours that could be independent by what they are, whether or not their data are complete."""
    for chain in chains(context):
        for first, second in itertools.pairwise(chain):
            if movable(context, first) and movable(context, second):
                yield first, second


def is_complete(context: Context, unit: Unit) -> bool:
    """Whether a step and its corrections say that their data are complete."""
    return all(context.graph.nodes[name].state.data == "complete" for name in unit.states)


def movable(context: Context, unit: Unit) -> bool:
    """Whether a step could stand elsewhere by what it is, its data and the law apart."""
    return context.shared_of(_movable, unit, unit.states)


def _movable(context: Context, unit: Unit) -> bool:
    state = context.graph.nodes[unit.state].state
    return (
        state.kind not in ORDERED
        and not state.milestone
        and state.who != "applicant"
        and state.call is None
        and elapsed_days(context.process, state) > 0
        and not times_out(unit)
    )


def times_out(unit: Unit) -> bool:
    """Whether a timer may end the step: what it then leads to is nobody's refusal."""
    return any(edge.transition.timeout is not None and edge.dest not in unit.states for edge in unit.ways)


def _serial(context: Context) -> Iterator[Finding]:
    for chain in chains(context):
        for run in independent_runs(context, chain):
            yield _independent(context, run)
        if context.profile.report_locked:
            for first, second in itertools.pairwise(chain):
                locks = locks_between(context, first, second)
                if locks and _free(context, first, second):
                    yield _locked(context, first, second, locks)


def independent_runs(context: Context, chain: tuple[Unit, ...]) -> Iterator[tuple[Unit, ...]]:
    """Yield maximal runs of neighbours that are pairwise independent, none overlapping another."""
    run: list[Unit] = []
    for unit in chain:
        if run and not all(_may_run_beside(context, other, unit) for other in run):
            if len(run) > 1:
                yield tuple(run)
            run = []
        run.append(unit)
    if len(run) > 1:
        yield tuple(run)


def _may_run_beside(context: Context, first: Unit, second: Unit) -> bool:
    return _free(context, first, second) and not locks_between(context, first, second)


def _free(context: Context, first: Unit, second: Unit) -> bool:
    """Whether nothing but the law stands between two steps."""
    if not all(movable(context, unit) and is_complete(context, unit) for unit in (first, second)):
        return False
    dependent = depends(context, effects(context, first), effects(context, second), first.state)
    return not dependent and not scarce(context, first, second)


def _independent(context: Context, run: tuple[Unit, ...]) -> Finding:
    states = [unit.state for unit in run]
    days = {name: elapsed_days(context.process, context.graph.nodes[name].state) for name in states}
    expected = context.shared(visits)
    saved = None
    if expected is not None:
        spent = [expected.to(name) * days[name] for name in states]
        saved = math.fsum(spent) - max(spent)
    departments = dict.fromkeys(d for name in states if (d := context.graph.nodes[name].state.department))
    listed = named(context, states)
    return finding(
        context,
        "R15",
        subjects(("state", states), ("department", departments)),
        Text(
            en=f"{listed.get('en')} are done one after the other, though none needs another's result",
            zh=f"{listed.get('zh')}依次办理，但彼此无数据、法律或前置关系（可并未并）",
        ),
        (_proof(days), *_price(context, run), *_knocked_out(context, run)),
        cost=cost(context, "working_days", saved, _SAVED),
        legal_hook=HOOK if len(departments) > 1 else None,
        blocked_by=limits_crossed(context, run),
        remedies=_REMEDIES,
        path=context.graph.nodes[states[0]].path,
    )


def limits_crossed(context: Context, run: tuple[Unit, ...]) -> tuple[Text, ...]:
    """Return what limits stand in the way: done at once, their clock would measure something else."""
    return tuple(
        Text(
            en=f"the clock of limit {limit.title.get('en') if limit.title else name} counts from one of these steps to "
            "another: done at once, it would measure something else; say first between which instants it counts then",
            zh=f"时限“{limit.title.get('zh') if limit.title else name}”在上述环节之间计时或停表，"
            "改为并联后所计时间随之改变，须先重新规定其起止节点",
        )
        for name, limit in limits_between(context, run).items()
    )


def _proof(days: dict[str, float]) -> Witness:
    return Witness(
        tuple(Step(name, Text(en=f"{d:.2g} working days", zh=f"{d:.2g} 个工作日")) for name, d in days.items())
    )


def _knocked_out(context: Context, run: tuple[Unit, ...]) -> tuple[Measurement, ...]:
    """Return what the alternative saves: the steps one after the other, the cheapest likely refusal first."""
    found = orders(context, run)
    known = context.shared(visits)
    if found is None or known is None:
        return ()
    order = named(context, [run[index].state for index in found[1].steps])
    saved, times = found[0].minutes - found[1].minutes, known.to(run[0].state)
    return (
        Measurement(
            Text(
                en=f"work saved per case if kept in series in the order {order.get('en')}",
                zh=f"若保持串联而按 {order.get('zh')} 的次序，每件节省工作",
            ),
            saved * times,
            "min",
        ),
    )


_SAVED = Text(
    en="sum less the longest of the mean durations, queues apart; what is really gained only paired runs tell",
    zh="平均时长之和减最长者，不含排队；实际收益以配对仿真为准",
)


def _price(context: Context, run: tuple[Unit, ...]) -> tuple[Measurement, ...]:
    """Return the work done in vain where an earlier step would have refused: the price of doing all at once."""
    expected = context.shared(visits)
    if expected is None or not any(unit.refusals for unit in run):
        return ()
    going, wasted = 1.0, 0.0
    for unit in run:
        here = expected.to(unit.state)
        minutes = work_minutes(context.process, context.graph.nodes[unit.state].state)
        wasted += (1 - going) * minutes
        refused = math.fsum(expected.edges.get(edge.index, 0.0) for edge in unit.refusals)
        going *= 1 - (min(1.0, refused / here) if here else 0.0)
    name = Text(en="work in vain per case if done at once, for earlier refusals", zh="并联后因前序不予通过而白做的工作")
    return (Measurement(name, wasted, "min"),)


def _locked(context: Context, first: Unit, second: Unit, locks: tuple[Lock, ...]) -> Finding:
    listed = named(context, [first.state, second.state])
    bases = "; ".join(lock.basis for lock in locks)
    return finding(
        context,
        "R15",
        subjects(("state", [first.state, second.state])),
        Text(
            en=f"{listed.get('en')} share no data, but law sets their order: locked by {bases}",
            zh=f"{listed.get('zh')}无数据依赖，但法定先后次序不得并联：{bases}",
        ),
        (Witness((Step(first.state), Step(second.state))),),
        severity="info",
        blocked_by=tuple(
            Text(en=f"legal lock: {lock.basis}", zh=f"法定前置：{cited(lock.basis, 'zh')}") for lock in locks
        )
        + limits_crossed(context, (first, second)),
        path=context.graph.nodes[first.state].path,
    )


_REMEDIES = (
    Remedy("parallelize", Text(en="do them at once, with a join and a lead", zh="并联审批，明确牵头部门与汇合条件")),
    Remedy(
        "knock_out",
        Text(
            en="or keep them in series, the cheapest likely refusal first", zh="或保持串联，将易否决、成本低的环节前置"
        ),
    ),
)

RULES = (
    Rule(
        "R15",
        Text(en="serial but independent", zh="可并未并"),
        Text(
            en="neighbouring steps of which none needs, changes or decides on what another does",
            zh="前后相接、彼此不依赖、互不改变且互不决定的环节",
        ),
        Text(en="the case waits for the sum instead of the longest", zh="用时为各环节之和而非最长者"),
        Text(
            en="Bernstein's conditions over items, documents, rejections and attributes within a single-entry, "
            "single-exit segment, all with complete data; gain ≤ sum − maximum of mean durations",
            zh="在单入口单出口片段内，对数据项、材料、退回与属性检验 Bernstein 条件，且数据声明完整；"
            "收益上限=平均时长之和-最长者",
        ),
        "Bernstein, Analysis of Programs for Parallel Processing, IEEE Trans. EC-15 (1966)",
        Text(
            en="a legal lock, one scarce person who does both, a step that decides on the other in any way "
            "but a refusal, a step that a timer may end, data not declared complete",
            zh="法定先后次序、同一稀缺人员兼办、除不予通过外还决定后续走向的环节、设有超时去向的环节、数据未声明完整",
        ),
        _serial,
    ),
)
