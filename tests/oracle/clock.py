"""Local times as ticks: microseconds since the local midnight of a scenario's start. Knows nothing of calendars."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from math import floor
from zoneinfo import ZoneInfo

SECOND = 1_000_000
DAY = 86_400 * SECOND
NEVER = 1 << 62
"""An instant after every run."""


def ticks_of(seconds: float) -> int:
    """Return a sampled duration in ticks (rule 1)."""
    return floor(SECOND * seconds + 0.5)


@dataclass(frozen=True)
class Clock:
    """The clock of a run: the date on which it starts, in a time zone."""

    start: dt.date
    zone: ZoneInfo

    def at(self, local: dt.datetime) -> int:
        """Return a local time in ticks (rule 2).

        With ``fold=0`` Python takes the first of two ambiguous times, and counts a time in a gap with the offset from
        before it, which moves it forward by the gap.
        """
        return (self._utc(local) - self._midnight) // dt.timedelta(microseconds=1)

    def date(self, days: int) -> dt.date:
        """Return the date so many days after the start."""
        return self.start + dt.timedelta(days=days)

    @cached_property
    def _midnight(self) -> dt.datetime:
        return self._utc(dt.datetime.combine(self.start, dt.time()))

    def _utc(self, local: dt.datetime) -> dt.datetime:
        aware = local if local.tzinfo else local.replace(tzinfo=self.zone, fold=0)
        return aware.astimezone(dt.UTC)
