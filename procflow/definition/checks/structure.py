"""Checks of how states nest: names, beginnings and ends of scopes, composites and their joins."""

from collections.abc import Collection, Iterable, Iterator

from procflow.definition.base import Path
from procflow.definition.checks.common import Fault, Names, fault
from procflow.definition.checks.facts import Facts
from procflow.definition.process import AtLeast, State, Transition


def structure_faults(facts: Facts) -> Iterator[Fault]:
    """Yield what is wrong in the nesting of a process's states."""
    definition = facts.process.definition
    yield from _scope(definition.states, definition.initial, (), "the process", "流程")
    for name, (state, path) in facts.states.items():
        yield from _composite(state, path) if state.is_composite else _leaf(state, path)
        if state.states:
            yield from _scope(state.states, state.initial, path, f"composite {name!r}", f"复合状态 {name!r} ")
        for index, region in enumerate(state.regions):
            place = (*path, "regions", index)
            title = f"{name}/{region.name}"
            yield from _scope(region.states, region.initial, place, f"region {title!r}", f"并行分支 {title!r} ")
    yield from _joint_and_early(facts)
    yield from _shared_attributes(facts)


def _scope(states: tuple[State, ...], initial: str | None, path: Path, en: str, zh: str) -> Iterator[Fault]:
    names = Names("state", "state", "状态", [state.name for state in states], en, zh)
    yield from names.twice((*path, "states"), names.known)
    yield from names.unknown((*path, "initial"), initial)
    if initial is None:
        yield fault(
            path,
            "no_initial",
            f"{en} does not say where it begins: add 'initial: {states[0].name}'",
            f"{zh}没有写明起点:请补充 'initial: {states[0].name}'",
        )
    if not any(state.final for state in states):
        yield fault(
            (*path, "states"),
            "no_final",
            f"{en} has no final state: mark the states in which it ends with 'final: true'",
            f"{zh}没有终止状态:请为终点状态写上 'final: true'",
            key=True,
        )


def _composite(state: State, path: Path) -> Iterator[Fault]:
    name = state.name
    if state.states and state.regions:
        yield fault(
            (*path, "regions"),
            "states_and_regions",
            f"composite {name!r} has both 'states' and 'regions': put the states into a region",
            f"复合状态 {name!r} 同时写了 states 和 regions:请把状态放入某个并行分支",
        )
    for key in ("work", "delay", "batch", "role", "call", "priority"):
        if getattr(state, key) is not None:
            yield fault(
                (*path, key),
                "composite_with_work",
                f"composite {name!r} takes no {key!r}: give it to a state inside",
                f"复合状态 {name!r} 不能有 {key!r}:请写在其内部的状态上",
            )
    if state.final:
        yield fault(
            (*path, "final"),
            "final_composite",
            f"composite {name!r} cannot be final: lead from it to a final state",
            f"复合状态 {name!r} 不能是终止状态:请从它转到一个终止状态",
        )
    yield from Names("region", "region", "并行分支", ()).twice((*path, "regions"), [r.name for r in state.regions])
    if isinstance(state.join, AtLeast) and state.join.at_least > len(state.regions):
        yield fault(
            (*path, "join", "at_least"),
            "join",
            f"the join waits for {state.join.at_least} regions, but there are {len(state.regions)}: lower the number",
            f"汇合要求完成 {state.join.at_least} 个分支,但只有 {len(state.regions)} 个:请改小",
        )
    if state.regions and (state.initial is not None or state.transitions):
        key = "initial" if state.initial is not None else "transitions"
        yield fault(
            (*path, key),
            "regions_own",
            f"composite {name!r} with regions takes no {key!r}: give it to its regions",
            f"含并行分支的复合状态 {name!r} 不能有 {key!r}:请写在各分支中",
        )


def _leaf(state: State, path: Path) -> Iterator[Fault]:
    for key, given in (
        ("initial", state.initial is not None),
        ("transitions", bool(state.transitions)),
        ("join", "join" in state.model_fields_set),  # 'all' too: a default that is written is meant
    ):
        if given:
            yield fault(
                (*path, key),
                "leaf",
                f"state {state.name!r} contains no states, so that it takes no {key!r}",
                f"状态 {state.name!r} 内部没有状态,不能有 {key!r}",
            )


def _joint_and_early(facts: Facts) -> Iterator[Fault]:
    """Yield joint work inside a composite whose join does not wait for all: it could not be cancelled for one case."""
    early = {name for name, (state, _) in facts.states.items() if state.waits_for_some}
    for name, (state, path) in facts.states.items():
        around = next((composite for composite in early if name.startswith(composite + "/")), None)
        if around is not None and state.batch is not None and state.batch.joint:
            yield fault(
                (*path, "batch", "joint"),
                "joint_early",
                f"joint work cannot stand in {around!r}, whose join does not wait for all regions: use 'join: all'",
                f"{around!r} 的汇合不等待全部分支,其中不能有整批共同办理(joint):请改用 join: all",
            )


def _shared_attributes(facts: Facts) -> Iterator[Fault]:
    """Yield attributes that one region sets while a sibling, at an unknown time, sets or reads them."""
    for name, (state, _) in facts.states.items():
        prefixes = [f"{name}/{region.name}/" for region in state.regions]
        uses = [_used(facts, prefix) for prefix in prefixes]
        for mine, prefix in enumerate(prefixes):
            others = set().union(*(used for index, used in enumerate(uses) if index != mine))
            for path, assigned in _assignments(facts, prefix):
                for attribute in sorted(others.intersection(assigned)):
                    yield fault(
                        (*path, attribute),
                        "shared_attribute",
                        f"attribute {attribute!r} is set here and used in a parallel region of {name!r}, in no order: "
                        "use it after the join",
                        f"属性 {attribute!r} 在此处赋值,又被 {name!r} 的另一并行分支使用,先后不定:请在汇合之后使用",
                    )


def _assignments(facts: Facts, prefix: str) -> Iterator[tuple[Path, Collection[str]]]:
    """Yield what is set in a region, with its place: on leaving a state, or by what a call gives back."""
    for path, transition in _transitions(facts, prefix):
        yield (*path, "set"), transition.set
    for name, (state, path) in facts.states.items():
        if name.startswith(prefix) and state.call is not None:
            yield (*path, "call", "takes"), state.call.takes


def _used(facts: Facts, prefix: str) -> set[str]:
    """Return the attributes that are set or read in a region."""
    used: set[str] = set()
    for _, transition in _transitions(facts, prefix):
        used.update(transition.set, facts.read_by(transition.when))
        used.update(*(facts.read_by(value) for value in transition.set.values()))
    for name, (state, _) in facts.states.items():
        if name.startswith(prefix):
            used.update(facts.read_by(state.priority))
            if state.call is not None:
                used.update(state.call.takes, state.call.gives.values(), facts.read_by(state.call.instances))
    return used


def _transitions(facts: Facts, prefix: str) -> Iterable[tuple[Path, Transition]]:
    """Return the transitions that leave the states of a region."""
    inside = (way for way in facts.ways if way.source is not None and way.source.startswith(prefix))
    return {way.path: way.transition for way in inside}.items()
