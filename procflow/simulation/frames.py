"""The tables of a run as data frames, from the kernel's rows. Columns are those of docs/architecture.md."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from procflow.definition.expressions import category_codes
from procflow.definition.process import Attribute
from procflow.kernel import layout as at
from procflow.kernel.arrays import Ints
from procflow.simulation.compile import Compiled
from procflow.simulation.hours import most_people, on_duty
from procflow.simulation.naming import token_path
from procflow.simulation.replicate import Replication
from procflow.simulation.states import per_region

SEGMENTS = (
    "batch_us",
    "batch_full_us",
    "off_duty_us",
    "contention_us",
    "work_us",
    "paused_us",
    "delay_us",
    "call_us",
    "transfer_us",
    "sync_us",
)
"""The segments of a visit or of a case, in the kernel's order."""

_TOO_LARGE = 2.0**63
"""Numbers from here on are no int64."""

ENDS = ("completed", "timed_out", "cancelled", "cut")
_INSTANTS = {
    "enter_us": at.R_ENTER,
    "ready_us": at.R_READY,
    "start_us": at.R_START,
    "done_us": at.R_DONE,
    "exit_us": at.R_EXIT,
    "arrive_us": at.R_ARRIVE,
}


def tables_of(compiled: Compiled, replications: Sequence[Replication]) -> dict[str, pl.LazyFrame]:
    """Return the tables of a run of replications in the order of their numbers."""
    make = {"events": events_frame, "cases": cases_frame, "staff": staff_frame}
    return {name: frame(compiled, replications).lazy() for name, frame in make.items()}


def joined(parts: Sequence[Mapping[str, pl.LazyFrame]]) -> dict[str, pl.LazyFrame]:
    """Return the tables of a run from those of its replications in the order of their numbers; copies no rows."""
    return {name: pl.concat([part[name].collect() for part in parts], rechunk=False).lazy() for name in parts[0]}


def events_frame(compiled: Compiled, replications: Sequence[Replication]) -> pl.DataFrame:
    """Return the events table of replications in the order of their numbers, ordered as ``Run.events``."""
    return pl.concat([_events(compiled, replication) for replication in replications], rechunk=False)


def _events(compiled: Compiled, replication: Replication) -> pl.DataFrame:
    rows = replication.visits
    names = [name for _, name in compiled.nodes]
    nodes, streams = _alphabetical([(token_path(name), name) for name in names]), _processes(compiled)
    keys = (rows.column(number) for number in (at.R_CASE, at.R_ENTER))
    order = _sorting(streams[rows.column(at.R_STREAM)], *keys, nodes[rows.column(at.R_NODE)], rows.column(at.R_VISIT))

    def column(number: int) -> Ints:
        taken: Ints = rows.column(number)[order]
        return taken

    node = column(at.R_NODE)
    columns: dict[str, pl.Series] = {
        "replication": pl.repeat(replication.number, len(rows), dtype=pl.Int32, eager=True),
        "process": _picked([graph.process.name for graph in compiled.graphs], column(at.R_STREAM)),
        "case": pl.Series(column(at.R_CASE)),
        "token": _picked([token_path(name) for name in names], node),
        "state": _picked(names, node),
        "visit": pl.Series(column(at.R_VISIT).astype(np.int32)),
    }
    columns |= {name: _nullable(column(number)) for name, number in _INSTANTS.items()}
    office = np.where(_per_region(compiled)[node], column(at.R_REGION), -1)
    columns |= {
        "trigger": _picked([edge.trigger for edge in compiled.edges], column(at.R_EDGE)),
        "dest": _picked([edge.dest for edge in compiled.edges], column(at.R_EDGE)),
        "end": _picked(ENDS, column(at.R_END)),
        "office": _picked(compiled.regions, office).fill_null(""),
    }
    columns |= _people(compiled, rows.people()[order])
    columns |= {name: pl.Series(column(at.R_SEGMENTS + k)) for k, name in enumerate(SEGMENTS)}
    return pl.DataFrame(columns)


def cases_frame(compiled: Compiled, replications: Sequence[Replication]) -> pl.DataFrame:
    """Return the cases table of replications in the order of their numbers, ordered as ``Run.cases``."""
    return pl.concat([_cases(compiled, replication) for replication in replications], rechunk=False)


