"""T9, a limit without a clock (时限无起止或停表规则), and D24, off the clock (体外循环)."""

from collections import deque
from collections.abc import Iterable, Iterator

import polars as pl

from procflow.analysis.finding import SHARE, Finding, Measurement, Remedy, Step, Witness
from procflow.analysis.limit_paths import inside
from procflow.analysis.limit_times import suspended_by_cause
from procflow.analysis.pricing import cost, elapsed_days, visits
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, named, subjects
from procflow.analysis.run_evidence import each, measured
from procflow.analysis.run_tables import CASE
from procflow.analysis.timing.lateness import limits_of
from procflow.analysis.timing.silence import SUBSTANCE, by_silence
from procflow.analysis.timing.three_times import three_times
from procflow.definition.limits import Instant, Limit
from procflow.machine.graph import resolve
from procflow.text import Text

_STOPS_BY_LAW = ("correction", "rectification", "inspection", "consultation")
"""Kinds of states whose time many rules do not count (行政许可法 art. 45; 一次性告知后补正)."""


def _clocks(context: Context) -> Iterable[Finding]:
    for name, limit in context.process.definition.limits.items():
        yield from _endless(context, name, limit)
        yield from _unsuspended(context, name, limit)
    yield from by_silence(context)


def _endless(context: Context, name: str, limit: Limit) -> Iterator[Finding]:
    missing = [word for word, instants in (("start", limit.start), ("stop", limit.stop)) if not instants]
    if not missing:
        return
    yield finding(
        context,
        "T9",
        subjects(("limit", [name])),
        Text(
            en=f"limit {name} does not say when its clock {' and '.join(_EN[word] for word in missing)}: it is counted "
            "from arrival, to the end of the case",
            zh=f"时限 {name} 未写明何时{'、'.join(_ZH[word] for word in missing)}：现按到达起算、办结止算",
        ),
        (Measurement(Text(en="rules missing", zh="缺少的规则数"), float(len(missing)), "rules"),),
        severity="low",
        legal_hook="行政许可法 art. 32, 42",
        remedies=(
            Remedy(
                "",
                Text(
                    en="name the instants, such as start: {fire: accept}",
                    zh="写明起止时点，如 start: {fire: accept}（受理）",
                ),
            ),
        ),
        path=("limits", name),
    )


_EN = {"start": "starts", "stop": "stops"}
_ZH = {"start": "起算", "stop": "止算"}


def _unsuspended(context: Context, name: str, limit: Limit) -> Iterator[Finding]:
    """Tell of a clock that runs on while the applicant mends papers or an expert inspects, and never stops."""
    if limit.suspend:
        return
    running = [
        state
        for state in inside(context.graph, limit)
        if context.graph.nodes[state].state.kind in _STOPS_BY_LAW and context.graph.nodes[state].state.who != "staff"
    ]
    if not running:
        return
    expected = context.shared(visits)
    days = {s: elapsed_days(context.process, context.graph.nodes[s].state) for s in running}
    per_case = sum(expected.to(s) * wd for s, wd in days.items()) if expected else None
    listed = named(context, running)
    yield finding(
        context,
        "T9",
        subjects(("limit", [name]), ("state", running)),
        Text(
            en=f"limit {name} has no suspension, though it runs through {listed.get('en')}, whose time does not lie in "
            "the office's hands",
            zh=f"时限 {name} 未规定停表，但计时经过{listed.get('zh')}，其时间不由本单位掌握",
        ),
        (Witness(tuple(Step(state) for state in running)),),
        cost=cost(
            context, "working_days", per_case, Text(en="expected time there, on the clock", zh="其间计入时限的期望时间")
        ),
        legal_hook="行政许可法 art. 45",
        remedies=(
            Remedy(
                "stop_clock",
                Text(en="suspend the clock there by a named cause, if the law does", zh="依法对该环节停表并写明事由"),
            ),
        ),
        path=("limits", name),
    )


def _off_clock(context: Context) -> Iterable[Finding]:
    limits = context.process.definition.limits
    yield from _before_start(context)
    if context.run is not None:
        for name in limits:
            yield from _mostly_off(context, name)


def _before_start(context: Context) -> Iterator[Finding]:
    """Tell of work of substance that may be done before any clock starts: a witness path from arrival to it."""
    limits = context.process.definition.limits
    if not limits or any(not limit.start for limit in limits.values()):
        return  # a clock that starts with the arrival leaves nothing out
    starts = [instant for limit in limits.values() for instant in limit.start]
    timed = {state for limit in limits.values() for state in inside(context.graph, limit)}
    for path in _early(context, starts):
        if path[-1] not in timed:
            yield _untimed(context, path)


def _untimed(context: Context, path: tuple[str, ...]) -> Finding:
    node, expected = context.graph.nodes[path[-1]], context.shared(visits)
    days = elapsed_days(context.process, node.state)
    return finding(
        context,
        "D24",
        subjects(("state", [path[-1]])),
        Text(
            en=f"{node.label('en')} comes before any clock starts: its time counts for no limit",
            zh=f"「{node.label('zh')}」在各项时限起算之前进行：其用时不计入任何时限（体外循环）",
        ),
        (Witness(tuple(Step(state) for state in path)),),
        cost=cost(
            context,
            "working_days",
            expected.to(path[-1]) * days if expected else None,
            Text(en="expected time of the step", zh="该环节的期望用时"),
        ),
        legal_hook="行政许可法 art. 32",
        remedies=(
            Remedy(
                "",
                Text(en="accept first, then review; or start the clock earlier", zh="先受理后审查，或将起算时点提前"),
            ),
        ),
        path=node.path,
    )


