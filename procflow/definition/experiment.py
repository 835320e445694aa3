"""The experiment file: which variants are simulated under which changes of one scenario. Simulates nothing.

A change is written as ``axis: value``. The axes are ``arrivals`` (of every process), ``arrivals.<process>``,
``staffing.<department>.<role or group>``, ``staffing_changes`` (a list of them is one value), ``days``,
``warmup_days``, ``cases``, ``warmup_cases``, ``start`` and ``unlimited_staff``. The seed is no axis: all cells share
it, so that their differences are paired.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Annotated, Any, Final, Literal

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import InitErrorDetails

from procflow.definition.arrivals import Arrivals
from procflow.definition.base import Count, Date, Flag, Frozen, Name, PositiveCount
from procflow.definition.diagnostics import did_you_mean
from procflow.definition.resolved import Process
from procflow.definition.scenario import Days, Scenario, ScenarioProcess, StaffingChange
from procflow.errors import UnitError
from procflow.text import Text

METRICS: Final = (
    "cycle_wd",
    "cycle_wd_p50",
    "cycle_wd_p90",
    "cycle_days",
    "work_hours",
    "staff_hours",
    "handoffs_department",
    "handoffs_level",
    "handoffs_territory",
    "handoffs_system",
    "applicant_turns",
    "visits",
    "documents",
    "copies",
    "items_asked",
    "entries",
    "steps",
    "visible_steps",
    "efficiency",
    "unfinished",
)
"""The metrics that every process has; each limit adds ``on_time:…`` and each group of staff ``utilization:…``."""

PROCESSES: Final = "processes"
"""The first axis of every experiment: which of its variants."""

Overrides = Mapping[str, Any]

_TYPES: Final[dict[str, TypeAdapter[Any]]] = {
    "arrivals": TypeAdapter(Arrivals),
    "staffing": TypeAdapter(PositiveCount),
    "staffing_changes": TypeAdapter(tuple[StaffingChange, ...]),
    "days": TypeAdapter(Days),
    "warmup_days": TypeAdapter(Count),
    "cases": TypeAdapter(PositiveCount),
    "warmup_cases": TypeAdapter(Count),
    "start": TypeAdapter(Date),
    "unlimited_staff": TypeAdapter(Flag),
    PROCESSES: TypeAdapter(Name),
}
_AXES: Final = (
    "arrivals",
    "arrivals.<process>",
    "staffing.<department>.<role>",
    "staffing_changes",
    "days",
    "warmup_days",
    "cases",
    "warmup_cases",
    "start",
    "unlimited_staff",
)


def _type_of(axis: object, *, row: bool) -> TypeAdapter[Any] | None:
    head, dot, name = str(axis).partition(".")
    takes_name = {"arrivals": bool(name) or not dot, "staffing": bool(name)}
    if head == PROCESSES and not row:
        return None
    return _TYPES.get(head) if takes_name.get(head, not dot) else None


def _typed(written: Sequence[tuple[tuple[str | int, ...], str, Any]], *, row: bool) -> list[Any]:
    """Return the typed values of (place, axis, value); raise one ValidationError with all that is wrong."""
    found, wrong = [], []
    for place, axis, value in written:
        adapter = _type_of(axis, row=row)
        if adapter is None:
            hint = did_you_mean(axis, (*_AXES, PROCESSES) if row else _AXES)
            error = UnitError(Text(en=f"unknown axis {axis!r}{hint.en}", zh=f"未知的变量轴 {axis!r}{hint.zh}"))
            wrong.append(
                InitErrorDetails(type="value_error", loc=(place[0], "[key]"), input=axis, ctx={"error": error})
            )
            continue
        try:
            found.append(adapter.validate_python(value))
        except ValidationError as error:
            wrong += [_moved(place, each) for each in error.errors(include_url=False)]
    if wrong:
        raise ValidationError.from_exception_data("axes", wrong)
    return found


def _moved(place: tuple[str | int, ...], error: Any) -> InitErrorDetails:
    moved = InitErrorDetails(type=error["type"], loc=(*place, *error["loc"]), input=error["input"])
    if "ctx" in error:
        moved["ctx"] = error["ctx"]
    return moved


def _grid(data: Any) -> Any:
    if not isinstance(data, Mapping):
        return data
    listed = {axis: value if _is_list(axis, value) else (value,) for axis, value in data.items()}
    places = [((axis, n), axis, value) for axis, values in listed.items() for n, value in enumerate(values)]
    typed = iter(_typed(places, row=False))
    return {axis: tuple(next(typed) for _ in values) for axis, values in listed.items()}


def _is_list(axis: object, value: Any) -> bool:
    """Whether values of an axis are listed; of ``staffing_changes`` each value is a list itself."""
    if axis == "staffing_changes":
        return isinstance(value, list | tuple) and all(isinstance(each, list | tuple) for each in value)
    return isinstance(value, list | tuple)


def _row(data: Any) -> Any:
    if not isinstance(data, Mapping):
        return data
    typed = _typed([((axis,), axis, value) for axis, value in data.items()], row=True)
    return dict(zip(data, typed, strict=True))


def _listed(data: Any) -> Any:
    return (data,) if isinstance(data, str) else data


def _schema_of_axes(*, row: bool) -> dict[str, Any]:
    whole, text = {"type": "integer", "minimum": 0}, {"type": "string"}
    arrivals = {"type": ["string", "object"]}
    kinds = {
        "^arrivals(\\..+)?$": arrivals,
        "^staffing\\..+$": whole | {"minimum": 1},
        "^staffing_changes$": {"type": "array", "items": {"type": "object"}},
        "^(days|cases)$": whole | {"minimum": 1},
        "^warmup_(days|cases)$": whole,
        "^start$": text,
        "^unlimited_staff$": {"type": "boolean"},
    } | ({f"^{PROCESSES}$": text} if row else {})
    many = {axis: {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]} for axis, one in kinds.items()}
    return {"type": "object", "patternProperties": kinds if row else many, "additionalProperties": False}


Grid = Annotated[
    dict[str, Annotated[tuple[Any, ...], Field(min_length=1)]],
    BeforeValidator(_grid),
    WithJsonSchema(_schema_of_axes(row=False)),
]
"""Values by axis, each of its type; a single value may stand alone."""

Row = Annotated[dict[str, Any], BeforeValidator(_row), WithJsonSchema(_schema_of_axes(row=True))]
"""One value by axis; ``processes`` names a variant."""

_Files = Annotated[
    tuple[str, ...],
    Field(min_length=1),
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]
_Base = Annotated[
    Annotated[str, Tag("file")] | Annotated[Scenario, Tag("inline")],
    Discriminator(lambda data: "inline" if isinstance(data, Mapping | Scenario) else "file"),
]


class ExperimentPlan(Frozen):
    """Which variants are simulated under which changes of a scenario.

    ``processes`` gives each variant a name and its process file, or the files of several processes that share their
    staff. ``scenario`` is a file or written in place. ``grid`` crosses its axes; ``cells`` lists combinations
    instead. ``metrics`` are the ones kept in tables, by default all. ``baseline`` names the cell, or by some axes only
    the cells, that the others are compared with.
    """

    procflow: Literal[1] = 1
    experiment: Name
    title: Text | None = None
    processes: dict[Name, _Files] = {}
    scenario: _Base
    grid: Grid = {}
    cells: tuple[Row, ...] = ()
    metrics: tuple[str, ...] = ()
    baseline: Row | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "ExperimentPlan":
        if self.grid and self.cells:
            raise UnitError(Text(en="give 'grid' or 'cells', not both", zh="grid 和 cells 只能写一个"))
        return self


def combinations(
    variants: Sequence[str], grid: Mapping[str, Sequence[Any]], cells: Sequence[Overrides]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (variant, changes of the scenario) of every cell: of the list where there is one, else of the grid."""
    rows = cells or [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
    for variant in variants:
        for row in rows:
            if row.get(PROCESSES, variant) == variant:
                yield variant, {axis: value for axis, value in row.items() if axis != PROCESSES}


def overridden(scenario: Scenario, processes: Sequence[Process], changes: Overrides) -> Scenario:
    """Return the scenario of a cell: with its changes, and with arrivals for each of its processes.

    Arrivals of a process are, the first that is given: ``arrivals.<process>``, ``arrivals``, and those of the
    scenario (its list is in the order of the processes). Raises UnitError where one has none, ValidationError where
    the changes do not fit together.
    """
    arrivals = [_arrivals(scenario, processes, n, changes) for n in range(len(processes))]
    staff = {axis.partition(".")[2]: value for axis, value in changes.items() if axis.startswith("staffing.")}
    alone = len(processes) == 1
    pairs = zip(processes, arrivals, strict=True)
    data = {name: getattr(scenario, name) for name in Scenario.model_fields} | {
        axis: value for axis, value in changes.items() if axis in Scenario.model_fields
    }
    if "cases" in changes or "warmup_cases" in changes:  # the other way of saying how long is not meant any more
        data |= {name: 0 if name == "warmup_days" else None for name in ("days", "warmup_days") if name not in changes}
    elif "days" in changes or "warmup_days" in changes:
        data |= {name: 0 if name == "warmup_cases" else None for name in ("cases", "warmup_cases")}
    return Scenario.model_validate(
        data
        | {
            "arrivals": arrivals[0] if alone else None,
            "processes": () if alone else tuple(ScenarioProcess(process=p.name, arrivals=a) for p, a in pairs),
            "staffing": dict(sorted({**scenario.staffing, **staff}.items())),
        }
    )


def _arrivals(scenario: Scenario, processes: Sequence[Process], number: int, changes: Overrides) -> Arrivals:
    name = processes[number].name
    listed = scenario.processes[number].arrivals if len(scenario.processes) == len(processes) else None
    found = changes.get(f"arrivals.{name}", changes.get("arrivals", scenario.arrivals or listed))
    if not isinstance(found, Arrivals):
        raise UnitError(
            Text(
                en=f"nothing says how cases of {name} arrive: give the scenario 'arrivals', or the grid or the cell "
                f"'arrivals.{name}'",
                zh=f"没有说明 {name} 的办件如何到达:请在 scenario 中写 arrivals,或在 grid、cells 中写 arrivals.{name}",
            )
        )
    return found


def plain(value: Any) -> Any:
    """Return a value of an axis as tables show it: a rate of arrival as it is written, a date as text."""
    if isinstance(value, Arrivals):
        return value.rate or json.dumps(value.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
    if isinstance(value, tuple):
        return json.dumps([_change(each) for each in value], ensure_ascii=False)
    return value.isoformat() if isinstance(value, dt.date) else value


def _change(change: StaffingChange) -> Any:
    return change.model_dump(mode="json", by_alias=True, exclude_defaults=True)
