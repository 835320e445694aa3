"""Alternatives of a process and scenario, simulated beside them and ranked by what they gain. Proposes none itself."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from procflow.analysis.run_tables import DAY_US, cases_of, process_of
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.simulation.runner import simulate
from procflow.simulation.statistics import Estimate, estimate, paired_difference
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.simulation.run import Run

Kind = Literal["person", "sitting", "hour", "state", "handoff", "calendar"]
Progress = Callable[[int, int], None]
CaseKey = tuple[int, int]
"""A replication, from 0, and the number of a case in it."""


@dataclass(frozen=True)
class Alternative:
    """One change: what ``kind`` of change it is, of what ``subject``, and the processes and scenario it leads to."""

    kind: Kind
    subject: str
    title: Text
    processes: tuple[Process, ...]
    scenario: Scenario


@dataclass(frozen=True)
class Gain:
    """What an alternative changes: the cycle time before and after, and the paired difference after − before.

    In elapsed days, not working days: where office hours change, a working day is no longer the same length.
    """

    alternative: Alternative
    before: Estimate
    after: Estimate
    difference: Estimate

    @property
    def clear(self) -> bool:
        """Whether the interval of the difference leaves no doubt about its sign."""
        return self.difference.excludes_zero

    def text(self, lang: Language = "en") -> str:
        """Return the gain in one line."""
        shown = self.difference
        interval = f"[{shown.low:+.2f}, {shown.high:+.2f}]" if shown.low == shown.low else "[–]"
        unit = {"en": "days", "zh": "天"}[lang]
        return f"{self.alternative.title.get(lang)}: {shown.mean:+.2f} {interval} {unit}"

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON; an unknown bound is null."""
        title = self.alternative.title
        estimates = {name: estimate_data(getattr(self, name)) for name in ("before", "after", "difference")}
        return {
            "kind": self.alternative.kind,
            "subject": self.alternative.subject,
            "title": {"en": title.get("en"), "zh": title.get("zh")},
            "unit": "d",
            **estimates,
        }


def gains(
    base: "Run",
    alternatives: Iterable[Alternative],
    *,
    process: Process | str | None = None,
    case: CaseKey | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> tuple[Gain, ...]:
    """Simulate alternatives of a run and return what each gains in cycle time, the greatest gain first.

    Each is a whole simulation under the run's seed and replications, and is paired with the run replication by
    replication (common random numbers): what a step's own time is, is not what its end would save, since queues,
    joins and calendars take up the slack. ``process`` says whose cases are timed where the run has several, ``case``
    that a single one is, which has no interval; NaN where it does not end in time. ``progress`` is called with
    (simulations done, simulations in all).
    """
    timed = process_of(base, process)
    before = _timed(base, timed, case)
    listed = list(alternatives)
    found = []
    for number, alternative in enumerate(listed):
        if progress is not None:
            progress(number, len(listed))
        after = _timed(simulate(alternative.processes, alternative.scenario, workers=workers), timed, case)
        found.append(Gain(alternative, _mean(before), _mean(after), paired_difference(before, after, unit="d")))
    if progress is not None:
        progress(len(listed), len(listed))
    return tuple(
        sorted(found, key=lambda gain: (gain.difference.mean, gain.alternative.kind, gain.alternative.subject))
    )


def _timed(run: "Run", process: Process, case: CaseKey | None) -> Sequence[float]:
    if case is None:
        return cycle_days(run, process)
    mine = (pl.col("replication") == case[0]) & (pl.col("case") == case[1])
    found = cases_of(run, process_of(run, process.name)).filter(mine)
    return (found["cycle_us"].cast(pl.Float64) / DAY_US).fill_null(float("nan")).to_list()


def cycle_days(run: "Run", process: Process) -> Sequence[float]:
    """Return the mean cycle time of the finished cohort in elapsed days, one value per replication."""
    cases = cases_of(run, process_of(run, process.name)).filter("in_cohort", pl.col("outcome").is_not_null())
    means = cases.group_by("replication").agg(pl.col("cycle_us").mean() / DAY_US).sort("replication")
    every = pl.DataFrame({"replication": range(run.scenario.replications)}, schema={"replication": pl.Int32})
    return every.join(means, on="replication", how="left")["cycle_us"].fill_null(float("nan")).to_list()


def _mean(values: Sequence[float]) -> Estimate:
    return estimate(values, unit="d")


def estimate_data(value: Estimate) -> dict[str, float | int | None]:
    """Return an estimate as plain data for JSON; what is not known is null."""
    known = value.low == value.low
    return {
        "mean": value.mean if value.mean == value.mean else None,
        "low": value.low if known else None,
        "high": value.high if known else None,
        "n": value.n,
    }
