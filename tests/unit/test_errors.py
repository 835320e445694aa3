"""Errors and warnings keep both languages, and survive being copied and sent to other processes."""

import copy
import pickle

import pytest

from procflow.errors import ProcflowError, ProcflowWarning
from procflow.text import Text


@pytest.mark.parametrize("kind", [ProcflowError, ProcflowWarning])
def test_a_message_is_known_in_both_languages(kind):
    raised = kind(Text(en="too late", zh="已超期"))
    assert (raised.text("en"), raised.text("zh"), str(raised)) == ("too late", "已超期", "too late")


@pytest.mark.parametrize("kind", [ProcflowError, ProcflowWarning])
def test_an_error_can_be_made_again_from_its_arguments(kind):
    raised = kind(Text(en="too late", zh="已超期"))
    assert str(kind(*raised.args)) == "too late"
    for again in (pickle.loads(pickle.dumps(raised)), copy.copy(raised)):
        assert (type(again), again.text("zh")) == (kind, "已超期")
