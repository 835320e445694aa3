"""Which completion belongs to which start and scheduling: the earliest that is open, of the same activity of a case.

Knows the rows' order and kind only. Where each is followed by its like, which is the rule, the n-th belongs to the
n-th, and the whole log is paired at once; what a completion without a start has thrown out of step is followed row by
row.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any

import polars as pl

SCHEDULE, BEGIN, FINISH = "schedule", "begin", "finish"
"""The columns of pairs, and what ``part`` calls the kinds of rows."""

_PARTS = (SCHEDULE, BEGIN, FINISH)
_Row = int | None


def paired(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the instances of a log: the rows of its ``schedule``, ``begin`` and ``finish``, null where it has none.

    ``rows`` has ``part`` and, what the rows of an instance share, ``group``, in the order of time.
    """
    known = rows.select("part", "group").with_row_index("row")
    nth = known.with_columns(nth=pl.int_range(pl.len()).over("group", "part"))
    table = nth.filter(pl.col("part") == FINISH).select("group", "nth", finish="row")
    for part in (BEGIN, SCHEDULE):
        own = nth.filter(pl.col("part") == part).select("group", "nth", pl.col("row").alias(part))
        table = table.join(own, on=["group", "nth"], how="full", coalesce=True)
    odd = table.filter(_odd()).select("group").unique()
    if not odd.height:
        return table.select(_PARTS)
    kinds = dict.fromkeys(_PARTS, pl.UInt32())
    followed = pl.DataFrame(list(_followed(known.join(odd, on="group", how="semi"))), schema=kinds, orient="row")
    return pl.concat([table.join(odd, on="group", how="anti").select(_PARTS), followed])


def _odd() -> pl.Expr:
    """Whether the n-th of one kind does not belong to the n-th of another."""
    late_begin = (pl.col(BEGIN) > pl.col(FINISH)).fill_null(False)
    late_schedule = (pl.col(SCHEDULE) > pl.coalesce(BEGIN, FINISH)).fill_null(False)
    unbegun = pl.col(BEGIN).is_null() & pl.col(FINISH).is_not_null()
    mixed = pl.any_horizontal(pl.col(BEGIN, SCHEDULE).is_not_null().any().over("group"))
    return late_begin | late_schedule | (unbegun & mixed)


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
