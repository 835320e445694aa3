"""Small processes that cover all pairs of features: a step, where it stands, and what else is said of it.

Each choice of a feature is a few lines of plain data; a row of the covering array makes one choice of each feature.
The array is built greedily, pair by pair (Cohen, Dalal, Fredman, Patton, *The AETG system*, IEEE TSE 23, 1997).
"""

import copy
import itertools
from typing import Any

import yaml

from procflow.definition.catalog import Catalog
from procflow.definition.checks import check_process
from procflow.definition.checks.calls import call_faults
from procflow.definition.checks.common import Fault
from procflow.definition.organization import Organization
from procflow.definition.process import ProcessDefinition
from procflow.definition.resolved import Process, nested_states
from procflow.definition.scenario import Scenario
from procflow.errors import Problem

Row = dict[str, str]
Pair = tuple[tuple[str, str], tuple[str, str]]
Data = dict[str, Any]

ORGANIZATION = {
    "procflow": 1,
    "organization": "town",
    "calendars": [
        {"name": "office", "hours": {"mon-fri": ["09:00-12:00", "13:00-17:00"]}},
        {"name": "late", "hours": {"mon-fri": ["10:00-20:00"]}},
    ],
    "working_calendar": "office",
    "levels": [{"name": "town"}],
    "regions": [{"name": "north", "share": 2}, {"name": "south"}],
    "departments": [
        {
            "name": "desk",
            "level": "town",
            "roles": [{"name": "clerk", "staff": 1}, {"name": "pair", "staff": 2}, {"name": "mixed", "staff": 1}],
            "staff": [
                {"name": "pool", "roles": ["mixed", "pair"], "count": 2, "speed": 1.25},
                {"name": "slow", "roles": ["mixed", "pair"], "count": 2, "calendar": "late", "speed": 0.5},
            ],
        },
        {"name": "branch", "level": "town", "per": "region", "roles": [{"name": "clerk", "staff": 1}]},
    ],
}

TIMES = [f"2025-03-{day:02d} {hour:02d}:00" for day in (3, 4, 5, 8) for hour in (8, 9, 10, 10, 15)]
OTHER = """
procflow: 1
process: other
organization: town.yaml
priority: 1
initial: a
states:
  - {name: a, department: desk, role: clerk, work: {exponential: 30 min}}
  - {name: b, department: desk, role: mixed, work: 45 min, staff: 2}
  - {name: c, department: branch, role: clerk, work: {uniform: [10 min, 1 h]}}
  - {name: end, final: true}
transitions:
  - {trigger: go, source: a, dest: b}
  - {trigger: go, source: b, dest: c}
  - {trigger: go, source: c, dest: end}
"""
"""A process that takes the people of all departments from the one under test."""

