"""What happened to real cases as the tables of a run, so that the rules over runs look at reality.

An event log and the states of its activities give visits, the ways between them and the segments of waiting. What a log
cannot show stays null or 0; rules that would need it are named in ``lacks``. Regions and called processes are refused:
a log does not say which of several branches a case waited for.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from procflow.analysis.run_tables import SEGMENTS
from procflow.analysis.working_clock import WorkingClock
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.errors import LogError
from procflow.logs.log import CASE, EVENT, EventLog
from procflow.logs.matching import Matching, match_activities
from procflow.logs.waiting import WaitingSplit, tells_waits, waiting_split
from procflow.machine.graph import StateGraph, state_graph
from procflow.simulation.provenance import provenance
from procflow.simulation.run import Run
from procflow.text import Text
from procflow.version import __version__

_SPLIT = {"batch_us": ("batch",), "off_duty_us": ("off_duty",), "contention_us": ("contention", "priority")}
_NO_STAFFING = Text(
    en="a log does not say how many people were on duty, nor how many cases were offered",
    zh="日志不反映在岗人数与来件负荷",
)
_NO_SPLIT = Text(
    en="without starts and people in the log, waiting and work cannot be told apart",
    zh="日志缺少开始时间或人员，无法区分等待与办理",
)


@dataclass(frozen=True)
class ObservedRun(Run):
    """A run that was not simulated but seen; ``lacks`` says why some rules cannot speak of it."""

    lacks: Mapping[str, Text] = field(default_factory=dict, repr=False)


def observed_run(log: EventLog, process: Process, matching: Matching, split: WaitingSplit | None = None) -> ObservedRun:
    """Return the cases of a log as a run of a definition, with one replication.

    Parameters
    ----------
    log
        Its activities that are states count; the others are left out.
    process
        The definition, without regions and called processes.
    matching
        Of ``procflow.logs.matching.match_activities``.
    split
        Of ``procflow.logs.waiting.waiting_split``: the segments. Its transfers end the visit before; priority counts
        as contention, what is extraneous or suspended as delay. Without it all waiting is delay.

    A visit is entered when the one before was over. The way taken is what ``event_trigger`` says, or the only way to
    the state that came next; null where there is none or are several. A case has ended where its last state has one
    way to a final state, or ``case_outcome`` names the final state; other cases are in progress. All cases are of the
    cohort; their names are ``attribute_case``.

    Raises
    ------
    LogError
        No activity is a state, or the definition has regions or calls.
    """
    graph = state_graph(process)
    _check(process, graph, matching)
    visits = _visits(log, matching, split)
    zone = ZoneInfo(process.organization.timezone)
    first, last = visits["enter"].min(), visits["exit"].max()
    assert isinstance(first, dt.datetime) and isinstance(last, dt.datetime)  # steps have a time
    start = first.astimezone(zone).date()
    origin = round(dt.datetime.combine(start, dt.time(), zone).timestamp() * 1e6)
    days = (last.astimezone(zone).date() - start).days + 1
    events = _events(visits, graph, process.name, origin, _outcomes(log))
    organization = process.organization
    clock = WorkingClock.of(organization, organization.default_calendar, start, days + 2)
    cases = _cases(events, graph, clock)
    events = events.drop("name", "told")
    scenario = Scenario(scenario="log", start=start, days=days, replications=1)
    lacks = dict.fromkeys(("T12", "T17", "T18"), _NO_STAFFING)
    if split is None:
        lacks |= dict.fromkeys(("T1", "T2"), _NO_SPLIT)
    staff = pl.DataFrame(schema=_STAFF)
    tables = {"events": events.lazy(), "cases": cases.lazy(), "staff": staff.lazy()}
    return ObservedRun((process,), scenario, tables, provenance((process,), scenario, __version__), lacks=lacks)


def observe(log: EventLog, process: Process, given: Mapping[str, str] | None = None) -> ObservedRun:
    """Return ``observed_run`` with activities matched, and waiting split where the log has starts and people.

    ``given`` names the state of an activity; other activities are matched by name. Raises LogError as these do.
    """
    split = waiting_split(log) if tells_waits(log) else None
    return observed_run(log, process, match_activities(log, process, given), split)


_STAFF: Any = {
    "replication": pl.Int32,
    "department": pl.String,
    "group": pl.String,
    "office": pl.String,
    "people": pl.Int32,
    "on_duty_us": pl.Int64,
    "busy_us": pl.Int64,
    "utilization": pl.Float64,
}


def _check(process: Process, graph: StateGraph, matching: Matching) -> None:
    if graph.regions or process.called:
        raise LogError(
            Text(
                en=f"{process.name} has regions or calls: a log does not say which branch a case waited for",
                zh=f"{process.name} 含并联分支或调用子流程：日志不反映办件在等哪个分支",
            )
        )
    if not matching.states:
        raise LogError(
            Text(
                en=f"no activity of the log is a state of {process.name}: say which is, with match_activities(given=…)",
                zh=f"日志中没有环节与 {process.name} 的状态对应：请用 match_activities(given=…) 指明",
            )
        )


def _outcomes(log: EventLog) -> pl.DataFrame:
    given = CASE + "outcome"
    outcome = pl.col(given).cast(pl.String) if given in log.cases.columns else pl.lit(None, pl.String)
    return log.cases.select(name="case", told=outcome)


def _visits(log: EventLog, matching: Matching, split: WaitingSplit | None) -> pl.DataFrame:
    """Return the visits in order with their instants and, in µs, their segments of waiting."""
    trigger = EVENT + "trigger"
    rows = log.events.with_row_index("log_row").filter(pl.col("activity").is_in(list(matching.states)))
    over = pl.coalesce("end", "start")
    steps = rows.select(
        "log_row",
        name="case",
        state=pl.col("activity").replace_strict(dict(matching.states), return_dtype=pl.String),
        start=pl.coalesce("start", "end"),
        exit=over,
        group=pl.coalesce("role", pl.lit("")),
        people=pl.coalesce("resource", pl.lit("")),
        told_trigger=pl.col(trigger).cast(pl.String) if trigger in rows.columns else pl.lit(None, pl.String),
    ).sort("name", "exit", "start", maintain_order=True)
    before = pl.min_horizontal(pl.coalesce(pl.col("exit").shift(1).over("name"), "start"), "start")
    steps = steps.join(_waits(split), on="log_row", how="left", maintain_order="left")
    steps = steps.with_columns(pl.col("moved_us", *_SPLIT).fill_null(0))
    left = (pl.col("start") - before).dt.total_microseconds()
    # what the split says of a wait that began before the visit was entered is cut off
    for name in ("moved_us", *_SPLIT):
        steps = steps.with_columns(_left=left).with_columns(pl.min_horizontal(name, "_left").alias(name))
        left = pl.col("_left") - pl.col(name)
    steps = steps.with_columns(delay_us=left, work_us=(pl.col("exit") - pl.col("start")).dt.total_microseconds())
    return steps.with_columns(enter=before + pl.duration(microseconds="moved_us")).drop("_left")


def _waits(split: WaitingSplit | None) -> pl.DataFrame:
    columns = {"log_row": pl.UInt32, "moved_us": pl.Int64, **dict.fromkeys(_SPLIT, pl.Int64)}
    if split is None:
        return pl.DataFrame(schema=columns)
    sums = {name: pl.sum_horizontal(*(f"{cause}_us" for cause in causes)) for name, causes in _SPLIT.items()}
    return split.events.select(log_row=pl.col("row").cast(pl.UInt32), moved_us="transfer_us", **sums)


def _events(visits: pl.DataFrame, graph: StateGraph, process: str, origin: int, told: pl.DataFrame) -> pl.DataFrame:
    """Return the events table, with the log's ``name`` of the case and the outcome that it ``told``."""
    at = {each: pl.col(each).dt.timestamp("us") - origin for each in ("enter", "start", "exit")}
    order = visits.group_by("name").agg(pl.col("enter").min()).sort("enter", "name").with_row_index("case")
    rows = visits.join(order.select("name", "case"), on="name", how="left", maintain_order="left")
    rows = rows.join(told, on="name", how="left", maintain_order="left")
    onward = pl.col("state").shift(-1).over("name")
    rows = rows.with_columns(
        onward=onward, arrive_us=at["exit"] + pl.col("moved_us").shift(-1, fill_value=0).over("name")
    )
    ways = [_way(graph, *row) for row in rows.select("state", "onward", "told_trigger", "told").iter_rows()]
    taken = pl.DataFrame(ways, schema={"trigger": pl.String, "dest": pl.String}, orient="row")
    rows = rows.hstack(taken)
    gone = pl.col("dest").is_not_null()
    zeros = {name: pl.lit(0, pl.Int64) for name in SEGMENTS}
    segments = zeros | {name: pl.col(name) for name in (*_SPLIT, "delay_us", "work_us")}
    segments["transfer_us"] = pl.col("arrive_us") - at["exit"]
    table = rows.select(
        "name",
        "told",
        replication=pl.lit(0, pl.Int32),
        process=pl.lit(process),
        case=pl.col("case").cast(pl.Int64),
        token=pl.lit(""),
        state="state",
        visit=pl.int_range(1, pl.len() + 1).over("name", "state").cast(pl.Int32),
        enter_us=at["enter"],
        ready_us=at["enter"] + pl.col("batch_us"),
        start_us=at["start"],
        done_us=at["exit"],
        exit_us=pl.when(gone).then(at["exit"]),
        arrive_us=pl.when(gone).then("arrive_us"),
        trigger="trigger",
        dest="dest",
        end=pl.when(gone).then(pl.lit("completed")).otherwise(pl.lit("cut")),
        office=pl.lit(""),
        group="group",
        people="people",
        **segments,
    )
    return table.sort("case", "enter_us", "state", "visit")


