"""Groups of identical people, who of them is idle, and whom a piece of work gets (rules 9 to 11)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from procflow.definition.organization import Department, Organization
from procflow.definition.scenario import Scenario
from tests.oracle.calendar import Calendar, Calendars, covered


@dataclass
class Group:
    """Identical people of a department's office, numbered from 1."""

    name: str
    department: str
    office: str
    roles: frozenset[str]
    calendar: Calendar
    speed: float
    people: int
    idle: set[int] = field(default_factory=set)
    busy_ticks: int = 0

    def __post_init__(self) -> None:
        self.idle = set(range(1, self.people + 1))

    def holds(self, department: str, role: str, office: str) -> bool:
        return (self.department, self.office) == (department, office) and role in self.roles


@dataclass(frozen=True)
class Crew:
    """People taken for a piece of work, by group."""

    calendar: Calendar
    taken: tuple[tuple[Group, tuple[int, ...]], ...]

    @property
    def speed(self) -> float:
        """The speed of the slowest (rule 10)."""
        return min(group.speed for group, _ in self.taken)

    @property
    def groups(self) -> str:
        return ";".join(group.name for group, _ in self.taken)

    @property
    def people(self) -> str:
        return ";".join(",".join(map(str, numbers)) for _, numbers in self.taken)

    def release(self) -> None:
        for group, numbers in self.taken:
            group.idle |= set(numbers)


def groups(organization: Organization, scenario: Scenario, calendars: Calendars) -> list[Group]:
    """Return all groups in the order in which they are tried: by (number of roles, qualified name)."""
    found = [
        group
        for department in organization.departments
        for office in offices(organization, department)
        for group in _of_office(department, office, organization, scenario, calendars)
    ]
    return sorted(found, key=lambda group: (len(group.roles), group.name))


def offices(organization: Organization, department: Department) -> tuple[str, ...]:
    """Return the regions of a department's offices in file order; ('',) where it has just itself."""
    if department.per is None:
        return ("",)
    return tuple(r.name for r in organization.regions if not department.regions or r.name in department.regions)


def find_crew(tried: list[Group], staff: int, now: int) -> Crew | None:
    """Return the people who start a piece of work now, or None (rule 9)."""
    on_duty = [group for group in tried if group.calendar.is_open(now)]
    counts: dict[str, int] = {}
    for group in on_duty:
        name = group.calendar.name
        counts[name] = counts.get(name, 0) + len(group.idle)
        if counts[name] >= staff:
            return _take([g for g in on_duty if g.calendar.name == name], staff)
    return None


def _take(sources: list[Group], staff: int) -> Crew:
    taken: list[tuple[Group, tuple[int, ...]]] = []
    for group in sources:
        numbers = tuple(sorted(group.idle)[:staff])
        if numbers:
            taken.append((group, numbers))
            group.idle -= set(numbers)
            staff -= len(numbers)
    return Crew(sources[0].calendar, tuple(taken))


def off_duty(tried: list[Group], staff: int, since: int, until: int) -> int:
    """Return the time during which no calendar has ``staff`` people on schedule (rule 11)."""
    calendars = {group.calendar.name: group.calendar for group in tried}
    counts = {name: sum(g.people for g in tried if g.calendar.name == name) for name in calendars}
    able = [calendars[name] for name, count in counts.items() if count >= staff]
    open_times = [interval for calendar in able for interval in calendar.open_between(since, until)]
    return until - since - covered(open_times)


def _of_office(
    department: Department, office: str, organization: Organization, scenario: Scenario, calendars: Calendars
) -> Iterator[Group]:
    at = f"@{office}" if office else ""
    default = department.calendar or organization.default_calendar
    for role in department.roles:
        name = f"{department.name}.{role.name}"
        people = scenario.staffing.get(name, role.staff.value if role.staff else 0)
        if people:
            calendar = calendars[role.calendar or default]
            yield Group(name + at, department.name, office, frozenset({role.name}), calendar, role.speed, people)
    for group in department.staff:
        name = f"{department.name}.{group.name}"
        people = scenario.staffing.get(name, group.count.value)
        calendar = calendars[group.calendar or default]
        yield Group(name + at, department.name, office, frozenset(group.roles), calendar, group.speed, people)
