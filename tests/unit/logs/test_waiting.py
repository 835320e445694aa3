"""The waiting split on small logs worked by hand, and the edge cases on which others stumble."""

import datetime as dt

import polars as pl
import pytest

from benchmarks.recovery import split_of
from procflow.errors import LogError
from procflow.logs import EventLog, event_log
from procflow.logs.waiting import CAUSES, WaitingSplit, waiting_split
from procflow.logs.work_calendars import WeekCalendar, WorkCalendars
from tests.unit.logs.small import log

HOUR = 3_600_000_000
OFFICE = WeekCalendar.weekly(((9 * 60, 12 * 60), (13 * 60, 17 * 60)), days=range(5))
PEOPLE = WorkCalendars(dict.fromkeys(("ann", "bo", "cy"), OFFICE))

Row = tuple[str, str, str, str, str | None]


def _log(*rows: Row, **columns: list[object]) -> EventLog:
    return log(*(row[:4] for row in rows), resource=[row[4] for row in rows], **columns)


def _hours(split: WaitingSplit, case: str, activity: str) -> dict[str, float]:
    """Return the hours of each cause that is not zero."""
    row = split.events.filter(pl.col("case") == case, pl.col("activity") == activity).row(0, named=True)
    assert sum(row[f"{cause}_us"] for cause in CAUSES) == row["wait_us"]
    return {cause: row[f"{cause}_us"] / HOUR for cause in CAUSES if row[f"{cause}_us"]}


def test_a_wait_is_off_duty_then_contention_then_extraneous_by_who_could_have_done_it() -> None:
    """Monday: b of case 1 is ready at 11. Ann works from 11 to 12, lunch to 13, works to 15, is free to 16."""
    rows = [("1", "a", "3 10:00", "3 11:00", "bo"), ("1", "b", "3 16:00", "3 16:30", "ann")]
    rows += [("2", "b", "3 11:00", "3 12:00", "ann"), ("3", "b", "3 13:00", "3 15:00", "ann")]
    split = waiting_split(_log(*rows), PEOPLE)
    assert _hours(split, "1", "b") == {"contention": 3, "off_duty": 1, "extraneous": 1}


def test_a_free_colleague_of_the_same_role_makes_a_wait_extraneous() -> None:
    """Ann and Bo both do b. While Ann works, Bo is free: nobody had to wait for Ann."""
    rows = [("1", "a", "3 09:00", "3 10:00", "cy"), ("1", "b", "3 11:00", "3 11:30", "ann")]
    rows += [("2", "b", "3 10:00", "3 11:00", "ann"), ("3", "b", "3 09:00", "3 09:30", "bo")]
    assert _hours(waiting_split(_log(*rows), PEOPLE), "1", "b") == {"extraneous": 1}
    assert _hours(waiting_split(_log(*rows), PEOPLE, pool="person"), "1", "b") == {"contention": 1}


def test_work_that_became_ready_later_and_goes_first_is_priority_for_the_person() -> None:
    rows = [("1", "a", "3 09:00", "3 09:30", "bo"), ("1", "b", "3 11:30", "3 12:00", "ann")]
    rows += [("2", "a", "3 09:30", "3 10:00", "bo"), ("2", "b", "3 10:00", "3 11:30", "ann")]
    rows += [("3", "b", "3 09:00", "3 10:00", "ann")]
    split = waiting_split(_log(*rows), PEOPLE, pool="person")
    assert _hours(split, "1", "b") == {"contention": 0.5, "priority": 1.5}


def test_who_goes_first_in_a_case_is_not_known_to_have_overtaken() -> None:
    """Case 2 begins with b: how long it waited is not in the log, perhaps for longer than case 1."""
    rows = [("1", "a", "3 09:00", "3 09:30", "bo"), ("1", "b", "3 11:30", "3 12:00", "ann")]
    rows += [("2", "b", "3 09:45", "3 11:30", "ann"), ("3", "b", "3 09:00", "3 09:45", "ann")]
    assert _hours(waiting_split(_log(*rows), PEOPLE, pool="person"), "1", "b") == {"contention": 2}


