"""The workflows of DIGIT-OSS become sound definitions of which the analysis says what is missing."""

import json
from pathlib import Path
from typing import Any

import pytest

from procflow.analysis.registry import analyze
from procflow.definition.dump import dump
from procflow.interop.digit import read_digit
from procflow.machine.loading import load
from tests.external.data import external

COUNTS = {
    "property-services__WorkflowPropertyAssessment": 8,
    "property-services__WorkflowPropertyCreation": 7,
    "property-services__WorkflowPropertyCreationFromW&S": 4,
    "property-services__WorkflowPropertyLegacy": 4,
    "sw-services__WorkflowModifyConnection": 6,
    "sw-services__WorkflowNewSewerageConnection": 10,
    "sw-services__WorkflowSewerageDisconnection": 11,
    "tl-services__WorkflowTradeLicense": 11,
    "tl-services__WorkflowTradeLicenseEditRenewal": 9,
    "ws-services__WorkflowModifyConnection": 6,
    "ws-services__WorkflowNewWaterConnection": 10,
    "ws-services__WorkflowWaterDisconnection": 11,
}


def _states(file: Path) -> list[dict[str, Any]]:
    data = json.loads(file.read_text(encoding="utf-8"))
    states: list[dict[str, Any]] = data.get("BusinessServices", [data])[0]["states"]
    return states


@pytest.mark.parametrize("name", COUNTS)
def test_a_workflow_becomes_a_sound_process_with_its_gaps_told(name: str, tmp_path: Path) -> None:
    found = read_digit(external("digit_workflows") / f"{name}.json")
    (tmp_path / found.definition.organization).write_text(dump(found.organization), encoding="utf-8")
    (tmp_path / "process.yaml").write_text(dump(found.definition), encoding="utf-8")
    process = load(tmp_path / "process.yaml")  # which refuses states that cannot be reached or left
    assert len(process.definition.states) == COUNTS[name]
    actions = sum(len(state.get("actions") or ()) for state in _states(external("digit_workflows") / f"{name}.json"))
    assert len(process.definition.transitions) == actions > 0
    findings = analyze(process)
    assert not findings.of("S1"), "no state is told unreachable"
    assert findings.of("D17").about("source")
    assert {finding.rule for finding in findings} <= {"D17", "T9"}, "nothing is concluded from what was not said"
