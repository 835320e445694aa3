"""Queues with closed forms. Each interval is of 99.9 %, so a correct kernel fails one in a thousand seeds a claim.

Time is in hours: arrivals at rate λ, work at rate μ, c clerks, offered load a = λ/μ, load ρ = a/c.
"""

import math

import polars as pl
import pytest

from tests.analytic.model import HOUR, WAIT_HOURS, assert_holds, cohort_rows, mean_of, process, queue, run


def erlang_c(c: int, a: float) -> float:
    """Return the probability of a wait in M/M/c (Gross et al., *Fundamentals of Queueing Theory*, 4th ed., 2.33)."""
    last = a**c / math.factorial(c) / (1 - a / c)
    return last / (sum(a**k / math.factorial(k) for k in range(c)) + last)


def test_mm1_waits_as_long_as_theory_says() -> None:
    """Wq = ρ/(μ - λ), P(W > t) = ρ·exp(-(μ - λ)t) (Gross et al., 2.4); three claims, false alarm 0.3 %."""
    rows = cohort_rows(run(queue("work: {exponential: 1 h}", 1), "0.7 per h", days=1000, seed=1))
    assert_holds(0.7 / 0.3, mean_of(rows, WAIT_HOURS), within=0.07)
    assert_holds(0.7, mean_of(rows, WAIT_HOURS > 0), within=0.02)
    assert_holds(0.7 * math.exp(-0.3 * 3), mean_of(rows, WAIT_HOURS > 3), within=0.06)


def test_mm4_waits_as_long_as_erlang_c_says() -> None:
    """Wq = C(c, a)/(cμ - λ), P(W > 0) = C(c, a) (Gross et al., 2.33-2.36); two claims, false alarm 0.2 %."""
    rows = cohort_rows(run(queue("work: {exponential: 1 h}", 4), "3.2 per h", days=300, seed=2))
    chance = erlang_c(4, 3.2)
    assert_holds(chance / (4 - 3.2), mean_of(rows, WAIT_HOURS), within=0.1)
    assert_holds(chance, mean_of(rows, WAIT_HOURS > 0), within=0.04)


@pytest.mark.parametrize(
    ("work", "second_moment"),
    [
        ("1 h", 1.0),
        ("{lognormal: {mean: 1 h, sd: 1.5 h}}", 1.0 + 1.5**2),
        ("{erlang: [3, 1 h]}", 1.0 + 1 / 3),
        ("{uniform: [0 h, 2 h]}", 4 / 3),
    ],
)
def test_mg1_waits_as_long_as_pollaczek_and_khinchine_say(work: str, second_moment: float) -> None:
    """Wq = λ·E[S²]/(2(1 - ρ)) (Gross et al., 5.7; M/D/1 where the work is fixed); false alarm 0.1 %."""
    rows = cohort_rows(run(queue(f"work: {work}", 1), "0.7 per h", days=1000, seed=3))
    assert_holds(0.7 * second_moment / (2 * 0.3), mean_of(rows, WAIT_HOURS), within=0.13)


@pytest.mark.parametrize(("clerks", "rate"), [(1, 0.75), (3, 2.4)])
def test_two_classes_of_priority_wait_as_long_as_cobham_says(clerks: int, rate: float) -> None:
    """W_k = (C(c, a)/(cμ)) / ((1 - σ_{k-1})(1 - σ_k)), σ_k the load of class k and those before it.

    Source: Cobham, *Priority assignment in waiting line problems*, Operations Research 2, 1954. A third of the cases
    is of the first class. Two claims, false alarm 0.2 %.
    """
    attributes = "attributes: {urgency: {integer: {empirical: [0, 0, 1]}}}\n"
    model = queue("work: {exponential: 1 h}, priority: urgency", clerks, attributes)
    found = run(model, f"{rate} per h", days=600, seed=4)
    classes = found.cases.select("replication", "case", "attribute_urgency")
    rows = cohort_rows(found).join(classes, on=["replication", "case"])
    residual, first, both = erlang_c(clerks, rate) / clerks, rate / 3 / clerks, rate / clerks
    urgent, other = pl.col("attribute_urgency") == 1, pl.col("attribute_urgency") == 0
    assert_holds(residual / (1 - first), mean_of(rows.filter(urgent), WAIT_HOURS), within=0.05)
    assert_holds(residual / (1 - first) / (1 - both), mean_of(rows.filter(other), WAIT_HOURS), within=0.11)


@pytest.mark.parametrize("rate", [0.8, 1.5])
def test_a_time_out_ends_as_many_visits_as_theory_says(rate: float) -> None:
    """A share P₀·exp(-(μ - λ)T) of the visits to M/M/1 is ended by a time-out T after their enter, in the work too.

    The workload that an arrival finds is below T, and each adds min(S, T - v) to it: by level crossing its density is
    λP₀·exp(-(μ - λ)x) below T, so P₀ = 1/(1 + λ(1 - exp(-(μ - λ)T))/(μ - λ)) (Brill, *Level Crossing Methods in
    Stochastic Models*, 2008, ch. 3). An arrival is served at once with probability P₀. Two claims, false alarm 0.2 %.
    """
    limit, drift = 3.0, 1.0 - rate
    text = "initial: a\nstates: [{name: a, department: desk, role: clerk, work: {exponential: 1 h}}"
    text += ", {name: end, final: true}, {name: late, final: true}]\ntransitions:\n"
    text += (
        f" - {{trigger: go, source: a, dest: end}}\n - {{trigger: over, source: a, dest: late, timeout: {limit} h}}\n"
    )
    rows = cohort_rows(run(process(text, clerk=1), f"{rate} per h", days=300, seed=5))
    idle = 1 / (1 + rate * (1 - math.exp(-drift * limit)) / drift)
    assert_holds(idle * math.exp(-drift * limit), mean_of(rows, pl.col("end") == "timed_out"), within=0.05)
    assert_holds(idle, mean_of(rows, WAIT_HOURS == 0), within=0.05)
    sojourn = (rows["arrive_us"] - rows["enter_us"]) / HOUR
    assert sojourn.max() == limit
