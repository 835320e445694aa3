"""Cases counted instead of days, and arrivals that are replayed from a list or a file."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from procflow.definition.arrival_log import replayed
from procflow.definition.arrivals import Arrivals
from procflow.definition.loader import load_scenario
from procflow.definition.scenario import Scenario
from procflow.errors import ProcflowWarning, SimulationError, UnitError
from procflow.simulation import Run, simulate
from tests.unit.simulation.small import assert_same_tables, permit, plan, ran

COUNTED = {"days": None, "warmup_days": None}


def test_a_cohort_of_cases_is_their_ordinals_and_every_one_ends():
    run = ran(**COUNTED, cases=60, warmup_cases=20)
    for _, cases in run.cohort.group_by("replication"):
        assert sorted(cases["case"]) == list(range(20, 60))
    assert run.cohort["outcome"].is_not_null().all()


def test_the_same_cases_go_the_same_way_whether_days_or_cases_are_counted():
    by_days, by_cases = ran(days=60, warmup_days=0), ran(**COUNTED, cases=60)
    key = ["replication", "case", "arrival_us"]
    both = by_days.cases.select(key).join(by_cases.cohort.select(key), on=key)
    assert both.height == by_cases.cohort.height == 180


def test_a_run_of_cases_is_the_same_for_any_number_of_workers_and_after_a_save(tmp_path: Path):
    scenario = plan(**COUNTED, cases=40)
    run = simulate(permit(), scenario, workers=1)
    assert_same_tables(run, simulate(permit(), scenario, workers=3))
    run.save(tmp_path / "run")
    loaded = Run.load(tmp_path / "run")
    assert_same_tables(run, loaded)
    assert loaded.scenario == run.scenario
    assert "of 40 cases" in str(loaded)


def test_a_list_that_is_too_short_for_the_cases_is_refused():
    with pytest.raises(SimulationError, match="do not bring 3 cases in time"):
        ran(**COUNTED, cases=3, arrivals={"times": ["2025-01-21 09:00", "2025-01-22 09:00"]})


def test_cases_that_take_more_than_a_century_are_refused():
    with pytest.raises(SimulationError, match="do not bring 1000 cases in time"):
        ran(**COUNTED, cases=1000, arrivals="1 per year")


def test_a_log_gives_times_regions_and_attributes_and_the_rest_is_drawn_as_ever(tmp_path: Path):
    (tmp_path / "log.csv").write_text("received,where,area\n2024-01-22 09:30,south,4.5\n2024-01-23 10:15,,\n", "utf-8")
    written = {"log": {"file": "log.csv", "time": "received", "region": "where", "attributes": {"area": "area"}}}
    arrivals = replayed(Arrivals.model_validate({**written, "since": "2024-01-22"}), tmp_path)
    run = ran(arrivals=arrivals, replications=1, warmup_days=0)
    bare = ran(arrivals={"times": arrivals.instants(dt.date(2025, 1, 20))}, replications=1, warmup_days=0)
    start = dt.datetime(2025, 1, 20)
    assert [start + dt.timedelta(microseconds=us) for us in run.cases["arrival_us"]] == [
        dt.datetime(2025, 1, 20, 9, 30),
        dt.datetime(2025, 1, 21, 10, 15),
    ]
    assert run.cases["region"][0] == "south"
    assert run.cases["region"][1] == bare.cases["region"][1]
    assert run.cases["attribute_risk"].equals(bare.cases["attribute_risk"])


def test_a_parquet_log_reads_as_its_csv_does(tmp_path: Path):
    times = [dt.datetime(2025, 1, 21, 9, 5), dt.datetime(2025, 1, 21, 9, 7, 30)]
    table = pl.DataFrame({"time": times, "area": [1.5, None]})
    table.write_parquet(tmp_path / "a.parquet")
    table.with_columns(pl.col("time").dt.to_string("%Y-%m-%d %H:%M:%S")).write_csv(tmp_path / "a.csv")
    found = [
        replayed(Arrivals.model_validate({"log": {"file": f"a.{end}", "attributes": {"area": "area"}}}), tmp_path)
        for end in ("parquet", "csv")
    ]
    assert found[0].times == found[1].times == tuple(times)
    assert found[0].attributes == found[1].attributes == {"area": ("1.5", None)}


def test_a_scenario_file_brings_the_rows_of_its_log(tmp_path: Path):
    (tmp_path / "log.csv").write_text("time\n2025-01-21 09:05\n\n2025-01-21 09:10\n", "utf-8")
    (tmp_path / "year.yaml").write_text("procflow: 1\nscenario: year\narrivals: {log: log.csv}\n", "utf-8")
    scenario = load_scenario(tmp_path / "year.yaml")
    assert scenario.arrivals is not None
    assert [moment.minute for moment in scenario.arrivals.times] == [5, 10]
    assert Scenario.model_validate(scenario.model_dump(mode="json", by_alias=True)) == scenario


def test_a_log_that_nobody_has_read_is_refused():
    with pytest.raises(SimulationError, match=r"the log 'may\.csv' has not been read"):
        ran(arrivals={"log": "may.csv"})


def test_a_log_that_is_no_table_is_refused(tmp_path: Path):
    (tmp_path / "a.parquet").write_text("time\n", "utf-8")
    with pytest.raises(UnitError, match=r"the log 'a\.parquet' cannot be read"):
        replayed(Arrivals(log={"file": "a.parquet"}), tmp_path)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"attributes": {"risk": ["huge"]}}, "'huge', given for attribute 'risk' of arrival 1, is none of its values"),
        ({"attributes": {"area": ["nan"]}}, "'nan', given for attribute 'area'"),
        ({"attributes": {"urgent": ["maybe"]}}, "true, false"),
        ({"attributes": {"height": [1]}}, "unknown attribute 'height'"),
        ({"regions": ["east"]}, "'east', which is no region with all offices"),
    ],
)
def test_a_value_that_no_case_can_have_is_refused(given: dict[str, object], words: str):
    with pytest.raises(SimulationError, match=words):
        ran(arrivals={"times": ["2025-01-21 09:00"], **given})


def test_a_horizon_past_the_published_holidays_warns():
    with pytest.warns(ProcflowWarning, match="holidays of CN for 2027 are not published"):
        ran(start="2026-12-01", days=60, replications=1)


def test_years_before_the_published_holidays_warn_too():
    with pytest.warns(ProcflowWarning, match="for 1998–1999 are not published, or not known"):
        ran(start="1998-12-01", days=60, replications=1)
