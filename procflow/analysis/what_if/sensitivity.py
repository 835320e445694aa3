"""Sensitivity: what one more person, one more sitting, one hour longer opening would each give, by simulation."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from procflow.analysis.run_tables import process_of
from procflow.analysis.what_if.alternatives import Alternative, Gain, Progress, gains
from procflow.analysis.what_if.changes import one_hour_longer, with_calendar, with_state
from procflow.definition import words
from procflow.definition.process import State
from procflow.definition.recurrence import WEEKDAYS, Recurrence
from procflow.definition.resolved import ALWAYS, Process
from procflow.definition.scenario import Scenario, StaffingChange
from procflow.machine.graph import state_graph
from procflow.simulation.staffing import staffing
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.simulation.run import Run

_OPEN_DAYS = 5
_PER_WEEK_DAYS = 7


def sensitivity(
    run: "Run",
    *,
    process: Process | str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> tuple[Gain, ...]:
    """Return what each small change of means would change in the cycle time of a run, the greatest gain first.

    Parameters
    ----------
    run : a run of a process, with at least two replications for intervals.
    process : whose cases are timed and whose means are changed, where the run has several.
    workers : threads of each simulation.
    progress : is called with (simulations done, simulations in all).

    Returns
    -------
    tuple[Gain, ...]
        One for one more person in each group of staff that works in the process (in each office where there are
        several), one for the next more frequent cadence of each sitting (weekly sittings get one more a week,
        fortnightly ones become weekly, monthly ones fortnightly, daily ones get a second time of day), and one for an
        hour longer of each calendar of office hours. Every gain is a paired simulation, with its interval.

    Notes
    -----
    A run without limits of staff has no gain by people, and none is listed.

    Examples
    --------
    >>> import procflow as pf
    >>> from procflow.definition.shipped import folder
    >>> permit = pf.load(folder() / "processes" / "food_license" / "as_is.yaml")
    >>> run = pf.simulate(permit, pf.Scenario(arrivals="2 per wd", days=60, replications=3, seed=7))
    >>> best = sensitivity(run)[0]
    >>> best.difference.mean < 0
    True
    """
    return gains(run, one_more(run, process), process=process, workers=workers, progress=progress)


def one_more(run: "Run", process: Process | str | None = None) -> Iterator[Alternative]:
    """Yield the alternatives that ``sensitivity`` simulates: people, then sittings, then hours."""
    changed = process_of(run, process)
    if not run.scenario.unlimited_staff:
        yield from _people(run, changed)
    yield from _sittings(run, changed)
    yield from _hours(run, changed)


def _people(run: "Run", process: Process) -> Iterator[Alternative]:
    graph = state_graph(process)
    states = [graph.state(name) for name in graph.leaves]
    needed = {f"{state.department}.{state.role}" for state in states if state.who == "staff" and state.work}
    counts: dict[str, int] = {}
    for group in staffing(process.organization, run.scenario).groups:
        if needed & {role.partition("@")[0] for role in group.roles}:
            counts[group.name.partition("@")[0]] = group.heads[0][1]
    for name, count in counts.items():
        title = Text(
            en=f"one more person: {name}, {count} → {count + 1}", zh=f"增加一人：{name}，{count} → {count + 1}"
        )
        yield Alternative("person", name, title, run.processes, _with_one_more(run.scenario, name, count))


def _with_one_more(scenario: Scenario, name: str, count: int) -> Scenario:
    """Return a scenario with one person more in a group at all times, also where its staff changes on the way."""
    if any(change.who == name for change in scenario.staffing_changes):
        more = StaffingChange.model_validate({"who": name, "from": scenario.start, "add": 1})
        return scenario.model_copy(update={"staffing_changes": (*scenario.staffing_changes, more)})
    return scenario.model_copy(update={"staffing": {**scenario.staffing, name: count + 1}})


def _sittings(run: "Run", process: Process) -> Iterator[Alternative]:
    graph = state_graph(process)
    for name in graph.leaves:
        node = graph.nodes[name]
        batch = node.state.batch
        oftener = more_often(batch.every) if batch is not None else None
        if batch is None or oftener is None:
            continue
        more = batch.model_copy(update={"every": oftener})
        changed = with_state(process, node.path, partial(State.model_copy, update={"batch": more}))
        title = Text(
            en=f"sittings of {node.label('en')}: {batch.every} → {oftener}",
            zh=f"「{node.label('zh')}」批次：{words.recurrence(batch.every, 'zh')} → {words.recurrence(oftener, 'zh')}",
        )
        processes = tuple(changed if each.name == process.name else each for each in run.processes)
        yield Alternative("sitting", name, title, processes, run.scenario)


def _hours(run: "Run", process: Process) -> Iterator[Alternative]:
    for name in staff_calendars(process):
        processes = with_calendar(run.processes, name, one_hour_longer)
        title = Text(en=f"an hour longer: {name}", zh=f"每日延长一小时：{name}")
        yield Alternative("hour", name, title, processes, run.scenario)


def staff_calendars(process: Process) -> tuple[str, ...]:
    """Return the calendars on which staff work in a process, apart from ``always``, in the order of its states."""
    graph = state_graph(process)
    states = [graph.state(name) for name in graph.leaves]
    found = dict.fromkeys(process.work_calendar(s) for s in states if s.who == "staff" and s.work is not None)
    return tuple(name for name in found if name != ALWAYS)


def more_often(rule: Recurrence) -> Recurrence | None:
    """Return the next more frequent cadence of a rule; None for one on all weekdays or at several times a day.

    >>> str(more_often(Recurrence.parse("weekly wed 09:00")))
    'weekly mon,wed 09:00'
    >>> str(more_often(Recurrence.parse("monthly last fri 09:00")))
    'fortnightly fri 09:00'
    """
    times = ",".join(f"{time:%H:%M}" for time in rule.times)
    if rule.frequency == "daily":
        if len(rule.times) > 1:
            return None
        minutes = rule.times[0].hour * 60 + rule.times[0].minute
        second = minutes + 240 if minutes < 12 * 60 else minutes - 240
        both = sorted((minutes, second))
        return Recurrence.parse("daily " + ",".join(f"{m // 60:02d}:{m % 60:02d}" for m in both))
    if rule.frequency == "monthly":
        days = rule.weekdays or (2,)  # a day of the month falls on any weekday: midweek
        return Recurrence.parse(f"fortnightly {_names(days)} {times}")
    if rule.frequency == "fortnightly":
        return Recurrence.parse(f"weekly {_names(rule.weekdays)} {times}")
    free = [day for day in range(_OPEN_DAYS) if day not in rule.weekdays]
    if not free:
        return None
    added = max(free, key=lambda day: (min(_apart(day, held) for held in rule.weekdays), -day))
    return Recurrence.parse(f"weekly {_names(tuple(sorted((*rule.weekdays, added))))} {times}")


def _apart(one: int, other: int) -> int:
    """Return how many days lie between two weekdays, the nearer way round."""
    return min((one - other) % _PER_WEEK_DAYS, (other - one) % _PER_WEEK_DAYS)


def _names(days: tuple[int, ...]) -> str:
    return ",".join(WEEKDAYS[day] for day in days)
