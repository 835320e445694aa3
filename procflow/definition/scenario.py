"""The scenario file: what arrives, for how long, with which staff; one process or several at once."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from procflow.definition.arrivals import Arrivals
from procflow.definition.base import Count, Date, Flag, Frozen, Name, PositiveCount, Sourced
from procflow.errors import UnitError
from procflow.text import Text

Days = Annotated[int, Field(strict=True, ge=1, le=36_500)]
"""Calendar days of a run."""


class ScenarioProcess(Frozen):
    """A process of a scenario: its file, and how its cases arrive."""

    process: str
    arrivals: Arrivals


class StaffingChange(Sourced):
    """A change of the people of one group (``who``: ``department.role`` or ``department.group``) for some time.

    From the midnight at which ``from`` begins to the end of ``until`` (its last day; without it for good), in the
    office of one region or in all. It is one of: ``people``, a headcount (of several the last one in the file
    holds); ``add``, so many more; ``absent``, so many fewer, or ``all``; ``calendar``, other shifts. People who are
    taken away finish what they hold.
    """

    who: str
    office: str | None = None
    from_: Annotated[Date, Field(alias="from")]
    until: Date | None = None
    people: Count | None = None
    add: PositiveCount | None = None
    absent: PositiveCount | Literal["all"] | None = None
    calendar: str | None = None

    @model_validator(mode="after")
    def _sound(self) -> "StaffingChange":
        kinds = ("people", "add", "absent", "calendar")
        if sum(getattr(self, kind) is not None for kind in kinds) != 1:
            raise UnitError(
                Text(
                    en=f"a change of staffing is one of {', '.join(kinds)}",
                    zh=f"人员变动须是 {'、'.join(kinds)} 之一",
                )
            )
        if self.until is not None and self.until < self.from_:
            raise UnitError(
                Text(
                    en=f"the change of staffing ends on {self.until}, before it begins on {self.from_}",
                    zh=f"人员变动的结束日 {self.until} 早于开始日 {self.from_}",
                )
            )
        return self

    def holds(self, day: dt.date) -> bool:
        """Whether it is in force on a date."""
        return self.from_ <= day and (self.until is None or day <= self.until)


class Scenario(Frozen):
    """What is simulated.

    ``arrivals`` serve a single process given to ``simulate``; ``processes`` name several with their own.
    Statistics take the cases that arrive between ``warmup_days`` and ``days`` after ``start`` (calendar days,
    from its midnight; 365 by default); or the cases from ``warmup_cases`` to ``cases`` of each process, in the order
    of their arrival. ``staffing`` overrides headcounts by ``department.role`` or ``department.group``, and
    ``staffing_changes`` change them on the way. ``unlimited_staff`` removes every queue.
    """

    procflow: Literal[1] = 1
    scenario: Name = "scenario"
    title: Text | None = None
    arrivals: Arrivals | None = None
    processes: tuple[ScenarioProcess, ...] = ()
    start: Date = dt.date(2025, 1, 1)
    days: Days | None = 365
    warmup_days: Count = 0
    cases: PositiveCount | None = None
    warmup_cases: Count = 0
    replications: PositiveCount = 10
    seed: Count = 1
    staffing: dict[str, PositiveCount] = {}
    staffing_changes: tuple[StaffingChange, ...] = ()
    unlimited_staff: Flag = False

    @model_validator(mode="before")
    @classmethod
    def _one_length(cls, data: Any) -> Any:
        """Leave days out where cases are counted, and only there."""
        if not isinstance(data, Mapping) or data.get("days") is not None:
            return data
        return {**data, "days": 365 if data.get("cases") is None else None}

    @model_serializer(mode="wrap")
    def _without_days(self, handler: SerializerFunctionWrapHandler) -> Any:
        written = handler(self)
        return {name: value for name, value in written.items() if name != "days" or value is not None}

    @model_validator(mode="after")
    def _sound(self) -> "Scenario":
        by_days, by_cases = self.days is not None or self.warmup_days > 0, self.cases is not None
        if (by_days and by_cases) or (self.warmup_cases and not by_cases):
            raise UnitError(
                Text(
                    en="the length of a run is given in days ('days', 'warmup_days') or in cases ('cases', "
                    "'warmup_cases'), not in both",
                    zh="运行长度用天数(days、warmup_days)或件数(cases、warmup_cases)给出，二者不能混用",
                )
            )
        if self.cases is not None and self.warmup_cases >= self.cases:
            raise UnitError(
                Text(
                    en=f"warmup_cases ({self.warmup_cases}) must be less than cases ({self.cases})",
                    zh=f"预热件数 warmup_cases({self.warmup_cases})须小于 cases({self.cases})",
                )
            )
        if self.days is not None and self.warmup_days >= self.days:
            raise UnitError(
                Text(
                    en=f"warmup_days ({self.warmup_days}) must be less than days ({self.days})",
                    zh=f"预热天数 warmup_days({self.warmup_days})须小于 days({self.days})",
                )
            )
        if self.arrivals is not None and self.processes:
            raise UnitError(Text(en="give 'arrivals' or 'processes', not both", zh="arrivals 和 processes 只能写一个"))
        return self
