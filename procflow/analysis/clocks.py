"""The statutory clock (法定时限): when a time limit ends, and how much of it is used, counted by dates.

The first day is not counted; a last day that is no working day moves on to the next one; a suspension (停表)
stops the count, by default on the days after its first up to its last (no law says which: a convention).
Source: 中华人民共和国民法典 art. 200–204 for the counting, 行政许可法 art. 82 for working days, 32 for acceptance by
silence, 45 for what is not counted. A unit is never inferred: the law that sets a limit says whether it is counted
in working days (``wd``), days (``d``), weeks, months or hours.

Knows dates and nothing of cases; ``limit_times`` counts a whole run.
"""

import datetime as dt
from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from procflow.definition.holidays import is_working_day
from procflow.definition.organization import Organization, SuspensionDays
from procflow.errors import AnalysisError
from procflow.text import Text
from procflow.units import SECONDS, Span

_Time = TypeVar("_Time", bound=dt.date)

Suspended = Iterable[tuple[dt.date, dt.date]]
"""Suspensions from one date to another. With datetimes, hours are suspended from the one instant to the other."""

WorkingDays = Organization | str | Callable[[dt.date], bool]
"""Whose working days are counted: an organization's (with its country's holidays), a country's by its code such as
``"CN"``, or those that a function of the date says."""

BOUNDARIES: dict[SuspensionDays, tuple[int, int]] = {"last": (0, 0), "first": (1, 1), "both": (1, 0), "neither": (0, 1)}
"""How many days earlier than (after its first day, up to its last) the days of a suspension begin and end."""

BOUNDARY_TEXTS: dict[str, Text] = {
    "last": Text(en="the day it begins still counts, the day it ends does not", zh="停表首日计入时限，末日不计入"),
    "first": Text(en="the day it begins does not count, the day it ends does", zh="停表首日不计入时限，末日计入"),
    "both": Text(en="neither the day it begins nor the day it ends counts", zh="停表首日、末日均不计入时限"),
    "neither": Text(en="the day it begins and the day it ends both count", zh="停表首日、末日均计入时限"),
}

DAY_UNITS = ("wd", "d", "week", "month")
"""The units that are counted by dates; the others run from the instant of the event."""

_HORIZON_DAYS = 36_525


def due(
    accepted: dt.date,
    limit: Span | str,
    calendar: WorkingDays,
    *,
    suspensions: Suspended = (),
    extensions: Sequence[Span | str] = (),
    roll: bool = True,
    suspension_days: SuspensionDays | None = None,
) -> dt.date:
    """Return the last day of a limit; for limits in hours or less, the instant at which it ends (a datetime).

    Parameters
    ----------
    accepted : the day (or instant) of the event that starts the clock; it is not counted itself.
    limit : such as ``"20 wd"``, ``"30 d"``, ``"8 week"``, ``"1 month"`` or ``"24 h"``. Days, weeks and months are
        counted in whole numbers.
    calendar : an organization, a country code, or a function that says whether a date is a working day.
    suspensions : pairs (first, last); overlapping ones count once.
    extensions : lawful extensions (延长), in the limit's unit (days and weeks may be mixed).
    roll : whether a last day that is no working day moves on to the next one (民法典 art. 203); some laws except
        long terms from it. Working-day limits end on a working day anyway, and hours never roll.
    suspension_days : on which of its first and last days a suspension stops a limit in days: ``last``, ``first``,
        ``both`` or ``neither``; by default what the organization says, ``last`` where none does.

    Raises AnalysisError for units that cannot be added, fractions of days and a limit in hours that starts on a
    date without time; UnpublishedHolidaysError for a year whose holidays are not known.

    >>> due(dt.date(2025, 3, 3), "20 wd", lambda day: day.weekday() < 5)
    datetime.date(2025, 3, 31)
    >>> due(dt.date(2025, 1, 23), "20 wd", "CN")
    datetime.date(2025, 2, 26)
    """
    total = total_limit(limit, extensions)
    if total.unit not in DAY_UNITS:
        return _due_instant(_instant(accepted), total.seconds(), _merged_instants(suspensions))
    start, stopped = _date(accepted), merged(suspensions, _boundary(calendar, suspension_days))
    works = _working(calendar)
    if total.unit == "wd":
        return _nth_day(start, int(total.amount), lambda day: works(day) and not _suspended(day, stopped))
    last = nominal_end(start, total)
    last = _nth_day(start, (last - start).days, lambda day: not _suspended(day, stopped))
    while roll and (not works(last) or (last > start and _suspended(last, stopped))):
        last += dt.timedelta(days=1)
    return last


