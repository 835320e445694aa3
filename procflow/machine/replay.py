"""Whether the state machine of a process can take the steps that the rows of one case's event log tell.

Looks at order, not at time: rows are taken by the instant at which they take effect, those of one instant in any
order that fits. It explains nothing and mends nothing.
"""

import copy
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from procflow.definition.resolved import Process
from procflow.machine.automaton import Automaton, Case
from procflow.machine.graph import Edge, StateGraph
from procflow.text import Text


@dataclass(frozen=True)
class Replay:
    """Whether a case's log fits its process.

    ``steps`` counts the transitions taken, joins' own included; ``failure`` says what does not fit, ``at`` the
    position of the row, from 0 (None where the log ends too early).
    """

    fits: bool
    steps: int
    failure: Text | None = None
    at: int | None = None


@dataclass(frozen=True)
class _Visit:
    """A row; ``edges`` may be what it was left by, ``under_way`` is true of a case that did not arrive from it."""

    at: int
    state: str
    end: str
    edges: tuple[Edge, ...]
    under_way: bool
    enter_us: int
    effect_us: int | None

    @property
    def leaves(self) -> bool:
        """Whether it left a composite early."""
        return any(edge.leaves for edge in self.edges)

    @property
    def moves(self) -> bool:
        """Whether the case has gone on from it; an early leave has taken effect though the case be under way."""
        return bool(self.edges) and (not self.under_way or (self.leaves and self.end != "cancelled"))


class _MisfitError(Exception):
    """A row that does not fit; ends a replay, never leaves this module."""

    def __init__(self, at: int | None, en: str, zh: str) -> None:
        super().__init__(en)
        self.at, self.text = at, Text(en=en, zh=zh)


def replay(
    process: Process | Automaton, events: Iterable[Mapping[str, Any]], attributes: Mapping[str, Any] | None = None
) -> Replay:
    """Return whether a case of ``process`` can take exactly the steps of ``events``, the rows of one case.

    The columns are those of a run's events table; needed are ``state``, ``trigger``, ``dest``, ``end``,
    ``enter_us`` and ``exit_us``, and ``arrive_us`` where transfers take time. ``attributes`` are the values at
    arrival; without them guards are not evaluated. Give an Automaton to replay many cases. Raises MachineError for
    wrong attributes.
    """
    automaton = process if isinstance(process, Automaton) else Automaton(process)
    walk = _Walk(automaton.graph, automaton.open(attributes))
    try:
        visits = [_visit(automaton.graph, at, row) for at, row in enumerate(events)]
        walk.follow(visits)
    except _MisfitError as misfit:
        return Replay(False, len(walk.case.history), misfit.text, misfit.at)
    return Replay(True, len(walk.case.history))


