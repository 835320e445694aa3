"""Benchmark ``cold``: how long a user waits before anything is simulated.

Each figure is the median of whole processes: ``procflow simulate`` of a small scenario with an empty cache of compiled
code and with a filled one, and ``import procflow`` as a program sees it. ``cpu`` has the CPU seconds of the same.
"""

import os
import statistics
import sys
import tempfile
from typing import Any

from benchmarks.measure import python, run
from procflow.definition.shipped import folder

CASES, REPETITIONS = 200, 3
"""Cases of the small scenario; it takes next to no time beside the start."""
IMPORT = "import time; t = time.perf_counter(); import procflow; print(time.perf_counter() - t)"
CASES_PER_WORKING_DAY = 2
Start = tuple[float, float]
"""Wall and CPU seconds of a process."""


def measure(cases: int = CASES, repetitions: int = REPETITIONS) -> dict[str, Any]:
    """Return the seconds of compilation, of a warm start and of the import."""
    first: list[Start] = []
    warm: list[Start] = []
    for _ in range(repetitions):
        with tempfile.TemporaryDirectory() as cache:
            first.append(start(cases, cache))
            warm.append(start(cases, cache))
    imports = [float(run([sys.executable, "-c", IMPORT])) for _ in range(repetitions + 1)][1:]
    return {
        **_starts(first, warm, 0),
        "import_seconds": median_seconds(imports),
        "cpu": _starts(first, warm, 1),
        "cases": cases,
        "repetitions": repetitions,
    }


def _starts(first: list[Start], warm: list[Start], which: int) -> dict[str, float]:
    cold_seconds, warm_seconds = ([start[which] for start in starts] for starts in (first, warm))
    return {
        "compilation_seconds": median_seconds([a - b for a, b in zip(cold_seconds, warm_seconds, strict=True)]),
        "first_start_seconds": median_seconds(cold_seconds),
        "warm_start_seconds": median_seconds(warm_seconds),
    }


def start(cases: int, cache: str | None = None) -> Start:
    """Return the wall and CPU seconds of one ``procflow simulate`` with this cache folder, or the usual one."""
    days = max(1, cases * 7 // (5 * CASES_PER_WORKING_DAY))
    file = folder() / "processes" / "food_license" / "as_is.yaml"
    options = ["--arrivals", f"{CASES_PER_WORKING_DAY} per wd", "--days", days, "--replications", 1, "--json"]
    command = python("procflow", "simulate", file, *options)
    before = os.times()
    run(command, {"PROCFLOW_CACHE_DIR": cache} if cache else None)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return after.elapsed - before.elapsed, cpu


def median_seconds(values: list[float]) -> float:
    return round(statistics.median(values), 3)
