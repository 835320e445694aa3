"""The cycle time without remainder: along the path that decided when each case ended."""

from typing import get_args

import handmade as hm
import polars as pl
import pytest

from procflow.analysis.path_split import PATH_SEGMENTS, By, case_path, path_of, path_split
from procflow.errors import AnalysisError
from procflow.simulation import Run
from tests.unit.simulation.small import permit, ran


@pytest.fixture(scope="module")
def run() -> Run:
    """Two regions, corrections, sittings, a courier after the composite, time-outs, offices per region."""
    return ran(replications=2)


@pytest.mark.parametrize("by", get_args(By))
def test_every_way_of_splitting_sums_to_the_cycle_times(run: Run, by: By) -> None:
    found = path_split(run, by=by)
    ended = run.cohort.filter(pl.col("outcome").is_not_null())
    assert found["total_us"].dtype == pl.Int64
    assert found["total_us"].sum() == ended["cycle_us"].sum()
    assert found.select(pl.sum_horizontal(PATH_SEGMENTS).sum()).item() == ended["cycle_us"].sum()
    assert found["share"].sum() == pytest.approx(1)
    assert found["mean_us"].sum() == pytest.approx(ended["cycle_us"].mean())
    assert found.height > 1 or by == "system"  # of which this process has none


def test_segments_of_each_case_are_those_of_the_path_that_fired_the_joins(run: Run) -> None:
    ended = run.cohort.filter(pl.col("outcome").is_not_null())
    path = path_of(run, run.processes[0], ended)
    mine = path.group_by("replication", "case").agg(pl.col(PATH_SEGMENTS).sum()).sort("replication", "case")
    assert mine.select(PATH_SEGMENTS).equals(ended.sort("replication", "case").select(PATH_SEGMENTS))


def test_a_courier_after_a_composite_is_a_row_of_the_composite(run: Run) -> None:
    [row] = path_split(run).filter(state="review").to_dicts()
    assert row["visits"] == 0
    assert row["transfer_us"] == row["total_us"] > 0


def test_who_is_no_staff_has_no_department(run: Run) -> None:
    by_state = path_split(run).filter(pl.col("state").is_in(["correction", "review"]))["total_us"].sum()
    assert path_split(run, by="department").filter(pl.col("department").is_null())["total_us"].sum() == by_state


def test_a_handoff_is_told_by_the_axes_that_change(run: Run) -> None:
    axes = set(path_split(run, by="handoff")["axes"])
    assert "" in axes
    assert any("department" in name for name in axes)


def test_an_unknown_split_is_refused_with_a_suggestion(run: Run) -> None:
    with pytest.raises(AnalysisError, match="did you mean 'state'"):
        path_split(run, by="stat")  # type: ignore[arg-type]


def test_a_run_of_which_nothing_ended_gives_an_empty_table() -> None:
    none = ran(permit(), days=2, warmup_days=1, arrivals={"times": ["2025-01-20 09:00"]}, replications=1)
    assert path_split(none).height == 0


def test_the_path_of_one_case_sums_to_its_cycle_time_and_leaves_out_the_region_that_waited():
    of = hm.process(
        [
            {
                "name": "joint",
                "regions": [
                    {"name": name, "initial": "check", "transitions": [hm.go("check", "ok")],
                     "states": [hm.state("check", name), hm.state("ok")]} for name in ("a", "b")
                ],
            },
            hm.state("end"),
        ],
        [hm.go("joint", "end")],
    )  # fmt: skip
    rows = [
        *hm.chain(("joint/a/check", 9, 12), token="joint/a", dest="joint/a/ok"),
        *hm.chain(("joint/b/check", 9, 20), token="joint/b", dest="joint/b/ok"),
    ]
    rows[0]["sync"] = 8
    path = case_path(hm.run(of, rows), 0)
    assert path["state"].to_list() == ["joint/b/check"]
    assert path["total_us"].sum() == 11 * 3_600_000_000


def test_a_case_that_is_not_there_is_told():
    of = hm.process([hm.state("intake", "a"), hm.state("end")], [hm.go("intake", "end")])
    with pytest.raises(AnalysisError, match="no finished case 7"):
        case_path(hm.run(of, hm.chain(("intake", 9, 10))), 7)
