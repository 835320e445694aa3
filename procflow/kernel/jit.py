"""Compilation by numba, with a cache that belongs to one version of the whole kernel.

What Python calls is kept as object code in a folder named by the digest of every file of this package; where it is
there numba is not even imported (``procflow.kernel.native``). Where no folder can be written the kernel is compiled
anew by each process. ``NUMBA_DISABLE_JIT=1`` runs the same source as plain Python.
"""

import hashlib
import os
import sys
import threading
from collections.abc import Callable
from functools import wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from procflow.cache import cache_folder
from procflow.kernel.arrays import Floats, Ints
from procflow.kernel.native import Code, cpu, linked

Function = TypeVar("Function", bound=Callable[..., Any])
Array = TypeVar("Array")

COMPILED = os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")
"""Whether the kernel is compiled, or runs as plain Python."""

ENTRIES = ("run",)
"""The functions that Python calls."""

_TYPES = {Ints: "int64[::1]", Floats: "float64[::1]", int: "int64", None: "void"}


def package_digest() -> str:
    """Return a digest of the kernel's source, the compiler's version, the platform and the processor."""
    made_by = f"{version('numba')} {version('llvmlite')} {sys.version} {sys.platform} {cpu()}"
    digest = hashlib.sha256(made_by.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


_FOLDER = cache_folder(f"kernel-{package_digest()}") if COMPILED else None


def _kept() -> dict[str, Code]:
    """Return the object code in the cache by the name of the entry; nothing where any is missing or damaged."""
    found = {name: Code.read(_FOLDER / f"{name}.o") for name in ENTRIES} if _FOLDER else {}
    kept = {name: code for name, code in found.items() if code is not None}
    return kept if len(kept) == len(ENTRIES) else {}


_KEPT = _kept()


def is_cached() -> bool:
    """Whether compiled code of this version lay in the cache, so that the first run need not compile."""
    return not COMPILED or bool(_KEPT)


def _jit(function: Function, **options: str | bool) -> Function:
    """Compile a function without an entry from Python; where no entry will be compiled it stays as it is."""
    if is_cached():
        return function
    import numba

    njit: Any = numba.njit  # its type stubs do not know all options
    common = {"nogil": True, "_nrt": False, "error_model": "numpy"}
    made: Function = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **common, **options)(function)
    return made


def compiled(function: Function) -> Function:
    """Compile a function that only other functions of the kernel call.

    It has no entry from Python and no place in the cache: its code is part of whoever calls it, and making both for
    every small function would take most of the time of compilation.
    """
    return _jit(function)


def inlined(function: Function) -> Function:
    """Copy the source of a function into each of its callers: for what every visit passes, with one or two callers.

    It is then not compiled by itself. A chain of large functions, each with the code of those below it, would be
    optimized and turned into machine code once for each link of the chain, which was most of the time of compilation.
    """
    return _jit(function, inline="always")


def fused(function: Function) -> Function:
    """Compile a function by itself, and its machine code into its caller: for a large one with one caller.

    A call sets aside and clears a place for the result of every call within; copying the source of a large function
    takes longer than compiling it.
    """
    return _jit(function, forceinline=True)


def entry(function: Function) -> Function:
    """Compile a function that Python calls, once it is called: from the cache, and without the interpreter lock."""
    if not COMPILED:
        return function
    made = _jit(function)
    lock = threading.Lock()
    native: list[Callable[..., int | None]] = []

    @wraps(function)
    def call(*arguments: Any) -> Any:
        if not native:
            with lock:
                if not native:
                    native.append(linked(_KEPT.get(function.__name__) or _compile(made), function))
        return native[0](*arguments)

    return call  # type: ignore[return-value]


def _compile(function: Any) -> Code:
    """Compile an entry and keep its object code in the cache."""
    from procflow.kernel.compilation import compiled_entry

    *takes, gives = (_TYPES[kind] for kind in function.py_func.__annotations__.values())
    code = Code(*compiled_entry(function, f"{gives}({', '.join(takes)})"))
    if _FOLDER is not None:
        code.write(_FOLDER / f"{function.py_func.__name__}.o")
    return code


def words(array: Array) -> Array:
    """Return an array as the compiled kernel passes it: the address of its first word, and nothing else.

    An array of numba is seven words, and each access to it asks whether the index is negative and counts from the end.
    """
    return array


if not is_cached():
    import numba.extending

    _numba: Any = numba  # its type stubs do not know its types

    @_numba.extending.intrinsic
    def words(typingctx: Any, array: Any) -> Any:  # noqa: D103 - as above, of types
        def address(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return context.make_array(signature.args[0])(context, builder, arguments[0]).data

        return _numba.types.CPointer(array.dtype)(array), address
