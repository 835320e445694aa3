"""S5 and S7: states in which nothing happens; regions that only seem to meet."""

import pytest

from tests.unit.analysis.inline import CLERK, OFFICER, found, line, process

STILL = "department: tax, data: complete"


def idle(still=STILL, more="", transitions=""):
    return [f.names("state") for f in found("S5", line(f"a: {CLERK}", f"b: {still}", f"c: {OFFICER}", more=more))]


def test_a_state_in_which_nothing_happens_is_superfluous():
    assert idle() == [("b",)]
    assert idle("data: complete") == [("b",)]  # nobody's


@pytest.mark.parametrize(
    "meaning",
    [
        "milestone: true",
        "work: 5 min, role: officer",
        "delay: 1 d",
        "limit: 3 wd",
        "visits: 1",
        "reads: [person.name]",
        "writes: [review.opinion]",
        "discretion: true",
        "kind: notice, notice: {of: business, to: everybody}",
        "actor: applicant",
    ],
)
def test_a_state_with_a_meaning_of_its_own_is_not(meaning):
    still = STILL if "actor" not in meaning else "data: complete"
    assert not idle(f"{still}, {meaning}")


@pytest.mark.parametrize(
    "more",
    [
        "limits: {all: {promised: 5 wd, start: {enter: b}, stop: {done: c}}}",
        "limits: {all: {promised: 5 wd, start: {fire: go_b}, stop: {done: c}}}",
        "limits: {all: {promised: 5 wd, start: {enter: a}, stop: {done: c}, suspend: [{in: b, cause: notice}]}}",
        "limits: {all: {promised: 5 wd, start: {enter: a}, stop: {done: c}, extend: {by: 2 wd, on: go_b}}}",
        "limits: {all: {promised: 5 wd, start: {enter: a}, stop: {done: c}, "
        "deemed: {if_silent: 2 wd, since: {enter: b}, basis: x}}}",
        "locks: [{first: {done: b}, then: {enter: c}, basis: some law}]",
    ],
)
def test_an_instant_of_a_clock_or_a_lock_is_not_superfluous(more):
    assert not idle(more=more)


def test_silence_is_not_emptiness():
    of = line(f"a: {CLERK}", "b: department: tax", f"c: {OFFICER}")
    assert not found("S5", of)
    (gap,) = found("D17", of).about("data")
    assert gap.names("state") == ("b",)


def test_a_state_of_a_third_office_is_a_handoff_and_not_superfluous():
    assert not idle("department: fire, data: complete")


def test_a_choice_is_no_superfluous_state():
    assert not found(
        "S5",
        line(
            f"a: {CLERK}",
            f"b: {STILL}",
            f"c: {OFFICER}",
            transitions="""
        - {trigger: back, source: b, dest: a, probability: 0.2}
    """,
        ),
    )


def test_of_two_transfers_around_it_the_shorter_one_is_saved():
    text = """
    initial: a
    states:
      - {{name: a, {clerk}}}
      - {{name: b, {still}}}
      - {{name: end, final: true}}
    transitions:
      - {{trigger: go, source: a, dest: b, transfer: {{delay: 2 wd, channel: paper}}}}
      - {{trigger: on, source: b, dest: end{second}}}
    """
    text = text.replace("{still}", "department: market_regulation, data: complete")
    (two,) = found("S5", process(text.format(clerk=CLERK, second=", transfer: {delay: 1 wd}")))
    assert two.cost[0].per_case == pytest.approx(1)
    (one,) = found("S5", process(text.format(clerk=CLERK, second="")))
    assert not one.cost and one.severity == "info"


PARALLEL = """
initial: both
states:
  - name: both
    join: {join}
    regions:
      - name: x
        initial: a
        states: [{{name: a, {clerk}}}, {{name: done, final: true}}]
        transitions:
          - {{trigger: ok, source: a, dest: done{ok}}}
          - {{trigger: out, source: a, dest: {dest}, {way}}}
      - name: y
        initial: b
        states: [{{name: b, {officer}}}, {{name: done, final: true}}]
        transitions: [{{trigger: ok, source: b, dest: done}}]
  - {{name: after, {clerk}}}
  - {{name: end, final: true}}
  - {{name: refused, final: true}}
transitions:
  - {{trigger: go, source: both, dest: after}}
  - {{trigger: stop, source: after, dest: end}}
  - {{trigger: no, source: after, dest: refused, probability: 0.1}}
"""


def meeting(join="all", dest="after", way="probability: 0.5"):
    ok = ", probability: 0.5" if way.startswith("probability") else ""
    return found("S7", process(PARALLEL.format(join=join, dest=dest, way=way, ok=ok, clerk=CLERK, officer=OFFICER)))


def test_a_region_that_leads_past_the_join_to_what_follows_it_is_a_false_join():
    (finding,) = meeting()
    assert finding.names("state") == ("both", "both/x/a")
    assert [step.state for step in finding.evidence[0].steps][-2:] == ["both/x/a", "after"]
    assert finding.evidence[1].value == pytest.approx(0.5)
    assert finding.cost[0].per_case == pytest.approx(0.5 * 10)  # at most the ten minutes of the other region


def test_a_refusal_that_ends_the_other_regions_is_none():
    assert not meeting(dest="refused")


def test_a_way_that_is_meant_to_end_the_others_is_none():
    assert not meeting(way="probability: 0.5, cancels: true")


def test_a_time_out_or_a_join_of_any_region_is_none():
    assert not meeting(way="timeout: 3 d")
    assert not meeting(join="any")
