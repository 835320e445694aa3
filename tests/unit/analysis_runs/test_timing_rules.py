"""T2, T3, T7, T12: what each finds, what it costs, and the traps that it must not fall into."""

from dataclasses import replace
from typing import Any

import handmade as hm
import pytest

from procflow.analysis.finding import Measurement
from procflow.analysis.profile import Profile
from procflow.analysis.registry import analyze

WEEKLY = {"every": "weekly wed 09:00"}


def at(day: int, hour: float = 10) -> float:
    """Hours since Monday 2025-03-03 00:00."""
    return 24 * day + hour


def serial(*states: dict[str, Any], **facts: Any) -> Any:
    ways = [hm.go(a["name"], b["name"]) for a, b in zip(states, [*states[1:], {"name": "end"}], strict=True)]
    for trigger, changed in facts.pop("ways", {}).items():
        next(way for way in ways if way["trigger"] == trigger).update(changed)
    return hm.process([*states, hm.state("end")], ways, **facts)


def found(of: Any, rule: str, run: Any = None, **profile: Any) -> Any:
    return analyze(of, run, rules=[rule], profile=Profile(**profile))


def number(finding: Any, words: str) -> float:
    return next(e.value for e in finding.evidence if isinstance(e, Measurement) and words in e.name.get("en"))


# --- T3, the frequency gap ---


def test_a_weekly_sitting_costs_half_a_week() -> None:
    (finding,) = found(serial(hm.state("intake", "a"), hm.state("visit", "b", batch=WEEKLY)), "T3")
    assert number(finding, "definition") == pytest.approx(2.5, rel=1e-9)
    assert number(finding, "twice") == pytest.approx(1.25, rel=1e-9)
    assert finding.cost[0].per_case == pytest.approx(2.5, rel=1e-9)
    assert finding.names("state") == ("visit",)


def test_the_cost_counts_expected_visits() -> None:
    states = [hm.state("intake", "a"), hm.state("visit", "b", batch=WEEKLY), hm.state("end")]
    ways = [hm.go("intake", "visit", probability=0.2), hm.go("intake", "end"), hm.go("visit", "end", "over")]
    (finding,) = found(hm.process(states, ways), "T3")
    assert finding.cost[0].per_case == pytest.approx(0.5, rel=1e-9)


def test_states_without_sittings_are_silent() -> None:
    assert not found(serial(hm.state("intake", "a"), hm.state("visit", "b")), "T3")


def test_a_sitting_in_phase_with_the_one_before_is_silent() -> None:
    first = hm.state("meeting", "a", batch=WEEKLY, work="30 min")
    second = hm.state("signing", "b", batch={"every": "weekly wed 11:00"})
    assert [f.names("state") for f in found(serial(first, second), "T3")] == [("meeting",)]


def test_a_sitting_just_missed_by_the_one_before_costs_a_whole_period() -> None:
    first = hm.state("meeting", "a", batch=WEEKLY, work="3 h")
    second = hm.state("signing", "b", batch={"every": "weekly wed 11:00"})
    findings = found(serial(first, second), "T3")
    assert number(findings.about("signing")[0], "definition") == pytest.approx(5 - 1 / 8)


def test_a_courier_into_a_sitting_is_enumerated() -> None:
    of = serial(
        hm.state("intake", "a"),
        hm.state("visit", "b", batch=WEEKLY),
        ways={"to_visit": {"transfer": {"every": "daily 16:00"}}},
    )
    (finding,) = found(of, "T3")
    assert number(finding, "definition") == pytest.approx(2.125, rel=1e-9)


def test_a_rare_courier_is_a_gap_itself() -> None:
    of = serial(
        hm.state("intake", "a"), hm.state("visit", "b"), ways={"to_visit": {"transfer": {"every": "weekly fri 16:00"}}}
    )
    (finding,) = found(of, "T3")
    assert finding.names("transition") == ("intake --to_visit→ visit",)


def test_the_run_decides_where_there_is_one() -> None:
    of = serial(hm.state("intake", "a"), hm.state("visit", "b", batch=WEEKLY))
    rows = hm.chain(("intake", at(0), at(1)), ("visit", at(1), at(2, 12)))
    rows[1]["batch"] = 23  # Tuesday 10:00 to Wednesday 09:00: seven working hours
    (finding,) = found(of, "T3", hm.run(of, rows), frequency_gap_wd=0.5)
    assert number(finding, "measured") == pytest.approx(7 / 8)
    assert finding.cost[0].per_case == pytest.approx(7 / 8)
    assert not found(of, "T3", hm.run(of, rows), frequency_gap_wd=1.0)


