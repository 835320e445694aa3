"""What a run measures, by hand."""

import math
from pathlib import Path
from typing import Any

import handmade as hm
import pytest

from procflow.analysis.limit_times import limit_times
from procflow.analysis.metrics import CASE_METRICS, case_metrics, summary
from procflow.analysis.run_tables import process_of
from procflow.analysis.time_split import time_split
from procflow.errors import AnalysisError
from procflow.simulation.statistics import wilson

ASKED = [{"document": "identity"}, {"document": "lease"}, "business.name"]
STATES = [
    hm.state("apply", "applicant"),
    hm.state("intake", "a", asks=ASKED, visits=1, enters=[{"item": "business.name", "into": ["x", "y"]}]),
    hm.state("correct", "applicant", visits=1),
    hm.state("review", "b", asks=[{"document": "identity"}]),
    hm.state("end"),
]
WAYS = [
    hm.go("apply", "intake"),
    hm.go("intake", "correct", probability=0.5),
    hm.go("intake", "review", probability=0.5),
    hm.go("correct", "intake"),
    hm.go("review", "end"),
]
PERMIT = hm.process(STATES, WAYS, limits={"decision": {"statutory": "5 wd", "promised": "2 wd"}})
CORRECTED = (("apply", 9, 9), ("intake", 9, 10), ("correct", 10, 34), ("intake", 34, 35), ("review", 40, 42))


def metrics(rows: Any, **more: Any) -> dict[str, Any]:
    return case_metrics(hm.run(PERMIT, rows, **more)).to_dicts()[0]


def test_every_demand_counts_once_for_each_visit() -> None:
    row = metrics(hm.chain(*CORRECTED))
    assert (row["visits"], row["copies"], row["documents"], row["items_asked"]) == (3, 5, 2, 2)
    assert (row["entries"], row["steps"], row["visible_steps"]) == (4, 5, 5)


def test_hands_on_time_and_staff_hours_count_people() -> None:
    rows = hm.chain(*CORRECTED)
    rows[1]["people"] = "1,2"
    row = metrics(rows)
    assert row["work_hours"] == 1 + 24 + 1 + 2
    assert row["staff_hours"] == 2 + 1 + 2


def test_the_applicants_turn_is_no_handoff_between_departments() -> None:
    row = metrics(hm.chain(*CORRECTED))
    assert (row["handoffs_department"], row["applicant_turns"]) == (1, 1)


def test_a_visit_that_was_cancelled_before_it_was_done_demands_nothing() -> None:
    rows = hm.chain(("apply", 9, 9), dest="intake")
    rows.append({"state": "intake", "enter": 9, "contention": 5, "end": "cancelled"})
    row = metrics(rows)
    assert (row["visits"], row["documents"], row["steps"]) == (0, 0, 1)


def test_every_documented_metric_is_a_column() -> None:
    assert set(CASE_METRICS) <= set(metrics(hm.chain(*CORRECTED)))


def test_the_reference_explains_every_metric_and_column() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")
    run = hm.run(PERMIT, hm.chain(*CORRECTED))
    columns = {*case_metrics(run).columns, *limit_times(run).columns}
    segments = {name for name in columns if name.endswith("_path_hours")}
    assert [name for name in columns - segments if f"`{name}`" not in page] == []


def two(*, replications: int = 2) -> Any:
    """In each replication a case of one day and one of three; in later replications each takes a day longer."""
    rows = []
    for replication in range(replications):
        for case, days in enumerate((1, 3)):
            end = 9 + 24 * (days + replication)
            rows += hm.chain(("apply", 9, 9), ("intake", 9, end), case=case, replication=replication)
    return rows


def found(run: Any) -> dict[str, Any]:
    return {metric.key: metric.estimate for metric in summary(run)}


def test_a_summary_is_the_mean_of_the_replications_means() -> None:
    cycle = found(hm.run(PERMIT, two()))["cycle_days"]
    assert (cycle.mean, cycle.n) == (2.5, 2)
    # Student t with one degree of freedom: 12.706 · sd / √2 around 2.5, sd = 0.7071
    assert cycle.low == pytest.approx(2.5 - 12.7062 * 0.5, abs=1e-3)


