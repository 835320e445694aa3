"""Queues with arrivals that are no Poisson stream: exact roots, bounds, and Marshall's identity. Intervals of 99.9 %.

Time is in hours: gaps of mean 1/λ and standard deviation σa, work of mean 1/μ and standard deviation σs, ρ = λ/μ.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from procflow.simulation import Run
from procflow.simulation.statistics import estimate
from tests.analytic.model import CONFIDENCE, HOUR, WAIT_HOURS, assert_holds, cohort_rows, mean_of, queue, run

MU = 1 / 0.8


@pytest.mark.parametrize(
    ("gaps", "transform"),
    [
        ("1 h", lambda s: math.exp(-s)),
        ({"erlang": [2, "1 h"]}, lambda s: (2 / (2 + s)) ** 2),
        ({"gamma": ["1 h", "1.5 h"]}, lambda s: (1 + 2.25 * s) ** (-1 / 2.25)),
    ],
)
def test_gm1_waits_as_the_root_of_its_transform_says(gaps: Any, transform: Callable[[float], float]) -> None:
    """P(W > 0) = σ and Wq = σ/(μ(1 - σ)), σ the root in (0, 1) of σ = A*(μ(1 - σ)), A* the transform of the gaps.

    Source: Gross et al., *Fundamentals of Queueing Theory*, 4th ed., 5.3; D/M/1 where the gaps are fixed. Two claims,
    false alarm 0.2 %.
    """
    sigma = 0.5
    for _ in range(1000):
        sigma = transform(MU * (1 - sigma))
    rows = cohort_rows(run(queue("work: {exponential: 0.8 h}", 1), {"interval": gaps}, days=500, seed=41))
    assert_holds(sigma, mean_of(rows, WAIT_HOURS > 0), within=0.03)
    assert_holds(sigma / (MU * (1 - sigma)), mean_of(rows, WAIT_HOURS), within=0.14)


@pytest.mark.parametrize(
    ("gaps", "gap_sd", "work", "work_sd"),
    [
        ({"gamma": {"mean": "1 h", "sd": "1.5 h"}}, 1.5, "{lognormal: {mean: 0.7 h, sd: 0.9 h}}", 0.9),
        ({"uniform": ["0 h", "2 h"]}, 3**-0.5, "{gamma: {mean: 0.7 h, sd: 0.35 h}}", 0.35),
    ],
)
def test_gg1_waits_between_the_bounds_of_marchal_and_kingman_and_as_marshall_says(
    gaps: Any, gap_sd: float, work: str, work_sd: float
) -> None:
    """(λ²σs² + ρ(ρ - 2))/(2λ(1 - ρ)) ≤ Wq ≤ λ(σa² + σs²)/(2(1 - ρ)); Wq + E[I²]/(2E[I]) is known, I an idle period.

    Kingman, Proc. Camb. Phil. Soc. 58, 1962; Marchal, AIIE Trans. 10, 1978; Marshall, SIAM J. Appl. Math. 16, 1968:
    Wq = (σa² + σs² + (1/λ - 1/μ)²)/(2(1/λ - 1/μ)) - E[I²]/(2E[I]). Three claims, false alarm 0.3 %.
    """
    load = 0.7
    found = run(queue(f"work: {work}", 1), {"interval": gaps}, days=800, seed=42)
    wait = mean_of(cohort_rows(found), WAIT_HOURS)
    assert (work_sd**2 + load * (load - 2)) / (2 * (1 - load)) < wait.low
    assert wait.high < (gap_sd**2 + work_sd**2) / (2 * (1 - load))
    slack = 1 - load
    known = (gap_sd**2 + work_sd**2 + slack**2) / (2 * slack)
    assert_holds(known, estimate([with_idle(each) for each in parts(found)], confidence=CONFIDENCE), within=0.13)


def parts(found: Run) -> list[pl.DataFrame]:
    return cohort_rows(found).sort("case").partition_by("replication", maintain_order=True)


def with_idle(rows: pl.DataFrame) -> float:
    """Return the mean wait and half the second moment of an idle period over its mean, in hours."""
    idle = rows["ready_us"].to_numpy()[1:] - rows["done_us"].to_numpy()[:-1]
    idle = idle[idle > 0] / HOUR
    return float(rows.select(WAIT_HOURS.mean()).item() + np.mean(idle**2) / (2 * np.mean(idle)))
