"""Concurrency and enabling predecessors, on small logs worked by hand."""

import datetime as dt

import polars as pl

from procflow.logs import event_log
from procflow.logs.enablement import Instances, instances
from tests.unit.logs.small import at, log

MINUTE = 60_000_000


def _enabling(found: Instances) -> list[tuple[str, str | None]]:
    """Return each instance's activity with that of what enabled it, in order of case and start."""
    names = [found.activities[k] for k in found.activity]
    return [(name, names[k] if k >= 0 else None) for name, k in zip(names, found.predecessor, strict=True)]


def test_in_a_sequence_each_is_enabled_by_the_one_before() -> None:
    found = instances(
        log(("1", "a", "3 09:00", "3 09:10"), ("1", "b", "3 09:30", "3 09:40"), ("1", "c", "3 10:00", "3 10:05"))
    )
    assert _enabling(found) == [("a", None), ("b", "a"), ("c", "b")]
    assert (found.start - found.enabled).tolist() == [0, 20 * MINUTE, 20 * MINUTE]
    assert found.known.tolist() == [False, True, True]


def test_parallel_branches_are_enabled_by_the_fork_and_the_join_by_the_later_branch() -> None:
    """Two cases in which fire and plan overlap, and one in which they do not: parallel in all three."""
    rows = []
    for case, plan in (("1", "3 09:20"), ("2", "3 09:20"), ("3", "3 10:30")):
        late = "3 11:00" if case == "3" else "3 10:00"
        rows += [(case, "fork", "3 09:00", "3 09:10"), (case, "fire", "3 09:15", "3 09:40")]
        rows += [(case, "plan", plan, late), (case, "join", "3 12:00", "3 12:10")]
    assert (
        _enabling(instances(log(*rows))) == [("fork", None), ("fire", "fork"), ("plan", "fork"), ("join", "plan")] * 3
    )


def test_a_loop_of_two_activities_is_no_concurrency() -> None:
    rows = [
        (str(case), name, f"3 {9 + k:02}:00", f"3 {9 + k:02}:30") for case in range(5) for k, name in enumerate("abab")
    ]
    assert _enabling(instances(log(*rows))) == [("a", None), ("b", "a"), ("a", "b"), ("b", "a")] * 5


def test_both_orders_in_balance_are_concurrency_even_without_an_overlap() -> None:
    rows = []
    for case in range(6):
        second, third = ("b", "c") if case % 2 else ("c", "b")
        for k, name in enumerate(("a", second, third)):
            rows.append((str(case), name, f"3 {9 + k:02}:00", f"3 {9 + k:02}:30"))
    assert set(_enabling(instances(log(*rows)))) == {("a", None), ("b", "a"), ("c", "a")}


def test_instances_at_the_same_instant_do_not_enable_each_other_in_a_circle() -> None:
    found = instances(
        log(("1", "a", "3 09:00", "3 09:00"), ("1", "b", "3 09:00", "3 09:00"), ("1", "a", "3 09:00", "3 09:00"))
    )
    assert (found.predecessor < range(3)).all()
    assert (found.start - found.enabled == 0).all()


def test_an_instant_of_being_enabled_in_the_log_holds() -> None:
    given = [at("3 08:30"), None]
    found = instances(log(("1", "a", "3 09:00", "3 09:10"), ("1", "b", "3 09:30", "3 09:40"), enabled=given))
    assert (found.start - found.enabled).tolist() == [30 * MINUTE, 20 * MINUTE]
    assert found.known.tolist() == [True, True]


def test_rows_without_a_start_are_left_out() -> None:
    found = instances(
        log(("1", "a", "3 09:00", "3 09:10"), ("1", "b", None, "3 09:40"), ("1", "c", "3 10:00", "3 10:05"))
    )
    assert _enabling(found) == [("a", None), ("c", "a")]
    assert found.row.tolist() == [0, 2]


def test_cases_do_not_enable_each_other() -> None:
    day = dt.timedelta(days=1)
    many = pl.DataFrame(
        {
            "case": [f"{k:04d}" for k in range(500) for _ in "ab"],
            "activity": ["a", "b"] * 500,
            "start": [
                at("3 09:00") + (k % 7) * day + part * dt.timedelta(hours=1) for k in range(500) for part in (0, 1)
            ],
        }
    ).with_columns(end=pl.col("start") + pl.duration(minutes=30))
    found = instances(event_log(many))
    assert (found.case[found.predecessor[found.known]] == found.case[found.known]).all()
    assert (found.start - found.enabled)[found.known].tolist() == [30 * MINUTE] * 500
