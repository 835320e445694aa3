"""A drawing as data written in the DOT language: generated names, every label explicit and escaped. Runs nothing.

Lanes are columns from left to right, time runs downwards. Graphviz orders neither clusters nor what is in them, so
lanes are no clusters: invisible joints stand in a grid, one for each layer and each line between two lanes, and
invisible edges hold every node between its lines. The edges along a line are the line that is seen.
"""

import re
import unicodedata
from collections.abc import Iterator

from procflow.render.layers import layers
from procflow.render.model import Arrow, Diagram, DrawnNode, Lane

FONTS = "Noto Sans CJK SC,Microsoft YaHei,PingFang SC,WenQuanYi Micro Hei,sans-serif"
_BLUE, _GREEN, _ORANGE, _RED, _GRAY, _INK = "#0072B2", "#007A5A", "#B36B00", "#A33C00", "#4A4A4A", "#1A1A1A"
_HEAT = ("#FFFFFF", "#FFF3D6", "#FFDF9E", "#FBC866", "#F2AE2E")
"""One hue from light to dark after Okabe and Ito's orange, told apart by lightness alone."""

_FLAG = "#8A2B00"

_SHAPES = {
    "start": 'shape=circle style=filled fillcolor="#1A1A1A" width=0.22 fixedsize=true',
    "end": 'shape=box style="rounded,filled,bold" penwidth=2.6',
    "region_end": 'shape=doublecircle style=filled fillcolor="#1A1A1A" width=0.12 fixedsize=true',
    "step": 'shape=box style="filled"',
    "wait": 'shape=box style="filled,dashed"',
    "applicant": 'shape=box style="rounded,filled"',
    "decision": 'shape=box style="filled,diagonals" penwidth=1.6',
    "document": 'shape=note style="filled"',
    "bar": 'shape=box style="filled" fillcolor="#E8EEF4" penwidth=0',
}
_ARROWS = {
    "flow": f'color="{_INK}"',
    "handoff": f'color="{_BLUE}" penwidth=2.4',
    "applicant": f'color="{_GREEN}" style=dashed penwidth=1.4',
    "timeout": f'color="{_ORANGE}" style=dotted penwidth=2',
    "leave": f'color="{_RED}" style=dashed penwidth=1.6',
    "fork": f'color="{_GRAY}" penwidth=1.2',
    "start": f'color="{_INK}"',
}
_MOST_LINES = 4
_NEVER_FIRST = frozenset("）)”’」』》〉】、，。；：？！%…,.;:?!")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def escape(text: str) -> str:
    """Return text for an HTML-like label: no character keeps a meaning of its own.

    A backslash is doubled, since Graphviz reads ``\\N`` and its like in every label once the entities are gone.
    """
    text = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\\", "&#92;&#92;")):
        text = text.replace(character, entity)
    return text.replace("\r", "").replace("\n", "&#10;")


def escape_tooltip(text: str) -> str:
    """Return text for a quoted tooltip, in which Graphviz reads backslashes twice."""
    return escape(text.replace("\\", "\\\\"))