# --- T2, the time gap ---


def queued(wait_from: float, wait_to: float, **more: Any) -> Any:
    of = serial(hm.state("intake", "a"), hm.state("review", "b"))
    rows = hm.chain(("intake", 9, wait_from), ("review", wait_from, wait_to + 1))
    rows[1].update({"contention": wait_to - wait_from, **more})
    return of, hm.run(of, rows)


def test_waiting_between_two_steps_is_counted_on_the_working_clock() -> None:
    of, run = queued(at(0), at(2))
    (finding,) = found(of, "T2", run)
    assert number(finding, "mean wait") == 2.0
    assert finding.cost[0].per_case == 2.0
    assert finding.names("state") == ("intake", "review")


def test_a_night_is_no_time_gap() -> None:
    of, run = queued(at(0, 17), at(1, 9))
    assert not found(of, "T2", run, time_gap_wd=0.01)


def test_a_weekend_is_no_time_gap() -> None:
    of, run = queued(at(4, 16), at(7, 10))
    (finding,) = found(of, "T2", run, time_gap_wd=0.1)
    assert number(finding, "mean wait") == 0.25


def test_the_wait_for_a_sitting_is_the_frequency_gaps() -> None:
    of, run = queued(at(0), at(2), contention=0, batch=48)
    assert not found(of, "T2", run)


def test_the_applicants_own_wait_is_no_time_gap() -> None:
    of = serial(hm.state("intake", "a"), hm.state("answer", "applicant"))
    rows = hm.chain(("intake", 9, at(0)), ("answer", at(0), at(3)))
    rows[1]["contention"] = 72
    assert not found(of, "T2", hm.run(of, rows))


def test_rules_that_need_a_run_are_skipped_without_one() -> None:
    of, _ = queued(at(0), at(2))
    assert analyze(of, rules=["T8", "T12"]).skipped == ("T8", "T12")


def test_the_wait_for_a_seat_is_told_of_the_sitting_and_is_no_time_gap() -> None:
    few = {**WEEKLY, "max": 2}
    of = serial(hm.state("intake", "a"), hm.state("meeting", "b", batch=few))
    rows = []
    for case, full in enumerate((0, 0, 7)):  # the third finds both seats of Wednesday taken
        one = hm.chain(("intake", at(1), at(1, 11)), ("meeting", at(1, 11), at(2 + full)), case=case)
        one[1].update({"batch": 22, "batch_full": 24 * full})
        rows += one
    run = hm.run(of, rows)
    (finding,) = found(of, "T13", run)
    assert number(finding, "found the sitting full") == pytest.approx(1 / 3)
    assert finding.cost[0].per_case == pytest.approx(5 / 3)  # five working days from Wednesday to Wednesday
    assert not found(of, "T2", run, time_gap_wd=0.5)
    free = serial(hm.state("intake", "a"), hm.state("meeting", "b", batch=WEEKLY))
    assert not found(free, "T13", hm.run(free, rows))


# --- T7, incoherent limits ---

WHOLE = {"start": {"enter": "intake"}, "stop": {"exit": "review"}}


def permit(limit: dict[str, Any], intake: Any = None, review: Any = None, **facts: Any) -> Any:
    return serial(
        hm.state("intake", "a", **(intake or {})),
        hm.state("review", "b", **(review or {})),
        limits={"all": {**WHOLE, **limit}, **facts.pop("more", {})},
        **facts,
    )


def test_a_promise_longer_than_the_law_is_found() -> None:
    (finding,) = found(permit({"statutory": "10 wd", "promised": "15 wd"}), "T7")
    assert "longer than the statutory limit" in str(finding.statement)
    assert not found(permit({"statutory": "10 wd", "promised": "10 wd"}), "T7")


def test_weeks_and_days_can_be_compared_and_working_days_cannot() -> None:
    assert not found(permit({"statutory": "3 week", "promised": "15 d"}), "T7")
    (finding,) = found(permit({"statutory": "30 d", "promised": "20 wd"}), "T7")
    assert "cannot be compared" in str(finding.statement)


def test_node_limits_that_sum_to_more_than_the_promise_are_a_warning() -> None:
    nodes = {"limit": "6 wd"}, {"limit": "5 wd"}
    (finding,) = found(permit({"statutory": "20 wd", "promised": "10 wd"}, *nodes), "T7")
    assert number(finding, "node limits") == 11
    assert finding.severity == "medium"
    assert not found(permit({"statutory": "20 wd", "promised": "11 wd"}, *nodes), "T7")


