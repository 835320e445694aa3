"""``procflow compare``: what a reform changes, under the same cases and the same luck."""

from pathlib import Path
from typing import Annotated

import typer

from procflow.cli.app import command
from procflow.cli.language import spoken
from procflow.cli.options import (
    JsonOption,
    LangOption,
    Plan,
    takes_plan,
)
from procflow.cli.output import print_json, say
from procflow.cli.running import processes_of, run
from procflow.text import Text


@command()
@takes_plan
def compare(
    as_is: Annotated[Path, typer.Argument(metavar="AS_IS", help="Process file of the process as it is.")],
    to_be: Annotated[Path, typer.Argument(metavar="TO_BE", help="Process file of the process as it is to be.")],
    plan: Plan,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Compare two variants of a process under the same cases and the same luck."""
    from procflow import compare as compare_runs
    from procflow.analysis.compare import check_same_process

    whole = plan.resolve()
    variants = processes_of([as_is, to_be], plan)
    check_same_process(variants[0], variants[1:])
    if variants[0] == variants[1]:
        say(
            Text(en="both files hold the same: no difference is to be expected", zh="两个文件内容相同：不会有差别"),
            spoken(lang),
        )
    before, after = (run([variant], whole, spoken(lang)) for variant in variants)
    delta = compare_runs(before, after)
    if as_json:
        print_json(delta.to_data())
    else:
        typer.echo(delta.text(spoken(lang)))
