"""``procflow draw``: a process as a diagram."""

from pathlib import Path
from typing import Annotated

import typer

from procflow.cli.app import command
from procflow.cli.language import spoken
from procflow.cli.options import LangOption
from procflow.cli.output import say
from procflow.cli.places import check_file
from procflow.text import Text


@command()
def draw(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Process file.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where to write; the ending (svg, png, pdf, dot) says as what.")
    ],
    lang: LangOption = None,
) -> None:
    """Draw a process as a diagram with a lane for each department."""
    from procflow import draw as draw_process
    from procflow import load

    process = load(file)
    check_file(output, [file], (".svg", ".png", ".pdf", ".dot"))
    draw_process(process, lang=spoken(lang)).save(output)
    say(Text(en=f"wrote {output}", zh=f"已写入 {output}"), spoken(lang))
