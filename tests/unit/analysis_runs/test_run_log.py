"""A simulated run as an event log: its dates, its people, and that it fits its own definition."""

import datetime as dt

import polars as pl
import pytest

from procflow import Scenario, load, read_log, simulate, write_log
from procflow.analysis.run_log import run_log
from procflow.definition.shipped import folder
from procflow.errors import LogError
from procflow.logs.fitness import fitness
from procflow.logs.matching import match_activities


def run_of(name, **options):
    process = load(folder() / f"processes/{name}/as_is.yaml")
    scenario = Scenario(arrivals="3 per wd", days=40, start=dt.date(2025, 3, 3), replications=2, **options)
    return simulate(process, scenario)


@pytest.fixture(scope="module")
def run():
    return run_of("food_license")


def test_dates_are_those_of_the_scenario_in_the_organizations_zone(run):
    log = run_log(run)
    first = run.cases.filter(replication=0)["arrival_us"].min()
    midnight = dt.datetime(2025, 3, 2, 16, tzinfo=dt.UTC)  # in Shanghai
    assert log.cases["case_arrival"].min() == midnight + dt.timedelta(microseconds=first)
    assert log.zone == "Asia/Shanghai"


def test_every_visit_that_began_is_a_row(run):
    for replication in (0, 1):
        rows = run.events.filter(pl.col("replication") == replication, pl.col("start_us").is_not_null())
        log = run_log(run, replication=replication)
        assert log.events.height == rows.height
        took = log.events.group_by("activity").agg((pl.col("end") - pl.col("start")).dt.total_microseconds().sum())
        until = pl.when(pl.col("state") == "correction").then("exit_us").otherwise("done_us")
        meant = rows.group_by(activity="state").agg(end=(until - pl.col("start_us")).sum())
        staffed = meant.filter(~pl.col("activity").is_in(["rectification"]))
        assert staffed.join(took, on=["activity", "end"]).height == staffed.height


def test_people_are_told_apart_by_group(run):
    log = run_log(run)
    staffed = log.events.drop_nulls("resource")
    assert staffed.filter(~pl.col("resource").str.starts_with(pl.col("role"))).is_empty()
    assert staffed["resource"].n_unique() > staffed["role"].n_unique()


def test_a_replication_that_was_not_run_is_refused(run):
    with pytest.raises(LogError, match="no replication 2: the run has 0 to 1"):
        run_log(run, replication=2)


@pytest.mark.parametrize("name", ["food_license", "business_startup", "minimum_living_allowance"])
def test_a_run_fits_its_own_definition(name):
    run = run_of(name, unlimited_staff=True)
    log = run_log(run)
    found = fitness(log, run.processes[0], match_activities(log, run.processes[0]))
    assert found.deviations.is_empty()
    assert (found.fitting, found.unknown, found.left_out) == (found.cases, 0, 0)
    finished = run.cases.filter(pl.col("replication") == 0, pl.col("end_us").is_not_null()).height
    assert found.ended >= finished > 0


def test_a_run_survives_being_written_as_xes(run, tmp_path):
    log = run_log(run)
    write_log(log, tmp_path / "run.xes.gz")
    again = read_log(tmp_path / "run.xes.gz")
    assert again.events.select(sorted(log.events.columns)).equals(log.events.select(sorted(log.events.columns)))
