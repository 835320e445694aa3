"""Branches that look like a sequence: where one always begins after the other has ended, as behind a delay of its own.

Decides by what the order of starts follows, the ends of the one or those of the fork; estimates no delay.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from procflow.logs.batches import sessions_of
from procflow.logs.enablement import Instances, instances
from procflow.logs.log import EventLog
from procflow.logs.scene import Scene
from procflow.logs.staffing import Staffing

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

FEWEST, HELD = 50, 5
"""Cases of a transition that are needed, and how many of them must have waited while somebody was free."""
GAIN, SURE = 10.0, 2.0
"""By how much (log-likelihood), and by how many of its standard errors, an order must be explained better."""
_PARTS, _PART, _NEIGHBORS = 20, 200, 6
_ODD = 0.001  # share of pairs that any order may have wrong
_SECOND_US = 1_000_000
_SCALES_US = _SECOND_US * 2.0 ** np.arange(18)  # to 36 hours


def with_branches(log: EventLog, found: Instances, scene: Scene) -> Instances:
    """Return the instances of a log, enabled by the fork where what ended before they began is another branch.

    After a fork A into B and C, a delay before B that outlasts C makes a log in which C always follows A and B always
    follows C. Then B would seem to be enabled by C, and its delay to begin only there. But B's delay counts from A, and
    so the order in which several cases begin B is blurred around the order in which they ended A, whatever C took;
    in a sequence, it is blurred around the order in which they ended C. Both are compared by the likelihood of the
    order of pairs of cases that ended A, or C, one soon after the other (logistic in the time between the ends, the
    scale chosen for each; the difference is judged against its spread over parts of the log, after Q. H. Vuong,
    "Likelihood Ratio Tests for Model Selection and Non-Nested Hypotheses", 1989).

    Not taken for a branch are: what nobody free ever left waiting; sessions; work that is begun in the order in which
    cases began; what goes round in a loop. It is wrong where people who are hardly ever free take up a sequence in
    the order of an earlier step (a due date that counts from its end), and it finds nothing where C takes nearly the
    same time in all cases, or the delay varies much more than C: nothing in such a log tells a branch from a sequence.
    """
    count = len(found.activities)
    beside = np.zeros((count, count), dtype=bool)
    while True:
        pairs = list(_branches(found, scene))
        if not pairs:
            return found
        for one, other in pairs:
            beside[one, other] = beside[other, one] = True
        found = instances(log, beside)


def _branches(found: Instances, scene: Scene) -> Iterator[tuple[int, int]]:
    """Yield the pairs of activities, as numbers, of which the second is taken for enabled by the first, and is not."""
    began = np.full(int(found.case.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(began, found.case, found.start)
    for rows, staff, full_time in zip(scene.rows, scene.staff, scene.full_time, strict=True):
        before = found.predecessor[rows]
        judged = (before >= 0) & (found.predecessor[before] >= 0) & (found.enabled[rows] == found.end[before])
        after, before = rows[judged], before[judged]
        held = staff.idle.last_before(found.start[after]) > found.enabled[after]
        pair = found.activity[before] * len(found.activities) + found.activity[after]
        often = np.flatnonzero((np.bincount(pair) >= FEWEST) & (np.bincount(pair, weights=held) >= HELD))
        for one, other in zip(*np.divmod(often, len(found.activities)), strict=True):
            own = after[pair == one * len(found.activities) + other]
            if _follows_the_fork(found, own, began[found.case[own]]) and not _in_sessions(
                found, rows[found.activity[rows] == other], staff, full_time
            ):
                yield int(one), int(other)


def _follows_the_fork(found: Instances, rows: Ints, began: Ints) -> bool:
    """Return whether the order in which instances begin follows the end of what is before their predecessor."""
    fork = found.predecessor[found.predecessor[rows]]
    if (found.activity[fork] == found.activity[rows]).any():
        return False
    start, fork_end, end = found.start[rows], found.end[fork], found.enabled[rows]
    for other in (end, began):
        gain = _gain(start, fork_end, other)
        if gain.sum() < max(GAIN, SURE * np.sqrt(len(gain)) * gain.std(ddof=1)):
            return False
    return True


def _in_sessions(found: Instances, rows: Ints, staff: Staffing, full_time: Staffing | None) -> bool:
    return sessions_of(found.enabled[rows], found.start[rows], staff, full_time) is not None


def _gain(start: Ints, one: Ints, other: Ints) -> Floats:
    """Return by part of the log how much better the order of ``one`` explains that of starts than ``other`` does."""
    n = len(start)
    part, place = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    order = np.argsort(one, kind="stable")
    size = -(-n // _PARTS) or 1
    part[order], place[order] = np.divmod(np.arange(n), size)
    kept = place < _PART
    start, one, other, part = start[kept], one[kept], other[kept], part[kept]
    i, j = _neighbors(part, one, other)
    i, j = i[start[i] != start[j]], j[start[i] != start[j]]
    sign = np.where(start[j] > start[i], 1, -1)
    better = _log_likelihood(sign * (one[j] - one[i])) - _log_likelihood(sign * (other[j] - other[i]))
    gain: Floats = np.bincount(part[i], weights=better, minlength=_PARTS).astype(np.float64)
    return gain


def _neighbors(part: Ints, *orders: Ints) -> tuple[Ints, Ints]:
    """Return the pairs, each once, that stand close to each other in one of several orders within a part."""
    pairs = [np.zeros(0, dtype=np.int64)]
    for instant in orders:
        order = np.lexsort((instant, part))
        for step in range(1, min(_NEIGHBORS, len(order) - 1) + 1):
            i, j = order[:-step], order[step:]
            pairs.append((np.minimum(i, j) * len(part) + np.maximum(i, j))[part[i] == part[j]])
    return np.divmod(np.unique(np.concatenate(pairs)), max(len(part), 1))


def _log_likelihood(apart: Ints) -> Floats:
    """Return that of each pair's order at the best scale; ``apart`` is positive where the order is as expected."""
    exponent = np.clip(-apart / _SCALES_US[:, None], -50, 50)
    each = np.log(_ODD + (1 - 2 * _ODD) / (1 + np.exp(exponent)))
    best: Floats = each[each.sum(axis=1).argmax()]
    return best
