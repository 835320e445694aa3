"""Values of distributions from uniforms (rule 21)."""

import math
from collections.abc import Callable
from statistics import NormalDist

from procflow.definition.quantities import Distribution

Uniform = Callable[[int], float]
"""Gives the uniform of an index."""

BOOST = 1 << 23
SECOND_GAMMA = 1 << 22

quantile = NormalDist().inv_cdf  # CPython's is Wichura's AS 241, PPND16


def phi(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))


def sample(distribution: Distribution, u: Uniform, wd_seconds: float | None = None) -> float:
    """Return a value of a distribution: seconds for times, else a number."""
    values = distribution.values(wd_seconds)
    if distribution.kind == "empirical":
        return values[math.floor(u(0) * len(values))]
    return float(_SAMPLERS[distribution.kind](u, *values))


def _fixed(_u: Uniform, value: float) -> float:
    return value


def _uniform(u: Uniform, low: float, high: float) -> float:
    return low + u(0) * (high - low)


def _exponential(u: Uniform, mean: float) -> float:
    return -mean * math.log(u(0))


def _triangular(u: Uniform, low: float, mode: float, high: float) -> float:
    if low == high:
        return low
    p = u(0)
    if p < (mode - low) / (high - low):
        return low + math.sqrt(p * (high - low) * (mode - low))
    return high - math.sqrt((1 - p) * (high - low) * (high - mode))


def _lognormal(u: Uniform, mean: float, sd: float) -> float:
    if sd == 0:
        return mean
    variance = math.log(1 + (sd / mean) ** 2)
    return math.exp(math.log(mean) - variance / 2 + math.sqrt(variance) * quantile(u(0)))


def _normal(u: Uniform, mean: float, sd: float) -> float:
    if sd == 0:
        return mean
    below = phi(-mean / sd)
    return mean + sd * quantile(below + u(0) * (1 - below))


def _weibull(u: Uniform, shape: float, scale: float) -> float:
    return scale * math.pow(-math.log(u(0)), 1 / shape)


def _erlang(u: Uniform, shape: float, mean: float) -> float:
    return sum(-mean / shape * math.log(u(index)) for index in range(int(shape)))


def _gamma(u: Uniform, mean: float, sd: float) -> float:
    if sd == 0:
        return mean
    return standard_gamma(u, (mean / sd) ** 2) * sd**2 / mean


def _pert(u: Uniform, low: float, mode: float, high: float) -> float:
    if low == high:
        return low
    first = standard_gamma(u, 1 + 4 * (mode - low) / (high - low))
    second = standard_gamma(lambda index: u(SECOND_GAMMA + index), 1 + 4 * (high - mode) / (high - low))
    return low + (high - low) * first / (first + second)


def standard_gamma(u: Uniform, shape: float) -> float:
    """Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000)."""
    if shape < 1:
        return standard_gamma(u, shape + 1) * math.pow(u(BOOST), 1 / shape)
    d = shape - 1 / 3
    c = 1 / math.sqrt(9 * d)
    attempt = 0
    while True:
        x = quantile(u(2 * attempt))
        v = (1 + c * x) ** 3
        if v > 0 and math.log(u(2 * attempt + 1)) < x * x / 2 + d - d * v + d * math.log(v):
            return d * v
        attempt += 1


_SAMPLERS: dict[str, Callable[..., float]] = {
    "fixed": _fixed,
    "uniform": _uniform,
    "exponential": _exponential,
    "triangular": _triangular,
    "lognormal": _lognormal,
    "normal": _normal,
    "weibull": _weibull,
    "erlang": _erlang,
    "gamma": _gamma,
    "pert": _pert,
}
