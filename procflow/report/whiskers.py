"""An interval as a small drawing: a line from its lower to its upper bound, a dot at the mean, a tick at zero."""

from markupsafe import Markup, escape

from procflow.report.model import Amount, Cell, Table
from procflow.text import Language

_WIDTH, _MARGIN = 160, 6


def whisker(table: Table, cell: Cell, lang: Language) -> Markup:
    """Return a cell's interval on the scale of all intervals of its table's column; '' where it has none."""
    if not isinstance(cell, Amount) or cell.low is None or cell.high is None:
        return Markup("")
    index = next(i for i, column in enumerate(table.columns) if column.key == table.whiskers)
    every = [row[index] for row in table.rows]
    bounds = [b for each in every if isinstance(each, Amount) for b in (each.low, each.high) if b is not None]
    low, high = min(0.0, *bounds), max(0.0, *bounds)
    scale = (_WIDTH - 2 * _MARGIN) / (high - low or 1.0)
    zero, left, middle, right = (_MARGIN + scale * (x - low) for x in (0.0, cell.low, cell.value, cell.high))
    look = "sure" if cell.sure else "unsure"
    return Markup(
        f'<svg class="whisker {look}" viewBox="0 0 {_WIDTH} 16" role="img" aria-label="{escape(cell.bounds(lang))}">'
        f'<line class="zero" x1="{zero:.1f}" x2="{zero:.1f}" y1="1" y2="15"/>'
        f'<line x1="{left:.1f}" x2="{right:.1f}" y1="8" y2="8"/><circle cx="{middle:.1f}" cy="8" r="4"/></svg>'
    )
