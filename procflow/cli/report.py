"""``procflow report``: the report for decision makers."""

from pathlib import Path
from typing import Annotated

import typer

from procflow.cli.app import command
from procflow.cli.language import spoken
from procflow.cli.options import (
    LangOption,
    Plan,
    takes_plan,
)
from procflow.cli.output import say
from procflow.cli.places import check_file
from procflow.cli.running import processes_of, run
from procflow.text import Text


@command()
@takes_plan
def report(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Process file.")],
    plan: Plan,
    to_be: Annotated[
        Path | None,
        typer.Argument(metavar="[TO_BE]", help="Process file of the process as it is to be, to compare with."),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write the report (HTML).")] = Path(
        "report.html"
    ),
    lang: LangOption = None,
) -> None:
    """Write a report for decision makers, of one variant or of two."""
    from procflow import analyze, compare
    from procflow import report as report_of
    from procflow.analysis.acceptance import load_accepted

    whole = plan.resolve()
    process, *reformed = processes_of([file] if to_be is None else [file, to_be], plan)
    inputs = [each for each in (file, to_be, plan.scenario) if each is not None]
    check_file(output, inputs, (".html", ".htm"))
    before = run([process], whole, spoken(lang))
    findings = analyze(process, before, accepted=load_accepted(process))
    if reformed:
        after = run(reformed, whole, spoken(lang))
        page = report_of(
            process,
            before,
            findings,
            compare(before, after),
            after=reformed[0],
            after_run=after,
            after_findings=analyze(reformed[0], after, accepted=load_accepted(reformed[0])),
            lang=spoken(lang),
        )
    else:
        page = report_of(process, before, findings, lang=spoken(lang))
    page.save(output)
    say(Text(en=f"wrote {output}", zh=f"已写入 {output}"), spoken(lang))
