"""Checks of what definition files say about each other and of what cannot be meant. Paths in the graph: machine."""

from procflow.definition.catalog import Catalog
from procflow.definition.organization import Organization
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.definition.source import SourceMap
from procflow.errors import Problem

__all__ = ["check_catalog", "check_organization", "check_process", "check_scenario"]


def check_organization(organization: Organization, source: SourceMap) -> list[Problem]:
    """Return what is wrong in an organization."""
    return []


def check_catalog(catalog: Catalog, source: SourceMap, organization: Organization | None) -> list[Problem]:
    """Return what is wrong in a catalog."""
    return []


def check_process(process: Process) -> list[Problem]:
    """Return what is wrong in a process."""
    return []


def check_scenario(scenario: Scenario, source: SourceMap, processes: tuple[Process, ...]) -> list[Problem]:
    """Return what is wrong in a scenario."""
    return []
