"""Object code: kept whole or not at all, called with arrays as numba would pass them, and without numba."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from procflow.kernel.native import Code
from procflow.simulation.replicate import flush
from tests.unit.simulation.small import ran

CODE = Code("some_symbol", b"\x7fELF\n\x00 not really\n")


def test_code_is_read_as_it_was_written(tmp_path: Path):
    CODE.write(tmp_path / "it.o")
    assert Code.read(tmp_path / "it.o") == CODE
    assert [path.name for path in tmp_path.iterdir()] == ["it.o"]


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b + b"\0", lambda b: b"x" + b, lambda _b: b""])
def test_damaged_code_is_not_read(tmp_path: Path, damage):
    place = tmp_path / "it.o"
    CODE.write(place)
    place.write_bytes(damage(place.read_bytes()))
    assert Code.read(place) is None


def test_missing_code_is_not_read(tmp_path: Path):
    assert Code.read(tmp_path / "it.o") is None


@pytest.mark.parametrize(
    "wrong", [np.zeros(64, np.int32), np.zeros((8, 8), np.int64), np.zeros(128, np.int64)[::2]], ids=str
)
def test_an_array_that_the_code_would_misread_is_refused(wrong: np.ndarray):
    ran(replications=1, days=10, warmup_days=0)  # compiles what is not compiled yet
    with pytest.raises(TypeError, match="64 bits"):
        flush(wrong, np.zeros(64))


SIMULATED = """
import sys
from tests.unit.simulation.small import ran
assert ran(replications=1, days=10, warmup_days=0).events.height > 50
print("numba" in sys.modules)
"""


def test_a_simulation_that_is_compiled_already_does_not_load_numba():
    ran(replications=1, days=10, warmup_days=0)
    root = Path(__file__).parents[3]
    path = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", SIMULATED],
        capture_output=True,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert (done.returncode, done.stdout.strip()) == (0, "False"), done.stderr


COMPILED = """
import sys
import numpy as np
from procflow.kernel import jit, native
taken = np.array([2, 3, 4])

@jit.entry
def total(S: jit.Ints, A: jit.Floats, more: int) -> int:
    S[0] = -1
    return int(S[1] + A[2] + more)

@jit.entry
def double(S: jit.Ints) -> None:
    for i in range(len(S)):
        S[i] *= 2

@jit.entry
def refuse(S: jit.Ints) -> int:
    raise ValueError("no")

print(total(taken, np.array([0.0, 0.0, 30.0]), 100), taken.tolist(), double(taken), taken.tolist())
try:
    refuse(taken)
except SystemError as error:
    print(error)
"""


AS_NUMBA_DOES = """
from procflow.kernel import compilation
compilation._REPLACED = ((None, "_add_module", None),)
"""
"""A version of numba that has not what is replaced."""

AFTER_A_FAILURE = """
from procflow.kernel import compilation
def fail(*_):
    raise AttributeError("another version")
compilation._REPLACED = (*compilation._REPLACED[:2], (*compilation._REPLACED[2][:2], fail))
"""
"""A version of numba in which what is replaced does something else."""


@pytest.mark.parametrize("numba", ["", AS_NUMBA_DOES, AFTER_A_FAILURE], ids=["replaced", "missing", "other"])
def test_arrays_results_and_failures_cross_the_border(tmp_path: Path, numba: str):
    environment = {**os.environ, "PROCFLOW_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", numba + COMPILED], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first == "133 [-1, 3, 4] None [-2, 6, 8]"
    assert second.startswith("refuse of the kernel ended with status")
    assert sorted(path.name for path in tmp_path.rglob("*.o")) == ["double.o", "refuse.o", "total.o"]
