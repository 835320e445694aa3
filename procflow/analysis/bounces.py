"""Stays of a case with another department in which nothing is added, and how often they lead back. Judges nothing."""

import heapq
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from procflow.analysis.expected_handoffs import Flows
from procflow.definition.process import State
from procflow.machine.graph import Edge, StateGraph

_LEAST = 1e-12
_MOST_STEPS = 1_000_000


@dataclass(frozen=True)
class Stay:
    """A stay that begins in a state and leads back home: through which states, how likely, and a shortest way.

    ``share`` is the probability that a case that enters comes back home from there, None where it is not known;
    ``visits`` are the expected visits to the states of the stay per entry, 1 for each on the way where not known.
    """

    way: tuple[str, ...]
    visits: Mapping[str, float]
    share: float | None


def is_silent(state: State) -> bool:
    """Whether a visit to a state surely adds nothing new: it says that its data are complete, and has no effect."""
    effects = (state.writes, state.issues, state.confirms, state.checks, state.archives, state.asks, state.enters)
    return state.data == "complete" and not any(effects) and not state.milestone


def stay(
    graph: StateGraph, owner: Callable[[str], str | None], start: str, home: str, flows: Flows | None
) -> Stay | None:
    """Return the stay with the owner of ``start`` by silent states, None where none of its ways leads back home."""
    known = _Silent(graph, owner, owner(start), home)
    inside = known.leading_back(start)
    if start not in inside:
        return None
    way = known.shortest(start, inside)
    if flows is None:
        return Stay(way, dict.fromkeys(way[:-1], 1.0), None)
    return Stay(way, *known.pushed(start, inside, flows))


@dataclass(frozen=True)
class _Silent:
    graph: StateGraph
    owner: Callable[[str], str | None]
    away: str | None
    home: str

    def onward(self, name: str) -> Iterator[Edge]:
        """Yield the ways from a silent state to the same department or back home, on which nothing is said either."""
        if not is_silent(self.graph.state(name)):
            return
        for edge in self.graph.out(name):
            told = edge.transition.rejects or edge.transition.set or edge.leaves
            if not told and self.graph.is_leaf(edge.dest) and self.owner(edge.dest) in (self.home, self.away):
                yield edge

    def leading_back(self, start: str) -> dict[str, None]:
        """Return the states of the stay from which some way leads back home, in the order in which they are met."""
        met, before = {start: None}, dict[str, list[str]]()
        waiting, ends = deque([start]), list[str]()
        while waiting:
            name = waiting.popleft()
            for edge in self.onward(name):
                if self.owner(edge.dest) == self.home:
                    ends.append(name)
                else:
                    before.setdefault(edge.dest, []).append(name)
                    if edge.dest not in met:
                        met[edge.dest] = None
                        waiting.append(edge.dest)
        back = set(ends)
        while ends:
            fresh = [name for name in before.get(ends.pop(), ()) if name not in back]
            back.update(fresh)
            ends += fresh
        return {name: None for name in met if name in back}

    def shortest(self, start: str, inside: Mapping[str, None]) -> tuple[str, ...]:
        """Return a shortest way from the start to the state at home to which the case comes back."""
        came: dict[str, str] = {}
        waiting = deque([start])
        while True:
            name = waiting.popleft()
            for edge in self.onward(name):
                if self.owner(edge.dest) == self.home:
                    way = [edge.dest, name]
                    while way[-1] != start:
                        way.append(came[way[-1]])
                    return tuple(reversed(way))
                if edge.dest in inside and edge.dest not in came and edge.dest != start:
                    came[edge.dest] = name
                    waiting.append(edge.dest)

    def pushed(self, start: str, inside: Mapping[str, None], flows: Flows) -> tuple[Mapping[str, float], float]:
        """Return the expected visits to the states of a stay, and the probability that it ends at home.

        Source: absorbing Markov chains (Kemeny, Snell, *Finite Markov Chains*, 3.2), summed term by term in the order
        in which cases come to states.
        """
        visits, share = dict.fromkeys(inside, 0.0), 0.0
        mass = {start: 1.0}
        waiting = [(flows.order.get(start, 0), start)]
        for _ in range(_MOST_STEPS):
            if not waiting:
                break
            _, name = heapq.heappop(waiting)
            here = mass.pop(name)
            visits[name] += here
            visited = flows.expected.to(name)
            for edge in self.onward(name) if visited and here > _LEAST else ():
                part = here * flows.expected.edges.get(edge.index, 0.0) / visited
                if self.owner(edge.dest) == self.home:
                    share += part
                elif edge.dest in inside:
                    if edge.dest not in mass:
                        heapq.heappush(waiting, (flows.order.get(edge.dest, 0), edge.dest))
                    mass[edge.dest] = mass.get(edge.dest, 0.0) + part
        return visits, share
