"""The tables of a run as the analysis reads them: one process, in order, with dates. Computes no result itself."""

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from procflow.analysis.remembering import remembered
from procflow.definition.expecting import expect_run
from procflow.definition.resolved import Process
from procflow.errors import AnalysisError
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.simulation.run import Run

CASE = ("replication", "case")
"""The columns that name a case within one process."""

SEGMENTS = (
    "batch_us",
    "batch_full_us",
    "off_duty_us",
    "contention_us",
    "work_us",
    "paused_us",
    "delay_us",
    "call_us",
    "transfer_us",
    "sync_us",
)
"""The segments of a visit, which sum to its time exactly."""

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US


def process_of(run: "Run", process: Process | str | None = None) -> Process:
    """Return the process of a run: the one meant, or the only one; raise AnalysisError where that is none."""
    expect_run(run, argument="run")
    name = process.name if isinstance(process, Process) else process
    found = [p for p in run.processes if name is None or p.name == name]
    if len(found) == 1:
        return found[0]
    shown = ", ".join(p.name for p in run.processes)
    raise AnalysisError(
        Text(
            en=f"the run has no single process {name or ''}: name one of {shown}",
            zh=f"仿真中没有唯一的流程 {name or ''}：请指明其一：{shown}",
        )
    )


@remembered
def events_of(run: "Run", process: Process) -> pl.DataFrame:
    """Return the events of one process, by replication, case, then time of entering."""
    kept = run.events.filter(pl.col("process") == process.name)
    return kept.sort([*CASE, "enter_us", "exit_us", "token", "visit"], nulls_last=True)


@remembered
def cases_of(run: "Run", process: Process) -> pl.DataFrame:
    """Return the cases of one process, by replication and case."""
    return run.cases.filter(pl.col("process") == process.name).sort(CASE)


def midnights_us(timezone: str, start: dt.date, days: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the local midnights from ``start`` on, int64, shape (days + 1,), microseconds since the first.

    A day of a change to or from summer time has 23 or 25 hours.
    """
    zone = ZoneInfo(timezone)
    stamps = [dt.datetime.combine(start + dt.timedelta(days=n), dt.time(), zone).timestamp() for n in range(days + 1)]
    return np.rint((np.array(stamps) - stamps[0]) * 1e6).astype(np.int64)
