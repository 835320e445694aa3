"""Joins the starts and completions of a log into activity instances.

A completion belongs to the earliest open start of the same activity in the same case, or to that of the same instance
where the log numbers them (``concept:instance``). Suspensions inside an instance are not kept.
"""

import polars as pl

from procflow.logs.lifecycle_pairs import BEGIN, FINISH, SCHEDULE, paired
from procflow.logs.log import EVENT, INSTANT
from procflow.logs.reading import Reading

_ENABLES, _STARTS = ("schedule",), ("start",)
_ENDS = ("complete", "ate_abort", "pi_abort", "abort_activity", "abort_case", "withdraw", "autoskip", "manualskip")
_OTHERS = ("assign", "reassign", "suspend", "resume", "unknown")
"""Transitions of the standard that neither start nor end an activity."""
_PART_OF = dict.fromkeys(_ENABLES, SCHEDULE) | dict.fromkeys(_STARTS, BEGIN)


def is_lifecycle(transitions: pl.Series) -> bool:
    """Whether texts are transitions of activities, some of which are starts or schedulings."""
    known = transitions.drop_nulls().str.to_lowercase().unique()
    return bool(known.is_in([*_ENABLES, *_STARTS]).any() and known.is_in([*_ENABLES, *_STARTS, *_ENDS, *_OTHERS]).all())


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
    part = pl.col("transition").replace_strict(_PART_OF, default=FINISH)
    pairs = paired(events.select(part=part, group=_groups(events)))
    # rows of one instant keep the order of the file: that of the start, else of the completion
    pairs = pairs.sort(pl.coalesce(BEGIN, FINISH, SCHEDULE))
    attributes = [name for name in events.columns if name not in ("at", "transition", "own_instance")]
    parts = (FINISH, BEGIN, SCHEDULE)
    gathered = [events.select(pl.all().gather(pairs[part]).name.prefix(f"{part}.")) for part in parts]
    table = pl.concat([pairs, *gathered], how="horizontal")
    _tell_changes(table, reading, "resource" in attributes)
    merged = [pl.coalesce(f"{part}.{name}" for part in parts).alias(name) for name in attributes]
    times = {"enabled": SCHEDULE, "start": BEGIN, "end": FINISH}
    instants = [pl.col(f"{part}.at").cast(INSTANT).alias(name) for name, part in times.items()]
    last = pl.col("finish.transition")
    aborted = pl.when(last != "complete").then(last).alias(EVENT + "lifecycle:transition")
    rows = table.select(*merged, *instants, aborted)
    if rows[EVENT + "lifecycle:transition"].null_count() == rows.height:
        rows = rows.drop(EVENT + "lifecycle:transition")
    return rows.rename({"instance": EVENT + "concept:instance"}, strict=False)


def _groups(events: pl.DataFrame) -> pl.Expr:
    """Return a number that the rows of one activity of a case share, of one instance where the log numbers them.

    The rows are in the order of cases.
    """
    numbered = next((name for name in ("own_instance", "instance") if name in events.columns), None)
    activity = pl.col("activity").cast(pl.Enum(events["activity"].unique())).to_physical().cast(pl.Int64)
    group = pl.col("case").rle_id().cast(pl.Int64) * events["activity"].n_unique() + activity
    if numbered is None:
        return group
    return group * (events.height + 1) + pl.col(numbered).rank("dense").cast(pl.Int64).fill_null(0)


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
