"""``procflow draw``: a process as a diagram."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from procflow.cli.app import command
from procflow.cli.language import spoken
from procflow.cli.options import LangOption, Plan, takes_plan
from procflow.cli.output import say
from procflow.cli.places import check_file
from procflow.cli.running import run as simulated
from procflow.errors import ProcflowError
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.definition.resolved import Process
    from procflow.logs import EventLog
    from procflow.simulation.run import Run

_SUFFIXES = (".svg", ".png", ".pdf", ".dot", ".mmd")


@command()
@takes_plan
def draw(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Process file.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Where to write; the ending (svg, png, pdf, dot, mmd) says as what."),
    ],
    plan: Plan,
    view: Annotated[
        Literal["swimlane", "machine", "flowchart", "handoffs", "levels", "systems", "capture"],
        typer.Option("--view", help="What to draw: the steps, or a map of handoffs, systems or captured data."),
    ] = "swimlane",
    overlay: Annotated[
        Literal["waiting", "utilization", "frequency", "lateness"] | None,
        typer.Option("--overlay", help="Numbers to lay over the steps, of a saved run or of a quick simulation."),
    ] = None,
    run: Annotated[
        Path | None, typer.Option("--run", help="Folder of a run that 'procflow simulate --save' wrote.")
    ] = None,
    log: Annotated[
        Path | None, typer.Option("--log", help="Event log with standard columns, for its waiting or frequency.")
    ] = None,
    after: Annotated[
        Path | None, typer.Option("--after", help="Process file after a reform: one picture of both.")
    ] = None,
    findings: Annotated[bool, typer.Option("--findings", help="Flag what the analysis finds, by number.")] = False,
    parts: Annotated[
        bool, typer.Option("--parts", help="Of a process over 500 states, also write a drawing of each department.")
    ] = False,
    lang: LangOption = None,
) -> None:
    """Draw a process as a diagram: its lanes, state machine or flow chart, or a map of its handoffs."""
    from procflow import analyze, load
    from procflow import draw as draw_process

    language = spoken(lang)
    inputs = [path for path in (file, after, plan.scenario) if path is not None]
    process = load(file)
    later = None if after is None else load(after)
    check_file(output, inputs, _SUFFIXES)
    if log is not None and (run is not None or plan.asks_for_anything):
        raise ProcflowError(Text(en="give numbers of a log or of a run, not of both", zh="日志与仿真运行只能给出其一"))
    done = None if log is not None else _run(process, run, plan, language, needed=overlay is not None)
    found = analyze(process, done) if findings else None
    drawing = draw_process(
        process,
        lang=language,
        view=view,
        findings=found,
        run=done if log is None else _log(log),
        overlay=overlay,
        after=later,
    )
    drawing.save(output, parts=parts)
    for number, finding in enumerate(found or (), start=1):
        typer.echo(f"⚑{number} {finding.rule} {finding.statement.get(language)}")
    say(Text(en=f"wrote {output}", zh=f"已写入 {output}"), language)


def _log(path: Path) -> "EventLog":
    from procflow.logs import read_log

    return read_log(path)


def _run(process: "Process", folder: Path | None, plan: Plan, lang: Language, *, needed: bool) -> "Run | None":
    """Return the saved run, or one of the scenario that the options describe, or None where neither is given."""
    if folder is not None and plan.asks_for_anything:
        raise ProcflowError(
            Text(
                en="--run takes a run that is finished: leave out the options of a scenario",
                zh="--run 使用已完成的运行：请去掉场景选项",
            )
        )
    if folder is not None:
        from procflow import Run

        return Run.load(folder)
    if not plan.asks_for_anything and not needed:
        return None
    if not plan.asks_for_a_run:
        raise ProcflowError(
            Text(
                en="numbers of what? give --run FOLDER, --scenario FILE or --arrivals '12 per wd' beside --overlay",
                zh="数据从何而来？请与 --overlay 一并给出 --run 文件夹、--scenario 文件 或 --arrivals '12 per wd'",
            )
        )
    return simulated([process], plan.resolve(), lang)
