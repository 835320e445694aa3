"""Tokens: where a case stands. Making, linking, closing and cancelling them, and writing their rows."""

from procflow.kernel.arrays import Ints
from procflow.kernel.calendars import duty
from procflow.kernel.jit import compiled, inlined
from procflow.kernel.layout import (
    BATCH,
    BATCH_FULL,
    BETWEEN,
    CALLED,
    CALLING,
    COMPLETED,
    CONTENTION,
    DELAYED,
    DELAYED_FOR,
    EDGE_WIDTH,
    FINISHED,
    FREE,
    G_CALENDAR,
    GROUP_WIDTH,
    HELD,
    M_CASE_ROWS,
    M_EDGES,
    M_GROUPS,
    M_NODES,
    M_PEOPLE,
    M_SEGMENTS,
    M_VALUES,
    N_AVAILABLE,
    N_AVAILABLE_STEP,
    N_CALENDAR,
    N_OVERTIME,
    N_RANK,
    NODE_WIDTH,
    NONE,
    OFF_DUTY,
    PAUSED,
    PHASE_SHIFT,
    QUEUED,
    R_EDGE,
    R_END,
    R_ENTER,
    R_NODE,
    R_PEOPLE,
    R_REACHED,
    R_REGION,
    R_SEGMENTS,
    R_VISIT,
    RANK_SHIFT,
    REACHED_ARRIVE,
    REACHED_DONE,
    REACHED_EXIT,
    REACHED_READY,
    REACHED_START,
    S_CASE_BUFFER,
    S_CASE_FREE,
    S_CASE_LEFT,
    S_CASE_ROW_CAP,
    S_CASE_ROWS,
    S_CASES,
    S_COHORT_OPEN,
    S_NOW,
    S_ROW_BUFFER,
    S_ROW_CAP,
    S_ROWS,
    S_SPARE,
    S_TOKEN_FREE,
    S_TOKEN_LEFT,
    S_TOKEN_WIDTH,
    S_TOKENS,
    SEGMENTS,
    SYNCHRONIZED,
    T_ARRIVE,
    T_BARE,
    T_CASE,
    T_CHILD,
    T_DONE,
    T_EDGE,
    T_ELDER,
    T_END,
    T_ENTER,
    T_EXIT,
    T_FINISHED,
    T_FIRED,
    T_GENERATION,
    T_HELD,
    T_JOINT,
    T_LEAVING,
    T_NEXT,
    T_NODE,
    T_PARENT,
    T_PEOPLE,
    T_PEOPLE_N,
    T_READY,
    T_SEGMENTS,
    T_SIBLING,
    T_SITTING,
    T_START,
    T_STATUS,
    T_SUMS,
    T_VISIT,
    TRANSFERRED,
    TRAVELING,
    WAITING,
    WORKED,
    WORKING,
    X_ALIVE,
    X_ARRIVAL,
    X_COHORT,
    X_INSTANCE,
    X_NEXT,
    X_ORDINAL,
    X_PARENT,
    X_PARENT_NODE,
    X_PARENT_VISIT,
    X_REGION,
    X_STREAM,
    X_TIE,
    X_VALUES,
    Z_ARRIVAL,
    Z_CASE,
    Z_COHORT,
    Z_END,
    Z_INSTANCE,
    Z_OUTCOME,
    Z_PARENT,
    Z_PARENT_NODE,
    Z_PARENT_VISIT,
    Z_REGION,
    Z_SEGMENTS,
    Z_STREAM,
    Z_VALUES,
)


@compiled
def place(S: Ints, i: int) -> int:
    """Return where token ``i`` lies in the state; it is known by how far from the first one."""
    return S[S_TOKENS] + i


@compiled
def case_place(S: Ints, c: int) -> int:
    """Return where case ``c`` lies in the state; it is known by how far from the first one."""
    return S[S_CASES] + c


@compiled
def node_place(S: Ints, node: int) -> int:
    """Return where a node lies in the model."""
    return S[M_NODES] + node * NODE_WIDTH


@compiled
def key_of(S: Ints, t: int, phase: int) -> int:
    """Return the key of an event of the token at ``t`` in a phase."""
    return (phase << PHASE_SHIFT) + S[case_place(S, S[t + T_CASE]) + X_TIE]


@compiled
def aux_of(S: Ints, node: int, kind: int) -> int:
    """Return the second key of an event: the rank of its node, and its kind."""
    return (S[node_place(S, node) + N_RANK] << RANK_SHIFT) + kind


@compiled
def ref_of(S: Ints, i: int) -> int:
    """Return a reference to token ``i`` that ends with its present generation."""
    return (i << 32) + S[place(S, i) + T_GENERATION]


