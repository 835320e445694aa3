"""Small processes of one office that never closes, for the statistics of their runs."""

import datetime as dt
from typing import Any

from procflow.definition import Process, loads
from procflow.definition.scenario import Scenario

MONDAY = dt.date(2025, 3, 3)


def office(department: str) -> str:
    """Return an organization with a calendar that never closes; ``department`` is what the desk has in YAML."""
    return f"""
procflow: 1
organization: town
calendars: [{{name: open, holidays: false, hours: {{mon-sun: "00:00-24:00"}}}}]
working_calendar: open
levels: [{{name: town}}]
departments: [{{name: desk, level: town, {department}}}]
"""


def process(text: str, department: str, name: str = "example") -> Process:
    """Return a process from YAML text in that organization."""
    return loads(f"procflow: 1\nprocess: {name}\norganization: town.yaml\n{text}", organization=office(department))


def queue(state: str, clerks: int = 1, name: str = "example") -> Process:
    """Return a single queue: a state of so many clerks, from which the case ends."""
    states = f"[{{name: a, department: desk, role: clerk, {state}}}, {{name: end, final: true}}]"
    text = f"initial: a\nstates: {states}\ntransitions: [{{trigger: go, source: a, dest: end}}]\n"
    return process(text, f"roles: [{{name: clerk, staff: {clerks}}}]", name)


def plan(arrivals: Any, days: int, **more: Any) -> Scenario:
    """Return a scenario from a Monday on."""
    return Scenario.model_validate({"arrivals": arrivals, "start": MONDAY, "days": days} | more)
