"""R10 and R13, which need a run, and what H3, H4, H9, R16 and R22 count in one; rows are written by hand."""

from typing import Any

import handmade as hm
import pytest

from procflow.analysis.finding import Measurement
from procflow.analysis.profile import Profile
from procflow.analysis.registry import analyze


def found(of: Any, rule: str, run: Any, **profile: Any) -> Any:
    return analyze(of, run, rules=[rule], profile=Profile(**profile))


def number(finding: Any, words: str) -> Measurement:
    return next(e for e in finding.evidence if isinstance(e, Measurement) and words in e.name.get("en"))


# --- R10, constant branches ---


def sorting(cases: int = 800, rare: int = 0, **way: Any) -> Any:
    """Cases that a desk sorts: most straight to b, ``rare`` of them through a special review."""
    states = [
        hm.state("sort", "a", kind="dispatch", data="complete"),
        hm.state("special", "b"),
        hm.state("usual", "b"),
        hm.state("end"),
    ]
    ways = [
        hm.go("sort", "special", probability=0.001, **way),
        hm.go("sort", "usual"),
        hm.go("special", "usual"),
        hm.go("usual", "end"),
    ]
    of = hm.process(states, ways)
    rows = []
    for case in range(cases):
        middle = [("special", 1, 2)] if case < rare else []
        rows += hm.chain(("sort", 0, 1), *middle, ("usual", 2, 3), case=case)
    return of, hm.run(of, rows)


def test_a_branch_that_no_case_takes_is_told_with_its_bound_and_what_sorting_costs() -> None:
    (finding,) = found(*swap(sorting(), "R10"))
    assert finding.names("state") == ("sort",)
    share = number(finding, "share")
    assert (share.value, share.n) == (0, 800)
    assert share.high == pytest.approx(1 - 0.05 ** (1 / 800))
    assert {c.kind: c.per_case for c in finding.cost}["minutes"] == pytest.approx(60)


def swap(pair: Any, rule: str) -> tuple[Any, str, Any]:
    return pair[0], rule, pair[1]


def test_few_cases_prove_nothing_and_some_uses_are_enough() -> None:
    assert not found(*swap(sorting(cases=100), "R10"))
    assert not found(*swap(sorting(rare=5), "R10"))


@pytest.mark.parametrize("excuse", [{"emergency": True}, {"basis": "some law"}, {"rejects": ["x.y"]}])
def test_emergencies_rights_and_returns_stay_open_however_rare(excuse: dict[str, Any]) -> None:
    assert not found(*swap(sorting(**excuse), "R10"))


def test_a_branch_is_told_also_where_cases_may_come_to_it_again_and_a_way_back_is_none() -> None:
    states = [hm.state(name, "a") for name in ("start", "sort", "special", "usual")]
    ways = [
        hm.go("start", "sort"),
        hm.go("sort", "special", probability=0.0001),
        hm.go("sort", "usual"),
        hm.go("special", "usual"),
        hm.go("usual", "start", probability=0.0001),
        hm.go("usual", "end"),
    ]
    of = hm.process([*states, hm.state("end")], ways)
    rows = []
    for case in range(800):
        rows += hm.chain(("start", 0, 1), ("sort", 1, 2), ("usual", 2, 3), case=case)
    assert [finding.names("state") for finding in found(of, "R10", hm.run(of, rows))] == [("sort",)]


def test_a_refusal_stays_open_however_rare() -> None:
    states = [hm.state("s", "a"), hm.state("granted"), hm.state("refused")]
    of = hm.process(states, [hm.go("s", "refused", probability=0.001), hm.go("s", "granted")])
    rows = [row for case in range(800) for row in hm.chain(("s", 0, 1), case=case, dest="granted")]
    assert not found(of, "R10", hm.run(of, rows))


# --- R13, rework ---


def looping(back: dict[str, Any] | None = None, rounds: int = 1) -> Any:
    states = [hm.state("s", "a"), hm.state("t", "b"), hm.state("end")]
    ways = [hm.go("s", "t"), hm.go("t", "s", probability=0.5, **(back or {})), hm.go("t", "end")]
    of = hm.process(states, ways)
    visits = [(name, 2.0 * n + k, 2.0 * n + k + 1) for n in range(rounds + 1) for k, name in enumerate("st")]
    return of, hm.run(of, [*hm.chain(*visits), *hm.chain(("s", 0, 1), ("t", 1, 2), case=1)])


def test_rework_is_counted_and_priced_by_what_was_done_again() -> None:
    (finding,) = found(*swap(looping(rounds=3), "R13"))
    assert finding.names("state") == ("s", "t")
    assert [number(finding, name).value for name in ("of s", "of t")] == [1.5, 1.5]
    assert {c.kind: c.per_case for c in finding.cost}["minutes"] == pytest.approx(3 * 2 * 60 / 2)