@compiled
def new_token(S: Ints, case: int, parent: int) -> int:
    """Return a fresh token of a case, linked below ``parent`` (NONE for the main line)."""
    i = S[S_TOKEN_FREE]
    t = place(S, i)
    S[S_TOKEN_FREE] = S[t + T_NEXT]
    S[S_TOKEN_LEFT] -= 1
    S[t + T_STATUS] = BETWEEN
    S[t + T_CASE], S[t + T_NODE], S[t + T_PARENT] = case, NONE, parent
    S[t + T_CHILD] = S[t + T_ELDER] = S[t + T_SIBLING] = NONE
    for k in range(SEGMENTS):
        S[t + T_SUMS + k] = 0
    S[t + T_BARE] = S[t + T_PEOPLE_N] = S[t + T_LEAVING] = 0
    S[t + T_HELD] = S[t + T_JOINT] = NONE
    if parent != NONE:
        p = place(S, parent)
        first = S[p + T_CHILD]
        S[t + T_SIBLING] = first
        if first != NONE:
            S[place(S, first) + T_ELDER] = i
        S[p + T_CHILD] = i
    return i


@compiled
def put_by(S: Ints, t: int) -> int:
    """Return a token that does nothing but hold the row of the one at ``t``."""
    i = new_token(S, S[t + T_CASE], NONE)
    h = place(S, i)
    generation = S[h + T_GENERATION]
    for k in range(S[S_TOKEN_WIDTH]):
        S[h + k] = S[t + k]
    S[h + T_GENERATION], S[h + T_STATUS] = generation, HELD
    return i


@compiled
def unlink(S: Ints, i: int) -> None:
    """Take a token out of the list of its parent."""
    t = place(S, i)
    elder, younger, parent = S[t + T_ELDER], S[t + T_SIBLING], S[t + T_PARENT]
    if elder != NONE:
        S[place(S, elder) + T_SIBLING] = younger
    elif parent != NONE:
        S[place(S, parent) + T_CHILD] = younger
    if younger != NONE:
        S[place(S, younger) + T_ELDER] = elder
    S[t + T_ELDER] = S[t + T_SIBLING] = NONE


@compiled
def drop_token(S: Ints, i: int) -> None:
    """Give a token back; its pending events and places in lines become void."""
    t = place(S, i)
    S[t + T_STATUS] = FREE
    S[t + T_GENERATION] = (S[t + T_GENERATION] + 1) & 0x7FFFFFFF
    S[t + T_NEXT] = S[S_TOKEN_FREE]
    S[S_TOKEN_FREE] = i
    S[S_TOKEN_LEFT] += 1


@inlined
def begin_visit(S: Ints, t: int, node: int, visit: int) -> None:
    """Clear the token at ``t`` for a visit of ``node`` that begins now."""
    S[t + T_NODE], S[t + T_VISIT], S[t + T_ENTER] = node, visit, S[S_NOW]
    S[t + T_READY] = S[t + T_START] = S[t + T_DONE] = S[t + T_EXIT] = S[t + T_ARRIVE] = NONE
    S[t + T_EDGE] = S[t + T_FIRED] = S[t + T_SITTING] = NONE
    S[t + T_BARE] = S[t + T_PEOPLE_N] = S[t + T_FINISHED] = S[t + T_LEAVING] = 0
    S[t + T_END] = COMPLETED
    for k in range(SEGMENTS):
        S[t + T_SEGMENTS + k] = 0


@compiled
def end_visit(S: Ints, t: int) -> None:
    """Make the timers and other pending events of the token's visit void."""
    S[t + T_GENERATION] = (S[t + T_GENERATION] + 1) & 0x7FFFFFFF


@compiled
def add_segments(S: Ints, t: int) -> None:
    """Add the segments of the token's row to its sums."""
    for k in range(SEGMENTS):
        S[t + T_SUMS + k] += S[t + T_SEGMENTS + k]


@compiled
def split_wait(S: Ints, t: int, node: int, until: int) -> None:
    """Split the wait from ready to ``until`` into off duty and contention."""
    ready = S[t + T_READY]
    n = node_place(S, node)
    calendar = S[n + N_AVAILABLE]
    if S[n + N_AVAILABLE_STEP]:
        calendar += S[case_place(S, S[t + T_CASE]) + X_REGION]
    open_time = duty(S, calendar, ready, until)
    S[t + T_SEGMENTS + CONTENTION] = open_time
    S[t + T_SEGMENTS + OFF_DUTY] = until - ready - open_time


@compiled
def close_segment(S: Ints, t: int) -> None:
    """Close the open segment of the token at ``t`` now, wherever it is."""
    now, status = S[S_NOW], S[t + T_STATUS]
    segments = t + T_SEGMENTS
    if status == WAITING:
        first = S[t + T_SITTING]
        until = now if first == NONE or now < first else first
        S[segments + BATCH] = until - S[t + T_ENTER]
        S[segments + BATCH_FULL] = now - until
    elif status == QUEUED:
        split_wait(S, t, S[t + T_NODE], now)
    elif status == WORKING:
        _close_work(S, t)
    elif status == DELAYED:
        S[segments + DELAYED_FOR] = now - S[t + T_DONE]
    elif status == CALLING:
        S[segments + CALLED] = now - S[t + T_START]
    elif status == TRAVELING:
        S[segments + TRANSFERRED] = now - S[t + T_EXIT]
    elif status == FINISHED:
        S[segments + SYNCHRONIZED] = now - S[t + T_ARRIVE]


