"""What a log shows without a definition: variants, what follows what, rework, handoffs, arrivals."""

import datetime as dt
import math

import polars as pl
import pytest

from procflow.errors import LogError
from procflow.logs import event_log
from procflow.logs.arrivals import arrival_pattern
from procflow.logs.handoffs import handoffs_per_case, log_handoffs, ping_pong
from procflow.logs.variants import cases_with_rework, directly_follows, rework, variants
from tests.unit.logs.small import at, log

THREE = log(
    ("1", "accept", "3 09:00", "3 10:00"),
    ("1", "check", "3 11:00", "3 12:00"),
    ("1", "check", "4 09:00", "4 10:00"),
    ("2", "accept", "3 09:30", "3 10:30"),
    ("2", "check", "3 10:00", "3 12:00"),
    ("3", "accept", "5 09:00", "5 10:00"),
    ("3", "check", "5 11:00", "5 12:00"),
    resource=["Li", "Wu", "Li", "Li", "Wu", "Li", None],
    role=["window", "review", "review", "window", "review", "window", "review"],
)


def test_variants_count_cases_the_commonest_first():
    rows = variants(THREE).select("variant", "cases", "first").rows()
    assert rows == [(["accept", "check"], 2, "2"), (["accept", "check", "check"], 1, "1")]
    assert variants(THREE)["share"].sum() == pytest.approx(1)


def test_what_follows_directly_has_its_waiting_time_and_both_ends():
    rows = {(a, b): (count, cases, s) for a, b, count, cases, s in directly_follows(THREE).iter_rows()}
    assert rows["accept", "check"] == (3, 3, 3600)
    assert rows["check", "check"] == (1, 1, 21 * 3600)
    assert rows[None, "accept"] == (3, 3, None)
    assert rows["check", None] == (3, 3, None)


def test_steps_that_overlap_have_a_negative_time_between():
    two = log(("2", "accept", "3 09:30", "3 10:30"), ("2", "check", "3 10:00", "3 12:00"))
    assert directly_follows(two).filter(pl.col("to") == "check")["median_s"].to_list() == [-1800]


def test_rework_counts_what_is_done_again_in_a_case():
    [check, accept] = rework(THREE).iter_rows(named=True)
    assert (check["activity"], check["repeats"], check["repeating_cases"], check["cases"]) == ("check", 1, 1, 3)
    assert (accept["repeats"], accept["share"]) == (0, 0)
    assert cases_with_rework(THREE) == 1


def test_a_handoff_is_a_change_of_person():
    rows = log_handoffs(THREE).select("case", "from", "to", "from_activity", "to_activity").rows()
    assert rows == [
        ("1", "Li", "Wu", "accept", "check"),
        ("1", "Wu", "Li", "check", "check"),
        ("2", "Li", "Wu", "accept", "check"),
    ]


def test_a_label_that_changes_while_the_person_stays_is_no_handoff():
    kept = log(("1", "a", None, "3"), ("1", "b", None, "4"), resource=["Li", "Li"], role=["window", "review"])
    assert (handoffs_per_case(kept, by="role"), handoffs_per_case(kept, by="role", labels=True)) == (0, 1)
    assert log_handoffs(kept, by="role")["same_person"].to_list() == [True]


def test_a_label_that_changes_where_persons_are_not_known_counts():
    assert log_handoffs(THREE, by="role").filter(case="3")["same_person"].to_list() == [None]
    assert handoffs_per_case(THREE, by="role") == 1


def test_no_labels_no_number():
    assert math.isnan(handoffs_per_case(log(("1", "a", None, "3"))))


def test_ping_pong_is_sent_straight_back():
    people = ["A", "B", "A", "B", "C", "A", "B", "C", "A"]
    rows = [("1", "x", None, f"{day}") for day in range(1, 6)] + [("2", "x", None, f"{day}") for day in range(1, 5)]
    back = ping_pong(log(*rows, resource=people))
    assert back.rows() == [("A", "B", 1, 1), ("B", "A", 1, 1)]


def test_special_procedures_are_no_steps():
    suspended = log(
        ("1", "a", None, "3"), ("1", "停表", "4", "6"), ("1", "b", None, "7"), event_special=[None, "suspend", None]
    )
    assert variants(suspended)["variant"].to_list() == [["a", "b"]]


def test_arrivals_are_counted_by_weekday_and_hour_of_the_logs_zone():
    pattern = arrival_pattern(event_log(THREE.events, zone="Asia/Shanghai"))
    assert pattern.hours.select("weekday", "hour", "cases").rows() == [(1, 17, 2), (3, 17, 1)]
    assert (pattern.cases, pattern.days, pattern.per_day) == (3, 3, 1)


def test_an_even_stream_has_no_dispersion_and_bursts_have_much():
    def stream(counts):
        days = [at("3") + dt.timedelta(days=day) for day, count in enumerate(counts) for _ in range(count)]
        return event_log(pl.DataFrame({"case": [str(n) for n in range(len(days))], "activity": "a", "end": days}))

    assert arrival_pattern(stream([4] * 28)).dispersion == 0
    assert arrival_pattern(stream([1, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0])).dispersion == pytest.approx(32 / 5)
    assert math.isnan(arrival_pattern(stream([4])).dispersion)


def test_an_attribute_that_is_no_time_is_refused():
    with pytest.raises(LogError, match="no time 'start'; they have -"):
        arrival_pattern(THREE, attribute="start")
