"""Definition files: their models, loading, checking and writing."""

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
