"""Runs that end when they are precise, and the warm-up recommended from a run."""

import datetime as dt
import warnings

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from procflow.definition.scenario import Scenario
from procflow.errors import AnalysisError, ProcflowWarning, SimulationError
from procflow.simulation import simulate
from procflow.simulation.precision import simulate_until, warmup_days
from procflow.simulation.statistics import estimate
from tests.unit.statistics.models import MONDAY, plan, queue

MM1 = queue("work: {exponential: 1 h}")
PLAN = plan("12 per d", 60, warmup_days=10, seed=11)


def half_widths(run, metric: str = "cycle_wd") -> list[float]:
    """Return half width ÷ mean after 2, 3, … replications."""
    means = run.cohort.group_by("replication").agg(pl.col(metric).mean()).sort("replication")[metric].to_list()
    found = [estimate(means[:n]) for n in range(2, len(means) + 1)]
    return [each.half_width / each.mean for each in found]


def test_it_stops_at_the_shortest_prefix_that_is_precise():
    run = simulate_until(MM1, PLAN, relative=0.03)
    widths = half_widths(run)
    assert widths[-1] <= 0.03
    assert min(widths[3:-1]) > 0.03  # from five replications on
    assert run.scenario.replications == len(widths) + 1 > 6


@pytest.mark.parametrize("workers", [2, 5])
def test_the_run_does_not_depend_on_the_number_of_workers(workers: int):
    one, several = (simulate_until(MM1, PLAN, relative=0.05, workers=n) for n in (1, workers))
    for table in ("events", "cases", "staff"):
        assert_frame_equal(getattr(one, table), getattr(several, table))
    assert one.scenario == several.scenario
    assert one.provenance == several.provenance


def test_the_run_is_that_of_as_many_replications_asked_for_at_once():
    found = simulate_until(MM1, PLAN.model_copy(update={"replications": 3}), relative=0.05)
    asked = simulate(MM1, PLAN.model_copy(update={"replications": found.scenario.replications}))
    assert_frame_equal(found.events, asked.events)
    assert_frame_equal(found.staff, asked.staff)
    assert found.provenance == asked.provenance


def test_there_are_at_least_as_many_replications_as_asked_for():
    assert simulate_until(MM1, PLAN, relative=10.0, least=7).scenario.replications == 7


def test_at_the_most_it_warns_how_precise_the_mean_became():
    with pytest.warns(ProcflowWarning, match=r"after 6 replications .* is \d+\.\d% of the mean, not 0\.1%") as caught:
        run = simulate_until(MM1, PLAN, relative=0.001, most=6)
    assert run.scenario.replications == 6
    assert caught[0].filename == __file__
    assert "区间半宽" in caught[0].message.text("zh")


def test_every_process_of_several_becomes_precise():
    steady, wild = queue("work: 1 h", name="steady"), queue("work: {lognormal: {mean: 1 h, sd: 2 h}}", name="wild")
    listed = [{"process": each.name, "arrivals": "4 per d"} for each in (steady, wild)]
    shared = Scenario.model_validate({"processes": listed, "start": MONDAY, "days": 60, "seed": 3})
    run = simulate_until([steady, wild], shared, relative=0.2)
    for name in ("steady", "wild"):
        means = run.cohort.filter(process=name).group_by("replication").agg(pl.col("cycle_wd").mean())["cycle_wd"]
        found = estimate(means.to_list())
        assert found.half_width <= 0.2 * found.mean
        assert found.n == run.scenario.replications


def test_another_metric_can_be_made_precise():
    run = simulate_until(MM1, PLAN, metric="work_us", relative=0.01)
    assert half_widths(run, "work_us")[-1] <= 0.01


def test_values_without_variance_need_no_more_than_the_least():
    calm = queue("work: 1 h", clerks=50)
    assert simulate_until(calm, PLAN, relative=1e-9, least=2).scenario.replications == 2


def test_progress_never_goes_back_behind_what_is_done_and_ends_at_the_end():
    seen: list[tuple[int, int]] = []
    simulate_until(MM1, PLAN, relative=0.05, workers=1, progress=lambda done, total: seen.append((done, total)))
    assert all(done <= total for done, total in seen)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == seen[-1][1]


@pytest.mark.parametrize(
    "numbers",
    [{"relative": 0.0}, {"confidence": 1.0}, {"least": 1}, {"least": 6, "most": 5}, {"relative": float("nan")}],
)
def test_numbers_outside_of_their_range_are_refused(numbers):
    with pytest.raises(SimulationError, match="a precision is above 0"):
        simulate_until(MM1, PLAN, **numbers)


def test_an_unknown_metric_is_refused_with_those_there_are():
    with pytest.raises(AnalysisError, match=r"no number 'cycle'.*cycle_wd"):
        simulate_until(MM1, PLAN, metric="cycle")


def test_a_run_in_which_nothing_finishes_is_refused_and_not_repeated_two_hundred_times():
    never = plan({"times": [f"{MONDAY} 09:00"]}, 2, warmup_days=1)
    with pytest.raises(SimulationError, match=r"no case of example .* finished in 5 replications"):
        simulate_until(MM1, never)


def test_the_warm_up_ends_where_a_backlog_is_worked_off():
    """240 cases wait at first; each day brings 14 and a clerk does 24, so that day 23 is the first without backlog.

    From then on all days are alike, and MSER-5 takes the next multiple of five.
    """
    days = [MONDAY + dt.timedelta(days=n) for n in range(200)]
    times = [f"{MONDAY} 00:00"] * 226 + [f"{day} 00:00" for day in days for _ in range(14)]
    run = simulate(queue("work: 1 h"), plan({"times": times}, 200, replications=1))
    assert warmup_days(run) == 25


def test_an_empty_queue_needs_some_warm_up_and_not_half_of_the_run():
    """M/M/1 with λ = 0.9 and μ = 1 per h relaxes in 1/(√μ − √λ)² = 380 h = 16 d (Gross et al., 2.11.1)."""
    run = simulate(MM1, plan("21.6 per d", 400, replications=40, seed=5))
    assert 0 < warmup_days(run) <= 3 * 16


def test_a_system_without_queue_needs_no_warm_up():
    run = simulate(queue("work: 1 h", clerks=100), plan("24 per d", 100, replications=2, seed=5))
    assert warmup_days(run) == 0


def test_the_warm_up_of_several_processes_is_the_longest():
    calm, busy = queue("delay: 1 h", name="calm"), queue("work: {exponential: 1 h}", name="busy")
    rates = {"calm": "10 per d", "busy": "21.6 per d"}
    listed = [{"process": name, "arrivals": rate} for name, rate in rates.items()]
    shared = Scenario.model_validate({"processes": listed, "start": MONDAY, "days": 200, "replications": 20, "seed": 5})
    both = simulate([calm, busy], shared)
    alone = simulate(busy, plan("21.6 per d", 200, replications=20, seed=5))
    assert warmup_days(both) == warmup_days(alone) > 0


def test_a_run_of_a_few_weeks_is_too_short_to_tell():
    run = simulate(MM1, plan("12 per d", 30, replications=2))
    with pytest.raises(AnalysisError, match="30 values are too few"):
        warmup_days(run)


def test_an_overload_never_settles_and_is_refused():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ProcflowWarning)
        run = simulate(MM1, plan("30 per d", 60, replications=4))
    with pytest.raises(AnalysisError, match="simulate longer"):
        warmup_days(run)


def test_a_warm_up_by_a_column_of_text_is_refused():
    with pytest.raises(AnalysisError, match="no number 'outcome'"):
        warmup_days(simulate(MM1, plan("12 per d", 60, replications=2)), "outcome")
