"""The thresholds of the analysis: what counts as little, much or rare. Every finding prints those it depends on."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from procflow.analysis.finding import Cost, CostKind, Severity
from procflow.definition.base import Flag, Frozen, PositiveCount
from procflow.definition.diagnostics import explained
from procflow.definition.reader import Document, read_file
from procflow.errors import DefinitionError, Problem
from procflow.text import Text

_Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Share = Annotated[float, Field(gt=0, lt=1)]


class Grades(Frozen):
    """From how much per case on a cost of one kind is ``medium`` and ``high``; any cost above 0 is ``low``."""

    medium: _Positive
    high: _Positive


_GRADES: dict[CostKind, Grades] = {
    "visits": Grades(medium=0.25, high=1.0),
    "keyed_items": Grades(medium=1.0, high=5.0),
    "materials": Grades(medium=0.5, high=2.0),
    "minutes": Grades(medium=10.0, high=60.0),
    "working_days": Grades(medium=1.0, high=5.0),
}


class Profile(Frozen):
    """The thresholds of an analysis; the defaults are assumptions, not law.

    ``grades`` turn costs per case into severities. ``unpriced`` is the severity of what has no price (missing data,
    values that regions race for, nobody who leads), ``unsound`` that of structure by which cases get lost.
    ``pass_through_minutes``: mean work up to which a state that adds nothing is a pass-through (R8);
    ``pass_through_delay_wd``: mean delay of its own, in working days, up to which that is waiting on a desk and not
    what the step is for. ``probability_tail``: remaining probability at which expected visits stop being unrolled.
    ``guard_atoms`` and ``valuations`` cap the analysis by cases of the guards: past them it says nothing.
    ``report_locked`` tells pairs that would be parallel but for a legal lock.
    ``visits_tolerance``: how far expected visits may exceed the declared ones (H7). ``validity_margin``: how many
    times the expected time of a case, queues apart, a proof must be valid for its expiry to be ruled out without a
    run.

    ``frequency_gap_wd``: wait for one sitting or courier (T3); ``time_gap_wd``: wait between two steps (T2), both in
    working days. ``utilization_high``: from where a group of staff is a bottleneck (T12). ``handoffs_per_case``: above
    which handoffs along one axis are told (H1). ``bounces_per_case``: returns to a department that learned nothing
    (H2).

    ``hours_overlap``: share of hours in common below which two neighbors miss each other (T5). ``cutoff_wd``: wait
    per arrival for a sitting whose list was closed (T6), in working days. ``late_share``: share of late cases (T8).
    ``warning_share``: how much of a limit is used when a warning is due, ``warned_share``: share of cases that get it
    (T11). ``suspended_share``: of a clock's time above which it measures little (D24). ``join_wd``: by how much one
    region is later than the others (T14), in working days. ``waiting_share``: share of the lead time that is
    waiting (T1). ``slack_window``: the last part of a limit, ``slack_share``:
    share of the cases that end in it (T10). ``utilization_overload`` beside ``utilization_low``: people
    of like work with too much and too little (T18). ``stale_share``: share of uses of expired data (T4).

    ``rubber_stamp`` and ``constant_branch``: shares below which a review objects to nothing (R7) and a way is taken by
    none (R10), with ``confidence``. ``rework_per_case``: repetitions of a step (R13). ``return_share``: cases returned
    for correction, ``further_returns``: returns per case after the first (H3). ``knock_out_minutes``: expected work per
    case that another order of checks saves (R12). ``level_reversals``: turns between levels per case (H4).
    ``authority_share`` and ``agreement``: a level's share of the work, and how often decisions go one way (H9).
    ``critical_share``: share of cases that wait for an intermediary (R22).

    ``approvals_in_chain``: from how many approvals, one above the other, a chain is told (R9).
    ``objections_of_repetition``: up to what share of cases that it objects to a later check repeats an earlier one
    (R6). ``keyed_by_fallback``: how far keying may exceed the share of cases that an interface does not serve (R19).
    """

    grades: dict[CostKind, Grades] = _GRADES
    unpriced: Severity = "low"
    unsound: Severity = "high"
    pass_through_minutes: _Positive = 15.0
    pass_through_delay_wd: _Positive = 3.0
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
    hours_overlap: Annotated[float, Field(gt=0, le=1)] = 0.75
    cutoff_wd: _Positive = 0.25
    late_share: Annotated[float, Field(gt=0, le=1)] = 0.05
    warning_share: Annotated[float, Field(gt=0, le=1)] = 0.8
    warned_share: Annotated[float, Field(gt=0, le=1)] = 0.2
    suspended_share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    join_wd: _Positive = 2.0
    waiting_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    slack_window: Annotated[float, Field(gt=0, lt=0.5)] = 0.1
    slack_share: _Share = 0.2
    utilization_overload: Annotated[float, Field(gt=0, le=1)] = 0.9
    utilization_low: Annotated[float, Field(gt=0, lt=1)] = 0.5
    stale_share: Annotated[float, Field(gt=0, le=1)] = 0.05
    rubber_stamp: _Share = 0.01
    constant_branch: _Share = 0.005
    confidence: _Share = 0.95
    rework_per_case: _Positive = 0.1
    return_share: _Share = 0.2
    further_returns: _Positive = 0.02
    knock_out_minutes: _Positive = 5.0
    level_reversals: _Positive = 1.5
    authority_share: _Share = 0.7
    agreement: _Share = 0.85
    critical_share: _Share = 0.5
    approvals_in_chain: Annotated[int, Field(ge=2)] = 3
    objections_of_repetition: Annotated[float, Field(ge=0, lt=1)] = 0.01
    keyed_by_fallback: Annotated[float, Field(ge=0, le=1)] = 0.05

    @field_validator("grades")
    @classmethod
    def _all_kinds(cls, grades: dict[CostKind, Grades]) -> dict[CostKind, Grades]:
        """Keep the default of each kind of cost that is not named."""
        return {**_GRADES, **grades}

    def severity(self, costs: Iterable[Cost]) -> Severity:
        """Return the severity of a finding from its costs per case: that of the heaviest one, ``info`` for none."""
        found: Severity = "info"
        for cost in costs:
            grades = self.grades[cost.kind]
            if cost.per_case <= 0:
                continue
            if cost.per_case >= grades.high:
                return "high"
            found = "medium" if cost.per_case >= grades.medium or found == "medium" else "low"
        return found


def load_profile(path: str | Path) -> Profile:
    """Return the thresholds in a YAML file; what it does not name keeps its default.

    Raises DefinitionError, with line and column, where the file cannot be read or is no YAML, and where a threshold
    is unknown or impossible.
    """
    document = read_file(path)
    problems = list(document.problems)
    try:
        profile = Profile.model_validate(document.data or {})
    except ValidationError as error:
        problems += (_problem(document, told) for told in error.errors())
    if problems:
        raise DefinitionError(problems)
    return profile


def _problem(document: Document, told: ErrorDetails) -> Problem:
    place = tuple(told["loc"])
    name, reason = ".".join(map(str, place)) or "profile", explained(dict(told))
    known = ", ".join(Profile.model_fields)
    if told["type"] == "extra_forbidden":
        message = Text(
            en=f"unknown threshold {name!r}; the thresholds are {known}",
            zh=f"未知阈值 {name!r}；可用阈值：{known}",
        )
    else:
        message = Text(en=f"{name}: {reason.get('en')}", zh=f"{name}：{reason.get('zh')}")
    return document.source.problem(place, message, key=told["type"] == "extra_forbidden")
