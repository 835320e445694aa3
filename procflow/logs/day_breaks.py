"""Where one day of work ends and the next begins: at midnight, unless people work through it.

A night shift, or a log whose times were written in a distant zone, has its quiet hours elsewhere. Days are then counted
from the quietest time, and turned back into the days of the log's zone.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np

from procflow.logs.work_calendars import DAY_MINUTES, Hours, WeekCalendar

Ints = np.ndarray[Any, np.dtype[np.int64]]

QUIET = 0.02
"""A day may end where less than this share of the work is done within an hour around."""
_HOUR = 60
_NEAR = _HOUR
_AROUND = (-1, 0, 1)


def day_break(minute_of_day: Ints) -> int:
    """Return at what minute a day begins, from −719 to 720 and 0 for midnight, by the minutes at which work is done.

    That is midnight where it is quiet then, or where no hour is much quieter; else the hour farthest from the work.
    """
    count = np.bincount(minute_of_day, minlength=DAY_MINUTES)
    apart = np.abs(np.arange(DAY_MINUTES)[None, :] - np.arange(0, DAY_MINUTES, _HOUR)[:, None])
    apart = np.minimum(apart, DAY_MINUTES - apart)
    near = (apart < _NEAR) @ count
    if near[0] <= QUIET * count.sum():
        return 0
    farthest = int(np.argmin((DAY_MINUTES // 2 - apart) @ count))
    if near[farthest] > QUIET * count.sum():
        return 0
    return farthest * _HOUR if farthest * _HOUR <= DAY_MINUTES // 2 else farthest * _HOUR - DAY_MINUTES


def turned(calendar: WeekCalendar, begin: int) -> WeekCalendar:
    """Return a calendar whose days begin at a minute as one whose days begin at midnight."""
    if not begin:
        return calendar
    week = tuple(_of_day([(s, calendar.week[(day + s) % 7]) for s in _AROUND], begin) for day in range(7))
    special = {day + dt.timedelta(days=s) for day in (*calendar.closed, *calendar.opened) for s in _AROUND}
    own = {
        day: _of_day([(s, calendar.hours_on(day + dt.timedelta(days=s))) for s in _AROUND], begin)
        for day in sorted(special)
    }
    differ = {day: hours for day, hours in own.items() if hours != week[day.weekday()]}
    closed = frozenset(day for day, hours in differ.items() if not hours)
    return WeekCalendar(week, closed, {day: hours for day, hours in differ.items() if hours})


def _of_day(hours: Iterable[tuple[int, Hours]], begin: int) -> Hours:
    """Return what falls on a day of the hours of days so many after it, all of which begin at a minute."""
    pieces = sorted(
        (max(0, start + begin + days * DAY_MINUTES), min(DAY_MINUTES, end + begin + days * DAY_MINUTES))
        for days, spans in hours
        for start, end in spans
    )
    found: list[tuple[int, int]] = []
    for start, end in pieces:
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)
