"""The state graph unrolled by valuations into a flat graph of points, with forks and joins, for data-flow analysis.

A point is a leaf state, the entry of a composite or its join, under one valuation of the guards. Knows nothing of
facts.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from procflow.analysis.valuations import Valuations
from procflow.machine.flow import closure
from procflow.machine.graph import Edge, StateGraph, by_outcome

Kind = Literal["leaf", "enter", "join"]
Move = Literal["edge", "timer", "abandon", "fork"]


@dataclass(frozen=True, slots=True)
class Point:
    """A leaf state, or the entry or join of a composite, under the valuation with index ``row``."""

    state: str
    kind: Kind
    row: int


@dataclass(frozen=True, slots=True)
class Arc:
    """A step from one point to another, by index.

    ``edge``: a transition after its source is done; ``timer``: a time-out during the visit; ``abandon``: a time-out
    of a composite around the source; ``fork``: entering a composite. ``edge`` is None for a fork.
    """

    source: int
    dest: int
    move: Move
    edge: Edge | None = None


Place = tuple[int, int]
"""A parallel region under a valuation: the index of the fork's point, and that of the region."""


@dataclass(frozen=True)
class Fork:
    """The entry of a composite with parallel regions: its ``point``, that of its ``join`` (None where none completes).

    ``ends`` lists region by region the points at which it ends; ``needed`` says how many regions must end.
    """

    point: int
    join: int | None
    ends: tuple[tuple[int, ...], ...]
    needed: int

    def others_suffice(self, region: int) -> bool:
        """Whether the join can complete without a region."""
        return sum(bool(ends) for other, ends in enumerate(self.ends) if other != region) >= self.needed


