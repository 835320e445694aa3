"""Checks of the ways out of a state together: probabilities that sum to 1, one default at most.

Only what is certain is said: ways with guards are renormalized among those whose guard holds.
"""

from collections.abc import Iterator
from typing import Final

from procflow.definition.checks.common import Fault, fault
from procflow.definition.checks.facts import Facts, Way

TOLERANCE: Final = 1e-9
"""How far from 1 the sum of probabilities may be."""


def choice_faults(facts: Facts) -> Iterator[Fault]:
    """Yield what is wrong in the choices between the ways out of each state."""
    competing: dict[tuple[str, str], list[Way]] = {}
    for way in facts.ways:
        if way.source is not None and way.transition.timeout is None:
            # after a call, its outcome names the trigger, and only ways out by that trigger compete
            outcome = way.transition.trigger if facts.states[way.source][0].call else ""
            competing.setdefault((way.source, outcome), []).append(way)
    for (source, _), ways in competing.items():
        if any(_unreadable(facts, way) for way in ways):
            continue  # what the guard should have been decides what the probabilities must sum to
        defaults = [e for e in ways if e.transition.probability is None and e.transition.when is None]
        chances = [e for e in ways if e.transition.probability is not None]
        yield from _defaults(source, defaults)
        yield from _probabilities(source, chances, bool(defaults))
        yield from _never(source, defaults[:1], [way for way in chances if way.transition.when is None])


def _unreadable(facts: Facts, way: Way) -> bool:
    when = way.transition.when
    return when is not None and any(True for _ in facts.wrong_expression((*way.path, "when"), when, "boolean"))


def _defaults(source: str, defaults: list[Way]) -> Iterator[Fault]:
    for way in defaults[1:]:
        first = defaults[0].transition.trigger
        yield fault(
            way.path,
            "unconditioned",
            f"{source!r} has several ways out without condition ({first!r} and {way.transition.trigger!r}): "
            "give them a 'probability' or a guard 'when'",
            f"{source!r} 有多条无条件的出路({first!r} 与 {way.transition.trigger!r}):请写明 probability 或条件 when",
        )


def _never(source: str, defaults: list[Way], unguarded: list[Way]) -> Iterator[Fault]:
    """Yield a default to which probabilities that hold without guard leave nothing at any visit."""
    # above 1 is told as such
    if not unguarded or any(abs(_total(unguarded, v) - 1) > TOLERANCE for v in range(1, _visits(unguarded) + 1)):
        return
    for way in defaults:
        yield fault(
            way.path,
            "never",
            f"{way.transition.trigger!r} is never taken: the other ways out of {source!r} have probabilities that sum "
            "to 1; lower one of them, or remove this transition",
            f"{way.transition.trigger!r} 永远不会发生:{source!r} 其他出路的概率之和已为 1;请调低概率,或删去此转换",
        )


def _probabilities(source: str, ways: list[Way], has_default: bool) -> Iterator[Fault]:
    unguarded = [way for way in ways if way.transition.when is None]
    if not unguarded:
        return
    may_be_less = has_default or len(unguarded) < len(ways)
    for visit in range(1, _visits(ways) + 1):
        total = _total(unguarded, visit)
        if total > 1 + TOLERANCE or (total < 1 - TOLERANCE and not may_be_less):
            triggers = ", ".join(way.transition.trigger for way in unguarded)
            at_en, at_zh = (f" at visit {visit}", f"第 {visit} 次到达时") if _visits(ways) > 1 else ("", "")
            wanted_en, wanted_zh = ("at most 1", "不超过 1") if may_be_less else ("1", "等于 1")
            yield fault(
                (*unguarded[0].path, "probability"),
                "probabilities",
                f"the ways out of {source!r} ({triggers}) have probabilities that sum to {total:.12g}{at_en}: "
                f"they must sum to {wanted_en}",
                f"{source!r} 的出路({triggers}){at_zh}概率之和为 {total:.12g}:应{wanted_zh}",
            )
            return


def _total(ways: list[Way], visit: int) -> float:
    return sum(way.transition.probability.at(visit) for way in ways if way.transition.probability is not None)


def _visits(ways: list[Way]) -> int:
    """Return the visit from which on the probabilities stay as they are."""
    return max(len(e.transition.probability.values) for e in ways if e.transition.probability is not None)
