"""The tables of a run, with the columns of docs/architecture.md but ``replication``."""

from typing import TYPE_CHECKING, Any

from tests.oracle.cases import Case
from tests.oracle.clock import SECOND
from tests.oracle.rows import SEGMENTS, Row
from tests.oracle.staff import Group

if TYPE_CHECKING:
    from tests.oracle.simulator import Run


EVENT_ORDER = ("process", "case", "enter_us", "token", "state", "visit")


def events(rows: list[Row]) -> list[dict[str, Any]]:
    records = [row.record() for row in rows]
    return sorted(records, key=lambda record: tuple(record[name] for name in EVENT_ORDER))


def cases(run: "Run") -> list[dict[str, Any]]:
    records = [_case(run, case) for case in run.cases]
    return sorted(records, key=lambda record: (record["process"], record["case"]))


def staff(run: "Run") -> list[dict[str, Any]]:
    return [_group(run, group) for group in sorted(run.groups, key=lambda group: group.name)]


def _case(run: "Run", case: Case) -> dict[str, Any]:
    working = run.calendars[run.organization.default_calendar]
    cycle_us, cycle_wd = None, None
    if case.end is not None:
        cycle_us = case.end - case.arrival
        duty = working.duty(case.end) - working.duty(case.arrival)
        cycle_wd = duty / (SECOND * working.day_seconds)
    time = case.main.time if case.end is not None else dict.fromkeys(SEGMENTS)
    return {
        "process": case.model.process.name,
        "case": case.ordinal,
        "region": case.region,
        "arrival_us": case.arrival,
        "end_us": case.end,
        "outcome": case.outcome,
        "in_cohort": run.in_cohort(case),
        "cycle_us": cycle_us,
        "cycle_wd": cycle_wd,
        **{f"{name}_us": ticks for name, ticks in time.items()},
        "parent_process": case.caller and case.caller.token.case.model.process.name,
        "parent_case": case.caller and case.caller.token.case.ordinal,
        "parent_state": case.caller and case.caller.state,
        "parent_visit": case.caller and case.caller.visit,
        "instance": case.caller and case.caller.instance,
        **{f"attribute_{name}": value for name, value in case.values.items()},
    }


def _group(run: "Run", group: Group) -> dict[str, Any]:
    calendar = group.calendar
    parts = group.heads.between(run.warmup, run.horizon)
    on_duty = sum(people * (calendar.duty(b) - calendar.duty(a)) for a, b, people in parts)
    return {
        "department": group.department,
        "group": group.name,
        "office": group.office,
        "people": max((people for _, _, people in parts), default=0),
        "on_duty_us": on_duty,
        "busy_us": group.busy_ticks,
        "utilization": group.busy_ticks / on_duty if on_duty else None,
    }
