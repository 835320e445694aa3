"""Checks of a called process against its caller: attributes on both sides, and a way on for every outcome."""

from collections.abc import Iterator

from procflow.definition.base import Path
from procflow.definition.checks.common import Fault, Names, fault
from procflow.definition.process import ProcessDefinition, State
from procflow.definition.resolved import nested_states, resolve, scopes


def call_faults(
    definition: ProcessDefinition, name: str, state: State, path: Path, called: ProcessDefinition
) -> Iterator[Fault]:
    """Yield what does not fit between the state ``name`` of a process, at ``path``, and the process that it calls."""
    call = state.call
    if call is None:
        return
    attributes = Names(
        "attribute", "attribute", "属性", list(called.attributes), repr(called.process), f"{called.process!r} "
    )
    for theirs in call.gives:
        yield from attributes.unknown((*path, "call", "gives", theirs), theirs)
    for ours, theirs in call.takes.items():
        yield from attributes.unknown((*path, "call", "takes", ours), theirs)
    for key, pairs in (("gives", call.gives.items()), ("takes", call.takes.items())):
        given, taken = (definition, called) if key == "gives" else (called, definition)
        for to, source in pairs:
            yield from _kinds((*path, "call", key, to), to, taken, source, given)
    yield from _outcomes(definition, name, path, called)
    yield from _joint_work(definition, name, path, state, called)


def _kinds(path: Path, to: str, taken: ProcessDefinition, source: str, given: ProcessDefinition) -> Iterator[Fault]:
    """Yield an attribute that cannot have the value of the other; unknown ones are told elsewhere."""
    ours, theirs = given.attributes.get(source), taken.attributes.get(to)
    if ours is None or theirs is None:
        return
    lost = sorted(set(ours.categorical or ()) - set(theirs.categorical or ()))
    if ours.kind != theirs.kind and (ours.kind, theirs.kind) != ("integer", "number"):
        yield fault(
            path,
            "attribute_kind",
            f"{to!r} of {taken.process!r} is {theirs.kind}, but {source!r} of {given.process!r} is {ours.kind}: "
            "an attribute takes the value of one of its own kind",
            f"{taken.process!r} 的 {to!r} 为 {theirs.kind},而 {given.process!r} 的 {source!r} 为 {ours.kind}:"
            "属性之间只能传递同类的值",
        )
    elif lost:
        yield fault(
            path,
            "attribute_kind",
            f"{to!r} of {taken.process!r} has no category {lost[0]!r}, which {source!r} of {given.process!r} can have: "
            "add it there",
            f"{given.process!r} 的 {source!r} 可取 {lost[0]!r},而 {taken.process!r} 的 {to!r} 没有此取值:请补充",
        )


def _outcomes(definition: ProcessDefinition, name: str, path: Path, called: ProcessDefinition) -> Iterator[Fault]:
    """Yield the outcomes that the caller does not go on with."""
    triggers = _triggers(definition, name)
    for end in called.states:
        outcome = end.outcome or end.name
        if end.final and outcome not in triggers:
            yield fault(
                (*path, "call", "process"),
                "outcome",
                f"{called.process!r} can end with {outcome!r}, but no transition from {name!r} has that trigger",
                f"{called.process!r} 可能以 {outcome!r} 结束,但 {name!r} 没有以此为触发事件的转换",
            )


def _triggers(definition: ProcessDefinition, name: str) -> set[str]:
    """Return the triggers by which a state is left, those of time-outs aside."""
    states = {known for known, _, _ in nested_states(definition.states)}
    return {
        transition.trigger
        for prefix, _, transitions, _, _ in scopes(definition)
        for transition in transitions
        if transition.timeout is None and any(resolve(source, prefix, states) == name for source in transition.source)
    }


def _joint_work(
    definition: ProcessDefinition, name: str, path: Path, state: State, called: ProcessDefinition
) -> Iterator[Fault]:
    """Yield a call that a join can cut short, of a process with joint work."""
    joint = [inner for inner, each, _ in nested_states(called.states) if each.batch is not None and each.batch.joint]
    early = [
        around
        for around, each, _ in nested_states(definition.states)
        if name.startswith(around + "/") and each.waits_for_some
    ]
    own = state.call is not None and state.call.join != "all" and not state.call.is_single
    if joint and (early or own):
        yield fault(
            (*path, "call", "process"),
            "joint_early",
            f"{called.process!r} has joint work ({joint[0]!r}), and the join of {(early or [name])[0]!r} does not wait "
            "for all: use 'join: all'",
            f"{called.process!r} 中有整批共同办理(joint)的 {joint[0]!r},而 {(early or [name])[0]!r} 的汇合不等待全部:"
            "请改用 join: all",
        )
