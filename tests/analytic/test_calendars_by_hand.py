"""Weeks with lunch breaks, Chinese holidays and make-up days, worked by hand to the minute.

The office works Monday to Friday 09:00-12:00 and 13:00-17:00. In 2025 the Spring Festival closes it from Tuesday
28 January to Tuesday 4 February; Sunday 26 January and Saturday 8 February are worked instead. National Day closes it
from Wednesday 1 to Wednesday 8 October; Sunday 28 September and Saturday 11 October are worked instead (notice of the
General Office of the State Council, 国办发明电〔2024〕12号).
"""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from procflow.definition.scenario import Scenario
from procflow.simulation import Run, simulate
from tests.analytic.model import HOUR, TO_END, process

OFFICE = """
procflow: 1
organization: county
holidays: CN
calendars:
  - {name: office, hours: {mon-fri: ["09:00-12:00", "13:00-17:00"]}}
  - {name: shop, holidays: false, hours: {mon-sat: "10:00-20:00"}}
working_calendar: office
levels: [{name: county}]
departments:
  - {name: desk, level: county, roles: [{name: clerk, staff: 1}, {name: keeper, staff: 1, calendar: shop}]}
"""
CLERK = "department: desk, role: clerk"


def one_step(state: str, ways: str = TO_END) -> str:
    return f"initial: a\nstates: [{{name: a, {state}}}, {{name: end, final: true}}]\n{ways}"


def simulated(text: str, *arrivals: str, **more: Any) -> Run:
    """Simulate cases that arrive at times such as '01-24 14:00' of 2025."""
    times = [f"2025-{time}" for time in arrivals]
    start = dt.datetime.fromisoformat(min(times)).date()
    fields = {"arrivals": {"times": times}, "start": start, "days": 60, "replications": 1, **more}
    return simulate(process(text, organization=OFFICE), Scenario.model_validate(fields))


def wall(found: Run, us: int) -> str:
    instant = dt.datetime.combine(found.scenario.start, dt.time()) + dt.timedelta(microseconds=us)
    return instant.strftime("%m-%d %H:%M")


def instants(found: Run, column: str) -> list[str]:
    return [wall(found, us) for us in found.events[column]]


def hours(found: Run, column: str) -> list[float]:
    return [us / HOUR for us in found.events[column]]


@pytest.mark.parametrize(
    ("work", "arrival", "start", "done"),
    [
        ("1 h", "03-03 09:00", "03-03 09:00", "03-03 10:00"),
        ("1 h", "03-03 12:15", "03-03 13:00", "03-03 14:00"),  # comes at lunch
        ("1 h", "03-03 11:30", "03-03 11:30", "03-03 13:30"),  # is interrupted by lunch
        ("3 h", "03-03 09:00", "03-03 09:00", "03-03 12:00"),  # ends when lunch begins
        ("1 h", "03-03 17:00", "03-04 09:00", "03-04 10:00"),  # comes as the office closes
        ("1 wd", "03-07 15:00", "03-07 15:00", "03-10 15:00"),  # 2 h on Friday, 5 h on Monday
        ("3 wd", "01-24 14:00", "01-24 14:00", "02-05 14:00"),  # 3 h, 7 h on Sunday, 7 h on Monday, 4 h after
        ("2 wd", "02-07 10:00", "02-07 10:00", "02-10 10:00"),  # 6 h on Friday, 7 h on Saturday, 1 h on Monday
        ("7 h", "09-30 15:00", "09-30 15:00", "10-09 15:00"),  # 2 h before National Day, 5 h after
        ("1 h", "10-01 10:00", "10-09 09:00", "10-09 10:00"),
        ("1 wd", "10-10 16:00", "10-10 16:00", "10-11 16:00"),  # the make-up Saturday
    ],
)
def test_work_runs_while_the_office_is_open(work: str, arrival: str, start: str, done: str) -> None:
    found = simulated(one_step(f"{CLERK}, work: {work}"), arrival)
    assert (instants(found, "start_us"), instants(found, "done_us")) == ([start], [done])


def test_a_shop_that_keeps_no_holidays_works_through_them() -> None:
    found = simulated(one_step("department: desk, role: keeper, work: 30 h"), "10-01 12:00")
    assert instants(found, "done_us") == ["10-04 12:00"]


@pytest.mark.parametrize(
    ("delay", "arrival", "left"),
    [
        ("delay: 2 wd", "03-06 10:00", "03-10 10:00"),
        ("delay: 2 wd", "01-25 10:00", "01-27 17:00"),  # Sunday 26 and Monday 27 January are worked
        ("delay: 15 wd", "09-22 12:30", "10-17 12:00"),
        ("delay: 2 d", "03-07 10:00", "03-09 10:00"),
        ("delay: 12 h, calendar: office", "09-30 12:00", "10-10 10:00"),  # 4 h, 7 h on the 9th, 1 h on the 10th
    ],
)
def test_delays_run_on_the_calendar_that_their_unit_means(delay: str, arrival: str, left: str) -> None:
    found = simulated(one_step(f"department: desk, {delay}"), arrival)
    assert instants(found, "exit_us") == [left]


