"""The numbers of an overlay, measured in a run or in an event log: tables of means. Draws nothing.

Waiting, frequency and lateness are taken from the cases of the cohort that finished: cases still open at the end of
a run are left out, so that in a run that is short beside its cycle times, or overloaded, the numbers are too low.
"""

import math
from collections.abc import Callable, Iterable

import polars as pl

from procflow.analysis.clocks import DAY_UNITS
from procflow.analysis.day_count import DayCount, Stretches
from procflow.analysis.limit_times import limit_times
from procflow.analysis.run_tables import CASE, cases_of, events_of, process_of
from procflow.definition.expecting import expect_one_of
from procflow.definition.resolved import Process
from procflow.errors import ArgumentError, RenderError
from procflow.logs.log import EventLog
from procflow.machine.graph import StateGraph, resolve
from procflow.render.overlay import QUANTITIES, Overlay, Quantity
from procflow.simulation.run import Run
from procflow.simulation.staffing import offices, qualified, staffing
from procflow.text import Text
from procflow.units import Span

_WAITING = ("batch_us", "batch_full_us", "off_duty_us", "contention_us", "paused_us")


def measured(graph: StateGraph, source: Run | EventLog, quantity: Quantity) -> Overlay:
    """Return the overlay of a quantity as a run or an event log has it.

    Raises ArgumentError for an unknown quantity, AnalysisError where the run is of another process, RenderError where
    a log does not hold what the quantity needs.
    """
    expect_one_of(quantity, QUANTITIES, argument="overlay")
    if isinstance(source, Run):
        return _MEASURES[quantity](graph, source, process_of(source, graph.process.name))
    if isinstance(source, EventLog):
        return _of_log(graph, source, quantity)
    raise ArgumentError(
        Text(
            en=f"run is {type(source).__name__}: expected a Run, an EventLog or an Overlay",
            zh=f"run 为 {type(source).__name__}：应为 Run、EventLog 或 Overlay",
        )
    )


def _finished(run: Run, process: Process) -> tuple[pl.DataFrame, int]:
    """Return the events of the finished cases of the cohort, and how many cases these are."""
    cases = cases_of(run, process).filter(pl.col("in_cohort") & pl.col("outcome").is_not_null())
    return events_of(run, process).join(cases.select(CASE), on=CASE, how="semi"), cases.height


def _waiting(graph: StateGraph, run: Run, process: Process) -> Overlay:
    events, _ = _finished(run, process)
    done = events.filter(pl.col("end").is_in(["completed", "timed_out"]))
    wait = pl.sum_horizontal(_WAITING).mean() / 1e6
    transfer = pl.col("transfer_us").mean() / 1e6
    return Overlay("waiting", _by_state(graph, done, wait), _by_edge(graph, done, transfer, positive=True))


def _frequency(graph: StateGraph, run: Run, process: Process) -> Overlay:
    events, cases = _finished(run, process)
    often = pl.len() / max(cases, 1)
    return Overlay("frequency", _by_state(graph, events, often), _by_edge(graph, events, often))


def _utilization(graph: StateGraph, run: Run, process: Process) -> Overlay:
    """Return for each state of staff how busy the groups are that hold its role, all offices together."""
    known = staffing(process.organization, run.scenario)
    sums = run.staff.group_by("group").agg(pl.col("busy_us", "on_duty_us").sum())
    used = {group: (busy, duty) for group, busy, duty in sums.iter_rows()}
    shares: dict[str, float] = {}
    for name in graph.leaves:
        state = graph.state(name)
        department = process.department(state)
        if state.who != "staff" or department is None or state.role is None:
            continue
        roles = [qualified(department.name, state.role, office) for office in offices(process.organization, department)]
        groups = {known.groups[number].name for role in roles for number in known.of(role)} & used.keys()
        busy, duty = (sum(used[group][part] for group in groups) for part in (0, 1))
        if duty:
            shares[name] = busy / duty
    return Overlay("utilization", shares)


def _lateness(graph: StateGraph, run: Run, process: Process) -> Overlay:
    """Return the share of visits over a step's own limit, and of cases over a limit at the states where it stops."""
    events, _ = _finished(run, process)
    late = dict(_late_steps(graph, run, events))
    for name, share in _late_limits(graph, run, process):
        late[name] = max(late.get(name, 0.0), share)
    return Overlay("lateness", late)


def _late_steps(graph: StateGraph, run: Run, events: pl.DataFrame) -> Iterable[tuple[str, float]]:
    left = events.filter(pl.col("exit_us").is_not_null() & pl.col("end").is_in(["completed", "timed_out"]))
    days = DayCount.of(graph.process.organization, run.scenario.start, int(left["exit_us"].max() or 0))  # type: ignore[arg-type]
    for name in graph.leaves:
        limit, mine = graph.state(name).limit, left.filter(pl.col("state") == name)
        if limit is not None and mine.height:
            yield name, 1 - _share_in_time(days, limit.value, mine)