def test_lawful_instalments_are_no_rework() -> None:
    assert not found(*swap(looping({"instalment": "art. 8"}, rounds=3), "R13"))


def correcting(internal: int, corrections: int) -> Any:
    """s → t, which returns to the applicant (then s again), or sends back to s itself."""
    states = [hm.state("s", "a"), hm.state("t", "b"), hm.state("fix", "applicant", kind="correction", visits=1),
              hm.state("end")]  # fmt: skip
    ways = [hm.go("s", "t"), hm.go("t", "fix", probability=0.3), hm.go("t", "s", probability=0.3),
            hm.go("fix", "s", "resubmit"), hm.go("t", "end")]  # fmt: skip
    of = hm.process(states, ways)
    names = ["s", "t", *["fix", "s", "t"] * corrections, *["s", "t"] * internal]
    return of, hm.run(of, hm.chain(*((name, n, n + 1) for n, name in enumerate(names))))


def test_corrections_are_not_counted_as_rework_and_rework_not_as_corrections() -> None:
    assert not found(*swap(correcting(0, 2), "R13"))
    (finding,) = found(*swap(correcting(2, 1), "R13"))
    assert number(finding, "of s").value == 2


# --- returns, turns, shares of work in a run ---


def test_a_run_counts_returns_and_those_after_the_first() -> None:
    of, run = correcting(1, 3)
    (finding,) = found(of, "H3", run)
    assert number(finding, "share").value == 1
    assert number(finding, "returns per case").value == 3
    assert number(finding, "further").value == 2
    costs = {c.kind: c.per_case for c in finding.cost}
    assert costs["visits"] == 3
    assert costs["minutes"] == pytest.approx(3 * 60), "what is looked at anew, not the corrections of the applicant"


def test_a_run_counts_turns_between_levels_along_each_case() -> None:
    names = [f"s{n}" for n in range(4)]
    states = [*(hm.state(n, d) for n, d in zip(names, "acac", strict=True)), hm.state("end")]
    of = hm.process(states, [hm.go(a, b) for a, b in zip(names, [*names[1:], "end"], strict=True)])
    run = hm.run(of, hm.chain(*((name, 10 + 2 * n, 11 + 2 * n) for n, name in enumerate(names))))
    (finding,) = found(of, "H4", run)
    assert finding.cost[0].per_case == pytest.approx(2 / 8), "two turns, an hour on the way each"
    assert number(finding, "turns").value == 2
    assert finding.names("state") == ("s1", "s2", "s3")


def test_a_run_measures_who_works_and_how_decisions_go() -> None:
    states = [hm.state("work", "a"), hm.state("decide", "c", kind="decision"), hm.state("yes"), hm.state("no")]
    ways = [hm.go("work", "decide"), hm.go("decide", "yes", probability=0.5), hm.go("decide", "no")]
    of = hm.process(states, ways)

    def decided(refusals: int) -> Any:
        rows = []
        for case in range(20):
            dest = "no" if case < refusals else "yes"
            rows += hm.chain(("work", 0, 9), ("decide", 9, 10), case=case, dest=dest)
        return hm.run(of, rows)

    (finding,) = found(of, "H9", decided(1))
    assert number(finding, "share of the work").value == pytest.approx(0.9)
    assert (number(finding, "usual way").value, number(finding, "usual way").n) == (0.95, 20)
    assert not found(of, "H9", decided(8))


def test_a_run_says_which_region_came_last() -> None:
    regions = [
        {"name": n, "initial": "check", "states": [hm.state("check", **who), hm.state("ok")],
         "transitions": [hm.go("check", "ok")]}
        for n, who in (("survey", {"actor": "external", "delay": "1 h"}), ("review", {"department": "b"}))
    ]  # fmt: skip
    regions[0]["states"][0].pop("final")
    of = hm.process([{"name": "joint", "regions": regions}, hm.state("end")], [hm.go("joint", "end")])

    def ran(survey: float, review: float) -> Any:
        rows = []
        for token, hours in (("survey", survey), ("review", review)):
            (row,) = hm.chain((f"joint/{token}/check", 0, hours), token=f"joint/{token}", dest=f"joint/{token}/ok")
            rows.append({**row, "sync": max(survey, review) - hours})
        return hm.run(of, rows)

    (finding,) = found(of, "R22", ran(5, 2))
    assert number(finding, "wait for it").value == 1
    assert not found(of, "R22", ran(2, 5))