@compiled
def _close_work(S: Ints, t: int) -> None:
    now, segments = S[S_NOW], t + T_SEGMENTS
    S[t + T_DONE] = NONE
    n = node_place(S, S[t + T_NODE])
    calendar = S[n + N_CALENDAR]
    if S[t + T_PEOPLE_N] > 0:
        calendar = S[S[M_GROUPS] + (S[t + T_PEOPLE] >> 32) * GROUP_WIDTH + G_CALENDAR]
    elapsed = now - S[t + T_START]
    worked = elapsed if S[n + N_OVERTIME] else duty(S, calendar, S[t + T_START], now)
    S[segments + WORKED] = worked
    S[segments + PAUSED] = elapsed - worked


@compiled
def write_row(S: Ints, t: int) -> None:
    """Write the row of the token's visit, unless it stands at the exit of a composite, which has none."""
    if S[t + T_BARE]:
        return
    step = S[S_ROW_CAP]
    r = S[S_ROW_BUFFER] + S[S_ROWS]
    S[S_ROWS] += 1
    x = case_place(S, S[t + T_CASE])
    S[r], S[r + R_NODE * step] = S[x + X_ORDINAL], S[t + T_NODE]
    S[r + R_VISIT * step], S[r + R_EDGE * step] = S[t + T_VISIT], S[t + T_EDGE]
    S[r + R_REGION * step], S[r + R_END * step] = S[x + X_REGION], S[t + T_END]
    S[r + R_REACHED * step], S[r + R_ENTER * step] = _reached(S, t), S[t + T_ENTER]
    kept = S[M_SEGMENTS]
    for k in range(SEGMENTS):
        if kept & (1 << k):
            S[r + (R_SEGMENTS + k) * step] = S[t + T_SEGMENTS + k]
    _write_person(S, t, 0, r + R_PEOPLE * step, step)
    for k in range(1, S[M_PEOPLE]):
        _write_person(S, t, k, r + (R_PEOPLE + 2 * k) * step, step)


@inlined
def _write_person(S: Ints, t: int, k: int, place: int, step: int) -> None:
    group = person = NONE
    if k < S[t + T_PEOPLE_N]:
        group, person = S[t + T_PEOPLE + k] >> 32, S[t + T_PEOPLE + k] & 0xFFFFFFFF
    S[place], S[place + step] = group, person


@inlined
def _reached(S: Ints, t: int) -> int:
    """Return which instants after ``enter`` the token's visit has reached, a bit each."""
    reached = 0
    if S[t + T_READY] != NONE:
        reached |= REACHED_READY
    if S[t + T_START] != NONE:
        reached |= REACHED_START
    if S[t + T_DONE] != NONE:
        reached |= REACHED_DONE
    if S[t + T_EXIT] != NONE:
        reached |= REACHED_EXIT
    if S[t + T_ARRIVE] != NONE:
        reached |= REACHED_ARRIVE
    return reached


@compiled
def edge_place(S: Ints, edge: int) -> int:
    """Return where an edge lies in the model."""
    return S[M_EDGES] + edge * EDGE_WIDTH


@compiled
def write_case(S: Ints, x: int, sums: int, end: int, outcome: int) -> None:
    """Write the row of the case at ``x``; ``sums`` is the place of its segments, NONE where it is in progress."""
    step = S[S_CASE_ROW_CAP]
    r = S[S_CASE_BUFFER] + S[S_CASE_ROWS]
    S[S_CASE_ROWS] += 1
    S[r + Z_CASE * step], S[r + Z_STREAM * step] = S[x + X_ORDINAL], S[x + X_STREAM]
    S[r + Z_REGION * step], S[r + Z_ARRIVAL * step] = S[x + X_REGION], S[x + X_ARRIVAL]
    S[r + Z_END * step], S[r + Z_OUTCOME * step] = end, outcome
    S[r + Z_COHORT * step] = S[x + X_COHORT]
    kept = S[M_SEGMENTS]
    if kept & (1 << CALLED):
        S[r + Z_PARENT * step], S[r + Z_PARENT_NODE * step] = S[x + X_PARENT], S[x + X_PARENT_NODE]
        S[r + Z_PARENT_VISIT * step], S[r + Z_INSTANCE * step] = S[x + X_PARENT_VISIT], S[x + X_INSTANCE]
    for k in range(SEGMENTS):
        if kept & (1 << k):
            S[r + (Z_SEGMENTS + k) * step] = S[sums + k] if sums != NONE else 0
    for k in range(S[M_VALUES]):
        S[r + (Z_VALUES + k) * step] = S[x + X_VALUES + k]


@compiled
def close_case(S: Ints, c: int, sums: int, end: int, outcome: int) -> None:
    """Write the row of case ``c``, which is over, and give the case back."""
    x = case_place(S, c)
    write_case(S, x, sums, end, outcome)
    if S[x + X_PARENT_NODE] == NONE:
        S[S_COHORT_OPEN] -= S[x + X_COHORT]
    else:
        S[S_SPARE] -= S[M_CASE_ROWS]
    S[x + X_ALIVE] = 0
    S[x + X_NEXT] = S[S_CASE_FREE]
    S[S_CASE_FREE] = c
    S[S_CASE_LEFT] += 1