@dataclass
class _Walk:
    """A case that follows a log."""

    graph: StateGraph
    case: Case

    def follow(self, visits: list[_Visit]) -> None:
        moves, enters = _by(visits, lambda v: v.effect_us if v.moves else None), _by(visits, lambda v: v.enter_us)
        rows: Counter[str] = Counter()
        for instant in sorted(moves.keys() | enters.keys()):
            self._take_all(sorted(moves.get(instant, ()), key=lambda v: v.leaves))
            for visit in enters.get(instant, ()):
                rows[visit.state] += 1
                if self._entered(visit.state) < rows[visit.state] and not self._went_on_to(visit.state):
                    raise self._elsewhere(visit)
        for visit in visits:
            if visit.end == "cut" and not visit.moves and visit.state not in self.case.states:
                raise self._elsewhere(visit)
        self._check_end(visits)

    def _take_all(self, pending: list[_Visit]) -> None:
        """Take the moves of one instant: inside composites first, then early leaves, then joins, and so on."""
        while pending:
            ready = next(((v, edge) for v in pending if (edge := self._way(v))), None)
            if ready is not None:
                self.case.take(ready[1])
                pending.remove(ready[0])
            elif not self.case.settle(transfers=False) and not any(self._went_on_to(v.state) for v in pending):
                raise self._impossible(pending[0])
        self.case.settle(transfers=False)

    def _way(self, visit: _Visit) -> Edge | None:
        """Return the transition that a row tells of, if the case can take it now."""
        if visit.state not in self.case.states:
            return None
        possible = self.case.possible(visit.state)
        return next((edge for edge in visit.edges if edge in possible), None)

    def _went_on_to(self, state: str) -> bool:
        """Leave composites, which have no rows, where that leads to ``state``; return whether it does.

        One may follow another without a row between them: by way of a final state, or while the case is under way.
        """
        known, waiting = {self.case.states}, [self.case]
        visits = self._entered(state)
        for case in waiting:
            for edge in _out_of_composites(case, self.graph):
                self.case = copy.copy(case)
                self.case.take(edge)
                if self._entered(state) > visits or (
                    self.case.settle(transfers=False) and self._entered(state) > visits
                ):
                    return True
                if self._is_silent(edge) and self.case.states not in known:
                    known.add(self.case.states)
                    waiting.append(self.case)
        self.case = waiting[0]
        return False

    def _is_silent(self, edge: Edge) -> bool:
        """Whether a transition may be followed by no row: it leads to a final state, or takes time."""
        finals = all(self.graph.state(leaf).final for leaf in self.graph.entered(edge.dest))
        return finals or edge.transition.transfer is not None

    def _impossible(self, visit: _Visit) -> _MisfitError:
        standing, edge = ", ".join(self.case.states), visit.edges[0]
        return _MisfitError(
            visit.at,
            f"row {visit.at}: {edge.name} cannot be taken; the case stands in {standing}",
            f"第 {visit.at} 行:不能执行 {edge.name};该件处于 {standing}",
        )

    def _elsewhere(self, visit: _Visit) -> _MisfitError:
        standing = ", ".join(self.case.states)
        return _MisfitError(
            visit.at,
            f"row {visit.at}: the case does not come to {visit.state!r} then; it stands in {standing}",
            f"第 {visit.at} 行:该件此时未到 {visit.state!r};它处于 {standing}",
        )

    def _entered(self, state: str) -> int:
        """Return how often the case has come to a leaf state."""
        first = state in self.graph.entered(self.graph.initial)
        return first + sum(state in self.graph.entered(edge.dest) for edge in self.case.taken)

    def _check_end(self, visits: list[_Visit]) -> None:
        """Refuse a log that stops where the case could not have been lost sight of."""
        last = {visit.state: visit for visit in visits}
        for name in () if self.case.finished else self.case.states:
            if self.graph.nodes[name].state.final or self._is_under_way(name, last.get(name)):
                continue
            raise _MisfitError(
                None,
                f"the log ends too early: the case still stands in {name!r}",
                f"日志不完整:该件仍处于 {name!r}",
            )

    def _is_under_way(self, name: str, visit: _Visit | None) -> bool:
        if visit is not None and not visit.moves and visit.end not in ("cancelled", "timed_out"):
            return True
        if name not in self.graph.regions and self._was_sent_to(name):
            return True
        return any(self._is_silent(edge) for edge in _out_of_composites(self.case, self.graph))

    def _was_sent_to(self, name: str) -> bool:
        """Whether the case last came to a state by a transfer, on which it may still be."""
        into = next((edge for edge in reversed(self.case.taken) if name in self.graph.entered(edge.dest)), None)
        return into is not None and into.transition.transfer is not None


def _out_of_composites(case: Case, graph: StateGraph) -> list[Edge]:
    """Return the ways out of the composites in which a case stands, those of complete joins before those of timers."""
    ways = [edge for edge in case.available() if edge.source in graph.regions]
    return sorted(ways, key=lambda edge: edge.transition.timeout is not None)


def _visit(graph: StateGraph, at: int, row: Mapping[str, Any]) -> _Visit:
    state, trigger, dest, end = row["state"], row["trigger"], row["dest"], row["end"]
    if state not in graph.nodes or state in graph.regions:
        raise _MisfitError(at, f"row {at}: no leaf state {state!r}", f"第 {at} 行:没有状态 {state!r}")
    edges = [edge for edge in graph.out(state) if (edge.trigger, edge.dest) == (trigger, dest)]
    if end in ("completed", "timed_out"):
        edges = [edge for edge in edges if (edge.transition.timeout is not None) == (end == "timed_out")]
    if not edges and (dest is not None or end == "completed"):
        raise _MisfitError(
            at,
            f"row {at}: no transition {state} --{trigger}→ {dest}",
            f"第 {at} 行:没有流转 {state} --{trigger}→ {dest}",
        )
    exit_us, arrive_us = row["exit_us"], row.get("arrive_us", row["exit_us"])
    leaves = any(edge.leaves for edge in edges)
    under_way = bool(edges) and (arrive_us is None or end == "cancelled")
    effect_us = exit_us if leaves or arrive_us is None else arrive_us
    return _Visit(at, state, end, tuple(edges), under_way, row["enter_us"], effect_us)


def _by(visits: list[_Visit], instant: Callable[[_Visit], int | None]) -> dict[int, list[_Visit]]:
    """Return visits by an instant of theirs, those that have none left out."""
    found: dict[int, list[_Visit]] = {}
    for visit in visits:
        if (when := instant(visit)) is not None:
            found.setdefault(when, []).append(visit)
    return found
