"""What a report rests on: every number of the definitions with its source or that it has none."""

from procflow.report.model import Cell, Section, Table
from procflow.report.numbers import NumberRow, number_rows
from procflow.report.sides import Side, Sides, columns
from procflow.text import Language, Text

_STATUS = {True: Text(en="assumed", zh="假设"), False: Text(en="no source", zh="未注明来源")}


def assumptions_section(sides: Sides, lang: Language) -> Section:
    """Return every number of the definitions: those without a source, then, folded, those with one."""
    lead = Text(
        en="Every number of the definition that names no source, then those that do. A result is no better than the "
        "assumptions above it.",
        zh="先列无来源的数值，再列有来源的数值。结果的可靠程度取决于这些假设。",
    ).get(lang)
    tables = []
    for side in sides:
        rows = number_rows(side.process, lang, sides.folder)
        tables.append(_table(side, [row for row in rows if not row.source], lang, sourced=False))
        tables.append(_table(side, [row for row in rows if row.source], lang, sourced=True))
    return Section("assumptions", Text(en="Assumptions", zh="假设与数据来源").get(lang), tuple(tables), lead=lead)


def _table(side: Side, rows: list[NumberRow], lang: Language, *, sourced: bool) -> Table:
    said = Text(en="with a source", zh="有来源") if sourced else Text(en="without a source", zh="无来源")
    title = Text(en="{}: {}, {}", zh="{}：{} {} 项").get(lang).format(side.name(lang), said.get(lang), len(rows))
    heads = columns(
        lang,
        ("number", Text(en="Number", zh="数值")),
        ("value", Text(en="Value", zh="取值")),
        ("source", Text(en="Source", zh="来源") if sourced else Text(en="Status", zh="状态")),
        ("file", Text(en="In the file", zh="文件位置")),
    )
    sheet = f"{said.get(lang)} {side.name(lang)}"
    key = f"numbers_{side.key}_{'sourced' if sourced else 'unsourced'}"
    return Table(key, title, heads, tuple(_row(row, lang) for row in rows), sheet, folded=sourced)


def _row(row: NumberRow, lang: Language) -> tuple[Cell, ...]:
    status = _STATUS[row.assumed].get(lang)
    if not row.source:
        return row.where, row.value, status, row.file
    comma = "，" if lang == "zh" else ", "
    return row.where, row.value, row.source + (comma + status if row.assumed else ""), row.file
