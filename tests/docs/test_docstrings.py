"""The examples in docstrings run and print what they say."""

import doctest
import importlib
import pkgutil

import pytest

import procflow

NOT_IMPORTED = ("procflow.__main__", "procflow.store.migrations")  # these run something when they are imported


def _modules() -> list[str]:
    names = [module.name for module in pkgutil.walk_packages(procflow.__path__, "procflow.")]
    return ["procflow", *(name for name in names if not name.startswith(NOT_IMPORTED))]


@pytest.mark.parametrize("name", _modules())
def test_the_examples_of_a_module_run(name: str):
    assert doctest.testmod(importlib.import_module(name), verbose=False).failed == 0
