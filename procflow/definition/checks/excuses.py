"""Checks of what a definition says in defense of itself: an excuse must stand where there is something to excuse."""

from collections.abc import Iterator
from functools import partial

from procflow.definition.base import Path
from procflow.definition.checks.common import Fault, fault
from procflow.definition.checks.facts import Facts, Way
from procflow.definition.process import State


def excuse_faults(facts: Facts) -> Iterator[Fault]:
    """Yield excuses that name something unknown, or that stand where they excuse nothing."""
    yield from _classes(facts)
    for state, path in facts.states.values():
        yield from _behalf(facts, state, path)
        yield from _of_steps(state, path)
    following = _following(facts)
    for way in {way.path: way for way in facts.ways}.values():
        yield from _of_ways(facts, way, following)


def _classes(facts: Facts) -> Iterator[Fault]:
    definition = facts.process.definition
    attribute = facts.attributes.get(definition.risk_classes or "")
    if attribute is not None and attribute.categorical is None:
        yield fault(
            ("risk_classes",),
            "risk_classes",
            f"{definition.risk_classes!r} is {attribute.kind}: classes of risk are the categories of a "
            "'categorical' attribute, the least risky first",
            f"{definition.risk_classes!r} 的类型为 {attribute.kind}:风险等级须为 categorical 属性的类别,风险最低者在前",
        )
    if definition.equal_treatment is not None and definition.risk_classes is None:
        yield fault(
            ("equal_treatment",),
            "idle_equal_treatment",
            "'equal_treatment' says why all classes of risk go the same way: name them in 'risk_classes', or remove it",
            "equal_treatment 说明各风险等级为何须一视同仁:请写明 risk_classes,或删去",
        )


def _behalf(facts: Facts, state: State, path: Path) -> Iterator[Fault]:
    yield from facts.departments.unknown((*path, "signs_for"), state.signs_for)
    if state.signs_for is not None and (state.department is None or state.signs_for == state.department):
        yield fault(
            (*path, "signs_for"),
            "idle_signs_for",
            f"{state.name!r} signs for {state.signs_for!r}, which needs another 'department' that does the signing",
            f"{state.name!r} 代 {state.signs_for!r} 签署:须另有承办部门(department)",
        )


def _of_steps(state: State, path: Path) -> Iterator[Fault]:
    for key in ("deters", "signs_for", "territorial"):
        if getattr(state, key) is not None and (state.final or state.is_composite):
            yield fault(
                (*path, key),
                "idle_excuse",
                f"{key!r} is said of a step that somebody does, and {state.name!r} is "
                + ("an end" if state.final else "a composite: give it to a state inside"),
                f"{key} 须写在具体办理环节上,而 {state.name!r} 是"
                + ("终止状态" if state.final else "复合状态:请写在其内部的状态上"),
            )
    if state.territorial is not None and not (state.department or state.final or state.is_composite):
        yield fault(
            (*path, "territorial"),
            "idle_territorial",
            f"'territorial' binds {state.name!r} to an office: name its 'department'",
            f"territorial 限定由某地机关办理:请写明 {state.name!r} 的 department",
        )


def _of_ways(facts: Facts, way: Way, following: dict[str, set[str]]) -> Iterator[Fault]:
    transition = way.transition
    lone = [other for other in facts.ways if other.source == way.source]
    idle = partial(_idle, way)
    if transition.emergency and len(lone) == 1:
        yield idle("emergency", "is the only way out of its state", "是该状态的唯一出路")
    sources = [other.source for other in facts.ways if other.path == way.path]
    if way.dest is None or any(source in _reached(way.dest, following) for source in sources):
        return
    if transition.instalment is not None:
        yield idle("instalment", "repeats nothing: it does not lead back", "并不返回,未重复任何环节")
    if transition.new_defects:
        yield idle("new_defects", "is no return: the case does not come back", "并非退回:不会再次办理")


def _idle(way: Way, key: str, en: str, zh: str) -> Fault:
    trigger = way.transition.trigger
    return fault(
        (*way.path, key),
        "idle_excuse",
        f"{trigger!r} {en}, so that {key!r} excuses nothing: remove it",
        f"{trigger!r} {zh},{key} 无从适用:请删去",
    )


def _following(facts: Facts) -> dict[str, set[str]]:
    """Return what may come after each state: by its ways, into and out of composites."""
    found: dict[str, set[str]] = {name: set() for name in facts.states}
    for name in facts.states:
        parent = name
        while "/" in parent:
            parent = parent.rpartition("/")[0]
            if parent in found:
                found[name].add(parent)
                found[parent].add(name)
                break
    for way in facts.ways:
        if way.source in found and way.dest is not None:
            found[way.source].add(way.dest)
    return found


def _reached(start: str, following: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += following.get(name, ())
    return seen
