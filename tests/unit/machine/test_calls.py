"""Calls in the machine and in what is expected before a run: each outcome of the called process decides by itself."""

import pytest

from procflow.machine import Automaton
from procflow.machine.expectation import expected_visits
from procflow.machine.graph import state_graph
from procflow.machine.replay import replay
from procflow.machine.valuations import valuations
from procflow.simulation import simulate
from tests.oracle.small import process, scenario

CALLER = """
attributes: {hot: {boolean: 0.5}}
initial: ask
states: [{name: ask, call: {process: consult.yaml}}, {name: b, delay: 1 h}, {name: end, final: true}]
transitions:
  - {trigger: agreed, source: ask, dest: b, probability: 0.25}
  - {trigger: agreed, source: ask, dest: end}
  - {trigger: rejected, source: ask, dest: b, when: hot}
  - {trigger: rejected, source: ask, dest: end}
  - {trigger: t, source: b, dest: end}
"""
CONSULT = """
initial: s
states: [{name: s, delay: 1 h}, {name: agreed, final: true}, {name: rejected, final: true}]
transitions:
  - {trigger: t, source: s, dest: agreed, probability: 0.8}
  - {trigger: u, source: s, dest: rejected, probability: 0.2}
"""
CALLING = process(CALLER, called={"consult.yaml": CONSULT})


def test_what_is_possible_after_a_call_is_so_for_each_outcome():
    case = Automaton(CALLING).open({"hot": True})
    assert [(edge.trigger, edge.dest) for edge in case.available()] == [
        ("agreed", "b"),
        ("agreed", "end"),
        ("rejected", "b"),
    ]


def test_expected_visits_follow_the_outcomes_of_the_called_process():
    graph = state_graph(CALLING)
    visits = expected_visits(graph, valuations(graph))
    assert visits is not None
    assert visits.to("b") == pytest.approx(0.8 * 0.25 + 0.2 * 0.5)
    assert visits.to("end") == pytest.approx(1)


def test_expected_visits_are_not_known_where_attributes_tie_the_two_together():
    tied = process(
        CALLER.replace("process: consult.yaml", "process: consult.yaml, takes: {hot: hot}"),
        called={"consult.yaml": "attributes: {hot: {boolean: 0.5}}" + CONSULT},
    )
    graph = state_graph(tied)
    assert expected_visits(graph, valuations(graph)) is None


def test_cases_that_call_replay_and_so_do_the_called_ones():
    run = simulate(CALLING, scenario("03-03 09:00", "03-04 10:00", "03-05 11:00", replications=1))
    assert run.cases.filter(process="consult")["parent_case"].to_list() == [2, 1, 0]
    for each in (CALLING, CALLING.called["consult.yaml"]):
        cases = run.events.filter(process=each.name).partition_by("case")
        assert len(cases) == 3
        assert all(replay(Automaton(each), rows.to_dicts()).fits for rows in cases)


def test_a_saved_run_keeps_what_its_process_calls(tmp_path):
    run = simulate(CALLING, scenario("03-03 09:00", replications=1))
    run.save(tmp_path / "run")
    assert type(run).load(tmp_path / "run").processes == run.processes
    assert run.cases["call_us"].to_list() == [0, 3_600_000_000]
