"""A log with timers at random places, simulated by Prosimos, whose Python may be another one; for ``waiting``.

Usage: ``PYTHON timers_prosimos.py MODEL.bpmn SETTINGS.json TIMERS MINUTES SEED LOG.csv``, with a PYTHON in which
Prosimos is installed. So many timers of about so many minutes (from half to three halves of it) are put before tasks of
the model. Needs nothing of procflow. Prosimos takes no seed: the seed chooses places and lengths of timers, each run is
another sample.
"""

import csv
import datetime as dt
import json
import random
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
START = "2023-01-02T09:00:00.000000+00:00"
CASES = 1_000
COLUMNS = ("case_id", "activity", "start_time", "end_time", "resource", "extraneous_delay")
NOBODY = "No assigned resource"


def with_timers(model: ET.ElementTree, count: int, chance: random.Random) -> dict[str, str]:
    """Put timers on flows to tasks, but not from the start; return by timer the task that it stands before."""
    process = model.getroot().find(f"{BPMN}process")
    tasks = {task.get("id"): task for task in process.iter(f"{BPMN}task")}
    starts = {event.get("id") for event in process.iter(f"{BPMN}startEvent")}
    flows = [flow for flow in process.iter(f"{BPMN}sequenceFlow") if flow.get("targetRef") in tasks]
    places = [flow for flow in flows if flow.get("sourceRef") not in starts]
    timers = {}
    for number, flow in enumerate(chance.sample(places, min(count, len(places)))):
        timer, task = f"Timer_{number}", tasks[flow.get("targetRef")]
        event = ET.SubElement(process, f"{BPMN}intermediateCatchEvent", {"id": timer, "name": timer})
        ET.SubElement(event, f"{BPMN}incoming").text = flow.get("id")
        ET.SubElement(event, f"{BPMN}outgoing").text = f"from_{timer}"
        ET.SubElement(event, f"{BPMN}timerEventDefinition", {"id": f"{timer}_definition"})
        ends = {"id": f"from_{timer}", "sourceRef": timer, "targetRef": task.get("id")}
        ET.SubElement(process, f"{BPMN}sequenceFlow", ends)
        for incoming in task.findall(f"{BPMN}incoming"):
            if incoming.text == flow.get("id"):
                incoming.text = ends["id"]
        flow.set("targetRef", timer)
        timers[timer] = task.get("name")
    return timers


def length(timer: str, minutes: float, chance: random.Random) -> dict[str, Any]:
    """Return a distribution of one of five kinds, in seconds: its mean or least, and what bounds it."""
    mean = 60 * minutes * chance.uniform(0.5, 1.5)
    kind, values = chance.choice(
        [
            ("norm", (mean, mean / 10, 0, 6 * mean)),
            ("expon", (1.1 * mean, mean, 3 * mean)),
            ("expon", (mean, 0, 20 * mean)),
            ("uniform", (mean / 2, 1.5 * mean)),
            ("fix", (mean,)),
        ]
    )
    parameters = [{"value": value} for value in values]
    return {"event_id": timer, "distribution_name": kind, "distribution_params": parameters}


def simulate(model: Path, settings: Path, timers: int, minutes: float, seed: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of a log with the true delay before each in seconds; what stands before a case's first is none."""
    from prosimos.simulation_engine import run_simulation

    ET.register_namespace("", BPMN.strip("{}"))
    tree, chance = ET.parse(model), random.Random(seed)
    before = with_timers(tree, timers, chance)
    wanted = json.loads(settings.read_text(encoding="utf-8"))
    wanted["event_distribution"] = [length(timer, minutes, chance) for timer in before]
    for name in ("case_attributes", "prioritisation_rules"):
        wanted.setdefault(name, [])
    with tempfile.TemporaryDirectory() as folder:
        own_model, own_settings, log = (Path(folder) / name for name in ("model.bpmn", "settings.json", "log.csv"))
        tree.write(own_model)
        own_settings.write_text(json.dumps(wanted), encoding="utf-8")
        files = str(own_model), str(own_settings)
        run_simulation(*files, CASES, log_out_path=str(log), starting_at=START, is_event_added_to_log=True)
        with log.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
    delays = {
        (row["case_id"], before[row["activity"]], row["end_time"]): seconds(row)
        for row in rows
        if row["activity"] in before
    }
    seen = set()
    for row in rows:
        if row["activity"] in before or row["resource"] in ("", NOBODY):
            continue
        delay = delays.get((row["case_id"], row["activity"], row["enable_time"]), 0.0)
        yield row | {"extraneous_delay": delay if row["case_id"] in seen else 0.0}
        seen.add(row["case_id"])


def seconds(row: dict[str, str]) -> float:
    start, end = (dt.datetime.fromisoformat(row[name]) for name in ("start_time", "end_time"))
    return (end - start).total_seconds()


def main(model: str, settings: str, timers: str, minutes: str, seed: str, log: str) -> None:
    """Simulate and write the log."""
    with Path(log).open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(simulate(Path(model), Path(settings), int(timers), float(minutes), int(seed)))


if __name__ == "__main__":
    main(*sys.argv[1:])
