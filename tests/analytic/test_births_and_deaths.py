"""Queues whose numbers are a birth and death process: machine repair, and applicants who give up. 99.9 % each.

Time is in hours. The stationary distribution is pₙ ∝ Π λₖ/μₖ₊₁ (Gross et al., *Fundamentals of Queueing Theory*, 4th
ed., 2.1).
"""

from collections.abc import Callable
from functools import cache

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from procflow.simulation import Run
from tests.analytic.model import HOUR, WAIT_HOURS, assert_holds, mean_of, process, run

MACHINES, REPAIRERS, UP, REPAIR = 6, 2, 10.0, 4.0
MACHINE = f"""
attributes: {{left: {{integer: 400}}}}
initial: up
states:
  - {{name: up, delay: {{exponential: {UP} h}}}}
  - {{name: repair, department: desk, role: repairer, work: {{exponential: {REPAIR} h}}}}
  - {{name: scrapped, final: true}}
transitions:
  - {{trigger: fail, source: up, dest: repair}}
  - {{trigger: scrap, source: repair, dest: scrapped, when: left < 1}}
  - {{trigger: mend, source: repair, dest: up, set: {{left: left - 1}}}}
"""
PATIENCE = """
initial: c
states:
  - name: c
    join: any
    regions:
      - {name: served, initial: a, states: [{name: a, department: desk, role: clerk, work: {exponential: 1 h}},
         {name: e, final: true}], transitions: [{trigger: go, source: a, dest: e}]}
      - {name: gone, initial: s, states: [{name: s, delay: {exponential: 2 h}}, {name: e, final: true}],
         transitions: [{trigger: go, source: s, dest: e}]}
  - {name: end, final: true}
transitions: [{trigger: go, source: c, dest: end}]
"""


def stationary(birth: Callable[[int], float], death: Callable[[int], float], most: int) -> NDArray[np.float64]:
    """Return the probabilities of 0 to ``most``."""
    ratios = [birth(n) / death(n + 1) for n in range(most)]
    weights = np.cumprod([1.0, *ratios])
    return np.asarray(weights / weights.sum())


@cache
def workshop() -> Run:
    """Six machines that fail and are mended four hundred times each, all from one instant on."""
    arrivals = {"times": ["2025-03-03 00:00"], "size": MACHINES}
    return run(process(MACHINE, repairer=REPAIRERS), arrivals, days=1, warmup_days=0, seed=51)


def settled() -> pl.DataFrame:
    """Return the visits while no machine is new, and none has been scrapped yet."""
    first_end = workshop().cases["end_us"].min()
    assert isinstance(first_end, int)
    assert first_end > 4000 * HOUR
    return workshop().events.filter(pl.col("enter_us").is_between(200 * HOUR, 4000 * HOUR))


def test_machines_wait_for_repair_as_long_as_the_finite_source_queue_says() -> None:
    """M/M/c//N: Wq = Lq/λ̄, λ̄ = E[N - n]/UP; a machine that fails finds what N - 1 machines leave behind.

    The finite population is a process whose cases go round. Source: Gross et al., 2.8; the arrival theorem (Sevcik and
    Mitrani, J. ACM 28, 1981). Three claims, false alarm 0.3 %.
    """
    some, fewer = (machines(number) for number in (MACHINES, MACHINES - 1))
    broken = np.arange(MACHINES + 1)
    rate = float(some @ (MACHINES - broken)) / UP
    queue_length = float(some @ np.maximum(broken - REPAIRERS, 0))
    rows = settled().filter(state="repair")
    assert_holds(queue_length / rate, mean_of(rows, WAIT_HOURS), within=0.06)
    assert_holds(float(fewer[REPAIRERS:].sum()), mean_of(rows, WAIT_HOURS > 0), within=0.03)
    per_machine = rows.group_by("replication", "case").len("failures")
    assert_holds(rate * 3800 / MACHINES, mean_of(per_machine, pl.col("failures")), within=0.03)


def machines(number: int) -> NDArray[np.float64]:
    """Return the probabilities that so many of ``number`` machines are broken."""
    return stationary(lambda n: (number - n) / UP, lambda n: min(n, REPAIRERS) / REPAIR, number)


@pytest.mark.parametrize("rate", [1.5, 3.0])
def test_applicants_of_exponential_patience_give_up_as_often_as_theory_says(rate: float) -> None:
    """M/M/2 whose cases leave at the rate θ each, also while they are served: death rates min(n, 2)·μ + n·θ.

    A share μ·E[min(n, 2)]/λ is served, and a case stays E[n]/λ (Little); an overload is steady too. Two claims, false
    alarm 0.2 %.
    """
    found = run(process(PATIENCE, clerk=2), f"{rate} per h", days=150, seed=52)
    numbers = np.arange(121)
    chances = stationary(lambda n: rate, lambda n: min(n, 2) + n / 2, 120)
    served = found.events.filter(token="c/served").join(found.cohort, on=["replication", "case"], how="semi")
    share = float(chances @ np.minimum(numbers, 2)) / rate
    assert_holds(share, mean_of(served, pl.col("end") == "completed"), within=0.03)
    assert_holds(float(chances @ numbers) / rate, mean_of(found.cohort, pl.col("cycle_us") / HOUR), within=0.04)
