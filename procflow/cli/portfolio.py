"""``procflow portfolio``: the report on many processes of one organization."""

from pathlib import Path
from typing import Annotated

import typer

from procflow.cli.app import command
from procflow.cli.language import spoken
from procflow.cli.options import LangOption, Plan, takes_plan
from procflow.cli.output import say
from procflow.cli.places import check_file
from procflow.cli.running import processes_of, run, shared
from procflow.text import Text


@command()
@takes_plan
def portfolio(
    plan: Plan,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Process files; by default those that the scenario file names."),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where to write the report: .html, .xlsx (Excel) or .json.")
    ] = Path("portfolio.html"),
    lang: LangOption = None,
) -> None:
    """Write a report on many processes: what is written down, what they share, where to begin."""
    from procflow.report.document import SUFFIXES
    from procflow.report.portfolio import portfolio as portfolio_of

    processes = processes_of(files or [], plan)
    check_file(output, files or [], SUFFIXES)
    done = run(processes, shared(plan.resolve(), processes), spoken(lang)) if plan.asks_for_a_run else None
    portfolio_of(processes, done, lang=spoken(lang)).save(output)
    say(Text(en=f"wrote {output}", zh=f"已写入 {output}"), spoken(lang))
