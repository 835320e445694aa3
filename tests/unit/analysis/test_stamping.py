"""R7: reviews that hardly ever object, and all that excuses them."""

import pytest

from procflow.analysis.profile import Profile
from procflow.analysis.proportions import upper_bound
from tests.unit.analysis.inline import CLERK, OFFICER, found, line, process

COUNTED = 'probability: {value: 0.001, source: "register 2024", sample: 2000}'
SIGN = f"sign: {OFFICER}, kind: approval"


def reviewed(step="", chance=COUNTED, rule="R7", transitions="", **options):
    of = line(
        f"a: {CLERK}, asks: [person.name]",
        SIGN + step,
        transitions=f"- {{trigger: reject, source: sign, dest: a, {chance}}}\n{transitions}",
        **options,
    )
    return found(rule, of)


def test_a_review_that_by_the_register_objects_to_nothing_is_a_rubber_stamp():
    (finding,) = reviewed()
    assert finding.names("state") == ("sign",)
    share = finding.evidence[0]
    assert (share.value, share.n) == (0.001, 2000)
    assert share.high == pytest.approx(upper_bound(2, 2000))
    assert finding.thresholds == {"rubber_stamp": 0.01, "confidence": 0.95}
    assert {cost.kind for cost in finding.cost} == {"minutes", "working_days"}
    assert finding.cost[0].per_case == pytest.approx(10 / 0.999)


@pytest.mark.parametrize(
    "step",
    [
        ', basis: "some law"',
        ', deters: "false claims rose to 9 % when it was dropped, audit 2022"',
        ', checks: [{of: person, criteria: form, duty: four_eyes, basis: "some law"}]',
        ", issues: [food_license]",
        ", writes: [person.name]",
    ],
)
def test_a_review_that_law_demands_that_deters_or_that_changes_something_is_none(step):
    assert not reviewed(step)


def test_an_opinion_of_its_own_changes_nothing():
    assert reviewed(", writes: [review.opinion]")


@pytest.mark.parametrize(
    "chance",
    [
        'probability: {value: 0.001, source: "register", sample: 200}',  # 0.001 of 200 may well be 2 %
        "probability: {value: 0.001, assumed: true}",
        "probability: 0.001",
        'probability: {value: 0.12, source: "register", sample: 2000}',
        'probability: {value: [0.001, 0.3], source: "register", sample: 2000}',
        'when: "1 == 2"',
        "timeout: 30 d",
    ],
)
def test_small_samples_assumptions_refusals_guards_and_timers_prove_nothing(chance):
    assert not reviewed(chance=chance)


def test_the_way_that_passes_may_carry_the_source_instead():
    text = f"""
    initial: sign
    states:
      - {{name: sign, {OFFICER}, kind: approval}}
      - {{name: yes, final: true}}
      - {{name: no, final: true}}
    transitions:
      - {{trigger: grant, source: sign, dest: yes, probability: {{value: 0.999, source: log, sample: 3000}}}}
      - {{trigger: refuse, source: sign, dest: no}}
    """
    assert found("R7", process(text))


def test_a_review_that_cannot_object_is_a_gap_and_no_rubber_stamp():
    of = line(f"a: {CLERK}", SIGN)
    assert not found("R7", of)
    assert found("D17", of).about("exception").about("sign")


def test_a_source_without_a_sample_is_a_gap_and_no_rubber_stamp():
    chance = 'probability: {value: 0.001, source: "register 2024"}'
    assert not reviewed(chance=chance)
    assert reviewed(chance=chance, rule="D17").about("sample").about("sign")
    assert not reviewed(rule="D17").about("sample")


def test_the_threshold_is_that_of_the_profile():
    of = line(f"a: {CLERK}", SIGN, transitions=f"- {{trigger: reject, source: sign, dest: a, {COUNTED}}}")
    assert not found("R7", of, profile=Profile(rubber_stamp=0.002))


@pytest.mark.parametrize(("seen", "of"), [(0, 50), (1, 50), (7, 300)])
def test_the_bound_is_what_would_be_exceeded_in_one_case_of_twenty(seen, of):
    from scipy.stats import binom

    assert binom.cdf(seen, of, upper_bound(seen, of)) == pytest.approx(0.05)
