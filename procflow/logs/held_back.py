"""What kept cases from the queue: delays and transfers before they were ready, and batches. Knows no queue's length."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from procflow.logs.batches import Batch, described, sessions_of
from procflow.logs.delays import expected_delays
from procflow.logs.enablement import Instances
from procflow.logs.log import EventLog
from procflow.logs.queue_order import Queue, explained_by_delays, ordered_delays, prompt_kinds
from procflow.logs.scene import People, Scene

Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

IDLE_ENOUGH = 0.2
"""Somebody must be free for this share or more of the time on duty for which cases are said to be delayed."""
USUAL = 0.8
"""A delay between departments is a transfer where this share or more of the cases have one."""


@dataclass(frozen=True)
class Held:
    """Until when each instance was held back from the queue, and by what: a delay, then a batch.

    ``in_order`` tells by pool whether it begins work in the order in which it becomes ready.
    """

    delay: Ints
    batch: Ints
    transfer: Flags
    in_order: Flags

    @classmethod
    def none(cls, found: Instances, pools: int) -> "Held":
        """Return that nothing was held back, in pools that keep no order."""
        nothing = np.zeros(len(found.start), dtype=np.int64)
        return cls(nothing, nothing, np.zeros(len(nothing), dtype=bool), np.zeros(pools, dtype=bool))


def held_back(scene: Scene, log: EventLog, found: Instances, people: People) -> tuple[Held, tuple[Batch, ...]]:
    """Return how long each instance was delayed and waited for a batch, before it could be taken."""
    wait = found.start - found.enabled
    low, batch = np.zeros_like(wait), np.zeros_like(wait)
    telling = np.zeros(len(wait), dtype=bool)
    batches: list[Batch] = []
    for rows, staff, full_time in zip(scene.rows, scene.staff, scene.full_time, strict=True):
        low[rows] = np.maximum(staff.idle.last_before(found.start[rows]) - found.enabled[rows], 0)
        telling[rows] = found.known[rows] & (staff.idle.just_before(found.enabled[rows]) > 0)
        for activity in np.unique(found.activity[rows]):
            own = rows[found.activity[rows] == activity]
            opened = sessions_of(found.enabled[own], found.start[own], staff, full_time)
            if opened is not None:
                batch[own] = opened - found.enabled[own]
                low[own] = 0
                batches.append(described(found.activities[activity], opened[batch[own] > 0], log.zone))
    transition = _transitions(found)
    low[~_idle_enough(scene, found, low, transition)] = 0
    delay = expected_delays(low, wait - batch, transition, telling & (batch == 0))
    in_order = np.zeros(len(scene.staff), dtype=bool)
    for k, rows in enumerate(scene.rows):
        queued = rows[found.known[rows] & (batch[rows] == 0)]
        if len(queued):
            in_order[k] = _order(
                Queue(
                    found.enabled[queued],
                    found.enabled[queued] + low[queued],
                    found.start[queued],
                    transition[queued],
                    telling[queued],
                ),
                queued,
                delay,
            )
    moved = (found.predecessor >= 0) & (people.department >= 0)
    moved &= people.department[found.predecessor] != people.department
    usual = np.bincount(transition, weights=delay > 0) >= USUAL * np.bincount(transition)
    return Held(delay, batch, moved & usual[transition], in_order), tuple(batches)


def _idle_enough(scene: Scene, found: Instances, low: Ints, transition: Ints) -> Flags:
    """Return of which instances the bound from below can be believed, by transition.

    Where people are busy nearly all the time that cases wait, and free for moments between, the moments are pauses
    and work that the log does not have: they do not prove that none of the cases was ready.
    """
    idle, off = np.zeros_like(low), np.zeros_like(low)
    for rows, staff in zip(scene.rows, scene.staff, strict=True):
        since, until = found.enabled[rows], found.enabled[rows] + low[rows]
        idle[rows] = staff.idle.until(until) - staff.idle.until(since)
        off[rows] = staff.off.until(until) - staff.off.until(since)
    free, on_duty = (np.bincount(transition, weights=each) for each in (idle, low - off))
    found_enough: Flags = (free >= IDLE_ENOUGH * on_duty)[transition]
    return found_enough


def _order(queue: Queue, rows: Ints, delay: Ints) -> bool:
    """Return whether a pool keeps the order of becoming ready, and if so narrow the delays of its queue by it."""
    kinds = np.unique(queue.kind[delay[rows] > 0])
    prompt = prompt_kinds(queue, np.isin(queue.kind, kinds))
    if prompt is None or not explained_by_delays(queue, prompt):
        return False
    if not prompt.all():
        delay[rows] = ordered_delays(queue, prompt, delay[rows])
    return True


def _transitions(found: Instances) -> Ints:
    before = np.where(found.predecessor >= 0, found.activity[found.predecessor], -1)
    pair = (before + 1) * len(found.activities) + found.activity
    numbers: Ints = np.cumsum(np.bincount(pair) > 0) - 1
    return numbers[pair]
