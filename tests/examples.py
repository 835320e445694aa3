"""A small organization and catalog for tests, and processes built in them from inline YAML."""

from pathlib import Path

from procflow.definition import Process, loads

DATA = Path(__file__).parent / "data"
ORGANIZATION = (DATA / "organization.yaml").read_text(encoding="utf-8")
CATALOG = (DATA / "catalog.yaml").read_text(encoding="utf-8")


def make_process(process: str, organization: str | None = None, catalog: str | None = None) -> Process:
    """Return a process from YAML text, in the small organization and catalog of this module by default.

    ``procflow``, ``process`` and ``organization`` may be left out of the text. Raises DefinitionError where the
    text is wrong; the soundness of the state graph is not checked.
    """
    heading = {"procflow": "1", "process": "example", "organization": "organization.yaml"}
    lines = process.splitlines()
    written = {line.partition(":")[0] for line in lines}
    added = "".join(f"{key}: {value}\n" for key, value in heading.items() if key not in written)
    return loads(
        added + process,
        organization=ORGANIZATION if organization is None else organization,
        catalog=CATALOG if catalog is None else catalog,
    )


PERMIT = """
process: permit
initial: application
states:
  - {name: application, department: market_regulation, role: window_clerk, kind: intake, work: 10 min}
  - {name: review, department: market_regulation, role: reviewer, kind: review, work: 1 h}
  - {name: issued, final: true, outcome: granted}
  - {name: refused, final: true}
transitions:
  - {trigger: accept, source: application, dest: review}
  - {trigger: grant, source: review, dest: issued, probability: 0.9}
  - {trigger: refuse, source: review, dest: refused, probability: 0.1}
"""
"""A process of two steps and a choice."""
