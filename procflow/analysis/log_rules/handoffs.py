"""H1 and H2 over a log: who hands cases over to whom, and who sends them back."""

from collections.abc import Iterator

import polars as pl

from procflow.analysis.finding import Cost, Finding, Measurement, Remedy, Subject, SubjectKind
from procflow.analysis.log_registry import LogContext, LogRule
from procflow.analysis.log_rules.lateness import WORKING_SHARE
from procflow.analysis.run_evidence import measured
from procflow.logs.handoffs import By, bounces, log_handoffs
from procflow.logs.log import EventLog
from procflow.simulation.statistics import estimate
from procflow.text import Text

_AXES: dict[By, Text] = {
    "resource": Text(en="people", zh="人员"),
    "role": Text(en="groups", zh="岗位"),
    "department": Text(en="departments", zh="部门"),
}
_SUBJECTS: dict[By, SubjectKind] = {"resource": "role", "role": "role", "department": "department"}
_SHOWN = 3


def _known(log: EventLog) -> list[By]:
    return [axis for axis in _AXES if log.steps[axis].null_count() < log.steps.height]


def _lacks_people(context: LogContext) -> Text | None:
    if _known(context.log):
        return None
    return Text(en="the log names no people, groups or departments", zh="日志中没有人员、岗位或部门信息")


def _handoffs(context: LogContext) -> Iterator[Finding]:
    for axis in _known(context.log):
        cases = context.log.steps.filter(pl.col(axis).is_not_null()).select("case").unique()
        rows = log_handoffs(context.log, by=axis)
        real = rows.filter(~pl.col("same_person").fill_null(False))
        counts = cases.join(real.group_by("case").len(), on="case", how="left").sort("case")["len"].fill_null(0)
        often = estimate([float(each) for each in counts], unit="handoffs")
        if often.mean <= context.profile.handoffs_per_case:
            continue
        pairs = real.group_by("from", "to").len().sort(["len", "from", "to"], descending=[True, False, False])
        shown = [
            Measurement(Text(en=f"{giver} → {taker}", zh=f"{giver} → {taker}"), n / cases.height, "handoffs")
            for giver, taker, n in pairs.head(_SHOWN).iter_rows()
        ]
        labels = Text(en="changes of label while the person stays", zh="人员未变的标签变化")
        ignored = (
            [Measurement(labels, (rows.height - real.height) / cases.height, "times")]
            if rows.height > real.height
            else []
        )
        yield context.finding(
            "H1",
            (Subject("process", f"{context.name}:{axis}"),),
            Text(
                en=f"a case changes hands between {_AXES[axis].get('en')} {often.mean:.1f} times on average",
                zh=f"每件平均在{_AXES[axis].get('zh')}间交接 {often.mean:.1f} 次",
            ),
            (measured(Text(en="handoffs per case", zh="每件交接次数"), often), *shown, *ignored),
            severity="medium" if often.mean > 2 * context.profile.handoffs_per_case else "low",
            remedies=(Remedy("merge", Text(en="let one owner do adjacent steps", zh="相邻环节归并，由一家办理")),),
            thresholds={"handoffs_per_case": context.profile.handoffs_per_case},
        )


def _bounced(context: LogContext) -> Iterator[Finding]:
    axis = _known(context.log)[-1]  # departments where known, else groups, else people
    cases = context.log.steps.filter(pl.col(axis).is_not_null())["case"].n_unique()
    every = bounces(context.log, by=axis)
    for (giver, taker), mine in every.group_by(["from", "to"], maintain_order=True):
        if mine.height / cases < context.profile.bounces_per_case:
            continue
        away = mine.select((pl.col("back_at") - pl.col("at")).dt.total_microseconds().sum() / 86_400e6).item()
        basis = Text(en="elapsed time there and back, 5 of 7 days worked", zh="往返所经时间（按每周 5 个工作日折算）")
        cost = Cost("working_days", float(away) * WORKING_SHARE / cases, None, basis)
        often = Text(en="bounces per case", zh="每件往返次数")
        yield context.finding(
            "H2",
            (Subject(_SUBJECTS[axis], str(giver)), Subject(_SUBJECTS[axis], str(taker))),
            Text(
                en=f"{giver} hands cases to {taker} and gets them straight back, "
                f"{mine.height / cases:.2g} times a case",
                zh=f"“{giver}”转“{taker}”后原件退回，每件 {mine.height / cases:.2g} 次",
            ),
            (
                Measurement(often, mine.height / cases, "bounces", n=cases),
                Measurement(Text(en="cases", zh="涉及件数"), float(mine["case"].n_unique()), "cases"),
            ),
            cost=(cost,),
            blocked_by=(
                Text(
                    en="a planned consultation looks the same in a log: see first what came back",
                    zh="有计划的征求意见在日志中与此相同：须先核实对方是否有产出",
                ),
            ),
            remedies=(Remedy("eliminate", Text(en="ask once, with all data", zh="首接负责，一次说清")),),
            thresholds={"bounces_per_case": context.profile.bounces_per_case},
        )


RULES = (
    LogRule(
        id="H1",
        name=Text(en="handoffs by axis", zh="跨部门、层级、地域、系统交接"),
        what=Text(
            en="cases that change hands often, between people, groups or departments",
            zh="在人员、岗位或部门之间频繁交接的办件",
        ),
        why=Text(
            en="each handoff brings a queue, a transfer and a chance of loss", zh="每次交接都带来排队、移送和差错可能"
        ),
        formula=Text(
            en="changes of person per case, counted where the label of the axis changes too, > handoffs_per_case; t "
            "interval over cases",
            zh="每件更换经办人的次数（且该维度的标签随之变化）> handoffs_per_case；区间取自各件",
        ),
        source="Dumas et al., Fundamentals of Business Process Management, 2nd ed., ch. 8",
        trap=Text(
            en="labels of groups that change while the person stays",
            zh="人员未变而岗位标签变化",
        ),
        check=_handoffs,
        lacks=_lacks_people,
    ),
    LogRule(
        id="H2",
        name=Text(en="ping-pong", zh="踢皮球"),
        what=Text(
            en="cases handed over and straight back: between departments, else groups, else people",
            zh="转出后随即退回的办件（按部门，无部门则按岗位，再无则按人员）",
        ),
        why=Text(en="the applicant waits twice for nothing", zh="申请人为此空等两次"),
        formula=Text(
            en="handoffs from A to B followed by one from B to A, per case, ≥ bounces_per_case; priced by the time "
            "until it is back",
            zh="A 转 B 后紧接 B 转 A 的每件次数 ≥ bounces_per_case；按退回前所经时间计价",
        ),
        source="procflow's own rule",
        trap=Text(
            en="changes of label without one of person; a planned consultation, which a log cannot tell: the finding "
            "says so",
            zh="人员未变的标签变化；有计划的征求意见（日志无从分辨，提示中予以说明）",
        ),
        check=_bounced,
        lacks=_lacks_people,
    ),
)
