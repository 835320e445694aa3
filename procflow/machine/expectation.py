"""How often a case visits each state and takes each transition, expected from the definition's probabilities alone.

Exact for visit-dependent probabilities and guards (states are unrolled by visits and valuations). Parallel regions are
taken as independent and run to their ends; time-outs are taken never to fire unless nothing else leaves a state.
A call of one case is taken with the probabilities of the called process, where no attribute ties
the two together. Where a probability is not known the answer is None, never a guess. Nothing is simulated.
"""

import heapq
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from procflow.machine.flow import components
from procflow.machine.graph import Edge, Region, StateGraph, by_outcome, state_graph
from procflow.machine.valuations import Valuations, valuations

_MOST_STEPS = 400_000


@dataclass(frozen=True)
class Visits:
    """Expected visits per case by state, and expected uses by transition (``Edge.index``).

    ``nth`` has the expected number of first, second, … visits to each state whose visits were to be told apart; the
    last one of a state stands for all later ones too.
    """

    states: Mapping[str, float]
    edges: Mapping[int, float]
    nth: Mapping[tuple[str, int], float] = field(default_factory=dict)

    def to(self, state: str) -> float:
        """Return the expected number of visits of a case to a state."""
        return self.states.get(state, 0.0)


class _UnknownError(Exception):
    """A probability is not known, or the unrolling would be too large."""


_Seen = tuple[tuple[int, int], ...]
"""Visits so far, by number of the state that counts them, in that order; states not visited yet are left out."""

_Key = tuple[str, int, _Seen]


