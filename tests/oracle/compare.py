"""Compares the tables of the kernel's run with the oracle's, value by value, and shows the first difference."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from tests.oracle import simulate as oracle

Record = dict[str, Any]

EVENT_KEY = ("process", "case", "enter_us", "token", "state", "visit")
CASE_KEY = ("process", "case")
STAFF_KEY = ("department", "group", "office")
_CONTEXT = 6
"""How many rows before a difference are shown."""


def assert_same_log(processes: Process | Sequence[Process], scenario: Scenario, replications: int = 1) -> None:
    """Fail with the first difference between the kernel's tables and the oracle's; skip without a kernel."""
    simulation = pytest.importorskip("procflow.simulation")
    if not hasattr(simulation, "simulate"):
        pytest.skip("procflow.simulation.simulate is not there")
    several = [processes] if isinstance(processes, Process) else list(processes)
    scenario = scenario.model_copy(update={"replications": replications})
    run = simulation.simulate(processes, scenario)
    for replication in range(replications):
        expected = oracle(several, scenario, replication)
        tables = (
            ("event", run.events, expected.events, EVENT_KEY),
            ("case", run.cases, expected.cases, CASE_KEY),
            ("staff", run.staff, expected.staff, STAFF_KEY),
        )
        for name, found, wanted, key in tables:
            rows = _of_replication(found.to_dicts(), replication)
            difference = first_difference(rows, wanted, key)
            assert difference is None, (
                f"replication {replication}, {name} table: {difference}\n{_scene(several, scenario)}"
            )


def first_difference(found: Iterable[Record], wanted: Iterable[Record], key: tuple[str, ...]) -> str | None:
    """Return what differs first in the order of ``key``, with the rows before it, or None.

    Floats are the same within 10⁻¹² of their size, all else where it is equal.
    """
    left, right = _sorted(found, key), _sorted(wanted, key)
    for index, (one, other) in enumerate(zip(left, right, strict=False)):
        differing = [name for name in {**other, **one} if not _same(one.get(name), other.get(name))]
        if differing:
            values = ", ".join(f"{name}: kernel {one.get(name)!r}, oracle {other.get(name)!r}" for name in differing)
            return f"row {index}: {values}\n{_around(left, right, index)}"
    if len(left) != len(right):
        shorter = min(len(left), len(right))
        return f"{len(left)} rows by the kernel, {len(right)} by the oracle\n{_around(left, right, shorter)}"
    return None


def _of_replication(rows: Iterable[Record], replication: int) -> list[Record]:
    kept = (row for row in rows if row["replication"] == replication)
    return [{name: value for name, value in row.items() if name != "replication"} for row in kept]


def _sorted(rows: Iterable[Record], key: tuple[str, ...]) -> list[Record]:
    return sorted(rows, key=lambda row: tuple(row[name] for name in key))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=1e-12) or (math.isnan(one) and math.isnan(other))
    return bool(one == other)


def _around(left: list[Record], right: list[Record], index: int) -> str:
    rows = slice(max(0, index - _CONTEXT), index + 1)
    lines = [f"  {name}: {_shown(row)}" for name, side in (("kernel", left), ("oracle", right)) for row in side[rows]]
    return "\n".join(lines)


def _shown(row: Record) -> str:
    return ", ".join(f"{name}={value}" for name, value in row.items() if value not in (None, 0, ""))


def _scene(processes: Sequence[Process], scenario: Scenario) -> str:
    """Return all that is needed to run the two again."""
    definitions = "\n".join(p.definition.model_dump_json(exclude_defaults=True, by_alias=True) for p in processes)
    organization = processes[0].organization.model_dump_json(exclude_defaults=True)
    return f"{definitions}\n{organization}\n{scenario.model_dump_json(exclude_defaults=True)}"
