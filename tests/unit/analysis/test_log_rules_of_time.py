"""D24 and T14 over logs: what they find, and what they take care not to flag."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from procflow.analysis.finding import Findings, Measurement
from procflow.analysis.log_registry import LogContext, analyze_log
from procflow.analysis.log_rules.joining import joins
from procflow.analysis.log_rules.off_clock import three_times
from procflow.analysis.profile import Profile
from procflow.logs import EventLog, event_log

MONDAY = dt.datetime(2025, 3, 3, 9, tzinfo=dt.UTC)


def at(day: float, hour: float = 0) -> dt.datetime:
    return MONDAY + dt.timedelta(days=day, hours=hour)


def value(findings: Findings, words: str, index: int = 0) -> float:
    evidence = findings[index].evidence
    return next(e.value for e in evidence if isinstance(e, Measurement) and words in e.name.get("en"))


# --- D24, off the clock ---


def handled(*steps: tuple[str, float, float], accepted: float, end: float, **more: Any) -> EventLog:
    """Ten cases alike: activities from one day to another; accepted and ended on days; ``special`` suspensions."""
    special = more.pop("special", [])
    rows = [
        (str(case), name, at(a), at(b), kind)
        for case in range(10)
        for name, a, b, kind in [*((*s, None) for s in steps), *(("停表", *s, "suspend") for s in special)]
    ]
    events = pl.DataFrame(rows, schema=["case", "activity", "start", "end", "event_special"], orient="row")
    if not special:
        events = events.drop("event_special")
    names = [str(case) for case in range(10)]
    facts = {"case_applied": at(0), "case_accepted": at(accepted), "case_enddate": at(end)}
    return event_log(events, pl.DataFrame({"case": names, **{k: [v] * 10 for k, v in facts.items()}}))


def test_most_of_the_time_before_acceptance_is_off_the_clock_and_three_times_are_shown() -> None:
    found = analyze_log(handled(("intake", 0, 0.1), ("review", 8, 9), accepted=7, end=10), rules=["D24"])
    assert [value(found, words) for words in ("share before", "lived", "of this before", "on the clock")] == [
        0.7, 10, 7, 3
    ]  # fmt: skip
    assert not analyze_log(handled(("intake", 0, 0.1), ("review", 8, 9), accepted=1, end=10), rules=["D24"])


def test_a_clock_that_stands_still_most_of_the_time_is_told_with_overlaps_counted_once() -> None:
    special = [(2, 6), (4, 9), (-3, 1), (9.5, 12)]  # united and within acceptance and end: 1 … no: 2 to 9 and 9.5 to 10
    log = handled(("intake", 0, 0.1), ("review", 9, 10), accepted=1, end=10, special=special)
    found = analyze_log(log, rules=["D24"])
    assert value(found, "share of suspended") == pytest.approx(7.5 / 9)
    assert value(found, "on the clock") == pytest.approx(1.5)
    rows = three_times(LogContext(log))
    assert rows.select(pl.col("lived") - pl.col("before") - pl.col("clock") - pl.col("suspended")).sum().item() == (
        pytest.approx(0)
    )
    few = handled(("intake", 0, 0.1), ("review", 9, 10), accepted=1, end=10, special=[(2, 4)])
    assert not analyze_log(few, rules=["D24"])


def test_late_cases_are_told_with_the_three_times_where_a_log_has_them() -> None:
    log = handled(("intake", 0, 0.1), ("review", 9, 10), accepted=1, end=10, special=[(2, 4)])
    limited = EventLog(log.events, log.cases.with_columns(case_deadline=pl.lit(at(8))), log.zone)
    found = analyze_log(limited, rules=["T8"])
    assert [value(found, words) for words in ("lived", "of this before", "on the clock", "suspended")] == [10, 1, 7, 2]


def mixed(early: int) -> EventLog:
    """Twenty cases accepted on the second day; in so many of them the review was over on the first."""
    rows = []
    for case in range(20):
        rows.append((str(case), "intake", at(0), at(0, 1)))
        rows.append((str(case), "review", *((at(0, 2), at(0, 4)) if case < early else (at(2), at(3)))))
    names = [str(case) for case in range(20)]
    cases = pl.DataFrame({"case": names, "case_accepted": [at(1)] * 20, "case_enddate": [at(9)] * 20})
    return event_log(pl.DataFrame(rows, schema=["case", "activity", "start", "end"], orient="row"), cases)


def test_work_that_belongs_after_acceptance_and_is_done_before_it_is_told_and_intake_is_not() -> None:
    found = analyze_log(mixed(4), rules=["D24"])
    assert [finding.names("state") for finding in found] == [("review",)]
    assert value(found, "done before acceptance") == 0.2
    assert not analyze_log(mixed(0), rules=["D24"])


def test_a_log_without_acceptance_and_suspensions_says_what_it_lacks() -> None:
    log = event_log(pl.DataFrame({"case": ["1"], "activity": ["a"], "start": [at(0)], "end": [at(1)]}))
    assert "accepted" in analyze_log(log, rules=["D24"]).reasons["D24"].get("en")


# --- T14, waiting for the slowest ---


def side_by_side(*tests: tuple[float, float], cases: int = 40) -> EventLog:
    """Cases that go through survey and test side by side, in hours of one day, and then are decided."""
    rows = []
    for case in range(cases):
        day = case // 2 + 2 * (case // 10)  # two cases a working day
        survey, test = tests[case % len(tests)]
        rows += [
            (str(case), "intake", at(day), at(day, 0.1), "a"),
            (str(case), "survey", at(day, 0.2), at(day, 0.2 + survey), f"s{case % 3}"),
            (str(case), "test", at(day, 0.3), at(day, 0.3 + test), f"t{case % 3}"),
            (str(case), "decision", at(day, 0.4 + max(survey, test)), at(day, 0.6 + max(survey, test)), "d"),
        ]
    return event_log(pl.DataFrame(rows, schema=["case", "activity", "start", "end", "resource"], orient="row"))


def test_a_branch_that_all_wait_for_is_found_without_a_definition() -> None:
    log = side_by_side((1, 6))
    rows = joins(LogContext(log))
    assert rows.select("join", "last", "waiting").unique().rows() == [("decision", "test", "survey")]
    assert rows.select((pl.col("to_us") - pl.col("from_us")) / 3.6e9).to_series().to_list() == pytest.approx([5.1] * 40)
    [found] = analyze_log(log, rules=["T14"], profile=Profile(join_wd=0.3))
    assert found.names("state") == ("decision", "test")
    assert found.cost[0].per_case > 0.3


def test_each_branch_is_last_in_its_share_of_the_joins() -> None:
    rows = joins(LogContext(side_by_side((1, 6), (6, 1), (1, 6))))
    assert dict(rows["last"].value_counts().iter_rows()) == {"test": 27, "survey": 13}


def test_branches_of_like_speed_and_steps_in_sequence_make_nobody_wait() -> None:
    assert not analyze_log(side_by_side((5, 5.2), (5.2, 5)), rules=["T14"], profile=Profile(join_wd=0.3))
    rows = [(str(c), n, at(c, h), at(c, h + 1), n) for c in range(20) for n, h in (("a", 0), ("b", 4), ("c", 7))]
    serial = event_log(pl.DataFrame(rows, schema=["case", "activity", "start", "end", "resource"], orient="row"))
    assert joins(LogContext(serial)).is_empty()
    assert not analyze_log(serial, rules=["T14"])


def test_the_order_and_names_of_cases_change_nothing() -> None:
    log = side_by_side((1, 6), (6, 1), (1, 6))
    turned = log.events.with_columns(case=pl.lit("x") + (99 - pl.col("case").cast(pl.Int64)).cast(pl.String))
    other = event_log(turned.sample(fraction=1.0, shuffle=True, seed=3))
    first, second = (analyze_log(each, rules=["T14"], profile=Profile(join_wd=0.1)) for each in (log, other))
    assert [f.to_data()["evidence"] for f in first] == [f.to_data()["evidence"] for f in second]
    assert len(first) >= 1
