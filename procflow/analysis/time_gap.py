"""T2, the time gap (时间差): what a case waits between the end of one step and the start of the next."""

from collections.abc import Iterable

import polars as pl

from procflow.analysis.finding import Evidence, Finding, Measurement, Remedy
from procflow.analysis.pricing import cost
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, subjects
from procflow.analysis.run_evidence import each, measured, per_case, run_clock, visits_of, with_days
from procflow.analysis.time_split import moves
from procflow.machine.graph import Edge
from procflow.text import Text

_CAUSES = {
    "contention_wd": Text(en="waiting for people who are busy", zh="人员忙碌排队"),
    "off_duty_wd": Text(en="waiting for people off duty in working hours", zh="工作时间内人员不在岗"),
    "full_wd": Text(en="waiting for a free seat in a sitting", zh="批次名额已满"),
}


def gaps(context: Context) -> pl.DataFrame:
    """Return one row per move to a step of staff that began: both states, and ``wd`` of waiting on the working clock.

    The wait runs from the end of the transfer to the start of the work, less the wait for a sitting, which is the
    frequency gap's (T3).
    """
    found = moves(context.shared(visits_of)).filter(
        (pl.col("who_next") == "staff") & pl.col("start_us_next").is_not_null()
    )
    found = found.with_columns(seated_us=pl.col("enter_us_next") + pl.col("batch_us_next"))
    found = with_days(context, found, "seated_us", "start_us_next")
    found = with_days(context, found, "seated_us", "ready_us_next", "full_wd")
    busy = pl.col("contention_us_next") / context.shared(run_clock).day_us
    found = found.with_columns(contention_wd=pl.min_horizontal(busy, pl.col("wd") - pl.col("full_wd")))
    return found.with_columns(off_duty_wd=pl.col("wd") - pl.col("full_wd") - pl.col("contention_wd"))


def _check(context: Context) -> Iterable[Finding]:
    table = context.shared(gaps)
    for edge in context.graph.edges:
        mine = table.filter(
            (pl.col("state") == edge.source) & (pl.col("trigger") == edge.trigger) & (pl.col("dest") == edge.dest)
        )
        if mine.height and each(mine, "wd").mean >= context.profile.time_gap_wd:
            yield _finding(context, edge, mine)


def _finding(context: Context, edge: Edge, rows: pl.DataFrame) -> Finding:
    wait = each(rows, "wd", unit="wd")
    median, late = (rows["wd"].quantile(q, interpolation="linear") or 0.0 for q in (0.5, 0.9))
    evidence: list[Evidence] = [
        measured(Text(en="mean wait", zh="平均等待"), wait),
        Measurement(Text(en="median wait", zh="等待中位数"), median, "wd", n=rows.height),
        Measurement(Text(en="wait of one case in ten, at least", zh="等待 P90"), late, "wd", n=rows.height),
    ]
    total = float(rows["wd"].sum())
    shares = {name: float(rows[name].sum()) / total for name in _CAUSES} if total else {}
    evidence += [Measurement(_CAUSES[name], 100 * share, "%") for name, share in shares.items() if share > 0.005]
    source, dest = (context.graph.nodes[name] for name in (edge.source, edge.dest))
    return finding(
        context,
        "T2",
        subjects(("transition", [edge.name]), ("state", [edge.source, edge.dest])),
        Text(
            en=f"between {source.label('en')} and {dest.label('en')} a case waits {wait.mean:.1f} working days for "
            f"its work to begin, half of them under {median:.1f}, one in ten {late:.1f} or more",
            zh=f"{source.label('zh')}与{dest.label('zh')}之间平均等待 {wait.mean:.1f} 个工作日才开始办理"
            f"（中位数 {median:.1f}，P90 {late:.1f}）",
        ),
        tuple(evidence),
        cost=cost(
            context,
            "working_days",
            per_case(context, rows, "wd").mean,
            Text(en="wait per case, measured in the run", zh="仿真实测的每件等待时间"),
        ),
        remedies=_remedies(shares),
        thresholds={"time_gap_wd": context.profile.time_gap_wd},
        path=edge.path,
    )


def _remedies(shares: dict[str, float]) -> tuple[Remedy, ...]:
    main = max(shares, key=lambda name: shares[name], default="")
    if main == "off_duty_wd":
        return (Remedy("shift_hours", Text(en="let the hours of both overlap", zh="调整办公时段，使前后环节衔接")),)
    if main == "full_wd":
        return (Remedy("align_cadence", Text(en="more seats, or sittings more often", zh="增加名额或提高频次")),)
    return (Remedy("restaff", Text(en="move people to where the queue is", zh="向排队环节调配人员")),)


RULES = (
    Rule(
        id="T2",
        name=Text(en="time gap", zh="时间差"),
        what=Text(
            en="a long wait between the end of a step and the start of the next",
            zh="上一环节办结到下一环节开始之间的长时间等待",
        ),
        why=Text(
            en="the case lies still: most of what an applicant lives through is such waiting",
            zh="件在空等：申请人感受到的时间多数是这种等待",
        ),
        formula=Text(
            en="working time from the end of the transfer to the start of the work, less the wait for a sitting, "
            "mean over moves, with a t interval over replications",
            zh="移送结束至开始办理之间的工作时间，扣除等待批次的时间；按移送次数取均值，区间取自多次仿真",
        ),
        source="Dumas et al., Fundamentals of Business Process Management, 2nd ed., ch. 7",
        trap=Text(
            en="a mean that hides two kinds of cases (median and P90 are shown), nights and holidays, transfers, "
            "waits for a sitting (T3), waits of the applicant",
            zh="均值掩盖的两类件（同时给出中位数和 P90）、夜间与节假日、移送时间、等待批次（见 T3）、申请人自身用时",
        ),
        check=_check,
        needs="run",
    ),
)
