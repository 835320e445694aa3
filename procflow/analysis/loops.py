"""Returns to the applicant for correction, and the loops of a process that are no such returns. Judges nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from procflow.analysis.registry import Context
from procflow.analysis.run_evidence import visits_of
from procflow.analysis.run_tables import CASE
from procflow.machine.flow import closure, components, cut
from procflow.machine.graph import Edge


def returns(context: Context) -> dict[str, tuple[Edge, ...]]:
    """Return the ways by which cases go back to the applicant for correction, by the state where he corrects.

    That is a state of kind ``correction``, or one in which the applicant acts on what was rejected, from which the
    case comes back to whoever returned it.
    """
    found: dict[str, tuple[Edge, ...]] = {}
    for edge in context.graph.edges:
        if context.graph.is_leaf(edge.dest) and _corrects(context, edge) and _comes_back(context, edge):
            found[edge.dest] = (*found.get(edge.dest, ()), edge)
    return found


def _corrects(context: Context, edge: Edge) -> bool:
    state = context.graph.state(edge.dest)
    return state.kind == "correction" or (state.who == "applicant" and bool(edge.transition.rejects))


def _comes_back(context: Context, edge: Edge) -> bool:
    return context.shared(reachable).leads(edge.dest, edge.source)


@dataclass(frozen=True)
class Reach:
    """What each state can lead to, itself included, whatever guards say."""

    _bits: dict[str, int]
    _after: dict[str, int]

    def leads(self, source: str, dest: str) -> bool:
        """Whether one state is another or can lead to it."""
        return source == dest or bool(self._after[source] & self._bits[dest])

    def among(self, source: str, states: Iterable[str]) -> frozenset[str]:
        """Return those of some states to which one can lead."""
        return frozenset(name for name in states if self.leads(source, name))


def reachable(context: Context) -> Reach:
    """Return what each state can lead to, for all rules of one analysis."""
    graph = context.graph
    following: dict[str, set[str]] = {name: set() for name in graph.nodes}
    for edge in graph.edges:
        following[edge.source].add(edge.dest)
    for name, regions in graph.regions.items():
        for region in regions:
            following[name].add(region.initial)
            for inside in region.nodes:
                if graph.nodes[inside].state.final:
                    following[inside] |= {edge.dest for edge in graph.out(name)}
    bits = {name: 1 << number for number, name in enumerate(graph.nodes)}
    return Reach(bits, closure(following, bits))


def rework_loops(context: Context) -> tuple[tuple[str, ...], ...]:
    """Return the sets of states that cases go through again, by ways that are neither corrections nor instalments."""
    lawful = lawful_ways(context)
    found = []
    for scope in cut(context.graph).values():
        following = {
            name: [dest for dest, edge in scope.ways.get(name, ()) if edge.index not in lawful] for name in scope.nodes
        }
        for part in components(scope.nodes, following):
            if len(part) > 1 or part[0] in following[part[0]]:
                found.append(_leaves(context, part))
    return tuple(part for part in found if part)


def lawful_ways(context: Context) -> frozenset[int]:
    """Return the transitions that repeat steps as law or the applicant's correction demands, by index."""
    corrected = {edge.index for edges in returns(context).values() for edge in edges}
    return frozenset(corrected | {e.index for e in context.graph.edges if e.transition.instalment is not None})


def _leaves(context: Context, part: tuple[str, ...]) -> tuple[str, ...]:
    inside = set(part)
    return tuple(n for n in context.graph.leaves if n in inside or inside & set(context.graph.ancestors(n)))


def repeated_visits(context: Context, states: tuple[str, ...]) -> pl.DataFrame:
    """Return the run's visits to states beyond the first that no correction or instalment since then explains."""
    lawful = {e.index for e in context.graph.edges} & lawful_ways(context)
    ways = ["\0".join((e.source, e.trigger, e.dest)) for e in context.graph.edges if e.index in lawful]
    rows = context.shared(visits_of).sort([*CASE, "enter_us", "row"])
    used = pl.concat_str("state", "trigger", "dest", separator="\0", ignore_nulls=False).is_in(ways).fill_null(False)
    before = used.cast(pl.Int64).cum_sum().shift(1, fill_value=0).over(CASE)
    rows = rows.with_columns(excused=before).filter(pl.col("state").is_in(states))
    since = pl.col("excused") - pl.col("excused").first().over([*CASE, "state"])
    return rows.filter(pl.col("visit") - 1 - since > 0)