@dataclass
class _Tally:
    states: Counter[str] = field(default_factory=Counter)
    edges: Counter[int] = field(default_factory=Counter)
    ends: Counter[int] = field(default_factory=Counter)
    """Probability of finishing the scope, by valuation."""
    exits: Counter[tuple[int, int]] = field(default_factory=Counter)
    """Probability of leaving the scope early, by transition and valuation after it."""
    nth: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Visits by state and number, of states whose visits are told apart."""

    def add(self, other: "_Tally", times: float) -> None:
        for name, count in other.states.items():
            self.states[name] += count * times  # type: ignore[assignment]
        for index, count in other.edges.items():
            self.edges[index] += count * times  # type: ignore[assignment]
        for key, count in other.nth.items():
            self.nth[key] += count * times  # type: ignore[assignment]


def expected_visits(
    graph: StateGraph,
    values: Valuations,
    *,
    tail: float = 1e-9,
    apart: Mapping[str, int] | None = None,
    most_steps: int = _MOST_STEPS,
) -> Visits | None:
    """Return the expected visits and uses per case, or None where they are not known.

    ``tail`` is the probability at which the rest of a loop is dropped. ``apart`` names states whose first, second, …
    visits are told apart in ``Visits.nth``, up to the number given; inside a composite they count anew each time that
    it is entered. ``most_steps`` bounds the unrolling; beyond it the answer is None.

    Source: absorbing Markov chains (Kemeny, Snell, *Finite Markov Chains*, 3.2), the fundamental matrix summed term
    by term.
    """
    if values.weights is None:
        return None
    chain = _Chain(graph, values, tail, apart or {}, most_steps)
    total = _Tally()
    try:
        for row, weight in enumerate(values.weights):
            if weight > 0:
                total.add(chain.scope(graph.initial, None, row), weight / math.fsum(values.weights))
    except _UnknownError:
        return None
    return Visits(dict(total.states), dict(total.edges), dict(total.nth))


class _Chain:
    def __init__(self, graph: StateGraph, values: Valuations, tail: float, apart: Mapping[str, int], most: int) -> None:
        self.graph, self.values, self.tail, self.apart, self.most = graph, values, tail, apart, most
        self.steps = 0
        self.inside: dict[tuple[str, int], _Tally] = {}
        self.outcomes: dict[str, Mapping[str, float]] = {}
        self.rank = {name: position for position, name in enumerate(_ordered(graph))}
        self.following: dict[str, set[str]] = {name: {e.dest for e in graph.out(name)} for name in graph.nodes}
        for edge in graph.edges:
            for composite in edge.leaves:
                self.following[composite].add(edge.dest)
        self.lengths = {name: max(_counted(graph.out(name)), apart.get(name, 1)) for name in graph.nodes}

    def scope(self, initial: str, region: Region | None, row: int) -> _Tally:
        """Return the tally of one entry into a region, or (None) of one case through the process."""
        nodes = frozenset(region.nodes) if region else frozenset(n for n, d in self.graph.nodes.items() if not d.parent)
        counters = [name for name in sorted(nodes) if self.lengths[name] > 1]
        ahead = self._ahead(nodes, counters)
        slot = {name: position for position, name in enumerate(counters)}
        tally = _Tally()
        mass: dict[_Key, float] = {(initial, row, ()): 1.0}
        heap = [(self.rank[initial], *next(iter(mass)))]
        while heap:
            _, name, at, seen = heapq.heappop(heap)
            here = mass.pop((name, at, seen), 0.0)
            if here < self.tail:
                continue
            self._count()
            visit = 1
            if name in slot:
                counted = dict(seen)
                visit = counted.get(slot[name], 0) + 1
                counted[slot[name]] = min(visit, self.lengths[name])
                seen = tuple(sorted(counted.items()))
            for dest, after, part in self._step(tally, name, at, visit, here, nodes):
                key = (dest, after, tuple(pair for pair in seen if ahead[dest] >> pair[0] & 1) if seen else seen)
                if key not in mass:
                    heapq.heappush(heap, (self.rank[dest], *key))
                mass[key] = mass.get(key, 0.0) + part
        return tally

    def _ahead(self, nodes: frozenset[str], counters: list[str]) -> dict[str, int]:
        """Return for each state the counters that still matter, as bits: of states that it can come to."""
        if not counters:
            return dict.fromkeys(nodes, 0)
        successors = {name: [d for d in self.following[name] if d in nodes] for name in nodes}
        ahead = {name: 1 << number for number, name in enumerate(counters)}  # counters still to come, as bits
        for part in components(list(nodes), successors):  # later ones first
            mask = 0
            for name in part:
                mask |= ahead.get(name, 0)
                for after in successors[name]:
                    mask |= ahead.get(after, 0)
            ahead |= dict.fromkeys(part, mask)
        return ahead

    def _step(
        self, tally: _Tally, name: str, row: int, visit: int, mass: float, nodes: frozenset[str]
    ) -> Iterable[tuple[str, int, float]]:
        """Book one visit and return where its probability goes inside the scope."""
        tally.states[name] += mass  # type: ignore[assignment]
        if name in self.apart:
            tally.nth[name, min(visit, self.apart[name])] += mass  # type: ignore[assignment]
        if self.graph.nodes[name].state.final:
            tally.ends[row] += mass  # type: ignore[assignment]
            return []
        taken: list[tuple[Edge, int, float]] = []
        left: list[tuple[Edge, int, float]] = []
        if name in self.graph.regions:
            inner = self._inside(name, row)
            tally.add(inner, mass)
            by_index = {edge.index: edge for edge in self.graph.edges} if inner.exits else {}
            left = [(by_index[index], after, mass * p) for (index, after), p in inner.exits.items()]
            rows = [(after, mass * p) for after, p in inner.ends.items()]
        else:
            rows = [(row, mass)]
        for at, part in rows:
            for edge, p in self._chosen(name, at, visit):
                tally.edges[edge.index] += part * p  # type: ignore[assignment]
                after = self.values.after(edge, at)
                if len(after) != 1:
                    raise _UnknownError
                taken.append((edge, after[0], part * p))
        return self._landed(tally, [*taken, *left], nodes)

    def _landed(
        self, tally: _Tally, taken: list[tuple[Edge, int, float]], nodes: frozenset[str]
    ) -> list[tuple[str, int, float]]:
        found = []
        for edge, row, part in taken:
            if edge.dest in nodes:
                found.append((edge.dest, row, part))
            elif (around := next((a for a in self.graph.ancestors(edge.dest) if a in nodes), None)) is not None:
                raise _UnknownError(around)  # a transition into the middle of a composite
            else:
                tally.exits[edge.index, row] += part  # type: ignore[assignment]
        return found

    def _inside(self, composite: str, row: int) -> _Tally:
        """Return the tally of one entry into a composite: its join's probability, and that of leaving early."""
        if (composite, row) not in self.inside:
            regions = self.graph.regions[composite]
            parts = [self.scope(region.initial, region, row) for region in regions]
            if len(parts) == 1:
                self.inside[composite, row] = parts[0]
            else:
                self.inside[composite, row] = _joined(parts, row, self.graph.needed(composite))
        return self.inside[composite, row]

    def _chosen(self, name: str, row: int, visit: int) -> list[tuple[Edge, float]]:
        """Return the ways out with their probabilities (docs/reference/semantics.md, rule 12)."""
        edges = [edge for edge in self.graph.out(name) if edge.transition.timeout is None]
        if not edges:
            return _soonest(self.graph.out(name))
        if self.graph.nodes[name].state.call is None:
            return self._among(edges, row, visit)
        shares = self._outcomes(name)
        groups = by_outcome(self.graph.nodes[name].state, edges)
        return [(e, p * shares.get(e.trigger, 0.0)) for group in groups for e, p in self._among(group, row, visit)]

    def _outcomes(self, name: str) -> Mapping[str, float]:
        """Return the probability of each outcome of the one case that a state calls."""
        call = self.graph.nodes[name].state.call
        called = call and self.graph.process.called.get(call.process)
        if not call or not called or not call.is_single or call.gives or call.takes:
            raise _UnknownError  # attributes, or how many cases decide, tie the two processes together
        if name not in self.outcomes:
            graph = state_graph(called)
            visits = expected_visits(graph, valuations(graph), tail=self.tail, most_steps=self.most - self.steps)
            if visits is None:
                raise _UnknownError
            self.outcomes[name] = _shares(graph, visits)
        return self.outcomes[name]

    def _among(self, edges: list[Edge], row: int, visit: int) -> list[tuple[Edge, float]]:
        for edge in edges:
            if edge.transition.when is not None and edge.transition.probability is None:
                truth = self.values.holds(edge.transition.when, row)
                if truth is None:
                    raise _UnknownError
                if truth:
                    return [(edge, 1.0)]
        return self._by_chance(edges, row, visit)

    def _by_chance(self, edges: list[Edge], row: int, visit: int) -> list[tuple[Edge, float]]:
        open_: list[tuple[Edge, float]] = []
        bare = [e for e in edges if e.transition.when is None and e.transition.probability is None]
        for edge in edges:
            if edge.transition.probability is not None:
                truth = self.values.holds(edge.transition.when, row)
                if truth is None:
                    raise _UnknownError
                if truth:
                    open_.append((edge, edge.transition.probability.at(visit)))
        total = math.fsum(p for _, p in open_)
        if bare:
            if len({edge.dest for edge in bare}) > 1:
                raise _UnknownError  # nothing decides between them
            return [*open_, (bare[0], max(0.0, 1 - total))]
        if total <= 0:
            raise _UnknownError
        return [(edge, p / total) for edge, p in open_]

    def _count(self) -> None:
        self.steps += 1
        if self.steps > self.most:
            raise _UnknownError


