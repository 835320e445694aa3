"""Who waits for several people at once while those people keep starting other work. Read from a run's events.

The head of a queue that cannot start blocks its own queue, and nobody is kept idle for it (rule 9 of the semantics). So
a state that takes several people of a role some of whom hold others, too, may wait for as long as never enough of them
are free at one time, though its load is low. No queue need grow for it: neither loads nor a trend tell.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from procflow.definition.resolved import Process
from procflow.kernel.arrays import Ints
from procflow.kernel.layout import DAY
from procflow.machine.graph import state_graph
from procflow.simulation.calls import with_called
from procflow.simulation.staffing import Staffing, offices, qualified, staffing
from procflow.simulation.window import windows
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.simulation.run import Run

_COLUMNS = ("replication", "process", "state", "office", "ready_us", "start_us", "group", "people")
_UNTIL = (pl.col("ready_us") + pl.col("off_duty_us") + pl.col("contention_us")).alias("until_us")


@dataclass(frozen=True)
class Starved:
    """A state whose visits were passed over.

    Of ``visits`` that became ready for ``role`` (``department.role``, with ``@region``) between warm-up and horizon,
    ``starved`` were passed over as often as asked for; one of them ``most`` times. ``longest_us`` is the longest time
    from when a visit was first passed over until its wait was over. ``staff`` is how many people work together at most
    in that queue, and ``by`` are the roles whose work went before, the most frequent first.
    """

    process: str
    state: str
    role: str
    staff: int
    visits: int
    starved: int
    most: int
    longest_us: int
    by: tuple[str, ...]

    def text(self) -> Text:
        """Return what is to be said of it."""
        days, name = self.longest_us / DAY, f"{self.process}/{self.state}"
        return Text(
            en=f"{name}: {self.starved:,} of {self.visits:,} visits were passed over again and again while they waited "
            f"for {self.role} ({self.staff} people at once), up to {self.most:,} times and {days:.1f} days, by later "
            f"work of {', '.join(self.by)}: nobody is kept free for a crew; give it people who hold no other role",
            zh=f"{name}：{self.visits:,} 次办理中有 {self.starved:,} 次在等候 {self.role}（{self.staff} 人同时）时"
            f"一再被后到的工作（{'、'.join(self.by)}）抢先，最多 {self.most:,} 次、{days:.1f} 天："
            "空闲人员不会为多人岗位预留；请为其配备不兼任其他岗位的人员",
        )

    def __str__(self) -> str:
        return self.text().get("en")


def starvation(run: "Run", *, passes: int = 5) -> tuple[Starved, ...]:
    """Return the states whose visits were passed over ``passes`` times or more, the most starved visits first.

    A visit is passed over where a piece of work of another role starts while it waits in its queue, though it became
    ready later, or is of a lower priority, and by somebody who might have served the visit: one who holds its role, on
    a calendar on which as many do as the largest crew of its queue takes. Work of a higher priority does not count.

    Where a priority is an expression, or that of a calling state, it is taken for equal to any other: then work that
    went before by its right counts, too. Of a run in a folder only the rows of the roles concerned are read.

    >>> import procflow as pf
    >>> from procflow.definition.shipped import folder
    >>> permit = pf.load(folder() / "processes" / "food_license" / "as_is.yaml")
    >>> starvation(pf.simulate(permit, pf.Scenario(arrivals="2 per wd", days=60, replications=1, seed=7)))
    ()
    """
    staff = staffing(run.processes[0].organization, run.scenario)
    queues = {} if run.scenario.unlimited_staff else _queues(run.processes)
    found: list[Starved] = []
    for role, states in queues.items():
        able = _able(staff, role, max(state.staff for state in states.values()))
        others = {other for group in able for other in staff.groups[group].roles} & (queues.keys() - {role})
        if others:
            asked = {other: queues[other] for other in sorted(others)}
            works = _works(run, asked, [staff.groups[group].name for group in able])
            found += _starved(run, role, states, asked, works, passes)
    return tuple(sorted(found, key=lambda each: (-each.starved, each.role, each.process, each.state)))


@dataclass(frozen=True)
class _Work:
    """How many people a state takes at once, and with which priority; None where that is not known beforehand."""

    staff: int
    priority: float | None


_Key = tuple[str, str]
_Queues = Mapping[str, Mapping[_Key, _Work]]


def _queues(processes: Sequence[Process]) -> _Queues:
    """Return for each role with a queue the states, by process and name, whose work waits there."""
    found: dict[str, dict[_Key, _Work]] = {}
    for process in with_called(processes):
        usual = process.definition.priority
        if usual is None and process not in processes:
            usual = "that of the call"
        for name, node in state_graph(process).nodes.items():
            state, department = node.state, process.department(node.state)
            if state.work is not None and state.who == "staff" and department is not None:
                written = usual if state.priority is None else state.priority
                work = _Work(state.staff, None if isinstance(written, str) else float(written or 0))
                for office in offices(process.organization, department):
                    role = qualified(department.name, state.role or "", office)
                    found.setdefault(role, {})[process.name, name] = work
    return found


def _able(staff: Staffing, role: str, needed: int) -> list[int]:
    """Return the groups that hold a role on a calendar on which ``needed`` do at times; none where one is enough."""
    heads: dict[str, int] = {}
    for group in staff.of(role):
        each = staff.groups[group]
        heads[each.calendar] = heads.get(each.calendar, 0) + each.count
    return [g for g in staff.of(role) if needed > 1 and heads[staff.groups[g].calendar] >= needed]


def _rows(run: "Run", role: str, states: Mapping[_Key, _Work]) -> pl.LazyFrame:
    """Return the rows of the visits that waited in the queue of a role."""
    office = role.partition("@")[2]
    here = pl.any_horizontal(
        pl.lit(value=False), *((pl.col("process") == p) & (pl.col("state") == s) for p, s in states)
    )
    ready = pl.col("ready_us").is_not_null() & (pl.col("office") == office)
    return run.tables["events"].filter(here & ready).select(*_COLUMNS, _UNTIL)


def _works(run: "Run", asked: _Queues, groups: Sequence[str]) -> pl.DataFrame:
    """Return the pieces of work that people of some groups started for other roles; joint work is one."""
    held = pl.col("group").cast(pl.String).str.split(";").list.eval(pl.element().is_in(list(groups))).list.any()
    parts = [
        _rows(run, role, states)
        .filter(pl.col("start_us").is_not_null() & held)
        .unique(["replication", "process", "state", "start_us", "group", "people"], keep="first")
        .with_columns(role=pl.lit(role))
        for role, states in asked.items()
    ]
    return pl.concat(parts).collect()


def _starved(
    run: "Run", role: str, states: Mapping[_Key, _Work], asked: _Queues, works: pl.DataFrame, passes: int
) -> Iterator[Starved]:
    rows = _rows(run, role, states).collect()
    for (process, name), state in states.items():
        visits, starved, most, longest = 0, 0, 0, 0
        by: dict[str, int] = {}
        for replication, (first, last) in enumerate(windows(run)):
            mine = rows.filter(process=process, state=name, replication=replication)
            mine = mine.filter(pl.col("ready_us").is_between(first, last, closed="left"))
            ready, until = mine["ready_us"].to_numpy(), mine["until_us"].to_numpy()
            times, since = np.zeros(len(ready), dtype=np.int64), until.copy()
            theirs = works.filter(replication=replication)
            for (other, p, s), work in theirs.group_by("role", "process", "state", maintain_order=True):
                started = work["start_us"].to_numpy(), work["ready_us"].to_numpy()
                count, begun = _passed(
                    ready, until, *started, state.priority, asked[str(other)][str(p), str(s)].priority
                )
                times, since = times + count, np.minimum(since, begun)
                by[str(other)] = by.get(str(other), 0) + int(count.sum())
            often = times >= passes
            visits, starved = visits + len(ready), starved + int(often.sum())
            most = max(most, int(times.max(initial=0)))
            longest = max(longest, int((until - since)[often].max(initial=0)))
        if starved:
            before = sorted((other for other, count in by.items() if count), key=lambda other: (-by[other], other))
            staff = max(each.staff for each in states.values())
            yield Starved(process, name, role, staff, visits, starved, most, longest, tuple(before))


def _passed(
    ready: Ints, until: Ints, start: Ints, came: Ints, own: float | None, theirs: float | None
) -> tuple[Ints, Ints]:
    """Return for each visit how many of other pieces of work passed it, and when the first did (``until`` where none).

    ``start`` and ``came`` are when those started and became ready, ``own`` and ``theirs`` the priorities.
    """
    rank = 0.0 if own is None or theirs is None else theirs - own
    if rank > 0:
        return np.zeros(len(ready), dtype=np.int64), until
    order = start if rank < 0 else came  # all that started since, or of these what became ready since
    by_order = np.argsort(order, kind="stable")
    later = np.searchsorted(order[by_order], ready, side="right")
    first = np.append(np.minimum.accumulate(start[by_order][::-1])[::-1], np.iinfo(np.int64).max)[later]
    by_start = np.argsort(start, kind="stable")
    before = np.searchsorted(start[by_start], until, side="left")
    count = before - _at_most(order[by_start], before, ready)
    return count, np.minimum(first, until)


def _at_most(values: Ints, upto: Ints, bounds: Ints) -> Ints:
    """Return for each bound how many of the first ``upto`` values are at most that: counted by blocks of 2ᵏ values."""
    ranks = np.searchsorted(np.sort(values), values)
    limits = np.searchsorted(np.sort(values), bounds, side="right")
    found = np.zeros(len(bounds), dtype=np.int64)
    size = len(values) + 1
    for k in range(len(values).bit_length()):
        asked = (upto >> k) & 1 == 1
        block = (upto[asked] >> k) - 1
        keys = np.sort((np.arange(len(values)) >> k) * size + ranks)
        found[asked] += np.searchsorted(keys, block * size + limits[asked], side="left") - (block << k)
    return found
