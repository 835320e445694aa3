"""What an experiment simulates: its cells, each a variant under a changed scenario. Simulates nothing itself."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from procflow.definition.checks.experiment import experiment_faults
from procflow.definition.experiment import PROCESSES, ExperimentPlan, Overrides, combinations, overridden, plain
from procflow.definition.loader import load_experiment_plan
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.errors import DefinitionError, ProcflowError, SimulationError
from procflow.experiments.digest import cell_digest, definitions_digest
from procflow.machine.soundness import soundness
from procflow.text import Text

Variant = Process | Sequence[Process]


@dataclass(frozen=True)
class Cell:
    """One variant under one scenario: ``changes`` are what the scenario has from the axes of the experiment.

    Cells of equal ``digest`` give equal values, whatever they are called and whichever experiment they belong to.
    """

    variant: str
    changes: Overrides
    processes: tuple[Process, ...] = field(repr=False)
    scenario: Scenario = field(repr=False)
    digest: str = field(repr=False)

    @property
    def axes(self) -> dict[str, Any]:
        """The cell's place on each axis, as tables show it; ``processes`` is its variant."""
        return {PROCESSES: self.variant, **{axis: plain(value) for axis, value in self.changes.items()}}

    def __str__(self) -> str:
        return ", ".join(f"{axis} = {value}" for axis, value in self.axes.items())


@dataclass(frozen=True, init=False)
class Experiment:
    """Variants of processes, a scenario, and the changes of it under which each variant is simulated.

    Parameters
    ----------
    processes:
        Each variant by its name: one process, or several that share their departments. A list of processes takes
        the names of their ``variant``.
    scenario:
        Horizon, replications, seed and whatever no axis changes. All cells share the seed: they meet the same cases
        with the same luck.
    grid:
        The values of each axis, all crossed: ``arrivals``, ``arrivals.<process>``,
        ``staffing.<department>.<role or group>``, ``staffing_changes``, ``days``, ``warmup_days``, ``cases``,
        ``warmup_cases``, ``start``, ``unlimited_staff``.
    cells:
        Instead of a grid: the combinations one by one, each a value by axis; ``processes`` names the one variant
        that a combination is for.
    metrics:
        The metrics kept in tables, by their keys; by default all.
    baseline:
        The value on each axis, or on some, of the cells that the others are compared with.

    Raises
    ------
    SimulationError
        With everything that is wrong: an unknown axis or name, a value out of range, a cell without arrivals.

    Examples
    --------
    >>> import procflow as pf
    >>> from procflow.definition.shipped import folder
    >>> files = folder() / "processes" / "food_license"
    >>> variants = [pf.load(files / "as_is.yaml"), pf.load(files / "to_be.yaml")]
    >>> plan = pf.Scenario(days=60, replications=2, seed=7)
    >>> experiment = Experiment(variants, plan, grid={"arrivals": ["2 per wd", "4 per wd"]})
    >>> [str(cell) for cell in experiment.cells][:2]
    ['processes = as_is, arrivals = 2 per wd', 'processes = as_is, arrivals = 4 per wd']
    """

    plan: ExperimentPlan
    scenario: Scenario
    variants: Mapping[str, tuple[Process, ...]] = field(repr=False)

    def __init__(
        self,
        processes: Mapping[str, Variant] | Sequence[Process],
        scenario: Scenario,
        *,
        grid: Mapping[str, Sequence[Any]] | None = None,
        cells: Sequence[Overrides] = (),
        metrics: Sequence[str] = (),
        baseline: Overrides | None = None,
        name: str = "experiment",
    ) -> None:
        written = {"grid": grid or {}, "cells": tuple(cells), "metrics": tuple(metrics), "baseline": baseline}
        try:
            plan = ExperimentPlan.model_validate({"experiment": name, "scenario": scenario, **written})
        except ValidationError as error:
            raise _wrong([(part["loc"], _reason(part)) for part in error.errors()]) from error
        variants = _variants(processes)
        faults = experiment_faults(plan, scenario, variants)
        if faults:
            raise _wrong([(fault.path, fault.message) for fault in faults])
        for name, value in (("plan", plan), ("scenario", scenario), ("variants", variants)):
            object.__setattr__(self, name, value)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """All cells: variant by variant, each in the order of the grid (its last axis varies fastest) or the list."""
        known = {name: definitions_digest(processes) for name, processes in self.variants.items()}
        cells = []
        for variant, changes in combinations(list(self.variants), self.plan.grid, self.plan.cells):
            processes = self.variants[variant]
            scenario = overridden(self.scenario, processes, changes)
            cells.append(Cell(variant, changes, processes, scenario, cell_digest(known[variant], scenario)))
        return tuple(cells)

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes of the cells, ``processes`` first, the others as they were given."""
        return tuple(dict.fromkeys(axis for cell in self.cells for axis in cell.axes))

    @property
    def replications(self) -> int:
        """The replications of each cell."""
        return self.scenario.replications


def load_experiment(path: str | os.PathLike[str], *, allow_outside: bool = False) -> Experiment:
    """Return the experiment of a plan file, with its scenario and its processes, which are checked to be sound.

    Raises DefinitionError, which lists every problem of all the files involved.
    """
    plan, scenario, variants = load_experiment_plan(path, allow_outside=allow_outside)
    processes = {id(process): process for each in variants.values() for process in each}
    problems = [problem for process in processes.values() for problem in soundness(process)]
    if problems:
        raise DefinitionError(sorted(set(problems)))
    return Experiment(
        variants,
        scenario,
        grid=plan.grid,
        cells=plan.cells,
        metrics=plan.metrics,
        baseline=plan.baseline,
        name=plan.experiment,
    )


def _variants(processes: Mapping[str, Variant] | Sequence[Process]) -> dict[str, tuple[Process, ...]]:
    if isinstance(processes, Mapping):
        found = {name: (v,) if isinstance(v, Process) else tuple(v) for name, v in processes.items()}
    else:
        found = {process.variant: (process,) for process in processes}
    if not found or not all(found.values()):
        raise SimulationError(Text(en="an experiment needs at least one process", zh="实验至少需要一个流程"))
    if len(found) < len(processes):
        raise SimulationError(
            Text(
                en="two of the processes have the same variant: give each a name, as in {'today': process, …}",
                zh="有两个流程的 variant 相同:请逐一命名,例如 {'today': process, …}",
            )
        )
    return found


def _reason(part: Any) -> Text:
    raised = part.get("ctx", {}).get("error")
    if isinstance(raised, ProcflowError):
        return raised.message
    return Text(en=f"{part['msg']} ({part['input']!r})", zh=f"{part['msg']}({part['input']!r})")


def _wrong(reasons: Sequence[tuple[tuple[str | int, ...], Text]]) -> SimulationError:
    places = [" → ".join(str(part) for part in place if part != "[key]") for place, _ in reasons]
    lines = [
        Text(en=f"{place or 'experiment'}: {text.get('en')}", zh=f"{place or '实验'}:{text.get('zh')}")
        for place, (_, text) in zip(places, reasons, strict=True)
    ]
    return SimulationError(
        Text(en="\n".join(line.get("en") for line in lines), zh="\n".join(line.get("zh") for line in lines))
    )
