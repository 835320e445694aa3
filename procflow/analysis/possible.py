"""Which facts may hold where: forward data-flow analysis over a process, on some path (reaching definitions).

Exact: a fact is claimed where, and only where, some execution has it, in whatever order parallel regions go on. Facts
that *follow from* others (``dataflow.Effects.move`` and ``settle``) are not for this analysis: a value that goes from
hand to hand through several regions may hang on one order of all their steps.

Source: Aho, Lam, Sethi, Ullman, *Compilers*, 2nd ed., ch. 9.2.4 (reaching definitions); the regions are this
project's own (``passages``).
"""

from dataclasses import dataclass

from procflow.analysis.beside import union
from procflow.analysis.flowgraph import FlowGraph
from procflow.analysis.passages import OUTSIDE, Passages, Writes


@dataclass(frozen=True)
class Possible:
    """The facts that may hold at each point of a flow graph, by its index, before anything is done there."""

    flow: FlowGraph
    before: tuple[int, ...]

    def at(self, state: str) -> int:
        """Return what may hold in a state, from entering it until it, or something in it, is done."""
        return union(self.before[point] for point in self.flow.at.get(state, ()))


def possible(flow: FlowGraph, writes: Writes) -> Possible:
    """Return what some execution has at each point: what it started with and nobody ended, or somebody gave last."""
    ways = Passages(flow, writes)
    held = list(ways.new)
    for level in (OUTSIDE, *(fork.point for fork in reversed(flow.forks))):  # outer ones first
        entering = writes.start if level == OUTSIDE else held[level]
        for point in ways.inside[level]:
            held[point] |= entering & ways.kept[point]
    return Possible(flow, tuple(facts | ways.beside.at(point) for point, facts in enumerate(held)))
