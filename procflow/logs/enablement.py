"""When each activity instance could have begun: concurrency found in the log, enabling predecessors, waits.

Looks at the order of instances only. Asks nothing of people and calendars, and judges no wait.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from procflow.logs.log import EventLog

Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

OVERLAP = 0.01
"""Activities are concurrent where they overlap in this share of the cases' neighboring pairs, or more."""
BALANCE = 0.1
"""… or where each follows the other directly, the rarer order in this share of the pairs or more, and no loop."""
_SUPPORT = 2  # one overlap may be a clock that is wrong; two of the same pair rarely are


@dataclass(frozen=True)
class Instances:
    """The rows of a log with a start and an end not before it, as arrays in the log's order of case, then start.

    ``row`` is the row of ``log.events``; instants are microseconds since 1970 UTC. ``predecessor`` is the position
    in these arrays of the instance whose end enabled this one, −1 where there is none. Where nothing enabled an
    instance, ``enabled`` is its start: a wait before the first activity leaves no trace in a log; ``known`` tells such
    instances from those that did not wait.
    """

    row: Ints
    case: Ints
    activity: Ints
    activities: tuple[str, ...]
    start: Ints
    end: Ints
    enabled: Ints
    predecessor: Ints
    known: Flags


def instances(log: EventLog, beside: Flags | None = None) -> Instances:
    """Return the instances of a log with the instant at which each was enabled.

    An instance is enabled when the last of its predecessors ends: the latest instance of the case that ended
    before it began and whose activity is not concurrent with its own. An ``enabled`` that the log records is taken
    as it is. ``beside``, shape (activities, activities), marks pairs that are known to be concurrent, whatever the log
    looks like.

    The concurrency is a relation between activities, so that two activities that are parallel in one place of the
    process and in sequence in another are taken for parallel in both. Rare overlaps are found from two on.
    """
    kept = log.events.with_row_index("row").filter(pl.col("start") <= pl.col("end"))  # null where either is
    kept = kept.sort("case", "start", "end", "row")
    names = tuple(kept["activity"].unique().sort())
    activity = kept["activity"].cast(pl.Enum(names)).to_physical().cast(pl.Int64).to_numpy()
    case = kept["case"].rank("dense").cast(pl.Int64).to_numpy()
    start, end = (kept[name].cast(pl.Int64).to_numpy() for name in ("start", "end"))
    concurrent = concurrency(case, activity, start, end, len(names))
    if beside is not None:
        concurrent |= beside
    predecessor = predecessors(case, activity, start, end, concurrent)
    enabled = np.where(predecessor >= 0, end[predecessor], start)
    recorded = kept["enabled"].cast(pl.Int64)
    said = recorded.is_not_null().to_numpy()
    enabled = np.where(said, np.minimum(recorded.fill_null(0).to_numpy(), start), enabled)
    row = kept["row"].cast(pl.Int64).to_numpy()
    return Instances(row, case, activity, names, start, end, enabled, predecessor, said | (predecessor >= 0))


def concurrency(case: Ints, activity: Ints, start: Ints, end: Ints, count: int) -> Flags:
    """Return the symmetric relation of concurrent activities, shape (count, count); rows in order of case and start.

    Two activities are concurrent where their instances overlap in time in enough of the pairs that are next to each
    other in a case, or where both orders occur in balance without being a loop: the idea of the heuristics miner's
    parallel relation, A. J. M. M. Weijters and J. T. S. Ribeiro, "Flexible Heuristics Miner", 2011, section III,
    with overlaps as in its lifecycle-aware forms.
    """
    overlaps, follows, loops = (np.zeros((count, count)) for _ in range(3))
    for step in range(1, count + 1):
        if step >= len(case):
            break
        near = case[step:] == case[:-step]
        crossed = near & (start[step:] < end[:-step]) & (activity[step:] != activity[:-step])
        if step > 1 and not crossed.any():
            break
        np.add.at(overlaps, (activity[:-step][crossed], activity[step:][crossed]), 1)
    one = (case[1:] == case[:-1]) & (start[1:] >= end[:-1])
    np.add.at(follows, (activity[:-1][one], activity[1:][one]), 1)
    two = (case[2:] == case[:-2]) & (activity[2:] == activity[:-2]) & (activity[2:] != activity[1:-1])
    np.add.at(loops, (activity[:-2][two], activity[1:-1][two]), 1)
    pairs = follows + follows.T + overlaps + overlaps.T
    crossing = overlaps + overlaps.T
    balanced = np.minimum(follows, follows.T) >= np.maximum(BALANCE * pairs, _SUPPORT)
    looped = (loops + loops.T) > 0
    often = (crossing >= OVERLAP * pairs) & (crossing >= np.clip(pairs, 1, _SUPPORT))
    found: Flags = often | (balanced & ~looped)
    np.fill_diagonal(found, False)
    return found


def predecessors(case: Ints, activity: Ints, start: Ints, end: Ints, concurrent: Flags) -> Ints:
    """Return the position of the instance that enabled each one, −1 for none."""
    by_end = np.lexsort((np.arange(len(end)), end, case))
    place = _ended_before(case, start, end, by_end) - 1
    found = np.full(len(case), -1, dtype=np.int64)
    open_ = np.flatnonzero(place >= 0)
    while len(open_):
        at = by_end[place[open_]]
        same = case[at] == case[open_]
        open_, at = open_[same], at[same]
        # an instance of no duration ends when it starts: only what stands before it in the order can enable it
        fits = (at < open_) & ~concurrent[activity[at], activity[open_]]
        found[open_[fits]] = at[fits]
        open_ = open_[~fits]
        place[open_] -= 1
        open_ = open_[place[open_] >= 0]
    return found


def _ended_before(case: Ints, start: Ints, end: Ints, by_end: Ints) -> Ints:
    """Return how many instances stand, in the order of case and end, up to each one's start."""
    n = len(case)
    order = np.lexsort(
        (np.repeat([0, 1], n), np.concatenate([end[by_end], start]), np.concatenate([case[by_end], case]))
    )
    counted = np.cumsum(order < n)
    place = np.empty(2 * n, dtype=np.int64)
    place[order] = counted
    return place[n:]
