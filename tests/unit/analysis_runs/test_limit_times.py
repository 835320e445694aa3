"""The statutory clock of whole runs: by hand, and against the clock by dates on random cases."""

import datetime as dt
import time
from typing import Any

import handmade as hm
import numpy as np
import polars as pl
import pytest

from procflow.analysis.clocks import due, used
from procflow.analysis.day_count import DayCount, Stretches
from procflow.analysis.limit_times import limit_times, suspended_by_cause
from procflow.definition.holidays import UnpublishedHolidaysError
from procflow.errors import AnalysisError
from procflow.units import Span

LIMIT: dict[str, Any] = {
    "statutory": "5 wd",
    "promised": "3 wd",
    "start": {"fire": "to_review"},
    "stop": [{"done": "review"}],
    "suspend": [{"in": "survey", "cause": "inspection"}],
}
STATES = [
    hm.state("application", "a"),
    hm.state("review", "a"),
    hm.state("survey", "b"),
    hm.state("decision", "a"),
    hm.state("end"),
]
WAYS = [
    hm.go("application", "review"),
    hm.go("review", "survey", probability=0.5),
    hm.go("review", "decision", probability=0.5),
    hm.go("survey", "decision"),
    hm.go("decision", "end"),
]


def permit(**limit: Any) -> Any:
    return hm.process(STATES, WAYS, limits={"decision": {**LIMIT, **limit}})


def at(day: int, hour: float = 10) -> float:
    """Hours since Monday 2025-03-03 00:00."""
    return 24 * day + hour


def one(of: Any, rows: Any, **more: Any) -> dict[str, Any]:
    return limit_times(hm.run(of, rows, **more)).to_dicts()[0]


PLAIN = hm.chain(("application", at(0), at(0)), ("review", at(0), at(4)), ("decision", at(4), at(4, 11)))


def test_net_time_runs_from_acceptance_to_the_decision_in_working_days() -> None:
    row = one(permit(), PLAIN)
    assert (row["net"], row["unit"], row["suspended"]) == (4, "wd", 0)
    assert (row["statutory_kept"], row["promised_kept"], row["censored"]) == (True, False, False)
    assert row["lived_us"] == 97 * hm.HOUR


def test_part_of_a_day_ends_with_that_day() -> None:
    kept = [one(permit(promised=promise), PLAIN)["promised_kept"] for promise in ("3 wd", "3.5 wd", "4 wd")]
    assert kept == [False, True, True]


def test_suspended_days_do_not_count() -> None:
    rows = hm.chain(
        ("application", at(0), at(0)), ("survey", at(1), at(3)), ("review", at(3), at(4)), ("decision", at(4), at(4))
    )
    row = one(permit(start={"exit": "application"}), rows)
    assert (row["net"], row["suspended"], row["promised_kept"]) == (2, 2, True)


def test_a_weekend_after_the_last_day_is_late() -> None:
    # accepted Monday 03-03; the fifth working day is Monday 03-10; Friday 03-14 to Saturday 03-15 is late
    assert one(permit(), hm.chain(("application", at(0), at(0)), ("review", at(0), at(7))))["statutory_kept"]
    assert not one(permit(), hm.chain(("application", at(0), at(0)), ("review", at(0), at(8))))["statutory_kept"]
    saturday = hm.chain(("application", at(0), at(0)), ("review", at(0), at(5)))
    row = one(permit(statutory="4 wd"), saturday)
    assert (row["net"], row["statutory_kept"]) == (4, False)


def test_an_open_case_is_late_once_its_limit_has_passed_and_unknown_before() -> None:
    for left, kept in ((at(2), None), (at(20), False)):
        rows = hm.chain(("application", at(0), at(0)), dest="review")
        rows.append({"state": "review", "enter": at(0), "contention": left - at(0), "end": "cut"})
        row = one(permit(), rows, open_cases={(0, 0)})
        assert row["started_us"] is not None
        assert (row["stopped_us"], row["statutory_kept"], row["censored"]) == (None, kept, True)


def test_a_case_that_ends_without_a_stop_is_not_judged() -> None:
    row = one(permit(), hm.chain(("application", at(0), at(0)), ("survey", at(0), at(3))))
    assert (row["started_us"], row["net"], row["statutory_kept"]) == (None, None, None)


def test_an_extension_counts_once_at_most() -> None:
    of = permit(extend={"by": "2 wd", "on": "extend", "max": 1})
    rows = hm.chain(("application", at(0), at(0)), ("review", at(0), at(9)))
    assert not one(of, rows)["statutory_kept"]
    extended = {"state": "decision", "enter": at(1), "exit": at(1), "trigger": "extend", "dest": "review"}
    row = one(of, [*rows, extended, {**extended, "visit": 2}])
    assert (row["extensions"], row["statutory_kept"]) == (1, True)
    late = hm.chain(("application", at(0), at(0)), ("review", at(0), at(10)))
    assert not one(of, [*late, extended, {**extended, "visit": 2}])["statutory_kept"]


