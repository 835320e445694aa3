"""The state graph cut into flat scopes, and what can be reached in it, in time linear in its size.

A scope is the whole process or one region; a composite is one node of the scope around it. A transition belongs to
the innermost scope that holds both its ends; for every region that it leaves early it is an exit. Judges nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from procflow.machine.graph import Edge, StateGraph

N = TypeVar("N", str, int)
Place = tuple[str, int]
"""A scope's name: the composite ('' for the process) and the index of its region."""


@dataclass(frozen=True)
class Scope:
    """A flat graph: states of one region or of the process, and the transitions among them.

    ``finals`` end the region; ``exits`` are the states that it can be left early from; ``ways`` maps each state to
    the transitions that lead from it, or from inside it, to a state of the same scope.
    """

    place: Place
    initial: str
    nodes: tuple[str, ...]
    finals: frozenset[str]
    exits: set[str] = field(default_factory=set)
    ways: dict[str, list[tuple[str, Edge]]] = field(default_factory=dict)

    def successors(self) -> dict[str, list[str]]:
        """Return the states that each state can be followed by; a way that chance never takes does not count."""
        return {name: [dest for dest, edge in self.ways.get(name, ()) if can_happen(edge)] for name in self.nodes}

    def ending(self) -> set[str]:
        """Return the states from which the scope can be finished or left early."""
        return backward(self.successors(), self.finals | self.exits)


def can_happen(edge: Edge) -> bool:
    """Whether a transition has any probability at all: one whose probability is always 0 never happens by itself."""
    probability = edge.transition.probability
    return probability is None or any(value > 0 for value in probability.values)


def cut(graph: StateGraph) -> dict[Place, Scope]:
    """Return the scopes of a graph by place, the process first."""
    top = tuple(name for name, node in graph.nodes.items() if not node.parent)
    cuts = {("", 0): Scope(("", 0), graph.initial, top, _finals(graph, top))}
    for composite, regions in graph.regions.items():
        for index, region in enumerate(regions):
            place = (composite, index)
            cuts[place] = Scope(place, region.initial, region.nodes, _finals(graph, region.nodes))
    for edge in graph.edges:
        left = (edge.source, *edge.leaves)
        for name in left[:-1] if can_happen(edge) else ():
            cuts[_place(graph, name)].exits.add(name)
        place = place_of(graph, edge)
        cuts[place].ways.setdefault(left[-1], []).append((_within(graph, edge.dest, place), edge))
    return cuts


def place_of(graph: StateGraph, edge: Edge) -> Place:
    """Return the innermost scope that holds both ends of a transition: all inside it is left when it is taken."""
    return _place(graph, edge.leaves[-1] if edge.leaves else edge.source)


def _place(graph: StateGraph, name: str) -> Place:
    return graph.nodes[name].parent, graph.nodes[name].region


def reached(graph: StateGraph) -> set[str]:
    """Return the states that a case can come to: joins complete, guards hold, nothing is too improbable.

    No transition leads into a parallel region from outside of it, which the definition's checks see to.
    """
    found: set[str] = set()
    entered: set[str] = set()
    waiting = [graph.initial]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting += (region.initial for region in graph.regions.get(name, ()))
        for around in (name, *graph.ancestors(name)):
            if around not in entered:
                entered.add(around)
                waiting += (edge.dest for edge in graph.out(around))
    return entered


def backward(successors: Mapping[str, Iterable[str]], targets: Iterable[str]) -> set[str]:
    """Return the nodes from which some target can be reached, the targets included."""
    into: dict[str, list[str]] = {}
    for name, following in successors.items():
        for dest in following:
            into.setdefault(dest, []).append(name)
    found = set(targets)
    waiting = list(found)
    while waiting:
        fresh = [name for name in into.get(waiting.pop(), ()) if name not in found]
        found.update(fresh)
        waiting += fresh
    return found


def components(nodes: Collection[N], successors: Mapping[N, Iterable[N]]) -> list[tuple[N, ...]]:
    """Return the strongly connected components of ``nodes``, later ones first, each in the order of ``nodes``.

    Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1 (1972), with an explicit stack, so
    that long chains do not exhaust Python's.
    """
    rank = {name: position for position, name in enumerate(nodes)}
    index: dict[N, int] = {}
    low: dict[N, int] = {}
    open_: dict[N, None] = {}
    found: list[tuple[N, ...]] = []
    for root in nodes:
        walk = [] if root in index else [(root, iter(successors.get(root, ())))]
        while walk:
            name, following = walk[-1]
            if name not in index:
                index[name] = low[name] = len(index)
                open_[name] = None
            child = next((c for c in following if c in rank and (c not in index or c in open_)), None)
            if child is None:
                walk.pop()
                if walk:
                    low[walk[-1][0]] = min(low[walk[-1][0]], low[name])
                if low[name] == index[name]:
                    found.append(_closed(name, open_, rank))
            elif child in index:
                low[name] = min(low[name], index[child])
            else:
                walk.append((child, iter(successors.get(child, ()))))
    return found


def closure(successors: Mapping[N, Collection[N]], bits: Mapping[N, int]) -> dict[N, int]:
    """Return what each node leads to, as a bit set: itself only where it lies on a loop.

    ``bits`` has the bit of each node; several nodes may share one.
    """
    masks = dict.fromkeys(bits, 0)
    for part in components(list(bits), successors):
        inside = set(part)
        loop = len(part) > 1 or part[0] in successors[part[0]]
        mask = 0
        for name in part:
            mask |= bits[name] if loop else 0
            for after in successors[name]:
                mask |= 0 if after in inside else bits[after] | masks[after]
        masks |= dict.fromkeys(part, mask)
    return masks


def _closed(name: N, open_: dict[N, None], rank: dict[N, int]) -> tuple[N, ...]:
    """Take a finished component off the stack, down to its first node."""
    members: list[N] = []
    while not members or members[-1] != name:
        members.append(open_.popitem()[0])
    return tuple(sorted(members, key=rank.__getitem__))


def _finals(graph: StateGraph, names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in names if graph.nodes[name].state.final)


def _within(graph: StateGraph, name: str, place: Place) -> str:
    """Return the state of the scope ``place`` that is or contains ``name``."""
    while _place(graph, name) != place:
        name = graph.nodes[name].parent
    return name
