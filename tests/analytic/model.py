"""Processes of one office that never closes, and what a simulation says of their waits. Knows no formulas."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from procflow.definition import Process, loads
from procflow.definition.scenario import Scenario
from procflow.simulation import Run, simulate
from procflow.simulation.statistics import Estimate, estimate

HOUR, DAY = 3_600_000_000, 86_400_000_000
MONDAY = dt.date(2025, 3, 3)
CONFIDENCE = 0.999
"""The chance of a false alarm of one comparison is 1 - CONFIDENCE; seeds are fixed, so it cannot come and go."""

QUEUE = "initial: a\nstates: [{{name: a, department: desk, role: clerk, {}}}, {{name: end, final: true}}]\n"
TO_END = "transitions: [{trigger: go, source: a, dest: end}]\n"


def around_the_clock(staff: Mapping[str, int]) -> str:
    """Return an organization of one department that never closes, with so many people of each role."""
    roles = ", ".join(f"{{name: {role}, staff: {count}}}" for role, count in staff.items())
    return f"""
procflow: 1
organization: town
calendars: [{{name: open, holidays: false, hours: {{mon-sun: "00:00-24:00"}}}}]
working_calendar: open
levels: [{{name: town}}]
departments: [{{name: desk, level: town, roles: [{roles}]}}]
"""


def process(text: str, *, organization: str | None = None, **staff: int) -> Process:
    """Return a process from YAML text in an organization, by default one that never closes with this staff."""
    heading = "procflow: 1\nprocess: example\norganization: town.yaml\n"
    return loads(heading + text, organization=organization or around_the_clock(staff or {"clerk": 1}))


def queue(state: str, clerks: int, more: str = "") -> Process:
    """Return a single queue: a state of so many clerks, from which the case ends."""
    return process(more + QUEUE.format(state) + TO_END, clerk=clerks)


def run(model: Process, arrivals: Any, *, days: int, seed: int, replications: int = 20, **more: Any) -> Run:
    """Simulate with a tenth of the time as warm-up unless told otherwise."""
    fields = {"start": MONDAY, "days": days, "warmup_days": days // 10, "replications": replications, "seed": seed}
    return simulate(model, Scenario.model_validate({"arrivals": arrivals} | fields | more))


def cohort_rows(found: Run) -> pl.DataFrame:
    """Return the events of the cohort's cases."""
    key = ["replication", "process", "case"]
    return found.events.join(found.cohort.select(key), on=key)


def mean_of(rows: pl.DataFrame, value: pl.Expr) -> Estimate:
    """Return the mean of a value over rows, with its interval over replications."""
    means = rows.group_by("replication").agg(value.mean().alias("mean"))["mean"]
    return estimate(means.to_list(), confidence=CONFIDENCE)


def assert_holds(truth: float, found: Estimate, *, within: float) -> None:
    """Fail where the interval does not hold the truth, or is wider than ``within`` of it and so proves little."""
    assert found.low <= truth <= found.high, f"{found} does not hold {truth:.5g}"
    assert found.half_width <= within * truth, f"{found} is too wide to prove {truth:.5g}"


WAIT_HOURS = (pl.col("start_us") - pl.col("ready_us")) / HOUR
"""The wait of a row from ready to start, in hours."""
