"""Waits for what happens now and then: sittings, dispatches, joins. Each interval is of 99.9 %."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import poisson

from tests.analytic.model import HOUR, assert_holds, cohort_rows, mean_of, process, run

SITTING = """
initial: a
states: [{{name: a, department: desk, batch: {{every: {}}}}}, {{name: end, final: true}}]
transitions: [{{trigger: go, source: a, dest: end}}]
"""
DISPATCH = """
initial: a
states: [{{name: a, department: desk}}, {{name: end, final: true}}]
transitions: [{{trigger: go, source: a, dest: end, transfer: {{every: "{}"}}}}]
"""
RACE = """
initial: c
states:
  - name: c
    join: {}
    regions:
      - {{name: x, initial: s, states: [{{name: s, delay: {{exponential: 2 h}}}}, {{name: e, final: true}}],
         transitions: [{{trigger: go, source: s, dest: e}}]}}
      - {{name: y, initial: s, states: [{{name: s, delay: {{exponential: 3 h}}}}, {{name: e, final: true}}],
         transitions: [{{trigger: go, source: s, dest: e}}]}}
  - {{name: end, final: true}}
transitions: [{{trigger: go, source: c, dest: end}}]
"""
WEEK = 7 * 24.0


def hours(column: str) -> pl.Expr:
    return pl.col(column) / HOUR


@pytest.mark.parametrize(
    ("every", "mean", "second_moment"),
    [
        ('"weekly wed 09:00"', WEEK / 2, WEEK**2 / 3),
        ('"weekly wed 09:00", cutoff: 2 d', WEEK / 2 + 48, WEEK**2 / 12 + (WEEK / 2 + 48) ** 2),
        ('"daily 10:00,15:00"', (5**2 + 19**2) / 48, (5**3 + 19**3) / 72),
    ],
)
def test_cases_wait_half_a_period_for_a_sitting_and_longer_where_periods_differ(
    every: str, mean: float, second_moment: float
) -> None:
    """Poisson arrivals wait E[P²]/(2E[P]) for periods P, with second moment E[P³]/(3E[P]), plus the cutoff.

    Source: the residual life of a renewal process (Ross, *Stochastic Processes*, 2nd ed., 3.7.1). The cohort covers
    whole weeks. Two claims, false alarm 0.2 %.
    """
    rows = cohort_rows(run(process(SITTING.format(every)), "30 per d", days=77, warmup_days=7, seed=11))
    assert_holds(mean, mean_of(rows, hours("batch_us")), within=0.02)
    assert_holds(second_moment, mean_of(rows, hours("batch_us") ** 2), within=0.04)
    assert rows.select("batch_full_us", "contention_us", "off_duty_us").sum().row(0) == (0, 0, 0)


def test_cases_beyond_the_seats_wait_as_long_as_bulk_service_says() -> None:
    """A sitting a day with 5 seats for 4 cases a day: Xₙ₊₁ = (Xₙ - 5)⁺ + Poisson(4) wait when it begins.

    E[(X - 5)⁺]/λ is their wait beyond the first sitting (N. T. J. Bailey, *On queueing processes with bulk service*, J.
    R. Stat. Soc. B 16, 1954; Little), X solved numerically up to 150 cases. Two claims, false alarm 0.2 %.
    """
    rate, seats, most = 4.0, 5, 150
    arriving = poisson.pmf(np.arange(most + 1), rate)
    step = np.zeros((most + 1, most + 1))
    for waiting in range(most + 1):
        left = max(waiting - seats, 0)
        step[waiting, left:] = arriving[: most + 1 - left]
        step[waiting, most] += 1 - step[waiting].sum()
    equations = np.vstack([step.T - np.eye(most + 1), np.ones(most + 1)])
    chances = np.linalg.lstsq(equations, np.append(np.zeros(most + 1), 1.0), rcond=None)[0]
    beyond = float(chances @ np.maximum(np.arange(most + 1) - seats, 0)) / rate * 24
    found = run(process(SITTING.format(f'"daily 10:00", max: {seats}')), f"{rate} per d", days=2000, seed=15)
    rows = cohort_rows(found)
    assert_holds(12.0, mean_of(rows, hours("batch_us")), within=0.02)
    assert_holds(beyond, mean_of(rows, hours("batch_full_us")), within=0.12)


@pytest.mark.parametrize(
    ("every", "mean"), [("weekly wed 09:00", WEEK / 2), ("daily 10:00,15:00", (5**2 + 19**2) / 48)]
)
def test_cases_wait_the_residual_life_of_a_dispatch(every: str, mean: float) -> None:
    """Poisson departures wait E[P²]/(2E[P]) for the next dispatch (Ross, 3.7.1); false alarm 0.1 %."""
    found = run(process(DISPATCH.format(every)), "30 per d", days=77, warmup_days=7, seed=12)
    assert_holds(mean, mean_of(cohort_rows(found), hours("transfer_us")), within=0.02)


def test_a_join_of_all_takes_the_longer_of_two_exponentials_and_the_other_waits_for_it() -> None:
    """E max = 1/a + 1/b - 1/(a + b); who finishes first waits for the other one's whole mean, being memoryless.

    Source: Ross, *Introduction to Probability Models*, 10th ed., 5.2. Three claims, false alarm 0.3 %.
    """
    found = run(process(RACE.format("all")), "20 per d", days=150, warmup_days=0, seed=13)
    both = 1 / (1 / 2 + 1 / 3)
    assert_holds(2 + 3 - both, mean_of(found.cohort, hours("cycle_us")), within=0.02)
    rows = found.events
    assert_holds(3 - both, mean_of(rows.filter(token="c/x"), hours("sync_us")), within=0.04)
    assert_holds(2 - both, mean_of(rows.filter(token="c/y"), hours("sync_us")), within=0.04)


def test_a_join_of_any_takes_the_shorter_of_two_exponentials_and_cancels_the_other() -> None:
    """E min = 1/(a + b), and x wins with a/(a + b) (Ross, 5.2); two claims, false alarm 0.2 %."""
    found = run(process(RACE.format("any")), "20 per d", days=150, warmup_days=0, seed=14)
    assert_holds(1 / (1 / 2 + 1 / 3), mean_of(found.cohort, hours("cycle_us")), within=0.02)
    won = mean_of(found.events.filter(token="c/x"), pl.col("end") == "completed")
    assert_holds((1 / 2) / (1 / 2 + 1 / 3), won, within=0.02)