def test_node_limits_of_suspended_time_do_not_count() -> None:
    suspended = {"statutory": "10 wd", "suspend": [{"in": "review", "cause": "expert review"}]}
    assert not found(permit(suspended, {"limit": "6 wd"}, {"limit": "9 wd"}), "T7")


def test_node_limits_of_alternative_branches_do_not_add_up() -> None:
    branches = [hm.state(n, "b", limit="6 wd") for n in ("one", "two")]
    ways = [hm.go("intake", "one", probability=0.5), hm.go("intake", "two", probability=0.5),
            hm.go("one", "end", "x"), hm.go("two", "end", "y")]  # fmt: skip
    limits = {"all": {"statutory": "10 wd", "start": {"enter": "intake"}, "stop": {"enter": "end"}}}
    of = hm.process([hm.state("intake", "a"), *branches, hm.state("end")], ways, limits=limits)
    assert not found(of, "T7")


def test_a_loop_does_not_add_its_node_limits_again() -> None:
    states = [hm.state("intake", "a", limit="4 wd"), hm.state("review", "b", limit="4 wd"), hm.state("end")]
    ways = [hm.go("intake", "review"), hm.go("review", "intake", probability=0.5), hm.go("review", "end")]
    of = hm.process(states, ways, limits={"all": {**WHOLE, "statutory": "8 wd"}})
    assert not found(of, "T7")


def test_what_even_the_quickest_way_cannot_keep_is_found() -> None:
    slow = {"delay": {"uniform": ["7 wd", "9 wd"]}, "work": None, "role": None}
    (finding,) = found(permit({"statutory": "5 wd"}, slow), "T7")
    assert number(finding, "least net time") == pytest.approx(7 + 1 / 8)
    assert not found(permit({"statutory": "7 wd"}, slow), "T7")


def test_time_that_law_suspends_makes_no_limit_impossible() -> None:
    slow = {"delay": "30 wd", "work": None, "role": None}
    suspended = {"statutory": "5 wd", "suspend": [{"in": "intake", "cause": "inspection"}]}
    assert not found(permit(suspended, slow), "T7")
    between = {"since": {"enter": "intake"}, "until": {"enter": "review"}, "cause": "inspection"}
    assert not found(permit({"statutory": "5 wd", "suspend": [between]}, slow), "T7")


def test_a_limit_without_instants_runs_from_arrival_to_the_end() -> None:
    slow = {"delay": "7 wd", "work": None, "role": None}
    open_ended: dict[str, Any] = {"start": [], "stop": []}
    (finding,) = found(permit({"statutory": "5 wd", **open_ended}, slow), "T7")
    assert number(finding, "least net time") == pytest.approx(7 + 1 / 8)
    (finding,) = found(permit({"statutory": "20 wd", "promised": "10 wd", **open_ended},
                              {"limit": "6 wd"}, {"limit": "5 wd"}), "T7")  # fmt: skip
    assert number(finding, "node limits") == 11


@pytest.mark.parametrize(("by", "most", "kept"), [("2 wd", 1, True), ("1 wd", 1, False), ("1 wd", 2, True)])
def test_a_lawful_extension_can_make_a_limit_possible(by: str, most: int, kept: bool) -> None:
    slow = {"delay": "8 wd", "work": None, "role": None}
    extended = {"statutory": "6 wd", "extend": {"by": by, "on": "to_review", "max": most}}
    of = permit(extended, slow)
    assert (not found(of, "T7")) is kept


def test_the_quickest_way_counts_parallel_regions_once() -> None:
    regions = [
        {"name": n, "initial": "check", "transitions": [hm.go("check", "ok")],
         "states": [hm.state("check", n, delay="4 wd"), hm.state("ok")]} for n in ("a", "b")
    ]  # fmt: skip
    states = [hm.state("intake", "a"), {"name": "joint", "regions": regions}, hm.state("end")]
    limits = {"all": {"statutory": "5 wd", "start": {"enter": "intake"}, "stop": {"enter": "end"}}}
    ways = [hm.go("intake", "joint"), hm.go("joint", "end")]
    assert not found(hm.process(states, ways, limits=limits), "T7")
    limits["all"]["statutory"] = "3 wd"
    (finding,) = found(hm.process(states, ways, limits=limits), "T7")
    assert number(finding, "least net time") == pytest.approx(4 + 2 / 8)


