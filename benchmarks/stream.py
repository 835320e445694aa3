"""Benchmark ``stream``: whether a run into a folder takes the same memory, whatever its size.

Each figure is of ``simulate(…, into=folder)`` in a process of its own, the permit process with minutes for hours: for a
tenth of the cases and for all, and the smaller run in memory beside them.
"""

import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.measure import Measured, peak_mb, python, run_json, timed
from benchmarks.model import permit_in_minutes
from procflow.simulation import simulate

CASES, REPETITIONS = 1_000_000, 1


def measure(cases: int = CASES, repetitions: int = REPETITIONS) -> dict[str, Any]:
    """Return peak memory and seconds of runs into a folder and in memory; of several repetitions the most."""
    sides = {
        "streamed": ("folder", cases),
        "streamed_tenth": ("folder", cases // 10),
        "in_memory": ("memory", cases // 10),
    }
    found: dict[str, Any] = {"cases": cases, "repetitions": repetitions}
    for name, (where, count) in sides.items():
        command = (python("benchmarks.stream", where, count, seed) for seed in range(1, repetitions + 1))
        runs = [run_json(words, one_core=False) for words in command]
        found[name] = {key: max(run[key] for run in runs) for key in runs[0]}
    found["growth_mb"] = round(found["streamed"]["peak_mb"] - found["streamed_tenth"]["peak_mb"])
    return found


def once(where: str, cases: int, seed: int) -> Measured:
    """Return memory, seconds and megabytes on the disk of one run, and the memory before it."""
    small, model = permit_in_minutes(10), permit_in_minutes(cases, seed)
    with tempfile.TemporaryDirectory() as place:
        simulate(small.processes, small.scenario, into=Path(place) / "first")  # all code is loaded then
        before = peak_mb()
    with tempfile.TemporaryDirectory() as place:
        into = Path(place) / "run" if where == "folder" else None
        run, wall, cpu = timed(lambda: simulate(model.processes, model.scenario, into=into))
        written = sum(path.stat().st_size for path in Path(place).rglob("*") if path.is_file())
        peak = peak_mb()
        visits = int(run.tables["events"].select(pl.len()).collect().item())
    return {
        "peak_mb": round(peak),
        "before_mb": round(before),
        "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "disk_mb": round(written / 2**20),
        "visits": visits,
    }


if __name__ == "__main__":
    import json
    import sys

    print(json.dumps(once(sys.argv[1], *map(int, sys.argv[2:]))))
