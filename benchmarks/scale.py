"""Benchmark ``scale``: what large runs, two threads and a large portfolio cost beside the permit process.

The large run is the permit process with minutes for hours, so that ten million cases fit into a scenario's hundred
years. Its tables are streamed into a folder as it goes on, and so are those of the small one beside it. Where the disk
has no room for so many cases fewer are run; ``cases`` says how many.
"""

import shutil
import statistics
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

from benchmarks.measure import Measured, in_turn, median_ratio, python, rates, run_json, timed
from benchmarks.model import permit
from benchmarks.once import warm_up
from procflow.simulation.compile import Compiled
from procflow.simulation.frames import tables_of
from procflow.simulation.replicate import Replication
from procflow.simulation.replications import Meter, in_order

CASES, REPETITIONS = 100_000, 3
TIMES = 100
"""The large run has so many times the cases of the small one."""
BYTES_A_CASE = 400
"""On the disk, with something to spare."""


def measure(cases: int = CASES, repetitions: int = REPETITIONS) -> dict[str, Any]:
    """Return the ratios of costs per visit, the peak memory of the large run and the gain of two threads."""
    large = min(TIMES * cases, shutil.disk_usage(tempfile.gettempdir()).free // BYTES_A_CASE)
    by_size = in_turn({"small": _streamed(cases), "large": _streamed(large)}, repetitions)
    by_model = in_turn({"permit": _run("always", cases), "portfolio": _run("portfolio", cases)}, repetitions)
    threads = threads_speedup(cases, repetitions)
    return {
        "cost_ratio": _cost_ratio(by_size["large"], by_size["small"]),
        "peak_mb": max(run["peak_mb"] for run in by_size["large"]),
        "threads_speedup": threads["wall_s"],
        "portfolio_cost_ratio": _cost_ratio(by_model["portfolio"], by_model["permit"]),
        "cases": large,
        "small_cases": cases,
        "repetitions": repetitions,
        "notes": []
        if large == TIMES * cases
        else [f"the disk has no room for {TIMES * cases} cases: {large} were run"],
        "cpu": {
            "cost_ratio": _cost_ratio(by_size["large"], by_size["small"], "cpu_s"),
            "threads_speedup": threads["cpu_s"],
            "portfolio_cost_ratio": _cost_ratio(by_model["portfolio"], by_model["permit"], "cpu_s"),
        },
        "small_peak_mb": max(run["peak_mb"] for run in by_size["small"]),
        "before_mb": max(run["before_mb"] for run in by_size["large"]),
        "seconds": {size: statistics.median(run["wall_s"] for run in runs) for size, runs in by_size.items()},
        "cpu_seconds": {size: statistics.median(run["cpu_s"] for run in runs) for size, runs in by_size.items()},
        "disk_mb": max(run["disk_mb"] for run in by_size["large"]),
        "arrays_seconds": {
            name: round(statistics.median(run["arrays_s"] for run in runs), 3) for name, runs in by_model.items()
        },
        "visits": {name: runs[0]["visits"] for name, runs in (by_size | by_model).items()},
    }


def _streamed(cases: int) -> Callable[[int], Measured]:
    return lambda seed: run_json(python("benchmarks.stream", "folder", cases, seed), one_core=False)


def _run(model: str, cases: int) -> Callable[[int], Measured]:
    return lambda seed: run_json(python("benchmarks.once", model, cases, seed))


def _cost_ratio(above: Sequence[Measured], below: Sequence[Measured], seconds: str = "wall_s") -> float:
    """Return how many times as long a visit takes."""
    return round(median_ratio(rates(below, seconds), rates(above, seconds)), 4)


def threads_speedup(cases: int, repetitions: int) -> dict[str, float]:
    """Return how many times faster two replications are on two threads than one after the other, tables and all.

    By ``cpu_s`` it is what two idle cores would give if nothing but the threads' own work held them up: twice the
    processor time apart ÷ that together.
    """
    warm_up("always")
    compiled = permit("always", cases).compiled()
    ways = {
        "apart": lambda seed: _replicated(compiled, seed, 1),
        "together": lambda seed: _replicated(compiled, seed, 2),
    }
    found = in_turn(ways, repetitions)
    gain = {
        seconds: median_ratio(*(rates(found[way], seconds) for way in reversed(ways)))
        for seconds in ("wall_s", "cpu_s")
    }
    return {"wall_s": round(gain["wall_s"], 4), "cpu_s": round(2 * gain["cpu_s"], 4)}


def _replicated(compiled: Compiled, seed: int, threads: int) -> Measured:
    def made(replication: Replication) -> int:
        tables_of(compiled, [replication])
        return len(replication.visits)

    def both() -> int:
        with closing(in_order(compiled, seed, threads, Meter(2, None), made, ahead=2)) as done:
            return sum(done)

    visits, wall, cpu = timed(both)
    return {"visits": visits, "wall_s": wall, "cpu_s": cpu}
