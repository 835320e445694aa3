"""Compiles processes, with those that they call, and a scenario to the arrays of the kernel."""

from collections.abc import Sequence
from dataclasses import dataclass

from procflow.definition.arrivals import Arrivals
from procflow.definition.organization import Organization
from procflow.definition.process import Attribute
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.errors import SimulationError
from procflow.kernel import layout as at
from procflow.kernel.state import Model
from procflow.machine.graph import Edge, StateGraph, state_graph
from procflow.simulation.calendars import Clock
from procflow.simulation.calls import call_row, with_called
from procflow.simulation.exits import exit_rows
from procflow.simulation.horizon import cap_days, horizon_days, likely_days
from procflow.simulation.naming import draw_keys, hash_of, ranks
from procflow.simulation.shortcuts import add_shortcuts, segments_of
from procflow.simulation.staffing import Staffing, qualified, staffing
from procflow.simulation.states import state_row
from procflow.simulation.streams import stream_row
from procflow.simulation.suspensions import Stretches
from procflow.simulation.tables import Row, Tables
from procflow.text import Text


@dataclass(frozen=True)
class Compiled:
    """A model with what is needed to read its results.

    ``graphs`` are in the order of the streams (processes by name, called ones among them); ``nodes`` and ``edges``
    give, by the kernel's number, (stream, qualified name) and the edge. ``days`` are those of the horizon, about where
    it counts cases.
    """

    model: Model
    clock: Clock
    graphs: tuple[StateGraph, ...]
    nodes: tuple[tuple[int, str], ...]
    edges: tuple[Edge, ...]
    outcomes: tuple[str, ...]
    staffing: Staffing
    regions: tuple[str, ...]
    days: int

    def attributes(self, stream: int) -> dict[str, Attribute]:
        """Return the attributes of a stream's cases, in the order of their slots."""
        return self.graphs[stream].process.definition.attributes


def compile_scenario(processes: Sequence[Process], arrivals: Sequence[Arrivals], scenario: Scenario) -> Compiled:
    """Return the model of processes with their arrivals under a scenario.

    Raises SimulationError where they do not fit together.
    """
    _refuse_twice(processes)
    everyone = with_called(processes)
    organization = _shared_organization(everyone)
    days = horizon_days(processes, arrivals, scenario)
    clock = Clock(organization, scenario.start, cap_days(days) * at.DAY)
    clock.warn_unpublished(likely_days(days, scenario))
    regions = tuple(region.name for region in organization.regions)
    staff = staffing(organization, scenario)
    tables = Tables(clock, staff, scenario.unlimited_staff, _role_numbers(organization, regions), regions)
    arriving = {process.name: how for process, how in zip(processes, arrivals, strict=True)}
    graphs = tuple(state_graph(process) for process in everyone)
    streams = {graph.process.name: number for number, graph in enumerate(graphs)}
    nodes: list[tuple[int, str]] = []
    edges: list[Edge] = []
    outcomes: list[str] = []
    for stream, graph in enumerate(graphs):
        stretches = Stretches(graph)
        numbers = {name: len(nodes) + i for i, name in enumerate(graph.nodes)}
        nodes += [(stream, name) for name in graph.nodes]
        _add_nodes(tables, stream, graph, numbers, outcomes)
        for name, number in numbers.items():
            columns, ordered = exit_rows(tables, graph, name, numbers, stretches)
            tables.nodes[number] |= columns | stretches.at_state(tables, name) | call_row(tables, graph, name, streams)
            add_shortcuts(tables, number)
            edges += ordered
        tables.streams.append(stream_row(tables, graph, arriving.get(graph.process.name), numbers[graph.initial]))
    model = _finished(tables, scenario, graphs)
    return Compiled(model, clock, graphs, tuple(nodes), tuple(edges), tuple(outcomes), staff, regions, days)


def _add_nodes(tables: Tables, stream: int, graph: StateGraph, numbers: dict[str, int], outcomes: list[str]) -> None:
    keys, order = draw_keys(graph), ranks(graph)
    values = len(graph.process.definition.attributes)
    for local, (name, node) in enumerate(graph.nodes.items()):
        common = {at.N_LOCAL: values + local, at.N_RANK: order[name], at.N_KEY: hash_of(keys[name])}
        if node.state.final:
            kind = at.REGION_END if node.parent else at.END
            outcome = node.state.outcome or node.state.name
            fields = {at.N_KIND: kind, at.N_OUTCOME: len(outcomes), at.N_TRIGGER: hash_of(outcome)}
            outcomes.append(outcome)
        elif name in graph.regions:
            fields = _composite(tables, graph, name, numbers)
        else:
            fields = state_row(tables, stream, graph, name)
        tables.nodes.append(common | fields)


def _composite(tables: Tables, graph: StateGraph, name: str, numbers: dict[str, int]) -> Row:
    starts = [numbers[region.initial] for region in graph.regions[name]]
    return {
        at.N_KIND: at.COMPOSITE,
        at.N_NEEDED: graph.needed(name),
        at.N_INITIAL: tables.arena.put(starts),
        at.N_INITIALS: len(starts),
    }


