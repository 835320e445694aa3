"""Random processes with calls, joint sittings and suspended time-outs: those of ``tests.strategies``, changed."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from procflow.definition.process import ProcessDefinition
from procflow.definition.resolved import Process
from tests.strategies import process_data, processes

Data = dict[str, Any]


@st.composite
def extended(draw: DrawFn) -> Process:
    """Draw a process that may call another one, which may call a third."""
    outer = draw(processes())
    third = _changed(draw, outer, _data(outer) | {"process": "third"}, {}) if draw(st.booleans()) else None
    second = draw(process_data(outer.organization, max_states=6)) | {"process": "second"}
    called = _changed(draw, outer, second, {"third.yaml": third} if third else {})
    return _changed(draw, outer, _data(outer), {"second.yaml": called})


def _data(process: Process) -> Data:
    return process.definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _changed(draw: DrawFn, like: Process, data: Data, called: dict[str, Process]) -> Process:
    """Return the process of data in the organization of another one, with calls, joint work and suspensions drawn."""
    data["attributes"] = {**data.get("attributes", {}), "parts": {"integer": {"uniform": [0, 3]}}}
    leaves = list(_leaves(data, early=False))
    for state, _, early in leaves:
        if "batch" in state and not early and _visits(state["work"]) == 1 and draw(st.booleans()):
            state["batch"]["joint"] = True
    for path, process in called.items():
        state, ways, early = draw(st.sampled_from(leaves))
        _call(draw, state, ways, path, process, early=early)
    _suspend(draw, data)
    definition = ProcessDefinition.model_validate(data)
    return Process(definition, like.organization, like.catalog, called=called)


def _leaves(part: Data, *, early: bool) -> Iterator[tuple[Data, list[Data], bool]]:
    """Yield the leaf states with the transitions of their scope, and whether a join around them may cut them short."""
    for state in part["states"]:
        inner = [state] if "states" in state else state.get("regions", [])
        for each in inner:
            yield from _leaves(each, early=early or state.get("join", "all") != "all")
        if not inner and not state.get("final"):
            yield state, part["transitions"], early


def _visits(work: Any) -> int:
    return len(work) if isinstance(work, list) else 2 if isinstance(work, dict) and "first" in work else 1


def _call(draw: DrawFn, state: Data, ways: list[Data], path: str, called: Process, *, early: bool) -> None:
    """Let a state call: each of its ways out stands once for every outcome of the called process."""
    join = draw(st.sampled_from(["all", "any", {"at_least": 2}]))
    state_name = state["name"]
    joint = any(each.batch is not None and each.batch.joint for each in _states(called))
    call: Data = {"process": path}
    if draw(st.booleans()):
        call |= {"instances": draw(st.sampled_from(["parts", "parts * 2 - 1", 3])), "gives": {"parts": "parts"}}
        call |= {} if joint or early else {"join": join}
    state.clear()
    state |= {"name": state_name, "call": call}
    outcomes = [end.outcome or end.name for end in called.definition.states if end.final]
    own = [way for way in ways if way["source"] == state_name and "timeout" not in way]
    ways[:] = [way for way in ways if way not in own]
    ways += [{**way, "trigger": outcome} for outcome in draw(st.permutations(outcomes)) for way in own]


def _states(process: Process) -> Iterator[Any]:
    waiting = list(process.definition.states)
    while waiting:
        state = waiting.pop()
        yield state
        waiting += [*state.states, *(inner for region in state.regions for inner in region.states)]


def _suspend(draw: DrawFn, data: Data) -> None:
    """Let suspensions stop some of the time-outs: in a state, and between two triggers."""
    ways = list(_ways(data))
    for way in ways:
        if "timeout" in way and draw(st.booleans()):
            after = way["timeout"]
            way["timeout"] = {"after": after if isinstance(after, str) else after["after"], "suspended": True}
    names = [name for name, _ in _names(data, "")]
    triggers = [way["trigger"] for way in ways]
    since, until = draw(st.sampled_from(triggers)), draw(st.sampled_from(triggers))
    held = [{"in": draw(st.sampled_from(names)), "cause": "a"}, {"in": draw(st.sampled_from(names)), "cause": "b"}]
    if since != until:
        held.append({"since": {"fire": since}, "until": {"fire": until}, "cause": "c"})
    held.append(
        {
            "since": {"enter": draw(st.sampled_from(names))},
            "until": {"exit": draw(st.sampled_from(names))},
            "cause": "d",
        }
    )
    data["limits"] = {"term": {"statutory": "9 d", "suspend": held}}


def _ways(part: Data) -> Iterator[Data]:
    yield from part.get("transitions", [])
    for state in part["states"]:
        for each in [state] if "states" in state else state.get("regions", []):
            yield from _ways(each)


def _names(part: Data, prefix: str) -> Iterator[tuple[str, Data]]:
    for state in part["states"]:
        if not state.get("final"):
            yield prefix + state["name"], state
        if "states" in state:
            yield from _names(state, f"{prefix}{state['name']}/")
        for region in state.get("regions", []):
            yield from _names(region, f"{prefix}{state['name']}/{region['name']}/")
