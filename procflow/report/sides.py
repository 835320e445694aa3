"""What a report is about: a process as it is and perhaps after a reform, each with its run and findings."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import polars as pl

from procflow.analysis.finding import Finding
from procflow.analysis.limit_times import limit_times
from procflow.analysis.run_tables import cases_of
from procflow.definition.holidays import UnpublishedHolidaysError
from procflow.definition.resolved import Process
from procflow.errors import AnalysisError
from procflow.machine.graph import StateGraph, state_graph
from procflow.render import state_id
from procflow.render.build import VARIANTS
from procflow.report.model import Column, Link
from procflow.report.places import Folder, common_folder
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.compare import Comparison
    from procflow.analysis.what_if.alternatives import Gain
    from procflow.simulation.run import Run


@dataclass(frozen=True)
class Side:
    """One variant: ``key`` says whether it is before or after the reform."""

    key: Literal["before", "after"]
    process: Process
    run: "Run | None"
    findings: "Sequence[Finding] | None"

    @cached_property
    def graph(self) -> StateGraph:
        """The state graph of the process."""
        return state_graph(self.process)

    @cached_property
    def limit_times(self) -> pl.DataFrame | None:
        """The limits' times of finished cases; None without a run, or where their days cannot be counted."""
        if self.run is None or not self.process.definition.limits:
            return None
        try:
            times = limit_times(self.run, self.process)
        except (UnpublishedHolidaysError, AnalysisError) as error:
            warnings.warn(f"the report gives no times of limits: {error}", stacklevel=2)
            return None
        ended = cases_of(self.run, self.process).filter(pl.col("in_cohort") & pl.col("outcome").is_not_null())
        return times.join(ended.select("replication", "case"), on=["replication", "case"], how="semi")

    def name(self, lang: Language) -> str:
        """Return what the variant is called."""
        known = VARIANTS.get(self.process.variant)
        return known.get(lang) if known else self.process.variant

    def link(self, state: str, lang: Language) -> Link | str:
        """Return a state's title, leading to its place in the diagram."""
        if state not in self.graph.nodes:
            return state
        return Link(self.graph.nodes[state].label(lang), f"{self.key}-{state_id(state)}")


@dataclass(frozen=True)
class Sides:
    """What a report is about: a process before a reform, and perhaps after it; ``gains`` of changes to the former."""

    process: Process
    run: "Run | None"
    findings: "Sequence[Finding] | None"
    comparison: "Comparison | None"
    after: Process | None
    after_run: "Run | None"
    after_findings: "Sequence[Finding] | None"
    gains: "Sequence[Gain]" = ()

    @cached_property
    def before_side(self) -> Side:
        """The process as it is."""
        return Side("before", self.process, self.run, self.findings)

    @cached_property
    def after_side(self) -> Side | None:
        """The process as it is to be, None where nothing is compared."""
        return None if self.after is None else Side("after", self.after, self.after_run, self.after_findings)

    def __iter__(self) -> Iterator[Side]:
        yield self.before_side
        if self.after_side is not None:
            yield self.after_side

    @cached_property
    def folder(self) -> Folder:
        """The folder that all files of the report have in common."""
        ran = [process for side in self if side.run is not None for process in side.run.processes]
        return common_folder([*(side.process for side in self), *ran])


def columns(lang: Language, *named: tuple[str, Text]) -> tuple[Column, ...]:
    """Return columns by their keys and titles."""
    return tuple(Column(key, title.get(lang)) for key, title in named)