def test_an_extension_after_the_limit_has_run_out_heals_nothing() -> None:
    of = permit(extend={"by": "5 wd", "on": "extend", "max": 2})
    rows = hm.chain(("application", at(0), at(0)), ("review", at(0), at(20)))
    # the fifth working day is Monday 03-10 (day 7), the tenth Monday 03-17 (day 14), the fifteenth Monday 03-24
    for granted, taken in (((7, 14), 2), ((7, 15), 1), ((8, 9), 0), ((8, 7), 2), ((7,), 1)):
        extended = [
            {
                "state": "decision",
                "visit": n + 1,
                "enter": at(day),
                "exit": at(day),
                "trigger": "extend",
                "dest": "review",
            }
            for n, day in enumerate(granted)
        ]
        row = one(of, [*rows, *extended])
        assert (row["extensions"], row["statutory_kept"]) == (taken, taken == 2)


def test_suspended_time_leaves_more_time_to_extend() -> None:
    of = permit(extend={"by": "5 wd", "on": "extend"}, start={"exit": "application"})
    rows = hm.chain(("application", at(0), at(0)), ("survey", at(1), at(8)), ("review", at(8), at(21)))
    extended = {"state": "decision", "enter": at(14), "exit": at(14), "trigger": "extend", "dest": "review"}
    # five working days stand still, Wednesday 03-05 to Tuesday 03-11: the limit runs until Monday 03-17
    assert one(of, [*rows, extended])["extensions"] == 1
    assert one(of, [*rows, {**extended, "enter": at(15), "exit": at(15)}])["extensions"] == 0


def test_silence_starts_the_clock_on_the_day_of_receipt() -> None:
    deemed = {"if_silent": "5 wd", "since": {"enter": "application"}, "basis": "行政许可法 art. 32"}
    of = permit(deemed=deemed)
    for left, silent in ((at(7), False), (at(8), True)):
        rows = hm.chain(("application", at(0), left), ("review", left, at(9)))
        row = one(of, rows)
        assert row["deemed"] is silent
        assert row["started_us"] == (round(at(0) * hm.HOUR) if silent else round(left * hm.HOUR))


def test_a_return_within_time_is_no_silence() -> None:
    deemed = {"if_silent": "5 wd", "since": {"enter": "application"}, "basis": "行政许可法 art. 32"}
    rows = hm.chain(
        ("application", at(0), at(3)),
        ("survey", at(3), at(9)),
        ("application", at(9), at(10)),
        ("review", at(10), at(11)),
    )
    assert not one(permit(deemed=deemed), rows)["deemed"]


def test_the_first_start_counts_unless_the_limit_restarts() -> None:
    rows = hm.chain(
        ("application", at(0), at(0)), ("review", at(0), at(0)), ("application", at(0), at(2)), ("review", at(2), at(3))
    )
    assert one(permit(stop=[{"fire": "to_end"}]), rows)["net"] == 3
    assert one(permit(stop=[{"fire": "to_end"}], restart=True), rows)["net"] == 1


def test_hours_run_through_the_weekend() -> None:
    rows = hm.chain(("application", at(4), at(4)), ("review", at(4), at(6)))
    row = one(permit(statutory="48 h", promised=None), rows)
    assert (row["net"], row["unit"], row["statutory_kept"], row["promised_kept"]) == (48, "h", True, None)


def test_a_limit_without_start_and_stop_runs_from_arrival_to_the_end() -> None:
    of = hm.process(STATES, WAYS, limits={"all": {"statutory": "10 d"}})
    row = one(of, PLAIN)
    assert (row["net"], row["started_us"], row["stopped_us"]) == (4, at(0) * hm.HOUR, at(4, 11) * hm.HOUR)


def test_in_parallel_lanes_a_suspension_stops_the_clock_of_its_own_item_and_of_the_whole_that_names_it() -> None:
    lanes = [
        {"name": n, "initial": "check", "states": [hm.state("check", n), hm.state("ok")],
         "transitions": [hm.go("check", "ok")]} for n in ("a", "b")
    ]  # fmt: skip
    expert = [{"in": "joint/a/check", "cause": "expert review"}]
    items = {
        n: {"statutory": "5 wd", "within": "bundle", "start": {"enter": "joint"}, "stop": {"exit": f"joint/{n}/check"}}
        for n in ("a", "b")
    }
    items["a"]["suspend"] = expert
    limits = {"bundle": {"promised": "4 wd", "start": {"enter": "joint"}, "stop": {"enter": "end"}}, **items}
    of = hm.process([{"name": "joint", "regions": lanes}, hm.state("end")], [hm.go("joint", "end")], limits=limits)
    rows = [
        *hm.chain(("joint/a/check", at(0), at(8)), token="joint/a", dest="joint/a/ok"),
        *hm.chain(("joint/b/check", at(0), at(4)), token="joint/b", dest="joint/b/ok"),
    ]
    rows[1]["sync"] = 96
    found = {row["limit"]: (row["net"], row["suspended"]) for row in limit_times(hm.run(of, rows)).to_dicts()}
    # Monday 03-03 to Tuesday 03-11 are six working days, to Friday four; the outer promise names no suspension
    assert found == {"bundle": (6, 0), "a": (0, 6), "b": (4, 0)}


