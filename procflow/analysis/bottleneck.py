"""T12, the bottleneck (瓶颈): people so busy that cases wait for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from procflow.analysis.finding import SHARE, Evidence, Finding, Measurement, Remedy
from procflow.analysis.metrics import group_name
from procflow.analysis.one_more_person import wait_left
from procflow.analysis.pricing import cost
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, subjects
from procflow.analysis.run_evidence import as_share, measured, per_case, visits_of
from procflow.analysis.run_tables import events_of, process_of
from procflow.simulation.statistics import Estimate, estimate
from procflow.simulation.window import windows
from procflow.text import Text


@dataclass(frozen=True)
class Load:
    """How busy a group of so many ``people`` is; each office of a department that has several on its own."""

    department: str
    group: str
    office: str
    utilization: Estimate
    people: int = 0

    @property
    def name(self) -> str:
        """The group's name with its department, and its office where there are several."""
        name = group_name(self.department, self.group)
        return f"{name} ({self.office})" if self.office else name


def loads(context: Context) -> tuple[Load, ...]:
    """Return the utilization of every group of staff in a run, with its interval over replications."""
    run: Any = context.run
    key = ["department", "group", "office"]
    sums = run.staff.group_by(*key, "replication").agg(pl.col("busy_us", "on_duty_us").sum(), pl.col("people").max())
    sums = sums.filter(pl.col("on_duty_us") > 0).with_columns(used=pl.col("busy_us") / pl.col("on_duty_us"))
    found = [
        Load(
            str(names[0]),
            str(names[1]),
            str(names[2]),
            as_share(estimate(rows.sort("replication")["used"].to_list())),
            int(rows["people"].max()),
        )
        for names, rows in sums.group_by(key)
    ]
    return tuple(sorted(found, key=lambda load: load.name))


def served(context: Context, load: Load) -> tuple[str, ...]:
    """Return the states of the process that a group worked in, by name."""
    rows = context.shared(visits_of).filter(_by(load))
    return tuple(sorted(rows["state"].unique()))


def passed_on(context: Context, load: Load, states: tuple[str, ...]) -> float:
    """Return how many visits to a group's states were begun for each one entered, between warm-up and horizon.

    Below 1 a queue grows: what lies behind it gets less work than arrives, and looks idle.
    """
    run: Any = context.run
    rows = events_of(run, process_of(run, context.process)).filter(pl.col("state").is_in(states))
    if load.office:
        rows = rows.filter(pl.col("office") == load.office)
    bounds = pl.DataFrame(
        [(number, *window) for number, window in enumerate(windows(run))],
        schema={"replication": pl.Int32, "from_us": pl.Int64, "to_us": pl.Int64},
        orient="row",
    )
    rows = rows.join(bounds, on="replication")
    entered = rows.filter(pl.col("enter_us").is_between("from_us", "to_us", closed="left")).height
    begun = rows.filter(pl.col("start_us").is_between("from_us", "to_us", closed="left")).height
    return min(1.0, begun / entered) if entered else 1.0


def starved(context: Context, load: Load, share: float) -> tuple[tuple[Load, float], ...]:
    """Return the groups behind a bottleneck that would be as busy with all the work that arrives, and how busy."""
    mine = served(context, load)
    behind = {later for state in mine for later in _after(context, state)} - set(mine)
    found = []
    for other in context.shared(loads):
        fed = _fed_share(context, other, behind)
        unstarved = other.utilization.mean * (1 - fed + fed / share) if share else 0.0
        if other != load and other.utilization.mean < context.profile.utilization_high <= unstarved:
            found.append((other, unstarved))
    return tuple(found)


def _fed_share(context: Context, load: Load, states: set[str]) -> float:
    """Return the share of a group's work that it does in some states."""
    rows = context.shared(visits_of).filter(_by(load))
    total = int(rows["work_us"].sum())
    return int(rows.filter(pl.col("state").is_in(states))["work_us"].sum()) / total if total else 0.0


def _check(context: Context) -> Iterable[Finding]:
    for load in context.shared(loads):
        if load.utilization.mean >= context.profile.utilization_high:
            rows = _waits(context, load)
            if rows["wd"].sum() > 0:
                yield _finding(context, load, rows)


def _waits(context: Context, load: Load) -> pl.DataFrame:
    """Return the visits that a group served, with their wait while its people were on duty and busy, in ``wd``."""
    process = context.process
    rows = context.shared(visits_of).filter(_by(load))
    days = {
        name: process.nominal_day_seconds(process.work_calendar(context.graph.state(name)))
        for name in rows["state"].unique()
    }
    seconds = pl.col("state").replace_strict(days, return_dtype=pl.Float64) if days else pl.lit(1.0)
    return rows.with_columns(wd=pl.col("contention_us") / 1e6 / seconds)


