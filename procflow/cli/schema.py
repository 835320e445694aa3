"""``procflow schema``: the JSON Schema of the definition files, for completion in editors, and of reports."""

import json
from pathlib import Path
from typing import Annotated, get_args

import typer

from procflow.cli.app import command
from procflow.cli.language import spoken
from procflow.cli.options import LangOption
from procflow.cli.output import print_json, say
from procflow.text import Text


@command()
def schema(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for one file per kind; printed without.")
    ] = None,
    lang: LangOption = None,
) -> None:
    """Write the JSON Schema of the definition files, one per kind of file, and of a report's JSON."""
    from procflow.definition.schema import Kind, write_schemas
    from procflow.definition.schema import schema as schema_of
    from procflow.report.data import schema as schema_of_reports

    if output is None:
        print_json({kind: schema_of(kind) for kind in get_args(Kind)} | {"report": schema_of_reports()})
        return
    reports = output / "report.schema.json"
    written = (*write_schemas(output), reports)
    reports.write_text(json.dumps(schema_of_reports(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    for path in written:
        say(Text(en=f"wrote {path}", zh=f"已写入 {path}"), spoken(lang))