def width(text: str) -> int:
    """Return how wide a text is in halves of a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def wrap(text: str, limit: int, most: int = _MOST_LINES) -> list[str]:
    """Return a text in lines of at most ``limit`` half-widths, at most ``most`` of them; '…' ends a cut text.

    >>> wrap("receive and register", 12)
    ['receive and', 'register']
    """
    lines: list[str] = []
    line = ""
    for word in re.findall(r"[!-~]+\s*|\s+|.", text):
        while width(word.rstrip()) > limit:
            head = word[:limit] if not line else ""
            lines, line, word = [*lines, line or head], "", word[len(head) :]
        if width(line + word.rstrip()) > limit and word not in _NEVER_FIRST:
            lines, line = [*lines, line.rstrip()], ""
        line += word
    lines = [part for part in [*lines, line.rstrip()] if part.strip()]
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][: limit // 2 - 1] + "…"]


def to_dot(diagram: Diagram, *, prefix: str = "") -> str:
    """Return the drawing in the DOT language; ``prefix`` goes before every id, for several drawings on one page."""
    return "\n".join(_lines(diagram, prefix)) + "\n"


def _lines(diagram: Diagram, prefix: str) -> Iterator[str]:
    yield "digraph process {"
    yield (
        f'  graph [id="{prefix}diagram" rankdir=TB newrank=true nodesep=0.3 ranksep="0.42" '
        f'fontname="{FONTS}" fontsize=10 bgcolor="white" pad=0.15 labelloc=b labeljust=l tooltip=" " '
        f"label={_caption(diagram)}]"
    )
    yield f'  node [fontname="{FONTS}" fontsize=11 color="{_INK}" fontcolor="{_INK}" fillcolor="white" penwidth=1.1]'
    yield f'  edge [fontname="{FONTS}" fontsize=9 color="{_INK}" fontcolor="{_INK}" arrowsize=0.7]'
    ranks = layers(diagram)
    tags = {frame.key: frame.title for frame in diagram.frames} if diagram.lanes else {}
    for node in diagram.nodes:
        yield f"  {_node(node, tags.get(node.frame, ''), prefix)}"
    if diagram.lanes:
        yield from _lanes(diagram, ranks, prefix)
    else:
        yield from _frames(diagram, "", prefix)
    for arrow in diagram.arrows:
        yield f"  {_arrow(arrow, prefix, back=ranks[arrow.head] < ranks[arrow.tail])}"
    yield "}"


def _lanes(diagram: Diagram, ranks: dict[str, int], prefix: str) -> Iterator[str]:
    """Yield the lanes' headers, the lines between them, and what holds every node between its two lines."""
    last = max(ranks.values()) + 2
    lines = range(len(diagram.lanes) + 1)
    for line in lines:
        joints = " ".join(f"b{rank}_{line};" for rank in range(last + 1))
        yield f'  {{ node [label="" shape=point style=invis width=0.01 group=line{line}] {joints} }}'
    for rank in range(last + 1):
        yield "  { rank=same; " + " -> ".join(f"b{rank}_{line}" for line in lines) + " [style=invis] }"
    for number, lane in enumerate(diagram.lanes):
        yield f"  {_header(lane, number, prefix)}"
        yield f"  {{ rank=same; b0_0; h{number} }}"
        yield from _between(f"h{number}", 0, number)
    numbers = {lane.key: number for number, lane in enumerate(diagram.lanes)}
    for node in diagram.nodes:
        yield f"  {{ rank=same; b{ranks[node.key] + 1}_0; {node.key} }}"
        yield from _between(node.key, ranks[node.key] + 1, numbers[node.lane])
    for line in lines:
        joints = " -> ".join(f"b{rank}_{line}" for rank in range(last + 1))
        yield f'  {joints} [class="lane-line" color="#9AA5B1" penwidth=1.2 weight=1000 label=""'
        yield "    arrowhead=none headclip=false tailclip=false]"


def _between(key: str, rank: int, lane: int) -> Iterator[str]:
    yield f"  b{rank}_{lane} -> {key} -> b{rank}_{lane + 1} [style=invis weight=1]"


def _header(lane: Lane, number: int, prefix: str) -> str:
    rows = [f"<B>{escape(part)}</B>" for part in wrap(lane.title, 22, 2)]
    rows += [f'<FONT POINT-SIZE="9">{escape(part)}</FONT>' for part in wrap(lane.subtitle, 28, 2)]
    return (
        f'h{number} [id="{prefix}lane{number}" class="lane" shape=box style=filled fillcolor="#DCE6EE" color="#9AA5B1" '
        f'width=1.9 tooltip="{escape_tooltip(lane.title)}" label={_table(rows)}]'
    )


def _frames(diagram: Diagram, parent: str, prefix: str) -> Iterator[str]:
    """Yield the frames directly inside one frame ('' for the whole), each with its nodes."""
    for frame in (frame for frame in diagram.frames if frame.parent == parent):
        label = "<BR/>".join(escape(part) for part in wrap(frame.title, 40, 2))
        yield f'  subgraph cluster_{frame.key} {{ id="{prefix}{frame.key}" style="rounded,dashed" color="{_BLUE}"'
        yield f'    fontsize=9 fontcolor="{_BLUE}" labelloc=t labeljust=l margin=8'
        yield f'    tooltip="{escape_tooltip(frame.title)}" label=<{label}>'
        yield "    " + "; ".join(node.key for node in diagram.nodes if node.frame == frame.key)
        yield from _frames(diagram, frame.key, prefix)
        yield "  }"


