"""Accepted findings: kept apart while they last, told when they have expired or match nothing."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from procflow.analysis.acceptance import Accepted, load_accepted
from procflow.analysis.finding import Findings
from procflow.analysis.registry import analyze
from procflow.definition import load
from procflow.definition.accepted import AcceptedFindings
from procflow.definition.dump import dump
from procflow.definition.source import SourceMap
from procflow.errors import DefinitionError
from tests.examples import CATALOG, ORGANIZATION
from tests.unit.analysis.inline import CLERK, OFFICER, line

TODAY = dt.date(2025, 6, 30)
OF = line(
    f"a: {CLERK}, asks: [person.name]",
    f"p: {CLERK}, kind: dispatch, reads: [person.name]",
    f"z: {OFFICER}, asks: [person.name, person.id]",
)


def accepted(*entries: dict[str, object]) -> Accepted:
    content = {"procflow": 1, "accepted": "example", "findings": list(entries)}
    return Accepted(AcceptedFindings.model_validate(content), SourceMap("x.accepted.yaml"))


def entry(
    rule: str = "R8", about: tuple[str, ...] = ("p",), until: str = "2025-12-31", **more: str
) -> dict[str, object]:
    return {"rule": rule, "about": list(about), "reason": "a new system comes", "until": until, **more}


def settled(*entries: dict[str, object], rules: tuple[str, ...] = ("R8", "R1")) -> Findings:
    return analyze(OF, rules=rules, accepted=accepted(*entries), today=TODAY)


def test_an_accepted_finding_does_not_count_and_stays_visible():
    found = settled(entry(by="A. Li"))
    assert not found.of("R8")
    (kept,) = found.accepted
    assert (kept.finding.rule, kept.reason.get("en"), kept.until.year, kept.by) == (
        "R8",
        "a new system comes",
        2025,
        "A. Li",
    )
    assert "[accepted]" in found.text("en") and "已接受" in found.text("zh")
    assert kept.to_data()["accepted"]["until"] == "2025-12-31"
    assert found.notes == ()


def test_the_subjects_may_come_in_any_order_but_must_be_all():
    (several,) = analyze(OF, rules=["R1"])
    names = tuple(dict.fromkeys(subject.name for subject in several.subjects))
    assert len(names) > 1
    assert settled(entry("R1", names[::-1])).accepted
    told = settled(entry("R1", names[:1]))
    assert not told.accepted
    assert "not found" in told.notes[0].get("en")


def test_an_acceptance_lasts_to_the_end_of_its_last_day():
    assert settled(entry(until="2025-06-30")).accepted
    expired = settled(entry(until="2025-06-29"))
    assert [f.rule for f in expired.of("R8")] == ["R8"]
    assert "counts again" in expired.notes[0].get("en") and "重新" in expired.notes[0].get("zh")


def test_what_matches_nothing_is_told_where_its_rule_was_applied_only():
    assert "x.accepted.yaml" in settled(entry("R8", ("q",))).notes[0].get("en")
    assert settled(entry("R8", ("q",)), rules=("R1",)).notes == ()
    assert settled(entry("R13", ("q",)), rules=("R1", "R13")).notes == (), "it needs a run, and there is none"


def test_a_part_of_the_findings_keeps_what_is_accepted_of_it():
    found = settled(entry())
    assert found.of("R8").accepted == found.accepted
    assert found.of("R1").accepted == ()
    assert found != Findings(found, skipped=found.skipped)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "organization.yaml").write_text(ORGANIZATION, encoding="utf-8")
    (tmp_path / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
    definition = OF.definition.model_copy(update={"organization": "organization.yaml", "catalog": ("catalog.yaml",)})
    (tmp_path / "as_is.yaml").write_text(dump(replace(OF, definition=definition)), encoding="utf-8")
    return tmp_path


def written(folder: Path, *entries: dict[str, object], **head: object) -> Accepted | None:
    content = AcceptedFindings.model_validate({"procflow": 1, "accepted": "example", **head, "findings": list(entries)})
    (folder / "as_is.accepted.yaml").write_text(dump(content), encoding="utf-8")
    return load_accepted(load(folder / "as_is.yaml"))


def test_the_file_is_looked_for_beside_the_process(folder: Path):
    assert load_accepted(load(folder / "as_is.yaml")) is None
    assert load_accepted(OF) is None, "built in memory"
    found = written(folder, entry())
    assert found is not None and found.content.findings[0].key == ("R8", frozenset({"p"}))
    assert found.place(0).line == 4


def test_a_file_of_another_process_or_of_unknown_rules_is_refused_with_its_lines(folder: Path):
    with pytest.raises(DefinitionError) as told:
        written(folder, entry("R88"), entry(), variant="to_be", accepted="other")
    assert [problem.line for problem in told.value.problems] == [2, 3, 5]
    assert "did you mean" in str(told.value.problems[-1]) or "R88" in str(told.value.problems[-1])


def test_a_file_that_is_named_must_exist(folder: Path):
    with pytest.raises(DefinitionError):
        load_accepted(load(folder / "as_is.yaml"), folder / "nowhere.yaml")
