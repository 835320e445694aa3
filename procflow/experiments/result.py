"""The result of an experiment: values, means with intervals, and paired differences, as tables. Runs nothing."""

import io
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procflow.definition.experiment import Overrides, plain
from procflow.errors import SimulationError
from procflow.experiments.design import Cell, Experiment
from procflow.experiments.digest import unit_digest
from procflow.experiments.folder import write_whole
from procflow.experiments.unit import Outcome
from procflow.text import Text

if TYPE_CHECKING:
    import polars as pl

    from procflow.simulation.load import Load

WINDOW = ("start", "days", "warmup_days", "cases", "warmup_cases")
"""The fields of a scenario that two cells must share to be paired: they say which cases are counted."""


@dataclass(frozen=True)
class Failure:
    """A replication of a cell that could not be simulated, and why; ``trace`` is for errors that nobody foresaw."""

    cell: Cell
    replication: int
    message: Text
    trace: str = field(default="", repr=False)

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        message = {"en": self.message.get("en"), "zh": self.message.get("zh")}
        return {**self.cell.axes, "replication": self.replication, "message": message}


@dataclass(frozen=True)
class Overload:
    """People or a sitting that are offered more in a cell than they can take: its means tell of no steady state."""

    cell: Cell
    load: "Load"

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        told = self.load.text()
        return {**self.cell.axes, "names": self.load.names, "message": {"en": told.get("en"), "zh": told.get("zh")}}


@dataclass(frozen=True)
class _Series:
    """A metric of a process in a cell: its values by replication, NaN where there is none."""

    unit: str
    name: Text
    values: tuple[float, ...]


@dataclass(frozen=True)
class ExperimentResult:
    """The values of all replications of all cells; ``outcomes`` has them by the digest of the replication."""

    experiment: Experiment
    outcomes: Mapping[str, Outcome] = field(repr=False)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The replications that failed, in the order of the cells."""
        found = []
        for cell in self.experiment.cells:
            for number, outcome in enumerate(self._of(cell)):
                if "failure" in outcome:
                    told = outcome["failure"]
                    found.append(Failure(cell, number, Text(en=told["en"], zh=told["zh"]), told["trace"]))
        return tuple(found)

    @cached_property
    def overloads(self) -> tuple[Overload, ...]:
        """What is offered more than it can take, in the order of the cells; known without simulating anything."""
        from procflow.simulation.load import offered_loads

        return tuple(
            Overload(cell, load)
            for cell in self.experiment.cells
            if not any("failure" in outcome for outcome in self._of(cell))
            for load in offered_loads(cell.processes, cell.scenario)
            if load.is_overload
        )

    def table(self, *, confidence: float = 0.95) -> "pl.DataFrame":
        """Return one row per cell, process and metric: the mean over replications with its Student t interval.

        Columns: the axes (null where a listed cell does not change one), ``process``, ``metric``, ``unit``, ``mean``,
        ``low``, ``high`` and ``n``, the number of replications that have a value. An unknown number is null. A cell of
        which a replication failed has no rows: what is left of it is no random sample.
        """
        from procflow.simulation.statistics import estimate

        rows = [
            {**cell.axes, "process": process, "metric": key, "unit": series.unit}
            | _bounds(estimate(series.values, confidence=confidence))
            for cell, process, key, series in self._series()
        ]
        return self._frame(rows, _TEXTS + _NUMBERS)

    def values(self) -> "pl.DataFrame":
        """Return one row per cell, replication, process and metric; also of cells of which a replication failed."""
        rows = [
            {**cell.axes, "replication": number, "process": process, "metric": key, "unit": value["unit"]}
            | {"value": value["value"]}
            for cell in self.experiment.cells
            for number, outcome in enumerate(self._of(cell))
            for process, values in outcome.get("values", {}).items()
            for key, value in values.items()
            if self._kept(key)
        ]
        return self._frame(rows, ("replication", *_TEXTS, "value"))

    def against(self, baseline: Overrides | None = None, *, confidence: float = 0.95) -> "pl.DataFrame":
        """Return the paired difference of every cell from its baseline: cell − baseline, by replication.

        ``baseline`` gives values on some axes, by default those of the plan; on the other axes a cell is compared
        with the cell at its own place. So ``{"processes": "as_is"}`` compares each variant with ``as_is`` under the
        same arrivals and staff, and a value on every axis names one cell for all. All cells share their seed, and
        the interval is that of the paired t (Law, *Simulation Modeling and Analysis*, 10.2.1).

        Columns: the axes, ``process``, ``metric``, ``unit``, ``baseline`` and ``mean`` (over the replications of
        each), ``difference``, ``low``, ``high``, ``n``. Processes and metrics that only one of both has are left out.

        Raises SimulationError where there is no baseline, no such cell, or its horizon or warm-up is another one.
        """
        from procflow.simulation.statistics import estimate, paired_difference

        given = self.experiment.plan.baseline if baseline is None else baseline
        if given is None:
            raise SimulationError(
                Text(en="compared with what? name a baseline, such as {'processes': 'as_is'}",
                     zh="与什么比较?请给出基准,例如 {'processes': 'as_is'}")
            )  # fmt: skip
        known = {(cell.digest, process, key): series for cell, process, key, series in self._series()}
        partners = {cell.digest: self._partner(cell, given).digest for cell in self.experiment.cells}
        rows = []
        for cell, process, key, series in self._series():
            before = known.get((partners[cell.digest], process, key))
            if before is None or partners[cell.digest] == cell.digest:
                continue
            difference = _bounds(paired_difference(before.values, series.values, confidence=confidence))
            means = {"baseline": estimate(before.values).mean, "mean": estimate(series.values).mean}
            rows.append(
                {**cell.axes, "process": process, "metric": key, "unit": series.unit}
                | {name: _finite(mean) for name, mean in means.items()}
                | {"difference" if name == "mean" else name: value for name, value in difference.items()}
            )
        return self._frame(rows, (*_TEXTS, "baseline", "mean", "difference", "low", "high", "n"))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the table to a file, as its ending (parquet or csv) says, whole or not at all; return its path."""
        return save_table(self.table(), path)

    @property
    def names(self) -> dict[str, Text]:
        """The names of the metrics for people, by their keys."""
        return {key: series.name for _, _, key, series in self._series()}

    def to_data(self) -> dict[str, Any]:
        """Return table, failures, overloads and, where the plan has a baseline, differences as plain data for JSON."""
        data = {"cells": self.table().to_dicts(), "failures": [failure.to_data() for failure in self.failures]}
        data["overloads"] = [overload.to_data() for overload in self.overloads]
        if self.experiment.plan.baseline is not None:
            data["differences"] = self.against().to_dicts()
        return data

    def _of(self, cell: Cell) -> list[Outcome]:
        numbers = range(self.experiment.replications)
        return [self.outcomes[unit_digest(cell.digest, number)] for number in numbers]

    def _kept(self, metric: str) -> bool:
        metrics = self.experiment.plan.metrics
        return not metrics or metric in metrics

    def _series(self) -> Iterator[tuple[Cell, str, str, _Series]]:
        """Yield (cell, process, metric, values) of the cells of which no replication failed, in their order."""
        for cell in self.experiment.cells:
            outcomes = [outcome.get("values") for outcome in self._of(cell)]
            if None in outcomes:
                continue
            for process in (each.name for each in cell.processes):
                values = [found[process] for found in outcomes if found is not None]
                for key, series in _by_metric(values).items():
                    if self._kept(key):
                        yield cell, process, key, series

    def _partner(self, cell: Cell, baseline: Overrides) -> Cell:
        wanted = cell.axes | {axis: plain(value) for axis, value in baseline.items()}
        found = next((each for each in self.experiment.cells if each.axes == wanted), None)
        if found is None:
            shown = ", ".join(f"{axis} = {value}" for axis, value in wanted.items())
            raise SimulationError(
                Text(en=f"there is no cell with {shown} to compare with", zh=f"没有可供比较的单元:{shown}")
            )
        for name in WINDOW:
            mine, other = getattr(cell.scenario, name), getattr(found.scenario, name)
            if mine != other:
                raise SimulationError(
                    Text(
                        en=f"{name} is {mine} here and {other} in the baseline: pairs count the same cases",
                        zh=f"{name} 在此为 {mine},在基准中为 {other}:配对比较须统计相同的办件",
                    )
                )
        return found

    def _frame(self, rows: list[dict[str, Any]], columns: Sequence[str]) -> "pl.DataFrame":
        import polars as pl

        kinds = {str: pl.String, int: pl.Int64, bool: pl.Boolean}
        seen = {axis: type(value) for cell in self.experiment.cells for axis, value in cell.axes.items()}
        schema: dict[str, Any] = {axis: kinds[kind] for axis, kind in seen.items()}
        schema |= {name: _KINDS.get(name, float) for name in columns}
        return pl.DataFrame(rows, schema=schema)


