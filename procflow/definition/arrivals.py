"""How the cases of a process arrive: at a rate, by gaps, at times given or by a schedule. Simulates nothing."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Annotated, Any, Final

from pydantic import Field, field_validator, model_serializer, model_validator

from procflow.definition.base import Date, Frozen, Moment, Name, PositiveCount, Sourced
from procflow.definition.organization import DAYS, Shift, shift_minutes
from procflow.definition.quantities import Distribution, Recurrence
from procflow.errors import UnitError
from procflow.text import Text
from procflow.units import LONGEST_DAYS, SECONDS

_MOST_PER_MINUTE = 1e6
"""The highest rate of arrival."""

_MINUTES = {unit: seconds / 60 for unit, seconds in SECONDS.items()} | {"wd": 480, "month": 43_830, "year": 525_960}
"""Minutes in each unit of a rate; about, where its length varies: this only tells absurd rates."""

_ON_DUTY: Final = frozenset({"min", "h", "wd"})
"""The units of a rate that say what they mean on a calendar that closes."""

_RATE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:per|/|每)\s*(min|h|d|wd|week|month|year)\s*")


Factor = Annotated[float, Field(strict=True, ge=0, le=1_000, allow_inf_nan=False)]
"""By how much a rate is multiplied; 0 stops the arrivals."""

_LAST_MONTH: Final = 12


class Profile(Sourced):
    """How a rate of arrival varies: factors by time of the day, by weekday, by month and on public holidays.

    The factors of an instant are multiplied; what is not named has the factor 1. ``{hours: {"09:00-11:00": 1.5},
    weekdays: {mon: 1.3, fri: 0.7}, months: {7-8: 0.5}, holidays: 0.2}``. A weekday is that of the date, also where
    the date is a make-up day. The mean rate is the written one only where the factors average 1.
    """

    hours: dict[Shift, Factor] = {}
    weekdays: dict[str, Factor] = {}
    months: dict[int, Factor] = {}
    holidays: Factor = 1.0

    @field_validator("weekdays", mode="before")
    @classmethod
    def _spread_weekdays(cls, written: Any) -> Any:
        return written if not isinstance(written, dict) else _spread(written, _weekdays)

    @field_validator("months", mode="before")
    @classmethod
    def _spread_months(cls, written: Any) -> Any:
        return written if not isinstance(written, dict) else _spread(written, _months)

    @model_validator(mode="after")
    def _possible(self) -> "Profile":
        spans = sorted(self.minutes())
        for (_, off, _), (next_on, _, _) in pairwise(spans):
            if next_on < off:
                raise UnitError(
                    Text(
                        en=f"two hours of the profile overlap from {_clock(next_on)} on: let one end where the next "
                        "begins",
                        zh=f"profile 的 hours 中有两个时段自 {_clock(next_on)} 起重叠：请使时段首尾相接",
                    )
                )
        whole_day = sum(off - on for on, off, _ in spans) == 1440
        stopped = (
            (whole_day and not any(self.hours.values()))
            or (len(self.weekdays) == len(DAYS) and not any(self.weekdays.values()))
            or (len(self.months) == _LAST_MONTH and not any(self.months.values()))
        )
        if stopped:
            raise UnitError(
                Text(
                    en="the profile is 0 at all times, so that no case ever arrives: give some of it a factor",
                    zh="profile 始终为 0，不会有任何办件到达：请给其中一部分设置大于 0 的系数",
                )
            )
        return self

    @model_serializer
    def _written(self) -> Any:
        written: dict[str, Any] = {}
        for name in ("hours", "weekdays", "months"):
            if getattr(self, name):
                written[name] = {str(key): factor for key, factor in getattr(self, name).items()}
        if self.holidays != 1.0:
            written["holidays"] = self.holidays
        return self._with_source(written)

    def minutes(self) -> list[tuple[int, int, float]]:
        """Return the hours as (first minute of the day, minute after the last one, factor), as they are written."""
        return [(*shift_minutes((shift,))[0], factor) for shift, factor in self.hours.items()]

    def of_minute(self, minute: int) -> float:
        """Return the factor of a minute of the day."""
        return next((factor for on, off, factor in self.minutes() if on <= minute < off), 1.0)

    def of_date(self, day: dt.date, *, holiday: bool) -> float:
        """Return the factor of a date: of its weekday times its month, times that of holidays on one."""
        factor = self.weekdays.get(DAYS[day.weekday()], 1.0) * self.months.get(day.month, 1.0)
        return factor * self.holidays if holiday else factor


def _spread(written: dict[Any, Any], meant: Callable[[str], Sequence[Any]]) -> dict[Any, Any]:
    """Return factors by single weekdays or months; raise UnitError where one is named twice."""
    found: dict[Any, Any] = {}
    for key, factor in written.items():
        for each in meant(str(key)):
            if each in found:
                raise UnitError(
                    Text(
                        en=f"the profile gives {each} two factors: leave one of them out",
                        zh=f"profile 对 {each} 给出了两个系数：请删去其一",
                    )
                )
            found[each] = factor
    return found


def _weekdays(key: str) -> Sequence[str]:
    first, _, last = key.partition("-")
    if first not in DAYS or (last or first) not in DAYS or DAYS.index(last or first) < DAYS.index(first):
        raise UnitError(
            Text(
                en=f"{key!r} is no weekday: use {', '.join(DAYS)} or a span such as mon-fri",
                zh=f"{key!r} 不是星期：可用 {'、'.join(DAYS)}，或 mon-fri 这样的区间",
            )
        )
    return DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]


def _months(key: str) -> Sequence[int]:
    match = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", key)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= first <= last <= _LAST_MONTH:
        raise UnitError(
            Text(
                en=f"{key!r} is no month: use 1 to 12, or a span such as 7-8",
                zh=f"{key!r} 不是月份：请写 1 至 12，或 7-8 这样的区间",
            )
        )
    return range(first, last + 1)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


class Log(Frozen):
    """A CSV or Parquet file of arrivals, a case in each row: the columns of time, region and attributes.

    ``attributes`` gives for an attribute of the process the column that holds it. What is empty is sampled.
    """

    file: str
    time: str = "time"
    region: str | None = None
    attributes: dict[Name, str] = {}

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        return {"file": data} if isinstance(data, str) else data


class Arrivals(Sourced):
    """How cases arrive.

    ``"12 per wd"``: a Poisson stream with that rate during the hours of ``calendar`` (``wd``: by default the
    organization's working calendar; other units: always). ``{interval: {gamma: …}}``: independent gaps on
    ``calendar``. ``profile`` lets a rate, or the pace of the gaps, vary over day, week and year. ``{times:
    [2025-03-03 09:00, …]}``: exactly then, with the ``regions`` and ``attributes`` of each case where they are given;
    ``log`` reads all that from a file. ``since`` is the date of theirs that is played on the first day of a run.
    ``{every: weekly mon 09:00, size: 5}``: a schedule.
    """

    rate: str | None = None
    interval: Distribution | None = None
    times: tuple[Moment, ...] = ()
    regions: tuple[str | None, ...] = ()
    attributes: dict[Name, tuple[bool | float | str | None, ...]] = {}
    log: Log | None = None
    since: Date | None = None
    every: Recurrence | None = None
    size: PositiveCount = 1
    calendar: str | None = None
    profile: Profile | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        return {"rate": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _one_kind(self) -> "Arrivals":
        given = [n for n in ("rate", "interval", "times", "every", "log") if getattr(self, n)]
        if len(given) != 1 and given != ["times", "log"]:  # the times of a log, once it has been read
            raise UnitError(
                Text(
                    en="arrivals are one of rate, interval, times, every, log",
                    zh="到达方式须是 rate、interval、times、every、log 之一",
                )
            )
        self._as_many_as_times()
        if self.rate is not None and _RATE.fullmatch(self.rate) is None:
            raise UnitError(
                Text(
                    en=f"{self.rate!r} is no rate of arrival: write for instance '12 per wd'",
                    zh=f"{self.rate!r} 不是到达率：例如写 '12 per wd'",
                )
            )
        if self.rate is not None:
            self._plausible()
            self._of_this_calendar()
        if self.interval is not None:
            self._last(self.interval)
        return self

    @staticmethod
    def _last(gaps: Distribution) -> None:
        """Refuse gaps without length: cases would arrive for ever at one instant."""
        if gaps.mean(_MINUTES["wd"] * 60) * _MOST_PER_MINUTE < 60:
            raise UnitError(
                Text(
                    en="the mean interval is so short that there are more than a million arrivals a minute: check "
                    "the number and its unit; for cases that arrive together write 'size'",
                    zh="平均间隔过短，每分钟到达超过一百万件：请核对数字和单位；同时到达的多件请用 size",
                )
            )

    def _as_many_as_times(self) -> None:
        for name, column in {"regions": self.regions, **self.attributes}.items():
            if len(column) != len(self.times) and (column or name != "regions"):
                raise UnitError(
                    Text(
                        en=f"there are {len(self.times)} times, but {len(column)} values of {name!r}: give one for "
                        "each, null where it is to be sampled",
                        zh=f"times 有 {len(self.times)} 个，{name!r} 却有 {len(column)} 个值：请逐一给出，可写 null",
                    )
                )

    def _of_this_calendar(self) -> None:
        """Refuse a rate per day or longer on a named calendar: it would be per so many hours on duty."""
        unit = self.per_unit()[1]
        if self.calendar is not None and self.calendar != "always" and unit not in _ON_DUTY:
            raise UnitError(
                Text(
                    en=f"{self.rate!r} on the calendar {self.calendar!r} does not say whether time off duty counts: "
                    "write the rate per wd (a day of that calendar) or per h on duty",
                    zh=f"{self.rate!r} 与日历 {self.calendar!r} 并用时，不清楚非工作时间是否计入："
                    "请写每个工作日(wd)或每个工作小时(h)的到达率",
                )
            )

    def _plausible(self) -> None:
        number, unit = self.per_unit()
        per_minute = number / _MINUTES[unit]
        if per_minute > _MOST_PER_MINUTE:
            raise UnitError(
                Text(
                    en=f"{self.rate!r} is more than a million arrivals a minute: check the number and its unit",
                    zh=f"{self.rate!r} 每分钟超过一百万件：请核对数字和单位",
                )
            )
        if per_minute * LONGEST_DAYS * 24 * 60 < 1:
            raise UnitError(
                Text(
                    en=f"{self.rate!r} is less than one arrival in 100 years: check the number and its unit",
                    zh=f"{self.rate!r} 一百年不足一件：请核对数字和单位",
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
        for name in ("regions", "attributes"):
            if getattr(self, name):
                written[name] = getattr(self, name)
        if self.log is not None:
            written["log"] = self.log.model_dump(exclude_defaults=True)
        if self.since is not None:
            written["since"] = self.since
        if self.every is not None:
            written["every"] = str(self.every)
        if self.size != 1:
            written["size"] = self.size
        if self.calendar is not None:
            written["calendar"] = self.calendar
        if self.profile is not None:
            written["profile"] = self.profile.model_dump()
        if set(written) == {"rate"} and self.is_bare:
            return self.rate
        return self._with_source(written)

    def instants(self, start: dt.date) -> list[dt.datetime]:
        """Return the times, moved by whole days so that ``since`` falls on ``start``; as they are without it."""
        moved = dt.timedelta(days=(start - self.since).days if self.since else 0)
        return [moment + moved for moment in self.times]

    def per_unit(self) -> tuple[float, str]:
        """Return the number of arrivals and the unit of time, for instance ``(12.0, "wd")``; only for a rate."""
        match = _RATE.fullmatch(self.rate or "")
        if match is None:
            raise UnitError("these arrivals have no rate")
        return float(match[1]), match[2]
