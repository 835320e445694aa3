"""The tables of a run: cohort and warm-up, what is cut, segments, staff, offices."""

import warnings
from itertools import pairwise

import polars as pl
import pytest

from procflow.simulation.frames import SEGMENTS
from tests.unit.simulation.small import draws, permit, ran

DAY, HOUR = 86_400_000_000, 3_600_000_000
INSTANTS = ("enter_us", "ready_us", "start_us", "done_us", "exit_us", "arrive_us")
TOTAL = pl.sum_horizontal(*SEGMENTS)

DESK = """
initial: a
states: [{name: a, department: hall, role: director, work: 5 h}, {name: end, final: true}]
transitions: [{trigger: go, source: a, dest: end}]
"""
INSPECTION = """
initial: a
states: [{name: a, department: branch, role: inspector, work: {exponential: 6 h}}, {name: end, final: true}]
transitions: [{trigger: go, source: a, dest: end}]
"""


def test_the_cohort_arrives_between_warm_up_and_horizon_and_has_finished() -> None:
    run = ran()
    arrival = pl.col("arrival_us")
    assert run.cohort.equals(run.cases.filter(arrival.is_between(10 * DAY, 40 * DAY, closed="left")))
    assert run.cohort["end_us"].null_count() == 0
    assert 0 < run.cohort.height < run.cases.height


def test_arrivals_go_on_until_the_cohort_has_finished() -> None:
    run = ran(permit(text=INSPECTION), arrivals="8 per wd", days=20, warmup_days=0)
    last = run.cohort.group_by("replication").agg(pl.col("end_us").max())
    later = run.cases.filter(~pl.col("in_cohort")).group_by("replication").agg(pl.col("arrival_us").max())
    both = last.join(later, on="replication")
    assert both.height > 0
    assert (both["arrival_us"] <= both["end_us"]).all()


def test_what_is_open_when_the_run_stops_is_cut_then() -> None:
    run = ran()
    open_rows = run.events.filter(end="cut", sync_us=0)
    assert open_rows.height > 0
    ends = open_rows.select("replication", end=pl.col("enter_us") + TOTAL).unique().group_by("replication").len()
    assert ends["len"].to_list() == [1] * 3
    in_progress = run.cases.filter(pl.col("end_us").is_null())
    assert set(open_rows.select("replication", "case").rows()) == set(in_progress.select("replication", "case").rows())
    assert (
        in_progress.select("outcome", "cycle_us", "cycle_wd", *SEGMENTS).null_count().row(0) == (len(in_progress),) * 13
    )


def test_segments_of_rows_and_cases_sum_to_their_time_exactly() -> None:
    run = ran(days=80)
    left = run.events.filter(pl.col("arrive_us").is_not_null())
    assert left.filter(pl.col("arrive_us") - pl.col("enter_us") + pl.col("sync_us") != TOTAL).is_empty()
    assert run.cohort.filter(pl.col("cycle_us") != TOTAL).is_empty()
    assert all(run.events[name].sum() > 0 for name in SEGMENTS if name != "call_us")  # it calls nothing


def test_instants_of_a_visit_never_go_back() -> None:
    rows = ran().events
    for before, after in pairwise(INSTANTS):
        assert rows.filter(pl.col(before) > pl.col(after)).is_empty()


def test_an_outcome_is_that_of_the_final_state_or_its_name() -> None:
    assert set(ran().cohort["outcome"]) == {"granted", "refused"}


def test_the_staff_table_tells_people_and_their_time_on_duty() -> None:
    """20 to 31 January 2025: 6 days and a worked Sunday, 26 January, before the Spring Festival; 7 h a day."""
    run = ran(permit(text=DESK), arrivals={"times": ["2025-01-20 09:00"]}, days=12, warmup_days=0, replications=1)
    staff = {row["group"]: row for row in run.staff.to_dicts()}
    assert set(staff) == {
        "branch.inspector@north", "branch.inspector@south", "hall.clerk", "hall.director", "hall.night", "hall.pool",
    }  # fmt: skip
    assert staff["hall.clerk"]["on_duty_us"] == 2 * 7 * 7 * HOUR
    director = staff["hall.director"]
    assert (director["people"], director["on_duty_us"]) == (1, 7 * 7 * HOUR)
    assert director["busy_us"] == 5 / 0.8 * HOUR
    assert director["utilization"] == pytest.approx(5 / 0.8 / 49)
    assert staff["branch.inspector@south"]["office"] == "south"


