"""R10 and R13 over a log: ways that hardly any case goes, and steps that are done again."""

from collections.abc import Iterator

import polars as pl

from procflow.analysis.finding import SHARE, Cost, Finding, Measurement, Remedy, Step, Subject, Witness
from procflow.analysis.log_registry import LogContext, LogRule
from procflow.analysis.log_rules.waiting import lacks_waits, split_of
from procflow.analysis.log_waiting import working_clock
from procflow.analysis.proportions import upper_bound
from procflow.logs.variants import rework
from procflow.simulation.statistics import wilson
from procflow.text import Text

QUICKER = 0.5
"""A rare way whose cases take less than this share of the usual time is an urgent one."""
FEWEST = 3
"""Times that a way must have been gone to be one at all, and no slip of somebody."""


def _anything(context: LogContext) -> Text | None:
    if context.log.steps.height:
        return None
    return Text(en="the log has no steps", zh="日志中没有环节记录")


def rare_ways(context: LogContext) -> pl.DataFrame:
    """Return what hardly ever follows an activity: ``from``, ``to``, ``count``, ``of``, ``bound``, the rarest first.

    ``bound`` is the upper confidence bound of ``count`` in ``of``. Left out is what is rare for a reason: ways back
    and what comes in either order (``to`` before ``from`` in some case), ways to an end of their own (some case ends by
    an activity by which no case ends that went another way), and urgent ones (in half the usual time or less).
    """
    moves = _moves(context)
    pairs = moves.group_by("from", "to").agg(pl.len().alias("count"), "lasts", pl.col("took").median())
    totals = moves.group_by("from").agg(pl.len().alias("of"), usual=pl.col("took").median())
    rows = pairs.join(totals, on="from").sort("count", "from", "to")
    bounds = [upper_bound(n, of, confidence=context.profile.confidence) for n, of in rows.select("count", "of").rows()]
    rows = rows.with_columns(pl.Series("bound", bounds, dtype=pl.Float64))
    rare = rows.filter(
        pl.col("bound") < context.profile.constant_branch,
        pl.col("count") >= FEWEST,
        pl.col("took") >= QUICKER * pl.col("usual"),
    )
    kept = [
        not _ends_otherwise(moves, row["from"], row["to"]) and not _comes_before(context, row["to"], row["from"])
        for row in rare.iter_rows(named=True)
    ]
    return rare.filter(pl.Series(kept, dtype=pl.Boolean)).select("from", "to", "count", "of", "bound")


def _moves(context: LogContext) -> pl.DataFrame:
    """Return ``from`` and ``to`` of each change of activity, the last one of the case (``lasts``), what it ``took``."""
    begin, end = pl.coalesce("start", "end"), pl.coalesce("end", "start")
    steps = context.log.steps.select(
        "case",
        **{"from": pl.col("activity"), "to": pl.col("activity").shift(-1).over("case")},
        lasts=pl.col("activity").last().over("case"),
        took=(end.max() - begin.min()).over("case"),
    )
    return steps.drop_nulls("to").filter(pl.col("from") != pl.col("to"))


def _ends_otherwise(moves: pl.DataFrame, source: str, dest: str) -> bool:
    ways = moves.filter(pl.col("from") == source)
    mine, others = (set(ways.filter(way)["lasts"]) for way in (pl.col("to") == dest, pl.col("to") != dest))
    return not mine <= others


def _comes_before(context: LogContext, first: str, second: str) -> bool:
    """Whether one activity comes before another one in some case."""
    steps = context.log.steps.with_row_index("place")
    earliest = steps.filter(pl.col("activity") == first).group_by("case").agg(first=pl.col("place").min())
    latest = steps.filter(pl.col("activity") == second).group_by("case").agg(second=pl.col("place").max())
    return earliest.join(latest, on="case").filter(pl.col("first") < pl.col("second")).height > 0


def _branches(context: LogContext) -> Iterator[Finding]:
    for row in rare_ways(context).iter_rows(named=True):
        source, dest, seen, of = row["from"], row["to"], row["count"], row["of"]
        yield context.finding(
            "R10",
            (Subject("state", source), Subject("transition", f"{source} → {dest}")),
            Text(
                en=f"{source}: {seen} of {of:,} times {dest} came next; the others are sorted for nothing",
                zh=f"“{source}”之后 {of:,} 次中仅 {seen} 次为“{dest}”，其余均为无谓分流",
            ),
            (
                Witness((Step(source), Step(dest))),
                Measurement(
                    Text(en="share that goes this way", zh="走该分支的比例"), seen / of, SHARE, 0.0, row["bound"], of
                ),
            ),
            blocked_by=(
                Text(
                    en="a right by law or an emergency path stays open however rare: see first whether this is one",
                    zh="法定权利或应急通道不论多少都须保留：须先核实是否属此类",
                ),
            ),
            remedies=(
                Remedy("eliminate", Text(en="drop it, and treat these cases by hand", zh="取消该分支，个案个办")),
            ),
            thresholds={"constant_branch": context.profile.constant_branch, "confidence": context.profile.confidence},
        )