def test_a_weekend_between_is_off_duty() -> None:
    """Friday 16:00 to Monday 10:00: an hour each of free time, and the rest nobody is there."""
    rows = [("1", "a", "7 15:00", "7 16:00", "bo"), ("1", "b", "10 10:00", "10 10:30", "ann")]
    assert _hours(waiting_split(_log(*rows), PEOPLE), "1", "b") == {"extraneous": 2, "off_duty": 64}


def test_a_person_whom_the_calendars_do_not_name_does_not_turn_all_into_off_duty() -> None:
    rows = [
        (str(k), "a", f"{3 + k // 7} {9 + k % 7:02}:00", f"{3 + k // 7} {9 + k % 7:02}:30", "bo") for k in range(14)
    ]
    rows += [
        (str(k), "b", f"{3 + k // 7} {9 + k % 7:02}:45", f"{3 + k // 7} {9 + k % 7:02}:50", "dan") for k in range(14)
    ]
    split = waiting_split(_log(*rows), PEOPLE)
    assert "dan" in split.notes[0].get("en")
    assert "dan" in split.notes[0].get("zh")
    assert split.calendars.found == {"dan"}
    assert split.total()["off_duty"] < 0.1 * split.total()["wait"]


def test_the_wait_before_the_first_activity_is_nothing_that_a_log_shows() -> None:
    split = waiting_split(_log(("1", "a", "3 10:00", "3 11:00", "bo"), ("1", "b", "3 11:00", "3 12:00", "ann")), PEOPLE)
    assert split.events["wait_us"].to_list() == [0, 0]
    assert split.events["from_activity"].to_list() == [None, "a"]


def test_a_log_that_says_when_a_case_was_ready_shows_the_first_wait_too() -> None:
    ready = [dt.datetime(2025, 3, 3, 9, tzinfo=dt.UTC)]
    split = waiting_split(_log(("1", "a", "3 10:00", "3 11:00", "bo"), enabled=ready), PEOPLE)
    assert _hours(split, "1", "a") == {"extraneous": 1}


def test_the_same_row_twice_does_not_count_a_person_twice() -> None:
    rows = [("1", "a", "3 09:00", "3 10:00", "bo"), ("1", "b", "3 11:00", "3 11:30", "ann")]
    rows += [("2", "b", "3 10:00", "3 11:00", "ann")]
    once = waiting_split(_log(*rows), PEOPLE)
    twice = waiting_split(_log(*rows, rows[-1]), PEOPLE)
    assert _hours(once, "1", "b") == _hours(twice, "1", "b") == {"contention": 1}


def test_what_no_person_of_the_office_does_is_suspended_with_its_wait() -> None:
    rows = [("1", "a", "3 09:00", "3 10:00", "bo"), ("1", "correct", "3 12:00", "4 12:00", None)]
    rows += [("1", "b", "4 14:00", "4 15:00", "ann")]
    split = waiting_split(_log(*rows), PEOPLE)
    assert _hours(split, "1", "correct") == {"suspended": 26}
    assert _hours(split, "1", "b") == {"off_duty": 1, "extraneous": 1}


def test_an_unnamed_colleague_s_wait_is_seen_against_the_pool() -> None:
    """The person of one b is not recorded; Ann, who does b, was busy."""
    rows = [("1", "a", "3 09:00", "3 10:00", "bo"), ("1", "b", "3 11:00", "3 11:30", None)]
    rows += [("2", "b", "3 10:00", "3 11:00", "ann")]
    split = waiting_split(_log(*rows), PEOPLE)
    assert _hours(split, "1", "b") == {"contention": 1}
    alone = waiting_split(_log(*rows), PEOPLE, pool="person")
    assert _hours(alone, "1", "b") == {"extraneous": 1}


