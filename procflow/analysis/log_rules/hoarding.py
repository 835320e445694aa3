"""T10 over a log: cases that lie until just before their deadline. Says nothing of why."""

import math
from collections.abc import Iterator

import polars as pl

from procflow.analysis.finding import SHARE, Finding, Measurement, Remedy, Subject
from procflow.analysis.log_registry import LogContext, LogRule
from procflow.analysis.log_rules.case_clocks import clocks, lacks_deadlines, used
from procflow.logs.zones import to_local
from procflow.simulation.statistics import wilson
from procflow.text import Text

ONE_WEEKDAY = 0.5
"""Share of the ends on one weekday from which that is a day of decisions."""
FEW_DAYS = 0.5
"""Share of the days on which so many cases would end by themselves, below which they end in sittings."""


def _check(context: LogContext) -> Iterator[Finding]:
    window = context.profile.slack_window
    rows = clocks(context).filter(pl.col("end") >= pl.col("begin"))
    rows = used(rows, pl.col("end"))
    before, last, after = (
        rows.filter(pl.col("used") > 1 + k * window, pl.col("used") <= 1 + (k + 1) * window).height for k in (-2, -1, 0)
    )
    if not rows.height or last / rows.height < context.profile.slack_share:
        return
    chances = [_chance(last, other) for other in (before, after)]
    if max(chances) < 1 - context.profile.confidence and not has_decision_days(rows["end"], context.log.zone):
        yield _finding(context, rows.height, (before, last, after), max(chances))


def _chance(last: int, beside: int) -> float:
    """Return how likely so many of both fall into the last window, were both as likely (binomial test)."""
    from scipy.stats import binomtest  # imported here: scipy is slow to load

    return float(binomtest(last, last + beside, 0.5, alternative="greater").pvalue) if last else 1.0


def has_decision_days(ends: pl.Series, zone: str) -> bool:
    """Whether cases end when somebody decides them together, whatever their deadlines are.

    So they do where half of them end on one weekday, or where they end on far fewer dates than they would one by one:
    n ends at random over w working days (5 of 7) hit w·(1 − exp(−n/w)) of them.

    >>> import datetime as dt
    >>> mondays = pl.Series([dt.datetime(2025, 3, 3, 10, tzinfo=dt.UTC) + dt.timedelta(weeks=k) for k in range(9)])
    >>> has_decision_days(mondays, "UTC")
    True
    """
    dates = ends.to_frame("at").select(at=to_local(pl.col("at"), zone).dt.date())["at"]
    first, last = dates.min(), dates.max()
    weekdays = dates.dt.weekday().value_counts()["count"]
    span = (last - first).days + 1  # type: ignore[operator, union-attr]
    days = max(span * 5 / 7, 1.0)
    expected = days * -math.expm1(-dates.len() / days)
    return int(weekdays.max()) >= ONE_WEEKDAY * dates.len() or dates.n_unique() < FEW_DAYS * expected  # type: ignore[arg-type]


def _finding(context: LogContext, ended: int, counts: tuple[int, int, int], chance: float) -> Finding:
    window = context.profile.slack_window
    before, last, after = counts
    share = wilson(last, ended)
    return context.finding(
        "T10",
        (Subject("limit", context.deadline),),
        Text(
            en=f"{share.mean:.0%} of the cases end in the last {window:.0%} of their time: {last:,}, against "
            f"{before:,} in as long before and {after:,} after the deadline",
            zh=f"{share.mean:.0%} 的件在时限最后 {window:.0%} 内办结：{last:,} 件；此前同样长的时段内 {before:,} 件，"
            f"期限之后 {after:,} 件",
        ),
        (
            Measurement(
                Text(en="share that ends just before the deadline", zh="临近期限办结的比例"),
                share.mean,
                SHARE,
                share.low,
                share.high,
                ended,
            ),
            Measurement(
                Text(en="chance of that, were both windows alike", zh="若前后时段相同，出现此情形的概率"), chance, SHARE
            ),
        ),
        severity="medium",
        remedies=(
            Remedy("", Text(en="promise less time: the work does not need it", zh="压缩承诺时限：办理并不需要这么久")),
            Remedy("", Text(en="count the time of each step, not of the whole", zh="按环节计时，而非只计总时限")),
        ),
        thresholds={
            "slack_window": window,
            "slack_share": context.profile.slack_share,
            "confidence": context.profile.confidence,
        },
    )


RULES = (
    LogRule(
        id="T10",
        name=Text(en="slack hoarding", zh="拖到期限"),
        what=Text(en="cases that end just before their deadline, whatever they need", zh="不论繁简都拖到期限前办结"),
        why=Text(
            en="the limit, not the work, sets the time: a shorter one would be kept as well",
            zh="用时由时限而非工作量决定：时限再短也能完成",
        ),
        formula=Text(
            en="share of the ended cases in the last slack_window of the time to their deadline ≥ slack_share, and "
            "more than in each window beside it by a one-sided binomial test at confidence",
            zh="在时限最后 slack_window 内办结的比例 ≥ slack_share，"
            "且以单侧二项检验（置信度 confidence）显著多于前后相邻时段",
        ),
        source="procflow's own rule; binomial test: Clopper, Pearson, Biometrika 26 (1934)",
        trap=Text(
            en="decision days: where half of the cases end on one weekday, or they end on half as many dates as they "
            "would one by one; times that just happen to be about as long as the limit, which pass it as often",
            zh="集中决定日：半数以上在同一星期几办结，或办结日期数不及逐件办结应有的一半；用时恰与时限相近（超期者同样多）",
        ),
        check=_check,
        lacks=lacks_deadlines,
    ),
)
