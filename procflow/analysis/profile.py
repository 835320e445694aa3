"""The thresholds of the analysis: what counts as little, much or rare. Every finding prints those it depends on."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, ValidationError

from procflow.analysis.finding import Cost, Severity
from procflow.definition.base import Flag, Frozen, PositiveCount
from procflow.errors import AnalysisError
from procflow.text import Text

_Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Grades(Frozen):
    """From how much per case on a cost of one kind is ``medium`` and ``high``; any cost above 0 is ``low``."""

    medium: _Positive
    high: _Positive


class Profile(Frozen):
    """The thresholds of an analysis; the defaults are assumptions, not law.

    ``grades`` turn costs per case into severities. ``pass_through_minutes``: mean work up to which a state that
    adds nothing is a pass-through (R8). ``probability_tail``: remaining probability at which expected visits stop
    being unrolled. ``guard_atoms`` and ``valuations`` cap the analysis by cases of the guards: past them it says
    nothing. ``report_locked`` tells pairs that would be parallel but for a legal lock. ``visits_tolerance``: how far
    expected visits may exceed the declared ones (H7). ``validity_margin``: how many times the expected time of a
    case, queues apart, a proof must be valid for its expiry to be ruled out without a run.

    ``frequency_gap_wd``: wait for one sitting or courier (T3); ``time_gap_wd``: wait between two steps (T2), both in
    working days. ``utilization_high``: from where a group of staff is a bottleneck (T12). ``handoffs_per_case``: above
    which handoffs along one axis are told (H1). ``bounces_per_case``: returns to a department that learned nothing
    (H2).
    """

    grades: dict[str, Grades] = {
        "visits": Grades(medium=0.25, high=1.0),
        "keyed_items": Grades(medium=1.0, high=5.0),
        "materials": Grades(medium=0.5, high=2.0),
        "minutes": Grades(medium=10.0, high=60.0),
        "working_days": Grades(medium=1.0, high=5.0),
    }
    pass_through_minutes: _Positive = 15.0
    probability_tail: Annotated[float, Field(gt=0, lt=0.1)] = 1e-9
    guard_atoms: PositiveCount = 8
    valuations: PositiveCount = 64
    report_locked: Flag = True
    visits_tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.05
    validity_margin: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 3.0
    frequency_gap_wd: _Positive = 1.0
    time_gap_wd: _Positive = 1.0
    utilization_high: Annotated[float, Field(gt=0, le=1)] = 0.85
    handoffs_per_case: _Positive = 3.0
    bounces_per_case: _Positive = 0.1

    def severity(self, costs: Iterable[Cost]) -> Severity:
        """Return the severity of a finding from its costs per case: that of the heaviest one, ``info`` for none."""
        found: Severity = "info"
        for cost in costs:
            grades = self.grades.get(cost.kind)
            if grades is None or cost.per_case <= 0:
                continue
            if cost.per_case >= grades.high:
                return "high"
            found = "medium" if cost.per_case >= grades.medium or found == "medium" else "low"
        return found


def load_profile(path: str | Path) -> Profile:
    """Return the thresholds in a YAML file; what it does not name keeps its default.

    Raises AnalysisError where the file cannot be read or names something unknown.
    """
    try:
        data = yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {}
        return Profile.model_validate(data)
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise AnalysisError(
            Text(en=f"{path} is no profile of thresholds: {error}", zh=f"{path} 不是有效的阈值配置:{error}")
        ) from None
