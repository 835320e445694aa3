"""Checks of a scenario against the organizations of its processes."""

from collections.abc import Iterator

from procflow.definition.arrivals import Arrivals
from procflow.definition.base import Path
from procflow.definition.checks.common import Fault, Names, calendars, fault, located
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.definition.source import SourceMap
from procflow.errors import Problem


def check_scenario(scenario: Scenario, source: SourceMap, processes: tuple[Process, ...]) -> list[Problem]:
    """Return what is wrong in a scenario; what concerns an organization only where it names its processes."""
    return located(_faults(scenario, processes), source)


def _faults(scenario: Scenario, processes: tuple[Process, ...]) -> Iterator[Fault]:
    if scenario.arrivals is not None:
        yield from arrival_faults(scenario.arrivals, ("arrivals",))
    if not processes:
        return
    staff = Names(
        "staff", "role or group", "岗位或人员组", sorted({name for each in processes for name in _staff(each)})
    )
    for name in scenario.staffing:
        yield from staff.unknown(("staffing", name), name)
    for index, (entry, process) in enumerate(zip(scenario.processes, processes, strict=True)):
        known = calendars(calendar.name for calendar in process.organization.calendars)
        yield from known.unknown(("processes", index, "arrivals", "calendar"), entry.arrivals.calendar)
        yield from arrival_faults(entry.arrivals, ("processes", index, "arrivals"))
    names = [process.name for process in processes]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield fault(
                ("processes", index, "process"),
                "duplicate",
                f"process {name!r} is in the scenario twice: give one of them another name, or add up their arrivals",
                f"流程 {name!r} 在方案中重复出现:请改名,或合并其到达量",
            )


def arrival_faults(arrivals: Arrivals, path: Path) -> Iterator[Fault]:
    """Yield what is wrong in arrivals beyond their shape."""
    if arrivals.interval is not None and not arrivals.interval.is_time:
        yield fault(
            (*path, "interval"),
            "interval",
            "the interval between arrivals needs a unit of time: write for instance {exponential: 2 h}",
            "到达间隔需要时间单位:例如写 {exponential: 2 h}",
        )
    if arrivals.size > 1 and arrivals.every is None:
        yield fault(
            (*path, "size"),
            "size",
            "'size' is the number of cases of each scheduled arrival: give 'every' too",
            "size 是每次定期到达的件数:请同时给出 every",
        )
    if arrivals.profile is not None and arrivals.rate is None and arrivals.interval is None:
        yield fault(
            (*path, "profile"),
            "idle_profile",
            "a profile changes a rate or the pace of an interval: remove it, or give 'rate' or 'interval'",
            "profile 只对 rate 或 interval 起作用:请删去 profile,或改用 rate、interval",
        )
    if arrivals.calendar is not None and (arrivals.every is not None or arrivals.times):
        yield fault(
            (*path, "calendar"),
            "idle_calendar",
            "cases arrive at the times given, whatever a calendar says: remove 'calendar', or give a rate or interval",
            "办件按给定时刻到达,与日历无关:请删去 calendar,或改用 rate、interval",
        )


def _staff(process: Process) -> Iterator[str]:
    for department in process.organization.departments:
        for each in (*department.roles, *department.staff):
            yield f"{department.name}.{each.name}"
