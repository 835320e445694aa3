"""The data-flow fixed point against an enumeration of all executions of small processes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from procflow.analysis.dataflow import Effects, solve
from procflow.analysis.expectation import expected_visits
from procflow.analysis.flowgraph import concurrent, flow_graph
from procflow.analysis.live import Uses, live
from procflow.analysis.passages import Writes
from procflow.analysis.possible import possible
from procflow.analysis.valuations import Valuations, valuations
from procflow.machine.graph import Edge, StateGraph, state_graph
from tests.examples import make_process

FACTS = 3
ALL = (1 << FACTS) - 1


@st.composite
def processes(draw: st.DrawFn, *, loops: bool = False, nested: bool = False) -> str:
    """Draw a small process: branches by guard or chance, time-outs, parallel regions with any join.

    With ``loops`` also ways back, in regions too; with ``nested`` also regions in regions.
    """
    count = draw(st.integers(1, 4 if nested else 3))
    states: list[dict[str, Any]] = []
    transitions: list[dict[str, Any]] = []
    names = [f"s{i}" for i in range(count)]
    for index, name in enumerate(names):
        later = [*names[index + 1 :], "end"]
        state: dict[str, Any] = {"name": name}
        if draw(st.integers(0, 4)) < 2:
            state |= draw(composites(later, loops=loops, nested=nested))
        states.append(state)
        transitions += draw(ways(name, later, names[: index + 1] if loops else []))
    states.append({"name": "end", "final": True})
    return yaml.safe_dump(
        {
            "initial": "s0",
            "attributes": {"urgent": {"boolean": 0.5}},
            "states": states,
            "transitions": transitions,
        },
        sort_keys=False,
    )


@st.composite
def ways(draw: st.DrawFn, source: str, later: list[str], earlier: list[str]) -> list[dict[str, Any]]:
    dest = st.sampled_from([later[0], later[0], *later])
    kind = draw(st.sampled_from(["plain", "chance", "guard", "timeout", "set"]))
    first = {"trigger": f"{source}_a", "source": source, "dest": draw(dest)}
    second = {"trigger": f"{source}_b", "source": source, "dest": draw(dest)}
    if kind == "plain":
        return [first]
    if kind == "chance":
        if earlier and draw(st.booleans()):
            second["dest"] = draw(st.sampled_from(earlier))
        return [first | {"probability": 0.5}, second | {"probability": 0.5}]
    if kind == "guard":
        return [first | {"when": "urgent"}, second]
    if kind == "set":
        return [first | {"set": {"urgent": draw(st.booleans())}}]
    return [first, second | {"timeout": "3 d"}]


@st.composite
def composites(
    draw: st.DrawFn, later: list[str], *, loops: bool = False, nested: bool = False, prefix: str = "a"
) -> dict[str, Any]:
    """Draw parallel regions that may be left early for ``later`` states; ``nested`` ones are few and short."""
    holder = draw(st.integers(0, 1)) if nested and draw(st.booleans()) else None
    small = holder is not None or prefix != "a"
    regions = []
    for number in range(2 if small else draw(st.integers(2, 3))):
        leaves = [f"{prefix}{i}" for i in range(draw(st.integers(1, 2)))]
        final = f"{prefix}_done"
        states: list[dict[str, Any]] = [{"name": leaf} for leaf in leaves]
        if number == holder:
            states[0] |= draw(composites([*later, final], loops=loops, prefix="b"))
        steps = []
        for i, (leaf, after) in enumerate(zip(leaves, [*leaves[1:], final], strict=True)):
            step = {"trigger": f"step{number}{i}", "source": leaf, "dest": after}
            kind = draw(st.sampled_from(["plain", "plain", "early", "back", "guard"]))
            other = {"early": draw(st.sampled_from(later)), "back": leaves[0], "guard": final}.get(kind)
            if kind in ("early", "back") and (loops or kind == "early"):
                steps.append({**step, "trigger": f"{kind}{number}{i}", "dest": other, "probability": 0.5})
                step["probability"] = 0.5
            elif kind == "guard":
                steps.append({**step, "trigger": f"{kind}{number}{i}", "dest": other, "when": "urgent"})
            steps.append(step)
        if draw(st.integers(0, 3)) == 0:  # a timer inside the region
            steps.append({"trigger": f"late{number}", "source": leaves[0], "dest": final, "timeout": "3 d"})
        states.append({"name": final, "final": True})
        regions.append({"name": f"r{number}", "initial": leaves[0], "states": states, "transitions": steps})
    return {"regions": regions, "join": draw(st.sampled_from(["all", "any", {"at_least": 2}]))}


bits = st.integers(0, (1 << FACTS) - 1)


@st.composite
def effects(draw: st.DrawFn, graph: StateGraph) -> Effects:
    leaves = [name for name in graph.leaves if not graph.nodes[name].state.final]
    edges = [edge.index for edge in graph.edges]
    return Effects(
        FACTS,
        start=draw(bits),
        kill={name: draw(bits) & draw(bits) for name in leaves},
        give={name: draw(bits) & draw(bits) for name in leaves},
        edge_kill={index: draw(bits) & draw(bits) & draw(bits) for index in edges},
    )


WIDE = 8
wide = st.integers(0, (1 << WIDE) - 1)


@st.composite
def writes(draw: st.DrawFn, graph: StateGraph) -> Writes:
    leaves = [name for name in graph.leaves if not graph.nodes[name].state.final]
    edges = [edge.index for edge in graph.edges]
    return Writes(
        start=draw(wide),
        kill={name: draw(wide) & draw(wide) for name in leaves},
        give={name: draw(wide) & draw(wide) & draw(wide) for name in leaves},
        edge_kill={index: draw(wide) & draw(wide) & draw(wide) for index in edges},
        edge_give={index: draw(wide) & draw(wide) & draw(wide) & draw(wide) for index in edges},
    )


@dataclass(frozen=True)
class Case:
    """A case somewhere: its tokens (leaf, whether done), what it knows, and the valuation of its guards.

    ``fresh`` are the composites it has entered in which nothing is done yet.
    """

    tokens: frozenset[tuple[str, bool]]
    facts: int
    row: int
    fresh: frozenset[str] = frozenset()


@dataclass
class Executions:
    """Every execution of a process, in any order of its parallel regions, and the facts seen in each state.

    A state is looked at until it, or something in it, is done. How long anything takes is not known: whatever may
    happen at the very instant at which a join is complete happens before it, for joins come after all else.
    """

    graph: StateGraph
    values: Valuations
    writes: Writes
    seen: dict[str, set[int]] = field(default_factory=dict)

    def run(self) -> dict[str, set[int]]:
        waiting = [
            self._entered(frozenset(), self.graph.initial, self.writes.start, r, frozenset()) for r in self._rows()
        ]
        followed = set()
        while waiting:
            case = waiting.pop()
            if case not in followed:
                followed.add(case)
                for name in (*(leaf for leaf, done in case.tokens if not done), *case.fresh):
                    self.seen.setdefault(name, set()).add(case.facts)
                waiting += self._steps(case)
        return self.seen

    def _rows(self) -> range:
        return range(len(self.values.rows))

    def _entered(
        self, tokens: frozenset[tuple[str, bool]], dest: str, facts: int, row: int, fresh: frozenset[str]
    ) -> Case:
        leaves = self.graph.entered(dest)
        inside = {around for leaf in leaves for around in (dest, *self._around(leaf)) if around in self.graph.regions}
        inside -= set(self._around(dest))
        return Case(tokens | {(leaf, False) for leaf in leaves}, facts, row, fresh | inside)

    def _around(self, name: str) -> tuple[str, ...]:
        return tuple(self.graph.ancestors(name))

    def _steps(self, case: Case) -> Iterator[Case]:
        for composite in self.graph.regions:
            ended = {
                self.graph.nodes[leaf].region
                for leaf, _ in case.tokens
                if self.graph.nodes[leaf].parent == composite and self.graph.nodes[leaf].state.final
            }
            if len(ended) >= self.graph.needed(composite):
                for edge, timed in self.values.ways(self.graph.out(composite), case.row):
                    if not timed:
                        yield from self._taken(case, edge, composite)
        for leaf, done in case.tokens:
            for composite in self._around(leaf):
                for edge, timed in self.values.ways(self.graph.out(composite), case.row):
                    if timed:
                        yield from self._taken(case, edge, composite)
            if not self.graph.nodes[leaf].state.final:
                yield from self._at(case, leaf, done=done)

    def _at(self, case: Case, leaf: str, *, done: bool) -> Iterator[Case]:
        if not done:
            facts = case.facts & ~self.writes.kill.get(leaf, 0) | self.writes.give.get(leaf, 0)
            tokens = case.tokens - {(leaf, False)} | {(leaf, True)}
            yield Case(tokens, facts, case.row, case.fresh - set(self._around(leaf)))
        for edge, timed in self.values.ways(self.graph.out(leaf), case.row):
            if done or timed:
                yield from self._taken(case, edge, leaf)

    def _taken(self, case: Case, edge: Edge, source: str) -> Iterator[Case]:
        """Take a transition: all tokens inside its source, and inside the composites that it leaves, are gone."""
        left = edge.leaves[-1] if edge.leaves else source
        tokens = frozenset(t for t in case.tokens if left not in (t[0], *self._around(t[0])))
        fresh = frozenset(n for n in case.fresh if left not in (n, *self._around(n)) and n not in self._around(left))
        facts = case.facts & ~self.writes.edge_kill.get(edge.index, 0) | self.writes.edge_give.get(edge.index, 0)
        for row in self.values.after(edge, case.row):
            yield self._entered(tokens, edge.dest, facts, row, fresh)


def common(seen: Iterable[int]) -> int:
    facts = ALL
    for known in seen:
        facts &= known
    return facts


def some(seen: Iterable[int]) -> int:
    facts = 0
    for known in seen:
        facts |= known
    return facts


@settings(max_examples=100, deadline=None, phases=[Phase.generate])
@given(st.data())
def test_what_must_hold_is_what_all_executions_have_in_common(data: st.DataObject) -> None:
    graph = state_graph(make_process(data.draw(processes(loops=True))))
    changes = data.draw(effects(graph))
    values = valuations(graph)
    flow = flow_graph(graph, values)
    must = solve(flow, changes)
    written = Writes(changes.start, changes.kill, changes.give, changes.edge_kill)
    seen = Executions(graph, values, written).run()
    assert set(seen) == set(flow.at)
    for state, known in seen.items():
        assert must.at(state) & ~common(known) == 0, f"{state}: claimed on all paths, but not so"
        if not graph.regions:
            assert must.at(state) == common(known)


@settings(max_examples=80, deadline=None, phases=[Phase.generate])
@given(st.data())
def test_what_may_hold_is_what_some_execution_has(data: st.DataObject) -> None:
    graph = state_graph(make_process(data.draw(processes(loops=True, nested=True))))
    changes = data.draw(writes(graph))
    values = valuations(graph)
    flow = flow_graph(graph, values)
    may = possible(flow, changes)
    seen = Executions(graph, values, changes).run()
    assert set(seen) == set(flow.at)
    for state, known in seen.items():
        assert may.at(state) == some(known), state


@settings(max_examples=100, deadline=None, phases=[Phase.generate])
@given(st.data())
def test_what_is_live_is_what_some_execution_uses_before_it_is_overwritten(data: st.DataObject) -> None:
    graph = state_graph(make_process(data.draw(processes(loops=True, nested=True))))
    values = valuations(graph)
    flow = flow_graph(graph, values)
    leaves = [name for name in graph.leaves if not graph.nodes[name].state.final]
    use = {name: data.draw(wide) & data.draw(wide) & data.draw(wide) for name in leaves}
    kill = {name: data.draw(wide) & data.draw(wide) for name in leaves}
    refused = {edge.index: data.draw(wide) & data.draw(wide) & data.draw(wide) for edge in graph.edges}
    after = live(flow, Uses(use, kill, refused))
    for written in (name for name in leaves if name in flow.at):
        # follow a mark that the state leaves behind: whoever comes upon it before it is wiped off may use it
        mark = Writes(kill=kill, give={written: (1 << WIDE) - 1}, edge_kill=refused)
        seen = Executions(graph, values, mark).run()
        used = some(some(known) & use.get(state, 0) for state, known in seen.items())
        assert used == some(after[point] for point in flow.at[written]), written


@settings(max_examples=60, deadline=None, phases=[Phase.generate])
@given(st.data())
def test_definitions_reach_what_some_execution_brings_them_to(data: st.DataObject) -> None:
    graph = state_graph(make_process(data.draw(processes(loops=True, nested=True))))
    values = valuations(graph)
    flow = flow_graph(graph, values)
    writers = [name for name in graph.leaves if not graph.nodes[name].state.final and data.draw(st.booleans())]
    every = (1 << len(writers)) - 1  # one item, written in several states: each write ends all others
    written = Writes(kill=dict.fromkeys(writers, every), give={name: 1 << i for i, name in enumerate(writers)})
    reaching = possible(flow, written)
    for state, known in Executions(graph, values, written).run().items():
        assert reaching.at(state) == some(known), state


@settings(max_examples=60, deadline=None, phases=[Phase.generate])
@given(processes(loops=True, nested=True))
def test_one_state_leads_to_another_where_some_execution_comes_there_later(process: str) -> None:
    graph = state_graph(make_process(process))
    values = valuations(graph)
    flow = flow_graph(graph, values)
    leaves = [name for name in graph.leaves if name in flow.at and not graph.nodes[name].state.final]
    seen = Executions(graph, values, Writes(give={name: 1 << i for i, name in enumerate(leaves)})).run()
    for number, first in enumerate(leaves):
        for second in leaves:
            if not concurrent(graph, first, second):
                comes = any(facts >> number & 1 for facts in seen.get(second, ()))
                assert comes == flow.leads(first, second), f"{first} → {second}"


@settings(max_examples=60, deadline=None)
@given(processes())
def test_what_goes_in_comes_out(process: str) -> None:
    graph = state_graph(make_process(process))
    expected = expected_visits(graph, valuations(graph))
    assert expected is not None
    assert abs(expected.to("end") - 1) < 1e-9
