"""Definition files: their models, loading, checking and writing; each name is imported when it is first used."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from procflow.definition.loader import (
        check,
        load,
        load_catalog,
        load_organization,
        load_scenario,
        load_scenario_processes,
        loads,
    )
    from procflow.definition.resolved import Process

__all__ = [
    "Process",
    "check",
    "load",
    "load_catalog",
    "load_organization",
    "load_scenario",
    "load_scenario_processes",
    "loads",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'procflow.definition' has no attribute {name!r}")
    return getattr(import_module("procflow.definition." + ("resolved" if name == "Process" else "loader")), name)
