"""Means with their intervals. Knows numbers only, nothing of processes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


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
