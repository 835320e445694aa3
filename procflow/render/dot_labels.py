"""The HTML-like labels of Graphviz: of nodes, arrows, and the caption with the legend. Places nothing."""

from collections.abc import Sequence

from procflow.render.labels import escape, wrap
from procflow.render.look import BLUE, CHANGES, FLAG, GRAY, HEAT, INK, TEXTLESS
from procflow.render.model import Arrow, Change, DrawnNode, LegendEntry

SIGNS: dict[Change, str] = {"added": "＋", "removed": "－", "moved": "⇄", "changed": "△"}
_BULLSEYE = '<FONT POINT-SIZE="20">◉</FONT>'
_WIDE = frozenset({"bar", "parallel"})


def node_label(node: DrawnNode, tag: str) -> str:
    """Return the label of a node; ``tag`` names the region in which it lies."""
    if node.shape in TEXTLESS:
        return '""'
    if node.shape == "region_end":
        return table([_BULLSEYE])
    rows = _rows(node, tag)
    if node.shape == "final":
        return table([_BULLSEYE, *rows])
    if node.shape == "parallel":
        return table(rows, cell='BORDER="1.6" SIDES="TB"', joined=True)
    if node.shape == "predefined":
        return table(rows, cell='BORDER="1.1" SIDES="LR"', joined=True)
    return table(rows)


def _rows(node: DrawnNode, tag: str) -> list[str]:
    limit = 34 if node.shape in _WIDE else 14 if node.shape == "branch" else 24
    strike = ("<S>", "</S>") if node.change == "removed" else ("", "")
    title = [f"{strike[0]}<B>{escape(line)}</B>{strike[1]}" for line in wrap(node.title, limit)]
    rows = _change(node.change, node.note, limit)
    rows += [_flags(node.flags)] if node.flags else []
    rows += [f'<FONT POINT-SIZE="8" COLOR="{BLUE}">∥ {escape(line)}</FONT>' for line in wrap(tag, limit + 6, 1)]
    rows += ['<FONT POINT-SIZE="11">' + "<BR/>".join(title) + "</FONT>"]
    small = wrap(node.subtitle, limit + 6, 3)
    rows += [f'<FONT POINT-SIZE="9" COLOR="{GRAY}">{escape(line)}</FONT>' for line in small]
    for mark in node.marks:
        lines = wrap(f"{mark.symbol} {mark.text}", limit + 6, 2)
        rows += [f'<FONT POINT-SIZE="9">{escape(line)}</FONT>' for line in lines]
    if node.heat:
        rows.append(f'<FONT POINT-SIZE="9" COLOR="{INK}"><B>▇ {escape(node.heat.text)}</B></FONT>')
    return rows


def arrow_label(arrow: Arrow) -> str:
    """Return the label of an arrow: its number in a badge, its lines, the flags of findings, a change."""
    rows = _change(arrow.change, arrow.note, 22)
    for index, line in enumerate(arrow.lines):
        rows += [escape(part) for part in wrap(line, 22, 2 if index else 3)]
    if arrow.heat:
        rows.append(f"<B>{escape(arrow.heat.text)}</B>")
    if arrow.flags:
        rows.append(_flags(arrow.flags))
    if not rows and not arrow.number:
        return '""'
    badge = f'<TD BGCOLOR="{BLUE}"><FONT COLOR="#FFFFFF"><B> {arrow.number} </B></FONT></TD>' if arrow.number else ""
    first, *others = [f'<TD ALIGN="LEFT">{row}</TD>' for row in rows] or [""]
    blank = "<TD></TD>" if arrow.number else ""
    body = f"<TR>{badge}{first}</TR>" + "".join(f"<TR>{blank}{other}</TR>" for other in others)
    padding = 1 if not arrow.weight else round(2 + 2 * arrow.weight)  # clear of a wide line
    return f'<<TABLE BORDER="0" CELLSPACING="1" CELLPADDING="{padding}">{body}</TABLE>>'


def table(rows: Sequence[str], *, cell: str = "", joined: bool = False) -> str:
    """Return a label of one row under the other; ``joined`` ones share a cell, with the borders of ``cell``."""
    body = f"<TR><TD {cell}>{'<BR/>'.join(rows)}</TD></TR>" if joined else ""
    body = body or "".join(f"<TR><TD>{row}</TD></TR>" for row in rows)
    padding = 6 if joined else 1
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}">{body}</TABLE>>'


def caption(title: str, legend: Sequence[LegendEntry], *, columns: int) -> str:
    """Return the title and the legend as one table, to stand under the drawing."""
    entries = [_entry(entry) for entry in legend if entry.grade is None]
    lines = ["".join(entries[i : i + columns]) for i in range(0, len(entries), columns)]
    scale = "".join(_entry(entry) for entry in legend if entry.grade is not None)
    parts = [f'<FONT POINT-SIZE="14"><B>{escape(title)}</B></FONT>']
    parts += [_grid(lines, 1)] if lines else []
    parts += [_grid([scale], 3)] if scale else []
    rows = "".join(f'<TR><TD ALIGN="LEFT">{part}</TD></TR>' for part in parts)
    return f'<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="2">{rows}</TABLE>>'


def _grid(lines: Sequence[str], spacing: int) -> str:
    rows = "".join(f"<TR>{line}</TR>" for line in lines)
    return f'<TABLE BORDER="0" CELLSPACING="{spacing}" CELLPADDING="2">{rows}</TABLE>'


def _entry(entry: LegendEntry) -> str:
    """Return two cells: a sample, and what it means."""
    sample, look = escape(entry.sample), ""
    if entry.grade is not None:
        look = f' BGCOLOR="{HEAT[entry.grade]}" BORDER="{1 + entry.grade}" COLOR="{INK}" WIDTH="26"'
    elif entry.change:
        sample = f'<FONT COLOR="{CHANGES[entry.change]}"><B>{sample}</B></FONT>'
    text = "<BR/>".join(escape(line) for line in wrap(entry.text, 56, 3))
    return f'<TD{look}>{sample}</TD><TD ALIGN="LEFT" BALIGN="LEFT">{text}   </TD>'


def _flags(numbers: tuple[int, ...]) -> str:
    shown = " ".join(f"⚑{number}" for number in numbers)
    return f'<FONT POINT-SIZE="9" COLOR="{FLAG}"><B>{shown}</B></FONT>'


def _change(change: Change, note: str, limit: int) -> list[str]:
    if not change or not note:
        return []
    lines = wrap(f"{SIGNS[change]} {note}", limit + 4, 3)
    return [f'<FONT POINT-SIZE="9" COLOR="{CHANGES[change]}"><B>{escape(line)}</B></FONT>' for line in lines]
