"""Every kind of distribution, as the compiled kernel draws it, against scipy and against its own mean and variance.

The samples are the delays of 40,000 cases. A test by Kolmogorov and Smirnov (chi-square where values are few) fails a
right kernel with probability 1e-4, one of a moment at 4.5 standard errors with 7e-6; seeds are fixed.
"""

import math
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy import stats

from procflow.definition import distributions
from procflow.definition.scenario import Scenario
from procflow.simulation import Run, simulate
from tests.analytic.model import process

CASES, HOUR = 40_000, 3.6e9
_LOG = {sd: math.sqrt(math.log(1 + (sd / 10) ** 2)) for sd in (5.0, 20.0)}

KINDS: dict[str, tuple[str, tuple[float, ...], Any]] = {
    "uniform": ("uniform", (2.0, 10.0), stats.uniform(2, 8)),
    "exponential": ("exponential", (10.0,), stats.expon(scale=10)),
    "triangular": ("triangular", (2.0, 3.0, 9.0), stats.triang(1 / 7, 2, 7)),
    "triangular_left": ("triangular", (2.0, 2.0, 9.0), stats.triang(0, 2, 7)),
    "triangular_right": ("triangular", (2.0, 9.0, 9.0), stats.triang(1, 2, 7)),
    "lognormal": ("lognormal", (10.0, 5.0), stats.lognorm(_LOG[5], scale=10 * math.exp(-(_LOG[5] ** 2) / 2))),
    "lognormal_wide": ("lognormal", (10.0, 20.0), stats.lognorm(_LOG[20], scale=10 * math.exp(-(_LOG[20] ** 2) / 2))),
    "normal": ("normal", (10.0, 2.0), stats.truncnorm(-5, math.inf, 10, 2)),
    "normal_cut": ("normal", (1.0, 5.0), stats.truncnorm(-0.2, math.inf, 1, 5)),
    "gamma": ("gamma", (10.0, 5.0), stats.gamma(4, scale=2.5)),
    "gamma_exponential": ("gamma", (10.0, 10.0), stats.expon(scale=10)),
    "gamma_below_one": ("gamma", (10.0, 20.0), stats.gamma(0.25, scale=40)),
    "erlang": ("erlang", (3.0, 10.0), stats.gamma(3, scale=10 / 3)),
    "weibull": ("weibull", (1.5, 10.0), stats.weibull_min(1.5, scale=10)),
    "weibull_below_one": ("weibull", (0.7, 10.0), stats.weibull_min(0.7, scale=10)),
    "pert": ("pert", (2.0, 3.0, 10.0), stats.beta(1.5, 4.5, 2, 8)),
    "pert_left": ("pert", (2.0, 2.0, 10.0), stats.beta(1, 5, 2, 8)),
}
EMPIRICAL = (1.0, 2.0, 2.0, 5.0, 9.0)


def chain(states: dict[str, str]) -> str:
    """Return a process that goes through states with these delays, one after another."""
    names = [*states, "end"]
    lines = ["initial: " + names[0], "states:"]
    lines += [f"  - {{name: {name}, delay: {delay}}}" for name, delay in states.items()]
    lines += ["  - {name: end, final: true}", "transitions:"]
    lines += [f"  - {{trigger: go, source: {a}, dest: {b}}}" for a, b in pairwise(names)]
    return "\n".join(lines)


def written(kind: str, arguments: tuple[float, ...]) -> str:
    shown = [str(a) if (kind, k) in (("erlang", 0), ("weibull", 0)) else f"{a} h" for k, a in enumerate(arguments)]
    return f"{{{kind}: [{', '.join(shown)}]}}"


@cache
def drawn() -> Run:
    delays = {name: written(kind, arguments) for name, (kind, arguments, _) in KINDS.items()}
    delays["empirical"] = written("empirical", EMPIRICAL)
    fields = {"arrivals": {"times": ["2025-01-01 00:00"], "size": CASES}, "days": 1, "replications": 1, "seed": 31}
    return simulate(process(chain(delays)), Scenario.model_validate(fields))


def sample(state: str) -> np.ndarray[Any, Any]:
    return drawn().events.filter(state=state).sort("case")["delay_us"].to_numpy() / HOUR


@pytest.mark.parametrize("name", KINDS)
def test_samples_have_the_distribution_that_they_are_named_after(name: str) -> None:
    found = sample(name)
    assert len(found) == CASES
    assert stats.kstest(found, KINDS[name][2].cdf).pvalue > 1e-4


