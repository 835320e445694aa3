"""Networks of queues: Jackson's, one that forks and joins, and a permit in three pools. Each interval is of 99.9 %.

The permit: intake and check by 4 clerks, of whom 30 % go back to intake; legal review and inspection in parallel by 3
specialists; 80 % are signed by 2 directors. One case an hour; every pool is busy for 80 % of its time.
"""

import math
from functools import cache

import numpy as np
import polars as pl

from procflow.simulation import Run
from procflow.simulation.statistics import estimate
from tests.analytic.model import (
    CONFIDENCE,
    DAY,
    HOUR,
    WAIT_HOURS,
    assert_holds,
    cohort_rows,
    mean_of,
    process,
    run,
)
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

STATIONS = """
initial: a
states:
  - {name: a, department: desk, role: first, work: {exponential: 30 min}}
  - {name: b, department: desk, role: second, work: {exponential: 2 h}}
  - {name: c, department: desk, role: third, work: {exponential: 40 min}}
  - {name: end, final: true}
transitions:
  - {trigger: to_b, source: a, dest: b, probability: 0.5}
  - {trigger: to_c, source: a, dest: c, probability: 0.5}
  - {trigger: back, source: b, dest: a, probability: 0.25}
  - {trigger: on, source: b, dest: c, probability: 0.75}
  - {trigger: back, source: c, dest: a, probability: 0.2}
  - {trigger: over, source: c, dest: end, probability: 0.8}
"""
FORK = """
initial: f
states:
  - name: f
    regions:
      - {name: x, initial: s, states: [{name: s, department: desk, role: first, work: {exponential: 1 h}},
         {name: e, final: true}], transitions: [{trigger: go, source: s, dest: e}]}
      - {name: y, initial: s, states: [{name: s, department: desk, role: second, work: {exponential: 1 h}},
         {name: e, final: true}], transitions: [{trigger: go, source: s, dest: e}]}
  - {name: end, final: true}
transitions: [{trigger: go, source: f, dest: end}]
"""


def test_an_open_network_is_one_queue_at_each_of_its_stations() -> None:
    """Each station is an M/M/c with the rate of the traffic equations λ = γ + λR, though its arrivals are no Poisson
    stream; a case stays Σ Lᵢ/γ (J. R. Jackson, *Networks of waiting lines*, Oper. Res. 5, 1957).

    Stations of 1, 2 and 1 people. Four claims, false alarm 0.4 %.
    """
    routing = np.array([[0.0, 0.5, 0.5], [0.25, 0.0, 0.75], [0.2, 0.0, 0.0]])
    outside, means, people = np.array([0.75, 0.0, 0.0]), np.array([0.5, 2.0, 2 / 3]), [1, 2, 1]
    rates = np.linalg.solve(np.eye(3) - routing.T, outside)
    loads = rates * means
    found = run(process(STATIONS, first=1, second=2, third=1), "0.75 per h", days=500, seed=22)
    rows, in_system = cohort_rows(found), 0.0
    for name, rate, mean, load, c in zip("abc", rates, means, loads, people, strict=True):
        wait = erlang_c(c, load) / (c / mean - rate)
        assert_holds(wait, mean_of(rows.filter(state=name), WAIT_HOURS), within=0.12)
        in_system += rate * (wait + mean)
    assert_holds(in_system / 0.75, mean_of(found.cohort, pl.col("cycle_us") / HOUR), within=0.05)


def test_two_queues_that_a_case_forks_into_keep_it_as_long_as_theory_says() -> None:
    """T = (12 - ρ)/8 · 1/(μ - λ), exact for two M/M/1 queues with arrivals in common.

    Source: Flatto and Hahn, SIAM J. Appl. Math. 44, 1984; Nelson and Tantawi, IEEE Trans. Computers 37, 1988. Each
    branch alone is M/M/1. Two claims, false alarm 0.2 %.
    """
    rate = 0.6
    found = run(process(FORK, first=1, second=1), f"{rate} per h", days=500, seed=23)
    assert_holds((12 - rate) / 8 / (1 - rate), mean_of(found.cohort, pl.col("cycle_us") / HOUR), within=0.05)
    assert_holds(rate / (1 - rate), mean_of(cohort_rows(found).filter(token="f/x"), WAIT_HOURS), within=0.08)


def test_little_s_law_holds_in_every_replication_but_for_the_ends_of_its_window() -> None:
    """L = λW, L the integral of the cases in progress between warm-up and horizon: no more than 0.5 % apart on average.

    What is in progress at both ends is counted by the one side only, so they agree but for two samples of L cases.
    """
    window = np.array([60, 600]) * DAY
    differences = []
    for _, cases in permit().cases.group_by("replication", maintain_order=True):
        ends = cases["end_us"].fill_null(int(window[1])).to_numpy()
        inside = np.clip(ends, *window) - np.clip(cases["arrival_us"].to_numpy(), *window)
        differences.append(inside.sum() / cases.filter("in_cohort")["cycle_us"].sum() - 1)
    found = estimate(differences, confidence=CONFIDENCE)
    assert found.low <= 0 <= found.high
    assert found.half_width < 0.005


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
