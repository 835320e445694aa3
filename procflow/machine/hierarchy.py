"""The `transitions` machine of a state graph: nested and parallel states under their qualified names.

Holds the states and moves cases among them. It knows neither guards nor joins: which transition is taken is said by
who triggers it. This is the only module that imports `transitions`.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, cast

from transitions.extensions.nesting import (
    HierarchicalMachine,
    NestedEventData,
    NestedState,
    NestedTransition,
    resolve_order,
)

from procflow.machine.flow import Place, entering, place_of
from procflow.machine.graph import Edge, StateGraph

STANDING = "standing"
"""The attribute of a case in which the machine keeps where it stands: a name, or (nested) lists of names."""


class QualifiedState(NestedState):
    """A state whose parts are joined by '/', as in the definition."""

    separator = "/"


class ScopedTransition(NestedTransition):
    """A transition that leaves all of its scope and enters every region beside its destination.

    The library's own leaves the siblings of a region alone that is left for another one, and enters no region beside
    a nested destination.
    """

    def _resolve_transition(self, event_data: NestedEventData) -> tuple[Any, list[Any], list[Any]]:
        machine = cast(CaseMachine, event_data.machine)
        edge: Edge = event_data.kwargs["edge"]
        tree = machine.build_state_tree(getattr(event_data.model, STANDING), QualifiedState.separator)
        scope, branch = machine.scopes[edge.index], tree
        for name in scope:
            branch = branch[name]
        exits = [_call(machine, "scoped_exit", scope + path, event_data) for path in resolve_order(branch)]
        branch.clear()
        machine.build_state_tree(list(machine.entered[edge.index]), QualifiedState.separator, tree)
        enters = [_call(machine, "scoped_enter", scope + path, event_data) for path in _outermost_first(branch)]
        return tree, exits, enters


class CaseMachine(HierarchicalMachine):
    """The states and transitions of one process, for any number of cases; none is bound to it."""

    state_cls = QualifiedState
    transition_cls = ScopedTransition

    def __init__(self, graph: StateGraph) -> None:
        self.scopes = {edge.index: _scope_path(graph, place_of(graph, edge)) for edge in graph.edges}
        self.entered = {edge.index: entering(graph, edge) for edge in graph.edges}
        top = [name for name, node in graph.nodes.items() if not node.parent]
        super().__init__(
            model=None,
            states=[_state(graph, name) for name in top],
            initial=graph.initial,
            transitions=[_transition(edge) for edge in graph.edges],
            send_event=True,
            auto_transitions=False,
            model_attribute=STANDING,
        )

    def take(self, case: object, edge: Edge) -> None:
        """Move a case along a transition; it must stand in its source."""
        self.trigger_event(case, edge.trigger, edge=edge)

    def place(self, case: object, leaves: Iterable[str]) -> None:
        """Put a case into states, without a transition."""
        self.set_state(list(leaves), case)


def _state(graph: StateGraph, name: str) -> dict[str, Any]:
    """Return a state as the library reads it; a named region becomes a nested state of its own."""
    written: dict[str, Any] = {"name": name.rpartition("/")[2]}
    regions = graph.regions.get(name, ())
    if regions and not regions[0].name:
        return written | _region(graph, regions[0].initial, regions[0].nodes)
    if regions:
        written["children"] = [{"name": r.name, **_region(graph, r.initial, r.nodes)} for r in regions]
        written["initial"] = [region.name for region in regions]
    return written


def _region(graph: StateGraph, initial: str, nodes: Iterable[str]) -> dict[str, Any]:
    return {"children": [_state(graph, node) for node in nodes], "initial": initial.rpartition("/")[2]}


def _transition(edge: Edge) -> dict[str, Any]:
    return {"trigger": edge.trigger, "source": edge.source, "dest": edge.dest, "conditions": _asked_for(edge)}


def _asked_for(edge: Edge) -> Callable[[NestedEventData], bool]:
    """Return the condition that this very transition is meant: the library fires a trigger in every region."""
    return lambda event_data: event_data.kwargs["edge"] is edge


def _scope_path(graph: StateGraph, place: Place) -> list[str]:
    composite, index = place
    if not composite:
        return []
    region = graph.regions[composite][index].name
    return [*composite.split("/"), *([region] if region else [])]


def _outermost_first(branch: "OrderedDict[str, Any]", path: tuple[str, ...] = ()) -> Iterable[list[str]]:
    for name, below in branch.items():
        yield [*path, name]
        yield from _outermost_first(below, (*path, name))


def _call(machine: CaseMachine, method: str, path: list[str], event_data: NestedEventData) -> Any:
    return partial(getattr(machine.get_state(path), method), event_data, path[:-1])
