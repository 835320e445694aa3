"""T4, T6, T8, T11, T14, T17, T18, D24 from runs; and what definitions say beforehand against what a run measures."""

from typing import Any

import handmade as hm
import polars as pl
import pytest
from test_timing_definition import meeting, proof, sitting

import procflow as pf
from procflow.analysis.finding import Measurement
from procflow.analysis.profile import Profile
from procflow.analysis.registry import analyze
from procflow.analysis.timing.lateness import lateness
from procflow.analysis.working_clock import WorkingClock
from procflow.errors import ProcflowWarning
from procflow.units import Span

ACCEPT = {"start": {"fire": "accept"}, "stop": {"fire": "done"}}


def at(day: int, hour: float = 10) -> float:
    """Hours since Monday 2025-03-03 00:00."""
    return 24 * day + hour


def found(of: Any, run: Any, rule: str, **profile: Any) -> Any:
    return analyze(of, run, rules=[rule], profile=Profile(**profile))


def number(finding: Any, words: str) -> float:
    return next(e.value for e in finding.evidence if isinstance(e, Measurement) and words in e.name.get("en"))


# --- T8 and T11, lateness ---


def decision(**limit: Any) -> Any:
    states = [hm.state("intake", "a"), hm.state("review", "b"), hm.state("end")]
    ways = [hm.go("intake", "review", "accept"), hm.go("review", "end", "done")]
    return hm.process(states, ways, limits={"decision": {"statutory": "5 wd", **ACCEPT, **limit}})


def decided(of: Any, *days: float, open_cases: int = 0) -> Any:
    """A run of cases accepted on the first Monday whose review ends so many days later."""
    rows = []
    for case, day in enumerate(days):
        visits = hm.chain(("intake", at(0), at(0, 11)), ("review", at(0, 11), at(0, 11) + 24 * day), case=case)
        visits[0]["trigger"], visits[1]["trigger"] = "accept", "done"
        rows += visits
    first_open = len(days) - open_cases
    for row in rows:
        if row["case"] >= first_open and row["state"] == "review":
            row.update({"end": "cut", "contention": row["exit"] - row["enter"], "exit": None, "arrive": None,
                        "dest": None, "trigger": None})  # fmt: skip
    return hm.run(of, rows, open_cases={(0, case) for case in range(first_open, len(days))})


def test_the_share_of_late_cases_is_counted_by_the_statutory_clock() -> None:
    # seven days later is Monday again: 5 working days, in time; eight days are 6
    of = decision()
    (finding,) = found(of, decided(of, 7, 7, 7, 8), "T8")
    assert number(finding, "beyond the statutory") == 0.25
    assert finding.cost[0].per_case == pytest.approx(0.25)
    assert not found(of, decided(of, 7, 7, 7, 8), "T8", late_share=0.3)
    assert not found(of, decided(of, 1, 2, 7, 7), "T8")


def test_law_and_promise_are_told_in_one_finding() -> None:
    of = decision(promised="3 wd")
    (finding,) = found(of, decided(of, 1, 1, 4, 8), "T8")
    assert number(finding, "statutory") == 0.25
    assert number(finding, "promise") == 0.5
    assert "and 50% of the cases exceed the promise" in finding.statement.get("en")


def test_open_cases_count_as_far_as_they_are_known() -> None:
    # Kaplan and Meier by hand: at 2 days one of four ends, one is left open at 3; at 8 days (6 working days) both
    # others end: the limit of 5 is survived by 3/4 of all, where counting the ended ones alone says 2 of 3
    of = decision()
    (finding,) = found(of, decided(of, 2, 8, 8, 3, open_cases=1), "T8")
    assert number(finding, "beyond the statutory") == pytest.approx(0.75)
    assert number(finding, "still open") == 1


def test_a_censored_share_needs_a_known_case() -> None:
    schema = {"statutory_kept": pl.Boolean, "censored": pl.Boolean, "net": pl.Float64, "replication": pl.Int32}
    rows = pl.DataFrame({"statutory_kept": [None], "censored": [True], "net": [1.0], "replication": [0]}, schema=schema)
    assert lateness(rows, "statutory", Span(5, "wd")) is None


def test_a_warning_belongs_where_most_cases_are_when_it_is_due() -> None:
    # 80 % of 5 working days is the end of Friday: two cases of four are still in review then
    of = decision()
    (finding,) = found(of, decided(of, 1, 2, 7, 8), "T11")
    assert finding.names("state") == ("review",)
    assert number(finding, "come near") == 0.5
    assert not found(of, decided(of, 1, 1, 1, 1), "T11")


