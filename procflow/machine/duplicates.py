"""Transitions that repeat another one: same source, destination and trigger, guards that can hold together.

Whether guards can hold together is decided by trying every valuation of the categorical and boolean attributes that
they name; where a guard names a number, or the valuations are too many, nothing is claimed.
"""

import itertools
import math
from collections.abc import Iterator, Mapping

from procflow.definition.expressions import parse
from procflow.definition.process import Attribute
from procflow.errors import ExpressionError
from procflow.machine.graph import Edge, StateGraph

_MOST_VALUATIONS = 4096
"""Beyond this many combinations of values the question is left open."""


def duplicates(graph: StateGraph) -> Iterator[tuple[Edge, Edge]]:
    """Yield pairs of transitions of which the second certainly repeats the first, in file order."""
    alike: dict[tuple[str, str, str], list[Edge]] = {}
    for edge in graph.edges:
        alike.setdefault((edge.source, edge.dest, edge.trigger), []).append(edge)
    for group in alike.values():
        for first, second in itertools.combinations(group, 2):
            if _repeats(graph, first, second):
                yield first, second


def _repeats(graph: StateGraph, first: Edge, second: Edge) -> bool:
    a, b = first.transition, second.transition
    if a.timeout != b.timeout or (a.basis and b.basis and a.basis != b.basis):
        return False  # a clerk and a timer, or two duties of law
    same_effect = (a.transfer, a.set, a.rejects) == (b.transfer, b.set, b.rejects)
    if not same_effect and (a.probability or b.probability or (a.when is None) != (b.when is None)):
        return False  # a choice by chance, or a rule with its default, between two effects
    return together(graph.process.definition.attributes, a.when, b.when) is True


def together(attributes: Mapping[str, Attribute], first: str | None, second: str | None) -> bool | None:
    """Return whether two guards can hold for the same case; None where that is not decided.

    Two guards that are the same can, and so can an absent one and any other: a guard that never holds is no
    matter of duplicates.
    """
    if first is None or second is None or first == second:
        return True
    try:
        guards = parse(first, attributes), parse(second, attributes)
    except ExpressionError:
        return None  # the definition's own checks tell what is wrong with it
    names = sorted(guards[0].names | guards[1].names)
    values = [_values(attributes[name]) for name in names]
    if not all(values) or math.prod(map(len, values)) > _MOST_VALUATIONS:
        return None
    valuations = (dict(zip(names, chosen, strict=True)) for chosen in itertools.product(*values))
    return any(all(guard.evaluate(valuation) for guard in guards) for valuation in valuations)


def _values(attribute: Attribute) -> tuple[str | bool, ...]:
    """Return all values of a categorical or boolean attribute, nothing for a number."""
    if attribute.categorical is not None:
        return tuple(attribute.categorical)
    return (False, True) if attribute.boolean is not None else ()
