"""The tables of a run as data frames, from the kernel's rows. Columns are those of docs/architecture.md."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from procflow.definition.expressions import category_codes
from procflow.definition.process import Attribute
from procflow.kernel import layout as at
from procflow.kernel.arrays import Ints
from procflow.simulation.columns import Whole, is_alike
from procflow.simulation.compile import Compiled
from procflow.simulation.hours import most_people, on_duty
from procflow.simulation.naming import token_path
from procflow.simulation.ordering import order_of_cases, order_of_visits
from procflow.simulation.replicate import Replication
from procflow.simulation.series import Column, as_text, nullable, picked, table, whole
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


def tables_of(compiled: Compiled, replications: Sequence[Replication]) -> dict[str, pl.LazyFrame]:
    """Return the tables of a run of replications in the order of their numbers."""
    make = {"events": events_frame, "cases": cases_frame, "staff": staff_frame}
    return {name: as_text(frame(compiled, replications).lazy()) for name, frame in make.items()}


def joined(parts: Sequence[Mapping[str, pl.LazyFrame]]) -> dict[str, pl.LazyFrame]:
    """Return the tables of a run from those of its replications in the order of their numbers; copies no rows."""
    return {name: pl.concat([part[name] for part in parts]) for name in parts[0]}


def events_frame(compiled: Compiled, replications: Sequence[Replication]) -> pl.DataFrame:
    """Return the events table of replications in the order of their numbers, ordered as ``Run.events``.

    Its texts are categories (``as_text``).
    """
    return pl.concat([_events(compiled, replication) for replication in replications], rechunk=False)


def _events(compiled: Compiled, replication: Replication) -> pl.DataFrame:
    rows, nodes = replication.visits, [name for _, name in compiled.nodes]
    node, case, visit = (rows.column(number) for number in (at.R_NODE, at.R_CASE, at.R_VISIT))
    stream = np.array([stream for stream, _ in compiled.nodes])[node]
    instants, ranks = rows.instants(), _alphabetical([(token_path(name), name) for name in nodes])
    order = order_of_visits(_processes(compiled)[stream], case, instants["enter"], ranks[node], visit)

    def taken(values: Whole) -> Whole:
        return values if is_alike(values) else values[order]

    distinct = {id(values): taken(values) for values in instants.values()}  # some are one array
    stream, node, edge = taken(stream), taken(node), taken(rows.column(at.R_EDGE))
    columns: dict[str, Column] = {
        "replication": pl.lit(replication.number, dtype=pl.Int32),
        "process": picked([graph.process.name for graph in compiled.graphs], stream),
        "case": pl.Series(case[order].astype(np.int64)),
        "token": picked([token_path(name) for name in nodes], node),
        "state": picked(nodes, node),
        "visit": whole(taken(visit), pl.Int32),
    }
    columns |= {f"{name}_us": nullable(distinct[id(values)]) for name, values in instants.items()}
    columns |= {
        "trigger": picked([edge.trigger for edge in compiled.edges], edge),
        "dest": picked([edge.dest for edge in compiled.edges], edge),
        "end": picked(ENDS, taken(rows.column(at.R_END))),
        "office": _offices(compiled, node, taken(rows.column(at.R_REGION))),
    }
    people = [(taken(group), taken(person)) for group, person in rows.people()]
    columns |= _people(compiled, people)
    columns |= {name: whole(taken(rows.column(at.R_SEGMENTS + k))) for k, name in enumerate(SEGMENTS)}
    return table(columns)


def cases_frame(compiled: Compiled, replications: Sequence[Replication]) -> pl.DataFrame:
    """Return the cases table of replications in the order of their numbers, ordered as ``Run.cases``.

    Its texts are categories (``as_text``).
    """
    return pl.concat([_cases(compiled, replication) for replication in replications], rechunk=False)


def _cases(compiled: Compiled, replication: Replication) -> pl.DataFrame:
    rows = replication.cases
    order = order_of_cases(_processes(compiled)[rows.column(at.Z_STREAM)], rows.column(at.Z_CASE))
    words = np.array([rows.column(number)[order] for number in range(at.Z_VALUES + compiled.model.values)], np.int64)
    arrival, end = words[at.Z_ARRIVAL], words[at.Z_END]
    columns: dict[str, Column] = {
        "replication": pl.lit(replication.number, dtype=pl.Int32),
        "process": picked([graph.process.name for graph in compiled.graphs], words[at.Z_STREAM]),
        "case": pl.Series(words[at.Z_CASE]),
        "region": picked(compiled.regions, words[at.Z_REGION], otherwise=""),
        "arrival_us": pl.Series(arrival),
        "end_us": nullable(end),
        "outcome": picked(compiled.outcomes, words[at.Z_OUTCOME]),
        "in_cohort": pl.Series(words[at.Z_COHORT] == 1),
        "cycle_us": nullable(np.where(end < 0, -1, end - arrival)),
        "cycle_wd": _working_days(compiled, arrival, end),
    }
    segments = np.where(end < 0, at.NONE, words[at.Z_SEGMENTS : at.Z_VALUES])
    columns |= {name: nullable(segments[k]) for k, name in enumerate(SEGMENTS)}
    return table(columns | _callers(compiled, words) | _attributes(compiled, words))


def _callers(compiled: Compiled, words: Ints) -> dict[str, Column]:
    """Return which visit of which case called each case, and as which instance; null for cases that arrived."""
    node = words[at.Z_PARENT_NODE]
    if (node < 0).all():
        node = np.broadcast_to(np.int64(-1), len(node))
    return {
        "parent_process": picked([compiled.graphs[stream].process.name for stream, _ in compiled.nodes], node),
        "parent_case": _of_called(words[at.Z_PARENT], node, pl.Int64),
        "parent_state": picked([name for _, name in compiled.nodes], node),
        "parent_visit": _of_called(words[at.Z_PARENT_VISIT], node, pl.Int32),
        "instance": _of_called(words[at.Z_INSTANCE], node, pl.Int32),
    }


def _of_called(values: Ints, node: Ints, kind: type[pl.DataType]) -> Column:
    if is_alike(node):
        return pl.lit(None if node[0] < 0 else int(values[0]), dtype=kind)
    return pl.Series(values).cast(kind).set(pl.Series(node < 0), None)


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


def _alphabetical(texts: Sequence[Any]) -> Ints:
    """Return the rank of each of several texts, or tuples of texts, by code points; equal ones have equal ranks."""
    ranks = {text: rank for rank, text in enumerate(sorted(set(texts)))}
    return np.array([ranks[text] for text in texts], dtype=np.int64)


def _processes(compiled: Compiled) -> Ints:
    return _alphabetical([graph.process.name for graph in compiled.graphs])


def _offices(compiled: Compiled, node: Whole, region: Whole) -> Column:
    """Return the office of each visit: the region of its case where the state's department has one in each."""
    graphs = compiled.graphs
    bound = np.array([per_region(graphs[n].process, graphs[n].state(name)) for n, name in compiled.nodes])
    if not bound.any():
        return pl.lit("", dtype=pl.Enum(list(dict.fromkeys((*compiled.regions, "")))))
    return picked(compiled.regions, np.where(bound[node], region, -1), otherwise="")


