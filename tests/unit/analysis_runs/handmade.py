"""Processes and runs written by hand: rows of the event log give what differs, all other columns are filled in."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import polars as pl

from procflow.definition.catalog import Catalog
from procflow.definition.organization import Organization
from procflow.definition.process import ProcessDefinition
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario

SEGMENTS = ("batch", "batch_full", "off_duty", "contention", "work", "paused", "delay", "call", "transfer", "sync")
HOUR = 3_600_000_000
DAY = 24 * HOUR

ORGANIZATION = {
    "procflow": 1,
    "organization": "county",
    "holidays": "CN",
    "calendars": [{"name": "office", "hours": {"mon-fri": ["09:00-17:00"]}}],
    "levels": [{"name": "city"}, {"name": "county"}],
    "departments": [
        {"name": "a", "level": "county", "roles": [{"name": "clerk", "staff": 1}]},
        {"name": "b", "level": "county", "roles": [{"name": "clerk", "staff": 1}]},
        {"name": "c", "level": "city", "roles": [{"name": "clerk", "staff": 1}]},
    ],
    "systems": [{"name": "x"}, {"name": "y"}],
}


def state(name: str, department: str = "", **facts: Any) -> dict[str, Any]:
    """A state of work where a department is named, an applicant's where it is 'applicant', else a final one."""
    if department == "applicant":
        return {"name": name, "actor": "applicant", **facts}
    if department:
        return {"name": name, "department": department, "role": "clerk", "work": "1 h", **facts}
    return {"name": name, "final": True, **facts}


def process(states: list[dict[str, Any]], transitions: list[dict[str, Any]], **facts: Any) -> Process:
    organization = Organization.model_validate({**ORGANIZATION, **facts.pop("organization", {})})
    written = {
        "procflow": 1,
        "process": "permit",
        "organization": "o.yaml",
        "initial": states[0]["name"],
        "states": states,
        "transitions": transitions,
        **facts,
    }
    definition = ProcessDefinition.model_validate(written)
    return Process(definition, organization, Catalog(procflow=1, catalog="c"))


def go(source: str, dest: str, trigger: str = "", **facts: Any) -> dict[str, Any]:
    return {"trigger": trigger or f"to_{dest.rpartition('/')[2]}", "source": source, "dest": dest, **facts}


def chain(*visits: tuple[str, float, float], case: int = 0, replication: int = 0, **more: Any) -> list[dict[str, Any]]:
    """Rows of one token: visits as (state, entered, left) in hours since the start; the last one goes to ``end``."""
    rows = []
    for number, (name, entered, left) in enumerate(visits):
        later = visits[number + 1 : number + 2]
        dest = later[0][0] if later else more.get("dest", "end")
        rows.append(
            {
                "replication": replication,
                "case": case,
                "token": more.get("token", ""),
                "state": name,
                "visit": 1 + sum(1 for earlier in visits[:number] if earlier[0] == name),
                "enter": entered,
                "exit": left,
                "arrive": later[0][1] if later else left,
                "dest": dest,
                "trigger": f"to_{dest.rpartition('/')[2]}",
            }
        )
    return rows


def run(
    of: Process,
    rows: list[dict[str, Any]],
    *,
    start: str = "2025-03-03",
    days: int = 365,
    staff: list[dict[str, Any]] | None = None,
    open_cases: set[tuple[int, int]] = frozenset(),  # type: ignore[assignment]
    in_cohort: bool = True,
    **scenario: Any,
) -> Any:
    """A run of rows with instants in hours; work fills a visit up to its exit, transfer what is left to arrival."""
    events = pl.DataFrame([_event(of.name, row) for row in rows], schema=EVENTS)
    plan = Scenario(start=dt.date.fromisoformat(start), days=days, **scenario)
    cases = [_case(of.name, key, found, open_cases, in_cohort) for key, found in _by_case(events)]
    return SimpleNamespace(
        processes=(of,),
        scenario=plan,
        events=events,
        cases=pl.DataFrame(cases, schema=CASES),
        staff=pl.DataFrame(staff or [], schema=STAFF),
        provenance={"seed": plan.seed},
    )


