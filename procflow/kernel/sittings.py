"""Sittings: who waits for which, and whom a sitting calls. Rule 8 of the semantics.

Each batch has a line for its next sitting, a list of those who came after its cut-off, and the list of those whom the
sitting in progress has still to call.
"""

from procflow.kernel.arrays import Floats, Ints
from procflow.kernel.calendars import first_not_before
from procflow.kernel.heap import push
from procflow.kernel.jit import compiled
from procflow.kernel.layout import (
    B_CUTOFFS,
    B_N,
    B_NODE,
    B_SEATS,
    B_STREAM,
    B_TIMES,
    BATCH,
    BATCH_FULL,
    BATCH_STATE,
    BATCH_WIDTH,
    BS_BEGUN,
    BS_CALLED,
    BS_FIRST,
    BS_LAST,
    BS_MAIN,
    BS_NEXT,
    BS_SCHEDULED,
    M_BATCHES,
    M_CAP,
    N_BATCH,
    N_PER_REGION,
    N_RANK,
    NEVER,
    NONE,
    PHASE_SHIFT,
    PROCESS_SHIFT,
    Q_SIBLING,
    QUEUE_WIDTH,
    RANK_SHIFT,
    S_BATCH,
    S_NOW,
    S_PASSED_AUX,
    S_PASSED_KEY,
    S_PASSED_TIME,
    S_QUEUE,
    SITTING_PHASE,
    T_CASE,
    T_ENTER,
    T_NODE,
    T_SEGMENTS,
    T_SITTING,
    T_STATUS,
    V_SITTING,
    WAITING,
    X_REGION,
)
from procflow.kernel.queues import drop_node, meld, take_node, token_of, without_root
from procflow.kernel.tokens import case_place, key_of, node_place, place


@compiled
def join_line(S: Ints, A: Floats, i: int, priority: float) -> None:
    """Token ``i`` begins to wait for the first sitting that it may take."""
    t = place(S, i)
    n = node_place(S, S[t + T_NODE])
    x = case_place(S, S[t + T_CASE])
    batch = S[n + N_BATCH] + (S[x + X_REGION] if S[n + N_PER_REGION] else 0)
    b, s = S[M_BATCHES] + batch * BATCH_WIDTH, S[S_BATCH] + batch * BATCH_STATE
    S[t + T_STATUS] = WAITING
    k = _first_possible(S, b, S[s + BS_NEXT], S[S_NOW], has_passed(S, batch))
    if k == S[b + B_N]:
        return  # none before the cap
    S[t + T_SITTING] = S[S[b + B_TIMES] + k]
    node = take_node(S, A, priority, S[S_NOW], key_of(S, t, 0), S[n + N_RANK], i)
    if S[s + BS_SCHEDULED] == NONE:
        S[s + BS_SCHEDULED] = k
        _schedule(S, batch, k)
    if k == S[s + BS_SCHEDULED]:
        S[s + BS_MAIN] = meld(S, A, S[s + BS_MAIN], node)
    else:
        _append(S, s, node)


@compiled
def _first_possible(S: Ints, b: int, first: int, now: int, passed: bool) -> int:
    """Return the first sitting from ``first`` on that neither has passed nor is past its cut-off."""
    n, times = S[b + B_N], S[b + B_TIMES]
    k = max(first, first_not_before(S, times, n, now))
    if passed and k < n and S[times + k] == now:
        k += 1
    while k < n and S[S[b + B_CUTOFFS] + k] < now:
        k += 1
    return k


@compiled
def note_passed(S: Ints, key: int, aux: int) -> None:
    """Note that of this instant's sittings those before (key, aux) have passed, whether anybody came or not."""
    S[S_PASSED_TIME], S[S_PASSED_KEY], S[S_PASSED_AUX] = S[S_NOW], key, aux


@compiled
def has_passed(S: Ints, batch: int) -> bool:
    """Whether the turn of a batch's sitting has passed in this instant."""
    if S[S_PASSED_TIME] != S[S_NOW]:
        return False
    key = sitting_key(S, batch)
    if key != S[S_PASSED_KEY]:
        return key < S[S_PASSED_KEY]
    return sitting_aux(S, batch) <= S[S_PASSED_AUX]


@compiled
def _append(S: Ints, s: int, node: int) -> None:
    last = S[s + BS_LAST]
    if last == NONE:
        S[s + BS_FIRST] = node
    else:
        S[S[S_QUEUE] + last * QUEUE_WIDTH + Q_SIBLING] = node
    S[s + BS_LAST] = node


@compiled
def _schedule(S: Ints, batch: int, k: int) -> None:
    at = S[S[S[M_BATCHES] + batch * BATCH_WIDTH + B_TIMES] + k]
    if at < S[M_CAP]:
        push(S, at, sitting_key(S, batch), sitting_aux(S, batch), batch)


