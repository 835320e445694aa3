"""The handoffs that a definition leads to be expected: flows of cases between those who act. Judges nothing.

Counts as ``run_handoffs`` does: from one state of staff to the next one, past states in which no staff acts; a fork
gives to every region; after a join the case goes on from the region that fired it, each of them alike likely.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from procflow.analysis.expectation import Visits
from procflow.machine.flow import components
from procflow.machine.graph import Edge, StateGraph

_ROUNDS = 10_000


@dataclass(frozen=True)
class Step:
    """A way from one leaf state to the next one that a case stands in, and how often a case takes it."""

    source: str
    dest: str
    per_case: float
    edge: Edge


@dataclass(frozen=True)
class Flows:
    """How often cases of a process go from leaf to leaf, by expected visits."""

    graph: StateGraph
    expected: Visits

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps from leaf to leaf that a case is expected to take."""
        found = []
        for edge in self.graph.edges:
            often = self.expected.edges.get(edge.index, 0.0)
            if edge.source not in self.graph.regions and often > 0:
                found += [Step(edge.source, dest, often * p, edge) for dest, p in self._landing(edge.dest)]
        return tuple(found)

    @cached_property
    def shares(self) -> Mapping[str, Sequence[tuple[str, float]]]:
        """Where cases go on from each leaf, with the expected number of times for one visit."""
        found: dict[str, list[tuple[str, float]]] = {}
        for step in self.steps:
            share = step.per_case / self.expected.to(step.source)
            found.setdefault(step.source, []).append((step.dest, share))
        return found

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The place of each leaf in an order in which cases come to them, loops apart."""
        following = {leaf: [dest for dest, _ in shares] for leaf, shares in self.shares.items()}
        parts = components(self.graph.leaves, following)
        return {name: place for place, name in enumerate(name for part in reversed(parts) for name in part)}

    def _landing(self, name: str) -> Iterator[tuple[str, float]]:
        """Yield where a case stands after entering a state: a region's end goes on as its composite does."""
        node = self.graph.nodes[name]
        if node.state.final:
            outs = self.graph.out(node.parent) if node.parent else ()
            lanes = len(self.graph.regions[node.parent]) if node.parent else 1
            uses = [self.expected.edges.get(edge.index, 0.0) for edge in outs]
            for edge, often in zip(outs, uses, strict=True):
                if often > 0:
                    yield from ((leaf, p * often / math.fsum(uses) / lanes) for leaf, p in self._landing(edge.dest))
        else:
            for leaf in self.graph.entered(name):
                yield leaf, 1.0

    def pairs(self, acts: Callable[[str], bool]) -> dict[tuple[str, str], float]:
        """Return how often per case one leaf that acts is followed by another, past those that do not."""
        found: dict[tuple[str, str], float] = {}
        carried: dict[str, dict[str, float]] = {}
        for step in self.steps:
            if acts(step.source):
                _add(found if acts(step.dest) else carried.setdefault(step.dest, {}), step, acts(step.dest))
        for _ in range(_ROUNDS):
            carried = self._passed(carried, acts, found)
            if not carried:
                break
        return found

    def _passed(
        self,
        carried: Mapping[str, Mapping[str, float]],
        acts: Callable[[str], bool],
        found: dict[tuple[str, str], float],
    ) -> dict[str, dict[str, float]]:
        """Send on what stands in leaves that do not act; return what still does."""
        rest: dict[str, dict[str, float]] = {}
        for source, givers in carried.items():
            for dest, share in self.shares.get(source, ()):
                for giver, often in givers.items():
                    part = often * share
                    if acts(dest):
                        found[giver, dest] = found.get((giver, dest), 0.0) + part
                    elif part > 1e-12:
                        lane = rest.setdefault(dest, {})
                        lane[giver] = lane.get(giver, 0.0) + part
        return rest


def _add(table: dict, step: Step, acting: bool) -> None:  # type: ignore[type-arg]
    key = (step.source, step.dest) if acting else step.source
    table[key] = table.get(key, 0.0) + step.per_case
