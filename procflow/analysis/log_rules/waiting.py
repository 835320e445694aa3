"""T1, T2 and T13 as rules over logs; ``log_waiting`` finds them."""

from collections.abc import Iterable

import polars as pl

from procflow.analysis.finding import Finding, Findings
from procflow.analysis.log_registry import LogContext, LogRule
from procflow.analysis.log_waiting import waiting_findings
from procflow.logs.waiting import WaitingSplit, waiting_split
from procflow.text import Text


def split_of(context: LogContext) -> WaitingSplit:
    """Return the waiting split of the log."""
    return waiting_split(context.log)


def lacks_waits(context: LogContext) -> Text | None:
    """Return what the log lacks to tell waiting from work: starts, or people."""
    timed = context.log.events.filter(pl.col("start") <= pl.col("end"))
    if timed.is_empty():
        return Text(
            en="the log has completions only: waiting and work, and so batches, cannot be told apart",
            zh="日志只有完成时间：无法区分等待与办理，也就无法识别批次",
        )
    if timed["resource"].null_count() == timed.height:
        return Text(en="the log names no people", zh="日志中没有人员信息")
    return None


def _found(context: LogContext) -> Findings:
    return waiting_findings(context.shared(split_of), name=context.name, profile=context.profile)


def _whole(context: LogContext) -> Iterable[Finding]:
    return context.shared(_found).of("T1")


def _slow(context: LogContext) -> Iterable[Finding]:
    return context.shared(_found).of("T2")


def _batches(context: LogContext) -> Iterable[Finding]:
    return context.shared(_found).of("T13")


RULES = (
    LogRule(
        id="T1",
        name=Text(en="waiting split", zh="等待构成"),
        what=Text(en="cases most of whose time is waiting, and for what", zh="多半时间在等待的办件，及其等待原因"),
        why=Text(
            en="each cause of waiting has another remedy: people do not help against a weekly sitting",
            zh="不同的等待原因须用不同办法：每周一次的会议，加人无济于事",
        ),
        formula=Text(
            en="working time in which nothing of a case is under way, nor with the applicant, ÷ its lead time, in the "
            "hours found in the log, over all cases, ≥ waiting_share; the split of the waits into causes adds up "
            "exactly",
            zh="无任何环节在办（亦非申请人办理）的工作时间 ÷ 全程工作时间（按日志推得的办公时间），按全部件计 "
            "≥ waiting_share；各原因之和等于等待",
        ),
        source="procflow's own rule; see docs/reference/waiting.md",
        trap=Text(
            en="nights and holidays, which price nothing; time with the applicant or an outside body; waits beside "
            "work of the same case",
            zh="夜间与节假日（不计价）；由申请人或外部机构办理的时间；同一办件另有环节在办时的等待",
        ),
        check=_whole,
        lacks=lacks_waits,
    ),
    LogRule(
        id="T2",
        name=Text(en="time gap", zh="时间差"),
        what=Text(en="two steps between which cases wait long, and for what", zh="等待时间长的环节之间，及其等待原因"),
        why=Text(
            en="the case lies still: most of what an applicant lives through is such waiting",
            zh="件在空等：申请人感受到的时间多数是这种等待",
        ),
        formula=Text(
            en="mean wait from being enabled to the start, less transfers and the wait for a batch, in working days of "
            "the hours found in the log, ≥ time_gap_wd; median and P90 beside it",
            zh="自具备条件至开始的平均等待，扣除移送与等待批次，以日志推得的工作时间计 ≥ time_gap_wd；并列中位数与 P90",
        ),
        source="procflow's own rule; see docs/reference/waiting.md",
        trap=Text(
            en="a mean that hides two kinds of cases, nights and holidays, transfers, batches (T13), time with the "
            "applicant or an outside body",
            zh="均值掩盖的两类件、夜间与节假日、移送、批次（见 T13）、由申请人或外部机构办理的时间",
        ),
        check=_slow,
        lacks=lacks_waits,
    ),
    LogRule(
        id="T13",
        name=Text(en="batch wait", zh="批次等待"),
        what=Text(en="a step that takes up cases together, for which they wait", zh="成批办理、致使办件等候的环节"),
        why=Text(en="the case is ready and lies until the next round", zh="件已具备条件，却要等到下一批"),
        formula=Text(
            en="mean wait for the batch ≥ frequency_gap_wd, where work waits although people are free and is then "
            "taken up all together, again and again",
            zh="有人空闲仍等候、随后一并办理且反复出现的，其平均等待 ≥ frequency_gap_wd",
        ),
        source="procflow's own rule; see docs/reference/waiting.md",
        trap=Text(
            en="a clerk who drains a queue: nobody was free while the work waited",
            zh="经办人集中清理积压：等待期间并无人空闲",
        ),
        check=_batches,
        lacks=lacks_waits,
    ),
)
