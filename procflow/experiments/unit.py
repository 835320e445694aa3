"""One unit of work: a single replication of a cell, simulated and measured wherever an executor runs it.

What it returns is plain data, ready for JSON: errors, too, travel as data, so that any executor can carry them.
"""

import math
import threading
import traceback
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.errors import ProcflowError, SimulationError
from procflow.experiments.design import Cell
from procflow.experiments.digest import made_by, unit_digest
from procflow.text import Text

Outcome = dict[str, Any]
"""Either ``values`` (by process and metric: value, unit, en, zh) or ``failure`` (en, zh, kind, trace)."""


@dataclass(frozen=True)
class Unit:
    """One replication of a cell, with all that a worker needs; ``made_by`` are the versions that asked for it."""

    cell: str
    processes: tuple[Process, ...]
    scenario: Scenario
    replication: int
    made_by: str

    @property
    def digest(self) -> str:
        """The name of its values."""
        return unit_digest(self.cell, self.replication)


def unit_of(cell: Cell, replication: int) -> Unit:
    """Return a replication of a cell as a unit; positions in files, which are of no effect, stay here."""
    processes = tuple(process.without_positions() for process in cell.processes)
    return Unit(cell.digest, processes, cell.scenario, replication, made_by())


def measure(unit: Unit) -> Outcome:
    """Simulate a unit and return its values, or why there are none; raises nothing but what ends the program."""
    try:
        return {"values": _values(unit)}
    except Exception as error:
        return {"failure": failure_of(error)}


def failure_of(error: BaseException) -> dict[str, str]:
    """Return an error as plain data."""
    described = f"{type(error).__name__}: {error}"
    message = error.message if isinstance(error, ProcflowError) else Text(en=described, zh=described)
    trace = "" if isinstance(error, ProcflowError) else "".join(traceback.format_exception(error))
    return {"en": message.get("en"), "zh": message.get("zh"), "kind": type(error).__name__, "trace": trace}


def _values(unit: Unit) -> dict[str, dict[str, dict[str, Any]]]:
    # imported here: a unit is sent around by programs that simulate nothing themselves
    from procflow.analysis.metrics import replication_means
    from procflow.simulation.frames import tables_of
    from procflow.simulation.provenance import provenance
    from procflow.simulation.replicate import replicate
    from procflow.simulation.run import Run

    if unit.made_by != made_by():
        raise SimulationError(
            Text(
                en=f"this worker has {made_by()}, and {unit.made_by} asked it: install the same versions everywhere",
                zh=f"本工作节点为 {made_by()},任务来自 {unit.made_by}:请在各处安装相同版本",
            )
        )
    compiled = _COMPILED.of(unit)
    rows = [replicate(compiled, unit.scenario.seed, unit.replication)]
    source = provenance(unit.processes, unit.scenario, unit.made_by)
    run = Run(unit.processes, unit.scenario, tables_of(compiled, rows), source)
    return {
        process.name: {
            key: {"value": _number(means), "unit": label, "en": name.get("en"), "zh": name.get("zh")}
            for key, (name, label, means) in replication_means(run, process).items()
        }
        for process in unit.processes
    }


def _number(means: tuple[float, ...]) -> float | None:
    """Return the mean of the only replication; None where it has no such case, or no case at all."""
    return means[0] if means and math.isfinite(means[0]) else None


class _Compiled:
    """The models compiled last: the replications of a cell, which come one after another, share theirs."""

    KEPT = 4

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.models: OrderedDict[str, Any] = OrderedDict()

    def of(self, unit: Unit) -> Any:
        """Return the compiled model of a unit's cell."""
        from procflow.simulation.compile import compile_scenario

        with self.lock:  # compiling holds the interpreter's lock anyway
            if unit.cell not in self.models:
                scenario = unit.scenario
                listed = [scenario.arrivals] if scenario.arrivals else [each.arrivals for each in scenario.processes]
                self.models[unit.cell] = compile_scenario(unit.processes, listed, scenario)
            self.models.move_to_end(unit.cell)
            while len(self.models) > self.KEPT:
                self.models.popitem(last=False)
            return self.models[unit.cell]


_COMPILED = _Compiled()