def used(
    accepted: dt.date,
    as_of: dt.date,
    unit: str,
    calendar: WorkingDays,
    *,
    suspensions: Suspended = (),
    suspension_days: SuspensionDays | None = None,
) -> float:
    """Return how much of a limit is used at the end of the day ``as_of``: ``used(due) = limit`` unless it rolled.

    ``unit`` is ``wd``, ``d``, ``week`` or a unit of hours and less, for which both ends are datetimes. Months have
    no common length: count the days, or ask for ``due``, whose other parameters these are. Raises AnalysisError for
    ``month`` and unknown units.

    >>> used(dt.date(2025, 3, 3), dt.date(2025, 3, 10), "wd", lambda day: day.weekday() < 5)
    5.0
    """
    if unit in ("wd", "d", "week"):
        counts = _working(calendar) if unit == "wd" else lambda day: True
        stopped = merged(suspensions, _boundary(calendar, suspension_days))
        days = _count(_date(accepted), _date(as_of), counts, stopped)
        return days / (7 if unit == "week" else 1)
    if unit not in SECONDS:
        raise AnalysisError(
            Text(
                en=f"what is used of a limit cannot be counted in {unit!r}: use wd, d, week, h, min or s",
                zh=f"已用时限不能以 {unit!r} 计：可用 wd、d、week、h、min、s",
            )
        )
    begin, end = _instant(accepted), _instant(as_of)
    off = sum(
        (max(dt.timedelta(0), min(b, end) - max(a, begin)) for a, b in _merged_instants(suspensions)), dt.timedelta(0)
    )
    return (max(dt.timedelta(0), end - begin) - off).total_seconds() / SECONDS[unit]


def clock_start(
    received: dt.date, if_silent: Span | str, calendar: WorkingDays, *, answered: dt.date | None, as_of: dt.date
) -> dt.date | None:
    """Return the day of receipt where silence made an acceptance of it (行政许可法 art. 32), else None.

    ``answered`` is when the office first said something (acceptance, or all that is missing, told at once), None
    for never yet; ``as_of`` is today, which decides where nothing was said.
    """
    last_day = due(received, if_silent, calendar, roll=True)
    return received if (answered or as_of) > last_day else None


def total_limit(limit: Span | str, extensions: Sequence[Span | str] = ()) -> Span:
    """Return a limit with its extensions in one unit; raise AnalysisError where units cannot be added."""
    spans = [Span.parse(s) if isinstance(s, str) else s for s in (limit, *extensions)]
    units = {span.unit for span in spans}
    if len(units) == 1:
        total = Span(sum(span.amount for span in spans), spans[0].unit)
    elif units <= {"d", "week"}:
        total = Span(sum(span.amount * (7 if span.unit == "week" else 1) for span in spans), "d")
    elif not units & set(DAY_UNITS):
        total = Span(sum(span.seconds() for span in spans), "s")
    else:
        shown = ", ".join(map(str, spans))
        raise AnalysisError(
            Text(
                en=f"{shown} cannot be added: write the extension in the limit's unit, {spans[0].unit}",
                zh=f"{shown} 不能相加：延长期限须与时限同单位（{spans[0].unit}）",
            )
        )
    if total.unit in DAY_UNITS and total.amount != int(total.amount):
        raise AnalysisError(
            Text(
                en=f"a limit of {total} cannot be counted by dates: write a whole number",
                zh=f"时限 {total} 无法按日计算：请写整数",
            )
        )
    return total


