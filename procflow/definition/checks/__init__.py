"""Checks of what definition files say about each other, and of what cannot be meant.

Whether every state can be reached and every case can end is a question to the state graph: ``machine.soundness``.
"""

from procflow.definition.checks.catalog import check_catalog
from procflow.definition.checks.organization import check_organization
from procflow.definition.checks.process import check_process
from procflow.definition.checks.scenario import check_scenario

__all__ = ["check_catalog", "check_organization", "check_process", "check_scenario"]
