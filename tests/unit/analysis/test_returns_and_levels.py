"""H3, H4 and H9: returns for correction, turns between levels, decisions far from the work."""

import pytest

from procflow.analysis.handoffs import flows
from procflow.analysis.levels import expected_turns
from procflow.analysis.profile import Profile
from procflow.analysis.registry import Context
from tests.unit.analysis.inline import CLERK, OFFICER, found, line, process

TOWN = "department: market_office, role: inspector, work: 10 min, data: complete"
BACK = (
    "- {trigger: back, source: a, dest: fix, probability: {value: %s, assumed: true}}\n"
    "- {trigger: again, source: fix, dest: a}"
)


def correcting(chance, more=""):
    ways = BACK % chance + more
    text = f"""
    initial: a
    states:
      - {{name: a, {CLERK}, kind: intake, visits: 1, asks: [person.name]}}
      - {{name: fix, actor: applicant, kind: correction, visits: 1, delay: 2 d}}
      - {{name: end, final: true}}
    transitions:
      - {{trigger: go, source: a, dest: end}}
      """ + ways.replace("\n", "\n      ")
    return process(text)


def test_returns_are_told_with_share_rounds_and_price():
    (finding,) = found("H3", correcting("[0.4, 0.4, 0]"))
    assert [e.value for e in finding.evidence[1:]] == pytest.approx([0.4, 0.56])
    assert {c.kind: c.per_case for c in finding.cost}["visits"] == pytest.approx(2 * 0.56)
    assert {c.kind: c.per_case for c in finding.cost}["minutes"] == pytest.approx(10 * 0.56)
    assert finding.legal_hook == "《行政许可法》第三十二条"
    assert "一次性告知" in finding.statement.get("zh")


def test_a_single_return_breaks_no_law_though_it_is_frequent():
    (finding,) = found("H3", correcting("[0.4, 0]"))
    assert finding.legal_hook is None
    assert not found("H3", correcting("[0.15, 0]"))
    assert found("H3", correcting("[0.15, 0.3, 0]")), "few returns, but some of them come twice"


def test_a_further_return_for_what_the_amendment_brought_in_is_lawful():
    first = "[0.15, 0]"
    new = "\n- {trigger: new, source: a, dest: fix, probability: {value: [0, 0.3, 0], assumed: true}%s}"
    assert found("H3", correcting(first, new % ""))
    assert not found("H3", correcting(first, new % ", new_defects: true"))


def test_nothing_is_concluded_from_a_number_that_nobody_vouches_for():
    bare = correcting("[0.4, 0.4, 0]").definition
    ways = tuple(
        way.model_copy(update={"probability": way.probability.model_copy(update={"assumed": False})})
        if way.probability
        else way
        for way in bare.transitions
    )
    of = correcting("[0.4, 0.4, 0]").with_definition(bare.model_copy(update={"transitions": ways}))
    assert not found("H3", of)
    assert found("D17", of).about("source")


def test_rectification_and_rework_inside_are_no_returns_for_correction():
    text = """
    initial: a
    states:
      - {{name: a, {clerk}}}
      - {{name: b, {officer}}}
      - {{name: end, final: true}}
    transitions:
      - {{trigger: go, source: a, dest: b}}
      - {{trigger: back, source: b, dest: a, probability: [0.5, 0]}}
      - {{trigger: on, source: b, dest: end}}
    """
    assert not found("H3", process(text.format(clerk=CLERK, officer=OFFICER)))


def turns(of):
    context = Context(of)
    return sum(expected_turns(context, flows(context)).values())


@pytest.mark.parametrize(("levels", "count"), [("CTC", 1), ("CTCT", 2), ("TCTCT", 3), ("CCTT", 0), ("CTTCC", 1)])
def test_a_turn_is_a_move_against_the_one_before(levels, count):
    steps = [f"s{i}: {CLERK if level == 'C' else TOWN}" for i, level in enumerate(levels)]
    assert turns(line(*steps)) == pytest.approx(count)
    assert bool(found("H4", line(*steps))) == (count > 1.5)


