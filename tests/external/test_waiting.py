"""The waiting split of logs that others made, against the delays and the splits that they say are in them."""

import json
import os
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pytest

from benchmarks import waiting as benchmark
from procflow.logs import read_log
from procflow.logs.waiting import CAUSES, waiting_split
from procflow.logs.work_calendars import read_calendars

DATA = Path(os.environ.get("PROCFLOW_DATA", Path(__file__).resolve().parents[2].parent / "shared" / "data"))
TIMERS, WAITING = DATA / "timers", DATA / "waiting"

pytestmark = pytest.mark.skipif(
    not (TIMERS.is_dir() and WAITING.is_dir()), reason=f"{DATA} has no logs: set PROCFLOW_DATA to their folder"
)

MODELS = ("Insurance_Claims", "Loan_Application")
MAE_SECONDS = {"Insurance_Claims": 1.0, "Loan_Application": 10.0}
"""Held well below the 60 s and 500 s that were asked for: what is reached today is 0 and 4."""


@pytest.mark.parametrize("given", [False, True], ids=["found", "given"])
@pytest.mark.parametrize("model", MODELS)
def test_without_timers_nothing_is_extraneous_batched_or_priority(model: str, given: bool) -> None:
    found = _measured(model, given)
    assert found["truth_hours"] == 0
    assert found["wait_hours"] > 50
    assert found["shares"]["extraneous"] < 0.001
    assert found["shares"]["batch"] == found["shares"]["priority"] == found["shares"]["transfer"] == 0


@pytest.mark.parametrize("given", [False, True], ids=["found", "given"])
@pytest.mark.parametrize("model", MODELS)
def test_delays_of_a_timer_are_found_event_by_event(model: str, given: bool) -> None:
    found = _measured(f"{model}_1_timer", given)
    assert found["extraneous_hours"] == pytest.approx(found["truth_hours"], rel=0.02)
    assert found["mae_seconds"] < MAE_SECONDS[model]
    assert found["shares"]["batch"] == found["shares"]["priority"] == 0


def test_the_benchmark_prints_one_object_of_all_logs(capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(TIMERS / f"{model}.csv.gz") for model in MODELS]
    benchmark.main([*files, "--calendars", *(str(TIMERS / f"{model}.json") for model in MODELS), "--json"])
    logs = json.loads(capsys.readouterr().out)["logs"]
    assert [log["file"] for log in logs] == [f"{model}.csv.gz" for model in MODELS]
    assert all(set(log["shares"]) == set(CAUSES) for log in logs)


@pytest.mark.parametrize("number", [1, 2])
def test_the_wait_for_one_person_is_split_as_expected(number: int) -> None:
    """Worked by hand by the authors, who look only at the person who did the work: so does ``pool="person"``."""
    for row, pair in _pairs(number, "person"):
        for ours, theirs in THEIR_CAUSES.items():
            assert pair[f"{ours}_us"].sum() == _microseconds(row[f"wt_{theirs}"]), (row, ours)


def _pairs(number: int, pool: Literal["role", "person"]) -> list[tuple[dict[str, Any], pl.DataFrame]]:
    """Return what is expected of each pair of activities and people, with the waits that are found."""
    log = read_log(WAITING / f"manual_log_{number}.csv")
    calendars = read_calendars(WAITING / "calendars.json", log.events["resource"].unique())
    split = waiting_split(log, calendars, pool=pool)
    found = split.events.with_columns(source=_resource_before(split.events)).filter(
        pl.col("from_activity").is_not_null()
    )
    expected = pl.read_csv(WAITING / f"manual_log_{number}_expected.csv")
    assert expected.height == 8
    pairs = []
    for row in expected.iter_rows(named=True):
        pair = found.filter(
            (pl.col("from_activity") == row["source_activity"])
            & (pl.col("activity") == row["target_activity"])
            & (pl.col("source") == row["source_resource"])
            & (pl.col("resource") == row["target_resource"])
        )
        assert pair.height == row["frequency"]
        pairs.append((row, pair))
    return pairs


DIFFERENT = {
    1: {
        ("A", "B", "Marcus", "Marcus"),
        ("B", "D", "Anya", "Anya"),
        ("B", "C", "Cole", "Anya"),
        ("B", "E", "Dom", "Anya"),
    },
    2: {("A", "B", "Anya", "Marcus"), ("A", "B", "Carmine", "Anya"), ("B", "C", "Marcus", "Marcus")},
}
"""Pairs of whose wait a part is extraneous, since a colleague was free; they stand on the page of the waiting split."""


@pytest.mark.parametrize("number", [1, 2])
def test_seen_by_roles_only_waits_with_a_free_colleague_differ_and_become_extraneous(number: int) -> None:
    pairs = _pairs(number, "role")
    for row, pair in pairs:
        off = {
            ours: pair[f"{ours}_us"].sum() - _microseconds(row[f"wt_{theirs}"]) for ours, theirs in THEIR_CAUSES.items()
        }
        key = tuple(row[f"{side}_{what}"] for what in ("activity", "resource") for side in ("source", "target"))
        assert any(off.values()) == (key in DIFFERENT[number]), key
        assert sum(off.values()) == 0
        assert all(more <= 0 for cause, more in off.items() if cause != "extraneous")


THEIR_CAUSES = {
    "batch": "batching",
    "priority": "prioritization",
    "contention": "contention",
    "off_duty": "unavailability",
    "extraneous": "extraneous",
}


def _resource_before(events: pl.DataFrame) -> pl.Series:
    """Return who did the activity before; the cases of these logs have no parallel work."""
    return events.select(pl.col("resource").shift(1).over("case")).to_series()


def _microseconds(written: str) -> int:
    """Return a duration such as ``0 days 01:30:00`` in microseconds."""
    days, _, clock = written.partition(" days")
    hours, minutes, seconds = (int(part) for part in (clock.strip() or "0:0:0").split(":"))
    return (((int(days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000_000


def _measured(name: str, given: bool) -> dict[str, object]:
    return benchmark.measure(TIMERS / f"{name}.csv.gz", TIMERS / f"{name}.json" if given else None)
