"""Working time between instants, on a calendar of an organization: shifts, holidays, make-up days. Counts only time.

The statutory clock counts dates (``clocks``); this one counts hours on duty, as waiting and cycle times do.
"""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from procflow.analysis.run_tables import DAY_US
from procflow.definition.holidays import duty
from procflow.definition.organization import DAYS, Calendar, Organization
from procflow.definition.quantities import IfClosed, Recurrence

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

_MONDAY = dt.date(2024, 1, 1)
_MINUTE_US = 60_000_000


@dataclass(frozen=True)
class WorkingClock:
    """Duty intervals ``on`` and ``off`` (int64, microseconds since the midnight of ``start``) and a day's length."""

    start: dt.date
    timezone: str
    on: Ints
    off: Ints
    day_us: int
    open_days: frozenset[dt.date]

    @classmethod
    def of(cls, organization: Organization, calendar: str, start: dt.date, days: int) -> "WorkingClock":
        """Return the clock of a calendar for ``days`` dates from ``start``; ``always`` never stops."""
        known = organization.calendar(calendar)
        dates = [start + dt.timedelta(days=n) for n in range(days)]
        if known is None:
            whole = np.array([0], np.int64), np.array([days * DAY_US], np.int64)
            return cls(start, organization.timezone, *whole, DAY_US, frozenset(dates))
        zone = ZoneInfo(organization.timezone)
        origin = dt.datetime.combine(start, dt.time(), zone).timestamp()
        shifts = [(date, on, off) for date in dates for on, off in duty(organization, known, date)]
        on = _ticks([(date, begin) for date, begin, _ in shifts], zone, origin)
        off = _ticks([(date, end) for date, _, end in shifts], zone, origin)
        day_us = round(known.nominal_day_seconds() * 1e6)
        return cls(start, organization.timezone, on, off, day_us, frozenset(s[0] for s in shifts))

    def duty_us(self, times_us: Ints) -> Ints:
        """Return the time on duty before each instant."""
        before = np.concatenate(([0], np.cumsum(self.off - self.on)))
        index = np.searchsorted(self.on, times_us, side="right")
        if not len(self.on):
            return np.zeros_like(times_us)
        last = np.maximum(index - 1, 0)
        inside = np.clip(times_us - self.on[last], 0, self.off[last] - self.on[last])
        return np.asarray(np.where(index > 0, before[last] + inside, 0))

    def earlier_us(self, times_us: Ints, by_us: int) -> Ints:
        """Return the latest instants before which so much less time on duty lies than before the given ones."""
        return self.with_duty_us(self.duty_us(times_us) - by_us)

    def with_duty_us(self, duty_us: Ints) -> Ints:
        """Return the latest instants before which so much time on duty lies; some shift must be known."""
        before = np.concatenate(([0], np.cumsum(self.off - self.on)))
        index = np.minimum(np.searchsorted(before[1:], duty_us, side="right"), len(self.on) - 1)
        return np.asarray(self.on[index] + duty_us - before[index])

    def days_between(self, begin_us: Ints, end_us: Ints) -> Floats:
        """Return the working days between pairs of instants: time on duty over a nominal day."""
        return np.asarray((self.duty_us(end_us) - self.duty_us(begin_us)) / self.day_us, np.float64)

    def occurrences_us(self, rule: Recurrence, days: int, if_closed: IfClosed = "next") -> Ints:
        """Return when a rule falls in the first ``days`` dates, closed days moved or skipped as ``if_closed`` says."""
        zone = ZoneInfo(self.timezone)
        origin = dt.datetime.combine(self.start, dt.time(), zone).timestamp()
        last = self.start + dt.timedelta(days=days - 1)
        moved = ((self._moved(time.date(), if_closed, last), time) for time in rule.between(self.start, last))
        minutes = {(date, time.hour * 60 + time.minute) for date, time in moved if date is not None}
        return _ticks(sorted(minutes), zone, origin)

    def _moved(self, date: dt.date, if_closed: IfClosed, last: dt.date) -> dt.date | None:
        step = {"next": 1, "previous": -1, "skip": 0}[if_closed]
        while date not in self.open_days:
            date += dt.timedelta(days=step)
            if not step or not self.start <= date <= last:
                return None
        return date


def ordinary_weeks(organization: Organization, calendar: str, days: int = 28) -> WorkingClock:
    """Return a clock of whole weeks without holidays or daylight saving, from a Monday on: what a definition says
    without any year."""
    known = organization.calendar(calendar)
    return _weeks(None if known is None else known.model_dump_json(), -(-days // 7))


@lru_cache(maxsize=32)
def _weeks(calendar: str | None, weeks: int) -> WorkingClock:
    dates = [_MONDAY + dt.timedelta(days=n) for n in range(7 * weeks)]
    if calendar is None:
        whole = np.array([0], np.int64), np.array([len(dates) * DAY_US], np.int64)
        return WorkingClock(_MONDAY, "UTC", *whole, DAY_US, frozenset(dates))
    known = Calendar.model_validate_json(calendar)
    week = [(number, on, off) for number, name in enumerate(DAYS) for on, off in known.minutes(name)]
    starts = np.arange(weeks, dtype=np.int64)[:, None] * 7 * DAY_US
    on, off = (
        (starts + np.array([shift[0] * DAY_US + shift[end] * _MINUTE_US for shift in week], np.int64)).reshape(-1)
        for end in (1, 2)
    )
    open_days = frozenset(dates[n] for first in range(0, len(dates), 7) for n in {first + shift[0] for shift in week})
    return WorkingClock(_MONDAY, "UTC", on, off, round(known.nominal_day_seconds() * 1e6), open_days)


def _ticks(moments: list[tuple[dt.date, int]], zone: ZoneInfo, origin: float) -> Ints:
    stamps = [
        (dt.datetime.combine(date, dt.time(), zone) + dt.timedelta(minutes=minute)).timestamp() - origin
        for date, minute in moments
    ]
    return np.rint(np.array(stamps, np.float64) * 1e6).astype(np.int64)
