"""Tables: means with intervals, paired differences, files."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from procflow.analysis.compare import compare
from procflow.errors import SimulationError
from procflow.experiments import ExperimentResult, run_experiment
from procflow.simulation import simulate
from tests.unit.experiments.small import REVIEWERS, SCENARIO, permit, small


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("experiment")


@pytest.fixture(scope="module")
def result(place: Path) -> ExperimentResult:
    return run_experiment(small(), place)


def test_a_table_has_a_row_per_cell_process_and_metric(result: ExperimentResult):
    table = result.table()
    keys = ["processes", "arrivals", REVIEWERS, "process", "metric"]
    assert table.columns == [*keys, "unit", "mean", "low", "high", "n"]
    assert table.select(keys).is_unique().all()
    assert table.filter(metric="cycle_wd").height == 8
    assert table.schema[REVIEWERS] == pl.Int64


def test_means_are_those_of_the_values(result: ExperimentResult):
    values = (
        result.values()
        .group_by("processes", "arrivals", REVIEWERS, "process", "metric")
        .agg(pl.col("value").mean(), kept=pl.col("value").count())
    )
    joined = result.table().join(values, on=["processes", "arrivals", REVIEWERS, "process", "metric"])
    assert joined.height == result.table().height
    assert joined.filter((pl.col("mean") - pl.col("value")).abs() > 1e-12).is_empty()
    assert joined.filter(pl.col("n") != pl.col("kept")).is_empty()


def test_only_the_metrics_asked_for_are_kept(place: Path):
    few = run_experiment(small(metrics=["visits", "cycle_wd"]), place)
    assert set(few.table()["metric"]) == set(few.values()["metric"]) == {"cycle_wd", "visits"}


def test_a_confidence_widens_the_interval(result: ExperimentResult):
    cycle = [result.table(confidence=share).filter(metric="cycle_wd")["low"][0] for share in (0.9, 0.99)]
    assert cycle[1] < cycle[0]


def test_a_baseline_of_one_axis_pairs_the_cells_at_the_same_place(result: ExperimentResult):
    found = result.against({"processes": "as_is"})
    assert set(found["processes"]) == {"fast"}
    row = found.filter(arrivals="4 per wd", metric="cycle_wd").filter(pl.col(REVIEWERS) == 2).row(0, named=True)
    [after] = [c for c in result.experiment.cells if c.axes == {a: row[a] for a in result.experiment.axes}]
    delta = compare(simulate(permit(), after.scenario), simulate(permit("fast", "20 min"), after.scenario))["cycle_wd"]
    assert (row["baseline"], row["mean"]) == (delta.before.mean, delta.after.mean)
    assert (row["difference"], row["low"], row["high"]) == (
        delta.difference.mean,
        delta.difference.low,
        delta.difference.high,
    )


def test_a_baseline_of_all_axes_is_one_cell_for_all(result: ExperimentResult):
    found = result.against({"processes": "as_is", "arrivals": "4 per wd", REVIEWERS: 1}).filter(metric="cycle_wd")
    assert found.height == 7
    assert found["baseline"].n_unique() == 1


def test_the_baseline_of_the_plan_is_the_default(place: Path, result: ExperimentResult):
    planned = run_experiment(small(baseline={"processes": "as_is"}), place)
    assert planned.against().equals(result.against({"processes": "as_is"}))
    assert planned.to_data()["differences"] == planned.against().to_dicts()


@pytest.mark.parametrize(
    ("baseline", "words"),
    [(None, "name a baseline"), ({"processes": "to_be"}, "there is no cell with processes = to_be")],
)
def test_a_baseline_that_is_not_there_is_told(result: ExperimentResult, baseline: Any, words: str):
    with pytest.raises(SimulationError, match=words):
        result.against(baseline)


def test_cells_that_count_other_cases_are_not_paired(tmp_path: Path):
    longer = run_experiment(small(processes=[permit()], grid={"days": [10, 20]}), tmp_path)
    with pytest.raises(SimulationError, match="days is 20 here and 10 in the baseline"):
        longer.against({"days": 10})


def test_one_replication_has_no_interval_and_says_so(tmp_path: Path):
    single = SCENARIO.model_copy(update={"replications": 1})
    table = run_experiment(small(scenario=single, grid=None), tmp_path).table().filter(metric="cycle_wd")
    assert table["low"].to_list() == [None, None]
    assert table["n"].to_list() == [1, 1]


def test_a_table_is_saved_as_its_ending_says(result: ExperimentResult, tmp_path: Path):
    assert pl.read_parquet(result.save(tmp_path / "new" / "table.parquet")).equals(result.table())
    assert pl.read_csv(result.save(tmp_path / "table.csv"))["mean"].equals(result.table()["mean"])
    with pytest.raises(SimulationError, match=r"neither \.parquet nor \.csv"):
        result.save(tmp_path / "table.xls")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "table.csv"]


def test_people_who_had_nothing_to_do_in_a_replication_are_counted_with_zero(tmp_path: Path):
    rare = SCENARIO.model_copy(update={"replications": 6, "days": 3})
    result = run_experiment(small(scenario=rare, processes=[permit()], grid={"arrivals": ["1 per week"]}), tmp_path)
    [use] = result.table().filter(metric="utilization:market_regulation.reviewer").to_dicts()
    told = result.values().filter(metric="utilization:market_regulation.reviewer")
    assert 0 < told.height < 6
    assert use["n"] == 6
    assert use["mean"] == pytest.approx(told["value"].sum() / 6)


def test_cells_in_which_people_cannot_keep_up_are_told_with_their_names(tmp_path: Path):
    crowded = small(grid={"arrivals": ["4 per wd", "30 per wd", "40 per wd"]}, processes=[permit()])
    result = run_experiment(crowded, tmp_path)
    told = [(overload.cell.axes["arrivals"], overload.load.names) for overload in result.overloads]
    assert [rate for rate, names in told if names == ("market_regulation.reviewer",)] == ["30 per wd", "40 per wd"]
    assert "4 per wd" not in {rate for rate, _ in told}
    assert result.to_data()["overloads"][0]["message"]["en"].startswith("the people of ")


def test_nobody_is_overloaded_where_everything_is_done(result: ExperimentResult):
    assert result.overloads == ()
    assert result.to_data()["overloads"] == []
