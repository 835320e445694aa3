"""Paths between the instants of a limit: the least time that any case needs, and the longest sum of node limits.

A lower bound asks no calendar for dates: it counts work and delay at their least, queues and sittings as nothing,
and what a suspension stops as nothing. Judges nothing.
"""

import heapq
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from procflow.definition.limits import Instant, Limit
from procflow.definition.process import Call, State
from procflow.definition.quantities import Distribution
from procflow.definition.resolved import ALWAYS, Process
from procflow.machine.flow import components
from procflow.machine.graph import Edge, StateGraph, resolve, state_graph
from procflow.units import SECONDS

_DAY = 86_400.0


@dataclass(frozen=True)
class Way:
    """A way through the states of a limit and its length."""

    length: float
    states: tuple[str, ...]


@dataclass(frozen=True)
class Parts:
    """What the pieces of a way weigh: a state up to its done, the rest of the state, and a transition."""

    until_done: Callable[[str], float]
    after_done: Callable[[str], float]
    edge: Callable[[Edge], float]


def least_days(graph: StateGraph, limit: Limit, unit: str) -> Way | None:
    """Return the way from start to stop that can be quickest, in days of ``unit`` (``wd`` or ``d``), None for none.

    Elapsed time counts as 5 of 7 days in ``wd``, whole weeks only; working time counts as that many days in ``d``. A
    call takes at least what the process that it calls does, from its beginning to any end.
    """
    stopped = _suspended(graph, limit)
    process = graph.process

    def work(name: str) -> float:
        state = graph.state(name)
        if name in stopped:
            return 0.0
        if state.call is not None:
            return _least_called(process, state.call, unit)
        if state.work is None:
            return 0.0
        return _least(process, state.work.at(1), process.work_calendar(state), unit)

    def delay(name: str) -> float:
        state = graph.state(name)
        if name in stopped or state.delay is None:
            return 0.0
        first = state.delay.at(1)
        return _least(process, first, process.delay_calendar(state, working=first.is_working), unit)

    def move(edge: Edge) -> float:
        transfer = edge.transition.transfer
        if transfer is None or transfer.delay is None:
            return 0.0
        calendar = transfer.calendar or _transfer_calendar(process, graph, edge, transfer.delay)
        return _least(process, transfer.delay, calendar, unit)

    return _Search(graph, limit, Parts(work, delay, move), longest=False).best()


def greatest_node_sum(graph: StateGraph, limit: Limit, unit: str) -> Way | None:
    """Return the way from start to stop, without returns, whose states' own limits in ``unit`` sum to the most.

    A call without a limit of its own counts with the promise of the process that it calls (``promise_of``).
    """
    stopped = _suspended(graph, limit)

    def node(name: str) -> float:
        return 0.0 if name in stopped else node_limit(graph, name, unit)

    return _Search(graph, limit, Parts(node, lambda _: 0.0, lambda _: 0.0), longest=True).best()


def node_limit(graph: StateGraph, name: str, unit: str) -> float:
    """Return the amount of a state's own limit in ``unit``, or of the process that it calls; 0 where there is none."""
    state = graph.state(name)
    if state.limit is not None or state.call is None:
        return state.limit.value.amount if state.limit and state.limit.value.unit == unit else 0.0
    called = graph.process.called.get(state.call.process)
    return 0.0 if called is None or state.call.join == "any" else promise_of(called, unit)


def promise_of(process: Process, unit: str) -> float:
    """Return the longest of a process's outermost limits in ``unit``, as promised, else as law has it; 0 for none.

    Several clocks may run one after the other: the whole promise is at least that.
    """
    limits = [limit for limit in process.definition.limits.values() if limit.within is None]
    terms = [term.value for limit in limits if (term := limit.promised or limit.statutory) is not None]
    return max((term.amount for term in terms if term.unit == unit), default=0.0)


def _least_called(process: Process, call: Call, unit: str) -> float:
    called = process.called.get(call.process)
    if called is None or not isinstance(call.instances, int):
        return 0.0  # of a number that an attribute decides there may be none
    way = least_days(state_graph(called), Limit(), unit)
    return way.length if way else 0.0


def inside(graph: StateGraph, limit: Limit) -> tuple[str, ...]:
    """Return the leaf states that a case may be in after a start of a limit and before any stop, in file order."""
    stops = {i.name for i in limit.stop if i.event == "fire"}
    over = {(i.event, resolve(i.name, "", graph.nodes)) for i in limit.stop if i.event != "fire"}
    free = Parts(lambda _: 0.0, lambda _: 0.0, lambda _: 0.0)
    search = _Search(graph, limit, free, longest=False)
    starts = limit.start or (Instant(event="enter", name=graph.initial),)
    waiting = [name for start in starts for name, _ in search.roots(start)]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen or ("enter", name) in over:
            continue
        seen.add(name)
        waiting += [region.initial for region in graph.regions.get(name, ())]
        node = graph.nodes[name]
        left = node.parent if node.state.final and node.parent else name
        if not {("done", left), ("exit", left)} & over:
            waiting += [edge.dest for edge in graph.out(left) if edge.trigger not in stops]
    return tuple(leaf for leaf in graph.leaves if leaf in seen and not graph.nodes[leaf].state.final)


