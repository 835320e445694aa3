"""``procflow simulate``: how long cases take, and why."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from procflow.cli.app import command
from procflow.cli.language import spoken
from procflow.cli.options import JsonOption, LangOption, Plan, SaveToOption, takes_plan
from procflow.cli.output import print_json, print_metrics, say
from procflow.cli.places import check_run_places
from procflow.cli.running import keep, processes_of, run_or_part, shared
from procflow.cli.split import print_split
from procflow.errors import ProcflowError
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.analysis.metrics import Metric
    from procflow.simulation.run import Run


@command()
@takes_plan
def simulate(
    plan: Plan,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Process files; several share the departments of one organization."),
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            "--precision",
            help="Replicate until the 95 % interval of the mean cycle time is within this share of it, such as 0.02.",
        ),
    ] = None,
    store: SaveToOption = None,
    save: Annotated[Path | None, typer.Option("--save", help="Save the run's tables in this folder.")] = None,
    into: Annotated[
        Path | None,
        typer.Option("--into", help="Write the tables in this folder as they come: runs of any size fit into memory."),
    ] = None,
    by: Annotated[
        Literal["state", "transition", "department", "level", "territory", "system", "handoff"] | None,
        typer.Option(
            "--by", help="Print where the cycle time went instead of the metrics: the parts sum to it exactly."
        ),
    ] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Simulate processes and print how long cases take and why; Ctrl-C stops early with what is finished."""
    _refuse_conflicts(plan, precision=precision, into=into, kept=save is not None or store is not None)
    whole = plan.resolve()
    processes = processes_of(files or [], plan)
    check_run_places(save or into, store)
    done, status = run_or_part(processes, shared(whole, processes), spoken(lang), precision=precision, into=into)
    summaries = _summaries(done, streamed=into is not None) if by is None or store is not None else {}
    if by is not None:
        print_split(done, by, as_json=as_json, lang=spoken(lang))
    elif as_json:
        print_json({name: [metric.to_data() for metric in metrics] for name, metrics in summaries.items()})
    else:
        for process in done.processes:
            typer.echo(f"{process.label(spoken(lang))} · {process.variant}")
            print_metrics(summaries[process.name], spoken(lang))
    for starved in done.starvation:
        say(starved.text(), spoken(lang))
    if save is not None:
        done.save(save)
    for written in (save, into):
        if written is not None:
            say(Text(en=f"wrote {written}", zh=f"已写入 {written}"), spoken(lang))
    if store is not None:
        keep(store, done, spoken(lang), summaries)
    if status:
        raise typer.Exit(status)


def _refuse_conflicts(plan: Plan, *, precision: float | None, into: Path | None, kept: bool) -> None:
    if precision is not None and plan.replications is not None:
        raise ProcflowError(
            Text(
                en="--precision finds out how many replications it takes: leave out --replications",
                zh="--precision 会自行确定重复次数：请不要同时给出 --replications",
            )
        )
    if into is not None and (kept or precision is not None):
        raise ProcflowError(
            Text(
                en="--into writes the run while it goes on: leave out --save, --store and --precision",
                zh="--into 在运行过程中直接写入结果：请不要同时给出 --save、--store 或 --precision",
            )
        )


def _summaries(done: "Run", *, streamed: bool) -> "dict[str, Sequence[Metric]]":
    """Return the metrics of each process; of a streamed run those of its cases: visits may not fit in memory."""
    from procflow import summary
    from procflow.analysis.metrics_of_cases import case_summary

    measure = case_summary if streamed else summary
    return {process.name: measure(done, process) for process in done.processes}
