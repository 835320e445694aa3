"""Streams of arrivals against closed forms: Poisson counts by the hour, means per day, the residual of a renewal."""

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import chi2

from procflow.definition.holidays import is_working_day
from procflow.simulation import Run
from procflow.simulation.statistics import estimate
from tests.analytic.model import CONFIDENCE, DAY, HOUR, TO_END, assert_holds, process, run

AT_ONCE = "initial: a\nstates: [{name: a}, {name: end, final: true}]\n" + TO_END
NINE_TO_FIVE = """
procflow: 1
organization: town
holidays: CN
calendars: [{name: office, hours: {mon-fri: "09:00-17:00"}}]
working_calendar: office
levels: [{name: town}]
departments: [{name: desk, level: town}]
"""
TOWN = process(AT_ONCE, organization=NINE_TO_FIVE)
FACTORS = {9: 2.0, 10: 2.0, 11: 0.5, 12: 0.5, 13: 0.5, 14: 1.0, 15: 1.0, 16: 0.0}
PROFILE = {
    "hours": {"09:00-11:00": 2.0, "11:00-14:00": 0.5, "16:00-17:00": 0},
    "weekdays": {"mon": 1.5, "fri": 0.5},
    "months": {4: 0.25},
}


def arrived(arrivals: Any, *, days: int, replications: int = 8) -> Run:
    return run(TOWN, arrivals, days=days, seed=5, replications=replications, warmup_days=0)


def test_a_poisson_stream_with_a_profile_has_the_counts_of_its_rate_in_every_hour():
    """Chi-square over 35 cells of known expectation, on both sides; a false alarm twice in 1,000 seeds."""
    weeks, replications = 4, 8  # 3 to 30 March 2025, no holiday among them
    found = arrived({"rate": "40 per wd", "profile": PROFILE}, days=7 * weeks, replications=replications).cohort
    counts = np.zeros((7, 24))
    for (us,) in found.select("arrival_us").iter_rows():
        counts[us // DAY % 7, us // HOUR % 24] += 1
    weekday = {0: 1.5, 1: 1.0, 2: 1.0, 3: 1.0, 4: 0.5}
    expected = np.array([[5.0 * weeks * replications * weekday[d] * f for f in FACTORS.values()] for d in weekday])
    observed = counts[:5, 9:17]
    assert counts.sum() == observed.sum()
    assert observed[:, 7].sum() == 0  # the factor 0 of the last hour
    statistic = ((observed - expected) ** 2 / np.where(expected, expected, 1)).sum()
    assert statistic < chi2.ppf(CONFIDENCE, 35)
    assert statistic > chi2.ppf(1 - CONFIDENCE, 35)  # nor is it more even than chance allows


def test_the_months_of_a_profile_scale_the_rate_of_the_others():
    found = arrived({"rate": "40 per wd", "profile": PROFILE}, days=57, replications=20)  # to 28 April
    april = found.cohort.filter(pl.col("arrival_us") >= 29 * DAY).group_by("replication").len().sort("replication")
    # 19 working days: the 4th is a holiday, and the 27th (a Sunday) is worked with the factor of no weekday named
    daily = 5.0 * sum(FACTORS.values()) * 0.25
    days = {"mon": 4 * 1.5, "tue-thu": 5 + 4 + 4, "fri": 3 * 0.5, "sun": 1}
    assert_holds(daily * sum(days.values()), estimate(april["len"].to_list(), confidence=CONFIDENCE), within=0.1)


@pytest.mark.parametrize("arrivals", ["8 per wd", {"rate": "1 per h", "calendar": "office"}])
def test_eight_arrivals_a_day_from_nine_to_five_are_eight_a_day(arrivals: Any):
    """Not 8.95: a gap that runs over the night goes on next morning, and is not cut short or drawn anew."""
    found = arrived(arrivals, days=364, replications=20)
    rates = found.cohort.group_by("replication").len().sort("replication")["len"] / working_days()
    assert_holds(8.0, estimate(rates.to_list(), confidence=CONFIDENCE), within=0.02)


def working_days() -> int:
    """Count the working days from 3 March 2025 to 1 March 2026 in China: 260 weekdays, holidays and make-up days."""
    start = dt.date(2025, 3, 3)
    return sum(is_working_day(TOWN.organization, start + dt.timedelta(days=n)) for n in range(364))


def test_the_residual_of_a_renewal_process_is_that_of_the_inspection_paradox():
    """E[X²] / 2E[X] = (σ² + μ²) / 2μ (Ross, *Introduction to Probability Models*, 7.7), not half the mean gap."""
    mean, sd = 2.0, 3.0
    found = arrived({"interval": {"gamma": [f"{mean} h", f"{sd} h"]}}, days=400, replications=20)
    looks = np.arange(20 * DAY, 390 * DAY, 11 * HOUR)  # far from the start, and apart from each other
    residuals = []
    for _, part in found.cases.group_by("replication"):
        times = np.sort(part["arrival_us"].to_numpy())
        residuals.append(float((times[np.searchsorted(times, looks)] - looks).mean()) / HOUR)
    assert_holds((sd**2 + mean**2) / (2 * mean), estimate(residuals, confidence=CONFIDENCE), within=0.1)


def test_a_profile_paces_the_gaps_of_a_renewal_process_and_keeps_their_spread():
    """Twice as fast at all hours: gaps of half the mean and half the standard deviation."""
    profile = {"hours": {"00:00-24:00": 2.0}}
    found = arrived({"interval": {"gamma": ["2 h", "1 h"]}, "profile": profile}, days=200, replications=20)
    gaps = found.cases.sort("replication", "case").with_columns(
        (pl.col("arrival_us").diff().over("replication") / HOUR).alias("gap")
    )
    by_run = gaps.group_by("replication").agg(pl.col("gap").mean(), pl.col("gap").std().alias("sd"))
    assert_holds(1.0, estimate(by_run["gap"].to_list(), confidence=CONFIDENCE), within=0.02)
    assert_holds(0.5, estimate(by_run["sd"].to_list(), confidence=CONFIDENCE), within=0.03)
