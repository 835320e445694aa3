"""Checks of single transitions: their ends, guards, assignments, timers and transfers."""

from collections.abc import Iterator

from procflow.definition.checks.common import Fault, fault
from procflow.definition.checks.facts import Facts, Way
from procflow.definition.resolved import scopes

_GRANTS = ("granted", "approved", "deemed_granted")
"""Outcomes by which an application succeeds."""


def transition_faults(facts: Facts) -> Iterator[Fault]:
    """Yield what is wrong in the transitions of a process."""
    yield from _ends(facts)
    for way in facts.ways:
        yield from _from_final(facts, way)
        yield from _into_region(facts, way)
        yield from _granted_by_silence(facts, way)
    for way in {way.path: way for way in facts.ways}.values():
        yield from _conditions(facts, way)
        yield from _cancels(facts, way)
        yield from _carriage(facts, way)


def _ends(facts: Facts) -> Iterator[Fault]:
    resolved = iter(facts.ways)
    for _, _, transitions, _, path in scopes(facts.process.definition):
        for index, transition in enumerate(transitions):
            place = (*path, "transitions", index)
            for number, source in enumerate(transition.source):
                way = next(resolved)
                if way.source is None:
                    yield from facts.state_names.unknown((*place, "source", number), source)
                if way.dest is None and number == 0:
                    yield from facts.state_names.unknown((*place, "dest"), transition.dest)


def _from_final(facts: Facts, way: Way) -> Iterator[Fault]:
    if way.source is not None and facts.states[way.source][0].final:
        yield fault(
            (*way.path, "source"),
            "final_with_exit",
            f"final state {way.source!r} cannot be left: remove this transition, or 'final: true'",
            f"终止状态 {way.source!r} 不能再转出:请删去此转换,或删去 'final: true'",
        )


def _into_region(facts: Facts, way: Way) -> Iterator[Fault]:
    """Yield a way into the middle of a parallel region: the other regions would never begin."""
    if way.source is None or way.dest is None:
        return
    for name, (state, _) in facts.states.items():
        for region in state.regions:
            prefix = f"{name}/{region.name}/"
            if way.dest.startswith(prefix) and not way.source.startswith(prefix):
                yield fault(
                    (*way.path, "dest"),
                    "into_region",
                    f"{way.dest!r} lies inside parallel region {prefix[:-1]!r}: lead to {name!r}, where all begin",
                    f"{way.dest!r} 位于并行分支 {prefix[:-1]!r} 内部:请转到 {name!r},由其启动各分支",
                )
                return


def _granted_by_silence(facts: Facts, way: Way) -> Iterator[Fault]:
    """Yield a timer that grants what the office has not decided, on no law: silence grants only where one says so."""
    timeout = way.transition.timeout
    if timeout is None or way.source is None or way.dest is None or timeout.basis or way.transition.basis:
        return
    source, dest = facts.states[way.source][0], facts.states[way.dest][0]
    if dest.final and dest.outcome in _GRANTS and (source.is_composite or source.who == "staff"):
        yield fault(
            (*way.path, "timeout"),
            "granted_by_silence",
            f"{way.transition.trigger!r} grants by silence when {way.source!r} takes too long: cite the law that lets "
            "it, as 'basis' of the timeout, or lead to somebody who decides",
            f"{way.transition.trigger!r} 在 {way.source!r} 逾期时默示准予(超时默许):"
            "请在 timeout 的 basis 中载明法律依据,或转由经办人员决定",
        )


def _conditions(facts: Facts, way: Way) -> Iterator[Fault]:
    transition, path = way.transition, way.path
    if transition.when is not None:
        yield from facts.wrong_expression((*path, "when"), transition.when, "boolean")
    for attribute, value in transition.set.items():
        yield from facts.wrong_assignment((*path, "set", attribute), attribute, value)
    if transition.timeout is not None:
        yield from facts.calendars.unknown((*path, "timeout", "calendar"), transition.timeout.calendar)
        if transition.probability is not None:
            yield fault(
                (*path, "probability"),
                "timeout_with_probability",
                f"{transition.trigger!r} is fired by its timer: it takes no 'probability' beside 'timeout'",
                f"{transition.trigger!r} 由计时器触发:不能在 timeout 之外再写 probability",
            )


def _cancels(facts: Facts, way: Way) -> Iterator[Fault]:
    if way.transition.cancels and not any(
        _leaves_region(facts, other) for other in facts.ways if other.path == way.path
    ):
        yield fault(
            (*way.path, "cancels"),
            "cancels_nothing",
            f"{way.transition.trigger!r} leaves no parallel region, so that it ends none beside it: remove 'cancels'",
            f"{way.transition.trigger!r} 并未离开并行分支,不会终止其他分支:请删去 cancels",
        )


def _leaves_region(facts: Facts, way: Way) -> bool:
    """Whether a way leads out of one of several parallel regions before they have met."""
    return any(
        (way.source or "").startswith(f"{name}/") and not (way.dest or "").startswith(f"{name}/")
        for name, (state, _) in facts.states.items()
        if len(state.regions) > 1
    )


def _carriage(facts: Facts, way: Way) -> Iterator[Fault]:
    transition, path = way.transition, way.path
    for index, name in enumerate(transition.rejects):
        yield from facts.unknown_thing((*path, "rejects", index), name)
    if transition.transfer is not None:
        yield from facts.calendars.unknown((*path, "transfer", "calendar"), transition.transfer.calendar)
        for index, name in enumerate(transition.transfer.carries):
            yield from facts.unknown_thing((*path, "transfer", "carries", index), name)
