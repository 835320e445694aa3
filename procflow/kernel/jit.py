"""Compilation by numba, with a cache that belongs to one version of the whole kernel.

numba notices a change of the module that it compiles, not of the modules that this one calls, and would then run
stale code. So the cache lies in a folder named by the digest of every file of this package. Where no folder can be
written the kernel is compiled anew by each process. ``NUMBA_DISABLE_JIT=1`` runs the same source as plain Python.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba.core.config
import numba.extending

Function = TypeVar("Function", bound=Callable[..., Any])
Array = TypeVar("Array")

_numba: Any = numba  # its type stubs know neither the settings nor all options of njit

COMPILED = not _numba.core.config.DISABLE_JIT
"""Whether the kernel is compiled, or runs as plain Python."""


def package_digest() -> str:
    """Return a digest of the kernel's source, the compiler's version and the platform."""
    digest = hashlib.sha256(f"{_numba.__version__} {sys.version} {sys.platform}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path | None:
    """Return the folder of compiled code, created if need be; None where no place can be written."""
    home = os.environ.get("PROCFLOW_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    places = [Path(home)] if home else [Path.home() / ".cache"] if os.environ.get("HOME") else []
    places.append(Path(tempfile.gettempdir()) / f"procflow-{os.getuid() if hasattr(os, 'getuid') else 'cache'}")
    for place in places:
        folder = place / "procflow" / f"kernel-{package_digest()}"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return None


_FOLDER = cache_folder()


def is_cached() -> bool:
    """Whether compiled code of this version lies in the cache, so that the first run need not compile."""
    return not COMPILED or (_FOLDER is not None and any(_FOLDER.rglob("*.advance-*.nbi")))


def compiled(function: Function) -> Function:
    """Compile a function that only other functions of the kernel call.

    It has no entry from Python and no place in the cache: its code is part of whoever calls it, and making both for
    every small function would take most of the time of compilation.
    """
    made: Function = _numba.njit(
        nogil=True, _nrt=False, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True
    )(function)
    return made


def inlined(function: Function) -> Function:
    """Copy the source of a function into each of its callers: for what every visit passes, with one or two callers.

    It is then not compiled by itself. A chain of large functions, each with the code of those below it, would be
    optimized and turned into machine code once for each link of the chain, which was most of the time of compilation.
    """
    made: Function = _numba.njit(
        nogil=True, _nrt=False, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, inline="always"
    )(function)
    return made


def entry(function: Function) -> Function:
    """Compile a function that Python calls: cached, and without the interpreter lock."""
    before = _numba.core.config.CACHE_DIR
    # the place of the cache is fixed when a function is decorated; the user's own setting is restored at once
    _numba.core.config.CACHE_DIR = str(_FOLDER or "")
    try:
        made: Function = _numba.njit(cache=_FOLDER is not None, nogil=True, _nrt=False, error_model="numpy")(function)
    finally:
        _numba.core.config.CACHE_DIR = before
    return made


def words(array: Array) -> Array:
    """Return an array as the compiled kernel passes it: the address of its first word, and nothing else.

    An array of numba is seven words, and each access to it asks whether the index is negative and counts from the end.
    """
    return array


if COMPILED:

    @_numba.extending.intrinsic
    def words(typingctx: Any, array: Any) -> Any:  # noqa: D103 - as above, of types
        def address(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return context.make_array(signature.args[0])(context, builder, arguments[0]).data

        return _numba.types.CPointer(array.dtype)(array), address
