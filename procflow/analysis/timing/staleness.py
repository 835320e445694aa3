"""T4, stale data (数据时差): values and papers that are older than they may be when they are used."""

from collections.abc import Iterable, Iterator

import polars as pl

from procflow.analysis.clocks import DAY_UNITS
from procflow.analysis.expiry import validity_days
from procflow.analysis.finding import SHARE, Finding, Measurement, Remedy, Step, Witness
from procflow.analysis.limit_paths import least_days
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, label, subjects
from procflow.analysis.run_evidence import each, measured, visits_of
from procflow.analysis.run_tables import CASE, DAY_US
from procflow.definition.limits import Instant, Limit
from procflow.definition.process import State
from procflow.text import Text
from procflow.units import Span


def uses(context: Context) -> Iterator[tuple[str, Span, tuple[str, ...], tuple[str, ...]]]:
    """Yield each item or document with a validity: its name, that validity, the states that renew it, and those that
    use it. What is immutable never grows old."""
    process, graph = context.process, context.graph
    things = dict.fromkeys(
        thing for name in graph.leaves for thing in (*_renewed(graph.state(name)), *_used(graph.state(name)))
    )
    for thing in things:
        entry = process.item(thing) or process.material(thing)
        if entry is None or entry.validity is None or getattr(entry, "immutable", False):
            continue
        renew = tuple(name for name in graph.leaves if thing in _renewed(graph.state(name)))
        use = tuple(name for name in graph.leaves if thing in _used(graph.state(name)))
        if renew and use:
            yield thing, entry.validity, renew, use


def _renewed(state: State) -> tuple[str, ...]:
    return (
        *(ask.thing for ask in state.asks),
        *(e.item for e in state.enters),
        *state.writes,
        *state.issues,
        *state.confirms,
    )


def _used(state: State) -> tuple[str, ...]:
    evidence = tuple(thing for check in state.checks for thing in check.evidence)
    return (*(read.item for read in state.reads), *evidence)


def _check(context: Context) -> Iterable[Finding]:
    for thing, validity, renew, use in uses(context):
        for state in use:
            if state in renew:
                continue
            if context.run is not None:
                yield from _measured(context, thing, validity, renew, state)
            else:
                yield from _certain(context, thing, validity, renew, state)


def _certain(context: Context, thing: str, validity: Span, renew: tuple[str, ...], state: str) -> Iterator[Finding]:
    """Tell of a use that comes too late by every way: even the quickest takes longer than the validity."""
    if validity.unit not in DAY_UNITS or validity.unit == "month":
        return
    unit = "wd" if validity.unit == "wd" else "d"
    between = Limit(
        start=tuple(Instant(event="done", name=r) for r in renew), stop=(Instant(event="enter", name=state),)
    )
    way = least_days(context.graph, between, unit)
    allowed = validity.amount * (7 if validity.unit == "week" else 1)
    if way is None or way.length <= allowed:
        return
    steps = Witness((*(Step(s) for s in way.states), Step(state)))
    least = Measurement(Text(en="least time to its use", zh="至使用的最短时间"), way.length, unit)
    yield _finding(context, thing, validity, state, Text(en="always", zh="必然"), (steps, least))


def _measured(context: Context, thing: str, validity: Span, renew: tuple[str, ...], state: str) -> Iterator[Finding]:
    """Tell of a use that came too late in a run for more than a few cases: the age since it was last renewed."""
    rows = context.shared(visits_of)
    used = rows.filter((pl.col("state") == state) & pl.col("start_us").is_not_null()).select(*CASE, at_us="start_us")
    new = rows.filter(pl.col("state").is_in(renew) & pl.col("done_us").is_not_null()).select(
        *CASE, at_us="done_us", renewed_us="done_us"
    )
    aged = used.sort("at_us").join_asof(
        new.sort("at_us"), on="at_us", by=list(CASE), strategy="backward", check_sortedness=False
    )
    aged = aged.drop_nulls("renewed_us").with_columns(days=(pl.col("at_us") - pl.col("renewed_us")) / DAY_US)
    if not aged.height:
        return
    aged = aged.with_columns(stale=(pl.col("days") > validity_days(validity)).cast(pl.Float64))
    share = each(aged, "stale")
    if share.mean < context.profile.stale_share:
        return
    evidence = (
        measured(Text(en="share of uses of an expired value", zh="使用时已过期的比例"), share, SHARE),
        measured(Text(en="mean age at its use", zh="使用时的平均时长"), each(aged, "days", unit="d")),
    )
    how_often = Text(en=f"in {share.mean:.0%} of its uses", zh=f"{share.mean:.0%} 的情形")
    yield _finding(context, thing, validity, state, how_often, evidence)


def _finding(
    context: Context,
    thing: str,
    validity: Span,
    state: str,
    how_often: Text,
    evidence: tuple[Witness | Measurement, ...],
) -> Finding:
    node = context.graph.nodes[state]
    return finding(
        context,
        "T4",
        subjects(("item", [thing]), ("state", [state])),
        Text(
            en=f"{label(context, thing, 'en')} is valid for {validity} and {how_often.get('en')} older than that when "
            f"{node.label('en')} uses it",
            zh=f"{label(context, thing, 'zh')}的有效期为 {validity}，"
            f"在「{node.label('zh')}」使用时{how_often.get('zh')}已过期",
        ),
        evidence,
        severity="medium",
        remedies=(
            Remedy("align_cadence", Text(en="fetch or push it when it is used", zh="在使用时实时调取或推送")),
            Remedy("once_only", Text(en="confirm the value instead of asking anew", zh="以确认代替重新提交")),
        ),
        thresholds={"stale_share": context.profile.stale_share} if context.run is not None else {},
        path=node.path,
    )


RULES = (
    Rule(
        id="T4",
        name=Text(en="stale data", zh="数据时差"),
        what=Text(
            en="data and papers that have expired by the time they are used", zh="使用时已超过有效期的数据与材料"
        ),
        why=Text(
            en="a decision on old data is wrong, or the applicant is asked again",
            zh="依据过期数据作出决定，或要求申请人重新提交",
        ),
        formula=Text(
            en="from the definition: the least time from any renewal to the use, where it exceeds the validity; in a "
            "run: the share of uses whose time since the last renewal does",
            zh="按定义：各更新环节至使用环节的最短时间超过有效期；有仿真时：距最近一次更新的时间超过有效期的使用比例",
        ),
        source="procflow's own rule",
        trap=Text(
            en="immutable facts, values that are confirmed on the way, what has no validity",
            zh="不变的事实、途中已确认的数据、无有效期的数据",
        ),
        check=_check,
    ),
)
