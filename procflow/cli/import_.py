"""``procflow import``: writes the definition files of a process that another tool describes."""

from pathlib import Path
from typing import Annotated

import typer

from procflow.cli.app import app, command
from procflow.cli.language import spoken
from procflow.cli.options import LangOption
from procflow.cli.output import say
from procflow.errors import ProcflowError
from procflow.text import Text

group = typer.Typer(no_args_is_help=True, help="Write the definition files of a process that another tool describes.")
app.add_typer(group, name="import")


@command(group=group)
def digit(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Workflow of DIGIT (JSON).")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")] = Path(),
    lang: LangOption = None,
) -> None:
    """Write the definition files of a DIGIT workflow, and say what it leaves open."""
    from procflow.definition.dump import dump
    from procflow.interop.digit import read_digit
    from procflow.render.drawing import replace

    found = read_digit(file)
    output.mkdir(parents=True, exist_ok=True)
    process = output / f"{found.definition.process}.yaml"
    organization = output / found.definition.organization
    for place in (process, organization):
        if place.exists():
            raise ProcflowError(
                Text(
                    en=f"{place} is there already: remove it, or choose another folder with --output",
                    zh=f"{place} 已存在：请删除，或用 --output 指定其他文件夹",
                )
            )
    said = "".join(f"# - {note.get(spoken(lang))}\n" for note in found.notes)
    head = Text(en=f"Imported from {file.name}. What it leaves open:", zh=f"由 {file.name} 导入。尚待补充：")
    replace(organization, dump(found.organization).encode())
    replace(process, f"# {head.get(spoken(lang))}\n{said}{dump(found.definition)}".encode())
    for note in found.notes:
        say(note, spoken(lang))
    say(Text(en=f"wrote {process} and {organization}", zh=f"已写入 {process} 和 {organization}"), spoken(lang))
