"""A simulated run as an event log, so that model and reality are looked at with the same eyes.

Dates are those of the scenario, in the organization's time zone. Segments of waiting are left to the run's own tables.
"""

import datetime as dt
from zoneinfo import ZoneInfo

import polars as pl

from procflow.errors import LogError
from procflow.logs.log import CASE, EVENT, INSTANT, EventLog, event_log
from procflow.machine.graph import state_graph
from procflow.simulation.run import Run
from procflow.text import Text


def run_log(run: Run, *, replication: int = 0) -> EventLog:
    """Return one replication of a run as an event log.

    Parameters
    ----------
    run
        A simulated run. Cases of several processes are told apart by ``process/case``.
    replication
        From 0.

    Rows are visits to states that began: ``enabled`` when the case was ready for it, ``start`` and ``end`` of the work,
    of the whole visit where no staff works in it; ``end`` is null where it was cancelled or cut off. ``resource`` is
    ``group/person`` (several joined by ``;``), ``role`` the group, ``department`` that of the state. ``event_dest`` and
    ``event_trigger`` say how it was left. Cases have ``case_arrival``, ``case_end``, ``case_outcome`` and their
    attributes.

    Raises
    ------
    LogError
        There is no such replication.

    >>> from procflow import Scenario, load, simulate
    >>> from procflow.definition.shipped import folder
    >>> process = load(folder() / "processes/food_license/as_is.yaml")
    >>> run = simulate(process, Scenario(arrivals="2 per wd", days=30, replications=1, unlimited_staff=True))
    >>> log = run_log(run)
    >>> log.zone, log.cases.height == run.cases.height
    ('Asia/Shanghai', True)
    """
    _check(run, replication)
    zone = run.processes[0].organization.timezone
    origin = dt.datetime.combine(run.scenario.start, dt.time(), ZoneInfo(zone)).timestamp()
    several = len(run.processes) > 1
    name = pl.format("{}/{}", "process", "case") if several else pl.col("case").cast(pl.String)

    def at(column: str) -> pl.Expr:
        micros = pl.col(column) + round(origin * 1e6)
        return micros.cast(pl.Datetime("us")).dt.replace_time_zone("UTC").cast(INSTANT)

    mine = pl.col("replication") == replication
    rows = run.tables["events"].filter(mine, pl.col("start_us").is_not_null()).collect()
    events = rows.join(_owners(run), on=["process", "state"], how="left", maintain_order="left").select(
        case=name,
        activity="state",
        enabled=at("ready_us"),
        start=at("start_us"),
        end=pl.when(pl.col("who") == "staff").then(at("done_us")).otherwise(at("exit_us")),
        resource=_people(),
        role=pl.when(pl.col("group") != "").then("group"),
        department="department",
        **{EVENT + column: pl.col(column) for column in ("visit", "trigger", "dest")},
    )
    cases = run.tables["cases"].filter(mine).collect()
    own = [each for each in cases.columns if each.startswith("attribute_")]
    facts = {"arrival": at("arrival_us"), "end": at("end_us"), "outcome": pl.col("outcome")}
    facts |= {each.removeprefix("attribute_"): pl.col(each) for each in own}
    known = cases.select(case=name, **{CASE + each: value for each, value in facts.items()})
    return event_log(events, known, zone=zone)


def _check(run: Run, replication: int) -> None:
    if 0 <= replication < run.scenario.replications:
        return
    last = run.scenario.replications - 1
    raise LogError(
        Text(
            en=f"there is no replication {replication}: the run has 0 to {last}",
            zh=f"没有第 {replication} 次重复：该运行的重复编号为 0 至 {last}",
        )
    )


def _owners(run: Run) -> pl.DataFrame:
    """Return the department of each state, and who acts in it."""
    rows = [
        {
            "process": graph.process.name,
            "state": name,
            "department": graph.state(name).department,
            "who": graph.state(name).who,
        }
        for graph in map(state_graph, run.processes)
        for name in graph.leaves
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(("process", "state", "department", "who"), pl.String()))


def _people() -> pl.Expr:
    """Return who worked, each person by group, office and number."""
    office = pl.when(pl.col("office") != "").then(pl.format("@{}", "office")).otherwise(pl.lit(""))
    return pl.when(pl.col("people") != "").then(pl.concat_str("group", office, pl.lit("/"), "people"))
