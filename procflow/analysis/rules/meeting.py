"""S7: parallel regions that seem to meet in a state behind them, where in truth the first one ends the others."""

import math
from collections.abc import Iterator

from procflow.analysis.dataflow import path
from procflow.analysis.finding import Finding, Measurement, Remedy
from procflow.analysis.knowledge import flow
from procflow.analysis.pricing import cost, visits, work_minutes
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, named, subjects, witness
from procflow.machine.graph import Edge
from procflow.text import Text


def _false_joins(context: Context) -> Iterator[Finding]:
    for composite, regions in context.graph.regions.items():
        if len(regions) < 2 or context.graph.needed(composite) == 1 or composite not in context.shared(flow).at:
            continue
        onward = {edge.dest for edge in context.graph.out(composite) if edge.transition.timeout is None}
        meeting: dict[str, list[Edge]] = {}
        for edge in context.graph.edges:
            if (
                edge.leaves
                and edge.leaves[-1] == composite
                and edge.dest in onward
                and _is_meant_to_meet(context, edge)
            ):
                meeting.setdefault(edge.dest, []).append(edge)
        for dest, edges in meeting.items():
            yield _finding(context, composite, dest, edges)


def _is_meant_to_meet(context: Context, edge: Edge) -> bool:
    """Whether a way out of a region goes on as though the others were done: no timer's, none meant to end them."""
    transition = edge.transition
    return transition.timeout is None and not transition.cancels and edge.source in context.shared(flow).at


def _finding(context: Context, composite: str, dest: str, edges: list[Edge]) -> Finding:
    where, after, sources = (named(context, names) for names in ([composite], [dest], [e.source for e in edges]))
    path_to = _way(context, composite, edges[0])
    ended = Text(en="ends the other regions", zh="其他分支随之终止")
    return finding(
        context,
        "S7",
        subjects(
            ("state", [composite, *dict.fromkeys(e.source for e in edges)]), ("transition", [e.name for e in edges])
        ),
        Text(
            en=f"regions of {where.get('en')} lead straight to {after.get('en')} (from {sources.get('en')}): whoever "
            "comes first ends the others' work instead of waiting for it",
            zh=f"“{where.get('zh')}”的分支绕过汇合直接转入“{after.get('zh')}”（自{sources.get('zh')}）："
            "先到者使其他分支中止，而非等待其办结（假汇合）",
        ),
        (witness(context.shared(flow), path_to, {len(path_to) - 2: ended}), *_rate(context, edges)),
        cost=cost(context, "minutes", _cut_off(context, composite, edges), _BASIS),
        severity=None if context.shared(visits) else context.profile.unpriced,
        remedies=(
            Remedy(
                "", Text(en="lead to the end of the region, and on from the join", zh="先转入分支终点，由汇合处继续")
            ),
            Remedy(
                "",
                Text(
                    en="or say that it is meant to end the others: 'cancels: true'",
                    zh="确属一票终结的，写明 cancels: true",
                ),
            ),
        ),
        path=edges[0].path,
    )


_BASIS = Text(
    en="expected early exits × mean work of one visit to each step of the other regions: at most that is cut off",
    zh="期望提前转出次数×其他分支各环节一次的平均工作时间（上限）",
)


def _way(context: Context, composite: str, edge: Edge) -> list[int]:
    points = context.shared(flow)
    found = [path(points, points.at[composite], target) for target in points.at[edge.source]]
    way = min((steps for steps in found if steps), key=len, default=[points.at[edge.source][0]])
    return [*way, points.at[edge.dest][0]]


def _rate(context: Context, edges: list[Edge]) -> tuple[Measurement, ...]:
    expected = context.shared(visits)
    if expected is None:
        return ()
    name = Text(en="early exits per case", zh="每件提前转出次数")
    return (Measurement(name, math.fsum(expected.edges.get(edge.index, 0.0) for edge in edges), "times"),)


def _cut_off(context: Context, composite: str, edges: list[Edge]) -> float | None:
    expected = context.shared(visits)
    if expected is None:
        return None
    nodes = context.graph.nodes
    total = 0.0
    for edge in edges:
        own = _region(context, composite, edge.source)
        beside = [n for n in context.graph.leaves if _region(context, composite, n) not in (None, own)]
        work = math.fsum(work_minutes(context.process, nodes[n].state) for n in beside)
        total += expected.edges.get(edge.index, 0.0) * work
    return total


def _region(context: Context, composite: str, name: str) -> int | None:
    """Return the region of a composite in which a state lies, None where it lies outside."""
    nodes = context.graph.nodes
    around = {nodes[n].parent: nodes[n].region for n in (name, *context.graph.ancestors(name))}
    return around.get(composite)


RULES = (
    Rule(
        "S7",
        Text(en="false join", zh="假汇合"),
        Text(
            en="a way out of a parallel region to the state that follows the join, past the join",
            zh="并行分支绕过汇合，直接转入汇合之后的环节",
        ),
        Text(
            en="the diagram shows a meeting, the case goes on without the others' results",
            zh="图上似为汇合，实则未等其他分支办结即继续",
        ),
        Text(
            en="an early exit, not a timer's, whose destination the join leads to as well; cost at most the work of "
            "the other regions × expected exits",
            zh="非计时器触发的提前转出，且去向与汇合后的去向相同；成本上限=期望转出次数×其他分支的工作时间",
        ),
        "van der Aalst, Hirnschall, Verbeek, An Alternative Way to Analyze Workflow Graphs, CAiSE 2002",
        Text(
            en="a refusal that ends all regions, a way that says 'cancels', time-outs, joins that one region completes",
            zh="一票否决而终止全部分支、写明 cancels 的转出、超时转出、任一分支办结即汇合（any）",
        ),
        _false_joins,
    ),
)
