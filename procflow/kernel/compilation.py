"""Compilation of an entry to object code, without the machine code that numba would make of each function in it.

numba turns every function into machine code as soon as it is compiled, though all that is kept of the kernel is an
entry with all that it calls. Not doing so takes a quarter off the time of compilation. There is no option for it, so
three methods of numba are replaced meanwhile; where a version has others, all is compiled as numba does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numba.core import codegen, cpu
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target

_REPLACED: tuple[tuple[Any, str, Any], ...] = (
    (getattr(codegen, "JITCPUCodegen", None), "_add_module", lambda self, module: None),
    (getattr(codegen, "JITCodeLibrary", None), "_finalize_specific", lambda self: None),
    # numba asks for something that it could call, for each function another one, and never calls it
    (getattr(cpu, "CPUContext", None), "get_executable", lambda self, library, descriptor, environment: [].append),
)


def compiled_entry(function: Any, signature: str) -> tuple[str, bytes]:
    """Compile a function of numba's for a signature; return its symbol and its object code."""
    if all(hasattr(owner, name) for owner, name, _ in _REPLACED):
        try:
            with _no_machine_code():
                function.compile(signature)
                (made,) = function.overloads.values()
                made.library._ensure_finalized()
                code = made.library._codegen._tm.emit_object(made.library._final_module)
            return made.fndesc.llvm_func_name, code
        except AttributeError:
            function.overloads.clear()  # another version: anew, and all of it
    function.compile(signature)
    (made,) = function.overloads.values()
    _name, _kind, (code, _bitcode) = made.library.serialize_using_object_code()
    return made.fndesc.llvm_func_name, code


@contextmanager
def _no_machine_code() -> Iterator[None]:
    assert cpu_target.target_context is not None  # made at the first look, which compiles what numba itself needs
    with global_compiler_lock:
        before = [(owner, name, getattr(owner, name)) for owner, name, _ in _REPLACED]
        for owner, name, other in _REPLACED:
            setattr(owner, name, other)
        try:
            yield
        finally:
            for owner, name, method in before:
                setattr(owner, name, method)
