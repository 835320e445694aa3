"""What findings cost: visits times what each visit takes, and times the cases of a year.

Visits are counted in a run where there is one, and else expected from the definition.
"""

import math
from collections.abc import Mapping

import polars as pl

from procflow.analysis.expectation import Visits, expected_visits
from procflow.analysis.finding import Cost, CostKind
from procflow.analysis.knowledge import values
from procflow.analysis.loops import returns
from procflow.analysis.registry import Context
from procflow.analysis.run_evidence import cohort, visits_of
from procflow.definition.process import State, Transition
from procflow.definition.quantities import Distribution, Durations
from procflow.definition.resolved import Process
from procflow.text import Text

_EXPECTED = Text(
    en="expected visits from the definition's probabilities",
    zh="按定义中的概率推算的期望办理次数",
)
_COUNTED = Text(en="visits counted in the run", zh="按仿真中统计的办理次数")
_UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0, "week": 604_800.0, "month": 365.2425 / 12 * 86_400}


def visits(context: Context) -> Visits | None:
    """Return the expected visits per case, None where the definition does not determine them."""
    return context.shared(told_apart) or expected(context)


def told_apart(context: Context) -> Visits | None:
    """Return the expected visits with first and further visits to all corrections told apart.

    None where the definition does not determine them, and where so many corrections are too much to unroll at once.
    """
    return expected(context, dict.fromkeys(returns(context), 2))


def expected(context: Context, apart: Mapping[str, int] | None = None) -> Visits | None:
    """Return the expected visits per case by the thresholds of the analysis, as ``expected_visits`` does."""
    tail = context.profile.probability_tail
    return expected_visits(context.graph, context.shared(values), tail=tail, apart=apart)


def priced_visits(context: Context) -> Visits | None:
    """Return the visits and uses per case by which findings are priced: of the run, where there is one.

    Transitions of composites have no rows of their own in a run: for them it stays at what the definition lets expect.
    """
    known = context.shared(visits)
    if context.run is None:
        return known
    rows, cases = context.shared(visits_of), context.shared(cohort).height
    if not cases:
        return known
    states = {row["state"]: row["len"] / cases for row in rows.group_by("state").len().to_dicts()}
    left = rows.filter(pl.col("trigger").is_not_null()).group_by("state", "trigger", "dest").len()
    used = {(row["state"], row["trigger"], row["dest"]): row["len"] / cases for row in left.to_dicts()}
    edges = {
        edge.index: (known.edges.get(edge.index, 0.0) if known else 0.0)
        if edge.source in context.graph.regions
        else used.get((edge.source, edge.trigger, edge.dest), 0.0)
        for edge in context.graph.edges
    }
    return Visits(states, edges)


def basis_of(context: Context, basis: Text) -> Text:
    """Return how a cost was computed, with a word on the run where visits are counted in one."""
    if context.run is None:
        return basis
    return Text(en=f"{basis.get('en')}; {_COUNTED.get('en')}", zh=f"{basis.get('zh')}；{_COUNTED.get('zh')}")


def cost(context: Context, kind: CostKind, per_case: float | None, basis: Text | None = None) -> tuple[Cost, ...]:
    """Return a cost per case and per year; nothing where it is not known.

    ``basis`` says how it was computed, by default by the visits of ``priced_visits``.
    """
    if per_case is None or not math.isfinite(per_case):
        return ()
    cases = context.process.definition.cases_per_year
    by = basis or (_EXPECTED if context.run is None else _COUNTED)
    return (Cost(kind, per_case, per_case * cases.value if cases else None, by),)


def weighted(context: Context, amounts: dict[str, float]) -> float | None:
    """Return the sum of amounts per visit of states, times their visits per case; None where these are unknown."""
    known = context.shared(priced_visits)
    if known is None:
        return None
    return math.fsum(known.to(state) * amount for state, amount in amounts.items())


def work_minutes(process: Process, state: State) -> float:
    """Return the mean work of a first visit, in person-minutes."""
    if state.work is None:
        return 0.0
    seconds = _mean_seconds(state.work.at(1), process.nominal_day_seconds(process.work_calendar(state)))
    return state.staff * seconds / 60


def elapsed_days(process: Process, state: State) -> float:
    """Return the mean work and delay of a first visit in working days of the organization, queues apart."""
    return _days(process, state.work, process.work_calendar(state)) + delay_days(process, state)


def delay_days(process: Process, state: State) -> float:
    """Return the mean delay of a first visit in working days of the organization."""
    if state.delay is None:
        return 0.0
    return _days(process, state.delay, process.delay_calendar(state, working=state.delay.at(1).is_working))


def transfer_days(process: Process, source: State, transition: Transition) -> float:
    """Return the mean delay of a transfer in working days of the organization; 0 for a courier's round."""
    transfer = transition.transfer
    if transfer is None or transfer.delay is None:
        return 0.0
    calendar = transfer.calendar or process.delay_calendar(source, working=transfer.delay.is_working)
    return _days(process, Durations(visits=(transfer.delay,)), calendar)


def working_days(amount: float, unit: str) -> float:
    """Return an amount of a limit's unit in working days; elapsed time as 5 of 7 days."""
    return amount if unit == "wd" else amount * _UNITS[unit] / 86_400 * 5 / 7


def _days(process: Process, durations: Durations | None, calendar: str) -> float:
    """Count working time by the day of its calendar, and time on an always open one as 5 of 7 days."""
    if durations is None:
        return 0.0
    organization_seconds = process.nominal_day_seconds(process.organization.default_calendar) or 86_400.0
    day = process.nominal_day_seconds(calendar)
    seconds = _mean_seconds(durations.at(1), day if calendar != "always" else organization_seconds)
    if durations.at(1).is_working or calendar != "always":
        return seconds / (day if calendar != "always" else organization_seconds)
    return seconds / 86_400 * 5 / 7


def _mean_seconds(distribution: Distribution, day_seconds: float) -> float:
    kinds = {argument.unit for argument in distribution.arguments if not isinstance(argument, float)}
    if "month" not in kinds:
        return distribution.mean(day_seconds)
    return _UNITS["month"] * max(a.amount for a in distribution.arguments if not isinstance(a, float))