FEATURES: dict[str, dict[str, Data]] = {
    "people": {
        "one clerk": {"department": "desk", "role": "clerk"},
        "two at once": {"department": "desk", "role": "pair", "staff": 2},
        "several groups": {"department": "desk", "role": "mixed"},
        "an office per region": {"department": "branch", "role": "clerk"},
        "applicant": {"actor": "applicant", "calendar": "late"},
    },
    "duration": {
        "fixed": {"work": "90 min"},
        "random": {"work": {"exponential": "2 h"}, "delay": {"uniform": ["0 wd", "1 wd"]}},
        "by visit": {"work": {"first": {"uniform": ["1 h", "3 h"]}, "again": "0.1 wd"}},
        "overtime": {"work": {"gamma": ["2 h", "1 h"]}, "overtime": True},
    },
    "sitting": {
        "none": {},
        "seats": {"batch": {"every": "daily 10:00,15:00", "max": 2}},
        "cutoff": {"batch": {"every": "weekly tue,sat 10:00", "cutoff": "0.5 wd", "if_closed": "previous"}},
        "closed days": {"batch": {"every": "fortnightly odd sun 14:00", "if_closed": "next"}},
        "joint": {"batch": {"every": "daily 11:00", "max": 9, "joint": True}},
    },
    "priority": {"none": {}, "of the state": {"priority": "n"}, "of the process": {}},
    "exit": {
        "one": {},
        "by visit": {"probability": [0.5, 0.3, 0]},
        "guard and set": {"when": "n > 1", "set": {"n": "n - 1", "hot": "not hot"}},
        "guard and chance": {"when": "hot", "probability": [0.6, 0]},
    },
    "transfer": {
        "none": {},
        "delay": {"delay": {"uniform": ["0.1 wd", "0.5 wd"]}},
        "cadence": {"every": "daily 16:00", "if_closed": "skip", "calendar": "late"},
    },
    "time-out": {
        "none": {},
        "of the step": {"after": "5 h"},
        "in working days": {"after": "1 wd"},
        "that a suspension stops": {"after": "8 h", "suspended": True},
        "of all around": {"after": "30 h"},
    },
    "place": {
        name: {}
        for name in (
            "alone",
            "all regions",
            "any region",
            "two of three regions",
            "regions in a region",
            "regions in a loop",
            "nested states",
            "left early",
            "called",
            "called several times, all",
            "called several times, any",
            "called by a called one",
        )
    },
    "arrivals": {
        "times": {"times": TIMES},
        "a rate": {"rate": "4 per wd"},
        "a schedule": {"every": "weekly tue,thu,sat 10:00", "size": 4},
        "a profile": {"rate": "4 per wd", "profile": {"hours": {"10:00-12:00": 3}, "weekdays": {"mon": 2, "thu": 0}}},
        "gaps": {"interval": {"gamma": ["2 h", "3 h"]}, "calendar": "late"},
        "a log": {
            "times": TIMES,
            "since": "2025-03-03",
            "regions": ["south", None, "north", None] * 5,
            "attributes": {"n": [3, None, 0, 1, 2] * 4, "hot": [True, None, False, False] * 5},
        },
    },
    "staff": {
        "as planned": {},
        "unlimited": {"unlimited_staff": True},
        "another headcount": {"staffing": {"desk.clerk": 2, "desk.pool": 1}},
        "on leave": {
            "staffing_changes": [
                {"who": "desk.clerk", "absent": 1, "from": "2025-03-04", "until": "2025-03-04"},
                {"who": "desk.pair", "absent": 1, "from": "2025-03-05", "until": "2025-03-06"},
                {"who": "desk.pool", "absent": "all", "from": "2025-03-06", "until": "2025-03-10"},
                {"who": "branch.clerk", "office": "south", "absent": 1, "from": "2025-03-04", "until": "2025-03-06"},
            ]
        },
        "more from a day on": {
            "staffing_changes": [
                {"who": who, "add": 1, "from": "2025-03-05"} for who in ("desk.clerk", "desk.pair", "branch.clerk")
            ]
        },
        "other shifts": {
            "staffing_changes": [
                {"who": "desk.clerk", "calendar": "late", "from": "2025-03-04", "until": "2025-03-07"},
                {"who": "desk.slow", "calendar": "office", "from": "2025-03-05"},
                {"who": "branch.clerk", "calendar": "always", "from": "2025-03-06"},
            ]
        },
    },
    "cohort": {"of days": {"days": 10, "warmup_days": 1}, "of cases": {"cases": 14, "warmup_cases": 2}},
    "beside it": {"nothing": {}, "another process": {}},
}
"""What can be chosen, by feature."""

_EARLY = ("any region", "two of three regions", "called several times, any")
REFUSED: dict[Pair, str] = {
    (("duration", "by visit"), ("sitting", "joint")): "joint_by_visit",
    **{(("sitting", "joint"), ("place", place)): "joint_early" for place in _EARLY},
}
"""Pairs that cannot stand together, with the code of the check that says so."""


def pairs() -> set[Pair]:
    """Return all pairs of choices, those that are refused included."""
    return {
        ((one, a), (other, b))
        for one, other in itertools.combinations(FEATURES, 2)
        for a, b in itertools.product(FEATURES[one], FEATURES[other])
    }


def covering() -> list[Row]:
    """Return rows that have every pair of choices that can stand together in one of them at least."""
    open_ = pairs() - set(REFUSED)
    rows = []
    while open_:
        row = dict(min(open_))
        for feature in FEATURES:
            if feature not in row:
                choices = [c for c in FEATURES[feature] if not _of({**row, feature: c}) & set(REFUSED)]
                row[feature] = max(choices, key=lambda c: len(_of({**row, feature: c}) & open_))
        rows.append(row)
        open_ -= _of(row)
    return rows


def with_pair(pair: Pair) -> Row:
    """Return a row of the first choices, but for a pair."""
    return {feature: next(iter(choices)) for feature, choices in FEATURES.items()} | dict(pair)


def _of(row: Row) -> set[Pair]:
    return {((a, row[a]), (b, row[b])) for a, b in itertools.combinations(FEATURES, 2) if a in row and b in row}


