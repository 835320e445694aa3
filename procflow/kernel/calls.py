"""Called processes: a state's call begins cases of another process, and is over when enough have ended. Rule 19."""

import math

import numpy as np

from procflow.kernel.arrays import Floats, Ints
from procflow.kernel.arrivals import draw_attributes, office, open_case
from procflow.kernel.cancellation import cancel_below
from procflow.kernel.draws import CALL, absorb, word
from procflow.kernel.guards import run_code
from procflow.kernel.heap import follow, push
from procflow.kernel.jit import compiled
from procflow.kernel.layout import (
    A_NODE,
    A_REGION,
    A_REGION_N,
    CALL_WIDTH,
    CALLED,
    CALLED_BIT,
    CALLING,
    DELAYED,
    E_TRIGGER,
    ENTER_PHASE,
    JOIN_PHASE,
    K_GIVES,
    K_GIVES_N,
    K_INSTANCES,
    K_INSTANCES_N,
    K_NEEDED,
    K_STREAM,
    K_TAKES,
    K_TAKES_N,
    M_CALLS,
    M_CASE_ROWS,
    M_STREAMS,
    N_CALL,
    N_EDGE,
    N_EDGES,
    N_KEY,
    NONE,
    PROCESS_SHIFT,
    S_FAULT_CASE,
    S_FAULT_NODE,
    S_FLOOD,
    S_NOW,
    S_SPARE,
    S_STREAM,
    ST_CALLED,
    STREAM_STATE,
    STREAM_WIDTH,
    T_BEGUN,
    T_CASE,
    T_DONE,
    T_EDGE,
    T_FINISHED,
    T_FIRED,
    T_INSTANCES,
    T_NODE,
    T_READY,
    T_SEGMENTS,
    T_START,
    T_STATUS,
    T_VISIT,
    V_CALL,
    V_EXIT,
    V_RETURN,
    X_COHORT,
    X_INSTANCE,
    X_KEY,
    X_ORDINAL,
    X_PARENT,
    X_PARENT_NODE,
    X_PARENT_VISIT,
    X_PRIORITY,
    X_REGION,
    X_VALUES,
)
from procflow.kernel.tokens import aux_of, case_place, edge_place, key_of, new_token, node_place, place, ref_of
from procflow.kernel.work import later, priority_of

MOST = 1_000_000
"""More instances of one call than this are taken for a mistake."""


@compiled
def begin_call(S: Ints, A: Floats, i: int) -> None:
    """Token ``i`` calls: its instances begin one after another; where there are none the call is over."""
    t = place(S, i)
    n, now = node_place(S, S[t + T_NODE]), S[S_NOW]
    k = S[M_CALLS] + S[n + N_CALL] * CALL_WIDTH
    S[t + T_READY] = S[t + T_START] = now
    S[t + T_STATUS], S[t + T_BEGUN] = CALLING, 0
    wanted = run_code(S, A, S[k + K_INSTANCES], S[k + K_INSTANCES_N], case_place(S, S[t + T_CASE]) + X_VALUES)
    # an infinite number, or none at all, compares as false
    S[t + T_INSTANCES] = int(math.floor(min(wanted, 2.0 * MOST) + 0.5)) if wanted >= 0.5 else 0  # noqa: RUF046
    if S[t + T_INSTANCES] == 0:
        if S[n + N_EDGES] > 0:
            S[t + T_FIRED] = S[n + N_EDGE] + S[n + N_EDGES] - 1
        follow(S, key_of(S, t, JOIN_PHASE), aux_of(S, S[t + T_NODE], V_RETURN), ref_of(S, i))
    else:
        follow(S, key_of(S, t, ENTER_PHASE), aux_of(S, S[t + T_NODE], V_CALL), ref_of(S, i))


