"""How often the intervals of simulated queues hold what theory says, and the tolerance that this is held to.

The queue is M/M/1 with ρ = 0.5, where the time in the system is exponential with mean 2 h. Means of replications are
skew, so an interval of 95 % holds the truth in some 94 % of all cases: how often it does must be likely at 94 %, by a
two-sided binomial test at 0.1 % a claim. Seeds are fixed; PROCFLOW_SOAK=1 takes ten times as many intervals.
"""

import math
import os
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import binomtest

from procflow import summary
from procflow.definition.scenario import Scenario
from procflow.simulation.precision import simulate_until
from procflow.simulation.statistics import Estimate, batch_means, estimate, paired_difference, quantile
from tests.analytic.model import HOUR, MONDAY, queue, run

SOAK = os.environ.get("PROCFLOW_SOAK") == "1"
MEAN, GROUPS, SIZE = 2.0, 500 if SOAK else 50, 10
FASTER = 1 / (1 / 0.75 - 0.5)
"""The mean time in the system where the work takes 45 minutes, in hours."""
Floats = NDArray[np.float64]


@cache
def cycles(work: str, days: int = 25, replications: int = GROUPS * SIZE) -> list[Floats]:
    """Return the cycle times of the cases of each replication in the order of arrival, in hours."""
    found = run(queue(f"work: {{exponential: {work}}}", 1), "12 per d", days=days, seed=71, replications=replications,
                warmup_days=5)  # fmt: skip
    rows = found.cohort.sort("replication", "case").select("replication", pl.col("cycle_us") / HOUR)
    return [each["cycle_us"].to_numpy() for each in rows.partition_by("replication", maintain_order=True)]


def of_groups(interval: Callable[[slice], Estimate]) -> list[Estimate]:
    """Return the interval of each group of ten replications."""
    return [interval(slice(SIZE * group, SIZE * (group + 1))) for group in range(GROUPS)]


def assert_hold(found: Sequence[Estimate], truth: float, *, coverage: float = 0.94) -> None:
    hits = sum(each.low <= truth <= each.high for each in found)
    assert binomtest(hits, len(found), coverage).pvalue > 0.001, f"{hits} of {len(found)} hold {truth:.4g}"


def means(each: Sequence[Floats]) -> list[float]:
    return [float(values.mean()) for values in each]


def test_t_intervals_over_replications_hold_the_mean_as_often_as_they_say() -> None:
    values = means(cycles("1 h"))
    assert_hold(of_groups(lambda group: estimate(values[group])), MEAN)


def test_intervals_of_quantiles_hold_those_of_the_exponential_as_often_as_they_say() -> None:
    """The ninth decile of a replication of some 240 cases is biased by less than a fifth of the half width."""
    values = cycles("1 h")
    assert_hold(of_groups(lambda group: quantile(values[group], 0.9)), MEAN * math.log(10))


def test_paired_differences_hold_that_of_two_queues_as_often_as_they_say_and_are_narrower() -> None:
    """The same luck in both queues: the difference of two means is known much better than each of them."""
    slow, fast = means(cycles("1 h")), means(cycles("45 min"))
    truth = FASTER - MEAN
    assert_hold(of_groups(lambda group: paired_difference(slow[group], fast[group])), truth)
    assert paired_difference(slow, fast).half_width < estimate(slow).half_width


def test_batch_means_of_one_long_run_hold_the_mean_as_often_as_they_say() -> None:
    """Cases depend on each other for far less than a batch of 250 of them."""
    runs = cycles("1 h", days=450, replications=GROUPS)
    assert_hold([batch_means(values[:5000], batches=20).estimate for values in runs], MEAN)


def test_runs_until_they_are_precise_are_as_precise_as_they_say() -> None:
    """Sequential intervals cover a little less (Law, 5th ed., 9.4.1): 92 %; none errs by twice what was asked for."""
    model = queue("work: {exponential: 1 h}", 1)
    fields = {"arrivals": "12 per d", "start": MONDAY, "days": 25, "warmup_days": 5}
    found = []
    for seed in range(200 if SOAK else 20):
        scenario = Scenario.model_validate(fields | {"seed": seed})
        reached = summary(simulate_until(model, scenario, relative=0.15, least=SIZE, workers=1))[0].estimate
        assert reached.half_width <= 0.15 * reached.mean
        assert abs(24 * reached.mean - MEAN) <= 0.3 * MEAN
        found.append(reached)
    assert_hold(found, MEAN / 24, coverage=0.92)
