"""Running simulations for the verbs: the processes and scenario meant, the first compilation, the progress bar."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from procflow.cli.app import BAD_INPUT, INTERRUPTED
from procflow.cli.options import Plan
from procflow.cli.output import progress, say
from procflow.errors import OutOfRoomError, ProcflowError
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.finding import Finding
    from procflow.analysis.metrics import Metric
    from procflow.definition.resolved import Process
    from procflow.definition.scenario import Scenario
    from procflow.simulation.run import Run


def processes_of(files: Sequence[Path], plan: Plan) -> "list[Process]":
    """Return the processes of the files, or where there are none those that the scenario file names."""
    from procflow import load, load_scenario

    named = list(files)
    if not named and plan.scenario is not None:
        scenario = load_scenario(plan.scenario)
        named = [plan.scenario.parent / each.process for each in scenario.processes]
    if not named:
        raise ProcflowError(Text(en="which process? name its file", zh="哪个流程？请给出流程文件"))
    return [load(file) for file in named]


def shared(scenario: "Scenario", processes: "Sequence[Process]") -> "Scenario":
    """Return a scenario in which cases of each of several processes arrive as its ``arrivals`` say."""
    if scenario.arrivals is None or len(processes) == 1:
        return scenario
    from procflow.definition.scenario import ScenarioProcess

    each = tuple(ScenarioProcess(process=process.name, arrivals=scenario.arrivals) for process in processes)
    return scenario.model_copy(update={"arrivals": None, "processes": each})


def run(
    processes: "Sequence[Process]",
    scenario: "Scenario",
    lang: Language,
    *,
    precision: float | None = None,
    into: Path | None = None,
) -> "Run":
    """Simulate, where asked for until the mean cycle time is so precise, or into a folder; show how far it is."""
    from procflow import simulate
    from procflow.simulation.precision import simulate_until

    announce_compilation(lang)
    with progress(Text(en="simulating", zh="仿真中"), lang) as show:
        if precision is not None:
            return simulate_until(processes, scenario, relative=precision, progress=show)
        return simulate(processes, scenario, progress=show, into=into)


def run_or_part(
    processes: "Sequence[Process]",
    scenario: "Scenario",
    lang: Language,
    *,
    precision: float | None = None,
    into: Path | None = None,
) -> "tuple[Run, int]":
    """Simulate as ``run`` does; on Ctrl-C, or without room, return the run of what is finished, and the exit status."""
    from procflow.simulation import Interrupted

    try:
        return run(processes, scenario, lang, precision=precision, into=into), 0
    except OutOfRoomError as full:
        if full.run is None:
            raise
        say(full.message, lang)
        return full.run, BAD_INPUT
    except Interrupted as interrupted:
        done = interrupted.run
    finished = done.scenario.replications
    wanted = f" of {scenario.replications}" if precision is None else ""
    total = f"（共 {scenario.replications} 次）" if precision is None else ""
    say(
        Text(
            en=f"interrupted: the results are those of the {finished}{wanted} replications that were finished "
            "(Ctrl-C again leaves without them)",
            zh=f"已中断：以下为已完成的 {finished} 次重复{total}的结果（再按 Ctrl-C 则直接退出）",
        ),
        lang,
    )
    return done, INTERRUPTED


def keep(
    store: str,
    done: "Run",
    lang: Language,
    summaries: "Mapping[str, Iterable[Metric]] | None" = None,
    findings: "Iterable[Finding]" = (),
) -> None:
    """Save a run with its summaries and findings in a store, and say under which id."""
    from procflow import Store

    with Store(store) as opened:
        run_id = opened.save(done, summaries, findings)
    say(Text(en=f"saved as run {run_id} in {store}", zh=f"已作为运行 {run_id} 存入 {store}"), lang)


def announce_compilation(lang: Language) -> None:
    """Say so where the first simulation of this installation has to compile the simulator."""
    from procflow.kernel.jit import is_cached

    if not is_cached():
        say(
            Text(en="compiling the simulator, once, about half a minute", zh="首次运行，正在编译仿真器，约半分钟"), lang
        )