def _way(graph: StateGraph, state: str, onward: str | None, trigger: str | None, told: str | None) -> tuple[Any, Any]:
    """Return the trigger by which a state was left and where to; null what the log does not tell."""
    ways = [edge for edge in graph.out(state) if trigger is None or edge.trigger == trigger]
    if onward is None:  # the last state of the case: over where one way ends it
        ways = [edge for edge in ways if graph.nodes[edge.dest].state.final and told in (None, edge.dest)]
        return (ways[0].trigger, ways[0].dest) if len(ways) == 1 else (None, None)
    triggers = {edge.trigger for edge in ways if edge.dest == onward}
    return triggers.pop() if len(triggers) == 1 else None, onward


def _cases(events: pl.DataFrame, graph: StateGraph, clock: WorkingClock) -> pl.DataFrame:
    finals = [name for name, node in graph.nodes.items() if node.state.final]
    outcome = pl.col("dest").last()
    grouped = events.group_by("replication", "process", "case", maintain_order=True).agg(
        *(pl.col(name).sum() for name in SEGMENTS),
        arrival_us=pl.col("enter_us").min(),
        end_us=pl.col("arrive_us").last(),
        outcome=pl.when(outcome.is_in(finals)).then(outcome),
        attribute_case=pl.col("name").first(),
    )
    rows = grouped.with_columns(
        region=pl.lit(""),
        end_us=pl.when(pl.col("outcome").is_not_null()).then("end_us"),
        in_cohort=pl.lit(value=True),
    ).with_columns(cycle_us=pl.col("end_us") - pl.col("arrival_us"))
    known = pl.coalesce("end_us", "arrival_us")
    days = clock.days_between(rows["arrival_us"].to_numpy(), rows.select(known).to_series().to_numpy())
    ended = pl.col("end_us").is_not_null()
    return rows.with_columns(cycle_wd=pl.when(ended).then(pl.Series(days, dtype=pl.Float64))).sort("case")
