"""The scenario file: what arrives, for how long, with which staff; one process or several at once."""

import datetime as dt
import re
from typing import Annotated, Any, Literal

from pydantic import Field, model_serializer, model_validator

from procflow.definition.base import Count, Date, Flag, Frozen, Moment, Name, PositiveCount, Sourced
from procflow.definition.quantities import Distribution, Recurrence
from procflow.errors import UnitError
from procflow.text import Text
from procflow.units import LONGEST_DAYS, SECONDS

_MOST_PER_MINUTE = 1e6
"""The highest rate of arrival."""

_MINUTES = {unit: seconds / 60 for unit, seconds in SECONDS.items()} | {"wd": 480, "month": 43_830, "year": 525_960}
"""Minutes in each unit of a rate; about, where its length varies: this only tells absurd rates."""

_RATE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:per|/|每)\s*(min|h|d|wd|week|month|year)\s*")


class Arrivals(Sourced):
    """How cases arrive.

    ``"12 per wd"``: a Poisson stream with that rate during the hours of ``calendar`` (``wd``: by default the
    organization's working calendar; other units: always). ``{interval: {gamma: …}}``: independent gaps on
    ``calendar``. ``{times: [2025-03-03 09:00, …]}``: exactly then. ``{every: weekly mon 09:00, size: 5}``: a
    schedule.
    """

    rate: str | None = None
    interval: Distribution | None = None
    times: tuple[Moment, ...] = ()
    every: Recurrence | None = None
    size: PositiveCount = 1
    calendar: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        return {"rate": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _one_kind(self) -> "Arrivals":
        given = [n for n in ("rate", "interval", "times", "every") if getattr(self, n)]
        if len(given) != 1:
            raise UnitError(
                Text(
                    en="arrivals are one of rate, interval, times, every",
                    zh="到达方式须是 rate、interval、times、every 之一",
                )
            )
        if self.rate is not None and _RATE.fullmatch(self.rate) is None:
            raise UnitError(
                Text(
                    en=f"{self.rate!r} is no rate of arrival: write for instance '12 per wd'",
                    zh=f"{self.rate!r} 不是到达率:例如写 '12 per wd'",
                )
            )
        if self.rate is not None:
            self._plausible()
        return self

    def _plausible(self) -> None:
        number, unit = self.per_unit()
        per_minute = number / _MINUTES[unit]
        if per_minute > _MOST_PER_MINUTE:
            raise UnitError(
                Text(
                    en=f"{self.rate!r} is more than a million arrivals a minute: check the number and its unit",
                    zh=f"{self.rate!r} 每分钟超过一百万件:请核对数字和单位",
                )
            )
        if per_minute * LONGEST_DAYS * 24 * 60 < 1:
            raise UnitError(
                Text(
                    en=f"{self.rate!r} is less than one arrival in 100 years: check the number and its unit",
                    zh=f"{self.rate!r} 一百年不足一件:请核对数字和单位",
                )
            )

    @model_serializer
    def _written(self) -> Any:
        written: dict[str, Any] = {}
        if self.rate is not None:
            written["rate"] = self.rate
        if self.interval is not None:
            written["interval"] = self.interval.model_dump()
        if self.times:
            written["times"] = list(self.times)
        if self.every is not None:
            written["every"] = str(self.every)
        if self.size != 1:
            written["size"] = self.size
        if self.calendar is not None:
            written["calendar"] = self.calendar
        if set(written) == {"rate"} and self.is_bare:
            return self.rate
        return self._with_source(written)

    def per_unit(self) -> tuple[float, str]:
        """Return the number of arrivals and the unit of time, for instance ``(12.0, "wd")``; only for a rate."""
        match = _RATE.fullmatch(self.rate or "")
        if match is None:
            raise UnitError("these arrivals have no rate")
        return float(match[1]), match[2]


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
