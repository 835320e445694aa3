"""What must hold on all paths, against an enumeration of every path of small processes by the words of the semantics.

The reference follows single paths and intersects at the end; it knows no fixed point and no points or arcs. A join of
n out of m regions, what regions may destroy beside each other and leaving a composite early are taken word for word
from docs/reference/rules.md, "Parallel regions".
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from procflow.analysis.dataflow import Effects, solve
from procflow.analysis.flowgraph import flow_graph
from procflow.analysis.valuations import Valuations, valuations
from procflow.machine.graph import Edge, Region, StateGraph, state_graph
from tests.examples import make_process
from tests.property.test_analysis import ALL, effects, processes

Exit = tuple[str, int, int]
"""Where a path goes on: state, valuation, facts."""


@dataclass
class Paths:
    """All paths of a process without loops, followed one by one."""

    graph: StateGraph
    values: Valuations
    effects: Effects
    seen: dict[str, int] = field(default_factory=dict)
    """What every path so far had on entering each leaf."""

    def run(self) -> dict[str, int]:
        waiting = [(self.graph.initial, row, self.effects.start) for row in range(len(self.values.rows))]
        followed = set()
        while waiting:
            here = waiting.pop()
            if here not in followed:
                followed.add(here)
                waiting += self._visit(*here)
        return self.seen

    def _visit(self, name: str, row: int, facts: int) -> Iterator[Exit]:
        self._note(name, facts)
        if name in self.graph.regions:
            yield from self._through(name, row, facts)
        else:
            yield from (exit_ for exit_, _ in self._leaf(name, row, facts, destroyed=0))

    def _note(self, name: str, facts: int) -> None:
        self.seen[name] = self.seen.get(name, ALL) & facts

    def _leaf(self, name: str, row: int, facts: int, *, destroyed: int) -> Iterator[tuple[Exit, Edge]]:
        """Yield the ways out of a leaf: after its effects; a timer before them or after them."""
        done = self.effects.done(name, facts) & ~destroyed
        for edge, timed in self.values.ways(self.graph.out(name), row):
            for left in (facts, done) if timed else (done,):
                yield from self._taken(edge, row, left)

    def _taken(self, edge: Edge, row: int, facts: int) -> Iterator[tuple[Exit, Edge]]:
        for after in self.values.after(edge, row):
            yield (edge.dest, after, self.effects.taken(edge.index, facts)), edge

    def _through(self, composite: str, row: int, fork: int) -> Iterator[Exit]:
        """Follow every path of every region from the fork, and go on from the join and from what leaves early."""
        regions = self.graph.regions[composite]
        losses = [self._losses(region, composite, row) for region in regions]
        ends: list[list[int]] = []
        for number, region in enumerate(regions):
            destroyed = 0
            for other, lost in enumerate(losses):
                destroyed |= lost if other != number else 0
            finished: list[int] = []
            waiting = [(region.initial, fork & ~destroyed)]
            while waiting:
                name, facts = waiting.pop()
                self._note(name, facts)
                for edge, timed in self.values.ways(self.graph.out(composite), row):
                    for left in (facts, self.effects.done(name, facts) & ~destroyed) if timed else ():
                        yield from (exit_ for exit_, _ in self._taken(edge, row, left))
                if self.graph.nodes[name].state.final:
                    finished.append(facts)
                for (dest, after, left), edge in self._leaf(name, row, facts, destroyed=destroyed):
                    if edge.leaves:
                        yield dest, after, left
                    else:
                        waiting.append((dest, left & ~destroyed))
            ends.append(finished)
        inside = 0
        for lost in losses:
            inside |= lost
        # one path in each region: what at least m − n + 1 of them end with is known by one of any n that finish
        sure = len(regions) - self.graph.needed(composite) + 1
        for chosen in set(itertools.product(*ends)):
            known = 0
            for group in itertools.combinations(chosen, sure):
                shared = ALL
                for facts in group:
                    shared &= facts
                known |= shared
            joined = fork & ~inside | known
            for edge, timed in self.values.ways(self.graph.out(composite), row):
                if not timed:
                    yield from (exit_ for exit_, _ in self._taken(edge, row, joined))

    def _losses(self, region: Region, composite: str, row: int) -> int:
        """Return what some path of a region destroys beside the others, but by a transition that ends them."""
        lost, walked, waiting = 0, set(), [region.initial]
        while waiting:
            name = waiting.pop()
            if name in walked or self.graph.nodes[name].state.final:
                continue
            walked.add(name)
            lost |= self.effects.lost(name)
            for edge, _ in self.values.ways(self.graph.out(name), row):
                if composite not in edge.leaves:
                    lost |= self.effects.edge_kill.get(edge.index, 0) & ~self.effects.edge_give.get(edge.index, 0)
                    waiting.append(edge.dest)
        return lost


@settings(max_examples=80, deadline=None, phases=[Phase.generate])
@given(st.data())
def test_what_all_paths_have_in_common_is_the_fixed_point_with_any_join_timer_guard_and_early_exit(
    data: st.DataObject,
) -> None:
    graph = state_graph(make_process(data.draw(processes())))
    changes = data.draw(effects(graph))
    values = valuations(graph)
    flow = flow_graph(graph, values)
    must = solve(flow, changes)
    expected = Paths(graph, values, changes).run()
    assert set(expected) == set(flow.at)
    for state, facts in expected.items():
        assert must.at(state) == facts, state
