"""States moved inside a definition, with every reference to them. Asks nothing about what that means."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from procflow.definition.limits import Instant, Limit, Lock, Suspension
from procflow.definition.process import ParallelRegion, ProcessDefinition, State, Transition
from procflow.definition.resolved import Process, resolve
from procflow.definition.source import Origin, SourceMap
from procflow.machine.graph import StateGraph

At = TypeVar("At", bound=Instant)


@dataclass(frozen=True)
class Scope:
    """The states and transitions of the process or of a region; ``prefix`` is what its states' names begin with."""

    prefix: str
    initial: str | None
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]


def rebuilt(definition: ProcessDefinition, change: Callable[[Scope], Scope]) -> ProcessDefinition:
    """Return a definition of which every scope is changed, inner ones first."""
    top = _changed(Scope("", definition.initial, definition.states, definition.transitions), change)
    return definition.model_copy(update={"initial": top.initial, "states": top.states, "transitions": top.transitions})


def _changed(scope: Scope, change: Callable[[Scope], Scope]) -> Scope:
    return change(replace(scope, states=tuple(_nested(state, scope.prefix, change) for state in scope.states)))


def _nested(state: State, prefix: str, change: Callable[[Scope], Scope]) -> State:
    if state.states:
        inner = _changed(Scope(f"{prefix}{state.name}/", state.initial, state.states, state.transitions), change)
        return state.model_copy(
            update={"initial": inner.initial, "states": inner.states, "transitions": inner.transitions}
        )
    if not state.regions:
        return state
    return state.model_copy(update={"regions": tuple(_region(r, prefix + state.name, change) for r in state.regions)})


def _region(region: ParallelRegion, composite: str, change: Callable[[Scope], Scope]) -> ParallelRegion:
    inner = _changed(Scope(f"{composite}/{region.name}/", region.initial, region.states, region.transitions), change)
    return region.model_copy(
        update={"initial": inner.initial, "states": inner.states, "transitions": inner.transitions}
    )


def redirected(
    graph: StateGraph, scope: Scope, lead: Callable[[str, str], str], moved: Mapping[str, str]
) -> Iterator[Transition]:
    """Yield a scope's transitions with their sources ``moved`` and their destinations as ``lead`` says.

    ``lead`` takes the qualified names of source and destination and returns the new one. The order of ways out of a
    state, which decides between guards, stays; a transition whose sources now part ways becomes several.
    """
    for transition in scope.transitions:
        dest = _known(graph, transition.dest, scope.prefix)
        ends = [
            (w, source, lead(source, dest)) for w in transition.source if (source := _known(graph, w, scope.prefix))
        ]
        for to, group in itertools.groupby(ends, key=lambda end: end[2]):
            sources = tuple(_local(moved[s], scope.prefix) if s in moved else written for written, s, _ in group)
            written = transition.dest if to == dest else _local(to, scope.prefix)
            yield transition.model_copy(update={"source": sources, "dest": written})


def _known(graph: StateGraph, reference: str, prefix: str) -> str:
    found = resolve(reference, prefix, graph.nodes)
    assert found is not None, f"{reference!r} in a checked process"
    return found


def _local(name: str, prefix: str) -> str:
    return name.removeprefix(prefix)


def prefix_of(name: str) -> str:
    """Return what the names of the states beside a state begin with."""
    around, slash, _ = name.rpartition("/")
    return around + slash


def own_name(name: str) -> str:
    """Return a state's own name."""
    return name.rpartition("/")[2]


def with_moved_names(definition: ProcessDefinition, moved: Mapping[str, str]) -> ProcessDefinition:
    """Return a definition whose limits and locks name moved states by their new qualified names."""
    limits = {name: _limit(limit, moved) for name, limit in definition.limits.items()}
    locks = tuple(
        Lock(first=_instant(lock.first, moved), then=_instant(lock.then, moved), basis=lock.basis)
        for lock in definition.locks
    )
    return definition.model_copy(update={"limits": limits, "locks": locks})


def _limit(limit: Limit, moved: Mapping[str, str]) -> Limit:
    deemed = limit.deemed
    return limit.model_copy(
        update={
            "start": tuple(_instant(instant, moved) for instant in limit.start),
            "stop": tuple(_instant(instant, moved) for instant in limit.stop),
            "suspend": tuple(_suspension(suspension, moved) for suspension in limit.suspend),
            "deemed": deemed and deemed.model_copy(update={"since": _instant(deemed.since, moved)}),
        }
    )


def _suspension(suspension: Suspension, moved: Mapping[str, str]) -> Suspension:
    state, since, until = suspension.in_state, suspension.since, suspension.until
    return suspension.model_copy(
        update={
            "in_state": state and moved.get(state, state),
            "since": since and _instant(since, moved),
            "until": until and _instant(until, moved),
        }
    )


def _instant(instant: At, moved: Mapping[str, str]) -> At:
    if instant.event == "fire" or instant.name not in moved:
        return instant
    return instant.model_copy(update={"name": moved[instant.name]})


def redefined(process: Process, definition: ProcessDefinition) -> Process:
    """Return a process with a new definition: of its own file only the name is kept, for no line of it holds."""
    origin = process.origin
    file = SourceMap(origin.process.file)
    return replace(process, definition=definition, origin=Origin(file, origin.organization, origin.catalogs))
