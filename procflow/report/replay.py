"""Cases of a run as they moved, for the page to replay: who was where when. Draws nothing."""

from typing import Any

import polars as pl

from procflow.analysis.run_tables import CASE, events_of
from procflow.machine.graph import StateGraph
from procflow.render import state_id
from procflow.report.sides import Side

MOST_CASES = 60
"""How many cases are shown: the first of the cohort, so that tokens can still be told apart."""

_MINUTE_US = 60_000_000


def replay(side: Side) -> dict[str, Any] | None:
    """Return the visits of the first finished cases of a run's first replication; None without a run.

    Times are whole minutes since the local midnight of ``start``. A row is one visit: case, index of the state in
    ``states`` (ids in the diagram without prefix), entered, work begun, work done, left, arrived at the next, and the
    index of the transition (−1 where it draws none).
    """
    if side.run is None:
        return None
    cases = side.run.cases.filter(
        pl.col("in_cohort") & pl.col("outcome").is_not_null() & (pl.col("process") == side.process.name)
    )
    cases = cases.filter(pl.col("replication") == pl.col("replication").min()).sort("arrival_us", "case")
    shown = cases.head(MOST_CASES).select(CASE)
    visits = events_of(side.run, side.process).join(shown, on=CASE, how="semi", maintain_order="left")
    if visits.is_empty():
        return None
    numbers = {case: index for index, case in enumerate(shown["case"])}
    rows = _rows(side.graph, visits, numbers)
    return {
        "start": side.run.scenario.start.isoformat(),
        "from": min(row[2] for row in rows),
        "until": max(row[6] for row in rows),
        "cases": len(numbers),
        "states": [state_id(name) for name in side.graph.leaves],
        "rows": rows,
    }


def _rows(graph: StateGraph, visits: pl.DataFrame, numbers: dict[int, int]) -> list[list[int]]:
    edges = {(edge.source, edge.trigger, edge.dest): edge.index for edge in graph.edges}
    places = {name: index for index, name in enumerate(graph.leaves)}
    start = pl.coalesce("start_us", "enter_us")
    left = pl.coalesce("exit_us", pl.col("arrive_us"), pl.col("enter_us") + pl.col("delay_us"))
    done = pl.coalesce("done_us", start)
    times = visits.select(
        "case", "state", "trigger", "dest",
        *((each // _MINUTE_US).alias(name) for name, each in (
            ("t0", pl.col("enter_us")), ("t1", start), ("t2", pl.max_horizontal(start, done)),
            ("t3", pl.max_horizontal(done, left)), ("t4", pl.max_horizontal(left, pl.coalesce("arrive_us", left))),
        )),
    )  # fmt: skip
    found = [
        [numbers[case], places[state], *instants, edges.get((state, trigger, dest), -1)]
        for case, state, trigger, dest, *instants in times.iter_rows()
    ]
    return sorted(found, key=lambda row: (row[2], row[0]))
