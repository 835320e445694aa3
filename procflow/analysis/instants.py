"""When the instants of a definition (entering, finishing, leaving a state, firing a trigger) came in a run's log."""

import polars as pl

from procflow.analysis.run_tables import CASE, SEGMENTS
from procflow.definition.limits import Instant, Suspension
from procflow.errors import AnalysisError
from procflow.machine.graph import StateGraph, resolve
from procflow.text import Text


def instants(graph: StateGraph, events: pl.DataFrame, wanted: Instant) -> pl.DataFrame:
    """Return every time at which an instant came: ``replication``, ``case``, ``at_us``, in order of time.

    A composite is entered with the first states of its regions, and done when its join completes or a transition
    leaves it early. A final state is entered when the transfer to it ends.
    """
    if wanted.event == "fire":
        found = _fired(graph, events, wanted.name)
    else:
        found = _of_state(graph, events, wanted.event, _known(graph, wanted.name))
    return found.filter(pl.col("at_us").is_not_null()).unique().sort([*CASE, "at_us"])


def any_instant(graph: StateGraph, events: pl.DataFrame, wanted: tuple[Instant, ...]) -> pl.DataFrame:
    """Return every time at which one of several instants came, in order of time."""
    found = [instants(graph, events, instant) for instant in wanted]
    return pl.concat(found).unique().sort([*CASE, "at_us"])


def suspended(graph: StateGraph, events: pl.DataFrame, suspension: Suspension) -> pl.DataFrame:
    """Return the stretches of a suspension: ``replication``, ``case``, ``from_us``, ``to_us`` (null: not over)."""
    if suspension.in_state is not None:
        name = _known(graph, suspension.in_state)
        inside = pl.col("state").is_in([leaf for leaf in graph.leaves if leaf == name or leaf.startswith(name + "/")])
        over = _gone() if name in graph.regions else _left()
        return events.filter(inside).select(*CASE, from_us="enter_us", to_us=over)
    assert suspension.since is not None
    assert suspension.until is not None
    since = instants(graph, events, suspension.since).sort("at_us")
    until = instants(graph, events, suspension.until).sort("at_us").with_columns(to_us="at_us")
    paired = since.join_asof(until, on="at_us", by=list(CASE), strategy="forward", check_sortedness=False)
    return paired.select(*CASE, from_us="at_us", to_us="to_us")


def last_known(events: pl.DataFrame) -> pl.DataFrame:
    """Return how far each case is known: ``replication``, ``case``, ``known_us``, the end of its last segment."""
    return events.group_by(CASE).agg(known_us=_closed().max())


def _of_state(graph: StateGraph, events: pl.DataFrame, event: str, name: str) -> pl.DataFrame:
    rows = events.filter(pl.col("state") == name)
    if name in graph.regions:
        return _of_composite(graph, events, event, name)
    if graph.nodes[name].state.final:
        return events.filter(pl.col("dest") == name).select(*CASE, at_us=_gone())
    return rows.filter(pl.col("end") != "cut" if event == "exit" else True).select(*CASE, at_us=f"{event}_us")


def _of_composite(graph: StateGraph, events: pl.DataFrame, event: str, name: str) -> pl.DataFrame:
    if event == "enter":
        return events.filter(pl.col("state").is_in(graph.entered(name))).select(*CASE, at_us="enter_us")
    finals = [n for n, node in graph.nodes.items() if node.parent == name and node.state.final]
    inside = pl.col("state").str.starts_with(name + "/")
    joined = pl.col("dest").is_in(finals)
    if event == "done":
        return events.filter(inside & joined).select(*CASE, at_us=_gone())
    early = ~pl.col("dest").str.starts_with(name + "/")
    return events.filter(inside & (joined | early)).select(
        *CASE, at_us=pl.when(joined).then(_gone()).otherwise("exit_us")
    )


def _fired(graph: StateGraph, events: pl.DataFrame, trigger: str) -> pl.DataFrame:
    """A trigger fires as a case leaves the state; that of a composite fires as its join completes."""
    rows = [events.filter(pl.col("trigger") == trigger).select(*CASE, at_us="exit_us")]
    for edge in graph.edges:
        if edge.trigger == trigger and edge.source in graph.regions:
            joins = _of_composite(graph, events, "done", edge.source)
            rows.append(joins if len(graph.out(edge.source)) == 1 else _went_on(graph, events, joins, edge.dest))
    return pl.concat(rows)


def _went_on(graph: StateGraph, events: pl.DataFrame, joins: pl.DataFrame, dest: str) -> pl.DataFrame:
    """Keep the joins after which the case entered ``dest``: the next state entered is one of its first states."""
    entered = events.select(*CASE, "state", at_us="enter_us").sort("at_us")
    after = (
        joins.unique()
        .sort("at_us")
        .join_asof(entered, on="at_us", by=list(CASE), strategy="forward", check_sortedness=False)
    )
    ended = graph.nodes[dest].state.final
    arrived = pl.col("state").is_null() if ended else pl.col("state").is_in(graph.entered(dest))
    return after.filter(arrived).select(*CASE, "at_us")


def _gone() -> pl.Expr:
    """When a visit is over for what follows it: after its transfer, and after its region's wait for the join."""
    over = pl.coalesce("arrive_us", "exit_us") + pl.col("sync_us")
    return pl.when(pl.col("end") == "cut").then(None).otherwise(pl.coalesce(over, _closed()))


def _left() -> pl.Expr:
    """When a case is out of the state itself: at its exit, its time-out or its cancellation; null where it is not."""
    inside_us = _closed() - pl.col("transfer_us") - pl.col("sync_us")
    return (
        pl.when(pl.col("exit_us").is_null() & (pl.col("end") == "cut"))
        .then(None)
        .otherwise(pl.coalesce("exit_us", inside_us))
    )


def _closed() -> pl.Expr:
    return pl.col("enter_us") + pl.sum_horizontal(SEGMENTS)


def _known(graph: StateGraph, name: str) -> str:
    found = resolve(name, "", graph.nodes)
    if found is None:
        raise AnalysisError(
            Text(
                en=f"no state {name!r} in {graph.process.name}, which a limit names",
                zh=f"{graph.process.name} 中没有时限所指的状态 {name!r}",
            )
        )
    return found
