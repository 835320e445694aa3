"""Estimates, metrics and money-free quantities as a report writes them: with unit and interval. Measures nothing."""

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from procflow.definition import words
from procflow.definition.organization import Organization
from procflow.simulation.statistics import Estimate
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.compare import Difference

ELAPSED = "elapsed_h"
"""Hours that are read in the largest unit that leaves a number above 1: minutes, hours or calendar days."""

_LOAD = "utilization:"
_NO_INTERVAL = Text(en="no interval: one replication", zh="无区间：仅一次仿真")
_INTERVAL = {"en": "{c}% interval {low} to {high}", "zh": "{c}% 置信区间 {low} 至 {high}"}


def quantity(value: float, unit: str, lang: Language, *, signed: bool = False) -> str:
    """Return a number with its unit; without a unit it is a share, shown in percent.

    >>> quantity(12.34, "wd", "zh"), quantity(0.815, "", "en")
    ('12.3 个工作日', '81.5%')
    """
    if math.isnan(value):
        return "–"
    sign = "+" if signed and value > 0 else ""
    if not unit:
        points = (" percentage points" if lang == "en" else "个百分点") if signed else "%"
        return sign + words.number(100 * value) + points
    if unit == ELAPSED:
        return sign + words.elapsed(value * 3600, lang)
    return f"{sign}{words.number(value)} {unit_words(unit, lang)}"


def unit_words(unit: str, lang: Language) -> str:
    """Return a unit as people read it beside a number; '%' for a share.

    >>> unit_words("wd", "zh"), unit_words("", "en"), unit_words("elapsed_h", "en")
    ('个工作日', '%', 'hours')
    """
    if unit == ELAPSED:
        unit = "h"
    return words.unit(unit, lang) or "%"


def rounded(value: float, unit: str, lang: Language) -> str:
    """Return a number for a sentence, with two digits below ten and its unit.

    >>> rounded(3.088, "wd", "zh"), rounded(31.02, "wd", "en"), rounded(0.0171, "handoffs", "zh")
    ('3.1 个工作日', '31 working days', '0.02 次')
    """
    short = round(value, 2) if abs(value) < 1 else round(value, 1)
    return quantity(short, unit, lang)


def size_interval(value: Estimate, lang: Language) -> str:
    """Return the interval of a change without its sign, from its smaller to its larger size: for one that is sure."""
    low, high = sorted((abs(value.low), abs(value.high)))
    return interval(replace(value, mean=abs(value.mean), low=low, high=high), lang)


def interval(value: Estimate, lang: Language, *, scale: float = 1.0) -> str:
    """Return the interval of an estimate in words; says so where there is none."""
    if math.isnan(value.mean):
        return ""
    if math.isnan(value.low):
        return _NO_INTERVAL.get(lang)
    low, high = words.number(value.low * scale), words.number(value.high * scale)
    return _INTERVAL[lang].format(c=words.number(100 * value.confidence), low=low, high=high)


def is_idle(found: "Difference") -> bool:
    """Whether it is the load of people who do nothing in either run: of another process's departments."""
    return found.key.startswith(_LOAD) and found.before.mean == found.after.mean == 0


def measure_name(found: "Difference", organization: Organization, lang: Language) -> str:
    """Return what a measure is called, people by the titles of their department and role."""
    if not found.key.startswith(_LOAD):
        return found.name.get(lang)
    titles = group_title(found.key.removeprefix(_LOAD), organization, lang)
    return f"负荷率：{titles}" if lang == "zh" else f"utilization: {titles}"


def group_title(name: str, organization: Organization, lang: Language) -> str:
    """Return what a group of people is called: by the titles of its department and role."""
    department, _, group = name.partition(".")
    known = organization.department(department)
    role = known.role(group.rpartition(".")[2]) if known else None
    return " · ".join(((known.label(lang) if known else department), (role.label(lang) if role else group)))
