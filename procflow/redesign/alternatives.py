"""The two ways out of steps in series, at once or in another order, simulated beside the process (R15 and R12).

A refusal is a price, not a veto: what is done at once is done in vain where another step refuses. So time and work are
told side by side. Which of the two counts for more is not decided here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from procflow.analysis.finding import Finding
from procflow.analysis.run_tables import CASE, HOUR_US, cases_of, events_of, process_of
from procflow.analysis.what_if.alternatives import cycle_days, estimate_data
from procflow.definition.resolved import Process
from procflow.errors import RedesignError
from procflow.machine.graph import state_graph
from procflow.redesign.parallel import parallelize
from procflow.redesign.sequence import knock_out_order, resequence
from procflow.simulation.runner import simulate
from procflow.simulation.statistics import Estimate, paired_difference
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.simulation.run import Run


@dataclass(frozen=True)
class Option:
    """One redesign: what it changes per case in elapsed ``days`` and in ``hours`` of staff work (after − before).

    Where it cannot be done, ``refused`` says why and the differences are None.
    """

    title: Text
    process: Process | None = None
    days: Estimate | None = None
    hours: Estimate | None = None
    refused: Text | None = None

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON; null where the redesign cannot be done."""
        refused = None if self.refused is None else {"en": self.refused.get("en"), "zh": self.refused.get("zh")}
        return {"refused": refused, "days": _estimate_data(self.days), "hours": _estimate_data(self.hours)}

    def text(self, lang: Language = "en") -> str:
        """Return the option in one line."""
        colon = "：" if lang == "zh" else ": "
        if self.refused is not None:
            return f"{self.title.get(lang)}{colon}{self.refused.get(lang)}"
        return f"{self.title.get(lang)}{colon}{_both(self.days, self.hours, lang)}"


@dataclass(frozen=True)
class Alternatives:
    """Both redesigns of a finding, and the paired differences ``parallel`` − ``reordered`` where both can be done."""

    finding: Finding
    parallel: Option
    reordered: Option
    days: Estimate | None
    hours: Estimate | None

    @property
    def faster(self) -> str | None:
        """``parallel`` or ``reordered``, whichever takes less time beyond doubt; None where the run cannot tell."""
        return _less(self.days)

    @property
    def cheaper(self) -> str | None:
        """``parallel`` or ``reordered``, whichever takes less work beyond doubt; None where the run cannot tell."""
        return _less(self.hours)

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON: the finding's id, both redesigns, and the difference parallel − reordered."""
        return {
            "finding": self.finding.id,
            "parallel": self.parallel.to_data(),
            "reordered": self.reordered.to_data(),
            "difference": {"days": _estimate_data(self.days), "hours": _estimate_data(self.hours)},
        }

    def text(self, lang: Language = "en") -> str:
        """Return both options and how they compare, a line each."""
        lines = [self.parallel.text(lang), self.reordered.text(lang)]
        if self.days is not None:
            lead = {"en": "at once less reordered: ", "zh": "并联与调序之差："}[lang]
            lines.append(lead + _both(self.days, self.hours, lang))
        return "\n".join(lines)


def alternatives_of(run: "Run", finding: Finding, *, workers: int | None = None) -> Alternatives:
    """Return what both redesigns of an R15 or R12 finding change, each simulated under the run's seed.

    Parameters
    ----------
    run : a run of the process that the finding is of; two replications or more for intervals.
    finding : one of rule R15 or R12.
    workers : threads of each simulation.

    Raises RedesignError for a finding of another rule. A redesign that cannot be done is told with its reasons; an
    order that is today's changes nothing, and says so. ``hours`` counts the hands-on work of the staff of the process
    itself for finished cases of the cohort, that of people working together each; not that of called processes.
    """
    if finding.rule not in ("R15", "R12"):
        text = f"{finding.rule}: R15, R12"
        raise RedesignError(
            Text(en=f"only findings of two rules have alternatives, not {text}", zh=f"仅以下规则有备选方案：{text}")
        )
    process = process_of(run, finding.process)
    states = finding.names("state")
    parallel = _option(run, process, states, Text(en="at once", zh="并联办理"), ordered=False, workers=workers)
    reordered = _option(run, process, states, Text(en="in another order", zh="调整次序"), ordered=True, workers=workers)
    (one, first), (other, second) = parallel, reordered
    if first is None or second is None:
        return Alternatives(finding, one, other, None, None)
    return Alternatives(finding, one, other, *_differences(second, first))


_Measured = tuple[Sequence[float], Sequence[float]]


def _option(
    run: "Run", process: Process, states: Sequence[str], title: Text, *, ordered: bool, workers: int | None
) -> tuple[Option, _Measured | None]:
    try:
        changed = resequence(process, knock_out_order(process, states)) if ordered else parallelize(process, states)
    except RedesignError as error:
        return Option(title, refused=error.message), None
    processes = tuple(changed if each.name == process.name else each for each in run.processes)
    after = _measured(simulate(processes, run.scenario, workers=workers), changed)
    days, hours = _differences(_measured(run, process), after)
    return Option(title, changed, days, hours), after


def _measured(run: "Run", process: Process) -> _Measured:
    return cycle_days(run, process), work_hours(run, process)


def _differences(before: _Measured, after: _Measured) -> tuple[Estimate, Estimate]:
    return paired_difference(before[0], after[0], unit="d"), paired_difference(before[1], after[1], unit="h")


def work_hours(run: "Run", process: Process) -> list[float]:
    """Return the hands-on hours of staff per finished case of the cohort, one value per replication (NaN for none)."""
    graph = state_graph(process)
    staff = {name: graph.state(name).staff for name in graph.leaves if graph.state(name).who == "staff"}
    cases = cases_of(run, process_of(run, process.name)).filter("in_cohort", pl.col("outcome").is_not_null())
    rows = events_of(run, process).filter(pl.col("state").is_in(list(staff))).join(cases, on=list(CASE), how="semi")
    people = pl.col("state").replace_strict(staff, default=0, return_dtype=pl.Int64)
    spent = dict(rows.group_by("replication").agg((pl.col("work_us") * people).sum()).iter_rows())
    counts = dict(cases.group_by("replication").len().iter_rows())
    return [
        spent.get(number, 0) / HOUR_US / counts[number] if counts.get(number) else math.nan
        for number in range(run.scenario.replications)
    ]


def _less(difference: Estimate | None) -> str | None:
    if difference is None or not difference.excludes_zero:
        return None
    return "parallel" if difference.mean < 0 else "reordered"


def _both(days: Estimate | None, hours: Estimate | None, lang: Language) -> str:
    assert days is not None
    assert hours is not None
    units = {"en": ("days", "h of work per case"), "zh": ("天", "小时工作量/件")}[lang]
    return ("，" if lang == "zh" else ", ").join(
        f"{each.mean:+.2f} [{each.low:+.2f}, {each.high:+.2f}] {unit}"
        for each, unit in zip((days, hours), units, strict=True)
    )


def _estimate_data(value: Estimate | None) -> dict[str, Any] | None:
    return None if value is None else estimate_data(value)
