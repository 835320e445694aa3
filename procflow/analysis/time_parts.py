"""Where the cycle time goes, without remainder, in the parts that a decision asks about. Explains nothing.

Elapsed time (``delay``) is told apart by why nobody works: the law suspends the clock, a notice is up, the applicant
or an external party has the case, or the office lets it lie.
"""

from typing import TYPE_CHECKING, Final

import polars as pl

from procflow.analysis.instants import suspended
from procflow.analysis.path_split import PATH_SEGMENTS, path_of
from procflow.analysis.run_tables import CASE, HOUR_US, SEGMENTS, cases_of, events_of, process_of
from procflow.definition.resolved import Process
from procflow.machine.graph import StateGraph, state_graph

if TYPE_CHECKING:
    from procflow.simulation.run import Run

DELAYS: Final = ("notice", "suspended", "office", "applicant", "external")
"""What elapsed time is spent on."""

PARTS: Final = ("work", "contention", "off_duty", "paused", "batch", "batch_full", "call", "transfer", *DELAYS)
"""The parts of a cycle time, in the order in which they are shown."""

_NEVER_US = 2**62


def time_parts(run: "Run", process: Process | str | None = None) -> pl.DataFrame:
    """Return the mean hours per finished case of the cohort by part; they sum to the mean cycle time exactly.

    Parameters
    ----------
    run, process:
        A run, and which of its processes where it has several.

    Returns
    -------
    DataFrame
        ``part`` (of ``PARTS``, all of them, in order), ``hours`` per case and ``share``.

    Notes
    -----
    Taken along the path that decided when each case ended (``path_split``). ``suspended`` is the elapsed time during
    which any limit's clock stood still; ``notice`` that of states of the kind ``notice`` beside it; what remains is
    the applicant's, an external party's, or ``office``. Waiting and work during a suspension stay what they are.

    Examples
    --------
    >>> import procflow as pf
    >>> from procflow.definition.shipped import folder
    >>> permit = pf.load(folder() / "processes" / "food_license" / "as_is.yaml")
    >>> run = pf.simulate(permit, pf.Scenario(arrivals="2 per wd", days=60, replications=2, seed=7))
    >>> mean_us = run.cohort.drop_nulls("outcome")["cycle_us"].mean()
    >>> bool(abs(time_parts(run)["hours"].sum() - mean_us / 3.6e9) < 1e-6)
    True
    """
    process = process_of(run, process)
    cases = cases_of(run, process).filter(pl.col("in_cohort") & pl.col("outcome").is_not_null())
    path = path_of(run, process, cases)
    sums = {name: int(path[name].sum()) for name in PATH_SEGMENTS if name != "delay_us"}
    split = {f"{part}_us": us for part, us in _delays(run, process, cases, path).items()}
    hours = [(sums | split)[f"{part}_us"] / HOUR_US / max(cases.height, 1) for part in PARTS]
    total = sum(hours)
    shares = [part / total if total else 0.0 for part in hours]
    return pl.DataFrame({"part": list(PARTS), "hours": hours, "share": shares})


def _delays(run: "Run", process: Process, cases: pl.DataFrame, path: pl.DataFrame) -> dict[str, int]:
    """Return the microseconds of elapsed time on the path, by what it is spent on."""
    graph = state_graph(process)
    events = events_of(run, process).join(cases.select(CASE), on=CASE, how="semi", maintain_order="left")
    events = events.with_row_index("row")
    still = _stood_still(graph, events)
    rows = path.filter(pl.col("delay_us") > 0).select("row", "state", "delay_us").join(still, on="row", how="left")
    rows = rows.with_columns(still_us=pl.col("still_us").fill_null(0).clip(upper_bound=pl.col("delay_us")))
    reasons = {name: _reason(graph, name) for name in graph.leaves}
    by_reason = rows.group_by(pl.col("state").replace_strict(reasons, return_dtype=pl.String).alias("part")).agg(
        (pl.col("delay_us") - pl.col("still_us")).sum()
    )
    return {**dict.fromkeys(DELAYS, 0), **dict(by_reason.iter_rows()), "suspended": int(rows["still_us"].sum())}


def _reason(graph: StateGraph, name: str) -> str:
    state = graph.state(name)
    if state.kind == "notice":
        return "notice"
    return state.who if state.who in ("applicant", "external") else "office"


def _stood_still(graph: StateGraph, events: pl.DataFrame) -> pl.DataFrame:
    """Return ``row`` and ``still_us``: how much of each visit's elapsed time lies in a suspension of any limit."""
    suspensions = [each for limit in graph.process.definition.limits.values() for each in limit.suspend]
    if not suspensions:
        return pl.DataFrame(schema={"row": pl.UInt32, "still_us": pl.Int64})
    stretches = _united(pl.concat([suspended(graph, events, each) for each in suspensions]))
    closed = pl.col("enter_us") + pl.sum_horizontal(SEGMENTS) - pl.col("transfer_us") - pl.col("sync_us")
    until = pl.coalesce("exit_us", closed)
    delays = events.filter(pl.col("delay_us") > 0).select(
        *CASE, "row", begin_us=until - pl.col("delay_us"), until_us=until
    )
    overlap = pl.min_horizontal("until_us", "to_us") - pl.max_horizontal("begin_us", "from_us")
    met = delays.join(stretches, on=CASE).with_columns(still_us=overlap.clip(lower_bound=0))
    return met.group_by("row").agg(pl.col("still_us").sum())


def _united(stretches: pl.DataFrame) -> pl.DataFrame:
    """Return the stretches of each case with those that overlap made one."""
    ordered = stretches.with_columns(pl.col("to_us").fill_null(_NEVER_US)).sort([*CASE, "from_us"])
    before = pl.col("to_us").cum_max().shift(1).over(CASE)
    begins = (pl.col("from_us") > before).fill_null(True)
    numbered = ordered.with_columns(stretch=begins.cum_sum())
    return numbered.group_by(*CASE, "stretch").agg(pl.col("from_us").min(), pl.col("to_us").max()).drop("stretch")
