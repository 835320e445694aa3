"""A matrix in the DOT language: one node whose label is the table. Runs nothing."""

from collections.abc import Iterator

from procflow.render.dot import heading
from procflow.render.dot_labels import caption
from procflow.render.labels import escape, wrap
from procflow.render.look import HEAT, INK, LINE
from procflow.render.model import Cell, Matrix


def matrix_dot(matrix: Matrix, *, prefix: str = "") -> str:
    """Return a matrix in the DOT language; ``prefix`` goes before every id."""
    lines = [*heading(caption(matrix.title, matrix.legend, columns=2), prefix), *_table(matrix, prefix), "}"]
    return "\n".join(lines) + "\n"


def _table(matrix: Matrix, prefix: str) -> Iterator[str]:
    yield f'  n0 [id="{prefix}matrix" class="matrix" shape=plain tooltip=" " label=<'
    yield f'    <TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="5" COLOR="{LINE}">'
    heads = "".join(_head(column) for column in matrix.columns)
    yield f"    <TR>{_head(matrix.corner)}{heads}</TR>"
    for row, label in enumerate(matrix.rows):
        anchor = f' ID="{prefix}{matrix.ids[row]}"' if matrix.ids else ""
        link = escape(matrix.links[row]) if matrix.links else "#"
        name = f'<TD ALIGN="LEFT"{anchor} HREF="{link}" TITLE="{escape(label)}">{_lines(label, 30)}</TD>'
        cells = "".join(_cell(matrix.cells.get((row, column))) for column in range(len(matrix.columns)))
        yield f"    <TR>{name}{cells}</TR>"
    yield "    </TABLE>>]"


def _head(text: str) -> str:
    return f'<TD BGCOLOR="#DCE6EE"><B>{_lines(text, 14)}</B></TD>'


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "<TD></TD>"
    look = f' BGCOLOR="{HEAT[cell.grade]}" BORDER="{cell.grade}" COLOR="{INK}"' if cell.grade > 1 else ""
    title = f' HREF="#" TITLE="{escape(cell.tooltip)}"' if cell.tooltip else ""
    return f"<TD{look}{title}>{escape(cell.text)}</TD>"


def _lines(text: str, limit: int) -> str:
    return "<BR/>".join(escape(line) for line in wrap(text, limit, 3))
