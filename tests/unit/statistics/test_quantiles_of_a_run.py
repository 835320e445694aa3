"""Quantiles of what cases took: of a handmade run, of a queue with a closed form, and in summaries."""

import math

import numpy as np
import pytest

from procflow.analysis.compare import compare
from procflow.analysis.metrics import CASE_METRICS, SUMMARY_QUANTILES, summary
from procflow.analysis.metrics_quantiles import quantiles
from procflow.errors import AnalysisError
from procflow.simulation import simulate
from procflow.simulation.statistics import quantile
from tests.unit.statistics.models import plan, queue

MM1 = queue("work: {exponential: 1 h}")
RUN = simulate(MM1, plan("12 per d", 120, warmup_days=20, replications=10, seed=4))


def test_the_quantiles_of_a_single_queue_are_those_of_its_exponential_time():
    """M/M/1: the time in the system is exponential with rate μ − λ = 0.5 per h (Gross et al., 2.3); 99.9 %."""
    found = quantiles(RUN, metric="cycle_days", q=(0.5, 0.9), confidence=0.999)
    for each, q in zip(found, (0.5, 0.9), strict=True):
        truth = -math.log(1 - q) / 0.5 / 24
        assert each.estimate.low <= truth <= each.estimate.high
        assert each.estimate.half_width < 0.25 * truth


@pytest.mark.parametrize("q", [0.05, 0.5, 0.9, 0.975])
def test_the_quantiles_of_tables_are_those_of_the_statistics(q: float):
    [found] = quantiles(RUN, q=[q])
    values = [np.array(rows["cycle_wd"]) for _, rows in RUN.cohort.sort("replication").group_by(
        "replication", maintain_order=True)]  # fmt: skip
    assert found.estimate == quantile(values, q, unit="wd")


def test_a_summary_shows_the_median_and_the_ninth_decile_beside_the_mean():
    keys = [metric.key for metric in summary(RUN)]
    assert keys[:3] == ["cycle_wd", "cycle_wd_p50", "cycle_wd_p90"]
    assert [m.to_data() for m in quantiles(RUN)] == [m.to_data() for m in summary(RUN)[1:3]]
    assert SUMMARY_QUANTILES == (0.5, 0.9)
    assert [m.name.get("zh") for m in summary(RUN)[1:3]] == ["全程用时（P50）", "全程用时（P90）"]


def test_quantiles_are_compared_in_pairs():
    faster = simulate(queue("work: {exponential: 30 min}"), RUN.scenario)
    change = compare(RUN, faster)["cycle_wd_p90"]
    assert change.unit == "wd"
    assert change.difference.high < 0


def test_quantiles_of_one_replication_have_no_interval():
    single = simulate(MM1, plan("12 per d", 60, replications=1))
    assert all(math.isnan(each.estimate.low) and each.estimate.n == 1 for each in quantiles(single))


def test_an_unknown_metric_and_an_impossible_share_are_refused():
    with pytest.raises(AnalysisError, match="'end_us' is no metric of a case: take one of cycle_wd"):
        quantiles(RUN, metric="end_us")
    with pytest.raises(AnalysisError, match="90 is no quantile"):
        quantiles(RUN, q=[90])
    assert "end_us" not in CASE_METRICS
