"""Work of several roles divided among groups of people who hold several of them. Knows numbers only.

Roles and groups fall into parts that share nobody. In each, the load is the least factor on all capacities at which
the work can be divided: a flow from roles to groups that is feasible, found as a linear program. By duality it is the
highest ratio of work to capacity over all sets of roles and the groups that hold any of them (Hall's condition for
fractional assignment; Ford and Fulkerson, *Flows in Networks*, II.10), and the dual solution names such a set.
"""

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """The load of a part: the roles that make it so high, the groups that hold them, and work ÷ capacity."""

    roles: tuple[str, ...]
    groups: tuple[int, ...]
    load: float


def shares(
    work: Mapping[str, float], serving: Mapping[str, Sequence[int]], capacity: Mapping[int, float]
) -> Iterator[Share]:
    """Yield the load of each part of roles and groups; ``serving`` gives for each role with work its groups.

    >>> work, groups = {"a": 6.0, "b": 4.0}, {"a": [0], "b": [0, 1]}
    >>> next(shares(work, groups, {0: 8.0, 1: 12.0}))
    Share(roles=('a',), groups=(0,), load=0.75)
    >>> next(shares(work, groups, {0: 8.0, 1: 2.0}))
    Share(roles=('a', 'b'), groups=(0, 1), load=1.0)
    """
    for roles in _parts(serving):
        groups = sorted({group for role in roles for group in serving[role]})
        if len(roles) == 1 or len(groups) == 1:
            yield _share(roles, work, serving, capacity)
        else:
            yield _share(_critical(roles, groups, work, serving, capacity), work, serving, capacity)


def _share(
    roles: Sequence[str], work: Mapping[str, float], serving: Mapping[str, Sequence[int]], capacity: Mapping[int, float]
) -> Share:
    groups = sorted({group for role in roles for group in serving[role]})
    able = math.fsum(capacity[group] for group in groups)
    return Share(tuple(roles), tuple(groups), math.fsum(work[role] for role in roles) / able if able else math.inf)


def _critical(
    roles: Sequence[str],
    groups: Sequence[int],
    work: Mapping[str, float],
    serving: Mapping[str, Sequence[int]],
    capacity: Mapping[int, float],
) -> list[str]:
    """Return the roles whose work ÷ the capacity of all who hold any of them is highest.

    The program: least ρ with Σ_g x(r, g) = work(r) and Σ_r x(r, g) ≤ ρ capacity(g), x ≥ 0.
    """
    for role in roles:
        if not any(capacity[group] for group in serving[role]):
            return [role]  # nobody is ever on duty for it: no factor is enough
    import numpy as np
    from scipy.optimize import linprog  # imported here: slow to load, and needed only where people share roles

    pairs = [(role, group) for role in roles for group in serving[role]]
    divided = _incidence([role for role, _ in pairs], roles)
    used = _incidence([group for _, group in pairs], groups)
    scale = math.fsum(work[role] for role in roles)
    found = linprog(
        np.append(np.zeros(len(pairs)), 1.0),
        A_ub=np.column_stack([used, [-capacity[group] / scale for group in groups]]),
        b_ub=np.zeros(len(groups)),
        A_eq=np.column_stack([divided, np.zeros(len(roles))]),
        b_eq=[work[role] / scale for role in roles],
        method="highs",
    )
    prices = dict(zip(roles, found.eqlin.marginals, strict=True))
    highest = max(prices.values())
    return [role for role in roles if prices[role] > 1e-6 * highest]


def _incidence(members: Sequence[Hashable], rows: Sequence[Hashable]) -> list[list[float]]:
    return [[float(member == row) for member in members] for row in rows]


def _parts(serving: Mapping[str, Sequence[int]]) -> list[list[str]]:
    """Return the roles in sets that share nobody, each sorted."""
    parts: list[tuple[set[str], set[int]]] = []
    for role, groups in serving.items():
        touched = [part for part in parts if part[1] & set(groups)]
        joined = ({role}.union(*(part[0] for part in touched)), set(groups).union(*(part[1] for part in touched)))
        parts = [part for part in parts if part not in touched] + [joined]
    return sorted(sorted(roles) for roles, _ in parts)
