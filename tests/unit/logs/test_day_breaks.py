"""Days of work that end when it is quiet, and are turned back into days that end at midnight."""

import datetime as dt

import numpy as np
import pytest

from procflow.logs.day_breaks import day_break, turned
from procflow.logs.work_calendars import WeekCalendar


def _work(*hours: tuple[int, int]) -> np.ndarray:
    """Return a minute of work every five minutes of some hours of the day, which may go on after midnight."""
    return np.concatenate([np.arange(start * 60, end * 60, 5) for start, end in hours]) % 1440


@pytest.mark.parametrize(
    ("hours", "begin"),
    [(((9, 17),), 0), (((0, 24),), 0), (((17, 25),), 540), (((22, 30),), -600), (((8, 12), (13, 23)), 0)],
    ids=["day", "always", "evening", "night", "late"],
)
def test_a_day_begins_at_midnight_unless_people_work_through_it(hours: tuple[tuple[int, int], ...], begin: int):
    assert day_break(_work(*hours)) == begin


def test_a_night_shift_of_one_day_is_turned_into_two_days():
    """From Monday to Friday 22:00 to 06:00; days begin at 14:00, so that Monday's shift is minutes 480 to 960."""
    shift = WeekCalendar.weekly(((480, 960),), days=range(5))
    evening, morning = (1320, 1440), (0, 360)
    found = turned(shift, 14 * 60)
    assert found.week == ((evening,), *(((morning), (evening)),) * 4, (morning,), ())


def test_a_closed_night_closes_an_evening_and_the_morning_after():
    wednesday = dt.date(2025, 3, 5)
    found = turned(WeekCalendar.weekly(((480, 960),), days=range(7)), 14 * 60)
    closed = turned(WeekCalendar(((((480, 960)),),) * 7, frozenset([wednesday])), 14 * 60)
    assert found.hours_on(wednesday) == ((0, 360), (1320, 1440))
    assert closed.hours_on(wednesday) == ((0, 360),)
    assert closed.hours_on(wednesday + dt.timedelta(days=1)) == ((1320, 1440),)
    assert closed.hours_on(wednesday + dt.timedelta(days=2)) == found.hours_on(wednesday)


def test_a_day_worked_out_of_turn_is_turned_too():
    saturday = dt.date(2025, 3, 8)
    calendar = WeekCalendar(WeekCalendar.weekly(((60, 540),), days=range(5)).week, opened={saturday: ((60, 300),)})
    found = turned(calendar, -120)
    assert found.week[0] == ((0, 420), (1380, 1440))
    assert found.week[6] == ((1380, 1440),)
    assert found.hours_on(saturday) == ((0, 180),)


def test_hours_that_meet_at_midnight_are_one():
    assert turned(WeekCalendar.weekly(((0, 1440),), days=range(7)), 60).week == (((0, 1440),),) * 7
