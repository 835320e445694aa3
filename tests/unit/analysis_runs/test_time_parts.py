"""Where the cycle time goes: elapsed time by why nobody works, by hand and summing to the cycle time."""

import polars as pl
import pytest

from procflow.analysis.path_split import PATH_SEGMENTS
from procflow.analysis.time_parts import DELAYS, PARTS, time_parts
from tests.unit.analysis_runs import handmade
from tests.unit.analysis_runs.handmade import chain, go, state
from tests.unit.simulation.small import ran

STATES = [
    state("check", "a"),
    state("show", "a", kind="notice", delay="7 d"),
    state("mend", "applicant", delay="2 d"),
    state("test", "b", delay="1 d"),
    state("end"),
]
WAYS = [go("check", "show"), go("show", "mend"), go("mend", "test"), go("test", "end")]
VISITS = (("check", 0, 1), ("show", 1, 11), ("mend", 11, 31), ("test", 31, 36))


def hours(**facts: object) -> dict[str, float]:
    """The parts of one case: an hour of check, 10 of notice, 20 of mending, 5 of testing of which 4 are a delay."""
    of = handmade.process(STATES, WAYS, **facts)
    rows = chain(*VISITS)
    for row, (work, delay) in zip(rows, ((1, 0), (0, 10), (0, 20), (1, 4)), strict=True):
        row |= {"work": work, "delay": delay}
    found = time_parts(handmade.run(of, rows))
    assert found["part"].to_list() == list(PARTS)
    return {part: value for part, value, _ in found.iter_rows() if value}


def test_elapsed_time_is_told_apart_by_notice_applicant_and_office() -> None:
    assert hours() == {"work": 2, "notice": 10, "applicant": 20, "office": 4}


def test_elapsed_time_in_which_a_clock_stands_still_is_suspended() -> None:
    limit = {"statutory": "20 wd", "suspend": [{"in": "mend", "cause": "mending"}]}
    assert hours(limits={"decision": limit}) == {"work": 2, "notice": 10, "suspended": 20, "office": 4}


def test_suspensions_of_two_limits_count_once_where_they_overlap() -> None:
    one = {"statutory": "20 wd", "suspend": [{"in": "mend", "cause": "mending"}]}
    other = {"promised": "9 wd", "suspend": [{"since": {"enter": "mend"}, "until": {"exit": "test"}, "cause": "test"}]}
    assert hours(limits={"one": one, "other": other}) == {"work": 2, "notice": 10, "suspended": 24}


def test_a_suspension_that_begins_in_the_middle_of_a_delay_takes_its_rest() -> None:
    limit = {"statutory": "20 wd", "suspend": [{"since": {"done": "check"}, "until": {"enter": "mend"}, "cause": "x"}]}
    assert hours(limits={"decision": limit}) == {"work": 2, "suspended": 10, "applicant": 20, "office": 4}


def test_the_parts_of_a_simulated_run_sum_to_the_cycle_time() -> None:
    run = ran(replications=2)
    ended = run.cohort.filter(pl.col("outcome").is_not_null())
    found = time_parts(run)
    assert found["hours"].sum() == pytest.approx(ended["cycle_us"].mean() / 3.6e9)
    assert found["share"].sum() == pytest.approx(1)
    assert found.filter(pl.col("hours") < 0).is_empty()


def test_every_segment_of_a_path_is_a_part_or_elapsed_time_that_is_told_apart() -> None:
    assert {f"{part}_us" for part in PARTS} - {f"{part}_us" for part in DELAYS} == set(PATH_SEGMENTS) - {"delay_us"}
