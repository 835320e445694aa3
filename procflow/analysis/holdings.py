"""Where each datum is held that somebody reads: in which system, or in the case's file; and whether it is on all paths.

Interfaces, carried documents and keying move data between holders, nothing else does. A state whose data are not
declared complete may pass on all that is known, and may have produced what the process captures nowhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from procflow.analysis.dataflow import Effects, Solution, path, solve
from procflow.analysis.flowgraph import Arc, FlowGraph
from procflow.analysis.knowledge import flow, permissions
from procflow.analysis.registry import Context
from procflow.analysis.sharing import captured, contents, seen
from procflow.definition.process import State, Transfer

FILE = ""
"""The holder that is the paper or file of the case."""


@dataclass(frozen=True)
class Holdings:
    """For each thing read: in which holders it is, and whether a reading place can reach it there.

    ``places`` are the sets of holders within reach of some reader; ``uncaptured`` are things that no state captures
    or is shown.
    """

    flow: FlowGraph
    things: dict[str, int]
    places: dict[frozenset[str], int]
    effects: Effects
    uncaptured: frozenset[str] = frozenset()

    @cached_property
    def solution(self) -> Solution:
        """The facts that hold on every path."""
        return solve(self.flow, self.effects)

    def bit(self, thing: str, place: frozenset[str]) -> int:
        """Return the fact that a thing is within reach of a place, as a bit set."""
        return 1 << (self.places[place] * len(self.things) + self.things[thing])

    def missing(self, state: str, thing: str, place: frozenset[str]) -> bool:
        """Whether some path leads to a state on which a thing is not within reach."""
        return not self.solution.at(state) & self.bit(thing, place)

    def gap(self, state: str, thing: str, place: frozenset[str]) -> list[int]:
        """Return a shortest path from the start to a state on which a thing is nowhere within reach; [] if none."""
        bit = self.bit(thing, place)
        solution = self.solution
        arcs = self._arcs

        def allowed(source: int, dest: int) -> bool:
            arc = arcs.get((source, dest))
            return not (solution.before[dest] & bit or (arc is not None and solution.along(arc) & bit))

        starts = [point for point in self.flow.starts if not solution.before[point] & bit]
        for target in self.flow.at.get(state, ()):
            if target in starts:
                return [target]
            found = path(self.flow, starts, target, allowed)
            if found:
                return found
        return []

    @cached_property
    def _arcs(self) -> dict[tuple[int, int], Arc]:
        return {(arc.source, arc.dest): arc for arc in self.flow.arcs}


def within_reach(context: Context, state: State) -> frozenset[str]:
    """Return the holders that a state's people can look into: the file, their department's systems, shared ones."""
    shared = {system.name for system in context.process.organization.systems if system.shared}
    used = context.shared(_used)
    own = {state.system} if state.system else set()
    return frozenset({FILE, *own, *used.get(state.department, set()), *shared})


def holdings(context: Context) -> Holdings:
    """Return where everything that is read without being optional is held."""
    nodes = context.graph.nodes
    readers = [nodes[n].state for n in context.graph.leaves if nodes[n].state.reads]
    wanted = sorted({read.item for state in readers for read in state.reads if not read.optional})
    things = {thing: index for index, thing in enumerate(wanted)}
    holders = _numbered(context)
    reach = dict.fromkeys(within_reach(context, state) for state in readers)
    places = {place: len(holders) + index for index, place in enumerate(reach)}
    layout = _Layout(context, things, holders, places)
    return Holdings(context.shared(flow), things, places, layout.effects(), frozenset(layout.uncaptured))


@dataclass(frozen=True)
class Holders:
    """For each thing keyed or read: which systems are sure to hold it before and after each state is done."""

    things: dict[str, int]
    holders: dict[str, int]
    solution: Solution

    def before(self, state: str, thing: str) -> tuple[str, ...]:
        """Return the systems that hold a thing on every path to a state."""
        return self._holding(self.solution.at(state), thing)

    def after(self, state: str, thing: str) -> tuple[str, ...]:
        """Return the systems that hold a thing whenever a state is done."""
        facts = -1
        for point in self.solution.flow.at[state]:
            facts &= self.solution.after[point]
        return self._holding(facts, thing)

    def _holding(self, facts: int, thing: str) -> tuple[str, ...]:
        if thing not in self.things:
            return ()
        width, number = len(self.things), self.things[thing]
        return tuple(name for name, block in self.holders.items() if name and facts >> (block * width + number) & 1)


def holders(context: Context) -> Holders:
    """Return which systems are sure to hold what: only what a state says that it takes in, and what interfaces move.

    Unlike ``holdings``, a state whose data are not declared complete is not believed to pass anything on.
    """
    states = [context.graph.nodes[n].state for n in context.graph.leaves]
    wanted = {entry.item for state in states for entry in state.enters}
    wanted |= {read.item for state in states for read in state.reads}
    things = {thing: index for index, thing in enumerate(sorted(wanted))}
    known = _numbered(context)
    layout = _Layout(context, things, known, {}, generous=False)
    return Holders(things, known, solve(context.shared(flow), layout.effects()))


def _numbered(context: Context) -> dict[str, int]:
    return {name: i for i, name in enumerate([FILE, *(s.name for s in context.process.organization.systems)])}


class _Layout:
    """Facts as blocks of bits: one block for each holder, then one for each place.

    Whoever is ``generous`` believes that a state with incomplete data may pass on all that is known.
    """

    def __init__(
        self,
        context: Context,
        things: dict[str, int],
        holders: dict[str, int],
        places: dict[frozenset[str], int],
        *,
        generous: bool = True,
    ) -> None:
        self.context, self.things, self.holders, self.places = context, things, holders, places
        self.generous = generous
        self.width = len(things)
        self.block = (1 << self.width) - 1
        self.size = self.width * (len(holders) + len(places))
        graph = context.graph
        known = {thing for name in graph.leaves for thing in seen(context.process, graph.nodes[name].state)}
        self.uncaptured = [thing for thing in things if thing not in known]
        self.moves = [
            (holders[i.source] * self.width, holders[i.dest] * self.width, self._mask(i.items))
            for i in context.process.organization.interfaces
            if i.source in holders and i.dest in holders and (i.coverage >= 1 or i.fallback == "manual")
        ]

    def effects(self) -> Effects:
        give, kill = {}, {}
        graph = self.context.graph
        partial = [name for name in graph.leaves if self.generous and graph.nodes[name].state.data != "complete"]
        for name in graph.leaves:
            state = graph.nodes[name].state
            give[name] = self._given(state)
            kill[name] = sum(self._everywhere(item) for item in dict.fromkeys(state.writes) if item in self.things)
        moved = {e.index: self._mover(e.transition.transfer) for e in graph.edges if _carries(e.transition.transfer)}
        carried = {e.index: self._carried(e.transition.transfer) for e in graph.edges if e.transition.transfer}
        refused = {e.index: self._refused(e.transition.rejects) for e in graph.edges if e.transition.rejects}
        return Effects(
            self.size,
            start=self._at_home(),
            kill=kill,
            give=give,
            move=dict.fromkeys(partial, self._passed_on),
            edge_kill=refused,
            edge_give=carried,
            edge_move=moved,
            settle=self.settle,
        )

    def settle(self, facts: int) -> int:
        """Add what interfaces pass on, and what is thereby within reach."""
        before = -1
        while facts != before:
            before = facts
            for source, dest, items in self.moves:
                facts |= ((facts >> source) & items) << dest
        for place, index in self.places.items():
            seen = 0
            for holder in place:
                if holder in self.holders:
                    seen |= facts >> (self.holders[holder] * self.width)
            facts |= (seen & self.block) << (index * self.width)
        return facts

    def _given(self, state: State) -> int:
        facts = 0
        if self.generous and state.data != "complete":
            for thing in self.uncaptured:
                facts |= self._everywhere(thing)
        facts |= self._in(state.system or FILE, captured(self.context.process, state))
        for entry in state.enters:
            for system in entry.into:
                facts |= self._in(system, (entry.item,))
        documents = [*(ask.document for ask in state.asks if ask.document and ask.form not in ("electronic", "shown"))]
        for document in (*documents, *state.issues, *state.archives):
            facts |= self._in(FILE, (document, *contents(self.context.process, document)))
        return facts

    def _at_home(self) -> int:
        """Return what is in its home systems when a case begins; nothing that this process writes itself."""
        written = {i for n in self.context.graph.leaves for i in self.context.graph.nodes[n].state.writes}
        facts = 0
        for thing in self.things:
            entry = self.context.shared(permissions).entry(thing)
            if entry is not None and thing not in written:
                for system in entry.held_by:
                    facts |= self._in(system, (thing,))
        return facts

    def _carried(self, transfer: Transfer | None) -> int:
        return self._in(FILE, transfer.carries) if transfer else 0

    def _passed_on(self, facts: int) -> int:
        """Return facts with all that is held anywhere held everywhere."""
        held = 0
        for index in self.holders.values():
            held |= facts >> (index * self.width)
        for index in self.holders.values():
            facts |= (held & self.block) << (index * self.width)
        return facts

    def _mover(self, transfer: Transfer | None) -> Callable[[int], int]:
        """Return what a carried document moves into the file: its contents, or all, where these are not listed."""
        lists = [contents(self.context.process, document) for document in transfer.carries] if transfer else []
        mask = self.block if not all(lists) or not lists else self._mask(tuple(i for items in lists for i in items))

        def move(facts: int) -> int:
            held = 0
            for index in self.holders.values():
                held |= facts >> (index * self.width)
            return facts | ((held & mask) << (self.holders[FILE] * self.width))

        return move

    def _refused(self, things: tuple[str, ...]) -> int:
        return sum(self._everywhere(thing) for thing in dict.fromkeys(things) if thing in self.things)

    def _everywhere(self, thing: str) -> int:
        bit = 1 << self.things[thing]
        return sum(bit << (index * self.width) for index in range(self.size // self.width))

    def _in(self, holder: str, things: tuple[str, ...]) -> int:
        if holder not in self.holders:
            return 0
        return self._mask(things, default=0) << (self.holders[holder] * self.width)

    def _mask(self, things: tuple[str, ...], default: int | None = None) -> int:
        if not things:
            return self.block if default is None else default
        mask = 0
        for thing in things:
            if thing in self.things:
                mask |= 1 << self.things[thing]
        return mask


def _carries(transfer: Transfer | None) -> bool:
    return transfer is not None and (bool(transfer.carries) or transfer.channel in ("paper", "file", "courier"))


def _used(context: Context) -> dict[str | None, set[str]]:
    """Return the systems that each department uses somewhere in the process."""
    used: dict[str | None, set[str]] = {}
    for name in context.graph.leaves:
        state = context.graph.nodes[name].state
        systems = {system for entry in state.enters for system in entry.into}
        used.setdefault(state.department, set()).update(systems | ({state.system} if state.system else set()))
    return used
