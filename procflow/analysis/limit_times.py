"""The statutory clock of every case of a run: net time, suspended time, and whether each limit was kept.

The same count as ``clocks.due``, for all cases at once: cumulative working days by date, less the suspensions.
Judges no process and changes none.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from procflow.analysis.clocks import total_limit
from procflow.analysis.day_count import Stretches
from procflow.analysis.instants import any_instant, instants, suspended
from procflow.analysis.limit_clock import NEVER, RunClock, Times, counted, in_time, where_known, whole_days
from procflow.analysis.remembering import remembered
from procflow.analysis.run_tables import CASE, process_of
from procflow.definition.limits import Limit, Suspension
from procflow.definition.resolved import Process
from procflow.units import Span

if TYPE_CHECKING:
    from procflow.simulation.run import Run

_SCHEMA = {
    "replication": pl.Int32,
    "case": pl.Int64,
    "limit": pl.String,
    "started_us": pl.Int64,
    "stopped_us": pl.Int64,
    "lived_us": pl.Int64,
    "net": pl.Float64,
    "unit": pl.String,
    "suspended": pl.Float64,
    "extensions": pl.Int64,
    "deemed": pl.Boolean,
    "statutory_kept": pl.Boolean,
    "promised_kept": pl.Boolean,
    "in_cohort": pl.Boolean,
    "censored": pl.Boolean,
}
_CAUSES = {
    "replication": pl.Int32,
    "case": pl.Int64,
    "limit": pl.String,
    "cause": pl.String,
    "suspended": pl.Float64,
    "unit": pl.String,
    "in_cohort": pl.Boolean,
}


@remembered
def limit_times(run: "Run", process: Process | str | None = None) -> pl.DataFrame:
    """Return one row per case and limit of a process: what the applicant lived through beside the agency's clock.

    ``started_us`` and ``stopped_us`` are the clock's (null: not yet); ``lived_us`` runs from arrival to the case's
    end; ``net`` is the agency's clock and ``suspended`` what was not counted, both in ``unit``, the statutory
    limit's (the promise's where there is none), up to the stop or as far as the case is known. ``extensions`` were
    taken (one granted after the limit has run out is none), ``deemed`` says that silence started the clock (from the
    day of receipt, 行政许可法 art. 32). A limit is kept where it stopped on its last day or before; null where that is
    not known: not stopped and not yet late.
    ``censored``: the case was still open at the end of the run.

    A limit without a start runs from arrival, one without a stop to the case's end. Months count as days over the
    days of that period, and a part of a day ends with that day. The rules are those of ``clocks.due``.

    Raises AnalysisError where an extension has another unit than the limit, and UnpublishedHolidaysError where
    working days of a year are counted whose holidays are not known.
    """
    process = process_of(run, process)
    run_clock = RunClock.of(run, process)
    rows = [_rows(run_clock, name, limit) for name, limit in process.definition.limits.items()]
    return pl.concat(rows) if rows else pl.DataFrame(schema=_SCHEMA)


def suspended_by_cause(run: "Run", process: Process | str | None = None) -> pl.DataFrame:
    """Return one row per case, limit and cause of suspension: how long that cause stopped the clock.

    ``replication``, ``case``, ``limit``, ``cause``, ``suspended`` in ``unit`` (the limit's), ``in_cohort``; a cause of
    several suspensions counts as their union. Causes at the same time both count, so that they may sum to more than
    ``limit_times`` says. Cases whose clock has not started have no row. Raises as ``limit_times`` does.
    """
    process = process_of(run, process)
    clock, found = RunClock.of(run, process), [pl.DataFrame(schema=_CAUSES)]
    for name, limit in process.definition.limits.items():
        term = limit.statutory or limit.promised
        first_us, _ = _start(clock, limit)
        stop_us = _stop(clock, limit, first_us)
        as_of = np.where(stop_us == NEVER, clock.known_us, stop_us)
        running = first_us != NEVER
        begin = np.where(running, first_us, as_of)
        for cause in dict.fromkeys(each.cause for each in limit.suspend) if term else ():
            stretches = _stretches(clock, [each for each in limit.suspend if each.cause == cause])
            _, off = counted(clock.days, term.value, begin, as_of, stretches) if term else (None, None)
            rows = clock.cases.select(
                *CASE,
                pl.lit(name).alias("limit"),
                pl.lit(cause).alias("cause"),
                pl.Series("suspended", off),
                pl.lit(term.value.unit if term else "").alias("unit"),
                "in_cohort",
            )
            found.append(rows.filter(pl.Series(running)).cast(_CAUSES))  # type: ignore[arg-type]
    return pl.concat(found)


def reached(run: "Run", process: Process, name: str, span: Span) -> pl.DataFrame:
    """Return the cases that used up ``span`` of a limit before its clock stopped, and where they were then.

    One row per case: ``replication``, ``case``, ``state``, the last state entered by the end of the day on which the
    net time came to ``span``, which is in working days, days or weeks. Raises as ``limit_times`` does.
    """
    clock, limit = RunClock.of(run, process), process.definition.limits[name]
    first_us, _ = _start(clock, limit)
    stop_us = _stop(clock, limit, first_us)
    as_of = np.where(stop_us == NEVER, clock.known_us, stop_us)
    begin = np.where(first_us == NEVER, as_of, first_us)
    days, stretches = clock.days, _stretches(clock, limit.suspend).by_day(clock.days)
    first, last = days.day_of(begin), days.day_of(as_of)
    weights = days.worked if span.unit == "wd" else days.elapsed
    needed = span.amount * (7 if span.unit == "week" else 1)
    day = days.day_of_use(weights, first, last, stretches, needed)
    by_then = np.minimum(days.midnights[np.minimum(day + 1, len(days.midnights) - 1)], as_of)
    came = (first_us != NEVER) & (day >= 0)
    cases = clock.cases.select(*CASE, at_us=pl.Series(by_then)).filter(pl.Series(came)).sort("at_us")
    entered = clock.events.select(*CASE, "state", at_us="enter_us").sort("at_us")
    at = cases.join_asof(entered, on="at_us", by=list(CASE), strategy="backward", check_sortedness=False)
    return at.select(*CASE, "state").sort(CASE)


def _rows(clock: RunClock, name: str, limit: Limit) -> pl.DataFrame:
    term = limit.statutory or limit.promised
    first_us, deemed = _start(clock, limit)
    stop_us = _stop(clock, limit, first_us)
    as_of = np.where(stop_us == NEVER, clock.known_us, stop_us)
    stretches = _stretches(clock, limit.suspend)
    extensions = _extensions(clock, limit, first_us, as_of, stretches)
    running = first_us != NEVER
    begin = np.where(running, first_us, as_of)
    span = term.value if term else Span(0, "d")
    net, off = counted(clock.days, span, begin, as_of, stretches)
    open_case = clock.cases["outcome"].is_null().to_numpy()
    rows = clock.cases.select(
        *CASE,
        pl.lit(name).alias("limit"),
        where_known(running, "started_us", first_us),
        where_known(stop_us != NEVER, "stopped_us", stop_us),
        pl.Series("lived_us", clock.known_us) - pl.col("arrival_us"),
        where_known(running, "net", net),
        pl.lit(span.unit if term else None, pl.String).alias("unit"),
        where_known(running, "suspended", off),
        pl.Series("extensions", extensions),
        pl.Series("deemed", deemed),
        *(
            _kept(f"{kind}_kept", clock, limit, value.value if value else None, begin, stop_us, stretches, extensions)
            for kind, value in (("statutory", limit.statutory), ("promised", limit.promised))
        ),
        "in_cohort",
        pl.Series("censored", open_case & (stop_us == NEVER)),
    )
    if term is None:
        rows = rows.with_columns(net=pl.lit(None, pl.Float64), suspended=pl.lit(None, pl.Float64))
    return rows.cast(_SCHEMA)  # type: ignore[arg-type]


def _start(clock: RunClock, limit: Limit) -> tuple[Times, np.ndarray[Any, np.dtype[np.bool_]]]:
    if limit.start:
        start = clock.per_case(any_instant(clock.graph, clock.events, limit.start), last=limit.restart)
    else:
        start = clock.cases["arrival_us"].to_numpy()
    silent = _silent(clock, limit)
    deemed = (silent != NEVER) & ((start == NEVER) | (silent < start))
    return np.where(deemed, silent, start), deemed


def _silent(clock: RunClock, limit: Limit) -> Times:
    """Return each case's first receipt after which nothing was said in time: no exit from the state within it."""
    if limit.deemed is None:
        return np.full(clock.cases.height, NEVER, np.int64)
    received = instants(clock.graph, clock.events, limit.deemed.since).sort("at_us")
    said = clock.events.sort("enter_us", descending=True).select(
        *CASE, at_us="enter_us", said_us=pl.col("exit_us").cum_min().over(CASE)
    )
    said = said.with_columns(pl.col("said_us").forward_fill().over(CASE)).reverse()
    receipts = clock.rank(
        received.join_asof(said, on="at_us", by=list(CASE), strategy="forward", check_sortedness=False)
    )
    known = clock.known_us[receipts["rank"].to_numpy()]
    answer = np.where(receipts["said_us"].is_null().to_numpy(), known, receipts["said_us"].fill_null(0).to_numpy())
    at_us = receipts["at_us"].to_numpy()
    span = total_limit(limit.deemed.if_silent)
    answered = in_time(clock.days, span, at_us, answer, Stretches.none(len(at_us)))
    return clock.per_case(receipts.filter(~answered))


def _stop(clock: RunClock, limit: Limit, first_us: Times) -> Times:
    """Return the first stop at or after the start; the case's end where the limit names no stop."""
    if not limit.stop:
        return clock.cases["end_us"].fill_null(NEVER).to_numpy()
    stops = clock.rank(any_instant(clock.graph, clock.events, limit.stop))
    started = first_us[stops["rank"].to_numpy()]
    return clock.per_case(stops.filter((started != NEVER) & (stops["at_us"].to_numpy() >= started)))


def _stretches(clock: RunClock, suspensions: Sequence[Suspension]) -> Stretches:
    """Return when any of some suspensions stops the clock, case by case."""
    if not suspensions:
        return Stretches.none(clock.cases.height)
    found = clock.rank(pl.concat([suspended(clock.graph, clock.events, s) for s in suspensions]))
    rank = found["rank"].to_numpy().astype(np.int64)
    last = pl.Series(clock.known_us[rank])
    return Stretches.united(
        clock.cases.height, rank, found["from_us"].to_numpy(), found["to_us"].fill_null(last).to_numpy()
    )


def _extensions(clock: RunClock, limit: Limit, first_us: Times, as_of: Times, stretches: Stretches) -> Times:
    """Return how many extensions each case took: those granted before the limit, so far extended, had run out."""
    taken = np.zeros(clock.cases.height, np.int64)
    if limit.extend is None:
        return taken
    term = limit.statutory or limit.promised
    fired = clock.events.filter(pl.col("trigger") == limit.extend.on).select(*CASE, at_us="exit_us")
    ranked = clock.rank(fired.drop_nulls().sort("at_us"))
    rank, at_us = ranked["rank"].to_numpy().astype(np.int64), ranked["at_us"].to_numpy()
    inside = (first_us[rank] != NEVER) & (at_us >= first_us[rank]) & (at_us <= as_of[rank])
    times = pl.DataFrame({"rank": rank[inside], "at_us": at_us[inside]}).sort("rank", "at_us")
    times = times.with_columns(number=pl.int_range(pl.len()).over("rank"))
    for number in range(limit.extend.max):
        mine = times.filter(pl.col("number") == number)
        granted = np.full(clock.cases.height, NEVER, np.int64)
        granted[mine["rank"].to_numpy()] = mine["at_us"].to_numpy()
        so_far = total_limit(whole_days(term.value), [limit.extend.by] * number) if term else None
        valid = (granted != NEVER) & (taken == number)
        if so_far is not None:
            valid &= in_time(clock.days, so_far, first_us, np.maximum(granted, first_us), stretches, roll=limit.roll)
        taken += valid
    return taken


def _kept(
    column: str,
    clock: RunClock,
    limit: Limit,
    span: Span | None,
    begin: Times,
    stop_us: Times,
    stretches: Stretches,
    extensions: Times,
) -> pl.Series:
    if span is None:
        return pl.Series(column, [None] * len(begin), dtype=pl.Boolean)
    as_of = np.where(stop_us == NEVER, clock.known_us, stop_us)
    by = [limit.extend.by] * limit.extend.max if limit.extend else []
    kept = np.zeros(len(begin), np.bool_)
    for taken in range(len(by) + 1):
        term = total_limit(whole_days(span), by[:taken])
        kept |= (extensions == taken) & in_time(clock.days, term, begin, as_of, stretches, roll=limit.roll)
    open_case = clock.cases["outcome"].is_null().to_numpy()
    # an open case that is late already stays late; one that ended without a stop left the limit's field
    judged = (stop_us != NEVER) | (open_case & ~kept)
    return where_known(judged & (begin <= as_of), column, kept)
