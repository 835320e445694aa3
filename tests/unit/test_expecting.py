"""What a public function says to something of the wrong kind."""

from collections.abc import Callable
from typing import Any

import pytest

import procflow as pf
from procflow.definition.shipped import folder
from procflow.errors import ArgumentError, SimulationError

PERMIT = pf.load(folder() / "processes" / "food_license" / "as_is.yaml")
PLAN = pf.Scenario(arrivals="2 per wd", days=5, replications=1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pf.simulate("permit.yaml", PLAN), "process is 'permit.yaml' (str): expected a Process"),
        (lambda: pf.simulate(PERMIT, "4 per wd"), "scenario is '4 per wd' (str): expected a Scenario"),
        (lambda: pf.simulate(None, PLAN), "process is null (NoneType): expected a Process"),
        (lambda: pf.analyze("permit.yaml"), "process is 'permit.yaml' (str): expected a Process"),
        (lambda: pf.analyze(PERMIT, PLAN), "run is Scenario: expected a Run"),
        (lambda: pf.compare(PERMIT, PERMIT), "before is Process: expected a Run"),
        (lambda: pf.summary(PERMIT), "run is Process: expected a Run"),
        (lambda: pf.draw(PLAN), "process is Scenario: expected a Process"),
        (lambda: pf.report("permit.yaml"), "process is 'permit.yaml' (str): expected a Process"),
        (lambda: pf.analyze(PERMIT, rules=["S1"]).at_least("huge"), "severity is 'huge': expected one of info, low"),
        (lambda: pf.analyze(PERMIT, rules=["S1"]).text("de"), "lang is 'de': expected one of en, zh"),
    ],
)
def test_the_wrong_kind_is_told_with_what_was_given_and_what_is_expected(call: Callable[[], Any], words: str):
    with pytest.raises(ArgumentError) as told:
        call()
    assert words in told.value.text("en")
    assert "应为" in told.value.text("zh")
    assert isinstance(told.value, TypeError)


def test_simulating_no_process_is_told():
    with pytest.raises(SimulationError, match="no process is given"):
        pf.simulate([], PLAN)
