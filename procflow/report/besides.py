"""What a reform brings along: processes that run beside the reformed one and did not before. Simulates nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from procflow.analysis.metrics import summary
from procflow.analysis.run_tables import cases_of
from procflow.definition import words
from procflow.definition.resolved import Process
from procflow.text import Language

if TYPE_CHECKING:
    from procflow.simulation.run import Run


@dataclass(frozen=True)
class Beside:
    """A process beside the reformed one: its cases per case of that one, and staff hours per case of its own."""

    process: Process
    share: float
    hours: float
    own_hours: float

    @property
    def spread_hours(self) -> float:
        """Staff hours per case of the reformed process, its own among them."""
        return self.own_hours + self.share * self.hours

    def text(self, lang: Language) -> str:
        """Return it as a sentence."""
        name, share = self.process.label(lang), words.number(100 * self.share)
        hours, own, spread = (words.number(h) for h in (self.hours, self.own_hours, self.spread_hours))
        if lang == "zh":
            return (
                f"再造后另需办理“{name}”：约 {share}% 的件需要，每件人工工时 {hours} 小时，"
                f"未计入再造后的 {own} 小时；"
                f"一并计入后，平均每件人工工时约 {spread} 小时。"
            )
        return (
            f"About {share}% of the cases then need a “{name}” of {hours} staff hours, which the {own} staff hours "
            f"leave out: with it {spread} staff hours per case."
        )


def besides(before: "Run | None", after: "Run | None", reformed: Process | None) -> Iterator[Beside]:
    """Yield each process of the run after a reform that has no counterpart of its name in the run before it."""
    if before is None or after is None or reformed is None:
        return
    known = {process.name for process in before.processes} | {reformed.name}
    cases, own = _cases(after, reformed), _staff_hours(after, reformed)
    for process in after.processes:
        if process.name not in known and cases:
            yield Beside(process, _cases(after, process) / cases, _staff_hours(after, process), own)


def _cases(run: "Run", process: Process) -> int:
    return cases_of(run, process).filter("in_cohort").height


def _staff_hours(run: "Run", process: Process) -> float:
    return next(metric.estimate.mean for metric in summary(run, process) if metric.key == "staff_hours")
