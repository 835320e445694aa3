"""T8, the risk of being late (超期风险), and T11, where a warning would have to come (红黄牌)."""

import math
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from procflow.analysis.clocks import DAY_UNITS
from procflow.analysis.finding import SHARE, Evidence, Finding, Measurement, Remedy
from procflow.analysis.limit_times import limit_times, reached
from procflow.analysis.pricing import cost, working_days
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, subjects
from procflow.analysis.run_evidence import as_share, measured
from procflow.analysis.run_tables import CASE
from procflow.analysis.timing.node_limits import late_nodes
from procflow.analysis.timing.three_times import three_times
from procflow.definition import words
from procflow.definition.limits import Limit
from procflow.simulation.statistics import Estimate, estimate, wilson
from procflow.text import Text
from procflow.units import Span

KINDS = ("statutory", "promised")
_KIND_TEXTS = {"statutory": Text(en="statutory limit", zh="法定时限"), "promised": Text(en="promise", zh="承诺时限")}


@dataclass(frozen=True)
class Lateness:
    """How many of the cases whose clock started end after a limit, of how many; ``beyond`` is the mean excess of a
    case, in the limit's unit, 0 for those in time."""

    share: Estimate
    cases: int
    open_cases: int
    beyond: float


def limits_of(context: Context) -> pl.DataFrame:
    """Return the limit times of a run's cohort whose clocks started."""
    assert context.run is not None
    times = limit_times(context.run, context.process)
    return times.filter("in_cohort", pl.col("started_us").is_not_null())


def lateness(rows: pl.DataFrame, kind: str, span: Span) -> Lateness | None:
    """Return how many cases are late for a limit, given rows of ``limit_times``; None where nothing is known.

    The share is that of the cases whose fate is known. Where cases are still open and not yet late, leaving them out
    would make the rest look better or worse than all are: then it is the Kaplan–Meier estimate of P(net > limit),
    which counts them as far as they are known (Kaplan & Meier, JASA 53, 1958), on the net times of ``limit_times``.
    Its interval is over replications; with a single one, Wilson's over the cases, which takes them as independent and
    is too narrow where they queue for the same people.
    """
    kept = rows[f"{kind}_kept"]
    if kept.drop_nulls().len() == 0:
        return None
    unknown = rows.filter(pl.col(f"{kind}_kept").is_null() & pl.col("censored"))
    known = rows.filter(pl.col(f"{kind}_kept").is_not_null())
    share = _censored(rows, span) if unknown.height else _shares(known, f"{kind}_kept")
    beyond = known.select((pl.col("net") - span.amount).clip(lower_bound=0.0).mean()).item()
    return Lateness(share, rows.height, unknown.height, float(beyond or 0.0))


def _shares(known: pl.DataFrame, column: str) -> Estimate:
    late = known.group_by("replication").agg((~pl.col(column)).mean().alias("late")).sort("replication")["late"]
    if late.len() < 2:
        return wilson(int((~known[column]).sum()), known.height)
    return as_share(estimate(late.to_list()))


def _censored(rows: pl.DataFrame, span: Span) -> Estimate:
    groups = [part for _, part in rows.sort("replication").group_by("replication", maintain_order=True)]
    means = [_survival(part, span) for part in groups]
    if len(means) < 2:
        low, high = _survival_interval(rows, span)
        return Estimate(means[0], low, high, rows.height)
    return as_share(estimate(means))


def _survival(rows: pl.DataFrame, span: Span) -> float:
    from scipy.stats import ecdf  # imported here: scipy is slow to load

    return float(ecdf(_data(rows)).sf.evaluate(span.amount))


def _survival_interval(rows: pl.DataFrame, span: Span) -> tuple[float, float]:
    from scipy.stats import ecdf  # imported here: scipy is slow to load

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # undefined where all have ended: said by the NaN below
        bounds = ecdf(_data(rows)).sf.confidence_interval(method="log-log")
    low, high = (float(b.evaluate(span.amount)) for b in (bounds.low, bounds.high))
    return (low, high) if math.isfinite(low) and math.isfinite(high) else (math.nan, math.nan)


