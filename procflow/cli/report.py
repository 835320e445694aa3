"""``procflow report``: the report for decision makers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from procflow.cli.app import command
from procflow.cli.language import spoken
from procflow.cli.options import (
    LangOption,
    Plan,
    takes_plan,
)
from procflow.cli.output import progress, say
from procflow.cli.places import check_file
from procflow.cli.running import processes_of, run
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.what_if.alternatives import Gain
    from procflow.simulation.run import Run


@command()
@takes_plan
def report(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Process file.")],
    plan: Plan,
    to_be: Annotated[
        Path | None,
        typer.Argument(metavar="[TO_BE]", help="Process file of the process as it is to be, to compare with."),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where to write the report: .html, .xlsx (Excel) or .json.")
    ] = Path("report.html"),
    what_if: Annotated[
        bool,
        typer.Option("--what-if", help="Simulate too what small changes of means and the end of each part would give."),
    ] = False,
    lang: LangOption = None,
) -> None:
    """Write a report for decision makers, of one variant or of two."""
    from procflow import analyze, compare
    from procflow import report as report_of
    from procflow.analysis.acceptance import load_accepted
    from procflow.report.document import SUFFIXES

    whole = plan.resolve()
    process, *reformed = processes_of([file] if to_be is None else [file, to_be], plan)
    inputs = [each for each in (file, to_be, plan.scenario) if each is not None]
    check_file(output, inputs, SUFFIXES)
    before = run([process], whole, spoken(lang))
    findings = analyze(process, before, accepted=load_accepted(process))
    gains = _gains(before, spoken(lang)) if what_if else ()
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
            gains=gains,
            lang=spoken(lang),
        )
    else:
        page = report_of(process, before, findings, gains=gains, lang=spoken(lang))
    page.save(output)
    say(Text(en=f"wrote {output}", zh=f"已写入 {output}"), spoken(lang))


def _gains(run: "Run", lang: Language) -> "tuple[Gain, ...]":
    from procflow.analysis.what_if.sensitivity import sensitivity
    from procflow.analysis.what_if.vanishing import vanishing

    with progress(Text(en="simulating changes", zh="逐项仿真"), lang) as show:
        return sensitivity(run, progress=show) + vanishing(run, progress=show)
