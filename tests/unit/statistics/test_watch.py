"""Queues that grow without end are named while the run goes on, and those that do not are not."""

import warnings
from typing import Any

import pytest

from procflow.definition.resolved import Process
from procflow.errors import ProcflowWarning
from procflow.simulation import simulate
from tests.unit.simulation.small import permit
from tests.unit.statistics.models import plan, process, queue


def told(model: Process, arrivals: Any, days: int, **more: Any) -> list[ProcflowWarning]:
    """Return what is said of queues during a run."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        simulate(model, plan(arrivals, days, **({"replications": 2} | more)), workers=2)
    assert all(each.filename == __file__ for each in caught)
    return [each.message for each in caught if " wait for " in str(each.message)]  # type: ignore[misc]


def test_people_who_cannot_keep_up_are_named_once_with_numbers_and_dates() -> None:
    """Of 48 cases a day 24 are done: a thousand wait after some six weeks."""
    [warning] = told(queue("work: 1 h"), "48 per d", 400, replications=3)
    assert "cases wait for desk.clerk on 2025-" in str(warning)
    assert "it cannot keep up" in str(warning)
    assert "件在等候 desk.clerk" in warning.text("zh")


def test_it_is_told_while_the_run_goes_on() -> None:
    """The run is stopped by what it is told: it would take a hundred years."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "the people")
        warnings.filterwarnings("error", ".* wait for ")
        with pytest.raises(ProcflowWarning, match="for desk"):
            simulate(queue("work: 1 h"), plan("2000 per d", 36_000, replications=1))


def test_a_time_out_that_hides_an_overload_hides_no_queue() -> None:
    """After 300 days each case is taken away; by then thousands wait."""
    text = "initial: a\nstates: [{name: a, department: desk, role: clerk, work: 1 h}, {name: end, final: true}]\n"
    text += "transitions: [{trigger: go, source: a, dest: end}, {trigger: late, source: a, dest: end, timeout: 300 d}]"
    assert len(told(process(text, "roles: [{name: clerk, staff: 1}]"), "48 per d", 200)) == 1


def test_a_sitting_with_too_few_seats_is_named_and_one_with_enough_is_not() -> None:
    [warning] = told(queue('delay: 1 h, batch: {every: "weekly wed 09:00", max: 50}'), "30 per d", 400)
    assert "example/a" in str(warning)
    assert told(queue('delay: 1 h, batch: {every: "monthly 1 09:00", max: 9000}'), "200 per d", 400) == []
    assert told(queue('delay: 1 h, batch: {every: "monthly 1 09:00"}'), "200 per d", 400) == []


@pytest.mark.parametrize(
    ("state", "clerks", "arrivals"),
    [
        ("work: {exponential: 1 h}", 1, "23 per d"),
        ("delay: 200 d", 1, "50 per d"),
        ("work: 1 h", 200, {"times": ["2025-03-04 09:00"], "size": 20_000}),
    ],
    ids=["a busy queue", "a long delay", "many at once"],
)
def test_what_is_only_long_is_not_said_to_grow(state: str, clerks: int, arrivals: Any) -> None:
    assert told(queue(state, clerks), arrivals, 500) == []


def test_the_office_of_a_region_is_named() -> None:
    inspection = "initial: a\nstates: [{name: a, department: branch, role: inspector, work: 6 h}, "
    inspection += "{name: end, final: true}]\ntransitions: [{trigger: go, source: a, dest: end}]"
    said = [str(each) for each in told(permit(text=inspection), "30 per wd", 400)]
    assert sum("wait for branch.inspector@north" in each for each in said) == 1
    assert all("wait for branch.inspector@" in each for each in said)