@dataclass(frozen=True)
class FlowGraph:
    """Points, arcs and joins of a process; only what a case can come to.

    ``ends`` lists for each join point, region by region, the points at which the region ends.
    """

    graph: StateGraph
    points: tuple[Point, ...]
    arcs: tuple[Arc, ...]
    ends: dict[int, tuple[tuple[int, ...], ...]]
    exact: bool
    starts: tuple[int, ...] = field(default=())

    @cached_property
    def states(self) -> tuple[str, ...]:
        """The state of each point."""
        return tuple(point.state for point in self.points)

    @cached_property
    def into(self) -> tuple[tuple[Arc, ...], ...]:
        """The arcs that lead to each point."""
        found: list[list[Arc]] = [[] for _ in self.points]
        for arc in self.arcs:
            found[arc.dest].append(arc)
        return tuple(map(tuple, found))

    @cached_property
    def following(self) -> tuple[tuple[int, ...], ...]:
        """The points that can come right after each point; a join after the ends of its regions."""
        found: list[dict[int, None]] = [{} for _ in self.points]
        for arc in self.arcs:
            found[arc.source][arc.dest] = None
        for join, regions in self.ends.items():
            for end in (end for region in regions for end in region):
                found[end][join] = None
        return tuple(map(tuple, found))

    @cached_property
    def joins_after(self) -> tuple[tuple[int, ...], ...]:
        """The joins that the points at the ends of regions can complete."""
        found: list[list[int]] = [[] for _ in self.points]
        for join, regions in self.ends.items():
            for end in {end for region in regions for end in region}:
                found[end].append(join)
        return tuple(map(tuple, found))

    @cached_property
    def places(self) -> tuple[tuple[Place, ...], ...]:
        """The parallel regions around each point, innermost first; a fork or join lies outside of its own.

        Valuations do not change inside of parallel regions, so that each belongs to one fork.
        """
        forks = {(point.state, point.row): index for index, point in enumerate(self.points) if point.kind == "enter"}
        around = {name: tuple(self._parallel(name)) for name in self.graph.nodes}
        return tuple(
            tuple((forks[composite, point.row], region) for composite, region in around[point.state])
            for point in self.points
        )

    def _parallel(self, state: str) -> Iterator[tuple[str, int]]:
        """Yield the composites of several regions around a state, each with the region in which the state lies."""
        nodes = self.graph.nodes
        for name in (state, *self.graph.ancestors(state)):
            if len(self.graph.regions.get(nodes[name].parent, ())) > 1:
                yield nodes[name].parent, nodes[name].region

    @cached_property
    def forks(self) -> tuple[Fork, ...]:
        """The entries of composites with parallel regions, inner ones before those around them."""
        joins = {(self.points[join].state, self.points[join].row): join for join in self.ends}
        found = []
        for index, point in enumerate(self.points):
            regions = self.graph.regions.get(point.state, ())
            if point.kind == "enter" and len(regions) > 1:
                join = joins.get((point.state, point.row))
                ends = self.ends[join] if join is not None else ((),) * len(regions)
                found.append(Fork(index, join, ends, self.graph.needed(point.state)))
        return tuple(sorted(found, key=lambda fork: -len(self.places[fork.point])))

    @cached_property
    def fork_of(self) -> dict[int, Fork]:
        """The fork of each join of parallel regions."""
        return {fork.join: fork for fork in self.forks if fork.join is not None}

    @cached_property
    def interrupting(self) -> tuple[tuple[Arc, ...], ...]:
        """The arcs by which a region beside each point may end it: an early exit, a time-out of what lies around."""
        if not self.forks:
            return ((),) * len(self.points)
        leaving: dict[Place, list[Arc]] = {}
        for arc in self.arcs:
            for place in self.left(arc):
                leaving.setdefault(place, []).append(arc)
        width = {fork.point: len(fork.ends) for fork in self.forks}
        beside = {
            (fork, region): tuple(
                arc for other in range(width[fork]) if other != region for arc in leaving.get((fork, other), ())
            )
            for fork in width
            for region in range(width[fork])
        }
        return tuple(tuple(arc for place in places for arc in beside[place]) for places in self.places)

    def left(self, arc: Arc) -> tuple[Place, ...]:
        """Return the parallel regions that an arc leaves, and thereby ends with those beside; innermost first."""
        source, dest = self.places[arc.source], self.places[arc.dest]
        return source[: max(0, len(source) - len(dest))] if arc.edge is not None else ()

    @cached_property
    def joined_beside(self) -> tuple[tuple[int, ...], ...]:
        """The joins that may complete without the region in which each point lies, and cancel it."""
        without: dict[Place, int] = {}
        for fork in self.forks:
            for region in range(len(fork.ends)):
                if fork.join is not None and fork.others_suffice(region):
                    without[fork.point, region] = fork.join
        return tuple(tuple(without[place] for place in places if place in without) for places in self.places)

    @cached_property
    def preceding(self) -> tuple[tuple[int, ...], ...]:
        """The points that can come right before each point."""
        found: list[list[int]] = [[] for _ in self.points]
        for point, after in enumerate(self.following):
            for dest in after:
                found[dest].append(point)
        return tuple(map(tuple, found))

    @cached_property
    def came_from(self) -> dict[int, int]:
        """For each point the one before it on a shortest path from the start, for a start itself."""
        found = {start: start for start in self.starts}
        waiting = list(found)
        for point in waiting:
            for after in self.following[point]:
                if after not in found:
                    found[after] = point
                    waiting.append(after)
        return found

    @cached_property
    def goes_to(self) -> dict[int, int]:
        """For each point the one after it on a shortest path to an end, for an end itself."""
        found = {point: point for point in range(len(self.points)) if not self.following[point]}
        waiting = list(found)
        for point in waiting:
            for before in self.preceding[point]:
                if before not in found:
                    found[before] = point
                    waiting.append(before)
        return found

    @cached_property
    def at(self) -> dict[str, tuple[int, ...]]:
        """The points of each state: leaves, and the entries of composites."""
        found: dict[str, list[int]] = {}
        for index, point in enumerate(self.points):
            if point.kind != "join":
                found.setdefault(point.state, []).append(index)
        return {state: tuple(indices) for state, indices in found.items()}

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The points in reverse postorder: each after what comes before it, loops apart."""
        seen: set[int] = set()
        postorder: list[int] = []
        for start in self.starts:
            if start in seen:
                continue
            seen.add(start)
            stack = [(start, iter(self.following[start]))]
            while stack:
                _, children = stack[-1]
                child = next((c for c in children if c not in seen), None)
                if child is None:
                    postorder.append(stack.pop()[0])
                else:
                    seen.add(child)
                    stack.append((child, iter(self.following[child])))
        return tuple(reversed(postorder))

    def leads(self, source: str, dest: str) -> bool:
        """Whether a case can come to ``dest`` after ``source``; to itself where it lies on a loop."""
        return bool(self._reach[source] & self.mask((dest,)))

    def leads_to_any(self, source: str, mask: int) -> bool:
        """Whether a case can come to a state of a ``mask`` after ``source``."""
        return bool(self._reach[source] & mask)

    def mask(self, states: Iterable[str]) -> int:
        """Return states as a bit set."""
        found = 0
        for state in states:
            found |= 1 << self._numbers[state]
        return found

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.graph.nodes)}

    @cached_property
    def _reach(self) -> dict[str, int]:
        """The states that a case can come to after each state, as bit sets; after a composite, from its entry on."""
        numbers = {
            index: 0 if point.kind == "join" else 1 << self._numbers[point.state]
            for index, point in enumerate(self.points)
        }
        following: dict[int, set[int]] = {index: set(after) for index, after in enumerate(self.following)}
        for index, arcs in enumerate(self.interrupting):
            following[index].update(arc.dest for arc in arcs)
            following[index].update(self.joined_beside[index])
        found = dict.fromkeys(self._numbers, 0)
        for point, reached in closure(following, numbers).items():
            if self.points[point].kind != "join":
                found[self.points[point].state] |= reached
        return found


def concurrent(graph: StateGraph, a: str, b: str) -> bool:
    """Whether two states lie in parallel regions of one composite, so that a case may stand in both at once."""
    if not (graph.nodes[a].parent and graph.nodes[b].parent):
        return False
    around = {graph.nodes[n].parent: graph.nodes[n].region for n in (a, *graph.ancestors(a))}
    return any(
        graph.nodes[n].parent in around
        and graph.nodes[n].parent
        and around[graph.nodes[n].parent] != graph.nodes[n].region
        for n in (b, *graph.ancestors(b))
    )


def flow_graph(graph: StateGraph, values: Valuations) -> FlowGraph:
    """Return the points that a case can come to and the arcs between them, under every valuation."""
    return _Unrolling(graph, values).run()


class _Unrolling:
    def __init__(self, graph: StateGraph, values: Valuations) -> None:
        self.graph, self.values = graph, values
        self.points: dict[Point, int] = {}
        self.waiting: deque[Point] = deque()
        self.arcs: list[Arc] = []
        self.finished: dict[tuple[str, int], dict[int, list[int]]] = {}

    def run(self) -> FlowGraph:
        kind: Kind = "enter" if self.graph.initial in self.graph.regions else "leaf"
        starts = tuple(self._reach(Point(self.graph.initial, kind, row)) for row in range(len(self.values.rows)))
        while self.waiting:
            point = self.waiting.popleft()
            if point.kind == "enter":
                for region in self.graph.regions[point.state]:
                    self._go(point, region.initial, point.row, "fork", None)
                continue
            self._leave(point)
            if point.kind == "leaf":
                self._abandon(point)
                self._finish(point)
        ends = {
            self.points[Point(composite, "join", row)]: tuple(
                tuple(by_region.get(r, ())) for r in range(len(self.graph.regions[composite]))
            )
            for (composite, row), by_region in self.finished.items()
            if Point(composite, "join", row) in self.points
        }
        return FlowGraph(self.graph, tuple(self.points), tuple(self.arcs), ends, self.values.exact, starts)

    def _reach(self, point: Point) -> int:
        if point not in self.points:
            self.points[point] = len(self.points)
            self.waiting.append(point)
        return self.points[point]

    def _go(self, source: Point, dest: str, row: int, move: Move, edge: Edge | None) -> None:
        kind: Kind = "enter" if dest in self.graph.regions else "leaf"
        self.arcs.append(Arc(self.points[source], self._reach(Point(dest, kind, row)), move, edge))

    def _leave(self, point: Point) -> None:
        # after a call each outcome decides by itself
        groups = by_outcome(self.graph.nodes[point.state].state, self.graph.out(point.state))
        for edge, timed in (way for group in groups for way in self.values.ways(group, point.row)):
            if timed and point.kind == "join":
                continue  # a composite's time-out leaves it from inside
            for row in self.values.after(edge, point.row):
                self._go(point, edge.dest, row, "timer" if timed else "edge", edge)

    def _abandon(self, point: Point) -> None:
        for composite in self.graph.ancestors(point.state):
            for edge, timed in self.values.ways(self.graph.out(composite), point.row):
                if timed:
                    for row in self.values.after(edge, point.row):
                        self._go(point, edge.dest, row, "abandon", edge)

    def _finish(self, point: Point) -> None:
        node = self.graph.nodes[point.state]
        if not node.state.final or not node.parent:
            return
        by_region = self.finished.setdefault((node.parent, point.row), {})
        by_region.setdefault(node.region, []).append(self.points[point])
        if len(by_region) >= self.graph.needed(node.parent):
            self._reach(Point(node.parent, "join", point.row))
