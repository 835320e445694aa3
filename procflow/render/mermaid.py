"""A drawing as Mermaid text: a flowchart with lanes and frames as subgraphs. Runs nothing, and needs no Graphviz.

Mermaid places everything itself and knows no columns, so lanes are boxes around their steps. Tooltips, the legend and
the samples of an overlay are left out; what an overlay or a comparison says stands in the labels and in classes.
"""

from collections.abc import Iterator

from procflow.render.dot_labels import SIGNS
from procflow.render.look import BLUE, CHANGES, GREEN, HEAT, INK, ORANGE, RED
from procflow.render.model import Arrow, Diagram, DrawnNode, Matrix

_SHAPES = {
    "start": '(("{}"))',
    "end": '(["{}"])',
    "final": '((("{}")))',
    "region_end": '((("{}")))',
    "applicant": '("{}")',
    "state": '("{}")',
    "decision": '{{{{"{}"}}}}',
    "branch": '{{"{}"}}',
    "terminator": '(["{}"])',
    "manual": '[\\"{}"/]',
    "data": '[/"{}"/]',
    "document": '>"{}"]',
    "paper": '>"{}"]',
    "predefined": '[["{}"]]',
    "entry": '(("{}"))',
    "exit": '(("{}"))',
    "connector": '(("{}"))',
}
_BOX = '["{}"]'
_BLANK = frozenset({"start", "region_end", "entry", "exit", "connector"})
_LINES = {"applicant": "-.->", "timeout": "-.->", "leave": "-.->", "carried": "-.->", "keyed": "-.->", "handoff": "==>"}
_STYLES = {
    **{f"heat{grade}": f"fill:{fill},stroke-width:{1 + grade}px" for grade, fill in enumerate(HEAT)},
    "added": f"stroke:{CHANGES['added']},stroke-width:4px",
    "removed": f"stroke:{CHANGES['removed']},stroke-dasharray:5 4,color:{CHANGES['removed']}",
    "moved": f"stroke:{CHANGES['moved']},stroke-width:3px",
    "changed": f"stroke:{CHANGES['changed']},stroke-width:3px",
    "sync": f"fill:{INK},color:#FFFFFF",
    "wait": "stroke-dasharray:5 4",
    "island": f"stroke:{RED},stroke-dasharray:5 4",
}
_COLORS = {"handoff": BLUE, "applicant": GREEN, "timeout": ORANGE, "leave": RED, "carried": RED, "keyed": ORANGE}


def to_mermaid(diagram: Diagram) -> str:
    """Return the drawing as a Mermaid flowchart; the same drawing gives the same text."""
    return "\n".join(_lines(diagram)) + "\n"


def matrix_mermaid(matrix: Matrix) -> str:
    """Return a matrix as a Mermaid flowchart, which knows no tables: rows on the left, an arrow for every cell."""
    lines = ["flowchart LR", f"  %% {' '.join(matrix.title.split())}"]
    lines += [f'  r{number}["{escape_mermaid(row)}"]' for number, row in enumerate(matrix.rows)]
    lines += [f'  c{number}("{escape_mermaid(column)}")' for number, column in enumerate(matrix.columns)]
    for (row, column), cell in sorted(matrix.cells.items()):
        lines.append(f'  r{row} -->|"{escape_mermaid(cell.text)}"| c{column}')
    return "\n".join(lines) + "\n"


def escape_mermaid(text: str) -> str:
    """Return text for a quoted Mermaid label: as entities of Mermaid (``#35;``) what it or HTML would read.

    >>> escape_mermaid('a "b" <c> #1')
    'a #34;b#34; #60;c#62; #35;1'
    """
    kept = (c if c not in '#"<>&\\`*_' else f"#{ord(c)};" for c in text)
    return "".join(c if c >= " " and not "\ud800" <= c <= "\udfff" else " " for c in kept)


def _lines(diagram: Diagram) -> Iterator[str]:
    yield "flowchart TB"
    yield f"  %% {' '.join(diagram.title.split())}"
    if diagram.lanes:
        for number, lane in enumerate(diagram.lanes):
            title = f"{lane.title}（{lane.subtitle}）" if lane.subtitle else lane.title
            yield f'  subgraph lane{number}["{escape_mermaid(title)}"]'
            yield from (f"    {_node(node)}" for node in diagram.nodes if node.lane == lane.key)
            yield "  end"
    else:
        yield from _framed(diagram, "")
    yield from (f"  {_arrow(arrow)}" for arrow in diagram.arrows)
    yield from _styled(diagram)


def _framed(diagram: Diagram, parent: str) -> Iterator[str]:
    yield from (f"  {_node(node)}" for node in diagram.nodes if node.frame == parent)
    for frame in (frame for frame in diagram.frames if frame.parent == parent):
        yield f'  subgraph {frame.key}["{escape_mermaid(frame.title)}"]'
        yield from _framed(diagram, frame.key)
        yield "  end"


def _node(node: DrawnNode) -> str:
    flags = " ".join(f"⚑{number}" for number in node.flags)
    change = f"{SIGNS[node.change]} {node.note}" if node.note else ""
    title = "" if node.shape in _BLANK else node.title
    marks = [f"{mark.symbol} {mark.text}" for mark in node.marks if node.shape not in _BLANK]
    heat = node.heat.text if node.heat else ""
    parts = [escape_mermaid(part) for part in (change, flags, title, node.subtitle, *marks, heat) if part]
    return node.key + _SHAPES.get(node.shape, _BOX).format("<br/>".join(parts) or " ")


def _arrow(arrow: Arrow) -> str:
    change = f"{SIGNS[arrow.change]} {arrow.note}" if arrow.note else ""
    heat = arrow.heat.text if arrow.heat else ""
    flags = " ".join(f"⚑{number}" for number in arrow.flags)
    number = f"({arrow.number})" if arrow.number else ""
    parts = [escape_mermaid(part) for part in (change, number, *arrow.lines, heat, flags) if part]
    line = "-.->" if arrow.change == "removed" else "==>" if arrow.number else _LINES.get(arrow.kind, "-->")
    label = f'|"{"<br/>".join(parts)}"|' if parts else ""
    return f"{arrow.tail} {line}{label} {arrow.head}"


def _styled(diagram: Diagram) -> Iterator[str]:
    """Yield the classes of the nodes, links and the colors of the arrows."""
    used: dict[str, list[str]] = {}
    for node in diagram.nodes:
        grade = f"heat{node.heat.grade}" if node.heat else ""
        for name in (node.change, node.shape if node.shape in _STYLES else "", grade):
            if name:
                used.setdefault(name, []).append(node.key)
        if node.link:
            yield f'  click {node.key} "{node.link.replace(chr(34), "%22")}"'
    for name in _STYLES:
        if name in used:
            yield f"  classDef {name} {_STYLES[name]}"
            yield f"  class {','.join(used[name])} {name}"
    for number, arrow in enumerate(diagram.arrows):
        color = CHANGES[arrow.change] if arrow.change else _COLORS.get(arrow.kind)
        if color:
            yield f"  linkStyle {number} stroke:{color}"
