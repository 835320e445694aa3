"""R3 and R5: what nobody reads, what is overwritten unread, and what parallel regions write over one another."""

import pytest

from tests.unit.analysis.inline import CLERK, OFFICER, found, line, process

PHONE = "- {name: person.phone}"


def unread(*states, **extra):
    return [(f.names("state"), f.names("item") + f.names("document")) for f in found("R3", line(*states, **extra))]


def test_what_is_asked_and_never_used_is_told_with_a_way_to_an_end():
    (finding,) = found("R3", line(f"a: {CLERK}, asks: [person.phone]", f"b: {OFFICER}", items=PHONE))
    assert [step.state for step in finding.evidence[0].steps] == ["a", "b", "end"]
    assert [(cost.kind, cost.per_case) for cost in finding.cost] == [("keyed_items", pytest.approx(1))]
    assert finding.legal_hook and "eliminate" in [remedy.operator for remedy in finding.remedies]


@pytest.mark.parametrize(
    "use",
    [
        "reads: [person.phone]",
        "reads: [{item: person.phone, optional: true}]",
        "checks: [{of: person, criteria: form}]",
        "checks: [{of: business, criteria: form, evidence: [person.phone]}]",
        "archives: [person.phone]",
        "confirms: [person.phone]",
        "issues: [card]",
        "archives: [card]",
    ],
)
def test_a_later_use_excuses_it(use):
    extra = {"items": PHONE, "materials": "- {name: card, contains: [person.phone]}"}
    assert not unread(f"a: {CLERK}, asks: [person.phone]", f"b: {OFFICER}, {use}", **extra)
    assert unread(f"a: {CLERK}, asks: [person.phone]", f"b: {OFFICER}", **extra)


@pytest.mark.parametrize("kept", ["kept_for: statistics", "kept_for: archive", 'basis: "some law"'])
def test_a_reader_outside_or_a_legal_duty_excuses_it(kept):
    assert not unread(f"a: {CLERK}, asks: [person.phone]", items=f"- {{name: person.phone, {kept}}}")


def test_a_rule_that_demands_it_excuses_it():
    assert not unread(f"a: {CLERK}, asks: [{{item: person.phone, basis: some law}}]", items=PHONE)


def test_a_register_where_it_is_at_home_reads_it():
    asked = f"a: {CLERK}, system: county_platform, asks: [person.phone]"
    assert not unread(asked, items="- {name: person.phone, held_by: [county_platform]}")
    assert unread(asked, items="- {name: person.phone, held_by: [tax_system]}")


def test_what_a_registration_keys_is_on_record():
    keyed = "enters: [{item: person.phone, into: tax_system}]"
    assert not unread(f"a: {OFFICER}, kind: registration, asks: [person.phone], {keyed}", items=PHONE)
    assert unread(f"a: {OFFICER}, kind: payment, asks: [person.phone], {keyed}", items=PHONE)


def test_that_a_form_is_complete_does_not_mean_that_somebody_needs_each_of_its_boxes():
    check = "checks: [{of: person, criteria: completeness, evidence: [form]}]"
    form = {"items": PHONE, "materials": "- {name: form, contains: [person.phone]}"}
    assert unread(f"a: {CLERK}, asks: [person.phone, {{document: form}}], {check}", **form) == [
        (("a",), ("person.phone",))
    ]


def test_a_correction_that_asks_again_is_no_reader():
    states = f"a: {CLERK}, asks: [person.phone], checks: [{{of: person, criteria: form, evidence: [lease]}}]", "b: {}"
    of = line(
        states[0],
        f"b: {OFFICER}",
        items=PHONE,
        transitions="""
        - {trigger: back, source: b, dest: a, probability: 0.2}
    """,
    )
    assert [f.names("item") for f in found("R3", of)] == [("person.phone",)]


def test_documents_are_used_by_whoever_uses_their_contents():
    card = {"items": PHONE, "materials": "- {name: card, contains: [person.phone]}"}
    assert unread(f"a: {CLERK}, asks: [{{document: card}}]", **card) == [(("a",), ("card",))]
    assert not unread(f"a: {CLERK}, asks: [{{document: card}}], reads: [person.phone]", **card)
    assert not unread(f"a: {CLERK}, asks: [{{document: card}}]", f"b: {OFFICER}, reads: [person.phone]", **card)
    assert not unread(f"a: {CLERK}, asks: [{{document: card, form: shown}}]", **card)


def test_a_reader_who_does_not_list_all_data_may_be_the_one():
    of = line(f"a: {CLERK}, asks: [person.phone]", "b: department: tax, role: officer, work: 5 min", items=PHONE)
    assert not found("R3", of)
    (gap,) = found("D17", of).about("data")
    assert "b" in gap.names("state")


