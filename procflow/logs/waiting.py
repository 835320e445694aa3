"""The waiting split of a log: for every activity instance, how long it waited for what. Judges nothing.

``[enabled, start)`` is cut into causes that add up to it exactly, in microseconds. Concurrency, roles, pools and
calendars are found in the log where they are not given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import polars as pl

from procflow.errors import LogError
from procflow.logs.batches import Batch, described, sessions
from procflow.logs.calendar_discovery import discover_calendars
from procflow.logs.delays import expected_delays
from procflow.logs.enablement import Instances, instances
from procflow.logs.log import EventLog
from procflow.logs.overtaking import overtaken_work
from procflow.logs.pools import Pools, find_pools
from procflow.logs.queue_order import Queue, ordered_delays, prompt_kinds
from procflow.logs.staffing import Staffing, capacities, staffing
from procflow.logs.work_calendars import WorkCalendars
from procflow.text import Text

Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

CAUSES = ("transfer", "batch", "priority", "contention", "off_duty", "suspended", "extraneous")
"""The causes of waiting; each is a column ``<cause>_us`` of a split."""
HOUR_US = 3_600_000_000
SHORTEST_US = 1_000_000
"""Idle times shorter than a second, or than the clock of the log can tell, are none."""
USUAL = 0.8
"""A delay between departments is a transfer where this share or more of the cases have one."""


@dataclass(frozen=True)
class WaitingSplit:
    """The waiting of a log by cause.

    ``events`` has a row per activity instance with a start and an end: ``row`` (of ``log.events``), ``case``,
    ``activity``, ``from_activity`` (what enabled it; null for the first), ``resource``, ``enabled``, ``start``,
    ``wait_us``, and ``<cause>_us`` for each of ``CAUSES``, which add up to ``wait_us``. ``pools`` names the people
    who may do each activity.
    """

    events: pl.DataFrame = field(repr=False)
    calendars: WorkCalendars = field(repr=False)
    pools: Mapping[str, tuple[str, ...]] = field(repr=False)
    batches: tuple[Batch, ...] = ()
    notes: tuple[Text, ...] = ()

    def total(self) -> dict[str, float]:
        """Return the hours of each cause, and of ``wait``, over the whole log."""
        return {name: int(self.events[f"{name}_us"].sum()) / HOUR_US for name in ("wait", *CAUSES)}

    def by(self, *columns: str) -> pl.DataFrame:
        """Return ``count`` and the hours of waiting by cause for each value of some columns, the longest first.

        ``by("activity")``, ``by("from_activity", "activity")`` for transitions, ``by("resource")``.
        """
        hours = [(pl.col(f"{name}_us").sum() / HOUR_US).alias(f"{name}_hours") for name in ("wait", *CAUSES)]
        grouped = self.events.group_by(columns).agg(pl.len().alias("count"), *hours)
        return grouped.sort("wait_hours", *columns, descending=[True, *(False for _ in columns)])


def waiting_split(
    log: EventLog, calendars: WorkCalendars | None = None, *, pool: Literal["role", "person"] = "role"
) -> WaitingSplit:
    """Return for every activity instance of a log how long it waited for what.

    The wait from being enabled to the start of work is cut into: a **transfer** between departments or an
    **extraneous** delay, until the case was ready to be taken; the **batch** it waited for; and from then on
    **off_duty** while nobody of the pool was on duty, **priority** while work that became ready later went first,
    **contention** while everybody on duty was busy, and again extraneous while somebody was free. Time with an
    activity that no person of the log ever does (the applicant's, another body's) is **suspended**, its wait and its
    duration together.

    Parameters
    ----------
    log
        Needs starts, ends and people. Where it says ``enabled``, that holds; otherwise see ``instances``.
    calendars
        Who is on duty when; found in the log by default, and for people whom they do not name.
    pool
        ``role``: waiting is laid at the door of all who could have done it. ``person``: of the one who in the end
        did; each interval by itself, without batches and delays.

    Raises
    ------
    LogError
        The log has no starts, or names no people.

    It is wrong where people do work that the log does not have: they count as free. Delays are told from the queue
    by the instants at which somebody was free, and where nobody ever is, by the distribution of the other delays of
    the same transition; see ``expected_delays``. A periodic courier between departments counts as a batch.
    """
    _check(log)
    found = instances(log)
    people = _People.of(log, found)
    pools = find_pools(
        people.person[people.known], found.activity[people.known], len(people.names), len(found.activities), people.role
    )
    hours, notes = _calendars(log, found, people, pools, calendars)
    scene = _Scene.of(found, people, pools if pool == "role" else None, hours)
    held, batches = (
        _held_back(scene, log, found, people) if pool == "role" else (_Held.none(found, len(scene.staff)), ())
    )
    parts = _parts(scene, found, people, held)
    return WaitingSplit(
        _table(log, found, parts), hours, _named_pools(found, people, pools, pool), batches, tuple(notes)
    )


def _check(log: EventLog) -> None:
    events = log.events.select("start", "end", "resource").drop_nulls(["start", "end"])
    if not events.height:
        raise LogError(
            Text(
                en="the log has no row with a start and an end: waiting and work cannot be told apart",
                zh="日志中没有同时含开始和结束时间的记录：无法区分等待与办理",
            )
        )
    if events["resource"].null_count() == events.height:
        raise LogError(
            Text(
                en="the log names no people: name the column of the person who did the work",
                zh="日志中没有人员信息：请指明经办人所在的列",
            )
        )


@dataclass(frozen=True)
class _People:
    """Who did each instance, as a number (−1: unknown), and what the log says of people."""

    names: tuple[str, ...]
    person: Ints
    role: Ints | None
    department: Ints
    outside: Flags

    @classmethod
    def of(cls, log: EventLog, found: Instances) -> "_People":
        rows = log.events[found.row]
        names = tuple(rows["resource"].drop_nulls().unique().sort())
        person = rows["resource"].cast(pl.Enum(names)).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
        done = np.bincount(found.activity[person >= 0], minlength=len(found.activities))
        department = rows["department"].rank("dense").cast(pl.Int64).fill_null(-1).to_numpy()
        return cls(names, person, _roles_of(rows, names), department, done[found.activity] == 0)

    @property
    def known(self) -> Flags:
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


def _calendars(
    log: EventLog, found: Instances, people: _People, pools: Pools, given: WorkCalendars | None
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
    return WorkCalendars({**own.of, **given.of}, own.zone, frozenset(missing)), [note]


@dataclass(frozen=True)
class _Scene:
    """The pool of each instance (−1: outside), and the staffing of each pool with the rows that wait for it."""

    pool: Ints
    rows: tuple[Ints, ...]
    staff: tuple[Staffing, ...]

    @classmethod
    def of(cls, found: Instances, people: _People, pools: Pools | None, calendars: WorkCalendars) -> "_Scene":
        known, n = people.known, len(people.names)
        members = np.eye(n, dtype=bool) if pools is None else pools.members
        pool = people.person if pools is None else np.where(people.outside, -1, pools.pool[found.activity])
        first, last = int(found.enabled.min()), int(found.end.max())
        duty = [calendars.duty(name, first, last) for name in people.names]
        capacity = capacities(people.person[known], found.start[known], found.end[known], n)
        busy = (people.person[known], found.start[known], found.end[known], capacity)
        shortest = _shortest_us(found)
        rows = tuple(np.flatnonzero(pool == k) for k in range(len(members)))
        staff = tuple(
            staffing(np.flatnonzero(who), duty, *busy, since_us=first, shortest_us=shortest) for who in members
        )
        return cls(pool, rows, staff)


def _shortest_us(found: Instances) -> int:
    """Return the shortest idle time that the clock of the log can tell from rounding."""
    minute = 60 * SHORTEST_US
    coarse = np.mean((found.start % minute == 0) & (found.end % minute == 0)) > 0.99
    return (minute if coarse else SHORTEST_US) + 1


@dataclass(frozen=True)
class _Held:
    """Until when each instance was held back from the queue, and by what: a delay, then a batch.

    ``in_order`` tells by pool whether it begins work in the order in which it becomes ready.
    """

    delay: Ints
    batch: Ints
    transfer: Flags
    in_order: Flags

    @classmethod
    def none(cls, found: Instances, pools: int) -> "_Held":
        nothing = np.zeros(len(found.start), dtype=np.int64)
        return cls(nothing, nothing, np.zeros(len(nothing), dtype=bool), np.zeros(pools, dtype=bool))


def _held_back(scene: _Scene, log: EventLog, found: Instances, people: _People) -> tuple[_Held, tuple[Batch, ...]]:
    """Return how long each instance was delayed and waited for a batch, before it could be taken."""
    wait = found.start - found.enabled
    low, batch = np.zeros_like(wait), np.zeros_like(wait)
    batches: list[Batch] = []
    for rows, staff in zip(scene.rows, scene.staff, strict=True):
        low[rows] = np.maximum(staff.idle.last_before(found.start[rows]) - found.enabled[rows], 0)
        for activity in np.unique(found.activity[rows]):
            own = rows[found.activity[rows] == activity]
            opened, batched = sessions(found.enabled[own], found.start[own], staff)
            if batched:
                held = low[own] > 0
                batch[own] = np.where(held, opened - found.enabled[own], 0)
                low[own] = 0
                batches.append(described(found.activities[activity], opened, held, log.zone))
    transition = _transitions(found)
    delay = expected_delays(low, wait - batch, transition)
    in_order = np.zeros(len(scene.staff), dtype=bool)
    for k, rows in enumerate(scene.rows):
        queued = rows[found.known[rows] & (batch[rows] == 0)]
        if len(queued):
            in_order[k] = _order(
                Queue(
                    found.enabled[queued], found.enabled[queued] + low[queued], found.start[queued], transition[queued]
                ),
                queued,
                delay,
            )
    moved = (found.predecessor >= 0) & (people.department >= 0)
    moved &= people.department[found.predecessor] != people.department
    usual = np.bincount(transition, weights=delay > 0) >= USUAL * np.bincount(transition)
    return _Held(delay, batch, moved & usual[transition], in_order), tuple(batches)


def _order(queue: Queue, rows: Ints, delay: Ints) -> bool:
    """Return whether a pool keeps the order of becoming ready, and if so narrow the delays of its queue by it."""
    kinds = np.unique(queue.kind[delay[rows] > 0])
    prompt = prompt_kinds(queue, np.isin(queue.kind, kinds))
    if prompt is None:
        return False
    if not prompt.all():
        delay[rows] = ordered_delays(queue, prompt, delay[rows])
    return True


def _transitions(found: Instances) -> Ints:
    before = np.where(found.predecessor >= 0, found.activity[found.predecessor], -1)
    pair = (before + 1) * len(found.activities) + found.activity
    return np.unique(pair, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _parts(scene: _Scene, found: Instances, people: _People, held: _Held) -> dict[str, Ints]:
    """Return the microseconds of each cause; they add up to the wait."""
    parts = {cause: np.zeros(len(found.start), dtype=np.int64) for cause in CAUSES}
    parts["transfer"] = np.where(held.transfer, held.delay, 0)
    parts["extraneous"] = np.where(held.transfer, 0, held.delay)
    parts["batch"] = held.batch
    ready = found.enabled + held.delay + held.batch
    for rows, staff, in_order in zip(scene.rows, scene.staff, held.in_order, strict=True):
        since, until = ready[rows], found.start[rows]
        off = staff.off.until(until) - staff.off.until(since)
        idle = staff.idle.until(until) - staff.idle.until(since)
        busy = until - since - off - idle
        priority = np.zeros_like(busy) if in_order else np.minimum(_overtaken(found, rows, ready, staff), busy)
        parts["off_duty"][rows] = off
        parts["extraneous"][rows] += idle
        parts["priority"][rows] = priority
        parts["contention"][rows] = busy - priority
    outside = people.outside
    parts["suspended"] = np.where(outside, found.end - found.enabled, 0)
    unknown = (scene.pool < 0) & ~outside
    parts["extraneous"] = np.where(unknown, found.start - found.enabled, parts["extraneous"])
    return parts


def _overtaken(found: Instances, rows: Ints, ready: Ints, staff: Staffing) -> Ints:
    """Return how long work that became ready later occupied the pool first, shared among the people on duty."""
    share = staff.share_of_one()
    # who comes first in a case may have waited for long, unseen: it is not known to have overtaken anybody
    work = np.where(found.known[rows], share(found.end[rows]) - share(found.start[rows]), 0.0)
    before: Ints = np.rint(overtaken_work(ready[rows], found.start[rows], work)).astype(np.int64)
    return before


def _table(log: EventLog, found: Instances, parts: Mapping[str, Ints]) -> pl.DataFrame:
    before = np.where(found.predecessor >= 0, found.activity[found.predecessor], -1)
    names = pl.Series(found.activities, dtype=pl.String)
    rows = log.events[found.row]
    return rows.select(
        pl.Series("row", found.row),
        "case",
        "activity",
        pl.Series("from_activity", names.gather(pl.Series(before).replace(-1, None))),
        "resource",
        pl.Series("enabled", found.enabled).cast(pl.Datetime("us", "UTC")),
        "start",
        pl.Series("wait_us", np.sum([parts[cause] for cause in CAUSES], axis=0)),
        *(pl.Series(f"{cause}_us", parts[cause]) for cause in CAUSES),
    )


def _named_pools(found: Instances, people: _People, pools: Pools, kind: str) -> dict[str, tuple[str, ...]]:
    names = np.array(people.names)
    if kind == "role":
        return {a: tuple(names[pools.members[k]].tolist()) for a, k in zip(found.activities, pools.pool, strict=True)}
    return {
        a: tuple(names[np.unique(people.person[(found.activity == i) & people.known])].tolist())
        for i, a in enumerate(found.activities)
    }