EVENTS: Any = {
    "replication": pl.Int32,
    "process": pl.String,
    "case": pl.Int64,
    "token": pl.String,
    "state": pl.String,
    "visit": pl.Int32,
    **{f"{name}_us": pl.Int64 for name in ("enter", "ready", "start", "done", "exit", "arrive")},
    **dict.fromkeys(("trigger", "dest", "end", "office", "group", "people"), pl.String),
    **{f"{name}_us": pl.Int64 for name in SEGMENTS},
}
CASES: Any = {
    "replication": pl.Int32,
    "process": pl.String,
    "case": pl.Int64,
    "region": pl.String,
    "arrival_us": pl.Int64,
    "end_us": pl.Int64,
    "outcome": pl.String,
    "in_cohort": pl.Boolean,
    "cycle_us": pl.Int64,
    "cycle_wd": pl.Float64,
    **{f"{name}_us": pl.Int64 for name in SEGMENTS},
}
STAFF: Any = {
    "replication": pl.Int32,
    "department": pl.String,
    "group": pl.String,
    "office": pl.String,
    "people": pl.Int32,
    "on_duty_us": pl.Int64,
    "busy_us": pl.Int64,
    "utilization": pl.Float64,
}


def _event(process_name: str, row: dict[str, Any]) -> dict[str, Any]:
    ticks = {name: round(row[name] * HOUR) if row.get(name) is not None else None for name in _INSTANTS if name in row}
    enter, gone = ticks["enter"], ticks.get("exit")
    segments = {f"{name}_us": round(row.get(name, 0) * HOUR) for name in SEGMENTS}
    if gone is not None and "work" not in row:
        segments["work_us"] = gone - enter - sum(us for name, us in segments.items() if name not in _AFTER)
    if ticks.get("arrive") is not None and gone is not None and "transfer" not in row:
        segments["transfer_us"] = ticks["arrive"] - gone
    waits = sum(segments[f"{name}_us"] for name in ("batch", "batch_full", "off_duty", "contention"))
    done = None if gone is None else gone - segments["delay_us"]
    return {
        "replication": row.get("replication", 0),
        "process": process_name,
        "case": row.get("case", 0),
        "token": row.get("token", ""),
        "state": row["state"],
        "visit": row.get("visit", 1),
        "enter_us": enter,
        "ready_us": enter + segments["batch_us"] + segments["batch_full_us"],
        "start_us": enter + waits,
        "done_us": done,
        "exit_us": gone,
        "arrive_us": ticks.get("arrive", gone),
        "trigger": row.get("trigger"),
        "dest": row.get("dest"),
        "end": row.get("end", "completed"),
        "office": row.get("office", ""),
        "group": row.get("group", "g"),
        "people": row.get("people", "1"),
        **segments,
    }


_INSTANTS = ("enter", "exit", "arrive")
_AFTER = ("work_us", "transfer_us", "sync_us")


def _by_case(events: pl.DataFrame) -> Any:
    return sorted(((key, part) for key, part in events.group_by("replication", "case")), key=lambda pair: pair[0])


def _case(process_name: str, key: Any, rows: pl.DataFrame, open_cases: set[tuple[int, int]], cohort: bool) -> Any:
    main = rows.filter(pl.col("token") == "")
    arrival = rows["enter_us"].min()
    last = rows.select(pl.max_horizontal("enter_us", "exit_us", "arrive_us").max()).item()
    still_open = key in open_cases
    segments = {f"{name}_us": main[f"{name}_us"].sum() for name in SEGMENTS}
    return {
        "replication": key[0],
        "process": process_name,
        "case": key[1],
        "region": "",
        "arrival_us": arrival,
        "end_us": None if still_open else last,
        "outcome": None if still_open else "granted",
        "in_cohort": cohort,
        "cycle_us": None if still_open else last - arrival,
        "cycle_wd": None if still_open else (last - arrival) / DAY,
        **segments,
    }
