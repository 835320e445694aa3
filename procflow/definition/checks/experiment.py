"""Checks of an experiment against its scenario and processes: names that exist, cells that can be simulated."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from pydantic import ValidationError

from procflow.definition.arrivals import Arrivals
from procflow.definition.base import Path
from procflow.definition.checks.common import Fault, Names, fault, located
from procflow.definition.checks.scenario import arrival_faults
from procflow.definition.experiment import (
    METRICS,
    PROCESSES,
    ExperimentPlan,
    Overrides,
    combinations,
    overridden,
    plain,
)
from procflow.definition.limits import clock_keys
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.definition.source import SourceMap
from procflow.errors import Problem, UnitError

Variants = Mapping[str, Sequence[Process]]


class Design(Protocol):
    """What a plan file and an experiment in Python have in common."""

    @property
    def grid(self) -> Mapping[str, Sequence[Any]]:
        """The values of each axis."""

    @property
    def cells(self) -> Sequence[Overrides]:
        """The combinations listed instead of a grid."""

    @property
    def metrics(self) -> Sequence[str]:
        """The metrics kept."""

    @property
    def baseline(self) -> Overrides | None:
        """What the others are compared with."""


def check_experiment(plan: ExperimentPlan, source: SourceMap, scenario: Scenario, variants: Variants) -> list[Problem]:
    """Return what is wrong in an experiment file whose scenario and processes could be read."""
    inline = plan.scenario.arrivals if isinstance(plan.scenario, Scenario) else None
    own = [] if inline is None else arrival_faults(inline, ("scenario", "arrivals"))
    return located([*own, *experiment_faults(plan, scenario, variants)], source)


def experiment_faults(design: Design, scenario: Scenario, variants: Variants) -> list[Fault]:
    """Return what is wrong in an experiment; its cells are tried only where all names are known."""
    faults = [*_names(design, variants), *_arrivals(design), *_twice(design, variants), *_baseline(design, variants)]
    return faults or list(_cells(design, scenario, variants))


def _rows(design: Design) -> Iterator[tuple[Path, Overrides]]:
    yield ("grid",), design.grid
    yield from ((("cells", number), row) for number, row in enumerate(design.cells))


def _names(design: Design, variants: Variants) -> Iterator[Fault]:
    staff = Names("staff", "role or group", "岗位或人员组", sorted(_staff_of_all(variants)))
    processes = Names("process", "process", "流程", sorted({p.name for each in variants.values() for p in each}))
    named = Names("variant", "variant", "方案", tuple(variants))
    for place, row in _rows(design):
        for axis, value in row.items():
            head, _, name = axis.partition(".")
            if head == "staffing":
                yield from _keyed(staff.unknown((*place, axis), name))
            elif head == "arrivals" and name:
                yield from _keyed(processes.unknown((*place, axis), name))
            elif axis == PROCESSES:
                yield from named.unknown((*place, axis), value)
    known = sorted({metric for each in variants.values() for p in each for metric in _metrics_of(p)})
    yield from Names("metric", "metric", "指标", (*METRICS, *known)).each_unknown(("metrics",), design.metrics)


def _arrivals(design: Design) -> Iterator[Fault]:
    for place, row in _rows(design):
        for axis, value in row.items():
            listed = value if isinstance(value, tuple) else (value,)
            for number, each in enumerate(listed):
                if isinstance(each, Arrivals) and each.log is not None and not each.times:
                    yield fault(
                        (*place, axis, number),
                        "log",
                        "a log of arrivals is read for a scenario, not for an axis: give each its own scenario",
                        "到达记录(log)须写在情景中,不能作为变量轴的取值:请为每份记录单独写情景",
                    )
                if isinstance(each, Arrivals):
                    yield from arrival_faults(each, (*place, axis, number))


def _keyed(faults: Iterator[Fault]) -> Iterator[Fault]:
    """Point at the name of the axis: that is where the unknown name stands."""
    yield from (Fault(each.path, each.code, each.message, key=True) for each in faults)


def _staff_of_all(variants: Variants) -> set[str]:
    found = [
        {
            f"{department.name}.{each.name}"
            for process in processes
            for department in process.organization.departments
            for each in (*department.roles, *department.staff)
        }
        for processes in variants.values()
    ]
    return set.intersection(*found) if found else set()


def _metrics_of(process: Process) -> Iterator[str]:
    for limit, definition in process.definition.limits.items():
        yield from clock_keys(limit, definition)
        yield from (f"on_time:{limit}:{kind}" for kind in ("statutory", "promised") if getattr(definition, kind))
    for department in process.organization.departments:
        for each in (*department.roles, *department.staff):
            yield f"utilization:{department.name}.{each.name}"


def _twice(design: Design, variants: Variants) -> Iterator[Fault]:
    for axis, values in design.grid.items():
        yield from _repeated(("grid", axis), [plain(value) for value in values])
    yield from _repeated(("cells",), [{axis: plain(value) for axis, value in row.items()} for row in design.cells])
    for name, processes in variants.items():
        yield from _repeated((PROCESSES, name), [process.name for process in processes])


def _repeated(place: Path, values: Sequence[Any]) -> Iterator[Fault]:
    for index, value in enumerate(values):
        if value in values[:index]:
            yield fault(
                (*place, index),
                "duplicate",
                f"{value!r} stands here twice: leave one of them out",
                f"{value!r} 重复出现:请删去其一",
            )


def _baseline(design: Design, variants: Variants) -> Iterator[Fault]:
    if design.baseline is None:
        return
    rows = [{PROCESSES: variant, **row} for variant, row in combinations(list(variants), design.grid, design.cells)]
    axes = Names("axis", "axis", "变量轴", sorted({axis for row in rows for axis in row}))
    for axis, value in design.baseline.items():
        values = {str(plain(row[axis])): None for row in rows if axis in row}
        yield from _keyed(axes.unknown(("baseline", axis), axis))
        if values:
            known = Names("value", f"value of {axis}", f" {axis} 取值", tuple(values))
            yield from known.unknown(("baseline", axis), str(plain(value)))


def _cells(design: Design, scenario: Scenario, variants: Variants) -> Iterator[Fault]:
    place: Path = ("cells",) if design.cells else ("grid",) if design.grid else ("scenario",)
    told = set()
    for variant, row in combinations(list(variants), design.grid, design.cells):
        try:
            overridden(scenario, variants[variant], row)
        except UnitError as error:
            message = error.message
        except ValidationError as error:
            [first, *_] = error.errors()
            raised = first.get("ctx", {}).get("error")
            if not isinstance(raised, UnitError):
                raise
            message = raised.message
        else:
            continue
        if message.get("en") not in told:
            told.add(message.get("en"))
            yield Fault(place, "cell", message)
