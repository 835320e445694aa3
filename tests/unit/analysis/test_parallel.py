"""R15: steps in series that could be done at once, and all that may stand against it."""

import pytest

from procflow.analysis.profile import Profile
from tests.unit.analysis.inline import found, line, process

TAX = "department: tax, role: officer, work: 2 h, data: complete"
FIRE = "department: fire, role: examiner, work: 1 h, data: complete"


def runs(of, **options):
    return [f.names("state") for f in found("R15", of, **options) if f.severity != "info"]


def test_two_offices_that_need_nothing_of_each_other_are_serial_for_no_reason():
    (finding,) = found("R15", line(f"a: {TAX}, kind: review", f"b: {FIRE}, kind: inspection"))
    assert finding.names("state") == ("a", "b")
    assert finding.cost[0].kind == "working_days"
    assert finding.cost[0].per_case == pytest.approx(1 / 7)
    assert "parallelize" in [remedy.operator for remedy in finding.remedies]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("writes: [review.opinion]", "reads: [review.opinion]"),
        ("reads: [review.opinion]", "writes: [review.opinion]"),
        ("writes: [review.opinion]", "writes: [review.opinion]"),
        ("asks: [person.name]", "reads: [person.name]"),
        ("issues: [food_license]", "asks: [{document: food_license}]"),
        ("issues: [business_license]", "asks: [business.address]"),
        ("writes: [business.address]", "checks: [{of: business, criteria: form, evidence: [business_license]}]"),
        (
            "enters: [{item: person.name, into: tax_system}]",
            "system: tax_system, reads: [person.name]",
        ),
    ],
)
def test_what_one_makes_and_the_other_needs_keeps_their_order(first, second):
    assert not runs(line(f"a: {TAX}, {first}", f"b: {FIRE}, {second}"))
    assert runs(line(f"a: {TAX}", f"b: {FIRE}, {second}"))


def test_asking_for_the_same_thing_twice_disturbs_nobody():
    assert runs(line(f"a: {TAX}, asks: [person.name]", f"b: {FIRE}, asks: [person.name]"))


def test_reading_what_was_known_before_both_disturbs_nobody():
    intake = f"i: {TAX}, kind: intake, asks: [person.name]"
    first, second = f"a: {TAX}, asks: [person.name]", f"b: {FIRE}, reads: [person.name]"
    assert runs(line(intake, first, second)) == [("a", "b")]
    assert not runs(line(first, second))


def test_entries_that_are_only_appended_disturb_nobody():
    steps = f"a: {TAX}, writes: [log.entry]", f"b: {FIRE}, writes: [log.entry]"
    assert runs(line(*steps, items="- {name: log.entry, append_only: true}"))
    assert not runs(line(*steps, items="- {name: log.entry}"))


def test_silence_is_not_independence():
    partial = TAX.replace("complete", "partial")
    of = line(f"a: {partial}", f"b: {FIRE}")
    assert not runs(of)
    (gap,) = found("D17", of).about("data")
    assert gap.names("state") == ("a",)


LOCK = "locks: [{first: {done: a}, then: {enter: b}, basis: some law}]"


def test_a_legal_lock_is_told_in_place_of_the_finding():
    (finding,) = found("R15", line(f"a: {TAX}", f"b: {FIRE}", more=LOCK))
    assert finding.severity == "info"
    assert "some law" in finding.blocked_by[0].get("en")
    assert not finding.cost
    assert not found("R15", line(f"a: {TAX}", f"b: {FIRE}", more=LOCK), profile=Profile(report_locked=False))


def test_a_lock_on_steps_that_depend_anyway_is_not_worth_telling():
    of = line(f"a: {TAX}, writes: [review.opinion]", f"b: {FIRE}, reads: [review.opinion]", more=LOCK)
    assert not found("R15", of)


def test_a_lock_on_other_instants_forbids_nothing():
    lock = "locks: [{first: {done: a}, then: {enter: c}, basis: some law}]"
    assert ("a", "b") in runs(line(f"a: {TAX}", f"b: {FIRE}", f"c: {TAX}, kind: decision", more=lock))


