"""The data-flow fixed point against an enumeration of all executions of small processes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from procflow.analysis.dataflow import Effects, Uses, live, solve
from procflow.analysis.expectation import expected_visits
from procflow.analysis.flowgraph import concurrent, flow_graph
from procflow.analysis.valuations import Valuations, valuations
from procflow.machine.graph import Edge, StateGraph, state_graph
from tests.examples import make_process

FACTS = 3


@st.composite
def processes(draw: st.DrawFn, *, loops: bool = False) -> str:
    """Draw a small process: branches by guard or chance, time-outs, parallel regions with any join; ways back too."""
    count = draw(st.integers(1, 3))
    states: list[dict[str, Any]] = []
    transitions: list[dict[str, Any]] = []
    names = [f"s{i}" for i in range(count)]
    for index, name in enumerate(names):
        later = [*names[index + 1 :], "end"]
        state: dict[str, Any] = {"name": name}
        if draw(st.integers(0, 2)) == 0:
            state |= draw(composites(later))
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
    dest = st.sampled_from(later)
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
def composites(draw: st.DrawFn, later: list[str]) -> dict[str, Any]:
    regions = []
    for number in range(draw(st.integers(2, 3))):
        leaves = [f"a{i}" for i in range(draw(st.integers(1, 2)))]
        steps = [
            {"trigger": f"step{number}{i}", "source": leaf, "dest": nxt}
            for i, (leaf, nxt) in enumerate(zip(leaves, [*leaves[1:], "done"], strict=True))
        ]
        if draw(st.integers(0, 3)) == 0:  # leave the composite early
            steps[-1]["probability"] = 0.5
            early = draw(st.sampled_from(later))
            steps.append({"trigger": f"early{number}", "source": leaves[-1], "dest": early, "probability": 0.5})
        if draw(st.integers(0, 3)) == 0:  # a timer inside the region
            steps.append({"trigger": f"late{number}", "source": leaves[0], "dest": "done", "timeout": "3 d"})
        states = [*({"name": leaf} for leaf in leaves), {"name": "done", "final": True}]
        regions.append({"name": f"r{number}", "initial": leaves[0], "states": states, "transitions": steps})
    join = draw(st.sampled_from(["all", "any", {"at_least": 2}]))
    return {"regions": regions, "join": join}


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


@dataclass(frozen=True)
class Case:
    """A case somewhere: its tokens (leaf, whether done), what it knows, and the valuation of its guards."""

    tokens: frozenset[tuple[str, bool]]
    facts: int
    row: int


def entered(graph: StateGraph, values: Valuations, effects: Effects) -> dict[str, list[int]]:
    """Run every execution, and return the facts that hold in each state before it is done."""
    seen: set[Case] = set()
    found: dict[str, list[int]] = {}
    waiting: list[Case] = []

    def arrive(tokens: frozenset[tuple[str, bool]], dest: str, facts: int, row: int) -> None:
        found.setdefault(dest, []).append(facts)
        waiting.append(Case(tokens | {(leaf, False) for leaf in graph.entered(dest)}, facts, row))

    def take(case: Case, edge: Edge, tokens: frozenset[tuple[str, bool]]) -> None:
        for row in values.after(edge, case.row):
            arrive(tokens, edge.dest, effects.taken(edge.index, case.facts), row)

    for start in range(len(values.rows)):
        arrive(frozenset(), graph.initial, effects.start, start)
    while waiting:
        case = waiting.pop()
        if case in seen:
            continue
        seen.add(case)
        for leaf, done in case.tokens:
            if not done:  # whatever the other regions do meanwhile
                found.setdefault(leaf, []).append(case.facts)
        joined = next(_joined(graph, case), None)
        if joined is not None:
            rest = _outside(graph, case, joined)
            for edge, timed in values.ways(graph.out(joined), case.row):
                if not timed:
                    take(case, edge, rest)
            continue
        for token in case.tokens:
            _advance(graph, values, effects, case, token, take, waiting)
    return found


def _advance(graph, values, effects, case, token, take, waiting) -> None:  # type: ignore[no-untyped-def]
    leaf, done = token
    rest = case.tokens - {token}
    if graph.nodes[leaf].state.final:
        return
    if not done:
        waiting.append(Case(rest | {(leaf, True)}, effects.done(leaf, case.facts), case.row))
    for edge, timed in values.ways(graph.out(leaf), case.row):
        if done or timed:
            outside = _outside(graph, Case(rest, 0, 0), edge.leaves[-1]) if edge.leaves else rest
            take(case, edge, outside)
    for composite in graph.ancestors(leaf):
        for edge, timed in values.ways(graph.out(composite), case.row):
            if timed:
                take(case, edge, _outside(graph, case, composite))


def _joined(graph: StateGraph, case: Case) -> Iterator[str]:
    for composite, regions in graph.regions.items():
        ended = {
            graph.nodes[leaf].region
            for leaf, _ in case.tokens
            if graph.nodes[leaf].parent == composite and graph.nodes[leaf].state.final
        }
        if len(ended) >= graph.needed(composite) and regions:
            yield composite


def _outside(graph: StateGraph, case: Case, composite: str) -> frozenset[tuple[str, bool]]:
    return frozenset(t for t in case.tokens if composite not in graph.ancestors(t[0]))


@settings(max_examples=100, deadline=None, phases=[Phase.generate])
@given(st.data())
def test_the_fixed_point_is_what_all_executions_have_in_common(data: st.DataObject) -> None:
    graph = state_graph(make_process(data.draw(processes(loops=True))))
    changes = data.draw(effects(graph))
    values = valuations(graph)
    flow = flow_graph(graph, values)
    must, may = solve(flow, changes), solve(flow, changes, must=False)
    seen = entered(graph, values, changes)
    assert set(seen) == set(flow.at)
    for state, known in seen.items():
        common, some = (1 << FACTS) - 1, 0
        for facts in known:
            common, some = common & facts, some | facts
        assert must.at(state) & ~common == 0, f"{state}: claimed on all paths, but not so"
        assert some & ~may.at(state) == 0, f"{state}: possible, but not claimed"
        if state in graph.leaves and all(graph.state(name).join == "all" for name in graph.regions):
            assert must.at(state) == common
        if not graph.regions:
            assert may.at(state) == some


@settings(max_examples=60, deadline=None, phases=[Phase.generate])
@given(st.data())
def test_what_is_live_is_what_some_execution_uses_before_it_is_overwritten(data: st.DataObject) -> None:
    graph = state_graph(make_process(data.draw(processes(loops=True))))
    values = valuations(graph)
    flow = flow_graph(graph, values)
    leaves = [name for name in graph.leaves if not graph.nodes[name].state.final]
    use = {name: data.draw(bits) & data.draw(bits) for name in leaves}
    kill = {name: data.draw(bits) & data.draw(bits) for name in leaves}
    refused = {edge.index: data.draw(bits) & data.draw(bits) & data.draw(bits) for edge in graph.edges}
    after = live(flow, Uses(FACTS, use, kill, refused))
    for written in (name for name in leaves if name in flow.at):
        # follow a mark that the state leaves behind: whoever comes upon it before it is wiped off may use it
        mark = Effects(FACTS, kill=kill, give={written: (1 << FACTS) - 1}, edge_kill=refused)
        used = 0
        for state, known in entered(graph, values, mark).items():
            for facts in known:
                used |= facts & use.get(state, 0)
        claimed = 0
        for point in flow.at[written]:
            claimed |= after[point]
        assert used & ~claimed == 0, f"{written}: used, but not claimed"
        if not graph.regions:
            assert used == claimed


@settings(max_examples=60, deadline=None, phases=[Phase.generate])
@given(st.data())
def test_definitions_reach_what_some_execution_brings_them_to(data: st.DataObject) -> None:
    graph = state_graph(make_process(data.draw(processes(loops=True))))
    values = valuations(graph)
    flow = flow_graph(graph, values)
    writers = [name for name in graph.leaves if not graph.nodes[name].state.final and data.draw(st.booleans())]
    every = (1 << len(writers)) - 1  # one item, written in several states: each write ends all others
    writes = Effects(
        len(writers), kill=dict.fromkeys(writers, every), give={name: 1 << i for i, name in enumerate(writers)}
    )
    reaching = solve(flow, writes, must=False)
    for state, known in entered(graph, values, writes).items():
        some = 0
        for facts in known:
            some |= facts
        assert some & ~reaching.at(state) == 0
        if not graph.regions:
            assert some == reaching.at(state)


@settings(max_examples=60, deadline=None, phases=[Phase.generate])
@given(processes(loops=True))
def test_one_state_leads_to_another_where_some_execution_comes_there_later(process: str) -> None:
    graph = state_graph(make_process(process))
    values = valuations(graph)
    flow = flow_graph(graph, values)
    leaves = [name for name in graph.leaves if name in flow.at]
    marks = Effects(len(leaves), give={name: 1 << i for i, name in enumerate(leaves)})
    seen = entered(graph, values, marks)
    for number, first in enumerate(leaves):
        for second in leaves:
            if not concurrent(graph, first, second) and not graph.nodes[first].state.final:
                comes = any(facts >> number & 1 for facts in seen.get(second, ()))
                assert not comes or flow.leads(first, second), f"{first} → {second}"
                if not graph.regions:
                    assert comes == flow.leads(first, second)


@settings(max_examples=60, deadline=None)
@given(processes())
def test_what_goes_in_comes_out(process: str) -> None:
    graph = state_graph(make_process(process))
    expected = expected_visits(graph, valuations(graph))
    assert expected is not None
    assert abs(expected.to("end") - 1) < 1e-9
