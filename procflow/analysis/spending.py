"""What steps and their repetitions take: from a run where there is one, else as the definition lets expect.

Gives rules their costs and the measurements beside them. Judges nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from procflow.analysis.finding import Cost, CostKind, Evidence
from procflow.analysis.pricing import cost, elapsed_days, weighted, work_minutes
from procflow.analysis.registry import Context
from procflow.analysis.run_evidence import measured, per_case, visits_of, with_days
from procflow.simulation.statistics import Estimate
from procflow.text import Text

KINDS: tuple[CostKind, ...] = ("visits", "keyed_items", "minutes", "working_days")

_MEASURED = Text(en="measured in the run, queues and transfers included", zh="由仿真运行测得，含排队与移送")
_EXPECTED = Text(en="expected visits × mean durations, queues apart", zh="期望次数×平均时长，不含排队")
_NAMES: dict[CostKind, Text] = {
    "visits": Text(en="visits per case", zh="每件跑动"),
    "keyed_items": Text(en="keyed items per case", zh="每件填写录入"),
    "minutes": Text(en="work per case", zh="每件工作时间"),
    "working_days": Text(en="working days per case", zh="每件用时"),
}
_UNITS: dict[CostKind, str] = {
    "visits": "visits", "keyed_items": "entries", "materials": "materials", "minutes": "min", "working_days": "wd",
}  # fmt: skip


@dataclass(frozen=True)
class Spending:
    """Costs per case and per year, and the measurements that prove them where a run does."""

    costs: tuple[Cost, ...]
    evidence: tuple[Evidence, ...]


def of_visits(context: Context, times: Mapping[str, float], rows: pl.DataFrame | None) -> Spending:
    """Return what visits to states take.

    ``times`` are further visits per case by state, as expected; ``rows`` are the visits of the run that are meant, in
    the columns of ``visits_of``, None without a run.
    """
    if rows is None:
        return _expected(context, times)
    found = {kind: estimate for kind, estimate in _measured(context, rows).items() if estimate.mean > 0}
    costs = [each for kind, estimate in found.items() for each in cost(context, kind, estimate.mean, _MEASURED)]
    return Spending(tuple(costs), tuple(measured(_NAMES[kind], e, _UNITS[kind]) for kind, e in found.items()))


def of_states(context: Context, names: Iterable[str]) -> Spending:
    """Return what all visits to some states take."""
    listed = list(names)
    if context.run is not None:
        return of_visits(context, {}, context.shared(visits_of).filter(pl.col("state").is_in(listed)))
    each = {name: weighted(context, {name: 1.0}) for name in listed}
    return _expected(context, {name: times for name, times in each.items() if times is not None})


def _expected(context: Context, times: Mapping[str, float]) -> Spending:
    totals: dict[CostKind, float] = dict.fromkeys(KINDS, 0.0)
    for name, often in times.items():
        for kind, amount in _each(context, name).items():
            totals[kind] += often * amount
    costs = [c for kind, amount in totals.items() if amount > 0 for c in cost(context, kind, amount, _EXPECTED)]
    return Spending(tuple(costs), ())


def _each(context: Context, name: str) -> dict[CostKind, float]:
    """Return what one visit to a state takes; work only where staff do it."""
    state = context.graph.state(name)
    return {
        "visits": state.visits.value if state.visits else 0.0,
        "keyed_items": float(sum(ask.item is not None for ask in state.asks) + sum(len(e.into) for e in state.enters)),
        "minutes": work_minutes(context.process, state) if state.who == "staff" else 0.0,
        "working_days": elapsed_days(context.process, state),
    }


def _measured(context: Context, rows: pl.DataFrame) -> dict[CostKind, Estimate]:
    people = pl.col("people").fill_null("").str.count_matches(",").cast(pl.Float64) + 1
    spent = with_days(context, rows, "enter_us", "gone_us").with_columns(
        keyed=(pl.col("items_each") + pl.col("entries_each")).cast(pl.Float64),
        minutes=pl.when(pl.col("who") == "staff").then(pl.col("work_us") / 6e7 * people).otherwise(0.0),
    )
    columns: dict[CostKind, str] = {
        "visits": "visits_each",
        "keyed_items": "keyed",
        "minutes": "minutes",
        "working_days": "wd",
    }
    return {kind: per_case(context, spent, column, unit=_UNITS[kind]) for kind, column in columns.items()}
