"""Transitions that repeat another one: same source, destination and trigger, guards that can hold together.

Whether guards can hold together is decided by trying every valuation of the categorical and boolean attributes that
they name; where a guard names a number, or the valuations are too many, nothing is claimed.
"""

import itertools
from collections.abc import Iterator

from procflow.machine.graph import Edge, StateGraph

_MOST_VALUATIONS = 4096


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
    return together(graph, a.when, b.when) is True


def together(graph: StateGraph, first: str | None, second: str | None) -> bool | None:
    """Return whether two guards can hold for the same case; None where that is not decided."""
    if first is None or second is None or first == second:
        return True
    return None
