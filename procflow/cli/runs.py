"""``procflow runs``: what a store holds."""

from typing import Annotated

import typer

from procflow.cli.app import app, command
from procflow.cli.language import spoken
from procflow.cli.options import JsonOption, LangOption, StoreOption
from procflow.cli.output import print_json, print_metrics, print_table, say
from procflow.text import Text

group = typer.Typer(no_args_is_help=True, help="List, show and delete the runs of a store.")
app.add_typer(group, name="runs")

RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="Id of a run, as 'procflow runs list' shows it.")]


@command(group=group, name="list")
def list_runs(store: StoreOption = "procflow.db", as_json: JsonOption = False, lang: LangOption = None) -> None:
    """List the runs of a store, the newest first."""
    from procflow import Store

    with Store(store, create=False) as opened:
        runs = opened.runs()
    if as_json:
        print_json([run.to_data() for run in runs])
        return
    heads = {
        "en": ("run", "created (UTC)", "processes", "scenario", "replications", "seed"),
        "zh": ("运行", "时间（UTC）", "流程", "场景", "重复次数", "种子"),
    }[spoken(lang)]
    rows = [
        (
            run.id,
            f"{run.created:%Y-%m-%d %H:%M}",
            ", ".join("/".join(pair) for pair in run.processes),
            run.scenario,
            str(run.replications),
            str(run.seed),
        )
        for run in runs
    ]
    print_table(heads, rows)


@command(group=group, name="show")
def show_run(
    run: RunArgument, store: StoreOption = "procflow.db", as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Show the summaries and findings of a run."""
    from procflow import Store
    from procflow.analysis.finding import severity_text

    with Store(store, create=False) as opened:
        found, findings = opened.run(run), opened.findings(run)
    if as_json:
        print_json({**found.to_data(), "provenance": found.provenance, "findings": findings})
        return
    for process, variant in found.processes:
        typer.echo(f"{process} · {variant}")
        print_metrics(found.summaries.get(process, ()), spoken(lang))
    for finding in findings:
        severity = severity_text(finding["severity"], spoken(lang))
        typer.echo(f"{finding['rule']} [{severity}] {finding['statement'][spoken(lang)]}")


@command(group=group, name="delete")
def delete_run(run: RunArgument, store: StoreOption = "procflow.db", lang: LangOption = None) -> None:
    """Delete a run with its tables."""
    from procflow import Store

    with Store(store, create=False) as opened:
        opened.delete(run)
    say(Text(en=f"deleted run {run}", zh=f"已删除运行 {run}"), spoken(lang))
