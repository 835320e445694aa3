"""The scenario file: what arrives, for how long, with which staff; one process or several at once."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator

from procflow.definition.arrivals import Arrivals
from procflow.definition.base import Count, Date, Flag, Frozen, Name, PositiveCount
from procflow.errors import UnitError
from procflow.text import Text


class ScenarioProcess(Frozen):
    """A process of a scenario: its file, and how its cases arrive."""

    process: str
    arrivals: Arrivals


class Scenario(Frozen):
    """What is simulated.

    ``arrivals`` serve a single process given to ``simulate``; ``processes`` name several with their own.
    Statistics take the cases that arrive between ``warmup_days`` and ``days`` after ``start`` (calendar days,
    from its midnight). ``staffing`` overrides headcounts by ``department.role`` or ``department.group``.
    ``unlimited_staff`` removes every queue.
    """

    procflow: Literal[1] = 1
    scenario: Name = "scenario"
    title: Text | None = None
    arrivals: Arrivals | None = None
    processes: tuple[ScenarioProcess, ...] = ()
    start: Date = dt.date(2025, 1, 1)
    days: Annotated[int, Field(strict=True, ge=1, le=36_500)] = 365
    warmup_days: Count = 0
    replications: PositiveCount = 10
    seed: Count = 1
    staffing: dict[str, PositiveCount] = {}
    unlimited_staff: Flag = False

    @model_validator(mode="after")
    def _sound(self) -> "Scenario":
        if self.warmup_days >= self.days:
            raise UnitError(
                Text(
                    en=f"warmup_days ({self.warmup_days}) must be less than days ({self.days})",
                    zh=f"预热天数 warmup_days({self.warmup_days})须小于 days({self.days})",
                )
            )
        if self.arrivals is not None and self.processes:
            raise UnitError(Text(en="give 'arrivals' or 'processes', not both", zh="arrivals 和 processes 只能写一个"))
        return self
