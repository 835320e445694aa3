"""The reduction of a mean, as a share with its interval."""

import math

import numpy as np
import pytest

from procflow.simulation.statistics import paired_reduction


def test_a_constant_ratio_has_an_interval_of_no_width():
    found = paired_reduction([10.0, 20.0, 40.0], [5.0, 10.0, 20.0])
    assert (found.mean, found.low, found.high) == pytest.approx((0.5, 0.5, 0.5))


def test_the_interval_covers_the_true_share_as_often_as_it_says():
    # 400 experiments of 10 pairs, true share 0.4; 95 % ± 4.5 standard errors of the count
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(400):
        before = rng.normal(10, 1, 10)
        after = 0.6 * before + rng.normal(0, 0.5, 10)
        found = paired_reduction(before.tolist(), after.tolist())
        covered += found.low <= 0.4 <= found.high
    assert 0.90 <= covered / 400 <= 0.99


def test_without_two_pairs_or_anything_before_there_is_no_interval():
    assert math.isnan(paired_reduction([4.0], [1.0]).low)
    assert paired_reduction([4.0], [1.0]).mean == 0.75
    assert math.isnan(paired_reduction([0.0, 0.0], [1.0, 1.0]).mean)


def test_values_that_cannot_be_paired_are_refused():
    with pytest.raises(ValueError, match="2 values before, 1 after"):
        paired_reduction([1.0, 2.0], [1.0])
