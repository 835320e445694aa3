"""Hours of people and of arrivals found in a log, and the public holidays among the days without work."""

import datetime as dt

import pytest

from benchmarks.recovery import split_of
from procflow.errors import LogError
from procflow.logs import event_log
from procflow.logs.office_hours import country_of, holidays_in, office_hours
from procflow.logs.work_calendars import WeekCalendar
from tests.unit.logs.small import log

OFFICE = ((540, 720), (780, 1020))
DAYS = [f"2025-{day}" for day in ("04-04", "05-01", "05-02", "05-05", "06-02", "10-01", "10-02", "10-03")]


def test_people_with_like_hours_are_together_and_arrivals_have_their_own():
    whole, _ = split_of("usual")
    found = office_hours(whole)
    assert found.office.week == (OFFICE,) * 5 + ((), ())
    assert found.arriving is not None
    assert found.arriving.week == found.office.week
    assert [len(names) for names, _ in found.people] == [5, 1, 1]
    assert found.people[0][1].week == found.office.week
    assert found.people[1][0] == ("bureau.board/1",)
    assert (found.first, found.last.year) == (dt.date(2025, 2, 10), 2025)


def test_china_s_holidays_and_make_up_days_are_recognized():
    whole, _ = split_of("usual")
    found = office_hours(whole)
    holidays = holidays_in(found.office, "CN", found.first, found.last)
    assert [day.isoformat() for day in holidays.kept][:8] == DAYS
    assert (len(holidays.kept), holidays.worked, holidays.other_closed, holidays.other_opened) == (11, (), (), ())
    assert [day.isoformat() for day in holidays.make_up] == ["2025-04-27", "2025-09-28", "2025-10-11"]


def test_holidays_that_were_worked_and_days_closed_for_another_reason_are_told_apart():
    closed = frozenset([dt.date(2025, 5, 1), dt.date(2025, 5, 7)])
    calendar = WeekCalendar.weekly(OFFICE, days=range(5))
    calendar = WeekCalendar(calendar.week, closed, {dt.date(2025, 5, 10): OFFICE})
    found = holidays_in(calendar, "CN", dt.date(2025, 4, 28), dt.date(2025, 5, 31))
    assert found.kept == (dt.date(2025, 5, 1),)
    assert found.worked == (dt.date(2025, 5, 2), dt.date(2025, 5, 5))
    assert found.other_closed == (dt.date(2025, 5, 7),)
    assert found.other_opened == (dt.date(2025, 5, 10),)


def test_completions_are_enough_for_hours():
    whole, _ = split_of("usual")
    ends = event_log(whole.events.select("case", "activity", "end", "resource"), zone=whole.zone)
    assert office_hours(ends).office.week == (OFFICE,) * 5 + ((), ())


def test_the_country_of_a_zone_is_that_of_the_tz_database():
    assert [country_of(zone) for zone in ("Asia/Shanghai", "America/New_York", "UTC", "-03:30")] == [
        "CN",
        "US",
        None,
        None,
    ]


def test_a_country_without_holidays_is_refused():
    calendar = WeekCalendar.weekly(OFFICE, days=range(5))
    with pytest.raises(LogError, match="no holidays are known for country 'XX'"):
        holidays_in(calendar, "XX", dt.date(2025, 1, 1), dt.date(2025, 2, 1))


def test_a_log_without_people_has_no_hours():
    with pytest.raises(LogError, match="names no people"):
        office_hours(log(("1", "accept", "3 09:00", "3 10:00"), resource=[None]))
