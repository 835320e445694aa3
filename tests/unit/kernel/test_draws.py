"""Hashes, uniforms and the normal quantile."""

import numpy as np
import pytest
from scipy import special, stats

from procflow.simulation.naming import absorb, hash_of, signed
from tests.unit.kernel.plain import draws


@pytest.fixture(autouse=True)
def _wrapping() -> object:
    with np.errstate(over="ignore"):  # hashes are arithmetic modulo 2^64
        yield


def test_the_quantile_of_a_normal_is_that_of_scipy_to_one_in_ten_trillion() -> None:
    tails = np.logspace(-300, -1, 400)
    upper = 1 - np.logspace(-15, -1, 100)
    for p in np.concatenate([tails, np.linspace(0.001, 0.999, 500), upper]):
        assert draws.normal_quantile(float(p)) == pytest.approx(special.ndtri(p), rel=1e-13, abs=1e-13)


def test_the_quantile_of_a_normal_is_odd() -> None:
    for p in (0.01, 0.0740001, 0.075, 0.25, 0.4999):
        assert draws.normal_quantile(p) == pytest.approx(-draws.normal_quantile(1 - p), rel=1e-12)
    assert draws.normal_quantile(0.5) == 0


def test_a_hash_becomes_a_number_strictly_between_zero_and_one() -> None:
    for word in (0, 1, 2**63, 2**64 - 1):
        assert 0 < draws.unit(np.uint64(word)) < 1


def test_a_hash_is_the_same_in_the_kernel_and_outside_of_it() -> None:
    """Rule 19 of the semantics, written out there for one and here for the other."""
    for h, x in ((0, 0), (1, 2**63), (2**64 - 1, 12345), (0xBF58476D1CE4E5B9, 2**40)):
        assert int(draws.absorb(np.uint64(h), np.uint64(x))) == absorb(h, x)


def test_a_hash_is_the_published_splitmix64() -> None:
    """The first outputs for seed 1234567, as in the reference implementation by Vigna (splitmix64.c)."""
    golden, state, found = 0x9E3779B97F4A7C15, 1234567, []
    for _ in range(3):
        found.append(absorb(state, 0))
        state = (state + golden) % 2**64
    assert found == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_the_word_of_a_draw_tells_visit_purpose_and_index_apart() -> None:
    words = [int(draws.word(v, p, i)) for v in (1, 2, 300) for p in range(1, 7) for i in (0, 1, 2**22, 2**23)]
    assert len(set(words)) == len(words)


def test_a_name_has_one_hash_everywhere() -> None:
    assert hash_of("受理") == hash_of("受理") != hash_of("审查")
    assert signed(2**64 - 1) == -1


def test_hashes_of_counters_are_uniform_and_uncorrelated() -> None:
    """10,000 draws by Kolmogorov-Smirnov and by lag-one correlation at 4 sigma: false alarm 1.6e-4."""
    base = np.uint64(absorb(7, 11))
    found = np.array([draws.unit(draws.absorb(base, draws.word(visit, 1, 0))) for visit in range(1, 10_001)])
    assert stats.kstest(found, "uniform").pvalue > 1e-4
    assert abs(np.corrcoef(found[:-1], found[1:])[0, 1]) < 4 / 100
