"""The `transitions` machine of a state graph: nested and parallel states under their qualified names.

Holds the states and moves cases among them. It knows neither guards nor joins: which transition is taken is said by
who triggers it. This is the only module that imports `transitions`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from transitions.extensions.nesting import HierarchicalMachine, NestedEventData, NestedState

from procflow.machine.graph import Edge, StateGraph

STANDING = "standing"
"""The attribute of a case in which the machine keeps where it stands: a name, or (nested) lists of names."""


class QualifiedState(NestedState):
    """A state whose parts are joined by '/', as in the definition."""

    separator = "/"


class CaseMachine(HierarchicalMachine):
    """The states and transitions of one process, for any number of cases; none is bound to it."""

    state_cls = QualifiedState

    def __init__(self, graph: StateGraph) -> None:
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
