"""The page of rules names the checks that refuse what a run does not do; each of them refuses a bad definition."""

import re
from pathlib import Path

import pytest

from procflow.definition import loads
from procflow.errors import DefinitionError
from procflow.machine.loading import load
from tests.oracle.pairs import REFUSED
from tests.unit.simulation.small import ORGANIZATION

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/semantics.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("## Not done, and refused with a message")[2].partition("\n## ")[0]
CODES = re.findall(r"\| `(\w+)` \|$", TABLE, re.MULTILINE)
BAD = {
    "joint_early": "process_joint_work_with_early_join.yaml",
    "shared_attribute": "process_attribute_shared_by_regions.yaml",
    "call_cycle": "process_call_itself.yaml",
}
BY_VISIT = """
procflow: 1
process: bad
organization: town.yaml
initial: a
states:
  - {name: a, department: hall, role: reviewer, work: {first: 1 h, again: 2 h},
     batch: {every: "daily 10:00", joint: true}}
  - {name: end, final: true}
transitions: [{trigger: go, source: a, dest: end}]
"""


def codes(make: str) -> set[str]:
    with pytest.raises(DefinitionError) as caught:
        if make.endswith(".yaml"):
            load(ROOT / "tests" / "bad_definitions" / make)
        else:
            loads(make, organization=ORGANIZATION)
    return {problem.code for problem in caught.value.problems}


def test_every_check_that_the_page_names_refuses_something() -> None:
    assert set(CODES) == {*BAD, "joint_by_visit"}
    assert set(REFUSED.values()) <= set(CODES)
    for code, file in BAD.items():
        assert code in codes(file)
    assert codes(BY_VISIT) == {"joint_by_visit"}
