"""JSON Schema (draft 2020-12) of the six kinds of definition file, short forms included, for completion in editors.

The schema says what a file may look like; what names must exist and what must add up, only ``check`` says.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel

from procflow.definition import distributions
from procflow.definition.accepted import AcceptedFindings
from procflow.definition.catalog import Catalog
from procflow.definition.experiment import ExperimentPlan
from procflow.definition.organization import DAYS, Organization
from procflow.definition.process import ProcessDefinition
from procflow.definition.scenario import Scenario

Kind = Literal["process", "organization", "catalog", "scenario", "experiment", "accepted"]
Schema = dict[str, Any]

_MODELS: Final[dict[str, type[BaseModel]]] = {
    "process": ProcessDefinition,
    "organization": Organization,
    "catalog": Catalog,
    "scenario": Scenario,
    "experiment": ExperimentPlan,
    "accepted": AcceptedFindings,
}
_ONE_OR_MORE: Final = {
    "Limit": ("start", "stop"),
    "Entry": ("into",),
    "Check": ("criteria", "evidence"),
    "Transition": ("source",),
    "ProcessDefinition": ("catalog",),
}
"""The fields that take a single value in place of a list of one."""

_SOURCE: Final[Schema] = {
    "source": {"type": "string", "description": "Where the value comes from."},
    "assumed": {"type": "boolean", "description": "Whether it is an assumption."},
}
_FRACTION: Final[Schema] = {"type": "number", "minimum": 0, "maximum": 1}
_ARGUMENT: Final[Schema] = {"type": ["number", "string"]}


def schema(kind: Kind) -> Schema:
    """Return the JSON Schema of a kind of file: process, organization, catalog, scenario, experiment or accepted.

    Raises ValueError for any other kind.

    >>> schema("catalog")["properties"]["procflow"]["const"]
    1
    """
    if kind not in _MODELS:
        raise ValueError(f"{kind!r} is no kind of definition file: use one of {', '.join(_MODELS)}")
    model = _MODELS[kind]
    made: Schema = model.model_json_schema(by_alias=True)
    parts = {**made.get("$defs", {}), model.__name__: made}
    for name, fields in _ONE_OR_MORE.items():
        for field in fields if name in parts else ():
            listed = parts[name]["properties"][field]
            parts[name]["properties"][field] = {"anyOf": [listed["items"], listed]}
    for name, widen in _SHORT.items():
        if name in made.get("$defs", {}):
            made["$defs"][name] = widen(made["$defs"][name])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": f"procflow {kind}"}


def write_schemas(folder: str | os.PathLike[str]) -> tuple[Path, ...]:
    """Write ``<kind>.schema.json`` for each kind into a folder, which is made where needed; return their paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind in _MODELS:
        path = folder / f"{kind}.schema.json"
        path.write_text(json.dumps(schema(kind), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")  # type: ignore[arg-type]
        written.append(path)
    return tuple(written)


def _or(*short: Schema) -> Callable[[Schema], Schema]:
    """Return a function that lets a model's schema be written in ``short`` forms too."""

    def widen(full: Schema) -> Schema:
        description = {key: full.pop(key) for key in ("description",) if key in full}
        return {**description, "anyOf": [*short, full]}

    return widen


def _instant(full: Schema) -> Schema:
    events = {name: {"type": "string", "minLength": 1} for name in full["properties"]["event"]["enum"]}
    described = {"description": full["description"]} if "description" in full else {}
    return {**described, **_object(events), "minProperties": 1, "maxProperties": 1}


def _object(properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return made | ({"required": list(required)} if required else {})


def _probability(full: Schema) -> Schema:
    values = {"anyOf": [_FRACTION, {"type": "array", "items": _FRACTION, "minItems": 1}]}
    about = {**_SOURCE, "sample": {"type": "integer", "minimum": 1, "description": "How many the source counted."}}
    return {
        "description": full["description"],
        "anyOf": [
            values,
            _object({"value": values, **about}, ("value",)),
            _object({"first": _FRACTION, "again": _FRACTION, **about}, ("first", "again")),
        ],
    }


def _distribution(full: Schema) -> Schema:
    forms = [_object({kind: _arguments(kind), **_SOURCE}, (kind,)) for kind in distributions.ARGUMENTS]
    return {
        "description": full["description"],
        "anyOf": [_ARGUMENT, _object({"value": _ARGUMENT, **_SOURCE}, ("value",)), *forms],
    }


def _arguments(kind: str) -> Schema:
    names = distributions.ARGUMENTS[kind]
    exact = {} if kind == "empirical" else {"minItems": len(names), "maxItems": len(names)}
    listed = {"type": "array", "items": _ARGUMENT, "description": ", ".join(names), **exact}
    values = {"type": "array", "items": _ARGUMENT} if kind == "empirical" else _ARGUMENT
    named = _object(dict.fromkeys(names, values), names)
    return {"anyOf": [listed, named, _ARGUMENT] if len(names) == 1 else [listed, named]}


def _durations(full: Schema) -> Schema:
    one = {"$ref": "#/$defs/Distribution"}
    many = {"type": "array", "items": one, "minItems": 1}
    return {
        "description": full["description"],
        "anyOf": [
            one,
            many,
            _object({"first": one, "again": one, **_SOURCE}, ("first", "again")),
            _object({"visits": many, **_SOURCE}, ("visits",)),
        ],
    }


def _calendar(full: Schema) -> Schema:
    shifts = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    days = "|".join(DAYS)
    full["properties"]["hours"] = {
        "type": "object",
        "patternProperties": {f"^({days})(-({days}))?$": shifts},
        "additionalProperties": False,
        "description": "The shifts of each weekday or span of weekdays, such as mon-fri: ['09:00-12:00'].",
    }
    return full


def _profile(full: Schema) -> Schema:
    factor = {"type": "number", "minimum": 0, "maximum": 1000}
    days = "|".join(DAYS)
    keys = {"hours": r"^\d{1,2}:\d\d-\d{1,2}:\d\d$", "weekdays": f"^({days})(-({days}))?$", "months": r"^\d+(-\d+)?$"}
    for name, pattern in keys.items():
        full["properties"][name] = {
            "type": "object",
            "patternProperties": {pattern: factor},
            "additionalProperties": False,
        }
    return full


_TEXT: Final[Schema] = {"type": "string"}
_SHORT: Final[dict[str, Callable[[Schema], Schema]]] = {
    "Text": _or(_TEXT),
    "Ask": _or(_TEXT),
    "Read": _or(_TEXT),
    "Timeout": _or(_TEXT),
    "Term": _or(_TEXT),
    "Arrivals": _or(_TEXT),
    "Log": _or(_TEXT),
    "Amount": _or({"type": "number", "minimum": 0}),
    "StaffCount": _or({"type": "integer", "minimum": 1}),
    "Territorial": _or(_TEXT),
    "Instant": _instant,
    "LockInstant": _instant,
    "Probability": _probability,
    "Distribution": _distribution,
    "Durations": _durations,
    "Calendar": _calendar,
    "Profile": _profile,
}
"""How the short forms that the models' validators accept widen the schema of the models."""
