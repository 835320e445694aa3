"""Benchmark ``waiting``: the waiting split of logs, against the delays that are known to be in them.

Made for logs of the form of the public collection *extraneous-activity-delays*: a row per activity instance with
``case_id``, ``activity``, ``start_time``, ``end_time``, ``resource`` and ``extraneous_delay``, the true delay in
seconds. A log without that column is split, and not judged.
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from procflow.logs import EventLog, read_log
from procflow.logs.waiting import CAUSES, waiting_split
from procflow.logs.work_calendars import read_calendars

TRUTH = "event_extraneous_delay"


def main(arguments: Sequence[str]) -> None:
    """Split the logs that the command line names and print what was found."""
    options = _parser().parse_args(arguments)
    calendars = options.calendars or [None]
    if len(calendars) not in (1, len(options.files)):
        raise SystemExit(f"{len(calendars)} calendars for {len(options.files)} logs: give one, or one for each")
    each = calendars * len(options.files) if len(calendars) == 1 else calendars
    found = [measure(file, given) for file, given in zip(options.files, each, strict=True)]
    if options.json:
        print(json.dumps({"benchmark": "waiting", "logs": found}, ensure_ascii=False))
    else:
        print("\n".join(json.dumps(log, ensure_ascii=False) for log in found))


def measure(file: Path, calendars: Path | None = None) -> dict[str, Any]:
    """Return the hours of extraneous waiting of a log, the true ones, the mean absolute error of an event, the shares.

    ``mae_seconds`` is over all events, those that did not wait included. What a log without truth cannot tell is
    null. ``calendars`` is a file of ``read_calendars``; by default calendars are found in the log.
    """
    log = read_log(file)
    people = log.events["resource"].drop_nulls().unique()
    given = None if calendars is None else read_calendars(calendars, people, zone=log.zone)
    before = time.perf_counter()
    split = waiting_split(log, given)
    seconds = time.perf_counter() - before
    hours = split.total()
    wait = hours.pop("wait")
    truth = _truth(log, split.events["row"])
    return {
        "file": file.name,
        "events": split.events.height,
        "truth_hours": None if truth is None else round(truth.sum() / 3600, 3),
        "extraneous_hours": round(hours["extraneous"], 3),
        "mae_seconds": None if truth is None else _mean_error(split.events, truth),
        "wait_hours": round(wait, 3),
        "shares": {cause: round(hours[cause] / wait, 6) if wait else 0.0 for cause in CAUSES},
        "calendars": "found" if calendars is None else calendars.name,
        "seconds": round(seconds, 3),
    }


def _truth(log: EventLog, rows: pl.Series) -> pl.Series | None:
    if TRUTH not in log.events.columns:
        return None
    return log.events[TRUTH].cast(pl.Float64).gather(rows)


def _mean_error(events: pl.DataFrame, truth: pl.Series) -> float:
    off = events["extraneous_us"].to_numpy() / 1e6 - truth.to_numpy()
    return round(float(abs(off).mean()), 3)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks waiting", description="Split the waiting of logs.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="log (CSV, may be gzipped)")
    parser.add_argument(
        "--calendars", nargs="+", type=Path, metavar="JSON", help="work calendars: one file, or one for each log"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser
