"""T17, an unstable process (不稳定): more arrives than can be done, and work in progress grows."""

from collections.abc import Iterable, Iterator

from procflow.analysis.finding import SHARE, Evidence, Finding, Measurement, Remedy, Subject
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding
from procflow.analysis.run_evidence import measured
from procflow.analysis.run_tables import DAY_US
from procflow.definition.arrivals import Arrivals
from procflow.definition.scenario import Scenario
from procflow.errors import SimulationError
from procflow.simulation.load import Load, offered_loads
from procflow.simulation.trend import Trend, trend
from procflow.simulation.window import windows
from procflow.text import Text

_YEAR_DAYS = 365.2425
_WHOLE_WEEKS = 364


def _check(context: Context) -> Iterable[Finding]:
    run = context.run
    if run is None:
        yield from _by_the_year(context)
        return
    overloads = [load for load in offered_loads(run.processes, run.scenario) if load.is_overload]
    grows = _growth(context)
    if grows is not None and grows.growing and grows.causes:
        yield _growing(context, grows)
    for load in overloads:
        if grows is None or load not in grows.causes:
            yield _overloaded(context, load)


def yearly_loads(context: Context) -> tuple[Load, ...]:
    """Return the offered loads of the cases that the definition says a year brings, the highest first.

    Those of this process alone: people whom other processes need too are offered more. None where it says nothing, or
    where some people or probabilities are not known.
    """
    cases = context.process.definition.cases_per_year
    if cases is None or not cases.value:
        return ()
    plan = Scenario(arrivals=Arrivals(rate=f"{cases.value / _YEAR_DAYS!r} per d"), days=_WHOLE_WEEKS)
    try:
        return offered_loads(context.process, plan)
    except SimulationError:
        return ()


def _by_the_year(context: Context) -> Iterator[Finding]:
    for load in yearly_loads(context):
        if load.is_overload:
            yield _overloaded(context, load, _yearly(context))


def _yearly(context: Context) -> tuple[Evidence, ...]:
    cases = context.process.definition.cases_per_year
    return (Measurement(Text(en="cases of a year", zh="年办件量"), cases.value, "cases"),) if cases else ()


def _growth(context: Context) -> Trend | None:
    """Return the trend of this process; None where the run is too short to have one."""
    run = context.run
    assert run is not None
    if min(last - first for first, last in windows(run)) < 2 * DAY_US:
        return None
    return next(each for each in trend(run) if each.process == context.process.name)


def _growing(context: Context, found: Trend) -> Finding:
    said = found.text()
    evidence: list[Evidence] = [
        measured(Text(en="change of work in progress", zh="在办件日变化"), found.slope, "cases/d"),
        Measurement(Text(en="mean work in progress", zh="平均在办件"), found.level, "cases"),
    ]
    evidence += [_offered(cause) for cause in found.causes]
    return finding(
        context,
        "T17",
        (Subject("process", context.process.name), *(s for cause in found.causes for s in _subjects(cause))),
        said,
        tuple(evidence),
        severity="high",
        remedies=_remedies(found.causes),
    )


def _overloaded(context: Context, load: Load, more: tuple[Evidence, ...] = ()) -> Finding:
    return finding(
        context,
        "T17",
        _subjects(load),
        load.text(),
        (_offered(load), *more),
        severity="high",
        remedies=_remedies((load,)),
    )


def _offered(load: Load) -> Measurement:
    names = ", ".join(load.names)
    return Measurement(Text(en=f"offered load of {names}", zh=f"{names} 的工作量与能力之比"), load.offered, SHARE)


def _subjects(load: Load) -> tuple[Subject, ...]:
    if load.kind == "staff":
        return tuple(Subject("role", name) for name in load.names)
    return tuple(Subject("state", name.partition("/")[2].partition("@")[0]) for name in load.names)


def _remedies(causes: tuple[Load, ...]) -> tuple[Remedy, ...]:
    kinds = {cause.kind for cause in causes}
    staff = Remedy("restaff", Text(en="more people, or part of their work elsewhere", zh="增加人手或分流业务"))
    sitting = Remedy("align_cadence", Text(en="more seats, or sittings more often", zh="增加名额或提高频次"))
    return tuple(r for r, kind in ((staff, "staff"), (sitting, "sitting")) if kind in kinds)


RULES = (
    Rule(
        id="T17",
        name=Text(en="unstable", zh="不稳定"),
        what=Text(
            en="a process whose work in progress grows, or people and sittings that are offered more than "
            "they can take",
            zh="在办件持续增长的流程，或工作量超过能力的人员与批次",
        ),
        why=Text(
            en="no mean of such a run says anything: the longer it is simulated, the worse it looks",
            zh="此时任何平均值都没有意义：仿真越久越差",
        ),
        formula=Text(
            en="the slope of the number of cases in progress with its t interval over replications; offered load = "
            "arrivals × expected visits × work ÷ what people can do (or seats), 1 or more; without a run of the cases "
            "that the definition says a year brings",
            zh="在办件数的斜率及其 t 区间（多次仿真）；工作量 ÷ 能力（来件 × 期望次数 × 工时 ÷ 人员能力或席位）≥ 1；"
            "无仿真时按定义中的年办件量推算",
        ),
        source="Law, Simulation Modeling and Analysis, 5th ed., 1.4 and 9.5.2; Kleinrock, Queueing Systems I, 2.1",
        trap=Text(
            en="growth that no overload explains: the rise from an empty start (a longer warm-up), one "
            "replication, which "
            "shows no trend; a definition that does not say how many cases come",
            zh="没有超负荷可解释的增长：空系统起步时的爬升（应延长预热）、单次仿真；未写明年办件量的定义",
        ),
        check=_check,
    ),
)
