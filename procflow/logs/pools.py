"""Who could have done it: people with like work form roles, and the people who may do an activity form its pool.

Finds roles and pools from who did what. Knows no time.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

LIKE = 0.5
"""People are of one role where the cosine of their work profiles is at least this."""
EXPECTED = 7.0
"""A person of the role who never did an activity may do it unless this many instances were to be expected."""


@dataclass(frozen=True)
class Pools:
    """The role of each person, and for each activity the pool: who may do it.

    ``role`` has a number per person, ``pool`` a number per activity, ``members`` a row of flags per pool.
    """

    role: Ints
    pool: Ints
    members: Flags


def find_pools(person: Ints, activity: Ints, people: int, activities: int, given: Ints | None = None) -> Pools:
    """Return roles and pools from who did which activity; ``given`` are the roles of people where the log has them.

    A person belongs to the pool of an activity who did it, or whose role did it while too little of it was done to
    tell that this person may not. Somebody who may do an activity but never does while others do it often is left
    out, which is what counts for waiting.
    """
    counts = np.zeros((people, activities))
    np.add.at(counts, (person, activity), 1)
    role = _roles(counts) if given is None else given
    can = counts > 0
    of_role = np.zeros((int(role.max(initial=-1)) + 1, activities))
    np.add.at(of_role, role, counts)
    share = counts.sum(axis=1) / np.maximum(np.bincount(role, weights=counts.sum(axis=1))[role], 1)
    expected = of_role[role] * share[:, None]
    can |= (of_role[role] > 0) & (expected < EXPECTED)
    members, pool = np.unique(can.T, axis=0, return_inverse=True)
    return Pools(role, pool.reshape(-1).astype(np.int64), members)


def _roles(counts: Floats) -> Ints:
    """Return roles by likeness of profiles: the busiest person without a role leads, those who are like join."""
    length = np.sqrt((counts**2).sum(axis=1))
    profile = counts / np.maximum(length, 1)[:, None]
    role = np.full(len(counts), -1, dtype=np.int64)
    leaders: list[int] = []
    for person in np.argsort(-counts.sum(axis=1), kind="stable"):
        if role[person] >= 0:
            continue
        like = (profile @ profile[person] >= LIKE) & (role < 0)
        like[person] = True
        role[like] = len(leaders)
        leaders.append(int(person))
    return _joined(counts, role)


def _joined(counts: Floats, role: Ints) -> Ints:
    """Let people of a role of one join another whose work they do, where too little of it was theirs to differ."""
    size = np.bincount(role)
    for person in np.flatnonzero(size[role] == 1):
        for other in np.argsort(-size, kind="stable"):
            done = counts[(role == other) & (np.arange(len(role)) != person)].sum(axis=0)
            expected = done * (counts[person].sum() / max(done.sum(), 1))
            if (done[counts[person] > 0] > 0).all() and (expected[counts[person] == 0] < EXPECTED).all():
                role[person] = other
                break
    return np.unique(role, return_inverse=True)[1].reshape(-1).astype(np.int64)
