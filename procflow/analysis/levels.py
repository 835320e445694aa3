"""Which level acts where, and how often a case turns from going up to going down or back. Judges nothing."""

import heapq

import polars as pl

from procflow.analysis.expected_handoffs import Flows
from procflow.analysis.registry import Context
from procflow.analysis.run_evidence import visits_of
from procflow.analysis.run_tables import CASE

_MOST_STEPS = 1_000_000
_LEAST = 1e-12

_Carried = dict[tuple[str, str, int], float]
"""Cases by leaf, the last leaf in which staff acted ('' for none), and whether they last went up (−1) or down (1)."""


def rank(context: Context, name: str) -> int | None:
    """Return the rank of the level that acts in a leaf, 0 for the highest; None where no staff acts.

    Who signs for another department acts at that one's level: signing on behalf moves nothing up or down.
    """
    state, organization = context.graph.state(name), context.process.organization
    named = state.signs_for or state.department
    department = organization.department(named) if named else None
    return organization.rank(department.level) if department and state.who == "staff" else None


def expected_turns(context: Context, flows: Flows) -> dict[tuple[str, str], float]:
    """Return how often per case a case turns around between levels, by the leaf it comes from and the one it goes to.

    A turn is a move to another level against the direction of the move between levels before it. Cases are taken to
    go on from a state alike however they came to it: where probabilities depend on the visit this is the average case
    only, and a run counts exactly.
    """
    turns: dict[tuple[str, str], float] = {}
    ranks = {name: rank(context, name) for name in context.graph.leaves}
    order = flows.order
    carried: _Carried = dict.fromkeys(((leaf, "", 0) for leaf in context.graph.entered(context.graph.initial)), 1.0)
    waiting = sorted((order[leaf], (leaf, last, way)) for leaf, last, way in carried)  # what comes first goes on first
    for _ in range(_MOST_STEPS):
        if not waiting:
            break
        _, here = heapq.heappop(waiting)
        (leaf, last, way), often = here, carried.pop(here)
        acting = leaf if ranks[leaf] is not None else last
        turned = _direction(ranks, last, leaf) if acting == leaf else 0
        if turned and way and turned != way:
            turns[last, leaf] = turns.get((last, leaf), 0.0) + often
        for dest, share in flows.shares.get(leaf, ()) if often > _LEAST else ():
            key = (dest, acting, turned or way)
            if key not in carried:
                heapq.heappush(waiting, (order[dest], key))
            carried[key] = carried.get(key, 0.0) + often * share
    return turns


def _direction(ranks: dict[str, int | None], last: str, leaf: str) -> int:
    before, here = ranks.get(last), ranks[leaf]
    if before is None or here is None:
        return 0
    return (here > before) - (here < before)


def counted_turns(context: Context) -> pl.DataFrame:
    """Return one row per turn between levels in the run: ``replication``, ``case``, ``from_state``, ``to_state``.

    Along each token in order of time; ``left_us`` and ``arrived_us`` bound the way from the state before.
    """
    known = {name: level for name in context.graph.leaves if (level := rank(context, name)) is not None}
    mine = [*CASE, "token"]
    rows = context.shared(visits_of).filter(pl.col("state").is_in(list(known)))
    rows = rows.sort([*mine, "enter_us", "row"]).with_columns(
        rank=pl.col("state").replace_strict(known, default=None, return_dtype=pl.Int64)
    )
    moved = rows.with_columns(
        way=(pl.col("rank") - pl.col("rank").shift(1).over(mine)).sign(),
        from_state=pl.col("state").shift(1).over(mine),
        left_us=pl.col("exit_us").shift(1).over(mine),
        arrived_us=pl.col("arrive_us").shift(1).over(mine),
    ).filter(pl.col("way").fill_null(0) != 0)
    turned = pl.col("way") != pl.col("way").shift(1).over(mine)
    return moved.filter(turned.fill_null(False)).select(*CASE, "from_state", "left_us", "arrived_us", to_state="state")