def test_a_long_limit_need_not_roll() -> None:
    # five days from Monday 03-03 end on Saturday 03-08; Monday 03-10 is in time only where that moves on
    rows = hm.chain(("application", at(0), at(0)), ("review", at(0), at(7)))
    assert one(permit(statutory="5 d", promised=None), rows)["statutory_kept"]
    assert not one(permit(statutory="5 d", promised=None, roll=False), rows)["statutory_kept"]


@pytest.mark.parametrize(("which", "net"), [("last", 2), ("first", 2), ("both", 1), ("neither", 3)])
def test_the_organization_says_which_days_of_a_suspension_count(which: str, net: float) -> None:
    of = hm.process(STATES, WAYS, limits={"decision": {**LIMIT, "start": {"exit": "application"}}},
                    organization={"suspension_days": which})  # fmt: skip
    rows = hm.chain(
        ("application", at(0), at(0)), ("survey", at(1), at(3)), ("review", at(3), at(4)), ("decision", at(4), at(4))
    )
    row = one(of, rows)
    assert (row["net"], row["suspended"]) == (net, 4 - net)


def test_each_cause_is_counted_for_itself_and_the_whole_as_their_union() -> None:
    causes = [
        {"in": "survey", "cause": "inspection"},
        {"since": {"enter": "survey"}, "until": {"enter": "decision"}, "cause": "expert review"},
        {"in": "decision", "cause": "inspection"},
    ]
    of = permit(start={"exit": "application"}, stop=[{"enter": "end"}], suspend=causes)
    rows = hm.chain(
        ("application", at(0), at(0)), ("survey", at(1), at(2)), ("review", at(2), at(3)), ("decision", at(3), at(4))
    )
    found = suspended_by_cause(hm.run(of, rows)).select("limit", "cause", "suspended", "unit").rows()
    assert found == [("decision", "inspection", 2.0, "wd"), ("decision", "expert review", 2.0, "wd")]
    assert one(of, rows)["suspended"] == 3


def test_since_and_until_suspend_between_two_instants() -> None:
    of = permit(suspend=[{"since": {"fire": "to_survey"}, "until": {"enter": "decision"}, "cause": "test"}],
                stop=[{"enter": "end"}])  # fmt: skip
    rows = hm.chain(
        ("application", at(0), at(0)), ("review", at(0), at(1)), ("survey", at(1), at(2)), ("decision", at(3), at(4))
    )
    row = one(of, rows)
    assert (row["net"], row["suspended"]) == (2, 2)


def test_an_extension_in_another_unit_is_refused() -> None:
    of = permit(extend={"by": "1 week", "on": "to_survey"})
    with pytest.raises(AnalysisError, match="cannot be added"):
        limit_times(hm.run(of, PLAIN))


def test_working_days_of_an_unpublished_year_are_refused() -> None:
    with pytest.raises(UnpublishedHolidaysError):
        limit_times(hm.run(permit(), PLAIN, start="2027-03-01"))


def test_the_last_published_day_can_be_counted() -> None:
    rows = hm.chain(("application", at(0), at(0)), ("review", at(0), at(3)))
    assert one(permit(), rows, start="2026-12-28")["net"] == 3


def test_no_limits_give_an_empty_table() -> None:
    assert limit_times(hm.run(hm.process(STATES, WAYS), PLAIN)).is_empty()


