"""T4, T5, T6, T9, D18, D24 from the definition alone: what each finds, and the traps that it must not fall into."""

from typing import Any

import handmade as hm
import numpy as np
import pytest

from procflow.analysis.cadence import Cycle, missed
from procflow.analysis.finding import Measurement
from procflow.analysis.profile import Profile
from procflow.analysis.registry import analyze
from procflow.analysis.timing.office_hours import overlap
from procflow.analysis.working_clock import ordinary_weeks
from procflow.definition.catalog import Catalog
from procflow.definition.organization import Organization

HOURS = {
    "office": {"mon-fri": ["09:00-17:00"]},
    "late": {"mon-fri": ["13:00-21:00"]},
    "tuesdays": {"tue": ["09:00-17:00"]},
    "long": {"mon-fri": ["08:00-20:00"]},
}
CALENDARS = [{"name": name, "hours": hours} for name, hours in HOURS.items()]


def organization(b: str) -> dict[str, Any]:
    a, first, c = hm.ORGANIZATION["departments"]
    return {"calendars": CALENDARS, "departments": [a, {**first, "calendar": b}, c]}


def found(of: Any, rule: str, **profile: Any) -> Any:
    return analyze(of, rules=[rule], profile=Profile(**profile))


def number(finding: Any, words: str) -> float:
    return next(e.value for e in finding.evidence if isinstance(e, Measurement) and words in e.name.get("en"))


# --- T5, the calendar mismatch ---


def meeting(b: str, **facts: Any) -> Any:
    way = hm.go("intake", "review", **facts.pop("way", {}))
    states = [hm.state("intake", "a"), hm.state("review", "b", **facts), hm.state("end")]
    return hm.process(states, [way, hm.go("review", "end")], organization=organization(b))


@pytest.mark.parametrize(
    ("taker", "share", "wait_wd"),
    [
        # both from 13 to 17; what is finished from 9 to 13 waits two hours in the mean for half of the cases
        ("late", 4 / 12, (2 / 8) / 2),
        # on Wednesday to Monday everything waits: in the mean 2 days over those four days
        ("tuesdays", 1 / 5, 4 / 5 * 2),
        ("long", 8 / 12, 0.0),
        ("office", 1.0, 0.0),
    ],
)
def test_overlap_and_wait_are_those_worked_by_hand(taker: str, share: float, wait_wd: float) -> None:
    known = Organization.model_validate({**hm.ORGANIZATION, **organization(taker)})
    first, second = (ordinary_weeks(known, name, 28) for name in ("office", taker))
    met = overlap(first, second, first)
    assert met.share == pytest.approx(share)
    assert met.wait_wd == pytest.approx(wait_wd)


def test_neighbors_whose_hours_hardly_meet_are_found_with_their_wait() -> None:
    (finding,) = found(meeting("tuesdays"), "T5")
    assert finding.names("state") == ("intake", "review")
    assert finding.cost[0].per_case == pytest.approx(1.6)


@pytest.mark.parametrize("taker", ["long", "office"])
def test_a_taker_who_is_there_whenever_the_giver_is_makes_nobody_wait(taker: str) -> None:
    assert not found(meeting(taker), "T5", hours_overlap=1.0)


def test_sittings_and_couriers_have_their_own_rule() -> None:
    assert found(meeting("late"), "T5")
    assert not found(meeting("late", batch={"every": "weekly wed 14:00"}), "T5")
    assert not found(meeting("late", way={"transfer": {"every": "daily 16:00"}}), "T5")


def test_people_on_call_round_the_clock_are_no_mismatch() -> None:
    assert not found(meeting("always"), "T5")


# --- T6, the missed cut-off ---


def sitting(**batch: Any) -> Any:
    states = [hm.state("intake", "a"), hm.state("meeting", "b", batch={"every": "weekly wed 09:00", **batch})]
    return hm.process([*states, hm.state("end")], [hm.go("intake", "meeting"), hm.go("meeting", "end")])


