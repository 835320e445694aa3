"""What a run measures of each limit: three times side by side, and the share kept. Judges nothing."""

import math
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from procflow.analysis.limit_times import limit_times
from procflow.analysis.run_tables import CASE, DAY_US, cases_of
from procflow.definition.holidays import UnpublishedHolidaysError
from procflow.definition.limits import Limit, clock_keys
from procflow.definition.resolved import Process
from procflow.simulation.statistics import Estimate, wilson
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.simulation.run import Run

Means = tuple[str, tuple[Text, str, tuple[float, ...]]]
"""The key of a metric with its name, its unit and its mean per replication."""

_KINDS = {
    "statutory": Text(en="within the statutory limit", zh="法定时限内办结率"),
    "promised": Text(en="within the promise", zh="承诺时限内办结率"),
}
_CLOCKS = {
    "lived": Text(en="lived through, arrival to end", zh="申请人全程"),
    "net": Text(en="on the agency's clock", zh="机关计时"),
    "suspended": Text(en="suspended", zh="停表"),
}


def judged_times(run: "Run", process: Process, *, from_us: int = 0) -> pl.DataFrame | None:
    """Return the limit times of the cohort's cases that arrived at ``from_us`` or later.

    None, with a warning, where their working days fall in a year whose holidays are not known.
    """
    try:
        times = limit_times(run, process)
    except UnpublishedHolidaysError as error:
        warnings.warn(f"no share on time is given: {error}", stacklevel=2)
        return None
    arrivals = cases_of(run, process).select(*CASE, "arrival_us")
    return times.join(arrivals, on=CASE).filter(pl.col("in_cohort") & (pl.col("arrival_us") >= from_us))


def limit_means(times: pl.DataFrame, process: Process, replications: list[int]) -> Iterator[Means]:
    """Yield the metrics of limits from rows of ``judged_times``: the three times, then the shares kept."""
    for name, limit in process.definition.limits.items():
        rows = times.filter(pl.col("limit") == name)
        ran = rows.filter(pl.col("net").is_not_null() & pl.col("stopped_us").is_not_null())
        ran = ran.with_columns(lived=pl.col("lived_us") / DAY_US)
        for key, (column, what) in zip(clock_keys(name, limit), _CLOCKS.items(), strict=False):
            unit = key.partition(":")[0].rpartition("_")[2]
            yield key, (_named(name, limit, what), unit, _per_replication(ran, column, replications))
        for kind, what in _KINDS.items():
            if getattr(limit, kind) is not None:
                kept = rows.with_columns(pl.col(f"{kind}_kept").cast(pl.Float64))
                means = _per_replication(kept, f"{kind}_kept", replications)
                yield f"on_time:{name}:{kind}", (_named(name, limit, what), "", means)


def wilson_shares(times: pl.DataFrame, process: Process, confidence: float) -> Iterator[tuple[str, Estimate]]:
    """Yield each share on time with its Wilson interval over cases, for a run of a single replication."""
    for name, limit in process.definition.limits.items():
        for kind in _KINDS:
            if getattr(limit, kind) is not None:
                kept = times.filter(pl.col("limit") == name)[f"{kind}_kept"].drop_nulls()
                yield f"on_time:{name}:{kind}", wilson(int(kept.sum()), kept.len(), confidence=confidence)


def _named(name: str, limit: Limit, what: Text) -> Text:
    title = limit.title or Text(en=name, zh=name)
    return Text(en=f"{title.get('en')}: {what.get('en')}", zh=f"{title.get('zh')}:{what.get('zh')}")


def _per_replication(rows: pl.DataFrame, column: str, replications: list[int]) -> tuple[float, ...]:
    """Return the means of a column by replication, added up in the order of the cases: always the same last bits."""
    parts = rows.drop_nulls(column).sort(CASE).partition_by("replication", as_dict=True)
    found = {replication: float(part[column].to_numpy().mean()) for (replication,), part in parts.items()}
    return tuple(found.get(replication, math.nan) for replication in replications)
