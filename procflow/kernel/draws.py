"""Counter-based randomness: a draw is a hash of who, where, which visit and what for. Holds no state.

The finalizer is that of SplitMix64 (Steele, Lea, Flood, *Fast splittable pseudorandom number generators*, 2014); the
normal quantile is Wichura's AS 241 (PPND16, Applied Statistics 37, 1988). See docs/reference/semantics.md 19–21.
"""

import math

import numpy as np

from procflow.kernel.jit import compiled

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
S12, S27, S30, S31 = np.uint64(12), np.uint64(27), np.uint64(30), np.uint64(31)

WORK, DELAY, EXIT, TRANSFER, ATTRIBUTE, REGION, CALL = 1, 2, 3, 4, 5, 6, 7
"""What a draw is for."""


@compiled
def absorb(h: np.uint64, x: np.uint64) -> np.uint64:
    """Return the hash ``h`` with the word ``x`` taken in; both uint64."""
    z = (h ^ x) + GOLDEN
    z = (z ^ (z >> S30)) * FIRST
    z = (z ^ (z >> S27)) * SECOND
    return z ^ (z >> S31)


@compiled
def word(visit: int, purpose: int, index: int) -> np.uint64:
    """Return the word of a draw at a visit, for a purpose."""
    return np.uint64((visit << 32) + (purpose << 24) + index)


@compiled
def unit(z: np.uint64) -> float:
    """Return a hash as a float strictly between 0 and 1."""
    return (np.float64(z >> S12) + 0.5) * (1.0 / 4503599627370496.0)


@compiled
def normal_quantile(p: float) -> float:
    """Return the standard normal quantile of ``p`` in (0, 1); relative error about 1e-16."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * _central(r)
    r = math.sqrt(-math.log(p if q < 0.0 else 1.0 - p))
    x = _near(r - 1.6) if r <= 5.0 else _far(r - 5.0)
    return -x if q < 0.0 else x


@compiled
def _central(r: float) -> float:
    num = 2.5090809287301226727e3
    for c in (
        3.3430575583588128105e4,
        6.7265770927008700853e4,
        4.5921953931549871457e4,
        1.3731693765509461125e4,
        1.9715909503065514427e3,
        1.3314166789178437745e2,
        3.3871328727963666080e0,
    ):
        num = num * r + c
    den = 5.2264952788528545610e3
    for c in (
        2.8729085735721942674e4,
        3.9307895800092710610e4,
        2.1213794301586595867e4,
        5.3941960214247511077e3,
        6.8718700749205790830e2,
        4.2313330701600911252e1,
        1.0,
    ):
        den = den * r + c
    return num / den


@compiled
def _near(r: float) -> float:
    num = 7.74545014278341407640e-4
    for c in (
        2.27238449892691845833e-2,
        2.41780725177450611770e-1,
        1.27045825245236838258e0,
        3.64784832476320460504e0,
        5.76949722146069140550e0,
        4.63033784615654529590e0,
        1.42343711074968357734e0,
    ):
        num = num * r + c
    den = 1.05075007164441684324e-9
    for c in (
        5.47593808499534494600e-4,
        1.51986665636164571966e-2,
        1.48103976427480074590e-1,
        6.89767334985100004550e-1,
        1.67638483018380384940e0,
        2.05319162663775882187e0,
        1.0,
    ):
        den = den * r + c
    return num / den


@compiled
def _far(r: float) -> float:
    num = 2.01033439929228813265e-7
    for c in (
        2.71155556874348757815e-5,
        1.24266094738807843860e-3,
        2.65321895265761230930e-2,
        2.96560571828504891230e-1,
        1.78482653991729133580e0,
        5.46378491116411436990e0,
        6.65790464350110377720e0,
    ):
        num = num * r + c
    den = 2.04426310338993978564e-15
    for c in (
        1.42151175831644588870e-7,
        1.84631831751005468180e-5,
        7.86869131145613259100e-4,
        1.48753612908506148525e-2,
        1.36929880922735805310e-1,
        5.99832206555887937690e-1,
        1.0,
    ):
        den = den * r + c
    return num / den
