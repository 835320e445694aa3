"""A map with too many arrows to follow as a matrix: from the rows to the columns. Draws nothing."""

from procflow.render.model import Cell, Diagram, LegendEntry, Matrix
from procflow.text import Language, Text

_MOST_ARROWS = 2.5
"""Arrows per node up to which a map can be followed."""

_CORNER = Text(en="from ↓ to →", zh="由 ↓ 至 →")
_SHARES = (0.1, 0.25, 0.5, 0.75)
_SCALE = Text(en="the darker and the thicker, the more", zh="颜色越深、边框越粗，数量越多")


def readable(diagram: Diagram, lang: Language) -> Diagram | Matrix:
    """Return a map as it is, or as a matrix where more arrows cross it than can be followed."""
    if len(diagram.arrows) <= _MOST_ARROWS * len(diagram.nodes):
        return diagram
    places = {node.key: number for number, node in enumerate(diagram.nodes)}
    titles = {node.key: node.title for node in diagram.nodes}
    cells = {
        (places[arrow.tail], places[arrow.head]): Cell(
            " ".join(arrow.lines),
            f"{titles[arrow.tail]} → {titles[arrow.head]}",
            sum(arrow.weight > share for share in _SHARES),
        )
        for arrow in diagram.arrows
    }
    rows = tuple(_row(node.title, node.subtitle, node.heat.text if node.heat else "") for node in diagram.nodes)
    entries = (entry for entry in diagram.legend if entry.sample != "━")
    legend = (*entries, LegendEntry("▇", _SCALE.get(lang)))
    ids = tuple(node.id for node in diagram.nodes)
    return Matrix(diagram.title, _CORNER.get(lang), rows, tuple(titles.values()), cells, legend, ids)


def _row(title: str, *more: str) -> str:
    inside = ", ".join(part for part in more if part)
    return f"{title} ({inside})" if inside else title
