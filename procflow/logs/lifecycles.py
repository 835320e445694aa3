"""Joins the starts and completions of a log into activity instances.

A completion belongs to the earliest open start of the same activity in the same case, or to that of the same instance
where the log numbers them (``concept:instance``). Suspensions inside an instance are not kept.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any

import polars as pl

from procflow.logs.log import EVENT, INSTANT
from procflow.logs.reading import Reading

_ENABLES = ("schedule",)
_STARTS = ("start",)
_ENDS = ("complete", "ate_abort", "pi_abort", "abort_activity", "abort_case", "withdraw", "autoskip", "manualskip")

_Key = tuple[str, str, Any]


def instances(events: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Return one row per activity instance.

    ``events`` has ``case``, ``activity``, ``at``, and maybe ``transition``, ``instance``, ``own_instance`` and other
    columns; of an attribute that start and completion both have, the completion's is kept.
    """
    known = events.drop("line", strict=False)
    if "transition" not in known.columns:
        return _only_completions(known)
    known = known.with_columns(pl.col("transition").cast(pl.String).str.to_lowercase().fill_null("complete"))
    kinds = known["transition"].unique()
    others = known.filter(~pl.col("transition").is_in([*_ENABLES, *_STARTS, *_ENDS]))
    if others.height:
        names = ", ".join(others["transition"].unique().sort())
        reading.note(
            f"{others.height} events that neither start nor end an activity were left out: {names}",
            f"略去 {others.height} 个既非开始也非结束的事件：{names}",
        )
        known = known.filter(pl.col("transition").is_in([*_ENABLES, *_STARTS, *_ENDS]))
    if set(kinds) <= {"complete"}:
        return _only_completions(known.drop("transition"))
    return _joined(known.sort("case", "at", maintain_order=True), reading)


def _only_completions(events: pl.DataFrame) -> pl.DataFrame:
    named = {"instance": EVENT + "concept:instance", "at": "end"}
    return events.drop("own_instance", strict=False).rename(named, strict=False)


def _joined(events: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    ordered = events.with_row_index("row")
    picked = list(_pairs(ordered, _instance_column(ordered)))
    empty: dict[str, Any] = {"schedule": pl.UInt32, "begin": pl.UInt32, "finish": pl.UInt32}
    table = pl.DataFrame(picked, schema=empty, orient="row")
    attributes = [name for name in ordered.columns if name not in ("row", "at", "transition", "own_instance")]
    for part in ("finish", "begin", "schedule"):
        source = ordered.select(pl.col("row").alias(part), pl.all().exclude("row").name.prefix(f"{part}."))
        table = table.join(source, on=part, how="left", maintain_order="left")
    _tell_changes(table, reading, "resource" in attributes)
    parts = ("finish", "begin", "schedule")
    merged = [pl.coalesce(f"{part}.{name}" for part in parts).alias(name) for name in attributes]
    times = {"enabled": "schedule", "start": "begin", "end": "finish"}
    instants = [pl.col(f"{part}.at").cast(INSTANT).alias(name) for name, part in times.items()]
    last = pl.col("finish.transition")
    aborted = pl.when(last != "complete").then(last).alias(EVENT + "lifecycle:transition")
    # rows of one instant keep the order of the file: that of the start, else of the completion
    order = pl.coalesce("begin", "finish", "schedule").alias("order")
    rows = table.select(*merged, *instants, aborted, order).sort("order").drop("order")
    if rows[EVENT + "lifecycle:transition"].null_count() == rows.height:
        rows = rows.drop(EVENT + "lifecycle:transition")
    return rows.rename({"instance": EVENT + "concept:instance"}, strict=False)


def _instance_column(events: pl.DataFrame) -> str | None:
    return next((name for name in ("own_instance", "instance") if name in events.columns), None)


def _pairs(events: pl.DataFrame, instance: str | None) -> Iterator[tuple[int | None, int | None, int | None]]:
    """Yield the rows of the scheduling, start and end of each instance."""
    waiting: dict[_Key, deque[int]] = {}
    working: dict[_Key, deque[tuple[int | None, int]]] = {}
    numbers = events[instance] if instance else pl.repeat(None, events.height, eager=True)
    columns = (events[name] for name in ("row", "case", "activity", "transition"))
    for row, case, activity, transition, number in zip(*columns, numbers, strict=True):
        key = (case, activity, number)
        if transition in _ENABLES:
            waiting.setdefault(key, deque()).append(row)
            continue
        if transition in _STARTS:
            working.setdefault(key, deque()).append((_first(waiting, key), row))
            continue
        begun = _first(working, key)
        scheduled, begin = begun if begun else (_first(waiting, key), None)
        yield scheduled, begin, row
    for begun_only in working.values():
        yield from ((scheduled, begin, None) for scheduled, begin in begun_only)
    for scheduled_only in waiting.values():
        yield from ((row, None, None) for row in scheduled_only)


def _first(queues: dict[_Key, deque[Any]], key: _Key) -> Any:
    queue = queues.get(key)
    return queue.popleft() if queue else None


def _tell_changes(table: pl.DataFrame, reading: Reading, has_resource: bool) -> None:
    open_ended = table.filter(pl.col("finish").is_null() & pl.col("begin").is_not_null()).height
    if open_ended:
        reading.note(
            f"{open_ended} activities were started and not completed; their end is unknown",
            f"{open_ended} 个环节已开始而未完成，结束时间未知",
        )
    if not has_resource:
        return
    other = table.filter(pl.col("begin.resource") != pl.col("finish.resource")).height
    if other:
        reading.note(
            f"{other} activities were completed by another person than started them; the one who completed is kept",
            f"{other} 个环节的完成人与开始人不同，保留完成人",
        )
