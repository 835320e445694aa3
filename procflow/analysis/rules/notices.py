"""R23: two public notices of one matter to one audience, one after the other."""

import itertools
from collections.abc import Iterator

from procflow.analysis.dataflow import through
from procflow.analysis.finding import Finding, Measurement, Remedy
from procflow.analysis.flowgraph import concurrent
from procflow.analysis.knowledge import flow
from procflow.analysis.pricing import basis_of, cost, elapsed_days, priced_visits, work_minutes
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, named, subjects, witness
from procflow.definition.citations import cited
from procflow.text import Text


def serial_notices(context: Context) -> Iterator[tuple[str, str]]:
    """Yield pairs of notices that one case comes to one after the other, the next ones only."""
    points = context.shared(flow)
    ordered = dict.fromkeys(points.points[point].state for point in points.order)
    notices = [name for name in ordered if name in points.at and context.graph.nodes[name].state.kind == "notice"]
    for first, second in itertools.combinations(notices, 2):
        if points.leads(first, second) and not concurrent(context.graph, first, second):
            yield first, second


def _mergeable(context: Context) -> Iterator[Finding]:
    for first, second in serial_notices(context):
        a, b = (context.graph.nodes[name].state.notice for name in (first, second))
        if a is not None and b is not None and (a.of, a.to, a.objection) == (b.of, b.to, b.objection):
            yield _finding(context, first, second)


def _finding(context: Context, first: str, second: str) -> Finding:
    points = context.shared(flow)
    states = [context.graph.nodes[name].state for name in (first, second)]
    notice = states[0].notice
    to = notice.to if notice else Text(en="nobody", zh="无")
    listed, of = named(context, [first, second]), named(context, [notice.of] if notice else [])
    days = min(elapsed_days(context.process, state) for state in states)
    way = through(points, [first, second])
    posted = Text(en=f"announces {of.get('en')} to {to.get('en')}", zh=f"向{to.get('zh')}公示{of.get('zh')}")
    expected = context.shared(priced_visits)
    basis = basis_of(context, _BASIS)
    both = None if expected is None else min(expected.to(first), expected.to(second))
    return finding(
        context,
        "R23",
        subjects(("state", [first, second])),
        Text(
            en=f"{listed.get('en')} announce one matter ({of.get('en')}) to one audience "
            f"({to.get('en')}) one after the other",
            zh=f"{listed.get('zh')}就同一事项（{of.get('zh')}）向同一对象（{to.get('zh')}）先后公示（公示可并）",
        ),
        (
            witness(points, way, {0: posted, -1: posted}),
            Measurement(Text(en="the shorter of the two", zh="两次公示中较短者"), days, "wd"),
        ),
        cost=(
            *cost(context, "working_days", None if both is None else both * days, basis),
            *cost(context, "minutes", None if both is None else both * _work(context, first, second), basis),
        ),
        blocked_by=tuple(
            Text(
                en=f"{named(context, [name]).get('en')} cites {state.basis}: amend it first",
                zh=f"“{named(context, [name]).get('zh')}”载有依据：{cited(state.basis, 'zh')}，须先行修订",
            )
            for name, state in zip((first, second), states, strict=True)
            if state.basis
        ),
        remedies=(Remedy("merge", Text(en="announce once, with all results", zh="合并为一次公示，同时公布各项结果")),),
        path=context.graph.nodes[second].path,
    )


_BASIS = Text(en="expected visits × the shorter notice", zh="期望次数×较短的一次公示")


def _work(context: Context, *names: str) -> float:
    return min(work_minutes(context.process, context.graph.nodes[name].state) for name in names)


RULES = (
    Rule(
        "R23",
        Text(en="notices that could be one", zh="公示可并"),
        Text(
            en="two notices of one matter to one audience, one after the other",
            zh="就同一事项向同一对象先后两次公示",
        ),
        Text(en="the case waits twice for the same people to object", zh="同一批人有两次异议期，案件等待两遍"),
        Text(
            en="the second can follow the first, and 'notice' names the same matter, audience and right to object; "
            "cost = expected visits × the shorter one",
            zh="后者可在前者之后，且 notice 载明的事项、对象、异议权均相同；成本=期望次数×较短者",
        ),
        "Best-practice 'task composition': Reijers, Liman Mansar, Omega 33 (2005)",
        Text(
            en="different rights to object, different matters or audiences, notices in parallel regions",
            zh="异议权不同、事项或对象不同、并行分支中的公示",
        ),
        _mergeable,
    ),
)
