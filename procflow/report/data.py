"""A report as plain data for machines, and the JSON Schema that describes it. Names no absolute path."""

import json
from importlib.resources import files
from typing import Any

from procflow.report.model import Amount, Cell, Column, Content, Link, Table, Tile

FORMAT = 1
"""The version of the data's form; it changes when something is renamed or left out."""


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a report's data.

    >>> schema()["properties"]["procflow_report"]["const"]
    1
    """
    found: dict[str, Any] = json.loads((files("procflow.report") / "report.schema.json").read_text(encoding="utf-8"))
    return found


def report_data(report: Content) -> dict[str, Any]:
    """Return a report as plain data; files are named inside the folder that all have in common."""
    said = report.provenance
    return {
        "procflow_report": FORMAT,
        "lang": report.lang,
        "title": report.title,
        "conclusion": {name: [line.text for line in lines] for name, lines in report.conclusion.parts().items()},
        "figures": [_tile(tile) for tile in report.tiles],
        **report.data,
        "tables": {table.key: _table(section.key, table) for section in report.sections for table in section.tables},
        "provenance": {
            "version": said.version,
            "files": [{"file": file, "sha256": digest} for file, digest in said.files],
            "scenarios": [dict(facts) for facts in said.scenarios],
            "repeat": [
                {"command": each.inside, "file": each.file, "scenario": each.scenario} for each in said.repetitions
            ],
        },
    }


def report_json(report: Content) -> str:
    """Return a report as JSON."""
    return json.dumps(report_data(report), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _tile(tile: Tile) -> dict[str, Any]:
    after = tile.after.to_data() if tile.after else None
    return {"name": tile.name, "before": tile.before.to_data(), "after": after}


def _table(section: str, table: Table) -> dict[str, Any]:
    return {
        "section": section,
        "title": table.title,
        "columns": [{"key": column.key, "title": column.title} for column in table.columns],
        "rows": [_row(table.columns, row) for row in table.rows],
    }


def _row(columns: tuple[Column, ...], row: tuple[Cell, ...]) -> dict[str, Any]:
    return {column.key: _cell(cell) for column, cell in zip(columns, row, strict=True)}


def _cell(cell: Cell) -> Any:
    if isinstance(cell, Amount):
        return cell.to_data()
    if isinstance(cell, Link):
        return cell.text
    return [_cell(each) for each in cell] if isinstance(cell, tuple) else cell
