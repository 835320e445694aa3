"""The kernel's modules as plain Python, beside the compiled ones: the same source, decorated by nothing.

Most compiled functions have no entry from Python, and compiling one takes longer than testing it.
"""

import importlib
import os
import sys
from types import ModuleType

import procflow

_PACKAGE = "procflow.kernel"
_NAMES = ("calendars", "draws", "guards", "heap", "jit", "layout", "queues", "sampling")


def _loaded() -> list[str]:
    return [name for name in sys.modules if name == _PACKAGE or name.startswith(_PACKAGE + ".")]


def _uncompiled() -> dict[str, ModuleType]:
    ours = {name: sys.modules[name] for name in _loaded()}
    package, setting = getattr(procflow, "kernel", None), os.environ.get("NUMBA_DISABLE_JIT")
    for name in ours:
        del sys.modules[name]
    os.environ["NUMBA_DISABLE_JIT"] = "1"
    try:
        return {name: importlib.import_module(f"{_PACKAGE}.{name}") for name in _NAMES}
    finally:
        if setting is None:
            del os.environ["NUMBA_DISABLE_JIT"]
        else:
            os.environ["NUMBA_DISABLE_JIT"] = setting
        for name in _loaded():
            del sys.modules[name]
        sys.modules.update(ours)
        if package is not None:
            procflow.kernel = package  # type: ignore[attr-defined]


_MODULES = _uncompiled()
calendars, draws, guards, heap, jit, layout, queues, sampling = (_MODULES[name] for name in _NAMES)