def test_one_scarce_person_who_does_both_gains_nothing():
    assert not runs(line(f"a: {FIRE}", f"b: {FIRE}"))  # one examiner
    assert runs(line(f"a: {TAX}", f"b: {TAX}"))  # two officers
    assert not runs(line(f"a: {TAX}, staff: 2", f"b: {TAX}"))


def test_steps_that_take_no_time_or_are_the_applicants_are_not_told():
    assert not runs(line("a: department: tax, data: complete", f"b: {FIRE}"))
    assert not runs(line("a: actor: applicant, delay: 1 d, data: complete", f"b: {FIRE}"))


@pytest.mark.parametrize("kind", ["intake", "decision", "certificate", "delivery"])
def test_what_comes_in_first_and_goes_out_last_keeps_its_place(kind):
    assert not runs(line(f"a: {TAX}, kind: {kind}", f"b: {FIRE}"))
    assert not runs(line(f"a: {TAX}, milestone: true", f"b: {FIRE}"))


CHOICE = """
initial: a
states:
  - {{name: a, {tax}, kind: review}}
  - {{name: b, {fire}, kind: review}}
  - {{name: other, {tax}, kind: review}}
  - {{name: end, final: true}}
  - {{name: refused, final: true}}
transitions:
  - {{trigger: go, source: a, dest: b, probability: 0.9}}
  - {{trigger: no, source: a, dest: {no}, probability: 0.1}}
  - {{trigger: x, source: b, dest: other}}
  - {{trigger: z, source: other, dest: end}}
"""


def test_a_refusal_is_a_price_and_not_a_veto():
    (finding,) = found("R15", process(CHOICE.format(tax=TAX, fire=FIRE, no="refused")))
    measured = [e for e in finding.evidence if hasattr(e, "value")]
    # one tenth refused by a: what b (60 min) and other (120 min) then did was in vain
    assert measured[0].value == pytest.approx(0.1 * 180)


def test_a_step_that_decides_whether_the_next_happens_controls_it():
    assert ("a", "b") not in runs(process(CHOICE.format(tax=TAX, fire=FIRE, no="other")))


def test_an_attribute_that_one_sets_and_the_other_tests_keeps_their_order():
    text = """
    initial: a
    attributes: {{big: {{boolean: 0.5}}}}
    states:
      - {{name: a, {tax}}}
      - {{name: b, {fire}}}
      - {{name: end, final: true}}
      - {{name: refused, final: true}}
    transitions:
      - {{trigger: go, source: a, dest: b{set}}}
      - {{trigger: no, source: b, dest: refused, when: big}}
      - {{trigger: yes, source: b, dest: end}}
    """
    assert runs(process(text.format(tax=TAX, fire=FIRE, set="")))
    assert not runs(process(text.format(tax=TAX, fire=FIRE, set=", set: {big: true}")))


def test_an_attribute_that_one_sets_and_the_other_computes_with_keeps_their_order():
    text = """
    initial: a
    attributes: {{area: {{number: 3}}, fee: {{number: 1}}}}
    states:
      - {{name: a, {tax}}}
      - {{name: b, {fire}}}
      - {{name: end, final: true}}
    transitions:
      - {{trigger: go, source: a, dest: b{set}}}
      - {{trigger: z, source: b, dest: end, set: {{fee: "area * 2"}}}}
    """
    assert runs(process(text.format(tax=TAX, fire=FIRE, set="")))
    assert not runs(process(text.format(tax=TAX, fire=FIRE, set=", set: {area: 5}")))


def test_a_run_of_independent_steps_is_one_finding():
    states = [f"{n}: {TAX if i % 2 else FIRE}, kind: registration" for i, n in enumerate("abcd")]
    # fire has one examiner, so that a and c cannot be done at once
    assert runs(line(*states)) == [("a", "b"), ("c", "d")]
    waits = [f"{n}: {FIRE.replace('work: 1 h', 'delay: 1 d')}" for n in "abcd"]
    assert runs(line(*waits)) == [("a", "b", "c", "d")]  # waiting occupies no examiner


