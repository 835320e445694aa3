"""Live cases: what may be fired, how regions, joins and early leaves go, and what a refusal says."""

import copy
from pathlib import Path

import pytest

from procflow.definition.resolved import Process
from procflow.definition.shipped import folder
from procflow.errors import MachineError
from procflow.machine import Automaton, Case
from procflow.machine.automaton import Step
from procflow.machine.loading import load
from tests.examples import make_process

SHIPPED = sorted(folder().glob("processes/*/*.yaml"))

REVIEW = """
initial: joint
states:
  - name: joint
    join: {join}
    regions:
      - name: fire
        initial: check
        states: [{{name: check}}, {{name: sign}}, {{name: done, final: true}}]
        transitions:
          - {{trigger: pass, source: check, dest: sign}}
          - {{trigger: sign, source: sign, dest: done}}
      - name: planning
        initial: check
        states: [{{name: check}}, {{name: done, final: true}}]
        transitions:
          - {{trigger: pass, source: check, dest: done}}
          - {{trigger: veto, source: check, dest: refused, probability: 0.1}}
  - {{name: granted, final: true}}
  - {{name: refused, final: true, outcome: no}}
  - {{name: lapsed, final: true}}
transitions:
  - {{trigger: lapse, source: joint, dest: lapsed, timeout: 30 d}}
{outer}
"""
GRANT = "  - {trigger: grant, source: joint, dest: granted}"


def review(join: str = "all", outer: str = GRANT) -> Process:
    return make_process(REVIEW.format(join=join, outer=outer).replace("outcome: no", 'outcome: "no"'))


GUARDED = """
initial: intake
attributes:
  risk: {categorical: {low: 0.5, high: 0.5}}
  rounds: {integer: 0}
states: [{name: intake}, {name: quick}, {name: slow}, {name: end, final: true}]
transitions:
  - {trigger: fast, source: intake, dest: quick, when: risk == "low"}
  - {trigger: normal, source: intake, dest: slow}
  - {trigger: again, source: quick, dest: intake, set: {risk: high, rounds: rounds + 1}}
  - {trigger: stop, source: slow, dest: end, when: rounds > 0}
  - {trigger: more, source: slow, dest: intake, set: {rounds: rounds + 1}}
"""


def opened(process: Process, **attributes: object) -> Case:
    return Automaton(process).open(attributes or None)


def test_entering_a_composite_enters_every_region() -> None:
    assert opened(review()).states == ("joint/fire/check", "joint/planning/check")


def test_the_join_waits_for_every_region_and_then_goes_on_by_itself() -> None:
    case = opened(review())
    case.fire("pass", source="joint/fire/check")
    case.fire("sign")
    assert case.states == ("joint/fire/done", "joint/planning/check")
    assert not case.finished
    case.fire("pass")
    assert (case.states, case.outcome) == (("granted",), "granted")
    assert case.history[-1] == Step("grant", "joint", "granted", automatic=True)


@pytest.mark.parametrize("join", ["any", "{at_least: 1}"])
def test_an_early_join_cancels_the_other_regions(join: str) -> None:
    case = opened(review(join))
    case.fire("pass", source="joint/planning/check")
    assert case.states == ("granted",)
    assert "sign" not in case.triggers()


def test_the_last_listed_region_alone_does_not_complete_the_join() -> None:
    case = opened(review())
    case.fire("pass", source="joint/planning/check")
    assert case.states == ("joint/fire/check", "joint/planning/done")


def test_a_transition_out_of_a_composite_leaves_all_of_it() -> None:
    case = opened(review())
    case.fire("veto")
    assert (case.states, case.outcome) == (("refused",), "no")


def test_a_trigger_moves_the_region_asked_for_and_no_other() -> None:
    case = opened(review())
    case.fire("pass", source="joint/fire/check")
    assert case.states == ("joint/fire/sign", "joint/planning/check")


def test_a_trigger_of_two_regions_must_say_which() -> None:
    case = opened(review())
    with pytest.raises(MachineError, match="ambiguous: it can take joint/fire/check → joint/fire/sign, joint/pl"):
        case.fire("pass")
    assert case.states == ("joint/fire/check", "joint/planning/check")


def test_a_timer_of_a_composite_leaves_all_of_it() -> None:
    case = opened(review())
    case.fire("lapse")
    assert case.states == ("lapsed",)