def _finding(context: Context, load: Load, rows: pl.DataFrame) -> Finding:
    states = tuple(sorted(rows.filter(pl.col("contention_us") > 0)["state"].unique()))
    wait = per_case(context, rows, "wd", unit="wd")
    share = passed_on(context, load, states)
    behind = starved(context, load, share)
    evidence: list[Evidence] = [
        measured(Text(en="utilization", zh="负荷率"), load.utilization, SHARE),
        measured(Text(en="wait for them per case", zh="每件等待人员时间"), wait),
    ]
    left = wait_left(load.people, load.utilization.mean)
    if left is not None and share >= _GROWS:
        evidence.append(
            Measurement(
                Text(en="wait left with one more person, estimated", zh="增加一人后的等待（估算）"),
                wait.mean * left,
                "wd",
            )
        )
    for other, unstarved in behind:
        text = Text(en=f"utilization of {other.name} with all work that arrives", zh=f"{other.name} 足量来件时的负荷率")
        evidence.append(measured(text, Estimate(unstarved, float("nan"), float("nan"), other.utilization.n), SHARE))
    name = load.name
    return finding(
        context,
        "T12",
        subjects(("role", [name]), ("department", [load.department]), ("state", states)),
        Text(
            en=f"{name} is busy {load.utilization.mean:.0%} of the time on duty; a case waits {wait.mean:.1f} working "
            f"days for them" + _queue_en(share, behind),
            zh=f"{name} 负荷率 {load.utilization.mean:.0%}，每件为其等待 {wait.mean:.1f} 个工作日"
            + _queue_zh(share, behind),
        ),
        tuple(evidence),
        cost=cost(context, "working_days", wait.mean, Text(en="wait per case, measured", zh="仿真实测的每件等待时间")),
        remedies=(Remedy("restaff", Text(en="more people, or part of their work elsewhere", zh="增加人手或分流业务")),),
        thresholds={"utilization_high": context.profile.utilization_high},
    )


_GROWS = 0.98
"""Share of visits begun below which the queue is said to grow."""


def _queue_en(share: float, behind: tuple[tuple[Load, float], ...]) -> str:
    grows = f"; the queue grows: {share:.0%} of the work that came was begun" if share < _GROWS else ""
    names = ", ".join(other.name for other, _ in behind)
    return grows + (f"; {names} behind it would be next: less busy only because little comes through" if names else "")


def _queue_zh(share: float, behind: tuple[tuple[Load, float], ...]) -> str:
    grows = f"；积压在增加：来件中仅 {share:.0%} 已开始办理" if share < _GROWS else ""
    names = "、".join(other.name for other, _ in behind)
    return grows + (f"；其后的 {names} 因来件受阻显得空闲，疏通后将成为下一个瓶颈" if names else "")


def _by(load: Load) -> pl.Expr:
    return (
        (pl.col("department") == load.department)
        & (pl.col("group") == load.group)
        & (pl.col("office").fill_null("") == load.office)
    )


def _after(context: Context, name: str) -> frozenset[str]:
    """Return the states that can come after one, by any transitions."""
    graph, seen, stack = context.graph, set[str](), [name]
    while stack:
        at = stack.pop()
        node = graph.nodes[at]
        following = [edge.dest for edge in graph.out(at)] + [r.initial for r in graph.regions.get(at, ())]
        if node.state.final and node.parent:
            following.append(node.parent)
        fresh = [dest for dest in following if dest not in seen]
        seen.update(fresh)
        stack.extend(fresh)
    return frozenset(seen)


RULES = (
    Rule(
        id="T12",
        name=Text(en="bottleneck", zh="瓶颈环节"),
        what=Text(
            en="people who are busy nearly all the time, and for whom cases wait", zh="人员几乎满负荷、件在其前排队"
        ),
        why=Text(
            en="close to full load waiting grows without bound: one more person may save more than any other reform",
            zh="接近满负荷时等待急剧增长：增加一人可能比其他改革更见效",
        ),
        formula=Text(
            en="utilization = busy ÷ on duty between warm-up and horizon; wait = time in the queue while enough "
            "people were on duty; behind a growing queue, work that comes through it is scaled up to all that arrives; "
            "with one more person the wait shrinks as that of an M/M/c queue does (an estimate: `sensitivity` "
            "simulates it)",
            zh="负荷率 = 忙碌时间 ÷ 在岗时间（预热后）；等待 = 人员在岗时的排队时间；"
            "积压增长时，其后环节的工作量按全部来件还原；增加一人后的等待按 M/M/c 排队公式估算（sensitivity 可作仿真）",
        ),
        source="Tijms, A First Course in Stochastic Models, 9.2; Law, Simulation Modeling and Analysis, 1.4",
        trap=Text(
            en="people behind a bottleneck who look idle because little comes through to them; waits for people off "
            "duty or for a sitting",
            zh="因上游瓶颈来件不足而显得空闲的环节；因不在岗或等批次产生的等待",
        ),
        check=_check,
        needs="run",
    ),
)