def _people(compiled: Compiled, people: Sequence[tuple[Whole, Whole]]) -> dict[str, Column]:
    """Return who worked: the groups in their order parted by ';', and their persons parted by ','."""
    groups = [group.name for group in compiled.staffing.groups]
    if len(people) == 1:
        [(group, person)] = people
        most = max((heads for each in compiled.staffing.groups for _, heads in each.heads), default=0)
        return {
            "group": picked(groups, group, otherwise=""),
            "people": picked([str(number) for number in range(most + 1)], person, otherwise=""),
        }
    crews = np.stack([part for pair in people for part in pair], axis=1)
    distinct, inverse = np.unique(crews, axis=0, return_inverse=True)
    shown = [_crew(groups, [(g, p) for g, p in crew.reshape(-1, 2).tolist() if g >= 0]) for crew in distinct]
    return {
        "group": pl.Series([names for names, _ in shown], dtype=pl.String).gather(inverse.reshape(-1)),
        "people": pl.Series([persons for _, persons in shown], dtype=pl.String).gather(inverse.reshape(-1)),
    }


def _crew(groups: Sequence[str], crew: Sequence[tuple[int, int]]) -> tuple[str, str]:
    members: dict[str, list[str]] = {}
    for group, person in crew:
        members.setdefault(groups[group], []).append(str(person))
    return ";".join(members), ";".join(",".join(persons) for persons in members.values())


def _working_days(compiled: Compiled, arrival: Ints, end: Ints) -> pl.Series:
    """Return the working time from arrival to end on the organization's working calendar, in days of it."""
    organization = compiled.clock.organization
    name = organization.default_calendar
    known = organization.calendar(name)
    day_us = (known.nominal_day_seconds() if known else 86_400.0) * 1e6
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


def _attributes(compiled: Compiled, words: Ints) -> dict[str, Column]:
    """Return a column for each attribute, null for the cases of processes that have none of that name."""
    columns: dict[str, pl.Series] = {}
    for stream in range(len(compiled.graphs)):
        here = words[at.Z_STREAM] == stream
        for slot, (name, attribute) in enumerate(compiled.attributes(stream).items()):
            values = words[at.Z_VALUES + slot].view(np.float64)
            series = _decoded(attribute, values, category_codes(compiled.attributes(stream)).get(name, {}))
            series = series if here.all() else series.set(pl.Series(~here), None)
            column = f"attribute_{name}"
            columns[column] = _merged(columns[column], series) if column in columns else series
    return dict(columns)


def _decoded(
    attribute: Attribute, values: np.ndarray[tuple[int], np.dtype[np.float64]], codes: dict[str, int]
) -> pl.Series:
    if attribute.kind == "categorical":
        names = sorted(codes, key=lambda name: codes[name])
        places = np.searchsorted(sorted(codes.values()), values.astype(np.int64))
        listed = pl.Series(names, dtype=pl.Enum(names))
        return listed.gather(pl.Series(np.minimum(places, len(names) - 1).astype(np.uint32)))
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
