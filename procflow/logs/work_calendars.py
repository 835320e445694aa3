"""Who is on duty when: weekly hours with days closed and opened, of each person, and the intervals that they mean.

Holds and reads calendars. ``calendar_discovery`` finds them in a log.
"""

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from procflow.errors import LogError
from procflow.text import Text

Ints = np.ndarray[Any, np.dtype[np.int64]]
Hours = tuple[tuple[int, int], ...]
"""Intervals of one day, in minutes after midnight."""

MINUTE_US = 60_000_000
DAY_MINUTES = 24 * 60
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERED = re.compile(r"_\d+$")


@dataclass(frozen=True)
class WeekCalendar:
    """Hours of the seven days from Monday, in minutes after midnight, with days that are closed and days of own hours.

    >>> WeekCalendar.weekly(((540, 1020),), days=range(5)).hours_on(dt.date(2025, 3, 8))
    ()
    """

    week: tuple[Hours, ...]
    closed: frozenset[dt.date] = frozenset()
    opened: Mapping[dt.date, Hours] = field(default_factory=dict)

    @classmethod
    def weekly(cls, hours: Hours, *, days: Iterable[int]) -> "WeekCalendar":
        """Return the calendar with the same hours on some days of the week, Monday being 0."""
        chosen = set(days)
        return cls(tuple(hours if day in chosen else () for day in range(7)))

    def hours_on(self, day: dt.date) -> Hours:
        """Return the hours of one date."""
        if day in self.opened:
            return self.opened[day]
        return () if day in self.closed else self.week[day.weekday()]

    @property
    def minutes_per_week(self) -> int:
        """Minutes on duty in a week without holidays."""
        return sum(end - start for hours in self.week for start, end in hours)


@dataclass(frozen=True)
class WorkCalendars:
    """The calendar of each person, in one time zone.

    ``found`` names those that were found in the log, not given; ``usual`` is then the calendar of all together.
    """

    of: Mapping[str, WeekCalendar]
    zone: str = "UTC"
    found: frozenset[str] = frozenset()
    usual: WeekCalendar | None = None

    def duty(self, person: str, first_us: int, last_us: int) -> Ints:
        """Return the intervals on duty that overlap ``[first_us, last_us)``, shape (n, 2), microseconds since 1970."""
        return duty_intervals(self.of[person], self.zone, first_us, last_us)


def duty_intervals(calendar: WeekCalendar, zone: str, first_us: int, last_us: int) -> Ints:
    """Return the disjoint intervals of a calendar that overlap a span, in order, shape (n, 2).

    Hours that meet are one interval. Where clocks are set back or forward, hours are those of the wall clock.
    """
    where = zone_of(zone)
    first, last = local_day(first_us, where) - dt.timedelta(days=1), local_day(last_us, where)
    midnights = _midnights(zone, first, last)
    own = {day: calendar.opened.get(day, ()) for day in {*calendar.closed, *calendar.opened} if first <= day <= last}
    special = np.array([(day - first).days for day in own], dtype=np.int64)
    weekday = (np.arange(len(midnights) - 1) + first.weekday()) % 7
    weekday[special] = -1
    each = [(np.flatnonzero(weekday == day), hours) for day, hours in enumerate(calendar.week)]
    each += [(special[[k]], hours) for k, hours in enumerate(own.values())]
    parts = [_instants(midnights, days, span, first, where) for days, hours in each for span in hours]
    found = merged(np.concatenate([np.zeros((0, 2), dtype=np.int64), *parts]))
    return found[(found[:, 1] > first_us) & (found[:, 0] < last_us)]


@lru_cache(maxsize=16)
def _midnights(zone: str, first: dt.date, last: dt.date) -> Ints:
    """Return the midnights that begin each day of a span, and the one that ends it."""
    where = zone_of(zone)
    days = range((last - first).days + 2)
    return np.array([_wall(first + dt.timedelta(days=day), 0, where) for day in days], dtype=np.int64)


def _instants(midnights: Ints, days: Ints, span: tuple[int, int], first: dt.date, zone: dt.tzinfo) -> Ints:
    """Return the intervals from one time of day to another, on some days by number, shape (n, 2)."""
    found = midnights[days][:, None] + np.array(span, dtype=np.int64) * MINUTE_US
    odd = np.flatnonzero(np.diff(midnights)[days] != DAY_MINUTES * MINUTE_US)  # clocks change on these days
    for row in odd.tolist():
        day = first + dt.timedelta(days=int(days[row]))
        found[row] = [_wall(day, minutes, zone) for minutes in span]
    return found


