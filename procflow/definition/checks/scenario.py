"""Checks of a scenario against the organizations of its processes."""

from collections.abc import Iterator

from procflow.definition.arrivals import Arrivals
from procflow.definition.base import Path
from procflow.definition.checks.common import Fault, Names, calendars, fault, located
from procflow.definition.given import given_numbers
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.definition.source import SourceMap
from procflow.errors import Problem, UnitError


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
    yield from _change_faults(scenario, processes, staff)
    for index, (entry, process) in enumerate(zip(scenario.processes, processes, strict=True)):
        known = calendars(calendar.name for calendar in process.organization.calendars)
        yield from known.unknown(("processes", index, "arrivals", "calendar"), entry.arrivals.calendar)
        yield from arrival_faults(entry.arrivals, ("processes", index, "arrivals"))
        yield from _given_faults(entry.arrivals, process, ("processes", index, "arrivals"))
    names = [process.name for process in processes]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield fault(
                ("processes", index, "process"),
                "duplicate",
                f"process {name!r} is in the scenario twice: give one of them another name, or add up their arrivals",
                f"流程 {name!r} 在方案中重复出现：请改名，或合并其到达量",
            )


def _change_faults(scenario: Scenario, processes: tuple[Process, ...], staff: Names) -> Iterator[Fault]:
    known = calendars(calendar.name for process in processes for calendar in process.organization.calendars)
    for index, change in enumerate(scenario.staffing_changes):
        path: Path = ("staffing_changes", index)
        yield from staff.unknown((*path, "who"), change.who)
        yield from known.unknown((*path, "calendar"), change.calendar)
        offices = {place for process in processes for place in _offices(process, change.who)}
        if change.who in staff.known:
            yield from Names("office", "office", "办事机构", sorted(offices), change.who, change.who).unknown(
                (*path, "office"), change.office
            )


def _offices(process: Process, who: str) -> tuple[str, ...]:
    department = process.organization.department(who.partition(".")[0])
    if department is None or department.per is None:
        return ()
    return department.regions or tuple(region.name for region in process.organization.regions)


def arrival_faults(arrivals: Arrivals, path: Path) -> Iterator[Fault]:
    """Yield what is wrong in arrivals beyond their shape."""
    if arrivals.interval is not None and not arrivals.interval.is_time:
        yield fault(
            (*path, "interval"),
            "interval",
            "the interval between arrivals needs a unit of time: write for instance {exponential: 2 h}",
            "到达间隔需要时间单位：例如写 {exponential: 2 h}",
        )
    if arrivals.size > 1 and arrivals.every is None:
        yield fault(
            (*path, "size"),
            "size",
            "'size' is the number of cases of each scheduled arrival: give 'every' too",
            "size 是每次定期到达的件数：请同时给出 every",
        )
    if arrivals.since is not None and not arrivals.times and arrivals.log is None:
        yield fault(
            (*path, "since"),
            "idle_since",
            "'since' is a date of 'times' or of a 'log': remove it, or give one of them",
            "since 是 times 或 log 中的日期：请删去 since，或给出 times、log",
        )
    if arrivals.profile is not None and arrivals.rate is None and arrivals.interval is None:
        yield fault(
            (*path, "profile"),
            "idle_profile",
            "a profile changes a rate or the pace of an interval: remove it, or give 'rate' or 'interval'",
            "profile 只对 rate 或 interval 起作用：请删去 profile，或改用 rate、interval",
        )
    if arrivals.calendar is not None and (arrivals.every is not None or arrivals.times):
        yield fault(
            (*path, "calendar"),
            "idle_calendar",
            "cases arrive at the times given, whatever a calendar says: remove 'calendar', or give a rate or interval",
            "办件按给定时刻到达，与日历无关：请删去 calendar，或改用 rate、interval",
        )


def _given_faults(arrivals: Arrivals, process: Process, path: Path) -> Iterator[Fault]:
    """Yield what is wrong in the attributes and regions given for cases."""
    regions = Names("region", "region", "区域", tuple(region.name for region in process.organization.regions))
    if arrivals.log is None:
        yield from regions.each_unknown((*path, "regions"), arrivals.regions)
    else:
        for name in dict.fromkeys(arrivals.regions):
            yield from regions.unknown((*path, "log"), name)
    for name, values in arrivals.attributes.items():
        try:
            given_numbers(values, name, process.definition.attributes)
        except UnitError as error:
            place = (*path, "log", "attributes", name) if arrivals.log else (*path, "attributes", name)
            yield Fault(place, "given", error.message)


def _staff(process: Process) -> Iterator[str]:
    for department in process.organization.departments:
        for each in (*department.roles, *department.staff):
            yield f"{department.name}.{each.name}"
