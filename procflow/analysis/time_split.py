"""Where the time of a run went: by segment, state, department and transition. Measures; explains nothing."""

from typing import TYPE_CHECKING, Literal

import polars as pl

from procflow.analysis.run_handoffs import staffed
from procflow.analysis.run_tables import CASE, HOUR_US, SEGMENTS, cases_of, events_of, process_of
from procflow.definition.resolved import Process
from procflow.machine.graph import state_graph

if TYPE_CHECKING:
    from procflow.simulation.run import Run

WAITS = ("batch_us", "batch_full_us", "off_duty_us", "contention_us")
"""The segments between entering a state and starting its work."""


def time_split(
    run: "Run",
    process: Process | str | None = None,
    *,
    by: Literal["segment", "state", "department", "transition"] = "segment",
) -> pl.DataFrame:
    """Return the hours per case of the finished cohort, split one way.

    ``segment``: ``segment``, ``hours``, ``share`` along the path that fired each join; the shares sum to 1.
    ``state`` and ``department``: ``visits`` per case and the hours of each segment (``work_hours`` …); states of
    parallel regions count in full, so that together they may exceed the cycle time. ``transition``: ``source``,
    ``trigger``, ``dest``, ``moves`` per case, ``transfer_hours``, and ``wait_hours`` from entering ``dest`` to the
    start of its work.
    """
    process = process_of(run, process)
    cases = cases_of(run, process).filter(pl.col("in_cohort") & pl.col("outcome").is_not_null())
    if by == "segment":
        return _by_segment(cases)
    rows = staffed(state_graph(process), events_of(run, process)).join(cases.select(CASE), on=CASE, how="semi")
    return _by_transition(rows, cases.height) if by == "transition" else _by_column(rows, by, cases.height)


def moves(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per move of a token from one of its states to the next, given rows of ``staffed``.

    Both visits' columns, those of the later one ending in ``_next``, with its ``wait_us`` before the work.
    """
    after = rows.select(
        pl.col("row").alias("row_next"),
        *CASE,
        "token",
        "part",
        state_next="state",
        who_next="who",
        enter_us_next="enter_us",
        ready_us_next="ready_us",
        start_us_next="start_us",
        wait_us=pl.sum_horizontal(WAITS),
        **{f"{name}_next": name for name in WAITS},
    )
    following = pl.col("row").shift(-1).over([*CASE, "token", "part"])
    linked = rows.with_columns(row_next=following).join(after.drop(*CASE, "token", "part"), on="row_next", how="left")
    return linked.filter(pl.col("state_next") == pl.col("dest"))


def _by_segment(cases: pl.DataFrame) -> pl.DataFrame:
    hours = [int(cases[name].sum()) / HOUR_US / max(cases.height, 1) for name in SEGMENTS]
    total = sum(hours)
    return pl.DataFrame(
        {
            "segment": [name.removesuffix("_us") for name in SEGMENTS],
            "hours": hours,
            "share": [part / total if total else 0.0 for part in hours],
        },
        schema={"segment": pl.String, "hours": pl.Float64, "share": pl.Float64},
    )


def _by_column(rows: pl.DataFrame, column: str, cases: int) -> pl.DataFrame:
    hours = [(pl.col(s).sum() / HOUR_US / cases).alias(f"{s.removesuffix('_us')}_hours") for s in SEGMENTS]
    grouped = rows.group_by(column).agg((pl.len() / cases).alias("visits"), *hours)
    total = pl.sum_horizontal(pl.col(h.meta.output_name()) for h in hours)
    return grouped.with_columns(hours=total).sort("hours", column, descending=[True, False])


def _by_transition(rows: pl.DataFrame, cases: int) -> pl.DataFrame:
    key = ["state", "trigger", "dest"]
    left = rows.filter(pl.col("dest").is_not_null())
    taken = left.group_by(key).agg(
        (pl.len() / cases).alias("moves"), (pl.col("transfer_us").sum() / HOUR_US / cases).alias("transfer_hours")
    )
    waits = moves(rows).group_by(key).agg((pl.col("wait_us").sum() / HOUR_US / cases).alias("wait_hours"))
    joined = taken.join(waits, on=key, how="left").with_columns(pl.col("wait_hours").fill_null(0.0))
    return joined.rename({"state": "source"}).sort("wait_hours", "source", "trigger", descending=[True, False, False])
