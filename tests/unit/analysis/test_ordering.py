"""R12: the cheapest order of checks against brute force, and all that keeps an order."""

import datetime as dt
import itertools
import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procflow.analysis.knock_out import cheapest_order
from procflow.analysis.observed import observed_run
from procflow.analysis.profile import Profile
from procflow.analysis.registry import analyze
from procflow.logs import event_log
from procflow.logs.matching import match_activities
from tests.unit.analysis.inline import found, process

TAX = "department: tax, role: officer, data: complete"
FIRE = "department: fire, role: examiner, data: complete"
MARKET = "department: market_regulation, role: reviewer, data: complete"


@st.composite
def problems(draw):
    count = draw(st.integers(1, 5))
    costs = draw(st.lists(st.floats(0, 100), min_size=count, max_size=count))
    refusals = draw(st.lists(st.floats(0, 1), min_size=count, max_size=count))
    before = [draw(st.sets(st.integers(0, i - 1))) if i else set() for i in range(count)]
    return costs, refusals, before


def expected(order, costs, refusals):
    return sum(costs[i] * math.prod(1 - refusals[j] for j in order[:place]) for place, i in enumerate(order))


@settings(max_examples=200, deadline=None)
@given(problems())
def test_the_cheapest_order_is_that_of_brute_force(problem):
    costs, refusals, before = problem
    allowed = [
        order
        for order in itertools.permutations(range(len(costs)))
        if all(order.index(earlier) < order.index(later) for later, needs in enumerate(before) for earlier in needs)
    ]
    order = cheapest_order(costs, refusals, before)
    assert tuple(order) in allowed
    assert expected(order, costs, refusals) == pytest.approx(min(expected(o, costs, refusals) for o in allowed))


def test_an_order_that_is_as_good_is_left_as_it_is():
    assert cheapest_order([10, 10, 10], [0.2, 0.2, 0.2], [(), (), ()]) == [0, 1, 2]


def test_a_long_chain_of_dependent_checks_is_searched():
    chain = [{i - 1} if i else set() for i in range(30)]
    order = cheapest_order([*[30.0] * 30, 5.0], [*[0.0] * 30, 0.5], [*chain, set()])
    assert order == [30, *range(30)]


def test_too_many_orders_are_refused():
    with pytest.raises(ValueError, match="sets of checks"):
        cheapest_order([1.0] * 13, [0.1] * 13, [()] * 13)


def checks(*steps, more="", refused="kind: notice"):
    """Checks one after the other, each ``(name, refusal, fields)``, that refuse to one state and end."""
    names = [name for name, _, _ in steps]
    states = "\n".join(f"  - {{name: {name}, {fields}}}" for name, _, fields in steps)
    ways = "\n".join(
        f"  - {{trigger: go_{name}, source: {name}, dest: {after}}}\n"
        + (f"  - {{trigger: no_{name}, source: {name}, dest: refuse, probability: {p}}}" if p else "")
        for (name, p, _), after in zip(steps, [*names[1:], "granted"], strict=True)
    )
    return process(
        f"initial: {names[0]}\n{more}\nstates:\n{states}\n  - {{name: refuse, {MARKET}, work: 5 min, {refused}}}\n"
        "  - {name: granted, final: true}\n  - {name: refused, final: true}\n"
        f"transitions:\n{ways}\n  - {{trigger: told, source: refuse, dest: refused}}\n"
    )


def late(slow="", quick="", more="", refused="kind: notice", rule="R12", **profile):
    """A long check that hardly refuses before a short one that often does, tied together by a third."""
    of = checks(
        ("slow", 0.05, f"{TAX}, work: 5 h, kind: review, writes: [review.opinion]{slow}"),
        ("quick", 0.3, f"{FIRE}, work: 10 min, kind: review{quick}"),
        ("last", 0, f"{MARKET}, work: 10 min, kind: review, reads: [review.opinion]"),
        more=more,
        refused=refused,
    )
    return found(rule, of, profile=Profile(**profile))


def test_where_all_steps_are_independent_the_two_ways_are_one_finding():
    (serial,) = late(rule="R15")
    assert serial.names("state") == ("slow", "quick")
    (saved,) = [e for e in serial.evidence if hasattr(e, "value") and "in series" in e.name.get("en")]
    assert saved.value == pytest.approx((300 + 0.95 * 10) - (10 + 0.7 * 300))
    assert not late()


SCARCE = "department: fire, role: examiner, data: complete"


def scarce(slow="", quick="", more="", refused="kind: notice", rule="R12", **profile):
    """The same by one examiner, whom doing both at once does not help."""
    of = checks(
        ("slow", 0.05, f"{SCARCE}, work: 5 h, kind: review{slow}"),
        ("quick", 0.3, f"{SCARCE}, work: 10 min, kind: review{quick}"),
        ("last", 0, f"{MARKET}, work: 10 min, kind: review"),
        more=more,
        refused=refused,
    )
    return found(rule, of, profile=Profile(**profile))