def _node(node: DrawnNode, tag: str, prefix: str) -> str:
    label = '""' if node.shape in ("start", "region_end") else _label(node, tag)
    look = _SHAPES[node.shape]
    if node.heat and node.heat.grade:
        look += f' fillcolor="{_HEAT[node.heat.grade]}" penwidth={1.1 + 0.8 * node.heat.grade:.1f}'
    tooltip = escape_tooltip(node.tooltip or node.title)
    return f'{node.key} [id="{prefix}{node.id}" class="{node.shape}" {look} tooltip="{tooltip}" label={label}]'


def _label(node: DrawnNode, tag: str) -> str:
    limit = 24 if node.shape != "bar" else 34
    title = [f"<B>{escape(line)}</B>" for line in wrap(node.title, limit)]
    rows = [_flags(node.flags)] if node.flags else []
    rows += [f'<FONT POINT-SIZE="8" COLOR="{_BLUE}">∥ {escape(line)}</FONT>' for line in wrap(tag, limit + 6, 1)]
    rows += ['<FONT POINT-SIZE="11">' + "<BR/>".join(title) + "</FONT>"]
    small = wrap(node.subtitle, limit + 6, 3)
    rows += [f'<FONT POINT-SIZE="9" COLOR="{_GRAY}">{escape(line)}</FONT>' for line in small]
    for mark in node.marks:
        lines = wrap(f"{mark.symbol} {mark.text}", limit + 6, 2)
        rows += [f'<FONT POINT-SIZE="9">{escape(line)}</FONT>' for line in lines]
    if node.heat:
        rows.append(f'<FONT POINT-SIZE="9" COLOR="{_INK}"><B>▇ {escape(node.heat.text)}</B></FONT>')
    return _table(rows)


def _table(rows: list[str]) -> str:
    cells = "".join(f"<TR><TD>{row}</TD></TR>" for row in rows)
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{cells}</TABLE>>'


def _flags(numbers: tuple[int, ...]) -> str:
    shown = " ".join(f"⚑{number}" for number in numbers)
    return f'<FONT POINT-SIZE="9" COLOR="{_FLAG}"><B>{shown}</B></FONT>'


def _arrow(arrow: Arrow, prefix: str, *, back: bool) -> str:
    look = _ARROWS[arrow.kind]
    if arrow.number and arrow.kind == "fork":
        look = _ARROWS["handoff"]
    rows = []
    for index, line in enumerate(arrow.lines):
        rows += [escape(part) for part in wrap(line, 22, 2 if index else 3)]
    if arrow.flags:
        rows.append(_flags(arrow.flags))
    label = _arrow_label(rows, arrow.number) if rows or arrow.number else '""'
    tooltip = escape_tooltip(arrow.tooltip or " ")
    shown = f'{look} tooltip="{tooltip}" labeltooltip="{tooltip}" edgetooltip="{tooltip}" label={label}'
    ends = f"{arrow.head} -> {arrow.tail}" if back else f"{arrow.tail} -> {arrow.head}"
    return f'{ends} [id="{prefix}{arrow.id}" class="{arrow.kind}" {"dir=back " if back else ""}{shown}]'


def _arrow_label(rows: list[str], number: int) -> str:
    badge = f'<TD BGCOLOR="{_BLUE}"><FONT COLOR="#FFFFFF"><B> {number} </B></FONT></TD>' if number else ""
    first, *others = [f'<TD ALIGN="LEFT">{row}</TD>' for row in rows] or [""]
    blank = "<TD></TD>" if number else ""
    body = f"<TR>{badge}{first}</TR>" + "".join(f"<TR>{blank}{other}</TR>" for other in others)
    return f'<<TABLE BORDER="0" CELLSPACING="1" CELLPADDING="1">{body}</TABLE>>'


def _caption(diagram: Diagram) -> str:
    """Return the title and the legend, as one table under the drawing."""
    entries = [f"{escape(e.sample)} {escape(e.text)}" for e in diagram.legend]
    columns = 4 if len(diagram.lanes) > 3 else 2
    name = f'<FONT POINT-SIZE="14"><B>{escape(diagram.title)}</B></FONT>'
    title = f'<TR><TD ALIGN="LEFT" COLSPAN="{columns}">{name}</TD></TR>'
    rows = [entries[i : i + columns] for i in range(0, len(entries), columns)]
    cells = "".join("<TR>" + "".join(f'<TD ALIGN="LEFT">{c}   </TD>' for c in row) + "</TR>" for row in rows)
    return f'<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="2">{title}{cells}</TABLE>>'
