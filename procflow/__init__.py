"""Find redundant steps and timing gaps in government processes, and prove what a reform gains (政务流程再造).

The names below are the public ones; each is imported from its home when it is first used, so that
``import procflow`` stays light.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from procflow.version import __version__

if TYPE_CHECKING:
    from procflow import redesign
    from procflow.analysis.clocks import due
    from procflow.analysis.compare import Comparison, compare
    from procflow.analysis.finding import Finding
    from procflow.analysis.log_registry import analyze_log
    from procflow.analysis.metrics import summary
    from procflow.analysis.registry import analyze
    from procflow.definition.dump import dump, save
    from procflow.definition.loader import load_scenario
    from procflow.definition.resolved import Process
    from procflow.definition.scenario import Scenario
    from procflow.definition.schema import schema
    from procflow.errors import DefinitionError, ProcflowError
    from procflow.logs import EventLog, read_log, write_log
    from procflow.machine import Automaton
    from procflow.machine.loading import check, load
    from procflow.render import draw
    from procflow.report import report
    from procflow.simulation import Run, simulate
    from procflow.store import Store

_HOMES = {
    "Automaton": "procflow.machine",
    "Comparison": "procflow.analysis.compare",
    "DefinitionError": "procflow.errors",
    "EventLog": "procflow.logs",
    "Finding": "procflow.analysis.finding",
    "Process": "procflow.definition.resolved",
    "ProcflowError": "procflow.errors",
    "Run": "procflow.simulation",
    "Scenario": "procflow.definition.scenario",
    "Store": "procflow.store",
    "analyze": "procflow.analysis.registry",
    "analyze_log": "procflow.analysis.log_registry",
    "check": "procflow.machine.loading",
    "compare": "procflow.analysis.compare",
    "draw": "procflow.render",
    "due": "procflow.analysis.clocks",
    "dump": "procflow.definition.dump",
    "load": "procflow.machine.loading",
    "load_scenario": "procflow.definition.loader",
    "read_log": "procflow.logs",
    "save": "procflow.definition.dump",
    "schema": "procflow.definition.schema",
    "simulate": "procflow.simulation",
    "summary": "procflow.analysis.metrics",
    "write_log": "procflow.logs",
}

__all__ = [
    "Automaton",
    "Comparison",
    "DefinitionError",
    "EventLog",
    "Finding",
    "Process",
    "ProcflowError",
    "Run",
    "Scenario",
    "Store",
    "__version__",
    "analyze",
    "analyze_log",
    "check",
    "compare",
    "draw",
    "due",
    "dump",
    "load",
    "load_scenario",
    "read_log",
    "redesign",
    "report",
    "save",
    "schema",
    "simulate",
    "summary",
    "write_log",
]


def __getattr__(name: str) -> Any:
    if name in ("redesign", "report"):  # packages; the latter can be called, so that its name means one thing
        return import_module(f"procflow.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'procflow' has no attribute {name!r}")
    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