def test_on_time_shares_have_wilson_intervals_in_one_replication_and_t_intervals_in_several() -> None:
    single = found(hm.run(PERMIT, two(replications=1)))["on_time:decision:promised"]
    assert (single.mean, single.n, single.low) == (0.5, 2, wilson(1, 2).low)
    several = found(hm.run(PERMIT, two()))["on_time:decision:promised"]
    assert (several.mean, several.n) == (0.5, 2)


def test_each_limit_has_its_three_times_side_by_side() -> None:
    metrics = {m.key: (m.estimate.mean, m.unit) for m in summary(hm.run(PERMIT, two(replications=1)))}
    keys = ["lived_d:decision", "net_wd:decision", "suspended_wd:decision"]
    assert [metrics[key] for key in keys] == [(2.0, "d"), (2.0, "wd"), (0.0, "wd")]
    listed = list(metrics)
    assert listed[listed.index(keys[0]) : listed.index(keys[0]) + 3] == keys


def test_cases_outside_of_the_cohort_count_for_nothing() -> None:
    run = hm.run(PERMIT, two(), in_cohort=False)
    assert math.isnan(found(run)["cycle_days"].mean)


def test_unfinished_cases_have_no_time_and_are_told() -> None:
    run = hm.run(PERMIT, two(replications=1), open_cases={(0, 1)})
    assert found(run)["cycle_days"].mean == 1
    assert found(run)["unfinished"].mean == 0.5


def test_utilization_is_of_all_offices_together() -> None:
    office = {"replication": 0, "department": "a", "group": "clerk", "people": 1, "on_duty_us": 100}
    staff = [{**office, "office": "east", "busy_us": 20}, {**office, "office": "west", "busy_us": 60}]
    assert found(hm.run(PERMIT, two(replications=1), staff=staff))["utilization:a.clerk"].mean == 0.4


def test_an_unpublished_year_leaves_out_the_shares_on_time_with_a_warning() -> None:
    run = hm.run(PERMIT, two(), start="2027-03-01")
    with pytest.warns(UserWarning, match="2027"):
        assert not any(key.startswith(("on_time", "net_")) for key in found(run))


def test_a_metric_becomes_plain_data_with_null_for_an_unknown_bound() -> None:
    data = next(m.to_data() for m in summary(hm.run(PERMIT, two(replications=1))) if m.key == "cycle_days")
    assert (data["mean"], data["low"], data["name"]["zh"]) == (2.0, None, "全程用时（自然日）")


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],  # Newcombe 1998, table I
)
def test_wilson_agrees_with_published_intervals(successes: int, n: int, low: float, high: float) -> None:
    share = wilson(successes, n)
    assert (share.low, share.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_no_case_has_no_share() -> None:
    assert math.isnan(wilson(0, 0).mean)


def test_the_split_by_segment_adds_up_to_the_cycle_time() -> None:
    split = time_split(hm.run(PERMIT, hm.chain(*CORRECTED)))
    assert split["hours"].sum() == pytest.approx(33)
    assert split["share"].sum() == pytest.approx(1)


def test_the_split_by_transition_has_transfer_and_the_wait_after_it() -> None:
    rows = hm.chain(*CORRECTED)
    rows[4]["batch"] = 0.5
    split = time_split(hm.run(PERMIT, rows), by="transition")
    row = split.filter(split["dest"] == "review").to_dicts()[0]
    assert (row["moves"], row["transfer_hours"], row["wait_hours"]) == (1, 5, 0.5)


def test_the_split_by_state_counts_visits_and_transfers_belong_to_the_sender() -> None:
    run = hm.run(PERMIT, hm.chain(*CORRECTED))
    states = {row["state"]: row for row in time_split(run, by="state").to_dicts()}
    assert (states["intake"]["visits"], states["intake"]["work_hours"]) == (2, 2)
    departments = {row["department"]: row["hours"] for row in time_split(run, by="department").to_dicts()}
    assert departments == {"a": 2 + 5, "b": 2, None: 24}


def test_an_unknown_process_is_refused_by_name() -> None:
    with pytest.raises(AnalysisError, match="permit"):
        process_of(hm.run(PERMIT, two()), "other")