def test_a_cheap_likely_refusal_after_a_long_check_is_late():
    (finding,) = scarce()
    assert finding.names("state") == ("slow", "quick")
    assert {c.kind: c.per_case for c in finding.cost}["minutes"] == pytest.approx(309.5 - 220)
    assert [r.operator for r in finding.remedies] == ["knock_out"]
    assert not scarce(rule="R15").about("slow")


@pytest.mark.parametrize(
    "ties",
    [
        {"slow": ", writes: [review.opinion]", "quick": ", reads: [review.opinion]"},
        {"more": "locks: [{first: {done: slow}, then: {enter: quick}, basis: some law}]"},
        {
            "slow": ", checks: [{of: person, criteria: a}]",
            "quick": ", checks: [{of: person, criteria: b, duty: four_eyes, basis: some law}]",
        },
        {"quick": ", milestone: true"},
        {"slow": ", writes: [review.opinion]", "refused": "kind: notice, reads: [review.opinion]"},
    ],
)
def test_data_law_authority_and_milestones_keep_the_order(ties):
    assert not scarce(**ties)


def test_what_is_not_declared_complete_is_not_moved():
    of = checks(
        ("slow", 0.05, f"{SCARCE.replace('complete', 'partial')}, work: 5 h, kind: review"),
        ("quick", 0.3, f"{SCARCE}, work: 10 min, kind: review"),
        ("last", 0, f"{MARKET}, work: 10 min, kind: review"),
    )
    assert not found("R12", of)


def test_an_order_that_makes_cases_wait_longer_is_not_proposed():
    assert not scarce(quick=", delay: 30 wd")
    assert scarce(slow=", delay: 30 wd")


def test_a_check_of_which_every_way_ends_the_case_stays_last():
    of = checks(
        ("slow", 0.05, f"{SCARCE}, work: 5 h, kind: review"),
        ("quick", 0.3, f"{SCARCE}, work: 10 min, kind: review"),
    )
    assert not found("R12", of), "nothing says which way out of the last one is its refusal"


def test_a_gain_below_the_threshold_is_silent():
    assert not scarce(knock_out_minutes=100)


def ran(of, refusals, count=400):
    """A log of cases of the process in which the two checks refused in other shares than it says, seen as a run."""
    begin = dt.datetime(2025, 3, 3, 1, tzinfo=dt.UTC)
    rows = []
    for case in range(count):
        at = begin + dt.timedelta(days=case)
        for name, refusal, minutes in zip(("slow", "quick", "last"), (*refusals, 0.0), (300, 10, 10), strict=True):
            refused = (case * 7 + 3) % 100 < 100 * refusal
            trigger = f"no_{name}" if refused else f"go_{name}"
            rows.append((str(case), name, at, at + dt.timedelta(minutes=minutes), trigger))
            at += dt.timedelta(minutes=minutes)
            if refused:
                rows.append((str(case), "refuse", at, at + dt.timedelta(minutes=5), "told"))
                break
    columns = ["case", "activity", "start", "end", "event_trigger"]
    log = event_log(pl.DataFrame(rows, schema=columns, orient="row"))
    return observed_run(log, of, match_activities(log, of))


def both():
    return checks(
        ("slow", 0.3, f"{SCARCE}, work: 5 h, kind: review"),
        ("quick", 0.05, f"{SCARCE}, work: 290 min, kind: review"),
        ("last", 0, f"{MARKET}, work: 10 min, kind: review"),
    )


def test_a_log_shows_a_late_refusal_that_the_definition_denies():
    assert not found("R12", both())
    (finding,) = analyze(both(), ran(both(), (0.05, 0.3)), rules=["R12"])
    assert finding.names("state") == ("slow", "quick")
    # of 400 cases the first check refuses 20, the second 100 of the other 380, in ten minutes; 280 come to the last
    now, then = (e for e in finding.evidence if hasattr(e, "value") and e.unit == "min")
    assert (now.n, now.value) == (280, pytest.approx(300 + 0.95 * 10 + 0.7 * 10))
    assert then.value == pytest.approx(10 + (1 - 100 / 380) * 300 + 0.7 * 10)
    assert "measured" in finding.cost[0].basis.get("en")


def test_a_log_denies_a_late_refusal_that_the_definition_assumes():
    of = checks(
        ("slow", 0.05, f"{SCARCE}, work: 5 h, kind: review"),
        ("quick", 0.3, f"{SCARCE}, work: 10 min, kind: review"),
        ("last", 0, f"{MARKET}, work: 10 min, kind: review"),
    )
    assert found("R12", of)
    assert not analyze(of, ran(of, (0.3, 0.0)), rules=["R12"])


def test_few_cases_leave_the_word_to_the_definition():
    (finding,) = analyze(both(), ran(both(), (0.05, 0.3), count=20), rules=["R12"]) or (None,)
    assert finding is None