def _finished(tables: Tables, scenario: Scenario, graphs: Sequence[StateGraph]) -> Model:
    arena = tables.arena
    groups, changes = _group_rows(tables), _change_rows(tables)
    arena.put_table(at.M_NODES, at.NODE_WIDTH, tables.nodes)
    arena.put_table(at.M_EDGES, at.EDGE_WIDTH, tables.edges)
    arena.put_table(at.M_DISTRIBUTIONS, at.DISTRIBUTION_WIDTH, tables.distributions)
    arena.put_table(at.M_ROLES, at.ROLE_WIDTH, _role_rows(tables))
    arena.put_table(at.M_GROUPS, at.GROUP_WIDTH, groups)
    arena.put_table(at.M_CHANGES, at.CHANGE_WIDTH, changes)
    arena.put_table(at.M_BATCHES, at.BATCH_WIDTH, tables.batches)
    arena.put_table(at.M_STREAMS, at.STREAM_WIDTH, tables.streams)
    arena.put_table(at.M_CADENCES, at.CADENCE_WIDTH, tables.cadences)
    arena.put_table(at.M_ATTRIBUTES, at.ATTRIBUTE_WIDTH, tables.attributes)
    arena.put_table(at.M_CALLS, at.CALL_WIDTH, tables.calls)
    arena.put_table(at.M_CALENDARS, at.CALENDAR_WIDTH, tables.calendars)
    values = max(len(graph.process.definition.attributes) for graph in graphs)
    visited = max(len(graph.process.definition.attributes) + len(graph.nodes) for graph in graphs) - values
    header = {
        at.M_ROLE_COUNT: len(tables.roles),
        at.M_GROUP_COUNT: len(groups),
        at.M_BATCH_COUNT: len(tables.batches),
        at.M_STREAM_COUNT: len(tables.streams),
        at.M_CAP: tables.clock.cap,
        at.M_WARMUP: scenario.warmup_days * at.DAY,
        at.M_HORIZON: (scenario.days or 0) * at.DAY,
        at.M_COHORT_FIRST: scenario.warmup_cases,
        at.M_COHORT_END: at.NONE if scenario.cases is None else scenario.cases,
        at.M_CHANGE_COUNT: len(changes),
        at.M_HEADROOM: 4 * max(len(graph.nodes) + len(graph.edges) for graph in graphs) + 16,
        at.M_PEOPLE: tables.most_people,
        at.M_VALUES: values,
        at.M_CASE_ROWS: 2 * max(sum(map(len, graph.regions.values())) for graph in graphs) + 2,
        at.M_TIMERS: tables.most_timers,
        at.M_SEGMENTS: segments_of(tables),
    }
    for word, value in header.items():
        arena.words[word] = value
    return Model(arena.array(), values, visited, tables.most_stack, tables.most_set)


def _role_numbers(organization: Organization, regions: Sequence[str]) -> dict[str, int]:
    """Number the roles by name; an office per region takes as many numbers as there are regions, in their order."""
    names = [
        qualified(department.name, role.name, place)
        for department in sorted(organization.departments, key=lambda d: d.name)
        for role in sorted(department.roles, key=lambda r: r.name)
        for place in (regions if department.per else ("",))
    ]
    return {name: number for number, name in enumerate(names)}


def _role_rows(tables: Tables) -> list[Row]:
    rows = []
    for role in tables.roles:
        groups = tables.staffing.of(role)
        rows.append({at.O_GROUPS: tables.arena.put(groups), at.O_N: len(groups)})
    return rows


def _group_rows(tables: Tables) -> list[Row]:
    return [
        {
            at.G_COUNT: group.count,
            at.G_CALENDAR: tables.calendar(group.calendar),
            at.G_SPEED: tables.arena.put_floats([group.speed]),
            at.G_ROLES: tables.arena.put(tables.roles[role] for role in group.roles),
            at.G_ROLES_N: len(group.roles),
        }
        for group in tables.staffing.groups
    ]


def _change_rows(tables: Tables) -> list[Row]:
    """Return who comes and who goes when, in order of time; who is away from the start goes at its instant."""
    clock, found = tables.clock, []
    for number, group in enumerate(tables.staffing.groups):
        present = group.count
        for day, heads in group.heads:
            time = 0 if day <= clock.start else clock.at(day, 0)
            for person in range(min(present, heads), max(present, heads)):
                away = int(heads < present)
                found.append({at.CH_TIME: time, at.CH_GROUP: number, at.CH_PERSON: person, at.CH_AWAY: away})
            present = heads
    return sorted(found, key=lambda row: row[at.CH_TIME])


def _shared_organization(processes: Sequence[Process]) -> Organization:
    first = processes[0]
    for process in processes[1:]:
        if process.organization != first.organization:
            raise SimulationError(
                Text(
                    en=f"{process.name} is in organization {process.organization.name!r}, {first.name} in another one "
                    f"called {first.organization.name!r}: processes that run together share one organization file",
                    zh=f"{process.name} 属于组织 {process.organization.name!r},{first.name} 属于另一个组织 "
                    f"{first.organization.name!r}:一起仿真的流程须共用同一个组织文件",
                )
            )
    return first.organization


def _refuse_twice(processes: Sequence[Process]) -> None:
    names = [process.name for process in processes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SimulationError(
            Text(
                en=f"process {twice[0]!r} appears twice: compare variants by two runs, not in one",
                zh=f"流程 {twice[0]!r} 出现了两次:比较不同版本请分别仿真,不要放在同一次运行中",
            )
        )
