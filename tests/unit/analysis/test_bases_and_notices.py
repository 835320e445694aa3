"""R21 and R23: burdens without a basis, and notices that could be one."""

import pytest

from tests.unit.analysis.inline import CLERK, OFFICER, found, line, process

REVIEW = f"{OFFICER}, kind: review"


def unfounded(*states, **extra):
    return [(f.names("state"), f.names("document") + f.names("item")) for f in found("R21", line(*states, **extra))]


def test_a_review_without_any_basis_is_told_with_what_it_costs():
    (finding,) = found("R21", line(f"a: {REVIEW}, visits: 1"))
    assert finding.names("state") == ("a",)
    assert {cost.kind for cost in finding.cost} == {"visits", "working_days", "minutes"}
    assert "三十五" in finding.legal_hook


@pytest.mark.parametrize(
    "cited", ["basis: some law", "checks: [{of: business, criteria: form, evidence: [lease], basis: some law}]"]
)
def test_a_basis_of_the_step_or_its_check_covers_it(cited):
    assert not unfounded(f"a: {REVIEW}, {cited}")


def test_a_basis_of_the_whole_process_covers_all_but_what_is_said_to_have_none():
    assert not unfounded(f"a: {REVIEW}", more="basis: some law")
    assert unfounded(f"a: {REVIEW}, no_basis: true", more="basis: some law") == [(("a",), ())]


@pytest.mark.parametrize("kind", ["notice", "delivery", "dispatch", "certificate", "archive"])
def test_an_internal_step_that_serves_the_applicant_needs_no_law(kind):
    assert not unfounded(f"a: {OFFICER}, kind: {kind}")


@pytest.mark.parametrize("burden", ["visits: 1", "asks: [person.name]"])
def test_one_that_burdens_the_applicant_does(burden):
    assert unfounded(f"a: {OFFICER}, kind: dispatch, {burden}")


def test_what_the_applicant_does_follows_from_what_others_demand():
    assert not unfounded("a: actor: applicant, visits: 1, data: complete")


def test_silence_is_a_gap_and_not_a_missing_law():
    of = line(f"a: {REVIEW.replace('complete', 'partial')}")
    assert not found("R21", of)
    assert found("D17", of).about("basis")
    assert not found("D17", line(f"a: {REVIEW}")).about("basis")  # told by R21


def test_a_material_needs_a_rule_of_its_own_or_of_its_step():
    ask = "asks: [{{document: lease{}}}]"
    assert (("a",), ("lease",)) in unfounded(f"a: {CLERK}, {ask.format('')}")
    assert not unfounded(f"a: {CLERK}, {ask.format(', basis: some law')}")
    assert not unfounded(f"a: {CLERK}, {ask.format('')}, basis: some law")
    assert unfounded(f"a: {CLERK}, {ask.format(', no_basis: true')}, basis: some law") == [(("a",), ("lease",))]


def test_a_condition_said_to_have_no_basis_is_told():
    of = line(f"a: {OFFICER}", transitions="- {trigger: x, source: a, dest: end, probability: 0.1, no_basis: true}")
    (finding,) = found("R21", of)
    assert len(finding.names("transition")) == 1


def test_a_composite_around_covers_what_is_inside():
    text = """
    initial: both
    states:
      - name: both
        {basis}
        initial: a
        states: [{{name: a, {review}}}, {{name: done, final: true}}]
        transitions: [{{trigger: t, source: a, dest: done}}]
      - {{name: end, final: true}}
    transitions: [{{trigger: z, source: both, dest: end}}]
    """
    assert found("R21", process(text.format(review=REVIEW, basis="")))
    assert not found("R21", process(text.format(review=REVIEW, basis="basis: some law")))


NOTICE = "department: tax, kind: notice, delay: {days} d, notice: {{of: business, to: {to}{more}}}"


def notices(first="", second="", to="the neighbours", between="work: 5 min, department: tax, role: officer"):
    a = NOTICE.format(days=7, to="the neighbours", more=first)
    b = NOTICE.format(days=14, to=to, more=second)
    return found("R23", line(f"a: {a}", f"m: {between}", f"b: {b}"))


def test_two_notices_of_one_matter_to_one_audience_could_be_one():
    (finding,) = notices()
    assert finding.names("state") == ("a", "b")
    assert finding.cost[0].per_case == pytest.approx(7 * 5 / 7)  # the shorter one, in working days
    assert "merge" in [remedy.operator for remedy in finding.remedies]


def test_different_rights_to_object_keep_notices_apart():
    assert not notices(first=", objection: art. 36", second=", objection: art. 47")
    assert notices(first=", objection: art. 36", second=", objection: art. 36")


def test_so_do_different_audiences():
    assert not notices(to="creditors")


def test_notices_that_do_not_say_what_they_are_about_are_a_gap():
    plain = "department: tax, kind: notice, delay: 7 d"
    of = line(f"a: {plain}", f"b: {plain}")
    assert not found("R23", of)
    (gap,) = found("D17", of).about("notice")
    assert gap.names("state") == ("a", "b")
    assert not found("D17", line(f"a: {plain}")).about("notice")


@pytest.mark.parametrize("dest", ["b", "end"])
def test_notices_on_ways_that_exclude_each_other_are_not_in_series(dest):
    notice = NOTICE.format(days=7, to="all", more="")
    of = process(f"""
    initial: s
    states:
      - {{name: s, {OFFICER}}}
      - {{name: a, {notice}}}
      - {{name: b, {notice}}}
      - {{name: end, final: true}}
    transitions:
      - {{trigger: x, source: s, dest: a, probability: 0.5}}
      - {{trigger: y, source: s, dest: b, probability: 0.5}}
      - {{trigger: u, source: a, dest: {dest}}}
      - {{trigger: v, source: b, dest: end}}
    """)
    assert bool(found("R23", of)) is (dest == "b")
