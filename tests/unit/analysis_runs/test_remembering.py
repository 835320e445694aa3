"""What a report asks of a run many times is computed once, and not a moment longer kept than the report is made."""

import pytest

from procflow.analysis import path_split
from procflow.analysis.path_split import path_of
from procflow.analysis.remembering import remembered, remembering
from procflow.analysis.run_tables import cases_of, events_of
from procflow.definition.scenario import Scenario
from procflow.definition.shipped import folder
from procflow.machine.loading import load
from procflow.simulation import Run, simulate


@pytest.fixture(scope="module")
def run() -> Run:
    permit = load(folder() / "processes" / "food_license" / "as_is.yaml")
    return simulate(permit, Scenario(arrivals="4 per wd", days=60, replications=2, seed=7))


def test_the_same_question_is_answered_once_within_a_block_and_anew_after_it() -> None:
    asked = []

    @remembered
    def question(thing: list[int], *, more: int = 0) -> list[int]:
        asked.append((thing, more))
        return [*thing, more]

    one, other = [1], [1]
    with remembering():
        assert question(one) is question(one)
        assert question(one, more=2) == [1, 2]
        question(other)
        assert len(asked) == 3
    question(one)
    question(one)
    assert len(asked) == 5


def test_tables_of_a_run_are_shared_while_remembering_only(run: Run) -> None:
    (process,) = run.processes
    with remembering():
        assert events_of(run, process) is events_of(run, process)
    assert events_of(run, process) is not events_of(run, process)
    assert events_of(run, process).equals(events_of(run, process))


def test_the_path_of_a_process_without_regions_is_that_of_the_general_search(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (process,) = run.processes
    cases = cases_of(run, process).filter("in_cohort").drop_nulls("outcome")
    quick = path_of(run, process, cases)
    monkeypatch.setattr(path_split, "_in_line", lambda rows, cases: None)
    searched = path_of(run, process, cases)
    assert quick.height > 500
    assert quick.equals(searched.select(quick.columns))
