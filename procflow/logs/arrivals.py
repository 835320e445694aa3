"""When cases arrive, by weekday and hour of the log's zone, and how unevenly. Discovers no rule and no holiday."""

import math
from dataclasses import dataclass, field

import polars as pl

from procflow.errors import LogError
from procflow.logs.log import CASE, EventLog
from procflow.logs.zones import to_local
from procflow.text import Text


@dataclass(frozen=True)
class ArrivalPattern:
    """When the cases of a log arrive.

    ``hours`` has a row per weekday (1 Monday to 7 Sunday) and hour of the day with ``cases`` and ``per_day`` (of the
    days of that weekday in the log). ``per_day`` is the mean per calendar day; ``dispersion`` the variance of the
    counts of days over their mean, on weekdays on which cases usually arrive: 1 for a Poisson stream, above it where
    cases come in bursts. NaN where there are too few days.
    """

    hours: pl.DataFrame = field(repr=False)
    cases: int
    days: int
    per_day: float
    dispersion: float


def arrival_pattern(log: EventLog, *, attribute: str | None = None) -> ArrivalPattern:
    """Return when cases arrive: at their first event, or at an attribute of the case such as ``startdate``.

    The first event is the earliest enabling, start or end; with completions only, cases arrived before. Raises
    LogError where the attribute is not there or no time.
    """
    arrived = arrivals(log, attribute=attribute)
    local = arrived.to_frame("at").select(at=to_local(pl.col("at"), log.zone))["at"]
    if local.is_empty():
        nothing = pl.DataFrame(schema={"weekday": pl.Int8, "hour": pl.Int8, "cases": pl.UInt32, "per_day": pl.Float64})
        return ArrivalPattern(nothing, 0, 0, math.nan, math.nan)
    day = pl.col("at").dt.date()
    dates = local.to_frame("at").select(date=pl.date_range(day.min(), day.max()))["date"]
    of_weekday = dates.dt.weekday().alias("weekday").value_counts(name="days")
    hours = (
        pl.DataFrame({"weekday": local.dt.weekday(), "hour": local.dt.hour()})
        .group_by("weekday", "hour")
        .agg(cases=pl.len())
        .join(of_weekday, on="weekday")
        .select("weekday", "hour", "cases", per_day=pl.col("cases") / pl.col("days"))
        .sort("weekday", "hour")
    )
    return ArrivalPattern(hours, local.len(), dates.len(), local.len() / dates.len(), _dispersion(local, dates))


def arrivals(log: EventLog, *, attribute: str | None = None) -> pl.Series:
    """Return when each case arrived, in order; see ``arrival_pattern``."""
    if attribute is None:
        first = pl.min_horizontal("enabled", "start", "end")
        return log.steps.group_by("case").agg(at=first.min())["at"].drop_nulls().sort()
    return case_times(log, attribute).drop_nulls("at")["at"].sort()


def case_times(log: EventLog, attribute: str) -> pl.DataFrame:
    """Return ``case`` and ``at``, a time that is an attribute of cases; raise LogError where it is none."""
    name = CASE + attribute
    times = [each for each, kind in log.cases.schema.items() if isinstance(kind, pl.Datetime)]
    if name not in times:
        known = ", ".join(each.removeprefix(CASE) for each in times) or "-"
        raise LogError(
            Text(
                en=f"the cases have no time {attribute!r}; they have {known}",
                zh=f"办件没有时间属性 {attribute!r}；现有：{known}",
            )
        )
    return log.cases.select("case", at=name)


def _dispersion(local: pl.Series, dates: pl.Series) -> float:
    """Return variance over mean of daily counts, each weekday about its own mean, idle weekdays left out."""
    counts = local.dt.date().alias("date").value_counts()
    days = pl.DataFrame({"date": dates}).join(counts, on="date", how="left").with_columns(pl.col("count").fill_null(0))
    days = days.with_columns(weekday=pl.col("date").dt.weekday()).with_columns(
        mean=pl.col("count").mean().over("weekday"), n=pl.len().over("weekday")
    )
    usual = days.filter((pl.col("n") > 1) & (pl.col("mean") > 0.1 * pl.col("mean").max()))
    free = usual.height - usual["weekday"].n_unique()
    if free < 1:
        return math.nan
    squares = float(((usual["count"] - usual["mean"]) ** 2).sum())
    return squares / free / float(usual["mean"].mean())  # type: ignore[arg-type]
