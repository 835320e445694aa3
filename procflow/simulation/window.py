"""Between which instants a run is measured, in each replication: days of the scenario, or arrivals of cases."""

from typing import TYPE_CHECKING

import polars as pl

from procflow.kernel.layout import DAY

if TYPE_CHECKING:
    from procflow.simulation.run import Run


def windows(run: "Run") -> tuple[tuple[int, int], ...]:
    """Return (from, to) of each replication, in microseconds since the start of the scenario.

    Where cases are counted: from the arrival of the first case after the warm-up, of the last process to have one, to
    that of the last case of the cohort.
    """
    scenario = run.scenario
    if scenario.days is not None:
        return ((scenario.warmup_days * DAY, scenario.days * DAY),) * scenario.replications
    arrived = (
        run.cases.filter("in_cohort")
        .group_by("replication", "process")
        .agg(pl.col("arrival_us").min().alias("first"), pl.col("arrival_us").max().alias("last"))
    )
    bounds = arrived.group_by("replication").agg(pl.col("first").max(), pl.col("last").max()).sort("replication")
    return tuple((first if scenario.warmup_cases else 0, last) for _, first, last in bounds.iter_rows())
