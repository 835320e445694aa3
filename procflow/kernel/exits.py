"""Ways out of a state: guards, chances, defaults, and what is set on leaving. Rule 12 of the semantics."""

import math

import numpy as np

from procflow.kernel.arrays import Floats, Ints
from procflow.kernel.draws import EXIT, absorb, unit, word
from procflow.kernel.guards import run_code
from procflow.kernel.jit import compiled
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
    N_EDGE,
    N_EDGES,
    N_KEY,
    NONE,
    S_SCRATCH,
    T_CASE,
    T_VISIT,
    X_KEY,
    X_VALUES,
)
from procflow.kernel.tokens import case_place, edge_place, node_place


@compiled
def choose_exit(M: Ints, F: Floats, S: Ints, A: Floats, t: int, node: int) -> int:
    """Return the edge by which the token at ``t`` leaves ``node``, or NONE where there is none."""
    n = node_place(M, node)
    first, count = M[n + N_EDGE], M[n + N_EDGES]
    x = case_place(S, S[t + T_CASE])
    chances, bare, only = 0, NONE, NONE
    for edge in range(first, first + count):
        e = M[M_EDGES] + edge * EDGE_WIDTH
        if M[e + E_KIND] == GUARDED:
            if _holds(M, F, S, A, e, x):
                return edge
        elif M[e + E_KIND] == CHANCE:
            chances += 1
        else:
            bare = edge
            only = edge
    if chances == 0:
        return only
    return _race(M, F, S, A, t, n, bare)


@compiled
def guard_holds(M: Ints, F: Floats, S: Ints, A: Floats, t: int, edge: int) -> bool:
    """Whether the guard of an edge holds for the token at ``t``; True where it has none."""
    return _holds(M, F, S, A, edge_place(M, edge), case_place(S, S[t + T_CASE]))


@compiled
def _holds(M: Ints, F: Floats, S: Ints, A: Floats, e: int, x: int) -> bool:
    if M[e + E_GUARDS] == 0:
        return True
    return run_code(F, S, A, M[e + E_GUARD], M[e + E_GUARDS], x + X_VALUES) != 0.0


@compiled
def _race(M: Ints, F: Floats, S: Ints, A: Floats, t: int, n: int, bare: int) -> int:
    """Return the exit with the least −ln(u)/p among those with a chance; the bare one has what is left of 1."""
    x, visit = case_place(S, S[t + T_CASE]), S[t + T_VISIT]
    base = absorb(np.uint64(S[x + X_KEY]), np.uint64(M[n + N_KEY]))
    best, least, total = NONE, np.inf, 0.0
    for edge in range(M[n + N_EDGE], M[n + N_EDGE] + M[n + N_EDGES]):
        e = edge_place(M, edge)
        if M[e + E_KIND] != CHANCE:
            continue
        p = F[M[e + E_CHANCE] + min(visit, M[e + E_CHANCES]) - 1]
        if p > 0.0 and _holds(M, F, S, A, e, x):
            total += p
            time = _clock(M, base, visit, e) / p
            if time < least:
                best, least = edge, time
    if bare != NONE and (total < 1.0 - 1e-9):
        time = _clock(M, base, visit, edge_place(M, bare)) / (1.0 - total)
        if time < least or (time == least and bare < best):
            best = bare
    return best


@compiled
def _clock(M: Ints, base: np.uint64, visit: int, e: int) -> float:
    z = absorb(base, word(visit, EXIT, M[e + E_SAME]))
    return -math.log(unit(absorb(z, np.uint64(M[e + E_TRIGGER]))))


@compiled
def apply_set(M: Ints, F: Floats, S: Ints, A: Floats, t: int, edge: int) -> None:
    """Assign the attributes that an edge sets, all from the values before."""
    e = edge_place(M, edge)
    n = M[e + E_SETS]
    if n == 0:
        return
    values, scratch = case_place(S, S[t + T_CASE]) + X_VALUES, S[S_SCRATCH]
    for k in range(n):
        at = M[e + E_SET] + 3 * k  # triples: slot, place of the program, its length
        A[scratch + k] = run_code(F, S, A, M[at + 1], M[at + 2], values)
    for k in range(n):
        A[values + M[M[e + E_SET] + 3 * k]] = A[scratch + k]