@compiled
def sitting_key(S: Ints, batch: int) -> int:
    """Return the key of a batch's events."""
    node = S[S[M_BATCHES] + batch * BATCH_WIDTH + B_NODE]
    stream = S[S[M_BATCHES] + batch * BATCH_WIDTH + B_STREAM]
    return (SITTING_PHASE << PHASE_SHIFT) + (stream << PROCESS_SHIFT) + S[node_place(S, node) + N_RANK]


@compiled
def sitting_aux(S: Ints, batch: int) -> int:
    """Return the second key of a batch's events: its office."""
    return (batch << RANK_SHIFT) + V_SITTING


@compiled
def begin_sitting(S: Ints, A: Floats, batch: int) -> None:
    """Fix whom the sitting of this instant calls, up to its seats; the others wait for the next one."""
    s, b = S[S_BATCH] + batch * BATCH_STATE, S[M_BATCHES] + batch * BATCH_WIDTH
    S[s + BS_BEGUN] = S[S_NOW]
    S[s + BS_NEXT] = S[s + BS_SCHEDULED] + 1
    S[s + BS_SCHEDULED] = S[s + BS_NEXT]
    seats, last = S[b + B_SEATS], NONE
    while S[s + BS_MAIN] != NONE and seats != 0:
        head = S[s + BS_MAIN]
        token = token_of(S, head)
        S[s + BS_MAIN] = without_root(S, A, head)
        if token == NONE:
            continue
        seats -= 1
        # the node just given back is taken again: the token keeps its place in the list of those called
        node = take_node(S, A, 0.0, 0, 0, 0, token)
        if last == NONE:
            S[s + BS_CALLED] = node
        else:
            S[S[S_QUEUE] + last * QUEUE_WIDTH + Q_SIBLING] = node
        last = node
    _admit_late(S, A, batch)


@compiled
def _admit_late(S: Ints, A: Floats, batch: int) -> None:
    """Move those who came too late for the sitting just begun, but in time for the next, into its line."""
    s, b = S[S_BATCH] + batch * BATCH_STATE, S[M_BATCHES] + batch * BATCH_WIDTH
    upcoming = S[S[b + B_TIMES] + S[s + BS_NEXT]] if S[s + BS_NEXT] < S[b + B_N] else NEVER
    while S[s + BS_FIRST] != NONE:
        node = S[s + BS_FIRST]
        token = token_of(S, node)
        if token != NONE and S[place(S, token) + T_SITTING] > upcoming:
            return
        q = S[S_QUEUE] + node * QUEUE_WIDTH
        S[s + BS_FIRST] = S[q + Q_SIBLING]
        if S[s + BS_FIRST] == NONE:
            S[s + BS_LAST] = NONE
        S[q + Q_SIBLING] = NONE
        if token == NONE:
            drop_node(S, node)
        else:
            S[s + BS_MAIN] = meld(S, A, S[s + BS_MAIN], node)


@compiled
def call_next(S: Ints, batch: int) -> int:
    """Return the next token that the sitting in progress calls, its wait split; NONE when there is no further one."""
    s = S[S_BATCH] + batch * BATCH_STATE
    while S[s + BS_CALLED] != NONE:
        node = S[s + BS_CALLED]
        token = token_of(S, node)
        S[s + BS_CALLED] = S[S[S_QUEUE] + node * QUEUE_WIDTH + Q_SIBLING]
        drop_node(S, node)
        if token != NONE:
            t = place(S, token)
            S[t + T_SEGMENTS + BATCH] = S[t + T_SITTING] - S[t + T_ENTER]
            S[t + T_SEGMENTS + BATCH_FULL] = S[S_NOW] - S[t + T_SITTING]
            return token
    return NONE


@compiled
def end_sitting(S: Ints, A: Floats, batch: int) -> None:
    """Schedule the next sitting for which somebody waits."""
    s, b = S[S_BATCH] + batch * BATCH_STATE, S[M_BATCHES] + batch * BATCH_WIDTH
    k = S[s + BS_NEXT]
    while S[s + BS_MAIN] == NONE and S[s + BS_FIRST] != NONE:
        token = token_of(S, S[s + BS_FIRST])
        if token != NONE:
            k = first_not_before(S, S[b + B_TIMES], S[b + B_N], S[place(S, token) + T_SITTING])
            S[s + BS_NEXT] = k
        _admit_late(S, A, batch)
    if S[s + BS_MAIN] == NONE or k >= S[b + B_N]:
        S[s + BS_SCHEDULED] = NONE
        return
    S[s + BS_SCHEDULED] = k
    _schedule(S, batch, k)
