"""Benchmark ``cold``: how long a user waits before anything is simulated.

Each figure is the median of whole processes: ``procflow simulate`` of a small scenario with an empty cache of compiled
code and with a filled one, and ``import procflow`` as a program sees it.
"""

import statistics
import sys
import tempfile
from typing import Any

from benchmarks.measure import python, run, timed
from procflow.definition.shipped import folder

CASES, REPETITIONS = 200, 3
"""Cases of the small scenario; it takes next to no time beside the start."""
IMPORT = "import time; t = time.perf_counter(); import procflow; print(time.perf_counter() - t)"
CASES_PER_WORKING_DAY = 2


def measure(cases: int = CASES, repetitions: int = REPETITIONS) -> dict[str, Any]:
    """Return the seconds of compilation, of a warm start and of the import."""
    first, warm = [], []
    for _ in range(repetitions):
        with tempfile.TemporaryDirectory() as cache:
            first.append(_simulate(cases, cache))
            warm.append(_simulate(cases, cache))
    imports = [float(run([sys.executable, "-c", IMPORT])) for _ in range(repetitions + 1)][1:]
    return {
        "compilation_seconds": _seconds([a - b for a, b in zip(first, warm, strict=True)]),
        "first_start_seconds": _seconds(first),
        "warm_start_seconds": _seconds(warm),
        "import_seconds": _seconds(imports),
        "cases": cases,
        "repetitions": repetitions,
    }


def _simulate(cases: int, cache: str) -> float:
    """Return the wall seconds of one ``procflow simulate`` with this cache folder."""
    days = max(1, cases * 7 // (5 * CASES_PER_WORKING_DAY))
    file = folder() / "processes" / "food_license" / "as_is.yaml"
    options = ["--arrivals", f"{CASES_PER_WORKING_DAY} per wd", "--days", days, "--replications", 1, "--json"]
    command = python("procflow", "simulate", file, *options)
    _, wall, _ = timed(lambda: run(command, {"PROCFLOW_CACHE_DIR": cache}))
    return wall


def _seconds(values: list[float]) -> float:
    return round(statistics.median(values), 3)