def test_a_step_with_its_own_correction_is_one_step():
    text = """
    initial: a
    states:
      - {{name: a, {tax}}}
      - {{name: fix, actor: applicant, delay: 1 d, data: complete{fix}}}
      - {{name: b, {fire}, reads: [person.name]}}
      - {{name: end, final: true}}
    transitions:
      - {{trigger: back, source: a, dest: fix, probability: [0.5, 0]{rejects}}}
      - {{trigger: again, source: fix, dest: a}}
      - {{trigger: go, source: a, dest: b, probability: [0.5, 1]}}
      - {{trigger: z, source: b, dest: end}}
    """
    assert runs(process(text.format(tax=TAX, fire=FIRE, fix="", rejects="")))
    assert not runs(process(text.format(tax=TAX, fire=FIRE, fix=", asks: [person.name]", rejects="")))
    assert not runs(process(text.format(tax=TAX, fire=FIRE, fix="", rejects=", rejects: [person.name]")))


SUSPENDING = "limits: {all: {promised: 5 wd, suspend: [{in: told, cause: notice}]}}"
TIMED = """
initial: a
states:
  - {{name: a, {tax}, kind: review}}
  - {{name: b, {fire}, kind: review}}
  - {{name: c, {tax}, kind: decision}}
  - {{name: told, {tax}, kind: notice}}
  - {{name: end, final: true}}
  - {{name: late, final: true}}
transitions:
  - {{trigger: go, source: a, dest: b{yes}}}
  - {{trigger: no, source: a, dest: {to}, {way}}}
  - {{trigger: tell, source: told, dest: late}}
  - {{trigger: on, source: b, dest: c}}
  - {{trigger: z, source: c, dest: end}}
"""


@pytest.mark.parametrize("to", ["told", "late"])
def test_a_time_out_is_no_refusal(to):
    steps = {"tax": TAX, "fire": FIRE, "to": to}
    refused = {"yes": ", probability: 0.9", "way": "probability: 0.1"}
    assert runs(process(TIMED.format(**steps, **refused))) == [("a", "b")]
    assert not runs(process(TIMED.format(**steps, yes="", way="timeout: 3 d")))
    stopped = TIMED.format(**steps, yes="", way="timeout: {after: 3 d, suspended: true}")
    assert not runs(process(f"{SUSPENDING}\n{stopped}"))


CLOCK = "limits: {{review: {{title: {{en: joint review, zh: 联合审查}}, promised: 5 wd, start: {}, stop: {}}}}}"


@pytest.mark.parametrize(
    ("start", "stop"), [("{done: a}", "{done: b}"), ("{fire: go_a}", "{enter: c}"), ("{enter: a}", "{fire: go_c}")]
)
def test_a_limit_that_counts_from_one_step_to_another_is_named(start, stop):
    waits = [f"{n}: {FIRE.replace('work: 1 h', 'delay: 1 d')}" for n in "abc"]
    (finding,) = found("R15", line(*waits, more=CLOCK.format(start, stop)))
    (blocked,) = finding.blocked_by
    assert "joint review" in blocked.get("en") and "联合审查" in blocked.get("zh")


@pytest.mark.parametrize(
    ("start", "stop"), [("{enter: a}", "{done: a}"), ("{enter: i}", "{done: b}"), ("{enter: a}", "{enter: z}")]
)
def test_a_limit_of_one_step_or_from_beyond_blocks_nothing(start, stop):
    steps = f"i: {TAX}, kind: intake", f"a: {TAX}", f"b: {FIRE}", f"z: {TAX}, kind: decision"
    (finding,) = found("R15", line(*steps, more=CLOCK.format(start, stop)))
    assert not finding.blocked_by


def test_a_suspension_from_one_step_to_another_is_named():
    suspend = "suspend: [{since: {done: a}, until: {enter: b}, cause: public notice}]"
    limit = f"limits: {{all: {{promised: 5 wd, start: {{enter: a}}, stop: {{done: z}}, {suspend}}}}}"
    (finding,) = found("R15", line(f"a: {TAX}", f"b: {FIRE}", f"z: {TAX}, kind: decision", more=limit))
    assert len(finding.blocked_by) == 1
