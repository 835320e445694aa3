"""Which items and documents are known to somebody who may share them, at each point of a process.

This is what repeated capture is about: known anywhere, and permitted to be shared with whoever asks. Where a datum is
physically held is the business of ``holdings``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from procflow.analysis.dataflow import Effects, Solution, path, path_back, solve
from procflow.analysis.flowgraph import FlowGraph, flow_graph
from procflow.analysis.registry import Context
from procflow.analysis.sharing import Permissions, captured, contents
from procflow.analysis.valuations import Valuations, valuations
from procflow.definition.facts import Ask
from procflow.definition.process import State


def values(context: Context) -> Valuations:
    """Return the valuations of the guards, for all rules of one analysis."""
    return valuations(context.graph, cap=context.profile.valuations, atoms=context.profile.guard_atoms)


def flow(context: Context) -> FlowGraph:
    """Return the flow graph, for all rules of one analysis."""
    return flow_graph(context.graph, context.shared(values))


def permissions(context: Context) -> Permissions:
    """Return who may share what, for all rules of one analysis."""
    return Permissions(context.process)


def demands(state: State) -> tuple[Ask, ...]:
    """Return what a state demands without saying why it must be asked although it is known, each thing once.

    An item that the same state only lets the applicant confirm is not demanded; nor is an original that the law
    requires.
    """
    found: dict[str, Ask] = {}
    for ask in state.asks:
        if ask.reason is None and ask.thing not in state.confirms:
            found.setdefault(ask.thing, ask)
    return tuple(found.values())


@dataclass(frozen=True)
class Knowledge:
    """For each (thing, asking department): where it is known from the case itself.

    ``bits`` numbers the pairs; ``solution`` says where each holds on all paths.
    """

    flow: FlowGraph
    bits: dict[tuple[str, str | None], int]
    effects: Effects
    _origins: dict[tuple[str, str, str | None], list[int]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def solution(self) -> Solution:
        """The facts that hold on every path."""
        return solve(self.flow, self.effects)

    def bit(self, thing: str, department: str | None) -> int:
        """Return the fact as a bit set; 0 where nobody asks for it there."""
        number = self.bits.get((thing, department))
        return 0 if number is None else 1 << number

    def known(self, state: str, thing: str, department: str | None) -> bool:
        """Whether a thing is known on every path to a state to someone who may share it with a department."""
        bit = self.bit(thing, department)
        return bool(bit and self.solution.at(state) & bit)

    def origins(self, state: str, thing: str, department: str | None) -> list[int]:
        """Return the points of a shortest path from a capture of the thing to a state, along which it stays known."""
        asked = (state, thing, department)
        if asked not in self._origins:
            self._origins[asked] = self._nearest(state, thing, department)
        return self._origins[asked]

    def _nearest(self, state: str, thing: str, department: str | None) -> list[int]:
        bit, solution = self.bit(thing, department), self.solution
        givers = self._givers.get(bit, set())
        found = [path_back(solution, bit, target, givers.__contains__) for target in self.flow.at.get(state, ())]
        return min((steps for steps in found if steps), key=len, default=[])

    @cached_property
    def _givers(self) -> dict[int, set[int]]:
        """The points of the states that bring each fact about."""
        found: dict[int, set[int]] = {}
        for state, given in self.effects.give.items():
            while given:
                found.setdefault(given & -given, set()).update(self.flow.at.get(state, ()))
                given &= given - 1
        return found

    def again(self, state: str, thing: str, department: str | None) -> dict[int, list[int]]:
        """Return the ways back to a state on which a thing is still known, by transition, each with a loop as witness.

        A way back is a transition into the state that can be taken after the state has been visited.
        """
        bit = self.bit(thing, department)
        found: dict[int, list[int]] = {}
        for target in self.flow.at.get(state, ()):
            for arc in self.flow.into[target]:
                source = self.flow.points[arc.source].state
                if (
                    arc.edge is None
                    or not (source == state or self.flow.leads(state, source))
                    or not self.solution.along(arc) & bit
                ):
                    continue
                loop = path(self.flow, [target], arc.source, self._carrying(bit)) if arc.source != target else [target]
                if loop:
                    found.setdefault(arc.edge.index, [*loop, target])
        return found

    def _carrying(self, bit: int) -> Callable[[int, int], bool]:
        def allowed(source: int, dest: int) -> bool:
            return bool(self.solution.after[source] & bit and self.solution.before[dest] & bit)

        return allowed


def knowledge(context: Context) -> Knowledge:
    """Return what is known where, of all that is demanded somewhere."""
    graph, process = context.graph, context.process
    asked = {
        (ask.thing, graph.nodes[name].state.department)
        for name in graph.leaves
        for ask in demands(graph.nodes[name].state)
    }
    bits = {pair: number for number, pair in enumerate(sorted(asked, key=lambda p: (p[0], p[1] or "")))}
    by_thing: dict[str, list[tuple[str | None, int]]] = {}
    for (thing, receiver), number in bits.items():
        by_thing.setdefault(thing, []).append((receiver, 1 << number))
    allowed = context.shared(permissions)
    all_of = {thing: sum(bit for _, bit in pairs) for thing, pairs in by_thing.items()}
    holders = _containers(context, all_of)
    give, kill = {}, {}
    for name in graph.leaves:
        state = graph.nodes[name].state
        give[name] = sum(
            bit
            for thing in captured(process, state)
            for receiver, bit in by_thing.get(thing, ())
            if allowed.may_pass(thing, state.department, receiver)
        )
        stale = {document for item in state.writes for document in holders.get(item, ())} - set(state.issues)
        kill[name] = sum(all_of[document] for document in stale)
    refused = {
        edge.index: _refused(context, edge.transition.rejects, all_of, holders)
        for edge in graph.edges
        if edge.transition.rejects
    }
    return Knowledge(context.shared(flow), bits, Effects(len(bits), kill=kill, give=give, edge_kill=refused))


def _refused(context: Context, things: Iterable[str], bits: dict[str, int], holders: dict[str, list[str]]) -> int:
    """Return the facts that a return destroys: what it rejects, documents that contain it, what they contain."""
    lost = 0
    for thing in things:
        for part in (thing, *holders.get(thing, ()), *contents(context.process, thing)):
            lost |= bits.get(part, 0)
    return lost


def _containers(context: Context, asked: dict[str, int]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for document in asked:
        for item in contents(context.process, document):
            found.setdefault(item, []).append(document)
    return found
