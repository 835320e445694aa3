"""Writes the measured times of a log into a definition file, each with its source; all else in it stays as it is."""

import os
from collections.abc import Iterable
from pathlib import Path

import yaml

from procflow.analysis.log_measure import Measured, source_of
from procflow.definition.base import Path as Place
from procflow.definition.edit import edited, replace_file
from procflow.errors import LogError
from procflow.logs.log import EventLog
from procflow.machine.graph import state_graph
from procflow.machine.loading import load
from procflow.text import Text


def write_measured(
    path: str | Path,
    measured: Iterable[Measured],
    log: EventLog,
    name: str,
    *,
    output: str | Path | None = None,
    variant: str | None = None,
) -> tuple[str, ...]:
    """Write fitted times into a process file and return the fields that changed, such as ``review.work``.

    Parameters
    ----------
    path
        The process file.
    measured
        What ``measure`` returned; times that were too few to fit are passed over. Where a definition tells the first
        visit from later ones, both must have been fitted.
    log, name
        The log that was measured and what to call it in the sources.
    output
        Another file in the same folder (its references to other files are relative); by default the file itself.
    variant
        The new variant's name, by default as it is.

    Raises
    ------
    LogError
        ``output`` lies in another folder, or nothing was fitted.
    DefinitionError
        A value cannot be replaced where it stands, or the changed file would be no sound definition; nothing is
        written then.
    """
    place, target = Path(path), Path(output or path)
    if place.resolve().parent != target.resolve().parent:
        raise LogError(
            Text(
                en=f"{target} must be in the folder of {place}: it refers to the same files",
                zh=f"{target} 须与 {place} 在同一文件夹：二者引用相同的文件",
            )
        )
    places = {node: each.path for node, each in state_graph(load(place)).nodes.items()}
    values = {(*places[state], field): value for (state, field), value in _written(measured, log, name).items()}
    if not values:
        raise LogError(Text(en="no time was measured often enough to be written", zh="没有测得足够次数的时长可供写入"))
    changes: dict[Place, str] = dict(values)
    if variant is not None:
        changes["variant",] = _flow(variant)
    with place.open(encoding="utf-8", newline="") as stream:
        text = edited(stream.read(), changes, str(place))
    _replace(target, text)
    return tuple(f"{state}.{field}" for state, field in _written(measured, log, name))


def _written(measured: Iterable[Measured], log: EventLog, name: str) -> dict[tuple[str, str], str]:
    """Return the new value of each field as YAML."""
    found: dict[tuple[str, str], dict[str, Measured]] = {}
    for each in measured:
        found.setdefault((each.state, each.quantity), {})[each.visits] = each
    values = {}
    for field, visits in found.items():
        if any(each.fit is None for each in visits.values()) or set(visits) == {"first"} or set(visits) == {"again"}:
            continue
        written = {
            part: each.fit.distribution(source_of(log, name, each.n), each.wd_seconds).model_dump(mode="json")
            for part, each in visits.items()
            if each.fit is not None
        }
        values[field] = _flow(written.get("all", written))
    return values


def _flow(data: object) -> str:
    written: str = yaml.safe_dump(data, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)
    return written.removesuffix("\n").removesuffix("\n...")


def _replace(target: Path, text: str) -> None:
    """Put a file in its place when it has proved to be a sound definition."""
    trial = target.with_name(f".trial.{os.getpid()}.{target.name}")
    try:
        replace_file(trial, text)
        load(trial)
        trial.replace(target)
    finally:
        trial.unlink(missing_ok=True)
