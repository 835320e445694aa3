"""What a run says for the report: where the time goes, and how the limits were kept. Simulates nothing."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from procflow.analysis.limit_times import limit_times
from procflow.analysis.run_tables import DAY_US, cases_of
from procflow.analysis.time_split import time_split
from procflow.definition import words
from procflow.definition.holidays import UnpublishedHolidaysError
from procflow.definition.resolved import Process
from procflow.errors import AnalysisError
from procflow.machine.graph import state_graph
from procflow.report.chart import Bar
from procflow.report.figures import quantity
from procflow.text import Language

if TYPE_CHECKING:
    from procflow.simulation.run import Run


@dataclass(frozen=True)
class LimitRow:
    """One limit of one variant: what the applicant lives through, the agency's clock, what is suspended."""

    variant: str
    name: str
    statutory: str
    promised: str
    lived: str = "–"
    clock: str = "–"
    suspended: str = "–"
    statutory_kept: str = "–"
    promised_kept: str = "–"
    cases: str = "–"


def time_bar(process: Process, run: "Run", label: str) -> Bar:
    """Return where the time of a finished case goes, in hours, along the path that fired each join.

    Elapsed time (``delay``) is divided among applicant, external parties and office as their states' delays are.
    """
    split = dict(time_split(run, process).select("segment", "hours").iter_rows())
    delay = split.pop("delay")
    by_actor = _delays(process, run)
    total = sum(by_actor.values())
    for actor, hours in by_actor.items():
        split[f"delay_{actor}"] = delay * hours / total if total else 0.0
    return Bar(label, split)


def _delays(process: Process, run: "Run") -> dict[str, float]:
    graph = state_graph(process)
    found = dict.fromkeys(("office", "applicant", "external"), 0.0)
    for name, hours in time_split(run, process, by="state").select("state", "delay_hours").iter_rows():
        who = graph.state(name).who
        found[who if who in ("applicant", "external") else "office"] += hours
    return found


def limit_rows(process: Process, run: "Run | None", variant: str, lang: Language) -> tuple[LimitRow, ...]:
    """Return the limits of a process; with a run, how its finished cohort kept them."""
    times = _times(process, run)
    rows = []
    for name, limit in process.definition.limits.items():
        title = limit.title.get(lang) if limit.title else name
        statutory, promised = (words.span(t.value, lang) if t else "–" for t in (limit.statutory, limit.promised))
        found = times.filter(pl.col("limit") == name) if times is not None else None
        if found is None or not found.height:
            rows.append(LimitRow(variant, title, statutory, promised))
        else:
            rows.append(_measured(found, variant, title, statutory, promised, lang))
    return tuple(rows)


def _times(process: Process, run: "Run | None") -> pl.DataFrame | None:
    if run is None:
        return None
    try:
        times = limit_times(run, process)
    except (UnpublishedHolidaysError, AnalysisError) as error:
        warnings.warn(f"the report gives no times of limits: {error}", stacklevel=2)
        return None
    ended = cases_of(run, process).filter(pl.col("in_cohort") & pl.col("outcome").is_not_null())
    return times.join(ended.select("replication", "case"), on=["replication", "case"], how="semi")


def _measured(found: pl.DataFrame, variant: str, title: str, statutory: str, promised: str, lang: Language) -> LimitRow:
    unit = found["unit"][0]
    ran = found.filter(pl.col("started_us").is_not_null())
    return LimitRow(
        variant,
        title,
        statutory,
        promised,
        quantity(_mean(ran["lived_us"]) / DAY_US, "d", lang),
        quantity(_mean(ran["net"]), unit, lang),
        quantity(_mean(ran["suspended"]), unit, lang),
        quantity(_mean(found["statutory_kept"].drop_nulls().cast(pl.Float64)), "", lang),
        quantity(_mean(found["promised_kept"].drop_nulls().cast(pl.Float64)), "", lang),
        f"{ran.height:,}",
    )


def _mean(values: pl.Series) -> float:
    mean = values.mean()
    return float(mean) if isinstance(mean, int | float) else float("nan")
