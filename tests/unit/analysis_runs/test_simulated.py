"""The analysis on real simulations: what the definition leads to expect, and what the tables say of each other."""

import datetime as dt
from typing import Any

import handmade as hm
import polars as pl
import pytest

from procflow.analysis.clocks import due
from procflow.analysis.compare import compare
from procflow.analysis.finding import Measurement
from procflow.analysis.limit_times import limit_times
from procflow.analysis.metrics import case_metrics, summary
from procflow.analysis.profile import Profile
from procflow.analysis.registry import analyze
from procflow.analysis.time_split import time_split
from procflow.definition.scenario import Scenario
from procflow.simulation import simulate

LIMITS = {
    "decision": {
        "statutory": "6 wd",
        "promised": "8 d",
        "start": {"fire": "accept"},
        "stop": {"enter": "end"},
        "suspend": [{"in": "survey", "cause": "inspection"}, {"in": "fix", "cause": "rectification"}],
    }
}
SCENARIO = Scenario(arrivals="1 per wd", days=250, warmup_days=20, replications=6, seed=11)  # type: ignore[arg-type]


def permit(every: str = "weekly wed 09:00") -> Any:
    regions = [
        {
            "name": n,
            "initial": "check",
            "states": [hm.state("check", n, delay={"uniform": ["0 wd", "3 wd"]}), hm.state("ok")],
            "transitions": [hm.go("check", "ok")],
        }
        for n in ("b", "c")
    ]
    states = [
        hm.state("intake", "a"),
        hm.state("fix", "applicant", delay={"uniform": ["1 d", "9 d"]}),
        hm.state("survey", "b", batch={"every": every}),
        {"name": "joint", "regions": regions},
        hm.state("decide", "a"),
        hm.state("end", outcome="granted"),
    ]
    ways = [
        hm.go("intake", "fix", "return", probability=0.4),
        hm.go("intake", "survey", "accept"),
        hm.go("fix", "intake", "resubmit"),
        hm.go("survey", "joint"),
        hm.go("joint", "decide", "joined"),
        hm.go("decide", "fix", "rectify", probability=0.2),
        hm.go("decide", "end"),
    ]
    return hm.process(states, ways, limits=LIMITS)


@pytest.fixture(scope="module")
def pair() -> tuple[Any, Any]:
    of = permit()
    return of, simulate(of, SCENARIO)


def number(finding: Any, words: str) -> Measurement:
    return next(e for e in finding.evidence if isinstance(e, Measurement) and words in e.name.get("en"))


def test_expected_handoffs_agree_with_counted_ones(pair: tuple[Any, Any]) -> None:
    of, run = pair
    finding = analyze(of, run, rules=["H1"], profile=Profile(handoffs_per_case=0.5))[0]
    counted, expected = number(finding, "per case"), number(finding, "definition")
    assert counted.low is not None
    assert expected.value == pytest.approx(counted.value, abs=4 * (counted.value - counted.low))


def test_the_expected_wait_for_a_sitting_agrees_with_the_measured_one(pair: tuple[Any, Any]) -> None:
    of, run = pair
    (finding,) = analyze(of, run, rules=["T3"])
    assert number(finding, "measured").value == pytest.approx(number(finding, "definition").value, rel=0.15)


def test_every_limit_agrees_with_the_clock_by_dates(pair: tuple[Any, Any]) -> None:
    of, run = pair
    kept = limit_times(run).filter(pl.col("stopped_us").is_not_null(), pl.col("case") < 150).to_dicts()
    paused = run.events.filter(pl.col("state").is_in(["survey", "fix"]), pl.col("exit_us").is_not_null()).select(
        "replication", "case", "enter_us", "exit_us"
    )
    stretches: dict[Any, list[Any]] = {}
    for replication, case, begin, end in paused.iter_rows():
        stretches.setdefault((replication, case), []).append((date(begin), date(end)))
    assert len(kept) > 600
    for row in kept:
        suspensions = stretches.get((row["replication"], row["case"]), [])
        for kind, limit in (("statutory", "6 wd"), ("promised", "8 d")):
            last = due(date(row["started_us"]), limit, of.organization, suspensions=suspensions)
            assert row[f"{kind}_kept"] == (date(row["stopped_us"]) <= last)


def date(us: int) -> dt.date:
    return SCENARIO.start + dt.timedelta(days=us // hm.DAY)


def test_the_split_by_segment_is_the_mean_cycle_time(pair: tuple[Any, Any]) -> None:
    _, run = pair
    cohort = case_metrics(run).filter(pl.col("in_cohort"))
    mean_hours = cohort["cycle_us"].mean() / hm.HOUR  # type: ignore[operator]
    assert time_split(run)["hours"].sum() == pytest.approx(mean_hours)


def test_the_segments_of_each_case_sum_to_its_cycle_time(pair: tuple[Any, Any]) -> None:
    _, run = pair
    rows = case_metrics(run).filter(pl.col("outcome").is_not_null())
    hours = rows.select(pl.sum_horizontal(pl.col("^.*_path_hours$"))).to_series()
    assert (hours - rows["cycle_us"] / hm.HOUR).abs().max() < 1e-6  # type: ignore[operator]


def test_a_run_against_itself_differs_in_nothing(pair: tuple[Any, Any]) -> None:
    _, run = pair
    assert all(d.difference.mean in (0, pytest.approx(0)) for d in compare(run, run).differences)


def test_meeting_daily_saves_two_working_days(pair: tuple[Any, Any]) -> None:
    _, run = pair
    daily = simulate(permit("daily 09:00"), SCENARIO)
    change = compare(run, daily)["cycle_wd"].difference
    # 2.5 to 0.5 working days for each of 1.25 surveys a case; weekly crowds also queue for the one clerk
    assert change.high < -2.0
    assert change.mean == pytest.approx(-2.0 * 1.25, abs=1.0)


def test_a_summary_has_every_metric_once(pair: tuple[Any, Any]) -> None:
    _, run = pair
    keys = [metric.key for metric in summary(run)]
    assert len(keys) == len(set(keys))
    assert {"cycle_wd", "on_time:decision:promised", "utilization:a.clerk"} <= set(keys)
