"""Measured times of a log beside the assumed ones of a definition. Changes neither.

Work is what elapses between start and end of a step on the calendar of its staff; where no staff works (an applicant
corrects, an expert is heard), the elapsed time is a delay. A log of completions only has neither.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from procflow.analysis.working_clock import WorkingClock
from procflow.definition.process import State
from procflow.definition.quantities import Distribution
from procflow.definition.resolved import Process
from procflow.errors import LogError
from procflow.logs.fitting import FEWEST, Fit, fit
from procflow.logs.log import EventLog
from procflow.logs.matching import Matching
from procflow.machine.graph import state_graph
from procflow.text import Text

Quantity = Literal["work", "delay"]
Ints = np.ndarray[Any, np.dtype[np.int64]]

MOST_OFF_DUTY = 0.5
"""Where a greater share of the starts and ends of work lies off duty, the calendar is not the one that people keep."""


@dataclass(frozen=True)
class Measured:
    """The measured times of a state beside the assumed one.

    ``visits`` says which visits of a case: ``all``, or ``first`` and ``again`` where the definition tells them apart.
    ``mean_s``, ``median_s`` and ``p90_s`` are seconds on the staff's calendar, or elapsed seconds where ``elapsed``.
    ``off_duty`` is the share of the starts and ends outside that calendar, from 0 to 1; ``wd_seconds`` the length of a
    working day where the time is counted in working days, else None. ``assumed`` is what the
    definition says, None where it says nothing; ``assumed_s`` its mean. ``fit`` is None where there are too few.
    """

    state: str
    quantity: Quantity
    visits: Literal["all", "first", "again"]
    n: int
    mean_s: float
    median_s: float
    p90_s: float
    off_duty: float
    elapsed: bool
    wd_seconds: float | None
    assumed: Distribution | None
    assumed_s: float | None
    fit: Fit | None

    def to_data(self) -> dict[str, Any]:
        """Return it as plain data."""
        fitted = (
            None if self.fit is None else {"kind": self.fit.kind, "arguments_s": self.fit.arguments, "ks": self.fit.ks}
        )
        return {
            "state": self.state,
            "quantity": self.quantity,
            "visits": self.visits,
            "n": self.n,
            "mean_s": self.mean_s,
            "median_s": self.median_s,
            "p90_s": self.p90_s,
            "off_duty": self.off_duty,
            "elapsed": self.elapsed,
            "assumed": None if self.assumed is None else self.assumed.model_dump(mode="json"),
            "assumed_s": self.assumed_s,
            "fit": fitted,
        }


def measure(log: EventLog, process: Process, matching: Matching) -> list[Measured]:
    """Return the measured times of the states of a definition, in the order of its file.

    Parameters
    ----------
    log
        Only instances with start and end count.
    process
        Says which calendars people keep, and what is assumed.
    matching
        Which state each activity is.

    Raises
    ------
    LogError
        No matched activity has starts and ends: with completions only, work and waiting cannot be told apart.

    Where more than half of the starts and ends of work lie off duty on its calendar (a log in another zone, people who
    work at night), the elapsed time is taken instead, and ``elapsed`` says so.
    """
    timed = log.steps.drop_nulls(["start", "end"]).filter(pl.col("activity").is_in(list(matching.states)))
    if timed.is_empty():
        raise LogError(
            Text(
                en="no step of the log that is known to the definition has a start and an end: nothing can be measured",
                zh="日志中与定义对应的环节都没有开始和结束时间：无法测算时长",
            )
        )
    rows = timed.sort("case", "start", maintain_order=True).with_columns(
        state=pl.col("activity").replace_strict(dict(matching.states), return_dtype=pl.String)
    )
    rows = rows.with_columns(visit=pl.int_range(1, pl.len() + 1).over("case", "state"))
    return [
        each for state in state_graph(process).leaves for each in _of_state(rows.filter(state=state), process, state)
    ]


def source_of(log: EventLog, name: str, n: int) -> str:
    """Return what a definition says about where a measured number is from.

    >>> import datetime as dt
    >>> from procflow.logs import event_log
    >>> at = [dt.datetime(2025, 3, 3), dt.datetime(2025, 4, 1)]
    >>> source_of(event_log(pl.DataFrame({"case": ["1", "2"], "activity": "a", "end": at})), "office.csv", 40)
    'measured: office.csv, 2025-03-03 to 2025-04-01, n = 40'
    """
    ends = log.events["end"].drop_nulls().dt.strftime("%Y-%m-%d")
    return f"measured: {name}, {ends.min()!s} to {ends.max()!s}, n = {n}"


def _of_state(rows: pl.DataFrame, process: Process, name: str) -> Iterator[Measured]:
    if rows.is_empty():
        return
    state = state_graph(process).state(name)
    quantity: Quantity = "work" if state.who == "staff" else "delay"
    assumed = state.work if quantity == "work" else state.delay
    by_visit = assumed is not None and len(assumed.visits) > 1
    parts = {"first": rows.filter(visit=1), "again": rows.filter(pl.col("visit") > 1)} if by_visit else {"all": rows}
    for visits, part in parts.items():
        if part.height:
            said = None if assumed is None else assumed.at(2 if visits == "again" else 1)
            yield _measured(part, process, state, name, quantity, visits, said)


def _measured(
    rows: pl.DataFrame,
    process: Process,
    state: State,
    name: str,
    quantity: Quantity,
    visits: Any,
    assumed: Distribution | None,
) -> Measured:
    in_days = quantity == "delay" and assumed is not None and assumed.is_working
    calendar = process.work_calendar(state) if quantity == "work" else process.delay_calendar(state, working=in_days)
    clock, begin, end = _clocked(rows, process, calendar)
    off_duty = _off_duty(clock, np.concatenate([begin, end]))
    elapsed = quantity == "work" and off_duty > MOST_OFF_DUTY
    taken = (end - begin if elapsed else clock.duty_us(end) - clock.duty_us(begin)) / 1e6
    day_s = clock.day_us / 1e6
    return Measured(
        state=name,
        quantity=quantity,
        visits=visits,
        n=len(taken),
        mean_s=float(taken.mean()),
        median_s=float(np.median(taken)),
        p90_s=float(np.quantile(taken, 0.9)),
        off_duty=off_duty,
        elapsed=elapsed,
        wd_seconds=day_s if in_days else None,
        assumed=assumed,
        assumed_s=None if assumed is None else assumed.mean(day_s),
        fit=fit(taken) if len(taken) >= FEWEST else None,
    )


def _clocked(rows: pl.DataFrame, process: Process, calendar: str) -> tuple[WorkingClock, Ints, Ints]:
    """Return the clock of a calendar over the time of some rows, with their starts and ends on it."""
    zone = ZoneInfo(process.organization.timezone)
    first = rows["start"].min().astimezone(zone).date()  # type: ignore[union-attr]
    last = rows["end"].max().astimezone(zone).date()  # type: ignore[union-attr]
    origin = dt.datetime.combine(first, dt.time(), zone).timestamp()
    clock = WorkingClock.of(process.organization, calendar, first, (last - first).days + 2)
    begin, end = ((rows[name].dt.timestamp("us") - round(origin * 1e6)).to_numpy() for name in ("start", "end"))
    return clock, begin, end


def _off_duty(clock: WorkingClock, times: Ints) -> float:
    """Return the share of instants around which, a second before and after, nobody is on duty."""
    return float(np.mean(clock.duty_us(times + 1_000_000) == clock.duty_us(times - 1_000_000)))
