"""Which completion belongs to which start and scheduling: the earliest that is open, of the same activity of a case.

Knows the rows' order and kind only. Where each is followed by its like, which is the rule, the n-th belongs to the
n-th, and the whole log is paired at once; what a completion without a start has thrown out of step is followed row by
row.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

SCHEDULE, BEGIN, FINISH = "schedule", "begin", "finish"
"""The columns of pairs, and what ``part`` calls the kinds of rows."""

_PARTS = (SCHEDULE, BEGIN, FINISH)
_Row = int | None
_Ints = np.ndarray[Any, np.dtype[np.int64]]


def paired(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the instances of a log: the rows of its ``schedule``, ``begin`` and ``finish``, null where it has none.

    ``rows`` has ``part`` and, what the rows of an instance share, ``group``, in the order of time.
    """
    kind = rows["part"].replace_strict(_PARTS, range(len(_PARTS)), return_dtype=pl.Int64).to_numpy()
    found, group, odd = _nth_with_nth(kind, rows["group"].to_numpy())
    table = pl.DataFrame({part: pl.Series(found[number]) for number, part in enumerate(_PARTS)})
    kinds = dict.fromkeys(_PARTS, pl.UInt32())
    table = table.with_columns(pl.when(pl.all() >= 0).then(pl.all()).cast(pl.UInt32))
    if not len(odd):
        return table
    usual = table.filter(~np.isin(group, odd))
    known = rows.select("part", "group").with_row_index("row").filter(pl.col("group").is_in(odd.tolist()))
    return pl.concat([usual, pl.DataFrame(list(_followed(known)), schema=kinds, orient="row")])


def _nth_with_nth(kind: _Ints, group: _Ints) -> tuple[_Ints, _Ints, _Ints]:
    """Return the n-th rows of each kind (-1: none) of each group together, their groups, and the groups that are odd.

    A group is odd where the n-th of one kind does not belong to the n-th of another.
    """
    order = np.argsort(group * len(_PARTS) + kind, kind="stable")
    kind, group = kind[order], group[order]
    new_group = np.diff(group, prepend=-1) != 0
    place = np.arange(len(order))
    nth = place - np.maximum.accumulate(np.where(new_group | (np.diff(kind, prepend=-1) != 0), place, 0))
    first = np.flatnonzero(new_group)
    size = np.maximum.reduceat(nth, first) + 1 if len(first) else first
    before = np.cumsum(size) - size
    found = np.full((len(_PARTS), size.sum()), -1)
    found[kind, before[np.cumsum(new_group) - 1] + nth] = order
    schedule, begin, finish = found
    late_begin = (finish >= 0) & (begin > finish)
    then = np.where(begin >= 0, begin, finish)
    late_schedule = (then >= 0) & (schedule > then)
    begun = np.maximum.reduceat(np.maximum(schedule, begin), before) >= 0 if len(first) else first
    unbegun = (begin < 0) & (finish >= 0) & np.repeat(begun, size)
    each = np.repeat(group[first], size)
    return found, each, np.unique(each[late_begin | late_schedule | unbegun])


def _followed(rows: pl.DataFrame) -> Iterator[tuple[_Row, _Row, _Row]]:
    """Yield the pairs of rows, followed one by one."""
    waiting: dict[int, deque[int]] = {}
    working: dict[int, deque[tuple[_Row, int]]] = {}
    for row, part, group in rows.sort("row").select("row", "part", "group").iter_rows():
        if part == SCHEDULE:
            waiting.setdefault(group, deque()).append(row)
            continue
        if part == BEGIN:
            working.setdefault(group, deque()).append((_first(waiting, group), row))
            continue
        begun = _first(working, group)
        scheduled, begin = begun if begun else (_first(waiting, group), None)
        yield scheduled, begin, row
    for begun_only in working.values():
        yield from ((scheduled, begin, None) for scheduled, begin in begun_only)
    for scheduled_only in waiting.values():
        yield from ((row, None, None) for row in scheduled_only)


def _first(queues: dict[int, deque[Any]], group: int) -> Any:
    queue = queues.get(group)
    return queue.popleft() if queue else None
