"""H1 and H2: expected handoffs and bounces against closed forms and counted ones, and their traps."""

from typing import Any

import handmade as hm
import numpy as np
import pytest

from procflow.analysis.finding import Measurement
from procflow.analysis.handoffs import flows
from procflow.analysis.profile import Profile
from procflow.analysis.registry import Context, analyze


def found(of: Any, rule: str, run: Any = None, **profile: Any) -> Any:
    return analyze(of, run, rules=[rule], profile=Profile(**profile))


def number(finding: Any, words: str) -> float:
    return next(e.value for e in finding.evidence if isinstance(e, Measurement) and words in e.name.get("en"))


def expected(of: Any, axis: str = "department") -> float:
    findings = [f for f in found(of, "H1", handoffs_per_case=1e-9) if f.names("process") == (f"permit:{axis}",)]
    return number(findings[0], "definition") if findings else 0.0


def path(*departments: str, **facts: Any) -> Any:
    names = [f"s{n}" for n in range(len(departments))]
    states = [hm.state(n, d) for n, d in zip(names, departments, strict=True)]
    for name, changed in facts.items():
        states[names.index(name)].update(changed)
    return hm.process(
        [*states, hm.state("end")], [hm.go(a, b) for a, b in zip(names, [*names[1:], "end"], strict=True)]
    )


# --- H1, handoffs by axis ---


def test_expected_handoffs_of_a_line_are_its_changes_of_department() -> None:
    assert expected(path("a", "a", "b", "c", "a")) == pytest.approx(3)
    assert expected(path("a", "a", "b", "c", "a"), "level") == pytest.approx(2)


def test_the_applicant_in_between_changes_nothing() -> None:
    assert expected(path("a", "applicant", "a")) == 0
    assert expected(path("a", "applicant", "b")) == pytest.approx(1)


def test_a_choice_weighs_handoffs_with_its_probability() -> None:
    states = [hm.state("s", "a"), hm.state("t", "b"), hm.state("u", "a"), hm.state("end")]
    ways = [hm.go("s", "t", probability=0.3), hm.go("s", "u"), hm.go("t", "end", "x"), hm.go("u", "end", "y")]
    assert expected(hm.process(states, ways)) == pytest.approx(0.3)


def test_a_loop_by_way_of_the_applicant_passes_on_by_whom_it_was_sent() -> None:
    # a → applicant → a with 0.5 each time, then b: exactly one handoff however often it loops
    states = [hm.state("s", "a"), hm.state("fix", "applicant"), hm.state("t", "b"), hm.state("end")]
    ways = [hm.go("s", "fix", probability=0.5), hm.go("s", "t"), hm.go("fix", "s"), hm.go("t", "end")]
    assert expected(hm.process(states, ways)) == pytest.approx(1)


def test_a_fork_and_join_cost_as_many_handoffs_as_the_steps_in_a_row() -> None:
    regions = [
        {"name": n, "initial": "check", "states": [hm.state("check", n), hm.state("ok")],
         "transitions": [hm.go("check", "ok")]} for n in ("b", "c")
    ]  # fmt: skip
    states = [hm.state("s", "a"), {"name": "joint", "regions": regions}, hm.state("t", "a"), hm.state("end")]
    of = hm.process(states, [hm.go("s", "joint"), hm.go("joint", "t"), hm.go("t", "end")])
    assert expected(of) == pytest.approx(expected(path("a", "b", "c", "a"))) == pytest.approx(3)


def test_another_system_at_the_same_desk_is_no_handoff() -> None:
    of = path("a", "a", s0={"system": "x"}, s1={"system": "y"})
    assert expected(of, "system") == 0


def test_few_handoffs_are_silent() -> None:
    assert not found(path("a", "b", "a"), "H1")
    assert found(path("a", "b", "a", "b", "a"), "H1")


def test_a_run_counts_the_handoffs_that_happened() -> None:
    of = path("a", "b", "a", "b", "a")
    rows = hm.chain(*((f"s{n}", n, n + 1) for n in range(5)))
    (finding,) = found(of, "H1", hm.run(of, rows))
    assert number(finding, "per case") == 4


# --- H2, ping-pong ---

SILENT = {"data": "complete"}


def loop(p: float, back: dict[str, Any] | None = None, **facts: Any) -> Any:
    """a sends to b, which sends back with probability p each time."""
    states = [hm.state("s", "a"), hm.state("t", "b", **{**SILENT, **facts}), hm.state("end")]
    ways = [hm.go("s", "t"), hm.go("t", "s", "back", probability=p, **(back or {})), hm.go("t", "end")]
    return hm.process(states, ways)