def test_parts_that_sum_to_more_than_the_whole_are_found() -> None:
    part = {"statutory": "6 wd", "within": "all"}
    parts = {n: {**part, "start": {"enter": n}, "stop": {"exit": n}} for n in ("intake", "review")}
    (finding,) = found(permit({"statutory": "10 wd"}, more=parts), "T7")
    assert number(finding, "sum of the parts") == 12
    assert finding.names("limit") == ("all", "intake", "review")
    assert not found(permit({"statutory": "12 wd"}, more=parts), "T7")


def test_parts_of_parallel_regions_count_as_the_longest() -> None:
    regions = [
        {"name": n, "initial": "check", "transitions": [hm.go("check", "ok")],
         "states": [hm.state("check", n), hm.state("ok")]} for n in ("a", "b")
    ]  # fmt: skip
    states = [{"name": "joint", "regions": regions}, hm.state("end")]
    parts = {
        n: {"statutory": "6 wd", "within": "all", "start": {"enter": f"joint/{n}/check"},
            "stop": {"exit": f"joint/{n}/check"}} for n in ("a", "b")
    }  # fmt: skip
    limits = {"all": {"statutory": "10 wd", "start": {"enter": "joint"}, "stop": {"enter": "end"}}, **parts}
    assert not found(hm.process(states, [hm.go("joint", "end")], limits=limits), "T7")


ITEM = {"statutory": "20 wd", "promised": "8 wd", "start": {"enter": "intake"}, "stop": {"exit": "review"}}


def item(name: str, promise: str, **review: Any) -> Any:
    """A process of one thing with a promise of its own; its review takes a day at least."""
    states = [
        hm.state("intake", "a"),
        hm.state("review", "b", **{"delay": "1 wd", "work": None, "role": None, **review}),
    ]
    ways = [hm.go("intake", "review"), hm.go("review", "end")]
    limits = {"whole": {**ITEM, "promised": promise}, "part": {"promised": "30 wd", "within": "whole", **_PART}}
    return hm.process([*states, hm.state("end", outcome="done")], ways, limits=limits, process=name)


_PART = {"start": {"enter": "intake"}, "stop": {"exit": "intake"}}


def bundle(promise: str, *, beside: bool = False, items: Any = None, **call: Any) -> Any:
    """One thing once (一件事): two called processes, one after the other or side by side, and one outer promise."""
    first, second = items or (item("tax", "8 wd"), item("fire", "5 wd"))
    calls = {name: {"name": name, "call": {"process": f"{name}.yaml", **call}} for name in ("tax", "fire")}
    end = [hm.state("end")]
    if beside:
        regions = [
            {
                "name": name,
                "initial": name,
                "states": [facts, hm.state("ok")],
                "transitions": [hm.go(name, "ok", "done")],
            }
            for name, facts in calls.items()
        ]
        states, ways = [{"name": "both", "regions": regions}, *end], [hm.go("both", "end")]
        limit = {"promised": promise, "start": {"enter": "both"}, "stop": {"enter": "end"}}
    else:
        states, ways = [*calls.values(), *end], [hm.go("tax", "fire", "done"), hm.go("fire", "end", "done")]
        limit = {"promised": promise, "start": {"enter": "tax"}, "stop": {"enter": "end"}}
    of = hm.process(states, ways, limits={"bundle": limit})
    return replace(of, called={"tax.yaml": first, "fire.yaml": second})


def test_the_promises_of_what_a_bundle_calls_sum_to_more_than_its_own() -> None:
    (finding,) = found(bundle("12 wd"), "T7")
    assert number(finding, "node limits") == 13
    assert finding.names("state") == ("tax", "fire")
    assert "of what they call" in str(finding.statement)
    assert not found(bundle("13 wd"), "T7")


def test_things_of_a_bundle_side_by_side_count_as_the_longest() -> None:
    (finding,) = found(bundle("7 wd", beside=True), "T7")
    assert number(finding, "node limits") == 8
    assert not found(bundle("8 wd", beside=True), "T7")


def test_a_bundle_takes_at_least_what_it_calls_does() -> None:
    slow = (item("tax", "4 wd", delay="4 wd"), item("fire", "4 wd", delay="5 wd"))
    (finding,) = (f for f in found(bundle("6 wd", items=slow), "T7") if "cannot be kept" in str(f.statement))
    assert number(finding, "least net time") == pytest.approx(9 + 2 / 8)
    assert not found(bundle("9 wd", items=slow), "T7")
    # of a number of instances that an attribute decides there may be none
    assert not [f for f in found(bundle("6 wd", items=slow, instances="n"), "T7") if "kept" in str(f.statement)]


