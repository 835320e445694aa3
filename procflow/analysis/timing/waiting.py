"""T1, the waiting split (等待构成) of a run: how much of the lead time is waiting, and for what.

Counts working time on the path that decided when each case ended, so that neither nights and weekends nor regions that
others waited for are waiting. Transfers after a composite belong to no visit and are left out.
"""

from collections.abc import Iterator
from typing import Any

import polars as pl

from procflow.analysis.finding import Finding, Measurement, Remedy
from procflow.analysis.path_split import path_of
from procflow.analysis.pricing import cost
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, subjects
from procflow.analysis.run_evidence import cohort, each, measured, run_clock, with_days
from procflow.analysis.run_handoffs import staffed
from procflow.analysis.run_tables import CASE, cases_of, events_of, process_of
from procflow.text import Text

CAUSES = {
    "batch_wd": Text(en="waiting for a sitting or round", zh="等候批次"),
    "full_wd": Text(en="waiting for a free seat in a sitting", zh="批次名额已满"),
    "contention_wd": Text(en="waiting for people who are busy", zh="人员忙碌排队"),
    "off_duty_wd": Text(en="waiting for people off duty in working hours", zh="工作时间内人员不在岗"),
    "transfer_wd": Text(en="on the way between departments", zh="部门间移送"),
}
_REMEDIES = {
    "batch_wd": Remedy("on_demand", Text(en="work on cases as they come", zh="即来即办，取消批次")),
    "full_wd": Remedy("align_cadence", Text(en="more seats, or sittings more often", zh="增加名额或提高频次")),
    "contention_wd": Remedy("restaff", Text(en="move people to where the queue is", zh="向排队环节调配人员")),
    "off_duty_wd": Remedy("shift_hours", Text(en="let the hours of both overlap", zh="调整办公时段，使前后环节衔接")),
    "transfer_wd": Remedy("connect_systems", Text(en="hand over by an interface", zh="系统对接，数据直达")),
}


def waits(context: Context) -> pl.DataFrame:
    """Return per finished case of the cohort ``lead_wd``, the working days it took, and its waits by cause.

    The wait for a seat is working time between the sitting that was full and that which took the case; contention at
    most what is left of the wait; the rest of it is off duty.
    """
    run: Any = context.run
    process = process_of(run, context.process)
    cases = cases_of(run, process).join(context.shared(cohort), on=CASE, how="semi", maintain_order="left")
    events = events_of(run, process).join(cases.select(CASE), on=CASE, how="semi", maintain_order="left")
    path = path_of(run, process, cases).drop_nulls("row").select("row")
    visits = staffed(context.graph, events).join(path, on="row", how="semi", maintain_order="left")
    sums = _by_cause(context, visits).group_by(CASE).agg(pl.col(cause).sum() for cause in CAUSES)
    lead = with_days(context, cases, "arrival_us", "end_us", "lead_wd").select(*CASE, "lead_wd")
    return lead.join(sums, on=CASE, how="left").with_columns(pl.col(cause).fill_null(0.0) for cause in CAUSES)


def _by_cause(context: Context, visits: pl.DataFrame) -> pl.DataFrame:
    begun = visits.filter((pl.col("who") == "staff") & pl.col("start_us").is_not_null())
    rows = begun.with_columns(seated_us=pl.col("enter_us") + pl.col("batch_us"))
    rows = with_days(context, rows, "enter_us", "seated_us", "batch_wd")
    rows = with_days(context, rows, "seated_us", "ready_us", "full_wd")
    rows = with_days(context, rows, "ready_us", "start_us", "queue_wd")
    busy = pl.col("contention_us") / context.shared(run_clock).day_us
    rows = rows.with_columns(contention_wd=pl.min_horizontal(busy, "queue_wd"))
    rows = rows.with_columns(off_duty_wd=pl.col("queue_wd") - pl.col("contention_wd"), transfer_wd=pl.lit(0.0))
    gone = visits.drop_nulls("exit_us").with_columns(over_us=pl.col("exit_us") + pl.col("transfer_us"))
    moved = with_days(context, gone, "exit_us", "over_us", "transfer_wd")
    nothing = [pl.lit(0.0).alias(cause) for cause in CAUSES if cause != "transfer_wd"]
    return pl.concat([rows.select(*CASE, *CAUSES), moved.with_columns(nothing).select(*CASE, *CAUSES)])


def _check(context: Context) -> Iterator[Finding]:
    table = context.shared(waits).with_columns(wait_wd=pl.sum_horizontal(*CAUSES))
    lead = float(table["lead_wd"].sum())
    share = float(table["wait_wd"].sum()) / lead if lead else 0.0
    if share >= context.profile.waiting_share:
        yield _finding(context, table, share)


def _finding(context: Context, table: pl.DataFrame, share: float) -> Finding:
    lead, wait = (each(table, name, unit="wd") for name in ("lead_wd", "wait_wd"))
    whole = float(table["wait_wd"].sum())
    parts = {cause: float(table[cause].sum()) / whole for cause in CAUSES}
    main = max(parts, key=lambda cause: parts[cause])
    causes = [Measurement(CAUSES[cause], 100 * part, "%") for cause, part in parts.items() if part > 0.005]
    return finding(
        context,
        "T1",
        subjects(("process", [context.process.name])),
        Text(
            en=f"{share:.0%} of the {lead.mean:.1f} working days that a case takes are waiting, "
            f"{parts[main]:.0%} of that {CAUSES[main].get('en')}",
            zh=f"每件用时 {lead.mean:.1f} 个工作日，其中 {share:.0%} 在等待；等待中 {parts[main]:.0%} 为"
            f"{CAUSES[main].get('zh')}",
        ),
        (
            measured(Text(en="lead time", zh="全程用时"), lead),
            measured(Text(en="of this waiting", zh="其中等待"), wait),
            *causes,
        ),
        cost=cost(
            context,
            "working_days",
            wait.mean,
            Text(en="waiting per case, measured in the run", zh="仿真实测的每件等待"),
        ),
        remedies=(_REMEDIES[main],),
        thresholds={"waiting_share": context.profile.waiting_share},
    )


RULES = (
    Rule(
        id="T1",
        name=Text(en="waiting split", zh="等待构成"),
        what=Text(en="a process most of whose time is waiting, and for what", zh="多半时间在等待的流程，及其等待原因"),
        why=Text(
            en="each cause of waiting has another remedy: people do not help against a weekly sitting",
            zh="不同的等待原因须用不同办法：每周一次的会议，加人无济于事",
        ),
        formula=Text(
            en="working time of the waits for staff and of transfers on the path that decided the end ÷ working time "
            "from arrival to end, over the finished cohort, ≥ waiting_share",
            zh="决定办结时间的路径上等候人员与移送的工作时间 ÷ "
            "自受理至办结的工作时间（统计期内已办结件）≥ waiting_share",
        ),
        source="Dumas et al., Fundamentals of Business Process Management, 2nd ed., ch. 7: cycle time efficiency",
        trap=Text(
            en="nights and weekends; time with the applicant or an outside body; regions that others waited for",
            zh="夜间与周末；由申请人或外部机构办理的时间；并非最后完成的并联分支",
        ),
        check=_check,
        needs="run",
    ),
)
