"""The handoffs (交接) of a run: who took each case over from whom, by department, level, territory and system.

A handoff is a change of the person or office that acts, not of a label: the same people going on are none. The
applicant is an actor and not a department: a case that goes to the applicant and back to the same department was not
handed over between departments. States in which nobody of the staff acts are passed over in the same way.

Along a token its states count in order. A fork hands over once to each region that begins with another actor. After
a join the case goes on from the region that finished last and so fired it: one handoff, if somebody else takes over.
So A → B → C → A counts three, whether B and C come one after the other or at once: a reform that runs steps in parallel
neither gains nor loses handoffs by the way they are counted.
"""

from typing import Literal

import polars as pl

from procflow.analysis.case_facts import state_facts
from procflow.analysis.remembering import remembered
from procflow.analysis.run_tables import CASE, SEGMENTS
from procflow.machine.graph import StateGraph

AXES = ("department", "level", "territory", "system")
"""The axes along which a handoff is counted: 跨部门、跨层级、跨地域、跨系统."""

_ACTOR = ("department", "office", "group", "people")


@remembered
def handoffs(graph: StateGraph, events: pl.DataFrame) -> pl.DataFrame:
    """Return one row per handoff and axis: ``replication``, ``case``, ``axis``, ``from``, ``to``, ``from_state``,
    ``to_state``, ``at_us`` (when the taker's state was entered), in order of time."""
    rows = staffed(graph, events)
    pairs = _pairs(graph, rows)
    facts = rows.select("row", "state", "actor", *AXES)
    joined = pairs.join(facts, left_on="giver", right_on="row").join(
        facts, left_on="taker", right_on="row", suffix="_to"
    )
    joined = joined.filter(pl.col("actor") != pl.col("actor_to"))
    found = [_along(joined, axis) for axis in AXES]
    at_us = rows.select(*CASE, taker="row", at_us="enter_us")
    return (
        pl.concat(found)
        .join(at_us, on="taker")
        .select(*CASE, "axis", "from", "to", "from_state", "to_state", "at_us")
        .sort([*CASE, "at_us", "axis", "from_state", "to_state"])
    )


@remembered
def staffed(graph: StateGraph, events: pl.DataFrame) -> pl.DataFrame:
    """Return the events of a process with the facts of their states, numbered by ``row``, with ``part``.

    ``part`` counts the times that a case went through a region; ``actor`` is who acts, null where no staff does;
    ``gone_us`` is when what follows could begin.
    """
    inside = pl.col("dest").str.starts_with(pl.col("token") + "/") | (pl.col("token") == "")
    finals = [name for name, node in graph.nodes.items() if node.state.final]
    went_on = (inside & ~pl.col("dest").is_in(finals)).fill_null(False)
    territory = pl.when(pl.col("office") != "").then("office").otherwise("territory")
    actor = pl.concat_str(_ACTOR, separator="\0", ignore_nulls=True)
    closed = pl.col("enter_us") + pl.sum_horizontal(SEGMENTS)
    return (
        events.join(state_facts(graph), on="state", how="left", maintain_order="left")
        .with_row_index("row")
        .with_columns(
            territory=territory,
            actor=pl.when(pl.col("who") == "staff").then(actor),
            part=(~went_on).cum_sum().shift(1, fill_value=0).over([*CASE, "token"]),
            parent=pl.col("token").replace_strict(_parents(graph), default="", return_dtype=pl.String),
            gone_us=pl.coalesce(pl.col("arrive_us") + pl.col("sync_us"), closed),
        )
    )


def _pairs(graph: StateGraph, rows: pl.DataFrame) -> pl.DataFrame:
    """Return who gives to whom: ``giver``, ``taker``, both numbers of rows in which staff act."""
    mine = [*CASE, "token", "part"]
    acting = rows.filter(pl.col("actor").is_not_null())
    within = acting.select("token", taker="row", giver=pl.col("row").shift(1).over(mine)).drop_nulls("giver")
    if not graph.regions:
        return within.select("giver", "taker")
    regional = rows.filter(pl.col("token") != "")
    begun = regional.group_by(mine).agg(pl.col("parent").first(), at_us=pl.col("enter_us").min())
    ended = regional.group_by(mine).agg(
        pl.col("parent").first(),
        pl.col("end").last(),
        at_us=pl.col("gone_us").max(),
        over_us=(pl.col("gone_us") - pl.col("sync_us")).max(),
        dest=pl.col("dest").last(),
    )
    ended = ended.filter((pl.col("end") != "cancelled") & pl.col("dest").is_not_null())
    first, last = (
        acting.group_by(mine).agg(getattr(pl.col("row"), pick)().alias(name))
        for pick, name in (("first", "taker"), ("last", "giver"))
    )
    forks = _nearest(begun.join(first, on=mine), acting, graph, "giver", "enter_us", "backward")
    ended = ended.join(last, on=mine)
    joins = _nearest(ended, acting, graph, "taker", "enter_us", "forward").join(
        ended.select("giver", "over_us"), on="giver"
    )
    joins = joins.sort("over_us", "giver").group_by("taker").last().select("giver", "taker")
    kept = within.join(joins, on="taker", how="anti")
    return pl.concat([kept.select("giver", "taker"), forks, joins])


def _nearest(
    parts: pl.DataFrame,
    acting: pl.DataFrame,
    graph: StateGraph,
    found: str,
    time: str,
    strategy: Literal["backward", "forward"],
) -> pl.DataFrame:
    """Return the pairs of parts of regions with the nearest staff of the token around them, or of one further out."""
    pairs = []
    around = acting.select(*CASE, "row", parent="token", at_us=time).sort("at_us").rename({"row": found})
    parents = _parents(graph)
    while parts.height:
        matched = parts.sort("at_us").join_asof(
            around, on="at_us", by=[*CASE, "parent"], strategy=strategy, check_sortedness=False
        )
        pairs.append(matched.drop_nulls(found).select("giver", "taker"))
        left = matched.filter(pl.col(found).is_null() & (pl.col("parent") != "")).drop(found)
        parts = left.with_columns(parent=pl.col("parent").replace_strict(parents, default="", return_dtype=pl.String))
    empty = pl.DataFrame(schema={"giver": pl.UInt32, "taker": pl.UInt32})
    return pl.concat([empty, *pairs])


def _along(pairs: pl.DataFrame, axis: str) -> pl.DataFrame:
    changed = pairs.filter(pl.col(axis) != pl.col(f"{axis}_to"))
    return changed.select(
        "taker",
        axis=pl.lit(axis),
        **{"from": axis, "to": f"{axis}_to", "from_state": "state", "to_state": "state_to"},
    )


def _parents(graph: StateGraph) -> dict[str, str]:
    """Return the token around each region's token: '' for the main line."""
    return {
        f"{composite}/{region.name}" if region.name else composite: _token_of(graph, composite)
        for composite, regions in graph.regions.items()
        for region in regions
    }


def _token_of(graph: StateGraph, name: str) -> str:
    node = graph.nodes[name]
    if not node.parent:
        return ""
    region = graph.regions[node.parent][node.region].name
    return f"{node.parent}/{region}" if region else node.parent
