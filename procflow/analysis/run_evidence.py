"""What rules take from a run: means over its finished cohort, with intervals over replications. Judges nothing."""

import math
from dataclasses import replace
from typing import Any

import polars as pl

from procflow.analysis.finding import Measurement
from procflow.analysis.registry import Context
from procflow.analysis.run_handoffs import staffed
from procflow.analysis.run_tables import CASE, DAY_US, cases_of, events_of, process_of
from procflow.analysis.working_clock import WorkingClock
from procflow.simulation.statistics import Estimate, estimate
from procflow.text import Text


def cohort(context: Context) -> pl.DataFrame:
    """Return the finished cases of the cohort: ``replication``, ``case``."""
    run: Any = context.run
    cases = cases_of(run, process_of(run, context.process))
    return cases.filter(pl.col("in_cohort") & pl.col("outcome").is_not_null()).select(CASE)


def visits_of(context: Context) -> pl.DataFrame:
    """Return the events of the finished cohort with the facts of their states, as ``run_handoffs.staffed`` does."""
    run: Any = context.run
    events = events_of(run, process_of(run, context.process))
    return staffed(context.graph, events).join(context.shared(cohort), on=CASE, how="semi", maintain_order="left")


def run_clock(context: Context) -> WorkingClock:
    """Return the organization's working clock over all days of the run."""
    run: Any = context.run
    organization = context.process.organization
    last_us = run.events.select(pl.max_horizontal("enter_us", "exit_us", "arrive_us").max()).item() or 0
    days = int(last_us) // DAY_US + 3
    return WorkingClock.of(organization, organization.default_calendar, run.scenario.start, days)


def with_days(context: Context, table: pl.DataFrame, begin: str, end: str, name: str = "wd") -> pl.DataFrame:
    """Return a table with the working days between two of its columns of instants."""
    clock = context.shared(run_clock)
    days = clock.days_between(table[begin].to_numpy(), table[end].to_numpy())
    return table.with_columns(pl.Series(name, days, dtype=pl.Float64))


def each(table: pl.DataFrame, column: str, *, unit: str = "") -> Estimate:
    """Return the mean of a column over rows, estimated from the means of the replications."""
    means = table.group_by("replication").agg(pl.col(column).mean()).sort("replication")
    return estimate([v for v in means[column].to_list() if v is not None], unit=unit)


def per_case(context: Context, table: pl.DataFrame, column: str | None = None, *, unit: str = "") -> Estimate:
    """Return a column's sum (or the count of rows) per case of the cohort, cases without a row counted as 0."""
    amount = pl.len() if column is None else pl.col(column).sum()
    sums = table.group_by("replication").agg(sum=amount.cast(pl.Float64))
    cases = context.shared(cohort).group_by("replication").len()
    joined = cases.join(sums, on="replication", how="left").sort("replication").fill_null(0.0)
    return estimate((joined["sum"] / joined["len"]).to_list(), unit=unit)


def as_share(value: Estimate) -> Estimate:
    """Return an estimate of a share with its interval inside 0 to 1."""
    return value if math.isnan(value.low) else replace(value, low=max(0.0, value.low), high=min(1.0, value.high))


def measured(name: Text, value: Estimate, unit: str = "") -> Measurement:
    """Return an estimate as evidence; an unknown interval is left out."""
    known = not math.isnan(value.low)
    return Measurement(
        name, value.mean, unit or value.unit, value.low if known else None, value.high if known else None, value.n
    )
