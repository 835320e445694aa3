"""Benchmark ``recovery``: whether the blind split of a log finds the causes of waiting that the simulator knows.

The logs say who did what from when to when in which department, and nothing else: no definition, calendar, arrival or
enabling instant. Errors are sums of absolute errors event by event, in percent of the hours that the cause really has.
What begins a case is left out: a wait before the first activity leaves no trace in a log.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import polars as pl

from benchmarks.hall import log_of, office
from procflow.logs.log import EventLog
from procflow.logs.waiting import HOUR_US, WaitingSplit, waiting_split

CASES, REPETITIONS = 2_700, 3
"""Cases of a working year at 17 a day, which is about what the busiest log has."""
CAUSES = ("batch", "off_duty", "contention", "transfer", "extraneous", "suspended")
"""Overtaking is contention for the simulator: the two are taken together."""
PER_DAY = {"quiet": 4.0, "usual": 10.0, "busy": 17.0, "priority": 17.0}
TITLES = {
    "quiet": "4 cases a day",
    "usual": "10 a day",
    "busy": "17 a day (reviewers at 93 %)",
    "priority": "17 a day, urgent cases first",
}
NAMES = {"contention": "contention and priority", "off_duty": "off duty"}
_DAYS_A_CASE = 240 / CASES


def measure(cases: int = CASES, repetitions: int = REPETITIONS) -> dict[str, Any]:
    """Return for each log and cause the true hours, those found, and the error in percent; seeds are 5 and on."""
    days = max(1, round(cases * _DAYS_A_CASE))
    rows = [
        {"log": name, "seed": seed, **row}
        for name in PER_DAY
        for seed in range(5, 5 + repetitions)
        for row in against_truth(name, days, seed).iter_rows(named=True)
    ]
    return {"days": days, "repetitions": repetitions, "causes": rows}


@cache
def split_of(name: str, days: int = 240, seed: int = 5) -> tuple[EventLog, WaitingSplit]:
    """Return one of the logs, with its truth, and its split."""
    log = log_of(office(per_day=PER_DAY[name], priority=name == "priority", days=days, seed=seed))
    return log, waiting_split(log)


def against_truth(name: str, days: int = 240, seed: int = 5) -> pl.DataFrame:
    """Return the hours of each cause in a log, true and found, and the errors event by event, in hours and percent."""
    log, split = split_of(name, days, seed)
    true = log.events.with_row_index("row").select(pl.col("row").cast(pl.Int64), "^event_.*$")
    rows = split.events.join(true, on="row", how="left").filter(~pl.col("event_first"))
    rows = rows.with_columns(contention_us=pl.col("contention_us") + pl.col("priority_us"))
    found = [
        {
            "cause": cause,
            "true_hours": rows[f"event_true_{cause}"].sum() / HOUR_US,
            "found_hours": rows[f"{cause}_us"].sum() / HOUR_US,
            "error_hours": (rows[f"event_true_{cause}"] - rows[f"{cause}_us"]).abs().sum() / HOUR_US,
        }
        for cause in CAUSES
    ]
    return pl.DataFrame(found).with_columns(error_percent=100 * pl.col("error_hours") / pl.col("true_hours"))


def table(found: dict[str, Any]) -> str:
    """Return the errors of all logs as a table in Markdown: the worst of the seeds, and how far the totals are off."""
    lines = ["| cause | " + " | ".join(TITLES.values()) + " |", "|---" * (len(TITLES) + 1) + "|"]
    for cause in CAUSES:
        rows = [[row for row in found["causes"] if (row["log"], row["cause"]) == (log, cause)] for log in TITLES]
        lines.append(f"| {NAMES.get(cause, cause)} | " + " | ".join(map(_cell, rows)) + " |")
    return "\n".join(lines)


def _cell(rows: Sequence[dict[str, Any]]) -> str:
    worst = max(row["error_percent"] for row in rows)
    off = [100 * (row["found_hours"] / row["true_hours"] - 1) for row in rows]
    return f"{worst:.1f} ({min(off):+.1f} … {max(off):+.1f})"
