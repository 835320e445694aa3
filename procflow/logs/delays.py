"""How long something else than people held a case back: an estimate from bounds on each delay.

That a colleague was free proves a case was not ready; that it was begun proves that it was. Between the two, the
delays of the other cases of the same kind say what is likely. Knows neither log nor calendars.
"""

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

POINTS = 256
"""Points of the grid on which a distribution of delays is found."""
STICKY = 0.02
"""Share of observations without delay that is added: it takes more than a few odd cases to make a delay a rule."""
RULE = 0.05
"""Delays are the rule of a group where this share of its cases or more has one; fewer are odd cases."""
ENOUGH = 50
"""Telling cases of a group without which its delays are learned from all its cases."""
_ROUNDS = 300
_FEWEST = 5


def expected_delays(low: Ints, high: Ints, group: Ints, telling: Flags) -> Ints:
    """Return the expected delay of each case, given that it lies between ``low`` and ``high``, in the same unit.

    The distribution of delays of each group is the nonparametric maximum-likelihood estimate from intervals
    (B. W. Turnbull, "The Empirical Distribution Function with Arbitrarily Grouped, Censored and Truncated Data",
    1976), found by the self-consistency algorithm on a grid, with a small weight on no delay. It is learned from the
    cases of a group that are ``telling``, chosen without regard to their delay, where there are enough of them: the
    others' wide bounds fit anything. Groups of fewer than five, and those in which delays are not the rule, have none.

    It takes delays of a group for alike and independent of the queue: delays that are longer when it is busy are
    underestimated.
    """
    found = np.zeros_like(low)
    order = np.argsort(group, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        if len(rows) >= _FEWEST and low[rows].any():
            found[rows] = _group(low[rows], high[rows], learned_from(telling[rows]))
    return found


def learned_from(telling: Flags) -> Flags:
    """Return the cases of a group from which its delays are learned: the telling ones if they are enough, else all."""
    return telling if telling.sum() >= ENOUGH else np.ones_like(telling)


def _group(low: Ints, high: Ints, chosen: Flags) -> Ints:
    grid = _grid(low, high)
    first = np.searchsorted(grid, low, side="right") - 1
    first += (grid[first] < low) & (first + 1 < len(grid)) & (grid[np.minimum(first + 1, len(grid) - 1)] <= high)
    last = np.maximum(np.searchsorted(grid, high, side="right") - 1, first)
    weight = _distribution(first[chosen], last[chosen], len(grid))
    if 1 - weight[0] < RULE:
        return np.zeros_like(low)
    mass = np.concatenate([[0.0], np.cumsum(weight)])
    moment = np.concatenate([[0.0], np.cumsum(weight * grid)])
    inside = mass[last + 1] - mass[first]
    mean = np.where(inside > 0, (moment[last + 1] - moment[first]) / np.maximum(inside, 1e-300), low)
    found: Ints = np.rint(np.clip(mean, low, high)).astype(np.int64)
    return found


def _grid(low: Ints, high: Ints) -> Floats:
    positive = np.concatenate([low[low > 0], high[(high > 0) & (low > 0)]])
    points = np.quantile(positive, np.linspace(0, 1, POINTS)) if len(positive) else np.zeros(0)
    return np.unique(np.concatenate([[0.0], points]))


def _distribution(first: Ints, last: Ints, points: int) -> Floats:
    """Return the weight of each grid point; intervals are first to last point, both included."""
    cells, count = np.unique(first * points + last, return_counts=True)
    a, b = cells // points, cells % points
    total = count.sum() * (1 + STICKY)
    weight = np.full(points, 0.5 / points)
    weight[0] += 0.5
    for _ in range(_ROUNDS):
        mass = np.concatenate([[0.0], np.cumsum(weight)])
        share = count / np.maximum(mass[b + 1] - mass[a], 1e-300)
        change = np.zeros(points + 1)
        np.add.at(change, a, share)
        np.add.at(change, b + 1, -share)
        new = weight * np.cumsum(change)[:points]
        new[0] += STICKY * count.sum()
        new /= total
        if np.abs(new - weight).max() < 1e-7:
            return new
        weight = new
    return weight