@pytest.mark.parametrize("p", [0.1, 0.3, 0.5])
def test_expected_bounces_of_a_loop_are_p_over_one_minus_p(p: float) -> None:
    (finding,) = found(loop(p), "H2")
    assert number(finding, "definition") == pytest.approx(p / (1 - p), abs=1e-6)
    assert finding.names("department") == ("a", "b")


def test_the_cost_of_a_bounce_is_the_time_at_the_other_department() -> None:
    (finding,) = found(loop(0.5), "H2")
    assert finding.cost[0].per_case == pytest.approx(1 / 8, abs=1e-6)


@pytest.mark.parametrize(
    "facts",
    [
        {"writes": ["opinion"]},
        {"issues": ["letter"]},
        {"checks": [{"of": "business", "criteria": ["zoning"]}]},
        {"data": "partial"},
    ],
)
def test_a_department_that_adds_something_or_does_not_say_is_consulted(facts: dict[str, Any]) -> None:
    assert not found(loop(0.5, **facts), "H2")


def test_a_return_that_says_what_it_rejects_is_no_ping_pong() -> None:
    assert not found(loop(0.5, back={"rejects": ["business.name"]}), "H2")


def test_rare_bounces_are_silent() -> None:
    assert not found(loop(0.05), "H2")


def test_to_and_fro_over_several_silent_states_is_found() -> None:
    of = path("a", "b", "b", "a", s1=SILENT, s2=SILENT)
    (finding,) = found(of, "H2")
    assert finding.names("state") == ("s1", "s2")
    assert not found(path("a", "b", "b", "a", s1=SILENT, s2={**SILENT, "writes": ["x"]}), "H2")


def test_a_run_counts_the_bounces_that_happened() -> None:
    of = loop(0.5)
    visits = [("s", 0, 1), ("t", 1, 2), ("s", 2, 3), ("t", 3, 4), ("s", 4, 5), ("t", 5, 6)]
    once = hm.chain(("s", 0, 1), ("t", 1, 2), case=1)
    (finding,) = found(of, "H2", hm.run(of, [*hm.chain(*visits), *once]))
    assert number(finding, "bounces per case") == 1.0  # two of the first case, none of the second


def test_expected_pairs_agree_with_random_walks() -> None:
    """Brute force: 4,000 walks through a loop by way of the applicant; the mean is within 4 standard errors."""
    states = [hm.state("s", "a"), hm.state("fix", "applicant"), hm.state("t", "b"), hm.state("u", "c"), hm.state("end")]
    ways = [hm.go("s", "t", probability=0.6), hm.go("s", "fix"), hm.go("fix", "t", "tt", probability=0.3),
            hm.go("fix", "s"), hm.go("t", "s", "back", probability=0.25), hm.go("t", "u"),
            hm.go("u", "end")]  # fmt: skip
    of = hm.process(states, ways)
    rng, counts = np.random.default_rng(5), []
    for _ in range(4000):
        at, last, count = "s", "a", 0
        while at != "end":
            owner = {"s": "a", "t": "b", "u": "c"}.get(at)
            count += owner is not None and owner != last
            last, u = owner or last, rng.random()
            at = {"s": "t" if u < 0.6 else "fix", "fix": "t" if u < 0.3 else "s", "t": "s" if u < 0.25 else "u",
                  "u": "end"}[at]  # fmt: skip
        counts.append(count)
    known = flows(Context(of))
    assert known is not None
    error = 4 * float(np.std(counts)) / len(counts) ** 0.5
    assert expected(of) == pytest.approx(float(np.mean(counts)), abs=error)


def test_as_many_ways_through_another_department_as_there_are_atoms_take_no_time() -> None:
    """Thirty choices in a row: 2**30 ways to and fro, all of which add nothing."""
    states, ways, before = [hm.state("a", "a", writes=["x.y"], data="complete")], [], "a"
    for number in range(30):
        left, right, met = (f"{side}{number}" for side in ("left", "right", "met"))
        states += [hm.state(name, "b", data="complete") for name in (left, right, met)]
        ways += [hm.go(before, left, probability=0.5), hm.go(before, right, probability=0.5)]
        ways += [hm.go(left, met), hm.go(right, met)]
        before = met
    states += [hm.state("home", "a", data="complete"), hm.state("end")]
    of = hm.process(states, [*ways, hm.go(before, "home"), hm.go("home", "end")])
    (finding,) = analyze(of, rules=["H2"])
    assert len(finding.names("state")) == 90
    assert finding.evidence[-1].value == pytest.approx(1)
    assert len(finding.evidence[0].steps) == 62