_TEXTS = ("process", "metric", "unit")
_NUMBERS = ("mean", "low", "high", "n")
_KINDS: dict[str, type] = {"process": str, "metric": str, "unit": str, "n": int, "replication": int}


def save_table(table: "pl.DataFrame", path: str | os.PathLike[str]) -> Path:
    """Write a table to a file, as its ending (parquet or csv) says, whole or not at all; return its path."""
    place = Path(path)
    buffer = io.BytesIO()
    if place.suffix == ".parquet":
        table.write_parquet(buffer)
    elif place.suffix == ".csv":
        table.write_csv(buffer)
    else:
        raise SimulationError(
            Text(
                en=f"{place.name!r} ends in neither .parquet nor .csv: give it one of these endings",
                zh=f"{place.name!r} 的扩展名须为 .parquet 或 .csv",
            )
        )
    write_whole(place, buffer.getvalue())
    return place


def _by_metric(values: Sequence[Mapping[str, Any]]) -> dict[str, _Series]:
    """Return the series of each metric; the utilizations, by name, come last.

    A metric that could not be measured in every replication (working days of a year without published holidays) is
    left out: the others are no random sample.
    """
    about = {key: value for found in values for key, value in found.items()}
    about = {k: value for k, value in about.items() if k.startswith(_USE) or all(k in found for found in values)}
    ordered = sorted(about, key=lambda key: key if key.startswith(_USE) else "")
    return {
        key: _Series(
            about[key]["unit"],
            Text(en=about[key]["en"], zh=about[key]["zh"]),
            tuple(_value(found.get(key), key) for found in values),
        )
        for key in ordered
    }


_USE = "utilization:"


def _value(found: Mapping[str, Any] | None, key: str) -> float:
    """Return a value as a number; people of whom a replication says nothing had nothing to do in it."""
    if found is None:
        return 0.0 if key.startswith(_USE) else math.nan
    return math.nan if found["value"] is None else float(found["value"])


def _bounds(found: Any) -> dict[str, Any]:
    return {name: _finite(getattr(found, name)) for name in ("mean", "low", "high")} | {"n": found.n}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