@compiled
def next_instance(S: Ints, A: Floats, i: int) -> int:
    """Let the next instance of the call of token ``i`` begin now; return its token, NONE where they are too many."""
    t = place(S, i)
    n = node_place(S, S[t + T_NODE])
    if S[t + T_INSTANCES] > MOST:
        S[S_FLOOD], S[S_FAULT_NODE], S[S_FAULT_CASE] = 1, S[t + T_NODE], S[t + T_CASE]
        return NONE
    S[t + T_BEGUN] += 1
    process = S[S[M_CALLS] + S[n + N_CALL] * CALL_WIDTH + K_STREAM]
    s = S[S_STREAM] + process * STREAM_STATE
    number = S[s + ST_CALLED]
    S[s + ST_CALLED] = number + 1
    ours = np.uint64(S[case_place(S, S[t + T_CASE]) + X_KEY])
    key = absorb(absorb(ours, np.uint64(S[n + N_KEY])), word(S[t + T_VISIT], CALL, S[t + T_BEGUN]))
    c = open_case(S, process, -1 - number, (process << PROCESS_SHIFT) + CALLED_BIT + number, np.int64(key))  # type: ignore[arg-type]
    _hand_down(S, A, t, case_place(S, c))
    S[S_SPARE] += S[M_CASE_ROWS]
    if S[t + T_BEGUN] < S[t + T_INSTANCES]:
        push(S, S[S_NOW], key_of(S, t, ENTER_PHASE), aux_of(S, S[t + T_NODE], V_CALL), ref_of(S, i))
    called = new_token(S, c, i)
    S[place(S, called) + T_EDGE] = S[S[M_STREAMS] + process * STREAM_WIDTH + A_NODE]  # where it is about to enter
    return called


@compiled
def _hand_down(S: Ints, A: Floats, t: int, x: int) -> None:
    """Give the called case at ``x`` what it has from its caller: parent, cohort, priority, office, attributes."""
    p, n = case_place(S, S[t + T_CASE]), node_place(S, S[t + T_NODE])
    k = S[M_CALLS] + S[n + N_CALL] * CALL_WIDTH
    a = S[M_STREAMS] + S[k + K_STREAM] * STREAM_WIDTH
    S[x + X_PARENT], S[x + X_PARENT_NODE] = S[p + X_ORDINAL], S[t + T_NODE]
    S[x + X_PARENT_VISIT], S[x + X_INSTANCE] = S[t + T_VISIT], S[t + T_BEGUN]
    S[x + X_COHORT] = S[p + X_COHORT]
    A[x + X_PRIORITY] = priority_of(S, A, t, n)
    S[x + X_REGION] = S[p + X_REGION]
    if S[a + A_REGION_N] > 0 and not _has_office(S, a, S[p + X_REGION]):
        S[x + X_REGION] = office(S, A, np.uint64(S[x + X_KEY]), a)
    draw_attributes(S, A, x, a)
    _copy(S, A, x, p, S[k + K_GIVES], S[k + K_GIVES_N])


@compiled
def _has_office(S: Ints, a: int, region: int) -> bool:
    found = False
    for k in range(S[a + A_REGION_N]):
        found = found or S[S[a + A_REGION] + k] == region
    return found


@compiled
def _copy(S: Ints, A: Floats, to: int, source: int, at: int, n: int) -> None:
    """Copy attributes between cases: triples of slot there, slot here, and the categories' codes there, or NONE."""
    for k in range(at, at + 3 * n, 3):
        value = A[source + X_VALUES + S[k + 1]]
        if S[k + 2] != NONE:
            value = float(S[S[k + 2] + int(value)])
        A[to + X_VALUES + S[k]] = value


@compiled
def answer(S: Ints, A: Floats, i: int, x: int, trigger: int) -> None:
    """The case at ``x``, called by token ``i``, has ended with an outcome; the call is over when enough have."""
    t = place(S, i)
    n = node_place(S, S[t + T_NODE])
    k = S[M_CALLS] + S[n + N_CALL] * CALL_WIDTH
    _copy(S, A, case_place(S, S[t + T_CASE]), x, S[k + K_TAKES], S[k + K_TAKES_N])
    for edge in range(S[n + N_EDGE], S[n + N_EDGE] + S[n + N_EDGES]):
        if S[edge_place(S, edge) + E_TRIGGER] == trigger:
            S[t + T_FIRED] = edge if S[t + T_FIRED] == NONE else min(edge, S[t + T_FIRED])
            break
    S[t + T_FINISHED] += 1
    needed = S[k + K_NEEDED]
    if needed == NONE or needed > S[t + T_INSTANCES]:
        needed = S[t + T_INSTANCES]
    if S[t + T_FINISHED] == needed:
        follow(S, key_of(S, t, JOIN_PHASE), aux_of(S, S[t + T_NODE], V_RETURN), ref_of(S, i))


@compiled
def end_call(S: Ints, i: int) -> None:
    """The call of token ``i`` is over: what still runs of it is cancelled, and the token exits."""
    t = place(S, i)
    cancel_below(S, i, NONE)
    S[t + T_DONE], S[t + T_STATUS] = S[S_NOW], DELAYED
    S[t + T_SEGMENTS + CALLED] = S[S_NOW] - S[t + T_START]
    later(S, i, S[S_NOW], V_EXIT)
