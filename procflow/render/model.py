"""A drawing as plain data: lanes, frames, nodes, arrows and marks. Knows no Graphviz, no file format, no positions."""

from dataclasses import dataclass
from typing import Literal

Shape = Literal["start", "end", "region_end", "step", "wait", "applicant", "decision", "document", "bar"]
ArrowKind = Literal["flow", "handoff", "applicant", "timeout", "leave", "fork", "start"]


@dataclass(frozen=True)
class Lane:
    """A lane: a department at its level, the applicant, or others. ``subtitle`` names the level."""

    key: str
    title: str
    subtitle: str = ""


@dataclass(frozen=True)
class Frame:
    """What is inside a composite, or inside one of its regions; ``parent`` is the key of the frame around it, or ''."""

    key: str
    title: str
    parent: str


@dataclass(frozen=True)
class Mark:
    """A fact that a node shows: a symbol and its words."""

    symbol: str
    text: str


@dataclass(frozen=True)
class Heat:
    """How long cases wait at a node: ``grade`` from 0 (none) to 4 (the longest of the drawing), and the words."""

    grade: int
    text: str


@dataclass(frozen=True)
class DrawnNode:
    """A node. ``state`` is the qualified name of the state that it draws; ``id`` the same in SVG and HTML.

    A composite is drawn by two bars: the first carries its state and id, the second ``id`` with ``-join``.
    ``flags`` are the numbers of the findings about it.
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


@dataclass(frozen=True)
class Arrow:
    """An arrow between two nodes, by their keys.

    ``transition`` is the index of the graph's edge that it draws, -1 for one that draws none (from the start, or
    between a composite's bars and what it contains). ``number`` counts the handoffs between departments, from 1.
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


@dataclass(frozen=True)
class LegendEntry:
    """One line of the legend: a sample (a symbol, a shape or a kind of arrow) and what it means."""

    sample: str
    text: str
    color: str = ""


@dataclass(frozen=True)
class Diagram:
    """A whole drawing."""

    title: str
    lanes: tuple[Lane, ...]
    frames: tuple[Frame, ...]
    nodes: tuple[DrawnNode, ...]
    arrows: tuple[Arrow, ...]
    legend: tuple[LegendEntry, ...]
