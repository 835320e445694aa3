"""Batch means, MSER-5 and quantiles against known results."""

import math

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from procflow.errors import AnalysisError
from procflow.simulation.statistics import batch_means, mser5, quantile, quantile_interval, sample_quantile


def autoregressive(rng: np.random.Generator, rows: int, n: int, phi: float) -> np.ndarray:
    """Return rows of a stationary AR(1) series with mean 0 and variance 1."""
    series = np.empty((rows, n))
    series[:, 0] = rng.standard_normal(rows)
    noise = rng.standard_normal((rows, n)) * math.sqrt(1 - phi**2)
    for t in range(1, n):
        series[:, t] = phi * series[:, t - 1] + noise[:, t]
    return series


def covered(intervals: list, truth: float) -> int:
    return sum(each.low <= truth <= each.high for each in intervals)


def assert_nominal(hits: int, trials: int, share: float) -> None:
    """Fail where so many hits have probability below 0.1 % at the nominal share; seeds are fixed."""
    assert binomtest(hits, trials, share).pvalue > 0.001, f"{hits} of {trials} at a nominal {share}"


def test_batch_means_of_a_long_autoregressive_run_cover_its_mean_as_often_as_they_say():
    """AR(1), φ = 0.5: batches of 200 are independent for practical purposes; false alarm 0.1 %."""
    runs = autoregressive(np.random.default_rng(1), 600, 4000, 0.5)
    found = [batch_means(run, batches=20).estimate for run in runs]
    assert_nominal(covered(found, 0.0), 600, 0.95)


def test_the_width_of_batch_means_is_that_of_the_theory_and_not_that_of_independent_values():
    """Var(mean) ≈ (1 + φ)/(1 − φ)/n: Law, 4.4; the mean squared half width over 400 runs is within 15 %."""
    phi, n = 0.8, 4000
    runs = autoregressive(np.random.default_rng(2), 400, n, phi)
    squared = np.mean([batch_means(run, batches=20).estimate.half_width ** 2 for run in runs])
    expected = (1 + phi) / (1 - phi) / n * 2.093**2  # t with 19 degrees of freedom
    assert squared == pytest.approx(expected, rel=0.15)


def test_batches_that_are_too_short_are_told_to_be_correlated():
    slow = np.sin(np.arange(300) / 300 * 2 * math.pi) + np.random.default_rng(3).standard_normal(300) / 10
    found = batch_means(slow)
    assert found.correlated
    assert found.estimate.n == 10  # the longest batches of the rule, and still too short
    assert found.lag1 > 0.5


def test_the_check_of_correlation_raises_one_false_alarm_in_ten():
    """One-sided 10 % on independent values; false alarm of this test 0.1 %."""
    runs = np.random.default_rng(4).standard_normal((2000, 100))
    assert_nominal(sum(batch_means(run, batches=20).correlated for run in runs), 2000, 0.1)


def test_uncorrelated_values_are_cut_into_thirty_batches_and_the_remnant_is_dropped_at_the_start():
    values = np.concatenate([[1e6] * 5, np.random.default_rng(8).standard_normal(3000)])
    found = batch_means(values)
    assert (found.estimate.n, found.size, found.dropped, found.correlated) == (30, 100, 5, False)
    assert found.estimate.mean == pytest.approx(values[5:].mean())


def test_a_constant_run_has_an_interval_of_no_width_and_no_correlation():
    found = batch_means([0.1] * 61)
    assert found.estimate.half_width < 1e-15
    assert (found.lag1, found.correlated) == (0.0, False)


@pytest.mark.parametrize(("count", "batches"), [(19, None), (5, 3), (100, 2), (100, 0)])
def test_too_few_values_for_batches_are_refused(count: int, batches: int | None):
    with pytest.raises(AnalysisError, match=rf"{count} values cannot be cut") as caught:
        batch_means([1.0] * count, batches=batches)
    assert "无法分为" in caught.value.text("zh")


