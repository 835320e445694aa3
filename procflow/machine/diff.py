"""What a reform changed in a process: states and transitions added, removed, moved or changed. Judges nothing.

States are the same where one says so (``same_as``), else where they have the same qualified name, else where a name
that is unique in both processes is the same (a step that went into a composite). Transitions are the same where both
ends and the trigger are; of the rest, where the source and trigger are (it leads elsewhere now), then where both ends
are (another trigger).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from procflow.definition.process import State, Transition
from procflow.definition.resolved import Process
from procflow.definition.shown import Shown
from procflow.machine.graph import Edge, StateGraph, state_graph

Kind = Literal["added", "removed", "moved", "changed", "same"]

_OF_A_STATE = frozenset({"name", "title", "same_as", "states", "regions", "transitions", "initial"})
"""Fields that are no change of the state itself: its names, and its content, which is compared part by part."""

_OF_A_TRANSITION = frozenset({"title", "source", "dest"})


@dataclass(frozen=True)
class StateChange:
    """What became of a state: its qualified names before and after (None: not there), and the fields that differ.

    ``moved`` is one that another department, actor or composite has now; its ``fields`` say what else differs.
    """

    kind: Kind
    before: str | None
    after: str | None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class TransitionChange:
    """What became of a transition: its indices in both state graphs (None: not there), and the fields that differ.

    ``moved`` is one that leads to another state or starts from another one now.
    """

    kind: Kind
    before: int | None
    after: int | None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Diff(Shown):
    """Two processes side by side, part by part: those of the later one in its order, then the removed ones."""

    before: StateGraph
    after: StateGraph
    states: tuple[StateChange, ...]
    transitions: tuple[TransitionChange, ...]

    @cached_property
    def later(self) -> dict[str, str]:
        """The names after, by the names before, of the states that are in both."""
        return {s.before: s.after for s in self.states if s.before is not None and s.after is not None}

    def __repr__(self) -> str:
        states = sum(state.kind != "same" for state in self.states)
        ways = sum(transition.kind != "same" for transition in self.transitions)
        return f"<Diff: {states} states and {ways} transitions differ>"

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        kinds = {state.kind for state in self.states} | {transition.kind for transition in self.transitions}
        return kinds <= {"same"}

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON: what differs, transitions by the names of graphs' edges."""
        edges = [
            {
                "kind": change.kind,
                "before": None if change.before is None else self.before.edges[change.before].name,
                "after": None if change.after is None else self.after.edges[change.after].name,
                "fields": list(change.fields),
            }
            for change in self.transitions
            if change.kind != "same"
        ]
        states = [
            {"kind": change.kind, "before": change.before, "after": change.after, "fields": list(change.fields)}
            for change in self.states
            if change.kind != "same"
        ]
        return {"states": states, "transitions": edges}


def diff(before: Process, after: Process) -> Diff:
    """Return what differs between two processes, usually two variants of one.

    >>> from procflow.definition import load
    >>> as_is, to_be = (load(f"process_defs/processes/food_license/{v}.yaml") for v in ("as_is", "to_be"))
    >>> changes = diff(as_is, to_be)
    >>> [change.before for change in changes.states if change.kind == "removed"][:2]
    ['correction', 'dispatch']
    """
    one, other = state_graph(before), state_graph(after)
    pairs = _aligned(one, other)
    return Diff(one, other, tuple(_states(one, other, pairs)), tuple(_transitions(one, other, pairs)))


def _aligned(before: StateGraph, after: StateGraph) -> dict[str, str]:
    """Return the name before of every state after that was there before."""
    by_own = _unique(before)
    pairs: dict[str, str] = {}
    taken: set[str] = set()

    def match(name: str, earlier: str | None) -> None:
        if earlier is not None and name not in pairs and earlier not in taken:
            pairs[name] = earlier
            taken.add(earlier)

    for name, node in after.nodes.items():
        said = node.state.same_as
        match(name, said if said in before.nodes else by_own.get(said or ""))
    for name, node in after.nodes.items():
        match(name, name if name in before.nodes and node.state.same_as is None else None)
    for own, name in _unique(after).items():
        match(name, by_own.get(own) if after.nodes[name].state.same_as is None else None)
    return pairs


