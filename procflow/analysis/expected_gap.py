"""What a case that is handed over waits for the taker's hours, from the definition alone. Knows no queues."""

import numpy as np

from procflow.analysis.frequency_gap import quantiles
from procflow.analysis.registry import Context
from procflow.analysis.run_tables import DAY_US
from procflow.analysis.working_clock import Ints, WorkingClock, ordinary_weeks
from procflow.definition.process import State
from procflow.definition.quantities import Distribution
from procflow.definition.resolved import ALWAYS
from procflow.machine.graph import Edge

_WEEK_US = 7 * DAY_US
_STARTS, _MOST = 2_000, 400_000
"""Instants at which the giver may finish, and how many instants of arrival are looked at, at most."""


def expected_gap(context: Context, edge: Edge) -> float | None:
    """Return the mean working days from the end of a transfer until the taker is on duty; None where it is not known.

    Staff finish at any of their own working times, all alike likely; the delay of the state and that of the transfer
    follow with their whole distributions, a courier at his times; then the case waits for the taker's hours, counted on
    the organization's clock, in ordinary weeks without holidays. None where no staff hands over to staff, for sittings
    (T3), and where nothing lies between the two (T5).

    Too low where people are waited for as well, which only a run tells; wrong by what holidays add.
    """
    giver, taker = context.graph.state(edge.source), context.graph.state(edge.dest)
    transfer = edge.transition.transfer
    if edge.source in context.graph.regions or edge.dest in context.graph.regions or not _works(giver, taker):
        return None
    if taker.batch is not None or (transfer is None and giver.delay is None):
        return None
    times = _spread(_clock(context, context.process.work_calendar(giver)))
    for delay, calendar in _delays(context, giver, edge):
        times = _later(times, delay, _clock(context, calendar), context.process.nominal_day_seconds(calendar))
    if transfer is not None and transfer.every is not None:
        calendar = transfer.calendar or context.process.work_calendar(giver)
        clock = _clock(context, calendar)
        leaves = np.unique(clock.occurrences_us(transfer.every, 35, transfer.if_closed))
        if transfer.every.frequency not in ("daily", "weekly") or not len(leaves):
            return None
        times = leaves[np.searchsorted(leaves, times)] % _WEEK_US
    hours = _clock(context, context.process.work_calendar(taker))
    if not len(hours.on):
        return None
    begun = np.searchsorted(hours.on, times, side="right")
    closed = begun <= np.searchsorted(hours.off, times, side="right")  # at all other instants nobody waits
    following = hours.on[np.minimum(begun[closed], len(hours.on) - 1)]
    office = _clock(context, context.process.organization.default_calendar)
    return float(office.days_between(times[closed], following).sum() / len(times))


def _works(*states: State) -> bool:
    return all(state.who == "staff" and state.work is not None for state in states)


def _clock(context: Context, calendar: str) -> WorkingClock:
    return ordinary_weeks(context.process.organization, calendar, 35)


def _delays(context: Context, giver: State, edge: Edge) -> list[tuple[Distribution, str]]:
    """Return the delays between the work of the giver and the end of the transfer, with their calendars."""
    process, transfer, found = context.process, edge.transition.transfer, []
    if giver.delay is not None:
        first = giver.delay.at(1)
        found.append((first, process.delay_calendar(giver, working=first.is_working)))
    if transfer is not None and transfer.delay is not None:
        working = transfer.delay.is_working
        default = process.delay_calendar(giver, working=True) if working else ALWAYS
        found.append((transfer.delay, transfer.calendar or default))
    return found


def _spread(clock: WorkingClock) -> Ints:
    """Return instants of one week that divide its time on duty into equal parts."""
    weekly = int(clock.duty_us(np.array([_WEEK_US]))[0])
    return clock.with_duty_us(((np.arange(_STARTS) + 0.5) / _STARTS * weekly).astype(np.int64))


def _later(times: Ints, delay: Distribution, clock: WorkingClock, day_seconds: float) -> Ints:
    """Return the instants of the week to which a delay on a calendar leads from each of some instants."""
    lags = (quantiles(delay, day_seconds) * day_seconds * 1e6).astype(np.int64)
    lags = lags[:: max(1, -(-len(lags) * len(times) // _MOST))]
    weekly = int(clock.duty_us(np.array([_WEEK_US]))[0])
    if not weekly:
        return times
    # lag by lag, so that long stretches are in order: they are looked up several times as fast
    wanted = clock.duty_us(times)[None, :] + (lags % weekly)[:, None]
    return np.asarray(clock.with_duty_us(wanted.reshape(-1)) % _WEEK_US)
