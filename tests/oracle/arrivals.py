"""The instants at which the cases of a process arrive (rule 22)."""

import math
from collections.abc import Iterator

from procflow.definition.organization import Organization
from procflow.definition.scenario import Arrivals
from tests.oracle import random
from tests.oracle.calendar import ALWAYS, Calendars
from tests.oracle.clock import NEVER, ticks_of
from tests.oracle.sampling import sample

_DAY_SECONDS = 86_400.0
_YEAR_SECONDS = 365.2425 * _DAY_SECONDS
_UNIT_SECONDS = {
    "min": 60.0,
    "h": 3600.0,
    "d": _DAY_SECONDS,
    "week": 7 * _DAY_SECONDS,
    "month": _YEAR_SECONDS / 12,
    "year": _YEAR_SECONDS,
}


def instants(arrivals: Arrivals, organization: Organization, calendars: Calendars, stream: int) -> Iterator[int]:
    """Yield the arrival of each case by its ordinal; ``size`` cases at each instant."""
    if arrivals.rate is not None or arrivals.interval is not None:
        found = _by_gaps(arrivals, organization, calendars, stream)
    else:
        found = iter(_given(arrivals, calendars))
    for t in found:
        for _ in range(arrivals.size):
            yield t


def _given(arrivals: Arrivals, calendars: Calendars) -> list[int]:
    clock = calendars.clock
    if arrivals.every is not None:
        local = arrivals.every.between(clock.start, clock.date(calendars.days))
    else:
        local = iter(arrivals.times)
    return sorted(t for t in map(clock.at, local) if t >= 0)


def _by_gaps(arrivals: Arrivals, organization: Organization, calendars: Calendars, stream: int) -> Iterator[int]:
    """Sum gaps of duty time, each rounded to ticks, and put the sums on the calendar."""
    working = arrivals.per_unit()[1] == "wd" if arrivals.interval is None else arrivals.interval.is_working
    calendar = calendars[arrivals.calendar or (organization.default_calendar if working else ALWAYS)]
    total, number = 0, 0
    while True:
        total += ticks_of(_gap(arrivals, random.gap_draws(stream, number), calendar.day_seconds))
        number += 1
        t = calendar.complete(0, total)
        if t == NEVER:
            return
        yield t


def _gap(arrivals: Arrivals, u: random.Draws, day_seconds: float) -> float:
    if arrivals.interval is not None:
        return sample(arrivals.interval, u, day_seconds)
    rate, unit = arrivals.per_unit()
    return -(_UNIT_SECONDS.get(unit, day_seconds) / rate) * math.log(u(0))
