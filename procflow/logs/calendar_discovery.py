"""Work calendars found in a log: weekly hours, lunch breaks, holidays, days off and days worked out of turn.

What people did at an instant shows that they were on duty; that nothing was done shows only as much as there was to
do. So a time without work is off duty only where its emptiness is significant: where, at the rate at which the group
works, it would occur by chance with a probability below one in a thousand (Poisson).
"""

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from procflow.logs.day_breaks import day_break, turned
from procflow.logs.sorting import by_person
from procflow.logs.work_calendars import DAY_MINUTES, MINUTE_US, Hours, WeekCalendar, WorkCalendars, zone_of

Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

SLOT_MINUTES = 5
SLOTS = DAY_MINUTES // SLOT_MINUTES
HOUR_SLOTS = 60 // SLOT_MINUTES
SIGNIFICANT = 7.0
"""Expected instants at which none is significant: exp(−7) < 0.001."""
RARE = 0.1
"""Slots used on fewer days than this share of what is usual in the group are overtime, not duty."""
BREAK_SLOTS = 30 // SLOT_MINUTES
"""Shorter stretches without work are no breaks: work of like length that begins together leaves such gaps."""
MOST_BREAKS = 2
_FEWEST_DATES = 3
_DAY_US = DAY_MINUTES * MINUTE_US
_THURSDAY = 3  # 1970-01-01


