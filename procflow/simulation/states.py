"""States as rows of the kernel's model: work, delay, sittings and priority."""

from collections.abc import Iterator, Sequence

from procflow.definition.expressions import parse
from procflow.definition.process import State
from procflow.definition.resolved import Process
from procflow.errors import SimulationError
from procflow.kernel import layout as at
from procflow.machine.graph import StateGraph
from procflow.simulation.calendars import Clock, Intervals, cut, union
from procflow.simulation.naming import hash_of
from procflow.simulation.staffing import Group, offices, qualified
from procflow.simulation.tables import Row, Tables
from procflow.text import Text


def state_row(tables: Tables, stream: int, graph: StateGraph, name: str) -> Row:
    """Return the row of a leaf state, without its ways out.

    Raises SimulationError where nobody can do its work.
    """
    state, process = graph.nodes[name].state, graph.process
    return (
        {at.N_KIND: at.LEAF, at.N_PER_REGION: int(per_region(process, state))}
        | _work(tables, process, state, name)
        | _delay(tables, process, state)
        | _batch(tables, stream, process, state)
        | _priority(tables, process, state)
    )


def per_region(process: Process, state: State) -> bool:
    """Whether a state belongs to a department with an office per region."""
    department = process.department(state)
    return department is not None and department.per is not None


def _office(process: Process, state: State) -> str:
    department = process.department(state)
    return offices(process.organization, department)[0] if department else ""


def _work(tables: Tables, process: Process, state: State, name: str) -> Row:
    if state.work is None:
        return {at.N_WORKS: 0}
    groups = tables.staffing.of(qualified(state.department or "", state.role or "", _office(process, state)))
    staffed = state.who == "staff"
    free = not staffed or tables.unlimited
    if not free and not groups:
        raise _nobody(state, name)
    own = process.role(state) if staffed else None
    calendar, speed = process.work_calendar(state), own.speed if own else 1.0
    if staffed and groups:
        calendar, speed = tables.staffing.groups[groups[0]].calendar, tables.staffing.groups[groups[0]].speed
    clocks = [calendar]
    if staffed and any(visit.is_working for visit in state.work.visits):
        clocks = list(dict.fromkeys(tables.staffing.groups[number].calendar for number in groups)) or clocks
    numbers = [tables.distribution(visit, clock) for clock in clocks for visit in state.work.visits]
    fields = {
        at.N_WORK: numbers[0],
        at.N_WORKS: len(state.work.visits),
        at.N_CLOCKS: tables.arena.put(map(tables.calendar, clocks)),
        at.N_CLOCKS_N: len(clocks),
        at.N_STAFF: state.staff,
        at.N_FREE: int(free),
        at.N_CALENDAR: tables.calendar(calendar),
        at.N_AVAILABLE: tables.calendar(calendar),
        at.N_AVAILABLE_STEP: 0,
        at.N_OVERTIME: int(state.overtime),
        at.N_SPEED: tables.arena.put_floats([speed]),
    }
    return fields if free else fields | _staffed(tables, process, state, name, groups)


def _staffed(tables: Tables, process: Process, state: State, name: str, groups: Sequence[int]) -> Row:
    tables.most_people = max(tables.most_people, state.staff)
    first = tables.regions[0] if per_region(process, state) else ""
    return {at.N_ROLE: tables.roles[qualified(state.department or "", state.role or "", first)]} | _availability(
        tables, process, state, name, groups
    )


def _availability(tables: Tables, process: Process, state: State, name: str, groups: Sequence[int]) -> Row:
    """Return the columns of when enough people who hold a state's role are on schedule, on one calendar.

    Where the offices of a department are staffed differently in time, a calendar for each region in their order.
    """
    changing = any(len(group.heads) > 1 or "/" in group.calendar for group in tables.staffing.groups)
    if not changing or not per_region(process, state):
        return {at.N_AVAILABLE: _available(tables, state, name, groups)}
    role = (state.department or "", state.role or "")
    offices_of = [tables.staffing.of(qualified(*role, place)) for place in tables.regions]
    numbers = [_available(tables, state, name, here, fresh=True) for here in offices_of]
    return {at.N_AVAILABLE: numbers[0], at.N_AVAILABLE_STEP: 1}


