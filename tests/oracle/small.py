"""Small organizations and scenarios for the oracle's tests, and instants written as people write them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import yaml

from procflow.definition.catalog import Catalog
from procflow.definition.organization import Organization
from procflow.definition.process import ProcessDefinition
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from tests.oracle import OracleRun, simulate
from tests.oracle.rows import SEGMENTS

MONDAY = dt.date(2025, 3, 3)
HOUR = 3_600_000_000
"""An hour in ticks."""

OFFICE = """
procflow: 1
organization: town
calendars:
  - {name: office, hours: {mon-fri: ["09:00-12:00", "13:00-17:00"]}}
  - {name: late, hours: {mon-fri: ["10:00-20:00"]}}
working_calendar: office
levels: [{name: town}]
regions: [{name: north, share: 2}, {name: south}]
departments:
  - name: desk
    level: town
    roles: [{name: clerk, staff: 1}, {name: pair, staff: 2}, {name: mixed, staff: 1}, {name: night, calendar: late}]
    staff:
      - {name: pool, roles: [mixed, night], count: 2}
      - {name: slow, roles: [mixed, pair], count: 1, calendar: late, speed: 0.5}
  - {name: branch, level: town, per: region, roles: [{name: clerk, staff: 1}]}
"""
"""A town with one clerk, a pair, and people who hold two roles; a branch in each region."""


def process(text: str, organization: str = OFFICE, called: Mapping[str, str] | None = None) -> Process:
    """Return a process from YAML text without its heading; ``called`` are those that it and they call, by path."""
    return process_of(
        yaml.safe_load(text),
        organization,
        {
            path: process(f"process: {path.partition('.')[0]}\n{each}", organization, called)
            for path, each in (called or {}).items()
            if f"process: {path}" in text
        },
    )


def process_of(
    data: Mapping[str, Any], organization: str = OFFICE, called: Mapping[str, Process] | None = None
) -> Process:
    """Return a process from its plain data without its heading, with those that it calls."""
    return Process(
        ProcessDefinition.model_validate({"procflow": 1, "process": "p", "organization": "town.yaml", **data}),
        Organization.model_validate(yaml.safe_load(organization)),
        Catalog(procflow=1, catalog="none"),
        called=called or {},
    )


def scenario(*arrivals: str, start: dt.date = MONDAY, days: int = 30, **more: Any) -> Scenario:
    """Return a scenario with cases that arrive at the times given, such as '03-03 09:00'."""
    times = [f"{start.year}-{time}" for time in arrivals]
    return Scenario.model_validate({"arrivals": {"times": times}, "start": start, "days": days, **more})


def run(text: str, *arrivals: str, organization: str = OFFICE, **more: Any) -> OracleRun:
    return simulate([process(text, organization)], scenario(*arrivals, **more), 0)


def row(found: OracleRun, case: int, state: str, visit: int = 1) -> dict[str, Any]:
    """Return the only row of a case's visit."""
    (only,) = (r for r in found.events if (r["case"], r["state"], r["visit"]) == (case, state, visit))
    return only


def instants(row: dict[str, Any], start: dt.date = MONDAY) -> str:
    """Return a row's enter, ready, start, done, exit and arrive in the form '03-03 09:00', '-' where not reached."""
    names = ("enter_us", "ready_us", "start_us", "done_us", "exit_us", "arrive_us")
    return " | ".join(wall(row[name], start) for name in names)


def wall(us: int | None, start: dt.date = MONDAY) -> str:
    if us is None:
        return "-"
    local = dt.datetime.combine(start, dt.time()) + dt.timedelta(microseconds=us)
    return local.strftime("%m-%d %H:%M") + (f":{local.second:02d}" if local.second else "")


def segments(record: dict[str, Any]) -> dict[str, str]:
    """Return the segments that are not zero, in hours and minutes."""
    return {name: hours(record[f"{name}_us"]) for name in SEGMENTS if record[f"{name}_us"]}


def hours(us: int) -> str:
    minutes, rest = divmod(us, 60_000_000)
    assert rest == 0
    return f"{minutes // 60}:{minutes % 60:02d}"
