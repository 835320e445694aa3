"""A run: the tables of a simulation with what they come from; saved to and loaded from a folder."""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from pydantic import BaseModel

from procflow.definition.catalog import Catalog
from procflow.definition.expecting import expect
from procflow.definition.organization import Organization
from procflow.definition.process import ProcessDefinition
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.definition.shown import Shown
from procflow.errors import SimulationError
from procflow.simulation.provenance import Provenance
from procflow.simulation.series import as_text
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.simulation.starvation import Starved

TABLES = ("events", "cases", "staff")
"""The tables of a run."""

EVENTS_ORDER = ("replication", "process", "case", "enter_us", "token", "state", "visit")
"""The columns by which the events table is ordered."""

CASES_ORDER = ("replication", "process", "case")
"""The columns by which the cases table is ordered."""

_KINDS: dict[str, type[BaseModel]] = {"definition": ProcessDefinition, "organization": Organization, "catalog": Catalog}


@dataclass(frozen=True)
class Run(Shown):
    """What ``simulate`` returns: every visit, case and group of people, and the run's provenance.

    ``events``, ``cases`` and ``staff`` are data frames whose columns ``docs/architecture.md`` describes; times are
    microseconds since the local midnight of ``scenario.start``.

    Of a run that was streamed into a ``folder`` they are read when they are first asked for. Where they do not fit
    into memory, ask ``tables``, which has the same tables as lazy frames, for what you need; their rows are then in
    the order in which they were written.
    """

    processes: tuple[Process, ...]
    scenario: Scenario
    tables: Mapping[str, pl.LazyFrame] = field(repr=False)
    provenance: Provenance = field(repr=False)
    folder: Path | None = field(default=None, repr=False)

    @cached_property
    def events(self) -> pl.DataFrame:
        """One row per visit to a state, by replication, process, case, then enter."""
        return self._whole("events", EVENTS_ORDER)

    @cached_property
    def cases(self) -> pl.DataFrame:
        """One row per case, by replication, process and case."""
        return self._whole("cases", CASES_ORDER)

    @cached_property
    def staff(self) -> pl.DataFrame:
        """One row per replication and group of people."""
        return self.tables["staff"].collect()

    def _whole(self, name: str, order: Sequence[str]) -> pl.DataFrame:
        table = self.tables[name]
        return table.collect() if self.folder is None else table.sort(order).collect()

    @property
    def cohort(self) -> pl.DataFrame:
        """The cases that statistics take: those that arrived between warm-up and horizon."""
        return self.cases.filter("in_cohort")

    @cached_property
    def staff_hours(self) -> pl.DataFrame:
        """How busy each group is by hour of the week (``procflow.simulation.hours``)."""
        from procflow.simulation.hours import staff_hours

        return staff_hours(self)

    @cached_property
    def starvation(self) -> "tuple[Starved, ...]":
        """States that wait for several people who keep starting other work (``procflow.simulation.starvation``)."""
        from procflow.simulation.starvation import starvation

        return starvation(self)

    def save(self, folder: str | Path) -> None:
        """Write the run to a new folder of Parquet and JSON files; it appears whole or not at all.

        Raises SimulationError where the folder exists and is not empty, or is a file.
        """
        place, partial = fresh_folder(folder)
        if self.folder is not None:
            shutil.copytree(self.folder, partial, dirs_exist_ok=True)
        else:
            for name in TABLES:
                getattr(self, name).write_parquet(partial / f"{name}.parquet", compression="zstd")
            self.save_meaning(partial)
        settle(partial, place)

    def save_meaning(self, folder: Path) -> None:
        """Write all but the tables to a folder."""
        text = json.dumps(self._meaning(), ensure_ascii=False, indent=1)
        (folder / "run.json").write_text(text, encoding="utf-8")

    def _meaning(self) -> dict[str, Any]:
        return {
            "scenario": self.scenario.model_dump(mode="json", exclude_defaults=True, by_alias=True),
            "provenance": self.provenance.to_data(),
            "processes": [_written(process) for process in self.processes],
        }

    @classmethod
    def load(cls, folder: str | Path) -> "Run":
        """Return the run that was saved to a folder; raise SimulationError where there is none."""
        place = Path(folder)
        try:
            meaning = json.loads((place / "run.json").read_text(encoding="utf-8"))
            streamed = (place / "events").is_dir()
            tables = (
                scanned(place)
                if streamed
                else {name: pl.read_parquet(place / f"{name}.parquet").lazy() for name in TABLES}
            )
            processes = tuple(_read(each) for each in meaning["processes"])
            scenario = Scenario.model_validate(meaning["scenario"])
            source = Provenance.from_data(meaning["provenance"])
        except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
            raise SimulationError(
                Text(en=f"{place} holds no run: {error}", zh=f"{place} 中没有可读取的仿真结果:{error}")
            ) from error
        return cls(processes, scenario, tables, source, place if streamed else None)

    @property
    def _length(self) -> str:
        scenario = self.scenario
        return f"{scenario.days} days" if scenario.cases is None else f"{scenario.cases} cases"

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        cohort = (
            self.tables["cases"].filter("in_cohort").select(pl.len(), finished=pl.col("end_us").is_not_null().sum())
        )
        cases, finished = cohort.collect().row(0)
        visits = self.tables["events"].select(pl.len()).collect().item()
        names = ", ".join(f"{process.name} ({process.variant})" for process in self.processes)
        return (
            f"Run of {names}: {self.scenario.replications} replications of {self._length}, "
            f"{cases} cases of the cohort, {finished} of them finished, {visits} visits"
        )


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, with what was finished by then: the ``run`` of replications 0, 1, 2, … up to the first unfinished one.

    That run is the one which ``simulate`` gives for so many replications (``run.scenario.replications``). A
    KeyboardInterrupt, so that nobody who knows nothing of it takes it for a failure and goes on.
    """

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run


def _written(process: Process) -> dict[str, Any]:
    """Return a process with all that it calls as plain data."""
    parts = {
        part: getattr(process, part).model_dump(mode="json", exclude_defaults=True, by_alias=True) for part in _KINDS
    }
    return parts | {"called": {reference: _written(called) for reference, called in process.called.items()}}


def _read(data: dict[str, Any]) -> Process:
    """Return the process that ``_written`` wrote."""
    parts: dict[str, Any] = {part: kind.model_validate(data[part]) for part, kind in _KINDS.items()}
    called = {reference: _read(each) for reference, each in data.get("called", {}).items()}
    return Process(**parts, called=called)


def named(processes: Process | Sequence[Process]) -> tuple[Process, ...]:
    """Return one process or several as a tuple.

    Raises ArgumentError where one is no process, SimulationError where there is none.
    """
    if isinstance(processes, str) or not isinstance(processes, Iterable):
        expect(processes, Process, argument="process")
        return (processes,)
    listed = tuple(processes)
    for each in listed:
        expect(each, Process, argument="process")
    if not listed:
        raise SimulationError(Text(en="no process is given: simulate one at least", zh="没有给出流程：请至少给出一个"))
    return listed


def fresh_folder(folder: str | Path) -> tuple[Path, Path]:
    """Return the place of a new folder, and an empty one beside it to write in until all is there.

    Raises SimulationError where the place is a file, or a folder that is not empty.
    """
    place = Path(folder).absolute()
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise SimulationError(
            Text(
                en=f"{place} is not an empty folder: name a folder that does not exist yet",
                zh=f"{place} 不是空文件夹：请指定一个尚不存在的文件夹",
            )
        )
    partial = place.with_name(f".{place.name}.writing")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    return place, partial


def settle(partial: Path, place: Path) -> None:
    """Give a folder that is complete its name."""
    if place.exists():
        place.rmdir()
    partial.rename(place)


def scanned(folder: Path) -> dict[str, pl.LazyFrame]:
    """Return the tables of a folder into which a run was streamed: events and cases in many parts."""
    parts = {name: folder / name / "*.parquet" for name in ("events", "cases")}
    places = parts | {"staff": folder / "staff.parquet"}
    return {name: as_text(pl.scan_parquet(place)) for name, place in places.items()}
