"""When the cases of a log began, must end and ended. Knows no suspension: a deadline is taken as it stands."""

import datetime as dt

import polars as pl

from procflow.analysis.log_lateness import end_attribute, log_end
from procflow.analysis.log_registry import LogContext
from procflow.logs.arrivals import case_times
from procflow.logs.log import CASE
from procflow.text import Text


def lacks_deadlines(context: LogContext) -> Text | None:
    """Return what the cases lack for their lateness to be known: a deadline, or an end."""
    times = {name for name, kind in context.log.cases.schema.items() if isinstance(kind, pl.Datetime)}
    end = end_attribute(context.log, context.deadline, context.end)
    missing = [each for each in (context.deadline, end) if CASE + each not in times]
    if missing:
        return Text(
            en=f"the cases have no time {' and no time '.join(missing)}",
            zh=f"办件没有时间属性 {'、'.join(missing)}",
        )
    if context.log.cases[CASE + context.deadline].null_count() == context.log.cases.height:
        return Text(en=f"no case has a {context.deadline}", zh=f"没有办件有 {context.deadline}")
    return None


def clocks(context: LogContext) -> pl.DataFrame:
    """Return ``case``, ``begin``, ``deadline`` and ``end`` of the cases with a limit of some length.

    A case begins at the attribute that the context names, at its first event where there is none.
    """
    log = context.log
    first = log.steps.group_by("case").agg(first=pl.min_horizontal("enabled", "start", "end").min())
    given = CASE + context.begin
    begin = pl.coalesce(given, "first") if isinstance(log.cases.schema.get(given), pl.Datetime) else pl.col("first")
    end = end_attribute(log, context.deadline, context.end)
    rows = log.cases.join(first, on="case", how="left").with_columns(begin=begin).select("case", "begin")
    for name, attribute in (("deadline", context.deadline), ("end", end)):
        rows = rows.join(case_times(log, attribute).rename({"at": name}), on="case")
    return rows.filter(pl.col("begin") < pl.col("deadline")).sort("case")


def used(rows: pl.DataFrame, until: pl.Expr) -> pl.DataFrame:
    """Return rows of ``clocks`` with ``used``, the share of elapsed time to the deadline that was used up."""
    spent = (until - pl.col("begin")).dt.total_microseconds()
    whole = (pl.col("deadline") - pl.col("begin")).dt.total_microseconds()
    return rows.with_columns(used=spent / whole)


def last_instant(context: LogContext) -> dt.datetime:
    """Return when the log ends."""
    end = end_attribute(context.log, context.deadline, context.end)
    return log_end(context.log, end)