def merged(intervals: Ints) -> Ints:
    """Return the union of intervals, shape (n, 2), as disjoint intervals in order; those that meet are one."""
    ordered = intervals[np.argsort(intervals[:, 0], kind="stable")]
    reached = np.maximum.accumulate(ordered[:, 1])
    opens = np.ones(len(ordered), dtype=bool)
    opens[1:] = ordered[1:, 0] > reached[:-1]
    closes = np.append(opens[1:], True)[: len(ordered)]
    return np.stack([ordered[opens, 0], reached[closes]], axis=1)


def zone_of(name: str) -> dt.tzinfo:
    """Return a time zone by its IANA name, or by an offset such as ``+01:00``."""
    offset = re.fullmatch(r"([+-])(\d\d):?(\d\d)", name)
    if offset:
        sign, hours, minutes = offset.groups()
        span = dt.timedelta(hours=int(hours), minutes=int(minutes))
        return dt.timezone(-span if sign == "-" else span)
    return dt.UTC if name == "UTC" else ZoneInfo(name)


def local_day(instant_us: int, zone: dt.tzinfo) -> dt.date:
    """Return the date of an instant in a zone."""
    return (_EPOCH + dt.timedelta(microseconds=int(instant_us))).astimezone(zone).date()


def _wall(day: dt.date, minutes: int, zone: dt.tzinfo) -> int:
    """Return the instant at which the clock on the wall shows so many minutes after midnight, in microseconds."""
    wall = dt.datetime(day.year, day.month, day.day) + dt.timedelta(minutes=minutes)
    return (wall.replace(tzinfo=zone) - _EPOCH) // dt.timedelta(microseconds=1)


def read_calendars(path: str | Path, people: Iterable[str], *, zone: str = "UTC") -> WorkCalendars:
    """Return the calendars that a JSON file gives to people of a log.

    Parameters
    ----------
    path
        Either a file of the business process simulator Prosimos (``resource_profiles`` and ``resource_calendars``),
        where ``Clerk_3`` is one of the ``amount`` people of the profile ``Clerk``; or a mapping from a person to the
        hours of Monday to Friday, ``{"Anya": [["10:00", "12:00"], ["12:30", "20:00"]]}``.
    people
        The people of the log. One whom the file does not name is left out.
    zone
        The time zone of the file's hours.

    Raises
    ------
    LogError
        The file is neither, or names nobody of the log.
    """
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
        named = _prosimos(data) if "resource_profiles" in data else _plain(data)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(path, Text(en=str(error), zh=str(error))) from error
    of = {}
    for person in people:
        calendar = named.get(person) or named.get(_NUMBERED.sub("", person))
        if calendar is not None:
            of[person] = calendar
    if not of:
        names = sorted(named)[:5]
        raise _unreadable(
            path,
            Text(
                en=f"it names {', '.join(names)}, and none of them is in the log",
                zh=f"其中的 {'、'.join(names)} 均不在日志中",
            ),
        )
    return WorkCalendars(of, zone)


def _unreadable(path: str | Path, reason: Text) -> LogError:
    return LogError(
        Text(
            en=f"{path} gives no calendars: {reason.get('en')}; "
            'write {"person": [["09:00", "17:00"]], …}, or a Prosimos file with resource_profiles',
            zh=f"{path} 中没有可用的工作日历（{reason.get('zh')}）；"
            '请写成 {"人员": [["09:00", "17:00"]], …}，或使用含 resource_profiles 的 Prosimos 文件',
        )
    )


def _prosimos(data: Mapping[str, Any]) -> dict[str, WeekCalendar]:
    calendars = {each["id"]: _week(each["time_periods"]) for each in data["resource_calendars"]}
    return {
        name: calendars[person["calendar"]]
        for profile in data["resource_profiles"]
        for person in profile["resource_list"]
        for name in (person["name"], person["id"])
    }


def _week(periods: Iterable[Mapping[str, str]]) -> WeekCalendar:
    week: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for period in periods:
        first, last = (_DAYS.index(period[key].lower()) for key in ("from", "to"))
        hours = (_minutes(period["beginTime"]), _minutes(period["endTime"]))
        for step in range((last - first) % 7 + 1):
            week[(first + step) % 7].append(hours)
    return WeekCalendar(tuple(tuple(sorted(hours)) for hours in week))


def _plain(data: Mapping[str, Any]) -> dict[str, WeekCalendar]:
    return {
        name: WeekCalendar.weekly(tuple((_minutes(a), _minutes(b)) for a, b in hours), days=range(5))
        for name, hours in data.items()
        if isinstance(hours, list)
    }


def _minutes(clock: str) -> int:
    """Return minutes after midnight; 23:59 is how such files write the end of a day."""
    hour, minute, *_ = clock.split(":")
    total = int(hour) * 60 + int(minute)
    if not 0 <= total <= DAY_MINUTES:
        raise ValueError(f"{clock!r} is no time of day")
    return DAY_MINUTES if total == DAY_MINUTES - 1 else total
