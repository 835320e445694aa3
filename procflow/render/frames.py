"""Frames inside lanes: boxes around the steps of one composite or region that stand in one lane. Lays nothing out.

Closes the gaps of the lines between lanes, too, which Graphviz leaves between one layer and the next.

A composite may cross lanes, where one box would cut their lines; so each of its pieces has a box of its own. Graphviz
has placed the nodes by then: the boxes are added to its layout, which is drawn as it is (its engine ``nop2``).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from procflow.render.labels import escape_tooltip
from procflow.render.look import BLUE
from procflow.render.model import Diagram, DrawnNode

_POINTS = 72
_MARGIN, _DEEPER = 6.0, 5.0
"""Points between a frame and what is in it, and what each frame inside adds."""

_STATEMENT = re.compile(r"^\t+(?:(n\w+)|\"?([\w-]+)\"?(?: -> .*)?)\t ?\[", re.MULTILINE)
_PLACED = re.compile(r'^\t+pos="([-\d.]+),([-\d.]+)"', re.MULTILINE)
_HIGH = re.compile(r"(?:\[|^\t+)height=([\d.]+)", re.MULTILINE)
_LINE = re.compile(r'(class="lane-line",[^\]]*?pos=")([^"]*)"')
_GAP = 1.5
"""Points by which a piece of a line between lanes is drawn longer at both ends."""

_WIDE = re.compile(r"(?:\[|^\t+)width=([\d.]+)", re.MULTILINE)


@dataclass(frozen=True)
class Box:
    """A rectangle in points, as Graphviz counts: upwards from below."""

    left: float
    low: float
    right: float
    high: float

    def touches(self, other: "Box") -> bool:
        """Whether two rectangles share a point."""
        across = self.left < other.right and other.left < self.right
        return across and self.low < other.high and other.low < self.high

    def around(self, others: "list[Box]", margin: float) -> "Box":
        """Return the rectangle around this one and others, wider by a margin on every side."""
        boxes = [self, *others]
        return Box(
            min(box.left for box in boxes) - margin,
            min(box.low for box in boxes) - margin,
            max(box.right for box in boxes) + margin,
            max(box.high for box in boxes) + margin,
        )


@dataclass(frozen=True)
class Piece:
    """What stands of one frame in one lane: the keys of the nodes, and how many frames lie inside it at most."""

    key: str
    title: str
    nodes: frozenset[str]
    depth: int


def pieces(diagram: Diagram) -> tuple[Piece, ...]:
    """Return the pieces of all frames of a drawing with lanes, the outer ones first; nothing where it has no lanes."""
    if not diagram.lanes:
        return ()
    frames = {frame.key: frame for frame in diagram.frames}
    numbers = {lane.key: number for number, lane in enumerate(diagram.lanes)}
    inside: dict[tuple[str, int], set[str]] = {}
    depths: dict[str, int] = dict.fromkeys(frames, 0)
    for node in diagram.nodes:
        key, depth = node.frame, 0
        while key:
            inside.setdefault((key, numbers[node.lane]), set()).add(node.key)
            depths[key] = max(depths[key], depth)
            key, depth = frames[key].parent, depth + 1
    found = [Piece(f"{k}-{n}", frames[k].title, frozenset(nodes), depths[k]) for (k, n), nodes in inside.items()]
    return tuple(sorted(found, key=lambda piece: -piece.depth))


def framed(laid: str, diagram: Diagram, prefix: str = "") -> str:
    """Return a layout in DOT with the frames that hold nothing but their own nodes, to be drawn as it is.

    Where another step stands between those of a piece, the piece has no frame; its steps name their region anyway.
    """
    boxes = placed(laid, diagram.nodes)
    statements = list(_drawn(pieces(diagram), boxes, prefix))
    head, _, rest = laid.partition("graph [")
    at = rest.index("\tnode [")
    # a label "" that is the default of the library at that moment is not in its layout: say that it is
    unlabeled = _LINE.sub(_longer, rest[at:].replace("\tnode [", '\tnode [label="",\n\t\t', 1))
    return f"{head}graph [layout=nop2,\n\t\t{rest[:at]}{''.join(statements)}{unlabeled}"


def _longer(found: re.Match[str]) -> str:
    positions = found[2].replace("\\\n", "")  # Graphviz breaks long lines, inside of numbers too
    points = [[float(number) for number in point.split(",")] for point in positions.split()]
    (x, y), (last_x, last_y) = points[0], points[-1]
    ends = [f"{x},{y + _GAP}", *(f"{a},{b}" for a, b in points[1:-1]), f"{last_x},{last_y - _GAP}"]
    return f'{found[1]}{" ".join(ends)}"'


def placed(laid: str, nodes: tuple[DrawnNode, ...]) -> dict[str, Box]:
    """Return where the layout has put each node, by key."""
    starts = [(match.start(), match.group(1)) for match in _STATEMENT.finditer(laid)]
    ends = [start for start, _ in starts[1:]] + [len(laid)]
    found: dict[str, Box] = {}
    known = {node.key for node in nodes}
    for (start, key), end in zip(starts, ends, strict=True):
        text = laid[start:end]
        position, high, wide = _PLACED.search(text), _HIGH.search(text), _WIDE.search(text)
        if key in known and key not in found and position and high and wide:
            x, y = float(position.group(1)), float(position.group(2))
            half = float(wide.group(1)) * _POINTS / 2, float(high.group(1)) * _POINTS / 2
            found[key] = Box(x - half[0], y - half[1], x + half[0], y + half[1])
    return found


def _drawn(found: tuple[Piece, ...], boxes: Mapping[str, Box], prefix: str) -> Iterator[str]:
    for piece in found:
        first, *others = [boxes[key] for key in sorted(piece.nodes)]
        box = first.around(others, _MARGIN + _DEEPER * piece.depth)
        if any(box.touches(other) for key, other in boxes.items() if key not in piece.nodes):
            continue
        x, y = (box.left + box.right) / 2, (box.low + box.high) / 2
        yield (
            f'\t"frame{piece.key}" [id="{prefix}{piece.key}" class=frame shape=box style="rounded,dashed" '
            f'color="{BLUE}" fixedsize=true label="" tooltip="{escape_tooltip(piece.title)}" pos="{x:.2f},{y:.2f}" '
            f"width={(box.right - box.left) / _POINTS:.4f} height={(box.high - box.low) / _POINTS:.4f}];\n"
        )
