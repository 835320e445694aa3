"""T3, the frequency gap (频率差): what cases wait because a sitting or a courier comes less often than they do."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from procflow.analysis.cadence import Cycle, Floats, Wait, paced_arrivals, random_arrivals
from procflow.analysis.finding import Cost, Evidence, Finding, Measurement, Remedy
from procflow.analysis.pricing import cost, visits
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, subjects
from procflow.analysis.run_evidence import each, measured, per_case, visits_of, with_days
from procflow.analysis.run_tables import DAY_US
from procflow.analysis.working_clock import WorkingClock, ordinary_weeks
from procflow.definition import words
from procflow.definition.process import Batch, Transfer
from procflow.definition.quantities import Distribution, Durations, IfClosed, Span
from procflow.definition.recurrence import Recurrence
from procflow.definition.resolved import ALWAYS
from procflow.machine.chance import quantile
from procflow.machine.graph import Edge
from procflow.simulation.statistics import Estimate
from procflow.text import Text

_KNOTS, _LAGS = 200, 4000
"""Quantiles of a time between two cadences, and the equally likely values between them that stand for it."""
_WEEKS_2 = 14
_YEARS_28 = 28 * 1461 // 4
_PAD = 8 * 7
"""Days laid out before and after the common cycle, so that what moves across its ends is there; whole fortnights."""


@dataclass(frozen=True)
class Cadence:
    """Something that takes cases only so often: a state's sittings, or a transfer's dispatches.

    ``state`` takes part in it, ``edge`` is None for sittings; ``rule`` says how often, ``cycle`` when, over the common
    cycle of all cadences of the process, and ``cutoff`` how long before it the list is closed.
    """

    state: str
    edge: Edge | None
    rule: Recurrence
    cycle: Cycle
    cutoff: Span | None = None

    def label(self, lang: str, context: Context) -> str:
        """Return what it is called: the state, or the transition."""
        title = context.graph.nodes[self.state].label(lang)
        return title if self.edge is None else f"{title} – {self.edge.transition.label(lang)}"


def cycle_days(context: Context) -> int:
    """Return the least common multiple of the periods of all cadences of a process, in days.

    Days, weeks and fortnights repeat after 14 days; months and weekdays together after 28 years (10,227 days, without
    a century's year in between), which is no whole number of fortnights: with both, after 56.
    """
    sittings = (context.graph.state(name).batch for name in context.graph.leaves)
    dispatches = (edge.transition.transfer for edge in context.graph.edges)
    kinds = {each.every.frequency for each in (*sittings, *dispatches) if each is not None and each.every is not None}
    if "monthly" not in kinds:
        return _WEEKS_2
    return 2 * _YEARS_28 if "fortnightly" in kinds else _YEARS_28


def week_clock(context: Context) -> WorkingClock:
    """Return the organization's working clock in weeks without holidays."""
    organization = context.process.organization
    return ordinary_weeks(organization, organization.default_calendar, context.shared(cycle_days) + 2 * _PAD)


def cadences(context: Context) -> Iterator[Cadence]:
    """Yield the sittings of states and the dispatches of transfers, in file order."""
    yield from context.shared(_all)


def _all(context: Context) -> tuple[Cadence, ...]:
    found = []
    for name in context.graph.leaves:
        batch = context.graph.state(name).batch
        if batch is not None:
            found.append(Cadence(name, None, batch.every, _sittings(context, name, batch), batch.cutoff))
    for edge in context.graph.edges:
        transfer = edge.transition.transfer
        if transfer is not None and transfer.every is not None and edge.source not in context.graph.regions:
            found.append(Cadence(edge.source, edge, transfer.every, _dispatches(context, edge, transfer)))
    return tuple(found)


def expected_wait(context: Context, cadence: Cadence) -> Wait:
    """Return the expected wait for a cadence from the definition, over what leads to it.

    Cases released by another cadence (a sitting before, a courier in between) wait as the enumeration of both says;
    any others come at random working times.
    """
    if cadence.edge is not None:
        return _wait(cadence, _released(context, cadence.state, ()))
    edges = [edge for edge in context.graph.edges if cadence.state in context.graph.entered(edge.dest)]
    expected = context.shared(visits)
    waits, weights = [], []
    for edge in edges:
        waits.append(_wait(cadence, _release_of(context, edge)))
        weights.append(expected.edges.get(edge.index, 0.0) if expected else 1.0)
    if not math.fsum(weights):
        return _wait(cadence, None)
    total = math.fsum(weights)
    return Wait(
        math.fsum(w.now_wd * p for w, p in zip(waits, weights, strict=True)) / total,
        math.fsum(w.twice_as_often_wd * p for w, p in zip(waits, weights, strict=True)) / total,
    )


def is_paced(context: Context, cadence: Cadence) -> bool:
    """Whether another cadence releases cases to a state's sittings, so that they do not come at random times."""
    edges = [edge for edge in context.graph.edges if cadence.state in context.graph.entered(edge.dest)]
    return any(_release_of(context, edge) is not None for edge in edges)


_Release = tuple[Cycle, Floats]
"""When cases are released, and how long they are on their way after it, in working days, all alike likely."""


def _wait(cadence: Cadence, release: _Release | None) -> Wait:
    if release is None:
        return random_arrivals(cadence.cycle)
    return paced_arrivals(release[0], cadence.cycle, lags_wd=release[1])


def _release_of(context: Context, edge: Edge) -> _Release | None:
    transfer = edge.transition.transfer
    if edge.source in context.graph.regions:
        return None
    if transfer is not None and transfer.every is not None:
        return _dispatches(context, edge, transfer), np.zeros(1)
    on_the_way = (Durations(visits=(transfer.delay,)),) if transfer is not None and transfer.delay else ()
    return _released(context, edge.source, on_the_way)


def _released(context: Context, name: str, after: tuple[Durations, ...]) -> _Release | None:
    """Return the release by a state's own sittings, with its work, delay and what comes ``after`` as the lag.

    None where elapsed time comes in, which does not keep step with working days. Queues are left out.
    """
    state, process = context.graph.state(name), context.process
    if state.batch is None:
        return None
    office = process.nominal_day_seconds(process.organization.default_calendar)
    parts = [(state.work, process.nominal_day_seconds(process.work_calendar(state)))]
    parts += [(each, office) for each in (state.delay, *after)]
    lags = np.zeros(1)
    for durations, day_seconds in parts:
        if durations is None:
            continue
        first = durations.at(1)
        if durations is not state.work and not first.is_working and first.support(day_seconds)[1] > 0:
            return None
        lags = _added(lags, quantiles(first, day_seconds))
    return _sittings(context, name, state.batch), lags


def quantiles(duration: Distribution, day_seconds: float) -> Floats:
    """Return a duration in days as equally likely values: of equal shares of it, straight between quantiles."""
    days = tuple(each / day_seconds for each in duration.values(day_seconds))
    if duration.kind in ("erlang", "weibull"):
        days = (duration.values(day_seconds)[0], days[1])  # a shape has no unit
    plain = Distribution(kind=duration.kind, arguments=days)
    if plain.kind == "fixed":
        return np.array(days)
    shares = (np.arange(_KNOTS) + 0.5) / _KNOTS
    return np.interp((np.arange(_LAGS) + 0.5) / _LAGS, shares, _at_knots(plain))


@lru_cache(maxsize=256)
def _at_knots(plain: Distribution) -> tuple[float, ...]:
    """Return the quantiles at the middles of equal shares; several steps of a process often take alike."""
    return tuple(quantile(plain, (number + 0.5) / _KNOTS) for number in range(_KNOTS))


def _added(one: Floats, other: Floats) -> Floats:
    """Return the sum of two independent times, thinned to as many equally likely values."""
    if min(len(one), len(other)) == 1:
        return np.sort(one + other)
    few = other.reshape(_KNOTS, -1).mean(axis=1)
    return np.asarray(np.sort((one[:, None] + few[None, :]).reshape(-1)).reshape(_LAGS, -1).mean(axis=1))


def _sittings(context: Context, name: str, batch: Batch) -> Cycle:
    calendar = context.process.work_calendar(context.graph.state(name))
    return _cycle(context, calendar, batch.every, batch.if_closed, batch.cutoff)


def _dispatches(context: Context, edge: Edge, transfer: Transfer) -> Cycle:
    assert transfer.every is not None
    calendar = transfer.calendar or context.process.work_calendar(context.graph.state(edge.source))
    return _cycle(context, calendar, transfer.every, transfer.if_closed)


def _cycle(context: Context, calendar: str, rule: Recurrence, if_closed: IfClosed, cutoff: Span | None = None) -> Cycle:
    """Return the occurrences of a rule on a calendar, and when their lists are closed, over the common cycle."""
    length = context.shared(cycle_days)
    days = length + 2 * _PAD
    clock = ordinary_weeks(context.process.organization, calendar, days)
    times = clock.occurrences_us(rule, days, if_closed)
    closings = times
    if cutoff is not None:
        amount = round(cutoff.seconds(context.process.nominal_day_seconds(calendar)) * 1e6)
        closings = clock.earlier_us(times, amount) if cutoff.is_working and calendar != ALWAYS else times - amount
    return Cycle.of(times, closings, context.shared(week_clock), _PAD * DAY_US, length * DAY_US)


def _check(context: Context) -> Iterable[Finding]:
    threshold = context.profile.frequency_gap_wd
    for cadence in cadences(context):
        wait = expected_wait(context, cadence)
        seen = measured_wait(context, cadence) if context.run is not None else None
        now = wait.now_wd if seen is None else seen[0].mean
        if now >= threshold:
            yield _finding(context, cadence, wait, seen)


def measured_wait(context: Context, cadence: Cadence) -> tuple[Estimate, Estimate]:
    """Return the measured wait for a cadence in working days, per visit and per case."""
    rows = context.shared(visits_of).filter(pl.col("state") == cadence.state)
    if cadence.edge is None:
        rows = rows.filter(pl.col("ready_us").is_not_null()).with_columns(over=pl.col("enter_us") + pl.col("batch_us"))
        timed = with_days(context, rows, "enter_us", "over")
    else:
        rows = rows.filter((pl.col("trigger") == cadence.edge.trigger) & pl.col("arrive_us").is_not_null())
        timed = with_days(context, rows, "exit_us", "arrive_us")
    return each(timed, "wd", unit="wd"), per_case(context, timed, "wd", unit="wd")


def _finding(context: Context, cadence: Cadence, wait: Wait, seen: tuple[Estimate, Estimate] | None) -> Finding:
    now, share = (wait.now_wd if seen is None else seen[0].mean), wait.saved_wd / wait.now_wd if wait.now_wd else 0.0
    evidence: list[Evidence] = [
        Measurement(Text(en="expected wait from the definition", zh="按定义推算的期望等待"), wait.now_wd, "wd"),
        Measurement(Text(en="saved if twice as often", zh="频次加倍可节省"), now * share, "wd"),
    ]
    if seen is not None:
        evidence.insert(0, measured(Text(en="measured wait", zh="仿真实测等待"), seen[0]))
    about = subjects(("state", [cadence.state])) if cadence.edge is None else subjects(
        ("transition", [cadence.edge.name]), ("state", [cadence.state])
    )  # fmt: skip
    path = context.graph.nodes[cadence.state].path if cadence.edge is None else cadence.edge.path
    en, zh = cadence.label("en", context), cadence.label("zh", context)
    return finding(
        context,
        "T3",
        about,
        Text(
            en=f"{en} ({cadence.rule}): a case waits {now:.1f} working days for the next one on average; "
            f"twice as often would save {now * share:.1f}",
            zh=f"{zh}（{words.recurrence(cadence.rule, 'zh')}）：每次平均等待 {now:.1f} 个工作日；"
            f"频次加倍可节省 {now * share:.1f} 个工作日",
        ),
        tuple(evidence),
        cost=_cost(context, cadence, wait, seen),
        remedies=_remedies(cadence),
        thresholds={"frequency_gap_wd": context.profile.frequency_gap_wd},
        path=path,
    )


def _cost(context: Context, cadence: Cadence, wait: Wait, seen: tuple[Estimate, Estimate] | None) -> tuple[Cost, ...]:
    if seen is not None:
        basis = Text(en="wait for it per case, measured in the run", zh="仿真实测的每件等待时间")
        return cost(context, "working_days", seen[1].mean, basis)
    expected = context.shared(visits)
    if expected is None:
        return ()
    often = expected.to(cadence.state) if cadence.edge is None else expected.edges.get(cadence.edge.index, 0.0)
    basis = Text(en="expected wait × expected visits", zh="期望等待 × 期望次数")
    return cost(context, "working_days", wait.now_wd * often, basis)


def _remedies(cadence: Cadence) -> tuple[Remedy, ...]:
    align = Remedy(
        "align_cadence",
        Text(en="come more often, or right after what comes before", zh="提高频次，或与上一环节的节奏对齐"),
    )
    on_demand = Remedy("on_demand", Text(en="take each case as it comes", zh="即来即办，取消批次"))
    return (align, on_demand) if cadence.edge is None else (align,)


RULES = (
    Rule(
        id="T3",
        name=Text(en="frequency gap", zh="频率差"),
        what=Text(
            en="a sitting or courier for which cases wait long, because it comes less often than they do",
            zh="批次会议、集中办理或定时移送的频次低于来件节奏，造成等待",
        ),
        why=Text(
            en="the wait serves nobody and nobody works in it; it often costs no staff to shorten",
            zh="等待期间无人办理、无人受益，缩短它往往无需增加人手",
        ),
        formula=Text(
            en="random arrivals: E[W] = E[X²]/2E[X] over the gaps X in working time, plus the cut-off; cases released "
            "by another cadence: every release in the common cycle is enumerated",
            zh="随机来件：E[W] = E[X²]/2E[X]（X 为工作时间上的间隔），另加截止提前量；"
            "由另一节奏放行的来件：逐次枚举共同周期",
        ),
        source="Tijms, A First Course in Stochastic Models, 2.1",
        trap=Text(
            en="states without sittings (event-triggered), sittings in phase with what feeds them, full sittings",
            zh="无批次的环节（事件触发）、与上一环节节奏已对齐的批次、因名额已满造成的等待",
        ),
        check=_check,
    ),
)
