"""The order of the rows of a run's tables. Sorts numbers, and knows nothing of what they stand for."""

import numpy as np
import polars as pl

from procflow.kernel.arrays import Ints
from procflow.simulation.columns import Whole

_SPARSE = 16
"""So many times as many cases as rows there may be between the least and the greatest one."""


def order_of_cases(process: Whole, case: Whole) -> Ints:
    """Return the numbers of the rows ordered by process, then case."""
    word = _one_word(process, case)
    return _sorted_by(process, case) if word is None else np.argsort(word)


def order_of_visits(process: Whole, case: Whole, enter: Whole, node: Whole, visit: Whole) -> Ints:
    """Return the numbers of the rows ordered by process, case, enter, node, then visit.

    The visits of a case lie close together in time, so that all but the last key fit into one word as a rule. Where
    they do not, or where the last key has to decide, it takes longer.
    """
    slot = _one_word(process, case)
    if slot is not None and int(slot.max(initial=0)) < _SPARSE * (len(slot) + 1_000):
        first = np.zeros(int(slot.max(initial=0)) + 1, dtype=np.int64)
        first[slot] = enter  # that of any visit of the case
        word = _one_word(slot, enter - first[slot], node)
        if word is not None:
            order = np.argsort(word)
            if (np.diff(word[order]) > 0).all():
                return order
    return _sorted_by(process, case, enter, node, visit)


def _one_word(*keys: Whole) -> Ints | None:
    """Return for each row a number that orders as its keys do, from 0 on; None where they need more than 63 bits."""
    word, bits = np.zeros(len(keys[0]), dtype=np.int64), 0
    for key in keys:
        least, most = (int(key.min()), int(key.max())) if len(key) else (0, 0)
        width = (most - least).bit_length()
        bits += width
        if bits > 63:
            return None
        if width:
            word = (word << width) + (key.astype(np.int64) - least)
    return word


def _sorted_by(*keys: Whole) -> Ints:
    table = pl.DataFrame([pl.Series(str(place), key) for place, key in enumerate(keys)])
    order: Ints = table.select(pl.arg_sort_by(table.columns)).to_series().to_numpy()
    return order
