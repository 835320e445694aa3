"""Random processes are sound by construction, and what breaks them is found."""

import copy
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from procflow.definition.checks import check_organization, check_process
from procflow.definition.process import ProcessDefinition
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.definition.shipped import folder
from procflow.definition.source import SourceMap
from procflow.machine import Automaton, Case
from procflow.machine.flow import backward
from procflow.machine.graph import state_graph
from procflow.machine.loading import load
from procflow.machine.replay import replay
from procflow.machine.soundness import defects
from tests.oracle.simulator import simulate
from tests.strategies import FEATURES, processes


@given(processes())
def test_every_generated_process_is_sound(process: Process) -> None:
    assert not defects(state_graph(process))


@given(processes())
def test_every_generated_process_passes_the_checks_of_a_file(process: Process) -> None:
    assert check_process(process) == []
    assert check_organization(process.organization, SourceMap("organization.yaml")) == []


@given(processes())
def test_every_generated_process_is_read_back_as_written(process: Process) -> None:
    written = process.definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    assert ProcessDefinition.model_validate(written) == process.definition


MARKS = {
    "batches": '"batch"',
    "crews": '"staff": 2',
    "delays": '"delay"',
    "distributions": '"triangular"',
    "guards": '"when"',
    "joins": '"join"',
    "overtime": '"overtime"',
    "parallel": '"regions"',
    "priorities": '"priority"',
    "sets": '"set"',
    "timeouts": '"timeout"',
    "transfers": '"transfer"',
    "visits": '"work": [',
}


@pytest.mark.parametrize("feature", sorted(MARKS))
def test_a_feature_that_is_not_asked_for_is_not_generated(feature: str) -> None:
    @settings(max_examples=20)
    @given(processes(features=FEATURES - {feature, "transfers"}))  # a transfer has a delay of its own
    def holds(process: Process) -> None:
        definition = process.definition.model_copy(update={"attributes": {}})
        assert MARKS[feature] not in definition.model_dump_json(by_alias=True, exclude_defaults=True).replace(":", ": ")

    holds()


@pytest.mark.parametrize("feature", sorted(MARKS))
def test_a_feature_that_is_asked_for_is_generated(feature: str) -> None:
    process = find(
        processes(features=FEATURES - {"transfers"} | {feature}),
        lambda p: (
            MARKS[feature] in p.definition.model_dump_json(by_alias=True, exclude_defaults=True).replace(":", ": ")
        ),
        settings=settings(max_examples=500, phases=[Phase.generate], database=None),
    )
    assert not defects(state_graph(process))


@given(processes(features=frozenset()))
def test_without_features_only_fixed_work_in_a_row_is_generated(process: Process) -> None:
    graph = state_graph(process)
    assert not graph.regions
    assert all(len(graph.out(name)) == (not node.state.final) for name, node in graph.nodes.items())


def walk(automaton: Automaton, rng: Random, most: int = 300) -> tuple[Case, list[dict[str, Any]]]:
    """Fire at random until the end; return the case and the rows that a run would have written of it."""
    case = automaton.open()
    here = {name: {"state": name, "end": "cut", "enter_us": 0, "exit_us": None} for name in case.states}
    rows = list(here.values())
    for now in range(most):
        if case.finished:
            break
        edge = rng.choice(list(case.available()))
        before = len(case.taken)
        case.fire(edge.trigger, source=edge.source, dest=edge.dest)
        if edge.source in here:
            end = "timed_out" if edge.transition.timeout else "completed"
            here[edge.source] |= {"trigger": edge.trigger, "dest": edge.dest, "exit_us": now, "end": end}
        for name in set(here) - set(case.states) | {e.source for e in case.taken[before:]} & set(here):
            gone = here.pop(name)
            gone |= {"end": "cancelled"} if gone["end"] == "cut" else {}
        for name in case.states:
            if name not in here and name in automaton.graph.leaves and not automaton.graph.state(name).final:
                here[name] = {"state": name, "end": "cut", "enter_us": now, "exit_us": None}
                rows.append(here[name])
    return case, [{"trigger": None, "dest": None, **row} for row in rows]


@given(processes(), st.randoms(use_true_random=False))
def test_the_machine_of_every_generated_process_can_be_walked_to_an_end(process: Process, rng: Random) -> None:
    case, _ = walk(Automaton(process), rng, most=3000)
    assert case.finished
    assert case.outcome in {"granted", "refused"}


