"""The probability that a plain number lies below another one, and its quantiles. Units are not its business."""

import math
from statistics import NormalDist

from procflow.definition.quantities import Distribution


def below(distribution: Distribution, x: float, *, inclusive: bool = True) -> float:
    """Return P(X ≤ x), or P(X < x) where not ``inclusive``, of a plain number's distribution.

    Source: Law, *Simulation Modeling and Analysis*, 5th ed., ch. 6; ``normal`` is truncated at 0.

    >>> below(Distribution(kind="uniform", arguments=(0.0, 4.0)), 1.0)
    0.25
    """
    a = distribution.values()
    if distribution.kind == "fixed" or distribution.kind == "empirical":
        return sum(v < x or (inclusive and v == x) for v in a) / len(a)
    low, high = distribution.support()
    if low == high:
        return float(low < x or (inclusive and low == x))
    if x <= low:
        return 0.0
    return 1.0 if x >= high else _continuous(distribution.kind, a, x)


def quantile(distribution: Distribution, share: float) -> float:
    """Return the least x with P(X ≤ x) ≥ ``share``, 0 < share < 1, of a plain number's distribution, by bisection.

    >>> round(quantile(Distribution(kind="exponential", arguments=(1.0,)), 0.5), 9) == round(math.log(2), 9)
    True
    """
    if distribution.kind in ("fixed", "empirical"):
        values = sorted(distribution.values())
        return values[min(math.ceil(share * len(values) - 1e-12), len(values)) - 1]
    low, high = distribution.support()
    if math.isinf(high):
        high = max(2 * distribution.mean(), 1e-9)
        while below(distribution, high) < share:
            high *= 2
    kind, arguments = distribution.kind, distribution.values()
    while high - low > 1e-12 * max(high, 1e-9):
        middle = (low + high) / 2  # inside the support: nothing but the law itself decides
        if middle in (low, high):
            break
        low, high = (low, middle) if _continuous(kind, arguments, middle) >= share else (middle, high)
    return high


def _continuous(kind: str, a: tuple[float, ...], x: float) -> float:
    if kind == "uniform":
        return (x - a[0]) / (a[1] - a[0])
    if kind == "exponential":
        return -math.expm1(-x / a[0])
    if kind == "normal":
        law = NormalDist(a[0], a[1])
        return (law.cdf(x) - law.cdf(0)) / (1 - law.cdf(0))
    if kind == "lognormal":
        spread = math.log1p((a[1] / a[0]) ** 2)
        return NormalDist(math.log(a[0]) - spread / 2, math.sqrt(spread)).cdf(math.log(x))
    if kind == "weibull":
        return -math.expm1(-((x / a[1]) ** a[0]))
    if kind == "triangular":
        low, mode, high = a
        if x <= mode:
            return (x - low) ** 2 / ((high - low) * (mode - low))
        return 1 - (high - x) ** 2 / ((high - low) * (high - mode))
    return _special(kind, a, x)


def _special(kind: str, a: tuple[float, ...], x: float) -> float:
    from scipy.special import betainc, gammainc  # imported here: scipy is slow to load, and few guards need it

    if kind == "gamma":
        shape, scale = (a[0] / a[1]) ** 2, a[1] ** 2 / a[0]
        return float(gammainc(shape, x / scale))
    if kind == "erlang":
        return float(gammainc(a[0], x * a[0] / a[1]))
    low, mode, high = a
    first, second = 1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low)
    return float(betainc(first, second, (x - low) / (high - low)))
