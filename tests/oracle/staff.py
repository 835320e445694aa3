"""Groups of identical people, who of them is idle, and whom a piece of work gets (rules 9 to 11)."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from procflow.definition.organization import Department, Organization
from procflow.definition.scenario import Scenario
from tests.oracle.calendar import Calendar, Calendars, covered


@dataclass(frozen=True)
class Heads:
    """How many people are on a schedule: the first count until the first change, and so on."""

    counts: tuple[int, ...]
    changes: tuple[int, ...]

    def at(self, t: int) -> int:
        return self.counts[bisect_right(self.changes, t)]

    def between(self, first: int, last: int) -> list[tuple[int, int, int]]:
        """Return (from, to, count) of each part of [first, last)."""
        marks = [first, *(t for t in self.changes if first < t < last), last]
        return [(a, b, self.at(a)) for a, b in pairwise(marks) if a < b]


@dataclass
class Group:
    """Identical people of a department's office, numbered from 1."""

    name: str
    department: str
    office: str
    roles: frozenset[str]
    calendar: Calendar
    speed: float
    heads: "Heads"
    busy: set[int] = field(default_factory=set)
    busy_ticks: int = 0

    def idle(self, now: int) -> list[int]:
        """Return the people on the schedule who do not work; who is taken away has the highest numbers (rule 11)."""
        return [number for number in range(1, self.heads.at(now) + 1) if number not in self.busy]

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
            group.busy -= set(numbers)


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
        counts[name] = counts.get(name, 0) + len(group.idle(now))
        if counts[name] >= staff:
            return _take([g for g in on_duty if g.calendar.name == name], staff, now)
    return None


def _take(sources: list[Group], staff: int, now: int) -> Crew:
    taken: list[tuple[Group, tuple[int, ...]]] = []
    for group in sources:
        numbers = tuple(group.idle(now)[:staff])
        if numbers:
            taken.append((group, numbers))
            group.busy |= set(numbers)
            staff -= len(numbers)
    return Crew(sources[0].calendar, tuple(taken))


def off_duty(tried: list[Group], staff: int, since: int, until: int) -> int:
    """Return the time during which no calendar has ``staff`` people on schedule (rule 11)."""
    calendars = {group.calendar.name: group.calendar for group in tried}
    marks = sorted({since, until} | {t for group in tried for t in group.heads.changes if since < t < until})
    open_times = []
    for a, b in pairwise(marks):
        counts = {name: sum(g.heads.at(a) for g in tried if g.calendar.name == name) for name in calendars}
        able = [calendars[name] for name, count in counts.items() if count >= staff]
        open_times += [interval for calendar in able for interval in calendar.open_between(a, b)]
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
            calendar, heads = _changed(name, office, role.calendar or default, people, scenario, calendars)
            yield Group(name + at, department.name, office, frozenset({role.name}), calendar, role.speed, heads)
    for group in department.staff:
        name = f"{department.name}.{group.name}"
        people = scenario.staffing.get(name, group.count.value)
        calendar, heads = _changed(name, office, group.calendar or default, people, scenario, calendars)
        yield Group(name + at, department.name, office, frozenset(group.roles), calendar, group.speed, heads)


def _changed(
    name: str, office: str, calendar: str, people: int, scenario: Scenario, calendars: Calendars
) -> tuple[Calendar, Heads]:
    """Return the calendar and the headcounts of a group under the changes of a scenario, date by date (rule 11)."""
    changes = [c for c in scenario.staffing_changes if c.who == name and c.office in (None, office)]
    dates = list(map(calendars.clock.date, range(-1, calendars.days + 2)))
    if not changes:
        return calendars[calendar], Heads((people,), ())
    shifts, counts = [], []
    for day in dates:
        here = [change for change in changes if change.from_ <= day and (change.until or day) >= day]
        count, today = people, calendar
        for change in here:
            count = count if change.people is None else change.people
            today = change.calendar or today
        for change in here:
            count += change.add or 0
            count -= count if change.absent == "all" else change.absent or 0
        absent_all = any(change.absent == "all" for change in here)
        counts.append(0 if absent_all else max(count, 0))
        shifts.append(today)
    spliced = calendars.spliced(calendar, tuple(shifts))
    switches = [n for n in range(1, len(dates)) if counts[n] != counts[n - 1]]
    instants = tuple(calendars.instant(dates[n], 0) for n in switches)
    return spliced, Heads((counts[0], *(counts[n] for n in switches)), instants)