@dataclass(frozen=True)
class _Entries:
    """The best way to the entry of every state that can be come to: its length, and the state before."""

    lengths: dict[str, float]
    before: dict[str, str | None]

    def way(self, name: str) -> Way:
        """Return the way to a state, which is its last one."""
        states = [name]
        while (earlier := self.before[states[-1]]) is not None:
            states.append(earlier)
        return Way(self.lengths[name], tuple(reversed(states)))


class _Search:
    """Best ways over the flat graph of states: a composite is passed as its regions' join, or entered."""

    def __init__(self, graph: StateGraph, limit: Limit, parts: Parts, *, longest: bool) -> None:
        self.graph, self.limit, self.parts, self.longest = graph, limit, parts, longest
        self.sign = -1.0 if longest else 1.0
        self.back = _back_edges(graph) if longest else frozenset()
        self.memo: dict[str, tuple[float, float]] = {}

    def best(self) -> Way | None:
        """Return the best way from any start to any stop."""
        starts = self.limit.start or (Instant(event="enter", name=self.graph.initial),)
        entered = [self.after(start) for start in starts]
        found = [way for each in entered for stop in self.limit.stop or self._ends() for way in self._to(stop, each)]
        return min(found, key=lambda way: (self.sign * way.length, way.states), default=None)

    def _ends(self) -> tuple[Instant, ...]:
        """Return the ends of a case, where a limit that names no stop stops."""
        nodes = self.graph.nodes.items()
        return tuple(Instant(event="enter", name=n) for n, node in nodes if node.state.final and not node.parent)

    def after(self, start: Instant) -> _Entries:
        """Return the best way from an instant to the entry of every state that can come after it."""
        return self._entered(self.roots(start))

    def roots(self, start: Instant) -> list[tuple[str, float]]:
        """Return the states that are entered first after an instant, with what it takes to enter them."""
        if start.event == "fire":
            return [(e.dest, self.parts.edge(e)) for e in self.graph.edges if e.trigger == start.name]
        name = resolve(start.name, "", self.graph.nodes)
        if name is None:
            return []
        if start.event == "enter":
            return [(name, 0.0)]
        rest = self.parts.after_done(name) if start.event == "done" and self.graph.is_leaf(name) else 0.0
        return [(e.dest, rest + self.parts.edge(e)) for e in self._outs(name)]

    def _to(self, stop: Instant, entered: _Entries) -> Iterator[Way]:
        if stop.event == "fire":
            ends = [(e.source, True) for e in self.graph.edges if e.trigger == stop.name]
        else:
            ends = [(resolve(stop.name, "", self.graph.nodes) or "", stop.event == "exit")]
        for name, whole in ends:
            if name in entered.lengths:
                inside = 0.0 if stop.event == "enter" else self._weight(name, whole=whole)
                way = entered.way(name)
                yield Way(way.length + inside, way.states[:-1] if stop.event == "enter" else way.states)

    def _entered(self, roots: list[tuple[str, float]], within: str = "") -> _Entries:
        """Return the best ways from ``roots``, none of which leaves the composite ``within``."""
        return self._longest(roots, within) if self.longest else self._shortest(roots, within)

    def _shortest(self, roots: list[tuple[str, float]], within: str) -> _Entries:
        """Dijkstra, "A note on two problems in connexion with graphs", Numerische Mathematik 1 (1959)."""
        found = _Entries({}, {})
        heap: list[tuple[float, str, str]] = [(length, name, "") for name, length in roots]
        heapq.heapify(heap)
        while heap:
            length, name, before = heapq.heappop(heap)
            if name in found.lengths:
                continue
            found.lengths[name], found.before[name] = length, before or None
            for dest, more in self._steps(name, within):
                if dest not in found.lengths:
                    heapq.heappush(heap, (length + more, dest, name))
        return found

    def _longest(self, roots: list[tuple[str, float]], within: str) -> _Entries:
        """Relax in topological order: without returning transitions there are no loops."""
        steps: dict[str, list[tuple[str, float]]] = {}
        waiting = [name for name, _ in roots]
        while waiting:
            name = waiting.pop()
            if name not in steps:
                steps[name] = list(self._steps(name, within))
                waiting += [dest for dest, _ in steps[name]]
        found = _Entries({}, {})
        for name, length in roots:
            if length > found.lengths.get(name, -1.0):
                found.lengths[name], found.before[name] = length, None
        order = components(sorted(steps), {name: [dest for dest, _ in after] for name, after in steps.items()})
        for (name,) in reversed(order):
            for dest, more in steps[name]:
                if (length := found.lengths[name] + more) > found.lengths.get(dest, -1.0):
                    found.lengths[dest], found.before[dest] = length, name
        return found

    def _steps(self, name: str, within: str = "") -> Iterator[tuple[str, float]]:
        """Yield where a case can go from a state, with what it takes from entering the one to entering the other."""
        for dest, more in self._all_steps(name, within):
            if not within or within in self.graph.ancestors(dest):
                yield dest, more

    def _all_steps(self, name: str, within: str) -> Iterator[tuple[str, float]]:
        for region in self.graph.regions.get(name, ()):
            yield region.initial, 0.0
        node = self.graph.nodes[name]
        if node.state.final and node.parent:
            if node.parent == within:
                return
            for edge in self._outs(node.parent):
                yield edge.dest, self.parts.edge(edge)
            return
        for edge in self._outs(name):
            timeout = edge.transition.timeout
            inside = 0.0 if timeout is not None else self._weight(name, whole=True)
            yield edge.dest, inside + self.parts.edge(edge)

    def _outs(self, name: str) -> Iterator[Edge]:
        for edge in self.graph.out(name):
            chance = edge.transition.probability
            if edge.index not in self.back and (chance is None or any(chance.values)):
                yield edge

    def _weight(self, name: str, *, whole: bool) -> float:
        if name not in self.graph.regions:
            return self.parts.until_done(name) + (self.parts.after_done(name) if whole else 0.0)
        if name not in self.memo:
            spans = sorted(self._through(region.initial, name) for region in self.graph.regions[name])
            # a join that waits for more regions than there are never completes, which S4 tells
            needed = len(spans) if self.longest else min(self.graph.needed(name), len(spans))
            self.memo[name] = spans[needed - 1], 0.0
        return self.memo[name][0]

    def _through(self, initial: str, composite: str) -> float:
        """Return the best length of one region, from its initial state to a final one."""
        inner = self._entered([(initial, 0.0)], within=composite)
        ends = [
            length
            for name, length in inner.lengths.items()
            if self.graph.nodes[name].state.final and self.graph.nodes[name].parent == composite
        ]
        return self.sign * min((self.sign * length for length in ends), default=0.0)


