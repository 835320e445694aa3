"""Quantiles of what cases of a run took, with their intervals. Means are ``metrics``' business."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from procflow.analysis.metrics import CASE_METRICS, Metric, case_metrics, quantiles_by_replication
from procflow.analysis.run_tables import process_of
from procflow.definition.resolved import Process
from procflow.errors import AnalysisError
from procflow.simulation.statistics import check_share, estimate
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.simulation.run import Run


def quantiles(
    run: "Run",
    process: Process | str | None = None,
    metric: str = "cycle_wd",
    q: Sequence[float] = (0.5, 0.9),
    *,
    confidence: float = 0.95,
) -> tuple[Metric, ...]:
    """Return quantiles of a metric over the finished cases of the cohort, with their intervals.

    Each is the mean over replications of each one's quantile, with its Student t interval, as in
    ``statistics.quantile`` (Law, *Simulation Modeling and Analysis*, 5th ed., 9.4.2); keys are such as
    ``cycle_wd_p90``. A single replication gives no interval: its cases depend on each other.

    Parameters
    ----------
    run, process:
        The run, and which of its processes where there are several.
    metric:
        A key of ``CASE_METRICS``.
    q:
        Shares between 0 and 1: 0.9 is what 90 % of the cases do not exceed.
    confidence:
        Of the intervals, between 0 and 1.

    Raises AnalysisError for an unknown metric or process, or a share outside of its range.

    >>> import procflow as pf
    >>> from procflow.definition.shipped import folder
    >>> permit = pf.load(folder() / "processes" / "food_license" / "as_is.yaml")
    >>> run = pf.simulate(permit, pf.Scenario(arrivals="2 per wd", days=60, replications=3, seed=7))
    >>> median, ninth = quantiles(run)
    >>> ninth.key, ninth.estimate.n, ninth.estimate.mean > median.estimate.mean
    ('cycle_wd_p90', 3, True)
    """
    if metric not in CASE_METRICS:
        known = ", ".join(CASE_METRICS)
        raise AnalysisError(
            Text(en=f"{metric!r} is no metric of a case: take one of {known}", zh=f"没有指标 {metric!r}：可用 {known}")
        )
    for share in q:
        check_share(share)
    process = process_of(run, process)
    ended = case_metrics(run, process).filter(pl.col("in_cohort") & pl.col("outcome").is_not_null())
    found = quantiles_by_replication(ended, metric, q, sorted(run.cases["replication"].unique()))
    return tuple(
        Metric(key, name, unit, estimate(values, confidence=confidence, unit=unit))
        for key, (name, unit, values) in found.items()
    )
