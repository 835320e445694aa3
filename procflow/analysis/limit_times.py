"""The statutory clock of every case of a run: net time, suspended time, and whether each limit was kept.

The same count as ``clocks.due``, for all cases at once: cumulative working days by date, less the suspensions.
Judges no process and changes none.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from procflow.analysis.clocks import DAY_UNITS, total_limit
from procflow.analysis.day_count import DayCount, Stretches
from procflow.analysis.instants import any_instant, instants, last_known, suspended
from procflow.analysis.run_tables import CASE, cases_of, events_of, process_of
from procflow.definition.limits import Limit
from procflow.definition.resolved import Process
from procflow.machine.graph import StateGraph, state_graph
from procflow.units import SECONDS, Span

if TYPE_CHECKING:
    from procflow.simulation.run import Run

Times = np.ndarray[Any, np.dtype[np.int64]]
"""Microseconds since the scenario's start, one per case; −1 for never."""

NEVER = -1
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


def limit_times(run: "Run", process: Process | str | None = None) -> pl.DataFrame:
    """Return one row per case and limit of a process: what the applicant lived through beside the agency's clock.

    ``started_us`` and ``stopped_us`` are the clock's (null: not yet); ``lived_us`` runs from arrival to the case's
    end; ``net`` is the agency's clock and ``suspended`` what was not counted, both in ``unit``, the statutory
    limit's (the promise's where there is none), up to the stop or as far as the case is known. ``extensions`` were
    taken, ``deemed`` says that silence started the clock (from the day of receipt, 行政许可法 art. 32). A limit is
    kept where it stopped on its last day or before; null where that is not known: not stopped and not yet late.
    ``censored``: the case was still open at the end of the run.

    A limit without a start runs from arrival, one without a stop to the case's end. Months count as days over the
    days of that period, and a part of a day ends with that day. The rules are those of ``clocks.due``.

    Raises AnalysisError where an extension has another unit than the limit, and UnpublishedHolidaysError where
    working days of a year are counted whose holidays are not known.
    """
    process = process_of(run, process)
    run_clock = _RunClock.of(run, process)
    rows = [_rows(run_clock, name, limit) for name, limit in process.definition.limits.items()]
    return pl.concat(rows) if rows else pl.DataFrame(schema=_SCHEMA)


def reached(run: "Run", process: Process, name: str, span: Span) -> pl.DataFrame:
    """Return the cases that used up ``span`` of a limit before its clock stopped, and where they were then.

    One row per case: ``replication``, ``case``, ``state``, the last state entered by the end of the day on which the
    net time came to ``span``, which is in working days, days or weeks. Raises as ``limit_times`` does.
    """
    clock, limit = _RunClock.of(run, process), process.definition.limits[name]
    first_us, _ = _start(clock, limit)
    stop_us = _stop(clock, limit, first_us)
    as_of = np.where(stop_us == NEVER, clock.known_us, stop_us)
    begin = np.where(first_us == NEVER, as_of, first_us)
    days, stretches = clock.days, _stretches(clock, limit).by_day(clock.days)
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


