"""What holds for the waiting split of any log, however odd: random small logs with ties, gaps and unknown people."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from procflow.logs import EventLog, event_log
from procflow.logs.waiting import CAUSES, waiting_split

NINE = dt.datetime(2025, 3, 3, 9, tzinfo=dt.UTC)
ZONES = ("UTC", "Asia/Shanghai", "+08:00", "America/New_York")


def _random_log(seed: int) -> EventLog:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 60))
    grain, span = int(rng.choice([1, 60, 3600])), int(rng.choice([3600, 86_400, 30 * 86_400]))
    start = rng.integers(0, span, n) // grain * grain
    end = start + rng.integers(0, int(rng.choice([1, 3600, 90_000])), n) // grain * grain
    end -= 5000 * (rng.random(n) < 0.02)
    people = [None if rng.random() < 0.1 else f"p{k}" for k in rng.integers(0, int(rng.integers(1, 4)), n)]
    rows = pl.DataFrame(
        {
            "case": [str(k) for k in rng.integers(0, int(rng.integers(1, 15)), n)],
            "activity": ["abcd"[k] for k in rng.integers(0, int(rng.integers(1, 5)), n)],
            "start": [NINE + dt.timedelta(seconds=int(s)) for s in start],
            "end": [NINE + dt.timedelta(seconds=int(e)) for e in end],
            "resource": ["p0", *people[1:]],
            "department": [None if rng.random() < 0.2 else "xy"[k] for k in rng.integers(0, 2, n)],
        }
    )
    return event_log(rows, zone=ZONES[seed % len(ZONES)])


@pytest.mark.parametrize("pool", ["role", "person"])
@pytest.mark.parametrize("seed", range(100, 160))
@pytest.mark.filterwarnings("error")
def test_causes_are_not_negative_and_add_up_to_the_wait_from_enabled_to_start(seed: int, pool: str) -> None:
    log = _random_log(seed)
    fit = log.events.filter(pl.col("start") <= pl.col("end"))
    if not fit["resource"].drop_nulls().len():
        pytest.skip("nobody is named in the rows that can be used")
    split = waiting_split(log, pool=pool)  # type: ignore[arg-type]
    rows = split.events
    assert rows.height == fit.height
    assert bool(split.notes) == (fit.height < log.events.height)
    parts = rows.select(f"{cause}_us" for cause in CAUSES)
    assert parts.select(pl.min_horizontal(pl.all()) >= 0).to_series().all()
    assert (parts.sum_horizontal() == rows["wait_us"]).all()
    elapsed = (rows["start"] - rows["enabled"]).dt.total_microseconds()
    assert ((elapsed == rows["wait_us"]) | (rows["suspended_us"] > 0)).all()
