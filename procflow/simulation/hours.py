"""How much people are on duty and at work, in a window and by hour of the week. Sums of whole microseconds, exact."""

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from procflow.kernel.layout import DAY
from procflow.machine.graph import state_graph
from procflow.simulation.calendars import Clock, Ticks
from procflow.simulation.staffing import Group, staffing
from procflow.simulation.window import windows

if TYPE_CHECKING:
    from procflow.simulation.run import Run

HOURS = 168
_HOUR = DAY // 24


def headcounts(clock: Clock, group: Group, first: int, last: int) -> Iterator[tuple[int, int, int]]:
    """Yield (from, to, people) of a group in [first, last), in ticks."""
    ends = [clock.at(day, 0) if day > clock.start else 0 for day, _ in group.heads[1:]] + [last]
    begin = first
    for (_, people), end in zip(group.heads, ends, strict=True):
        end = min(max(end, begin), last)
        if begin < end:
            yield begin, end, people
        begin = end


def on_duty(clock: Clock, group: Group, first: int, last: int) -> int:
    """Return the time on duty of a group in [first, last): people × time, summed over the changes of both."""
    duty = clock.intervals(group.calendar).duty_before
    return sum(people * (duty(b) - duty(a)) for a, b, people in headcounts(clock, group, first, last))


def most_people(clock: Clock, group: Group, first: int, last: int) -> int:
    """Return the greatest headcount of a group in [first, last)."""
    return max((people for _, _, people in headcounts(clock, group, first, last)), default=0)


def staff_hours(run: "Run") -> pl.DataFrame:
    """Return for each group and each hour of the week how long it was on duty and at work between warm-up and horizon.

    ``hour`` counts from Monday, 00:00 local time, to 167; where clocks are put back, the repeated hour counts as the
    one that it repeats. Sums over the hours are those of the staff table.

    >>> import procflow as pf
    >>> from procflow.definition.shipped import folder
    >>> permit = pf.load(folder() / "processes" / "food_license" / "as_is.yaml")
    >>> run = pf.simulate(permit, pf.Scenario(arrivals="2 per wd", days=60, replications=1, seed=7))
    >>> hours = staff_hours(run)
    >>> bool(hours["busy_us"].sum() == run.staff["busy_us"].sum())
    True
    """
    organization = run.processes[0].organization
    bounds = windows(run)
    clock = Clock(organization, run.scenario.start, max(last for _, last in bounds) + DAY)
    frames = []
    for group in staffing(organization, run.scenario).groups:
        worked = _worked(run, group.name)
        for replication, window in enumerate(bounds):
            cells = _Cells(clock, group, *window)
            here = worked.filter(replication=replication)
            frames.append(_frame(replication, group, cells.on_duty(), cells.busy(here)))
    share = pl.when(pl.col("on_duty_us") > 0).then(pl.col("busy_us") / pl.col("on_duty_us"))
    return pl.concat(frames).sort("replication", "group", "hour").with_columns(share.alias("utilization"))


def _frame(replication: int, group: Group, duty: Ticks, busy: Ticks) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "replication": pl.Series([replication] * HOURS, dtype=pl.Int32),
            "department": [group.department] * HOURS,
            "group": [group.name] * HOURS,
            "office": [group.office] * HOURS,
            "hour": pl.Series(range(HOURS), dtype=pl.Int32),
            "on_duty_us": duty,
            "busy_us": busy,
        }
    )


