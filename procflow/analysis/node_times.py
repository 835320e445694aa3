"""Whether each step kept its own limit (环节时限) in a run, visit by visit. Judges no process and changes none.

A step may be late while the whole is in time, which monitoring tells as well; ``limit_times`` counts the whole.
"""

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from procflow.analysis.day_count import Stretches
from procflow.analysis.instants import suspended
from procflow.analysis.limit_clock import RunClock, counted, in_time, where_known, whole_days
from procflow.analysis.limit_paths import inside
from procflow.analysis.run_tables import CASE, process_of
from procflow.definition.limits import Suspension
from procflow.definition.resolved import Process
from procflow.machine.graph import StateGraph, resolve

if TYPE_CHECKING:
    from procflow.simulation.run import Run

_SCHEMA = {
    "replication": pl.Int32,
    "case": pl.Int64,
    "state": pl.String,
    "visit": pl.Int32,
    "entered_us": pl.Int64,
    "left_us": pl.Int64,
    "lived_us": pl.Int64,
    "net": pl.Float64,
    "unit": pl.String,
    "suspended": pl.Float64,
    "kept": pl.Boolean,
    "in_cohort": pl.Boolean,
    "censored": pl.Boolean,
}


def node_times(run: "Run", process: Process | str | None = None) -> pl.DataFrame:
    """Return one row per visit to a state that has a ``limit`` of its own: three times, and whether it was kept.

    The clock of a step runs from entering the state to leaving it: ``lived_us`` is that whole, ``net`` what counts and
    ``suspended`` what does not, both in ``unit``, the limit's. Suspensions of the limits whose clock runs in the state
    stop it too, all united, but not those for the stay in this very state, whose time the step's own limit measures.
    ``kept`` is null where that is not known: not left (``left_us`` null), cancelled, or cut while still in time.

    The count is that of ``procflow.analysis.clocks``; raises as ``limit_times`` does.
    """
    process = process_of(run, process)
    clock = RunClock.of(run, process)
    limited = [name for name in clock.graph.leaves if clock.graph.state(name).limit is not None]
    rows = [_visits(clock, name) for name in limited]
    return pl.concat(rows).sort(*CASE, "entered_us", "state") if rows else pl.DataFrame(schema=_SCHEMA)


def _visits(clock: RunClock, name: str) -> pl.DataFrame:
    term = clock.graph.state(name).limit
    assert term is not None
    visits = clock.events.filter(pl.col("state") == name).with_columns(over=_over()).with_row_index("rank")
    begin, end = (visits[column].to_numpy() for column in ("enter_us", "over"))
    stretches = _stretches(clock, name, visits)
    net, off = counted(clock.days, term.value, begin, end, stretches)
    kept = in_time(clock.days, whole_days(term.value), begin, end, stretches)
    whole = visits["end"].is_in(["completed", "timed_out"]).to_numpy()
    cut = (visits["end"] == "cut").to_numpy() & visits["exit_us"].is_null().to_numpy()
    cohort = clock.cases.select(*CASE, "in_cohort")
    rows = visits.select(
        *CASE,
        "state",
        "visit",
        pl.col("enter_us").alias("entered_us"),
        pl.when(pl.Series(whole)).then("over").alias("left_us"),
        (pl.col("over") - pl.col("enter_us")).alias("lived_us"),
        pl.Series("net", net),
        pl.lit(term.value.unit).alias("unit"),
        pl.Series("suspended", off),
        where_known(whole | (cut & ~kept), "kept", kept),
        pl.Series("censored", cut),
    )
    joined = rows.join(cohort, on=CASE, how="left", maintain_order="left")
    return joined.select(_SCHEMA.keys()).cast(_SCHEMA)  # type: ignore[arg-type]


def _over() -> pl.Expr:
    """Return when a visit is over: at its exit; where it has none, as far as it is known."""
    stay = ("batch_us", "batch_full_us", "off_duty_us", "contention_us", "work_us", "paused_us", "delay_us", "call_us")
    return pl.coalesce("exit_us", pl.col("enter_us") + pl.sum_horizontal(stay))


def _stretches(clock: RunClock, name: str, visits: pl.DataFrame) -> Stretches:
    """Return what stops the clock of each visit to a state."""
    found = [
        suspended(clock.graph, clock.events, suspension)
        for limit in clock.process.definition.limits.values()
        if name in inside(clock.graph, limit)
        for suspension in limit.suspend
        if not _is_the_stay(clock.graph, suspension, name)
    ]
    if not found or visits.is_empty():
        return Stretches.none(visits.height)
    own = visits.select(*CASE, "rank", "over")
    rows = pl.concat(found).join(own, on=CASE).with_columns(pl.col("to_us").fill_null(pl.col("over")))
    rows = rows.with_columns(to_us=pl.max_horizontal("from_us", "to_us"))
    low, high = (rows[column].to_numpy() for column in ("from_us", "to_us"))
    return Stretches.united(visits.height, rows["rank"].to_numpy().astype(np.int64), low, high)


def _is_the_stay(graph: StateGraph, suspension: Suspension, name: str) -> bool:
    """Whether a suspension is for being in this state, or in a composite around it."""
    if suspension.in_state is None:
        return False
    around = resolve(suspension.in_state, "", graph.nodes) or ""
    return name == around or name.startswith(f"{around}/")
