"""H5: what a process of several departments without a lead is told, and what is none."""

from typing import Any

import handmade as hm

from procflow.analysis.registry import analyze


def found(*departments: str, **facts: Any) -> Any:
    states = [hm.state(f"s{n}", department) for n, department in enumerate(departments)]
    names = [*(f"s{n}" for n in range(len(departments))), "end"]
    ways = [hm.go(a, b) for a, b in zip(names, names[1:], strict=False)]  # noqa: RUF007
    return analyze(hm.process([*states, hm.state("end")], ways, **facts), rules=["H5"])


def test_several_departments_without_a_lead_are_told_with_where_each_acts() -> None:
    (finding,) = found("a", "b", "a", "c")
    assert finding.names("department") == ("a", "b", "c")
    assert finding.evidence[0].text() == "s0 (a) → s1 (b) → s3 (c)"


def test_a_lead_a_single_department_and_applicants_are_silent() -> None:
    assert not found("a", "b", lead="a")
    assert not found("a", "a")
    assert not found("a", "applicant")
