"""How long a run may last: its horizon in days where it is counted in days, an estimate where in cases."""

import math
from collections.abc import Sequence

from procflow.definition.arrivals import Arrivals
from procflow.definition.resolved import ALWAYS, Process
from procflow.definition.scenario import Scenario
from procflow.errors import SimulationError
from procflow.kernel.layout import DAY
from procflow.simulation.calendars import Clock
from procflow.simulation.streams import gap
from procflow.text import Text
from procflow.units import LONGEST_DAYS, MICROSECONDS

_SAMPLE_DAYS = 364
_SLACK_DAYS = 366
"""More than a season: a mean over a year says little of some weeks."""


def cap_days(days: int) -> int:
    """Return after how many days a run of so many days ends at the latest."""
    return days + max(3 * days, 1_100)


def horizon_days(processes: Sequence[Process], arrivals: Sequence[Arrivals], scenario: Scenario) -> int:
    """Return the days of a scenario; where it counts cases, days in which they have arrived, save for a wonder.

    That is the time that they take at the mean rate over a year, a fifth more, ten standard deviations of a renewal
    process, and a year. A run tells where it was not enough, as after gaps of infinite variance.

    Raises SimulationError where they take more than a century, or a list has not so many.
    """
    if scenario.cases is None:
        return scenario.days or 0
    pairs = zip(processes, arrivals, strict=True)
    return max(_days_for(process, how, scenario, scenario.cases) for process, how in pairs)


def likely_days(days: int, scenario: Scenario) -> int:
    """Return about how many days of ``horizon_days`` a run takes, without the slack of one that counts cases."""
    return days if scenario.cases is None else max(1, days - _SLACK_DAYS)


def _days_for(process: Process, arrivals: Arrivals, scenario: Scenario, cases: int) -> int:
    clock = Clock(process.organization, scenario.start, _SAMPLE_DAYS * DAY)
    if arrivals.times:
        ticks = sorted(t for t in map(clock.ticks, arrivals.instants(scenario.start)) if t >= 0)
        if len(ticks) < cases:
            raise too_few(cases, process.name)
        return int(ticks[cases - 1]) // DAY + 1 + _SLACK_DAYS
    number = math.ceil(cases / arrivals.size)
    per_day = expected_arrivals(clock, process, arrivals, 0, clock.cap) / arrivals.size / _SAMPLE_DAYS
    days = (1.2 * number + 10 * _spread(process, arrivals) * math.sqrt(number)) / per_day if per_day else math.inf
    if days > LONGEST_DAYS:
        raise too_few(cases, process.name)
    return math.ceil(days) + _SLACK_DAYS


def _spread(process: Process, arrivals: Arrivals) -> float:
    """Return the coefficient of variation of the gaps."""
    if arrivals.every is not None:
        return 0.0
    between, calendar = gap(process, arrivals)
    day = process.nominal_day_seconds(calendar)
    mean = between.mean(day)
    return math.sqrt(between.variance(day)) / mean if mean else 0.0


def too_few(cases: int, process: str) -> SimulationError:
    """Return the error of arrivals that do not bring so many cases."""
    return SimulationError(
        Text(
            en=f"{process}: its arrivals do not bring {cases} cases in time: give fewer 'cases', or more arrivals",
            zh=f"{process}：其到达不足 {cases} 件：请减少 cases，或增加到达",
        )
    )


def expected_arrivals(clock: Clock, process: Process, arrivals: Arrivals, first: int, last: int) -> float:
    """Return how many cases arrive in [first, last) on average, by a rate, an interval or a schedule."""
    if arrivals.every is not None:
        ticks = clock.occurrences(arrivals.every, ALWAYS, "next")
        return arrivals.size * float(((ticks >= first) & (ticks < last)).sum())
    between, calendar = gap(process, arrivals)
    mean = between.mean(process.nominal_day_seconds(calendar)) * MICROSECONDS
    if arrivals.profile is not None:
        paced = clock.profile(arrivals.profile, calendar)
        amount = paced.amount_before(last) - paced.amount_before(first)
    elif calendar == ALWAYS:
        amount = last - first
    else:
        amount = clock.intervals(calendar).duty_before(last) - clock.intervals(calendar).duty_before(first)
    return arrivals.size * amount / mean if mean else 0.0
