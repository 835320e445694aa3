"""Which dates are working days: weekends, public holidays, make-up days, and what an organization overrides.

A date of a year for which no holidays are published is an error where the law's clock is counted, and a plain
weekday rule with a warning where a simulation runs into it.
"""

import datetime as dt
import json
import re
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from procflow.cache import cache_folder, keep
from procflow.definition.organization import DAYS, Calendar, Organization, shift_minutes
from procflow.errors import ProcflowError, UnitError
from procflow.text import Text

DayKind = Literal["ordinary", "holiday", "make_up"]
Minutes = tuple[tuple[int, int], ...]
_Days = tuple[frozenset[dt.date], frozenset[dt.date]]

PUBLISHED = {"CN": (2000, 2026)}
"""The first and last year whose holidays and make-up days are known, where a government publishes them by the year."""


class UnpublishedHolidaysError(ProcflowError):
    """The holidays of a year are not published yet, so that its working days cannot be counted."""

    def __init__(self, year: int, country: str) -> None:
        self.year, self.country = year, country
        super().__init__(
            Text(
                en=f"the public holidays of {country} for {year} are not published, or not known: give all of them as "
                f"closed_days and open_days in the organization file, with known_years: [{year}]",
                zh=f"{country} {year} 年的节假日安排尚未公布或未知:请在组织文件中用 closed_days 和 open_days 全部给出,"
                f"并写 known_years: [{year}]",
            )
        )


def day_kind(organization: Organization, day: dt.date) -> DayKind:
    """Return whether ``day`` is a public holiday, a make-up day (open although a weekend), or an ordinary day.

    ``closed_days`` and ``open_days`` of the organization come first; nothing is guessed of a year that is not
    published.
    """
    if day in organization.closed_days:
        return "holiday"
    if day in organization.open_days:
        return "make_up"
    if organization.holidays is None or not _is_covered(organization.holidays, day.year):
        return "ordinary"
    holidays, make_up = _year(organization.holidays, day.year)
    if day in make_up:
        return "make_up"
    return "holiday" if day in holidays else "ordinary"


def is_published(organization: Organization, year: int) -> bool:
    """Whether the working days of a year are known: published, or given in full in the organization file."""
    country = organization.holidays
    return country is None or year in organization.known_years or _is_covered(country, year)


def _is_covered(country: str, year: int) -> bool:
    """Whether the holidays of a country are known for a year; none at all means that they are not."""
    first, last = PUBLISHED.get(country, (year, year))
    return first <= year <= last and bool(_year(country, year)[0])


def duty(organization: Organization, calendar: Calendar, day: dt.date) -> Minutes:
    """Return the shifts of a calendar on a date, as minutes after midnight."""
    if day in calendar.exceptions:
        return shift_minutes(calendar.exceptions[day])
    kind = day_kind(organization, day) if calendar.holidays else "ordinary"
    if kind == "holiday":
        return ()
    weekday = DAYS[day.weekday()]
    if kind == "make_up" and not calendar.hours.get(weekday):
        weekday = calendar.make_up_as
    return calendar.minutes(weekday)


def is_working_day(organization: Organization, day: dt.date) -> bool:
    """Whether ``day`` is a statutory working day: Monday to Friday less holidays, plus make-up days.

    Raises UnpublishedHolidaysError for a year whose holidays are not known.
    """
    if not is_published(organization, day.year):
        raise UnpublishedHolidaysError(day.year, organization.holidays or "")
    kind = day_kind(organization, day)
    return kind == "make_up" or (kind == "ordinary" and day.weekday() < 5)


def published_days(country: str, year: int) -> tuple[frozenset[dt.date], frozenset[dt.date]]:
    """Return the public holidays and the make-up days of a year; none of a year that is not known.

    Raises UnitError where nothing is known of the country.
    """
    return _year(country, year) if _is_covered(country, year) else (frozenset(), frozenset())


@lru_cache(maxsize=512)
def _year(country: str, year: int) -> _Days:
    """Return the holidays and the make-up days of a year, from the cache where somebody asked before."""
    folder = cache_folder(f"holidays-{version('holidays')}")
    kept = folder / f"{country}-{year}.json" if folder is not None and re.fullmatch(r"[A-Za-z]+", country) else None
    known = _read(kept) if kept is not None else None
    if known is None:
        known = _published(country, year)
        if kept is not None:
            keep(kept, json.dumps([sorted(day.isoformat() for day in days) for days in known]).encode())
    return known


def _read(kept: Path) -> _Days | None:
    """Return the days in a file of the cache; None where it is missing or damaged."""
    try:
        holidays, make_up = json.loads(kept.read_bytes())
        return frozenset(map(dt.date.fromisoformat, holidays)), frozenset(map(dt.date.fromisoformat, make_up))
    except (OSError, ValueError, TypeError):
        return None


def _published(country: str, year: int) -> _Days:
    import holidays  # imported here: it loads the modules of all countries

    try:
        published = holidays.country_holidays(country, years=year)
    except NotImplementedError:
        raise UnitError(
            Text(en=f"no holidays are known for country {country!r}", zh=f"没有国家 {country!r} 的节假日数据")
        ) from None
    return frozenset(published.keys()), frozenset(getattr(published, "weekend_workdays", ()))
