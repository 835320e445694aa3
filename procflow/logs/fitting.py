"""Fits the distributions of the definition language to measured times. Draws nothing, decides nothing but the best fit.

Maximum likelihood, compared by AIC (Akaike 1974); the Kolmogorov–Smirnov distance to the data says how good the best
one is. Where no kind comes near, the quantiles of the data themselves are taken (``empirical``).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from procflow.definition import distributions
from procflow.definition.quantities import Distribution
from procflow.errors import LogError, UnitError
from procflow.text import Text
from procflow.units import Span

FEWEST = 20
"""Fewer values are not fitted: their shape is chance."""

POOR = 0.1
"""A Kolmogorov–Smirnov distance above this is no good fit where there are ``MANY`` values."""

MANY = 100
_QUANTILES = 40
_DIGITS = 3

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Fit:
    """A distribution fitted to ``n`` times: its kind and arguments in seconds.

    ``aic`` is the criterion of Akaike (NaN for ``fixed`` and ``empirical``, which have no likelihood); ``ks`` the
    greatest distance between its distribution function and that of the data, from 0 to 1.
    """

    kind: distributions.Kind
    arguments: tuple[float, ...]
    n: int
    aic: float
    ks: float

    def distribution(self, source: str, wd_seconds: float | None = None) -> Distribution:
        """Return it as a definition has it, its arguments rounded to three digits, with its source.

        ``wd_seconds``: write working days of this length, for times that are counted in them.
        """
        typical = sorted(self.arguments)[len(self.arguments) // 2]
        unit, seconds = _unit(typical) if wd_seconds is None else ("wd", wd_seconds)
        shape = 1 if self.kind in ("erlang", "weibull") else 0
        written: list[float | Span] = [_rounded(each) for each in self.arguments[:shape]]
        written += [Span(_rounded(each / seconds), unit) for each in self.arguments[shape:]]
        return Distribution(kind=self.kind, arguments=tuple(written), source=source)


def fit(seconds: Floats) -> Fit:
    """Return the distribution that fits times best.

    Parameters
    ----------
    seconds
        float64, shape (n,), at least 0; n of ``FEWEST`` or more.

    Raises
    ------
    LogError
        There are too few values.

    >>> times = np.random.default_rng(1).gamma(4.0, 150.0, 2000)
    >>> found = fit(times)
    >>> found.kind, round(found.arguments[0], -1)
    ('gamma', 600.0)
    """
    if len(seconds) < FEWEST:
        raise LogError(
            Text(
                en=f"{len(seconds)} times are too few to fit a distribution: it takes {FEWEST}",
                zh=f"只有 {len(seconds)} 个时长，不足以拟合分布：至少需要 {FEWEST} 个",
            )
        )
    spread = float(np.std(seconds))
    if spread <= 1e-6 * float(np.mean(seconds)):
        return Fit("fixed", (float(np.median(seconds)),), len(seconds), math.nan, 0.0)
    found = [each for each in _candidates(seconds) if _is_possible(each)]
    best = min(found, key=lambda each: (each.aic, each.kind), default=None)
    if best is None or (best.ks > POOR and len(seconds) >= MANY):
        return _empirical(seconds)
    return best


def _candidates(seconds: Floats) -> Iterator[Fit]:
    """Yield the kinds that have a likelihood for these values; those with a density of 0 at 0 need all above it."""
    from scipy import stats  # imported here: scipy is slow to load

    n, mean, sd = len(seconds), float(np.mean(seconds)), float(np.std(seconds))
    yield _fit("exponential", (mean,), stats.expon(scale=mean), seconds, 1)
    if mean > 3 * sd:  # so far from 0 that cutting it off there changes nothing
        yield _fit("normal", (mean, sd), stats.norm(mean, sd), seconds, 2)
    if float(seconds.min()) <= 0:
        return
    logs = np.log(seconds)
    mu, s = float(logs.mean()), float(logs.std() * math.sqrt(n / (n - 1)))
    center = math.exp(mu + s * s / 2)
    wide = center * math.sqrt(math.expm1(s * s))
    yield _fit("lognormal", (center, wide), stats.lognorm(s, scale=math.exp(mu)), seconds, 2)
    shape, _, scale = stats.gamma.fit(seconds, floc=0)
    yield _fit("gamma", (shape * scale, math.sqrt(shape) * scale), stats.gamma(shape, scale=scale), seconds, 2)
    shape, _, scale = stats.weibull_min.fit(seconds, floc=0)
    yield _fit("weibull", (shape, scale), stats.weibull_min(shape, scale=scale), seconds, 2)


def _fit(kind: distributions.Kind, arguments: tuple[float, ...], law: Any, seconds: Floats, free: int) -> Fit:
    from scipy.stats import kstest

    aic = 2 * free - 2 * float(np.sum(law.logpdf(seconds)))
    return Fit(kind, tuple(map(float, arguments)), len(seconds), aic, float(kstest(seconds, law.cdf).statistic))


def _is_possible(found: Fit) -> bool:
    """Whether a definition may hold it, and its likelihood is a number."""
    try:
        distributions.validate(found.kind, found.arguments, is_time=True)
    except UnitError:
        return False
    return math.isfinite(found.aic)


def _empirical(seconds: Floats) -> Fit:
    """Return the quantiles of the data, each as probable: the middles of equal shares."""
    at = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    values = np.quantile(seconds, at)
    steps = np.searchsorted(np.sort(values), np.sort(seconds), side="right") / _QUANTILES
    ks = float(np.max(np.abs(steps - np.arange(1, len(seconds) + 1) / len(seconds))))
    return Fit("empirical", tuple(map(float, values)), len(seconds), math.nan, ks)


def _unit(seconds: float) -> tuple[str, float]:
    """Return the unit in which a length reads best."""
    return next(((unit, length) for unit, length in (("h", 3600), ("min", 60)) if seconds >= 2 * length), ("s", 1))


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
