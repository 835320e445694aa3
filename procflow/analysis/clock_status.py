"""How a clock stands on a day: three times side by side, the light of a warning board (红黄绿灯), a reminder's day.

Counts by the rules of ``clocks``. Warns nobody itself.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from procflow.analysis.clocks import DAY_UNITS, Suspended, WorkingDays, due, end_of_day, total_limit, used
from procflow.definition.organization import SuspensionDays
from procflow.errors import AnalysisError
from procflow.text import Text
from procflow.units import Span

Light = Literal["green", "yellow", "red", "grey"]

LIGHT_TEXTS: dict[str, Text] = {
    "green": Text(en="green: in time", zh="绿灯：正常"),
    "yellow": Text(en="yellow: close to expiry", zh="黄灯：临近届满"),
    "red": Text(en="red: overdue", zh="红灯：超期"),
    "grey": Text(en="grey: suspended", zh="灰灯：停表"),
}
_DAY_S = 86_400


@dataclass(frozen=True)
class ClockStatus:
    """How a limit's clock stands at ``as_of``.

    ``due`` is the last day (or instant) by what is known then; ``reminder`` the last working day before it, None for
    limits in hours. ``lived_days`` are the elapsed days since the start, ``used`` what the agency's clock has counted
    and ``suspended`` what it has not, both in ``unit``; months are counted in days (``d``). ``light`` is red past the
    last day, grey while the clock is suspended, yellow from the reminder or from the warning's share of the limit on,
    else green.
    """

    as_of: dt.date
    due: dt.date
    reminder: dt.date | None
    lived_days: float
    used: float
    suspended: float
    unit: str
    light: Light

    @property
    def overdue(self) -> bool:
        """Whether the limit has run out."""
        return self.light == "red"


def clock_status(
    accepted: dt.date,
    limit: Span | str,
    calendar: WorkingDays,
    *,
    as_of: dt.date,
    suspensions: Suspended = (),
    extensions: Sequence[Span | str] = (),
    roll: bool = True,
    suspension_days: SuspensionDays | None = None,
    warning_share: float = 0.8,
) -> ClockStatus:
    """Return how a limit stands at the end of the day (or at the instant) ``as_of``.

    Parameters
    ----------
    as_of : a day, or an instant for limits in hours; what happens later is not looked at.
    suspensions : of one that goes on, give ``as_of`` as its last day.
    warning_share : 0 to 1, of the limit, from where on the light is yellow.

    The other parameters are those of ``due``. Yellow on the last working day before expiry follows rules on electronic
    monitoring (电子监察); what they count as irregular besides lateness is not known here. Raises as ``due`` does, and
    AnalysisError for a day before the clock starts.

    >>> status = clock_status(dt.date(2025, 3, 3), "20 wd", "CN", as_of=dt.date(2025, 3, 28))
    >>> status.light, status.reminder, status.used
    ('yellow', datetime.date(2025, 3, 28), 19.0)
    """
    total = total_limit(limit, extensions)
    by_day = total.unit in DAY_UNITS
    accepted, as_of = (_day(each) if by_day else each for each in (accepted, as_of))
    if as_of < accepted:
        raise AnalysisError(
            Text(
                en=f"the clock starts on {accepted}, after {as_of}: give a later day",
                zh=f"时限自 {accepted} 起算，晚于 {as_of}：请给出更晚的日期",
            )
        )
    stops = (tuple(_day(each) if by_day else end_of_day(each) for each in pair) for pair in suspensions)
    known = [(first, min(end, as_of)) for first, end in stops if first <= as_of]
    last = due(
        accepted, limit, calendar, suspensions=known, extensions=extensions, roll=roll, suspension_days=suspension_days
    )
    unit = "d" if total.unit == "month" else total.unit
    net = used(accepted, as_of, unit, calendar, suspensions=known, suspension_days=suspension_days)
    whole = used(accepted, as_of, unit, calendar)
    reminder = _working_day_before(last, calendar) if by_day else None
    standing = any(first < as_of <= end for first, end in known)
    warned = net >= warning_share * _counted(accepted, total) or (reminder is not None and as_of >= reminder)
    light: Light = "red" if as_of > last else "grey" if standing else "yellow" if warned else "green"
    return ClockStatus(as_of, last, reminder, _elapsed_days(accepted, as_of), net, whole - net, unit, light)


def _counted(accepted: dt.date, total: Span) -> float:
    """Return the amount of a limit as ``used`` counts it: months as days from the start on."""
    if total.unit != "month":
        return total.amount
    return float((due(accepted, total, lambda day: True) - _day(accepted)).days)


def _working_day_before(last: dt.date, calendar: WorkingDays) -> dt.date:
    day = last - dt.timedelta(days=1)
    while not used(day - dt.timedelta(days=1), day, "wd", calendar):
        day -= dt.timedelta(days=1)
    return day


def _elapsed_days(begin: dt.date, end: dt.date) -> float:
    if isinstance(begin, dt.datetime) and isinstance(end, dt.datetime):
        return (end - begin).total_seconds() / _DAY_S
    return float((_day(end) - _day(begin)).days)


def _day(moment: dt.date) -> dt.date:
    return moment.date() if isinstance(moment, dt.datetime) else moment
