"""Simulates a grid of scenarios over two processes that share a county's staff, on all cores, into one table.

Usage: ``python batch_scenarios.py FOLDER [--workers N] [--days N] [--replications N]``

Each finished cell is saved at once, under a name that says what it is; run the script again to finish a grid that was
interrupted, or to add to it. The table stands in ``FOLDER/results.parquet`` and ``FOLDER/results.csv``.
"""

import argparse
import hashlib
import itertools
import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

import procflow as pf
from procflow.definition.scenario import ScenarioProcess
from procflow.definition.shipped import folder

LICENSES_PER_WORKING_DAY = (6, 8, 10)
STARTUPS_PER_WORKING_DAY = 4
WINDOW_CLERKS = (2, 3)
REVIEWERS = (1, 2)
VARIANTS = ("as_is", "to_be")


@dataclass(frozen=True)
class Cell:
    """One scenario of the grid: how food licenses are handled, how many arrive, and who is there."""

    variant: str
    licenses_per_working_day: float
    window_clerks: int
    reviewers: int
    days: int
    replications: int

    @property
    def name(self) -> str:
        """A name for its file: the same cell of the same version of procflow has the same one."""
        text = json.dumps([pf.__version__, *asdict(self).items()])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def grid(days: int, replications: int) -> Iterator[Cell]:
    """Yield every cell."""
    for values in itertools.product(VARIANTS, LICENSES_PER_WORKING_DAY, WINDOW_CLERKS, REVIEWERS):
        yield Cell(*values, days, replications)


def simulate(cell: Cell, place: Path) -> Path:
    """Simulate a cell, save its summary and return the file; it appears only when it is complete."""
    files = {
        folder() / "processes" / "food_license" / f"{cell.variant}.yaml": cell.licenses_per_working_day,
        folder() / "processes" / "business_startup" / "as_is.yaml": STARTUPS_PER_WORKING_DAY,
    }
    scenario = pf.Scenario(
        processes=tuple(ScenarioProcess(process=str(file), arrivals=f"{rate} per wd") for file, rate in files.items()),
        days=cell.days,
        warmup_days=cell.days // 4,
        replications=cell.replications,
        seed=7,
        staffing={
            "market_regulation.window_clerk": cell.window_clerks,
            "market_regulation.reviewer": cell.reviewers,
        },
    )
    run = pf.simulate([pf.load(file) for file in files], scenario)
    rows = [
        {
            **asdict(cell),
            "process": process.name,
            "metric": metric.key,
            "mean": metric.estimate.mean,
            "low": metric.estimate.low,
            "high": metric.estimate.high,
            "unit": metric.unit,
        }
        for process in run.processes
        for metric in pf.summary(run, process)
    ]
    path = place / f"{cell.name}.parquet"
    partial = path.with_suffix(f".{os.getpid()}.partial")
    pl.DataFrame(rows).write_parquet(partial)
    partial.rename(path)
    return path


def main() -> None:
    """Simulate what is not there yet, then join all of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--days", type=int, default=240)
    parser.add_argument("--replications", type=int, default=10)
    options = parser.parse_args()
    place = options.folder / "cells"
    place.mkdir(parents=True, exist_ok=True)
    cells = list(grid(options.days, options.replications))
    todo = [cell for cell in cells if not (place / f"{cell.name}.parquet").exists()]
    print(f"{len(cells)} cells, {len(cells) - len(todo)} of them there already")
    with ProcessPoolExecutor(options.workers) as pool:
        running = {pool.submit(simulate, cell, place): cell for cell in todo}
        for count, done in enumerate(as_completed(running), 1):
            done.result()
            print(f"{count}/{len(todo)} {running[done]}", flush=True)
    table = pl.concat(pl.read_parquet(place / f"{cell.name}.parquet") for cell in cells)
    table.write_parquet(options.folder / "results.parquet")
    table.write_csv(options.folder / "results.csv")
    print(f"wrote {options.folder / 'results.csv'}: {len(table)} rows")


if __name__ == "__main__":
    main()
