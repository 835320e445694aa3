"""The statutory clock of the cases of a log: three times side by side, with its special procedures (特别程序).

A suspension stops the clock, an extension lengthens the limit. Needs no definition; knows no stages.
"""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from procflow.analysis.clocks import of_country, total_limit
from procflow.analysis.day_count import DayCount, Stretches
from procflow.analysis.limit_clock import Times, counted, in_time, where_known
from procflow.analysis.log_lateness import end_attribute
from procflow.definition.organization import Organization
from procflow.errors import LogError
from procflow.logs.arrivals import case_times
from procflow.logs.log import CASE, INSTANT, SPECIAL, EventLog
from procflow.text import Text
from procflow.units import Span


def log_limits(
    log: EventLog,
    limit: Span | str,
    calendar: Organization | str,
    *,
    extension: Span | str | None = None,
    begin: str = "accepted",
    end: str = "enddate",
    roll: bool = True,
) -> pl.DataFrame:
    """Return how each case of a log kept a limit, counted as law counts.

    Parameters
    ----------
    log
        Its special procedures, where it has some, suspend or extend (``event_special``).
    limit
        Such as ``"20 wd"``; counted from ``begin`` to ``end``.
    calendar
        An organization, whose time zone says when a day begins, or a country code, with the zone of the log.
    extension
        What each extension adds, in the limit's unit; None where extensions add nothing. One that was granted after the
        limit had run out adds nothing.
    begin, end
        The attributes of cases that start and stop the clock; a case without the first is counted from its first event,
        one without the second is open when the log ends (ended with its last event where no case has it).
    roll
        Whether a last day that is no working day moves on.

    Returns
    -------
    DataFrame
        ``case``, ``lived_days`` (elapsed, application or first event to end), ``net`` and ``suspended`` in ``unit``,
        ``extensions``, ``kept`` (null for an open case that is not late yet) and ``censored`` (still open).

    Raises
    ------
    LogError
        No case has a time at all.
    AnalysisError
        The extension has another unit than the limit, or the limit is a fraction of days.
    UnpublishedHolidaysError
        Working days of a year are counted whose holidays are not known.

    >>> from procflow.logs import event_log
    >>> at = [dt.datetime(2025, 1, 23, 1), dt.datetime(2025, 2, 26, 8)]
    >>> log = event_log(pl.DataFrame({"case": "1", "activity": ["accept", "decide"], "end": at}), zone="Asia/Shanghai")
    >>> log_limits(log, "20 wd", "CN").select("net", "unit", "kept", "censored").rows()
    [(20.0, 'wd', True, False)]
    """
    total_limit(limit, [extension] if extension is not None else [])  # refuses units that cannot be added
    organization = calendar if isinstance(calendar, Organization) else _of_country(calendar, log)
    rows = case_instants(log, begin, end)
    zone = ZoneInfo(organization.timezone)
    earliest, last = rows["start"].min(), rows.select(pl.max_horizontal("last", "start", "stop").max()).item()
    if not isinstance(earliest, dt.datetime):
        raise LogError(Text(en="the log has no time at all", zh="日志中没有任何时间"))
    first = earliest.astimezone(zone).date()
    origin = round(dt.datetime.combine(first, dt.time(), zone).timestamp() * 1e6)
    rows = rows.with_columns(until=pl.coalesce("stop", pl.lit(last)), open=pl.col("stop").is_null())
    start, until = (_us(rows[name], origin) for name in ("start", "until"))
    until = np.maximum(start, until)
    days = DayCount.of(organization, first, int(until.max(initial=0)))
    stretches = _suspensions(log, rows, until, origin)
    term = total_limit(limit)
    net, off = counted(days, term, start, until, stretches)
    taken, terms = _extended(log, rows, days, start, stretches, term, extension, origin, roll=roll)
    kept = np.zeros(len(start), np.bool_)
    for number, whole in enumerate(terms):
        kept |= (taken == number) & in_time(days, whole, start, until, stretches, roll=roll)
    return rows.select(
        "case",
        ((pl.col("until") - pl.col("applied")).dt.total_microseconds() / 86_400e6).alias("lived_days"),
        pl.Series("net", net),
        pl.lit(term.unit).alias("unit"),
        pl.Series("suspended", off),
        pl.Series("extensions", taken),
        where_known(~rows["open"].to_numpy() | ~kept, "kept", kept),
        pl.col("open").alias("censored"),
    )