def _repeated(context: LogContext) -> Iterator[Finding]:
    cases = max(context.log.steps["case"].n_unique(), 1)
    for row in rework(context.log).iter_rows(named=True):
        often = row["repeats"] / cases
        if often < context.profile.rework_per_case:
            continue
        name, share = row["activity"], wilson(row["repeating_cases"], row["cases"])
        repetitions = Text(en="repetitions per case", zh="每件重复次数")
        shares = Text(en="share of its cases that repeat it", zh="重复办理的件占比")
        yield context.finding(
            "R13",
            (Subject("state", name),),
            Text(
                en=f"{name} is done again {often:.2g} times a case",
                zh=f"“{name}”每件重复办理 {often:.2g} 次",
            ),
            (
                Measurement(repetitions, often, "times", n=cases),
                Measurement(shares, share.mean, SHARE, share.low, share.high, row["cases"]),
            ),
            cost=_work_again(context, name, cases),
            blocked_by=(
                Text(
                    en="a log does not tell lawful instalments and corrections by the applicant from mistakes",
                    zh="日志无法区分依法分期办理、申请人补正与差错返工，须先核实",
                ),
            ),
            remedies=(
                Remedy("knock_out", Text(en="find what is wrong before the costly steps", zh="将易发现问题的审查前置")),
            ),
            thresholds={"rework_per_case": context.profile.rework_per_case},
        )


def _work_again(context: LogContext, activity: str, cases: int) -> tuple[Cost, ...]:
    """Return the work of the repetitions, where the log has starts and people, so that hours can be found in it."""
    if lacks_waits(context) is not None:
        return ()
    timed = context.log.steps.filter(pl.col("activity") == activity, pl.col("start") <= pl.col("end"))
    again = timed.filter(pl.int_range(pl.len()).over("case") > 0)
    if again.is_empty():
        return ()
    start, end = (again[each].cast(pl.Int64).to_numpy() for each in ("start", "end"))
    clock, _ = working_clock(context.shared(split_of), int(end.max()))
    minutes = float((clock.until(end) - clock.until(start)).sum()) / 60e6
    basis = Text(en="work of the repetitions, in hours found in the log", zh="重复办理的用时（按日志推得的工作时间）")
    return (Cost("minutes", minutes / cases, None, basis),)


RULES = (
    LogRule(
        id="R10",
        name=Text(en="constant branch", zh="恒定分支"),
        what=Text(en="an activity that hardly ever follows another one", zh="几乎从不接在某环节之后的分支"),
        why=Text(en="every case is sorted, for the sake of none", zh="逐件分流，却几无一件需要"),
        formula=Text(
            en="one-sided upper confidence bound (Clopper-Pearson) of its share of what follows < constant_branch",
            zh="该后续环节所占比例的单侧置信上限（Clopper-Pearson）<constant_branch",
        ),
        source="Clopper, Pearson, The use of confidence or fiducial limits, Biometrika 26 (1934)",
        trap=Text(
            en="urgent ways (their cases take half the usual time or less), ways to an end of their own such as "
            "refusals, ways back, activities that come in either order, slips (once or twice), few cases",
            zh="加急通道（用时不及通常一半）、通向独有结局的分支（如不予许可）、退回、先后不定的环节、"
            "偶然差错（仅一两次）；样本过少",
        ),
        check=_branches,
        lacks=_anything,
    ),
    LogRule(
        id="R13",
        name=Text(en="rework", zh="返工"),
        what=Text(en="an activity that cases go through again", zh="同一办件重复办理的环节"),
        why=Text(en="work done twice, and the applicant waits twice", zh="同一工作做两遍，申请人等两回"),
        formula=Text(
            en="times beyond the first of a case, per case, ≥ rework_per_case; priced by their work in the hours found "
            "in the log, where it has starts and people",
            zh="每件首次之后的办理次数 ≥ rework_per_case；日志有开始时间和人员时，按推得的工作时间计价",
        ),
        source="Dumas et al., Fundamentals of Business Process Management, 2nd ed., ch. 7: rework",
        trap=Text(
            en="special procedures, which are no steps; lawful instalments and corrections, which a log cannot tell: "
            "the finding says so",
            zh="特别程序（不是环节）；依法分期与补正（日志无从分辨，提示中予以说明）",
        ),
        check=_repeated,
        lacks=_anything,
    ),
)
