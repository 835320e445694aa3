"""R10: ways that hardly any case takes, so that nearly all are sorted for nothing."""

from collections.abc import Iterator

import polars as pl

from procflow.analysis.dominators import ways_back
from procflow.analysis.finding import SHARE, Finding, Measurement, Remedy, Step, Witness
from procflow.analysis.knowledge import flow
from procflow.analysis.loops import reachable
from procflow.analysis.proportions import upper_bound
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.capture import legs
from procflow.analysis.rules.wording import finding, label, subjects
from procflow.analysis.run_evidence import visits_of
from procflow.analysis.spending import Spending, of_states
from procflow.machine.flow import can_happen
from procflow.machine.graph import Edge
from procflow.text import Text

_SORTING = frozenset({"dispatch", "other"})


def _branches(context: Context) -> Iterator[Finding]:
    taken = context.shared(_uses)
    totals: dict[str, int] = {}
    for (state, _, _), count in taken.items():
        totals[state] = totals.get(state, 0) + count
    for edge in context.graph.edges:
        total = totals.get(edge.source, 0)
        seen = taken.get((edge.source, edge.trigger, edge.dest), 0)
        bound = upper_bound(seen, total, confidence=context.profile.confidence)
        if bound < context.profile.constant_branch and not _excused(context, edge):
            yield _constant(context, edge, seen, total, bound)


def _uses(context: Context) -> dict[tuple[str, str, str], int]:
    """Return how often the finished cohort left each state by each way."""
    done = context.shared(visits_of).filter((pl.col("end") == "completed") & pl.col("trigger").is_not_null())
    counted = done.group_by("state", "trigger", "dest").len()
    return {(row["state"], row["trigger"], row["dest"]): row["len"] for row in counted.to_dicts()}


def _excused(context: Context, edge: Edge) -> bool:
    """Whether a way is rare for a good reason: an emergency, a right by law, a timer, a return, an end of the case."""
    transition = edge.transition
    return (
        transition.emergency
        or transition.timeout is not None
        or transition.basis is not None
        or bool(transition.rejects)
        or edge.source in context.graph.regions
        or not can_happen(edge)
        or _decides(context, edge)
        or edge.dest in context.shared(legs)
        or edge.index in context.shared(_back)
    )


def _back(context: Context) -> frozenset[int]:
    return ways_back(context.shared(flow))


def _decides(context: Context, edge: Edge) -> bool:
    """Whether a way leads to other outcomes than the ways beside it: refusals stay open however rare they are."""
    ends = context.shared(_endings)
    return any(ends[other.dest] != ends[edge.dest] for other in context.graph.out(edge.source))


def _endings(context: Context) -> dict[str, frozenset[str]]:
    finals = frozenset(n for n, node in context.graph.nodes.items() if node.state.final and not node.parent)
    reach = context.shared(reachable)
    return {name: reach.among(name, finals) for name in context.graph.nodes}


def _constant(context: Context, edge: Edge, seen: int, total: int, bound: float) -> Finding:
    state = context.graph.state(edge.source)
    sorts = state.kind in _SORTING and state.data == "complete" and not (state.writes or state.issues or state.enters)
    spent = of_states(context, [edge.source]) if sorts else Spending((), ())
    way = edge.transition
    return finding(
        context,
        "R10",
        subjects(("state", [edge.source]), ("transition", [edge.name])),
        Text(
            en=f"{label(context, edge.source, 'en')}: {seen} of {total:,} cases went by {way.label('en')}; the "
            "others are sorted for nothing",
            zh=f"“{label(context, edge.source, 'zh')}”：{total:,} 次中仅 {seen} 次走“{way.label('zh')}”，"
            "其余均为无谓分流",
        ),
        (
            Witness((Step(edge.source), Step(edge.dest))),
            Measurement(
                Text(en="share that goes this way", zh="走该分支的比例"), seen / total, SHARE, 0.0, bound, total
            ),
            *spent.evidence,
        ),
        cost=spent.costs,
        remedies=(
            Remedy("eliminate", Text(en="drop the branch, and treat these cases by hand", zh="取消该分支，个案个办")),
            Remedy("automate", Text(en="or sort by a rule on data that are held", zh="或依已有数据按规则自动分流")),
        ),
        thresholds={"constant_branch": context.profile.constant_branch, "confidence": context.profile.confidence},
        path=edge.path,
    )


RULES = (
    Rule(
        "R10",
        Text(en="constant branch", zh="恒定分支"),
        Text(en="a way out of a step that hardly any case takes", zh="几乎没有办件经过的分支"),
        Text(en="every case is sorted, for the sake of none", zh="逐件分流，却几无一件需要"),
        Text(
            en="one-sided upper confidence bound (Clopper-Pearson) of the share of uses in the run < constant_branch; "
            "priced where the step does nothing but sort",
            zh="仿真中该分支使用比例的单侧置信上限（Clopper-Pearson）<constant_branch；仅当该环节只作分流时计价",
        ),
        "Clopper, Pearson, The use of confidence or fiducial limits, Biometrika 26 (1934)",
        Text(
            en="emergencies (`emergency`), ways with a basis of their own, timers, returns, and refusals or "
            "withdrawals, which stay open however rare; branches of joins; few cases",
            zh="应急通道（emergency）、自身有法律依据的分支、计时触发、退回，以及不论多少都须保留的不予许可与撤回；汇合后的分支；样本过少",
        ),
        _branches,
        needs="run",
    ),
)
