"""What findings cost: by the visits that a run counts, where there is one, and by the expected ones without."""

import handmade as hm
import polars as pl
import pytest

from procflow import Scenario, simulate
from procflow.analysis.examples.collection import EXAMPLES
from procflow.analysis.registry import analyze
from procflow.definition import load
from procflow.definition.shipped import folder


def test_a_run_counts_the_visits_by_which_a_finding_is_priced() -> None:
    of = load(folder() / "processes" / "food_license" / "as_is.yaml")
    run = simulate(of, Scenario(arrivals="8 per wd", days=120, replications=1, seed=5))
    counted = run.cases.filter(pl.col("in_cohort") & pl.col("end_us").is_not_null())
    for rule in ("R1", "R2", "R3"):
        for finding in analyze(of, run, rules=[rule]):
            [state] = finding.names("state")[-1:]
            visits = run.events.join(counted, on=["replication", "case"]).filter(pl.col("state") == state).height
            things = len(finding.names("item")) or len(finding.names("document"))
            [price] = finding.cost
            assert price.per_case == pytest.approx(things * visits / counted.height)
            assert "counted in the run" in price.basis.en


def test_a_step_that_adds_nothing_is_priced_by_the_time_that_a_run_measures_with_its_queues() -> None:
    of = EXAMPLES["R8"].build()
    rows = []
    for case, wait in enumerate((1, 3)):
        rows += hm.chain(("review", 9, 10), ("forward", 10, 10 + wait), ("decide", 10 + wait, 11 + wait), case=case)
    [measured] = analyze(of, hm.run(of, rows), rules=["R8"])
    minutes = {cost.kind: cost.per_case for cost in measured.cost}["minutes"]
    assert minutes == pytest.approx(120)  # one and three hours of work, on average two
    [expected] = analyze(of, rules=["R8"])
    assert {cost.kind: cost.per_case for cost in expected.cost}["minutes"] == pytest.approx(5)


def test_without_a_run_the_definition_says_how_often_a_state_is_visited() -> None:
    [finding] = analyze(EXAMPLES["R1"].build(), rules=["R1"])
    assert finding.cost[0].per_case == pytest.approx(1)
    assert "expected" in finding.cost[0].basis.en
