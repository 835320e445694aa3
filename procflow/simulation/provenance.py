"""Where a run comes from: definitions, scenario, seed and version, so that it can be repeated."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario


@dataclass(frozen=True)
class Provenance:
    """What a run is a function of.

    ``processes`` are (name, variant); ``files`` are (file, SHA-256) of every definition file read; ``digest`` is one
    SHA-256 over the definitions, the scenario and the version: equal digests give equal tables.
    """

    version: str
    scenario: str
    seed: int
    replications: int
    processes: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]
    digest: str

    def to_data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Provenance":
        """Return what ``to_data`` made."""
        pairs = {key: tuple((a, b) for a, b in data[key]) for key in ("processes", "files")}
        return cls(**{**data, **pairs})


def provenance(processes: Sequence[Process], scenario: Scenario, version: str) -> Provenance:
    """Return the provenance of a run of these processes under a scenario."""
    digest = hashlib.sha256(version.encode())
    family = [each for process in sorted(processes, key=lambda p: p.name) for each in process.family()]
    for process in family:
        for part in (process.definition, process.organization, process.catalog):
            digest.update(part.model_dump_json().encode())
    digest.update(scenario.model_dump_json().encode())
    origins = (
        source
        for process in family
        for source in (process.origin.process, process.origin.organization, *process.origin.catalogs)
    )
    files = tuple(sorted({(source.file, source.digest) for source in origins if source.digest}))
    return Provenance(
        version,
        scenario.scenario,
        scenario.seed,
        scenario.replications,
        tuple((process.name, process.variant) for process in processes),
        files,
        digest.hexdigest(),
    )