@pytest.mark.parametrize("name", KINDS)
def test_samples_have_the_mean_and_the_variance_that_the_definition_states(name: str) -> None:
    kind, arguments, reference = KINDS[name]
    mean, variance = distributions.mean(kind, arguments), distributions.variance(kind, arguments)
    assert (mean, variance) == pytest.approx((reference.mean(), reference.var()), rel=1e-9)
    found, kurtosis = sample(name), float(reference.stats("k")) + 3
    assert abs(found.mean() - mean) < 4.5 * math.sqrt(variance / CASES)
    error = variance * math.sqrt((kurtosis - 1) / CASES)
    assert abs(found.var() - variance) < 4.5 * error


@pytest.mark.parametrize("name", KINDS)
def test_samples_lie_in_their_support(name: str) -> None:
    low, high = distributions.support(*KINDS[name][:2])
    assert low - 1e-9 <= sample(name).min() <= sample(name).max() <= high + 1e-9


def test_an_empirical_distribution_takes_each_of_its_values_as_often_as_it_is_listed() -> None:
    values, counts = np.unique(np.round(sample("empirical"), 9), return_counts=True)
    assert values.tolist() == [1, 2, 5, 9]
    assert stats.chisquare(counts, np.array([1, 2, 1, 1]) / 5 * CASES).pvalue > 1e-4


@pytest.mark.parametrize(
    ("delay", "hours"),
    [
        ("{lognormal: [3 h, 0 h]}", 3), ("{normal: [3 h, 0 h]}", 3), ("{gamma: [3 h, 0 h]}", 3),
        ("{uniform: [3 h, 3 h]}", 3), ("{triangular: [3 h, 3 h, 3 h]}", 3), ("{pert: [3 h, 3 h, 3 h]}", 3),
        ("{empirical: [3 h]}", 3), ("0 h", 0),
    ],
)  # fmt: skip
def test_a_distribution_without_spread_is_its_value(delay: str, hours: float) -> None:
    fields = {"arrivals": {"times": ["2025-01-01 00:00"], "size": 5}, "days": 1, "replications": 1}
    found = simulate(process(chain({"a": delay})), Scenario.model_validate(fields))
    assert found.events["delay_us"].to_list() == [hours * 3_600_000_000] * 5


def test_draws_of_different_states_are_uncorrelated() -> None:
    """All pairs of 18 states by rank, |r| below 4.9 standard errors: false alarm 1.5e-4 in all."""
    ranks = stats.rankdata(np.column_stack([sample(name) for name in KINDS]), axis=0)
    found = np.corrcoef(ranks, rowvar=False)
    np.fill_diagonal(found, 0)
    assert np.abs(found).max() < 4.9 / math.sqrt(CASES)


def test_draws_of_one_case_and_the_next_are_uncorrelated() -> None:
    """17 states by rank, |r| below 4.5 standard errors: false alarm 1.2e-4 in all."""
    for name in KINDS:
        ranks = stats.rankdata(sample(name))
        assert abs(np.corrcoef(ranks[:-1], ranks[1:])[0, 1]) < 4.5 / math.sqrt(CASES)


def test_draws_of_visits_replications_and_purposes_are_uncorrelated() -> None:
    """Work and delay of two visits in two replications, 28 pairs at 4.7 standard errors: false alarm 7e-5 in all."""
    text = """
initial: a
states: [{name: a, actor: applicant, work: {exponential: 1 h}, delay: {exponential: 1 h}}, {name: end, final: true}]
transitions:
  - {trigger: again, source: a, dest: a, probability: [1, 0]}
  - {trigger: go, source: a, dest: end, probability: [0, 1]}
"""
    fields = {"arrivals": {"times": ["2025-01-01 00:00"], "size": 20_000}, "days": 1, "replications": 2, "seed": 5}
    rows = simulate(process(text), Scenario.model_validate(fields)).events.sort("case")
    columns = [
        rows.filter(replication=replication, visit=visit)[column].to_numpy()
        for replication in (0, 1)
        for visit in (1, 2)
        for column in ("work_us", "delay_us")
    ]
    found = np.corrcoef(stats.rankdata(np.column_stack(columns), axis=0), rowvar=False)
    np.fill_diagonal(found, 0)
    assert np.abs(found).max() < 4.7 / math.sqrt(20_000)
