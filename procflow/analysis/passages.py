"""What gets through parallel regions, and what comes new from them: each region solved relative to its fork.

For whether one fact holds, only the last thing that was done to it matters, and whichever region did that may have
done it last. So what all executions together can bring about follows from the ways through each region by itself, in
time that grows with their number and not with that of their orders.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from procflow.analysis.beside import Beside, at_least, union
from procflow.analysis.flowgraph import Arc, FlowGraph, Fork

OUTSIDE = -1
"""The level of what lies in no parallel region; other levels are named by their fork's point."""
_ALL = -1

Passage = tuple[int, int]
"""Facts that some way leaves alone, and those that some way gives last, as bit sets."""


@dataclass(frozen=True)
class Writes:
    """What happens to facts, as bit sets: states ``kill`` and then ``give`` at their done, transitions when taken.

    ``start`` holds when a case begins. Transitions are known by ``Edge.index``.
    """

    start: int = 0
    kill: Mapping[str, int] = field(default_factory=dict)
    give: Mapping[str, int] = field(default_factory=dict)
    edge_kill: Mapping[int, int] = field(default_factory=dict)
    edge_give: Mapping[int, int] = field(default_factory=dict)


class Passages:
    """For each point the ways to it from the fork of its level, or from the start of a case: ``kept`` and ``new``.

    Both hold before anything is done at the point. What regions beside a point give is not among them, but where
    they end with their composite; ``beside`` has it.
    """

    def __init__(self, flow: FlowGraph, writes: Writes, *, outside: bool = True) -> None:
        self.flow = flow
        self.beside = Beside(flow, writes.give, writes.edge_give)
        self.kept, self.new = [0] * len(flow.points), [0] * len(flow.points)
        self.past: dict[int, int] = {}
        """For each fork what gets through to the join: what as many regions as are needed leave alone."""
        self.inside: dict[int, list[int]] = {level: [] for level in (OUTSIDE, *(fork.point for fork in flow.forks))}
        for point in flow.order:
            places = flow.places[point]
            self.inside[places[0][0] if places else OUTSIDE].append(point)
        self._writes = writes
        for fork in flow.forks:  # inner ones first
            self._solve(fork.point)
            ends = (union(self.kept[end] for end in region) for region in fork.ends)
            self.past[fork.point] = at_least(ends, fork.needed)
        if outside:
            self._solve(OUTSIDE)

    def _solve(self, level: int) -> None:
        changed = True
        while changed:
            changed = False
            for point in self.inside[level]:
                before = self.kept[point], self.new[point]
                came = self._joined(point) if point in self.flow.ends else self._came(level, point)
                if came != before:
                    self.kept[point], self.new[point] = came
                    changed = True

    def _came(self, level: int, point: int) -> Passage:
        kept, new = _ALL if level == OUTSIDE and point in self.flow.starts else 0, 0
        for arc in self.flow.into[point]:
            if arc.move == "fork" and arc.source == level:
                kept = _ALL
            else:
                more = self.along(arc, len(self.flow.left(arc)))
                kept, new = kept | more[0], new | more[1]
        return kept, new

    def along(self, arc: Arc, levels: int) -> Passage:
        """Return what an arc passes on: the ways over it from the fork so many levels further out than its source."""
        here = self.flow.points[arc.source]
        kept, new = self.kept[arc.source], self.new[arc.source]
        if here.kind == "leaf":
            kill, give = self._writes.kill.get(here.state, 0), self._writes.give.get(here.state, 0)
            if arc.move == "edge":
                kept, new = kept & ~kill, new & ~kill | give
            else:  # a timer's may come before or after the effects of the visit
                new |= give
        for fork, region in self.flow.places[arc.source][:levels]:
            new |= self.new[fork] & kept | self.beside.among((fork, region))
            kept &= self.kept[fork]
        if arc.edge is None:
            return kept, new
        kill, give = (of.get(arc.edge.index, 0) for of in (self._writes.edge_kill, self._writes.edge_give))
        return kept & ~kill, new & ~kill | give

    def _joined(self, point: int) -> Passage:
        fork = self.flow.fork_of.get(point)
        if fork is None:  # of a single region
            ends = [end for region in self.flow.ends[point] for end in region]
            return union(self.kept[end] for end in ends), union(self.new[end] for end in ends)
        kept = self.kept[fork.point] & self.past[fork.point]
        return kept, self.new[fork.point] & self.past[fork.point] | self._given_at_join(fork)

    def _given_at_join(self, fork: Fork) -> int:
        found = 0
        for region, ends in enumerate(fork.ends):
            found |= union(self.new[end] for end in ends)
            if fork.others_suffice(region):  # it may be anywhere yet, and have done its last only just now
                found |= self.beside.inside((fork.point, region))
        return found
