"""Names cells by what their values depend on, so that a saved value is never taken for that of another cell."""

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import version

from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.version import __version__

_OF_NO_EFFECT = {"procflow", "scenario", "title", "replications"}
"""Fields of a scenario that no value of a single replication depends on."""


def made_by() -> str:
    """Return the versions that a value depends on: of procflow, and of what knows the public holidays."""
    return f"procflow {__version__}, holidays {version('holidays')}"


def definitions_digest(processes: Sequence[Process]) -> str:
    """Return the SHA-256 of processes with all that they refer to, in whichever order they are given."""
    return _sha256([_parts(process) for process in sorted(processes, key=lambda process: process.name)])


def _parts(process: Process) -> list[object]:
    own: list[object] = [part.model_dump_json() for part in (process.definition, process.organization, process.catalog)]
    return [*own, *([reference, _parts(each)] for reference, each in sorted(process.called.items()))]


def cell_digest(definitions: str, scenario: Scenario) -> str:
    """Return the SHA-256 of all that the values of a cell depend on, except the number of the replication."""
    data = scenario.model_dump(mode="json", exclude=_OF_NO_EFFECT)
    data["processes"] = sorted(data["processes"], key=lambda each: str(each["process"]))
    return _sha256([made_by(), definitions, data])


def unit_digest(cell: str, replication: int) -> str:
    """Return the SHA-256 that names one replication of a cell."""
    return _sha256([cell, replication])


def _sha256(data: object) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