@dataclass(frozen=True)
class _Marks:
    """Instants of work in local time: who (a number), which day since 1970, which slot of the day."""

    person: Ints
    day: Ints
    slot: Ints

    def of(self, chosen: Flags | slice) -> "_Marks":
        return _Marks(self.person[chosen], self.day[chosen], self.slot[chosen])

    def by_person(self) -> Iterator[tuple[int, "_Marks"]]:
        """Yield each person with what is theirs; the marks are in the order of people."""
        edges = np.flatnonzero(np.diff(self.person, prepend=-1, append=-1))
        for begin, end in itertools.pairwise(edges):
            yield int(self.person[begin]), self.of(slice(begin, end))

    @cached_property
    def weekday(self) -> Ints:
        return weekday_of(self.day)

    @cached_property
    def dates(self) -> Ints:
        """On how many dates of each day of the week there are marks."""
        first = int(self.day.min())
        return np.bincount(weekday_of(first + np.flatnonzero(np.bincount(self.day - first))), minlength=7)

    @cached_property
    def per_hour(self) -> Ints:
        """How many marks are in each hour of the week."""
        hours = SLOTS // HOUR_SLOTS
        return np.bincount(self.weekday * hours + self.slot // HOUR_SLOTS, minlength=7 * hours)

    def per_day(self, first: int, days: int) -> Ints:
        """Return how many marks are on each of so many days from a first one on."""
        return np.bincount(self.day - first, minlength=days)


def weekday_of(day: Ints) -> Ints:
    """Return the days of the week, Monday being 0, of days since 1970."""
    found: Ints = (day + _THURSDAY) % 7
    return found


def discover_calendars(
    people: Sequence[str], groups: Mapping[str, int], person: Ints, instant_us: Ints, *, zone: str = "UTC"
) -> WorkCalendars:
    """Return the calendar of each person, found from the instants at which people began or finished something.

    Hours are those of the person's group, less what the person significantly never works; days are closed for a
    group, or for one person, where the emptiness of the day is significant at the rate of the other days.

    Parameters
    ----------
    people, groups
        The people by number, and the number of each one's group.
    person, instant_us
        Who did something when, in microseconds since 1970 UTC.
    zone
        The time zone in which hours are looked for.

    Edges of hours are snapped outward to the next half hour unless that is significantly empty: a small office's
    hours may be found up to half an hour too long. Hours that move with the season come out as their union. Days are
    counted from the quietest time where people work through midnight.
    """
    marks, begin = _marks(*_distinct(person, instant_us), zone)
    group_of = np.array([groups[name] for name in people], dtype=np.int64)
    of: dict[str, WeekCalendar] = {}
    office = _group(marks)
    usual = turned(office.calendar(), begin)
    for group in np.unique(group_of):
        own = marks.of(group_of[marks.person] == group)
        common = _group(own).within(office, frozenset(_date(day) for day in np.unique(own.day)))
        first = int(own.day.min())
        per_day = own.per_day(first, int(own.day.max()) - first + 1)
        marks_of = dict(own.by_person())
        members = np.flatnonzero(group_of == group).tolist()
        for member in members:
            theirs = marks_of.get(member, own.of(slice(0)))
            week = common.week & ~_never_worked(own, theirs, len(members))
            away = _absences(theirs, first, per_day, len(members))
            own_hours = replace(common, week=week, closed=common.closed | away)
            of[people[member]] = turned(own_hours.calendar(), begin)
    return WorkCalendars(of, zone, frozenset(people), usual)


def _distinct(person: Ints, instant_us: Ints) -> tuple[Ints, Ints]:
    """Return the instants of each person once, in order: the end of one work is often the start of the next."""
    order = by_person(person, instant_us)
    person, instant_us = person[order], instant_us[order]
    new = (np.diff(person, prepend=-1) != 0) | (np.diff(instant_us, prepend=instant_us[:1] - 1) != 0)
    return person[new], instant_us[new]


def _marks(person: Ints, instant_us: Ints, zone: str) -> tuple[_Marks, int]:
    """Return marks by day and slot, and the minute of the zone's day at which such a day begins."""
    local = instant_us + offsets_us(instant_us, zone)
    begin = day_break(local % _DAY_US // MINUTE_US)
    local = local - begin * MINUTE_US
    return _Marks(person, local // _DAY_US, local % _DAY_US // (SLOT_MINUTES * MINUTE_US)), begin


def offsets_us(instant_us: Ints, zone: str) -> Ints:
    """Return the offsets from UTC in microseconds, looked up once an hour."""
    where = zone_of(zone)
    hours, back = np.unique(instant_us // (60 * MINUTE_US), return_inverse=True)
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    if isinstance(where, dt.timezone):
        shift = where.utcoffset(None)
        return np.full(len(instant_us), shift // dt.timedelta(microseconds=1), dtype=np.int64)
    shifts = [(epoch + dt.timedelta(hours=int(h))).astimezone(where).utcoffset() or dt.timedelta() for h in hours]
    return np.array([s // dt.timedelta(microseconds=1) for s in shifts], dtype=np.int64)[back]


Week = np.ndarray[Any, np.dtype[np.bool_]]
"""Shape (7, SLOTS): on duty or not."""


@dataclass(frozen=True)
class _Hours:
    """The weekly hours of a group, the hours of a day worked out of turn, those days, and the days closed."""

    week: Week
    out_of_turn: Hours
    opened: frozenset[dt.date]
    closed: frozenset[dt.date]

    def calendar(self) -> WeekCalendar:
        week = tuple(_hours(day) for day in self.week)
        return WeekCalendar(week, self.closed, dict.fromkeys(sorted(self.opened), self.out_of_turn))

    def within(self, office: "_Hours", worked: frozenset[dt.date]) -> "_Hours":
        """Return the hours of a group of an office, which closes with it, and opens with it on days that it worked.

        A small group's own emptiness of a day, or a little work on another, tells too little.
        """
        off_pattern = {day for day in office.opened & worked if not self.week[day.weekday()].any()}
        return replace(self, opened=self.opened | off_pattern, closed=self.closed | (office.closed - worked))


def _group(marks: _Marks) -> _Hours:
    """Return the hours of those who left some marks."""
    span = np.arange(marks.day.min(), marks.day.max() + 1)
    per_day = np.bincount(marks.day - span[0], minlength=len(span))
    weekday = weekday_of(span)
    usual = _usual_days(per_day, weekday)
    regular = usual[weekday] & (per_day > 0)
    week = _week_hours(marks.of(regular[marks.day - span[0]]), usual)
    mean = np.array([per_day[(weekday == d) & (per_day > 0)].mean() if usual[d] else 0.0 for d in range(7)])
    closed = frozenset(_date(day) for day in span[(per_day == 0) & (mean[weekday] >= SIGNIFICANT)])
    # a day off the week's pattern on which as much was done as on a usual one is worked out of turn
    busy = ~usual[weekday] & (per_day >= max(SIGNIFICANT, mean[usual].mean() / 2 if usual.any() else SIGNIFICANT))
    union = week[usual].any(axis=0) if usual.any() else np.zeros(SLOTS, dtype=bool)
    return _Hours(week, _hours(union), frozenset(_date(day) for day in span[busy]), closed)


def _usual_days(per_day: Ints, weekday: Ints) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which days of the week are worked as a rule."""
    totals, worked, dates = (
        np.bincount(weekday, weights=w, minlength=7) for w in (per_day, per_day > 0, np.ones(len(per_day)))
    )
    share = worked / np.maximum(dates, 1)
    found: np.ndarray[Any, np.dtype[np.bool_]] = (totals > RARE * totals.max()) & (share > share.max() / 4)
    return found


def _week_hours(marks: _Marks, usual: np.ndarray[Any, np.dtype[np.bool_]]) -> Week:
    """Return the hours of the week: those of all usual days together, less and more what one day significantly has."""
    days = _days_with(marks)
    common = _solid(days[usual].sum(axis=0))
    per_slot = days[usual].sum(axis=0) / max(int(usual.sum()), 1)
    week = np.zeros((7, SLOTS), dtype=bool)
    for day in np.flatnonzero(usual):
        hours = _runs(common)
        week[day] = common
        for first, last in hours:
            _close_empty_hours(week[day], days[day], per_slot, first, last)
        as_a_rule = max(_FEWEST_DATES, np.median(days[day][common]) / 4)
        week[day] |= _solid(np.where(~common & (days[day] >= as_a_rule), days[day], 0))
    return week


def _days_with(marks: _Marks) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return on how many dates of each day of the week each slot has work, shape (7, SLOTS)."""
    first = int(marks.day.min(initial=0))
    day, slot = np.divmod(np.flatnonzero(np.bincount((marks.day - first) * SLOTS + marks.slot)), SLOTS)
    day += first
    return np.bincount(weekday_of(day) * SLOTS + slot, minlength=7 * SLOTS).reshape(7, SLOTS).astype(np.float64)


def _solid(counts: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return the slots on duty by counts of dates: rare ones dropped, gaps filled that are no significant breaks."""
    used = counts[counts > 0]
    if not len(used):
        return np.zeros(SLOTS, dtype=bool)
    on: np.ndarray[Any, np.dtype[np.bool_]] = counts > RARE * np.median(used)
    places = np.flatnonzero(on)
    rate = counts[places[0] : places[-1] + 1].mean()
    gaps = [(a, b) for a, b in _runs(~on) if a > 0 and b < SLOTS]
    breaks = [(a, b) for a, b in gaps if b - a >= BREAK_SLOTS and (b - a) * rate >= SIGNIFICANT]
    for first, last in gaps:
        # more breaks than people take come of work of like length that begins together
        if (first, last) not in breaks or len(breaks) > MOST_BREAKS:
            on[first:last] = True
    for first, last in _runs(on):
        before, after = -first % -BREAK_SLOTS, -last % BREAK_SLOTS
        if -before * rate < SIGNIFICANT:
            on[first + before : first] = True
        if after * rate < SIGNIFICANT:
            on[last : last + after] = True
    return on


def _close_empty_hours(
    day: Week, counts: np.ndarray[Any, Any], expected: np.ndarray[Any, Any], first: int, last: int
) -> None:
    """Close the empty stretches of one day's hours that are significant by what the other days have there."""
    for start, end in _runs(counts[first:last] == 0):
        if end - start >= BREAK_SLOTS and expected[first + start : first + end].sum() >= SIGNIFICANT:
            day[first + start : first + end] = False


def _never_worked(group: _Marks, own: _Marks, people: int) -> Week:
    """Return the hours of the week that a person significantly never works, though the group does on several dates."""
    often = np.repeat(group.dates >= _FEWEST_DATES, SLOTS // HOUR_SLOTS)
    missing = _emptied(group.per_hour, own.per_hour, people) & often
    return np.repeat(missing, HOUR_SLOTS).reshape(7, SLOTS)


def _absences(own: _Marks, first: int, per_day: Ints, people: int) -> frozenset[dt.date]:
    """Return the dates on which a person significantly does nothing, though the group works."""
    away = _emptied(per_day, own.per_day(first, len(per_day)), people)
    return frozenset(_date(first + day) for day in np.flatnonzero(away))


def _emptied(group: Ints, own: Ints, people: int) -> Flags:
    """Return which cells of a person are significantly empty, at the person's share of what the group has there.

    Every cell of everybody is a chance to be wrong, so that more is asked of each (Bonferroni).
    """
    expected = group * (own.sum() / max(group.sum(), 1))
    found: Flags = (own == 0) & (expected >= SIGNIFICANT + np.log(people * max((group > 0).sum(), 1)))
    return found


def _runs(on: np.ndarray[Any, np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """Return the stretches that are True, as first and behind the last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _hours(on: np.ndarray[Any, np.dtype[np.bool_]]) -> Hours:
    return tuple((first * SLOT_MINUTES, last * SLOT_MINUTES) for first, last in _runs(on))


def _date(day: int | np.integer[Any]) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days=int(day))
