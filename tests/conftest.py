"""Fixtures that tests of every layer share."""

import pytest

from procflow.definition import Process
from tests.examples import PERMIT, make_process


@pytest.fixture
def permit() -> Process:
    """A process of two steps and a choice."""
    return make_process(PERMIT)
