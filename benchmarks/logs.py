"""Benchmark ``logs``: how fast event logs are read, written and analyzed, and how that grows with their size.

The log is what a simulated office leaves (``benchmarks.hall`` with twenty times its people and cases): case, activity,
start, end, person and department. An XES file of so many events has a start and a completion for half as many rows.
Each operation runs in a process of its own, held to one core, for a tenth of the events, for all and for five times as
many.
"""

import json
import math
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.hall import log_of, office
from benchmarks.measure import Measured, peak_mb, python, run_json, timed
from procflow.logs import EventLog, event_log, read_log, write_log

CASES, REPETITIONS = 160_000, 1
"""Cases of the middle size, and of how many runs the fastest counts."""
EVENTS_A_CASE = 6.25
TIMES = 20
PER_DAY = 17.0 * TIMES
DAYS_A_CASE = 365 / 245 / PER_DAY
SPARE = 1.05
"""So much longer is simulated than the events take on average, to be cut to the number that was asked for."""
START = "2012-02-06"
"""China's holidays are known from here on for as long as five million events take."""
SIZES = {"tenth": 0.1, "whole": 1.0, "five": 5.0}
LIMITS_SECONDS = {
    "read_csv": 2.0,
    "read_parquet": 2.0,
    "read_xes": 15.0,
    "write_csv": 5.0,
    "write_parquet": 5.0,
    "write_xes": 5.0,
    "handoffs": 2.0,
    "variants": 2.0,
    "directly_follows": 2.0,
    "waiting": 10.0,
}
"""What a million events may take; memory may reach ``LIMIT_MB``."""
LIMIT_MB = 2048


def measure(cases: int = CASES, repetitions: int = REPETITIONS) -> dict[str, Any]:
    """Return seconds, CPU seconds and peak memory of each operation by size, and growth against n log n.

    ``growth`` is how many times as long five times the events take as a tenth of them, by CPU time, divided by what
    n log n allows: at most 1 is no worse than n log n. ``growth_from_whole`` is the same from all events on, where
    what a start costs hides less. Times below 20 ms tell nothing (null).
    """
    events = round(cases * EVENTS_A_CASE)
    counts = {name: max(1, round(events * share)) for name, share in SIZES.items()}
    with tempfile.TemporaryDirectory() as folder:
        for name, count in counts.items():
            run_json(python("benchmarks.logs", "make", count, Path(folder) / name))
        found = {name: _operations(Path(folder) / name, repetitions) for name in counts}
    whole = found["whole"]
    return {
        "events": counts["whole"],
        "seconds": {name: run["wall_s"] for name, run in whole.items()},
        "limits_seconds": {name: round(limit * counts["whole"] / 1e6, 3) for name, limit in LIMITS_SECONDS.items()},
        "peak_mb": max(run["peak_mb"] for run in whole.values()),
        "limit_mb": LIMIT_MB,
        "growth": {name: _growth(name, found, counts, "tenth") for name in LIMITS_SECONDS},
        "growth_from_whole": {name: _growth(name, found, counts, "whole") for name in LIMITS_SECONDS},
        "sizes": counts,
        "repetitions": repetitions,
        "cpu": {name: run["cpu_s"] for name, run in whole.items()},
        "each": found,
    }


def _operations(place: Path, repetitions: int) -> dict[str, Measured]:
    """Return the fastest run of each operation on the files of one size."""
    fastest = {}
    for name in LIMITS_SECONDS:
        runs = [run_json(python("benchmarks.logs", name, place)) for _ in range(repetitions)]
        fastest[name] = min(runs, key=lambda run: float(run["cpu_s"]))
    return fastest


def _growth(name: str, found: dict[str, dict[str, Measured]], counts: dict[str, int], since: str) -> float | None:
    small, large = (found[size][name]["cpu_s"] for size in (since, "five"))
    allowed = counts["five"] * math.log(counts["five"]) / (counts[since] * math.log(max(2, counts[since])))
    return round(large / small / allowed, 3) if small >= 0.02 else None


def make(events: int, place: Path) -> None:
    """Simulate a log of so many events and write it to ``place`` with each ending; XES has half of the rows."""
    days = math.ceil(events / EVENTS_A_CASE * DAYS_A_CASE * SPARE) + 60
    with tempfile.TemporaryDirectory() as folder:
        run = office(per_day=PER_DAY, times=TIMES, days=days, start=START, into=Path(folder) / "run")
        rows = log_of(run).events.select("case", "activity", "start", "end", "resource", "department")
    log = event_log(rows.head(events), zone="Asia/Shanghai")
    for ending in (".csv", ".parquet"):
        write_log(log, place.with_suffix(ending))
    half = event_log(rows.head(max(1, events // 2)), zone="Asia/Shanghai")
    write_log(half, place.with_suffix(".half.parquet"))
    write_log(half, place.with_suffix(".xes"))


def once(operation: str, place: Path) -> Measured:
    """Run one operation; return its seconds, and the peak memory with the log that it needs."""
    kind, _, what = operation.partition("_")
    if kind == "read":
        done, wall, cpu = timed(lambda: read_log(place.with_suffix(f".{what}")))
    else:
        ending = ".half.parquet" if what == "xes" else ".parquet"
        log, work = read_log(place.with_suffix(ending)), _operation(operation, place)
        done, wall, cpu = timed(lambda: work(log))
    del done
    return {"wall_s": round(wall, 3), "cpu_s": round(cpu, 3), "peak_mb": round(peak_mb())}


def _operation(name: str, place: Path) -> Callable[[EventLog], object]:
    from procflow.logs.handoffs import log_handoffs
    from procflow.logs.variants import directly_follows, variants
    from procflow.logs.waiting import waiting_split

    if name.startswith("write_"):
        return lambda log: write_log(log, place.with_suffix(f".written.{name.removeprefix('write_')}"))
    return {
        "handoffs": log_handoffs,
        "variants": variants,
        "directly_follows": directly_follows,
        "waiting": waiting_split,
    }[name]


def main(words: Sequence[str]) -> None:
    """Make a log, or run one operation on one core and print what it took."""
    if words[0] == "make":
        make(int(words[1]), Path(words[2]))
        print("{}")
        return
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(json.dumps(once(words[0], Path(words[1]))))


if __name__ == "__main__":
    main(sys.argv[1:])