class _Cells:
    """A window cut at every hour, at every opening and closing of a group's calendar and at its changes of people."""

    def __init__(self, clock: Clock, group: Group, first: int, last: int) -> None:
        hours, of_week = _local_hours(clock, first, last)
        duty = clock.intervals(group.calendar)
        steps = list(headcounts(clock, group, first, last))
        marks = np.concatenate([hours, duty.on, duty.off, [a for a, _, _ in steps], [first, last]])
        bounds = np.unique(np.clip(marks, first, last)).astype(np.int64)
        self.begin, self.end = bounds[:-1], bounds[1:]
        self.hour = of_week[np.searchsorted(hours, self.begin, side="right") - 1]
        inside = np.searchsorted(duty.on, self.begin, side="right") - 1
        closed_at = np.append(duty.off, 0)[inside]
        self.is_open = (inside >= 0) & (self.begin < closed_at)
        people = np.array([people for _, _, people in steps] or [0], dtype=np.int64)
        since = np.array([a for a, _, _ in steps] or [first], dtype=np.int64)
        self.people = people[np.searchsorted(since, self.begin, side="right") - 1]

    def on_duty(self) -> Ticks:
        """Return the time on duty by hour of the week."""
        return self._by_hour(self.people * (self.end - self.begin) * self.is_open)

    def busy(self, worked: pl.DataFrame) -> Ticks:
        """Return the time at work by hour of the week: overtime all of it, else while the calendar is open."""
        late = worked["overtime"].to_numpy()
        start, end = worked["start_us"].to_numpy(), worked["end_us"].to_numpy()
        usual = self._at_work(start[~late], end[~late]) * self.is_open
        return self._by_hour(usual + self._at_work(start[late], end[late]))

    def _at_work(self, start: Ticks, end: Ticks) -> Ticks:
        return _overlap(start, end, self.end) - _overlap(start, end, self.begin)

    def _by_hour(self, amounts: Ticks) -> Ticks:
        total = np.zeros(HOURS, dtype=np.int64)
        np.add.at(total, self.hour, amounts)
        return total


def _overlap(start: Ticks, end: Ticks, t: Ticks) -> Ticks:
    """Return how long all the intervals [start, end) together lie before each ``t``.

    Sums may pass 64 bits on the way; they wrap, and the differences that are taken of them are exact.
    """
    total = np.zeros(len(t), dtype=np.uint64)
    for instants, sign in ((start, 1), (end, -1)):
        ordered = np.sort(instants).astype(np.uint64)
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(ordered, dtype=np.uint64)])
        count = np.searchsorted(ordered, t.astype(np.uint64))
        part = t.astype(np.uint64) * count.astype(np.uint64) - sums[count]
        total = total + part if sign > 0 else total - part
    return total.astype(np.int64)


def _local_hours(clock: Clock, first: int, last: int) -> tuple[Ticks, Ticks]:
    """Return the instants at which local hours begin around a window, and of each its hour of the week."""
    day = clock.start + dt.timedelta(days=first // DAY - 1)
    until = clock.start + dt.timedelta(days=last // DAY + 1)
    ticks, hours = [], []
    while day <= until:
        midnight = clock.at(day, 0)
        if clock.at(day, 1440) - midnight == DAY:
            ticks.append(midnight + np.arange(24, dtype=np.int64) * _HOUR)
        else:  # clocks are changed: an hour that does not exist is empty, one that comes twice is one of two
            ticks.append(np.array([clock.at(day, 60 * hour) for hour in range(24)], dtype=np.int64))
        hours.append(np.arange(24, dtype=np.int64) + 24 * day.weekday())
        day += dt.timedelta(days=1)
    return np.concatenate(ticks), np.concatenate(hours)


def _worked(run: "Run", group: str) -> pl.DataFrame:
    """Return when each person of a group was at work: replication, start_us, end_us, overtime; joint work once."""
    late = [
        {"process": process.name, "state": name, "overtime": True}
        for process in run.processes
        for name, node in state_graph(process).nodes.items()
        if node.state.overtime
    ]
    kinds = pl.DataFrame(late, schema={"process": pl.String, "state": pl.String, "overtime": pl.Boolean})
    crews = (
        run.events.filter(pl.col("start_us").is_not_null() & pl.col("group").str.contains(group, literal=True))
        .join(kinds, on=["process", "state"], how="left")
        .select(
            "replication",
            "start_us",
            (pl.col("start_us") + pl.col("work_us") + pl.col("paused_us")).alias("end_us"),
            pl.col("overtime").fill_null(value=False),
            pl.col("group").str.split(";").alias("crew"),
            pl.col("people").str.split(";"),
        )
        .explode("crew", "people")
        .filter(pl.col("crew") == group)
        .with_columns(pl.col("people").str.split(","))
        .explode("people")
    )
    # nobody begins two pieces of work at once, so equal beginnings are one piece for several cases
    return crews.group_by("replication", "people", "start_us", maintain_order=True).agg(
        pl.col("end_us").max(), pl.col("overtime").any()
    )
