"""What checks take and how often they refuse: as the definition expects, or as a run or a log shows. Judges nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from procflow.analysis.pricing import elapsed_days, visits, work_minutes
from procflow.analysis.registry import Context
from procflow.analysis.run_evidence import visits_of, with_days
from procflow.analysis.segments import Unit

FEWEST = 30
"""Arrivals at a check below which what was measured there is left aside."""


@dataclass(frozen=True)
class Checks:
    """Per check, of a case that reaches it: staff work in ``minutes``, elapsed working ``days``, and the probability
    that it is ``refused``; corrections included, queues apart. ``arrivals`` is the least sample, None if none was
    taken."""

    minutes: tuple[float, ...]
    days: tuple[float, ...]
    refused: tuple[float, ...]
    arrivals: int | None = None


def checks_of(context: Context, units: Sequence[Unit]) -> Checks | None:
    """Return what checks take: measured where there is a run or a log with enough cases, else expected.

    None where probabilities are not known.
    """
    found = _measured(context, units) if context.run is not None else None
    return found or _expected(context, units)


def _expected(context: Context, units: Sequence[Unit]) -> Checks | None:
    known = context.shared(visits)
    if known is None:
        return None
    minutes, days, refused = [], [], []
    for unit in units:
        entered = [e for e in context.graph.into(unit.state) if e.source not in unit.states]
        arrivals = sum(known.edges.get(e.index, 0.0) for e in entered) + float(unit.state == context.graph.initial)
        if arrivals <= 0:
            return None
        spent = [(known.to(name) / arrivals, context.graph.state(name)) for name in unit.states]
        minutes.append(sum(times * work_minutes(context.process, s) for times, s in spent if s.who == "staff"))
        days.append(sum(times * elapsed_days(context.process, state) for times, state in spent))
        refused.append(min(1.0, sum(known.edges.get(e.index, 0.0) for e in unit.refusals) / arrivals))
    return Checks(tuple(minutes), tuple(days), tuple(refused))


def _measured(context: Context, units: Sequence[Unit]) -> Checks | None:
    """Return what the finished cohort shows; None where a check has regions of its own or too few arrivals."""
    names = [name for unit in units for name in unit.states]
    if any(name in context.graph.regions for name in names):
        return None
    rows = context.shared(visits_of).filter(pl.col("state").is_in(names) & (pl.col("end") == "completed"))
    people = pl.col("people").str.count_matches(",", literal=True) + 1
    worked = pl.when(pl.col("who") == "staff").then(pl.col("work_us") * people).otherwise(0)
    rows = rows.with_columns(minutes=worked / 60e6, begun_us=pl.coalesce("start_us", "enter_us"))
    rows = with_days(context, rows, "begun_us", "exit_us")
    minutes, days, refused, least = [], [], [], None
    for unit in units:
        mine = rows.filter(pl.col("state").is_in(unit.states))
        arrivals = mine.filter(pl.col("state") == unit.state).height - mine.filter(pl.col("dest") == unit.state).height
        if arrivals < FEWEST:
            return None
        ways = pl.DataFrame([(e.source, e.trigger, e.dest) for e in unit.refusals], schema=_WAY, orient="row")
        minutes.append(float(mine["minutes"].sum()) / arrivals)
        days.append(float(mine["wd"].sum()) / arrivals)
        refused.append(min(1.0, mine.join(ways, on=list(_WAY), how="semi").height / arrivals))
        least = arrivals if least is None else min(least, arrivals)
    return Checks(tuple(minutes), tuple(days), tuple(refused), least)


_WAY = {"state": pl.String, "trigger": pl.String, "dest": pl.String}
