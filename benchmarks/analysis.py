"""Benchmark ``analysis``: what all rules that need no run cost, on processes of growing size and on the shipped ones.

The processes of growing size are made up: blocks of 23 states with a form, keying, checks, a correction by the
applicant, a guarded shortcut, a way back, three parallel regions, an approval and a notice, which read and write 500
items. Their share of findings is that of a process that nobody has looked at yet: about one state in ten has one.
Loading is not counted.
"""

import itertools
import math
import statistics
from collections.abc import Callable
from typing import Any

import yaml

from benchmarks.measure import timed
from procflow.analysis.portfolio import analyze_portfolio
from procflow.analysis.registry import analyze, rules
from procflow.definition.loader import load, loads
from procflow.definition.resolved import Process
from procflow.definition.shipped import folder

CASES, REPETITIONS = 2000, 3
"""States of the process whose rules are timed one by one; the others have a quarter, half and two and a half times as
many."""
ITEMS, BLOCK = 500, 23
OFFICES, SYSTEMS = 12, 6
REGIONS, STEPS = 3, 2
"""Parallel regions of a block, and the steps in each of them."""


def measure(cases: int = CASES, repetitions: int = REPETITIONS) -> dict[str, Any]:
    """Return the CPU seconds of all rules by the number of states, of the dearest rules, and of all shipped processes.

    ``growth`` is by how much the largest process takes longer than ``cases`` states do, over what n log n would. All
    sizes are analyzed in turn; it is the median of what each round gives, so that a slow minute of the machine hits
    both.
    """
    sizes = sorted({max(BLOCK, cases // 4), max(BLOCK, cases // 2), cases, cases * 5 // 2})
    shipped = [load(path) for path in sorted((folder() / "processes").glob("*/*.yaml"))]
    _portfolio(shipped)  # what is loaded at the first analysis is not measured
    seconds_shipped = _median(lambda: _portfolio(shipped), repetitions)  # before large processes fill the memory
    processes = {size: made_up(size) for size in sizes}
    rounds = [{size: _seconds(process, None, 1) for size, process in processes.items()} for _ in range(repetitions)]
    process = processes[cases]
    ids = [rule.id for rule in rules() if rule.needs == "definition"]
    each = {rule: _seconds(process, rule, 1) for rule in ids}
    return {
        "seconds": {size: statistics.median(one[size] for one in rounds) for size in sizes},
        "growth": round(
            statistics.median(one[sizes[-1]] / one[cases] for one in rounds) / _n_log_n(sizes[-1], cases), 2
        ),
        "seconds_by_rule": dict(sorted(each.items(), key=lambda pair: -pair[1])[:10]),
        "seconds_shipped": seconds_shipped,
        "shipped": len(shipped),
        "findings": len(analyze(process)),
        "states": cases,
        "repetitions": repetitions,
    }


def _n_log_n(many: int, few: int) -> float:
    return many * math.log(many) / (few * math.log(few))


def _portfolio(processes: list[Process]) -> None:
    """Analyze every process, and those of one variant together."""
    for process in processes:
        analyze(process)
    for variant in {process.variant for process in processes}:
        analyze_portfolio([process for process in processes if process.variant == variant])


def _seconds(process: Process, rule: str | None, repetitions: int) -> float:
    chosen = None if rule is None else [rule]
    return _median(lambda: analyze(process, rules=chosen), repetitions)


def _median(work: Callable[[], object], repetitions: int) -> float:
    return round(statistics.median(timed(work)[2] for _ in range(repetitions)), 3)


def made_up(states: int) -> Process:
    """Return a process of at least so many states in blocks, each of which leads to the next."""
    count = -(-states // BLOCK)
    blocks = [_block(number, count) for number in range(count)]
    definition = {
        "procflow": 1,
        "process": "made_up",
        "organization": "organization.yaml",
        "basis": "benchmark",
        "lead": "office0",
        "attributes": {"risk": {"categorical": {"low": 0.5, "high": 0.5}, "assumed": True}},
        "limits": {"whole": {"statutory": {"value": "2000 wd", "source": "benchmark"}, "stop": [{"enter": "end"}]}},
        "initial": "b0_form",
        "states": [*(state for states, _ in blocks for state in states), {"name": "end", "final": True}],
        "transitions": [way for _, ways in blocks for way in ways],
    }
    definition["limits"]["whole"]["start"] = {"enter": "b0_form"}  # type: ignore[index]
    return loads(_yaml(definition), organization=_yaml(_organization()), catalog=_yaml(_catalog()))


def _block(number: int, count: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the states and transitions of one block; ``names`` are its steps in series."""
    b, first = f"b{number}_", number * BLOCK
    following = f"b{number + 1}_form" if number + 1 < count else "end"
    item = f"thing.i{first % ITEMS}"
    form = _step(f"{b}form", first, kind="intake", asks=[f"thing.i{(first + 7) % ITEMS}", {"document": "proof"}])
    keying = _step(f"{b}keying", first + 1, enters=[{"item": item, "into": f"system{(number + 1) % SYSTEMS}"}])
    check = _step(f"{b}check", first + 2, checks=[{"of": "thing", "criteria": f"c{number % 7}", "evidence": [item]}])
    fix = {"name": f"{b}fix", "actor": "applicant", "kind": "correction", "delay": "1 d"}
    plain = [_step(f"{b}plain{n}", first + 3 + n) for n in range(5)]
    inside = [_region(b, first + 8 + n * STEPS, n) for n in range(REGIONS)]
    beside = {"name": f"{b}beside", "regions": inside, "join": "all" if number % 3 else {"at_least": 2}}
    review = _step(f"{b}review", first + 14, kind="review", department=f"office{(number + 3) % OFFICES}")
    approval = _step(f"{b}approval", first + 15, kind="approval")
    notice = _step(f"{b}notice", first + 16, kind="notice")
    last = _step(f"{b}last", first + 17)
    line = [form, keying, check, *plain, beside, review, approval, notice, last]
    ways = [_way(here["name"], after["name"]) for here, after in itertools.pairwise(line)]
    ways.append(_way(last["name"], following, probability=[0.8, 1]))
    ways.append(_way(last["name"], review["name"], "again", probability=[0.2, 0]))
    ways[2]["probability"] = [0.9, 0.9, 1]  # check → plain0
    ways.append(_way(check["name"], fix["name"], "return", probability=[0.1, 0.1, 0], rejects=[item]))
    ways.append(_way(fix["name"], check["name"]))
    ways.insert(0, _way(plain[0]["name"], plain[3]["name"], "cut", when='risk == "low"'))
    return [*line, fix], ways


def _step(name: str, number: int, **fields: Any) -> dict[str, Any]:
    office = number // BLOCK % OFFICES
    read = [{"item": f"thing.i{(number - back) % ITEMS}", "optional": True} for back in range(1, 4)]
    return {
        "name": name,
        "department": f"office{office}",
        "role": "clerk",
        "kind": "other",
        "work": "1 h",
        "system": f"system{office % SYSTEMS}",
        "data": "complete",
        "reads": read,
        "writes": [f"thing.i{number % ITEMS}"],
    } | fields


def _region(block: str, first: int, number: int) -> dict[str, Any]:
    read = [{"item": f"thing.i{(first - number * STEPS - back) % ITEMS}", "optional": True} for back in range(1, 4)]
    steps = [_step(f"r{number}s{n}", first + n, reads=read) for n in range(STEPS)]
    names = [*(step["name"] for step in steps), "done"]
    return {
        "name": f"r{number}",
        "initial": names[0],
        "states": [*steps, {"name": "done", "final": True}],
        "transitions": [_way(here, after, f"{block}go{here}") for here, after in itertools.pairwise(names)],
    }


def _way(source: str, dest: str, trigger: str = "go", **fields: Any) -> dict[str, Any]:
    return {"trigger": f"{trigger}_{source}", "source": source, "dest": dest, **fields}


def _organization() -> dict[str, Any]:
    roles = [{"name": "clerk", "staff": 3}]
    return {
        "procflow": 1,
        "organization": "made_up",
        "calendars": [{"name": "office", "hours": {"mon-fri": ["09:00-12:00", "13:00-17:00"]}}],
        "levels": [{"name": "county"}, {"name": "township"}],
        "departments": [
            {"name": f"office{n}", "level": ("county", "township")[n % 2], "roles": roles} for n in range(OFFICES)
        ],
        "systems": [{"name": f"system{n}"} for n in range(SYSTEMS)],
        "interfaces": [{"source": f"system{n}", "dest": f"system{n + 1}"} for n in range(SYSTEMS - 1)],
    }


def _catalog() -> dict[str, Any]:
    items = [{"name": f"thing.i{n}", "kept_for": "archive", "basis": "benchmark"} for n in range(ITEMS)]
    return {"procflow": 1, "catalog": "made_up", "items": items, "materials": [{"name": "proof"}]}


def _yaml(data: dict[str, Any]) -> str:
    return str(yaml.safe_dump(data, allow_unicode=True, sort_keys=False))
