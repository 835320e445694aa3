"""Benchmark ``warm``: how long ``procflow simulate`` of a small scenario takes when everything was used before.

Whole processes on the wall clock, and their CPU seconds: medians. The kernel is compiled by a run that does not count.
"""

from typing import Any

from benchmarks.cold import CASES, Start, median_seconds, start

REPETITIONS = 5


def measure(cases: int = CASES, repetitions: int = REPETITIONS) -> dict[str, Any]:
    """Return the median seconds of a warm start."""
    start(cases)
    runs: list[Start] = [start(cases) for _ in range(repetitions)]
    wall, cpu = (median_seconds([run[which] for run in runs]) for which in (0, 1))
    return {"warm_start_seconds": wall, "cpu": {"warm_start_seconds": cpu}, "cases": cases, "repetitions": repetitions}
