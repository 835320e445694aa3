"""What holds of every run of the oracle, whatever the process: checked on random ones."""

from collections import Counter
from itertools import pairwise

from hypothesis import HealthCheck, given, settings

from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from tests.oracle import OracleRun, simulate
from tests.oracle.rows import SEGMENTS
from tests.oracle.test_random import scenarios
from tests.strategies import processes

INSTANTS = ("enter_us", "ready_us", "start_us", "done_us", "exit_us", "arrive_us")


@settings(max_examples=30, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(processes(), scenarios())
def test_every_run_keeps_its_books(process: Process, scenario: Scenario) -> None:
    run = simulate([process], scenario, 0)
    _cases_sum(run)
    _rows_sum(run)
    _visits_count(run)
    _nobody_is_in_two_places(run)
    _staff_is_as_busy_as_the_rows_say(run, scenario)


def _cases_sum(run: OracleRun) -> None:
    for case in run.cases:
        if case["end_us"] is not None:
            assert sum(case[f"{name}_us"] for name in SEGMENTS) == case["cycle_us"]
            assert case["outcome"] is not None


def _rows_sum(run: OracleRun) -> None:
    for row in run.events:
        reached = [row[name] for name in INSTANTS if row[name] is not None]
        assert reached == sorted(reached)
        assert all(row[f"{name}_us"] >= 0 for name in SEGMENTS)
        time = sum(row[f"{name}_us"] for name in SEGMENTS if name != "sync")
        assert row["enter_us"] + time <= run.stopped_us
        if row["end"] in ("completed", "timed_out"):
            assert row["enter_us"] + time == row["arrive_us"]
        elif row["end"] == "cut":
            assert row["enter_us"] + time == run.stopped_us


def _visits_count(run: OracleRun) -> None:
    visits = Counter((row["case"], row["state"]) for row in run.events)
    assert len({(row["case"], row["state"], row["visit"]) for row in run.events}) == len(run.events)
    assert all(row["visit"] <= visits[row["case"], row["state"]] for row in run.events)


def _nobody_is_in_two_places(run: OracleRun) -> None:
    """Nobody starts a piece of work before the end of the one before."""
    work: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for row in run.events:
        if row["group"]:
            end = next(t for t in (row["done_us"], row["exit_us"], _left(row)) if t is not None)
            for group, numbers in zip(row["group"].split(";"), row["people"].split(";"), strict=True):
                for number in numbers.split(","):
                    work.setdefault((group, number), []).append((row["start_us"], end))
    for spans in work.values():
        assert all(end <= start for (_, end), (start, _) in pairwise(sorted(spans)))


def _left(row: dict[str, int]) -> int:
    return row["start_us"] + row["work_us"] + row["paused_us"]


def _staff_is_as_busy_as_the_rows_say(run: OracleRun, scenario: Scenario) -> None:
    if scenario.warmup_days == 0 and run.stopped_us == scenario.days * 86_400_000_000:
        worked = sum(row["work_us"] * _heads(row["people"]) for row in run.events if row["group"])
        assert sum(group["busy_us"] for group in run.staff) == worked


def _heads(people: str) -> int:
    return len(people.replace(";", ",").split(","))