def _least(process: Process, distribution: Distribution, calendar: str, unit: str) -> float:
    """Return the least days of ``unit`` that a duration takes."""
    day_seconds = process.nominal_day_seconds(calendar)
    seconds = 0.0 if _in_months(distribution) else distribution.support(day_seconds)[0]
    if calendar == ALWAYS:
        days = seconds / _DAY
        return math.floor(days / 7) * 5.0 if unit == "wd" else days
    return seconds / day_seconds if day_seconds else 0.0


def _in_months(distribution: Distribution) -> bool:
    return any(not isinstance(a, float) and a.unit not in (*SECONDS, "wd") for a in distribution.arguments)


def _transfer_calendar(process: Process, graph: StateGraph, edge: Edge, delay: Distribution) -> str:
    if not delay.is_working:
        return ALWAYS
    state: State = graph.state(edge.source)
    return process.delay_calendar(state, working=True)


def _suspended(graph: StateGraph, limit: Limit) -> frozenset[str]:
    """Return the states during which the limit's clock stands still."""
    names = [resolve(s.in_state, "", graph.nodes) or "" for s in limit.suspend if s.in_state]
    free = Parts(lambda _: 0.0, lambda _: 0.0, lambda _: 0.0)
    search = _Search(graph, limit, free, longest=False)
    for suspension in limit.suspend:
        if suspension.since is not None and suspension.until is not None:
            names += search.after(suspension.since).lengths.keys() - search.after(suspension.until).lengths.keys()
    return frozenset(leaf for leaf in graph.leaves for name in names if leaf == name or leaf.startswith(name + "/"))


def _back_edges(graph: StateGraph) -> frozenset[int]:
    """Return the transitions that lead back to a state on the way to their source (depth first, in file order).

    Without them no state leads to itself, neither by entering a composite nor by leaving it.
    """
    back: set[int] = set()
    done: set[str] = set()
    for root in (graph.initial, *graph.nodes):
        _descend(graph, root, done, back)
    return frozenset(back)


def _descend(graph: StateGraph, root: str, done: set[str], back: set[int]) -> None:
    if root in done:
        return
    on_way = {root}
    stack = [(root, _following(graph, root))]
    done.add(root)
    while stack:
        name, following = stack[-1]
        dest, edge = next(following, ("", None))
        if not dest:
            stack.pop()
            on_way.remove(name)
        elif dest in on_way and edge is not None:
            back.add(edge.index)
        elif dest not in done:
            done.add(dest)
            on_way.add(dest)
            stack.append((dest, _following(graph, dest)))


def _following(graph: StateGraph, name: str) -> Iterator[tuple[str, Edge | None]]:
    """Yield what comes after a state: what is in it, where its transitions lead, what comes after what it ends."""
    node = graph.nodes[name]
    yield from ((region.initial, None) for region in graph.regions.get(name, ()))
    yield from ((edge.dest, edge) for edge in graph.out(node.parent if node.state.final and node.parent else name))