def _cases(compiled: Compiled, replication: Replication) -> pl.DataFrame:
    rows = replication.cases
    rows = rows[_sorting(_processes(compiled)[rows[:, at.Z_STREAM]], rows[:, at.Z_CASE])]
    end = _nullable(rows[:, at.Z_END])
    columns: dict[str, pl.Series] = {
        "replication": pl.repeat(replication.number, len(rows), dtype=pl.Int32, eager=True),
        "process": _picked([graph.process.name for graph in compiled.graphs], rows[:, at.Z_STREAM]),
        "case": pl.Series(rows[:, at.Z_CASE]),
        "region": _picked(compiled.regions, rows[:, at.Z_REGION]).fill_null(""),
        "arrival_us": pl.Series(rows[:, at.Z_ARRIVAL]),
        "end_us": end,
        "outcome": _picked(compiled.outcomes, rows[:, at.Z_OUTCOME]),
        "in_cohort": pl.Series(rows[:, at.Z_COHORT] == 1),
        "cycle_us": end - pl.Series(rows[:, at.Z_ARRIVAL]),
        "cycle_wd": _working_days(compiled, rows),
    }
    columns |= {name: _nullable(rows[:, at.Z_SEGMENTS + k]) for k, name in enumerate(SEGMENTS)}
    columns |= _callers(compiled, rows) | _attributes(compiled, rows)
    return pl.DataFrame(columns)


def _callers(compiled: Compiled, rows: Ints) -> dict[str, pl.Series]:
    """Return which visit of which case called each case, and as which instance; null for cases that arrived."""
    node = rows[:, at.Z_PARENT_NODE]
    arrived = pl.Series(node < 0)
    return {
        "parent_process": _picked([compiled.graphs[stream].process.name for stream, _ in compiled.nodes], node),
        "parent_case": pl.Series(rows[:, at.Z_PARENT]).set(arrived, None),
        "parent_state": _picked([name for _, name in compiled.nodes], node),
        "parent_visit": pl.Series(rows[:, at.Z_PARENT_VISIT].astype(np.int32)).set(arrived, None),
        "instance": pl.Series(rows[:, at.Z_INSTANCE].astype(np.int32)).set(arrived, None),
    }


def staff_frame(compiled: Compiled, replications: Sequence[Replication]) -> pl.DataFrame:
    """Return the staff table, ordered by replication and group; times inside the cohort's window."""
    clock = compiled.clock
    duty = {
        (group.name, window): on_duty(clock, group, *window)
        for window in {replication.window for replication in replications}
        for group in compiled.staffing.groups
    }
    rows = [
        {
            "replication": replication.number,
            "department": group.department,
            "group": group.name,
            "office": group.office,
            "people": most_people(clock, group, *replication.window),
            "on_duty_us": duty[group.name, replication.window],
            "busy_us": int(busy),
        }
        for replication in replications
        for group, busy in zip(compiled.staffing.groups, replication.busy, strict=True)
    ]
    text, whole = pl.String, pl.Int64
    schema = {
        "replication": pl.Int32,
        "department": text,
        "group": text,
        "office": text,
        "people": whole,
        "on_duty_us": whole,
        "busy_us": whole,
    }
    share = pl.when(pl.col("on_duty_us") > 0).then(pl.col("busy_us") / pl.col("on_duty_us"))
    return pl.DataFrame(rows, schema=schema).with_columns(share.alias("utilization"))


def _sorting(*keys: Ints) -> Ints:
    """Return the numbers of the rows in the order of their keys, the first one foremost."""
    table = pl.DataFrame([pl.Series(str(place), key) for place, key in enumerate(keys)])
    order: Ints = table.select(pl.arg_sort_by(table.columns)).to_series().to_numpy()
    return order


def _alphabetical(texts: Sequence[Any]) -> Ints:
    """Return the rank of each of several texts, or tuples of texts, by code points; equal ones have equal ranks."""
    ranks = {text: rank for rank, text in enumerate(sorted(set(texts)))}
    return np.array([ranks[text] for text in texts], dtype=np.int64)


def _processes(compiled: Compiled) -> Ints:
    return _alphabetical([graph.process.name for graph in compiled.graphs])


def _picked(values: Sequence[str], numbers: Ints) -> pl.Series:
    """Return the values of these numbers, null for -1."""
    if not values:
        return pl.repeat(None, len(numbers), dtype=pl.String, eager=True)
    # polars takes a null index as null, so -1 becomes null first
    return pl.Series(list(values), dtype=pl.String).gather(_nullable(numbers).cast(pl.UInt32))