def scenario(row: Row) -> Scenario:
    arrivals = FEATURES["arrivals"][row["arrivals"]]
    fields: Data = {"start": "2025-03-03", "replications": 1}
    fields |= FEATURES["cohort"][row["cohort"]] | FEATURES["staff"][row["staff"]]
    if row["beside it"] == "nothing":
        return Scenario.model_validate(fields | {"arrivals": arrivals})
    both = [{"process": "p", "arrivals": arrivals}, {"process": "other", "arrivals": "4 per wd"}]
    return Scenario.model_validate(fields | {"processes": both})


def processes(row: Row) -> list[Process]:
    """Return what is simulated: the process of a row, and another one where it is to be beside it."""
    if row["beside it"] == "nothing":
        return [process(row)]
    return [process(row), _resolved(yaml.safe_load(OTHER))]


def process(row: Row) -> Process:
    """Return the process of a row: the step where it stands, a wait before it, and what it calls."""
    place = row["place"]
    inner = _around(row, _step(row))
    if not place.startswith("called"):
        return _process("p", row, *_main(row, *inner))
    called = _process("q", row, *_finals(*inner))
    if place == "called by a called one":
        called = _process("m", row, *_finals(*_calling(row, "q.yaml", {})), called={"q.yaml": called})
        return _process("p", row, *_main(row, *_calling(row, "m.yaml", {})), called={"m.yaml": called})
    several = {"instances": "n"} | ({"join": "any"} if place.endswith("any") else {})
    return _process(
        "p",
        row,
        *_main(row, *_calling(row, "q.yaml", several if "several" in place else {})),
        called={"q.yaml": called},
    )


Part = tuple[str, list[Data], list[Data]]
"""Where a part begins, its states, and its transitions, which lead to 'done'."""


def _step(row: Row) -> Part:
    step: Data = {"name": "step"}
    for feature in ("people", "duration", "sitting"):
        step |= copy.deepcopy(FEATURES[feature][row[feature]])
    if row["priority"] == "of the state" and (step.get("role") or "batch" in step):
        step["priority"] = "n"
    transfer = {"transfer": FEATURES["transfer"][row["transfer"]]} if FEATURES["transfer"][row["transfer"]] else {}
    ways = [{"trigger": "go", "source": "step", "dest": "done"} | transfer]
    if FEATURES["exit"][row["exit"]]:
        again = {"trigger": "again", "source": "step", "dest": "pause"}
        ways.insert(0, again | copy.deepcopy(FEATURES["exit"][row["exit"]]))
    if row["time-out"] not in ("none", "of all around"):
        # it leads on, not back: a step that is always too late would go round for ever
        late = {"trigger": "late", "source": "step", "dest": "second"}
        ways.append(late | {"timeout": FEATURES["time-out"][row["time-out"]]})
    pause = {"name": "pause", "delay": {"uniform": ["30 min", "4 h"]}}
    states, on = [pause, step], {"trigger": "on", "source": "pause", "dest": "step"}
    if any(way["dest"] == "second" for way in ways):
        states.append({"name": "second", "delay": "2 h"})
        ways.append({"trigger": "end", "source": "second", "dest": "done"})
    return "pause", states, [on, *ways]


def _around(row: Row, part: Part) -> Part:
    """Put the step into a composite, where the place is one."""
    place = row["place"]
    if place == "alone" or place.startswith("called"):
        return part
    on: Data = {"trigger": "on", "source": "whole", "dest": "done"}
    if place == "nested states":
        states, ways = _ended(part)
        whole: Data = {"name": "whole", "initial": part[0], "states": states, "transitions": ways}
        return "whole", [whole], [on, *_late(row, "whole")]
    if place == "regions in a region":
        inner = {"name": "inner", "regions": [_region("v", part), _region("w", _waiting("2 h"))]}
        part = "inner", [inner], [{"trigger": "on", "source": "inner", "dest": "done"}]
    regions = [_region("x", part), _region("y", _waiting("3 h", leaving=place == "left early"))]
    regions += [_region("z", _waiting("7 h"))] if place == "two of three regions" else []
    joins: Data = {"any region": "any", "two of three regions": {"at_least": 2}}
    whole = {"name": "whole", "regions": regions, "join": joins.get(place, "all")}
    if place != "regions in a loop":
        return "whole", [whole], [on, *_late(row, "whole")]
    between = {"name": "between", "delay": "1 h"}
    back = {"trigger": "redo", "source": "whole", "dest": "between", "probability": [0.6, 0.4, 0]}
    again = {"trigger": "on", "source": "between", "dest": "whole"}
    return "whole", [whole, between], [back, again, on, *_late(row, "whole")]