def test_the_join_of_regions_starts_and_stops_clocks() -> None:
    regions = [
        {"name": n, "initial": "check", "states": [hm.state("check", n), hm.state("ok")],
         "transitions": [hm.go("check", "ok")]} for n in ("a", "b")
    ]  # fmt: skip
    states = [
        hm.state("intake", "a"),
        {"name": "joint", "regions": regions},
        hm.state("decision", "a"),
        hm.state("end"),
    ]
    ways = [hm.go("intake", "joint"), hm.go("joint", "decision", "joined"), hm.go("decision", "end")]
    limits = {
        "joint": {"statutory": "5 wd", "start": {"enter": "joint"}, "stop": {"done": "joint"}},
        "rest": {"statutory": "5 wd", "start": {"fire": "joined"}, "stop": {"exit": "decision"}},
        "off": {"statutory": "9 wd", "suspend": [{"in": "joint", "cause": "expert review"}]},
    }
    of = hm.process(states, ways, limits=limits)
    rows = [
        *hm.chain(("intake", at(0), at(0))),
        *hm.chain(("joint/a/check", at(0), at(1)), token="joint/a", dest="joint/a/ok"),
        *hm.chain(("joint/b/check", at(0), at(3)), token="joint/b", dest="joint/b/ok"),
        *hm.chain(("decision", at(3), at(4))),
    ]
    rows[1]["sync"] = 48
    found = {row["limit"]: row for row in limit_times(hm.run(of, rows)).to_dicts()}
    assert found["joint"]["net"] == 3
    assert found["rest"]["net"] == 1
    assert (found["off"]["net"], found["off"]["suspended"]) == (1, 3)


def test_a_trigger_of_a_composite_is_told_from_its_other_ways_out() -> None:
    region = {"name": "a", "initial": "check", "states": [hm.state("check", "a"), hm.state("ok")],
              "transitions": [hm.go("check", "ok")]}  # fmt: skip
    joint = {"name": "joint", "regions": [region, {**region, "name": "b"}]}
    states = [joint, hm.state("good", "a"), hm.state("bad", "a"), hm.state("end")]
    ways = [hm.go("joint", "good", "pass", probability=0.5), hm.go("joint", "bad", "fail", probability=0.5),
            hm.go("good", "end", "x"), hm.go("bad", "end", "y")]  # fmt: skip
    limits = {
        name: {"statutory": "5 wd", "start": {"fire": name}, "stop": {"enter": "end"}} for name in ("pass", "fail")
    }
    of = hm.process(states, ways, limits=limits)
    rows = [
        *hm.chain(("joint/a/check", at(0), at(2)), token="joint/a", dest="joint/a/ok"),
        *hm.chain(("joint/b/check", at(0), at(1)), token="joint/b", dest="joint/b/ok"),
        *hm.chain(("bad", at(2), at(3))),
    ]
    rows[1]["sync"] = 24
    found = {row["limit"]: row for row in limit_times(hm.run(of, rows)).to_dicts()}
    assert found["pass"]["started_us"] is None
    assert (found["fail"]["started_us"], found["fail"]["net"]) == (at(2) * hm.HOUR, 1)


ORGANIZATION = hm.process(STATES, WAYS).organization
START = dt.date(2025, 1, 1)


@pytest.mark.parametrize("unit", ["wd", "d", "week", "month"])
def test_counting_many_cases_agrees_with_counting_one_by_dates(unit: str) -> None:
    rng = np.random.default_rng(7)
    days = DayCount.of(ORGANIZATION, START, 500 * hm.DAY)
    for _ in range(300):
        first, length = int(rng.integers(0, 250)), int(rng.integers(1, 5))
        lows = rng.integers(first - 5, first + 40, 3)
        highs = lows + rng.integers(0, 12, 3)
        span = Span(float(length), unit)
        suspensions = [(date(low), date(high)) for low, high in zip(lows, highs, strict=True)]
        last = due(date(first), span, ORGANIZATION, suspensions=suspensions)
        ends = np.arange(first, first + 200, dtype=np.int64)
        rank = np.repeat(np.arange(200, dtype=np.int64), 3)
        stretches = Stretches.united(200, rank, np.tile(lows, 200), np.tile(highs, 200))
        kept = days.in_time(span, np.full(200, first, np.int64), ends, stretches)
        assert [date(int(end)) <= last for end in ends] == kept.tolist()
        if unit != "month":
            assert used(date(first), last, unit, ORGANIZATION, suspensions=suspensions) >= length


def date(number: int) -> dt.date:
    return START + dt.timedelta(days=int(number))


def test_a_hundred_thousand_cases_take_seconds() -> None:
    n = 100_000
    base = hm.run(permit(), hm.chain(("application", 9, 9), ("survey", 9, 30), ("review", 30, 120)))
    many = pl.DataFrame({"case": np.arange(n)})
    shift = (pl.col("case") % 300) * hm.DAY
    moved = [name for name in base.events.columns if name in {f"{i}_us" for i in ("enter", "exit", "done", "arrive")}]
    base.events = base.events.drop("case").join(many, how="cross").with_columns(pl.col(moved) + shift)
    base.cases = base.cases.drop("case").join(many, how="cross").with_columns(pl.col("arrival_us", "end_us") + shift)
    begun = time.process_time()
    assert limit_times(base).height == n
    assert time.process_time() - begun < 10  # about one second of a processor
