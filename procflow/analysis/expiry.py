"""Whether a proof may have expired by the time it is needed again: then asking for it again has a reason."""

import math
from typing import TYPE_CHECKING

from procflow.analysis.pricing import elapsed_days, visits
from procflow.analysis.registry import Context
from procflow.analysis.sharing import Permissions
from procflow.units import Span

if TYPE_CHECKING:
    from procflow.simulation.run import Run

_DAYS = {"s": 1 / 86_400, "min": 1 / 1440, "h": 1 / 24, "d": 1.0, "week": 7.0, "month": 365.2425 / 12}
_CALENDAR_DAYS_PER_WORKING_DAY = 7 / 5
_MICROSECONDS_PER_DAY = 86_400e6
_QUANTILE = 0.95


def may_expire(context: Context, allowed: Permissions, thing: str) -> bool:
    """Whether the validity of an item or document may run out within a case.

    It cannot where it exceeds the 95 % quantile of the run's cycle time; without a run, where it exceeds
    ``validity_margin`` times the expected time of a case. Where neither is known it may.
    """
    entry = allowed.entry(thing)
    if entry is None or entry.validity is None:
        return False
    longest = context.shared(_longest_days)
    return longest is None or validity_days(entry.validity) <= longest


def validity_days(span: Span) -> float:
    """Return a validity in elapsed days; a working day as 7 of 5, a month as a twelfth of a mean year."""
    return span.amount * _DAYS.get(span.unit, _CALENDAR_DAYS_PER_WORKING_DAY)


def _longest_days(context: Context) -> float | None:
    if context.run is not None:
        return _quantile_days(context.run, context.process.name)
    expected = context.shared(visits)
    if expected is None:
        return None
    nodes = context.graph.nodes
    days = math.fsum(expected.to(n) * elapsed_days(context.process, nodes[n].state) for n in context.graph.leaves)
    return days * _CALENDAR_DAYS_PER_WORKING_DAY * context.profile.validity_margin


def _quantile_days(run: "Run", process: str) -> float | None:
    cases = run.cases.filter((run.cases["process"] == process) & run.cases["in_cohort"])
    quantile = cases["cycle_us"].quantile(_QUANTILE)
    return None if quantile is None else float(quantile) / _MICROSECONDS_PER_DAY
