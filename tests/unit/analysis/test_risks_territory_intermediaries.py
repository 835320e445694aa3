"""R16, R22 and H10: one path for all risks, intermediaries in the way, steps bound to a place."""

import pytest

from tests.unit.analysis.inline import CLERK, OFFICER, found, line, process

CLASSES = "attributes: {risk: {categorical: {low: 0.6, high: 0.4}}, urgent: {boolean: 0.5}}\nrisk_classes: risk\n"
CHECKED = (f"a: {CLERK}", f"b: {OFFICER.replace('10 min', '30 min')}, kind: inspection")


def test_one_path_for_all_classes_is_told_with_what_the_least_risky_bear():
    (finding,) = found("R16", line(*CHECKED, more=CLASSES))
    assert finding.names("state") == ("b",)
    assert {c.kind: c.per_case for c in finding.cost}["minutes"] == pytest.approx(0.6 * 30)
    assert [e.value for e in finding.evidence] == pytest.approx([0.6, 0.4, 1])


@pytest.mark.parametrize(
    "transition",
    [
        "when: 'risk == \"low\"'",
        'when: \'urgent and risk in ("low", "high")\'',
    ],
)
def test_a_guard_on_the_class_is_triage(transition):
    fast = f"- {{trigger: fast, source: a, dest: end, {transition}}}"
    assert not found("R16", line(*CHECKED, more=CLASSES, transitions=fast))


def test_a_guard_on_something_else_is_none():
    fast = "- {trigger: fast, source: a, dest: end, when: urgent}"
    assert found("R16", line(*CHECKED, more=CLASSES, transitions=fast))


def test_equal_treatment_by_law_single_classes_and_no_checks_are_silent():
    assert not found("R16", line(*CHECKED, more=CLASSES + 'equal_treatment: "lottery rules, art. 3"'))
    assert not found("R16", line(*CHECKED, more=CLASSES.replace("low: 0.6, high: 0.4", "low: 1.0, high: 0.0")))
    assert not found("R16", line(CHECKED[0], more=CLASSES))
    assert not found("R16", line(*CHECKED, more=CLASSES.replace("risk_classes: risk\n", "")))


AGENT = """
- name: agent
  level: county
  kind: intermediary
  roles: [{name: surveyor, staff: 1}]
"""
SURVEY = "department: agent, role: surveyor, work: 1 h, delay: 5 wd"


def test_an_intermediary_that_no_law_demands_and_everybody_waits_for_is_told():
    (finding,) = found("R22", line(f"a: {CLERK}", f"survey: {SURVEY}", departments=AGENT))
    assert finding.names("department") == ("agent",)
    assert {c.kind: c.per_case for c in finding.cost}["working_days"] == pytest.approx(5 + 1 / 7)
    assert finding.evidence[1].value == 1


def test_one_that_law_demands_and_public_bodies_are_not():
    assert not found("R22", line(f"a: {CLERK}", f"survey: {SURVEY}, basis: some law", departments=AGENT))
    assert not found(
        "R22", line(f"a: {CLERK}", f"survey: {SURVEY}", departments=AGENT.replace("intermediary", "public"))
    )
    assert not found("R22", line(f"a: {CLERK}", "wait: actor: applicant, delay: 5 wd"))


def test_an_external_party_of_no_body_is_one():
    assert found("R22", line(f"a: {CLERK}", "wait: actor: external, delay: 5 wd"))
    assert not found("R22", line(f"a: {CLERK}", "wait: actor: external, department: tax, delay: 5 wd"))


def beside(delay):
    text = f"""
    initial: both
    states:
      - name: both
        regions:
          - name: survey
            initial: s
            states: [{{name: s, {SURVEY}}}, {{name: ok, final: true}}]
            transitions: [{{trigger: surveyed, source: s, dest: ok}}]
          - name: review
            initial: r
            states: [{{name: r, {OFFICER}, delay: {delay}}}, {{name: ok, final: true}}]
            transitions: [{{trigger: reviewed, source: r, dest: ok}}]
      - {{name: end, final: true}}
    transitions:
      - {{trigger: go, source: both, dest: end}}
    """
    return found("R22", process(text, departments=AGENT))


def test_a_region_that_waits_for_a_longer_one_is_off_the_critical_path():
    assert beside("1 wd")
    assert not beside("9 wd")


def test_a_step_bound_to_a_place_without_law_is_a_lock():
    (finding,) = found("H10", line(f"a: {CLERK}, visits: 1, territorial: household"))
    assert finding.names("state") == ("a",)
    assert {c.kind: c.per_case for c in finding.cost}["visits"] == 1
    assert "户籍地" in finding.statement.get("zh")


@pytest.mark.parametrize(
    "step",
    [
        ", visits: 1",
        ', visits: 1, territorial: {to: household, basis: "户口登记条例 art. 7"}',
        ", kind: inspection, territorial: premises",
        ", kind: inspection, territorial: property",
    ],
)
def test_law_and_the_place_of_the_thing_itself_excuse(step):
    assert not found("H10", line(f"a: {CLERK}{step}"))


def test_a_desk_bound_to_the_place_of_the_premises_is_not_excused_by_them():
    assert found("H10", line(f"a: {CLERK}, kind: intake, visits: 1, territorial: premises"))
