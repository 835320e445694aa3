"""R8: steps that do little, add nothing and hand straight on."""

from collections.abc import Iterator

from procflow.analysis.finding import Finding, Measurement, Remedy, Step, Witness
from procflow.analysis.knowledge import flow
from procflow.analysis.pricing import delay_days, work_minutes
from procflow.analysis.registry import Context, Rule
from procflow.analysis.rules.wording import finding, subjects
from procflow.analysis.spending import of_states
from procflow.definition.citations import cited
from procflow.definition.process import State
from procflow.text import Text

_SERVING = frozenset({"application", "registration", "notice", "certificate", "delivery", "payment", "archive"})
"""Kinds that have a purpose of their own, though they write nothing."""


def hands_on(context: Context, name: str) -> bool:
    """Whether a state looks like a pass-through, its data apart: little work and delay, one way on, no legal role."""
    state = context.graph.nodes[name].state
    return (
        state.who == "staff"
        and 0 < work_minutes(context.process, state) <= context.profile.pass_through_minutes
        and delay_days(context.process, state) <= context.profile.pass_through_delay_wd
        and state.kind not in _SERVING
        and not (state.milestone or state.discretion or state.final or state.batch or state.call or state.visits)
        and not adds(state)
        and name != context.graph.initial
        and _goes_straight_on(context, name)
        and not is_timed(context, name)
    )


def adds(state: State) -> bool:
    """Whether a state asks for, keys, makes, keeps or checks anything."""
    return bool(
        state.asks or state.enters or state.writes or state.issues or state.archives or state.confirms or state.checks
    )


def _goes_straight_on(context: Context, name: str) -> bool:
    """Whether there is one way out, always taken, to somebody who goes on with the case."""
    edges = context.graph.out(name)
    if len(edges) != 1 or context.graph.nodes[edges[0].dest].state.final:
        return False
    transition = edges[0].transition
    return not (transition.when or transition.timeout or transition.set)


def is_timed(context: Context, name: str) -> bool:
    """Whether a limit or a lock names the state, or a trigger that fires on leaving it."""
    definition = context.process.definition
    triggers = {edge.trigger for edge in context.graph.out(name)}
    instants = [i for limit in definition.limits.values() for i in (*limit.start, *limit.stop)]
    instants += [
        i for limit in definition.limits.values() for s in limit.suspend for i in (s.since, s.until) if i is not None
    ]
    instants += [i for lock in definition.locks for i in (lock.first, lock.then)]
    instants += [limit.deemed.since for limit in definition.limits.values() if limit.deemed]
    extending = {limit.extend.on for limit in definition.limits.values() if limit.extend}
    suspended = {s.in_state for limit in definition.limits.values() for s in limit.suspend}
    return bool(name in suspended or triggers & extending) or any(
        instant.name in triggers if instant.event == "fire" else instant.name == name for instant in instants
    )


def _pass_throughs(context: Context) -> Iterator[Finding]:
    for name in context.shared(flow).at:
        state = context.graph.nodes[name].state
        if state.data == "complete" and context.graph.is_leaf(name) and hands_on(context, name):
            yield _pass_through(context, name, state)


def _pass_through(context: Context, name: str, state: State) -> Finding:
    minutes = work_minutes(context.process, state)
    spent = of_states(context, [name])
    steps = (*(e.source for e in context.graph.into(name)[:1]), name, context.graph.out(name)[0].dest)
    blocked = (
        (Text(en=f"it cites a legal basis: {state.basis}", zh=f"该环节载有法律依据：{cited(state.basis, 'zh')}"),)
        if state.basis
        else ()
    )
    return finding(
        context,
        "R8",
        subjects(("state", [name])),
        Text(
            en=f"{state.label('en')} does little, adds nothing and hands the case straight on",
            zh=f"“{state.label('zh')}”用时短、不产生新信息、直接转交下一环节（二传手）",
        ),
        (
            Witness(tuple(Step(step) for step in steps)),
            Measurement(Text(en="mean work", zh="平均工作时间"), minutes, "min"),
            Measurement(
                Text(en="mean delay of its own", zh="该环节自身平均等待时间"), delay_days(context.process, state), "wd"
            ),
            *spent.evidence,
        ),
        cost=spent.costs,
        blocked_by=blocked,
        remedies=(
            Remedy("eliminate", Text(en="let the step before hand on by itself", zh="取消该环节，由上一环节直接转办")),
            Remedy("direct", Text(en="skip the level between", zh="减少中间层级，直达办理")),
        ),
        thresholds={
            "pass_through_minutes": context.profile.pass_through_minutes,
            "pass_through_delay_wd": context.profile.pass_through_delay_wd,
        },
        path=context.graph.nodes[name].path,
    )


RULES = (
    Rule(
        "R8",
        Text(en="pass-through", zh="二传手"),
        Text(
            en="a step with little work that asks, keys, writes, checks and issues nothing and has one way out",
            zh="用时短，不采集、不录入、不填写、不审查、不制发，且仅有一个去向的环节",
        ),
        Text(en="a hand-over more, and nothing added", zh="徒增一次流转而无增值"),
        Text(
            en="mean work ≤ pass_through_minutes, mean delay ≤ pass_through_delay_wd, no effects on data, "
            "one unconditional way out, data complete",
            zh="平均工作时间≤pass_through_minutes，自身平均等待≤pass_through_delay_wd，"
            "对数据无影响，唯一无条件去向，数据声明完整",
        ),
        "Reijers, Liman Mansar, Best practices in business process redesign, Omega 33 (2005): task elimination",
        Text(
            en="a registration or milestone that starts a legal clock, deliveries and notices, sittings, discretion, "
            "a long delay of its own, data not declared complete",
            zh="起算法定时限的登记或里程碑、送达与告知、会审批次、自由裁量、自身等待较长、数据未声明完整",
        ),
        _pass_throughs,
    ),
)
