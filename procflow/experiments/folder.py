"""The folder of an experiment: a file per finished replication of a cell, and one per failure.

A file appears whole or not at all (it is renamed into place), so that a run may be killed at any time.
"""

import json
import os
from pathlib import Path
from typing import Any

from procflow.experiments.unit import Outcome, Unit


class Folder:
    """``cells/<digest>.json`` holds values, ``failures/<digest>.json`` what went wrong the last time."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def read(self, digest: str) -> Outcome | None:
        """Return the values of a unit, or None where there are none that can be read."""
        try:
            found = json.loads(self._file("cells", digest).read_text(encoding="utf-8"))
            return {"values": found["values"]}
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, unit: Unit, outcome: Outcome) -> None:
        """Save what became of a unit; its values take the place of an earlier failure."""
        kind = "cells" if "values" in outcome else "failures"
        write_whole(
            self._file(kind, unit.digest), json.dumps({**_about(unit), **outcome}, ensure_ascii=False, indent=1)
        )
        if kind == "cells":
            self._file("failures", unit.digest).unlink(missing_ok=True)

    def _file(self, kind: str, digest: str) -> Path:
        return self.path / kind / f"{digest}.json"


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file in such a way that it appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.write_bytes(content.encode() if isinstance(content, str) else content)
    partial.replace(path)


def _about(unit: Unit) -> dict[str, Any]:
    """Return what a unit is, for people who look into its file."""
    return {
        "made_by": unit.made_by,
        "processes": {process.name: process.variant for process in unit.processes},
        "scenario": unit.scenario.model_dump(mode="json", exclude_defaults=True, exclude={"replications"}),
        "replication": unit.replication,
    }