def test_a_join_with_several_ways_on_waits_for_its_trigger() -> None:
    outer = (
        "  - {trigger: grant, source: joint, dest: granted, probability: 0.9}\n"
        "  - {trigger: refuse, source: joint, dest: refused, probability: 0.1}"
    )
    case = opened(review("any", outer))
    case.fire("pass", source="joint/planning/check")
    assert case.states == ("joint",)
    assert case.triggers() == ("lapse", "grant", "refuse")
    case.fire("refuse")
    assert case.outcome == "no"


def test_guards_decide_what_is_possible_and_the_bare_way_out_is_the_default() -> None:
    assert opened(make_process(GUARDED), risk="low", rounds=0).triggers() == ("fast",)
    assert opened(make_process(GUARDED), risk="high", rounds=0).triggers() == ("normal",)


def test_without_attributes_every_way_is_possible() -> None:
    assert opened(make_process(GUARDED)).triggers() == ("fast", "normal")


def test_attributes_are_set_on_leaving() -> None:
    case = opened(make_process(GUARDED), risk="low", rounds=0)
    case.fire("fast")
    case.fire("again")
    assert case.attributes == {"risk": "high", "rounds": 1}
    case.fire("normal")
    case.fire("stop")
    assert case.finished


def test_an_impossible_trigger_is_refused_with_what_is_possible() -> None:
    case = opened(make_process(GUARDED), risk="high", rounds=0)
    with pytest.raises(MachineError, match=r"'fast' cannot be fired in intake; possible are: normal \(intake → slow\)"):
        case.fire("fast")
    with pytest.raises(MachineError) as refusal:
        case.fire("fly", source="quick")
    assert "不能触发" in refusal.value.text("zh")
    assert case.history == ()


def test_nothing_can_be_fired_after_the_end() -> None:
    case = opened(review())
    case.fire("veto")
    assert case.triggers() == ()
    with pytest.raises(MachineError, match="the case has ended in 'refused'"):
        case.fire("pass")


def test_a_transition_from_elsewhere_cannot_be_taken() -> None:
    case = opened(review())
    case.fire("veto")
    with pytest.raises(MachineError, match="cannot be fired"):
        case.take(Automaton(review()).graph.out("joint/fire/check")[0])
    assert case.states == ("refused",)


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"risk": "low"}, "give a value to the attribute 'rounds'"),
        ({"risk": "low", "rounds": 1, "rank": 2}, "unknown attribute 'rank'; the process has risk, rounds"),
        ({"risk": "medium", "rounds": 1}, "risk cannot be 'medium': it is low, high"),
        ({"risk": "low", "rounds": True}, "rounds cannot be True: it is a number"),
    ],
)
def test_attributes_of_a_case_are_checked(attributes: dict[str, object], words: str) -> None:
    with pytest.raises(MachineError, match=words):
        opened(make_process(GUARDED), **attributes)


def test_cases_of_one_machine_are_independent() -> None:
    automaton = Automaton(review())
    first, second = automaton.open(), automaton.open()
    first.fire("veto")
    assert second.states == ("joint/fire/check", "joint/planning/check")


def test_states_whose_names_are_prefixes_of_others_are_kept_apart() -> None:
    text = """
initial: pre
states:
  - {name: pre, initial: check, states: [{name: check}, {name: end, final: true}], transitions: [
      {trigger: go, source: check, dest: end}]}
  - {name: pre_check}
  - {name: end, final: true}
transitions: [{trigger: go, source: pre, dest: pre_check}, {trigger: go, source: pre_check, dest: end}]
"""
    case = opened(make_process(text))
    assert case.states == ("pre/check",)
    case.fire("go")
    assert case.states == ("pre_check",)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_transition_and_outcome_of_a_shipped_process_can_be_reached(path: Path) -> None:
    """Search breadth first over configurations."""
    automaton = Automaton(load(path))
    start = automaton.open()
    known, waiting, taken, outcomes = {start.states}, [start], set[int](), set[str]()
    while waiting:
        case = waiting.pop(0)
        outcomes |= {case.outcome} if case.outcome else set()
        for edge in list(case.available()):
            after = copy.copy(case)
            after.fire(edge.trigger, source=edge.source, dest=edge.dest)
            taken |= {step.index for step in after.taken}
            if after.states not in known:
                known.add(after.states)
                waiting.append(after)
    assert taken == {edge.index for edge in automaton.graph.edges}
    finals = [node for node in automaton.graph.nodes.values() if node.state.final and not node.parent]
    assert outcomes == {node.state.outcome or node.name for node in finals}


def test_there_are_shipped_processes() -> None:
    assert len(SHIPPED) >= 2
