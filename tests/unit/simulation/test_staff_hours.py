"""Utilization by hour of the week: by hand, and as sums that are those of the staff table."""

from typing import Any

import polars as pl
import pytest

from procflow.simulation import Run, simulate
from tests.unit.simulation.small import permit, plan, ran
from tests.unit.simulation.test_staffing_changes import HOUR, change, queue
from tests.unit.simulation.test_staffing_changes import ran as small_run

CHANGES = [
    {"who": "hall.pool", "absent": 1, "from": "2025-02-10", "until": "2025-02-14"},
    {"who": "hall.clerk", "calendar": "late", "from": "2025-02-12"},
    {"who": "branch.inspector", "office": "north", "add": 1, "from": "2025-02-06"},
]


def busy(run: Run) -> dict[int, tuple[float, float]]:
    """Return the hours at work and on duty of the desk, by hour of the week."""
    table = run.staff_hours.filter(group="desk.clerk")
    rows = table.filter((pl.col("busy_us") > 0) | (pl.col("on_duty_us") > 0))
    return {row["hour"]: (row["busy_us"] / HOUR, row["on_duty_us"] / HOUR) for row in rows.to_dicts()}


def test_work_is_counted_in_the_hours_in_which_it_is_done():
    run = small_run(queue("90 min"), [change(people=1, since="2025-03-01")], "03 10:30", "04 16:30", days=7)
    found = busy(run)
    assert set(found) == {24 * day + hour for day in range(5) for hour in range(9, 17)}
    at_work = {hour: worked for hour, (worked, _) in found.items() if worked}
    assert at_work == {10: 0.5, 11: 1.0, 24 + 16: 0.5, 48 + 9: 1.0}
    assert {on_duty for _, on_duty in found.values()} == {1.0}


def test_overtime_is_counted_after_the_hours_on_duty():
    run = small_run(queue("2 h", more=", overtime: true"), [], "03 16:00", days=7)
    assert {hour: worked for hour, (worked, _) in busy(run).items() if worked} == {16: 1.0, 17: 1.0}


@pytest.mark.parametrize("more", [{}, {"staffing_changes": CHANGES}, {"days": None, "warmup_days": None, "cases": 80}])
def test_the_hours_of_the_week_sum_to_the_staff_table(more: dict[str, Any]):
    run = simulate(permit(), plan(**more))
    columns = ("replication", "group")
    sums = run.staff_hours.group_by(*columns).agg(pl.col("busy_us", "on_duty_us").sum()).sort(*columns)
    assert run.staff_hours.height == run.staff.height * 168
    assert sums.equals(run.staff.sort(*columns).select(sums.columns))


def test_no_table_holds_a_number_that_is_none():
    run = ran(staffing_changes=CHANGES, days=30)
    for table in (run.events, run.cases, run.staff, run.staff_hours):
        for name, kind in table.schema.items():
            if kind.is_float():
                assert table[name].is_finite().all(), name


def test_a_group_that_is_never_on_duty_has_no_utilization_rather_than_a_division_by_zero():
    run = small_run(queue("1 h"), [{"who": "branch.clerk", "absent": "all", "from": "2025-03-01"}], "03 09:00")
    row = run.staff.filter(group="branch.clerk@north").to_dicts()[0]
    assert (row["people"], row["on_duty_us"], row["utilization"]) == (0, 0, None)