# --- T12, the bottleneck ---


def staff(department: str, used: float) -> dict[str, Any]:
    group = {"replication": 0, "department": department, "group": f"{department}.clerk", "office": "", "people": 1}
    return {**group, "on_duty_us": 1000, "busy_us": round(1000 * used), "utilization": used}


def written(wait: float) -> Any:
    rows = hm.chain(("intake", 9, 10 + wait), ("review", 10 + wait, 12 + wait))
    rows[0].update({"contention": wait, "group": "a.clerk"})
    rows[1]["group"] = "b.clerk"
    return rows


def loaded(used: float, wait: float, *, behind: float = 0.5, queued_cases: int = 0) -> Any:
    of, rows = serial(hm.state("intake", "a"), hm.state("review", "b")), written(wait)
    for case in range(1, 1 + queued_cases):
        rows.append({"case": case, "state": "intake", "enter": 9, "contention": 900, "end": "cut"})
    open_cases = {(0, case) for case in range(1, 1 + queued_cases)}
    return of, hm.run(of, rows, staff=[staff("a", used), staff("b", behind)], days=30, open_cases=open_cases)


def test_busy_people_for_whom_cases_wait_are_a_bottleneck() -> None:
    of, run = loaded(0.95, 16)
    (finding,) = found(of, "T12", run)
    assert finding.names("role") == ("a.clerk",)
    assert number(finding, "utilization") == 0.95
    assert finding.cost[0].per_case == 2.0


def test_a_bottleneck_says_what_one_more_person_would_leave_unless_the_queue_grows() -> None:
    of, run = loaded(0.9, 16)
    (finding,) = found(of, "T12", run)
    # M/M/1 waits ρ/(1 - ρ), M/M/2 at the same load a²/(4 - a²) hours of work: 9 and 0.81/3.19
    assert number(finding, "one more person") == pytest.approx(2.0 * (0.81 / 3.19 * 1.0) / 9)
    of, run = loaded(1.0, 16, queued_cases=1)
    assert "one more person" not in str([e.text() for e in found(of, "T12", run)[0].evidence])


def test_people_below_the_threshold_or_without_a_queue_are_none() -> None:
    assert not found(*_swapped(loaded(0.8, 16)))
    assert not found(*_swapped(loaded(0.95, 0)))


def _swapped(pair: Any) -> Any:
    return pair[0], "T12", pair[1]


def test_who_starves_behind_a_bottleneck_is_told_as_the_next_one() -> None:
    of, run = loaded(1.0, 16, behind=0.5, queued_cases=1)
    (finding,) = found(of, "T12", run)
    # two cases entered and, as far as the horizon shows, one was begun: all that arrives would keep b busy at 1.0
    assert number(finding, "b.clerk") == 1.0
    assert "less busy only because" in str(finding.statement)
    of, run = loaded(1.0, 16, behind=0.3, queued_cases=1)
    assert "less busy" not in str(found(of, "T12", run)[0].statement)


def test_one_overloaded_office_is_not_hidden_by_idle_ones() -> None:
    of, _ = loaded(0.95, 16)
    offices = [{**staff("a", 0.95), "office": "east"}, {**staff("a", 0.1), "office": "west"}]
    east = hm.run(of, [{**row, "office": "east"} for row in written(16)], staff=offices)
    (finding,) = found(of, "T12", east)
    assert finding.names("role") == ("a.clerk (east)",)


def test_only_work_that_comes_through_the_bottleneck_is_scaled_up() -> None:
    of = serial(hm.state("front", "b"), hm.state("intake", "a"), hm.state("review", "b"))
    rows = [*hm.chain(("front", 9, 12), ("intake", 12, 30), ("review", 30, 31))]
    rows[0]["group"] = rows[2]["group"] = "b.clerk"
    rows[1].update({"contention": 16, "group": "a.clerk"})
    rows.append({"case": 1, "state": "intake", "enter": 9, "contention": 900, "end": "cut"})
    used = [staff("a", 1.0), staff("b", 0.7)]
    run = hm.run(of, rows, staff=used, days=30, open_cases={(0, 1)})
    # b works 3 of 4 hours before the bottleneck; the fourth would double: 0.7 · (3/4 + 2/4) = 0.875
    (finding,) = found(of, "T12", run)
    assert number(finding, "b.clerk") == pytest.approx(0.875)
