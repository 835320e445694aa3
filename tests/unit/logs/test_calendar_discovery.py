"""Work calendars found in made-up logs, and read from files."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest

from procflow.errors import LogError
from procflow.logs.calendar_discovery import discover_calendars
from procflow.logs.work_calendars import WeekCalendar, duty_intervals, merged, read_calendars

MONDAY = dt.datetime(2025, 3, 3, tzinfo=dt.UTC)
MINUTE_US = 60_000_000
OFFICE = ((9 * 60, 12 * 60), (13 * 60, 17 * 60))


def _marks(
    hours: tuple[tuple[int, int], ...],
    *,
    days: int = 84,
    weekdays: range = range(5),
    without: tuple[int, ...] = (),
    every: int = 7,
    shift_hours: int = 0,
) -> np.ndarray:
    """Return an instant of work every so many minutes of some hours, in microseconds since 1970 UTC."""
    first = int(MONDAY.timestamp() * 1e6)
    minutes = np.concatenate([np.arange(start, end, every) for start, end in hours])
    dates = [day for day in range(days) if day % 7 in weekdays and day not in without]
    at = [(day * 1440 + minutes - shift_hours * 60) * MINUTE_US for day in dates]
    return first + np.concatenate(at)


def _found(instants: np.ndarray, zone: str = "UTC") -> WeekCalendar:
    return discover_calendars(["ann"], {"ann": 0}, np.zeros(len(instants), np.int64), instants, zone=zone).of["ann"]


def test_hours_with_a_lunch_break_are_found() -> None:
    assert _found(_marks(OFFICE)).week == (OFFICE,) * 5 + ((), ())


def test_gaps_between_works_of_like_length_are_no_breaks() -> None:
    """Work of an hour that begins at nine every day: seven gaps a day, and no breaks."""
    found = _found(_marks(((9 * 60, 17 * 60),), days=14, every=61))
    assert found.week[:5] == (((9 * 60, 16 * 60 + 30),),) * 5


def test_hours_are_those_of_the_log_s_zone_not_of_utc() -> None:
    instants = _marks(OFFICE, shift_hours=8)
    assert _found(instants, "Asia/Shanghai").week == (OFFICE,) * 5 + ((), ())
    assert _found(instants, "+08:00").week == (OFFICE,) * 5 + ((), ())
    assert _found(instants).week[0] != OFFICE


def test_a_day_on_which_nobody_of_a_busy_group_works_is_closed() -> None:
    found = _found(_marks(OFFICE, without=(9,)))
    assert found.closed == {dt.date(2025, 3, 12)}


def test_a_quiet_group_has_no_holidays_for_want_of_evidence() -> None:
    found = _found(_marks(((540, 600),), every=50, without=(9,)))
    assert not found.closed


def test_a_saturday_that_is_worked_as_a_whole_is_an_exception_to_the_week() -> None:
    extra = _marks(OFFICE, days=6, weekdays=range(5, 6))
    found = _found(np.concatenate([_marks(OFFICE), extra]))
    assert found.week[5] == ()
    assert dict(found.opened) == {dt.date(2025, 3, 8): OFFICE}


def test_one_evening_of_overtime_does_not_lengthen_the_day() -> None:
    night = _marks(((19 * 60, 22 * 60),), days=1)
    assert _found(np.concatenate([_marks(OFFICE), night])).week == (OFFICE,) * 5 + ((), ())


def test_a_person_away_for_a_week_is_off_duty_while_the_others_work() -> None:
    away = tuple(range(14, 21))
    instants = [_marks(OFFICE), _marks(OFFICE), _marks(OFFICE, without=away)]
    person = np.concatenate([np.full(len(own), k) for k, own in enumerate(instants)])
    groups = {"ann": 0, "bo": 0, "cy": 0}
    found = discover_calendars(["ann", "bo", "cy"], groups, person, np.concatenate(instants)).of
    assert not found["ann"].closed
    assert found["cy"].closed == {dt.date(2025, 3, 17) + dt.timedelta(days=k) for k in range(5)}


def test_a_person_who_works_mornings_only_has_own_hours() -> None:
    instants = [_marks(OFFICE), _marks(OFFICE), _marks(OFFICE[:1])]
    person = np.concatenate([np.full(len(own), k) for k, own in enumerate(instants)])
    found = discover_calendars(["ann", "bo", "cy"], {"ann": 0, "bo": 0, "cy": 0}, person, np.concatenate(instants)).of
    assert found["ann"].week[0] == OFFICE
    assert found["cy"].week[0] == OFFICE[:1]


def test_duty_is_on_the_wall_clock_when_clocks_change() -> None:
    """2025-03-30 is 23 hours long in Berlin: 09:00 is 08:00 UTC before it and 07:00 UTC after."""
    calendar = WeekCalendar.weekly(((540, 600),), days=range(7))
    first = int(dt.datetime(2025, 3, 29, tzinfo=dt.UTC).timestamp() * 1e6)
    found = duty_intervals(calendar, "Europe/Berlin", first, first + 3 * 1440 * MINUTE_US)
    hours = [dt.datetime.fromtimestamp(start / 1e6, dt.UTC).hour for start, _ in found]
    assert hours == [8, 7, 7]


def test_intervals_that_meet_or_overlap_are_one() -> None:
    pieces = np.array([[5, 7], [0, 2], [2, 3], [6, 6], [9, 12], [10, 11]])
    assert merged(pieces).tolist() == [[0, 3], [5, 7], [9, 12]]
    assert merged(np.zeros((0, 2), np.int64)).tolist() == []


def test_people_of_a_profile_share_its_calendar(tmp_path: Path) -> None:
    period = {"from": "MONDAY", "to": "FRIDAY", "beginTime": "09:00:00.000", "endTime": "17:00:00.000"}
    always = {"from": "MONDAY", "to": "SUNDAY", "beginTime": "00:00:00.000", "endTime": "23:59:00.000"}
    profiles = [
        {"resource_list": [{"id": "c_1", "name": "Clerk", "amount": "2", "calendar": "office"}]},
        {"resource_list": [{"id": "a_1", "name": "Applicant", "amount": "9", "calendar": "always"}]},
    ]
    calendars = [{"id": "office", "time_periods": [period]}, {"id": "always", "time_periods": [always]}]
    file = tmp_path / "simulation.json"
    file.write_text(json.dumps({"resource_profiles": profiles, "resource_calendars": calendars}))
    found = read_calendars(file, ["Clerk_0", "Clerk_1", "Applicant_3", "Stranger"])
    assert set(found.of) == {"Clerk_0", "Clerk_1", "Applicant_3"}
    assert found.of["Clerk_1"].week == (((540, 1020),),) * 5 + ((), ())
    assert found.of["Applicant_3"].week == (((0, 1440),),) * 7


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "gives no calendars"),
        ('{"Bo": [["09:00", "17:00"]]}', "none of them is in the log"),
        ('{"Ann": [["9 o\'clock", "17:00"]]}', "gives no calendars"),
        ('{"Ann": [["09:00", "25:00"]]}', "'25:00' is no time of day"),
        ('{"resource_profiles": []}', "resource_calendars"),
    ],
)
def test_a_file_without_calendars_is_refused(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "calendars.json"
    file.write_text(content)
    with pytest.raises(LogError, match=words):
        read_calendars(file, ["Ann"])
