"""Fixtures that tests of every layer share."""

import hypothesis
import pytest

from procflow.definition import Process
from tests.examples import PERMIT, make_process

# the same examples every time, however slow the machine is; --hypothesis-profile=explore looks for new ones
hypothesis.settings.register_profile("procflow", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=1_000)
hypothesis.settings.load_profile("procflow")


@pytest.fixture
def permit() -> Process:
    """A process of two steps and a choice."""
    return make_process(PERMIT)
