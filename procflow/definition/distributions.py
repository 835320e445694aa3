"""The distributions of the definition language: arguments, what is possible, mean, variance, support.

Formulas: Law, *Simulation Modeling and Analysis*, 5th ed., ch. 6; for ``pert`` the Beta form of Malcolm et al. 1959
(shape 4). Sampling is the kernel's; nothing here draws a number.
"""

import math
from typing import Literal, get_args

from procflow.errors import UnitError
from procflow.text import Text

Kind = Literal[
    "fixed",
    "uniform",
    "exponential",
    "normal",
    "lognormal",
    "gamma",
    "erlang",
    "weibull",
    "triangular",
    "pert",
    "empirical",
]

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "fixed": ("value",),
    "uniform": ("low", "high"),
    "exponential": ("mean",),
    "normal": ("mean", "sd"),
    "lognormal": ("mean", "sd"),
    "gamma": ("mean", "sd"),
    "erlang": ("shape", "mean"),
    "weibull": ("shape", "scale"),
    "triangular": ("low", "mode", "high"),
    "pert": ("low", "mode", "high"),
    "empirical": ("values",),
}
"""The arguments of each kind in order. ``normal`` is truncated at 0; its mean and sd are those before truncation.
``lognormal`` takes the mean and sd of the value itself, not of its logarithm."""

assert set(ARGUMENTS) == set(get_args(Kind))


LEAST_SHAPE: float = 0.1
"""The least shape of ``weibull``: below it, single values dwarf all others together."""

MOST_VARIATION: float = 100.0
"""The greatest sd ÷ mean of ``lognormal`` and ``gamma``."""

_TAIL: float = -math.log(1e-12)
"""-ln of the probability that is taken for never."""

_LONGEST_VALUE: float = 10_000 * 365.25 * 86_400
"""The longest time that may ever be drawn, 10,000 years in seconds: a run adds many of them in 64 bits."""


def validate(kind: str, a: tuple[float, ...], written: tuple[str, ...] = (), *, is_time: bool = False) -> None:
    """Raise UnitError where ``kind`` with arguments ``a`` is no distribution on [0, ∞), or draws absurd values.

    ``written`` are the arguments as messages show them. ``is_time``: they are seconds, or a shape and seconds.
    """
    reason = _fault(kind, a) or (_too_long(kind, a) if is_time else None)
    if reason is not None:
        shown = ", ".join(written or (f"{x:g}" for x in a))
        en, zh = reason
        raise UnitError(Text(en=f"{kind}({shown}) is impossible: {en}", zh=f"{kind}({shown}) 不成立:{zh}"))


def _fault(kind: str, a: tuple[float, ...]) -> tuple[str, str] | None:
    if not all(math.isfinite(x) and x >= 0 for x in a) or not a:
        return "every argument must be finite and at least 0", "每个参数都须有限且不小于 0"
    if kind == "uniform" and a[0] > a[1]:
        return "low must not exceed high", "下限不得超过上限"
    if kind in ("triangular", "pert") and not (a[0] <= a[1] <= a[2]):
        return "low ≤ mode ≤ high must hold", "须满足 下限 ≤ 众数 ≤ 上限"
    if kind in ("exponential", "lognormal", "gamma") and a[0] == 0:
        return "the mean must be above 0", "均值须大于 0"
    if kind in ("lognormal", "gamma") and a[1] > MOST_VARIATION * a[0]:
        most = f"{MOST_VARIATION:g}"
        return f"the sd must be at most {most} times the mean", f"标准差不得超过均值的 {most} 倍"
    if kind in ("erlang", "weibull") and (a[0] == 0 or a[1] == 0):
        return "both arguments must be above 0", "两个参数都须大于 0"
    if kind == "weibull" and a[0] < LEAST_SHAPE:
        return f"the shape must be at least {LEAST_SHAPE:g}", f"形状参数不得小于 {LEAST_SHAPE:g}"
    if kind == "erlang" and a[0] != int(a[0]):
        return "the shape must be a whole number", "形状参数须为整数"
    return None