def _unique(graph: StateGraph) -> dict[str, str]:
    """Return the qualified names of the states whose own name no other state has, by that name."""
    count = Counter(node.state.name for node in graph.nodes.values())
    return {node.state.name: name for name, node in graph.nodes.items() if count[node.state.name] == 1}


def _states(before: StateGraph, after: StateGraph, pairs: Mapping[str, str]) -> Iterator[StateChange]:
    for name in after.nodes:
        if name in pairs:
            yield _changed_state(before, after, pairs[name], name, pairs)
        else:
            yield StateChange("added", None, name)
    kept = set(pairs.values())
    yield from (StateChange("removed", name, None) for name in before.nodes if name not in kept)


def _changed_state(
    before: StateGraph, after: StateGraph, earlier: str, later: str, pairs: Mapping[str, str]
) -> StateChange:
    one, other = before.nodes[earlier], after.nodes[later]
    fields = _fields(one.state, other.state, _OF_A_STATE)
    inside = pairs.get(other.parent) if other.parent else ""
    other_part = one.parent != inside or _region(before, earlier) != _region(after, later)
    moved = other_part or not {"department", "actor"}.isdisjoint(fields)
    return StateChange("moved" if moved else "changed" if fields else "same", earlier, later, fields)


def _region(graph: StateGraph, name: str) -> str:
    node = graph.nodes[name]
    return graph.regions[node.parent][node.region].name if node.parent else ""


def _transitions(before: StateGraph, after: StateGraph, pairs: Mapping[str, str]) -> Iterator[TransitionChange]:
    found: dict[int, int] = {}
    later = {earlier: name for name, earlier in pairs.items()}
    for same in (_same_way, _same_source, _same_ends):
        _match(before.edges, after.edges, later, found, same)
    for edge in after.edges:
        if edge.index not in found:
            yield TransitionChange("added", None, edge.index)
            continue
        earlier = before.edges[found[edge.index]]
        fields = _fields(earlier.transition, edge.transition, _OF_A_TRANSITION)
        moved = later.get(earlier.source) != edge.source or later.get(earlier.dest) != edge.dest
        yield TransitionChange("moved" if moved else "changed" if fields else "same", earlier.index, edge.index, fields)
    kept = set(found.values())
    yield from (TransitionChange("removed", edge.index, None) for edge in before.edges if edge.index not in kept)


def _same_way(edge: Edge, later: Mapping[str, str]) -> tuple[str | None, ...]:
    return later.get(edge.source), later.get(edge.dest), edge.trigger


def _same_source(edge: Edge, later: Mapping[str, str]) -> tuple[str | None, ...]:
    return later.get(edge.source), edge.trigger


def _same_ends(edge: Edge, later: Mapping[str, str]) -> tuple[str | None, ...]:
    return later.get(edge.source), later.get(edge.dest)


def _match(
    before: Iterable[Edge], after: tuple[Edge, ...], later: Mapping[str, str], found: dict[int, int], key: Any
) -> None:
    """Pair the transitions that have one key, each once, in file order; ``later`` names states before as after."""
    taken = set(found.values())
    waiting: dict[tuple[str | None, ...], list[int]] = {}
    for edge in before:
        name = key(edge, later)
        if edge.index not in taken and None not in name:
            waiting.setdefault(name, []).append(edge.index)
    itself = {name: name for edge in after for name in (edge.source, edge.dest)}
    for edge in after:
        same = waiting.get(key(edge, itself))
        if edge.index not in found and same:
            found[edge.index] = same.pop(0)


def _fields(one: State | Transition, other: State | Transition, left_out: frozenset[str]) -> tuple[str, ...]:
    names = [name for name in type(one).model_fields if name not in left_out]
    return tuple(name for name in names if getattr(one, name) != getattr(other, name))