def case_instants(log: EventLog, begin: str = "accepted", end: str = "enddate") -> pl.DataFrame:
    """Return ``case``, ``applied``, ``start``, ``stop`` and ``last`` (event) of the cases that have any time.

    A case is applied for at ``case_applied`` or with its first event, starts at its attribute ``begin``, else with its
    first event, and stops at its attribute ``end`` (null: open), with its last event where no case has such an
    attribute.
    """
    end = end_attribute(log, end=end)
    bounds = log.steps.group_by("case").agg(
        first=pl.min_horizontal("enabled", "start", "end").min(), last=pl.max_horizontal("start", "end").max()
    )
    rows = log.cases.select("case").join(bounds, on="case", how="left")
    for name, attribute in (("given", "applied"), ("begun", begin), ("stop", end)):
        if isinstance(log.cases.schema.get(CASE + attribute), pl.Datetime):
            rows = rows.join(case_times(log, attribute).rename({"at": name}), on="case", how="left")
        else:
            absent = pl.col("last") if name == "stop" else pl.lit(None, INSTANT)
            rows = rows.with_columns(absent.alias(name))
    start, applied = pl.coalesce("begun", "first"), pl.min_horizontal("given", "first", "begun")
    return rows.select("case", "stop", "last", start=start, applied=applied).drop_nulls("start").sort("case")


def _of_country(code: str, log: EventLog) -> Organization:
    """Return a country's working days, whose days begin in the zone of a log; in China's where that is an offset."""
    zone = log.zone if "/" in log.zone or log.zone == "UTC" else "Asia/Shanghai"
    return of_country(code).model_copy(update={"timezone": zone})


def _us(values: pl.Series, origin: int) -> Times:
    return values.dt.timestamp("us").to_numpy().astype(np.int64) - origin


def _special(log: EventLog, rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Return the special procedures of a kind with the ``rank`` of their case, in order of time."""
    if SPECIAL not in log.events.columns:
        return pl.DataFrame(schema={"rank": pl.UInt32, "from": INSTANT, "to": INSTANT})
    found = log.events.filter(pl.col(SPECIAL) == kind).select(
        "case", pl.coalesce("start", "end").alias("from"), pl.col("end").alias("to")
    )
    ranked = found.join(rows.select("case").with_row_index("rank"), on="case").drop_nulls("from")
    return ranked.select("rank", "from", "to").sort("rank", "from")


def _suspensions(log: EventLog, rows: pl.DataFrame, until: Times, origin: int) -> Stretches:
    found = _special(log, rows, "suspend")
    if found.is_empty():
        return Stretches.none(rows.height)
    rank = found["rank"].to_numpy().astype(np.int64)
    low = _us(found["from"], origin)
    high = (found["to"].dt.timestamp("us") - origin).fill_null(pl.Series(until[rank])).to_numpy().astype(np.int64)
    return Stretches.united(rows.height, rank, low, np.maximum(low, high))


def _extended(
    log: EventLog,
    rows: pl.DataFrame,
    days: DayCount,
    start: Times,
    stretches: Stretches,
    term: Span,
    extension: Span | str | None,
    origin: int,
    *,
    roll: bool,
) -> tuple[Times, list[Span]]:
    """Return how many extensions each case took in time, and the limit with none, one, two … of them."""
    found = _special(log, rows, "extend").with_columns(number=pl.int_range(pl.len()).over("rank"))
    taken = np.zeros(rows.height, np.int64)
    terms = [term]
    most = found.group_by("rank").len()["len"].to_list() if extension is not None else []
    for number in range(max(most, default=0)):
        mine = found.filter(pl.col("number") == number)
        rank, at = mine["rank"].to_numpy(), _us(mine["from"], origin)
        granted = start.copy()
        granted[rank] = at
        asked = np.zeros(rows.height, np.bool_)
        asked[rank] = at >= start[rank]
        taken += asked & (taken == number) & in_time(days, terms[-1], start, granted, stretches, roll=roll)
        terms.append(total_limit(term, [extension or term] * (number + 1)))
    return taken, terms