def _early(context: Context, starts: list[Instant]) -> Iterator[tuple[str, ...]]:
    """Yield the shortest path of states from arrival to each state of substance that no start need precede."""
    graph = context.graph
    fires = {i.name for i in starts if i.event == "fire"}
    at = {(i.event, resolve(i.name, "", graph.nodes)) for i in starts if i.event != "fire"}
    frontier: deque[tuple[str, ...]] = deque((name,) for name in graph.entered(graph.initial))
    seen = set[str]()
    while frontier:
        path = frontier.popleft()
        here = path[-1]
        if here in seen or any(("enter", name) in at for name in (here, *graph.ancestors(here))):
            continue
        seen.add(here)
        state = graph.nodes[here].state
        if state.kind in SUBSTANCE and state.who == "staff":
            yield path
        left = graph.nodes[here].parent if state.final else here
        if left and not {("done", left), ("exit", left)} & at:
            onward = [edge for edge in graph.out(left) if edge.trigger not in fires]
            frontier.extend((*path, dest) for edge in onward for dest in graph.entered(edge.dest))


def _by_cause(context: Context, name: str, rows: pl.DataFrame) -> tuple[Measurement, ...]:
    """Return the mean time for which each named cause stopped the clock in the cases of some rows."""
    assert context.run is not None
    causes = suspended_by_cause(context.run, context.process).filter(pl.col("limit") == name)
    causes = causes.join(rows.select(*CASE), on=CASE, how="semi", maintain_order="left")
    return tuple(
        measured(
            Text(en=f"suspended for {cause}", zh=f"停表事由：{cause}"), each(mine, "suspended", unit=mine["unit"][0])
        )
        for (cause,), mine in causes.group_by("cause", maintain_order=True)
    )


def _mostly_off(context: Context, name: str) -> Iterator[Finding]:
    """Tell of a limit whose clock, in a run, counts less than half of what the applicant lives through."""
    rows = context.shared(limits_of).filter((pl.col("limit") == name) & pl.col("stopped_us").is_not_null())
    rows = rows.filter(pl.col("net").is_not_null() & (pl.col("net") + pl.col("suspended") > 0))
    if not rows.height:
        return
    rows = rows.with_columns(off=pl.col("suspended") / (pl.col("net") + pl.col("suspended")))
    share = each(rows, "off")
    if share.mean <= context.profile.suspended_share:
        return
    yield finding(
        context,
        "D24",
        subjects(("limit", [name])),
        Text(
            en=f"the clock of limit {name} is stopped for {share.mean:.0%} of the time between its start and its stop: "
            "the official time says little about what applicants live through",
            zh=f"时限 {name} 起止之间有 {share.mean:.0%} 的时间处于停表：官方用时难以反映申请人实际经历",
        ),
        (
            measured(Text(en="share of suspended time", zh="停表时间占比"), share, SHARE),
            *three_times(rows),
            *_by_cause(context, name, rows),
        ),
        severity="info",
        legal_hook="行政许可法 art. 45",
        remedies=(
            Remedy(
                "",
                Text(
                    en="always show lived, net and suspended time side by side", zh="同时公开实际用时、净用时与停表时间"
                ),
            ),
        ),
        thresholds={"suspended_share": context.profile.suspended_share},
        path=("limits", name),
    )


RULES = (
    Rule(
        id="T9",
        name=Text(en="no clock, or one that never stops", zh="时限无起止或停表规则"),
        what=Text(
            en="a limit without start, stop or suspension rule, or silence that decides or consents without a legal "
            "basis",
            zh="未写明起算、止算或停表规则的时限，或无依据的超时默许、逾期视为同意",
        ),
        why=Text(en="nobody can say whether such a limit was kept", zh="无法判断这样的时限是否遵守"),
        formula=Text(
            en="the limit's start, stop and suspend; where there is no suspension, the states of the applicant or of "
            "outsiders between its start and its stop whose kind is correction, rectification, inspection or "
            "consultation",
            zh="时限的 start、stop、suspend；无停表时，列出起止之间由申请人或外部机构进行的补正、整改、检验、"
            "征求意见环节",
        ),
        source="行政许可法 art. 32, 42, 45",
        trap=Text(
            en="notices and work of staff, which count; time-outs of the applicant; silence whose basis is cited",
            zh="应计入时限的公示与本单位工作；申请人逾期；已载明依据的超时默许",
        ),
        check=_clocks,
    ),
    Rule(
        id="D24",
        name=Text(en="off the clock", zh="体外循环"),
        what=Text(
            en="work of substance before the clock starts, or a clock that is stopped most of the time",
            zh="起算之前的实质性审查，或大部分时间处于停表的时限",
        ),
        why=Text(en="the official time looks good while the applicant waits", zh="官方用时好看，申请人却在等待"),
        formula=Text(
            en="a path from arrival to a review, inspection, consultation, meeting, approval or decision of staff that "
            "passes no start of any clock; in a run, suspended ÷ (net + suspended)",
            zh="从到达至审查、检查、征求意见、会议、审批或决定而未经起算时点的路径；有仿真时取停表 ÷（净用时 + 停表）",
        ),
        source="行政许可法 art. 32, 45",
        trap=Text(
            en="intake and checking whether papers are complete, which come before acceptance",
            zh="受理之前的收件与材料齐全性核对",
        ),
        check=_off_clock,
    ),
)
