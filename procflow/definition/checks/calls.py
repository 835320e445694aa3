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
    if call.instances == 1:
        yield from _outcomes(definition, name, path, called)


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
    states = {known for known, _, _ in nested_states(definition.states)}
    return {
        transition.trigger
        for prefix, _, transitions, _, _ in scopes(definition)
        for transition in transitions
        if any(resolve(source, prefix, states) == name for source in transition.source)
    }
