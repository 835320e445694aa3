"""Who uses a datum after it is captured or written: readers in the process and outside of it. Finds nothing itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from procflow.analysis.beside import Beside
from procflow.analysis.flowgraph import FlowGraph, concurrent
from procflow.analysis.knowledge import flow, permissions
from procflow.analysis.live import Uses, live
from procflow.analysis.registry import Context
from procflow.analysis.sharing import contents
from procflow.definition.catalog import DataItem
from procflow.definition.process import State


@dataclass(frozen=True)
class Liveness:
    """Who uses what later: things as bits.

    ``unread``: what is used after each point before a new value is written; ``own``: what each state uses itself;
    ``users``: the states that use a thing, as a mask; ``beside``: those that may be entered beside a state.
    """

    flow: FlowGraph
    things: dict[str, int]
    unread: tuple[int, ...]
    own: dict[str, int]
    users: dict[str, int]
    beside: dict[str, int]

    def is_used(self, state: str, thing: str) -> bool:
        """Whether some way on from a state uses a thing, be it overwritten in between or not."""
        users = self.users[thing]
        return bool(self.beside.get(state, 0) & users) or self.flow.leads_to_any(state, users)

    def is_live(self, state: str, thing: str) -> bool:
        """Whether some way on from a state uses the value of a thing before another one is written."""
        bit = 1 << self.things[thing]
        return any(self.unread[point] & bit for point in self.flow.at[state])

    def is_used_by(self, state: str, thing: str) -> bool:
        """Whether a state uses a thing itself."""
        return bool(self.own[state] >> self.things[thing] & 1)


def liveness(context: Context) -> Liveness:
    """Return the liveness of everything that is asked for, keyed or written."""
    graph = context.graph
    states = {name: graph.nodes[name].state for name in graph.leaves}
    kept = [thing for state in states.values() for thing in taken(state)]
    things = {thing: number for number, thing in enumerate(dict.fromkeys(kept))}
    subjects: dict[str, list[str]] = {}
    for thing in things:
        subjects.setdefault(thing.partition(".")[0], []).append(thing)
    use = {name: _used(context, things, subjects, state) for name, state in states.items()}
    kill = {name: _mask(things, {}, set(state.writes)) for name, state in states.items() if state.writes}
    points = context.shared(flow)
    return Liveness(points, things, live(points, Uses(use, kill)), use, _users(points, things, use), _beside(points))


def _users(points: FlowGraph, things: dict[str, int], use: dict[str, int]) -> dict[str, int]:
    """Return for each thing the states that use it, as a mask."""
    names = list(things)
    found = dict.fromkeys(names, 0)
    for state in points.at:
        used, itself = use.get(state, 0), points.mask((state,))
        while used:
            found[names[(used & -used).bit_length() - 1]] |= itself
            used &= used - 1
    return found


def _beside(points: FlowGraph) -> dict[str, int]:
    """Return for each state in parallel regions the states that a case may enter beside it, as a mask."""
    others = Beside(points, {name: points.mask((name,)) for name in points.at}, {})
    found: dict[str, int] = {}
    for index, point in enumerate(points.points):
        if points.places[index]:
            found[point.state] = found.get(point.state, 0) | others.at(index)
    return found


def _used(context: Context, things: dict[str, int], subjects: dict[str, list[str]], state: State) -> int:
    """Return what a state uses as a bit set, as ``used_by`` says.

    What it takes in itself it uses only where it reads it or names it as evidence: that a form is complete does not
    mean that somebody needed each of its boxes.
    """
    at_once = _used_at_once(context, state)
    own = _mask(things, {}, set(taken(state)) - at_once)
    return (_mask(things, subjects, used_by(context, state)) & ~own) | _mask(things, {}, at_once)


def _mask(things: dict[str, int], subjects: dict[str, list[str]], names: set[str]) -> int:
    """Return things as a bit set, a subject as all that is known of it."""
    found = 0
    for name in names:
        for thing in (name, *subjects.get(name, ())):
            if thing in things:
                found |= 1 << things[thing]
    return found


def taken(state: State) -> tuple[str, ...]:
    """Return what a state takes in or makes: what it demands (but for what is only shown), keys and writes."""
    asked = [ask.thing for ask in state.asks if ask.form != "shown"]
    return tuple(dict.fromkeys([*asked, *(entry.item for entry in state.enters), *state.writes]))


def used_by(context: Context, state: State) -> set[str]:
    """Return what a state uses: reads, checks, has confirmed, files, or puts into what it issues; with the contents.

    A document is used where something that it contains is: it was the way by which that came.
    """
    process = context.process
    documents = [*state.issues, *state.archives, *(e for check in state.checks for e in check.evidence)]
    documents += [read.item for read in state.reads]
    found = {*documents, *state.confirms, *(check.of for check in state.checks)}
    found |= {item for document in documents for item in contents(process, document)}
    return found | {name for name in context.shared(_containers) if found & set(contents(process, name))}


def _containers(context: Context) -> tuple[str, ...]:
    """Return the documents that some state demands."""
    states = [context.graph.nodes[name].state for name in context.graph.leaves]
    return tuple(dict.fromkeys(ask.document for state in states for ask in state.asks if ask.document))


def _used_at_once(context: Context, state: State) -> set[str]:
    """Return what a state uses of what it takes in itself.

    What it reads or names as evidence, and the documents by which that came; what it keys into a register, where
    being on record is what the step is for.
    """
    registered = [entry.item for entry in state.enters] if state.kind == "registration" else []
    found = {*(read.item for read in state.reads), *registered}
    found |= {thing for check in state.checks for thing in (*check.evidence, check.of)}
    keyed = {entry.item for entry in state.enters}
    return found | {
        name for name in context.shared(_containers) if (found | keyed) & set(contents(context.process, name))
    }


def has_reader_outside(context: Context, thing: str, systems: tuple[str, ...] = ()) -> bool:
    """Whether a thing has a use outside: archive, statistics or supervision, or a duty by law to have it.

    Or a register: a system where it is at home, or one that passes it on to a shared one by an interface that names it.
    """
    entry = context.shared(permissions).entry(thing)
    if entry is None:
        return False
    if entry.basis is not None or (isinstance(entry, DataItem) and entry.kept_for is not None):
        return True
    organization = context.process.organization
    shared = {system.name for system in organization.systems if system.shared or system.base_library}
    passed = any(
        i.source in systems and i.dest in shared and thing in i.items and i.coverage > 0
        for i in organization.interfaces
    )
    return passed or bool(set(systems) & set(entry.held_by))


def says_all(context: Context, name: str) -> bool:
    """Whether all who may use what a state takes in declare their data complete."""
    return next(iter(silent_after(context, name)), None) is None


def silent_after(context: Context, name: str) -> Iterator[str]:
    """Yield who may use what a state takes in and does not declare the data complete.

    The state itself, what follows it, and what is done beside it meanwhile. What the applicant does, and states in
    which nobody acts, use nothing.
    """
    silent = context.shared(_silent)
    points, graph = context.shared(flow), context.graph
    if graph.nodes[name].state.data != "complete":
        yield name
    beside = graph.nodes[name].parent != ""
    if beside or points.leads_to_any(name, points.mask(silent)):
        for other in silent:
            if other != name and (points.leads(name, other) or (beside and concurrent(graph, name, other))):
                yield other


def _silent(context: Context) -> tuple[str, ...]:
    """Return the states of staff or others outside whose data are not declared complete."""
    nodes = context.graph.nodes
    return tuple(
        name
        for name in context.graph.leaves
        if nodes[name].state.who in ("staff", "external") and nodes[name].state.data != "complete"
    )