def nominal_end(start: dt.date, limit: Span) -> dt.date:
    """Return the last day of a limit in days, weeks or months before suspensions and rolling.

    A month ends on the day of the same number, or on the last day of a shorter month (民法典 art. 202).
    """
    if limit.unit != "month":
        return start + dt.timedelta(days=int(limit.amount) * (7 if limit.unit == "week" else 1))
    year, month = divmod(start.year * 12 + start.month - 1 + int(limit.amount), 12)
    return dt.date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def merged(suspensions: Suspended, suspension_days: SuspensionDays = "last") -> tuple[tuple[dt.date, dt.date], ...]:
    """Return suspensions as disjoint pairs in order: what is stopped are the days after the first up to the last.

    Overlapping and adjoining ones are united.
    """
    begins, ends = (dt.timedelta(days=shift) for shift in BOUNDARIES[suspension_days])
    pairs = [(_date(first), _date(last)) for first, last in suspensions]
    for first, last in pairs:
        _refuse_backwards(first, last)
    return _united((first - begins, last - ends) for first, last in pairs if first - begins < last - ends)


def _merged_instants(suspensions: Suspended) -> tuple[tuple[dt.datetime, dt.datetime], ...]:
    return _united((end_of_day(first), end_of_day(last)) for first, last in suspensions)


def _united(pairs: Iterable[tuple[_Time, _Time]]) -> tuple[tuple[_Time, _Time], ...]:
    united: list[tuple[_Time, _Time]] = []
    for first, last in sorted(pairs):
        _refuse_backwards(first, last)
        if united and first <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], last))
        else:
            united.append((first, last))
    return tuple(united)


def _refuse_backwards(first: dt.date, last: dt.date) -> None:
    if last < first:
        raise AnalysisError(
            Text(
                en=f"a suspension cannot end ({last}) before it begins ({first})",
                zh=f"停表的结束（{last}）不能早于开始（{first}）",
            )
        )


def _suspended(day: dt.date, stopped: tuple[tuple[dt.date, dt.date], ...]) -> bool:
    return any(first < day <= last for first, last in stopped)


def _count(
    start: dt.date, end: dt.date, counts: Callable[[dt.date], bool], stopped: tuple[tuple[dt.date, dt.date], ...]
) -> int:
    days = (start + dt.timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(1 for day in days if counts(day) and not _suspended(day, stopped))


def _nth_day(start: dt.date, n: int, counts: Callable[[dt.date], bool]) -> dt.date:
    """Return the ``n``-th day after ``start`` that counts; ``start`` itself for 0."""
    day, left = start, n
    for _ in range(_HORIZON_DAYS):
        if not left:
            return day
        day += dt.timedelta(days=1)
        left -= counts(day)
    raise AnalysisError(
        Text(
            en=f"a limit of {n} days from {start} does not end within a century: has the calendar working days?",
            zh=f"自 {start} 起 {n} 日的时限一百年内不会届满：日历中有工作日吗？",
        )
    )


def _due_instant(
    start: dt.datetime, seconds: float, stopped: tuple[tuple[dt.datetime, dt.datetime], ...]
) -> dt.datetime:
    end = start + dt.timedelta(seconds=seconds)
    for first, last in stopped:
        if last > start and first < end:
            end += last - max(first, start)
    return end


def _working(calendar: WorkingDays) -> Callable[[dt.date], bool]:
    known = of_country(calendar) if isinstance(calendar, str) else calendar
    if isinstance(known, Organization):
        return lambda day: is_working_day(known, day)
    return known


def of_country(code: str) -> Organization:
    """Return an organization with nothing but a country's public holidays, such as those of ``CN``."""
    written = {"procflow": 1, "organization": code or "none", "holidays": code, "levels": [{"name": "any"}]}
    return Organization.model_validate(written)


def _boundary(calendar: WorkingDays, given: SuspensionDays | None) -> SuspensionDays:
    return given or (calendar.suspension_days if isinstance(calendar, Organization) else "last")


def _date(day: dt.date) -> dt.date:
    return day.date() if isinstance(day, dt.datetime) else day


def _instant(moment: dt.date) -> dt.datetime:
    if isinstance(moment, dt.datetime):
        return moment
    raise AnalysisError(
        Text(
            en=f"a limit in hours runs from an instant: {moment} has no time of day, give a datetime",
            zh=f"按小时计的时限从事件发生的时刻起算：{moment} 没有时刻，请给出 datetime",
        )
    )


def end_of_day(day: dt.date) -> dt.datetime:
    """Return an instant as it is, and the end of a day for a date: the day a suspension begins still counts."""
    if isinstance(day, dt.datetime):
        return day
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time())
