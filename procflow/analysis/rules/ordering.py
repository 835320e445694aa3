"""R12: checks whose refusals come late, after work that was then in vain (后置否决)."""

import itertools
from collections.abc import Iterator

from procflow.analysis.finding import Finding, Measurement, Remedy, Step, Witness
from procflow.analysis.knock_out import MOST, Order, orders
from procflow.analysis.measured_checks import FEWEST
from procflow.analysis.pricing import cost, visits
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.parallel import independent_runs, is_complete, limits_crossed, movable
from procflow.analysis.rules.wording import finding, named, subjects
from procflow.analysis.segments import Unit, chains
from procflow.text import Text

_MEASURED = Text(
    en="work measured, of today's order less that of the other one, queues apart",
    zh="实测工作量：现有次序与调整后次序之差，不含排队",
)
_BASIS = Text(
    en="expected work of today's order less that of the other one, queues apart",
    zh="现有次序与调整后次序的期望工作量之差，不含排队",
)


def _late(context: Context) -> Iterator[Finding]:
    for chain in chains(context):
        together = [{unit.state for unit in run} for run in independent_runs(context, chain)]
        for run in _segments(context, chain):
            found = orders(context, run)
            if found is None or found[0].minutes - found[1].minutes < context.profile.knock_out_minutes:
                continue
            moved = {run[i].state for place, i in enumerate(found[1].steps) if place != i}
            if not any(moved <= states for states in together):  # else R15 tells both ways in one finding
                yield _finding(context, run, *found)


def _segments(context: Context, chain: tuple[Unit, ...]) -> Iterator[tuple[Unit, ...]]:
    """Yield the longest stretches of steps that have no place of their own and say that their data are complete."""

    def free(unit: Unit) -> bool:
        return movable(context, unit) and is_complete(context, unit)

    for is_free, group in itertools.groupby(chain, key=free):
        units = tuple(group)
        if is_free and len(units) > 1:
            yield units


def _finding(context: Context, run: tuple[Unit, ...], now: Order, then: Order) -> Finding:
    places = [place for place, index in enumerate(then.steps) if place != index]
    moved = range(places[0], places[-1] + 1)
    states, order = [run[place].state for place in moved], [run[then.steps[place]].state for place in moved]
    first, basis = order[0], _BASIS if now.sample is None else _MEASURED
    listed, shown = named(context, [first]), named(context, order)
    known = context.shared(visits)
    entering = known.to(run[0].state) if known else 0.0
    return finding(
        context,
        "R12",
        subjects(("state", states)),
        Text(
            en=f"{listed.get('en')} refuses late: in the order {shown.get('en')} less work is done for cases that are "
            "then refused, and every dependency is kept",
            zh=f"{listed.get('zh')}否决过晚：改按 {shown.get('zh')} 的次序，"
            "可少为最终不予通过的办件做无用功，且不违反任何依赖关系",
        ),
        (
            Witness(tuple(Step(name) for name in states)),
            Measurement(
                Text(en="expected work in today's order", zh="现有次序的期望工作量"), now.minutes, "min", n=now.sample
            ),
            Measurement(
                Text(en="expected work in that order", zh="调整后的期望工作量"), then.minutes, "min", n=then.sample
            ),
            Measurement(Text(en="expected time in today's order", zh="现有次序的期望用时"), now.days, "wd"),
            Measurement(Text(en="expected time in that order", zh="调整后的期望用时"), then.days, "wd"),
        ),
        cost=(
            *cost(context, "minutes", (now.minutes - then.minutes) * entering, basis),
            *(cost(context, "working_days", (now.days - then.days) * entering, basis) if now.days > then.days else ()),
        ),
        blocked_by=limits_crossed(context, run),
        remedies=(
            Remedy("knock_out", Text(en="put the cheap and likely refusals first", zh="前置易否决、成本低的审查")),
        ),
        thresholds={"knock_out_minutes": context.profile.knock_out_minutes},
        path=context.graph.nodes[states[0]].path,
    )


RULES = (
    Rule(
        "R12",
        Text(en="late knock-out", zh="后置否决"),
        Text(
            en="checks in an order in which refusals come after work that another order would save",
            zh="审查次序使否决发生在本可省去的工作之后",
        ),
        Text(en="work for cases that are refused in the end", zh="为最终不予通过的办件白做工作"),
        Text(
            en="Σ work of a check × P(no earlier one refuses), least over all orders that data, locks and authority "
            f"allow, as the definition expects it or as a run or log of {FEWEST} cases or more shows it (exact, up to "
            f"{MOST} checks without dependencies and more with them; without: ascending cost ÷ "
            "P(refuse)); told from knock_out_minutes per case on, and only where cases wait no longer",
            zh="Σ 各审查工作量×此前均未否决的概率（按定义推算，或取仿真、日志中不少于 "
            f"{FEWEST} 件的实测值），在数据、法定先后与职权允许的全部次序中求最小"
            f"（精确搜索，无依赖时至多 {MOST} 道，有依赖时可更多；无依赖时按成本÷否决概率升序）；"
            "每件节省不少于 knock_out_minutes 且用时不增加时提示",
        ),
        "van der Aalst, Re-engineering knock-out processes, Decision Support Systems 30 (2001)",
        Text(
            en="data dependencies (also of what a refusal reads), legal locks, a duty to look again, a higher level, "
            "steps with a place of their own, data not declared complete; steps that need nothing of each other at all "
            "are R15's, which tells both ways",
            zh="数据依赖（含不予通过时须读取者）、法定先后、复核职责、上级审查、次序固定的环节、数据未声明完整；"
            "完全互不依赖的环节由 R15 一并给出两种方案",
        ),
        _late,
    ),
)
