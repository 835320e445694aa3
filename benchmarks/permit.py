"""Benchmark ``permit``: state visits per second beside C and SimPy, each side with the full event log in memory.

Where ``PROCFLOW_PROSIMOS`` names a Python with Prosimos, also beside that, which writes its log as CSV. It gets 10,000
cases at most, which is to its advantage: its cost of a visit grows with their number.

The sides run in turn, each in a process of its own, on one core; figures are medians over the repetitions, ratios are
medians of the ratios within a repetition. Every side's result is checked against theory.
"""

import importlib.util
import os
import shutil
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.check import checked
from benchmarks.measure import Measured, in_turn, median_ratio, python, rates, run, run_json
from benchmarks.model import VARIANTS

CASES, REPETITIONS = 100_000, 5
PROSIMOS_CASES = 10_000
SOURCE = Path(__file__).with_name("permit.c")
Side = Callable[[int], Measured]


def measure(cases: int = CASES, repetitions: int = REPETITIONS) -> dict[str, Any]:
    """Return procflow's visits per second, always open and in office hours, and their ratios to C, SimPy and Prosimos.

    A side that is missing on this machine has null, and ``notes`` says why. Raises WrongResultError where a side
    simulates something else.
    """
    with tempfile.TemporaryDirectory() as folder:
        program, notes = compiled(Path(folder))
        simpy = importlib.util.find_spec("simpy") is not None
        if not simpy:
            notes.append("SimPy is not installed: pip install 'procflow[bench]'")
        prosimos = os.environ.get("PROCFLOW_PROSIMOS")
        if prosimos is None:
            notes.append("PROCFLOW_PROSIMOS names no Python with Prosimos: nothing is compared with it")
        run(python("benchmarks.once", "always", 10, 1))  # compiles the kernel where that has not been done
        by_variant = {
            variant: in_turn(_sides(variant, cases, program, simpy, prosimos), repetitions) for variant in VARIANTS
        }
    return {
        "visits_per_second": {variant: _rate(runs["procflow"]) for variant, runs in by_variant.items()},
        "ratio_to_c": {variant: _ratio(runs, "c") for variant, runs in by_variant.items()},
        "ratio_to_simpy": {variant: _ratio(runs, "simpy") for variant, runs in by_variant.items()},
        "ratio_to_prosimos": {variant: _ratio(runs, "prosimos") for variant, runs in by_variant.items()},
        "simulate_visits_per_second": {
            variant: _rate(runs["procflow"], "simulate_wall_s") for variant, runs in by_variant.items()
        },
        "cpu": {
            "ratio_to_c": {variant: _ratio(runs, "c", "cpu_s") for variant, runs in by_variant.items()},
            "ratio_to_simpy": {variant: _ratio(runs, "simpy", "cpu_s") for variant, runs in by_variant.items()},
            "ratio_to_prosimos": {variant: _ratio(runs, "prosimos", "cpu_s") for variant, runs in by_variant.items()},
        },
        "cases": cases,
        "repetitions": repetitions,
        "notes": notes,
        "sides": {
            variant: {side: _side(f"{side}, {variant}", found) for side, found in runs.items()}
            for variant, runs in by_variant.items()
        },
    }


def compiled(folder: Path) -> tuple[Path | None, list[str]]:
    """Compile the C program into a folder; return it, or None with a note where there is no compiler."""
    compiler = shutil.which("gcc")
    if compiler is None:
        return None, ["gcc was not found: nothing is compared with C"]
    program = folder / "permit"
    run([compiler, "-O2", "-o", program, SOURCE, "-lm"])
    return program, []


def _sides(variant: str, cases: int, program: Path | None, simpy: bool, prosimos: str | None) -> dict[str, Side]:
    sides: dict[str, Side] = {}
    if program is not None:
        sides["c"] = lambda seed: run_json([program, str(cases), variant, str(seed)])
    sides["procflow"] = lambda seed: run_json(python("benchmarks.once", variant, cases, seed, "frames"))
    if simpy:
        sides["simpy"] = lambda seed: run_json(python("benchmarks.permit_simpy", cases, variant, seed))
    if prosimos is not None:
        command = [prosimos, "-m", "benchmarks.permit_prosimos", str(min(cases, PROSIMOS_CASES)), variant, "timed"]
        sides["prosimos"] = lambda seed: run_json(command)
    return sides


def _rate(runs: list[Measured], seconds: str = "wall_s") -> int:
    return round(statistics.median(rates(runs, seconds)))


def _ratio(runs: dict[str, list[Measured]], other: str, seconds: str = "wall_s") -> float | None:
    """Return how many visits procflow makes while another side makes one; None where that side is missing."""
    if other not in runs:
        return None
    return round(median_ratio(rates(runs["procflow"], seconds), rates(runs[other], seconds)), 4)


def _side(name: str, runs: list[Measured]) -> dict[str, Any]:

    return {
        "visits_per_second": _rate(runs),
        "visits_per_cpu_second": _rate(runs, "cpu_s"),
        "visits_per_second_of_each_run": [round(rate) for rate in rates(runs)],
        "peak_mb": round(statistics.median(run["peak_mb"] for run in runs)),
        "check": checked(name, runs),
    }
