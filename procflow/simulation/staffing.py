"""Who can do what in a run: the roles and groups of an organization, with a scenario's headcounts."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from procflow.definition.organization import Department, Organization
from procflow.errors import SimulationError
from procflow.text import Text


@dataclass(frozen=True)
class Group:
    """Identical people: ``name`` is ``department.group`` (with ``@region`` for an office of a region)."""

    name: str
    department: str
    office: str
    count: int
    calendar: str
    speed: float
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Staffing:
    """The groups of an organization, by qualified name, and for each role of each office its groups in order."""

    groups: tuple[Group, ...]
    serving: Mapping[str, tuple[int, ...]]

    def of(self, role: str) -> tuple[int, ...]:
        """Return the numbers of the groups that hold a role (``department.role`` or ``department.role@region``)."""
        return self.serving.get(role, ())


def staffing(organization: Organization, overrides: Mapping[str, int]) -> Staffing:
    """Return the staffing of an organization with headcounts overridden by ``department.role`` or ``.group``.

    Raises SimulationError for an override that names no group.
    """
    groups = sorted(
        (
            group
            for department in organization.departments
            for office in offices(organization, department)
            for group in _groups(organization, department, office, overrides)
        ),
        key=lambda group: group.name,
    )
    _refuse_unknown(overrides, {group.name.partition("@")[0] for group in groups})
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


def _groups(
    organization: Organization, department: Department, office: str, overrides: Mapping[str, int]
) -> list[Group]:
    usual = department.calendar or organization.default_calendar
    found = []
    for role in department.roles:
        if role.staff is not None:
            count = overrides.get(f"{department.name}.{role.name}", role.staff.value)
            name = qualified(department.name, role.name, office)
            calendar = role.calendar or usual
            found.append(Group(name, department.name, office, count, calendar, role.speed, (name,)))
    for group in department.staff:
        found.append(
            Group(
                qualified(department.name, group.name, office),
                department.name,
                office,
                overrides.get(f"{department.name}.{group.name}", group.count.value),
                group.calendar or usual,
                group.speed,
                tuple(qualified(department.name, role, office) for role in group.roles),
            )
        )
    return found


def _refuse_unknown(overrides: Mapping[str, int], known: set[str]) -> None:
    for name in overrides:
        if name not in known:
            close = get_close_matches(name, known, 1)
            raise SimulationError(
                Text(
                    en=f"staffing names {name!r}, which no group is called"
                    + (f": did you mean {close[0]!r}?" if close else ": write 'department.role'"),
                    zh=f"staffing 中的 {name!r} 不是任何岗位"
                    + (f":是否指 {close[0]!r}?" if close else ":请写“部门.岗位”"),
                )
            )