def naive_mser5(values: np.ndarray) -> int:
    """The formula of White (1997) word by word."""
    means = [float(np.mean(values[i : i + 5])) for i in range(0, len(values) // 5 * 5, 5)]
    m = len(means)
    errors = [sum((x - np.mean(means[d:])) ** 2 for x in means[d:]) / (m - d) ** 2 for d in range(m - 4)]
    return 5 * int(np.argmin(errors))


@pytest.mark.parametrize("seed", range(8))
def test_mser5_is_the_formula_of_white(seed: int):
    series = autoregressive(np.random.default_rng(seed), 1, 403, 0.5)[0]
    series += 10 * np.exp(-np.arange(403) / 25)
    assert mser5(series) == naive_mser5(series)


def test_mser5_finds_where_a_step_ends():
    noise = np.random.default_rng(5).standard_normal(1000)
    noise[:120] += 8
    assert mser5(noise) == pytest.approx(120, abs=5)


def test_mser5_leaves_a_settled_series_nearly_whole():
    """Over 100 series of independent values the mean truncation is a small part of each."""
    rng = np.random.default_rng(6)
    assert np.mean([mser5(rng.standard_normal(1000)) for _ in range(100)]) < 100


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9 / 3])
def test_mser5_truncates_nothing_of_a_constant_series(value: float):
    assert mser5([value] * 500) == 0


def test_mser5_truncates_just_the_transient_before_a_constant():
    assert mser5([5.0, 4.0, 3.0, 2.0, 1.0, 0.7] + [0.1] * 300) == 10


def test_mser5_refuses_a_series_that_has_not_settled_by_its_middle():
    series = np.concatenate([np.linspace(50, 0, 600), np.zeros(100)])
    with pytest.raises(AnalysisError, match="simulate longer"):
        mser5(series)


def test_mser5_refuses_fewer_than_fifty_values():
    with pytest.raises(AnalysisError, match="49 values"):
        mser5([1.0] * 49)


def test_a_quantile_is_the_least_value_that_so_many_do_not_exceed():
    assert [sample_quantile([4, 1, 3, 2], q) for q in (0.01, 0.25, 0.26, 0.5, 0.99)] == [1, 1, 2, 2, 4]
    assert math.isnan(sample_quantile([], 0.5))


def test_quantiles_over_replications_cover_that_of_the_distribution():
    """P90 of an exponential is ln 10; bias is small at 400 values a replication; false alarm 0.1 %."""
    rng = np.random.default_rng(7)
    found = [quantile(list(rng.exponential(size=(10, 400))), 0.9) for _ in range(500)]
    assert_nominal(covered(found, math.log(10)), 500, 0.95)


def test_a_replication_without_cases_does_not_count_for_a_quantile():
    found = quantile([[1.0, 2.0], [], [3.0, 4.0]], 0.5)
    assert (found.mean, found.n) == (2.0, 2)


def test_ranks_of_an_order_statistic_interval_are_those_of_the_binomial_table():
    """n = 20, q = 0.5: P(Y ≤ 5) = 0.0207, P(Y ≤ 6) = 0.0577 (Conover, table A3), so ranks 6 and 15 at 95 %."""
    found = quantile_interval(range(1, 21), 0.5)
    assert (found.low, found.high, found.n) == (6.0, 15.0, 20)


def test_order_statistic_intervals_cover_at_least_as_often_as_they_say():
    """Coverage is at least nominal whatever the distribution; false alarm 0.1 %."""
    rng = np.random.default_rng(9)
    found = [quantile_interval(rng.lognormal(size=100), 0.75, confidence=0.9) for _ in range(1000)]
    hits = covered(found, math.exp(norm.ppf(0.75)))
    assert binomtest(hits, 1000, 0.9, alternative="less").pvalue > 0.001


def test_a_sample_too_small_for_a_quantile_has_no_interval():
    found = quantile_interval(range(20), 0.9)
    assert found.mean == 17.0
    assert math.isnan(found.low)
    assert math.isnan(found.high)


@pytest.mark.parametrize("q", [0.0, 1.0, 90.0, math.nan])
def test_a_quantile_that_is_no_share_is_refused(q: float):
    with pytest.raises(AnalysisError, match="no quantile"):
        quantile([[1.0, 2.0]], q)