def _waiting(mean: str, *, leaving: bool = False) -> Part:
    ways: list[Data] = [{"trigger": "go", "source": "wait", "dest": "done"}]
    if leaving:
        ways.insert(0, {"trigger": "stop", "source": "wait", "dest": "refused", "probability": 0.4})
    return "wait", [{"name": "wait", "delay": {"exponential": mean}}], ways


def _region(name: str, part: Part) -> Data:
    states, ways = _ended(part)
    return {"name": name, "initial": part[0], "states": states, "transitions": ways}


def _ended(part: Part) -> tuple[list[Data], list[Data]]:
    return [*part[1], {"name": "done", "final": True}], part[2]


def _calling(row: Row, path: str, several: Data) -> Part:
    gives = {"gives": {"n": "n"}} if row["priority"] != "none" else {}
    takes = {} if several else {"takes": {"hot": "hot"}}
    call: Data = {"name": "whole", "call": {"process": path, **gives, **takes, **several}}
    ways = [{"trigger": t, "source": "whole", "dest": d} for t, d in (("refused", "done"), ("done", "done"))]
    return "whole", [call], [*ways, *_late(row, "whole")]


def _late(row: Row, source: str) -> list[Data]:
    if row["time-out"] != "of all around":
        return []
    return [{"trigger": "late", "source": source, "dest": "done", "timeout": FEATURES["time-out"]["of all around"]}]


def _finals(initial: str, states: list[Data], ways: list[Data]) -> Part:
    return initial, [*states, {"name": "done", "final": True}, {"name": "refused", "final": True}], ways


def _main(row: Row, initial: str, states: list[Data], ways: list[Data]) -> Part:
    """Return a part as a whole process: a clerk is busy with a case before the part begins."""
    if row["place"] == "alone" and row["time-out"] == "of all around":
        ways = [*ways, *_late(row, "step")]
    intake = {"name": "intake", "department": "desk", "role": "clerk", "work": {"exponential": "20 min"}}
    return _finals("intake", [intake, *states], [{"trigger": "t", "source": "intake", "dest": initial}, *ways])


def _process(
    name: str, row: Row, initial: str, states: list[Data], ways: list[Data], called: dict[str, Process] | None = None
) -> Process:
    data: Data = {
        "procflow": 1,
        "process": name,
        "organization": "town.yaml",
        "attributes": {"n": {"integer": {"uniform": [0, 3]}}, "hot": {"boolean": 0.5}},
        "initial": initial,
        "states": states,
        "transitions": ways,
    }
    if row["priority"] == "of the process":
        data["priority"] = "n * 2"
    if any(way.get("timeout", {}).get("suspended") for way in _every_way(states, ways)):
        # the first hours of the step, until it has been worked on, and what a sibling waits for
        first = {"since": {"fire": "on"}, "until": {"done": _named(states, "step")}, "cause": "correction"}
        data["limits"] = {"term": {"statutory": "9 d", "suspend": [first, *_beside(states)]}}
    return _resolved(data, called)


def _resolved(data: Data, called: dict[str, Process] | None = None) -> Process:
    organization, catalog = Organization.model_validate(ORGANIZATION), Catalog(procflow=1, catalog="none")
    return Process(ProcessDefinition.model_validate(data), organization, catalog, called=called or {})


def _named(states: list[Data], name: str) -> str:
    """Return the qualified name of a state, '' where there is none."""
    for state in states:
        if state["name"] == name:
            return name
        for part in (state, *state.get("regions", ())):
            within = _named(part.get("states", []), name)
            if within:
                return "/".join(dict.fromkeys((state["name"], part["name"], within)))
    return ""


def _beside(states: list[Data]) -> list[Data]:
    """Return a suspension while the second region waits, where there is one."""
    if any(state["name"] == "whole" and "regions" in state for state in states):
        return [{"in": "whole/y/wait", "cause": "hearing"}]
    return []


def _every_way(states: list[Data], ways: list[Data]) -> list[Data]:
    found = list(ways)
    for state in states:
        for part in (state, *state.get("regions", ())):
            if "states" in part:
                found += _every_way(part["states"], part.get("transitions", []))
    return found


def faults(process: Process) -> list[Problem | Fault]:
    """Return what the checks say of a process and of all that it calls, as when they are loaded."""
    found: list[Problem | Fault] = list(check_process(process))
    for name, state, path in nested_states(process.definition.states):
        if state.call is not None:
            called = process.called[state.call.process]
            found += [*call_faults(process.definition, name, state, path, called.definition), *faults(called)]
    return found
