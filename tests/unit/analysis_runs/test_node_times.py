"""The limits of single steps: by hand, beside a whole that is in time, and with what stops their clocks."""

from typing import Any

import handmade as hm
import polars as pl
import pytest

from procflow.analysis.node_times import node_times
from procflow.analysis.registry import analyze

WHOLE = {"statutory": "20 wd", "start": {"enter": "intake"}, "stop": {"exit": "review"}}


def at(day: int, hour: float = 10) -> float:
    """Hours since Monday 2025-03-03 00:00."""
    return 24 * day + hour


def permit(limit: str = "3 wd", **whole: Any) -> Any:
    states = [
        hm.state("intake", "a", limit="1 wd"),
        hm.state("review", "b", limit={"value": limit, "source": "office rule 7"}),
        hm.state("test", "b", limit="5 wd"),
        hm.state("end"),
    ]
    ways = [hm.go("intake", "review"), hm.go("review", "test", probability=0.5), hm.go("review", "end")]
    ways.append(hm.go("test", "review"))
    return hm.process(states, ways, limits={"all": {**WHOLE, **whole}})


def rows_of(of: Any, *visits: tuple[str, float, float], **more: Any) -> pl.DataFrame:
    return node_times(hm.run(of, hm.chain(*visits), **more))


def test_each_visit_to_a_limited_step_has_its_own_clock() -> None:
    visits = ("intake", at(0), at(1)), ("review", at(1), at(2)), ("test", at(2), at(9)), ("review", at(9), at(15))
    found = rows_of(permit(), *visits).select("state", "visit", "net", "unit", "suspended", "kept").rows()
    # Wednesday 03-05 to Wednesday 03-12: five working days; then Wednesday to Tuesday 03-18: four
    assert found == [
        ("intake", 1, 1.0, "wd", 0.0, True),
        ("review", 1, 1.0, "wd", 0.0, True),
        ("test", 1, 5.0, "wd", 0.0, True),
        ("review", 2, 4.0, "wd", 0.0, False),
    ]


def test_a_step_may_be_late_while_the_whole_is_in_time() -> None:
    of = permit()
    run = hm.run(of, hm.chain(("intake", at(0), at(1)), ("review", at(1), at(8))))
    (finding,) = analyze(of, run, rules=["T8"])
    assert finding.names("state") == ("review",)
    assert finding.legal_hook == "office rule 7"
    # Tuesday to Tuesday a week later are five working days, two beyond; three times side by side
    assert finding.cost[0].per_case == 2
    shown = [(each.value, each.unit) for each in finding.evidence[-3:]]
    assert shown == [(7.0, "d"), (5.0, "wd"), (0.0, "wd")]


@pytest.mark.parametrize(
    ("suspend", "net", "off"),
    [
        ({"since": {"fire": "to_review"}, "until": {"enter": "test"}}, (0, 5), (4, 0)),  # stops the review's clock too
        ({"in": "test"}, (4, 5), (0, 0)),  # the stay itself: its own limit measures it
    ],
)
def test_what_stops_the_whole_stops_a_step_unless_it_is_the_stay_itself(
    suspend: dict[str, Any], net: tuple[int, int], off: tuple[int, int]
) -> None:
    of = permit(suspend=[{"cause": "expert review", **suspend}])
    found = rows_of(of, ("intake", at(0), at(0)), ("review", at(0), at(4)), ("test", at(4), at(11)))
    rows = found.filter(pl.col("state") != "intake")
    assert (tuple(rows["net"]), tuple(rows["suspended"])) == (net, off)


def test_a_suspension_of_a_limit_that_does_not_run_there_stops_nothing() -> None:
    later = {"statutory": "9 wd", "start": {"enter": "test"}, "stop": {"exit": "test"},
             "suspend": [{"since": {"enter": "intake"}, "until": {"enter": "end"}, "cause": "x"}]}  # fmt: skip
    of = hm.process(
        [hm.state("intake", "a", limit="1 wd"), hm.state("test", "b"), hm.state("end")],
        [hm.go("intake", "test"), hm.go("test", "end")],
        limits={"later": later},
    )
    assert rows_of(of, ("intake", at(0), at(2)), ("test", at(2), at(3)))["net"].to_list() == [2.0]


def test_an_open_visit_is_late_once_its_limit_has_passed_and_unknown_before() -> None:
    for left, kept in ((at(2), None), (at(9), False)):
        row = {"state": "review", "enter": at(0), "contention": left - at(0), "end": "cut"}
        found = node_times(hm.run(permit(), [row], open_cases={(0, 0)})).to_dicts()[0]
        assert (found["left_us"], found["kept"], found["censored"]) == (None, kept, True)


def test_hours_run_through_the_night_and_days_roll_over_the_weekend() -> None:
    found = rows_of(permit("30 h"), ("review", at(0), at(1, 16)))
    assert found.select("net", "unit", "kept").rows() == [(30.0, "h", True)]
    # 5 d from Monday end on Saturday 03-08, and so on Monday 03-10
    assert rows_of(permit("5 d"), ("review", at(0), at(7)))["kept"].to_list() == [True]
    assert rows_of(permit("5 d"), ("review", at(0), at(8)))["kept"].to_list() == [False]


def test_a_process_without_limits_of_steps_has_no_rows() -> None:
    of = hm.process([hm.state("intake", "a"), hm.state("end")], [hm.go("intake", "end")])
    assert rows_of(of, ("intake", at(0), at(1))).is_empty()
