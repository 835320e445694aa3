"""What the waiting of a log is seen against: its people, their calendars, and the staffing of each pool over time.

Gathers; attributes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from procflow.logs.calendar_discovery import discover_calendars
from procflow.logs.enablement import Instances
from procflow.logs.log import EventLog
from procflow.logs.pools import Pools
from procflow.logs.staffing import Staffing, capacities, staffing
from procflow.logs.work_calendars import WorkCalendars, duty_intervals, merged
from procflow.text import Text

Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

SHORTEST_US = 1_000_000
"""Idle times shorter than a second, or than the clock of the log can tell, are none."""
PART_TIME = 0.5
"""A pool whose people work less than this share of the hours of all is looked at in the hours of all as well."""


@dataclass(frozen=True)
class People:
    """Who did each instance, as a number (−1: unknown), and what the log says of people."""

    names: tuple[str, ...]
    person: Ints
    role: Ints | None
    department: Ints
    outside: Flags

    @classmethod
    def of(cls, log: EventLog, found: Instances) -> "People":
        """Return the people of a log's instances."""
        rows = log.events[found.row]
        names = tuple(rows["resource"].drop_nulls().unique().sort())
        person = rows["resource"].cast(pl.Enum(names)).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
        done = np.bincount(found.activity[person >= 0], minlength=len(found.activities))
        department = rows["department"].rank("dense").cast(pl.Int64).fill_null(-1).to_numpy()
        return cls(names, person, _roles_of(rows, names), department, done[found.activity] == 0)

    @property
    def known(self) -> Flags:
        """Which instances name their person."""
        found: Flags = self.person >= 0
        return found


def _roles_of(rows: pl.DataFrame, names: tuple[str, ...]) -> Ints | None:
    """Return the commonest role of each person, where the log has a role for everybody."""
    usual = (
        rows.filter(pl.col("resource").is_not_null() & pl.col("role").is_not_null())
        .group_by("resource")
        .agg(pl.col("role").mode().sort().first())
        .sort("resource")
    )
    if usual.height < len(names):
        return None
    return usual["role"].rank("dense").cast(pl.Int64).to_numpy() - 1


def calendars_of(
    log: EventLog, found: Instances, people: People, pools: Pools, given: WorkCalendars | None
) -> tuple[WorkCalendars, list[Text]]:
    """Return calendars of everybody: those given, and for the others those found in the log."""
    missing = [name for name in people.names if given is None or name not in given.of]
    if given is not None and not missing:
        return given, []
    known = people.known
    own = discover_calendars(
        people.names,
        dict(zip(people.names, pools.role.tolist(), strict=True)),
        np.concatenate([people.person[known]] * 2),
        np.concatenate([found.start[known], found.end[known]]),
        zone=log.zone if given is None else given.zone,
    )
    if given is None:
        return own, []
    named = ", ".join(missing[:5])
    note = Text(
        en=f"{len(missing)} people are not in the calendars ({named}): theirs were found in the log",
        zh=f"工作日历中缺少 {len(missing)} 人（{named}）：其日历由日志推得",
    )
    return WorkCalendars({**own.of, **given.of}, own.zone, frozenset(missing), own.usual), [note]


@dataclass(frozen=True)
class Scene:
    """The pool of each instance (−1: outside), and the staffing of each pool with the rows that wait for it.

    ``full_time`` is, for pools that seem to work part of the time only, the staffing if they worked as all do.
    """

    pool: Ints
    rows: tuple[Ints, ...]
    staff: tuple[Staffing, ...]
    full_time: tuple[Staffing | None, ...]

    @classmethod
    def of(cls, found: Instances, people: People, pools: Pools | None, calendars: WorkCalendars) -> "Scene":
        """Return the staffing of pools, or of each person as a pool where ``pools`` is None."""
        known, n = people.known, len(people.names)
        members = np.eye(n, dtype=bool) if pools is None else pools.members
        pool = people.person if pools is None else np.where(people.outside, -1, pools.pool[found.activity])
        first, last = int(found.enabled.min()), int(found.end.max())
        duty = [calendars.duty(name, first, last) for name in people.names]
        capacity = capacities(people.person[known], found.start[known], found.end[known], n)
        busy = (people.person[known], found.start[known], found.end[known], capacity)
        shortest = _shortest_us(found)
        rows = tuple(np.flatnonzero(pool == k) for k in range(len(members)))

        def of(who: Flags, hours: Sequence[Ints]) -> Staffing:
            return staffing(np.flatnonzero(who), hours, *busy, since_us=first, shortest_us=shortest)

        usual = _usual_hours(calendars, first, last)
        part_time = [_part_time([people.names[m] for m in np.flatnonzero(who)], calendars) for who in members]
        longer = [merged(np.concatenate([hours, usual])) for hours in duty] if any(part_time) else []
        full_time = tuple(of(who, longer) if part else None for who, part in zip(members, part_time, strict=True))
        return cls(pool, rows, tuple(of(who, duty) for who in members), full_time)


def _usual_hours(calendars: WorkCalendars, first_us: int, last_us: int) -> Ints:
    if calendars.usual is None:
        return np.zeros((0, 2), dtype=np.int64)
    return duty_intervals(calendars.usual, calendars.zone, first_us, last_us)


def _part_time(names: Sequence[str], calendars: WorkCalendars) -> bool:
    """Return whether all of some people were found to work much less than all people together."""
    if calendars.usual is None or not set(names) <= calendars.found:
        return False
    most = PART_TIME * calendars.usual.minutes_per_week
    return all(calendars.of[name].minutes_per_week < most for name in names)


def _shortest_us(found: Instances) -> int:
    """Return the shortest idle time that the clock of the log can tell from rounding."""
    minute = 60 * SHORTEST_US
    coarse = np.mean((found.start % minute == 0) & (found.end % minute == 0)) > 0.99
    return (minute if coarse else SHORTEST_US) + 1
