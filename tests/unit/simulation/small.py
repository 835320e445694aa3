"""A process with many features, scenarios for it, and comparisons of tables."""

from typing import Any

import polars as pl

from procflow.definition import Process
from procflow.definition.process import ProcessDefinition
from procflow.definition.scenario import Scenario
from procflow.simulation import Run, simulate
from tests.examples import make_process

ORGANIZATION = """
procflow: 1
organization: county
holidays: CN
calendars:
  - {name: office, hours: {mon-fri: ["09:00-12:00", "13:00-17:00"]}}
  - {name: late, hours: {mon-sat: "10:00-20:00"}}
working_calendar: office
levels: [{name: county}]
regions: [{name: north, share: 2}, {name: south, share: 1}]
departments:
  - name: hall
    level: county
    roles: [{name: clerk, staff: 2}, {name: reviewer}, {name: director, staff: 1, speed: 0.8}]
    staff:
      - {name: pool, roles: [clerk, reviewer], count: 2}
      - {name: night, roles: [reviewer], count: 1, calendar: late}
  - {name: branch, level: county, per: region, roles: [{name: inspector, staff: 2}]}
"""

PERMIT = """
process: permit
attributes: {risk: {categorical: {low: 0.6, high: 0.4}}, urgent: {boolean: 0.2}, area: {number: {uniform: [0, 9]}}}
initial: intake
states:
  - {name: intake, department: hall, role: clerk, work: {first: {triangular: [5 min, 12 min, 40 min]}, again: 8 min}}
  - {name: correction, actor: applicant, delay: {exponential: 2 d}}
  - name: review
    regions:
      - {name: file, initial: read, states: [
          {name: read, department: hall, role: reviewer, work: {gamma: [1 h, 40 min]}, priority: area},
          {name: ok, final: true}], transitions: [{trigger: go, source: read, dest: ok}]}
      - {name: site, initial: visit, states: [
          {name: visit, department: branch, role: inspector, staff: 2, work: {lognormal: [2 h, 1 h]},
           batch: {every: "weekly tue,thu 09:00", max: 8, cutoff: 2 h}},
          {name: ok, final: true}], transitions: [{trigger: go, source: visit, dest: ok, transfer: {delay: 3 h}}]}
  - {name: sign, department: hall, role: director, work: 15 min, overtime: true}
  - {name: issued, final: true, outcome: granted}
  - {name: refused, final: true}
transitions:
  - {trigger: fix, source: intake, dest: correction, probability: [0.3, 0.1, 0]}
  - {trigger: accept, source: intake, dest: review}
  - {trigger: resubmit, source: correction, dest: intake, set: {area: area / 2}}
  - {trigger: lapse, source: correction, dest: refused, timeout: 6 wd}
  - {trigger: skip, source: review, dest: issued, when: 'risk == "low" and not urgent'}
  - {trigger: submit, source: review, dest: sign, transfer: {every: "daily 16:00"}}
  - {trigger: issue, source: sign, dest: issued, probability: 0.9}
  - {trigger: refuse, source: sign, dest: refused, probability: 0.1}
"""
"""A permit with corrections, parallel regions, sittings, dispatches, time-outs, guards and offices per region."""


def permit(old: str = "", new: str = "", *, text: str = PERMIT, organization: str = ORGANIZATION) -> Process:
    """Return the permit, in whose text one thing has been replaced."""
    assert old in text
    return make_process(text.replace(old, new) if old else text, organization, "procflow: 1\ncatalog: none\n")


def renamed(old: str, new: str, *, same_as: str | None = None) -> Process:
    """Return the permit with a state renamed wherever it is named."""
    text = permit().definition.model_dump_json(by_alias=True, exclude_defaults=True).replace(f'"{old}"', f'"{new}"')
    if same_as is not None:
        text = text.replace(f'"name":"{new}"', f'"name":"{new}","same_as":"{same_as}"')
    return permit().with_definition(ProcessDefinition.model_validate_json(text))


def plan(**more: Any) -> Scenario:
    fields = {
        "arrivals": "4 per wd",
        "start": "2025-01-20",
        "days": 40,
        "warmup_days": 10,
        "replications": 3,
        "seed": 9,
    }
    return Scenario.model_validate({key: value for key, value in (fields | more).items() if value is not None})


def ran(process: Process | None = None, **more: Any) -> Run:
    return simulate(process or permit(), plan(**more))


def assert_same_tables(one: Run, other: Run) -> None:
    for name in ("events", "cases", "staff"):
        left, right = getattr(one, name), getattr(other, name)
        assert left.equals(right, null_equal=True), f"the {name} tables differ"


def draws(run: Run, column: str, *states: str) -> dict[tuple[Any, ...], int]:
    """Return what was drawn for each completed visit of these states."""
    rows = run.events.filter(pl.col("state").is_in(states), end="completed")
    return {tuple(row[:-1]): row[-1] for row in rows.select("replication", "case", "state", "visit", column).rows()}
