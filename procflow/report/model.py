"""What a report says, as plain data in one language: HTML, Excel and JSON are written from it. Knows none of them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

from procflow.analysis.compare import percent
from procflow.report.figures import ELAPSED, interval, quantity, rounded
from procflow.simulation.statistics import Estimate
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.render.drawing import Drawing
    from procflow.report.provenance import Provenance


@dataclass(frozen=True)
class Amount:
    """A number with its unit ('' for a share), and its interval where it has one.

    ``signed`` marks a change, which is written with its sign; ``sure`` a change whose interval leaves out zero;
    ``estimated`` that an interval belongs to it, which may be unknown; ``official`` a share that is written with one
    decimal, as official figures are.
    """

    value: float
    unit: str = ""
    low: float | None = None
    high: float | None = None
    confidence: float = 0.95
    signed: bool = False
    estimated: bool = False
    official: bool = False

    @classmethod
    def of(cls, found: Estimate, unit: str, *, signed: bool = False) -> "Amount":
        """Return an estimate as an amount; a bound that is unknown is None."""
        low, high = (None if math.isnan(bound) else bound for bound in (found.low, found.high))
        return cls(found.mean, unit, low, high, found.confidence, signed, True)

    @property
    def sure(self) -> bool:
        """Whether it is a change whose interval leaves out zero."""
        return self.signed and self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    def text(self, lang: Language) -> str:
        """Return the number with its unit."""
        if self.official:
            return percent(self.value)
        return quantity(self.value, self.unit, lang, signed=self.signed)

    def short(self, lang: Language) -> str:
        """Return the number with fewer digits, for the first screen."""
        return rounded(self.value, self.unit, lang)

    def bare(self, lang: Language) -> str:
        """Return the number as ``short`` does, without its unit, for beside one that has it."""
        return self.short(lang).partition(" ")[0]

    def bounds(self, lang: Language) -> str:
        """Return the interval in words, '' where none belongs to it."""
        if not self.estimated:
            return ""
        known = Estimate(self.value, _nan(self.low), _nan(self.high), 0, self.confidence, self.unit)
        return interval(known, lang, scale=1.0 if self.unit else 100.0)

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON; what is not a number becomes null."""
        value = self.value if math.isfinite(self.value) else None
        unit = "h" if self.unit == ELAPSED else self.unit or "share"
        return {"value": value, "unit": unit, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class Link:
    """A text that leads to a place in a diagram or to a finding, by its id in the page."""

    text: str
    target: str


Cell = str | int | Amount | Link | tuple[str | Link, ...] | None
"""A cell: words, a count, a number with unit, a way elsewhere, several lines of these, or nothing to say (–)."""


@dataclass(frozen=True)
class Line:
    """A line of the conclusion: ``target`` is where it leads ('' for nowhere), ``label`` the words of the link."""

    text: str
    target: str = ""
    label: str = ""


_PARTS = {
    "actions": Text(en="What to do", zh="怎么改"),
    "largest": Text(en="Why: the largest findings", zh="为什么：主要问题"),
    "blocks": Text(en="To settle first", zh="先要解决"),
}


@dataclass(frozen=True)
class Conclusion:
    """The first screen: what the figures say, what to do, why, what stands in the way, and what all that rests on."""

    main: tuple[Line, ...]
    actions: tuple[Line, ...] = ()
    largest: tuple[Line, ...] = ()
    blocks: tuple[Line, ...] = ()
    rests_on: tuple[Line, ...] = ()

    def parts(self) -> dict[str, tuple[Line, ...]]:
        """Return its parts by name, in order."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    def titled(self, lang: Language) -> list[tuple[str, tuple[Line, ...]]]:
        """Return the parts that stand side by side under headings, those with something in them."""
        return [(title.get(lang), getattr(self, name)) for name, title in _PARTS.items() if getattr(self, name)]


@dataclass(frozen=True)
class Column:
    """A column: its key for programs, its title for people."""

    key: str
    title: str


@dataclass(frozen=True)
class Table:
    """A table; ``sheet`` is its short name for Excel; ``folded`` ones are shown when asked for.

    ``whiskers`` names the column whose intervals are also drawn, each on the scale of all.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    sheet: str
    lead: str = ""
    note: str = ""
    folded: bool = False
    whiskers: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart as data for the page's script; the same numbers stand in a table beside it."""

    key: str
    kind: Literal["waterfall", "distribution"]
    title: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Section:
    """A section of the report below the conclusion and the diagrams."""

    key: str
    title: str
    tables: tuple[Table, ...]
    charts: tuple[Chart, ...] = ()
    lead: str = ""
    note: str = ""


@dataclass(frozen=True)
class Tile:
    """One of the few figures at the top: what it was and what it becomes, or what it is."""

    name: str
    before: Amount
    after: Amount | None = None

    @property
    def change(self) -> float | None:
        """The change as a share of what it was; None where nothing is compared or it was nothing."""
        return None if self.after is None or not self.before.value else self.after.value / self.before.value - 1


@dataclass(frozen=True)
class View:
    """A drawing in the page: ``prefix`` goes before its ids; ``side`` is before, after or both, or that it is a map."""

    prefix: str
    side: Literal["before", "after", "both", "map"]
    name: str
    overlay: str
    drawing: "Drawing" = field(repr=False)


@dataclass(frozen=True)
class FindingRow:
    """A finding as it is shown."""

    number: int
    id: str
    variant: str
    rule: str
    rule_name: str
    severity: str
    severity_name: str
    departments: tuple[str, ...]
    statement: str
    evidence: tuple[str, ...]
    cost: tuple[str, ...]
    legal_hook: str
    blocked_by: tuple[str, ...]
    remedies: tuple[tuple[str, str], ...]
    thresholds: tuple[str, ...]
    place: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Content:
    """A whole report."""

    lang: Language
    title: str
    conclusion: Conclusion
    tiles: tuple[Tile, ...]
    views: tuple[View, ...]
    findings: tuple[FindingRow, ...]
    notes: tuple[str, ...]
    skipped: tuple[str, ...]
    sections: tuple[Section, ...]
    replays: Mapping[str, Any]
    provenance: "Provenance"
    data: Mapping[str, Any]

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, in order."""
        return tuple(table for section in self.sections for table in section.tables)


def _nan(bound: float | None) -> float:
    return math.nan if bound is None else bound
