"""A permit in three pools of staff, of which two have closed forms. Each interval is of 99.9 %.

Intake and check by 4 clerks, of whom 30 % go back to intake; legal review and inspection in parallel by 3
specialists; 80 % are signed by 2 directors. One case an hour; every pool is busy for 80 % of its time.
"""

import math
from functools import cache

import numpy as np
import polars as pl

from procflow.simulation import Run
from tests.analytic.model import WAIT_HOURS, assert_holds, cohort_rows, mean_of, process, run
from tests.analytic.test_queues import erlang_c

PERMIT = """
initial: intake
states:
  - {name: intake, department: desk, role: clerk, work: {exponential: 1.12 h}}
  - {name: check, department: desk, role: clerk, work: {exponential: 1.12 h}}
  - name: review
    regions:
      - {name: legal, initial: read, states: [{name: read, department: desk, role: specialist,
         work: {exponential: 1.2 h}}, {name: done, final: true}],
         transitions: [{trigger: go, source: read, dest: done}]}
      - {name: site, initial: visit, states: [{name: visit, department: desk, role: specialist,
         work: {exponential: 1.2 h}}, {name: done, final: true}],
         transitions: [{trigger: go, source: visit, dest: done}]}
  - {name: sign, department: desk, role: director, work: {exponential: 2 h}}
  - {name: issued, final: true}
  - {name: refused, final: true}
transitions:
  - {trigger: go, source: intake, dest: check}
  - {trigger: back, source: check, dest: intake, probability: 0.3}
  - {trigger: go, source: check, dest: review}
  - {trigger: go, source: review, dest: sign, probability: 0.8}
  - {trigger: refuse, source: review, dest: refused}
  - {trigger: go, source: sign, dest: issued}
"""


@cache
def permit() -> Run:
    return run(process(PERMIT, clerk=4, specialist=3, director=2), "1 per h", days=600, seed=21)


def test_clerks_of_a_network_with_feedback_are_an_mmc_queue() -> None:
    """Wq = C(c, a)/(cμ - λ) at both states, λ = 2/0.7 per hour: 0.8350 h (Jackson, Oper. Res. 5, 1957).

    Two claims, false alarm 0.2 %.
    """
    rate, mu = 2 / 0.7, 1 / 1.12
    wait = erlang_c(4, rate / mu) / (4 * mu - rate)
    assert math.isclose(wait, 0.8350, abs_tol=5e-5)
    rows = cohort_rows(permit())
    for state in ("intake", "check"):
        assert_holds(wait, mean_of(rows.filter(state=state), WAIT_HOURS), within=0.1)


def test_specialists_are_a_queue_in_which_two_arrive_at_once() -> None:
    """Cases leave the clerks as a Poisson stream (Burke, Oper. Res. 4, 1956), so specialists are M^[2]/M/3.

    Their mean queue is that of the stationary birth process by steps of two, solved numerically up to 400 cases.
    False alarm 0.1 %.
    """
    wait = mean_queue_of_pairs(rate=1.0, mu=1 / 1.2, servers=3) / 2.0
    assert_holds(wait, mean_of(cohort_rows(permit()).filter(pl.col("token") != ""), WAIT_HOURS), within=0.1)


def test_every_pool_is_busy_for_its_share_of_the_time() -> None:
    """ρ = λ·E[visits]·E[S]/c = 0.8 for clerks, specialists and directors (Little); three claims, false alarm 0.3 %."""
    for role in ("clerk", "specialist", "director"):
        staff = permit().staff.filter(group=f"desk.{role}")
        assert_holds(0.8, mean_of(staff, pl.col("utilization")), within=0.03)


def test_a_case_visits_as_many_states_as_the_traffic_equations_say() -> None:
    """2/0.7 + 2 + 0.8 visits a case (Jackson's traffic equations); false alarm 0.1 %."""
    visits = cohort_rows(permit()).group_by("replication", "case").len()
    assert_holds(2 / 0.7 + 2 + 0.8, mean_of(visits, pl.col("len")), within=0.01)


def mean_queue_of_pairs(rate: float, mu: float, servers: int, most: int = 400) -> float:
    """Return the mean number that wait in M^[2]/M/c, from the balance equations of the numbers 0 to ``most``."""
    flow = np.zeros((most + 1, most + 1))
    for n in range(most + 1):
        flow[n, min(n + 2, most)] += rate
        if n > 0:
            flow[n, n - 1] = min(n, servers) * mu
        flow[n, n] -= flow[n].sum()
    equations = np.vstack([flow.T, np.ones(most + 1)])
    stationary = np.linalg.lstsq(equations, np.append(np.zeros(most + 1), 1.0), rcond=None)[0]
    return float(stationary @ np.maximum(np.arange(most + 1) - servers, 0))
