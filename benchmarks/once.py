"""One run of procflow in a process of its own. Prints one JSON object.

Usage: ``python -m benchmarks.once always|office_hours|minutes|portfolio CASES SEED [frames]``

``wall_s`` and ``cpu_s`` are those of ``replicate``: one replication with the full event log in memory, the kernel
being compiled already; ``arrays_s`` is the time to turn the definitions into its arrays. With ``frames``, the time of
``simulate`` is added, which makes data frames of the log.
"""

import json
import sys
from collections.abc import Callable

import polars as pl

from benchmarks.check import BATCHES
from benchmarks.measure import Measured, peak_mb, timed
from benchmarks.model import Model, permit, permit_in_minutes, portfolio_of
from procflow.simulation import simulate
from procflow.simulation.replicate import replicate

MODELS: dict[str, Callable[[int, int], Model]] = {
    "always": lambda cases, seed: permit("always", cases, seed),
    "office_hours": lambda cases, seed: permit("office_hours", cases, seed),
    "minutes": permit_in_minutes,
    "portfolio": portfolio_of,
}


def once(name: str, cases: int, seed: int) -> Measured:
    """Return time and memory of one replication."""
    warm_up(name)
    compiled, arrays_wall, _ = timed(MODELS[name](cases, seed).compiled)
    done, wall, cpu = timed(lambda: replicate(compiled, seed, 0))
    return {
        "cases": len(done.cases),
        "visits": len(done.visits),
        "wall_s": wall,
        "cpu_s": cpu,
        "peak_mb": peak_mb(),
        "kept_mb": (done.visits.nbytes + done.cases.nbytes) / 2**20,
        "arrays_s": arrays_wall,
    }


def warm_up(name: str) -> None:
    """Run a small model of the same kind, so that the kernel is compiled and all code loaded."""
    replicate(MODELS[name](10, 1).compiled(), 1, 0)


def with_frames(name: str, cases: int, seed: int) -> Measured:
    """Return the time of ``simulate`` with one worker, and from its tables what is checked: the cohort alone.

    Cases that arrive after the cohort are there to keep the office busy until it is through; some are cut.
    """
    model = MODELS[name](cases, seed)
    run, wall, cpu = timed(lambda: simulate(model.processes, model.scenario, workers=1))
    found = {"simulate_wall_s": wall, "simulate_cpu_s": cpu}
    visits = run.events.join(run.cohort, on=["replication", "process", "case"], how="semi")
    counts = {"checked_cases": run.cohort.height, "checked_visits": visits.height}
    return found | counts | {"waits_h": waits(visits, run.cohort.height)}


def waits(visits: pl.DataFrame, cases: int) -> list[float]:
    """Return the clerks' mean waits in open hours over equal batches of cases."""
    batch = pl.col("case") * BATCHES // cases
    hours = (pl.col("contention_us") / 3.6e9).mean()
    rows = visits.filter(pl.col("group") == "office.clerk").group_by(batch.alias("batch")).agg(hours)
    found: list[float] = rows.sort("batch")["contention_us"].to_list()
    return found


def main(name: str, cases: int, seed: int, *more: str) -> None:
    """Print one run."""
    found = once(name, cases, seed)
    if "frames" in more:
        found |= with_frames(name, cases, seed)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
