"""The oracle's streams of arrivals."""

import datetime as dt
from itertools import pairwise

import pytest

from procflow.definition.scenario import Scenario
from tests.oracle import OracleRun, simulate
from tests.oracle.small import HOUR, process, wall

AT_ONCE = """
initial: a
states: [{name: a}, {name: end, final: true}]
transitions: [{trigger: t, source: a, dest: end}]
"""


def arrived(arrivals: object, days: int = 70, replication: int = 0, **more: object) -> OracleRun:
    plan = {"arrivals": arrivals, "start": dt.date(2025, 3, 3), "days": days, **more}
    return simulate([process(AT_ONCE)], Scenario.model_validate(plan), replication)


def test_a_rate_per_working_day_arrives_in_office_hours():
    times = [case["arrival_us"] for case in arrived("12 per wd").cases]
    hours = {(t // HOUR) % 24 for t in times}
    assert hours <= {9, 10, 11, 13, 14, 15, 16}
    assert {t // (24 * HOUR) % 7 for t in times} == {0, 1, 2, 3, 4}
    assert len(times) == pytest.approx(12 * 50, abs=3 * 600**0.5)  # a Poisson count over 50 working days


@pytest.mark.parametrize(("rate", "expected"), [("1 per h", 70 * 24), ("300 per month", 690), ("20 per d", 1400)])
def test_other_rates_arrive_at_all_hours(rate, expected):
    times = [case["arrival_us"] for case in arrived(rate).cases]
    assert len(times) == pytest.approx(expected, abs=3.5 * expected**0.5)
    assert len({(t // HOUR) % 24 for t in times}) == 24


def test_fixed_gaps_run_on_their_calendar():
    found = arrived({"interval": "3 h", "calendar": "office"}, days=2)
    assert [wall(case["arrival_us"]) for case in found.cases] == [
        "03-03 12:00",
        "03-03 16:00",
        "03-04 11:00",
        "03-04 15:00",
    ]


def test_a_schedule_brings_its_size_and_is_moved_by_no_closed_day():
    found = arrived({"every": "weekly sat 10:00", "size": 2}, days=14)
    assert [wall(case["arrival_us"]) for case in found.cases] == ["03-08 10:00"] * 2 + ["03-15 10:00"] * 2


def test_times_before_the_start_are_left_out_and_the_rest_sorted():
    found = arrived({"times": ["2025-03-04 09:00", "2025-03-02 09:00", "2025-03-03 09:00"]})
    assert [(c["case"], wall(c["arrival_us"])) for c in found.cases] == [(0, "03-03 09:00"), (1, "03-04 09:00")]


def test_seed_and_replication_change_the_stream_and_nothing_else_does():
    base = arrived("12 per wd").cases
    assert arrived("12 per wd", days=100).cases[: len(base)] == base
    others = [arrived("12 per wd", seed=2).cases, arrived("12 per wd", replication=1).cases]
    for one, other in pairwise([base, *others]):
        assert one[0]["arrival_us"] != other[0]["arrival_us"]
