"""What the legal clocks of a run share: its cases in order, how far each is known, and counting by dates."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from procflow.analysis.clocks import DAY_UNITS
from procflow.analysis.day_count import DayCount, Stretches
from procflow.analysis.instants import last_known
from procflow.analysis.run_tables import CASE, cases_of, events_of
from procflow.definition.resolved import Process
from procflow.machine.graph import StateGraph, state_graph
from procflow.units import SECONDS, Span

if TYPE_CHECKING:
    from procflow.simulation.run import Run

Times = np.ndarray[Any, np.dtype[np.int64]]
"""Microseconds since the scenario's start, one per case; −1 for never."""

NEVER = -1


@dataclass(frozen=True)
class RunClock:
    """What all limits of a process share: its cases in order, its events, how far each case is known, the dates."""

    graph: StateGraph
    events: pl.DataFrame
    cases: pl.DataFrame
    known_us: Times
    days: DayCount

    @property
    def process(self) -> Process:
        """The process."""
        return self.graph.process

    @classmethod
    def of(cls, run: "Run", process: Process) -> "RunClock":
        """Return the clock of a process in a run."""
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


def counted(days: DayCount, span: Span, begin: Times, end: Times, stretches: Stretches) -> tuple[Any, Any]:
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


def whole_days(span: Span) -> Span:
    """Return a limit that can be counted by dates: a part of a day ends with that day (8.5 wd on the 9th)."""
    return Span(math.ceil(span.amount), span.unit) if span.unit in DAY_UNITS else span


def in_time(days: DayCount, span: Span, begin: Times, end: Times, stretches: Stretches, *, roll: bool = True) -> Any:
    """Return whether ``end`` is on the last day of ``span`` or before, counted from ``begin``."""
    if span.unit not in DAY_UNITS:
        return end - begin - stretches.overlap_us(begin, end) <= span.seconds() * 1_000_000
    return days.in_time(span, days.day_of(begin), days.day_of(end), stretches.by_day(days), roll=roll)


def where_known(shown: np.ndarray[Any, np.dtype[np.bool_]], name: str, values: Any) -> pl.Series:
    """Return values as a column, null where they are not shown."""
    return pl.select(pl.when(pl.Series(shown)).then(pl.Series(values)).alias(name)).to_series()