def test_a_delay_on_the_way_to_another_department_is_a_transfer() -> None:
    rows, departments = [], []
    for k in range(8):
        day = 3 + k + 2 * (k // 5)
        rows += [
            (str(k), "a", f"{day} 09:00", f"{day} 10:00", "bo"),
            (str(k), "b", f"{day} 11:30", f"{day} 11:40", "ann"),
        ]
        departments += ["hall", "bureau"]
    moved = waiting_split(_log(*rows, department=departments), PEOPLE)
    stayed = waiting_split(_log(*rows, department=["hall"] * 16), PEOPLE)
    assert {cause: hours for cause, hours in moved.total().items() if hours} == {"wait": 12, "transfer": 12}
    assert {cause: hours for cause, hours in stayed.total().items() if hours} == {"wait": 12, "extraneous": 12}


def test_a_week_of_holidays_is_off_duty_not_extraneous() -> None:
    """National Day 2025, 1 to 8 October, in a log of a simulated office: nobody of the bureau is there."""
    _, split = split_of("usual")
    over = split.events.filter(
        (pl.col("enabled") < dt.datetime(2025, 9, 30, 8, tzinfo=dt.UTC)),
        (pl.col("start") > dt.datetime(2025, 10, 8, 20, tzinfo=dt.UTC)),
        pl.col("activity").is_in(["review", "opinion"]),
    )
    assert over.height >= 3
    assert (over["off_duty_us"] > 8 * 24 * HOUR).all()


def test_a_split_is_summed_by_any_columns() -> None:
    rows = [
        ("1", "a", "3 09:00", "3 10:00", "bo"),
        ("1", "b", "3 11:00", "3 11:30", "ann"),
        ("2", "b", "3 10:00", "3 11:00", "ann"),
    ]
    split = waiting_split(_log(*rows), PEOPLE)
    by = split.by("from_activity", "activity")
    assert by.row(0, named=True) == {
        "from_activity": "a",
        "activity": "b",
        "count": 1,
        "wait_hours": 1.0,
        **{f"{cause}_hours": float(cause == "contention") for cause in CAUSES},
    }
    assert split.by("activity")["count"].sum() == 3
    assert split.pools["b"] == ("ann",)


@pytest.mark.parametrize(
    ("events", "words"),
    [
        (_log(("1", "a", "3 09:00", "3 10:00", None)), "names no people"),
        (log(("1", "a", None, "3 10:00"), resource=["ann"]), "no row with a start and an end"),
    ],
)
def test_a_log_that_cannot_be_split_is_refused(events: EventLog, words: str) -> None:
    with pytest.raises(LogError, match=words):
        waiting_split(events)


def test_an_unknown_kind_of_pool_is_refused() -> None:
    with pytest.raises(LogError, match="'team'"):
        waiting_split(_log(("1", "a", "3 09:00", "3 10:00", "ann")), pool="team")  # type: ignore[arg-type]


def test_pauses_of_a_minute_between_works_do_not_turn_a_long_queue_into_delays() -> None:
    """Ann needs 30 minutes a case and pauses for one; Bo hands her one of 90 cases every 20 minutes."""
    nine = dt.datetime(2025, 3, 3, 9, tzinfo=dt.UTC)
    always = WeekCalendar.weekly(((0, 24 * 60),), days=range(7))
    minutes = [(k, 20 * k, 20 * k + 5, 20 + 31 * k, 50 + 31 * k) for k in range(90)]
    table = pl.DataFrame(
        [
            (str(k), name, nine + dt.timedelta(minutes=first), nine + dt.timedelta(minutes=last), who)
            for k, a, b, c, d in minutes
            for name, first, last, who in (("a", a, b, "bo"), ("b", c, d, "ann"))
        ],
        schema=["case", "activity", "start", "end", "resource"],
        orient="row",
    )
    total = waiting_split(event_log(table), WorkCalendars({"ann": always, "bo": always})).total()
    assert total["wait"] > 500
    assert total["extraneous"] < 0.05 * total["wait"]
    assert total["contention"] > 0.95 * total["wait"]
