"""The metrics of a run that its cases alone give: for runs whose visits do not fit into memory.

Reads one replication at a time, of each case its end and its cycle times. ``metrics`` has all the others.
"""

from typing import TYPE_CHECKING

import polars as pl

from procflow.analysis.metrics import CASE_METRICS, SUMMARY_QUANTILES, Metric, quantiles_by_replication
from procflow.analysis.run_tables import DAY_US, process_of
from procflow.definition.resolved import Process
from procflow.simulation.statistics import estimate
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.simulation.run import Run

_MEANS = ("cycle_wd", "cycle_days")


def case_summary(run: "Run", process: Process | str | None = None, *, confidence: float = 0.95) -> tuple[Metric, ...]:
    """Return the cycle times and the share of unfinished cases, with their intervals, as ``summary`` does.

    >>> import procflow as pf
    >>> from procflow.definition.shipped import folder
    >>> permit = pf.load(folder() / "processes" / "food_license" / "as_is.yaml")
    >>> run = pf.simulate(permit, pf.Scenario(arrivals="2 per wd", days=60, replications=2, seed=7))
    >>> [metric.key for metric in case_summary(run)]
    ['cycle_wd', 'cycle_wd_p50', 'cycle_wd_p90', 'cycle_days', 'unfinished']
    >>> set(case_summary(run)) <= set(pf.summary(run))
    True
    """
    process = process_of(run, process)
    values: dict[str, tuple[Text, str, list[float]]] = {}
    for number in range(run.scenario.replications):
        for key, (name, unit, (value,)) in _of_one(_cohort(run, process, number), number).items():
            values.setdefault(key, (name, unit, []))[2].append(value)
    return tuple(
        Metric(key, name, unit, estimate(found, confidence=confidence, unit=unit))
        for key, (name, unit, found) in values.items()
    )


def _cohort(run: "Run", process: Process, number: int) -> pl.DataFrame:
    """Return the cohort of a replication, in the order of the cases: means are added up in it."""
    mine = run.tables["cases"].filter(
        pl.col("in_cohort"), pl.col("process") == process.name, pl.col("replication") == number
    )
    columns = ("replication", "case", "outcome", "cycle_wd")
    return mine.select(*columns, cycle_days=pl.col("cycle_us") / DAY_US).sort("case").collect()


def _of_one(cohort: pl.DataFrame, number: int) -> dict[str, tuple[Text, str, tuple[float, ...]]]:
    ended = cohort.filter(pl.col("outcome").is_not_null())
    found: dict[str, tuple[Text, str, tuple[float, ...]]] = {}
    for key in _MEANS:
        name, unit = CASE_METRICS[key]
        found[key] = (name, unit, (float(ended[key].drop_nulls().to_numpy().mean()) if ended.height else float("nan"),))
        if key == "cycle_wd":
            found.update(quantiles_by_replication(ended, key, SUMMARY_QUANTILES, [number]))
    share = 1 - ended.height / cohort.height if cohort.height else float("nan")
    found["unfinished"] = (Text(en="share of cases unfinished at the end", zh="期末未办结占比"), "", (share,))
    return found
