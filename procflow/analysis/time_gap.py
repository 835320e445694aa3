"""T2, the time gap (时间差): what a case waits between the end of one step and the start of the next."""

from collections.abc import Iterable, Iterator

import polars as pl

from procflow.analysis.expected_gap import expected_gap
from procflow.analysis.finding import Evidence, Finding, Measurement, Remedy
from procflow.analysis.pricing import cost, visits
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, subjects
from procflow.analysis.run_evidence import each, measured, per_case, run_clock, visits_of, with_days
from procflow.analysis.time_split import moves
from procflow.machine.graph import Edge
from procflow.text import Text

_CAUSES = {
    "contention_wd": Text(en="waiting for people who are busy", zh="人员忙碌排队"),
    "off_duty_wd": Text(en="waiting for people off duty in working hours", zh="工作时间内人员不在岗"),
}


def gaps(context: Context) -> pl.DataFrame:
    """Return one row per move to a step of staff that began: both states, and ``wd`` of waiting on the working clock.

    The wait runs from the end of the transfer to the start of the work, less the wait for a sitting, which is the
    frequency gap's (T3), and for a seat in it (T13).
    """
    found = moves(context.shared(visits_of)).filter(
        (pl.col("who_next") == "staff") & pl.col("start_us_next").is_not_null()
    )
    found = with_days(context, found, "ready_us_next", "start_us_next")
    busy = pl.col("contention_us_next") / context.shared(run_clock).day_us
    found = found.with_columns(contention_wd=pl.min_horizontal(busy, pl.col("wd")))
    return found.with_columns(off_duty_wd=pl.col("wd") - pl.col("contention_wd"))


def _check(context: Context) -> Iterable[Finding]:
    if context.run is None:
        yield from _expected(context)
        return
    table = context.shared(gaps)
    for edge in context.graph.edges:
        mine = table.filter(
            (pl.col("state") == edge.source) & (pl.col("trigger") == edge.trigger) & (pl.col("dest") == edge.dest)
        )
        if mine.height and each(mine, "wd").mean >= context.profile.time_gap_wd:
            yield _finding(context, edge, mine)


def _expected(context: Context) -> Iterator[Finding]:
    """Tell of handovers after which a case waits long for the taker's hours, whoever is free then."""
    for edge in context.graph.edges:
        wait = expected_gap(context, edge)
        if wait is not None and wait >= context.profile.time_gap_wd:
            yield _without_run(context, edge, wait)


def _without_run(context: Context, edge: Edge, wait: float) -> Finding:
    source, dest = (context.graph.nodes[name] for name in (edge.source, edge.dest))
    expected = context.shared(visits)
    times = expected.edges.get(edge.index, 0.0) if expected else None
    return finding(
        context,
        "T2",
        subjects(("transition", [edge.name]), ("state", [edge.source, edge.dest])),
        Text(
            en=f"what comes from {source.label('en')} waits {wait:.1f} working days until {dest.label('en')} is on "
            "duty, queues apart",
            zh=f"由{source.label('zh')}移送的件须等 {wait:.1f} 个工作日，{dest.label('zh')}才在岗（未计排队）",
        ),
        (Measurement(Text(en="expected wait for the taker's hours", zh="等待对方在岗的期望时间"), wait, "wd"),),
        cost=cost(context, "working_days", None if times is None else times * wait),
        remedies=_remedies({"off_duty_wd": 1.0}),
        thresholds={"time_gap_wd": context.profile.time_gap_wd},
        path=edge.path,
    )


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
            "mean over moves, with a t interval over replications; without a run what the taker's hours alone make of "
            "it, where a delay or transfer lies in between",
            zh="移送结束至开始办理之间的工作时间，扣除等待批次的时间；按移送次数取均值，区间取自多次仿真；"
            "无仿真时，对其间有历时或移送的环节，仅按接收方办公时段推算",
        ),
        source="Dumas et al., Fundamentals of Business Process Management, 2nd ed., ch. 7",
        trap=Text(
            en="a mean that hides two kinds of cases (median and P90 are shown), nights and holidays, transfers, "
            "waits for a sitting (T3) or a seat in it (T13), hours of neighbors that hand over directly (T5), waits of "
            "the applicant",
            zh="均值掩盖的两类件（同时给出中位数和 P90）、夜间与节假日、移送时间、等待批次（见 T3）及其名额（见 T13）、"
            "直接移交的时段错位（见 T5）、申请人自身用时",
        ),
        check=_check,
    ),
)