def _data(rows: pl.DataFrame) -> Any:
    from scipy.stats import CensoredData  # imported here: scipy is slow to load

    open_case = rows["censored"].to_numpy()
    return CensoredData(uncensored=rows["net"].to_numpy()[~open_case], right=rows["net"].to_numpy()[open_case])


def _terms(limit: Limit) -> Iterator[tuple[str, Span]]:
    for kind in KINDS:
        term = getattr(limit, kind)
        if term is not None:
            yield kind, term.value


def _late(context: Context) -> Iterable[Finding]:
    table = context.shared(limits_of)
    for name, limit in context.process.definition.limits.items():
        rows = table.filter(pl.col("limit") == name)
        found = {kind: (span, each) for kind, span in _terms(limit) if (each := lateness(rows, kind, span)) is not None}
        late = {k: pair for k, pair in found.items() if pair[1].share.mean >= context.profile.late_share}
        if late:
            yield _late_finding(context, name, late, rows)
    yield from late_nodes(context)


def _late_finding(context: Context, name: str, late: dict[str, tuple[Span, Lateness]], rows: pl.DataFrame) -> Finding:
    limit = context.process.definition.limits[name]
    title = _title(name, limit)
    evidence: list[Evidence] = []
    for kind, (_, found) in late.items():
        what = _KIND_TEXTS[kind]
        over = Text(en=f"share beyond the {what.get('en')}", zh=f"超过{what.get('zh')}的比例")
        evidence.append(measured(over, found.share, SHARE))
    kind, (span, found) = next(iter(late.items()))
    evidence.append(Measurement(Text(en="cases whose clock started", zh="已起算的件数"), float(found.cases), "cases"))
    if found.open_cases:
        evidence.append(
            Measurement(Text(en="of these still open", zh="其中尚未办结"), float(found.open_cases), "cases")
        )
    evidence += three_times(rows)
    return finding(
        context,
        "T8",
        subjects(("limit", [name])),
        Text(
            en=f"{title.get('en')}: "
            + " and ".join(
                f"{each.share.mean:.0%} of the cases exceed the {_KIND_TEXTS[k].get('en')} of {term}"
                for k, (term, each) in late.items()
            ),
            zh=f"{title.get('zh')}："
            + "，".join(
                f"{each.share.mean:.0%} 的件超过{_KIND_TEXTS[k].get('zh')}（{words.span(term, 'zh')}）"
                for k, (term, each) in late.items()
            ),
        ),
        tuple(evidence),
        cost=cost(
            context,
            "working_days",
            working_days(found.beyond, span.unit),
            Text(
                en=f"mean time beyond the {_KIND_TEXTS[kind].get('en')}",
                zh=f"超出{_KIND_TEXTS[kind].get('zh')}的平均时间",
            ),
        ),
        legal_hook=getattr(limit, kind).source,
        remedies=(
            Remedy(
                "",
                Text(
                    en="shorten what the clock runs through, or promise what can be kept",
                    zh="压缩计时环节，或按可兑现的时限承诺",
                ),
            ),
        ),
        thresholds={"late_share": context.profile.late_share},
        path=("limits", name),
    )


def _title(name: str, limit: Limit) -> Text:
    return limit.title or Text(en=name, zh=name)


def _warnings(context: Context) -> Iterable[Finding]:
    """Tell of each limit that many cases come near to: how many, and in which state they are then."""
    share = context.profile.warning_share
    for name, limit in context.process.definition.limits.items():
        term = limit.promised or limit.statutory
        if term is None or term.value.unit not in DAY_UNITS or term.value.unit == "month":
            continue
        rows = _near(context, name, Span(term.value.amount * share, term.value.unit))
        started = context.shared(limits_of).filter(pl.col("limit") == name)
        if started.height and rows.height / started.height >= context.profile.warned_share:
            yield _warning(context, name, rows, started)


def _near(context: Context, name: str, span: Span) -> pl.DataFrame:
    """Return the cohort's cases that used up a span of a limit, with the state in which they did."""
    assert context.run is not None
    cohort = context.shared(limits_of).filter(pl.col("limit") == name).select(*CASE)
    return reached(context.run, context.process, name, span).join(cohort, on=CASE, how="semi", maintain_order="left")


