"""When cases arrive and when people work, found in a log, and which of the days without work are public holidays.

Puts what ``calendar_discovery`` finds into hours that are alike and days that are known. Attributes no waiting.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import polars as pl

from procflow.definition.holidays import published_days
from procflow.errors import LogError, UnitError
from procflow.logs.arrivals import arrivals
from procflow.logs.calendar_discovery import discover_calendars
from procflow.logs.log import EventLog
from procflow.logs.pools import find_pools
from procflow.logs.work_calendars import WeekCalendar, zone_of
from procflow.text import Text

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Holidays:
    """What a calendar found in a log has of the public holidays of a country.

    ``kept`` are holidays on days usually worked that were closed, ``worked`` those on which work went on. ``make_up``
    are make-up days worked out of turn. ``other_closed`` and ``other_opened`` are days that no public calendar has.
    """

    country: str
    kept: tuple[dt.date, ...]
    worked: tuple[dt.date, ...]
    make_up: tuple[dt.date, ...]
    other_closed: tuple[dt.date, ...]
    other_opened: tuple[dt.date, ...]


@dataclass(frozen=True)
class OfficeHours:
    """When cases arrive (None where nothing tells), when all work, and when each of the people does.

    ``people`` has those with like hours together, the most first. ``first`` and ``last`` are the days of the log, in
    its zone.
    """

    arriving: WeekCalendar | None
    office: WeekCalendar
    people: tuple[tuple[tuple[str, ...], WeekCalendar], ...]
    first: dt.date
    last: dt.date


def office_hours(log: EventLog) -> OfficeHours:
    """Return the hours of a log: those in which cases arrive, and those in which people begin or finish something.

    Cases arrive at their first event; where a log has completions only, they arrived before. Hours are found as
    ``discover_calendars`` says; what happens too seldom to tell counts as open.

    Raises LogError where the log names no people.
    """
    rows = log.steps.filter(pl.col("resource").is_not_null())
    if not rows.height:
        raise LogError(
            Text(
                en="the log names no people: name the column of the person who did the work",
                zh="日志中没有人员信息：请指明经办人所在的列",
            )
        )
    names, person = _numbers(rows["resource"])
    kinds, activity = _numbers(rows["activity"])
    role = find_pools(person, activity, len(names), len(kinds)).role
    marks = [(person[known], at.drop_nulls()) for at in (rows["start"], rows["end"]) for known in [at.is_not_null()]]
    who = np.concatenate([each for each, _ in marks])
    at = pl.concat([each for _, each in marks])
    found = discover_calendars(
        names, dict(zip(names, role.tolist(), strict=True)), who, at.cast(pl.Int64).to_numpy(), zone=log.zone
    )
    alike: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for name in names:
        calendar = found.of[name]
        alike[calendar.week, calendar.closed, tuple(calendar.opened.items())].append(name)
    groups = sorted(alike.values(), key=lambda group: (-len(group), group))
    first, last = (_day(instant, log.zone) for instant in (at.min(), at.max()))
    people = tuple((tuple(group), found.of[group[0]]) for group in groups)
    return OfficeHours(_arriving(log), found.usual or found.of[names[0]], people, first, last)


def _numbers(column: pl.Series) -> tuple[list[str], Ints]:
    names = column.unique().sort()
    return names.to_list(), column.cast(pl.Enum(names)).to_physical().cast(pl.Int64).to_numpy()


def _day(instant: Any, zone: str) -> dt.date:
    found: dt.date = instant.astimezone(zone_of(zone)).date()
    return found


def _arriving(log: EventLog) -> WeekCalendar | None:
    at = arrivals(log).cast(pl.Int64).to_numpy()
    if not len(at):
        return None
    return discover_calendars(["cases"], {"cases": 0}, np.zeros(len(at), np.int64), at, zone=log.zone).of["cases"]


def holidays_in(calendar: WeekCalendar, country: str, first: dt.date, last: dt.date) -> Holidays:
    """Return what a calendar has of a country's public holidays between two days.

    Raises LogError where nothing is known of the country. Holidays of years that are not published count as other days.
    """
    try:
        years = [published_days(country, year) for year in range(first.year, last.year + 1)]
    except UnitError as error:
        raise LogError(error.message) from error
    public, make_up = (frozenset().union(*(year[k] for year in years)) for k in (0, 1))
    usual = {day for day in public if first <= day <= last and calendar.week[day.weekday()]}
    return Holidays(
        country,
        kept=_ordered(usual & calendar.closed),
        worked=_ordered(usual - calendar.closed),
        make_up=_ordered(make_up & set(calendar.opened)),
        other_closed=_ordered(calendar.closed - public),
        other_opened=_ordered(set(calendar.opened) - make_up),
    )


def _ordered(days: Iterable[dt.date]) -> tuple[dt.date, ...]:
    return tuple(sorted(days))


@cache
def country_of(zone: str) -> str | None:
    """Return the country (ISO 3166) in which clocks show a zone, by the tz database; None for offsets and UTC.

    >>> country_of("Asia/Shanghai"), country_of("Europe/Amsterdam"), country_of("+08:00")
    ('CN', 'NL', None)
    """
    lines = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8").splitlines()
    parts = (line.split("\t") for line in lines if not line.startswith("#"))
    return next((country for country, _, name, *_ in parts if name == zone), None)
