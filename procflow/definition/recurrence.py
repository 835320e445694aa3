"""Recurrences of sittings and transfers: 'weekly wed 09:00'. Says when they fall; knows nothing of closed days."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from procflow.errors import UnitError
from procflow.text import Text

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Frequency = Literal["daily", "weekly", "fortnightly", "monthly"]

_FORM = re.compile(
    r"(?P<frequency>daily|weekly|fortnightly|monthly)(?:\s+(?P<days>\S.*?))?\s+(?P<times>\d\d?:\d\d(?:\s*,\s*\d\d?:\d\d)*)"
)
_ORDINALS = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "last": -1}
_EPOCH_MONDAY = dt.date(1970, 1, 5)


@dataclass(frozen=True)
class Recurrence:
    """A rule that names local dates and times of day.

    ``daily 09:00,14:00`` · ``weekly mon,thu 09:00`` · ``fortnightly wed 14:00`` (weeks counted from Monday
    1970-01-05, so that the rule alone decides the weeks; ``fortnightly odd wed`` takes the others) ·
    ``monthly 15 09:00`` (a day past the month's end means its last day) · ``monthly 2nd tue 09:00`` ·
    ``monthly last fri 09:00``.

    >>> rule = Recurrence.parse("weekly wed 09:00")
    >>> [str(t) for t in rule.between(dt.date(2025, 3, 3), dt.date(2025, 3, 16))]
    ['2025-03-05 09:00:00', '2025-03-12 09:00:00']
    """

    text: str
    frequency: Frequency
    weekdays: tuple[int, ...]
    month_days: tuple[int, ...]
    ordinal: int
    odd_weeks: bool
    times: tuple[dt.time, ...]

    @classmethod
    def parse(cls, text: str) -> "Recurrence":
        """Read a rule; raise UnitError where it is none."""
        match = _FORM.fullmatch(text.strip().lower())
        if match is None:
            raise UnitError(_bad(text))
        frequency, days = match["frequency"], match["days"] or ""
        try:
            times = tuple(sorted(dt.time.fromisoformat(t.strip().zfill(5)) for t in match["times"].split(",")))
            weekdays, month_days, ordinal, odd = _days(frequency, days)
        except (ValueError, KeyError, IndexError):
            raise UnitError(_bad(text)) from None
        return cls(text.strip(), frequency, weekdays, month_days, ordinal, odd, times)  # type: ignore[arg-type]

    def falls_on(self, day: dt.date) -> bool:
        """Whether the rule names ``day``."""
        if self.frequency == "daily":
            return True
        if self.frequency == "weekly":
            return day.weekday() in self.weekdays
        if self.frequency == "fortnightly":
            week = (day - _EPOCH_MONDAY).days // 7
            return day.weekday() in self.weekdays and week % 2 == int(self.odd_weeks)
        last = (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
        if self.ordinal:
            nth = (last.day - day.day) // 7 == 0 if self.ordinal < 0 else (day.day - 1) // 7 + 1 == self.ordinal
            return day.weekday() in self.weekdays and nth
        return day.day in self.month_days or (day == last and any(d > last.day for d in self.month_days))

    def between(self, first: dt.date, last: dt.date) -> Iterator[dt.datetime]:
        """Yield the local times from ``first`` to ``last``, both days included, in order."""
        day = first
        while day <= last:
            if self.falls_on(day):
                yield from (dt.datetime.combine(day, time) for time in self.times)
            day += dt.timedelta(days=1)

    def period_days(self) -> float:
        """Return the mean number of calendar days from one occurrence to the next."""
        per_cycle = len(self.times) * max(1, len(self.weekdays), len(self.month_days))
        cycle = {"daily": 1.0, "weekly": 7.0, "fortnightly": 14.0, "monthly": 365.2425 / 12}[self.frequency]
        return cycle / (per_cycle if self.frequency != "daily" else len(self.times))

    def __str__(self) -> str:
        return self.text


def _days(frequency: str, days: str) -> tuple[tuple[int, ...], tuple[int, ...], int, bool]:
    words = days.replace(",", " ").split()
    if frequency == "daily":
        if words:
            raise ValueError(days)
        return (), (), 0, False
    odd = frequency == "fortnightly" and words[0] == "odd"
    words = words[1:] if odd else words
    ordinal = 0
    if frequency == "monthly":
        if words[0] not in _ORDINALS:
            month_days = tuple(sorted(int(word) for word in words))
            if not all(1 <= day <= 31 for day in month_days):
                raise ValueError(days)
            return (), month_days, 0, False
        ordinal, words = _ORDINALS[words[0]], words[1:]
    weekdays = tuple(sorted(WEEKDAYS.index(word) for word in words))
    if not weekdays:
        raise ValueError(days)
    return weekdays, (), ordinal, odd


def _bad(text: str) -> Text:
    return Text(
        en=f"{text!r} is no recurrence: write for instance 'daily 16:00', 'weekly wed 09:00', "
        "'fortnightly wed 14:00', 'monthly 15 09:00' or 'monthly last fri 09:00'",
        zh=f"{text!r} 不是周期:例如写 'daily 16:00'、'weekly wed 09:00'、'fortnightly wed 14:00'、"
        "'monthly 15 09:00' 或 'monthly last fri 09:00'",
    )