def _warning(context: Context, name: str, rows: pl.DataFrame, started: pl.DataFrame) -> Finding:
    limit, share = context.process.definition.limits[name], context.profile.warning_share
    states = rows.group_by("state").len().sort(["len", "state"], descending=[True, False])
    first, count = str(states["state"][0]), int(states["len"][0])
    node, title = context.graph.nodes[first], _title(name, limit)
    near = wilson(rows.height, started.height)
    return finding(
        context,
        "T11",
        subjects(("limit", [name]), ("state", [first])),
        Text(
            en=f"{title.get('en')}: {near.mean:.0%} of the cases use {share:.0%} of the limit or more; "
            f"{count / rows.height:.0%} of these are in {node.label('en')} when they do: the warning belongs there",
            zh=f"{title.get('zh')}：{near.mean:.0%} 的件用去时限的 {share:.0%} 以上；其中 {count / rows.height:.0%} "
            f"届时处于「{node.label('zh')}」环节：应在此设置预警",
        ),
        (
            measured(Text(en="share of cases that come near to the limit", zh="接近时限的比例"), near, SHARE),
            *(
                Measurement(
                    Text(
                        en=f"of these in {context.graph.nodes[state].label('en')}",
                        zh=f"其中处于{context.graph.nodes[state].label('zh')}",
                    ),
                    100 * int(number) / rows.height,
                    "%",
                )
                for state, number in states.head(3).iter_rows()
            ),
            *three_times(started),
        ),
        severity="info",
        remedies=(
            Remedy("", Text(en="a yellow card at this state, before it is too late", zh="在该环节设置黄牌预警")),
        ),
        thresholds={"warning_share": share, "warned_share": context.profile.warned_share},
        path=("limits", name),
    )


RULES = (
    Rule(
        id="T8",
        name=Text(en="lateness risk", zh="超期风险"),
        what=Text(
            en="a limit that many cases exceed, or a step's own limit that many visits do",
            zh="许多件会超过的时限，或许多次办理会超过的环节时限",
        ),
        why=Text(
            en="a late case is unlawful or breaks a promise; the mean hides it, and a whole in time hides a late step",
            zh="超期即违法或失信；平均值掩盖了它，总时限未超也会掩盖环节超时",
        ),
        formula=Text(
            en="P(net > limit) of the cohort's cases, counted by the statutory clock; with open cases the Kaplan–Meier "
            "estimate; t interval over replications, Wilson's with one; a step's limit runs from entering it to "
            "leaving it, visit by visit",
            zh="统计期内各件按法定时限计算的净用时超过时限的概率；有在办件时用 Kaplan–Meier 估计；"
            "区间取自多次仿真，单次时用 Wilson 区间；环节时限自进入至离开该环节，逐次计",
        ),
        source="Kaplan & Meier, JASA 53 (1958); Wilson, JASA 22 (1927)",
        trap=Text(
            en="open cases, which are neither late nor in time yet; suspended time; working days and calendar days",
            zh="在办件（尚未超期也未按期）；停表时间；工作日与自然日之别",
        ),
        check=_late,
        needs="run",
    ),
    Rule(
        id="T11",
        name=Text(en="early warning", zh="红黄牌预警"),
        what=Text(
            en="a limit that many cases come near to, and the state they are in when they do",
            zh="许多件逼近的时限，以及逼近时所处的环节",
        ),
        why=Text(
            en="a warning helps only while somebody can still do something about it",
            zh="预警只有在尚可补救时才有用",
        ),
        formula=Text(
            en="share of cases whose net time reaches warning_share × the promise (or the statutory limit), and the "
            "last state entered by then",
            zh="净用时达到 warning_share × 承诺（或法定）时限的比例，及届时最后进入的环节",
        ),
        source="electronic monitoring rules on yellow and red cards (电子监察红黄牌)",
        trap=Text(
            en="working and calendar days, suspended time; limits in hours and months, of which no share is told",
            zh="工作日与自然日、停表时间；按小时或按月计的时限不作提示",
        ),
        check=_warnings,
        needs="run",
    ),
)
