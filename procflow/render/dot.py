"""A drawing as data written in the DOT language: generated names, every label explicit and escaped. Runs nothing.

Lanes are columns from left to right, time runs downwards. Graphviz orders neither clusters nor what is in them, so
lanes are no clusters: invisible joints stand in a grid, one for each layer and each line between two lanes, and
invisible edges hold every node between its lines. The edges along a line are the line that is seen. What is framed
inside a lane is framed after the layout (``frames``), since a cluster would pull its nodes out of their lanes.
"""

from collections.abc import Iterable, Iterator, Mapping

from procflow.render.dot_labels import arrow_label, caption, node_label, table
from procflow.render.labels import escape, escape_tooltip, wrap
from procflow.render.layers import layers
from procflow.render.look import BLUE, FONTS, INK, LINE, Attributes, arrow_look, node_look
from procflow.render.model import Arrow, Diagram, DrawnNode, Frame, Lane


def to_dot(diagram: Diagram, *, prefix: str = "") -> str:
    """Return the drawing in the DOT language; ``prefix`` goes before every id, for several drawings on one page."""
    return "\n".join(_lines(diagram, prefix)) + "\n"


_MANY_JOINTS = 1500
"""From so many joints on the horizontal places are searched for a while only: a drawing of 200 states in 12 lanes takes
15 s instead of 40 s, and some lines are less straight."""


def heading(legend: str, prefix: str, *, hurried: bool = False) -> Iterator[str]:
    """Yield the first lines of every drawing: its fonts and colors, with the title and legend under it."""
    limits = "nslimit=0.5 " if hurried else ""
    yield "digraph process {"
    yield (
        f'  graph [id="{prefix}diagram" {limits}rankdir=TB newrank=true nodesep=0.3 ranksep="0.42" '
        f'fontname="{FONTS}" fontsize=10 bgcolor="white" pad=0.15 labelloc=b labeljust=l tooltip=" " '
        f"label={legend}]"
    )
    yield f'  node [fontname="{FONTS}" fontsize=11 color="{INK}" fontcolor="{INK}" fillcolor="white" penwidth=1.1]'
    yield f'  edge [fontname="{FONTS}" fontsize=9 color="{INK}" fontcolor="{INK}" arrowsize=0.7]'


def _lines(diagram: Diagram, prefix: str) -> Iterator[str]:
    ranks = layers(diagram) if diagram.ranks is None else diagram.ranks
    hurried = len(set(ranks.values())) * len(diagram.lanes) > _MANY_JOINTS
    words = caption(diagram.title, diagram.legend, columns=4 if len(diagram.lanes) > 3 else 2)
    yield from heading(words, prefix, hurried=hurried)
    tags = {frame.key: frame.title for frame in diagram.frames} if diagram.lanes else {}
    for node in diagram.nodes:
        yield f"  {_node(node, tags.get(node.frame, ''), prefix)}"
    if diagram.lanes:
        yield from _lanes(diagram, ranks, prefix)
    else:
        yield from _frames(diagram, "", prefix)
    for arrow in diagram.arrows:
        back = ranks[arrow.head] < ranks[arrow.tail]
        yield f"  {_arrow(arrow, prefix, back=back, compared=diagram.compared)}"
    yield "}"


def _lanes(diagram: Diagram, ranks: Mapping[str, int], prefix: str) -> Iterator[str]:
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
        yield f'  {joints} [class="lane-line" color="{LINE}" penwidth=1.2 weight=1000 label=""'
        yield "    arrowhead=none headclip=false tailclip=false]"


def _between(key: str, rank: int, lane: int) -> Iterator[str]:
    yield f"  b{rank}_{lane} -> {key} -> b{rank}_{lane + 1} [style=invis weight=1]"


def _header(lane: Lane, number: int, prefix: str) -> str:
    rows = [f"<B>{escape(part)}</B>" for part in wrap(lane.title, 22, 2)]
    rows += [f'<FONT POINT-SIZE="9">{escape(part)}</FONT>' for part in wrap(lane.subtitle, 28, 2)]
    return (
        f'h{number} [id="{prefix}lane{number}" class="lane" shape=box style=filled fillcolor="#DCE6EE" color="{LINE}" '
        f'width=1.9 tooltip="{escape_tooltip(lane.title)}" label={table(rows)}]'
    )


def _frames(diagram: Diagram, parent: str, prefix: str) -> Iterator[str]:
    """Yield the frames directly inside one frame ('' for the whole), each with its nodes."""
    for frame in (frame for frame in diagram.frames if frame.parent == parent):
        label = "<BR/>".join(escape(part) for part in wrap(frame.title, 40, 2))
        inner = _frames(diagram, frame.key, prefix)
        nodes = [node.key for node in diagram.nodes if node.frame == frame.key]
        yield from _cluster(frame, frame.key, inner, nodes, prefix, label=label)


def _cluster(
    frame: Frame, key: str, inner: Iterable[str], nodes: list[str], prefix: str, *, label: str = ""
) -> Iterator[str]:
    style, color = ("rounded,dashed", BLUE) if frame.region else ("rounded", INK)
    yield f'  subgraph "cluster_{key}" {{ id="{prefix}{key}" class="frame" style="{style}" color="{color}"'
    yield f'    fontsize=9 fontcolor="{color}" labelloc=t labeljust=l margin=8'
    shown = f"<{label}>" if label else '""'
    yield f'    tooltip="{escape_tooltip(frame.title)}" label={shown}'
    yield "    " + "; ".join(nodes)
    yield from inner
    yield "  }"


def _node(node: DrawnNode, tag: str, prefix: str) -> str:
    tooltip = escape_tooltip(node.tooltip or node.title)
    more = {**node_look(node), **_link(node.link)}
    names = " ".join(filter(None, (node.shape, node.change)))
    return (
        f'{node.key} [id="{prefix}{node.id}" class="{names}" {_written(more)} tooltip="{tooltip}" '
        f"label={node_label(node, tag)}]"
    )


def _arrow(arrow: Arrow, prefix: str, *, back: bool, compared: bool) -> str:
    tooltip = escape_tooltip(arrow.tooltip or " ")
    look = {**arrow_look(arrow, compared=compared), **_link(arrow.link)}
    tips = f'tooltip="{tooltip}" labeltooltip="{tooltip}" edgetooltip="{tooltip}"'
    ends = f"{arrow.head} -> {arrow.tail}" if back else f"{arrow.tail} -> {arrow.head}"
    names = " ".join(filter(None, (arrow.kind, arrow.change)))
    turned = "dir=back " if back else ""
    return (
        f'{ends} [id="{prefix}{arrow.id}" class="{names}" {turned}{_written(look)} {tips} label={arrow_label(arrow)}]'
    )


def _link(address: str) -> Attributes:
    return {"URL": escape_tooltip(address)} if address else {}


def _written(attributes: Attributes) -> str:
    return " ".join(f'{name}="{value}"' for name, value in attributes.items())
