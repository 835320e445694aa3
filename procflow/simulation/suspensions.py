"""Legal suspensions as marks on states and ways out: what begins or ends one, for the timers that it stops."""

from dataclasses import dataclass
from functools import cached_property

from procflow.definition.limits import Instant, Suspension
from procflow.kernel import layout as at
from procflow.machine.graph import Edge, StateGraph, resolve
from procflow.simulation.tables import Row, Tables

_MOMENTS = {"enter": at.MARK_ENTER, "done": at.MARK_DONE, "exit": at.MARK_EXIT}


@dataclass(frozen=True)
class Stretches:
    """The suspensions of all limits of a process; none where no time-out of it heeds them."""

    graph: StateGraph

    @cached_property
    def all(self) -> tuple[Suspension, ...]:
        """The suspensions, each once."""
        timeouts = (edge.transition.timeout for edge in self.graph.edges)
        if not any(timeout is not None and timeout.suspended for timeout in timeouts):
            return ()
        limits = self.graph.process.definition.limits.values()
        return tuple(dict.fromkeys(each for limit in limits for each in limit.suspend))

    def at_state(self, tables: Tables, name: str) -> Row:
        """Add the marks of a state and return its column for them."""
        inside = sum(each.in_state is not None and self._is(each.in_state, name) for each in self.all)
        lists: dict[int, list[int]] = {moment: [] for moment in _MOMENTS.values()}
        for mark, instant in self._marks():
            if instant.event in _MOMENTS and self._is(instant.name, name):
                lists[_MOMENTS[instant.event]].append(mark)
        if not inside and not any(lists.values()):
            return {}
        block = {at.MARK_INSIDE: inside}
        block |= {moment: tables.arena.put([len(marks), *marks]) for moment, marks in lists.items()}
        return {at.N_MARKS: tables.arena.put(block[moment] for moment in sorted(block))}

    def at_edge(self, tables: Tables, edge: Edge) -> Row:
        """Add the marks of a way out and return its column for them."""
        marks = [mark for mark, i in self._marks() if i.event == "fire" and i.name == edge.trigger]
        return {at.E_MARKS: tables.arena.put([len(marks), *marks])} if marks else {}

    def _marks(self) -> list[tuple[int, Instant]]:
        """Return twice the number of each suspension between two instants, with its begin; one more with its end."""
        pairs = [(each.since, each.until) for each in self.all if each.since is not None]
        return [(2 * n + k, end) for n, pair in enumerate(pairs) for k, end in enumerate(pair) if end is not None]

    def _is(self, reference: str, name: str) -> bool:
        return resolve(reference, "", self.graph.nodes) == name
