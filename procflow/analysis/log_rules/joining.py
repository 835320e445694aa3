"""T14 over a log: branches that were done long ago wait for one and the same. Needs no definition.

Which activities run side by side, and which one starts when all of them are over, is found from their order.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl

from procflow.analysis.finding import SHARE, Cost, Evidence, Finding, Measurement, Remedy, Subject
from procflow.analysis.log_registry import LogContext, LogRule
from procflow.analysis.log_rules.waiting import lacks_waits, split_of
from procflow.analysis.log_waiting import working_clock
from procflow.logs.enablement import concurrency, instances, predecessors
from procflow.text import Text

FEWEST = 3
"""Joins of two activities at a third from which they are told of."""


def joins(context: LogContext) -> pl.DataFrame:
    """Return each wait of a branch at a join: ``join``, ``last`` and ``waiting`` (activities), ``from_us``, ``to_us``.

    ``waiting`` was over at ``from_us`` and what follows it is ``join``, which could begin only when ``last``, an
    activity beside it, was over at ``to_us``. Instances are those of ``procflow.logs.enablement``.
    """
    found = instances(context.log)
    count = len(found.activities)
    beside = concurrency(found.case, found.activity, found.start, found.end, count)
    # backwards in time the predecessor of an instance is what follows it first
    order = np.lexsort((-found.start, -found.end, found.case))
    turned = predecessors(found.case[order], found.activity[order], -found.end[order], -found.start[order], beside)
    follows = np.full(len(order), -1, np.int64)
    follows[order] = np.where(turned >= 0, order[turned], -1)
    waiting = np.flatnonzero(follows >= 0)
    join = follows[waiting]
    last = found.predecessor[join]
    real = (last >= 0) & (last != waiting)
    waiting, join, last = waiting[real], join[real], last[real]
    real = beside[found.activity[waiting], found.activity[last]] & (found.end[waiting] < found.end[last])
    waiting, join, last = waiting[real], join[real], last[real]
    names = np.array(found.activities, dtype=object)
    columns = {"join": join, "last": last, "waiting": waiting}
    return pl.DataFrame(
        {
            "joined": join,
            **{name: pl.Series(names[found.activity[at]], dtype=pl.String) for name, at in columns.items()},
            "from_us": found.end[waiting],
            "to_us": found.end[last],
        }
    )


def _check(context: LogContext) -> Iterator[Finding]:
    rows = joins(context)
    if rows.is_empty():
        return
    clock, day_us = working_clock(context.shared(split_of), int(rows["to_us"].max()))  # type: ignore[arg-type]
    wait = (clock.until(rows["to_us"].to_numpy()) - clock.until(rows["from_us"].to_numpy())) / day_us
    rows = rows.with_columns(wd=pl.Series(wait))
    # the last branch was later than the one before it by the shortest wait at that join
    each = rows.group_by("joined", "join", "last").agg(pl.col("wd").min())
    cases = context.log.steps["case"].n_unique()
    for (join,), mine in sorted(each.group_by(["join"]), key=lambda pair: str(pair[0])):
        for (last,), late in sorted(mine.group_by(["last"]), key=lambda pair: str(pair[0])):
            if late.height >= FEWEST and float(late["wd"].sum()) / cases >= context.profile.join_wd:
                yield _finding(context, str(join), str(last), late, rows.filter(join=join), mine.height, cases)


def _finding(
    context: LogContext, join: str, last: str, late: pl.DataFrame, rows: pl.DataFrame, every: int, cases: int
) -> Finding:
    mean = float(late["wd"].sum()) / late.height
    waits = rows.filter(last=last).group_by("waiting").agg(pl.col("wd").mean(), pl.len()).sort("waiting")
    evidence: list[Evidence] = [
        Measurement(Text(en=f"{last} is the last", zh=f"{last} 最后完成的比例"), late.height / every, SHARE, n=every),
        Measurement(Text(en="later than the one before it", zh="比次慢分支晚"), mean, "wd", n=late.height),
    ]
    for waiting, wd, n in waits.iter_rows():
        evidence.append(Measurement(Text(en=f"{waiting} waits for it", zh=f"{waiting} 等待"), wd, "wd", n=n))
    basis = Text(en="lead of the last branch, in hours found in the log", zh="最后分支的滞后（按日志推得的工作时间）")
    cost = (Cost("working_days", float(late["wd"].sum()) / cases, None, basis),)
    return context.finding(
        "T14",
        (Subject("state", join), Subject("state", last)),
        Text(
            en=f"{join} waits for {last} in {late.height / every:.0%} of the cases that come together there, "
            f"{mean:.1f} working days after all that runs beside it",
            zh=f"“{join}”在 {late.height / every:.0%} 的汇合中等待“{last}”，比其余并行环节平均晚 {mean:.1f} 个工作日",
        ),
        tuple(evidence),
        cost=cost,
        blocked_by=(
            Text(
                en="a log shows what runs side by side, not whether the next step needs all of it",
                zh="日志只反映并行关系，后续环节是否须等齐须另行核实",
            ),
        ),
        remedies=(Remedy("restaff", Text(en="begin it earlier, or give it people", zh="提前启动该环节或增加人手")),),
        thresholds={"join_wd": context.profile.join_wd},
    )


RULES = (
    LogRule(
        id="T14",
        name=Text(en="synchronization wait", zh="等齐"),
        what=Text(en="activities side by side that mostly wait for one and the same", zh="并行环节总在等同一个环节"),
        why=Text(
            en="the lead time is that of the slowest branch: effort spent on the others shortens nothing",
            zh="总时长取决于最慢分支：压缩其他分支不起作用",
        ),
        formula=Text(
            en="at each start that followed two or more activities which run side by side: end of the last less end of "
            "the one before it, on the working clock found in the log, per case ≥ join_wd",
            zh="在两个以上并行环节之后开始的环节处：最后完成者与次后完成者的时间差"
            "（按日志推得的工作时间），每件 ≥ join_wd",
        ),
        source="Dumas et al., Fundamentals of Business Process Management, 2nd ed., 7.1.2; Weijters & Ribeiro, 2011",
        trap=Text(
            en="activities one after the other, rare overlaps, joins fewer than three times; optional branches count "
            "where they were taken only",
            zh="先后进行的环节、偶然重叠、不足三次的汇合；可选分支仅在实际经过时计",
        ),
        check=_check,
        lacks=lacks_waits,
    ),
)
