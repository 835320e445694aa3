"""Who was overtaken by what became ready later, and how much work went before. Knows ranks and weights only."""

from typing import Any

import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]


def overtaken_work(ready: Ints, start: Ints, work: Floats) -> Floats:
    """Return for each instance of one queue the work of those that became ready later and were begun earlier.

    An instance with the same start has not overtaken. Takes n log² n steps of whole arrays, however long the queue.
    """
    order = np.lexsort((-ready, start))
    rank = np.unique(ready, return_inverse=True)[1].reshape(-1).astype(np.int64)
    before = np.searchsorted(start[order], start, side="left")
    first = np.searchsorted(start[order], ready, side="left")  # nothing that became ready later began before this
    return _sums_above(rank[order], work[order], np.minimum(first, before), before, rank)


def _sums_above(value: Ints, weight: Floats, low: Ints, high: Ints, above: Ints) -> Floats:
    """Return the sum of weights at positions low to high (exclusive) whose value is greater than ``above``.

    A wavelet matrix descended by all queries at once: F. Claude, G. Navarro, A. Ordóñez, "The wavelet matrix", 2015.
    """
    found = np.zeros(len(low))
    low, high = low.copy(), high.copy()
    for bit in reversed(range(int(value.max(initial=0)).bit_length())):
        ones = (value >> bit & 1).astype(bool)
        rank = np.concatenate([[0], np.cumsum(ones)])
        mass = np.concatenate([[0.0], np.cumsum(weight * ones)])
        up = (above >> bit & 1).astype(bool)
        found += np.where(up, 0.0, mass[high] - mass[low])
        zeros = len(value) - rank[-1]
        low = np.where(up, zeros + rank[low], low - rank[low])
        high = np.where(up, zeros + rank[high], high - rank[high])
        order = np.argsort(ones, kind="stable")
        value, weight = value[order], weight[order]
    return found