GUARDED = """
initial: a
attributes: {{big: {{boolean: 0.5}}}}
states:
  - {{name: a, {clerk}, asks: [person.phone]}}
  - {{name: b, {officer}, {use}}}
  - {{name: end, final: true}}
transitions:
  - {{trigger: long, source: a, dest: b, when: big}}
  - {{trigger: short, source: a, dest: end, when: not big}}
  - {{trigger: z, source: b, dest: end}}
"""


def test_a_reader_on_some_way_is_a_reader():
    text = GUARDED.format(clerk=CLERK, officer=OFFICER, use="{use}")
    assert not found("R3", process(text.replace("{use}", "reads: [person.phone]"), items=PHONE))
    assert found("R3", process(text.replace("{use}", "reads: [person.name]"), items=PHONE))


OVER = f"a: {CLERK}, writes: [review.opinion]", f"b: {OFFICER}, writes: [review.opinion]"
READER = f"c: {OFFICER}, reads: [review.opinion]"


def overwritten(*states, **extra):
    return [f.names("state") for f in found("R5", line(*states, **extra))]


def test_a_value_that_is_written_anew_before_anybody_reads_it_was_written_in_vain():
    (finding,) = found("R5", line(*OVER, READER))
    assert finding.names("state") == ("a", "b")
    assert [step.state for step in finding.evidence[0].steps] == ["a", "b"]
    assert finding.cost[0].per_case == pytest.approx(1)


def test_a_value_read_before_it_is_overwritten_was_not():
    assert not overwritten(OVER[0], f"m: {OFFICER}, reads: [review.opinion]", OVER[1], READER)
    assert not overwritten(OVER[0], OVER[1].replace("writes", "reads: [review.opinion], writes"), READER)


def test_entries_that_are_added_and_values_kept_outside_are_not_overwritten():
    steps = [state.replace("review.opinion", "log.entry") for state in (*OVER, READER)]
    assert not overwritten(*steps, items="- {name: log.entry, append_only: true}")
    assert not overwritten(*steps, items="- {name: log.entry, kept_for: archive}")
    assert overwritten(*steps, items="- {name: log.entry}")


def test_a_value_read_on_some_way_is_not_in_vain():
    of = line(*OVER, READER, transitions="- {trigger: skip, source: a, dest: c, probability: 0.5}")
    assert not found("R5", of)


def test_a_step_that_writes_again_after_a_return_overwrites_its_own_value():
    of = line(
        OVER[0], READER.replace("c:", "b:"), transitions="- {trigger: back, source: b, dest: a, probability: 0.2}"
    )
    assert not found("R5", of)


RACE = """
initial: both
attributes: {{big: {{boolean: 0.5}}}}
{lock}
states:
  - name: both
    regions:
      - name: x
        initial: s
        states: [{{name: s, {officer}}}, {{name: a, {officer}, {first}}}, {{name: done, final: true}}]
        transitions: [{{trigger: t, source: s, dest: a, when: big}},
                      {{trigger: u, source: s, dest: done, when: not big}}, {{trigger: v, source: a, dest: done}}]
      - name: y
        initial: s
        states: [{{name: s, {officer}}}, {{name: b, {officer}, {second}}}, {{name: done, final: true}}]
        transitions: [{{trigger: t, source: s, dest: b, when: {guard}}}, {{trigger: u, source: s, dest: done}},
                      {{trigger: v, source: b, dest: done}}]
  - {{name: after, {officer}, reads: [review.opinion]}}
  - {{name: end, final: true}}
transitions:
  - {{trigger: go, source: both, dest: after}}
  - {{trigger: z, source: after, dest: end}}
"""


def races(first="writes: [review.opinion]", second="writes: [review.opinion]", guard="big", lock="", **extra):
    text = RACE.format(first=first, second=second, guard=guard, lock=lock, officer=OFFICER)
    return [(f.names("state"), f.names("item")) for f in found("R5", process(text, **extra))]


@pytest.mark.parametrize("second", ["writes: [review.opinion]", "reads: [review.opinion]"])
def test_regions_that_write_and_use_one_item_at_once_race(second):
    assert races(second=second) == [(("both/x/a", "both/y/b"), ("review.opinion",))]


def test_two_readers_do_not_race():
    assert not races(first="reads: [person.name]", second="reads: [person.name]")


def test_regions_that_exclude_each_other_do_not_race():
    assert not races(guard="not big")


def test_an_order_set_by_law_is_no_race():
    lock = "locks: [{first: {done: both/x/a}, then: {enter: both/y/b}, basis: some law}]"
    assert not races(second="reads: [review.opinion]", lock=lock)


def test_added_entries_do_not_race():
    steps = "writes: [log.entry]", "writes: [log.entry]"
    assert not races(*steps, items="- {name: log.entry, append_only: true}")
    assert races(*steps, items="- {name: log.entry}")
