"""Ways out of states as rows of the kernel's model: guards, chances, transfers, time-outs, what is set."""

from collections import Counter

from procflow.definition.expressions import parse_assignment
from procflow.definition.process import State, Timeout, Transfer
from procflow.definition.resolved import ALWAYS, Process
from procflow.kernel import layout as at
from procflow.machine.graph import Edge, StateGraph
from procflow.simulation.naming import hash_of
from procflow.simulation.suspensions import Stretches
from procflow.simulation.tables import Row, Tables
from procflow.units import MICROSECONDS


def exit_rows(
    tables: Tables, graph: StateGraph, name: str, numbers: dict[str, int], stretches: Stretches
) -> tuple[Row, list[Edge]]:
    """Add the ways out of a state; return its columns for them and the edges in their order: exits, then timers."""
    out = graph.out(name)
    exits = [edge for edge in out if edge.transition.timeout is None]
    timers = [edge for edge in out if edge.transition.timeout is not None]
    columns = {
        at.N_EDGE: len(tables.edges),
        at.N_EDGES: len(exits),
        at.N_TIMER: len(tables.edges) + len(exits),
        at.N_TIMERS: len(timers),
    }
    paused = [edge for edge in timers if edge.transition.timeout and edge.transition.timeout.suspended]
    tables.most_timers = max(tables.most_timers, len(paused))
    for edge in (*exits, *timers):
        rank = out.index(edge)
        same = Counter(other.trigger for other in out[:rank])[edge.trigger]
        fields = _edge(tables, graph, edge, numbers) | {at.E_SAME: same, at.E_RANK: rank}
        slot = {at.E_PAUSED: paused.index(edge)} if edge in paused else {}
        tables.edges.append(fields | slot | stretches.at_edge(tables, edge))
    return columns, [*exits, *timers]


def _edge(tables: Tables, graph: StateGraph, edge: Edge, numbers: dict[str, int]) -> Row:
    transition, process = edge.transition, graph.process
    state = graph.nodes[edge.source].state
    attributes = process.definition.attributes
    fields = {
        at.E_KIND: at.CHANCE if transition.probability else at.GUARDED if transition.when else at.BARE,
        at.E_DEST: numbers[edge.dest],
        at.E_TRIGGER: hash_of(edge.trigger),
        at.E_LEAVES: numbers[edge.leaves[-1]] if edge.leaves else at.NONE,
        at.E_ROW: _row_of_visit(graph, edge.dest),
    }
    if transition.probability is not None:
        values = transition.probability.values
        fields |= {at.E_CHANCE: tables.arena.put_floats(values), at.E_CHANCES: len(values)}
    fields |= tables.guard(transition.when, attributes) | _set(tables, process, edge)
    if transition.transfer is not None:
        fields |= _transfer(tables, process, state, transition.transfer)
    if transition.timeout is not None:
        fields |= _timer(tables, process, state, transition.timeout)
    return fields


def _row_of_visit(graph: StateGraph, dest: str) -> int:
    """Return when the row of a visit from which a token goes to ``dest`` is written.

    Where a composite that is nested in another one may time out before anything in it is entered, or entered next, the
    visit may be the last one before the join further out.
    """
    around = list(graph.ancestors(dest))
    if graph.nodes[dest].state.final and around:
        return at.ROW_AT_JOIN
    inside = [name for name in graph.regions if around and (name == dest or dest in graph.ancestors(name))]
    timed = any(edge.transition.timeout is not None for name in (*around[:-1], *inside) for edge in graph.out(name))
    return at.ROW_AT_ENTRY if timed else at.ROW_AT_ARRIVAL


def _set(tables: Tables, process: Process, edge: Edge) -> Row:
    assignments, attributes = edge.transition.set, process.definition.attributes
    triples: list[int] = []
    for name, value in assignments.items():
        place, length = tables.program(parse_assignment(name, value, attributes), attributes)
        triples += [list(attributes).index(name), place, length]
    tables.most_set = max(tables.most_set, len(assignments))
    return {at.E_SET: tables.arena.put(triples), at.E_SETS: len(assignments)}


def _transfer(tables: Tables, process: Process, state: State, transfer: Transfer) -> Row:
    if transfer.delay is not None:
        working = transfer.delay.is_working
        usual = process.delay_calendar(state, working=True) if working else ALWAYS
        return {at.E_TRANSFER: tables.distribution(transfer.delay, transfer.calendar or usual)}
    if transfer.every is None:
        return {}
    calendar = transfer.calendar or process.work_calendar(state)
    times = tables.occurrences(transfer.every, calendar, transfer.if_closed)
    tables.cadences.append({at.CD_N: len(times), at.CD_TIMES: tables.arena.put(times)})
    return {at.E_CADENCE: len(tables.cadences) - 1}


def _timer(tables: Tables, process: Process, state: State, timeout: Timeout) -> Row:
    usual = process.delay_calendar(state, working=True) if timeout.after.is_working else ALWAYS
    calendar = timeout.calendar or usual
    seconds = timeout.after.seconds(tables.day_seconds(calendar))
    return {at.E_AFTER: int(seconds * MICROSECONDS + 0.5), at.E_CLOCK: tables.calendar(calendar)}
