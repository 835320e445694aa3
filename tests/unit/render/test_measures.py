"""What an overlay shows of a run is what its tables say, worked by hand."""

import polars as pl
import pytest

from procflow.definition import Process
from procflow.definition.scenario import Scenario
from procflow.machine.graph import state_graph
from procflow.render.measures import measured
from procflow.simulation.provenance import Provenance
from procflow.simulation.run import Run
from tests.examples import PERMIT, make_process

HOUR = 3_600_000_000
DAY = 24 * HOUR
SEGMENTS = ("batch_us", "batch_full_us", "off_duty_us", "contention_us", "work_us", "paused_us", "delay_us",
            "transfer_us", "sync_us")  # fmt: skip


def visit(
    case: int, state: str, enter_us: int, exit_us: int, trigger: str, dest: str, **segments: int
) -> dict[str, object]:
    at = {"enter_us": enter_us, "ready_us": enter_us, "start_us": enter_us, "done_us": exit_us, "exit_us": exit_us}
    return {
        "replication": 0, "process": "permit", "case": case, "token": "", "state": state, "visit": 1, **at,
        "arrive_us": exit_us, "trigger": trigger, "dest": dest, "end": "completed",
        **{name: segments.get(name, 0) for name in SEGMENTS},
    }  # fmt: skip


@pytest.fixture
def run() -> Run:
    """Three cases from Monday, 6 January 2025 on: two of them finished, the third still in review."""
    process = make_process(PERMIT.replace("kind: review, work: 1 h", "kind: review, work: 1 h, limit: 1 wd"))
    events = pl.DataFrame(
        [
            visit(0, "application", 0, HOUR, "accept", "review", contention_us=HOUR),
            visit(0, "review", HOUR, DAY, "grant", "issued", off_duty_us=2 * HOUR, contention_us=HOUR),
            visit(1, "application", 0, HOUR, "accept", "review", contention_us=3 * HOUR, transfer_us=HOUR),
            visit(1, "review", 2 * HOUR, 9 * DAY, "refuse", "refused", off_duty_us=HOUR),
            visit(2, "application", 0, HOUR, "accept", "review", contention_us=50 * HOUR),
        ]
    )
    cases = pl.DataFrame(
        {
            "replication": [0] * 3, "process": ["permit"] * 3, "case": [0, 1, 2], "arrival_us": [0] * 3,
            "end_us": [DAY, 9 * DAY, None], "outcome": ["granted", "refused", None], "in_cohort": [True] * 3,
        }
    )  # fmt: skip
    staff = pl.DataFrame(
        {
            "replication": [0, 1], "department": ["market_regulation"] * 2,
            "group": ["market_regulation.window_clerk"] * 2, "office": ["", ""], "people": [1, 1],
            "on_duty_us": [100 * HOUR, 100 * HOUR], "busy_us": [40 * HOUR, 20 * HOUR], "utilization": [0.4, 0.2],
        }
    )  # fmt: skip
    scenario = Scenario.model_validate({"arrivals": "1 per d", "start": "2025-01-06"})
    tables = {"events": events.lazy(), "cases": cases.lazy(), "staff": staff.lazy()}
    return Run((process,), scenario, tables, Provenance("0", "", 0, 1, (("permit", "as_is"),), (), ""))


def process_of(run: Run) -> Process:
    return run.processes[0]


def test_waiting_is_the_mean_over_the_visits_of_finished_cases(run: Run) -> None:
    found = measured(state_graph(process_of(run)), run, "waiting")
    assert found.states == {"application": 2 * 3600, "review": (3 + 1) / 2 * 3600}
    assert found.transitions == {0: 1800}


def test_frequency_counts_visits_and_ways_per_finished_case(run: Run) -> None:
    found = measured(state_graph(process_of(run)), run, "frequency")
    assert found.states == {"application": 1, "review": 1}
    assert found.transitions == {0: 1, 1: 0.5, 2: 0.5}


def test_utilization_is_busy_time_by_time_on_duty_of_those_who_hold_the_role(run: Run) -> None:
    assert measured(state_graph(process_of(run)), run, "utilization").states == {"application": 0.3}


def test_lateness_counts_the_visits_over_the_limit_of_the_step(run: Run) -> None:
    assert measured(state_graph(process_of(run)), run, "lateness").states == {"review": 0.5}
