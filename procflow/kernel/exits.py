"""Ways out of a state: guards, chances, defaults, and what is set on leaving. Rule 12 of the semantics."""

import math

import numpy as np

from procflow.kernel.arrays import Floats, Ints
from procflow.kernel.draws import EXIT, absorb, unit, word
from procflow.kernel.guards import run_code
from procflow.kernel.jit import compiled, inlined
from procflow.kernel.layout import (
    CHANCE,
    E_CHANCE,
    E_CHANCES,
    E_GUARD,
    E_GUARDS,
    E_KIND,
    E_SAME,
    E_SET,
    E_SETS,
    E_TRIGGER,
    EDGE_WIDTH,
    GUARDED,
    M_EDGES,
    N_CALL,
    N_CHANCES,
    N_EDGE,
    N_EDGES,
    N_KEY,
    N_SOLE,
    NONE,
    S_SCRATCH,
    T_CASE,
    T_FIRED,
    T_VISIT,
    X_KEY,
    X_VALUES,
)
from procflow.kernel.tokens import case_place, edge_place, node_place

SURE = 1.0 - 1e-9
"""What is less even by this factor is less whatever the rounding."""


@inlined
def choose_exit(S: Ints, A: Floats, t: int, node: int) -> int:
    """Return the edge by which the token at ``t`` leaves ``node``, or NONE where there is none."""
    n = node_place(S, node)
    if S[n + N_SOLE] != NONE:
        return S[n + N_SOLE]
    if S[n + N_CHANCES]:
        return _race(S, A, t, n, NONE)
    return _choose(S, A, t, n)


@compiled
def _choose(S: Ints, A: Floats, t: int, n: int) -> int:
    first, count = S[n + N_EDGE], S[n + N_EDGES]
    x = case_place(S, S[t + T_CASE])
    chances, bare, only = 0, NONE, NONE
    called = S[n + N_CALL] != NONE
    for edge in range(first, first + count):
        e = S[M_EDGES] + edge * EDGE_WIDTH
        if called and not _answers(S, t, e):
            continue
        if S[e + E_KIND] == GUARDED:
            if _holds(S, A, e, x):
                return edge
        elif S[e + E_KIND] == CHANCE:
            chances += 1
        else:
            bare = edge
            only = edge
    if chances == 0:
        return only
    return _race(S, A, t, n, bare)


@compiled
def guard_holds(S: Ints, A: Floats, t: int, edge: int) -> bool:
    """Whether the guard of an edge holds for the token at ``t``; True where it has none."""
    return _holds(S, A, edge_place(S, edge), case_place(S, S[t + T_CASE]))


@compiled
def _holds(S: Ints, A: Floats, e: int, x: int) -> bool:
    if S[e + E_GUARDS] == 0:
        return True
    return run_code(S, A, S[e + E_GUARD], S[e + E_GUARDS], x + X_VALUES) != 0.0


@compiled
def _race(S: Ints, A: Floats, t: int, n: int, bare: int) -> int:
    """Return the exit with the least −ln(u)/p among those with a chance; the bare one has what is left of 1."""
    x, visit = case_place(S, S[t + T_CASE]), S[t + T_VISIT]
    base = absorb(np.uint64(S[x + X_KEY]), np.uint64(S[n + N_KEY]))
    best, best_u, best_p, total = NONE, 0.0, 0.0, 0.0
    for edge in range(S[n + N_EDGE], S[n + N_EDGE] + S[n + N_EDGES]):
        e = edge_place(S, edge)
        if S[e + E_KIND] != CHANCE or (S[n + N_CALL] != NONE and not _answers(S, t, e)):
            continue
        p = A[S[e + E_CHANCE] + min(visit, S[e + E_CHANCES]) - 1]
        if p > 0.0 and _holds(S, A, e, x):
            total += p
            u = _uniform(S, base, visit, e)
            if best == NONE or _sooner(u, p, best_u, best_p):
                best, best_u, best_p = edge, u, p
    if bare != NONE and (total < 1.0 - 1e-9):
        u, p = _uniform(S, base, visit, edge_place(S, bare)), 1.0 - total
        if best == NONE or _sooner(u, p, best_u, best_p) or (bare < best and not _sooner(best_u, best_p, u, p)):
            best = bare
    return best


@compiled
def _sooner(u: float, p: float, v: float, q: float) -> bool:
    """Whether −ln(u)/p < −ln(v)/q.

    Told without logarithms where 2(1 − x)/(1 + x) ≤ −ln x ≤ (1 − x²)/2x for x in (0, 1) decides it, as it mostly does.
    """
    if (1.0 - u * u) * (1.0 + v) * q < 4.0 * (1.0 - v) * u * p * SURE:
        return True
    if (1.0 - v * v) * (1.0 + u) * p < 4.0 * (1.0 - u) * v * q * SURE:
        return False
    return -math.log(u) / p < -math.log(v) / q


@compiled
def _answers(S: Ints, t: int, e: int) -> bool:
    """Whether an edge has the trigger by which the token at ``t`` goes on after its call."""
    decided = S[t + T_FIRED]
    return decided != NONE and S[e + E_TRIGGER] == S[edge_place(S, decided) + E_TRIGGER]


@compiled
def _uniform(S: Ints, base: np.uint64, visit: int, e: int) -> float:
    z = absorb(base, word(visit, EXIT, S[e + E_SAME]))
    return unit(absorb(z, np.uint64(S[e + E_TRIGGER])))


@compiled
def apply_set(S: Ints, A: Floats, t: int, edge: int) -> None:
    """Assign the attributes that an edge sets, all from the values before."""
    e = edge_place(S, edge)
    n = S[e + E_SETS]
    values, scratch = case_place(S, S[t + T_CASE]) + X_VALUES, S[S_SCRATCH]
    for k in range(n):
        at = S[e + E_SET] + 3 * k  # triples: slot, place of the program, its length
        A[scratch + k] = run_code(S, A, S[at + 1], S[at + 2], values)
    for k in range(n):
        A[values + S[S[e + E_SET] + 3 * k]] = A[scratch + k]
