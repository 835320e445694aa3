"""The permit process as a BPMN model in Prosimos, whose Python may be another one. Prints JSON.

Usage: ``PYTHON -m benchmarks.permit_prosimos CASES always|office_hours REPLICATIONS`` in the checkout, with a PYTHON in
which Prosimos is installed: the visits of each replication; with ``timed`` for REPLICATIONS what one run took, its log
written. Needs nothing else, and nothing of procflow. Prosimos takes no seed: each run is another sample.
"""

import csv
import datetime as dt
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import peak_mb, timed
from benchmarks.week import Visit, waits

HOUR = 3600.0
START = "2025-01-06T00:00:00.000000+00:00"
POOLS = {"clerk": 4, "specialist": 3, "director": 2}
TASKS = {
    "intake": ("clerk", 1.12),
    "completeness": ("clerk", 1.12),
    "legal_review": ("specialist", 1.2),
    "inspection": ("specialist", 1.2),
    "sign": ("director", 2.0),
}
"""Whose task it is, and how many hours it takes on average."""
GATEWAYS = {"merge": "exclusive", "complete": "exclusive", "fork": "parallel", "join": "parallel",
            "propose": "exclusive", "last": "exclusive"}  # fmt: skip
FLOWS = {
    ("start", "merge"): 1.0,
    ("merge", "intake"): 1.0,
    ("intake", "completeness"): 1.0,
    ("completeness", "complete"): 1.0,
    ("complete", "merge"): 0.3,
    ("complete", "fork"): 0.7,
    ("fork", "legal_review"): 1.0,
    ("fork", "inspection"): 1.0,
    ("legal_review", "join"): 1.0,
    ("inspection", "join"): 1.0,
    ("join", "propose"): 1.0,
    ("propose", "sign"): 0.8,
    ("propose", "last"): 0.2,
    ("sign", "last"): 1.0,
    ("last", "end"): 1.0,
}
"""The sequence flows, with their probability after an exclusive gateway that splits."""
PERIODS = {
    "always": {"from": "MONDAY", "to": "SUNDAY", "beginTime": "00:00:00", "endTime": "23:59:59.999999"},
    "office_hours": {"from": "MONDAY", "to": "FRIDAY", "beginTime": "09:00:00", "endTime": "17:00:00"},
}


def bpmn() -> str:
    """Return the process in BPMN 2.0."""
    kinds = {"start": "startEvent", "end": "endEvent"} | dict.fromkeys(TASKS, "task")
    kinds |= {name: f"{kind}Gateway" for name, kind in GATEWAYS.items()}
    lines = []
    for name, kind in kinds.items():
        ends = "".join(f"<incoming>{flow(pair)}</incoming>" for pair in FLOWS if pair[1] == name)
        ends += "".join(f"<outgoing>{flow(pair)}</outgoing>" for pair in FLOWS if pair[0] == name)
        lines.append(f'<{kind} id="{name}" name="{name}">{ends}</{kind}>')
    for pair in FLOWS:
        lines.append(f'<sequenceFlow id="{flow(pair)}" sourceRef="{pair[0]}" targetRef="{pair[1]}"/>')
    namespace = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="http://example.org"'
    inside = "\n".join(lines)
    return f'<definitions {namespace} id="d"><process id="permit" isExecutable="false">{inside}</process></definitions>'


def flow(pair: tuple[str, str]) -> str:
    return "_to_".join(pair)


def parameters(variant: str) -> dict[str, Any]:
    """Return what Prosimos wants to know beside the model."""
    people = {pool: [f"{pool}_{number}" for number in range(count)] for pool, count in POOLS.items()}
    owned = {pool: [name for name, (owner, _) in TASKS.items() if owner == pool] for pool in POOLS}
    chances: dict[str, list[dict[str, Any]]] = {}
    for pair, chance in FLOWS.items():
        if chance < 1:
            chances.setdefault(pair[0], []).append({"path_id": flow(pair), "value": chance})
    return {
        "resource_profiles": [
            {"id": pool, "name": pool, "resource_list": [person(name, owned[pool]) for name in names]}
            for pool, names in people.items()
        ],
        "arrival_time_distribution": exponential(1.0),
        "arrival_time_calendar": [PERIODS[variant]],
        "gateway_branching_probabilities": [{"gateway_id": at, "probabilities": ways} for at, ways in chances.items()],
        "task_resource_distribution": [
            {"task_id": name, "resources": [{"resource_id": who, **exponential(mean)} for who in people[pool]]}
            for name, (pool, mean) in TASKS.items()
        ],
        "resource_calendars": [{"id": "open", "name": "open", "time_periods": [PERIODS[variant]]}],
        "event_distribution": [],
        "batch_processing": [],
        "case_attributes": [],
        "prioritisation_rules": [],
    }


def person(name: str, tasks: list[str]) -> dict[str, Any]:
    return {"id": name, "name": name, "cost_per_hour": 1, "amount": 1, "calendar": "open", "assignedTasks": tasks}


def exponential(mean_hours: float) -> dict[str, Any]:
    """Return an exponential distribution, cut where only one draw in 10^400 would come."""
    values = (mean_hours * HOUR, 0, 1000 * mean_hours * HOUR)
    return {"distribution_name": "expon", "distribution_params": [{"value": value} for value in values]}


def simulate(cases: int, variant: str) -> tuple[list[Visit], float, float]:
    """Return the visits of so many cases, and the wall and processor seconds that Prosimos took until its log stood."""
    from prosimos.simulation_engine import run_simulation

    with tempfile.TemporaryDirectory() as folder:
        model, settings, log = (Path(folder) / name for name in ("permit.bpmn", "permit.json", "log.csv"))
        model.write_text(bpmn(), encoding="utf-8")
        settings.write_text(json.dumps(parameters(variant)), encoding="utf-8")
        _, wall, cpu = timed(
            lambda: run_simulation(str(model), str(settings), cases, log_out_path=str(log), starting_at=START)
        )
        with log.open(encoding="utf-8", newline="") as lines:
            return [visit(row) for row in csv.DictReader(lines)], wall, cpu


def visit(row: dict[str, str]) -> Visit:
    enter, start, end = (hours(row[name]) for name in ("enable_time", "start_time", "end_time"))
    return int(row["case_id"]), row["activity"], TASKS[row["activity"]][0], enter, start, end


def hours(written: str) -> float:
    return (dt.datetime.fromisoformat(written) - dt.datetime.fromisoformat(START)).total_seconds() / HOUR


def main(cases: int, variant: str, what: str) -> None:
    """Print what one run took, or the visits of several."""
    if what == "timed":
        log, wall, cpu = simulate(cases, variant)
        found = {"cases": cases, "visits": len(log), "wall_s": wall, "cpu_s": cpu, "peak_mb": peak_mb()}
        print(json.dumps(found | {"waits_h": waits(log, cases, variant == "office_hours")}))
    else:
        print(json.dumps([simulate(cases, variant)[0] for _ in range(int(what))]))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