def _joined(parts: list[_Tally], row: int, needed: int) -> _Tally:
    whole = _Tally()
    for part in parts:
        whole.add(part, 1.0)
    finishing = [math.fsum(part.ends.values()) for part in parts]
    join = _at_least(finishing, needed)
    whole.ends[row] = join  # type: ignore[assignment]
    leaving = math.fsum(p for part in parts for p in part.exits.values())
    for part in parts:
        for exit_, p in part.exits.items():
            if p > 0:  # a way that is never taken may be the only one
                whole.exits[exit_] += (1 - join) * p / leaving  # type: ignore[assignment]
    return whole


def _at_least(chances: list[float], needed: int) -> float:
    """Return the probability that at least ``needed`` of independent events happen."""
    counts = [1.0]
    for p in chances:
        counts = [a * (1 - p) + b * p for a, b in zip([*counts, 0.0], [0.0, *counts], strict=True)]
    return math.fsum(counts[needed:])


def _shares(graph: StateGraph, visits: Visits) -> dict[str, float]:
    shares: dict[str, float] = {}
    for name, node in graph.nodes.items():
        if node.state.final and not node.parent:
            outcome = node.state.outcome or node.state.name
            shares[outcome] = shares.get(outcome, 0.0) + visits.to(name)
    return shares


def _soonest(edges: tuple[Edge, ...]) -> list[tuple[Edge, float]]:
    """Return the only time-out that leaves a state; among several nothing is known."""
    if len(edges) > 1:
        raise _UnknownError
    return [(edge, 1.0) for edge in edges]


def _counted(edges: tuple[Edge, ...]) -> int:
    return max((len(e.transition.probability.values) for e in edges if e.transition.probability), default=1)


def _ordered(graph: StateGraph) -> list[str]:
    """Return the states in reverse postorder of the transitions, what is not reached last."""
    seen: set[str] = set()
    postorder: list[str] = []
    for root in (graph.initial, *graph.nodes):
        stack = [] if root in seen else [(root, iter(graph.out(root)))]
        seen.add(root)
        while stack:
            _, edges = stack[-1]
            child = next((e.dest for e in edges if e.dest not in seen), None)
            if child is None:
                postorder.append(stack.pop()[0])
            else:
                seen.add(child)
                stack.append((child, iter(graph.out(child))))
    # a root that is not the initial state comes after what was reached before it
    reached = postorder.index(graph.initial) + 1
    return [*reversed(postorder[:reached]), *reversed(postorder[reached:])]
