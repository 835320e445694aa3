"""Benchmark ``scale``: what large runs, two threads and a large portfolio cost beside the permit process.

The large run is the permit process with minutes for hours, so that ten million cases fit into a scenario's hundred
years. It keeps its event log in memory; where ten million cases do not fit into a third of what is free,
fewer are run, and ``cases`` says how many.
"""

import statistics
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.measure import Measured, available_mb, in_turn, median_ratio, python, rates, run_json, timed
from benchmarks.model import permit
from benchmarks.once import warm_up
from procflow.simulation.compile import Compiled
from procflow.simulation.replicate import replicate

CASES, REPETITIONS = 100_000, 3
TIMES = 100
"""The large run has so many times the cases of the small one."""
SHARE_OF_MEMORY = 1 / 3


def measure(cases: int = CASES, repetitions: int = REPETITIONS) -> dict[str, Any]:
    """Return the ratios of costs per visit, the peak memory of the large run and the gain of two threads."""
    small = _run("minutes", cases)(0)
    large = min(TIMES * cases, _fitting(small))
    sides = {"small": _run("minutes", cases), "large": _run("minutes", large)}
    by_size = in_turn(sides, repetitions)
    by_model = in_turn({"permit": _run("always", cases), "portfolio": _run("portfolio", cases)}, repetitions)
    return {
        "cost_ratio": _cost_ratio(by_size["large"], by_size["small"]),
        "peak_mb": round(max(run["peak_mb"] for run in by_size["large"])),
        "threads_speedup": threads_speedup(cases, repetitions),
        "portfolio_cost_ratio": _cost_ratio(by_model["portfolio"], by_model["permit"]),
        "cases": round(statistics.median(run["cases"] for run in by_size["large"])),
        "small_cases": round(statistics.median(run["cases"] for run in by_size["small"])),
        "repetitions": repetitions,
        "notes": _notes(large, cases),
        "cpu": {
            "cost_ratio": _cost_ratio(by_size["large"], by_size["small"], "cpu_s"),
            "portfolio_cost_ratio": _cost_ratio(by_model["portfolio"], by_model["permit"], "cpu_s"),
        },
        "small_peak_mb": round(max(run["peak_mb"] for run in by_size["small"])),
        "arrays_seconds": {
            name: round(statistics.median(run["arrays_s"] for run in runs), 3) for name, runs in by_model.items()
        },
        "visits": {name: runs[0]["visits"] for name, runs in (by_size | by_model).items()},
    }


def _run(model: str, cases: int) -> Callable[[int], Measured]:
    return lambda seed: run_json(python("benchmarks.once", model, cases, seed))


def _fitting(small: Measured) -> int:
    """Return how many cases fit into a share of the free memory: their rows, once in parts and once as a whole."""
    return int(small["cases"] * SHARE_OF_MEMORY * available_mb() / (2 * small["kept_mb"]))


def _cost_ratio(above: Sequence[Measured], below: Sequence[Measured], seconds: str = "wall_s") -> float:
    """Return how many times as long a visit takes."""
    return round(median_ratio(rates(below, seconds), rates(above, seconds)), 4)


def _notes(large: int, cases: int) -> list[str]:
    notes = ["the event log of the large run is kept in memory, not streamed"]
    if large < TIMES * cases:
        notes.append(f"{TIMES * cases} cases do not fit into a third of the free memory: {large} were run")
    return notes


def threads_speedup(cases: int, repetitions: int) -> float:
    """Return how many times faster two replications are on two threads than one after the other."""
    warm_up("always")
    compiled = permit("always", cases).compiled()
    ways = {
        "apart": lambda seed: _replicated(compiled, seed, 1),
        "together": lambda seed: _replicated(compiled, seed, 2),
    }
    found = in_turn(ways, repetitions)
    return round(median_ratio(rates(found["together"]), rates(found["apart"])), 4)


def _replicated(compiled: Compiled, seed: int, threads: int) -> Measured:
    with ThreadPoolExecutor(threads) as pool:
        done, wall, cpu = timed(lambda: list(pool.map(lambda number: replicate(compiled, seed, number), range(2))))
    return {"visits": sum(len(each.visits) for each in done), "wall_s": wall, "cpu_s": cpu}
