"""Who does what in a process: a matrix of steps and departments (责任分工表). Assigns nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from procflow.definition.process import State
from procflow.definition.resolved import Process
from procflow.machine.graph import StateGraph, state_graph

Part = Literal["does", "leads", "supplies", "receives"]
PARTS: tuple[Part, ...] = ("does", "leads", "supplies", "receives")
"""What a department has to do with a step: it works in it; it leads the process; it issues what the step asks, reads or
keys; it has the case next."""


@dataclass(frozen=True)
class Duties:
    """A step by its qualified name, and what each department has to do with it, in the order of ``PARTS``."""

    state: str
    parts: dict[str, tuple[Part, ...]]


def responsibilities(process: Process) -> tuple[Duties, ...]:
    """Return the duties of every step of staff, in file order.

    A department that the definition does not name for a step has none: silence is not a duty.

    >>> from procflow.definition import load
    >>> duties = responsibilities(load("process_defs/processes/food_license/as_is.yaml"))
    >>> duties[0].state, duties[0].parts["market_regulation"][:2]
    ('application', ('does', 'leads'))
    """
    graph = state_graph(process)
    steps = [name for name in graph.leaves if graph.state(name).who == "staff" and graph.state(name).department]
    return tuple(Duties(name, _parts(graph, name)) for name in steps)


def _parts(graph: StateGraph, name: str) -> dict[str, tuple[Part, ...]]:
    process, state = graph.process, graph.state(name)
    found: dict[Part, set[str]] = {
        "does": {state.department or ""},
        "leads": {process.definition.lead or ""},
        "supplies": set(_issuers(process, state)),
        "receives": {graph.state(leaf).department or "" for leaf in _next(graph, name)} - {state.department},
    }
    named = {department.name for department in process.organization.departments}
    return {
        department: tuple(part for part in PARTS if department in found[part])
        for department in sorted(set().union(*found.values()) & named)
    }


def _issuers(process: Process, state: State) -> Iterator[str]:
    things = [ask.thing for ask in state.asks] + [read.item for read in state.reads] + [e.item for e in state.enters]
    for thing in things:
        entry = process.material(thing) or process.item(thing)
        if entry is not None and entry.issuer and entry.issuer != state.department:
            yield entry.issuer


def _next(graph: StateGraph, name: str) -> Iterator[str]:
    for edge in graph.out(name):
        yield from graph.entered(edge.dest)
