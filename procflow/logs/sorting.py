"""The order of instants by person, several times as fast as a stable sort by both. Knows no meaning of either."""

from typing import Any

import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]


def by_person(person: Ints, instant: Ints) -> Ints:
    """Return the order by person (a number from 0), then by instant; what is alike in both comes in any order.

    >>> by_person(np.array([1, 0, 1]), np.array([30, 20, 10])).tolist()
    [1, 2, 0]
    """
    order = np.argsort(instant)
    whose = person[order]
    # numbers of two bytes are sorted by counting
    few = len(whose) == 0 or int(whose.max()) <= np.iinfo(np.int16).max
    found: Ints = order[np.argsort(whose.astype(np.int16) if few else whose, kind="stable")]
    return found
