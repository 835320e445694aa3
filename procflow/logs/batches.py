"""Batches found in a log: work that waits although people are free, and is then taken up all together.

A clerk who drains a queue looks alike from the starts alone; there, nobody was free while the work waited. A delay
that ends case by case is no batch either: it leaves other cases waiting.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from procflow.logs.calendar_discovery import offsets_us
from procflow.logs.staffing import Staffing

Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

COMPLETE = 0.8
"""A batch takes up this share or more of what waits."""
FEWEST = 3
"""Sessions of two cases or more that an activity needs to be called batched."""
JOINT = 0.3
"""Share of the cases that were taken up together with others, at least."""
ON_SCHEDULE = 0.8
"""Share of sessions at the commonest times of day for which the batches are said to follow a schedule."""
A_DAYS_WORK_US = 7 * 3_600_000_000
"""What waits longer, though people seem free, waits for more than for them to come."""
_TIMES = 3
_MINUTE_US = 60_000_000
_DAY_US = 1440 * _MINUTE_US


@dataclass(frozen=True)
class Batch:
    """How an activity is batched: sessions, cases, and times of day (minutes after midnight) if on a schedule."""

    activity: str
    sessions: int
    cases: int
    at_minutes: tuple[int, ...]
    median_gap_us: int


def sessions_of(enabled: Ints, start: Ints, staff: Staffing, full_time: Staffing | None) -> Ints | None:
    """Return until when each instance waited for a session, if the activity is batched; see ``sessions``.

    People who do nothing but sit together once a week seem to be on duty then only. So a pool with such hours is
    looked at as if it worked as all do (``full_time``), if what it takes up waits for longer than a day's work.
    """
    opened = sessions(enabled, start, staff)
    if opened is None and full_time is not None:
        opened = sessions(enabled, start, full_time, least_us=A_DAYS_WORK_US)
    return opened


def sessions(enabled: Ints, start: Ints, staff: Staffing, *, least_us: int = 0) -> Ints | None:
    """Return until when each instance of one activity waited for its session; None if the activity is not batched.

    A session is what is taken up from one idle time of the pool to the next. What became possible after that idle
    time waited for no session: its own instant of being enabled is returned. ``least_us`` is the time on duty
    that at least half of the others must have waited.
    """
    released = staff.idle.last_before(start)
    held = released > enabled
    if held.sum() < 2 * FEWEST:
        return None
    session = np.unique(released[held], return_inverse=True)[1].reshape(-1)
    opened = np.full(int(session.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(opened, session, start[held])
    size = np.bincount(session)
    # what waits when a session opens, whether or not it is taken up in it
    waiting = np.searchsorted(np.sort(enabled), opened) - np.searchsorted(np.sort(start), opened)
    several = waiting >= 2
    share = size[several].sum() / max(int(waiting[several].sum()), 1)
    joint = size[size >= 2]
    waited = (until := opened[session]) - enabled[held] - (staff.off.until(until) - staff.off.until(enabled[held]))
    if len(joint) < FEWEST or share < COMPLETE or joint.sum() < JOINT * len(start) or np.median(waited) < least_us:
        return None
    found = enabled.copy()
    found[held] = until
    return found


def described(activity: str, opened: Ints, zone: str) -> Batch:
    """Return how often and when the sessions of a batched activity open, in local time."""
    moments, cases = np.unique(opened, return_counts=True)
    minute = (moments + offsets_us(moments, zone)) % _DAY_US // _MINUTE_US
    times, often = np.unique(minute, return_counts=True)
    common = np.argsort(-often, kind="stable")[:_TIMES]
    regular = often[common].sum() >= ON_SCHEDULE * len(moments)
    gap = int(np.median(np.diff(moments))) if len(moments) > 1 else 0
    at = tuple(sorted(int(times[k]) for k in common)) if regular else ()
    return Batch(activity, len(moments), int(cases.sum()), at, gap)