@dataclass(frozen=True)
class _RunClock:
    """What all limits of a process share: its cases in order, its events, how far each case is known, the dates."""

    graph: StateGraph
    events: pl.DataFrame
    cases: pl.DataFrame
    known_us: Times
    days: DayCount

    @classmethod
    def of(cls, run: "Run", process: Process) -> "_RunClock":
        events, cases = events_of(run, process), cases_of(run, process)
        known = cases.join(last_known(events), on=CASE, how="left", maintain_order="left")
        known_us = known.select(pl.coalesce("end_us", "known_us", "arrival_us")).to_series().to_numpy()
        last_us = int(known_us.max(initial=0))
        days = DayCount.of(process.organization, run.scenario.start, last_us)
        return cls(state_graph(process), events, cases, known_us, days)

    def per_case(self, times: pl.DataFrame, *, last: bool = False) -> Times:
        """Return the first (or last) of each case's times, in the order of the cases."""
        picked = times.group_by(CASE).agg(pl.col("at_us").max() if last else pl.col("at_us").min())
        joined = self.cases.join(picked, on=CASE, how="left", maintain_order="left")
        return joined["at_us"].fill_null(NEVER).to_numpy()

    def rank(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return a table of cases with ``rank``, the position of each row's case."""
        ranked = self.cases.select(*CASE).with_row_index("rank")
        return table.join(ranked, on=CASE, how="inner")


def _rows(clock: _RunClock, name: str, limit: Limit) -> pl.DataFrame:
    term = limit.statutory or limit.promised
    first_us, deemed = _start(clock, limit)
    stop_us = _stop(clock, limit, first_us)
    as_of = np.where(stop_us == NEVER, clock.known_us, stop_us)
    stretches = _stretches(clock, limit)
    extensions = _extensions(clock, limit, first_us, as_of)
    running = first_us != NEVER
    begin = np.where(running, first_us, as_of)
    span = term.value if term else Span(0, "d")
    net, off = _counted(clock.days, span, begin, as_of, stretches)
    open_case = clock.cases["outcome"].is_null().to_numpy()
    rows = clock.cases.select(
        *CASE,
        pl.lit(name).alias("limit"),
        _nullable("started_us", first_us),
        _nullable("stopped_us", stop_us),
        pl.Series("lived_us", clock.known_us) - pl.col("arrival_us"),
        _where(running, "net", net),
        pl.lit(span.unit if term else None, pl.String).alias("unit"),
        _where(running, "suspended", off),
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


def _start(clock: _RunClock, limit: Limit) -> tuple[Times, np.ndarray[Any, np.dtype[np.bool_]]]:
    if limit.start:
        start = clock.per_case(any_instant(clock.graph, clock.events, limit.start), last=limit.restart)
    else:
        start = clock.cases["arrival_us"].to_numpy()
    silent = _silent(clock, limit)
    deemed = (silent != NEVER) & ((start == NEVER) | (silent < start))
    return np.where(deemed, silent, start), deemed


def _silent(clock: _RunClock, limit: Limit) -> Times:
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
    in_time = _in_time(clock.days, span, at_us, answer, Stretches.none(len(at_us)))
    return clock.per_case(receipts.filter(~in_time))


def _stop(clock: _RunClock, limit: Limit, first_us: Times) -> Times:
    """Return the first stop at or after the start; the case's end where the limit names no stop."""
    if not limit.stop:
        return clock.cases["end_us"].fill_null(NEVER).to_numpy()
    stops = clock.rank(any_instant(clock.graph, clock.events, limit.stop))
    started = first_us[stops["rank"].to_numpy()]
    return clock.per_case(stops.filter((started != NEVER) & (stops["at_us"].to_numpy() >= started)))


def _stretches(clock: _RunClock, limit: Limit) -> Stretches:
    if not limit.suspend:
        return Stretches.none(clock.cases.height)
    found = clock.rank(pl.concat([suspended(clock.graph, clock.events, s) for s in limit.suspend]))
    rank = found["rank"].to_numpy().astype(np.int64)
    last = pl.Series(clock.known_us[rank])
    return Stretches.united(
        clock.cases.height, rank, found["from_us"].to_numpy(), found["to_us"].fill_null(last).to_numpy()
    )


def _extensions(clock: _RunClock, limit: Limit, first_us: Times, as_of: Times) -> Times:
    if limit.extend is None:
        return np.zeros(clock.cases.height, np.int64)
    fired = clock.rank(clock.events.filter(pl.col("trigger") == limit.extend.on).select(*CASE, at_us="exit_us"))
    rank, at_us = fired["rank"].to_numpy().astype(np.int64), fired["at_us"].to_numpy()
    inside = (first_us[rank] != NEVER) & (at_us >= first_us[rank]) & (at_us <= as_of[rank])
    taken = np.bincount(rank[inside], minlength=clock.cases.height)
    return np.minimum(taken, limit.extend.max)


def _counted(days: DayCount, span: Span, begin: Times, end: Times, stretches: Stretches) -> tuple[Any, Any]:
    """Return (net, suspended) of each case from begin to end, both in the span's unit."""
    if span.unit not in DAY_UNITS:
        unit_us = SECONDS[span.unit] * 1_000_000
        off = stretches.overlap_us(begin, end)
        return (end - begin - off) / unit_us, off / unit_us
    first, last = days.day_of(begin), days.day_of(end)
    by_day = stretches.by_day(days)
    weights = days.worked if span.unit == "wd" else days.elapsed
    off = by_day.overlap(weights, first, last)
    net = weights[last + 1] - weights[first + 1] - off
    if span.unit == "month":
        length = (days.nominal_end(first, span) - first) / max(span.amount, 1)
    else:
        length = np.full(len(first), 7.0 if span.unit == "week" else 1.0)
    return net / length, off / length


def _kept(
    column: str,
    clock: _RunClock,
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
        mine = extensions == taken
        kept |= mine & _in_time(clock.days, total_limit(_whole_days(span), by[:taken]), begin, as_of, stretches)
    open_case = clock.cases["outcome"].is_null().to_numpy()
    # an open case that is late already stays late; one that ended without a stop left the limit's field
    judged = (stop_us != NEVER) | (open_case & ~kept)
    return _where(judged & (begin <= as_of), column, kept)


def _whole_days(span: Span) -> Span:
    """Return a limit that can be counted by dates: a part of a day ends with that day (8.5 wd on the 9th)."""
    return Span(math.ceil(span.amount), span.unit) if span.unit in DAY_UNITS else span


def _in_time(days: DayCount, span: Span, begin: Times, end: Times, stretches: Stretches) -> Any:
    """Return whether ``end`` is on the last day of ``span`` or before, counted from ``begin``."""
    if span.unit not in DAY_UNITS:
        return end - begin - stretches.overlap_us(begin, end) <= span.seconds() * 1_000_000
    return days.in_time(span, days.day_of(begin), days.day_of(end), stretches.by_day(days))


def _nullable(name: str, times: Times) -> pl.Series:
    return _where(times != NEVER, name, times)


def _where(shown: np.ndarray[Any, np.dtype[np.bool_]], name: str, values: Any) -> pl.Series:
    return pl.select(pl.when(pl.Series(shown)).then(pl.Series(values)).alias(name)).to_series()
