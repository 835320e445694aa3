"""Calendars as intervals of ticks, and the instants of recurrences. Draws nothing and serves no case."""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from procflow.definition import holidays
from procflow.definition import organization as definition
from procflow.definition.quantities import IfClosed
from procflow.definition.recurrence import Recurrence
from tests.oracle.clock import NEVER, Clock

ALWAYS = "always"
FAR_DAYS = 366
"""How far from a closed date the nearest one with duty is sought (rule 8)."""


@dataclass(frozen=True)
class Calendar:
    """When people are on duty: sorted, disjoint intervals [on, off) in ticks (rule 2)."""

    name: str
    intervals: tuple[tuple[int, int], ...]
    day_seconds: float

    def is_open(self, t: int) -> bool:
        index = bisect_right(self._ons, t) - 1
        return index >= 0 and t < self.intervals[index][1]

    def duty(self, t: int) -> int:
        """Return the time on duty in [0, t) (rule 3)."""
        index = bisect_right(self._ons, t) - 1
        if index < 0:
            return 0
        on, off = self.intervals[index]
        return self._before[index] + min(t, off) - on

    def complete(self, t: int, work: int) -> int:
        """Return the earliest instant at which ``work`` ticks of duty have passed since ``t`` (rule 3)."""
        if work == 0:
            return t
        target = self.duty(t) + work
        index = bisect_left(self._before, target) - 1  # the last interval that begins with less duty than that
        if index < 0:
            return NEVER
        on, off = self.intervals[index]
        done = on + target - self._before[index]
        return done if done <= off else NEVER

    def next_on(self, t: int) -> int:
        """Return ``t`` where the calendar is open at ``t``, else when it opens next (rule 3)."""
        return t if self.is_open(t) else self.opens_after(t)

    def opens_after(self, t: int) -> int:
        index = bisect_right(self._ons, t)
        return self._ons[index] if index < len(self._ons) else NEVER

    def open_between(self, since: int, until: int) -> list[tuple[int, int]]:
        """Return the intervals on duty inside [since, until)."""
        first = max(bisect_right(self._ons, since) - 1, 0)
        last = bisect_left(self._ons, until)
        clipped = ((max(on, since), min(off, until)) for on, off in self.intervals[first:last])
        return [(on, off) for on, off in clipped if on < off]

    @cached_property
    def _ons(self) -> list[int]:
        return [on for on, _ in self.intervals]

    @cached_property
    def _before(self) -> list[int]:
        total, before = 0, []
        for on, off in self.intervals:
            before.append(total)
            total += off - on
        return before


def covered(intervals: Iterable[tuple[int, int]]) -> int:
    """Return how many ticks lie in at least one of the intervals."""
    return sum(off - on for on, off in merged(intervals))


def merged(intervals: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return the union of intervals, sorted, those that touch made one (rule 2)."""
    union: list[tuple[int, int]] = []
    for on, off in sorted(intervals):
        if on >= off:
            continue
        if union and on <= union[-1][1]:
            union[-1] = (union[-1][0], max(off, union[-1][1]))
        else:
            union.append((on, off))
    return tuple(union)


class Calendars:
    """The calendars of an organization over a run of so many days."""

    def __init__(self, organization: definition.Organization, clock: Clock, days: int) -> None:
        self.organization, self.clock, self.days = organization, clock, days
        self._built: dict[str, Calendar] = {ALWAYS: Calendar(ALWAYS, ((0, NEVER),), 86_400.0)}
        self._instants: dict[tuple[str, str, str], list[int]] = {}

    def __getitem__(self, name: str) -> Calendar:
        if name not in self._built:
            self._built[name] = self._build(name)
        return self._built[name]

    def spliced(self, name: str, names: tuple[str, ...]) -> Calendar:
        """Return the calendar that is, on each date from the one before the start on, the one named for it."""
        if set(names) == {name}:
            return self[name]
        key = f"{name} {names}"
        if key not in self._built:
            shifts = (
                (self.instant(day, on), self.instant(day, off))
                for day, today in zip(map(self.clock.date, range(-1, self.days + 2)), names, strict=True)
                for on, off in self.shifts(today, day)
            )
            intervals = merged((max(on, 0), off) for on, off in shifts)
            self._built[key] = Calendar(key, intervals, self[name].day_seconds)
        return self._built[key]

    def has_duty(self, name: str, day: dt.date) -> bool:
        return bool(self.shifts(name, day))

    def instants(self, rule: Recurrence, if_closed: IfClosed, calendar: str) -> list[int]:
        """Return the instants of a recurrence in the run, moved off the days without duty (rules 8 and 13)."""
        key = (str(rule), if_closed, calendar)
        if key not in self._instants:
            self._instants[key] = self._find_instants(rule, if_closed, calendar)
        return self._instants[key]

    def _find_instants(self, rule: Recurrence, if_closed: IfClosed, calendar: str) -> list[int]:
        first, last = self.clock.date(-FAR_DAYS), self.clock.date(self.days + FAR_DAYS)
        moved = {self._moved(local, if_closed, calendar) for local in rule.between(first, last)}
        found = {self.clock.at(local) for local in moved if local is not None}
        return sorted(t for t in found if t >= 0)

    def _moved(self, local: dt.datetime, if_closed: IfClosed, calendar: str) -> dt.datetime | None:
        """Return a time of a recurrence on the date to which ``if_closed`` moves it, None if dropped (rule 8)."""
        if self.has_duty(calendar, local.date()):
            return local
        if if_closed == "skip":
            return None
        step = dt.timedelta(days=1 if if_closed == "next" else -1)
        for far in range(1, FAR_DAYS + 1):
            if self.has_duty(calendar, (local + far * step).date()):
                return local + far * step
        return None

    def _build(self, name: str) -> Calendar:
        known = self._known(name)
        shifts = (
            (self.instant(day, on), self.instant(day, off))
            for day in map(self.clock.date, range(-1, self.days + 2))
            for on, off in self.shifts(name, day)
        )
        inside = ((max(on, 0), off) for on, off in shifts)
        return Calendar(name, merged(inside), known.nominal_day_seconds())

    def instant(self, day: dt.date, minutes: int) -> int:
        """Return a minute of a date in ticks; minute 1440 is the midnight that ends it."""
        days, minutes = divmod(minutes, 1440)
        wall = dt.time(minutes // 60, minutes % 60)
        return self.clock.at(dt.datetime.combine(day + dt.timedelta(days=days), wall))

    def shifts(self, name: str, day: dt.date) -> holidays.Minutes:
        """Return the shifts on a date; no holiday closes or opens it in a year without published ones (rule 2)."""
        if name == ALWAYS:
            return ((0, 1440),)
        known = self._known(name)
        return holidays.duty(self.organization, known, day)

    def _known(self, name: str) -> definition.Calendar:
        known = self.organization.calendar(name)
        if known is None:
            raise LookupError(f"no calendar {name!r}")
        return known
