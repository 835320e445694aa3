"""The blind waiting split of simulated logs, against the exact split of the simulator.

The logs say who did what from when to when in which department, and nothing else: no definition, calendar, arrival or
enabling instant. Errors are sums of absolute errors event by event, in percent of the hours that the cause really has.
Seeds are fixed; the bounds are about one and a half times what was measured, so that they fail when the split gets
worse and not when the simulator draws differently.
"""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from benchmarks import recovery
from procflow.logs import event_log
from procflow.logs.waiting import CAUSES, waiting_split

BOUNDS_PERCENT = {
    "quiet": {"batch": 0.1, "off_duty": 1.5, "contention": 1, "transfer": 7, "suspended": 0, "extraneous": 7},
    "usual": {"batch": 0.5, "off_duty": 1.5, "contention": 1, "transfer": 8, "suspended": 0, "extraneous": 11},
    "busy": {"batch": 1.5, "off_duty": 2, "contention": 4, "transfer": 14, "suspended": 0, "extraneous": 12},
    "priority": {"batch": 1.5, "off_duty": 2.5, "contention": 6, "transfer": 21, "suspended": 0, "extraneous": 22},
}


@pytest.mark.parametrize("name", BOUNDS_PERCENT)
def test_the_causes_of_waiting_are_recovered_from_the_log_alone(name: str) -> None:
    table = recovery.against_truth(name)
    print(f"\n{name}\n{table}")
    assert (table["true_hours"] > 1000).all()
    for cause, percent in zip(table["cause"], table["error_percent"], strict=True):
        assert percent <= BOUNDS_PERCENT[name][cause], cause


@pytest.mark.parametrize("name", BOUNDS_PERCENT)
def test_the_causes_add_up_to_the_wait_to_the_microsecond(name: str) -> None:
    _, split = recovery.split_of(name)
    parts = split.events.select(f"{cause}_us" for cause in CAUSES)
    assert parts.select(pl.sum_horizontal(pl.all()) == split.events["wait_us"]).to_series().all()
    assert parts.select(pl.all_horizontal(pl.all() >= 0)).to_series().all()


def test_priority_is_found_where_urgent_cases_go_first_and_only_there() -> None:
    _, with_rule = recovery.split_of("priority")
    _, without = recovery.split_of("busy")
    reviews = pl.col("activity") == "review"
    found = with_rule.events.filter(reviews)
    assert (
        found["priority_us"].sum()
        > 0.2 * found.select(pl.col("priority_us") + pl.col("contention_us")).sum_horizontal().sum()
    )
    assert without.events.filter(reviews)["priority_us"].sum() == 0


@pytest.mark.parametrize("name", ["quiet", "usual", "busy"])
def test_the_weekly_session_is_found_with_its_time_and_nothing_else_is_called_a_batch(name: str) -> None:
    _, split = recovery.split_of(name)
    assert [(batch.activity, batch.at_minutes) for batch in split.batches] == [("session", (14 * 60,))]
    assert split.batches[0].median_gap_us == 7 * 24 * 3_600_000_000


def test_holidays_and_make_up_days_of_the_state_council_are_found_from_the_log() -> None:
    _, split = recovery.split_of("usual")
    clerk = split.calendars.of["hall.clerk/1"]
    hours = ((9 * 60, 12 * 60), (13 * 60, 17 * 60))
    assert clerk.week == (hours,) * 5 + ((), ())
    holidays = ["04-04", "05-01", "05-02", "05-05", "06-02", "10-01", "10-02", "10-03", "10-06", "10-07", "10-08"]
    assert [day.isoformat() for day in sorted(clerk.closed)] == [f"2025-{day}" for day in holidays]
    assert [day.isoformat() for day in sorted(clerk.opened)] == ["2025-04-27", "2025-09-28", "2025-10-11"]


@pytest.mark.parametrize("name", ["busy", "priority"])
def test_the_names_of_cases_and_the_order_of_rows_change_nothing(name: str) -> None:
    log, split = recovery.split_of(name)
    old = log.cases["case"]
    new = pl.Series([f"c{k:05d}" for k in np.random.default_rng(3).permutation(len(old))])
    renamed = log.events.with_columns(pl.col("case").replace_strict(old, new)).sample(fraction=1, shuffle=True, seed=4)
    found = waiting_split(event_log(renamed, zone=log.zone)).events
    assert _sorted(found.with_columns(pl.col("case").replace_strict(new, old))).equals(_sorted(split.events))


@pytest.mark.parametrize("zone", ["UTC", "-03:30", "-11:00"])
def test_the_zone_in_which_a_log_is_written_changes_nothing(zone: str) -> None:
    """In −11:00 the office works from 14:00 to 22:00 of the day before, in −03:30 through midnight."""
    log, split = recovery.split_of("busy")
    assert _sorted(waiting_split(replace(log, zone=zone)).events).equals(_sorted(split.events))


def _sorted(events: pl.DataFrame) -> pl.DataFrame:
    return events.drop("row").sort("case", "start", "activity", "resource")
