"""Simulates a grid of scenarios over two processes that share a county's staff, on all cores, into one table.

Usage: ``python batch_scenarios.py FOLDER [--workers N] [--executor threads|processes|dask|ray] [--days N]
[--replications N]``

Each finished replication is saved at once; run the script again to finish a grid that was interrupted, or to add to it.
The tables stand in ``FOLDER``: ``results`` (means with their intervals) and ``differences`` (reformed − as it is).
"""

import argparse
from pathlib import Path

import procflow as pf
from procflow.definition.shipped import folder
from procflow.experiments import Experiment, run_experiment
from procflow.experiments.result import save_table


def experiment(days: int, replications: int) -> Experiment:
    """Return the grid: two ways to handle food licenses × rates of arrival × window clerks × reviewers."""
    processes = folder() / "processes"
    startup = pf.load(processes / "business_startup" / "as_is.yaml")
    licenses = {variant: pf.load(processes / "food_license" / f"{variant}.yaml") for variant in ("as_is", "to_be")}
    return Experiment(
        {variant: [license_, startup] for variant, license_ in licenses.items()},
        pf.Scenario(days=days, warmup_days=days // 4, replications=replications, seed=7),
        grid={
            "arrivals.food_license": ["6 per wd", "8 per wd", "10 per wd"],
            "arrivals.business_startup": ["4 per wd"],
            "staffing.market_regulation.window_clerk": [2, 3],
            "staffing.market_regulation.reviewer": [1, 2],
        },
        baseline={"processes": "as_is"},
    )


def main() -> None:
    """Simulate what is not there yet, then tabulate all of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--executor", choices=["threads", "processes", "dask", "ray"], default="threads")
    parser.add_argument("--days", type=int, default=240)
    parser.add_argument("--replications", type=int, default=10)
    options = parser.parse_args()
    result = run_experiment(
        experiment(options.days, options.replications),
        options.folder,
        executor=options.executor,
        workers=options.workers,
        progress=lambda done, total: print(f"{done}/{total}", flush=True),
    )
    for failure in result.failures:
        print(f"failed: {failure.cell}: {failure.message.get('en')}")
    result.save(options.folder / "results.csv")
    result.save(options.folder / "results.parquet")
    save_table(result.against(), options.folder / "differences.csv")
    print(f"wrote {options.folder / 'results.csv'}: {len(result.table())} rows")


if __name__ == "__main__":  # needed: processes and clusters import this file again
    main()