@given(processes(), st.randoms(use_true_random=False))
def test_what_was_walked_replays(process: Process, rng: Random) -> None:
    automaton = Automaton(process)
    case, rows = walk(automaton, rng)
    found = replay(automaton, rows)
    assert found.fits, found.failure
    assert not case.finished or found.steps <= len(case.taken)  # a last exit of a composite leaves no row


@given(processes(features=FEATURES - {"parallel", "nested", "transfers"}), st.randoms(use_true_random=False))
def test_a_log_without_one_of_its_rows_is_refused(process: Process, rng: Random) -> None:
    _, rows = walk(Automaton(process), rng)
    del rows[rng.randrange(len(rows))]
    assert not replay(process, rows).fits


@given(processes(features=FEATURES - {"parallel", "nested"}), st.randoms(use_true_random=False))
def test_a_log_with_a_wrong_destination_is_refused(process: Process, rng: Random) -> None:
    automaton = Automaton(process)
    _, rows = walk(automaton, rng)
    wrong = rng.choice([row for row in rows if row["dest"] is not None] or [{}])
    if wrong:
        wrong["dest"] = rng.choice([name for name in automaton.graph.nodes if name != wrong["dest"]])
        assert not replay(automaton, rows).fits


@given(processes(), st.data())
def test_a_lost_transition_is_found_wherever_a_case_gets_stuck(process: Process, data: st.DataObject) -> None:
    written = process.definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    ways = data.draw(st.sampled_from([scope for scope in _scopes(written) if scope.get("transitions")]))["transitions"]
    ways.remove(data.draw(st.sampled_from(ways)))
    broken = process.with_definition(ProcessDefinition.model_validate(written))
    graph = state_graph(broken)
    unreached, stuck = _explored(Automaton(broken))
    if unreached or stuck:
        assert defects(graph)
    elif not graph.regions:  # beside regions that can finish, one that cannot is a defect, though no case gets stuck
        assert not defects(graph)


@given(processes())
def test_an_orphan_is_found(process: Process) -> None:
    written = process.definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    written["states"].insert(0, {"name": "orphan"})
    written["transitions"].append({"trigger": "go", "source": "orphan", "dest": "granted"})
    broken = process.with_definition(ProcessDefinition.model_validate(written))
    assert [(d.code, d.states) for d in defects(state_graph(broken))] == [("S1", ("orphan",))]


def _scopes(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield data
    for state in data.get("states", ()):
        if "states" in state:
            yield from _scopes(state)
        for region in state.get("regions", ()):
            yield from _scopes(region)


def _explored(automaton: Automaton) -> tuple[set[str], list[tuple[str, ...]]]:
    """Return the leaf states never stood in, and the configurations from which no end can be reached."""
    start = automaton.open()
    known, waiting = {start.states: set[tuple[str, ...]]()}, [start]
    while waiting:
        case = waiting.pop()
        for edge in list(case.available()):
            after = copy.copy(case)
            after.fire(edge.trigger, source=edge.source, dest=edge.dest)
            known[case.states].add(after.states)
            if after.states not in known:
                known[after.states] = set()
                waiting.append(after)
    ends = {states for states in known if automaton.graph.state(states[0]).final and "/" not in states[0]}
    graph = {str(states): {str(following) for following in after} for states, after in known.items()}
    able = backward(graph, {str(states) for states in ends})
    stood = {name for states in known for name in states}
    finals = {name for name in automaton.graph.leaves if automaton.graph.state(name).final and "/" in name}
    return set(automaton.graph.leaves) - stood - finals, [s for s in known if str(s) not in able]


@settings(max_examples=12)
@given(processes(), st.integers(0, 1000))
def test_every_case_of_a_run_replays(process: Process, seed: int) -> None:
    plan = Scenario.model_validate({"arrivals": "3 per d", "start": "2025-03-03", "days": 8, "seed": seed})
    automaton = Automaton(process)
    for _, rows in groupby(simulate([process], plan, 0).events, key=lambda row: row["case"]):
        found = replay(automaton, rows)
        assert found.fits, found.failure


@pytest.mark.parametrize("path", sorted(folder().glob("processes/*/*.yaml")), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_every_case_of_a_run_of_a_shipped_process_replays(path: Path) -> None:
    process = load(path)
    plan = Scenario.model_validate({"arrivals": "2 per d", "start": "2025-03-03", "days": 10, "seed": 1})
    automaton = Automaton(process)
    for _, rows in groupby(simulate([process], plan, 0).events, key=lambda row: row["case"]):
        found = replay(automaton, rows)
        assert found.fits, found.failure