def test_turns_weigh_with_the_chance_of_making_them():
    of = line(f"a: {CLERK}", f"b: {TOWN}", transitions="- {trigger: back, source: b, dest: a, probability: [0.5, 0]}")
    assert turns(of) == pytest.approx(0.5 * 2)


def test_signing_on_behalf_moves_nothing_up_or_down():
    shuttle = [f"a: {TOWN}", f"b: {CLERK}", f"c: {TOWN}", f"d: {CLERK}"]
    signed = [f"a: {TOWN}", f"b: {CLERK}", f"c: {TOWN}, signs_for: market_regulation", f"d: {CLERK}"]
    (finding,) = found("H4", line(*shuttle))
    assert finding.names("state") == ("b", "c", "d")
    assert not found("H4", line(*signed))


def test_the_way_between_levels_is_the_price_of_a_turn():
    text = f"""
    initial: a
    states:
      - {{name: a, {CLERK}}}
      - {{name: b, {TOWN}}}
      - {{name: c, {CLERK}}}
      - {{name: d, {TOWN}}}
      - {{name: end, final: true}}
    transitions:
      - {{trigger: down, source: a, dest: b, transfer: {{delay: 3 wd}}}}
      - {{trigger: up, source: b, dest: c, transfer: {{delay: 2 wd}}}}
      - {{trigger: down_again, source: c, dest: d}}
      - {{trigger: go, source: d, dest: end}}
    """
    (finding,) = found("H4", process(text))
    assert finding.cost[0].per_case == pytest.approx(2), "the first way down is no turn, the last takes no time"


def deciding(step="", agree=0.95, work="2 h", office=CLERK):
    inspect = TOWN.replace("10 min", work)
    text = f"""
    initial: check
    states:
      - {{name: check, {inspect}, kind: inspection}}
      - {{name: decide, {office}, kind: decision{step}}}
      - {{name: yes, final: true}}
      - {{name: no, final: true}}
    transitions:
      - {{trigger: go, source: check, dest: decide}}
      - {{trigger: grant, source: decide, dest: yes, probability: {agree}}}
      - {{trigger: refuse, source: decide, dest: no}}
    """
    return found("H9", process(text))


def test_a_decision_far_from_the_work_that_always_agrees_is_a_mismatch():
    (finding,) = deciding()
    assert finding.names("state") == ("decide",)
    assert finding.evidence[1].value == pytest.approx(120 / 130)
    assert finding.evidence[2].value == pytest.approx(0.95)
    assert not finding.blocked_by


def test_decisions_that_differ_and_work_that_is_shared_are_none():
    assert not deciding(agree=0.8)
    assert not deciding(work="15 min")


def test_a_decision_delegated_to_the_level_that_works_is_none():
    assert not deciding(office=TOWN, step=", signs_for: market_regulation")


def test_a_statutory_level_blocks_the_remedy():
    duty = ', checks: [{of: person, criteria: form, duty: statutory_level, basis: "行政许可法 art. 42"}]'
    (finding,) = deciding(duty)
    assert "law reserves" in finding.blocked_by[0].get("en")


def test_work_that_does_not_lead_to_the_decision_does_not_count():
    text = f"""
    initial: decide
    states:
      - {{name: decide, {CLERK}, kind: decision}}
      - {{name: later, {TOWN.replace("10 min", "5 h")}, kind: inspection}}
      - {{name: yes, final: true}}
      - {{name: no, final: true}}
    transitions:
      - {{trigger: grant, source: decide, dest: later, probability: 0.95}}
      - {{trigger: refuse, source: decide, dest: no}}
      - {{trigger: checked, source: later, dest: yes}}
    """
    assert not found("H9", process(text))


def test_the_thresholds_are_those_of_the_profile():
    of = correcting("[0.4, 0]")
    assert not found("H3", of, profile=Profile(return_share=0.5))
