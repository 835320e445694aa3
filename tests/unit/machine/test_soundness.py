"""Each way in which a process can be unsound is found, where it is, and nothing that is sound."""

from itertools import pairwise

import pytest
import yaml

from procflow.definition.process import ProcessDefinition
from procflow.definition.resolved import Process
from procflow.machine.flow import components, cut, reached
from procflow.machine.graph import state_graph
from procflow.machine.soundness import defects, soundness
from tests.examples import PERMIT, make_process


def found(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the codes and states of the defects of a process written as YAML."""
    return [(defect.code, defect.states) for defect in defects(state_graph(unchecked(text)))]


def unchecked(text: str) -> Process:
    """Return a process from YAML without the definition's own checks, some of which come before soundness."""
    heading = {"procflow": 1, "process": "example", "organization": "organization.yaml"}
    definition = ProcessDefinition.model_validate(heading | yaml.safe_load(text))
    return make_process(PERMIT).with_definition(definition)


def flow(states: str, *transitions: str, initial: str = "a") -> str:
    """Return YAML of plain states (final ones in capitals) and transitions such as 'a b' or 'a b, when: urgent'."""
    lines = [f"initial: {initial}", "attributes: {urgent: {boolean: 0.5}, risk: {categorical: {low: 0.5, high: 0.5}}}"]
    lines += ["states:", *(f"  - {{name: {s}, final: {str(s.isupper()).lower()}}}" for s in states.split())]
    lines += ["transitions:"] if transitions else []
    for written in transitions:
        ends, _, more = written.partition(",")
        source, dest = ends.split()
        trigger = "" if "trigger" in more else f"trigger: {source}_{dest}, "
        lines.append(f"  - {{{trigger}source: {source}, dest: {dest}{', ' + more if more else ''}}}")
    return "\n".join(lines)


REGIONS = """
initial: joint
states:
  - name: joint
    join: {join}
    regions:
      - name: fire
        initial: check
        states: [{{name: check}}, {{name: done, final: true}}]
        transitions: [{{trigger: pass, source: check, dest: done}}]
      - name: planning
        initial: check
        states: [{{name: check}}, {{name: done, final: true}}]
        transitions: [{planning}]
  - {{name: end, final: true}}
transitions: [{outer}]
"""
PASS = "{trigger: ok, source: check, dest: done}"
ON = "{trigger: go, source: joint, dest: end}"


def test_a_sound_process_has_no_defects() -> None:
    assert found(PERMIT) == []
    assert soundness(make_process(PERMIT)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(flow("a b X", "a X", "b X"), [("S1", ("b",))], id="nothing leads to a state"),
        pytest.param(flow("a b c X", "a X", "b c", "c b"), [("S1", ("b",)), ("S1", ("c",))], id="an island"),
        pytest.param(flow("a b X", "a b, probability: 0.5", "a X, probability: 0.5"), [("S2", ("b",))], id="dead end"),
        pytest.param(
            flow("a b c X", "a b, probability: 0.5", "a X, probability: 0.5", "b c"),
            [("S2", ("c",)), ("S2", ("b",))],
            id="what leads only to a dead end",
        ),
        pytest.param(
            flow("a b c X", "a b, probability: 0.5", "a X, probability: 0.5", "b c", "c b"),
            [("S3", ("b", "c"))],
            id="livelock",
        ),
        pytest.param(
            flow("a b X", "a b, probability: 0.5", "a X, probability: 0.5", "b b"),
            [("S3", ("b",))],
            id="a state that repeats itself",
        ),
        pytest.param(
            flow("a b X", "a b", "b a, probability: 1", "b X, probability: 0"),
            [("S3", ("a", "b"))],
            id="a way out that chance never takes",
        ),
        pytest.param(
            flow("a b X", "a b", "b a, probability: [0.5, 1]", "b X, probability: [0.5, 0]"),
            [("S3", ("a", "b"))],
            id="repeated in no time from the second visit on",
        ),
        pytest.param(
            flow("a b X", "a b", "b a", "b X, timeout: 3 d"),
            [("S3", ("a", "b"))],
            id="repeated in no time, so that no timer ever fires",
        ),
        pytest.param(
            flow("a b X", "a X, trigger: go", "a X, trigger: go"), [("S6", ("a",))], id="the same transition twice"
        ),
        pytest.param(
            flow("a X", "a X, trigger: go, when: urgent", "a X, trigger: go, when: 'risk == \"low\" or urgent'"),
            [("S6", ("a",))],
            id="guards that hold together",
        ),
        pytest.param(flow("a X Y", "a X", "a Y"), [("S8", ("a",))], id="nothing decides"),
    ],
)
def test_a_defect_of_plain_states_is_found(text: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    if "b X" in text:
        text = text.replace("{name: b, final: false}", "{name: b}")
    assert [each for each in found(text) if each != ("S1", ("b",)) or ("S1", ("b",)) in expected] == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(flow("a X Y", "a X, when: urgent", "a Y"), id="a guard and a default"),
        pytest.param(flow("a X Y", "a X, probability: 0.3", "a Y"), id="a probability and a default"),
        pytest.param(flow("a X Y", "a X", "a Y, timeout: 3 d"), id="a way out and a timer"),
        pytest.param(
            flow("a b X", "a b, probability: [0.5, 0]", "a X, probability: [0.5, 1]", "b a"), id="a retry with a limit"
        ),
        pytest.param(
            flow("a X", "a X, trigger: go, when: urgent", "a X, trigger: go, when: not urgent"),
            id="guards that exclude each other",
        ),
        pytest.param(
            flow("a X", "a X, trigger: go", "a X, trigger: go, timeout: 3 d"), id="a clerk and a timer, same trigger"
        ),
        pytest.param(
            flow("a X", "a X, trigger: go, basis: law one", "a X, trigger: go, basis: law two"),
            id="two duties of law",
        ),
        pytest.param(
            flow(
                "a X",
                "a X, trigger: go, probability: 0.5, transfer: {delay: 1 d}",
                "a X, trigger: go, probability: 0.5",
            ),
            id="by post or at once, by chance",
        ),
    ],
)
def test_what_only_looks_like_a_defect_is_not_reported(text: str) -> None:
    assert [code for code, _ in found(text) if code != "S8"] == []


