"""Whether cases of a log fit a definition, and where they part from it."""

import pytest

from procflow import load
from procflow.definition.shipped import folder
from procflow.errors import LogError
from procflow.logs.fitness import fitness
from procflow.logs.matching import match_activities
from tests.unit.logs.small import log

LICENSE = load(folder() / "processes/food_license/as_is.yaml")
STARTUP = load(folder() / "processes/business_startup/to_be.yaml")
STEPS = ("application", "dispatch", "inspection", "pass_opinion", "review", "decision", "certificate")


def of(*traces, process=LICENSE, given=None):
    rows = [(str(no), step, None, f"{day}") for no, trace in enumerate(traces) for day, step in enumerate(trace, 1)]
    made = log(*rows)
    return fitness(made, process, match_activities(made, process, given))


def test_a_case_that_takes_the_whole_way_fits_and_ends():
    found = of(STEPS)
    assert (found.cases, found.fitting, found.ended) == (1, 1, 1)
    assert found.deviations.is_empty()


def test_a_case_under_way_fits_and_has_not_ended():
    found = of(STEPS[:3], STEPS, (*STEPS[:3], "refusal"))
    assert (found.fitting, found.ended) == (3, 2)


def test_a_step_left_out_is_told_with_what_was_expected():
    found = of(STEPS, STEPS[:2] + STEPS[3:], STEPS[:2] + STEPS[3:4])
    assert (found.cases, found.fitting) == (3, 1)
    [row] = found.deviations.iter_rows(named=True)
    assert (row["after"], row["found"], row["expected"]) == ("dispatch", "pass_opinion", ["inspection"])
    assert (row["cases"], row["first"]) == (2, "1")


def test_a_state_that_no_activity_is_passes_unseen():
    found = of(tuple(step for step in STEPS if step != "dispatch"))
    assert (found.fitting, found.ended) == (1, 1)
    assert "dispatch" in found.matching.silent


def test_a_loop_may_be_taken_any_number_of_times():
    assert of(("application", "correction") * 5 + STEPS).fitting == 1


def test_a_first_step_that_is_not_the_initial_one_is_told():
    [row] = of(STEPS[2:], STEPS).deviations.iter_rows(named=True)
    assert (row["after"], row["found"]) == (None, "inspection")


def test_activities_are_matched_by_titles_in_either_language():
    made = log(
        ("1", "申请与材料审核", None, "1"), ("1", "On-site check by 2 officers", None, "2"), ("1", "lunch", None, "3")
    )
    found = match_activities(made, LICENSE)
    assert found.states == {"申请与材料审核": "application", "On-site check by 2 officers": "inspection"}
    assert found.how == {"申请与材料审核": "same", "On-site check by 2 officers": "similar"}
    assert found.strangers == ("lunch",)


def test_events_without_a_state_are_left_out_and_counted():
    found = of((*STEPS[:2], "lunch", *STEPS[2:]))
    assert (found.fitting, found.left_out) == (1, 1)


def test_a_given_match_is_checked():
    made = log(("1", "x", None, "1"))
    assert match_activities(made, LICENSE, {"x": "review"}).how == {"x": "given"}
    with pytest.raises(LogError, match="no activity 'y' in the log; it has x"):
        match_activities(made, LICENSE, {"y": "review"})
    with pytest.raises(LogError, match="no state 'granted' that takes time"):
        match_activities(made, LICENSE, {"x": "granted"})