@pytest.mark.parametrize(
    ("if_closed", "ready"),
    [
        ("next", ["10-09 09:00", "10-09 09:00", "10-15 09:00"]),
        ("previous", ["10-15 09:00", "10-15 09:00", "10-15 09:00"]),
        ("skip", ["10-15 09:00", "10-15 09:00", "10-15 09:00"]),
    ],
)
def test_sittings_of_two_closed_wednesdays_move_to_one_day(if_closed: str, ready: list[str]) -> None:
    batch = f'batch: {{every: "weekly wed 09:00", if_closed: {if_closed}}}'
    found = simulated(one_step(f"{CLERK}, {batch}, work: 10 min"), "09-30 10:00", "10-08 10:00", "10-09 09:01")
    assert instants(found, "ready_us") == ready


def test_a_sitting_moved_back_takes_who_came_before_it() -> None:
    batch = 'batch: {every: "weekly wed 09:00", if_closed: previous}'
    found = simulated(one_step(f"{CLERK}, {batch}, work: 10 min"), "09-29 10:00")
    assert instants(found, "ready_us") == ["09-30 09:00"]


def test_seats_run_out_and_the_rest_waits_for_the_next_sitting() -> None:
    batch = 'batch: {every: "weekly wed 09:00", max: 2}'
    arrivals = ("03-03 09:00", "03-03 10:00", "03-04 10:00", "03-05 09:00", "03-05 09:30")
    found = simulated(one_step(f"{CLERK}, {batch}, work: 30 min"), *arrivals)
    assert instants(found, "ready_us") == ["03-05 09:00"] * 2 + ["03-12 09:00"] * 2 + ["03-19 09:00"]
    assert hours(found, "batch_us") == [48, 47, 23, 0, 7 * 24 - 0.5]
    assert hours(found, "batch_full_us") == [0, 0, 7 * 24, 7 * 24, 7 * 24]
    assert hours(found, "contention_us") == [0, 0.5, 0, 0.5, 0]


@pytest.mark.parametrize(
    ("every", "arrival", "sent"),
    [
        ("daily 16:00", "03-07 15:30", "03-07 16:00"),
        ("daily 16:00", "03-07 16:00", "03-07 16:00"),
        ("daily 16:00", "03-07 16:30", "03-10 16:00"),
        ("daily 16:00", "09-30 16:30", "10-09 16:00"),
        ("weekly sat 10:00", "10-06 10:00", "10-09 10:00"),  # that of Saturday the 4th
        ("weekly sat 10:00", "10-09 10:01", "10-11 10:00"),
        ("monthly 1 10:00", "09-02 10:00", "10-09 10:00"),
    ],
)
def test_dispatches_leave_on_days_on_which_the_office_works(every: str, arrival: str, sent: str) -> None:
    way = f'transitions: [{{trigger: go, source: a, dest: end, transfer: {{every: "{every}"}}}}]\n'
    found = simulated(one_step("department: desk", way), arrival)
    assert instants(found, "arrive_us") == [sent]


def test_a_time_out_in_working_days_sleeps_through_the_holidays() -> None:
    ways = "transitions:\n - {trigger: go, source: a, dest: end}\n"
    ways += " - {trigger: over, source: a, dest: end, timeout: 2 wd}\n"
    found = simulated(one_step("department: desk, delay: 30 d", ways), "09-30 13:00")
    assert instants(found, "exit_us") == ["10-10 12:00"]  # 4 h, 7 h on Thursday the 9th, 3 h on Friday
    assert found.events["end"].to_list() == ["timed_out"]


def test_a_week_of_one_clerk_is_split_into_its_segments() -> None:
    """Three cases of 2 h: the second waits for the first and over lunch, the third over night."""
    found = simulated(one_step(f"{CLERK}, work: 2 h"), "03-03 10:30", "03-03 11:00", "03-03 15:00")
    assert instants(found, "start_us") == ["03-03 10:30", "03-03 13:30", "03-03 15:30"]
    assert instants(found, "done_us") == ["03-03 13:30", "03-03 15:30", "03-04 09:30"]
    assert hours(found, "paused_us") == [1, 0, 16]
    assert hours(found, "off_duty_us") == [0, 1, 0]
    assert hours(found, "contention_us") == [0, 1.5, 0.5]
    assert found.cases["cycle_wd"].to_list() == pytest.approx([2 / 7, 3.5 / 7, 2.5 / 7])


def test_poisson_arrivals_come_in_the_hours_of_their_calendar_only() -> None:
    """7 per wd are 28 in the four working days from 29 September to 10 October: 840 ± 29 in 30 replications.

    Within 4.5 standard deviations of a Poisson number: false alarm 7e-6.
    """
    found = simulated(one_step("delay: 1 h"), "09-29 00:00", arrivals="7 per wd", days=12, replications=30)
    hour = pl.col("arrival_us") / HOUR % 24
    assert found.cohort.filter(~(hour.is_between(9, 12) | hour.is_between(13, 17))).is_empty()
    assert set((found.cohort["arrival_us"] // (24 * HOUR)).to_list()) == {0, 1, 10, 11}
    assert abs(found.cohort.height - 840) < 4.5 * 840**0.5
