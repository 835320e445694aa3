"""Sampling of distributions: one uniform by inversion wherever there is an inverse (semantics, rules 20–21)."""

import math

import numpy as np

from procflow.kernel.arrays import Floats
from procflow.kernel.draws import absorb, normal_quantile, unit, word
from procflow.kernel.jit import compiled

KINDS = (
    "fixed",
    "exponential",
    "triangular",
    "uniform",
    "lognormal",
    "normal",
    "gamma",
    "erlang",
    "weibull",
    "pert",
    "empirical",
)
"""The kinds of distribution by their number in the arrays."""
FIXED, EXPONENTIAL, TRIANGULAR, UNIFORM, LOGNORMAL, NORMAL, GAMMA, ERLANG, WEIBULL, PERT, EMPIRICAL = range(11)

LONGEST = 9e11
"""Seconds, some 28,000 years: as a number of ticks it can still be added to an instant without overflow."""

BOOST, SECOND_GAMMA, SECOND_BOOST = 1 << 23, 1 << 22, (1 << 22) + (1 << 21)


@compiled
def exponential(mean: float, base: np.uint64, first: np.uint64) -> float:
    """Return an exponential variate, whose uniform is ``absorb(base, first)``."""
    return -mean * math.log(unit(absorb(base, first)))


@compiled
def sample(A: Floats, kind: int, at: int, n: int, base: np.uint64, first: np.uint64) -> float:
    """Return a sample of a distribution with ``n`` arguments at ``A[at]``; draw *i* is ``absorb(base, first + i)``."""
    if kind == FIXED:
        return A[at]
    if kind == EXPONENTIAL:
        return exponential(A[at], base, first)
    u = unit(absorb(base, first))
    return _rare(A, kind, at, n, base, first, u)


@compiled
def _rare(A: Floats, kind: int, at: int, n: int, base: np.uint64, first: np.uint64, u: float) -> float:
    if kind == TRIANGULAR:
        return _triangular(A[at], A[at + 1], A[at + 2], u)
    if kind == UNIFORM:
        return A[at] + u * (A[at + 1] - A[at])
    if kind == EMPIRICAL:
        return A[at + min(int(u * n), n - 1)]
    return _rarer(A, kind, at, base, first, u)


@compiled
def _triangular(low: float, mode: float, high: float, u: float) -> float:
    if high <= low:
        return low
    cut = (mode - low) / (high - low)
    if u < cut:
        return low + math.sqrt(u * (high - low) * (mode - low))
    return high - math.sqrt((1.0 - u) * (high - low) * (high - mode))


@compiled
def _rarer(A: Floats, kind: int, at: int, base: np.uint64, first: np.uint64, u: float) -> float:
    a, b = A[at], A[at + 1]
    if kind == LOGNORMAL:
        if b == 0.0:
            return a
        s2 = math.log(1.0 + (b / a) * (b / a))
        return math.exp(math.log(a) - s2 / 2.0 + math.sqrt(s2) * normal_quantile(u))
    if kind == NORMAL:
        if b == 0.0:
            return a
        below = 0.5 * math.erfc(a / b / math.sqrt(2.0))
        return max(0.0, a + b * normal_quantile(below + u * (1.0 - below)))
    if kind == GAMMA:
        if b == 0.0:
            return a
        return b * b / a * _gamma((a / b) * (a / b), base, first, 0, BOOST)
    if kind == ERLANG:
        total = 0.0
        for i in range(int(a)):
            total -= math.log(unit(absorb(base, first + np.uint64(i))))
        return total * b / a
    if kind == WEIBULL:
        return b * math.pow(-math.log(u), 1.0 / a)
    return _pert(a, b, A[at + 2], base, first)


@compiled
def _pert(low: float, mode: float, high: float, base: np.uint64, first: np.uint64) -> float:
    if high <= low:
        return low
    x = _gamma(1.0 + 4.0 * (mode - low) / (high - low), base, first, 0, BOOST)
    y = _gamma(1.0 + 4.0 * (high - mode) / (high - low), base, first, SECOND_GAMMA, SECOND_BOOST)
    return low + (high - low) * x / (x + y)


@compiled
def _gamma(shape: float, base: np.uint64, first: np.uint64, offset: int, boost: int) -> float:
    """Return a gamma variate of scale 1 (Marsaglia and Tsang, ACM TOMS 26, 2000)."""
    k = shape if shape >= 1.0 else shape + 1.0
    d = k - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    i = offset
    while True:
        x = normal_quantile(unit(absorb(base, first + np.uint64(i))))
        u = unit(absorb(base, first + np.uint64(i + 1)))
        i += 2
        v = 1.0 + c * x
        if v > 0.0:
            v = v * v * v
            if math.log(u) < 0.5 * x * x + d - d * v + d * math.log(v):
                break
    if shape < 1.0:
        return d * v * math.pow(unit(absorb(base, first + np.uint64(boost))), 1.0 / shape)
    return d * v


@compiled
def ticks(seconds: float) -> int:
    """Return seconds as whole microseconds, rounded half up; what lies beyond every horizon is cut to fit a word."""
    seconds = min(seconds, LONGEST)
    return int(math.floor(seconds * 1e6 + 0.5))  # noqa: RUF046 - compiled, floor gives a float


@compiled
def draw_word(visit: int, purpose: int) -> np.uint64:
    """Return the word of index 0 of a draw (see ``draws.word``)."""
    return word(visit, purpose, 0)
