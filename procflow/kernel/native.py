"""Object code of the kernel: kept in files, linked into the process by LLVM and called by ctypes.

Needs no numba: importing it, and having it look up what it knows of numpy, takes longer than a small simulation. What
it knows of numba is how that passes arguments; the kernel's own code calls nothing but the C library's mathematics.
"""

import ctypes
import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm

from procflow.cache import keep

_BARE = sys.platform == "linux"
"""Whether object code can be linked without the helpers that numba brings, as for mathematics and stack probes."""

_ENGINES: list[Any] = []
"""What owns the linked code, as long as the process lives."""


@dataclass(frozen=True)
class Code:
    """The object code of one function, and the symbol at which it begins."""

    symbol: str
    machine_code: bytes

    @classmethod
    def read(cls, path: Path) -> "Code | None":
        """Return what a file holds; None where it is missing or damaged."""
        try:
            head, _, machine_code = path.read_bytes().partition(b"\n")
        except OSError:
            return None
        digest, _, symbol = head.decode("utf-8", "replace").partition(" ")
        return cls(symbol, machine_code) if digest == _digest(symbol, machine_code) else None

    def write(self, path: Path) -> None:
        """Write the file, for other processes."""
        keep(path, f"{_digest(self.symbol, self.machine_code)} {self.symbol}\n".encode() + self.machine_code)


def _digest(symbol: str, machine_code: bytes) -> str:
    return hashlib.sha256(symbol.encode() + machine_code).hexdigest()


def cpu() -> str:
    """Return the processor for which code is made, with its features."""
    return f"{llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"


def linked(code: Code, function: Callable[..., Any]) -> Callable[..., int | None]:
    """Return object code as a function of arrays of 64-bit words and integers, as ``function`` is annotated.

    It lets go of the interpreter lock. Raises SystemError where the code ends with an exception, which it never should.
    """
    takes = list(function.__annotations__.values())
    is_array = [kind is not int for kind in takes[:-1]]
    gives = takes[-1] is not None
    words = [part for array in is_array for part in (_ARRAY if array else (ctypes.c_int64,))]
    call = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *words)(_address(code))

    def run(*arguments: Any) -> int | None:
        result, exception = ctypes.c_int64(0), ctypes.c_void_p()
        passed: list[int | None] = []
        for argument, array in zip(arguments, is_array, strict=True):
            passed += _as_array(argument) if array else (argument,)
        status = call(ctypes.addressof(result), ctypes.addressof(exception), *passed)
        if status not in _FINE:
            raise SystemError(f"{function.__name__} of the kernel ended with status {status}")
        return result.value if gives else None

    return run


_FINE = (0, -2)
"""numba's status of a function that returns a value, and of one that returns None."""

_ARRAY = (ctypes.c_void_p, ctypes.c_void_p, *(ctypes.c_int64,) * 2, ctypes.c_void_p, *(ctypes.c_int64,) * 2)


def _as_array(words: Any) -> tuple[int | None, ...]:
    """Return what numba passes for an array: memory to count, owner, items, bytes of each, place, length, stride."""
    if words.dtype.itemsize != 8 or words.ndim != 1 or not words.flags.carray:
        raise TypeError("an array of the kernel has one dimension and words of 64 bits without gaps")
    return None, None, words.size, 8, words.ctypes.data, words.size, 8


def _address(code: Code) -> int:
    """Link object code into the process, and return where its function is."""
    if not _BARE:
        import numba  # noqa: F401
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    engine = llvm.create_mcjit_compiler(
        llvm.parse_assembly(""), target.create_target_machine(codemodel="jitdefault", jit=True)
    )
    engine.add_object_file(llvm.ObjectFileRef.from_data(code.machine_code))
    engine.finalize_object()
    _ENGINES.append(engine)
    return int(engine.get_function_address(code.symbol))
