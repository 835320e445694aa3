"""Where a report's figures come from: files and scenarios. Names no time and no machine."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from procflow.definition import words
from procflow.definition.resolved import Process
from procflow.render.build import VARIANTS
from procflow.report.places import Folder, sources
from procflow.report.repeat import Repetition, repetitions
from procflow.text import Language
from procflow.version import __version__

if TYPE_CHECKING:
    from procflow.simulation.run import Run


_UNNAMED = "scenario"
"""What a scenario is called that nobody named."""

_PLAIN_RATE = re.compile(r"([\d.]+) per (min|h|d|wd|week|month)")


@dataclass(frozen=True)
class Provenance:
    """The folder, the files in it with their digests, the scenarios' facts, the version and how to repeat it."""

    version: str
    folder: str
    files: tuple[tuple[str, str], ...]
    scenarios: tuple[tuple[tuple[str, str], ...], ...]
    repetitions: tuple[Repetition, ...]


def provenance(processes: Sequence[Process], runs: "Sequence[Run]", folder: Folder, lang: Language) -> Provenance:
    """Return the provenance of a report about these processes and these runs, with the files of all of them."""
    every = [*processes, *(process for run in runs for process in run.processes)]
    files = dict.fromkeys((folder.name(source.file), source.digest) for p in every for source in sources(p))
    # the same facts of two runs are said once
    scenarios = tuple(dict.fromkeys(tuple(_facts(run, lang)) for run in runs))
    again = repetitions(processes, runs, folder, lang)
    return Provenance(__version__, folder.path, tuple(files), scenarios, again)


def _facts(run: "Run", lang: Language) -> Iterator[tuple[str, str]]:
    plan, zh = run.scenario, lang == "zh"
    if plan.title or plan.scenario != _UNNAMED:
        yield ("情景" if zh else "scenario"), plan.title.get(lang) if plan.title else plan.scenario
    yield ("开始日期" if zh else "start"), words.date(plan.start, lang)
    if plan.days is None:
        yield (
            ("时长" if zh else "length"),
            (f"每个流程 {plan.cases} 件" if zh else f"{plan.cases} cases of each process"),
        )
        yield ("预热" if zh else "warm-up"), (f"{plan.warmup_cases} 件" if zh else f"{plan.warmup_cases} cases")
    else:
        yield ("时长" if zh else "length"), words.amount(plan.days, "d", lang)
        yield ("预热" if zh else "warm-up"), words.amount(plan.warmup_days, "d", lang)
    yield ("独立仿真次数" if zh else "replications"), str(plan.replications)
    yield ("随机种子" if zh else "seed"), str(plan.seed)
    if plan.arrivals is not None:
        yield ("到件" if zh else "arrivals"), _rate(plan.arrivals.model_dump(mode="json"), lang)
    for process, entry in zip(run.processes, plan.processes, strict=False):
        known = VARIANTS.get(process.variant)
        name = f"{process.label(lang)} · {known.get(lang) if known else process.variant}"
        lead = f"到件（{name}）" if zh else f"arrivals of {name}"
        yield lead, _rate(entry.arrivals.model_dump(mode="json"), lang)
    for name, count in sorted(plan.staffing.items()):
        yield (f"人员调整 {name}" if zh else f"staff of {name}"), (f"{count}人" if zh else str(count))
    for change in plan.staffing_changes:
        data = change.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        yield (
            (f"人员变动 {change.who}" if zh else f"change of staff of {change.who}"),
            _written({name: value for name, value in data.items() if name != "who"}),
        )
    if plan.unlimited_staff:
        yield ("人员" if zh else "staff"), ("不设上限" if zh else "unlimited")


def _rate(data: Any, lang: Language) -> str:
    """Return arrivals as a sentence where they are a plain rate (``8 per wd``), else as the file writes them."""
    found = _PLAIN_RATE.fullmatch(_written(data))
    if found is None:
        return _written(data)
    number, unit = found[1], words.unit(found[2], lang).removeprefix("个")
    return f"每{unit} {number} 件" if lang == "zh" else f"{number} cases per {unit.removesuffix('s')}"


def _written(data: Any) -> str:
    if isinstance(data, dict):
        return ", ".join(f"{key} {value}" for key, value in data.items())
    return str(data)
