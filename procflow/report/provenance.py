"""Where a report's figures come from, and the command that gives them again. Names no time and no machine."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from procflow.definition import words
from procflow.definition.resolved import Process
from procflow.definition.source import SourceMap
from procflow.text import Language
from procflow.version import __version__

if TYPE_CHECKING:
    from procflow.simulation.run import Run


@dataclass(frozen=True)
class Provenance:
    """The files with their digests, the scenario's facts, the version and the command to repeat it."""

    version: str
    files: tuple[tuple[str, str], ...]
    scenario: tuple[tuple[str, str], ...]
    command: str


def provenance(processes: Sequence[Process], run: "Run | None", lang: Language) -> Provenance:
    """Return the provenance of a report about these processes and this run."""
    files = dict.fromkeys((source.file, source.digest) for p in processes for source in _sources(p))
    scenario = tuple(_facts(run, lang)) if run is not None else ()
    return Provenance(__version__, tuple(files), scenario, _command(processes, run, lang))


def _sources(process: Process) -> Iterator[SourceMap]:
    yield process.origin.process
    yield process.origin.organization
    yield from process.origin.catalogs


def _facts(run: "Run", lang: Language) -> Iterator[tuple[str, str]]:
    plan, zh = run.scenario, lang == "zh"
    yield ("情景" if zh else "scenario"), plan.title.get(lang) if plan.title else plan.scenario
    yield ("开始日期" if zh else "start"), words.date(plan.start, lang)
    yield ("时长" if zh else "length"), words.amount(plan.days, "d", lang)
    yield ("预热" if zh else "warm-up"), words.amount(plan.warmup_days, "d", lang)
    yield ("独立仿真次数" if zh else "replications"), str(plan.replications)
    yield ("随机种子" if zh else "seed"), str(plan.seed)
    if plan.arrivals is not None:
        yield ("到件" if zh else "arrivals"), _written(plan.arrivals.model_dump(mode="json"))
    for name, count in sorted(plan.staffing.items()):
        yield (f"人员调整 {name}" if zh else f"staff of {name}"), (f"{count}人" if zh else str(count))
    if plan.unlimited_staff:
        yield ("人员" if zh else "staff"), ("不设上限" if zh else "unlimited")


def _written(data: Any) -> str:
    if isinstance(data, dict):
        return ", ".join(f"{key} {value}" for key, value in data.items())
    return str(data)


def _command(processes: Sequence[Process], run: "Run | None", lang: Language) -> str:
    words_ = ["procflow", "report", *(process.origin.process.file for process in processes)]
    if run is not None:
        plan = run.scenario
        if plan.arrivals is not None and plan.arrivals.rate is not None:
            words_ += ["--arrivals", plan.arrivals.rate]
        words_ += ["--days", str(plan.days), "--warmup-days", str(plan.warmup_days)]
        words_ += ["--replications", str(plan.replications), "--seed", str(plan.seed)]
        words_ += ["--unlimited-staff"] if plan.unlimited_staff else []
    return shlex.join([*words_, "--lang", lang, "-o", "report.html"])
