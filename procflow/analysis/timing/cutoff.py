"""T6, the missed cut-off (截止错过): cases that come just too late for a sitting and wait for the one after it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from procflow.analysis.cadence import Missed, missed
from procflow.analysis.finding import SHARE, Finding, Measurement, Remedy
from procflow.analysis.frequency_gap import Cadence, cadences, is_paced
from procflow.analysis.pricing import cost, visits
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, subjects
from procflow.analysis.run_evidence import each, per_case, visits_of, with_days
from procflow.analysis.working_clock import WorkingClock
from procflow.definition import words
from procflow.text import Text


def _check(context: Context) -> Iterable[Finding]:
    for cadence in cadences(context):
        if cadence.cutoff is None:
            continue
        found = missed(cadence.cycle)
        seen = _measured(context, cadence) if context.run is not None else None
        if seen is None and is_paced(context, cadence):
            continue  # whether such cases are in time is a matter of phase, which only a run tells
        chance, wait = (found.chance, found.wait_wd) if seen is None else (seen.chance.value, seen.wait.value)
        if chance * wait >= context.profile.cutoff_wd:
            yield _finding(context, cadence, found, seen)


@dataclass(frozen=True)
class _Seen:
    chance: Measurement
    wait: Measurement
    per_case_wd: float


def _measured(context: Context, cadence: Cadence) -> _Seen | None:
    """Return how often a run's cases missed the sitting that was next when they came, and their wait."""
    rows = context.shared(visits_of).filter((pl.col("state") == cadence.state) & pl.col("ready_us").is_not_null())
    if not rows.height:
        return None
    sittings = _sittings_us(context, cadence, int(rows["ready_us"].max() or 0))  # type: ignore[arg-type]
    rows = rows.with_columns(taken_us=pl.col("enter_us") + pl.col("batch_us"))
    following = np.searchsorted(sittings, rows["enter_us"].to_numpy())
    next_us = sittings[np.minimum(following, len(sittings) - 1)]
    rows = rows.with_columns(late=pl.Series(next_us) < pl.col("taken_us"))
    timed = with_days(context, rows, "enter_us", "taken_us")
    late = timed.filter("late")
    share = each(timed.with_columns(pl.col("late").cast(pl.Float64)), "late")
    wait = each(late, "wd", unit="wd") if late.height else None
    return _Seen(
        Measurement(Text(en="missed the next sitting", zh="错过最近批次"), share.mean, SHARE, n=rows.height),
        Measurement(
            Text(en="wait of those that missed it", zh="错过者的等待"), wait.mean if wait else 0.0, "wd", n=late.height
        ),
        per_case(context, late, "wd").mean if late.height else 0.0,
    )


def _sittings_us(context: Context, cadence: Cadence, last_us: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    assert context.run is not None
    state = context.graph.state(cadence.state)
    assert state.batch is not None
    days = last_us // 86_400_000_000 + 60
    calendar = context.process.work_calendar(state)
    clock = WorkingClock.of(context.process.organization, calendar, context.run.scenario.start, days)
    return np.asarray(clock.occurrences_us(state.batch.every, days, state.batch.if_closed))


def _finding(context: Context, cadence: Cadence, found: Missed, seen: _Seen | None) -> Finding:
    assert cadence.cutoff is not None
    expected = context.shared(visits)
    chance, wait = (found.chance, found.wait_wd) if seen is None else (seen.chance.value, seen.wait.value)
    times = seen.per_case_wd if seen else expected.to(cadence.state) * chance * wait if expected else None
    evidence = (
        Measurement(Text(en="expected to miss the next sitting", zh="按定义推算的错过比例"), found.chance, SHARE),
        Measurement(Text(en="expected wait of those", zh="按定义推算的等待"), found.wait_wd, "wd"),
    )
    label = context.graph.nodes[cadence.state].label
    return finding(
        context,
        "T6",
        subjects(("state", [cadence.state])),
        Text(
            en=f"{label('en')}: {chance:.0%} of the cases come after the cut-off ({cadence.cutoff} "
            f"before a sitting) and wait {wait:.1f} working days for the one after",
            zh=f"{label('zh')}：{chance:.0%} 的件晚于截止（批次前 {words.span(cadence.cutoff, 'zh')}）到达，"
            f"需等下一批次，平均 {wait:.1f} 个工作日",
        ),
        (seen.chance, seen.wait, *evidence) if seen else evidence,
        cost=cost(context, "working_days", times, Text(en="wait of the cases that missed it", zh="错过者的等待时间")),
        remedies=(
            Remedy(
                "align_cadence",
                Text(en="a later cut-off, or let what feeds it finish earlier", zh="推迟截止，或使上一环节提前办结"),
            ),
            Remedy("on_demand", Text(en="take each case as it comes", zh="即来即办，取消批次")),
        ),
        thresholds={"cutoff_wd": context.profile.cutoff_wd},
        path=context.graph.nodes[cadence.state].path,
    )


RULES = (
    Rule(
        id="T6",
        name=Text(en="missed cut-off", zh="截止错过"),
        what=Text(
            en="a sitting that closes its list so early that many cases just miss it",
            zh="批次截止过早，许多件刚好错过，只能等下一批次",
        ),
        why=Text(
            en="a case that is a day late loses a whole period; the cut-off is often the office's own rule",
            zh="晚一天就要多等一个周期；截止时间往往由本单位自定",
        ),
        formula=Text(
            en="P = Σ min(c, X) ÷ Σ X over the gaps X between sittings, c the cut-off, in working time; × the wait for "
            "the sitting after it; from a run: the share that did not get the sitting that was next",
            zh="P = Σ min(c, X) ÷ Σ X（X 为批次间隔，c 为截止提前量，按工作时间），乘以等到下一批次的时间；"
            "有仿真时取实际未赶上最近批次的比例",
        ),
        source="Tijms, A First Course in Stochastic Models, 2.1 (excess life)",
        trap=Text(
            en="sittings without a cut-off, seats that are full (T13), cases that come in phase with the sitting",
            zh="无截止的批次、名额已满（见 T13）、与批次节奏已对齐的来件",
        ),
        check=_check,
    ),
)
