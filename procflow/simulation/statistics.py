"""Means and quantiles with their intervals, and where a warm-up ends. Knows numbers only, nothing of processes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist  # not from scipy, which is slow to load

import numpy as np
from numpy.typing import NDArray

from procflow.errors import AnalysisError
from procflow.text import Text

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A mean with its confidence interval.

    ``n`` is the number of independent values (replications); with fewer than two the interval is unknown (NaN),
    shown as such and never as a width of 0.
    """

    mean: float
    low: float
    high: float
    n: int
    confidence: float = 0.95
    unit: str = ""

    @property
    def half_width(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2

    @property
    def excludes_zero(self) -> bool:
        """Whether 0 lies outside of the interval; False where the interval is unknown."""
        return self.low > 0 or self.high < 0

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        if math.isnan(self.low):
            return f"{self.mean:.4g}{unit} (no interval: {self.n} replication)"
        return f"{self.mean:.4g}{unit} [{self.low:.4g}, {self.high:.4g}]"


def estimate(values: Sequence[float], *, confidence: float = 0.95, unit: str = "") -> Estimate:
    """Return the mean of independent values with its Student t interval.

    Source: Law, *Simulation Modeling and Analysis*, 5th ed., eq. 4.12. Values that are NaN (a replication without
    a case) are left out and not counted.

    >>> e = estimate([9.0, 10.0, 11.0])
    >>> round(e.low, 3), e.mean, round(e.high, 3)
    (7.516, 10.0, 12.484)
    """
    kept = np.asarray([v for v in values if not math.isnan(v)], dtype=np.float64)
    n = len(kept)
    if n == 0:
        return Estimate(math.nan, math.nan, math.nan, 0, confidence, unit)
    mean = math.fsum(kept) / n
    if n == 1:
        return Estimate(mean, math.nan, math.nan, 1, confidence, unit)
    from scipy.special import stdtrit  # imported here: scipy is slow to load

    sd = math.sqrt(math.fsum((v - mean) ** 2 for v in kept) / (n - 1))
    half = float(stdtrit(n - 1, 0.5 + confidence / 2)) * sd / math.sqrt(n)
    return Estimate(mean, mean - half, mean + half, n, confidence, unit)


def wilson(successes: int, n: int, *, confidence: float = 0.95) -> Estimate:
    """Return a share with its Wilson score interval; all NaN for ``n`` = 0.

    Source: Wilson, *Probable inference, the law of succession, and statistical inference*, JASA 22 (1927).

    >>> e = wilson(8, 10)
    >>> round(e.low, 4), e.mean, round(e.high, 4)
    (0.4902, 0.8, 0.9433)
    """
    if not n:
        return Estimate(math.nan, math.nan, math.nan, 0, confidence)
    z, share = NormalDist().inv_cdf(0.5 + confidence / 2), successes / n
    center = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Estimate(share, max(0.0, center - half), min(1.0, center + half), n, confidence)


def paired_difference(
    before: Sequence[float], after: Sequence[float], *, confidence: float = 0.95, unit: str = ""
) -> Estimate:
    """Return the mean of ``after − before`` with its paired t interval (Law, 10.2.1).

    Both are per replication, in the same order; a pair with a NaN is left out. Common random numbers narrow the
    interval where they work, and the interval that came out is the one returned.
    """
    if len(before) != len(after):
        raise ValueError(f"{len(before)} values before, {len(after)} after: they cannot be paired")
    return estimate([b - a for a, b in zip(before, after, strict=True)], confidence=confidence, unit=unit)


def paired_reduction(before: Sequence[float], after: Sequence[float], *, confidence: float = 0.95) -> Estimate:
    """Return (mean before − mean after) ÷ mean before, a share, with its interval by the jackknife over pairs.

    A ratio of means is not a mean, so its variance is that of the pseudo-values n·θ − (n − 1)·θ₋ᵢ, with Student's t
    (Efron and Tibshirani, *An Introduction to the Bootstrap*, 11.2 and 11.5). Both are per replication, in the same
    order; a pair with a NaN is left out. The share is NaN where the mean before is 0, the interval where there are
    fewer than two pairs.

    >>> found = paired_reduction([10.0, 12.0, 11.0], [5.0, 6.5, 5.0])
    >>> round(found.mean, 3), bool(found.low < found.mean < found.high)
    (0.5, True)
    """
    if len(before) != len(after):
        raise ValueError(f"{len(before)} values before, {len(after)} after: they cannot be paired")
    pairs = [(b, a) for b, a in zip(before, after, strict=True) if not (math.isnan(b) or math.isnan(a))]
    n, share = len(pairs), _share_less(pairs)
    left_out = [_share_less(pairs[:i] + pairs[i + 1 :]) for i in range(n)] if n > 1 else []
    if math.isnan(share) or not left_out or any(math.isnan(each) for each in left_out):
        return Estimate(share, math.nan, math.nan, n, confidence)
    half = estimate([n * share - (n - 1) * each for each in left_out], confidence=confidence).half_width
    return Estimate(share, share - half, share + half, n, confidence)


def _share_less(pairs: Sequence[tuple[float, float]]) -> float:
    before = math.fsum(b for b, _ in pairs)
    return (before - math.fsum(a for _, a in pairs)) / before if before else math.nan


@dataclass(frozen=True)
class BatchMeans:
    """The mean of one long run with its interval from the means of batches.

    ``estimate.n`` is the number of batches, each of ``size`` values; ``dropped`` values at the start fill no batch.
    ``lag1`` is the correlation of neighboring batch means; where it is ``correlated`` (one-sided 10 %) the batches
    are too short to be independent, the interval is too narrow, and the run should be longer.
    """

    estimate: Estimate
    size: int
    dropped: int
    lag1: float
    correlated: bool


_BATCHES = (30, 20, 10)


def batch_means(
    values: Sequence[float] | _Floats, *, batches: int | None = None, confidence: float = 0.95, unit: str = ""
) -> BatchMeans:
    """Return the mean of one long stationary run, such as the times of successive cases, with its interval.

    Parameters
    ----------
    values:
        In the order of time, without warm-up; at least two for each batch.
    batches:
        How many, at least 3. By default the first of 30, 20 and 10 whose means do not look correlated, else 10:
        more than 30 hardly narrow an interval and fewer than 10 widen it (Schmeiser 1982).
    confidence:
        Between 0 and 1.
    unit:
        Of the values, for display.

    Raises AnalysisError where the values are too few.

    Sources: Law, *Simulation Modeling and Analysis*, 5th ed., 9.5.3; Schmeiser, *Batch size effects in the analysis
    of simulation output*, Operations Research 30 (1982); the test of correlation is von Neumann's ratio (1941) in the
    form of Fishman and Yarberry, *An implementation of the batch means method*, INFORMS J. Computing 9 (1997).

    >>> found = batch_means([1.0, 3.0, 2.0] * 200)
    >>> found.estimate.mean, found.estimate.n, found.size, found.correlated
    (2.0, 30, 20, False)
    """
    kept = np.asarray(values, dtype=np.float64)
    if batches is not None:
        return _batched(kept, batches, confidence, unit)
    for count in _BATCHES:
        if len(kept) >= 2 * count or count == _BATCHES[-1]:
            found = _batched(kept, count, confidence, unit)
            if not found.correlated:
                break
    return found


def _batched(values: _Floats, batches: int, confidence: float, unit: str) -> BatchMeans:
    size, dropped = divmod(len(values), max(batches, 1))
    if batches < 3 or size < 2:
        raise AnalysisError(
            Text(
                en=f"{len(values)} values cannot be cut into {batches} batches: take at least 3 batches, "
                f"and at least {2 * max(batches, 3)} values",
                zh=f"{len(values)} 个数值无法分为 {batches} 批:至少分 3 批,且至少需要 {2 * max(batches, 3)} 个数值",
            )
        )
    # what does not fill a batch is dropped at the start, where a remnant of warm-up would be
    means = values[dropped:].reshape(batches, size).mean(axis=1)
    lag1 = _von_neumann(means)
    critical = NormalDist().inv_cdf(0.9) * math.sqrt((batches - 2) / (batches**2 - 1))
    return BatchMeans(estimate(means.tolist(), confidence=confidence, unit=unit), size, dropped, lag1, lag1 > critical)


def _von_neumann(means: _Floats) -> float:
    """Return 1 − Σ(difference of neighbors)² ÷ 2Σ(deviation)²: near the lag-1 correlation; 0 where all are equal.

    Of k independent normal values it is nearly normal with variance (k − 2)/(k² − 1).
    """
    around = float(np.sum((means - means.mean()) ** 2))
    if around <= 1e-18 * float(np.sum(means**2)):
        return 0.0  # equal but for rounding
    return 1 - float(np.sum(np.diff(means) ** 2)) / (2 * around)


_FIVE = 5
_LEAST_FIVES = 10


def mser5(values: Sequence[float] | _Floats) -> int:
    """Return how many values at the start of a series to leave out as warm-up: MSER-5, a multiple of 5.

    The means of five successive values are truncated where the marginal standard error of what remains is least,
    S²(d) ÷ (m − d). The last five means are no candidates: too little remains to judge by.

    Raises AnalysisError where the least lies beyond the middle of the series, or there are fewer than 50 values: the
    series is then too short to tell its warm-up.

    Sources: White, *An effective truncation heuristic for bias reduction in simulation output*, Simulation 69 (1997);
    Spratt, *Heuristics for the startup problem*, University of Virginia (1998), for the fives and the half; Hoad,
    Robinson and Davies, *Automating warm-up length estimation*, J. Oper. Res. Soc. 61 (2010), for the last five.

    >>> mser5([40.0, 30.0, 20.0, 15.0, 12.0] + [10.0, 11.0] * 50)
    5
    """
    kept = np.asarray(values, dtype=np.float64)
    fives = len(kept) // _FIVE
    if fives < _LEAST_FIVES:
        raise AnalysisError(_too_short(len(kept)))
    means = kept[: fives * _FIVE].reshape(fives, _FIVE).mean(axis=1)
    best = int(np.argmin(_marginal_errors(means)[: fives - _FIVE + 1]))
    if 2 * best > fives:
        raise AnalysisError(_too_short(len(kept)))
    return best * _FIVE


def _marginal_errors(means: _Floats) -> _Floats:
    """Return Σ_{j>d}(mean_j − their mean)² ÷ (m − d)² for each d from 0."""
    centered = means - means.mean()
    left = np.arange(len(means), 0, -1, dtype=np.float64)
    sums = np.cumsum(centered[::-1])[::-1]
    squares = np.cumsum(centered[::-1] ** 2)[::-1]
    remaining = squares - sums**2 / left
    # what is left of equal values is rounding, and must not choose among them
    rounding = 1e-12 * squares[0] + 1e-24 * len(means) * float(means.mean()) ** 2
    errors: _Floats = np.where(remaining > rounding, remaining, 0.0) / left**2
    return errors


def _too_short(count: int) -> Text:
    return Text(
        en=f"{count} values are too few to tell where their warm-up ends: simulate longer",
        zh=f"{count} 个数值过少,无法判断预热期在何处结束:请延长仿真时间",
    )


def quantile(
    values_by_replication: Sequence[Sequence[float] | _Floats], q: float, *, confidence: float = 0.95, unit: str = ""
) -> Estimate:
    """Return the mean over replications of each one's ``q``-quantile, with its Student t interval.

    The quantile of a sample is the least value that at least the share ``q`` of it does not exceed (Hyndman and Fan,
    *Sample quantiles in statistical packages*, 1996, definition 1): with ``q`` = 0.9, 90 % of the cases took no
    longer. Cases of one replication depend on each other, replications do not, so the interval is over replications
    (Law, *Simulation Modeling and Analysis*, 5th ed., 9.4.2). Replications without values are left out.

    Raises AnalysisError where ``q`` is not between 0 and 1.

    >>> quantile([[1, 2, 3, 4], [2, 3, 4, 5], [3, 4, 5, 6]], 0.5).mean
    3.0
    """
    return estimate([sample_quantile(each, q) for each in values_by_replication], confidence=confidence, unit=unit)


def sample_quantile(values: Sequence[float] | _Floats, q: float) -> float:
    """Return the least value that at least the share ``q`` of a sample does not exceed; NaN for an empty sample.

    >>> sample_quantile([10, 20, 30, 40], 0.75), sample_quantile([10, 20, 30, 40], 0.76)
    (30.0, 40.0)
    """
    check_share(q)
    kept = np.asarray(values, dtype=np.float64)
    return float(np.quantile(kept, q, method="inverted_cdf")) if len(kept) else math.nan


def quantile_interval(
    values: Sequence[float] | _Floats, q: float, *, confidence: float = 0.95, unit: str = ""
) -> Estimate:
    """Return the ``q``-quantile of one sample of independent values, with an interval free of any distribution.

    The bounds are two values of the sample: their ranks are quantiles of the binomial distribution, so that each
    bound is beyond the truth with probability (1 − ``confidence``)/2 at most. A bound for which the sample is too
    small is unknown (NaN), and then the other one too. ``n`` counts values. For independent values only: successive
    cases of one run queue behind each other, and ``quantile`` over replications is for them.

    Raises AnalysisError where ``q`` is not between 0 and 1.

    Source: Conover, *Practical Nonparametric Statistics*, 3rd ed., 3.2.

    >>> found = quantile_interval(range(1, 17), 0.5, confidence=0.9)
    >>> found.low, found.mean, found.high
    (5.0, 8.0, 12.0)
    """
    mean = sample_quantile(values, q)
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    n = len(ordered)
    from scipy.stats import binom  # imported here: scipy is slow to load

    tail = (1 - confidence) / 2
    below = binom.cdf(np.arange(n), n, q)  # P(at most k of n values do not exceed the quantile), k = 0 … n − 1
    lower = int(np.searchsorted(below, tail, side="right"))
    upper = int(np.searchsorted(below, 1 - tail, side="left"))
    if lower == 0 or upper == n:
        return Estimate(mean, math.nan, math.nan, n, confidence, unit)
    return Estimate(mean, float(ordered[lower - 1]), float(ordered[upper]), n, confidence, unit)


def check_share(q: float) -> None:
    """Raise AnalysisError where ``q`` is not between 0 and 1."""
    if not 0 < q < 1:
        raise AnalysisError(
            Text(
                en=f"{q!r} is no quantile: write a share between 0 and 1, such as 0.9",
                zh=f"{q!r} 不是分位数:请写 0 与 1 之间的比例,例如 0.9",
            )
        )