def test_suspended_time_brings_no_warning_nearer() -> None:
    of = decision(suspend=[{"in": "review", "cause": "expert review"}])
    assert not found(of, decided(of, 7, 7, 7, 8), "T11")


def test_a_clock_that_mostly_stands_still_is_off_the_clock() -> None:
    of = decision(suspend=[{"in": "review", "cause": "expert review"}])
    (finding,) = found(of, decided(of, 7, 7, 7, 8), "D24")
    assert number(finding, "share of suspended") > 0.5
    assert number(finding, "suspended for expert review") == 5.25  # five working days three times, and six
    assert not found(decision(), decided(decision(), 7, 8), "D24")


def test_a_run_into_years_without_known_holidays_skips_what_counts_by_them_and_tells_the_rest() -> None:
    states = [hm.state("intake", "a"), hm.state("review", "b"), hm.state("end")]
    ways = [hm.go("intake", "review"), hm.go("review", "end")]
    limits = {"decision": {"statutory": "5 wd", "start": {"enter": "intake"}, "stop": {"exit": "review"}}}
    of = hm.process(states, ways, limits=limits)
    rows = hm.chain(("intake", at(0), at(0)), ("review", at(0), at(7)))
    rows[1]["contention"] = 100
    rules = ["T2", "T8", "T11", "D24"]
    later = analyze(of, hm.run(of, rows, start="2027-03-01"), rules=rules, profile=Profile(time_gap_wd=0.5))
    assert later.skipped == ("T8", "T11", "D24")
    assert "2027" in later.reasons["T8"].get("en")
    assert later.of("T2")


# --- T14, waiting for the slowest ---


def forked(join: Any = "all") -> Any:
    regions = [
        {"name": n, "initial": "check", "transitions": [hm.go("check", "ok")],
         "states": [hm.state("check", n), hm.state("ok")]} for n in ("a", "b")
    ]  # fmt: skip
    states = [{"name": "joint", "regions": regions, "join": join}, hm.state("end")]
    return hm.process(states, [hm.go("joint", "end")])


def joined(of: Any, *ends: tuple[float, float]) -> Any:
    rows = []
    for case, pair in enumerate(ends):
        for name, end in zip("ab", pair, strict=True):
            row = hm.chain(
                (f"joint/{name}/check", at(0), end), case=case, token=f"joint/{name}", dest=f"joint/{name}/ok"
            )
            row[0]["sync"] = max(pair) - end
            rows += row
    return hm.run(of, rows)


def test_the_region_that_all_others_wait_for_is_told_with_what_it_costs() -> None:
    of = forked()
    run = joined(of, (at(1), at(4)), (at(1), at(8)), (at(2), at(1)))
    (finding,) = found(of, run, "T14", join_wd=1.0)
    # Tuesday to Friday and to Tuesday a week later: 3 and 5 working days, in the mean of three cases 8/3
    assert finding.cost[0].per_case == pytest.approx(8 / 3)
    assert number(finding, "b is the last") == pytest.approx(200 / 3)
    assert number(finding, "a waits for the others") == pytest.approx(8 / 3)
    assert number(finding, "b waits for the others") == pytest.approx(1 / 3)


def test_regions_of_like_speed_and_weekends_are_silent() -> None:
    of = forked()
    assert not found(of, joined(of, (at(4, 16), at(7, 10)), (at(7, 10), at(4, 16))), "T14", join_wd=0.5)


def test_a_join_that_need_not_wait_for_all_is_silent() -> None:
    of = forked("any")
    assert not found(of, joined(of, (at(1), at(8))), "T14", join_wd=0.1)


# --- T18, load imbalance ---


def loads(*rows: tuple[str, str, str, float], staff: Any = ()) -> Any:
    table = [
        {"replication": 0, "department": department, "group": f"{department}.{group}", "office": office, "people": 1,
         "on_duty_us": 1000, "busy_us": round(1000 * used), "utilization": used}
        for department, group, office, used in rows
    ]  # fmt: skip
    first, *others = hm.ORGANIZATION["departments"]
    changed = {"departments": [{**first, "staff": list(staff)}, *others]} if staff else {}
    if staff:
        changed["departments"][0]["roles"] = [{"name": "clerk"}, {"name": "expert"}]
    of = hm.process([hm.state("intake", "a"), hm.state("end")], [hm.go("intake", "end")], organization=changed)
    return of, hm.run(of, hm.chain(("intake", 9, 10)), staff=table)


