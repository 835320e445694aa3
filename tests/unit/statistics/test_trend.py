"""Work in progress that grows, and work in progress that does not."""

import warnings

import pytest

import procflow as pf
from procflow.cli.demo import LICENSES, PLAN
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.definition.shipped import folder
from procflow.errors import AnalysisError, ProcflowWarning
from procflow.simulation import simulate
from procflow.simulation.trend import Trend, trend
from tests.unit.statistics.models import MONDAY, plan, queue


def found(model: Process, arrivals: str, **more: object) -> Trend:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ProcflowWarning)
        run = simulate(model, plan(arrivals, **{"days": 120, "warmup_days": 20, "replications": 5, "seed": 3} | more))
    [each] = trend(run)
    return each


def test_an_overloaded_role_makes_work_in_progress_grow_by_the_surplus_and_is_named():
    """Of 30 cases a day 24 are done, so 6 a day stay; the interval is of 95 %, the seed fixed."""
    seen = found(queue("work: 1 h"), "30 per d")
    assert seen.growing
    assert seen.slope.low <= 6 <= seen.slope.high
    assert [cause.names for cause in seen.causes] == [("desk.clerk",)]
    assert "growing, as the people of desk.clerk are offered 125%" in str(seen)
    assert "持续增长,原因:desk.clerk" in seen.text().get("zh")


def test_a_sitting_with_too_few_seats_is_named():
    seen = found(queue('delay: 1 h, batch: {every: "weekly wed 09:00", max: 5}'), "2 per d")
    assert seen.growing
    assert [cause.names for cause in seen.causes] == [("example/a",)]


@pytest.mark.parametrize("arrivals", ["12 per d", "19 per d"])
def test_a_steady_queue_does_not_grow(arrivals: str):
    seen = found(queue("work: {exponential: 1 h}"), arrivals, days=400, warmup_days=50)
    assert not seen.growing
    assert seen.causes == ()
    assert "no growth" in str(seen)
    load = float(arrivals.split()[0]) / 24
    assert seen.level == pytest.approx(load / (1 - load), rel=0.25)  # M/M/1: Gross et al., 2.3


def test_a_start_without_warm_up_grows_without_anybody_being_overloaded():
    seen = found(queue("delay: 60 d"), "5 per d", days=60, warmup_days=0)
    assert (seen.growing, seen.causes) == (True, ())
    assert "with a longer warm-up" in str(seen)


def test_one_replication_tells_no_growth():
    assert not found(queue("work: 1 h"), "30 per d", replications=1).growing


def test_each_process_has_its_own_trend():
    models = [queue("delay: 1 h", name="calm"), queue("work: 1 h", name="busy")]
    listed = [{"process": "calm", "arrivals": "30 per d"}, {"process": "busy", "arrivals": "30 per d"}]
    scenario = pf.Scenario.model_validate({"processes": listed, "days": 60, "replications": 4})
    with pytest.warns(ProcflowWarning, match="desk.clerk"):
        run = simulate(models, scenario)
    assert [(each.process, each.growing) for each in trend(run)] == [("calm", False), ("busy", True)]


def test_the_demonstration_does_not_grow():
    today = pf.load(folder() / "processes" / "food_license" / "as_is.yaml")
    run = simulate(today, pf.Scenario.model_validate({**PLAN, "arrivals": LICENSES}))
    assert not trend(run)[0].growing


def test_a_run_of_one_day_is_too_short_for_a_trend():
    run = simulate(queue("work: 1 h"), plan("3 per d", 1, replications=2))
    with pytest.raises(AnalysisError, match="at least two days"):
        trend(run)


def test_growth_is_seen_in_a_run_that_counts_cases():
    fields = {"arrivals": "30 per d", "start": MONDAY, "cases": 2400, "warmup_cases": 300, "replications": 3, "seed": 1}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ProcflowWarning)
        [grown] = trend(simulate(queue("work: 1 h"), Scenario.model_validate(fields)))
    assert grown.growing
    assert grown.slope.mean == pytest.approx(6, abs=1.5)
    assert [cause.names for cause in grown.causes] == [("desk.clerk",)]
    [steady] = trend(simulate(queue("work: 30 min"), Scenario.model_validate(fields)))
    assert not steady.growing
