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
from procflow.logs.batches import Batch
from procflow.logs.branches import with_branches
from procflow.logs.enablement import Instances, instances
from procflow.logs.held_back import Held, held_back
from procflow.logs.log import EventLog
from procflow.logs.overtaking import overtaken_work
from procflow.logs.pools import Pools, find_pools
from procflow.logs.scene import People, Scene, calendars_of
from procflow.logs.staffing import Staffing
from procflow.logs.work_calendars import WorkCalendars
from procflow.text import Text

Ints = np.ndarray[Any, np.dtype[np.int64]]

CAUSES = ("transfer", "batch", "priority", "contention", "off_duty", "suspended", "extraneous")
"""The causes of waiting; each is a column ``<cause>_us`` of a split."""
HOUR_US = 3_600_000_000


@dataclass(frozen=True)
class WaitingSplit:
    """The waiting of a log by cause.

    ``events`` has a row per activity instance with a start and an end: ``row`` (of ``log.events``), ``case``,
    ``activity``, ``from_activity`` (what enabled it; null for the first), ``resource``, ``enabled``, ``start``,
    ``end``, ``wait_us``, and ``<cause>_us`` for each of ``CAUSES``, which add up to ``wait_us``. ``pools`` names the
    people who may do each activity.
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
        The log has no starts, or names no people; or ``pool`` is neither.

    It is wrong where people do work that the log does not have: they count as free. Delays are told from the queue
    by the instants at which somebody was free, and where nobody ever is, by the distribution of the other delays of
    the same transition; see ``expected_delays``. A periodic courier between departments counts as a batch.
    """
    _check(log, pool)
    found = instances(log)
    people = People.of(log, found)
    left_out = log.events.height - len(found.row)
    pools = find_pools(
        people.person[people.known], found.activity[people.known], len(people.names), len(found.activities), people.role
    )
    hours, notes = calendars_of(log, found, people, pools, calendars)
    if left_out:
        notes.append(_left_out(left_out))
    scene = Scene.of(found, people, pools if pool == "role" else None, hours)
    if pool == "role":
        found = with_branches(log, found, scene)
    held, batches = held_back(scene, log, found, people) if pool == "role" else (Held.none(found, len(scene.staff)), ())
    parts = _parts(scene, found, people, held)
    return WaitingSplit(
        _table(log, found, parts), hours, _named_pools(found, people, pools, pool), batches, tuple(notes)
    )


def tells_waits(log: EventLog) -> bool:
    """Whether a log has a row with a start, an end and a person at all, which a split needs."""
    timed = log.events.filter(pl.col("start") <= pl.col("end"))
    return timed["resource"].null_count() < timed.height


def _check(log: EventLog, pool: str) -> None:
    if pool not in ("role", "person"):
        raise LogError(
            Text(
                en=f"no kind of pool {pool!r}: write 'role' or 'person'",
                zh=f"没有 {pool!r} 这种人员范围：请写 role 或 person",
            )
        )
    events = log.events.filter(pl.col("start") <= pl.col("end"))
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


def _left_out(rows: int) -> Text:
    return Text(
        en=f"{rows} rows have no start, no end, or an end before the start: they were left out",
        zh=f"{rows} 条记录缺少开始或结束时间，或结束早于开始，未计入",
    )


def _parts(scene: Scene, found: Instances, people: People, held: Held) -> dict[str, Ints]:
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
        "end",
        pl.Series("wait_us", np.sum([parts[cause] for cause in CAUSES], axis=0)),
        *(pl.Series(f"{cause}_us", parts[cause]) for cause in CAUSES),
    )


def _named_pools(found: Instances, people: People, pools: Pools, kind: str) -> dict[str, tuple[str, ...]]:
    names = np.array(people.names)
    if kind == "role":
        return {a: tuple(names[pools.members[k]].tolist()) for a, k in zip(found.activities, pools.pool, strict=True)}
    return {
        a: tuple(names[np.unique(people.person[(found.activity == i) & people.known])].tolist())
        for i, a in enumerate(found.activities)
    }
