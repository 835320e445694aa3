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
        defaults = [e for e in ways if e.transition.probability is None and e.transition.when is None]
        yield from _defaults(source, defaults)
        yield from _probabilities(source, [e for e in ways if e.transition.probability is not None], bool(defaults))


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


def _probabilities(source: str, ways: list[Way], has_default: bool) -> Iterator[Fault]:
    unguarded = [way for way in ways if way.transition.when is None]
    if not unguarded:
        return
    may_be_less = has_default or len(unguarded) < len(ways)
    for visit in range(1, _visits(ways) + 1):
        total = sum(e.transition.probability.at(visit) for e in unguarded if e.transition.probability is not None)
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


def _visits(ways: list[Way]) -> int:
    """Return the visit from which on the probabilities stay as they are."""
    return max(len(e.transition.probability.values) for e in ways if e.transition.probability is not None)
