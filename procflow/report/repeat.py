"""How the runs of a report are made again: commands, and the scenarios that they need as files. Runs nothing."""

import os.path
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from procflow.definition.dump import dump
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.report.places import Folder
from procflow.simulation.run import Run
from procflow.text import Language


@dataclass(frozen=True)
class Repetition:
    """A command, and the ``scenario`` (YAML) to save as ``file`` before it; both '' where options say everything.

    ``inside`` is the command for somebody who is in the folder of the files already: it names no absolute path.
    """

    command: str
    file: str = ""
    scenario: str = ""
    inside: str = ""


@dataclass(frozen=True)
class _Plan:
    options: tuple[str, ...]
    file: str = ""
    text: str = ""


def repetitions(
    processes: Sequence[Process], runs: Sequence[Run], folder: Folder, lang: Language
) -> tuple[Repetition, ...]:
    """Return the commands that make the runs of a report again; none where a process came from no file.

    ``procflow report`` simulates each variant alone under one scenario. Runs of several processes at once, or under
    different scenarios, are made by ``procflow simulate``, one command each. Files are named from the folder.
    """
    shown = [*processes, *(process for run in runs for process in run.processes)]
    if not runs or any(not Path(process.origin.process.file).is_file() for process in shown):
        return ()
    plans = [_alone(run) for run in runs]
    if len(runs) == len(processes) and all(plan is not None and plan == plans[0] for plan in plans):
        plan = _plan(runs[0], "scenario.yaml", folder)
        files = [_file(process, folder) for process in processes]
        return (_repetition(["report", *files, *plan.options, "--lang", lang, "-o", "report.html"], plan, folder),)
    return tuple(_simulated(runs, folder, lang))


def _simulated(runs: Sequence[Run], folder: Folder, lang: Language) -> Iterator[Repetition]:
    for number, run in enumerate(runs, start=1):
        plan = _plan(run, f"scenario_{number}.yaml", folder)
        files = [_file(process, folder) for process in run.processes]
        yield _repetition(["simulate", *files, *plan.options, "--lang", lang], plan, folder)


def _repetition(words: Sequence[str], plan: _Plan, folder: Folder) -> Repetition:
    lead = f"cd {shlex.quote(folder.path)} && " if folder.path else ""
    command = shlex.join(["procflow", *words])
    return Repetition(lead + command, plan.file, plan.text, command)


def _file(process: Process, folder: Folder) -> str:
    return folder.name(process.origin.process.file)


def _alone(run: Run) -> Scenario | None:
    """Return the scenario of a run of one process with its ``arrivals`` outside of any list, else None."""
    plan = run.scenario
    if len(run.processes) != 1:
        return None
    arrivals = plan.arrivals or (plan.processes[0].arrivals if plan.processes else None)
    return plan.model_copy(update={"arrivals": arrivals, "processes": ()})


def _plan(run: Run, file: str, folder: Folder) -> _Plan:
    alone = _alone(run)
    options = _options(alone) if alone is not None else None
    if options is not None:
        return _Plan(options)
    return _Plan(("--scenario", file), file, dump(alone if alone is not None else _together(run, folder)))


def _together(run: Run, folder: Folder) -> Scenario:
    """Return the scenario of a run of several processes, each by its file from the folder."""
    named = [
        each.model_copy(update={"process": os.path.relpath(process.origin.process.file, folder.path or ".")})
        for each, process in zip(run.scenario.processes, run.processes, strict=True)
    ]
    return run.scenario.model_copy(update={"processes": tuple(named)})


def _options(plan: Scenario) -> tuple[str, ...] | None:
    """Return the options that say a scenario; None where it has what no option says: a start, staff, no plain rate."""
    if plan.arrivals is None or plan.arrivals.rate is None or plan.days is None:
        return None
    said = Scenario.model_validate(
        {
            "arrivals": plan.arrivals.rate,
            **{name: getattr(plan, name) for name in ("days", "warmup_days", "replications", "seed")},
            "unlimited_staff": plan.unlimited_staff,
        }
    )
    if said != plan.model_copy(update={"scenario": said.scenario, "title": None}):
        return None
    options = ["--arrivals", plan.arrivals.rate, "--days", str(plan.days), "--warmup-days", str(plan.warmup_days)]
    options += ["--replications", str(plan.replications), "--seed", str(plan.seed)]
    return (*options, "--unlimited-staff") if plan.unlimited_staff else tuple(options)
