"""The kernel's model under construction: its tables, and the things that several of them refer to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from procflow.definition.expressions import Expression, category_codes, parse
from procflow.definition.process import Attribute
from procflow.definition.quantities import Distribution, IfClosed
from procflow.definition.recurrence import Recurrence
from procflow.definition.resolved import ALWAYS
from procflow.kernel import layout as at
from procflow.kernel.arrays import Ints
from procflow.kernel.sampling import KINDS
from procflow.simulation.calendars import Clock, Intervals, Ticks, union
from procflow.simulation.staffing import Staffing, plain_calendar

Row = dict[int, int]
"""A row of a table by column; what is not given is NONE."""


def filled(width: int, fields: Row) -> list[int]:
    """Return a row of ``width`` ints, NONE where nothing is given."""
    return [fields.get(column, at.NONE) for column in range(width)]


class Arena:
    """Words that grow by blocks; the place of a block is fixed once it is put in."""

    def __init__(self) -> None:
        self.words: list[int] = [0] * (at.STATE_HEADER + at.MODEL_HEADER)

    def put(self, block: Iterable[int]) -> int:
        """Add ints and return their place."""
        place = len(self.words)
        self.words.extend(map(int, block))
        return place

    def put_floats(self, block: Iterable[float]) -> int:
        """Add floats and return their place."""
        return self.put(np.array(list(block), dtype=np.float64).view(np.int64).tolist())

    def put_table(self, word: int, width: int, rows: Sequence[Row]) -> None:
        """Add a table, and note its place in a word of the header."""
        self.words[word] = self.put(x for fields in rows for x in filled(width, fields))

    def array(self) -> Ints:
        """Return everything as an array."""
        return np.array(self.words, dtype=np.int64)


@dataclass
class Tables:
    """The tables of a model while processes are added to it."""

    clock: Clock
    staffing: Staffing
    unlimited: bool
    roles: Mapping[str, int]
    regions: tuple[str, ...]
    arena: Arena = field(default_factory=Arena)
    nodes: list[Row] = field(default_factory=list)
    edges: list[Row] = field(default_factory=list)
    distributions: list[Row] = field(default_factory=list)
    calendars: list[Row] = field(default_factory=lambda: [{at.C_N: 0}])
    batches: list[Row] = field(default_factory=list)
    cadences: list[Row] = field(default_factory=list)
    streams: list[Row] = field(default_factory=list)
    attributes: list[Row] = field(default_factory=list)
    calls: list[Row] = field(default_factory=list)
    most_people: int = 1
    most_stack: int = 1
    most_set: int = 1
    most_timers: int = 0
    _calendar_numbers: dict[tuple[str, ...], int] = field(default_factory=lambda: {(ALWAYS,): 0})

    def calendar(self, *names: str) -> int:
        """Return the number of a calendar; of several, when at least one of them is open."""
        if ALWAYS in names:
            return 0
        if names not in self._calendar_numbers:
            parts = [self.clock.intervals(name) for name in names]
            self._calendar_numbers[names] = len(self.calendars)
            self.calendars.append(self._calendar_row(parts[0] if len(parts) == 1 else union(parts)))
        return self._calendar_numbers[names]

    def add_calendar(self, intervals: Intervals) -> int:
        """Add a calendar that has no name and return its number."""
        self.calendars.append(self._calendar_row(intervals))
        return len(self.calendars) - 1

    def _calendar_row(self, intervals: Intervals) -> Row:
        spans = (self.clock.cap >> at.SPAN_SHIFT) + 2
        starts = np.arange(spans, dtype=np.int64) << at.SPAN_SHIFT
        first_of_span = np.searchsorted(intervals.off, starts, side="right")
        return {
            at.C_N: len(intervals.on),
            at.C_ON: self.arena.put(intervals.on),
            at.C_OFF: self.arena.put(intervals.off),
            at.C_BEFORE: self.arena.put(intervals.before),
            at.C_INDEX: self.arena.put(first_of_span),
            at.C_SPANS: spans,
        }

    def day_seconds(self, calendar: str) -> float:
        """Return the length of a working day of a calendar in seconds; 24 h on ``always``."""
        known = self.clock.organization.calendar(plain_calendar(calendar))
        return known.nominal_day_seconds() if known else 86_400.0

    def distribution(self, distribution: Distribution, calendar: str) -> int:
        """Add a distribution that elapses on a calendar and return its number; times are in seconds."""
        values = distribution.values(self.day_seconds(calendar))
        self.distributions.append(
            {
                at.D_KIND: KINDS.index(distribution.kind),
                at.D_CALENDAR: self.calendar(calendar),
                at.D_AT: self.arena.put_floats((*values, 0.0)),
                at.D_N: len(values),
            }
        )
        return len(self.distributions) - 1

    def occurrences(self, rule: Recurrence, calendar: str, if_closed: IfClosed) -> Ticks:
        """Return the instants of a recurrence."""
        return self.clock.occurrences(rule, calendar, if_closed)

    def program(self, expression: Expression, attributes: Mapping[str, Attribute]) -> tuple[int, int]:
        """Add the byte code of an expression; return its place and its number of operations."""
        code = expression.code({name: i for i, name in enumerate(attributes)}, category_codes(attributes))
        self.most_stack = max(self.most_stack, len(code))
        return self.arena.put_floats(x for operation in code for x in operation), len(code)

    def guard(self, text: str | None, attributes: Mapping[str, Attribute]) -> Row:
        """Return the columns of a guard."""
        if text is None:
            return {at.E_GUARDS: 0}
        place, length = self.program(parse(text, attributes, kind="boolean"), attributes)
        return {at.E_GUARD: place, at.E_GUARDS: length}