@pytest.mark.parametrize(
    ("join", "planning", "outer", "expected"),
    [
        ("all", PASS, ON, []),
        ("any", "{trigger: stay, source: check, dest: check}", ON, ["S1", "S3"]),
        ("all", "{trigger: stay, source: check, dest: check}", ON, ["S1", "S3", "S4"]),
        ("{at_least: 2}", "{trigger: stay, source: check, dest: check}", ON, ["S1", "S3", "S4"]),
        ("{at_least: 3}", PASS, ON, ["S4"]),
        ("all", PASS, "", ["S1", "S2"]),
        ("all", PASS, "{trigger: late, source: joint, dest: end, timeout: 30 d}", []),
        ("all", f"{PASS}, {{trigger: veto, source: check, dest: end, probability: 0.1}}", "", ["S2"]),
        ("all", f"{PASS}, {{trigger: veto, source: check, dest: end, probability: 0.1}}", ON, []),
        # a region that only ever leaves early, beside a join that nothing waits for
        ("all", "{trigger: veto, source: check, dest: end}", "", ["S1"]),
        ("all", "{trigger: veto, source: check, dest: end}", ON, ["S1", "S4"]),
    ],
)
def test_joins_are_judged_by_the_regions_that_can_finish(
    join: str, planning: str, outer: str, expected: list[str]
) -> None:
    text = REGIONS.format(join=join, planning=planning, outer=outer).replace("transitions: []", "")
    assert [code for code, _ in found(text)] == expected


def test_a_deadlock_names_the_regions_that_cannot_finish() -> None:
    text = REGIONS.format(join="all", planning="{trigger: stay, source: check, dest: check}", outer=ON)
    (message,) = [d.message for d in defects(state_graph(make_process(text))) if d.code == "S4"]
    assert "needs 2 of 2 regions to finish, but 1 can (planning cannot)" in message.get("en")
    assert "死锁" in message.get("zh")


def test_a_problem_says_where_it_stands() -> None:
    (problem,) = soundness(make_process(flow("a b X", "a X")))
    assert (problem.code, problem.path) == ("S1", ("states", 1))
    assert problem.line > 1


def test_a_duplicate_is_told_at_the_second_transition() -> None:
    (problem,) = soundness(
        make_process(flow("a X", "a X, trigger: go, when: urgent", "a X, trigger: go, when: urgent"))
    )
    assert (problem.code, problem.path) == ("S6", ("transitions", 1))


def test_all_problems_are_told_at_once() -> None:
    problems = soundness(
        make_process(flow("a b c d X", "a X, probability: 0.5", "a d, probability: 0.5", "b c", "c X"))
    )
    assert [(problem.code, problem.path) for problem in problems] == [
        ("S1", ("states", 1)),
        ("S1", ("states", 2)),
        ("S2", ("states", 3)),
    ]


def test_a_chain_of_five_thousand_states_is_no_trouble() -> None:
    names = [f"s{i}" for i in range(5000)]
    chain = [{"trigger": "go", "source": a, "dest": b} for a, b in zip(names, [*names[1:], "s0"], strict=True)]
    text = yaml.safe_dump({"initial": "s0", "states": [{"name": name} for name in names], "transitions": chain})
    (defect,) = defects(state_graph(unchecked(text)))
    assert defect.code == "S3"
    assert len(defect.states) == 5000


def test_five_thousand_states_before_a_dead_end_are_told_as_one() -> None:
    names = [f"s{i}" for i in range(5000)]
    chain = [{"trigger": "go", "source": a, "dest": b} for a, b in pairwise(names)]
    text = yaml.safe_dump({"initial": "s0", "states": [{"name": name} for name in names], "transitions": chain})
    end, before = defects(state_graph(unchecked(text)))
    assert (end.states, before.states) == (("s4999",), tuple(names[:-1]))
    assert "from s0, s1, s2, s3, s4, s5, …; add a way" in before.message.get("en")


def test_components_come_last_first_in_the_order_of_the_nodes() -> None:
    successors = {"a": ["b"], "b": ["c"], "c": ["b", "d"], "d": []}
    assert components("abcd", successors) == [("d",), ("b", "c"), ("a",)]


def test_who_enters_a_nested_state_enters_the_composite_around_it() -> None:
    part = "  - {name: part, initial: b, states: [{name: b}, {name: c}, {name: done, final: true}], transitions: [%s]}"
    inner = part % "{trigger: bc, source: b, dest: c}, {trigger: finish, source: c, dest: done}"
    text = flow("a X", "a part/c, trigger: in", "part X, trigger: out").replace("states:", "states:\n" + inner)
    graph = state_graph(make_process(text))
    assert set(graph.nodes) - reached(graph) == {"part/b"}
    assert found(text) == [("S1", ("part/b",))]


def test_an_early_leave_is_an_exit_of_every_region_that_it_leaves() -> None:
    veto = f"{PASS}, {{trigger: veto, source: check, dest: end, probability: 0.1}}"
    graph = state_graph(make_process(REGIONS.format(join="all", planning=veto, outer=ON)))
    scopes = cut(graph)
    assert scopes["joint", 1].exits == {"joint/planning/check"}
    assert [dest for dest, _ in scopes["", 0].ways["joint"]] == ["end", "end"]
