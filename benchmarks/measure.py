"""Measuring: wall and process time of a call, peak memory, sides run in turn, medians. Knows nothing of procflow."""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

Result = TypeVar("Result")
Measured = dict[str, Any]
"""What one run of one side prints as JSON."""

ROOT = Path(__file__).resolve().parents[1]


def timed(function: Callable[[], Result]) -> tuple[Result, float, float]:
    """Return what a call returns, its wall seconds and the CPU seconds of this process meanwhile."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = function()
    return result, time.perf_counter() - wall, time.process_time() - cpu


def peak_mb() -> float:
    """Return the most memory (MiB) that this process has had resident so far."""
    # a child inherits its parent's ru_maxrss on Linux, but starts with a fresh VmHWM
    if (own := _kilobytes("/proc/self/status", "VmHWM")) is not None:
        return own / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)


def _kilobytes(path: str, name: str) -> int | None:
    try:
        lines = Path(path).read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), None)


def run(command: Sequence[str | Path], environment: Mapping[str, str] | None = None, *, one_core: bool = True) -> str:
    """Run a command in the checkout's folder and return what it prints; raise CalledProcessError where it fails.

    With ``one_core`` libraries with thread pools of their own are held to one thread, so that every side has one core.
    """
    held = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"} if one_core else {}
    environ = {**os.environ, **held, **(environment or {})}
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def run_json(
    command: Sequence[str | Path], environment: Mapping[str, str] | None = None, *, one_core: bool = True
) -> Measured:
    """Run a command and return the JSON object that it prints, in its last line."""
    found: Measured = json.loads(run(command, environment, one_core=one_core).splitlines()[-1])
    return found


def python(module: str, *words: object) -> list[str]:
    """Return the command that runs a module with this Python."""
    return [sys.executable, "-m", module, *map(str, words)]


def in_turn(sides: Mapping[str, Callable[[int], Measured]], repetitions: int) -> dict[str, list[Measured]]:
    """Run each side once per repetition, one after the other, so that a slow minute of the machine hits all alike.

    A side is called with the repetition's number, from 1, which serves as its seed.
    """
    results: dict[str, list[Measured]] = {name: [] for name in sides}
    for repetition in range(1, repetitions + 1):
        for name, side in sides.items():
            results[name].append(side(repetition))
    return results


def median_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """Return the median of the ratios of values measured next to each other."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def rates(runs: Sequence[Measured], seconds: str = "wall_s") -> list[float]:
    """Return the visits per second of each run, by one of its times."""
    return [run["visits"] / run[seconds] for run in runs]
