"""Counting the days of many stretches of time at once, by cumulative sums over dates. Knows no cases.

The count is that of ``clocks``.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from procflow.analysis.clocks import BOUNDARIES
from procflow.analysis.run_tables import DAY_US, midnights_us
from procflow.definition.holidays import is_working_day
from procflow.definition.organization import Organization
from procflow.units import Span

Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class DayCount:
    """The dates from a start on. ``worked[i]`` and ``elapsed[i]``: how many (working) days lie before date ``i``."""

    organization: Organization
    start: dt.date
    midnights: Ints

    @classmethod
    def of(cls, organization: Organization, start: dt.date, last_us: int) -> "DayCount":
        """Return the dates that cover ``last_us`` microseconds from the midnight of ``start``."""
        midnights = midnights_us(organization.timezone, start, last_us // DAY_US + 2)
        needed = int(np.searchsorted(midnights, last_us, side="right"))
        return cls(organization, start, midnights[: needed + 1])

    @cached_property
    def worked(self) -> Ints:
        """Working days before each date; raises UnpublishedHolidaysError where a year's holidays are not known."""
        dates = (self.start + dt.timedelta(days=n) for n in range(len(self.midnights) - 1))
        works = np.fromiter((is_working_day(self.organization, date) for date in dates), np.int64)
        return np.concatenate(([0], np.cumsum(works)))

    @cached_property
    def elapsed(self) -> Ints:
        """Days before each date."""
        return np.arange(len(self.midnights), dtype=np.int64)

    def day_of(self, times_us: Ints) -> Ints:
        """Return the date, as days since the start, on which each time falls."""
        return np.searchsorted(self.midnights, times_us, side="right").astype(np.int64) - 1

    def nominal_end(self, first: Ints, span: Span) -> Ints:
        """Return the last day of ``span`` from each date on, before suspensions; as ``clocks.nominal_end``."""
        amount = int(span.amount)
        if span.unit != "month":
            return first + amount * (7 if span.unit == "week" else 1)
        epoch = np.datetime64(self.start, "D")
        dates = epoch + first
        months = dates.astype("datetime64[M]")
        offset = (dates - months).astype(np.int64)
        target = months + amount
        length = ((target + 1).astype("datetime64[D]") - target.astype("datetime64[D]")).astype(np.int64)
        matching = target.astype("datetime64[D]") + np.minimum(offset, length - 1)
        return np.asarray((matching - epoch).astype(np.int64))

    def in_time(self, span: Span, first: Ints, last: Ints, stretches: "Stretches", *, roll: bool = True) -> Flags:
        """Return whether each date ``last`` is at most the last day of ``span`` counted from ``first``.

        ``roll``: a last day that is no working day moves on.

        Uses no date after ``last``, so that no calendar is asked for more than has happened.
        """
        before = np.maximum(last - 1, first)
        if span.unit == "wd":
            used = self._net(self.worked, first, before, stretches)
            return np.asarray((last <= first) | (used < span.amount))
        end = self._end(first, last, self.nominal_end(first, span) - first, stretches)
        if not roll:
            return np.asarray(last <= end)
        # a last day without work moves on: in time still, if no working day lies from it to the day before
        start = np.minimum(end, last)
        worked = self.worked[last] - self.worked[start] - stretches.overlap(self.worked, start - 1, last - 1)
        return np.asarray((last <= end) | (worked <= 0))

    def day_of_use(self, weights: Ints, first: Ints, last: Ints, stretches: "Stretches", needed: float) -> Ints:
        """Return the first date up to ``last`` at whose end ``needed`` days that weigh are used; −1 where none is."""
        low, high = first.copy(), last.copy()
        used = self._net(weights, first, last, stretches) >= needed
        while (low < high).any():
            middle = (low + high) // 2
            enough = self._net(weights, first, middle, stretches) >= needed
            low, high = np.where(enough, low, middle + 1), np.where(enough, middle, high)
            low = np.minimum(low, high)
        return np.asarray(np.where(used, high, -1))

    def _net(self, weights: Ints, first: Ints, last: Ints, stretches: "Stretches") -> Ints:
        return np.asarray(weights[last + 1] - weights[first + 1] - stretches.overlap(weights, first, last))

    def _end(self, first: Ints, last: Ints, days: Ints, stretches: "Stretches") -> Ints:
        """Return the day at which ``days`` not suspended have passed; some day after ``last`` where it is later.

        The least fixed point of end = first + days + suspended(first, end), from below.
        """
        end = first + days
        while True:
            known = np.minimum(end, last)
            moved = first + days + stretches.overlap(self.elapsed, first, known)
            if (moved <= end).all():
                return end
            end = np.maximum(end, moved)


@dataclass(frozen=True)
class Stretches:
    """Disjoint stretches, each of one case: ``rank`` says of which among ``count``, ``low`` and ``high`` from where
    to where, in microseconds or as dates."""

    count: int
    rank: Ints
    low: Ints
    high: Ints

    @classmethod
    def none(cls, count: int) -> "Stretches":
        """Return no stretch at all."""
        empty = np.zeros(0, np.int64)
        return cls(count, empty, empty, empty)

    @classmethod
    def united(cls, count: int, rank: Ints, low: Ints, high: Ints) -> "Stretches":
        """Return the union of stretches, case by case."""
        if not len(rank):
            return cls.none(count)
        table = pl.DataFrame({"rank": rank, "low": low, "high": high}).sort("rank", "low", "high")
        table = table.with_columns(reach=pl.col("high").cum_max().over("rank"))
        fresh = (pl.col("low") > pl.col("reach").shift(1).over("rank")).fill_null(True)
        joined = table.with_columns(part=fresh.cum_sum()).group_by("part", maintain_order=True)
        found = joined.agg(pl.col("rank").first(), pl.col("low").first(), pl.col("high").max())
        return cls(count, *(found[name].to_numpy() for name in ("rank", "low", "high")))

    def by_day(self, days: DayCount) -> "Stretches":
        """Return the same stretches as dates, united again: two of one day adjoin.

        They stop the days after the first up to the last, unless the organization's ``suspension_days`` say otherwise.
        """
        begins, ends = BOUNDARIES[days.organization.suspension_days]
        low, high = days.day_of(self.low) - begins, days.day_of(self.high) - ends
        some = high > low
        return Stretches.united(self.count, self.rank[some], low[some], high[some])

    def overlap(self, weights: Ints, first: Ints, last: Ints) -> Ints:
        """Return the weight of the suspended days after ``first`` up to ``last`` of each case."""
        low = np.maximum(self.low, first[self.rank])
        high = np.minimum(self.high, last[self.rank])
        inside = high > low
        found = weights[high[inside] + 1] - weights[low[inside] + 1]
        return np.bincount(self.rank[inside], found, self.count).astype(np.int64)

    def overlap_us(self, begin: Ints, end: Ints) -> Ints:
        """Return the suspended microseconds between ``begin`` and ``end`` of each case."""
        low = np.maximum(self.low, begin[self.rank])
        high = np.minimum(self.high, end[self.rank])
        inside = high > low
        return np.bincount(self.rank[inside], (high - low)[inside], self.count).astype(np.int64)