def test_people_are_busy_for_just_the_work_of_the_events_of_a_whole_window() -> None:
    text = DESK.replace("work: 5 h", "work: {exponential: 2 h}").replace("role: director", "role: reviewer")
    run = ran(permit(text=text), arrivals={"times": [f"2025-01-{day} 10:00" for day in range(20, 25)], "size": 3},
              days=60, warmup_days=0)  # fmt: skip
    assert run.cases["end_us"].max() < 40 * DAY
    work = run.events.group_by("replication", "group").agg(pl.col("work_us").sum())
    both = run.staff.join(work, on=["replication", "group"], how="left").fill_null(0)
    assert (both["busy_us"] == both["work_us"]).all()
    assert both["busy_us"].sum() > 0
    assert (both["utilization"] == both["busy_us"] / both["on_duty_us"]).all()


def test_busy_time_is_counted_inside_the_window_only() -> None:
    """One case of 6.25 h of work from Monday 09:00 to 16:15; the window begins at midnight of the Tuesday."""
    times = {"times": ["2025-01-20 09:00", "2025-01-21 16:00"]}
    run = ran(permit(text=DESK), arrivals=times, days=2, warmup_days=1, replications=1)
    (director,) = run.staff.filter(group="hall.director").to_dicts()
    assert (director["busy_us"], director["on_duty_us"]) == (HOUR, 7 * HOUR)


def test_each_office_has_people_of_its_own() -> None:
    run = ran(permit(text=INSPECTION), arrivals="8 per wd", days=60)
    offices = run.events.filter(pl.col("people") != "").select("office", "group").unique().sort("office").rows()
    assert offices == [("north", "branch.inspector@north"), ("south", "branch.inspector@south")]
    assert (
        run.events.join(run.cases, on=["replication", "case"]).filter(pl.col("office") != pl.col("region")).is_empty()
    )


def test_cases_come_to_the_regions_by_their_shares() -> None:
    """Shares of 2 and 1 of about 1,000 cases, within 4.5 standard deviations: false alarm 7e-6."""
    run = ran(permit(text=INSPECTION), arrivals="8 per wd", days=150, warmup_days=0)
    n, north = run.cases.height, run.cases.filter(region="north").height
    assert n > 1_000
    assert abs(north / n - 2 / 3) < 4.5 * (2 / 9 / n) ** 0.5


def test_a_crowded_office_does_not_keep_people_of_another_one_busy() -> None:
    """With so many cases that north, with two thirds of them, cannot keep up, south still does."""
    run = ran(permit(text=INSPECTION), arrivals="4 per wd", days=60)
    wait = pl.col("contention_us").mean() / HOUR
    waits = dict(run.events.filter(end="completed").group_by("office").agg(wait).rows())
    assert waits["north"] > 5 * waits["south"]


def test_more_people_by_an_override_are_in_the_staff_table_and_leave_all_draws_alone() -> None:
    few, many = ran(), ran(staffing={"hall.director": 3, "hall.pool": 1, "branch.inspector": 4})
    counts = dict(many.staff.select("group", "people").unique().rows())
    assert counts == {
        "hall.director": 3, "hall.pool": 1, "hall.clerk": 2, "hall.night": 1,
        "branch.inspector@north": 4, "branch.inspector@south": 4,
    }  # fmt: skip
    first, second = draws(few, "work_us", "intake"), draws(many, "work_us", "intake")
    assert all(first[visit] == second[visit] for visit in first.keys() & second.keys())


def test_nobody_waits_for_people_where_staff_is_unlimited() -> None:
    run = ran(unlimited_staff=True)
    assert run.events["contention_us"].sum() == 0
    assert set(run.events["people"]) == {""}
    assert run.staff["busy_us"].sum() == 0
    assert run.events["off_duty_us"].sum() > 0


NO_NUMBER = """
attributes:
  area: {number: 3}
  zero: {number: 0}
  floors: {integer: 2}
  big: {number: 1.0e+200}
  many: {integer: 7}
initial: a
states: [{name: a}, {name: end, final: true}]
transitions:
  - trigger: go
    source: a
    dest: end
    set: {area: area / zero, floors: floors / zero, big: big * big, many: many * 1.0e+300}
"""


def test_what_is_no_number_or_too_large_is_null_and_never_nan_or_infinite() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cases = ran(permit(text=NO_NUMBER), replications=1).cases
    assert cases.height > 0
    for name, nulls in {"area": True, "floors": True, "big": True, "many": True, "zero": False}.items():
        assert (cases[f"attribute_{name}"].null_count() == cases.height) is nulls