def test_an_overloaded_office_beside_an_idle_one_is_told() -> None:
    of, run = loads(("a", "clerk", "east", 0.95), ("a", "clerk", "west", 0.3), ("a", "clerk", "north", 0.45))
    (finding,) = found(of, run, "T18")
    assert finding.names("role") == ("a.clerk (east)", "a.clerk (west)")


def test_departments_have_different_powers() -> None:
    assert not found(*loads(("a", "clerk", "", 0.95), ("b", "clerk", "", 0.3)), "T18")


def test_groups_with_a_role_in_common_do_like_work_and_specialists_do_not() -> None:
    shared = ({"name": "x", "roles": ["clerk"], "count": 1}, {"name": "y", "roles": ["clerk", "expert"], "count": 1})
    assert found(*loads(("a", "x", "", 0.95), ("a", "y", "", 0.3), staff=shared), "T18")
    apart = ({"name": "x", "roles": ["clerk"], "count": 1}, {"name": "y", "roles": ["expert"], "count": 1})
    assert not found(*loads(("a", "x", "", 0.95), ("a", "y", "", 0.3), staff=apart), "T18")


# --- T17, unstable ---


def queue(rate: str, days: int = 120) -> Any:
    of = hm.process([hm.state("intake", "a"), hm.state("end")], [hm.go("intake", "end")])
    return of, pf.simulate(of, pf.Scenario(arrivals=rate, days=days, warmup_days=20, replications=4, seed=3))


def test_more_work_than_a_day_has_is_unstable_and_its_people_are_named() -> None:
    with pytest.warns(ProcflowWarning):
        of, run = queue("12 per wd")
    (finding,) = found(of, run, "T17")
    assert finding.names("role") == ("a.clerk",)
    assert number(finding, "offered load") == pytest.approx(12 / 8, rel=0.02)
    assert number(finding, "change of work") > 0


def test_a_busy_process_that_keeps_up_is_stable() -> None:
    assert not found(*queue("6 per wd"), "T17")


def test_the_cases_of_a_year_are_more_than_the_people_of_the_definition_can_do() -> None:
    def yearly(**facts: Any) -> Any:
        return hm.process([hm.state("intake", "a"), hm.state("end")], [hm.go("intake", "end")], **facts)

    # an hour each on about 248 days of eight hours
    (finding,) = found(yearly(cases_per_year=3000), None, "T17")
    assert finding.names("role") == ("a.clerk",)
    assert number(finding, "offered load") == pytest.approx(3000 / (248 * 8), rel=0.02)
    assert number(finding, "cases of a year") == 3000
    assert not found(yearly(cases_per_year=1800), None, "T17")
    assert not found(yearly(), None, "T17")


# --- what definitions say beforehand, and what a run measures ---


def simulated(of: Any, **more: Any) -> Any:
    plan = pf.Scenario(arrivals="4 per wd", days=400, replications=6, seed=11, unlimited_staff=True, **more)
    return pf.simulate(of, plan)


def test_the_cut_off_from_the_definition_is_what_a_run_measures() -> None:
    of = sitting(cutoff="1 wd")
    (before,) = found(of, None, "T6")
    (after,) = found(of, simulated(of), "T6")
    assert number(after, "missed the next") == pytest.approx(number(before, "miss the next"), abs=0.02)
    assert number(after, "wait of those that") == pytest.approx(number(before, "wait of those"), rel=0.08)


def test_the_wait_for_the_takers_hours_from_the_definition_is_what_a_run_measures() -> None:
    of = meeting("tuesdays")
    (before,) = found(of, None, "T5")
    rows = simulated(of).events.filter(pl.col("state") == "review")
    clock = WorkingClock.of(of.organization, "office", pf.Scenario(arrivals="1 per wd").start, 800)
    waits = clock.days_between(rows["enter_us"].to_numpy(), rows["start_us"].to_numpy())
    # public holidays on Tuesdays, which the ordinary week has not, make the measured wait longer
    assert waits.mean() == pytest.approx(before.cost[0].per_case, rel=0.12)


def test_proofs_expire_in_the_share_of_cases_that_a_run_shows() -> None:
    of = proof("21 d")
    run = simulated(of)
    (finding,) = found(of, run, "T4")
    assert 0 < number(finding, "share of uses") < 1
    assert not found(proof("60 d"), run, "T4")
