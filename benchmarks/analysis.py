"""Benchmark ``analysis``: what all rules that need no run cost on processes of growing size.

The process is a made-up chain of steps with returns, guarded shortcuts, reads, writes, keying and checks. Its share of
findings is that of a process that nobody has looked at yet: about one state in ten has one. Loading is not counted.
"""

import statistics
from typing import Any

import yaml

from benchmarks.measure import timed
from procflow.analysis.registry import analyze, rules
from procflow.definition.loader import loads
from procflow.definition.resolved import Process

CASES, REPETITIONS = 2000, 3
"""States of the largest but one process; the others have a quarter, half and twice as many."""
ITEMS, ROW, BACK = 500, 10, 0.2
OFFICES, SYSTEMS = 12, 6


def measure(cases: int = CASES, repetitions: int = REPETITIONS) -> dict[str, Any]:
    """Return the CPU seconds of all rules by the number of states, and of each rule that takes long at ``cases``."""
    sizes = [max(ROW, cases // 4), max(ROW, cases // 2), cases, 2 * cases]
    processes = {size: chain(size) for size in sizes}
    analyze(processes[sizes[0]])  # what is loaded at the first analysis is not measured
    by_size = {size: _seconds(of, None, repetitions) for size, of in processes.items()}
    ids = [rule.id for rule in rules() if rule.needs == "definition"]
    each = {rule: _seconds(processes[cases], rule, 1) for rule in ids}
    return {
        "cpu_seconds_by_states": by_size,
        "cpu_seconds_by_rule": dict(sorted(each.items(), key=lambda pair: -pair[1])[:10]),
        "findings": len(analyze(processes[cases])),
        "states": cases,
        "repetitions": repetitions,
    }


def _seconds(process: Process, rule: str | None, repetitions: int) -> float:
    chosen = None if rule is None else [rule]
    return round(statistics.median(timed(lambda: analyze(process, rules=chosen))[2] for _ in range(repetitions)), 3)


def chain(states: int) -> Process:
    """Return a process of a number of states in rows of ten, with a way back and a guarded shortcut in each row."""
    names = [f"s{number}" for number in range(states)]
    definition = {
        "procflow": 1,
        "process": "chain",
        "organization": "organization.yaml",
        "basis": "benchmark",
        "attributes": {"risk": {"categorical": {"low": 0.5, "high": 0.5}, "assumed": True}},
        "initial": names[0],
        "states": [*(_state(number) for number in range(states)), {"name": "end", "final": True}],
        "transitions": [way for number in range(states) for way in _ways(number, names)],
    }
    return loads(_yaml(definition), organization=_yaml(_organization()), catalog=_yaml(_catalog()))


def _state(number: int) -> dict[str, Any]:
    office = number // ROW % OFFICES
    state: dict[str, Any] = {
        "name": f"s{number}",
        "department": f"office{office}",
        "role": "clerk",
        "kind": "review",
        "work": "1 h",
        "system": f"system{office % SYSTEMS}",
        "data": "complete",
        "reads": [{"item": f"thing.i{(number + back) % ITEMS}", "optional": True} for back in range(1, 4)],
        "writes": [f"thing.i{number % ITEMS}"],
    }
    if number % ROW == 0:
        state["asks"] = [f"thing.i{(number + 7) % ITEMS}"]
    if number % ROW == 1:
        state["enters"] = [{"item": f"thing.i{number % ITEMS}", "into": f"system{(office + 1) % SYSTEMS}"}]
    if number % ROW == 2:
        state["checks"] = [{"of": "thing", "criteria": f"c{number % 7}", "evidence": [f"thing.i{number % ITEMS}"]}]
    return state


def _ways(number: int, names: list[str]) -> list[dict[str, Any]]:
    here, onward = names[number], names[number + 1] if number + 1 < len(names) else "end"
    if number % ROW == ROW - 1:
        back = {"trigger": f"back{number}", "source": here, "dest": names[number - 5], "probability": [BACK, 0]}
        return [back, {"trigger": f"go{number}", "source": here, "dest": onward, "probability": [1 - BACK, 1]}]
    ways = [{"trigger": f"go{number}", "source": here, "dest": onward}]
    if number % ROW == 4 and number + 3 < len(names):
        ways.insert(0, {"trigger": f"cut{number}", "source": here, "dest": names[number + 3], "when": 'risk == "low"'})
    return ways


def _organization() -> dict[str, Any]:
    roles = [{"name": "clerk", "staff": 3}]
    return {
        "procflow": 1,
        "organization": "made_up",
        "calendars": [{"name": "office", "hours": {"mon-fri": ["09:00-12:00", "13:00-17:00"]}}],
        "levels": [{"name": "county"}],
        "departments": [{"name": f"office{n}", "level": "county", "roles": roles} for n in range(OFFICES)],
        "systems": [{"name": f"system{n}"} for n in range(SYSTEMS)],
        "interfaces": [{"source": f"system{n}", "dest": f"system{n + 1}"} for n in range(SYSTEMS - 1)],
    }


def _catalog() -> dict[str, Any]:
    items = [{"name": f"thing.i{n}", "kept_for": "archive", "basis": "benchmark"} for n in range(ITEMS)]
    return {"procflow": 1, "catalog": "made_up", "items": items}


def _yaml(data: dict[str, Any]) -> str:
    return str(yaml.safe_dump(data, allow_unicode=True, sort_keys=False))