def _available(tables: Tables, state: State, name: str, groups: Sequence[int], *, fresh: bool = False) -> int:
    """Return the calendar of when enough people are on schedule on one calendar; ``fresh`` in a row of its own."""
    by_calendar: dict[str, list[Group]] = {}
    for number in groups:
        group = tables.staffing.groups[number]
        by_calendar.setdefault(group.calendar, []).append(group)
    if not fresh and all(len(tables.staffing.groups[number].heads) == 1 for number in groups):
        enough = [key for key, team in by_calendar.items() if sum(group.count for group in team) >= state.staff]
        if enough:
            return tables.calendar(*sorted(enough))
    parts = [part for key, team in by_calendar.items() for part in _staffed_times(tables.clock, key, team, state.staff)]
    if groups and not parts:
        raise _too_few(state, name, max(_most(tables.clock, team) for team in by_calendar.values()))
    return tables.add_calendar(union(parts))


def _staffed_times(clock: Clock, calendar: str, team: Sequence[Group], staff: int) -> Iterator[Intervals]:
    """Yield when a calendar is open while at least ``staff`` people of a team stand on it."""
    days = sorted({day for group in team for day, _ in group.heads})
    for day, following in zip(days, [*days[1:], None], strict=True):
        if sum(group.heads_on(day) for group in team) >= staff:
            first = 0 if day <= clock.start else clock.at(day, 0)
            last = at.NEVER if following is None else max(0, clock.at(following, 0)) if following > clock.start else 0
            if first < last:
                yield cut(clock.intervals(calendar), first, last)


def _most(clock: Clock, team: Sequence[Group]) -> int:
    """Return how many people of a team there are at once at most, from the start of the run on."""
    days = {clock.start} | {day for group in team for day, _ in group.heads if day > clock.start}
    return max(sum(group.heads_on(day) for group in team) for day in days)


def _too_few(state: State, name: str, most: int) -> SimulationError:
    return SimulationError(
        Text(
            en=f"state {name!r} takes {state.staff} people of role {state.role!r} on one calendar; there are {most}",
            zh=f"状态 {name!r} 需要岗位 {state.role!r} 同一班次 {state.staff} 人同时办理,实际只有 {most} 人",
        )
    )


def _nobody(state: State, name: str) -> SimulationError:
    role = f"{state.department}.{state.role}"
    return SimulationError(
        Text(
            en=f"nobody holds the role {role!r} of state {name!r}: give it staff in the organization file",
            zh=f"状态 {name!r} 的岗位 {role!r} 没有人员:请在组织文件中为其配置人数(staff)",
        )
    )


def _delay(tables: Tables, process: Process, state: State) -> Row:
    if state.delay is None:
        return {at.N_DELAYS: 0}
    numbers = [
        tables.distribution(visit, process.delay_calendar(state, working=visit.is_working))
        for visit in state.delay.visits
    ]
    return {at.N_DELAY: numbers[0], at.N_DELAYS: len(numbers)}


def _batch(tables: Tables, stream: int, process: Process, state: State) -> Row:
    batch = state.batch
    if batch is None:
        return {at.N_BATCH: at.NONE}
    calendar = process.work_calendar(state)
    times = tables.occurrences(batch.every, calendar, batch.if_closed)
    fields = {
        at.B_N: len(times),
        at.B_TIMES: tables.arena.put(times),
        at.B_CUTOFFS: tables.arena.put(
            tables.clock.cutoffs(times, batch.cutoff, calendar, tables.day_seconds(calendar))
        ),
        at.B_SEATS: at.NONE if batch.max is None else batch.max,
        at.B_NODE: len(tables.nodes),
        at.B_STREAM: stream,
    }
    number = len(tables.batches)
    places = tables.regions if per_region(process, state) else ("",)
    tables.batches += [fields | {at.B_KEY: hash_of("@sitting " + place)} for place in places]
    return {at.N_BATCH: number, at.N_JOINT: int(batch.joint)}


def _priority(tables: Tables, process: Process, state: State) -> Row:
    priority = state.priority if state.priority is not None else process.definition.priority
    if priority is None:
        return {at.N_PRIORITIES: 0}
    attributes = process.definition.attributes
    text = priority if isinstance(priority, str) else repr(float(priority))
    place, length = tables.program(parse(text, attributes), attributes)
    return {at.N_PRIORITY: place, at.N_PRIORITIES: length}
