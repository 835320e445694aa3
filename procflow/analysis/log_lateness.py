"""How many cases of a log end after their deadline, open cases included as far as they tell.

A case that is still open has not yet been late or in time: leaving it out flatters, counting it as late condemns.
Kaplan and Meier's estimate uses what it tells, that it lasts until the log ends.
"""

import datetime as dt
import warnings
from dataclasses import dataclass, field

import polars as pl

from procflow.errors import LogError
from procflow.logs.arrivals import case_times
from procflow.logs.log import EventLog
from procflow.simulation.statistics import Estimate, wilson
from procflow.text import Text


@dataclass(frozen=True)
class LogLateness:
    """Lateness of the cases of a log.

    ``ended`` cases have an end, ``late`` of them after the deadline; ``share`` is that of the ended ones, with its
    Wilson interval. ``open_cases`` have no end; ``open_late`` of them are past their deadline when the log ends.
    ``estimate`` is the probability that a case ends late, all cases taken, by Kaplan and Meier, with a log-log
    interval (NaN where no case, or every case, has ended by then). ``curve`` has ``late_s`` (seconds after the
    deadline, negative before), ``probability`` (that a case ends later than that), ``low`` and ``high``.
    ``undated`` cases have no deadline and are left out.
    """

    ended: int
    late: int
    share: Estimate
    open_cases: int
    open_late: int
    undated: int
    estimate: Estimate
    log_end: dt.datetime
    curve: pl.DataFrame = field(repr=False)


def log_lateness(
    log: EventLog, *, deadline: str = "deadline", end: str = "enddate", confidence: float = 0.95
) -> LogLateness:
    """Return how many cases end after their deadline.

    Parameters
    ----------
    log
        Its cases have the two times as attributes.
    deadline, end
        The attributes of cases; a case without ``end`` is open.
    confidence
        Of the intervals, between 0 and 1.

    Raises
    ------
    LogError
        An attribute is not there or no time, or no case has a deadline.

    Notes
    -----
    Kaplan and Meier, *Nonparametric estimation from incomplete observations*, JASA 53 (1958), over the time from
    deadline to end; open cases are censored when the log ends (its last event or end of a case). That is right as
    long as being open says nothing about lateness beyond having lasted so long: it is too low where difficult cases
    came late in the log, and where the log ends when a campaign closed many cases.
    """
    from scipy.stats import CensoredData, ecdf  # imported here: scipy is slow to load

    rows, log_end = _dated(log, deadline, end)
    dated = rows.drop_nulls("deadline")
    if dated.is_empty():
        raise LogError(
            Text(en=f"no case has a {deadline!r}: name the attribute", zh=f"没有办件有属性 {deadline!r}：请指明属性名")
        )
    last = pl.coalesce("end", pl.lit(log_end))
    table = dated.select(
        late_s=(last - pl.col("deadline")).dt.total_microseconds() / 1e6, censored=pl.col("end").is_null()
    )
    late = pl.col("late_s") > 0
    closed = table.filter(~pl.col("censored"))
    found = ecdf(CensoredData.right_censored(table["late_s"].to_numpy(), table["censored"].to_numpy())).sf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # where all have, or none has, ended the interval is NaN
        band = found.confidence_interval(confidence, method="log-log")
    curve = pl.DataFrame(
        {
            "late_s": found.quantiles,
            "probability": found.probabilities,
            "low": band.low.probabilities,
            "high": band.high.probabilities,
        }
    )
    return LogLateness(
        ended=closed.height,
        late=closed.filter(late).height,
        share=wilson(closed.filter(late).height, closed.height, confidence=confidence),
        open_cases=table.height - closed.height,
        open_late=table.filter(late & pl.col("censored")).height,
        undated=rows.height - dated.height,
        estimate=_at_deadline(curve, table.height, confidence),
        log_end=log_end,
        curve=curve,
    )


def end_attribute(log: EventLog, deadline: str = "deadline", end: str = "enddate") -> str:
    """Return the attribute that holds the end of cases: ``end`` where only that is there under the usual names."""
    have = set(log.cases.columns)
    usual = (deadline, end) == ("deadline", "enddate")
    return "end" if usual and "case_end" in have and "case_enddate" not in have else end


def log_end(log: EventLog, end: str = "enddate") -> dt.datetime:
    """Return the last instant that a log knows; raise LogError where it knows none."""
    latest = [case_times(log, end)["at"].max(), log.events["end"].max(), log.events["start"].max()]
    known = [each for each in latest if isinstance(each, dt.datetime)]
    if not known:
        raise LogError(Text(en="the log has no time at all", zh="日志中没有任何时间"))
    return max(known)


def _dated(log: EventLog, deadline: str, end: str) -> tuple[pl.DataFrame, dt.datetime]:
    """Return the cases with their two times, and when the log ends."""
    ends = case_times(log, end).rename({"at": "end"})
    rows = case_times(log, deadline).rename({"at": "deadline"}).join(ends, on="case")
    return rows, log_end(log, end)


def _at_deadline(curve: pl.DataFrame, n: int, confidence: float) -> Estimate:
    """Return the probability of ending later than the deadline itself: the curve's last value up to it."""
    before = curve.filter(pl.col("late_s") <= 0)
    if before.is_empty():
        return Estimate(1.0, float("nan"), float("nan"), n, confidence)
    last = before.row(-1, named=True)
    return Estimate(last["probability"], last["low"], last["high"], n, confidence)
