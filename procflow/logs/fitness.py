"""Whether the cases of a log can happen by a definition, and where log and definition part.

A log tells which steps were completed in which order, no triggers and no data: a case fits where some path of the state
machine completes just these states in this order. States that no activity is (``Matching.silent``) pass unseen, as do
joins and time-outs; guards are not evaluated. Activities without a state are left out, and told. So the definition gets
the benefit of the doubt: a case that does not fit contradicts it, one that fits need not prove it.
"""

import copy
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from procflow.definition.resolved import Process
from procflow.logs.log import EventLog
from procflow.logs.matching import Matching
from procflow.machine.automaton import Automaton, Case
from procflow.machine.graph import Edge

MOST_STANDINGS = 20_000
"""Past so many places at once in which a case might stand, whether it fits is unknown."""

_DEVIATIONS: dict[str, Any] = {
    "after": pl.String,
    "found": pl.String,
    "expected": pl.List(pl.String),
    "cases": pl.Int64,
    "first": pl.String,
}

Standing = tuple[str, ...]


@dataclass(frozen=True)
class Fitness:
    """How the cases of a log fit a definition.

    Of ``cases`` with at least one matched event ``fitting`` fit, and ``ended`` of these may have reached a final
    state; of ``unknown`` it could not be said. ``deviations`` has, the most frequent first: ``after`` (the last state
    that fitted, null at the beginning), ``found`` (the state that the log has next), ``expected`` (the states that the
    definition allows then, as a list), ``cases`` and ``first`` (a case). ``left_out`` counts events of activities
    without a state. ``per_case`` has ``case``, ``fits`` (null: unknown), ``ended`` and ``steps`` that fitted.
    """

    matching: Matching
    cases: int
    fitting: int
    ended: int
    unknown: int
    left_out: int
    deviations: pl.DataFrame = field(repr=False)
    per_case: pl.DataFrame = field(repr=False)


@dataclass(frozen=True)
class _Outcome:
    fits: bool | None
    ended: bool = False
    steps: int = 0
    after: str | None = None
    found: str | None = None
    expected: tuple[str, ...] = ()


def fitness(log: EventLog, process: Process, matching: Matching) -> Fitness:
    """Return how the cases of a log fit a definition; ``matching`` says which state each activity is.

    Steps count by when they ended; those that have not ended do not count, unless the log knows no ends at all.
    """
    done = log.steps if log.steps["end"].null_count() == log.steps.height else log.steps.drop_nulls("end")
    steps = done.filter(pl.col("activity").is_in(list(matching.states)))
    ordered = steps.sort("case", pl.coalesce("end", "start"), maintain_order=True)
    named = ordered.with_columns(state=pl.col("activity").replace_strict(dict(matching.states), return_dtype=pl.String))
    per_case = named.group_by("case", maintain_order=True).agg(trace="state")
    walk = _Walk(process, frozenset(matching.states.values()))
    outcomes = {trace: walk.follow(trace) for trace in map(tuple, per_case["trace"].unique())}
    found = [outcomes[tuple(trace)] for trace in per_case["trace"]]
    table = per_case.select(
        "case",
        fits=pl.Series([each.fits for each in found], dtype=pl.Boolean),
        ended=pl.Series([each.ended for each in found], dtype=pl.Boolean),
        steps=pl.Series([each.steps for each in found], dtype=pl.Int64),
    )
    return Fitness(
        matching=matching,
        cases=table.height,
        fitting=int(table["fits"].sum()),
        ended=int(table["ended"].sum()),
        unknown=table["fits"].null_count(),
        left_out=done.height - steps.height,
        deviations=_deviations(per_case["case"], found),
        per_case=table,
    )


def _deviations(cases: Iterable[str], found: Sequence[_Outcome]) -> pl.DataFrame:
    """Return where cases part from the definition, by what came before and what came next."""
    counts: Counter[_Outcome] = Counter()
    first: dict[_Outcome, str] = {}
    for case, outcome in zip(cases, found, strict=True):
        if outcome.fits is False:
            place = _Outcome(False, after=outcome.after, found=outcome.found, expected=outcome.expected)
            counts[place] += 1
            first.setdefault(place, case)
    rows = [
        {"after": p.after, "found": p.found, "expected": list(p.expected), "cases": count, "first": first[p]}
        for p, count in counts.most_common()
    ]
    return pl.DataFrame(rows, schema=_DEVIATIONS)


class _TooManyError(Exception):
    """A case might stand in too many places; ends a walk, never leaves this module."""


class _Walk:
    """Follows traces through the state machine, in all places at once where a case might stand.

    Without attributes a case is no more than where it stands, so what was found for a place serves all traces.
    """

    def __init__(self, process: Process, visible: frozenset[str]) -> None:
        self._visible = visible
        first = Automaton(process).open()
        self._cases: dict[Standing, Case] = {first.states: first}
        self._first = frozenset([first.states])
        self._silent: dict[Standing, frozenset[Standing]] = {}
        self._done: dict[tuple[Standing, str], frozenset[Standing]] = {}

    def follow(self, trace: Sequence[str]) -> _Outcome:
        """Return whether the states of a trace can be completed in this order."""
        try:
            standings = self._quietly(self._first)
            for step, state in enumerate(trace):
                after = self._complete(standings, state)
                if not after:
                    before = trace[step - 1] if step else None
                    return _Outcome(False, False, step, before, state, self._expected(standings))
                standings = self._quietly(after)
        except _TooManyError:
            return _Outcome(None)
        return _Outcome(True, any(self._cases[each].finished for each in standings), len(trace))

    def _expected(self, standings: frozenset[Standing]) -> tuple[str, ...]:
        return tuple(sorted({name for each in standings for name in each if name in self._visible}))

    def _complete(self, standings: frozenset[Standing], state: str) -> frozenset[Standing]:
        """Return where a case may stand after completing a state in which it stands."""
        found: set[Standing] = set()
        for standing in standings:
            if state not in standing:
                continue
            if (standing, state) not in self._done:
                case = self._cases[standing]
                self._done[standing, state] = frozenset(self._taken(case, edge) for edge in case.possible(state))
            found |= self._done[standing, state]
        return frozenset(found)

    def _quietly(self, standings: frozenset[Standing]) -> frozenset[Standing]:
        """Return where a case may stand without the log telling more."""
        found, waiting = set(standings), list(standings)
        while waiting:
            for each in self._next_unseen(waiting.pop()):
                if each not in found:
                    found.add(each)
                    waiting.append(each)
            if len(found) > MOST_STANDINGS:
                raise _TooManyError
        return frozenset(found)

    def _next_unseen(self, standing: Standing) -> frozenset[Standing]:
        if standing not in self._silent:
            case = self._cases[standing]
            unseen = [edge for edge in case.available() if self._is_unseen(edge)]
            self._silent[standing] = frozenset(self._taken(case, edge) for edge in unseen)
        return self._silent[standing]

    def _is_unseen(self, edge: Edge) -> bool:
        return edge.source not in self._visible or edge.transition.timeout is not None

    def _taken(self, case: Case, edge: Edge) -> Standing:
        """Return where a case stands after a transition and the joins that it completes."""
        moved = copy.copy(case)
        moved.take(edge)
        moved.settle()
        return self._cases.setdefault(moved.states, moved).states
