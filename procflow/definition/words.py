"""Numbers of a definition as people read them, in Chinese and English, always with their unit. Draws nothing."""

import datetime as dt

from procflow.definition.quantities import Distribution, Probability
from procflow.definition.recurrence import Recurrence
from procflow.text import Language
from procflow.units import Span

_UNITS = {
    "s": ("second", "秒"),
    "min": ("minute", "分钟"),
    "h": ("hour", "小时"),
    "d": ("calendar day", "个自然日"),
    "week": ("week", "周"),
    "wd": ("working day", "个工作日"),
    "month": ("month", "个月"),
}
_COUNTED = {
    "times": "次", "turns": "次", "handoffs": "次", "bounces": "次", "visits": "次", "returns": "次", "batches": "次",
    "materials": "份", "items": "项", "entries": "项次", "rules": "项", "places": "处", "steps": "个环节",
    "checks": "道", "approvals": "级", "departments": "个部门", "groups": "组", "processes": "个流程",
    "fold": "倍", "cases": "件", "cases/d": "件/天",
}  # fmt: skip
"""What is counted, by its word in English."""

_WEEKDAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
}
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_ORDINALS = {
    "en": {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", -1: "last"},
    "zh": {1: "第一个", 2: "第二个", 3: "第三个", 4: "第四个", -1: "最后一个"},
}


def number(value: float, digits: int = 3) -> str:
    """Return a number with about ``digits`` significant digits, never in scientific notation below 10^15.

    >>> number(1234.5), number(0.04567), number(2.0)
    ('1,234', '0.0457', '2')
    """
    if value and abs(value) < 10 ** (digits - 1):
        shown = f"{value:.{digits}g}"
        return shown if "e" not in shown else f"{value:.{digits + 4}f}".rstrip("0").rstrip(".")
    return f"{value:,.0f}"


def amount(value: float, unit: str, lang: Language) -> str:
    """Return a number with its unit: ``wd`` are working days (工作日), ``d`` calendar days (自然日).

    >>> amount(2, "wd", "zh"), amount(1, "wd", "en"), amount(1.5, "d", "en")
    ('2 个工作日', '1 working day', '1.5 calendar days')
    """
    en, zh = _UNITS[unit]
    shown = number(value)
    if lang == "zh":
        return f"{shown} {zh}"
    return f"{shown} {en}" if shown == "1" else f"{shown} {en}s"


def unit(name: str, lang: Language) -> str:
    """Return a unit as it is read beside a number, of time or of what is counted; any other stays as it is.

    >>> unit("wd", "zh"), unit("wd", "en"), unit("handoffs", "zh"), unit("%", "zh")
    ('个工作日', 'working days', '次', '%')
    """
    if name in _UNITS:
        en, zh = _UNITS[name]
        return zh if lang == "zh" else f"{en}s"
    return _COUNTED.get(name, name) if lang == "zh" else name


def span(value: Span, lang: Language) -> str:
    """Return a span in the unit in which it was written."""
    return amount(value.amount, value.unit, lang)


def elapsed(seconds: float, lang: Language) -> str:
    """Return elapsed seconds in the largest unit of minutes, hours and calendar days that leaves a number above 1.

    >>> elapsed(5400, "en"), elapsed(3 * 86400, "zh")
    ('1.5 hours', '3 个自然日')
    """
    unit, length = next(((u, s) for u, s in (("d", 86_400), ("h", 3600)) if seconds >= s), ("min", 60))
    return amount(seconds / length, unit, lang)


def mean_time(value: Distribution, lang: Language) -> str:
    """Return the mean of a distribution of time, in working days where it is written so."""
    if value.is_working:
        return amount(value.mean(1.0), "wd", lang)
    return elapsed(value.mean(), lang)


def recurrence(rule: Recurrence, lang: Language) -> str:
    """Return a recurrence in words: ``每周三 09:00``."""
    times = ("、" if lang == "zh" else ", ").join(f"{time:%H:%M}" for time in rule.times)
    days = _days(rule, lang)
    if lang == "zh":
        frequency = {"daily": "每日", "weekly": "每", "fortnightly": "隔周", "monthly": "每月"}[rule.frequency]
        return f"{frequency}{days} {times}"
    return " ".join(filter(None, (rule.frequency, days, times)))


def probability(value: Probability, lang: Language) -> str:
    """Return a probability in percent; one that depends on the visit as its first and last value."""
    first, last = value.values[0], value.values[-1]
    if all(v == first for v in value.values):
        return f"{number(100 * first)}%"
    visit = len(value.values)
    while visit > 1 and value.values[visit - 2] == last:
        visit -= 1
    later = f"第{visit}次起 {number(100 * last)}%" if lang == "zh" else f"from visit {visit} {number(100 * last)}%"
    return f"{number(100 * first)}% ({later})" if lang == "en" else f"{number(100 * first)}%（{later}）"


def date(day: dt.date, lang: Language) -> str:
    """Return a date: ``2025年3月3日`` or ``3 March 2025``.

    >>> date(dt.date(2025, 3, 3), "zh"), date(dt.date(2025, 3, 3), "en")
    ('2025年3月3日', '3 March 2025')
    """
    if lang == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _days(rule: Recurrence, lang: Language) -> str:
    comma = "、" if lang == "zh" else ", "
    weekdays = comma.join(_WEEKDAYS[lang][day] for day in rule.weekdays)
    if rule.frequency == "fortnightly" and rule.odd_weeks:
        weekdays = f"（单数周）{weekdays}" if lang == "zh" else f"(odd weeks) {weekdays}"
    if rule.ordinal:
        return f"{_ORDINALS[lang][rule.ordinal]}{'' if lang == 'zh' else ' '}{weekdays}"
    if rule.month_days:
        return comma.join(f"{day}日" if lang == "zh" else str(day) for day in rule.month_days)
    return weekdays
