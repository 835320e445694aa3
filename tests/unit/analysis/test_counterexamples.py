"""What breaks the naive notion of redundant, available and independent: one example for each rule of the semantics.

The docs' section "What the words mean" (docs/reference/rules.md) states them.
"""

from dataclasses import replace

import polars as pl
import pytest

from procflow import Scenario, simulate
from procflow.analysis.examples.collection import EXAMPLES
from procflow.analysis.profile import Profile
from procflow.analysis.registry import analyze
from tests.unit.analysis.inline import CLERK, OFFICER, found, line, process

FIRE = "department: fire, role: examiner, work: 1 h, kind: inspection, data: complete"
TAX = "department: tax, role: officer, work: 2 h, kind: review, data: complete"


def test_the_same_item_of_two_subjects_is_two_things():
    steps = f"a: {CLERK}, asks: [buyer.id]", f"b: {CLERK}, asks: [{{}}.id]"
    more = "subjects: {buyer: person, seller: person}"
    assert not found("R1", line(steps[0], steps[1].format("seller"), more=more))
    assert found("R1", line(steps[0], steps[1].format("buyer"), more=more))


def test_known_to_somebody_is_not_held_where_it_is_read():
    steps = (
        f"a: {CLERK}, system: county_platform, asks: [person.name]",
        "b: department: tax, role: officer, work: 5 min, system: tax_system, data: complete, {}: [person.name]",
    )
    missing = line(steps[0], steps[1].format("reads"))
    (gap,) = found("R4", missing)
    assert "county_platform" in gap.statement.get("en")  # known there, and out of reach
    (again,) = found("R1", line(steps[0], steps[1].format("asks")))
    assert next(remedy.operator for remedy in again.remedies) == "connect_systems"  # not simply deleting the question


@pytest.mark.parametrize("rule", ["R3", "R8", "R15", "S5"])
def test_rules_that_conclude_from_silence_say_nothing_without_complete_data_and_d17_says_where(rule):
    example = EXAMPLES[rule]
    silent = replace(example, process=example.process.replace("data: complete", "data: partial")).build()
    assert analyze(example.build(), rules=[rule]) and not analyze(silent, rules=[rule])
    assert analyze(silent, rules=["D17"]).about("data")


def test_silence_is_not_independence():
    of = line(f"a: {TAX.replace('complete', 'partial')}", f"b: {FIRE}")
    assert not found("R15", of)
    assert found("D17", of).about("data")
    assert found("R15", line(f"a: {TAX}", f"b: {FIRE}"))


TIMED = """
initial: a
states:
  - {{name: a, {clerk}, asks: [person.name]}}
  - {{name: b, {officer}, asks: [person.name]}}
  - {{name: end, final: true}}
transitions:
  - {{trigger: go, source: a, dest: {on}}}
  - {{trigger: late, source: a, dest: b, timeout: 3 d}}
  - {{trigger: z, source: b, dest: end}}
"""


def test_a_time_out_comes_before_the_effects_of_the_visit():
    steps = {"clerk": CLERK, "officer": OFFICER}
    assert not found("R1", process(TIMED.format(on="end", **steps)))
    assert found(
        "R1",
        process(
            TIMED.format(on="b", **steps)
            .replace(", timeout: 3 d", ", probability: 0.5")
            .replace("dest: b}", "dest: b, probability: 0.5}", 1)
        ),
    )


GUARDED = """
initial: s
attributes: {{risk: {{categorical: {{low: 0.5, high: 0.5}}}}}}
states:
  - {{name: s, {clerk}}}
  - {{name: a, {clerk}, asks: [person.name]}}
  - {{name: m, {clerk}}}
  - {{name: b, {clerk}, reads: [person.name]}}
  - {{name: end, final: true}}
transitions:
  - {{trigger: fast, source: s, dest: a, when: 'risk == "low"'}}
  - {{trigger: slow, source: s, dest: m, when: 'risk != "low"'}}
  - {{trigger: t, source: a, dest: m{set}}}
  - {{trigger: read, source: m, dest: b, when: 'risk == "{read}"'}}
  - {{trigger: skip, source: m, dest: end, when: 'risk != "{read}"'}}
  - {{trigger: z, source: b, dest: end}}
"""


def test_past_the_cap_on_valuations_nothing_is_claimed():
    of = process(GUARDED.format(clerk=CLERK, read="high", set=""))
    assert found("R4", of)
    capped = Profile(valuations=1)
    assert not found("R4", of, profile=capped)
    assert found("D17", of, profile=capped).about("guards")


def test_what_is_captured_under_a_guard_is_there_under_the_same_guard():
    assert not found("R4", process(GUARDED.format(clerk=CLERK, read="low", set="")))
    assert found("R4", process(GUARDED.format(clerk=CLERK, read="high", set="")))
    assert not found("R4", process(GUARDED.format(clerk=CLERK, read="low", set=", set: {risk: high}")))


