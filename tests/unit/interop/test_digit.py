"""Workflows of DIGIT: what is taken over, what is left open and told, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from procflow.analysis.registry import analyze
from procflow.definition.dump import dump
from procflow.errors import DefinitionError
from procflow.interop.digit import Imported, read_digit
from procflow.machine.loading import load
from tests.unit.cli.test_verbs import invoke


def action(name: str, dest: str | None, *roles: str) -> dict[str, Any]:
    return {"action": name, "nextState": dest, "roles": list(roles)}


STATES: list[dict[str, Any]] = [
    {"state": None, "isStartState": True, "actions": [action("APPLY", "APPLIED", "CITIZEN", "CLERK")]},
    {
        "state": "APPLIED",
        "sla": 43_200_000,
        "actions": [
            action("COMMENT", "APPLIED", "VERIFIER"),
            action("FORWARD", "PENDING-PAYMENT", "VERIFIER"),
            action("SENDBACK", "CITIZENACTIONREQUIRED", "VERIFIER", "APPROVER"),
            action("REJECT", "REJECTED", "VERIFIER"),
        ],
    },
    {"state": "CITIZENACTIONREQUIRED", "actions": [action("RESUBMIT", "APPLIED", "CITIZEN")]},
    {"state": "PENDING-PAYMENT", "actions": [action("PAY", "DONE", "SYSTEM_PAYMENT")]},
    {"state": "REJECTED", "isTerminateState": True, "actions": None},
    {"state": "DONE", "isTerminateState": True},
]


def workflow(folder: Path, states: Any = STATES, **more: Any) -> Path:
    data = {"businessService": "NewTL", "business": "tl-services", "businessServiceSla": 172_800_000, "states": states}
    path = folder / "workflow.json"
    path.write_text(json.dumps({**data, **more}), encoding="utf-8")
    return path


@pytest.fixture
def found(tmp_path: Path) -> Imported:
    return read_digit(workflow(tmp_path))


def test_states_roles_limits_and_ends_are_taken_over(found: Imported):
    states = {state.name: state for state in found.definition.states}
    assert list(states) == ["start", "applied", "citizenactionrequired", "pending_payment", "rejected", "done"]
    assert found.definition.initial == "start"
    assert [name for name, state in states.items() if state.final] == ["rejected", "done"]
    assert (states["applied"].department, states["applied"].role) == ("tl_services", "verifier")
    assert str(states["applied"].limit.value) == "12 h"
    assert str(found.definition.limits["service"].promised.value) == "48 h"
    assert [states[name].who for name in ("start", "citizenactionrequired", "pending_payment")] == [
        "applicant",
        "applicant",
        "nobody",
    ]
    assert states["citizenactionrequired"].kind == "correction"
    assert [role.name for role in found.organization.departments[0].roles] == ["clerk", "verifier", "approver"]


def test_what_is_left_out_is_told(found: Imported):
    told = " ".join(note.get("en") for note in found.notes)
    assert "approver may act as well" in told


def test_every_action_arrives_also_one_that_leads_back_to_its_own_state(found: Imported):
    ways = [(way.source[0], way.trigger, way.dest) for way in found.definition.transitions]
    assert len(ways) == 7 and ("applied", "comment", "applied") in ways


def test_a_state_that_leads_only_to_itself_is_an_end_and_that_is_told(tmp_path: Path):
    states = [STATES[0], {"state": "APPLIED", "actions": [action("COMMENT", "APPLIED", "CLERK")]}]
    found = read_digit(workflow(tmp_path, states))
    assert [state.final for state in found.definition.states] == [False, True]
    assert "nothing but COMMENT leads on" in " ".join(note.get("en") for note in found.notes)


def test_each_way_out_is_as_likely_and_d17_says_that_nobody_vouches_for_it(found: Imported, tmp_path: Path):
    assert [way.probability and way.probability.values for way in found.definition.transitions[1:5]] == [
        (0.25,),
        (0.25,),
        (0.25,),
        None,
    ]
    (tmp_path / "newtl.organization.yaml").write_text(dump(found.organization), encoding="utf-8")
    (tmp_path / "newtl.yaml").write_text(dump(found.definition), encoding="utf-8")
    findings = analyze(load(tmp_path / "newtl.yaml"))
    (bare,) = findings.of("D17").about("source")
    assert bare.evidence[0].value == 3
    assert findings.of("D17").about("time").about("applied")
    assert not findings.of("H3"), "placeholders prove no returns"


def test_a_list_of_services_gives_its_first(tmp_path: Path):
    inner = json.loads(workflow(tmp_path).read_text(encoding="utf-8"))
    path = tmp_path / "services.json"
    path.write_text(json.dumps({"BusinessServices": [inner]}), encoding="utf-8")
    assert read_digit(path).definition.process == "newtl"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"states": [', "services.json:1:13: this is no JSON"),
        ('{"states": []}', "this is no DIGIT workflow"),
        ("[]", "this is no DIGIT workflow"),
        ('{"businessService": "x", "states": [{"state": "A", "actions": [{"action": "GO", "nextState": "B"}]}]}',
         "leads to 'B', and there is no such state"),
        ('{"businessService": "x", "states": [{"state": "A b"}, {"state": "A-B"}]}', "two states have the same name"),
    ],
)  # fmt: skip
def test_what_is_no_workflow_is_refused_in_plain_words(tmp_path: Path, text: str, told: str):
    path = tmp_path / "services.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        read_digit(path)
    assert told in str(caught.value)
    with pytest.raises(DefinitionError, match="cannot be read"):
        read_digit(tmp_path / "nowhere.json")


def test_the_command_writes_sound_files_once_and_says_what_is_open(tmp_path: Path):
    words = ("import", "digit", str(workflow(tmp_path)), "-o", str(tmp_path / "trade"), "--lang", "en")
    done = invoke(*words)
    assert done.exit_code == 0 and "probabilities are placeholders" in done.stderr
    written = tmp_path / "trade" / "newtl.yaml"
    assert written.read_text(encoding="utf-8").startswith("# Imported from workflow.json. What it leaves open:\n# - ")
    assert load(written).name == "newtl"
    again = invoke(*words)
    assert again.exit_code == 2 and "is there already" in again.stderr