def test_a_cut_off_of_a_day_makes_one_case_in_five_wait_five_and_a_half_days() -> None:
    (finding,) = found(sitting(cutoff="1 wd"), "T6")
    assert number(finding, "miss the next") == pytest.approx(0.2)
    assert number(finding, "wait of those") == pytest.approx(5.5, rel=1e-9)
    assert finding.cost[0].per_case == pytest.approx(1.1, rel=1e-9)


def test_a_sitting_without_a_cut_off_is_silent() -> None:
    assert not found(sitting(), "T6", cutoff_wd=1e-6)


def test_cases_in_phase_with_the_sitting_are_left_to_a_run() -> None:
    states = [
        hm.state("before", "a", batch={"every": "weekly mon 09:00"}),
        hm.state("meeting", "b", batch={"every": "weekly wed 09:00", "cutoff": "1 wd"}),
        hm.state("end"),
    ]
    of = hm.process(states, [hm.go("before", "meeting"), hm.go("meeting", "end")])
    assert not found(of, "T6")


def test_uneven_gaps_are_weighted_by_their_length() -> None:
    # gaps 1, 4, 1, 4 …: half a day before each of them is 1 day in 5; then the next gap and a quarter day
    of = missed(Cycle(np.array([1.0, 5.0]), np.full(2, 0.5), 5.0))
    assert of.chance == pytest.approx(0.2)
    assert of.wait_wd == pytest.approx((4 + 1) / 2 + 0.25)


# --- T9, no clock, and D24, off the clock ---

WAYS = [hm.go("intake", "review", "accept"), hm.go("review", "end", "done")]


def timed(limit: dict[str, Any], *before: dict[str, Any], **more: Any) -> Any:
    states = [*before, hm.state("intake", "a", kind="intake"), hm.state("review", "b", kind="review"), hm.state("end")]
    ways = [hm.go(before[0]["name"], "intake")] if before else []
    return hm.process(states, [*ways, *WAYS], limits={"decision": {"statutory": "20 wd", **limit}, **more})


ACCEPT = {"start": {"fire": "accept"}, "stop": {"done": "review"}}


def test_a_limit_without_start_or_stop_is_told() -> None:
    (finding,) = found(timed({}), "T9")
    assert "starts and stops" in finding.statement.get("en")
    (finding,) = found(timed({"start": {"fire": "accept"}}), "T9")
    assert "stops" in finding.statement.get("en")
    assert not found(timed(ACCEPT), "T9")


def mending(suspend: list[Any], who: str = "applicant") -> Any:
    mend = hm.state("mend", who, kind="correction", delay="5 wd")
    states = [hm.state("intake", "a"), hm.state("review", "b"), mend, hm.state("end")]
    ways = [
        hm.go("intake", "review", "accept"),
        hm.go("review", "mend", "return", probability=0.4),
        hm.go("mend", "review", "resubmit"),
        hm.go("review", "end", "done", probability=0.6),
    ]
    limit = {"statutory": "20 wd", "start": {"fire": "accept"}, "stop": {"fire": "done"}, "suspend": suspend}
    return hm.process(states, ways, limits={"decision": limit})


def test_a_clock_that_runs_on_while_the_applicant_mends_papers_is_told_with_its_price() -> None:
    (finding,) = found(mending([]), "T9")
    assert finding.names("state") == ("mend",)
    assert finding.cost[0].per_case == pytest.approx(5 * 0.4 / 0.6)  # a geometric number of returns


def test_a_suspended_clock_and_work_of_the_office_are_silent() -> None:
    assert not found(mending([{"in": "mend", "cause": "correction"}]), "T9")
    assert not found(mending([], who="a"), "T9")


def silent(who: str = "b", **timer: Any) -> Any:
    review = hm.state("review", who) if who != "applicant" else hm.state("review", "applicant", delay="2 d")
    late = hm.go("review", "end", "too_late", timeout={"after": "20 wd", **timer})
    return hm.process([review, hm.state("end")], [hm.go("review", "end", "done"), late])


