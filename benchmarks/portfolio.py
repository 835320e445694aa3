"""Writes a portfolio of processes that share their departments: many states, roles, guards, batches and holidays.

The portfolio is the same each time: 12 processes with 500 states in all, 12 departments with 60 roles, whose staff
is sized to be busy three quarters of its time. It resembles no real administration, only its size.
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

PROCESSES, STATES, DEPARTMENTS, ROLES_EACH = 12, 500, 12, 5
WORK_MINUTES = (6, 12, 20, 35, 60)
KINDS = ("exponential", "gamma", "triangular", "lognormal")
BACK, LOW_RISK, DAY_MINUTES, OCCUPATION = 0.2, 0.4, 420, 0.75
REGIONS = ("fire", "planning", "health")
FIXED_STATES = 6 + 3 * len(REGIONS)
"""States of a process beside its chain: intake, correction, joint review, closing, two ends; three a region."""

Data = dict[str, Any]


def arrivals_per_day(process: int) -> int:
    """Return how many cases of a process arrive a working day, from 2 to 6."""
    return 2 + process % 5


def visits_per_case(process: int) -> float:
    """Return how many visits a case of a process makes on average, corrections included."""
    return sum(visits for _, _, visits in _Process(process).steps) + BACK / (1 - BACK)


def write(folder: Path) -> list[Path]:
    """Write the organization and the processes to a folder; return the process files."""
    processes = [_Process(number) for number in range(PROCESSES)]
    minutes: dict[int, float] = defaultdict(float)
    for process in processes:
        for role, mean, visits in process.steps:
            minutes[role] += arrivals_per_day(process.number) * visits * mean
    _dump(folder / "organization.yaml", _organization(minutes))
    files = [folder / f"process_{process.number:02d}.yaml" for process in processes]
    for process, file in zip(processes, files, strict=True):
        _dump(file, process.definition())
    return files


def _dump(path: Path, data: Data) -> None:
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")  # JSON is YAML


def _organization(minutes_per_day: dict[int, float]) -> Data:
    def role(number: int) -> Data:
        people = max(1, math.ceil(minutes_per_day[number] / DAY_MINUTES / OCCUPATION))
        return {"name": _role(number)["role"], "staff": {"value": people, "assumed": True}}

    return {
        "procflow": 1,
        "organization": "portfolio",
        "timezone": "Asia/Shanghai",
        "holidays": "CN",
        "calendars": [{"name": "office", "hours": {"mon-fri": ["08:30-12:00", "14:00-17:30"]}}],
        "working_calendar": "office",
        "levels": [{"name": "county"}],
        "departments": [
            {
                "name": f"department_{d:02d}",
                "level": "county",
                "roles": [role(d * ROLES_EACH + r) for r in range(ROLES_EACH)],
            }
            for d in range(DEPARTMENTS)
        ],
    }


def _role(number: int) -> Data:
    department, role = divmod(number, ROLES_EACH)
    return {"department": f"department_{department:02d}", "role": f"role_{role}"}


class _Process:
    """One process: an intake that may send back, a chain with shortcuts and sittings, a joint review, an end."""

    def __init__(self, number: int) -> None:
        self.number = number
        share, left = divmod(STATES, PROCESSES)
        self.length = share + (number < left) - FIXED_STATES
        self.steps = list(self._steps())

    def _steps(self) -> Iterator[tuple[int, float, float]]:
        """Yield role, mean minutes and visits per case: intake, chain, the regions' checks and opinions, closing."""
        count = 1 + self.length + 2 * len(REGIONS) + 1
        for place in range(count):
            turn = self.number * 7 + place * 11
            visits = 1 / (1 - BACK) if place == 0 else 1 - LOW_RISK if self._skippable(place) else 1.0
            yield turn % (DEPARTMENTS * ROLES_EACH), float(WORK_MINUTES[turn % len(WORK_MINUTES)]), visits

    def _skippable(self, place: int) -> bool:
        return 2 < place < self.length and place % 6 == 0

    def definition(self) -> Data:
        """Return the content of the process file."""
        chain = [f"step_{place:02d}" for place in range(1, self.length + 1)]
        after = 1 + self.length
        states = [
            {"name": "intake"} | self._work(0),
            {"name": "correction", "actor": "applicant", "delay": {"triangular": ["1 d", "2 d", "5 d"]}},
            *({"name": name} | self._work(place) | self._sitting(place) for place, name in enumerate(chain, 1)),
            {"name": "joint_review", "regions": [self._region(k, after + 2 * k) for k in range(len(REGIONS))]},
            {"name": "closing"} | self._work(after + 2 * len(REGIONS)),
            {"name": "granted", "final": True, "outcome": "granted"},
            {"name": "refused", "final": True, "outcome": "refused"},
        ]
        return {
            "procflow": 1,
            "process": f"process_{self.number:02d}",
            "organization": "organization.yaml",
            "attributes": {"risk": {"categorical": {"low": LOW_RISK, "general": 0.5, "high": 0.1}}},
            "initial": "intake",
            "states": states,
            "transitions": list(self._transitions([*chain, "joint_review"])),
        }

    def _work(self, place: int) -> Data:
        role, mean, _ = self.steps[place]
        arguments: dict[str, Any] = {
            "exponential": f"{mean} min",
            "gamma": {"mean": f"{mean} min", "sd": f"{mean / 2} min"},
            "triangular": [f"{mean / 2} min", f"{mean} min", f"{mean * 1.5} min"],
            "lognormal": {"mean": f"{mean} min", "sd": f"{mean / 2} min"},
        }
        kind = KINDS[place % len(KINDS)]
        return _role(role) | {"work": {kind: arguments[kind], "assumed": True}}

    def _sitting(self, place: int) -> Data:
        if place % 9 != 4:
            return {}
        rule = "daily 14:00" if place % 2 else "weekly wed 09:00"
        return {"batch": {"every": rule, "if_closed": "next", "assumed": True}}

    def _region(self, number: int, place: int) -> Data:
        return {
            "name": REGIONS[number],
            "initial": "check",
            "states": [
                {"name": "check"} | self._work(place),
                {"name": "opinion"} | self._work(place + 1),
                {"name": "done", "final": True},
            ],
            "transitions": [
                {"trigger": "report", "source": "check", "dest": "opinion"},
                {"trigger": "sign", "source": "opinion", "dest": "done"},
            ],
        }

    def _transitions(self, chain: list[str]) -> Iterator[Data]:
        """Yield the ways: steps that low risk skips have a guarded way around them, each seventh way takes time."""
        yield {"trigger": "send_back", "source": "intake", "dest": "correction", "probability": BACK}
        yield {"trigger": "accept", "source": "intake", "dest": chain[0], "probability": 1 - BACK}
        yield {"trigger": "resubmit", "source": "correction", "dest": "intake"}
        for place, (source, dest) in enumerate(pairwise(chain), 1):
            if self._skippable(place + 1):
                yield {"trigger": "skip", "source": source, "dest": chain[place + 1], "when": 'risk == "low"'}
            way: Data = {"trigger": "hand_over", "source": source, "dest": dest}
            yield way | ({"transfer": {"every": "daily 16:00"}} if place % 7 == 0 else {})
        yield {"trigger": "agree", "source": "joint_review", "dest": "closing"}
        yield {"trigger": "grant", "source": "closing", "dest": "granted", "probability": 0.9}
        yield {"trigger": "refuse", "source": "closing", "dest": "refused", "probability": 0.1}
