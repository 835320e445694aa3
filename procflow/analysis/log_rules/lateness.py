"""T8 and T11 over a log: how many cases end after their deadline, and which open ones come near to it."""

import math
from collections.abc import Iterable, Iterator

import polars as pl

from procflow.analysis.finding import SHARE, Cost, Evidence, Finding, Measurement, Remedy, Subject
from procflow.analysis.log_lateness import LogLateness, end_attribute, log_lateness
from procflow.analysis.log_registry import LogContext, LogRule
from procflow.analysis.log_rules.case_clocks import clocks, lacks_deadlines, last_instant, used
from procflow.analysis.log_rules.off_clock import told_times
from procflow.simulation.statistics import Estimate
from procflow.text import Text

WORKING_SHARE = 5 / 7
"""Working days of an elapsed day: a log with deadlines only does not say which days were worked."""

_SHOWN = 10


def warnings(context: LogContext) -> pl.DataFrame:
    """Return the open cases near to their deadline when the log ends or past it, the most urgent first.

    Columns: ``case``, ``begin``, ``deadline``, ``used`` (share of the elapsed time to the deadline) and ``card``:
    ``yellow`` from ``warning_share`` on, ``red`` past the deadline.
    """
    running = clocks(context).filter(pl.col("end").is_null())
    rows = used(running, pl.lit(last_instant(context)))
    card = pl.when(pl.col("used") > 1).then(pl.lit("red")).otherwise(pl.lit("yellow"))
    near = rows.filter(pl.col("used") >= context.profile.warning_share).with_columns(card=card)
    return near.select("case", "begin", "deadline", "used", "card").sort("used", "case", descending=[True, False])


def _late(context: LogContext) -> Iterator[Finding]:
    end = end_attribute(context.log, context.deadline, context.end)
    late = log_lateness(context.log, deadline=context.deadline, end=end)
    if late.estimate.mean >= context.profile.late_share:
        yield _late_finding(context, late)


def _late_finding(context: LogContext, late: LogLateness) -> Finding:
    evidence: list[Evidence] = [
        _share(Text(en="share of ended cases that are late", zh="已办结件超期比例"), late.share)
    ]
    if late.open_cases:
        every = Text(en="probability of ending late, open cases included", zh="计入在办件的超期概率")
        evidence.append(_share(every, late.estimate))
        evidence.append(Measurement(Text(en="open cases", zh="在办件数"), float(late.open_cases), "cases"))
        past = Text(en="of these past the deadline", zh="其中已超期")
        evidence.append(Measurement(past, float(late.open_late), "cases"))
    evidence += told_times(context)
    rows = clocks(context).filter(pl.col("end").is_not_null())
    over = (pl.col("end") - pl.col("deadline")).dt.total_microseconds().clip(0).mean() / 86_400e6
    beyond = float(rows.select(over).item() or 0.0) * WORKING_SHARE
    basis = Text(
        en="mean time past the deadline of ended cases, 5 of 7 days worked",
        zh="已办结件超过期限的平均时间（按每周 5 个工作日折算）",
    )
    return context.finding(
        "T8",
        (Subject("limit", context.deadline),),
        Text(
            en=f"{late.late:,} of {late.ended:,} ended cases ended after their deadline ({late.share.mean:.1%}); open "
            f"cases taken in, {late.estimate.mean:.1%} end late",
            zh=f"已办结 {late.ended:,} 件中 {late.late:,} 件超期（{late.share.mean:.1%}）；"
            f"计入在办件估计，超期概率为 {late.estimate.mean:.1%}",
        ),
        tuple(evidence),
        cost=(Cost("working_days", beyond, None, basis),),
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
    )


def _share(name: Text, found: Estimate) -> Measurement:
    known = not math.isnan(found.low)
    return Measurement(
        name,
        found.mean,
        SHARE,
        found.low if known else None,
        found.high if known else None,
        found.n if found.n else None,
    )


def _near(context: LogContext) -> Iterable[Finding]:
    rows = warnings(context)
    red, yellow = (rows.filter(card=card) for card in ("red", "yellow"))
    if not rows.height:
        return
    running = clocks(context)["end"].null_count()
    evidence = [
        Measurement(Text(en="red: past the deadline", zh="红牌：已超期"), float(red.height), "cases", n=running),
        Measurement(Text(en="yellow: near to it", zh="黄牌：临近期限"), float(yellow.height), "cases", n=running),
    ]
    for row in (*yellow.head(_SHOWN).iter_rows(named=True), *red.head(_SHOWN).iter_rows(named=True)):
        what = Text(en=f"{row['card']}: {row['case']}, share of its time used", zh=_card(row))
        evidence.append(Measurement(what, 100 * row["used"], "%"))
    yield context.finding(
        "T11",
        (Subject("limit", context.deadline),),
        Text(
            en=f"of {running:,} open cases {red.height:,} are past their deadline when the log ends, and "
            f"{yellow.height:,} have used {context.profile.warning_share:.0%} of the time to it or more",
            zh=f"日志截止时在办 {running:,} 件，其中 {red.height:,} 件已超期（红牌），"
            f"{yellow.height:,} 件已用去时限的 {context.profile.warning_share:.0%} 以上（黄牌）",
        ),
        tuple(evidence),
        severity="info",
        remedies=(Remedy("", Text(en="take these cases up first", zh="优先督办上述办件")),),
        thresholds={"warning_share": context.profile.warning_share},
    )


def _card(row: dict[str, object]) -> str:
    return f"{'红牌' if row['card'] == 'red' else '黄牌'}：{row['case']}，已用时限比例"


RULES = (
    LogRule(
        id="T8",
        name=Text(en="lateness risk", zh="超期风险"),
        what=Text(en="deadlines that many cases miss", zh="许多件会超过的时限"),
        why=Text(
            en="a late case is unlawful or breaks a promise; the mean hides it",
            zh="超期即违法或失信；平均值掩盖了它",
        ),
        formula=Text(
            en="P(end > deadline) by Kaplan and Meier, open cases censored when the log ends, ≥ late_share; beside it "
            "the share of the ended cases with its Wilson interval",
            zh="办结晚于期限的概率（Kaplan–Meier 估计，在办件于日志截止处删失）≥ late_share；"
            "并列已办结件的比例及 Wilson 区间",
        ),
        source="Kaplan & Meier, JASA 53 (1958); Wilson, JASA 22 (1927)",
        trap=Text(
            en="open cases, which are neither late nor in time yet; cases without a deadline; suspensions, which the "
            "deadline must allow for already",
            zh="在办件（尚未超期也未按期）；没有期限的办件；停表（期限须已顺延）",
        ),
        check=_late,
        lacks=lacks_deadlines,
    ),
    LogRule(
        id="T11",
        name=Text(en="early warning", zh="红黄牌预警"),
        what=Text(en="open cases near to their deadline, or past it", zh="临近期限或已超期的在办件"),
        why=Text(
            en="a warning helps only while somebody can still do something about it",
            zh="预警只有在尚可补救时才有用",
        ),
        formula=Text(
            en="elapsed time from begin to the log's end ÷ from begin to the deadline: yellow from warning_share on, "
            "red above 1",
            zh="自受理至日志截止的时间 ÷ 自受理至期限的时间：达到 warning_share 为黄牌，大于 1 为红牌",
        ),
        source="electronic monitoring rules on yellow and red cards (电子监察红黄牌)",
        trap=Text(
            en="cases that have ended; working days, which the deadline itself must count",
            zh="已办结的件；工作日（期限本身须按工作日计算）",
        ),
        check=_near,
        lacks=lacks_deadlines,
    ),
)
