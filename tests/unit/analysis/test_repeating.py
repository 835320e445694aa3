"""R6 and R9: checks that repeat earlier ones, approvals on top of one another, and what excuses them."""

import pytest

from procflow.analysis.profile import Profile
from tests.unit.analysis.inline import found, line, process

REVIEW = "department: market_office, role: inspector, work: 30 min, kind: review, data: complete"
AGAIN = "department: market_regulation, role: reviewer, work: 20 min, kind: review, data: complete"
CHECK = "{of: business, criteria: [form, lawfulness], evidence: [business_license]}"


def checks(first=CHECK, second=CHECK, between=(), **extra):
    states = f"a: {REVIEW}, checks: [{first}]", *between, f"b: {AGAIN}, checks: [{second}]"
    return [f.names("state") for f in found("R6", line(*states, **extra))]


def test_the_same_check_of_the_same_paper_is_told_with_its_price():
    (finding,) = found("R6", line(f"a: {REVIEW}, checks: [{CHECK}]", f"b: {AGAIN}, checks: [{CHECK}]"))
    assert finding.names("state") == ("a", "b")
    assert {cost.kind: cost.per_case for cost in finding.cost}["minutes"] == pytest.approx(20)
    assert "objections_of_repetition" in finding.thresholds


@pytest.mark.parametrize(
    "second",
    [
        "{of: business, criteria: [FORM], evidence: [business_license]}",
        "{of: business, criteria: [form], evidence: [business.name]}",  # in the license
        "{of: business.name, criteria: [form], evidence: [business_license]}",
    ],
)
def test_a_part_of_an_earlier_check_is_a_repetition(second):
    assert checks(second=second) == [("a", "b")]


@pytest.mark.parametrize(
    "second",
    [
        "{of: person, criteria: [form], evidence: [business_license]}",
        "{of: business, criteria: [form, price], evidence: [business_license]}",
        "{of: business, criteria: [form], evidence: [business_license, lease]}",
    ],
)
def test_another_object_criterion_or_evidence_is_none(second):
    assert not checks(second=second)


@pytest.mark.parametrize("duty", ["four_eyes", "statutory_level", "appeal", "registration"])
def test_a_duty_with_its_basis_excuses_a_repetition_and_one_without_does_not(duty):
    assert not checks(second=CHECK.replace("}", f", duty: {duty}, basis: some law}}"))
    assert checks(second=CHECK.replace("}", f", duty: {duty}}}"))


def test_a_basis_of_the_check_alone_does_not_excuse_it_but_is_told():
    of = line(f"a: {REVIEW}, checks: [{CHECK}]", f"b: {AGAIN}, checks: [{CHECK.replace('}', ', basis: some law}')}]")
    (finding,) = found("R6", of)
    assert "some law" in finding.blocked_by[0].get("en")


def test_a_higher_level_alone_excuses_nothing():
    assert checks()  # market_office is a township's, market_regulation the county's


@pytest.mark.parametrize(
    "between",
    [
        "m: department: tax, role: officer, work: 5 min, writes: [business.address]",
        "m: department: tax, role: officer, work: 5 min, asks: [{document: business_license}]",
        "m: department: tax, role: officer, work: 5 min, issues: [business_license]",
    ],
)
def test_a_new_value_of_the_evidence_in_between_makes_it_another_check(between):
    assert not checks(between=[between])


def test_confirming_the_evidence_changes_nothing():
    confirms = "m: department: tax, role: officer, work: 5 min, confirms: [business.name]"
    assert checks(between=[confirms])


def test_evidence_that_may_have_expired_is_looked_at_again_for_a_reason():
    wait = "m: actor: external, delay: 100 d"
    visa = {"materials": "- {name: visa, validity: 1 month}"}
    check = CHECK.replace("business_license", "visa")
    assert not checks(check, check, between=[wait], **visa)
    assert checks(check, check, **visa)


def test_a_check_on_some_way_only_is_not_repeated():
    of = line(
        "s: department: tax, role: officer, work: 5 min",
        f"a: {REVIEW}, checks: [{CHECK}]",
        f"b: {AGAIN}, checks: [{CHECK}]",
        transitions="- {trigger: skip, source: s, dest: b, probability: 0.5}",
    )
    assert not found("R6", of)


