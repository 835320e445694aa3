"""Calendars and recurrences as instants of a run: local times become ticks, holidays and closed days are resolved.

Rules 2, 4 and 8 of docs/reference/semantics.md.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from procflow.definition.arrivals import Profile
from procflow.definition.holidays import Minutes, day_kind, duty, is_published
from procflow.definition.organization import Calendar, Organization
from procflow.definition.quantities import IfClosed
from procflow.definition.recurrence import Recurrence
from procflow.definition.resolved import ALWAYS
from procflow.errors import warn_user
from procflow.kernel.layout import DAY
from procflow.simulation.staffing import calendar_on
from procflow.text import Text
from procflow.units import MICROSECONDS, Span

Ticks = NDArray[np.int64]
_DAY = dt.timedelta(days=1)
_FARTHEST = 366
_MINUTE = 60 * MICROSECONDS
_STEP = 4
"""Days from one look at the clocks to the next."""


@dataclass(frozen=True)
class Intervals:
    """When a calendar is open: sorted disjoint [on, off) in ticks; int64, shape (n,)."""

    on: Ticks
    off: Ticks

    @cached_property
    def before(self) -> Ticks:
        """The duty time before each interval."""
        return np.concatenate(([0], np.cumsum(self.off - self.on)[:-1])) if len(self.on) else self.on

    def duty_before(self, t: int) -> int:
        """Return the duty time in [0, t)."""
        i = int(np.searchsorted(self.off, t, side="right"))
        whole = int(np.sum(self.off[:i] - self.on[:i]))
        return whole + (max(0, t - int(self.on[i])) if i < len(self.on) else 0)

    def latest_with(self, duty_time: int) -> int:
        """Return the latest instant before which there is just ``duty_time`` of duty; -1 where it is negative."""
        if duty_time < 0:
            return -1
        i = int(np.searchsorted(self.before, duty_time, side="right")) - 1
        return int(self.on[i]) + duty_time - int(self.before[i]) if i >= 0 else -1


@dataclass(frozen=True)
class ProfileIntervals:
    """When arrivals go on, and by which factor: sorted disjoint [on, off) in ticks, int64; weight > 0, float64."""

    on: Ticks
    off: Ticks
    weight: NDArray[np.float64]

    @cached_property
    def amounts(self) -> Ticks:
        """How long each interval is as if its factor were 1, rounded to ticks."""
        amounts: Ticks = np.floor(self.weight * (self.off - self.on) + 0.5).astype(np.int64)
        return amounts

    def amount_before(self, t: int) -> float:
        """Return what the profile amounts to in [0, t), in ticks at factor 1."""
        inside = np.clip(t - self.on, 0, self.off - self.on)
        return float(np.sum(self.weight * inside))


_NO_PROFILE = ProfileIntervals(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))


@dataclass(frozen=True)
class Clock:
    """The wall clock of a run: an organization, the local midnight at which the run starts, and its cap in ticks."""

    organization: Organization
    start: dt.date
    cap: int
    _cache: dict[str, Intervals] = field(default_factory=dict, compare=False, repr=False)
    _shifts: dict[tuple[str, dt.date], Minutes] = field(default_factory=dict, compare=False, repr=False)
    _held: dict[tuple[Recurrence, str, IfClosed], Ticks] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the organization."""
        return ZoneInfo(self.organization.timezone)

    @cached_property
    def _origin(self) -> float:
        return dt.datetime.combine(self.start, dt.time(), self.zone).timestamp()

    @cached_property
    def last(self) -> dt.date:
        """The last date that the run can touch."""
        return self.start + dt.timedelta(days=self.cap // (86_400 * MICROSECONDS) + 1)

    def ticks(self, local: dt.datetime) -> int:
        """Return a local time in ticks; one that does not exist moves forward, an ambiguous one means the first."""
        moment = local if local.tzinfo else local.replace(tzinfo=self.zone, fold=0)
        return round((moment.timestamp() - self._origin) * MICROSECONDS)

    def at(self, day: dt.date, minutes: int) -> int:
        """Return the ticks of a date and minutes after its midnight (1440: the next midnight)."""
        number = (day - self.start).days
        midnight = self._plain_midnights.get(number)
        if midnight is not None:
            return midnight + minutes * _MINUTE
        if minutes == 1440:
            day, minutes = day + _DAY, 0
        return self.ticks(dt.datetime.combine(day, dt.time(minutes // 60, minutes % 60), self.zone))

    @cached_property
    def _plain_midnights(self) -> dict[int, int]:
        """The ticks of the midnight of each day, by its number from the start, on which no clock is changed.

        Where the clocks show the same before and after some days, they are not changed in between: a change and its
        reverse are weeks apart.
        """
        found: dict[int, int] = {}
        begin, days = -_STEP, (self.last - self.start).days + 2
        before = self._midnight(begin)
        while begin < days:
            end = begin + _STEP
            after = self._midnight(end)
            if after - before == _STEP * DAY:
                found |= {number: before + (number - begin) * DAY for number in range(begin, end)}
            begin, before = end, after
        return found

    def _midnight(self, number: int) -> int:
        return self.ticks(dt.datetime.combine(self.start + number * _DAY, dt.time(), self.zone))

    def shifts(self, calendar: str, day: dt.date) -> Minutes:
        """Return the shifts of a calendar on a date, past the published holidays by the weekly pattern."""
        if "/" in calendar:
            calendar = calendar_on(calendar, day)
        if calendar == ALWAYS:
            return ((0, 1440),)
        # sittings and transfers ask for the same dates again and again
        known = self._shifts.get((calendar, day))
        if known is None:
            known = self._shifts[calendar, day] = self._resolved(calendar, day)
        return known

    def _resolved(self, calendar: str, day: dt.date) -> Minutes:
        return duty(self.organization, self._known(calendar), day)

    def intervals(self, calendar: str) -> Intervals:
        """Return when a calendar is open, from the start of the run to its cap."""
        if calendar not in self._cache:
            self._cache[calendar] = merged(self._raw(calendar))
        return self._cache[calendar]

    def _raw(self, calendar: str) -> Iterator[tuple[int, int]]:
        day = self.start - _DAY
        while day <= self.last:
            for on, off in self.shifts(calendar, day):
                yield max(0, self.at(day, on)), self.at(day, off)
            day += _DAY

    def profile(self, profile: Profile, calendar: str) -> ProfileIntervals:
        """Return when, and how fast, arrivals go on: a calendar whose shifts are cut where the factor changes."""
        cuts = sorted({minute for on, off, _ in profile.minutes() for minute in (on, off)})
        factors: dict[int, float] = {}
        rows: list[tuple[int, int, float]] = []
        day = self.start - _DAY
        while day <= self.last:
            of_date = profile.of_date(day, holiday=self._is_holiday(day))
            for first, last in self.shifts(calendar, day) if of_date else ():
                bounds = [first, *(cut for cut in cuts if first < cut < last), last]
                for on, off in pairwise(bounds):
                    if on not in factors:
                        factors[on] = profile.of_minute(on)
                    rows.append((max(0, self.at(day, on)), self.at(day, off), factors[on] * of_date))
            day += _DAY
        kept = [row for row in sorted(rows) if row[0] < row[1] and row[2] > 0]
        return ProfileIntervals(*(np.array(column) for column in zip(*kept, strict=True))) if kept else _NO_PROFILE

    def _is_holiday(self, day: dt.date) -> bool:
        return day_kind(self.organization, day) == "holiday"

    def _known(self, calendar: str) -> Calendar:
        known = self.organization.calendar(calendar)
        if known is None:
            raise KeyError(calendar)
        return known

    def warn_unpublished(self, horizon_days: int) -> None:
        """Warn where the horizon reaches into a year whose holidays are not published."""
        end = self.start + dt.timedelta(days=horizon_days)
        years = [y for y in range(self.start.year, end.year + 1) if not is_published(self.organization, y)]
        if years:
            country, shown = self.organization.holidays, f"{years[0]}" + (f"–{years[-1]}" if len(years) > 1 else "")
            warn_user(
                Text(
                    en=f"the public holidays of {country} for {shown} are not published, or not known: there the "
                    "weekly pattern is used; give closed_days, open_days and known_years in the organization file",
                    zh=f"{country} {shown} 年的节假日安排尚未公布或未知:这些年份按每周作息计算;"
                    "可在组织文件中用 closed_days、open_days 和 known_years 给出",
                )
            )

    def occurrences(self, rule: Recurrence, calendar: str, if_closed: IfClosed) -> Ticks:
        """Return the instants of a rule in the run, those on a closed day moved or dropped; sorted, distinct."""
        key = (rule, calendar, if_closed)
        if key not in self._held:  # many states have the same sittings
            self._held[key] = self._occurrences(rule, calendar, if_closed)
        return self._held[key]

    def _occurrences(self, rule: Recurrence, calendar: str, if_closed: IfClosed) -> Ticks:
        first, last = self.start - _FARTHEST * _DAY, self.last + _FARTHEST * _DAY
        if if_closed != "next":
            first = self.start - _DAY
        if if_closed != "previous":
            last = self.last
        found = set()
        for local in rule.between(first, last):
            moved = self._moved(local, calendar, if_closed)
            if moved is not None and self.start <= moved.date() <= self.last:
                found.add(self.ticks(moved))
        return np.array(sorted(t for t in found if 0 <= t < self.cap), dtype=np.int64)

    def _moved(self, local: dt.datetime, calendar: str, if_closed: IfClosed) -> dt.datetime | None:
        if self.shifts(calendar, local.date()):
            return local
        if if_closed == "skip":
            return None
        step = _DAY if if_closed == "next" else -_DAY
        for distance in range(1, _FARTHEST + 1):
            if self.shifts(calendar, local.date() + distance * step):
                return local + distance * step
        return None

    def cutoffs(self, sittings: Ticks, cutoff: Span | None, calendar: str, day_seconds: float) -> Ticks:
        """Return, for each sitting, the last instant at which a case may enter for it."""
        if cutoff is None:
            return sittings
        amount = int(cutoff.seconds(day_seconds) * MICROSECONDS + 0.5)
        if not cutoff.is_working or calendar == ALWAYS:
            return sittings - amount
        duty_of = self.intervals(calendar)
        return np.array([duty_of.latest_with(duty_of.duty_before(int(s)) - amount) for s in sittings], dtype=np.int64)


def merged(raw: Iterator[tuple[int, int]]) -> Intervals:
    """Return intervals sorted, with empty ones dropped and those that touch or overlap made one."""
    joined: list[list[int]] = []
    for on, off in sorted(pair for pair in raw if pair[0] < pair[1]):
        if joined and on <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], off)
        else:
            joined.append([on, off])
    table = np.array(joined, dtype=np.int64).reshape(-1, 2)
    return Intervals(np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1]))


def cut(intervals: Intervals, first: int, last: int) -> Intervals:
    """Return what of intervals lies in [first, last)."""
    on, off = np.clip(intervals.on, first, last), np.clip(intervals.off, first, last)
    return Intervals(on[on < off], off[on < off])


def union(parts: list[Intervals]) -> Intervals:
    """Return when at least one of several calendars is open."""
    pairs = [(int(on), int(off)) for part in parts for on, off in zip(part.on, part.off, strict=True)]
    return merged(iter(pairs))
