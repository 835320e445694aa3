"""R1 and R1c: what counts as repeated capture, and what does not."""

import pytest

from tests.unit.analysis.inline import CLERK, OFFICER, found, line, process


def items(rule, of):
    return {(name, item) for f in found(rule, of) for name in f.names("state") for item in f.names("item")}


def test_an_item_asked_twice_in_a_line_is_repeated():
    repeated = line(f"first: {CLERK}, asks: [person.name]", f"second: {CLERK}, asks: [person.name, person.id]")
    assert items("R1", repeated) == {("second", "person.name")}


def test_the_witness_leads_from_the_capture_to_the_repetition():
    repeated = line(f"first: {CLERK}, asks: [person.name]", f"mid: {CLERK}", f"second: {CLERK}, asks: [person.name]")
    (finding,) = found("R1", repeated)
    assert [step.state for step in finding.evidence[0].steps] == ["first", "mid", "second"]
    assert "obtains person.name" in str(finding) and "again" in str(finding)


@pytest.mark.parametrize(
    "second",
    [
        "asks: [{item: person.name, reason: double_keying}]",
        "asks: [{item: person.name, reason: value_may_have_changed}]",
        "confirms: [person.name]",
        "asks: [person.name], confirms: [person.name]",
        "asks: [person.id]",
    ],
)
def test_asking_for_a_reason_or_confirming_is_no_repetition(second):
    assert not found("R1", line(f"first: {CLERK}, asks: [person.name]", f"second: {CLERK}, {second}"))


def test_two_subjects_are_two_facts():
    sale = line(
        f"first: {CLERK}, asks: [buyer.name]",
        f"second: {CLERK}, asks: [seller.name]",
        more="subjects: {buyer: person, seller: person}",
    )
    assert not found("R1", sale)


def test_an_item_contained_in_a_document_handed_in_is_known():
    read = line(f"first: {CLERK}, asks: [{{document: business_license}}]", f"second: {CLERK}, asks: [business.address]")
    assert items("R1", read) == {("second", "business.address")}


def test_an_item_asked_again_across_departments_needs_a_permission_on_record():
    (finding,) = found("R1", line(f"a: {CLERK}, asks: [person.name]", f"b: {OFFICER}, asks: [person.name]"))
    assert "no permission" in finding.blocked_by[0].get("en")
    assert "may be shared" not in finding.statement.get("en")
    assert "可共享" not in finding.statement.get("zh")


@pytest.mark.parametrize(
    "share",
    [
        "share: {mode: api, refused: legal}",
        "share: {mode: api, to: [fire]}",
        "sensitivity: classified",
    ],
)
def test_what_may_not_be_shared_is_rightly_asked_again(share):
    states = f"a: {CLERK}, asks: [who.x]", f"b: {OFFICER}, asks: [who.x]"
    assert not found("R1", line(*states, items=f"- {{name: who.x, {share}}}"))
    assert found("R1", line(*states, items="- {name: who.x, share: {mode: api, to: [tax]}}"))


def test_a_bank_gets_nothing_by_duty_but_by_name():
    bank = "- {name: bank, level: county, kind: bank, roles: [{name: teller, staff: 1}]}"
    states = f"a: {CLERK}, asks: [who.x]", "b: department: bank, role: teller, work: 5 min, asks: [who.x]"
    for share, expected in (("{mode: api}", 0), ("{mode: api, to: [bank]}", 1)):
        of = line(*states, items=f"- {{name: who.x, share: {share}}}", departments=bank)
        assert len(found("R1", of)) == expected


def test_what_only_a_bank_knows_nobody_gets_by_duty():
    bank = "- {name: bank, level: county, kind: bank, roles: [{name: teller, staff: 1}]}"
    states = "a: department: bank, role: teller, work: 5 min, asks: [who.x]", f"b: {CLERK}, asks: [who.x]"
    for share, expected in (("{mode: api}", 0), ("{mode: api, to: [market_regulation]}", 1)):
        of = line(*states, items=f"- {{name: who.x, share: {share}}}", departments=bank)
        assert len(found("R1", of)) == expected


def test_what_a_register_holds_and_may_share_is_not_asked_even_once():
    (finding,) = found("R1", line(f"a: {CLERK}, asks: [business.name]"))
    assert finding.names("item") == ("business.name",)
    assert "held in county_platform" in str(finding)


def test_a_register_cannot_know_what_only_comes_into_being():
    founding = line(
        f"a: {CLERK}, asks: [business.name]",
        f"b: {CLERK}, writes: [business.code]",
        items="- {name: business.code, issuer: market_regulation}",
    )
    assert not found("R1", founding)


BRANCHED = """
initial: start
attributes: {{risk: {{categorical: {{low: 0.5, high: 0.5}}}}}}
states:
  - {{name: start, {clerk}}}
  - {{name: quick, {clerk}, asks: [person.name]}}
  - {{name: slow, {clerk}, asks: [{other}]}}
  - {{name: last, {clerk}, asks: [person.name]}}
  - {{name: end, final: true}}
transitions:
  - {{trigger: a, source: start, dest: quick, when: 'risk == "low"'}}
  - {{trigger: b, source: start, dest: slow}}
  - {{trigger: c, source: quick, dest: last}}
  - {{trigger: d, source: slow, dest: last}}
  - {{trigger: e, source: last, dest: end}}
"""


def test_an_item_must_be_known_on_every_path():
    assert not found("R1", process(BRANCHED.format(clerk=CLERK, other="person.id")))
    assert found("R1", process(BRANCHED.format(clerk=CLERK, other="person.name")))