OBJECTS = """
initial: a
cases_per_year: 1000
states:
  - {{name: a, {review}, checks: [{check}]}}
  - {{name: b, {again}, checks: [{check}]}}
  - {{name: end, final: true, outcome: granted}}
  - {{name: refused, final: true, outcome: refused}}
transitions:
  - {{trigger: go, source: a, dest: b}}
  - {{trigger: yes, source: b, dest: end, probability: {yes}}}
  - {{trigger: no, source: b, dest: refused, probability: {no}}}
"""


def objects(share, profile=None):
    text = OBJECTS.format(review=REVIEW, again=AGAIN, check=CHECK, yes=1 - share, no=share)
    return found("R6", process(text), profile=profile)


def test_a_second_reviewer_who_rejects_what_the_first_passed_is_not_redundant():
    assert not objects(0.03)


def test_the_rejections_that_would_be_lost_are_printed_and_so_is_an_outcome():
    (finding,) = objects(0.005)
    assert finding.evidence[1].value == pytest.approx(0.005)
    assert any("refused" in blocked.get("en") for blocked in finding.blocked_by)
    assert objects(0.03, Profile(objections_of_repetition=0.05))


def test_a_return_that_rejects_the_evidence_ends_the_check():
    of = """
    initial: a
    states:
      - {{name: a, {review}, checks: [{check}]}}
      - {{name: fix, actor: applicant, delay: 1 d}}
      - {{name: b, {again}, checks: [{check}]}}
      - {{name: end, final: true}}
    transitions:
      - {{trigger: back, source: a, dest: fix{rejects}}}
      - {{trigger: go, source: fix, dest: b}}
      - {{trigger: z, source: b, dest: end}}
    """
    kept = of.format(review=REVIEW, again=AGAIN, check=CHECK, rejects="")
    refused = of.format(review=REVIEW, again=AGAIN, check=CHECK, rejects=", rejects: [business_license]")
    assert found("R6", process(kept))
    assert not found("R6", process(refused))


CITY = """
- name: city_bureau
  level: city
  roles: [{name: approver, staff: 1}]
"""
UP = {
    "town": "department: market_office, role: inspector, work: 10 min, kind: review, data: complete",
    "county": "department: market_regulation, role: director, work: 10 min, kind: approval, data: complete",
    "city": "department: city_bureau, role: approver, work: 10 min, kind: approval, data: complete",
}


def ladder(county="", city="", between=(), profile=None):
    town = f"town: {UP['town']}, checks: [{CHECK}], writes: [review.opinion]"
    states = (
        town,
        f"county: {UP['county']}, reads: [review.opinion]{county}",
        *between,
        f"city: {UP['city']}, reads: [review.opinion]{city}",
    )
    return found("R9", line(*states, departments=CITY), profile=profile)


def test_three_approvals_of_one_evidence_at_rising_levels_are_a_chain():
    (finding,) = ladder()
    assert finding.names("state") == ("town", "county", "city")
    assert {cost.kind: cost.per_case for cost in finding.cost}["minutes"] == pytest.approx(20)
    assert finding.thresholds == {"approvals_in_chain": 3}


def test_a_statutory_level_is_not_counted():
    lawful = ", checks: [{of: business, criteria: [form], evidence: [review.opinion], duty: statutory_level, basis: x}]"
    assert not ladder(county=lawful)
    (finding,) = ladder(county=lawful, profile=Profile(approvals_in_chain=2))
    assert finding.blocked_by
    assert ladder(county=lawful.replace(", basis: x", ""))


def test_a_level_that_looks_at_something_new_breaks_the_chain():
    assert not ladder(city=", checks: [{of: business, criteria: form, evidence: [lease]}]")
    assert not ladder(city=", asks: [{document: lease}]")


def test_a_step_that_only_hands_on_does_not_break_the_chain():
    hand = "department: market_regulation, role: window_clerk, work: 5 min"
    assert ladder(between=[f"h: {hand}, kind: dispatch, data: complete"])
    assert not ladder(between=[f"h: {hand}, kind: inspection, writes: [inspection.record], data: complete"])


def test_two_levels_are_no_chain_by_default_and_equal_levels_none_at_all():
    two = line(f"town: {UP['town']}, checks: [{CHECK}]", f"county: {UP['county']}")
    assert not found("R9", two)
    assert found("R9", two, profile=Profile(approvals_in_chain=2))
    same = line(f"a: {UP['county']}, checks: [{CHECK}]", f"b: {UP['county']}")
    assert not found("R9", same, profile=Profile(approvals_in_chain=2))


def test_silence_is_no_chain():
    of = line(*(f"{name}: {fields.replace('complete', 'partial')}" for name, fields in UP.items()), departments=CITY)
    assert not found("R9", of)
