"""Simulated offices whose waiting is known exactly, and the logs that they would leave."""

import re
from functools import cache
from pathlib import Path

import polars as pl

from procflow import Run, Scenario, simulate
from procflow.definition import loads
from procflow.definition.resolved import Process
from procflow.logs.log import EventLog, event_log

FOLDER = Path(__file__).parent / "models"
CATALOG = "procflow: 1\ncatalog: nothing\n"


@cache
def _texts() -> tuple[str, str]:
    process, organization = ((FOLDER / f"{name}.yaml").read_text(encoding="utf-8") for name in ("hall", "hall_office"))
    return process, organization


def hall(*, priority: bool = False, times: int = 1) -> Process:
    """Return the process; with ``priority`` urgent reviews go first, with ``times`` as many people do the work."""
    process, organization = _texts()
    if priority:
        process = process.replace("role: reviewer\n", "role: reviewer\n    priority: urgency\n", 1)
    organization = re.sub(r"staff: (\d+)", lambda found: f"staff: {int(found[1]) * times}", organization)
    return loads(process, organization=organization, catalog=CATALOG)


def office(
    *,
    priority: bool = False,
    per_day: float = 17,
    days: int = 240,
    seed: int = 5,
    times: int = 1,
    start: str = "2025-02-10",
    into: Path | None = None,
) -> Run:
    """Return a run of the office with all causes of waiting, in memory or in a folder; see ``hall``."""
    scenario = Scenario.model_validate(
        {"arrivals": f"{per_day} per wd", "start": start, "days": days, "replications": 1, "seed": seed}
    )
    return simulate(hall(priority=priority, times=times), scenario, into=into)


def log_of(run: Run) -> EventLog:
    """Return the log that an office would have of a run: who did what from when to when, and in which department.

    Work ends when it is done; what an applicant does takes its delay. The columns ``event_true_<cause>`` have the
    waiting before the work as the simulator split it, with the delay and the transfer that follow the step before;
    ``event_first`` marks what begins a case, whose wait no log shows.
    """
    start = pl.lit(run.scenario.start).cast(pl.Datetime("us")).dt.replace_time_zone("Asia/Shanghai")
    department = {state.name: state.department for state in run.processes[0].definition.states}
    done = pl.col("start_us").is_not_null() & pl.col("exit_us").is_not_null()
    rows = run.tables["events"].filter(done).sort("case", "enter_us")
    before = {name: pl.col(f"{name}_us").shift(1).over("case").fill_null(0) for name in ("delay", "transfer")}
    staffed = pl.col("people") != ""
    true = {
        "batch": pl.col("batch_us") + pl.col("batch_full_us"),
        "off_duty": pl.col("off_duty_us"),
        "contention": pl.col("contention_us"),
        "transfer": before["transfer"],
        "suspended": pl.when(staffed).then(0).otherwise(pl.col("delay_us")),
        "extraneous": pl.when(staffed.shift(1).over("case").fill_null(False)).then(before["delay"]).otherwise(0),
    }
    end = pl.when(staffed).then("done_us").otherwise("exit_us")
    events = rows.select(
        pl.col("case").cast(pl.String),
        activity="state",
        start=start + pl.duration(microseconds="start_us"),
        end=start + pl.duration(microseconds=end),
        resource=pl.when(staffed).then(pl.col("group") + "/" + pl.col("people")),
        department=pl.col("state").replace_strict(department, return_dtype=pl.String),
        event_first=pl.int_range(pl.len()).over("case") == 0,
        **{f"event_true_{name}": column for name, column in true.items()},
    )
    return event_log(events.collect(), zone="Asia/Shanghai")
