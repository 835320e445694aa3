"""The instants at which the cases of a process arrive (rule 22)."""

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from procflow.definition.arrivals import Arrivals, Profile
from procflow.definition.holidays import day_kind
from procflow.definition.organization import DAYS, Organization
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
        return sorted(t for t in map(clock.at, local) if t >= 0)
    return [t for t, _ in _listed(arrivals, calendars)]


def _listed(arrivals: Arrivals, calendars: Calendars) -> list[tuple[int, int]]:
    """Return (instant, number in the file) of the times given, in the order of arrival."""
    clock = calendars.clock
    moved = clock.start - arrivals.since if arrivals.since else dt.timedelta()
    instants = [(clock.at(moment + moved), number) for number, moment in enumerate(arrivals.times)]
    return sorted(each for each in instants if each[0] >= 0)


@dataclass(frozen=True)
class Given:
    """What a list of arrivals says of a case."""

    region: str | None = None
    values: dict[str, Any] = field(default_factory=dict)


def given(arrivals: Arrivals, calendars: Calendars) -> list[Given]:
    """Return what is given for each case by its ordinal; nothing where arrivals are no list."""
    found = []
    for _, number in _listed(arrivals, calendars):
        values = {name: column[number] for name, column in arrivals.attributes.items() if column[number] is not None}
        found.append(Given(arrivals.regions[number] if arrivals.regions else None, values))
    return found


def _by_gaps(arrivals: Arrivals, organization: Organization, calendars: Calendars, stream: int) -> Iterator[int]:
    """Sum gaps of duty time, each rounded to ticks, and put the sums on the calendar."""
    working = arrivals.per_unit()[1] == "wd" if arrivals.interval is None else arrivals.interval.is_working
    calendar = calendars[arrivals.calendar or (organization.default_calendar if working else ALWAYS)]
    pieces = None if arrivals.profile is None else _pieces(arrivals.profile, calendar.name, calendars)
    total, number = 0, 0
    while True:
        total += ticks_of(_gap(arrivals, random.gap_draws(stream, number), calendar.day_seconds))
        number += 1
        t = calendar.complete(0, total) if pieces is None else _reached(pieces, total)
        if t == NEVER:
            return
        yield t


def _gap(arrivals: Arrivals, u: random.Draws, day_seconds: float) -> float:
    if arrivals.interval is not None:
        return sample(arrivals.interval, u, day_seconds)
    rate, unit = arrivals.per_unit()
    return -(_UNIT_SECONDS.get(unit, day_seconds) / rate) * math.log(u(0))


@dataclass(frozen=True)
class Piece:
    """An interval [on, off) with its factor, and what it amounts to at factor 1, in ticks."""

    on: int
    off: int
    factor: float
    amount: int


def _pieces(profile: Profile, calendar: str, calendars: Calendars) -> list[Piece]:
    """Cut the shifts of every date where the factor changes; the factor is that of each piece's first minute."""
    edges = {minute for on, off, _ in profile.minutes() for minute in (on, off)}
    found = []
    for day in map(calendars.clock.date, range(-1, calendars.days + 2)):
        for first, last in calendars.shifts(calendar, day):
            marks = sorted({first, last} | {minute for minute in edges if first < minute < last})
            for a, b in pairwise(marks):
                on, off = max(0, calendars.instant(day, a)), calendars.instant(day, b)
                factor = _factor(profile, day, a, calendars.organization)
                if on < off and factor > 0:
                    found.append(Piece(on, off, factor, math.floor(factor * (off - on) + 0.5)))
    return sorted(found, key=lambda piece: piece.on)


def _factor(profile: Profile, day: dt.date, minute: int, organization: Organization) -> float:
    of_hour = [factor for on, off, factor in profile.minutes() if on <= minute < off]
    of_date = profile.weekdays.get(DAYS[day.weekday()], 1.0) * profile.months.get(day.month, 1.0)
    if day_kind(organization, day) == "holiday":
        of_date *= profile.holidays
    return (of_hour[0] if of_hour else 1.0) * of_date


def _reached(pieces: list[Piece], total: int) -> int:
    """Return when the pieces amount to ``total``."""
    for piece in pieces:
        if total <= piece.amount:
            return min(piece.off, piece.on + math.floor(total / piece.factor))
        total -= piece.amount
    return NEVER
