"""R8, H7, D17 and the structural rules."""

from dataclasses import replace

import pytest

from procflow.analysis.profile import Profile
from procflow.definition.process import AtLeast, State
from tests.unit.analysis.inline import CLERK, OFFICER, found, line, process

FIRST = f"a: {CLERK}, asks: [person.name]"
LAST = f"z: {OFFICER}, reads: [person.name]"


def passing(step="", **options):
    return found("R8", line(FIRST, f"p: {CLERK}, kind: dispatch, reads: [person.name]{step}", LAST, **options))


def test_a_step_that_only_hands_on_is_a_pass_through():
    (finding,) = passing()
    assert finding.names("state") == ("p",)
    assert finding.thresholds == {"pass_through_minutes": 15, "pass_through_delay_wd": 3}
    assert {c.kind: c.per_case for c in finding.cost}["minutes"] == 10


@pytest.mark.parametrize(
    "step",
    [
        ", writes: [review.opinion]",
        ", asks: [person.id]",
        ", enters: [{item: person.name, into: tax_system}]",
        ", checks: [{of: person, criteria: form}]",
        ", issues: [food_license]",
        ", confirms: [person.name]",
        ", archives: [application_file]",
        ", milestone: true",
        ", discretion: true",
        ", batch: {every: weekly wed 09:00}",
        ", visits: 1",
    ],
)
def test_a_step_that_adds_anything_is_no_pass_through(step):
    assert not passing(step)


def test_a_step_with_more_work_than_the_threshold_is_no_pass_through():
    of = line(FIRST, f"p: {CLERK.replace('10 min', '16 min')}, kind: dispatch", LAST)
    assert not found("R8", of)
    assert found("R8", of, profile=Profile(pass_through_minutes=20))


def test_a_step_with_a_long_delay_of_its_own_is_no_pass_through():
    assert not passing(", delay: 5 d")
    (finding,) = passing(", delay: 2 wd")
    assert ["wd", 2] in [[e.unit, e.value] for e in finding.evidence if hasattr(e, "value")]
    of = line(FIRST, f"p: {CLERK}, kind: dispatch, delay: 5 d", LAST)
    assert found("R8", of, profile=Profile(pass_through_delay_wd=5))


def test_a_step_whose_data_are_not_complete_is_a_gap_and_no_pass_through():
    of = line(FIRST, f"p: {CLERK.replace('complete', 'partial')}, kind: dispatch", LAST)
    assert not found("R8", of)
    assert found("D17", of).about("data").about("p")


@pytest.mark.parametrize("instant", ["{done: p}", "{enter: p}", "{fire: go_p}"])
def test_a_registration_that_starts_a_legal_clock_is_no_pass_through(instant):
    limit = "limits: {{all: {{promised: {{value: 5 wd, assumed: true}}, start: {}, stop: {{exit: z}}}}}}"
    assert not passing(more=limit.format(instant))
    assert passing(more=limit.format("{enter: a}"))


def test_the_last_step_before_the_end_hands_on_to_nobody():
    assert not found("R8", line(FIRST, f"p: {CLERK}, kind: dispatch"))


def test_a_step_that_chooses_the_way_is_no_pass_through():
    text = """
    initial: a
    attributes: {{big: {{boolean: 0.5}}}}
    states:
      - {{name: a, {clerk}}}
      - {{name: p, {clerk}, kind: dispatch}}
      - {{name: y, {clerk}, kind: other, asks: [person.name]}}
      - {{name: z, {clerk}, kind: other, asks: [person.name]}}
      - {{name: end, final: true}}
    transitions:
      - {{trigger: g, source: a, dest: p}}
      - {{trigger: h, source: p, dest: y, when: big}}
      - {{trigger: i, source: p, dest: z}}
      - {{trigger: j, source: [y, z], dest: end}}
    """
    assert not found("R8", process(text.format(clerk=CLERK)))


def visiting(*states, declared=1):
    return found("H7", line(*states, more=f"declared_visits: {declared}"))


def test_more_visits_than_declared_are_told_with_both_numbers():
    (finding,) = visiting(f"a: {CLERK}, visits: 1", f"b: {CLERK}, visits: 1")
    assert [(c.kind, c.per_case) for c in finding.cost] == [("visits", 1.0)]
    assert [e.value for e in finding.evidence if hasattr(e, "value")] == [2, 1]


def test_visits_as_declared_and_those_that_law_requires_are_not_told():
    assert not visiting(f"a: {CLERK}, visits: 1", f"b: {CLERK}")
    assert not visiting(f"a: {CLERK}, visits: 1", f"b: {CLERK}, visits: 1, visits_basis: some law")
    assert not found("H7", line(f"a: {CLERK}, visits: 3"))