def test_silence_that_decides_needs_a_law_that_says_so() -> None:
    (finding,) = found(silent(), "T9")
    assert finding.names("transition") == ("review --too_late→ end",)
    assert not found(silent(basis="行政许可法 art. 50"), "T9")
    assert not found(silent("applicant"), "T9")


@pytest.mark.parametrize(
    ("kind", "other", "found_it"),
    [("consultation", {}, True), ("intake", {}, False), ("consultation", {"basis": "信息公开条例 art. 34"}, False)],
)
def test_silence_that_consents_needs_a_law_that_says_so(kind: str, other: dict[str, Any], *, found_it: bool) -> None:
    asked = hm.state("asked", "c", kind=kind)
    states = [asked, hm.state("decision", "a"), hm.state("chase", "a"), hm.state("end")]
    ways = [
        hm.go("asked", "decision", "answer"),
        hm.go("asked", "decision", "no_answer", timeout={"after": "15 wd", **other}),
        hm.go("decision", "end"),
        hm.go("chase", "decision", "chased"),
    ]
    findings = found(hm.process(states, ways), "T9")
    assert [f.names("transition") for f in findings] == ([("asked --no_answer→ decision",)] if found_it else [])
    reminded = [ways[0], {**ways[1], "dest": "chase"}, *ways[2:]]
    assert not found(hm.process(states, reminded), "T9")


def test_work_of_substance_before_every_clock_is_off_the_clock() -> None:
    (finding,) = found(timed(ACCEPT, hm.state("pre_review", "a", kind="review")), "D24")
    assert finding.names("state") == ("pre_review",)
    assert finding.evidence[0].text() == "pre_review"


def test_intake_and_a_later_stage_of_a_timed_process_are_on_the_clock() -> None:
    assert not found(timed(ACCEPT, hm.state("window", "a", kind="intake")), "D24")
    stage = {"statutory": "5 wd", "start": {"enter": "end"}, "stop": {"enter": "end"}}
    assert not found(timed(ACCEPT, later=stage), "D24")


def test_a_clock_that_starts_with_the_arrival_leaves_nothing_out() -> None:
    assert not found(timed({}, hm.state("pre_review", "a", kind="review")), "D24")


# --- D18 and T4 ---


def dated(**dates: Any) -> Any:
    return hm.process([hm.state("intake", "a"), hm.state("end")], [hm.go("intake", "end")], **dates)


def test_a_review_before_the_change_of_the_law_is_stale() -> None:
    (finding,) = found(dated(reviewed_on="2023-03-01", law_changed_on="2023-12-01"), "D18")
    assert number(finding, "days") == 275
    assert not found(dated(reviewed_on="2023-12-01", law_changed_on="2023-12-01"), "D18")
    assert not found(dated(law_changed_on="2023-12-01"), "D18")


def proof(validity: str, *, confirms: bool = False, **item: Any) -> Any:
    states = [
        hm.state("intake", "a", asks=["person.income"]),
        hm.state("notice", "b", delay="20 d"),
        hm.state("recheck", "b", confirms=["person.income"] if confirms else []),
        hm.state("approval", "b", reads=["person.income"]),
        hm.state("end"),
    ]
    ways = [
        hm.go("intake", "notice"),
        hm.go("notice", "recheck"),
        hm.go("recheck", "approval"),
        hm.go("approval", "end"),
    ]
    of = hm.process(states, ways)
    items = [{"name": "person.income", "validity": validity, **item}]
    catalog = Catalog.model_validate({"procflow": 1, "catalog": "c", "items": items})
    return type(of)(of.definition, of.organization, catalog)


def test_a_proof_that_even_the_quickest_case_uses_too_late_is_stale() -> None:
    (finding,) = found(proof("15 d"), "T4")
    assert number(finding, "least time") == pytest.approx(20.25)
    assert finding.names("state") == ("approval",)


def test_what_is_valid_long_enough_confirmed_or_immutable_is_not() -> None:
    assert not found(proof("30 d"), "T4")
    assert not found(proof("15 d", confirms=True), "T4")
    assert not found(proof("15 d", immutable=True), "T4")
