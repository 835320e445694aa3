"""D24 over a log: what is done before the clock starts, and clocks that stand still. Knows no definition.

Needs when cases were accepted (``case_accepted``) or special procedures (特别程序), as a case library has them.
"""

from collections.abc import Iterator

import polars as pl

from procflow.analysis.finding import SHARE, Evidence, Finding, Measurement, Remedy, Subject
from procflow.analysis.log_limits import case_instants
from procflow.analysis.log_registry import LogContext, LogRule
from procflow.analysis.run_evidence import measured
from procflow.logs.arrivals import case_times
from procflow.logs.log import CASE, SPECIAL
from procflow.simulation.statistics import Estimate, estimate, wilson
from procflow.text import Text

ACCEPTED = "accepted"
"""The attribute of cases that says when they were accepted, which starts the clock."""
BELONGS = 0.5
"""Share of an activity's instances after acceptance from which it belongs there."""
_DAY_US = 86_400e6


def _is_time(context: LogContext, attribute: str) -> bool:
    return isinstance(context.log.cases.schema.get(CASE + attribute), pl.Datetime)


def _lacks(context: LogContext) -> Text | None:
    if _is_time(context, ACCEPTED) or SPECIAL in context.log.events.columns:
        return None
    return Text(
        en="the cases do not say when they were accepted, and no special procedure stops a clock",
        zh="办件没有受理时间（accepted），也没有停表的特别程序",
    )


def three_times(context: LogContext) -> pl.DataFrame:
    """Return the ended cases with three times in elapsed days: ``lived``, ``before``, ``clock`` and ``suspended``.

    Lived through is from the application (the first event where there is none) to the end; ``before`` is what lies
    before acceptance, ``clock`` what is left of the rest when suspensions, united, are taken off.
    """
    rows = case_instants(context.log, ACCEPTED, context.end).rename({"start": "accepted", "stop": "ended"})
    rows = rows.drop_nulls("ended").with_columns(begin="applied")
    rows = rows.filter(pl.col("begin") <= pl.col("accepted"), pl.col("accepted") <= pl.col("ended"))
    off = _suspended(context, rows)
    days = {
        "lived": pl.col("ended") - pl.col("begin"),
        "before": pl.col("accepted") - pl.col("begin"),
        "after": pl.col("ended") - pl.col("accepted"),
    }
    table = rows.with_columns(**{name: span.dt.total_microseconds() / _DAY_US for name, span in days.items()})
    table = table.join(off, on="case", how="left").with_columns(pl.col("suspended").fill_null(0.0))
    return table.with_columns(clock=pl.col("after") - pl.col("suspended")).sort("case")


