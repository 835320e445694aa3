"""How long a case waits for something periodic: a sitting, a courier. Closed forms and exact enumeration.

Waits are in working days of the organization. Queues and full sittings are not its business: a run measures those.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from procflow.analysis.working_clock import WorkingClock

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Wait:
    """An expected wait in working days now, and with twice as many occurrences (one more between each two)."""

    now_wd: float
    twice_as_often_wd: float

    @property
    def saved_wd(self) -> float:
        """What twice as many occurrences would save."""
        return self.now_wd - self.twice_as_often_wd


def residual_wait(gaps: Floats) -> float:
    """Return the expected wait of a random arrival to the next occurrence, given the gaps between occurrences.

    E[W] = E[X²] ÷ 2E[X] = (1 + c²)·E[X]/2, c the coefficient of variation of the gaps. Source: Tijms, *A First
    Course in Stochastic Models*, 2.1 (renewal theory: the excess life).

    >>> residual_wait(np.array([5.0, 5.0]))
    2.5
    >>> residual_wait(np.array([1.0, 9.0]))
    4.1
    """
    return float((gaps**2).sum() / (2 * gaps.sum())) if gaps.sum() > 0 else 0.0


def random_arrivals(occurrences_us: Ints, clock: WorkingClock, cutoff_wd: float = 0.0) -> Wait:
    """Return the expected wait of cases that come at any working time, all alike likely, for an occurrence.

    A ``cutoff`` is waited in full on top: only the occurrence after it can be taken. One more occurrence between
    each two, midway in working time, halves every gap and with it the wait.
    """
    gaps = np.diff(clock.duty_us(occurrences_us)) / clock.day_us
    wait = residual_wait(gaps)
    return Wait(cutoff_wd + wait, cutoff_wd + wait / 2)


def paced_arrivals(
    producer_us: Ints, consumer_us: Ints, clock: WorkingClock, *, lags_wd: Floats, cutoff_wd: float = 0.0
) -> Wait:
    """Return the expected wait of cases that an earlier occurrence of another cadence releases.

    Every release in the common cycle of both cadences is looked at (the cycle of the least common multiple where
    they repeat): a case released at p and on its way for a lag waits until the first occurrence after p + lag. A
    release carries as many cases as the working time since the one before it. ``lags_wd`` are equally likely.
    """
    released = clock.duty_us(producer_us) / clock.day_us
    taken = clock.duty_us(consumer_us) / clock.day_us
    middle = (taken[1:] + taken[:-1]) / 2
    twice = np.sort(np.concatenate((taken, middle)))
    return Wait(*(_mean_wait(released, times, lags_wd + cutoff_wd) + cutoff_wd for times in (taken, twice)))


def _mean_wait(released: Floats, taken: Floats, lags: Floats) -> float:
    weights = np.diff(released)
    ready = released[1:, None] + lags[None, :]
    # the tolerance lets a release at the very instant of an occurrence be in time for it, as in a run
    index = np.searchsorted(taken, ready - 1e-9)
    known = (index < len(taken)).all(axis=1)
    if not known.any() or not weights[known].sum():
        return 0.0
    waits = np.maximum(taken[index[known]] - ready[known], 0).mean(axis=1)
    return float((waits * weights[known]).sum() / weights[known].sum())
