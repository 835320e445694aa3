"""How long a case waits for something periodic: a sitting, a courier. Exact over one common cycle.

Waits are in working days of the organization. Queues and full sittings are not its business: a run measures those.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from procflow.analysis.working_clock import WorkingClock

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]

_INSTANT = 1e-9
"""Working days within which two instants are one: a case that comes as a sitting begins is in time, as in a run."""
_MOST_PAIRS = 4_000_000
"""Releases times lags that are looked at; of more lags every so-manieth is."""


@dataclass(frozen=True)
class Wait:
    """An expected wait in working days now, and with twice as many occurrences (one more between each two)."""

    now_wd: float
    twice_as_often_wd: float

    @property
    def saved_wd(self) -> float:
        """What twice as many occurrences would save."""
        return self.now_wd - self.twice_as_often_wd


@dataclass(frozen=True)
class Missed:
    """How likely a case misses the sitting that is next when it comes, and how long it then waits, in working days."""

    chance: float
    wait_wd: float


@dataclass(frozen=True)
class Cycle:
    """Occurrences that repeat for ever: ``times_wd`` of one cycle of ``length_wd``, in working days from its start.

    A case is in time for an occurrence where it comes at its closing or before; ``leads_wd`` is how long the closing
    (the cut-off) lies before the occurrence.
    """

    times_wd: Floats
    leads_wd: Floats
    length_wd: float

    @classmethod
    def of(cls, occurrences_us: Ints, closings_us: Ints, clock: WorkingClock, first_us: int, length_us: int) -> "Cycle":
        """Return the cycle that begins at ``first_us``, of instants that reach beyond it on both sides."""
        times, closings, (first, last) = (
            clock.duty_us(us) / clock.day_us
            for us in (occurrences_us, closings_us, np.array([first_us, first_us + length_us]))
        )
        mine = (occurrences_us >= first_us) & (occurrences_us < first_us + length_us)
        return cls(times[mine] - first, (times - closings)[mine], float(last - first))

    def following(self, at_wd: Floats, *, open_only: bool = True) -> Floats:
        """Return when the next occurrence after each instant falls, by default the next whose list is still open."""
        leads = self.leads_wd if open_only else np.zeros_like(self.leads_wd)
        rounds = np.floor_divide(self.times_wd - leads, self.length_wd)
        closings = self.times_wd - leads - rounds * self.length_wd  # within the cycle, whichever it closes for
        order = np.argsort(closings, kind="stable")
        closings, times = closings[order], (self.times_wd - rounds * self.length_wd)[order]
        turns = np.floor_divide(at_wd, self.length_wd)
        index = np.searchsorted(closings, at_wd - turns * self.length_wd - _INSTANT)
        more, index = np.divmod(index, len(closings))
        return np.asarray(times[index] + (turns + more) * self.length_wd)

    def twice_as_often(self) -> "Cycle":
        """Return the cycle with one more occurrence midway between each two, with the cut-off of the later one."""
        before = np.roll(self.times_wd, 1)
        before[0] -= self.length_wd
        middle = (before + self.times_wd) / 2 % self.length_wd
        times = np.concatenate((self.times_wd, middle))
        order = np.argsort(times, kind="stable")
        return Cycle(times[order], np.concatenate((self.leads_wd, self.leads_wd))[order], self.length_wd)

    def _pieces(self) -> tuple[Floats, Floats]:
        """Return the middles and lengths of the pieces of a cycle within which the next occurrence is the same."""
        cuts = np.concatenate((self.times_wd, self.times_wd - self.leads_wd)) % self.length_wd
        cuts = np.unique(np.concatenate(([0.0, self.length_wd], cuts)))
        return (cuts[1:] + cuts[:-1]) / 2, np.diff(cuts)


def random_arrivals(cycle: Cycle) -> Wait:
    """Return the expected wait of cases that come at any working time, all alike likely, for an occurrence.

    Without a cut-off that is E[W] = E[X²] ÷ 2E[X] = (1 + c²)·E[X]/2, X the gaps between occurrences and c their
    coefficient of variation (Tijms, *A First Course in Stochastic Models*, 2.1, the excess life of a renewal
    process); a cut-off is waited on top. Both are integrated exactly, piece by piece of the cycle.

    Wrong where arrivals keep to hours of the day or days of the week of their own: those of couriers and sittings are
    ``paced_arrivals``.

    >>> every_five_days = Cycle(np.array([2.0, 7.0]), np.zeros(2), 10.0)
    >>> random_arrivals(every_five_days).now_wd
    2.5
    >>> random_arrivals(Cycle(np.array([1.0, 2.0]), np.zeros(2), 10.0)).now_wd
    4.1
    """
    return Wait(_mean_at_random(cycle), _mean_at_random(cycle.twice_as_often()))


def _mean_at_random(cycle: Cycle) -> float:
    if not len(cycle.times_wd):
        return 0.0
    middles, lengths = cycle._pieces()
    return float((cycle.following(middles) - middles) @ lengths) / cycle.length_wd


def missed(cycle: Cycle) -> Missed:
    """Return what the cut-offs do to cases that come at any working time, all alike likely.

    A case misses the next occurrence where it comes after its closing: with gaps X between occurrences and a cut-off c
    the chance is P = Σ min(c, X) ÷ Σ X. It waits for the first one that is still open.

    >>> missed(Cycle(np.array([4.0]), np.ones(1), 5.0))
    Missed(chance=0.2, wait_wd=5.5)
    """
    if not len(cycle.times_wd):
        return Missed(0.0, 0.0)
    middles, lengths = cycle._pieces()
    taken = cycle.following(middles)
    late = taken > cycle.following(middles, open_only=False) + _INSTANT
    total = float(lengths[late].sum())
    return Missed(total / cycle.length_wd, float(((taken - middles) * lengths)[late].sum()) / total if total else 0.0)


def paced_arrivals(producer: Cycle, consumer: Cycle, *, lags_wd: Floats) -> Wait:
    """Return the expected wait of cases that an occurrence of another cadence releases.

    Both cycles are of one length, the least common multiple of their own: every release in it is looked at. A case
    released at p and on its way for a lag waits for the first occurrence that is open at p + lag. A release carries as
    many cases as the working time since the one before it. ``lags_wd`` are equally likely.

    Wrong where releases carry other numbers of cases (full sittings, arrivals of a rhythm of their own), and where
    cases queue between the two.
    """
    return Wait(*(_mean_paced(producer, each, lags_wd) for each in (consumer, consumer.twice_as_often())))


def _mean_paced(producer: Cycle, consumer: Cycle, lags: Floats) -> float:
    if not len(producer.times_wd) or not len(consumer.times_wd):
        return 0.0
    before = np.roll(producer.times_wd, 1)
    before[0] -= producer.length_wd
    weights = producer.times_wd - before
    step = -(-len(lags) * len(weights) // _MOST_PAIRS)
    lags = lags[step // 2 :: step]
    ready = producer.times_wd[:, None] + lags[None, :]
    waits = np.maximum(consumer.following(ready) - ready, 0.0).mean(axis=1)
    return float(waits @ weights / weights.sum()) if weights.sum() else float(waits.mean())