def _share_in_time(days: DayCount, span: Span, visits: pl.DataFrame) -> float:
    """Return the share of visits that ended on the last day of a limit or before; days count as statutory ones do."""
    enter, leave = visits["enter_us"].to_numpy(), visits["exit_us"].to_numpy()
    if span.unit not in DAY_UNITS:
        return float((leave - enter <= span.seconds() * 1_000_000).mean())
    whole = Span(math.ceil(span.amount), span.unit)
    none = Stretches.none(len(enter)).by_day(days)
    return float(days.in_time(whole, days.day_of(enter), days.day_of(leave), none).mean())


def _late_limits(graph: StateGraph, run: Run, process: Process) -> Iterable[tuple[str, float]]:
    limits = process.definition.limits
    if not limits:
        return
    kept = pl.coalesce("promised_kept", "statutory_kept")
    table = limit_times(run, process).filter(pl.col("in_cohort")).group_by("limit").agg((~kept).mean().alias("late"))
    for name, late in sorted(table.iter_rows()):
        for instant in limits[name].stop if late is not None else ():
            state = resolve(instant.name, "", graph.nodes) if instant.event != "fire" else None
            if state is not None:
                yield state, late


def _by_state(graph: StateGraph, rows: pl.DataFrame, value: pl.Expr) -> dict[str, float]:
    table = rows.group_by("state").agg(value.alias("value")).sort("state")
    return {name: float(found) for name, found in table.iter_rows() if name in graph.nodes and found is not None}


def _by_edge(graph: StateGraph, rows: pl.DataFrame, value: pl.Expr, *, positive: bool = False) -> dict[int, float]:
    """Return a value by transition; one that leaves a composite has no row of its own and is left out."""
    table = rows.drop_nulls(["trigger", "dest"]).group_by("state", "trigger", "dest").agg(value.alias("value"))
    found = {row[:3]: float(row[3]) for row in table.iter_rows() if row[3] is not None}
    ends = {edge.index: (edge.source, edge.trigger, edge.dest) for edge in graph.edges}
    return {index: found[end] for index, end in ends.items() if end in found and (found[end] > 0 or not positive)}


_MEASURES: dict[str, Callable[[StateGraph, Run, Process], Overlay]] = {
    "waiting": _waiting,
    "frequency": _frequency,
    "utilization": _utilization,
    "lateness": _lateness,
}


def _of_log(graph: StateGraph, log: EventLog, quantity: Quantity) -> Overlay:
    """Return an overlay of a log; an activity is the state of that name or title, of several the first in the file.

    Waiting is from when a case was ready (where the log does not say: from the end of what came before it in the
    case) to the start of work; where a log has only completions it cannot be told from work.
    """
    if quantity in ("utilization", "lateness"):
        _refuse_log(
            f"an event log does not hold what {quantity} needs (who is on duty when, the clocks of the limits): "
            "draw it from a run",
            f"事件日志不含 {quantity} 所需的信息（人员在岗时间、时限起止）：请用仿真运行绘制",
        )
    rows = _named(graph, log)
    if quantity == "frequency":
        often = pl.len() / max(log.cases.height, 1)
        pairs = rows.filter(pl.col("dest").is_not_null()).group_by("state", "dest").agg(often.alias("value"))
        return Overlay("frequency", _by_state(graph, rows, often), _by_ends(graph, pairs))
    if not rows["start"].is_not_null().any():
        _refuse_log(
            "the log says of no activity when it started, so waiting cannot be told from work: draw its frequency",
            "日志没有活动的开始时间，无法区分等待与办理：可绘制频次（frequency）",
        )
    wait = (pl.col("start") - pl.coalesce("enabled", "before")).dt.total_microseconds().clip(0).mean() / 1e6
    return Overlay("waiting", _by_state(graph, rows, wait))


def _named(graph: StateGraph, log: EventLog) -> pl.DataFrame:
    """Return the rows of activities that are states, with ``state``, the next one's (``dest``) and ``before``."""
    names: dict[str, str] = {}
    for name in reversed(graph.leaves):
        node = graph.nodes[name]
        for title in (node.label("en"), node.label("zh"), node.state.name):
            names[title] = name
    names |= {name: name for name in graph.leaves}
    rows = log.events.with_columns(
        state=pl.col("activity").replace_strict(names, default=None, return_dtype=pl.String),
        before=pl.col("end").shift(1).over("case"),
    ).drop_nulls("state")
    if not rows.height:
        shown = ", ".join(log.activities[:3])
        _refuse_log(
            f"no activity of the log is a state of {graph.process.name}: it has {shown} …",
            f"日志中的活动均不是 {graph.process.name} 的状态：日志有 {shown} …",
        )
    return rows.with_columns(dest=pl.col("state").shift(-1).over("case"))


def _by_ends(graph: StateGraph, pairs: pl.DataFrame) -> dict[int, float]:
    """Return a value by transition where only one leads from a state to the next: a log does not name triggers."""
    found = {row[:2]: float(row[2]) for row in pairs.iter_rows()}
    ends: dict[tuple[str, str], list[int]] = {}
    for edge in graph.edges:
        ends.setdefault((edge.source, edge.dest), []).append(edge.index)
    return {edges[0]: found[pair] for pair, edges in ends.items() if len(edges) == 1 and pair in found}


def _refuse_log(en: str, zh: str) -> None:
    raise RenderError(Text(en=en, zh=zh))