def _too_long(kind: str, a: tuple[float, ...]) -> tuple[str, str] | None:
    if _far_value(kind, a) <= _LONGEST_VALUE:
        return None
    return (
        "it could draw times longer than 10,000 years: check the arguments and their units",
        "可能抽取到超过一万年的时长:请核对参数及其单位",
    )


def _far_value(kind: str, a: tuple[float, ...]) -> float:
    """Return about the value that is exceeded with probability 1e-12, an upper bound for ``gamma``; 0 if bounded.

    ``lognormal`` takes 7.03 standard deviations; a ``gamma`` of shape k lies below its scale times
    (√k + √(-ln p))², as its tail bound by Chernoff's method shows.
    """
    if kind == "weibull":
        return float(a[1] * _TAIL ** (1 / a[0]))
    if kind == "lognormal":
        spread = math.log1p((a[1] / a[0]) ** 2)
        return math.exp(math.log(a[0]) - spread / 2 + 7.03 * math.sqrt(spread))
    if kind == "gamma" and a[1] > 0:
        return (a[1] * (math.sqrt(_TAIL) + a[0] / a[1])) ** 2 / a[0]
    return 0.0


def mean(kind: str, a: tuple[float, ...]) -> float:
    """Return the mean, in the unit of the arguments."""
    if kind in ("fixed", "exponential", "lognormal", "gamma"):
        return a[0]
    if kind == "uniform":
        return (a[0] + a[1]) / 2
    if kind == "normal":
        return _truncated_normal(a[0], a[1])[0]
    if kind == "erlang":
        return a[1]
    if kind == "weibull":
        return a[1] * math.gamma(1 + 1 / a[0])
    if kind == "triangular":
        return sum(a) / 3
    if kind == "pert":
        return (a[0] + 4 * a[1] + a[2]) / 6
    return sum(a) / len(a)


def variance(kind: str, a: tuple[float, ...]) -> float:
    """Return the variance, in the square of the arguments' unit."""
    if kind == "fixed":
        return 0.0
    if kind == "uniform":
        return (a[1] - a[0]) ** 2 / 12
    if kind == "exponential":
        return a[0] ** 2
    if kind in ("lognormal", "gamma"):
        return a[1] ** 2
    if kind == "normal":
        return _truncated_normal(a[0], a[1])[1]
    if kind == "erlang":
        return a[1] ** 2 / a[0]
    if kind == "weibull":
        return a[1] ** 2 * (math.gamma(1 + 2 / a[0]) - math.gamma(1 + 1 / a[0]) ** 2)
    if kind == "triangular":
        low, mode, high = a
        return (low**2 + mode**2 + high**2 - low * mode - low * high - mode * high) / 18
    if kind == "pert":
        m = mean(kind, a)
        return (m - a[0]) * (a[2] - m) / 7
    m = mean(kind, a)
    return sum((x - m) ** 2 for x in a) / len(a)


def support(kind: str, a: tuple[float, ...]) -> tuple[float, float]:
    """Return the least and the greatest possible value."""
    if kind == "fixed":
        return a[0], a[0]
    if kind in ("uniform", "triangular", "pert"):
        return a[0], a[-1]
    if kind == "empirical":
        return min(a), max(a)
    if kind in ("normal", "lognormal", "gamma") and a[1] == 0:
        return a[0], a[0]
    return 0.0, math.inf


def _truncated_normal(mu: float, sd: float) -> tuple[float, float]:
    """Mean and variance of a normal truncated to [0, ∞) (Johnson, Kotz, Balakrishnan, vol. 1, 13.10.1)."""
    if sd == 0:
        return mu, 0.0
    alpha = -mu / sd
    hazard = math.exp(-alpha * alpha / 2) / math.sqrt(2 * math.pi) / (0.5 * math.erfc(alpha / math.sqrt(2)))
    return mu + sd * hazard, sd * sd * (1 + alpha * hazard - hazard * hazard)