@pytest.mark.parametrize("rejected", [True, False])
def test_a_return_that_rejects_an_item_has_it_asked_anew(rejected):
    back = "- {trigger: back, source: b, dest: a, probability: 0.3" + (", rejects: [person.name]}" if rejected else "}")
    of = line(f"a: {CLERK}, asks: [person.name]", f"b: {OFFICER}", transitions=back)
    assert not found("R1", of)  # a correction loop is no repeated capture
    assert bool(found("R1c", of)) is not rejected


def test_a_confirmation_is_no_repeated_capture():
    assert not found("R1", line(f"a: {CLERK}, asks: [person.name]", f"b: {CLERK}, confirms: [person.name]"))


def test_a_proof_that_expires_on_the_way_is_asked_for_again_for_a_reason():
    states = f"a: {CLERK}, asks: [{{document: proof}}]", "w: actor: external, delay: 107 d"
    again = f"b: {CLERK}, asks: [{{document: proof}}]"
    assert not found("R2", line(*states, again, materials="- {name: proof, validity: 1 month}"))
    assert found("R2", line(*states, again, materials="- {name: proof, validity: 120 month}"))


JOINED = """
initial: both
states:
  - name: both
    join: {join}
    regions:
      - {{name: x, initial: a, states: [{{name: a, {clerk}, asks: [person.name]}}, {{name: z, final: true}}],
         transitions: [{{trigger: t, source: a, dest: z}}]}}
      - {{name: y, initial: a, states: [{{name: a, {officer}}}, {{name: z, final: true}}],
         transitions: [{{trigger: u, source: a, dest: z}}]}}
  - {{name: after, {clerk}, asks: [person.name]}}
  - {{name: end, final: true}}
transitions:
  - {{trigger: go, source: both, dest: after}}
  - {{trigger: stop, source: after, dest: end}}
"""


def test_after_a_join_of_any_region_what_one_of_them_brought_may_be_missing():
    assert found("R1", process(JOINED.format(join="all", clerk=CLERK, officer=OFFICER)))
    assert not found("R1", process(JOINED.format(join="any", clerk=CLERK, officer=OFFICER)))


THREE = """
initial: both
states:
  - name: both
    join: {{at_least: 2}}
    regions:
      - {{name: x, initial: a, states: [{{name: a, {clerk}, asks: [person.name]}}, {{name: z, final: true}}],
         transitions: [{{trigger: t, source: a, dest: z}}]}}
      - {{name: y, initial: a, states: [{{name: a, {clerk}{second}}}, {{name: z, final: true}}],
         transitions: [{{trigger: u, source: a, dest: z}}]}}
      - {{name: v, initial: a, states: [{{name: a, {clerk}}}, {{name: z, final: true}}],
         transitions: [{{trigger: w, source: a, dest: z{third}}}]}}
  - {{name: after, {clerk}, asks: [person.name]}}
  - {{name: end, final: true}}
transitions:
  - {{trigger: go, source: both, dest: after}}
  - {{trigger: stop, source: after, dest: end}}
"""


def test_after_a_join_of_two_of_three_what_two_regions_brought_is_there_unless_a_third_destroys_it():
    def after(second="", third=""):
        return found("R1", process(THREE.format(clerk=CLERK, second=second, third=third))).about("after")

    assert not after()
    assert after(second=", asks: [person.name]")
    assert not after(second=", asks: [person.name]", third=", rejects: [person.name]")


LEFT = """
initial: first
states:
  - {{name: first, {clerk}, asks: [person.name]}}
  - name: both
    join: all
    regions:
      - {{name: x, initial: a, states: [{{name: a, {clerk}}}, {{name: z, final: true}}],
         transitions: [{{trigger: t, source: a, dest: z, probability: 0.5}},
                       {{trigger: early, source: a, dest: after}}]}}
      - {{name: y, initial: a, states: [{{name: a, {clerk}}}, {{name: z, final: true}}],
         transitions: [{{trigger: u, source: a, dest: z{kill}}}]}}
  - {{name: after, {clerk}, asks: [person.name]}}
  - {{name: end, final: true}}
transitions:
  - {{trigger: in, source: first, dest: both}}
  - {{trigger: go, source: both, dest: after}}
  - {{trigger: stop, source: after, dest: end}}
"""


def test_leaving_early_keeps_what_was_known_less_what_the_other_region_may_destroy():
    assert found("R1", process(LEFT.format(clerk=CLERK, kill=""))).about("after")
    assert not found("R1", process(LEFT.format(clerk=CLERK, kill=", rejects: [person.name]"))).about("after")


def test_level_alone_excuses_no_repeated_check_and_rejections_do():
    check = "checks: [{of: business, criteria: form, evidence: [lease]}]"
    low = f"a: department: market_office, role: inspector, work: 5 min, kind: review, data: complete, {check}"
    high = f"b: {CLERK}, kind: review, {check}"
    assert found("R6", line(low, high))
    refuse = "- {trigger: no, source: b, dest: a, probability: 0.03}"
    assert not found("R6", line(low, high, transitions=refuse))


