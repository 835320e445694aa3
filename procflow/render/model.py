"""A drawing as plain data: lanes, frames, nodes, arrows and marks. Knows no Graphviz, no file format, no positions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

FlowView = Literal["swimlane", "machine", "flowchart"]
"""The views that draw every state and every transition."""

View = Literal["swimlane", "machine", "flowchart", "handoffs", "levels", "systems", "capture"]
VIEWS: tuple[View, ...] = get_args(View)

Shape = Literal[
    # swimlane
    "start", "end", "region_end", "step", "wait", "applicant", "decision", "document", "bar",
    # state machine (UML)
    "state", "final", "entry", "exit", "sync",
    # flow chart (GB/T 1526)
    "terminator", "process", "manual", "data", "paper", "predefined", "branch", "parallel", "connector",
    # maps
    "party", "island", "stub",
]  # fmt: skip
ArrowKind = Literal[
    "flow", "handoff", "applicant", "timeout", "leave", "fork", "start", "interface", "carried", "keyed"
]
Change = Literal["", "added", "removed", "moved", "changed"]
"""What a reform did to a part of a drawing; '' where it is as it was, or where nothing is compared."""


@dataclass(frozen=True)
class Lane:
    """A lane: a department at its level, the applicant, or others. ``subtitle`` names the level."""

    key: str
    title: str
    subtitle: str = ""


@dataclass(frozen=True)
class Frame:
    """What is inside a composite, or inside one of its regions (``region``).

    ``parent`` is the key of the frame around it, or ''; ``composite`` and ``part`` are their names.
    """

    key: str
    title: str
    parent: str
    region: bool = True
    composite: str = ""
    part: str = ""


@dataclass(frozen=True)
class Mark:
    """A fact that a node shows: a symbol and its words."""

    symbol: str
    text: str


@dataclass(frozen=True)
class Heat:
    """What an overlay shows at a node or arrow: ``grade`` from 0 (least) to 4 (most), and the number in words."""

    grade: int
    text: str


@dataclass(frozen=True)
class DrawnNode:
    """A node. ``state`` is the qualified name of the state that it draws; ``id`` the same in SVG and HTML.

    A composite is drawn by two bars: the first carries its state and id, the second ``id`` with ``-join``.
    ``flags`` are the numbers of the findings about it; ``change`` is what a reform did to it, ``note`` that in words;
    ``link`` is an address to go to; ``part`` the key of a part of the drawing that stands elsewhere.
    """

    key: str
    id: str
    state: str
    shape: Shape
    lane: str
    frame: str
    title: str
    subtitle: str = ""
    marks: tuple[Mark, ...] = ()
    flags: tuple[int, ...] = ()
    heat: Heat | None = None
    tooltip: str = ""
    change: Change = ""
    note: str = ""
    link: str = ""
    part: str = ""


@dataclass(frozen=True)
class Arrow:
    """An arrow between two nodes, by their keys.

    ``transition`` is the index of the graph's edge that it draws, -1 for one that draws none (from the start, or
    between a composite's bars and what it contains). ``number`` counts the handoffs between departments, from 1.
    ``weight`` is the share of the widest arrow of a map, from 0 to 1.
    """

    id: str
    tail: str
    head: str
    kind: ArrowKind
    transition: int = -1
    lines: tuple[str, ...] = ()
    number: int = 0
    flags: tuple[int, ...] = ()
    tooltip: str = ""
    heat: Heat | None = None
    change: Change = ""
    note: str = ""
    weight: float = 0.0
    link: str = ""


@dataclass(frozen=True)
class LegendEntry:
    """One line of the legend: a sample (a symbol, a shape or a kind of arrow) and what it means.

    ``grade`` asks for a sample in the look of a grade of an overlay, ``change`` for one in that of a change.
    """

    sample: str
    text: str
    grade: int | None = None
    change: Change = ""


@dataclass(frozen=True)
class Diagram:
    """A whole drawing.

    ``compared`` says that it shows what a reform changed, so that the rest steps back; ``ranks`` how far down each node
    of a part stands, by key, where its own arrows do not say.
    """

    title: str
    lanes: tuple[Lane, ...]
    frames: tuple[Frame, ...]
    nodes: tuple[DrawnNode, ...]
    arrows: tuple[Arrow, ...]
    legend: tuple[LegendEntry, ...]
    compared: bool = False
    ranks: Mapping[str, int] | None = None


@dataclass(frozen=True)
class Cell:
    """A cell of a matrix: its text, what it is in words, and how much it stands out (``grade`` as an overlay's)."""

    text: str
    tooltip: str = ""
    grade: int = 0


@dataclass(frozen=True)
class Matrix:
    """A table: rows against columns; ``cells`` by (row, column), empty ones left out; ``ids``, ``links``: the rows'."""

    title: str
    corner: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[tuple[int, int], Cell]
    legend: tuple[LegendEntry, ...]
    ids: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
