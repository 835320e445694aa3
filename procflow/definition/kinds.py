"""The six kinds of definition file: how one is told from another, and what is said where a file is of none."""

from typing import Any, Final

from pydantic import BaseModel

from procflow.definition.accepted import AcceptedFindings
from procflow.definition.catalog import Catalog
from procflow.definition.diagnostics import did_you_mean
from procflow.definition.experiment import ExperimentPlan
from procflow.definition.organization import Organization
from procflow.definition.process import ProcessDefinition
from procflow.definition.scenario import Scenario
from procflow.text import Text

KINDS: Final[dict[str, type[BaseModel]]] = {
    "process": ProcessDefinition,
    "organization": Organization,
    "catalog": Catalog,
    "scenario": Scenario,
    "experiment": ExperimentPlan,
    "accepted": AcceptedFindings,
}
"""The six kinds of file by the field that names them."""


def kind_of(data: Any) -> str | None:
    """Return which kind of file has this data, by the fields that only one kind has; None where none is there."""
    fields = set(data) if isinstance(data, dict) else set()
    if "accepted" in fields:
        return "accepted"
    if fields & {"experiment", "grid", "cells"}:
        return "experiment"
    if fields & {"scenario", "arrivals", "processes"}:
        return "scenario"
    if fields & {"process", "states"}:
        return "process"
    return next((kind for kind in ("organization", "catalog") if kind in fields), None)


def other_kind(kind: str, model: type[BaseModel]) -> Text:
    """Return what is said where a file is of another kind than its place asks for."""
    expected = next(name for name, known in KINDS.items() if known is model)
    article = {name: "an" if name[0] in "aeiou" else "a" for name in KINDS}
    return Text(
        en=f"this is {article[kind]} {kind} file, and {article[expected]} {expected} file is expected here",
        zh=f"这是 {kind} 文件,此处需要的是 {expected} 文件",
    )


def no_kind(data: Any) -> Text:
    """Return what is said of a file that is of no kind."""
    hints = [did_you_mean(key, KINDS) for key in data] if isinstance(data, dict) else []
    hint = next((each for each in hints if "did you mean" in str(each.en)), None)
    return Text(
        en="this is no definition file: it needs one of the fields process, organization, catalog, scenario, "
        "experiment, accepted" + (hint.get("en") if hint else ""),
        zh="这不是定义文件:须有 process、organization、catalog、scenario、experiment、accepted 字段之一"
        + (hint.get("zh") if hint else ""),
    )
