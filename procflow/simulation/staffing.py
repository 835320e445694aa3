"""Who can do what in a run, and when: the roles and groups of an organization, with a scenario's headcounts."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import TypeVar

from procflow.definition.organization import Department, Organization, Role, StaffGroup
from procflow.definition.resolved import ALWAYS
from procflow.definition.scenario import Scenario, StaffingChange
from procflow.errors import SimulationError
from procflow.text import Text


@dataclass(frozen=True)
class Group:
    """Identical people: ``name`` is ``department.group`` (with ``@region`` for an office of a region).

    ``heads`` are the headcounts from dates on, the first from before every run; ``count`` is the greatest of them.
    ``calendar`` is a calendar's name, or several with the dates from which they hold (``spliced``).
    """

    name: str
    department: str
    office: str
    heads: tuple[tuple[dt.date, int], ...]
    calendar: str
    speed: float
    roles: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many people it has at most."""
        return max(count for _, count in self.heads)

    def heads_on(self, day: dt.date) -> int:
        """Return the headcount on a date."""
        return next(count for since, count in reversed(self.heads) if since <= day)


@dataclass(frozen=True)
class Staffing:
    """The groups of an organization, by qualified name, and for each role of each office its groups in order."""

    groups: tuple[Group, ...]
    serving: Mapping[str, tuple[int, ...]]

    def of(self, role: str) -> tuple[int, ...]:
        """Return the numbers of the groups that hold a role (``department.role`` or ``department.role@region``)."""
        return self.serving.get(role, ())


def staffing(organization: Organization, scenario: Scenario) -> Staffing:
    """Return the staffing of an organization under a scenario: its other headcounts, and its changes on the way.

    Raises SimulationError where the scenario names a group, an office or a calendar that does not exist.
    """
    groups = sorted(
        (
            group
            for department in organization.departments
            for office in offices(organization, department)
            for group in _groups(organization, department, office, scenario)
        ),
        key=lambda group: group.name,
    )
    known = {group.name.partition("@")[0] for group in groups}
    _refuse_unknown("staffing", scenario.staffing, known)
    _refuse_unknown("staffing_changes", (change.who for change in scenario.staffing_changes), known)
    _refuse_idle(organization, scenario, {group.name for group in groups})
    serving: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        for role in group.roles:
            serving.setdefault(role, []).append(number)
    order = {
        role: tuple(sorted(numbers, key=lambda n: (len(groups[n].roles), groups[n].name)))
        for role, numbers in serving.items()
    }
    return Staffing(tuple(groups), order)


def offices(organization: Organization, department: Department) -> tuple[str, ...]:
    """Return the regions in which a department has an office; ``('',)`` where it has one for all."""
    if department.per is None:
        return ("",)
    return department.regions or tuple(region.name for region in organization.regions)


def qualified(department: str, name: str, office: str) -> str:
    """Return ``department.name``, or ``department.name@office`` for the office of a region."""
    return f"{department}.{name}" + (f"@{office}" if office else "")


def spliced(calendar: str, changes: Sequence[StaffingChange]) -> str:
    """Return a calendar that others replace for some time, as ``office/2025-07-01=summer/2025-09-01=office``.

    >>> change = StaffingChange.model_validate({"who": "hall.clerk", "from": "2025-07-01", "calendar": "summer"})
    >>> spliced("office", [change])
    'office/2025-07-01=summer'
    """
    steps = _steps(changes, lambda day: _calendar_on(calendar, changes, day))
    return "/".join([calendar, *(f"{day}={name}" for day, name in steps[1:])])


def calendar_on(calendar: str, day: dt.date) -> str:
    """Return the plain calendar that holds on a date by one that may be spliced."""
    plain, *changes = calendar.split("/")
    for change in changes:
        since, _, name = change.partition("=")
        if day >= dt.date.fromisoformat(since):
            plain = name
    return plain


def plain_calendar(calendar: str) -> str:
    """Return the calendar that a spliced one begins with: it says how long a working day is."""
    return calendar.partition("/")[0]


def _calendar_on(calendar: str, changes: Sequence[StaffingChange], day: dt.date) -> str:
    return next((c.calendar for c in reversed(changes) if c.calendar is not None and c.holds(day)), calendar)


def _heads_on(people: int, changes: Sequence[StaffingChange], day: dt.date) -> int:
    """Return the headcount on a date: the last ``people`` in force, and what is added and absent."""
    here = [change for change in changes if change.holds(day)]
    if any(change.absent == "all" for change in here):
        return 0
    count = next((c.people for c in reversed(here) if c.people is not None), people)
    count += sum(change.add or 0 for change in here)
    return max(0, count - sum(int(change.absent or 0) for change in here))


Value = TypeVar("Value")


def _steps(changes: Sequence[StaffingChange], of: Callable[[dt.date], Value]) -> list[tuple[dt.date, Value]]:
    """Return what holds from which date on, the first from before every run; only where it differs."""
    ends = {change.until + dt.timedelta(days=1) for change in changes if change.until is not None}
    found: list[tuple[dt.date, Value]] = [(dt.date.min, of(dt.date.min))]
    for day in sorted({change.from_ for change in changes} | ends):
        if of(day) != found[-1][1]:
            found.append((day, of(day)))
    return found


def _groups(organization: Organization, department: Department, office: str, scenario: Scenario) -> list[Group]:
    usual = department.calendar or organization.default_calendar
    holders: list[tuple[Role | StaffGroup, int, tuple[str, ...]]] = [
        *((role, role.staff.value, (role.name,)) for role in department.roles if role.staff is not None),
        *((group, group.count.value, group.roles) for group in department.staff),
    ]
    found = []
    for holder, people, roles in holders:
        who = f"{department.name}.{holder.name}"
        base = scenario.staffing.get(who, people)
        changes = [c for c in scenario.staffing_changes if c.who == who and c.office in (None, office)]
        found.append(
            Group(
                qualified(department.name, holder.name, office),
                department.name,
                office,
                tuple(_steps(changes, partial(_heads_on, base, changes))),
                spliced(holder.calendar or usual, changes),
                holder.speed,
                tuple(qualified(department.name, role, office) for role in roles),
            )
        )
    return found


def _refuse_unknown(field: str, names: Iterable[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, 1)
            raise SimulationError(
                Text(
                    en=f"{field} names {name!r}, which no group is called"
                    + (f": did you mean {close[0]!r}?" if close else ": write 'department.role'"),
                    zh=f"{field} 中的 {name!r} 不是任何岗位"
                    + (f"：是否指 {close[0]!r}?" if close else "：请写“部门.岗位”"),
                )
            )


def _refuse_idle(organization: Organization, scenario: Scenario, groups: set[str]) -> None:
    """Refuse changes of an office or to a calendar that does not exist."""
    for change in scenario.staffing_changes:
        if change.office is not None and f"{change.who}@{change.office}" not in groups:
            raise SimulationError(
                Text(
                    en=f"staffing_changes: {change.who} has no office {change.office!r}: name one of its regions, or "
                    "leave 'office' out",
                    zh=f"staffing_changes：{change.who} 在 {change.office!r} 没有办事机构：请写其区域，或删去 office",
                )
            )
        if change.calendar not in (None, ALWAYS) and organization.calendar(change.calendar or "") is None:
            raise SimulationError(
                Text(
                    en=f"staffing_changes: there is no calendar {change.calendar!r} in the organization",
                    zh=f"staffing_changes：组织中没有日历 {change.calendar!r}",
                )
            )
