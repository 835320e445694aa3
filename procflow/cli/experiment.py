"""``procflow experiment``: many scenarios and variants at once, resumed where they stopped."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from procflow.cli.app import FINDINGS, command
from procflow.cli.language import spoken
from procflow.cli.options import JsonOption, LangOption
from procflow.cli.output import print_json, print_table, progress, say
from procflow.cli.places import check_folder
from procflow.cli.running import announce_compilation
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.experiments import ExperimentResult

SHOWN = "cycle_wd"
"""The metric printed where a plan keeps all of them; the files have the others."""


@command()
def experiment(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="Experiment file.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of results; run again to resume.")],
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Threads, processes or local workers; by default all cores.")
    ] = None,
    executor: Annotated[
        Literal["threads", "processes", "dask", "ray"], typer.Option("--executor", help="Where the cells run.")
    ] = "threads",
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Simulate variants under many scenarios and tabulate them; resumes where it was interrupted."""
    from procflow.experiments import load_experiment, run_experiment

    whole = load_experiment(plan)
    check_folder(output)
    announce_compilation(spoken(lang))
    with progress(Text(en="simulating", zh="仿真中"), spoken(lang)) as show:
        try:
            result = run_experiment(whole, output, executor=executor, workers=workers, progress=show)
        except KeyboardInterrupt:
            say(
                Text(
                    en=f"what was finished is saved in {output}: run again to go on",
                    zh=f"已完成的结果保存在 {output}：重新运行即可继续",
                ),
                spoken(lang),
            )
            raise
    written = _save(result, output)
    if as_json:
        print_json(result.to_data())
    else:
        _print(result, spoken(lang))
    say(Text(en=f"wrote {', '.join(written)}", zh=f"已写入 {'、'.join(written)}"), spoken(lang))
    _warn(result, spoken(lang))
    if result.failures:
        _tell(result, output, spoken(lang))
        raise typer.Exit(FINDINGS)


def _save(result: "ExperimentResult", folder: Path) -> list[str]:
    from procflow.experiments.result import save_table

    tables = {"results.parquet": result.table(), "results.csv": result.table(), "values.parquet": result.values()}
    if result.experiment.plan.baseline is not None:
        tables["differences.csv"] = result.against()
    return [str(save_table(table, folder / name)) for name, table in tables.items()]


def _print(result: "ExperimentResult", lang: Language) -> None:
    from procflow.analysis.compare import unit_name

    table = result.table()
    if not result.experiment.plan.metrics:
        table = table.filter(metric=SHOWN)
    heads = {
        "en": ("process", "metric", "mean", "95 % interval", "unit", "n"),
        "zh": ("流程", "指标", "均值", "95 % 置信区间", "单位", "n"),
    }[lang]
    axes, names = result.experiment.axes, result.names
    rows = [
        (
            *(_shown(row[axis]) for axis in axes),
            row["process"],
            names[row["metric"]].get(lang),
            _shown(row["mean"]),
            "–" if row["low"] is None else f"{row['low']:,.4g} – {row['high']:,.4g}",
            unit_name(row["unit"], lang),
            str(row["n"]),
        )
        for row in table.iter_rows(named=True)
    ]
    print_table((*axes, *heads), rows)


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def _warn(result: "ExperimentResult", lang: Language) -> None:
    """Say which people and sittings cannot keep up: each once, with the first cell of those where it is so."""
    first = {overload.load.names: overload for overload in reversed(result.overloads)}
    for names, overload in reversed(first.items()):
        more = sum(each.load.names == names for each in result.overloads) - 1
        told = overload.load.text()
        said = Text(
            en=f"{overload.cell}: {told.get('en')}" + (f"; and {more} more cells" if more else ""),
            zh=f"{overload.cell}：{told.get('zh')}" + (f"；另有 {more} 个单元如此" if more else ""),
        )
        say(said, lang)


def _tell(result: "ExperimentResult", folder: Path, lang: Language) -> None:
    """Say what failed: each reason once, with the first cell that it stopped."""
    failures = result.failures
    first = {failure.message.get("en"): failure for failure in reversed(failures)}
    for failure in reversed(first.values()):
        typer.echo(f"{failure.cell}: {failure.message.get(lang)}", err=True)
    say(
        Text(
            en=f"replications that failed: {len(failures)}; the details are in {folder / 'failures'}",
            zh=f"{len(failures)} 次重复运行失败，详见 {folder / 'failures'}",
        ),
        lang,
    )
