"""Which facts hold where on all paths: forward data-flow analysis over a process (available facts).

Facts are bits of Python integers. The analysis knows what states and transitions produce, destroy and move, nothing
of what the facts mean. A state that calls another process counts for what it says of itself: what the called process
asks, makes or hands on is its own analysis, so that a fact that it would bring about is not known here.

Source: Aho, Lam, Sethi, Ullman, *Compilers*, 2nd ed., ch. 9.2–9.3 (available expressions, iteration in
reverse postorder); the join of parallel regions is this project's own (docs/reference/rules.md).
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from procflow.analysis.beside import Beside, at_least, union
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

    def at(self, state: str) -> int:
        """Return what holds on entering a state, under every valuation."""
        points = self.flow.at.get(state, ())
        return _intersection((self.before[point] for point in points), self.effects.size) if points else 0

    def along(self, arc: Arc) -> int:
        """Return what an arc brings to the point that it leads to."""
        moved = _moved(self.flow, self.effects, arc, self.before[arc.source], self.after[arc.source])
        return self._losses.kept(arc.dest, moved)

    @cached_property
    def _losses(self) -> "_Losses":
        return _Losses(self.flow, self.effects)


def solve(flow: FlowGraph, effects: Effects) -> Solution:
    """Return the greatest solution of the data-flow equations."""
    losses, top = _Losses(flow, effects), (1 << effects.size) - 1
    before, after = [top] * len(flow.points), [top] * len(flow.points)
    steps, works = _steps(flow, effects), _works(flow, effects)
    kept = [~losses.of.at(point) for point in range(len(flow.points))]
    starts = dict.fromkeys(flow.starts, effects.settle(effects.start))
    rank = {point: position for position, point in enumerate(flow.order)}
    waiting = list(range(len(rank)))  # ranks: already a heap
    queued = [True] * len(rank)
    fresh = set(rank)
    while waiting:
        position = heapq.heappop(waiting)
        queued[position] = False
        point = flow.order[position]
        if point in flow.ends:
            came = _joined(flow, effects, losses, point, before)
        else:
            came = starts.get(point, top)
            for source, late, arc in steps[point]:
                if arc is None:
                    came &= after[source] if late else before[source]
                else:
                    came &= _moved(flow, effects, arc, before[source], after[source])
        came &= kept[point]
        went = effects.done(flow.points[point].state, came) & kept[point] if works[point] else came
        if point in fresh or came != before[point] or went != after[point]:
            fresh.discard(point)
            before[point], after[point] = came, went
            for following in flow.following[point]:
                place = rank[following]
                if not queued[place]:
                    queued[place] = True
                    heapq.heappush(waiting, place)
    return Solution(flow, effects, tuple(before), tuple(after))


def _steps(flow: FlowGraph, effects: Effects) -> list[list[tuple[int, bool, Arc | None]]]:
    """Return for each point the arcs to it: the source, whether it is done, and the arc where it changes anything."""
    settles = effects.settle is not _unmoved
    changing = {*effects.edge_kill, *effects.edge_give, *effects.edge_move}

    def changes(arc: Arc) -> bool:
        return arc.edge is not None and (settles or arc.move != "edge" or arc.edge.index in changing)

    return [[(arc.source, arc.move == "edge", arc if changes(arc) else None) for arc in arcs] for arcs in flow.into]


def _works(flow: FlowGraph, effects: Effects) -> list[bool]:
    """Return for each point whether something may change there."""
    changing = {*effects.kill, *effects.give, *effects.move}
    settles = effects.settle is not _unmoved
    return [point.kind == "leaf" and (settles or point.state in changing) for point in flow.points]


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
    return _followed(flow.at[state][0], flow.came_from)[::-1]


def to_an_end(flow: FlowGraph, state: str) -> list[int]:
    """Return a shortest path of points from a state to an end of a case; just the state where none is reached."""
    return _followed(flow.at[state][0], flow.goes_to)


def _followed(point: int, leads: Mapping[int, int]) -> list[int]:
    way, following = [point], leads.get(point, point)
    while following != point:
        way.append(following)
        point, following = following, leads.get(following, following)
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


def path_back(solution: Solution, bit: int, target: int, is_source: Callable[[int], bool]) -> list[int]:
    """Return a shortest path of points to ``target`` from the nearest source along which a fact holds; [] if none."""
    before, after, preceding = solution.before, solution.after, solution.flow.preceding
    went: dict[int, int] = {}
    waiting = deque([target])
    while waiting:
        point = waiting.popleft()
        if not before[point] & bit:
            continue
        for earlier in preceding[point]:
            if earlier in went or not after[earlier] & bit:
                continue
            went[earlier] = point
            if is_source(earlier):
                found = [earlier]
                while len(found) == 1 or found[-1] != target:
                    found.append(went[found[-1]])
                return found
            waiting.append(earlier)
    return []


def _traced(came: dict[int, int], roots: dict[int, None], target: int) -> list[int]:
    found = [target, came[target]]
    while found[-1] not in roots:
        found.append(came[found[-1]])
    return found[::-1]


def _moved(flow: FlowGraph, effects: Effects, arc: Arc, before: int, after: int) -> int:
    """Return what an arc passes on: a time-out may come before or after the effects of the visit."""
    if arc.move == "fork" or arc.edge is None:
        return before
    if arc.move == "edge":
        return effects.taken(arc.edge.index, after)
    return effects.taken(arc.edge.index, before & ~effects.lost(flow.points[arc.source].state))


def _joined(flow: FlowGraph, effects: Effects, beside: "_Losses", point: int, before: list[int]) -> int:
    """Return what holds after a join of n out of m regions.

    What held at the fork and no region destroys, and what holds at the end of m − n + 1 regions, for at least one of
    any n is among these.
    """
    regions = flow.ends[point]
    ends_of = [_intersection([before[end] for end in region], effects.size) for region in regions]
    fork = flow.fork_of.get(point)
    if fork is None:  # of a single region
        return ends_of[0]
    kept = before[fork.point] & ~union(beside.of.inside((fork.point, region)) for region in range(len(regions)))
    return kept | at_least(ends_of, len(regions) - fork.needed + 1)


class _Losses:
    """What the regions beside each point may destroy meanwhile."""

    def __init__(self, flow: FlowGraph, effects: Effects) -> None:
        edges = {index: lost & ~effects.edge_give.get(index, 0) for index, lost in effects.edge_kill.items()}
        self.of = Beside(flow, {name: effects.lost(name) for name in effects.kill}, edges)

    def kept(self, point: int, facts: int) -> int:
        return facts & ~self.of.at(point)


def _intersection(sets: Iterable[int], size: int) -> int:
    facts = (1 << size) - 1
    for found in sets:
        facts &= found
    return facts
