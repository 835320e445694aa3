"""Benchmark ``timers``: the waiting split of simulated logs with none, three and five timers of known length.

Three processes with calendars and pools of their own: a loan, an insurance claim whose one pool is hardly enough, a
pharmacy. A timer delays a case after a step, by the clock on the wall, where nobody works on it. The logs have the form
that ``python -m benchmarks waiting`` reads; hours, roles and pools are found in them.
"""

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks import waiting
from benchmarks.hall import CATALOG, FOLDER
from procflow import Run, Scenario, simulate
from procflow.definition import loads

CASES, REPETITIONS = 1_000, 2
MONDAY = dt.datetime(2023, 1, 2)
ARRIVALS = {"loan": ((9, 17), 5, 4.0), "insurance": ((9, 17), 5, 200.0), "pharmacy": ((8, 20), 6, 12.0)}
"""Hours from and to, days of the week from Monday on, and cases an hour, of each process."""
TIMERS = {
    "loan": {
        "completeness": "{exponential: 45 min}",
        "design": "{exponential: 45 min}",
        "approve": "{exponential: 1 h}",
        "history": "{normal: {mean: 30 min, sd: 5 min}}",
        "pack": "{exponential: 2 h}",
    },
    "insurance": {
        "register": "{normal: {mean: 10 min, sd: 1 min}}",
        "likelihood": "{exponential: 15 min}",
        "payment": "{exponential: 10 min}",
        "assess": "{uniform: [5 min, 15 min]}",
        "advise": "{exponential: 20 min}",
    },
    "pharmacy": {
        "enter": "{exponential: 20 min}",
        "fill": "{exponential: 10 min}",
        "quality": "{exponential: 30 min}",
        "insurance_check": "{normal: {mean: 10 min, sd: 2 min}}",
        "use_review": "15 min",
    },
}
"""By process and step, the delay after it; three timers are the first three."""
COUNTS = (0, 3, 5)


def measure(cases: int = CASES, repetitions: int = REPETITIONS) -> dict[str, Any]:
    """Return for each log what ``benchmarks.waiting`` tells of it: true and found hours, the error of an event."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for process, count, seed in _logs(repetitions):
            file = Path(folder) / f"{process}_{count}_timers_{seed}.csv"
            log_of(run(process, count, cases, seed)).write_csv(file)
            found.append(waiting.measure(file))
    return {"cases": cases, "repetitions": repetitions, "logs": found}


def _logs(repetitions: int) -> Iterator[tuple[str, int, int]]:
    yield from ((process, count, seed) for process in TIMERS for count in COUNTS for seed in range(1, repetitions + 1))


def run(process: str, timers: int, cases: int, seed: int) -> Run:
    """Simulate a process with so many timers until all cases have ended."""
    chosen = dict(list(TIMERS[process].items())[:timers])
    text = (FOLDER / f"timers_{process}.yaml").read_text(encoding="utf-8")
    definition = loads(
        _with_timers(text, chosen),
        organization=(FOLDER / "timers_office.yaml").read_text(encoding="utf-8"),
        catalog=CATALOG,
    )
    times = _arrivals(process, cases, seed)
    days = (times[-1] - MONDAY).days + 60
    scenario = {"arrivals": {"times": times}, "start": MONDAY.date(), "days": days, "replications": 1, "seed": seed}
    return simulate(definition, Scenario.model_validate(scenario))


def _with_timers(text: str, delays: Mapping[str, str]) -> str:
    for state, delay in delays.items():
        text = text.replace(f"{{name: {state},", f"{{name: {state}, delay: {delay}, calendar: round_the_clock,")
    return text


def _arrivals(process: str, cases: int, seed: int) -> list[dt.datetime]:
    """Return when cases arrive, a Poisson stream in the hours of the process; the loan's come at even intervals."""
    (first, last), days, per_hour = ARRIVALS[process]
    rng = np.random.default_rng(seed)
    gaps = np.full(cases, 1 / per_hour) if process == "loan" else rng.exponential(1 / per_hour, cases)
    day, hours = np.divmod(np.cumsum(gaps), last - first)
    week, weekday = np.divmod(day, days)
    return [
        MONDAY + dt.timedelta(days=float(each), hours=first + float(hour))
        for each, hour in zip(7 * week + weekday, hours, strict=True)
    ]


def log_of(simulated: Run) -> pl.DataFrame:
    """Return the log of a run with the true delay before each row, in seconds: the timer after the step before.

    In a region that begins it is the timer before the region; no timer stands before a join.
    """
    done = pl.col("start_us").is_not_null() & pl.col("exit_us").is_not_null()
    rows = simulated.events.filter(done).sort("case", "enter_us", "done_us")
    main, delay = pl.col("token") == "", pl.col("delay_us")
    before_regions = pl.when(main).then(delay).forward_fill().shift(1).over("case")
    begins = pl.int_range(pl.len()).over("case", "token") == 0
    after_main = pl.col("token").shift(1).over("case") == ""
    true = (
        pl.when(main & after_main)
        .then(delay.shift(1).over("case"))
        .when(~main & begins)
        .then(before_regions)
        .when(~main)
        .then(delay.shift(1).over("case", "token"))
        .otherwise(0)
    )
    instant = {name: (pl.lit(MONDAY) + pl.duration(microseconds=f"{name}_us")) for name in ("start", "done")}
    written = {name: at.dt.strftime("%Y-%m-%d %H:%M:%S%.6f+00:00") for name, at in instant.items()}
    return rows.select(
        case_id="case",
        activity=pl.col("state").str.split("/").list.last(),
        start_time=written["start"],
        end_time=written["done"],
        resource=pl.col("group").str.split(".").list.last() + "_" + pl.col("people"),
        extraneous_delay=true / 1e6,
    ).sort("start_time")


def table(found: dict[str, Any]) -> str:
    """Return the results as a table in Markdown."""
    lines = ["| log | true hours | found | mae | batch, priority |", "|---|---|---|---|---|"]
    for log in found["logs"]:
        name = log["file"].removesuffix(".csv").replace("_", " ")
        other = 100 * (log["shares"]["batch"] + log["shares"]["priority"])
        lines.append(
            f"| {name} | {log['truth_hours']:.1f} | {log['extraneous_hours']:.1f} | {log['mae_seconds']:.1f} s "
            f"| {other:.1f} % |"
        )
    return "\n".join(lines)
