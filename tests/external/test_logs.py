"""Event logs of others: what their publishers say of them is what we find in them.

``receipt.xes.gz``: J. Buijs, *Receipt phase of an environmental permit application process (WABO), CoSeLoG project*,
2014 (4TU general terms of use).
"""

import math

import polars as pl
import pytest

from procflow import read_log, write_log
from procflow.analysis.log_lateness import log_lateness
from procflow.analysis.log_registry import analyze_log
from procflow.analysis.profile import Profile
from procflow.logs.handoffs import handoffs_per_case, log_handoffs
from procflow.logs.variants import cases_with_rework, directly_follows, variants
from tests.external.data import external


@pytest.fixture(scope="module")
def receipt():
    return read_log(external("receipt/receipt.xes.gz"))


def test_the_receipt_log_has_the_cases_and_events_that_are_published(receipt):
    assert (receipt.cases.height, receipt.events.height, len(receipt.activities)) == (1434, 8577, 27)
    assert (receipt.events["resource"].n_unique(), receipt.events["role"].n_unique()) == (48, 10)
    assert (receipt.events["end"].min().year, receipt.events["end"].max().year) == (2010, 2012)
    assert not receipt.has_starts
    assert receipt.zone == "Europe/Amsterdam"


def test_the_receipt_log_has_116_variants(receipt):
    found = variants(receipt)
    assert (found.height, found["cases"].sum()) == (116, 1434)


def test_every_event_of_the_receipt_log_follows_something(receipt):
    follows = directly_follows(receipt)
    assert follows.filter(pl.col("to").is_not_null())["count"].sum() == 8577
    assert follows.filter(pl.col("to").is_null())["count"].sum() == 1434


def test_labels_of_groups_change_far_more_often_than_people(receipt):
    assert round(handoffs_per_case(receipt, by="role", labels=True), 2) == 3.79
    assert round(handoffs_per_case(receipt), 2) == 0.84
    # a handoff between groups is a change of person too: there are no more of them than changes of person
    assert handoffs_per_case(receipt, by="role") <= handoffs_per_case(receipt)
    assert log_handoffs(receipt, by="role")["same_person"].sum() > 4000


def test_rework_is_in_one_case_of_sixteen(receipt):
    assert round(100 * cases_with_rework(receipt) / receipt.cases.height, 1) == 6.3


def test_377_cases_end_after_their_deadline_and_open_ones_raise_the_estimate(receipt):
    found = log_lateness(receipt)
    assert (found.ended, found.late, found.open_cases, found.undated) == (1329, 377, 105, 0)
    assert math.isclose(found.share.mean, 377 / 1329)
    assert found.share.low < found.share.mean < found.share.high
    lowest, highest = 377 / 1434, (377 + 105) / 1434  # were all open cases in time, or all late
    assert lowest < found.estimate.low < found.estimate.mean < found.estimate.high < highest + 0.02


def test_the_findings_of_the_receipt_log_say_what_its_figures_say(receipt):
    found = analyze_log(receipt, profile=Profile(handoffs_per_case=0.5))
    [late] = found.of("T8")
    assert late.statement.en.startswith("377 of 1,329 ended cases ended after their deadline (28.4%)")
    assert late.evidence[0].low < 377 / 1329 < late.evidence[0].high
    people = next(each for each in found.of("H1") if each.names("process") == ("log:resource",))
    assert round(people.evidence[0].value, 2) == 0.84
    assert not analyze_log(receipt, rules=["H1"])  # 3.79 changes of label are no handoffs
    assert {"T1", "T13"} <= set(found.skipped)  # completions only


@pytest.mark.parametrize("ending", [".xes", ".csv", ".parquet"])
def test_the_receipt_log_survives_being_written(receipt, ending, tmp_path):
    write_log(receipt, tmp_path / f"log{ending}")
    again = read_log(tmp_path / f"log{ending}")
    assert again.zone == receipt.zone
    assert again.events.select(sorted(again.events.columns)).equals(receipt.events.select(sorted(again.events.columns)))
    assert again.cases.select(sorted(again.cases.columns)).equals(receipt.cases.select(sorted(again.cases.columns)))


@pytest.mark.parametrize(("name", "cases"), [("train", 797), ("test", 200)])
def test_the_loan_logs_are_read_without_being_told_their_columns(name, cases):
    log = read_log(external(f"loan/{name}_preprocessed.csv"))
    assert (log.cases.height, log.has_starts, log.zone) == (cases, True, "UTC")
    assert len(log.activities) == 12
    assert "activity = activity_name, start = start_timestamp, end = end_timestamp" in str(log.notes[0])


TIMERS = {"Insurance_Claims": 5443, "Insurance_Claims_1_timer": 5398}
TIMERS |= {"Loan_Application": 11805, "Loan_Application_1_timer": 11760}


@pytest.mark.parametrize("name", TIMERS)
def test_the_logs_with_timers_are_read_without_being_told_their_columns(name):
    log = read_log(external(f"timers/{name}.csv.gz"))
    assert (log.events.height, log.cases.height, log.has_starts) == (TIMERS[name], 1000, True)
    assert log.events["event_extraneous_delay"].dtype == pl.Float64


@pytest.mark.parametrize(("name", "events"), [("manual_log_1", 12), ("manual_log_2", 15)])
def test_the_logs_made_by_hand_are_read(name, events):
    log = read_log(external(f"waiting/{name}.csv"))
    assert (log.events.height, log.has_starts) == (events, True)