def test_visits_count_by_the_probability_of_making_them():
    text = """
    initial: a
    declared_visits: {declared}
    states:
      - {{name: a, department: tax, visits: 1}}
      - {{name: fix, actor: applicant, visits: 1, delay: 1 d}}
      - {{name: end, final: true}}
    transitions:
      - {{trigger: back, source: a, dest: fix, probability: [0.5, 0.5, 0]}}
      - {{trigger: again, source: fix, dest: a}}
      - {{trigger: go, source: a, dest: end, probability: [0.5, 0.5, 1]}}
    """
    (finding,) = found("H7", process(text.format(declared=1)))
    assert finding.cost[0].per_case == pytest.approx(1 + 2 * 0.75 - 1)
    assert not found("H7", process(text.format(declared=2.5)))


def gaps(of):
    return {f.names("process")[0]: f for f in found("D17", of)}


COMPLETE = """
limits: {all: {promised: {value: 5 wd, assumed: true}, start: {enter: a}, stop: {exit: a}}}
basis: some law
"""


def test_a_definition_that_says_everything_has_no_gaps():
    assert not gaps(line("a: department: tax, role: officer, work: {value: 5 min, assumed: true}", more=COMPLETE))


def test_numbers_without_source_are_one_gap_however_many():
    (bare,) = gaps(line("a: department: tax, role: officer, work: 5 min, visits: 1", more=COMPLETE)).values()
    assert bare.names("process") == ("source",)
    assert bare.evidence[0].value == 2


def test_a_source_for_all_visits_serves_each():
    work = "{first: 5 min, again: 3 min, assumed: true}"
    assert not gaps(line(f"a: department: tax, role: officer, work: {work}", more=COMPLETE))


def test_missing_limits_bases_departments_and_exceptions_are_a_gap_each():
    of = line(
        "a: actor: staff, delay: 1 d",
        "b: department: tax, role: officer, kind: review",
    )
    assert {"department", "limit", "basis", "exception"} <= set(gaps(of))


def test_a_step_of_staff_that_takes_no_time_is_a_gap():
    of = line("a: department: tax, role: officer", "b: actor: applicant", more=COMPLETE)
    assert gaps(of)["time"].names("state") == ("a",)
    assert "time" not in gaps(line("a: department: tax, role: officer, delay: 1 d", more=COMPLETE))


def test_a_check_whose_opinion_others_decide_on_has_its_exception():
    review = "b: department: tax, kind: review, writes: [review.opinion]"
    assert "exception" in gaps(line(review, more=COMPLETE.replace(": a}", ": b}")))
    decided = line(review, "c: department: tax, reads: [review.opinion]", more=COMPLETE.replace(": a}", ": b}"))
    assert "exception" not in gaps(decided)


def test_a_process_built_in_memory_with_an_unreachable_state_is_unsound():
    sound = line(FIRST)
    lost = sound.definition.model_copy(update={"states": (*sound.definition.states, State(name="lost"))})
    (finding,) = found("S1", replace(sound, definition=lost))
    assert finding.names("state") == ("lost",)
    assert finding.severity == "high"
    assert not found("S1", sound)


@pytest.mark.parametrize("rule", ["S1", "S2", "S3", "S4", "S6", "S8"])
def test_a_sound_process_has_no_structural_finding(rule):
    assert not found(rule, line(FIRST, LAST))


def test_a_join_that_never_completes_is_told_beside_a_limit_that_runs_through_it():
    text = """
    initial: check
    limits: {whole: {promised: 5 wd, start: {enter: check}, stop: {enter: end}}}
    states:
      - name: check
        regions:
          - {name: one, initial: a, states: [{name: a, delay: 1 wd}, {name: done, final: true}], transitions:
              [{trigger: ad, source: a, dest: done}, {trigger: veto, source: a, dest: end, probability: 0.0}]}
          - {name: two, initial: b, states: [{name: b, delay: 2 wd}, {name: done, final: true}], transitions:
              [{trigger: bd, source: b, dest: done}]}
      - {name: end, final: true}
    transitions:
      - {trigger: on, source: check, dest: end}
    """
    sound = process(text)
    check, end = sound.definition.states
    states = (check.model_copy(update={"join": AtLeast(at_least=3)}), end)
    unsound = sound.with_definition(sound.definition.model_copy(update={"states": states}))
    assert [finding.names("state") for finding in found("S4", unsound)] == [("check",)]
    assert len(found("T7", unsound)) == 0