@pytest.mark.parametrize(
    ("ways", "kept"),
    [
        ("", "every case ends as it would have"),
        ("- {trigger: no, source: b, dest: a, probability: 0}", "keeps its share"),
        ("- {trigger: no, source: b, dest: a, probability: 0.005}", "can still be reached, in other shares"),
    ],
)
def test_what_removing_a_repeated_check_keeps_is_graded_and_the_objections_lost_are_printed(ways, kept):
    check = "kind: review, checks: [{of: business, criteria: form, evidence: [lease]}]"
    (again,) = found("R6", line(f"a: {CLERK}, {check}", f"b: {CLERK}, {check}", transitions=ways))
    assert kept in again.remedies[0].text.en
    (lost,) = [e for e in again.evidence if getattr(e, "name", None) and "lost" in e.name.en]
    assert lost.value == pytest.approx(0.005 * 1 / 0.995 if "0.005" in ways else 0)


def test_new_evidence_ends_what_a_check_has_shown():
    check = "kind: review, checks: [{of: business, criteria: form, evidence: [person.name]}]"
    steps = [f"a: {CLERK}, {check}", f"m: {CLERK}%s", f"b: {CLERK}, {check}"]
    assert found("R6", line(steps[0], steps[1] % "", steps[2]))
    assert not found("R6", line(steps[0], steps[1] % ", writes: [person.name]", steps[2]))


def test_a_review_without_any_way_to_reject_is_a_gap_and_no_rubber_stamp():
    of = line(f"a: {TAX}")
    assert not found("R7", of)
    assert found("D17", of).about("exception")


def test_a_lock_is_about_instants():
    lock = "locks: [{{first: {{done: tax}}, then: {{enter: {}}}, basis: 契税法 art. 11}}]"
    steps = f"tax: {TAX}", f"review: {FIRE}", f"booking: {TAX.replace('review', 'decision')}"
    (lawful,) = found("R15", line(*steps, more=lock.format("booking")))
    assert lawful.cost and lawful.names("state") == ("tax", "review")  # tax beside review, both before booking
    (told,) = found("R15", line(*steps, more=lock.format("review")))
    assert told.severity == "info" and not told.cost
    assert "契税法" in told.blocked_by[0].get("zh")


REFUSING = """
initial: tax
states:
  - {{name: tax, {tax}, writes: [review.opinion]}}
  - {{name: visit, {fire}, writes: [inspection.record]}}
  - {{name: booking, {clerk}, kind: registration, reads: [review.opinion, inspection.record]}}
  - {{name: refused, final: true}}
  - {{name: end, final: true}}
transitions:
  - {{trigger: no, source: visit, dest: refused, probability: {{value: 0.3, assumed: true}}}}
  - {{trigger: a, source: tax, dest: visit}}
  - {{trigger: b, source: visit, dest: booking}}
  - {{trigger: c, source: booking, dest: end}}
"""


def test_a_refusal_is_a_price_and_no_veto_and_both_ways_out_are_one_finding():
    of = process(REFUSING.format(tax=TAX, fire=FIRE, clerk=CLERK))
    (serial,) = found("R15", of)
    assert serial.names("state") == ("tax", "visit")
    assert {remedy.operator for remedy in serial.remedies} >= {"parallelize", "knock_out"}
    assert not found("R12", of)


def test_a_limit_that_the_quickest_case_breaks_is_impossible_and_one_of_long_node_limits_a_warning():
    def limits(promise, node):
        steps = f"a: {CLERK}, delay: 5 wd, limit: {node} wd", f"b: {CLERK}, limit: {node} wd"
        limit = "limits: {all: {promised: %s wd, start: {enter: a}, stop: [{done: b}]}}"
        return [f.statement.en for f in found("T7", line(*steps, more=limit % promise))]

    assert any("no case" in said or "quickest" in said for said in limits(promise=3, node=1))
    assert any("sum" in said or "add up" in said for said in limits(promise=8, node=6))
    assert not limits(promise=20, node=6)


OFFICES = "- {name: offices, level: township, per: region, roles: [{name: clerk, staff: 1}]}"


def test_offices_of_one_kind_are_one_department_and_a_case_belongs_to_one():
    steps = [f"s{n}: department: offices, role: clerk, work: 10 min, data: complete" for n in range(6)]
    of = line(*steps, departments=OFFICES)
    assert not found("H1", of, profile=Profile(handoffs_per_case=0.5)) and not found("H5", of)
    events = simulate(of, Scenario(arrivals="10 per wd", days=20, replications=1, seed=3)).events
    offices = events.group_by("case").agg(pl.col("office").n_unique())
    assert offices["office"].max() == 1
    assert events["office"].n_unique() > 1  # each with people of its own


def test_the_applicant_is_an_actor_and_not_a_department():
    steps = f"a: {CLERK}", "b: actor: applicant, delay: 1 d", f"c: {CLERK}"
    findings = found("H1", line(*steps))
    assert not any("b" in finding.names("state") for finding in findings)
