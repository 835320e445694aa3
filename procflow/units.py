"""Spans of time with their unit: '5 min', '20 wd', '3 d'. A working day has no length until one is given."""

import re
from dataclasses import dataclass

from procflow.errors import UnitError
from procflow.text import Text

MICROSECONDS = 1_000_000
"""Ticks of a run in one second."""

SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "week": 604_800}
"""Seconds in each unit of fixed length. ``wd`` depends on a calendar, ``month`` on a date."""

UNITS = (*SECONDS, "wd", "month")

LONGEST_DAYS = 36_525
"""The longest span, in calendar days: 100 years. Ticks of a run are counted in 64 bits, which hold far longer."""

_LONGEST = {unit: LONGEST_DAYS * 86_400 / seconds for unit, seconds in SECONDS.items()} | {"wd": 26_000, "month": 1_200}
"""About 100 years in each unit; 260 working days are taken for a year."""

_ALIASES = {
    "sec": "s", "second": "s", "seconds": "s", "秒": "s",
    "m": "min", "minute": "min", "minutes": "min", "mins": "min", "分钟": "min", "分": "min",
    "hour": "h", "hours": "h", "hr": "h", "小时": "h", "个小时": "h",
    "day": "d", "days": "d", "天": "d", "自然日": "d", "个自然日": "d",
    "w": "week", "weeks": "week", "周": "week", "星期": "week",
    "wds": "wd", "working_day": "wd", "working_days": "wd", "工作日": "wd", "个工作日": "wd",
    "months": "month", "月": "month", "个月": "month",
}  # fmt: skip
_SPAN = re.compile(r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*([^\W\d]+)\s*")


@dataclass(frozen=True, order=False)
class Span:
    """A length of time in the unit in which it was written; a unit is never inferred.

    ``amount`` is at least 0 and makes no more than 100 years; ``unit`` is one of ``s, min, h, d, week, wd, month``.
    ``d`` is 24 hours, ``wd`` the working hours of one day.

    >>> Span.parse("20 wd")
    Span(amount=20.0, unit='wd')
    >>> Span.parse("90 min").seconds()
    5400.0
    >>> Span.parse("2 wd").seconds(wd_seconds=7 * 3600)
    50400.0
    """

    amount: float
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise UnitError(_unknown_unit(self.unit))
        if not 0 <= self.amount < float("inf"):
            raise UnitError(
                Text(
                    en=f"{self.amount:g} {self.unit} is not a length of time: it must be finite and at least 0",
                    zh=f"{self.amount:g} {self.unit} 不是时长:必须是有限且不小于 0 的数",
                )
            )
        if self.amount > _LONGEST[self.unit]:
            raise UnitError(
                Text(
                    en=f"{self} is longer than 100 years: check the number and its unit",
                    zh=f"{self} 超过 100 年:请核对数字和单位",
                )
            )

    @classmethod
    def parse(cls, text: str) -> "Span":
        """Read a span such as ``'5 min'``, ``'20 wd'`` or ``'20 个工作日'``; raise UnitError where it is none."""
        match = _SPAN.fullmatch(text)
        if match is None:
            raise UnitError(
                Text(
                    en=f"{text!r} is not a length of time: write a number and a unit, such as '5 min' or '20 wd'",
                    zh=f"{text!r} 不是时长:请写数字和单位,例如 '5 min'(分钟)或 '20 wd'(工作日)",
                )
            )
        unit = match[2]
        return cls(float(match[1]), _ALIASES.get(unit, unit))

    def seconds(self, wd_seconds: float | None = None) -> float:
        """Return the length in seconds; ``wd_seconds`` is the length of one working day.

        Raises UnitError for ``wd`` without ``wd_seconds``, and for ``month``, whose length depends on a date.
        """
        if self.unit == "wd" and wd_seconds is not None:
            return self.amount * wd_seconds
        if self.unit not in SECONDS:
            raise UnitError(
                Text(
                    en=f"{self} has no fixed length: write days (d), or working days (wd) where they count",
                    zh=f"{self} 没有固定时长:请改用天(d)等单位,或在适用处用工作日(wd)",
                )
            )
        return self.amount * SECONDS[self.unit]

    @property
    def is_working(self) -> bool:
        """Whether the span counts working time."""
        return self.unit == "wd"

    def __str__(self) -> str:
        return f"{self.amount!r} {self.unit}".replace(".0 ", " ")


def _unknown_unit(unit: str) -> Text:
    if unit in ("日", "个日"):
        return Text(
            en="'日' does not say whether working or calendar days are meant: write '工作日' (wd) or '自然日' (d)",
            zh="“日”没有说明是工作日还是自然日:请写“工作日”(wd)或“自然日”(d)",
        )
    return Text(
        en=f"unknown unit {unit!r}: use one of {', '.join(UNITS)}",
        zh=f"未知的时间单位 {unit!r}:可用 {'、'.join(UNITS)}",
    )
