"""Checks of a scenario against the organizations of its processes."""

from collections.abc import Iterator

from procflow.definition.checks.common import Fault, Names, calendars, fault, located
from procflow.definition.resolved import Process
from procflow.definition.scenario import Arrivals, Scenario
from procflow.definition.source import SourceMap
from procflow.errors import Problem


def check_scenario(scenario: Scenario, source: SourceMap, processes: tuple[Process, ...]) -> list[Problem]:
    """Return what is wrong in a scenario; what concerns an organization only where it names its processes."""
    return located(_faults(scenario, processes), source)


def _faults(scenario: Scenario, processes: tuple[Process, ...]) -> Iterator[Fault]:
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
        yield from _size(entry.arrivals, index)
    names = [process.name for process in processes]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield fault(
                ("processes", index, "process"),
                "duplicate",
                f"process {name!r} is in the scenario twice: give one of them another name, or add up their arrivals",
                f"流程 {name!r} 在方案中重复出现:请改名,或合并其到达量",
            )


def _size(arrivals: Arrivals, index: int) -> Iterator[Fault]:
    if arrivals.size > 1 and arrivals.every is None:
        yield fault(
            ("processes", index, "arrivals", "size"),
            "size",
            "'size' is the number of cases of each scheduled arrival: give 'every' too",
            "size 是每次定期到达的件数:请同时给出 every",
        )


def _staff(process: Process) -> Iterator[str]:
    for department in process.organization.departments:
        for each in (*department.roles, *department.staff):
            yield f"{department.name}.{each.name}"