def _suspended(context: LogContext, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the days of each case that lie in a suspension between acceptance and end; overlapping ones count once."""
    if SPECIAL not in context.log.events.columns:
        return pl.DataFrame(schema={"case": pl.String, "suspended": pl.Float64})
    stops = context.log.events.filter(pl.col(SPECIAL) == "suspend").select("case", "start", "end")
    stops = stops.join(rows.select("case", "accepted", "ended"), on="case").select(
        "case",
        low=pl.max_horizontal("start", "accepted"),
        high=pl.min_horizontal(pl.coalesce("end", "ended"), "ended"),
    )
    stops = stops.drop_nulls().filter(pl.col("low") < pl.col("high")).sort("case", "low", "high")
    reach = pl.col("high").cum_max().shift(1).over("case")
    new = pl.col("high") - pl.max_horizontal("low", reach)
    stops = stops.with_columns(new=pl.when(new > pl.duration()).then(new).otherwise(pl.duration()))
    return stops.group_by("case").agg(suspended=pl.col("new").dt.total_microseconds().sum() / _DAY_US)


def told_times(context: LogContext) -> list[Evidence]:
    """Return the means of the three times as evidence; none where a log does not tell the clock from all else."""
    table = three_times(context) if _lacks(context) is None else None
    return [] if table is None or table.is_empty() else _three(table)


def _three(table: pl.DataFrame) -> list[Evidence]:
    named = {
        "lived": Text(en="lived through, application to end", zh="申请人全程（自申请至办结）"),
        "before": Text(en="of this before acceptance", zh="其中受理之前"),
        "clock": Text(en="on the clock", zh="机关计时"),
        "suspended": Text(en="suspended", zh="停表"),
    }
    return [measured(text, _mean(table[name]), "d") for name, text in named.items()]


def _mean(values: pl.Series) -> Estimate:
    return estimate(values.to_list(), unit="d")


def _check(context: LogContext) -> Iterator[Finding]:
    table = three_times(context)
    if table.is_empty():
        return
    if _is_time(context, ACCEPTED):
        yield from _long_before(context, table)
        yield from _done_before(context)
    if SPECIAL in context.log.events.columns:
        yield from _standing(context, table)


def _long_before(context: LogContext, table: pl.DataFrame) -> Iterator[Finding]:
    share = _ratio(table, "before", "lived")
    if share > context.profile.suspended_share:
        yield _told(
            context,
            (Subject("process", context.name),),
            Text(
                en=f"{share:.0%} of the time that applicants live through lies before acceptance, where no clock runs",
                zh=f"申请人全程用时的 {share:.0%} 在受理之前，不计入任何时限（体外循环）",
            ),
            [Measurement(Text(en="share before acceptance", zh="受理前时间占比"), share, SHARE), *_three(table)],
            Remedy("", Text(en="accept at once, or tell all that is missing at once", zh="当场受理或一次性告知")),
        )


def _standing(context: LogContext, table: pl.DataFrame) -> Iterator[Finding]:
    share = _ratio(table, "suspended", "after")
    if share > context.profile.suspended_share:
        yield _told(
            context,
            (Subject("limit", context.deadline),),
            Text(
                en=f"the clock stands still for {share:.0%} of the time between acceptance and end",
                zh=f"受理至办结之间有 {share:.0%} 的时间处于停表",
            ),
            [Measurement(Text(en="share of suspended time", zh="停表时间占比"), share, SHARE), *_three(table)],
            Remedy("", Text(en="show all three times to the public", zh="同时公开全程、机关计时与停表时间")),
        )


def _ratio(table: pl.DataFrame, part: str, whole: str) -> float:
    total = float(table[whole].sum())
    return float(table[part].sum()) / total if total else 0.0


def _done_before(context: LogContext) -> Iterator[Finding]:
    """Tell of activities that belong after acceptance and were over before it in many cases."""
    accepted = case_times(context.log, ACCEPTED).rename({"at": "accepted"}).drop_nulls()
    steps = context.log.steps.join(accepted, on="case").drop_nulls("end")
    early = steps.with_columns(early=pl.col("end") < pl.col("accepted"))
    for name, rows in sorted(early.group_by("activity"), key=lambda pair: str(pair[0])):
        cases = rows.group_by("case").agg(pl.col("early").any())
        found = wilson(int(cases["early"].sum()), cases.height)
        if float(rows["early"].mean()) < BELONGS and found.mean >= context.profile.late_share:  # type: ignore[arg-type]
            yield _told(
                context,
                (Subject("state", str(name[0])),),
                Text(
                    en=f"{name[0]} was over before acceptance in {found.mean:.0%} of its cases: work before the clock",
                    zh=f"“{name[0]}”在 {found.mean:.0%} 的办件中于受理之前即已完成：先办后受理（体外循环）",
                ),
                [measured(Text(en="share of cases done before acceptance", zh="受理前完成的比例"), found, SHARE)],
                Remedy("", Text(en="accept first, then work on it", zh="先受理，后办理")),
            )


def _told(
    context: LogContext, about: tuple[Subject, ...], statement: Text, evidence: list[Evidence], remedy: Remedy
) -> Finding:
    thresholds = {"suspended_share": context.profile.suspended_share, "late_share": context.profile.late_share}
    return context.finding(
        "D24", about, statement, tuple(evidence), severity="medium", remedies=(remedy,), thresholds=thresholds
    )


RULES = (
    LogRule(
        id="D24",
        name=Text(en="off the clock", zh="体外循环"),
        what=Text(
            en="time and work before acceptance, where no clock runs, and clocks that stand still most of the time",
            zh="受理之前的时间与办理，以及大部分时间处于停表的时限",
        ),
        why=Text(en="the official time looks good while the applicant waits", zh="官方用时好看，申请人却在等待"),
        formula=Text(
            en="time from application to acceptance ÷ to the end, and suspended time, united, ÷ from acceptance to the "
            "end, each over all ended cases and > suspended_share; activities most of whose instances end after "
            "acceptance and that were over before it in late_share of their cases",
            zh="（受理 − 申请）÷（办结 − 申请）、停表时间（取并集）÷（办结 − 受理），均按全部已办结件计，"
            "> suspended_share；多数在受理之后完成、却在 late_share 的办件中于受理前完成的环节",
        ),
        source="行政许可法 art. 32, 45",
        trap=Text(
            en="intake and other activities that nearly always come before acceptance; open cases",
            zh="收件等几乎总在受理之前的环节；在办件",
        ),
        check=_check,
        lacks=_lacks,
    ),
)
