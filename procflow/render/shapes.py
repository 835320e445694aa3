"""Which symbol each view draws a state as: own ones in swimlanes, UML in the machine, GB/T 1526 in the flow chart.

GB/T 1526-1989 is ISO 5807:1985. UML 2.5.1, chapter 14. Draws nothing.
"""

from procflow.machine.graph import StateGraph
from procflow.render.lanes import APPLICANT
from procflow.render.model import FlowView, Shape

_DECISIONS = frozenset({"approval", "decision", "meeting"})
_DOCUMENTS = frozenset({"notice", "certificate", "delivery", "archive"})

STARTS: dict[FlowView, Shape] = {"swimlane": "start", "machine": "start", "flowchart": "terminator"}
REGION_ENDS: dict[FlowView, Shape] = {"swimlane": "region_end", "machine": "region_end", "flowchart": "connector"}
ENDS: dict[FlowView, Shape] = {"swimlane": "end", "machine": "final", "flowchart": "terminator"}


def shape(graph: StateGraph, name: str, lane: str, view: FlowView) -> Shape:
    """Return the symbol of a state that contains no others."""
    node = graph.nodes[name]
    if node.state.final:
        return REGION_ENDS[view] if node.parent else ENDS[view]
    if view == "machine":
        return "state"
    return _step(graph, name, lane) if view == "swimlane" else _symbol(graph, name, lane)


def bars(view: FlowView, *, parallel: bool) -> tuple[Shape, Shape]:
    """Return the symbols that open and close a composite."""
    if view == "swimlane":
        return "bar", "bar"
    if view == "machine":
        return ("sync", "sync") if parallel else ("entry", "exit")
    return ("parallel", "parallel") if parallel else ("connector", "connector")


def _step(graph: StateGraph, name: str, lane: str) -> Shape:
    state = graph.nodes[name].state
    if state.who == "nobody" and state.delay is not None:
        return "wait"
    if lane == APPLICANT:
        return "applicant"
    if state.kind in _DECISIONS:
        return "decision"
    return "document" if state.kind in _DOCUMENTS else "step"


def _symbol(graph: StateGraph, name: str, lane: str) -> Shape:
    state = graph.nodes[name].state
    if state.call is not None:
        return "predefined"
    if lane == APPLICANT:
        return "data"
    if state.kind in _DOCUMENTS:
        return "paper"
    return "manual" if state.who == "staff" and state.system is None else "process"