def _per_region(compiled: Compiled) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return for each node whether it belongs to a department with an office per region."""
    graphs = compiled.graphs
    return np.array([per_region(graphs[n].process, graphs[n].state(name)) for n, name in compiled.nodes])


def _nullable(values: Ints) -> pl.Series:
    series = pl.Series(values)
    return series.set(series < 0, None)


def _people(compiled: Compiled, people: Ints) -> dict[str, pl.Series]:
    """Return who worked: the groups in their order parted by ';', and their persons parted by ','."""
    groups = [group.name for group in compiled.staffing.groups]
    if people.shape[1] == 1:
        numbers = _nullable(people[:, 0])
        person = (numbers & 0xFFFFFFFF).cast(pl.String)
        return {
            "group": _picked(groups, np.where(people[:, 0] < 0, -1, people[:, 0] >> 32)).fill_null(""),
            "people": person.fill_null(""),
        }
    distinct, inverse = np.unique(people, axis=0, return_inverse=True)
    shown = [_crew(groups, crew[crew >= 0]) for crew in distinct]
    return {
        "group": _picked([names for names, _ in shown], inverse.reshape(-1)),
        "people": _picked([persons for _, persons in shown], inverse.reshape(-1)),
    }


def _crew(groups: Sequence[str], crew: Ints) -> tuple[str, str]:
    members: dict[str, list[str]] = {}
    for who in crew.tolist():
        members.setdefault(groups[who >> 32], []).append(str(who & 0xFFFFFFFF))
    return ";".join(members), ";".join(",".join(persons) for persons in members.values())


def _working_days(compiled: Compiled, rows: Ints) -> pl.Series:
    """Return the working time from arrival to end on the organization's working calendar, in days of it."""
    organization = compiled.clock.organization
    name = organization.default_calendar
    known = organization.calendar(name)
    day_us = (known.nominal_day_seconds() if known else 86_400.0) * 1e6
    arrival, end = rows[:, at.Z_ARRIVAL], rows[:, at.Z_END]
    days = (_duty_of(compiled, name, np.maximum(end, 0)) - _duty_of(compiled, name, arrival)) / day_us
    series = pl.Series(days)
    return series.set(pl.Series(end < 0), None)


def _duty_of(compiled: Compiled, calendar: str, times: Ints) -> Ints:
    """Return the duty time before each instant."""
    if compiled.clock.organization.calendar(calendar) is None:
        return times
    intervals = compiled.clock.intervals(calendar)
    if not len(intervals.on):
        return np.zeros_like(times)
    i = np.searchsorted(intervals.on, times, side="right") - 1
    inside = np.clip(times - intervals.on[i], 0, intervals.off[i] - intervals.on[i])
    duty: Ints = np.where(i < 0, 0, intervals.before[i] + inside)
    return duty


def _attributes(compiled: Compiled, rows: Ints) -> dict[str, pl.Series]:
    """Return a column for each attribute, null for the cases of processes that have none of that name."""
    columns: dict[str, pl.Series] = {}
    for stream in range(len(compiled.graphs)):
        here = rows[:, at.Z_STREAM] == stream
        for slot, (name, attribute) in enumerate(compiled.attributes(stream).items()):
            values = np.ascontiguousarray(rows[:, at.Z_VALUES + slot]).view(np.float64)
            series = _decoded(attribute, values, category_codes(compiled.attributes(stream)).get(name, {}))
            series = series.set(pl.Series(~here), None)
            column = f"attribute_{name}"
            columns[column] = _merged(columns[column], series) if column in columns else series
    return columns


def _decoded(
    attribute: Attribute, values: np.ndarray[tuple[int], np.dtype[np.float64]], codes: dict[str, int]
) -> pl.Series:
    if attribute.kind == "categorical":
        names = sorted(codes, key=lambda name: codes[name])
        places = np.searchsorted(sorted(codes.values()), values.astype(np.int64))
        return _picked(names, np.minimum(places, len(names) - 1))
    if attribute.kind == "boolean":
        return pl.Series(values != 0)
    known = np.isfinite(values)  # neither a division by zero nor an overflow
    if attribute.kind == "integer":
        known &= np.abs(values) < _TOO_LARGE
        return pl.Series(np.where(known, values, 0.0).astype(np.int64)).set(pl.Series(~known), None)
    return pl.Series(values).set(pl.Series(~known), None)


def _merged(first: pl.Series, second: pl.Series) -> pl.Series:
    """Return one column of two processes' attribute of one name; as text where their kinds differ."""
    if first.dtype != second.dtype:
        first, second = first.cast(pl.String), second.cast(pl.String)
    return first.fill_null(second)
