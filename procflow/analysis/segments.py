"""Chains of steps that follow one another with nothing between, and what each step needs, makes and decides.

A step is a state with the corrections that belong to it alone. Says what depends on what; what to do about it is for
the rules.
"""

import ast
import math
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from procflow.analysis.knowledge import flow
from procflow.analysis.registry import Context
from procflow.analysis.sharing import captured, contents, seen
from procflow.definition.expression_syntax import syntax_tree
from procflow.definition.limits import Instant, Limit, Lock
from procflow.definition.process import State
from procflow.machine.flow import Place, Scope, cut
from procflow.machine.graph import Edge

_TERMINAL_STATES = 2


@dataclass(frozen=True)
class Unit:
    """A state, the corrections that lead only from it and back to it, and the transitions that leave it.

    ``main`` is the state that normally follows, '' where every way out ends the case; the other ways are refusals.
    """

    state: str
    legs: tuple[str, ...]
    main: str
    ways: tuple[Edge, ...]
    refusals: tuple[Edge, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """The state and its corrections."""
        return (self.state, *self.legs)


@dataclass(frozen=True)
class Effects:
    """What a step does to data and attributes.

    It ``needs`` things, of which it ``reads`` those that it does not ask for itself; it ``makes`` new values and
    documents, ``captures`` what the applicant gives or shows, and ``rejects``; it ``tests`` and ``sets`` attributes;
    ``keyed`` and ``looked_up`` are (thing, system).
    """

    needs: frozenset[str]
    reads: frozenset[str]
    makes: frozenset[str]
    captures: frozenset[str]
    rejects: frozenset[str]
    tests: frozenset[str]
    sets: frozenset[str]
    keyed: frozenset[tuple[str, str]]
    looked_up: frozenset[tuple[str, str]]


def chains(context: Context) -> tuple[tuple[Unit, ...], ...]:
    """Return the longest chains of steps: each normally followed by the next, which is entered from nowhere else."""
    return context.shared(_all_chains)


def scopes(context: Context) -> dict[Place, Scope]:
    """Return the scopes of the process, for all rules of one analysis."""
    return cut(context.graph)


def _all_chains(context: Context) -> tuple[tuple[Unit, ...], ...]:
    return tuple(_chains(context))


def _chains(context: Context) -> Iterator[tuple[Unit, ...]]:
    for scope in context.shared(scopes).values():
        sources = _sources(scope)
        units = {unit.state: unit for name in scope.nodes if (unit := _unit(context, scope, sources, name)) is not None}
        follows = {
            name: unit.main
            for name, unit in units.items()
            if unit.main in units
            and unit.main != scope.initial
            and sources[unit.main] - set(units[unit.main].legs) == {name}
        }
        followed = set(follows.values())
        for name in units:
            if name not in followed and name in follows:
                chain, seen = [units[name]], {name}
                while (following := follows.get(chain[-1].state)) and following not in seen:
                    chain.append(units[following])
                    seen.add(following)
                yield tuple(chain)


def _sources(scope: Scope) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {name: set() for name in scope.nodes}
    for source, ways in scope.ways.items():
        for dest, _ in ways:
            found[dest].add(source)
    return found


def _unit(context: Context, scope: Scope, sources: dict[str, set[str]], name: str) -> Unit | None:
    state = context.graph.nodes[name].state
    if state.final or state.is_composite or name in scope.exits:
        return None
    ways = scope.ways.get(name, [])
    dests = dict.fromkeys(dest for dest, _ in ways if dest != name)
    legs = tuple(
        d
        for d in dests
        if sources[d] == {name} and {n for n, _ in scope.ways.get(d, ())} == {name} and d not in scope.exits
    )
    onward = [dest for dest in dests if dest not in legs]
    main = _main(context, scope, onward)
    if main is None:
        return None
    edges = tuple(edge for _, edge in ways)
    refusals = tuple(edge for dest, edge in ways if dest in onward and dest != main)
    return Unit(name, legs, main, edges, refusals)


def _main(context: Context, scope: Scope, onward: list[str]) -> str | None:
    """Return the one state that goes on, all others being refusals; '' where all end; None where there is a choice."""
    going = [dest for dest in onward if not _ends(context, scope, dest)]
    if len(going) == 1 or len(onward) == 1:
        return (going or onward)[0]
    return "" if not going and onward else None


def _ends(context: Context, scope: Scope, name: str) -> bool:
    """Whether a state is the end of a case, or one or two steps that lead to nothing but its end."""
    seen: set[str] = set()
    waiting = [name]
    while waiting and len(seen) <= _TERMINAL_STATES:
        here = waiting.pop()
        if here in seen or here in scope.finals:
            continue
        seen.add(here)
        waiting += [dest for dest, _ in scope.ways.get(here, ())]
    refuses = context.graph.nodes[name].state.kind in ("decision", "notice", "other", "archive", "delivery")
    return len(seen) == 0 or (len(seen) <= _TERMINAL_STATES and not waiting and refuses)


def effects(context: Context, unit: Unit) -> Effects:
    """Return what a step and its corrections do to data and attributes; computed once for all rules of one analysis."""
    return context.shared_of(_effects, unit, unit.states)


def _effects(context: Context, unit: Unit) -> Effects:
    process = context.process
    states = [context.graph.nodes[name].state for name in unit.states]
    edges = [edge for name in unit.states for edge in context.graph.out(name)]
    read = {thing for state in states for thing in _read(context, state)}
    asked = {ask.thing for state in states for ask in state.asks}
    entered = {entry.item for state in states for entry in state.enters}
    issued = [document for state in states for document in state.issues]
    return Effects(
        needs=frozenset(read | asked | entered | {i for s in states for i in s.confirms}),
        reads=frozenset(read - asked),
        makes=frozenset({i for s in states for i in s.writes} | set(issued) | _inside(context, issued)),
        captures=frozenset(thing for state in states for thing in seen(process, state)),
        rejects=frozenset(thing for edge in edges for thing in edge.transition.rejects),
        tests=frozenset(tested_attributes(states, edges) | _computed_with(context, edges)),
        sets=frozenset(unicodedata.normalize("NFKC", name) for edge in edges for name in edge.transition.set),
        keyed=frozenset((e.item, system) for s in states for e in s.enters for system in e.into),
        looked_up=frozenset((thing, s.system) for s in states if s.system for thing in _read(context, s)),
    )


def _read(context: Context, state: State) -> set[str]:
    read = {read.item for read in state.reads} | set(state.archives)
    evidence = [thing for check in state.checks for thing in check.evidence]
    return read | set(evidence) | {check.of for check in state.checks} | _inside(context, evidence)


def _inside(context: Context, documents: Iterable[str]) -> set[str]:
    return {item for document in documents for item in contents(context.process, document)}


def tested_attributes(states: list[State], edges: list[Edge]) -> set[str]:
    """Return the attributes that priorities of states and guards of transitions look at."""
    texts = [edge.transition.when for edge in edges] + [s.priority for s in states if isinstance(s.priority, str)]
    return {
        part.id
        for text in texts
        if text is not None
        for part in ast.walk(syntax_tree(text))
        if isinstance(part, ast.Name)
    }


def _computed_with(context: Context, edges: list[Edge]) -> set[str]:
    """Return the attributes that assignments compute with; the name of a category is none."""
    attributes = context.process.definition.attributes
    texts = [
        value
        for edge in edges
        for name, value in edge.transition.set.items()
        if isinstance(value, str) and name in attributes and attributes[name].kind != "categorical"
    ]
    return {part.id for text in texts for part in ast.walk(syntax_tree(text)) if isinstance(part, ast.Name)}


def depends(context: Context, first: Effects, second: Effects, entered: str) -> bool:
    """Whether two steps must keep their order or may disturb each other.

    Bernstein's conditions ("Analysis of Programs for Parallel Processing", IEEE Trans. EC-15, 1966) over items,
    documents, what returns reject, and attributes. Asking the applicant for the same thing twice disturbs nobody;
    reading what the other step captured does, unless it was known before both, on entering a state.
    """
    passed_on = (first.captures & second.reads) | (second.captures & first.reads)
    appended = {
        thing for thing in first.makes & second.makes if (item := context.process.item(thing)) and item.append_only
    }
    touched = first.needs | first.makes | first.captures, second.needs | second.makes | second.captures
    return bool(
        first.makes & second.needs
        or second.makes & first.needs
        or (first.makes & second.makes) - appended
        or passed_on - known_on_entering(context, entered, passed_on)
        or first.rejects & touched[1]
        or second.rejects & touched[0]
        or first.sets & (second.tests | second.sets)
        or second.sets & first.tests
        or first.keyed & second.looked_up
        or second.keyed & first.looked_up
    )


def locks_between(context: Context, first: Unit, second: Unit) -> tuple[Lock, ...]:
    """Return the legal locks that put an instant of one step before an instant of the other."""
    return tuple(
        lock
        for lock in context.process.definition.locks
        if (
            _names(context, first, lock.first.event, lock.first.name)
            and _names(context, second, lock.then.event, lock.then.name)
        )
        or (
            _names(context, second, lock.first.event, lock.first.name)
            and _names(context, first, lock.then.event, lock.then.name)
        )
    )


def locked_order(context: Context, a: str, b: str) -> bool:
    """Whether law puts an instant of one state before an instant of the other."""

    def names(state: str, instant: Instant) -> bool:
        return _names(context, Unit(state, (), "", (), ()), instant.event, instant.name)

    return any(
        (names(a, lock.first) and names(b, lock.then)) or (names(b, lock.first) and names(a, lock.then))
        for lock in context.process.definition.locks
    )


def limits_between(context: Context, units: Iterable[Unit]) -> dict[str, Limit]:
    """Return the limits whose clock counts, or is suspended, from an instant of one step to an instant of another."""
    of = tuple(units)

    def crosses(since: tuple[Instant, ...], until: tuple[Instant, ...]) -> bool:
        return any(
            first is not second and _any(context, first, since) and _any(context, second, until)
            for first in of
            for second in of
        )

    return {
        name: limit
        for name, limit in context.process.definition.limits.items()
        if crosses(limit.start, limit.stop)
        or any(crosses((s.since,), (s.until,)) for s in limit.suspend if s.since is not None and s.until is not None)
    }


def _any(context: Context, unit: Unit, instants: tuple[Instant, ...]) -> bool:
    return any(_names(context, unit, instant.event, instant.name) for instant in instants)


def _names(context: Context, unit: Unit, event: str, name: str) -> bool:
    if event == "fire":
        return any(edge.trigger == name for state in unit.states for edge in context.graph.out(state))
    return name in unit.states or any(state.endswith(f"/{name}") for state in unit.states)


def scarce(context: Context, first: Unit, second: Unit) -> bool:
    """Whether the same too few people do both steps, so that nothing is gained by doing them at once."""
    a, b = (context.graph.nodes[unit.state].state for unit in (first, second))
    if a.who != "staff" or b.who != "staff" or a.department != b.department or not (a.work and b.work):
        return False
    department = context.process.department(a)
    if department is None:
        return False
    people = {group.name: (set(group.roles), group.count.value) for group in department.staff}
    people |= {f"role {r.name}": ({r.name}, r.staff.value) for r in department.roles if r.staff}
    able_a = {name for name, (roles, _) in people.items() if a.role in roles}
    able_b = {name for name, (roles, _) in people.items() if b.role in roles}
    if not able_a & able_b:
        return False
    return math.fsum(people[name][1] for name in able_a | able_b) < a.staff + b.staff


def known_on_entering(context: Context, state: str, among: Iterable[str]) -> frozenset[str]:
    """Return which of some things somebody knows on every path to a state."""
    names, facts = context.shared(_presence)
    held = facts.get(state, 0)
    return frozenset(thing for thing in among if thing in names and held >> names[thing] & 1)


def _presence(context: Context) -> tuple[dict[str, int], dict[str, int]]:
    from procflow.analysis import dataflow

    graph = context.graph
    found = {name: captured(context.process, graph.nodes[name].state) for name in graph.leaves}
    names = {thing: i for i, thing in enumerate(dict.fromkeys(t for things in found.values() for t in things))}
    give = {name: sum(1 << names[thing] for thing in things) for name, things in found.items()}
    kill = {
        edge.index: sum(1 << names[t] for t in dict.fromkeys(edge.transition.rejects) if t in names)
        for edge in graph.edges
        if edge.transition.rejects
    }
    solution = dataflow.solve(context.shared(flow), dataflow.Effects(len(names), give=give, edge_kill=kill))
    return names, {state: solution.at(state) for state in context.shared(flow).at}
