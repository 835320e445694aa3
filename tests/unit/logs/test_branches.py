"""Branches that look like a sequence: told by the order of starts, and not taken for one where it is none."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from procflow.logs import EventLog, event_log
from procflow.logs.waiting import waiting_split

MONDAY = dt.datetime(2025, 3, 3, tzinfo=dt.UTC)
OPENS, CLOSES, CASES, DELAY = 8 * 60, 18 * 60, 400, 90
SITTING = 7 * 1440
MINUTE_US = 60_000_000


def _office(kind: str, seed: int = 1, *, spread: float = 15.0, people: int = 1) -> EventLog:
    """Return a log of fork, check and visit; a delay of 90 min before the visit counts from the fork, or the check.

    ``branch``: visit and check are parallel; ``sequence``: the visit waits for the check, and is then delayed;
    ``due``: likewise, and whoever ended the fork first is visited first; ``number``: in the order of the cases;
    ``sitting``: like ``due``, once a week. The visitors' time is scarce in the morning only, so that they are seen free
    in the afternoon. Minutes, UTC.
    """
    rng = np.random.default_rng(seed)
    day, slot = np.divmod(np.arange(CASES), 20)
    arrives = 1440 * day + OPENS + 15 * slot + rng.uniform(0, 10, CASES)
    fork = arrives + rng.uniform(2, 22, CASES)
    check = fork + rng.uniform(5, 5 + spread, CASES)
    ready = (fork if kind == "branch" else check) + rng.normal(DELAY, 6, CASES)
    if kind == "sitting":
        ready = SITTING * np.ceil(check / SITTING) + OPENS
    rank = {"due": fork, "sitting": fork, "number": arrives}.get(kind, ready)
    visit, free, visitor = np.empty(CASES), np.zeros(people), np.zeros(CASES, dtype=int)
    waiting = set(range(CASES))
    length = np.full(CASES, 4.0) if kind == "sitting" else np.where(slot < 12, 22.0, 8.0)
    while waiting:
        who = int(free.argmin())
        now = max(free[who], min(ready[case] for case in waiting))
        case = min((case for case in waiting if ready[case] <= now), key=lambda each: rank[each])
        visit[case], visitor[case] = now, who
        free[who] = now + length[case]
        waiting.remove(case)
        if free[who] % 1440 > CLOSES:
            free[:] = np.maximum(free, 1440 * (free[who] // 1440 + 1) + OPENS)
    rows = []
    for name, begins, ends, who in (
        ("fork", arrives, fork, np.arange(CASES) % 3),
        ("check", fork, check, np.arange(CASES) % 3),
        ("visit", visit, visit + length, visitor),
    ):
        rows.append(
            pl.DataFrame(
                {
                    "case": [f"{case:04}" for case in range(CASES)],
                    "activity": name,
                    "start": [MONDAY + dt.timedelta(minutes=float(at)) for at in begins],
                    "end": [MONDAY + dt.timedelta(minutes=float(at)) for at in ends],
                    "resource": [f"{name} {each}" for each in who],
                }
            )
        )
    return event_log(pl.concat(rows))


def _enabled_by(log: EventLog) -> set[str]:
    visits = waiting_split(log).events.filter(pl.col("activity") == "visit")
    return set(visits["from_activity"])


def test_a_delay_in_a_branch_counts_from_the_fork_though_the_other_branch_always_ends_before() -> None:
    visits = waiting_split(_office("branch")).events.filter(pl.col("activity") == "visit")
    assert set(visits["from_activity"]) == {"fork"}
    assert visits["extraneous_us"].sum() == pytest.approx(CASES * DELAY * MINUTE_US, rel=0.05)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("kind", "people"), [("sequence", 1), ("sequence", 2), ("number", 1), ("due", 2), ("sitting", 1)]
)
def test_a_delay_in_a_sequence_counts_from_the_step_before(kind: str, people: int, seed: int) -> None:
    """Also where those that are ready are taken up in the order of their numbers, or of due dates, or in sittings."""
    assert _enabled_by(_office(kind, seed, people=people)) == {"check"}


def test_a_branch_that_always_takes_the_same_time_cannot_be_told_from_a_sequence() -> None:
    assert _enabled_by(_office("branch", spread=1.0)) == {"check"}


def test_an_instant_of_being_enabled_that_the_log_records_is_not_replaced() -> None:
    log = _office("branch")
    said = log.events.with_columns(enabled=pl.when(pl.col("activity") == "visit").then(pl.col("start")))
    split = waiting_split(event_log(said.select("case", "activity", "start", "end", "resource", "enabled")))
    assert split.events.filter(pl.col("activity") == "visit")["wait_us"].sum() == 0
