"""Which facts hold where: forward data-flow analysis over a process, on all paths (must) or on some path (may).

Facts are bits of Python integers. The analysis knows what states and transitions produce, destroy and move, nothing
of what the facts mean. A state that calls another process counts for what it says of itself: what the called process
asks, makes or hands on is its own analysis, so that a fact that it would bring about is not known here.

Source: Aho, Lam, Sethi, Ullman, *Compilers*, 2nd ed., ch. 9.2–9.3 (reaching definitions, available expressions,
iteration in reverse postorder); the join of parallel regions is this project's own (docs/reference/rules.md).
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from procflow.analysis.flowgraph import Arc, FlowGraph


def _unmoved(facts: int) -> int:
    return facts


@dataclass(frozen=True)
class Effects:
    """What happens to facts, as bit sets.

    States ``kill``, then ``give`` and then ``move`` facts at their done; transitions (by ``Edge.index``) do so by
    ``edge_kill``, ``edge_give`` and ``edge_move`` when they are taken. To move is to add facts that follow from others.
    ``settle`` adds what follows from the facts that
    hold (an interface passes them on) and is monotone. ``start`` holds when a case begins; ``size`` is the number of
    facts.
    """

    size: int
    start: int = 0
    kill: dict[str, int] = field(default_factory=dict)
    give: dict[str, int] = field(default_factory=dict)
    move: dict[str, Callable[[int], int]] = field(default_factory=dict)
    edge_kill: dict[int, int] = field(default_factory=dict)
    edge_give: dict[int, int] = field(default_factory=dict)
    edge_move: dict[int, Callable[[int], int]] = field(default_factory=dict)
    settle: Callable[[int], int] = _unmoved

    def lost(self, state: str) -> int:
        """Return the facts that a state destroys and does not produce anew."""
        return self.kill.get(state, 0) & ~self.give.get(state, 0)

    def done(self, state: str, facts: int) -> int:
        """Return what holds after a state is done."""
        facts = (facts & ~self.kill.get(state, 0)) | self.give.get(state, 0)
        move = self.move.get(state)
        return self.settle(move(facts) if move else facts)

    def taken(self, edge: int, facts: int) -> int:
        """Return what holds after a transition is taken."""
        facts = (facts & ~self.edge_kill.get(edge, 0)) | self.edge_give.get(edge, 0)
        move = self.edge_move.get(edge)
        return self.settle(move(facts) if move else facts)


@dataclass(frozen=True)
class Solution:
    """The facts that hold before and after each point of a flow graph, by its index."""

    flow: FlowGraph
    effects: Effects
    before: tuple[int, ...]
    after: tuple[int, ...]
    must: bool

    def at(self, state: str) -> int:
        """Return what holds on entering a state, under every valuation (must) or some (may)."""
        points = self.flow.at.get(state, ())
        if self.must:
            facts = (1 << self.effects.size) - 1 if points else 0
            for point in points:
                facts &= self.before[point]
            return facts
        return _union(self.before[point] for point in points)

    def along(self, arc: Arc) -> int:
        """Return what an arc brings to the point that it leads to."""
        return self._beside.arrive(self.flow, arc, self._moved(arc), must=self.must)

    def _moved(self, arc: Arc) -> int:
        return _moved(self.flow, self.effects, arc, self.before[arc.source], self.after[arc.source], must=self.must)

    @cached_property
    def _beside(self) -> "_Beside":
        return _Beside(self.flow, self.effects)


def solve(flow: FlowGraph, effects: Effects, *, must: bool = True) -> Solution:
    """Return the greatest solution (must) or the least one (may) of the data-flow equations."""
    top = (1 << effects.size) - 1
    beside = _Beside(flow, effects)
    before = [top if must else 0] * len(flow.points)
    after = list(before)
    rank = {point: position for position, point in enumerate(flow.order)}
    starts = frozenset(flow.starts)
    waiting = list(range(len(flow.order)))  # ranks: already a heap
    queued = set(waiting)
    fresh = set(flow.order)
    while waiting:
        position = heapq.heappop(waiting)
        queued.discard(position)
        point = flow.order[position]
        came = _came(flow, effects, beside, point, before, after, starts, must=must)
        went = beside.adjust(flow, point, _went(flow, effects, point, came), must=must)
        changed = point in fresh or came != before[point] or went != after[point]
        fresh.discard(point)
        before[point], after[point] = came, went
        if changed:
            for following in flow.following[point]:
                if rank[following] not in queued:
                    queued.add(rank[following])
                    heapq.heappush(waiting, rank[following])
    return Solution(flow, effects, tuple(before), tuple(after), must)


@dataclass(frozen=True)
class Uses:
    """What states use of facts on being entered, and what they overwrite at their done, as bit sets.

    ``edge_kill``: what transitions (by ``Edge.index``) refuse, so that it is not used afterwards.
    """

    size: int
    use: Mapping[str, int]
    kill: Mapping[str, int] = field(default_factory=dict)
    edge_kill: Mapping[int, int] = field(default_factory=dict)


def live(flow: FlowGraph, uses: Uses) -> tuple[int, ...]:
    """Return the facts that are live after each point: on some way on, used before they are overwritten.

    Backward may-analysis (Aho, Lam, Sethi, Ullman, *Compilers*, 2nd ed., 9.2.5: live variables). What a region beside
    uses is live meanwhile. Never less than what all executions show; more where a join cancels what would have used it.
    """
    beside = _Beside(flow, Effects(uses.size, give=dict(uses.use)))
    before, after = [0] * len(flow.points), [0] * len(flow.points)
    kept, cut = _arcs_out(flow)
    earlier = _sources(flow, kept, cut)
    rank = {point: -position for position, point in enumerate(flow.order)}
    waiting = sorted((place, point) for point, place in rank.items())  # sorted, so a heap
    queued = set(rank)
    while waiting:
        _, point = heapq.heappop(waiting)
        queued.discard(point)
        here = flow.points[point]
        meanwhile = beside.given_beside(here.state)
        out = meanwhile
        for arc in kept[point]:
            out |= before[arc.dest] & ~_refused(uses, arc)
        for join in flow.joins_after[point]:
            out |= before[join]
        interrupted = 0
        for arc in cut[point]:
            interrupted |= before[arc.dest] & ~_refused(uses, arc)
        for join in flow.joined_beside[point]:
            interrupted |= before[join]
        after[point] = out = out | interrupted  # a timer may also end the delay after the work
        came = out & ~uses.kill.get(here.state, 0) | uses.use.get(here.state, 0) if here.kind == "leaf" else out
        came |= interrupted | meanwhile
        if came != before[point]:
            before[point] = came
            for source in earlier[point]:
                if source not in queued:
                    queued.add(source)
                    heapq.heappush(waiting, (rank[source], source))
    return tuple(after)


def _sources(flow: FlowGraph, kept: list[list[Arc]], cut: list[list[Arc]]) -> list[set[int]]:
    """Return for each point those whose liveness depends on its own."""
    found: list[set[int]] = [set() for _ in flow.points]
    for point in flow.order:
        dests = [arc.dest for arc in (*kept[point], *cut[point])]
        for dest in (*dests, *flow.joins_after[point], *flow.joined_beside[point]):
            found[dest].add(point)
    return found


def _refused(uses: Uses, arc: Arc) -> int:
    return uses.edge_kill.get(arc.edge.index, 0) if arc.edge is not None else 0


def _arcs_out(flow: FlowGraph) -> tuple[list[list[Arc]], list[list[Arc]]]:
    """Return the arcs by which each point is left: after it is done; and cut off meanwhile, by a timer or beside."""
    kept: list[list[Arc]] = [[] for _ in flow.points]
    cut: list[list[Arc]] = [[] for _ in flow.points]
    for arc in flow.arcs:
        (cut if arc.move in ("timer", "abandon") else kept)[arc.source].append(arc)
    for point, arcs in enumerate(flow.interrupting):
        cut[point] += arcs
    return kept, cut


def path(
    flow: FlowGraph, sources: Iterable[int], target: int, allowed: Callable[[int, int], bool] | None = None
) -> list[int]:
    """Return a shortest path of points from some source to ``target`` over ``allowed`` steps; [] if none.

    Without ``allowed``, over all steps. At least one step is made, so that a loop from the target to itself can
    be asked for.
    """
    came: dict[int, int] = {}
    roots = dict.fromkeys(sources)
    waiting = deque(roots)
    while waiting:
        point = waiting.popleft()
        for following in flow.following[point]:
            if following in came or not (allowed is None or allowed(point, following)):
                continue
            came[following] = point
            if following == target:
                return _traced(came, roots, target)
            if following not in roots:
                waiting.append(following)
    return []


def from_start(flow: FlowGraph, state: str) -> list[int]:
    """Return a shortest path of points from the start of a case to a state."""
    way = [flow.at[state][0]]
    while flow.came_from[way[-1]] != way[-1]:
        way.append(flow.came_from[way[-1]])
    return way[::-1]


def to_an_end(flow: FlowGraph, state: str) -> list[int]:
    """Return a shortest path of points from a state to an end of a case; just the state where none is reached."""
    way = [flow.at[state][0]]
    while flow.goes_to.get(way[-1], way[-1]) != way[-1]:
        way.append(flow.goes_to[way[-1]])
    return way


def through(flow: FlowGraph, states: Sequence[str]) -> list[int]:
    """Return a path of points through states in their order, each piece a shortest one.

    Where no path leads on (the next state lies in a parallel region), it goes on there all the same.
    """
    way = [flow.at[states[0]][0]]
    for name in states[1:]:
        found = [steps for target in flow.at[name] if (steps := path(flow, [way[-1]], target))]
        way += min(found, key=len)[1:] if found else [flow.at[name][0]]
    return way


def path_back(
    flow: FlowGraph, target: int, is_source: Callable[[int], bool], allowed: Callable[[int, int], bool]
) -> list[int]:
    """Return a shortest path of points to ``target`` from the nearest source, over ``allowed`` steps; [] if none."""
    went: dict[int, int] = {}
    waiting = deque([target])
    while waiting:
        point = waiting.popleft()
        for before in flow.preceding[point]:
            if before in went or not allowed(before, point):
                continue
            went[before] = point
            if is_source(before):
                found = [before]
                while len(found) == 1 or found[-1] != target:
                    found.append(went[found[-1]])
                return found
            waiting.append(before)
    return []


def _traced(came: dict[int, int], roots: dict[int, None], target: int) -> list[int]:
    found = [target, came[target]]
    while found[-1] not in roots:
        found.append(came[found[-1]])
    return found[::-1]


def _came(
    flow: FlowGraph,
    effects: Effects,
    beside: "_Beside",
    point: int,
    before: list[int],
    after: list[int],
    starts: frozenset[int],
    *,
    must: bool,
) -> int:
    if flow.points[point].kind == "join":
        return beside.adjust(flow, point, _joined(flow, effects, beside, point, before, must=must), must=must)
    found = [effects.settle(effects.start)] if point in starts else []
    found += (_moved(flow, effects, arc, before[arc.source], after[arc.source], must=must) for arc in flow.into[point])
    facts = _intersection(found, effects.size) if must else _union(found)
    return beside.adjust(flow, point, facts, must=must)


def _went(flow: FlowGraph, effects: Effects, point: int, came: int) -> int:
    here = flow.points[point]
    return effects.done(here.state, came) if here.kind == "leaf" else came


def _moved(flow: FlowGraph, effects: Effects, arc: Arc, before: int, after: int, *, must: bool) -> int:
    """Return what an arc passes on: a time-out may come before or after the effects of the visit."""
    if arc.move == "fork" or arc.edge is None:
        return before
    if arc.move == "edge":
        return effects.taken(arc.edge.index, after)
    lost = effects.lost(flow.points[arc.source].state)
    return effects.taken(arc.edge.index, before & ~lost if must else before | after)


def _joined(flow: FlowGraph, effects: Effects, beside: "_Beside", point: int, before: list[int], *, must: bool) -> int:
    """Return what holds after a join of n out of m regions.

    On all paths: what held at the fork and no region destroys, and what holds at the end of m − n + 1 regions, for
    at least one of any n is among these.
    """
    here = flow.points[point]
    regions = flow.ends[point]
    forks = [i for i in flow.at[here.state] if len(regions) == 1 or flow.points[i].row == here.row]
    if not must:
        ends = _union(before[end] for region in regions for end in region)
        return ends | _union(before[fork] for fork in forks) | beside.given_inside(here.state)
    ends_of = [_intersection([before[end] for end in region], effects.size) for region in regions]
    if len(regions) == 1:
        return ends_of[0]
    kept = _intersection([before[fork] for fork in forks], effects.size) & ~beside.lost_inside(here.state)
    return kept | _at_least(ends_of, len(regions) - flow.graph.needed(here.state) + 1, effects.size)


def _at_least(sets: list[int], count: int, size: int) -> int:
    """Return the bits that are in at least ``count`` of the sets."""
    held = [(1 << size) - 1] + [0] * count
    for facts in sets:
        for number in range(count, 0, -1):
            held[number] |= held[number - 1] & facts
    return held[count]


class _Beside:
    """What the regions beside a state may do meanwhile: those of all composites around it, cancelled ones included."""

    def __init__(self, flow: FlowGraph, effects: Effects) -> None:
        self._lost: dict[tuple[str, int], int] = {}
        self._given: dict[tuple[str, int], int] = {}
        self._effects = effects
        graph = flow.graph
        for name in graph.leaves:
            self._add(flow, name, effects.lost(name), effects.give.get(name, 0))
        for edge in graph.edges:
            given = effects.edge_give.get(edge.index, 0)
            self._add(flow, edge.source, effects.edge_kill.get(edge.index, 0) & ~given, given, edge.leaves)
        self._around = {name: self._beside(flow, name) for name in graph.nodes}

    def _add(self, flow: FlowGraph, name: str, lost: int, given: int, left: tuple[str, ...] = ()) -> None:
        """Book effects for all regions around a state, but not where they end the composite that they leave."""
        node = flow.graph.nodes[name]
        while node.parent and (lost or given):
            place = (node.parent, node.region)
            if node.parent not in left:
                self._lost[place] = self._lost.get(place, 0) | lost
                self._given[place] = self._given.get(place, 0) | given
            node = flow.graph.nodes[node.parent]

    def _beside(self, flow: FlowGraph, name: str) -> tuple[int, int]:
        lost = given = 0
        node = flow.graph.nodes[name]
        while node.parent:
            for index in range(len(flow.graph.regions[node.parent])):
                if index != node.region:
                    lost |= self._lost.get((node.parent, index), 0)
                    given |= self._given.get((node.parent, index), 0)
            node = flow.graph.nodes[node.parent]
        return lost, given

    def adjust(self, flow: FlowGraph, point: int, facts: int, *, must: bool) -> int:
        lost, given = self._around[flow.points[point].state]
        if must:
            return facts & ~lost
        return self._effects.settle(facts | given) if given else facts

    def given_beside(self, state: str) -> int:
        return self._around[state][1]

    def arrive(self, flow: FlowGraph, arc: Arc, facts: int, *, must: bool) -> int:
        return self.adjust(flow, arc.dest, facts, must=must)

    def lost_inside(self, composite: str) -> int:
        return _union(lost for (place, _), lost in self._lost.items() if place == composite)

    def given_inside(self, composite: str) -> int:
        return _union(given for (place, _), given in self._given.items() if place == composite)


def _union(sets: Iterable[int]) -> int:
    facts = 0
    for found in sets:
        facts |= found
    return facts


def _intersection(sets: Iterable[int], size: int) -> int:
    facts = (1 << size) - 1
    for found in sets:
        facts &= found
    return facts
