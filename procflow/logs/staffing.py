"""How many people of a pool are on duty and free at every instant, as step functions that answer whole arrays.

Takes busy times from the log and duty from calendars. Attributes no waiting.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from procflow.logs.sorting import by_person

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

NEVER = np.iinfo(np.int64).min // 2
"""Before all instants, and still such that differences from it are exact."""
MULTITASKED = 0.05
"""A person works on k things at once where this share of the busy time or more has k."""


@dataclass(frozen=True)
class Steps:
    """A function of time that is constant between instants: ``value[i]`` on ``[at[i], at[i + 1])``, 0 before ``at[0]``.

    ``total[i]`` is its integral up to ``at[i]``.
    """

    at: Ints
    value: Ints
    total: Ints

    @classmethod
    def of(cls, at: Ints, change: Ints) -> "Steps":
        """Return the function with these changes at these instants, in any order."""
        order = np.argsort(at)
        instants, value = at[order], np.cumsum(change[order])
        last = np.append(np.diff(instants) != 0, True)[: len(instants)]
        return cls.holding(instants[last], value[last])

    @classmethod
    def holding(cls, at: Ints, value: Ints) -> "Steps":
        """Return the function that takes these values from these instants on."""
        total = np.concatenate([[0], np.cumsum(value[:-1] * np.diff(at))]) if len(at) else np.zeros(0, np.int64)
        return cls(at, value.astype(np.int64), total.astype(np.int64))

    def until(self, instant: Ints) -> Ints:
        """Return the integral up to each instant."""
        if not len(self.at):
            return np.zeros(len(instant), dtype=np.int64)
        place = np.searchsorted(self.at, instant, side="right") - 1
        inside = np.maximum(place, 0)
        found = self.total[inside] + self.value[inside] * (instant - self.at[inside])
        return np.where(place < 0, 0, found)

    def just_before(self, instant: Ints) -> Ints:
        """Return the value that leads up to each instant."""
        place = np.searchsorted(self.at, instant, side="left") - 1
        return np.where(place < 0, 0, self.value[np.maximum(place, 0)]) if len(self.at) else np.zeros_like(instant)

    def last_before(self, instant: Ints) -> Ints:
        """Return, for a function of 0 and 1, when, up to each instant, it was 1 for the last time, or ``NEVER``."""
        on = self.value > 0
        ends = np.where(on, np.append(self.at[1:], np.iinfo(np.int64).max), NEVER)
        place = np.searchsorted(self.at, instant, side="left") - 1
        latest = np.maximum.accumulate(ends) if len(ends) else ends
        found = np.where(place >= 0, latest[np.maximum(place, 0)] if len(ends) else NEVER, NEVER)
        return np.minimum(found, instant)


@dataclass(frozen=True)
class Staffing:
    """The people of one pool over time.

    ``idle`` is 1 while somebody on duty is free, ``off`` 1 while nobody is on duty; ``on_duty`` counts people.
    """

    idle: Steps
    off: Steps
    on_duty: Steps

    def share_of_one(self) -> Callable[[Ints], Floats]:
        """Return the function that gives, up to an instant, the time on duty divided among those on duty."""
        at, value = self.on_duty.at, self.on_duty.value
        rate = np.where(value > 0, 1.0 / np.maximum(value, 1), 0.0)
        total = np.concatenate([[0.0], np.cumsum(rate[:-1] * np.diff(at))])

        def until(instant: Ints) -> Floats:
            place = np.maximum(np.searchsorted(at, instant, side="right") - 1, 0)
            found: Floats = total[place] + rate[place] * (instant - at[place])
            return found

        return until


def staffing(
    members: Ints,
    duty: Sequence[Ints],
    person: Ints,
    start: Ints,
    end: Ints,
    capacity: Ints,
    *,
    since_us: int,
    shortest_us: int,
) -> Staffing:
    """Return the staffing of a pool over the log.

    Parameters
    ----------
    members
        The people of the pool, as numbers.
    duty
        By person, the intervals on duty, shape (n, 2).
    person, start, end
        Who was busy when: all the instances of the log, also of other pools.
    capacity
        By person, how many things at once make the person busy.
    since_us
        The first instant that matters.
    shortest_us
        Idle times shorter than this are none.
    """
    mine = np.isin(person, members)
    who = [person[mine], person[mine], *(np.full(2 * len(duty[m]), m) for m in members)]
    at = [start[mine], end[mine], *(duty[m].T.reshape(-1) for m in members)]
    n = int(mine.sum())
    busy = np.concatenate([np.ones(n), -np.ones(n), *(np.zeros(2 * len(duty[m])) for m in members)]).astype(np.int64)
    on = np.concatenate([np.zeros(2 * n), *(np.repeat([1, -1], len(duty[m])) for m in members)]).astype(np.int64)
    whose, when = np.concatenate(who), np.concatenate(at)
    order = by_person(whose, when)
    whose, when = whose[order], when[order]
    running, present = np.cumsum(busy[order]), np.cumsum(on[order])
    last = np.append((whose[1:] != whose[:-1]) | (when[1:] != when[:-1]), True) if len(whose) else np.zeros(0, bool)
    whose, when, running, present = whose[last], when[last], running[last], present[last]
    free = ((present > 0) & (running < capacity[whose])).astype(np.int64)
    first = np.append(True, whose[1:] != whose[:-1]) if len(whose) else np.zeros(0, bool)
    count = Steps.of(when, np.diff(free, prepend=0) * ~first + free * first)
    change = np.diff(present, prepend=0) * ~first + present * first
    staff = Steps.of(np.append(when, since_us), np.append(change, 0))
    off = Steps.holding(staff.at, (staff.value <= 0).astype(np.int64))
    return Staffing(_long(Steps.holding(count.at, (count.value > 0).astype(np.int64)), shortest_us), off, staff)


def _long(steps: Steps, shortest_us: int) -> Steps:
    """Return a function of 0 and 1 without its stretches of 1 that are too short."""
    changed = np.diff(steps.value, prepend=-1) != 0
    at, value = steps.at[changed], steps.value[changed].copy()
    value[:-1][np.diff(at) < shortest_us] = 0
    return Steps.holding(at, value)


def capacities(person: Ints, start: Ints, end: Ints, people: int) -> Ints:
    """Return by person how many things at once make the person busy: 1, or more for those who work so as a rule."""
    when = np.concatenate([start, end])
    whose = np.concatenate([person, person])
    change = np.repeat([1, -1], len(start))
    order = by_person(whose, when)
    whose, when = whose[order], when[order]
    running = np.cumsum(change[order])
    lasting = np.append(np.diff(when), 0) * np.append(whose[1:] == whose[:-1], False)
    found = np.ones(people, dtype=np.int64)
    most = int(running.max(initial=1))
    busy = np.bincount(whose, weights=lasting * (running > 0), minlength=people)
    for level in range(2, most + 1):
        with_level = np.bincount(whose, weights=lasting * (running >= level), minlength=people)
        found[with_level > MULTITASKED * np.maximum(busy, 1)] = level
    return found
