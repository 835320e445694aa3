"""Findings, how they are shown and sorted, and the registry of rules."""

import json
from pathlib import Path

import pytest

from procflow.analysis.finding import Cost, Finding, Findings, Measurement, Subject
from procflow.analysis.profile import Profile, load_profile
from procflow.analysis.reference import PAGES, rules_page
from procflow.analysis.registry import analyze, explain, rules
from procflow.errors import AnalysisError, DefinitionError
from procflow.text import Text
from tests.unit.analysis.inline import CLERK, line

SAID = Text(en="said", zh="所述")
PROOF = Measurement(SAID, 1.0, "h", low=0.5, high=1.5, n=20)


def make(rule="R1", severity="low", cost=0.0, name="a", evidence=(PROOF,)):
    costs = (Cost("minutes", cost, None, SAID),) if cost else ()
    return Finding(rule, "p", "as_is", severity, (Subject("state", name),), SAID, evidence, costs)


def test_a_finding_without_evidence_is_refused():
    with pytest.raises(AnalysisError, match="evidence"):
        make(evidence=())


def test_an_id_depends_on_rule_process_and_subjects_only():
    assert make().id == make(severity="high", cost=3).id
    assert len({make().id, make(rule="R2").id, make(name="b").id}) == 3


def test_findings_come_with_the_costliest_first():
    some = Findings([make(severity="low", name="x"), make(severity="high", cost=1), make(severity="high", cost=5)])
    assert [(f.severity, sum(c.per_case for c in f.cost)) for f in some] == [("high", 5), ("high", 1), ("low", 0)]


def test_findings_can_be_narrowed_by_rule_subject_and_severity():
    some = Findings([make(), make(rule="R2", severity="high", name="b")], skipped=["T1"])
    assert [f.rule for f in some.of("R1")] == ["R1"]
    assert [f.rule for f in some.about("b")] == ["R2"]
    assert [f.rule for f in some.at_least("medium")] == ["R2"]
    assert some[:1].skipped == ("T1",)


def test_data_are_plain_json_without_not_a_number():
    odd = make(evidence=(Measurement(SAID, float("nan"), "h", low=float("-inf")),))
    data = json.loads(json.dumps(Findings([odd]).to_data(), allow_nan=False))
    assert data[0]["evidence"][0]["value"] is None
    assert data[0]["statement"] == {"en": "said", "zh": "所述"}


def test_a_notebook_shows_names_without_running_them():
    text = Text(en="<script>alert(1)</script>", zh="<script>alert(2)</script>")
    bad = Finding("R1", "p", "v", "low", (), text, (PROOF,))
    for thing in (bad, Findings([bad])):
        shown = thing._repr_mimebundle_()["text/html"]
        assert "<script>" not in shown
        assert "代价" in shown or thing is bad


def test_text_is_in_the_language_asked_for():
    of = line(f"a: {CLERK}, asks: [person.name]", f"b: {CLERK}, asks: [person.name]")
    findings = analyze(of, rules=["R1"])
    assert "证据" in findings.text("zh")
    assert "重复采集" in findings.text("zh")
    assert "evidence" in findings.text("en")


def test_rules_have_unique_ids_and_say_everything_in_both_languages():
    every = rules()
    assert len({rule.id for rule in every}) == len(every)
    for rule in every:
        assert rule.source
        for text in (rule.name, rule.what, rule.why, rule.formula, rule.trap):
            assert text.en and text.zh
            assert text.en != text.zh, rule.id


def test_an_unknown_rule_is_named_with_those_there_are():
    with pytest.raises(AnalysisError, match=r"R99.*R15"):
        analyze(line(f"a: {CLERK}"), rules=["R99"])


def test_rules_that_need_a_run_are_skipped_without_one_and_named():
    skipped = analyze(line(f"a: {CLERK}")).skipped
    assert set(skipped) == {rule.id for rule in rules() if rule.needs == "run"}


@pytest.mark.parametrize("lang", PAGES)
def test_the_reference_page_says_what_the_rules_say(lang):
    page = Path(__file__).parents[3] / "docs" / "reference" / PAGES[lang]
    assert page.read_text(encoding="utf-8") == rules_page(lang), "run python -m procflow.analysis.reference"


def test_a_rule_explains_itself_in_both_languages():
    assert explain("R1", "zh").startswith("R1 重复采集")
    assert "Never flags: " in explain("R1")


def test_a_profile_reads_from_yaml_and_refuses_what_it_does_not_know(tmp_path):
    good = tmp_path / "profile.yaml"
    good.write_text("pass_through_minutes: 5\n", encoding="utf-8")
    assert load_profile(good).pass_through_minutes == 5
    good.write_text("pass_thru: 5\npass_through_minutes: -1\n", encoding="utf-8")
    with pytest.raises(DefinitionError) as told:
        load_profile(good)
    first, second = told.value.problems
    assert (first.line, second.line) == (1, 2)
    assert "pass_thru" in str(first) and "-1" in str(second)


def test_severity_is_that_of_the_heaviest_cost():
    profile = Profile()
    small, large = Cost("minutes", 1, None, SAID), Cost("visits", 2, None, SAID)
    assert profile.severity([]) == "info"
    assert profile.severity([small]) == "low"
    assert profile.severity([small, large]) == "high"
    lenient = Profile(grades={"visits": {"medium": 5, "high": 9}})
    assert lenient.severity([large]) == "low"
    assert lenient.severity([Cost("minutes", 60, None, SAID)]) == "high"  # as by default


def test_a_key_written_twice_in_a_profile_is_told(tmp_path):
    twice = tmp_path / "profile.yaml"
    twice.write_text("validity_margin: 2\nvalidity_margin: 4\n", encoding="utf-8")
    with pytest.raises(DefinitionError):
        load_profile(twice)
