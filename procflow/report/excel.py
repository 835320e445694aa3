"""A report as an Excel workbook, a sheet a table, for officials to go on working in. Computes nothing."""

import datetime as dt
import io
import math
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import xlsxwriter

from procflow.report.figures import unit_words
from procflow.report.model import Amount, Cell, Content, Link, Table
from procflow.text import Language, Text

_MADE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)
"""The date that the workbook names as its own: the same report gives the same bytes."""

_LONGEST_NAME = 31
_WIDEST = 60
_LOW, _HIGH = Text(en="{}, lower bound", zh="{}（区间下限）"), Text(en="{}, upper bound", zh="{}（区间上限）")
_UNIT = Text(en="{}, unit", zh="{}（单位）")

Formats = dict[str, Any]


def workbook(report: Content) -> bytes:
    """Return a report as the bytes of an ``.xlsx`` file: the conclusion, every table, the provenance.

    A number is a number, with its unit in the head of its column or, where units differ, in a column beside it; an
    interval has two columns of its own. Nothing that a definition says becomes a formula.
    """
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties({"title": report.title, "created": _MADE})
        formats = _formats(book)
        names: set[str] = set()
        _conclusion(book, report, formats, names)
        for table in report.tables:
            _sheet(book, table, report.lang, formats, names)
        _provenance(book, report, formats, names)
    return made.getvalue()


def _formats(book: Any) -> Formats:
    text = {"text_wrap": True, "valign": "top", "font_size": 10}
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format({**text, "bold": True, "bg_color": "#DCE6F1", "border": 1}),
        "text": book.add_format({**text, "border": 1}),
        "number": book.add_format({**text, "num_format": "#,##0.00", "border": 1}),
        "count": book.add_format({**text, "num_format": "#,##0", "border": 1}),
        "share": book.add_format({**text, "num_format": "0.0%", "border": 1}),
        "line": book.add_format(text),
        "heading": book.add_format({**text, "bold": True, "font_size": 12, "top": 1}),
    }


def _conclusion(book: Any, report: Content, formats: Formats, names: set[str]) -> None:
    sheet = _added(book, Text(en="Conclusion", zh="结论").get(report.lang), names)
    sheet.set_column(0, 0, 120)
    sheet.write_string(0, 0, report.title, formats["title"])
    for row, (line, form) in enumerate(_said(report), start=2):
        sheet.write_string(row, 0, line, formats[form])


def _said(report: Content) -> Iterator[tuple[str, str]]:
    """Yield the lines of the first sheet, each with its format: sentences, figures, the parts under headings."""
    said, lang = report.conclusion, report.lang
    yield from ((line.text, "line") for line in said.main)
    for tile in report.tiles:
        after = f" → {tile.after.short(lang)}" if tile.after else ""
        yield f"{tile.name}{'：' if lang == 'zh' else ': '}{tile.before.short(lang)}{after}", "line"
    for heading, lines in said.titled(lang):
        yield heading, "heading"
        yield from ((f"{line.text} {line.label}".strip() if "⚑" in line.label else line.text, "line") for line in lines)
    yield "", "line"
    yield from ((line.text, "line") for line in said.rests_on)


def _provenance(book: Any, report: Content, formats: Formats, names: set[str]) -> None:
    sheet = _added(book, Text(en="Provenance", zh="出处与复现").get(report.lang), names)
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 1, 90)
    said = report.provenance
    rows = [("procflow", said.version), *said.files, *(fact for facts in said.scenarios for fact in facts)]
    for again in said.repetitions:
        rows += [(again.file, again.scenario)] if again.scenario else []
        rows.append((Text(en="to repeat it", zh="复现命令").get(report.lang), again.command))
    for row, (name, value) in enumerate(rows):
        sheet.write_string(row, 0, name, formats["text"])
        sheet.write_string(row, 1, value, formats["text"])


def _sheet(book: Any, table: Table, lang: Language, formats: Formats, names: set[str]) -> None:
    sheet = _added(book, table.sheet or table.title, names)
    sheet.write_string(0, 0, table.title, formats["title"])
    grid = [_expanded(table, index, lang) for index in range(len(table.columns))]
    heads = [head for part in grid for head in part[0]]
    for column, head in enumerate(heads):
        sheet.write_string(2, column, head, formats["head"])
    widths = [_width(head) for head in heads]
    for row in range(len(table.rows)):
        cells = [cell for part in grid for cell in part[1][row]]
        for column, (value, form) in enumerate(cells):
            _write(sheet, row + 3, column, value, formats[form])
            widths[column] = max(widths[column], *(_width(line) for line in str(value).split("\n")))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(max(8, width + 2), _WIDEST))
    sheet.freeze_panes(3, 1)
    if table.rows:
        sheet.autofilter(2, 0, len(table.rows) + 2, len(heads) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)


def _expanded(table: Table, index: int, lang: Language) -> tuple[list[str], list[list[tuple[Any, str]]]]:
    """Return the heads and cells of a column: of numbers with their unit, and with both bounds where one has them."""
    title = table.columns[index].title
    cells = [row[index] for row in table.rows]
    amounts = [cell for cell in cells if isinstance(cell, Amount)]
    if not amounts:
        return [title], [[_plain(cell)] for cell in cells]
    units = {unit_words(each.unit, lang) for each in amounts}
    bounded = any(each.low is not None for each in amounts)
    one = len(units) == 1
    shown = f"{title} ({units.pop()})" if one and lang == "en" else f"{title}（{units.pop()}）" if one else title
    heads = [shown] + ([] if one else [_UNIT.get(lang).format(title)])
    heads += [each.get(lang).format(title) for each in (_LOW, _HIGH)] if bounded else []
    return heads, [_of_amount(cell, lang, one=one, bounded=bounded) for cell in cells]


def _of_amount(cell: Cell, lang: Language, *, one: bool, bounded: bool) -> list[tuple[Any, str]]:
    if not isinstance(cell, Amount):
        return [_plain(cell), *([("", "text")] * ((not one) + 2 * bounded))]
    form = "number" if cell.unit else "share"
    found: list[tuple[Any, str]] = [(cell.value, form)]
    if not one:
        found.append((unit_words(cell.unit, lang) if cell.unit else "", "text"))
    return found + ([(cell.low, form), (cell.high, form)] if bounded else [])


def _plain(cell: Cell) -> tuple[Any, str]:
    if isinstance(cell, int):
        return cell, "count"
    if isinstance(cell, Link):
        return cell.text, "text"
    return ("\n".join(str(_plain(each)[0]) for each in cell) if isinstance(cell, tuple) else cell or ""), "text"


def _write(sheet: Any, row: int, column: int, value: Any, form: Any) -> None:
    if isinstance(value, int | float) and math.isfinite(value):
        sheet.write_number(row, column, value, form)
    else:
        sheet.write_string(row, column, value if isinstance(value, str) else "", form)


def _added(book: Any, name: str, names: set[str]) -> Any:
    """Add a sheet; its name is shortened, made of allowed characters, and numbered where it is taken."""
    base = re.sub(r"[\[\]:*?/\\]", " ", name).strip().strip("'")[:_LONGEST_NAME] or "–"
    shown, number = base, 1
    while shown.lower() in names:
        number += 1
        shown = f"{base[: _LONGEST_NAME - 4]} {number}"
    names.add(shown.lower())
    return book.add_worksheet(shown)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
