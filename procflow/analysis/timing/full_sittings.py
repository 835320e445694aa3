"""T13, the batch wait (批次等待) of a run: sittings so full that cases wait for a later one."""

from collections.abc import Iterable

import polars as pl

from procflow.analysis.finding import SHARE, Finding, Measurement, Remedy
from procflow.analysis.pricing import cost
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, subjects
from procflow.analysis.run_evidence import as_share, each, measured, per_case, visits_of, with_days
from procflow.text import Text


def _check(context: Context) -> Iterable[Finding]:
    for name in context.graph.leaves:
        batch = context.graph.state(name).batch
        if batch is None or batch.max is None:
            continue
        rows = _waits(context, name)
        if rows.height and each(rows, "wd").mean >= context.profile.frequency_gap_wd:
            yield _finding(context, name, batch.max, rows)


def _waits(context: Context, name: str) -> pl.DataFrame:
    """Return the visits that got a seat, with the working days from the first possible sitting to theirs."""
    rows = context.shared(visits_of).filter((pl.col("state") == name) & pl.col("ready_us").is_not_null())
    rows = rows.with_columns(seated_us=pl.col("enter_us") + pl.col("batch_us"))
    rows = with_days(context, rows, "seated_us", "ready_us")
    return rows.with_columns(full=(pl.col("batch_full_us") > 0).cast(pl.Float64))


def _finding(context: Context, name: str, seats: int, rows: pl.DataFrame) -> Finding:
    node = context.graph.nodes[name]
    wait, full = each(rows, "wd", unit="wd"), as_share(each(rows, "full"))
    return finding(
        context,
        "T13",
        subjects(("state", [name])),
        Text(
            en=f"{node.label('en')}: {full.mean:.0%} of the cases find no seat at the next sitting ({seats} seats) and "
            f"wait for a later one, {wait.mean:.1f} working days over all cases",
            zh=f"「{node.label('zh')}」：{full.mean:.0%} 的件赶上最近批次却无名额（每批 {seats} 件），需等后续批次，"
            f"按全部件平均 {wait.mean:.1f} 个工作日",
        ),
        (
            measured(Text(en="share that found the sitting full", zh="遇批次满额的比例"), full, SHARE),
            measured(Text(en="wait for a later sitting", zh="等后续批次"), wait),
            Measurement(Text(en="seats", zh="每批名额"), float(seats), "cases"),
        ),
        cost=cost(
            context,
            "working_days",
            per_case(context, rows, "wd").mean,
            Text(en="wait for a seat per case, measured in the run", zh="仿真实测的每件等待名额时间"),
        ),
        remedies=(
            Remedy("align_cadence", Text(en="more seats, or sittings more often", zh="增加名额或提高频次")),
            Remedy("on_demand", Text(en="take each case as it comes", zh="即来即办，取消批次")),
        ),
        thresholds={"frequency_gap_wd": context.profile.frequency_gap_wd},
        path=node.path,
    )


RULES = (
    Rule(
        id="T13",
        name=Text(en="batch wait", zh="批次等待"),
        what=Text(
            en="sittings with so few seats that cases wait for a later one",
            zh="名额过少、致使办件顺延到后续批次的批次会议",
        ),
        why=Text(
            en="the case is ready in time and is put off all the same; a larger list costs less than another sitting",
            zh="件已按时齐备仍被顺延；扩大名额往往比增开批次更省",
        ),
        formula=Text(
            en="working time from the first sitting that a case was in time for to the one that took it, mean over "
            "visits, ≥ frequency_gap_wd, with a t interval over replications",
            zh="自赶得上的首个批次至实际上会批次之间的工作时间，按次取均值 ≥ frequency_gap_wd；区间取自多次仿真",
        ),
        source="Bailey, On queueing processes with bulk service, J. R. Stat. Soc. B 16 (1954)",
        trap=Text(
            en="the wait for the first sitting itself (T3) and for its cut-off (T6), sittings without a limit of seats",
            zh="等候首个批次本身（见 T3）与截止错过（见 T6）；不限名额的批次",
        ),
        check=_check,
        needs="run",
    ),
)
