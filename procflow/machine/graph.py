"""The state graph of a process: all states by qualified name, all transitions with both ends resolved."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from procflow.definition.base import Path
from procflow.definition.process import AtLeast, State, Transition
from procflow.definition.resolved import Process, nested_states, resolve, scopes
from procflow.errors import MachineError
from procflow.text import Text

__all__ = ["Edge", "Node", "Region", "StateGraph", "by_outcome", "resolve", "state_graph"]


@dataclass(frozen=True)
class Node:
    """A state in the graph.

    ``name`` is qualified ('review/fire/check'); ``parent`` the composite around it, '' for none; ``region`` the
    index of the parent's region that it is in; ``path`` its place in the file.
    """

    name: str
    state: State
    parent: str
    region: int
    path: Path

    def label(self, lang: str = "en") -> str:
        """Return the state's title in ``lang``."""
        return self.state.label(lang)


@dataclass(frozen=True)
class Edge:
    """A transition from one source; ``index`` is its rank in file order, ``path`` its place in the file.

    ``leaves`` lists the composites that it leaves early (innermost first), ``()`` for an ordinary transition.
    """

    index: int
    source: str
    dest: str
    transition: Transition
    path: Path
    leaves: tuple[str, ...] = ()

    @property
    def trigger(self) -> str:
        """The trigger that fires it."""
        return self.transition.trigger

    @property
    def name(self) -> str:
        """A name for messages: ``source --trigger→ dest``."""
        return f"{self.source} --{self.trigger}→ {self.dest}"


@dataclass(frozen=True)
class Region:
    """A region of a composite: its name ('' where the composite has just nested states), initial and states."""

    name: str
    initial: str
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class StateGraph:
    """All states and transitions of a process, ends resolved.

    A transition whose source is a composite is taken when its join completes (or by a time-out); one that leads
    from inside a composite to a state outside it leaves the composite early and cancels the other regions.
    """

    process: Process
    initial: str
    nodes: dict[str, Node]
    edges: tuple[Edge, ...]
    regions: dict[str, tuple[Region, ...]] = field(default_factory=dict)

    def out(self, name: str) -> tuple[Edge, ...]:
        """Return the transitions that leave a state, in file order."""
        return self._out.get(name, ())

    def into(self, name: str) -> tuple[Edge, ...]:
        """Return the transitions that lead to a state, in file order."""
        return self._into.get(name, ())

    def state(self, name: str) -> State:
        """Return a state by its qualified name; raise MachineError where there is none."""
        if name not in self.nodes:
            raise MachineError(
                Text(
                    en=f"no state {name!r} in {self.process.name}",
                    zh=f"{self.process.name} 没有状态 {name!r}",
                )
            )
        return self.nodes[name].state

    def needed(self, composite: str) -> int:
        """Return how many regions must finish for the join of a composite."""
        join, count = self.nodes[composite].state.join, len(self.regions[composite])
        if isinstance(join, AtLeast):
            return join.at_least
        return count if join == "all" else 1

    def ancestors(self, name: str) -> Iterator[str]:
        """Yield the composites around a state, innermost first."""
        parent = self.nodes[name].parent
        while parent:
            yield parent
            parent = self.nodes[parent].parent

    def entered(self, name: str) -> tuple[str, ...]:
        """Return the leaf states in which a case stands after entering ``name``: one per parallel region."""
        if name not in self.regions:
            return (name,)
        return tuple(leaf for region in self.regions[name] for leaf in self.entered(region.initial))

    def is_leaf(self, name: str) -> bool:
        """Return whether a state contains no others."""
        return name not in self.regions

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The states that contain no others, in file order."""
        return tuple(name for name in self.nodes if name not in self.regions)

    @cached_property
    def _out(self) -> dict[str, tuple[Edge, ...]]:
        return _grouped(self.edges, "source")

    @cached_property
    def _into(self) -> dict[str, tuple[Edge, ...]]:
        return _grouped(self.edges, "dest")


def state_graph(process: Process) -> StateGraph:
    """Return the state graph of a process; its references must be sound, as those of a loaded process are."""
    definition = process.definition
    nodes: dict[str, Node] = {}
    regions: dict[str, tuple[Region, ...]] = {}
    for name, state, path in nested_states(definition.states):
        parent, region = _parent(name, nodes, regions)
        nodes[name] = Node(name, state, parent, region, path)
        if state.states:
            start = f"{name}/{state.initial or state.states[0].name}"
            regions[name] = (Region("", start, tuple(f"{name}/{s.name}" for s in state.states)),)
        elif state.regions:
            regions[name] = tuple(
                Region(
                    r.name,
                    f"{name}/{r.name}/{r.initial}",
                    tuple(f"{name}/{r.name}/{s.name}" for s in r.states),
                )
                for r in state.regions
            )
    edges = tuple(_edges(process, nodes))
    return StateGraph(process, definition.initial, nodes, edges, regions)


def by_outcome(state: State, edges: Iterable[Edge]) -> list[list[Edge]]:
    """Return the ways out that compete with each other: all of them, after a call those of each trigger by itself."""
    groups: dict[str, list[Edge]] = {}
    for edge in edges:
        groups.setdefault(edge.trigger if state.call else "", []).append(edge)
    return list(groups.values())


def _parent(name: str, nodes: dict[str, Node], regions: dict[str, tuple[Region, ...]]) -> tuple[str, int]:
    prefix = name.rpartition("/")[0]
    if not prefix:
        return "", 0
    if prefix in nodes:
        return prefix, 0
    composite, _, region = prefix.rpartition("/")
    return composite, [r.name for r in regions[composite]].index(region)


def _edges(process: Process, nodes: dict[str, Node]) -> Iterator[Edge]:
    index = 0
    for prefix, _states, transitions, _initial, path in scopes(process.definition):
        for number, transition in enumerate(transitions):
            place = (*path, "transitions", number)
            dest = resolve(transition.dest, prefix, nodes)
            for written in transition.source:
                source = resolve(written, prefix, nodes)
                if source is None or dest is None:
                    missing = written if source is None else transition.dest
                    raise MachineError(Text(en=f"no state {missing!r}", zh=f"没有状态 {missing!r}"))
                yield Edge(index, source, dest, transition, place, _left(source, dest, nodes))
                index += 1


def _left(source: str, dest: str, nodes: dict[str, Node]) -> tuple[str, ...]:
    """Return the composites around ``source`` that do not contain ``dest``, innermost first."""
    around: set[tuple[str, int]] = set()
    node = nodes[dest]
    while node.parent:
        around.add((node.parent, node.region))
        node = nodes[node.parent]
    left = []
    node = nodes[source]
    while node.parent and (node.parent, node.region) not in around:
        left.append(node.parent)
        node = nodes[node.parent]
    return tuple(left)


def _grouped(edges: tuple[Edge, ...], end: str) -> dict[str, tuple[Edge, ...]]:
    grouped: dict[str, list[Edge]] = {}
    for edge in edges:
        grouped.setdefault(getattr(edge, end), []).append(edge)
    return {name: tuple(found) for name, found in grouped.items()}