def test_a_branch_that_never_happens_is_no_path():
    text = BRANCHED.format(clerk=CLERK, other="person.id").replace("low: 0.5, high: 0.5", "low: 1.0, high: 0.0")
    assert found("R1", process(text))


def test_an_item_asked_under_two_guards_that_exclude_each_other_is_asked_once():
    text = BRANCHED.format(clerk=CLERK, other="person.id").replace(
        "  - {trigger: c, source: quick, dest: last}", "  - {trigger: c, source: quick, dest: end}"
    )
    assert not found("R1", process(text))


LOOP = """
initial: apply
states:
  - {{name: apply, {clerk}, asks: [person.name, person.id]}}
  - {{name: fix, actor: applicant, {fix}}}
  - {{name: end, final: true}}
transitions:
  - {{trigger: return, source: apply, dest: fix, probability: [0.5, 0], {rejects}}}
  - {{trigger: resubmit, source: fix, dest: apply}}
  - {{trigger: accept, source: apply, dest: end, probability: [0.5, 1]}}
"""


def loop(*, rejects="rejects: [person.id]", fix="delay: 1 d"):
    return process(LOOP.format(clerk=CLERK, rejects=rejects, fix=fix))


def test_a_correction_loop_that_asks_the_whole_form_again_is_r1c_and_not_r1():
    assert not found("R1", loop())
    assert items("R1c", loop()) == {("apply", "person.name")}


def test_the_cost_of_asking_again_is_the_expected_number_of_returns():
    (finding,) = found("R1c", loop())
    assert [(c.kind, c.per_case) for c in finding.cost] == [("keyed_items", 0.5)]


def test_what_the_return_rejected_may_be_asked_again():
    assert not found("R1c", loop(rejects="rejects: [person.id, person.name]"))


def test_a_form_asked_again_in_the_correction_itself_is_r1c_and_not_r1():
    asked_there = loop(fix="delay: 1 d, asks: [person.name, person.id]")
    assert not found("R1", asked_there)
    assert ("fix", "person.name") in items("R1c", asked_there)
    assert ("fix", "person.id") not in items("R1c", asked_there)


def test_a_main_step_inside_a_loop_is_no_correction():
    text = (
        LOOP.format(clerk=CLERK, rejects="rejects: [person.id]", fix="delay: 1 d")
        .replace(
            "  - {trigger: accept, source: apply, dest: end, probability: [0.5, 1]}",
            "  - {trigger: accept, source: apply, dest: check, probability: [0.5, 1]}\n"
            "  - {trigger: back, source: check, dest: fix, probability: [0.5, 0]}\n"
            "  - {trigger: done, source: check, dest: end, probability: [0.5, 1]}",
        )
        .replace("states:\n", f"states:\n  - {{name: check, {CLERK}, asks: [person.name]}}\n")
    )
    assert ("check", "person.name") in items("R1", process(text))


def test_a_step_that_every_path_to_the_end_passes_again_is_a_correction_whatever_its_kind():
    text = LOOP.format(clerk=CLERK, rejects="rejects: [person.id]", fix="delay: 1 d").replace(
        "source: fix, dest: apply", "source: fix, dest: window"
    )
    text = text.replace("states:\n", f"states:\n  - {{name: window, {CLERK}, asks: [person.name]}}\n")
    text += "  - {trigger: hand_in, source: window, dest: apply}\n"
    assert not found("R1", process(text))
    assert ("window", "person.name") in items("R1c", process(text))


def test_an_item_that_may_have_expired_is_asked_for_a_reason():
    states = f"a: {CLERK}, asks: [who.proof], delay: 20 d", f"b: {CLERK}, asks: [who.proof]"
    assert not found("R1", line(*states, items="- {name: who.proof, validity: 30 d}"))
    assert found("R1", line(*states, items="- {name: who.proof, validity: 120 month}"))


def test_severity_follows_the_cost_and_the_cost_follows_the_visits():
    rare = BRANCHED.format(clerk=CLERK, other="person.name").replace("slow, dest: last", "slow, dest: end")
    rare = rare.replace("low: 0.5, high: 0.5", "low: 0.25, high: 0.75")
    (finding,) = found("R1", process("cases_per_year: 1000\n" + rare))
    assert [(c.per_case, c.per_year) for c in finding.cost] == [(0.25, 250.0)]
    assert finding.severity == "low"


def test_asking_less_is_only_a_remedy_where_the_datum_arrives():
    states = (
        f"a: {CLERK}, system: county_platform, asks: [person.name]",
        f"b: {OFFICER}, system: tax_system, asks: [person.name]",
    )
    (cut_off,) = found("R1", line(*states))
    assert [remedy.operator for remedy in cut_off.remedies] == ["connect_systems", "once_only"]
    (joined,) = found("R1", line(*states, interfaces="- {source: county_platform, dest: tax_system}"))
    assert [remedy.operator for remedy in joined.remedies] == ["once_only"]


def test_what_is_read_off_a_document_that_was_only_shown_is_not_known_later():
    shown = "asks: [{document: business_license, form: shown}]"
    asks = f"b: {CLERK}, asks: [business.address]"
    assert found("R1", line(f"a: {CLERK}, {shown.replace('shown', 'copy')}", asks))
    assert not found("R1", line(f"a: {CLERK}, {shown}", asks))
    keyed = f"a: {CLERK}, {shown}, enters: [{{item: business.address, into: tax_system}}]"
    assert found("R1", line(keyed, asks))
