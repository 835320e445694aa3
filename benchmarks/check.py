"""Whether a side's result is right: the clerks' wait against theory, visits per case against the routing.

A program that is fast and wrong shall not pass: a result that disagrees ends the benchmark. Nothing is checked about
speed.
"""

import math
import statistics
from collections.abc import Sequence
from typing import Any

BATCHES = 20
"""Equal batches of the cases, in the order of their arrival, whose mean waits estimate how far the mean may err."""
FEWEST_CASES = 20_000
"""Below this, batches are so short that their means depend on each other, and the start from an empty office tells."""
FALSE_ALARM = 1e-5
"""The chance that one comparison rejects a right program. Seeds are fixed, so it cannot come and go."""

VISITS_PER_CASE = 2 / 0.7 + 2 + 0.8
"""Visits of a case on average: two steps for each round, two reviews, and a signature with chance 0.8."""
VISITS_SD = math.sqrt(4 * 0.3 / 0.7**2 + 0.8 * 0.2)
"""Standard deviation of a case's visits: two for each of a geometric number of rounds, and one with chance 0.8."""


class WrongResultError(Exception):
    """A side's result does not agree with theory."""


def erlang_c_wait(arrivals_per_hour: float, work_hours: float, servers: int) -> float:
    """Return the mean wait in hours of a queue M/M/c (L. Kleinrock, Queueing Systems I, 1975, section 3.5).

    >>> round(erlang_c_wait(0.5, 1.0, 1), 12)  # M/M/1: rho / (mu - lambda)
    1.0
    """
    load = arrivals_per_hour * work_hours
    states = [load**k / math.factorial(k) for k in range(servers)]
    full = load**servers / math.factorial(servers) / (1 - load / servers)
    return full / (sum(states) + full) / (servers / work_hours - arrivals_per_hour)


CLERK_WAIT_HOURS = erlang_c_wait(2 / 0.7, 1.12, 4)
"""The clerks' queue is M/M/4 although cases come back (J. R. Jackson, Networks of Waiting Lines, 1957)."""


def checked(side: str, runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what the runs of one side say beside what theory says; raise WrongResultError where they disagree.

    Waits are compared from 20,000 cases a run on; ``wait_checked`` says whether they were.
    """
    from scipy import stats

    cases, visits = (sum(run.get(f"checked_{name}", run[name]) for run in runs) for name in ("cases", "visits"))
    far = stats.norm.isf(FALSE_ALARM / 2)
    _compare(side, "visits per case", visits / cases, VISITS_PER_CASE, far * VISITS_SD / math.sqrt(cases))
    waits = [wait for run in runs for wait in run["waits_h"]]
    mean, error = statistics.fmean(waits), statistics.stdev(waits) / math.sqrt(len(waits))
    enough = all(run["cases"] >= FEWEST_CASES for run in runs)
    if enough:
        far = stats.t.isf(FALSE_ALARM / 2, len(waits) - 1)
        _compare(side, "mean wait of the clerks' queue, hours", mean, CLERK_WAIT_HOURS, far * error)
    return {
        "visits_per_case": round(visits / cases, 4),
        "wait_h": round(mean, 4),
        "wait_standard_error_h": round(error, 4),
        "wait_expected_h": round(CLERK_WAIT_HOURS, 4),
        "wait_checked": enough,
    }


def _compare(side: str, what: str, found: float, expected: float, tolerance: float) -> None:
    if not abs(found - expected) <= tolerance:
        raise WrongResultError(f"{side}: {what} is {found:.4f}, theory says {expected:.4f} ± {tolerance:.4f}")
