"""``procflow check``: every problem of every file, by line and column."""

from pathlib import Path
from typing import Annotated

import typer

from procflow.cli.app import BAD_INPUT, command
from procflow.cli.language import spoken
from procflow.cli.options import JsonOption, LangOption
from procflow.cli.output import print_json
from procflow.errors import Problem
from procflow.text import Text


@command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Definition files of any kind.")],
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Check definition files: all problems at once, by file, line and column."""
    from procflow import check as check_file

    found = {str(file): check_file(file) for file in files}
    if as_json:
        print_json([{"file": file, "problems": [_plain(p) for p in problems]} for file, problems in found.items()])
    else:
        # two processes of one organization share its problems: each is shown once
        for problem in dict.fromkeys(p for problems in found.values() for p in problems):
            typer.echo(problem.text(spoken(lang)))
        sound, count = sum(not problems for problems in found.values()), len(found)
        told = Text(en=f"files without problems: {sound} of {count}", zh=f"{count} 个文件中 {sound} 个无误")
        typer.echo(told.get(spoken(lang)))
    if any(found.values()):
        raise typer.Exit(BAD_INPUT)


def _plain(problem: Problem) -> dict[str, object]:
    return {
        "file": problem.file,
        "line": problem.line or None,
        "column": problem.column or None,
        "code": problem.code,
        "message": {"en": problem.message.get("en"), "zh": problem.message.get("zh")},
    }
