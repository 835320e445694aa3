"""The loop: takes the least event, does its step, and returns when a buffer is full, a part must grow, or it is over.

``advance`` is re-entrant: whoever calls it empties the buffers, lets the state grow or looks for loops that take no
time, and calls again. It checks for room before each event, or for many where there is plenty, so no step allocates.
"""

from procflow.kernel.arrays import Floats, Ints
from procflow.kernel.arrivals import new_case, schedule_arrival, set_window
from procflow.kernel.calls import end_call, next_instance
from procflow.kernel.cancellation import retire
from procflow.kernel.composites import join, leave, time_out
from procflow.kernel.heap import is_quiet, push, take_least
from procflow.kernel.jit import compiled, entry, inlined, words
from procflow.kernel.joint import adjourn
from procflow.kernel.layout import (
    A_NODE,
    B_NODE,
    BATCH_STATE,
    BATCH_WIDTH,
    BS_BEGUN,
    CUT,
    ENDED,
    FLOOD,
    FREE,
    FULL,
    FULL_CASES,
    GROW_CASE_ROWS,
    GROW_CASES,
    GROW_HEAP,
    GROW_QUEUE,
    GROW_ROWS,
    GROW_TOKENS,
    H_AUX,
    H_REF,
    HEAP_WIDTH,
    HELD,
    LOOPING,
    M_BATCHES,
    M_CAP,
    M_COHORT_END,
    M_HEADROOM,
    M_HORIZON,
    M_STREAM_COUNT,
    M_STREAMS,
    N_JOINT,
    NEVER,
    NONE,
    ROLE_STATE,
    RS_WAKE,
    S_BATCH,
    S_CASE_CAP,
    S_CASE_LEFT,
    S_CASE_ROW_CAP,
    S_CASE_ROWS,
    S_CASE_WIDTH,
    S_COHORT_OPEN,
    S_DIRECT,
    S_DIRTY_N,
    S_DUE,
    S_FLOOD,
    S_FLUSHED,
    S_HEAP,
    S_HEAP_CAP,
    S_HEAP_N,
    S_INSTANT_EVENTS,
    S_LEAST,
    S_NEXT,
    S_NEXT_AUX,
    S_NEXT_REF,
    S_NOW,
    S_QUEUE_LEFT,
    S_ROLE,
    S_ROW_CAP,
    S_ROWS,
    S_SPARE,
    S_STOPPED,
    S_TOKEN_CAP,
    S_TOKEN_LEFT,
    S_TOKEN_WIDTH,
    SPENT,
    STREAM_WIDTH,
    STRETCH,
    STUCK,
    T_EDGE,
    T_GENERATION,
    T_JOINT,
    T_STATUS,
    TIMER_SHIFT,
    V_ADJOURN,
    V_ARRIVAL,
    V_CALL,
    V_ENTER,
    V_JOIN,
    V_LEAVE,
    V_RETURN,
    V_SITTING,
    V_STAFF,
    V_START,
    V_TIMEOUT,
    X_ALIVE,
)
from procflow.kernel.sittings import (
    begin_sitting,
    call_next,
    end_sitting,
    note_passed,
    sitting_aux,
    sitting_key,
)
from procflow.kernel.staff import change_staff, mark_dirty, schedule_change
from procflow.kernel.tokens import case_place, node_place, place, write_case
from procflow.kernel.visits import proceed
from procflow.kernel.work import assemble, make_ready, start_free, start_next

SAME_INSTANT = 250_000
"""After about so many events at one instant somebody looks whether a case goes round a loop that takes no time."""

START, ADVANCE, FLUSH = range(3)


def start(S: Ints, A: Floats) -> None:
    """Schedule the first arrival of every stream, and the first change of staffing."""
    run(S, A, START, 0)


def advance(S: Ints, A: Floats, budget: int) -> int:
    """Run until ``budget`` events are done, a buffer is full, a part must grow, or the run is over; say which."""
    return run(S, A, ADVANCE, budget)


def flush(S: Ints, A: Floats) -> int:
    """Write what is still open as cut rows; FULL or FULL_CASES when a buffer is, ENDED when all is."""
    return run(S, A, FLUSH, 0)


@entry
def run(S: Ints, A: Floats, task: int, budget: int) -> int:
    """Do what the three functions above say: one entry, so that what they share is compiled once."""
    S, A = words(S), words(A)  # noqa: N806
    if task == START:
        _start(S, A)
        return ENDED
    if task == FLUSH:
        return _flush(S)
    left, sure, stretch = budget, 0, 0
    while True:
        if S[S_NEXT] == 0 and (S[S_DIRTY_N] > 0 or S[S_DIRECT] != NONE):
            _dispatch(S, A)
            if S[S_HEAP_N] + STRETCH * S[M_HEADROOM] > S[S_HEAP_CAP]:
                sure = 0
        if sure == 0:
            lacking = _lacking(S)
            if lacking != ENDED:
                return lacking
            S[S_INSTANT_EVENTS] += stretch
            if S[S_INSTANT_EVENTS] >= SAME_INSTANT:
                S[S_INSTANT_EVENTS] = 0
                return LOOPING
            sure = stretch = STRETCH if _is_roomy(S) else 1
        if S[S_NEXT]:
            aux, ref = S[S_NEXT_AUX], S[S_NEXT_REF]
            S[S_NEXT] = 0
        else:
            if left <= 0:
                return SPENT
            due = S[S_DUE]
            if _is_over(S, due):
                S[S_STOPPED] = 1
                S[S_NOW] = S[M_CAP] if S[S_COHORT_OPEN] > 0 else max(S[S_NOW], S[M_HORIZON])
                return ENDED
            if due > S[S_NOW]:
                S[S_NOW], S[S_INSTANT_EVENTS] = due, 0
            least = S[S_HEAP] + S[S_LEAST] * HEAP_WIDTH
            aux, ref = S[least + H_AUX], S[least + H_REF]
            take_least(S)
        left, sure = left - 1, sure - 1
        if not _step(S, A, ref, aux):
            return FLOOD if S[S_FLOOD] else STUCK


@inlined
def _lacking(S: Ints) -> int:
    """Return what must grow or be emptied before another event, ENDED where nothing must.

    Of the buffers of rows there is then enough left for ``STRETCH`` events, and for who starts between them.
    """
    room = S[M_HEADROOM]
    full = 2 * STRETCH * room + S[S_SPARE]  # so many rows a cancellation may write at once
    if S[S_ROWS] + full > S[S_ROW_CAP]:
        return GROW_ROWS if full + S[S_SPARE] > S[S_ROW_CAP] else FULL
    if S[S_CASE_ROWS] + full > S[S_CASE_ROW_CAP]:
        return GROW_CASE_ROWS if full + S[S_SPARE] > S[S_CASE_ROW_CAP] else FULL_CASES
    if S[S_HEAP_N] + room > S[S_HEAP_CAP]:
        return GROW_HEAP
    if S[S_TOKEN_LEFT] < room:
        return GROW_TOKENS
    if S[S_QUEUE_LEFT] < room:
        return GROW_QUEUE
    return ENDED if S[S_CASE_LEFT] > 1 else GROW_CASES


@inlined
def _is_roomy(S: Ints) -> bool:
    """Whether there is room for ``STRETCH`` events, and for who starts between them as far as that is not looked at.

    A call adds no more rows to what a cancellation may write at once (``S_SPARE``) than an event has room for.
    """
    room = STRETCH * S[M_HEADROOM]
    return (
        S[S_HEAP_N] + room <= S[S_HEAP_CAP]
        and S[S_TOKEN_LEFT] >= room
        and S[S_QUEUE_LEFT] >= room
        and S[S_CASE_LEFT] > STRETCH
    )


@inlined
def _dispatch(S: Ints, A: Floats) -> None:
    """Start who can start, one after the other, until something else is due or the heap may need to grow."""
    room = S[M_HEADROOM]
    while (S[S_DIRTY_N] > 0 or S[S_DIRECT] != NONE) and is_quiet(S) and S[S_HEAP_N] + room <= S[S_HEAP_CAP]:
        start_next(S, A)


@compiled
def _is_over(S: Ints, time: int) -> bool:
    return time >= S[M_CAP] or (S[S_COHORT_OPEN] == 0 and time > max(S[S_NOW], S[M_HORIZON]))


@inlined
def _step(S: Ints, A: Floats, ref: int, aux: int) -> bool:
    """Do one event; False where a case has no way out."""
    kind, i = aux & 15, ref >> 32
    if kind == V_ARRIVAL:
        i = new_case(S, A, ref)
        schedule_arrival(S, A, ref)
        S[place(S, i) + T_EDGE] = S[S[M_STREAMS] + ref * STREAM_WIDTH + A_NODE]  # where it is about to enter
        kind = V_ENTER
    elif V_SITTING <= kind <= V_STAFF:
        _common_step(S, A, kind, ref)
        return True
    elif S[place(S, i) + T_GENERATION] != ref & 0xFFFFFFFF:
        return True  # cancelled or timed out since
    # one call of proceed: the compiler copies all that it does to wherever it is called
    if kind >= V_CALL:
        if kind == V_CALL:
            i = next_instance(S, A, i)
            if i == NONE:
                return False
            kind = V_ENTER
        elif kind == V_ADJOURN:
            i = adjourn(S, i)
            if i == NONE:
                return True
    if kind <= V_ENTER or kind == V_ADJOURN:
        return proceed(S, A, i, kind)
    return _rare_step(S, A, kind, i, aux)


@inlined
def _rare_step(S: Ints, A: Floats, kind: int, i: int, aux: int) -> bool:
    """Do an event of token ``i`` that most visits have not."""
    if kind == V_START:
        note_passed(S, NEVER, 0)
        start_free(S, A, i)
    elif kind == V_TIMEOUT:
        return time_out(S, A, i, (aux >> TIMER_SHIFT) & 0xFFFFF)
    elif kind == V_JOIN:
        return join(S, A, i)
    elif kind == V_LEAVE:
        leave(S, A, i)
    elif kind == V_RETURN:
        end_call(S, i)
    return True


@inlined
def _common_step(S: Ints, A: Floats, kind: int, number: int) -> None:
    """Do an event that is no token's: a sitting, a change of staffing, or a role whose calendar opens."""
    if kind == V_SITTING:
        _sit(S, A, number)
    elif kind == V_STAFF:
        change_staff(S, number)
    else:
        S[S[S_ROLE] + number * ROLE_STATE + RS_WAKE] = NONE
        mark_dirty(S, number)


@compiled
def _sit(S: Ints, A: Floats, batch: int) -> None:
    """Let a sitting begin, or go on: it calls one case; the next one is called after what follows in zero time."""
    if not _in_progress(S, batch):
        note_passed(S, sitting_key(S, batch), sitting_aux(S, batch))
        begin_sitting(S, A, batch)
    node = S[S[M_BATCHES] + batch * BATCH_WIDTH + B_NODE]
    token = assemble(S, A, batch) if S[node_place(S, node) + N_JOINT] == 1 else call_next(S, batch)
    if token == NONE:
        end_sitting(S, A, batch)
        return
    make_ready(S, A, token, False)
    push(S, S[S_NOW], sitting_key(S, batch), sitting_aux(S, batch), batch)


@compiled
def _in_progress(S: Ints, batch: int) -> bool:
    return S[S[S_BATCH] + batch * BATCH_STATE + BS_BEGUN] == S[S_NOW]


@compiled
def _start(S: Ints, A: Floats) -> None:
    if S[M_COHORT_END] != NONE:
        set_window(S, A)
    schedule_change(S, 0)
    for stream in range(S[M_STREAM_COUNT]):
        schedule_arrival(S, A, stream)


@compiled
def _flush(S: Ints) -> int:
    while S[S_FLUSHED] < S[S_TOKEN_CAP]:
        if S[S_ROWS] + 2 > S[S_ROW_CAP]:
            return FULL
        i = S[S_FLUSHED] * S[S_TOKEN_WIDTH]
        t = place(S, i)
        if S[t + T_STATUS] not in (FREE, HELD) and S[t + T_JOINT] != i:
            retire(S, i, CUT)
        S[S_FLUSHED] += 1
    while S[S_FLUSHED] < S[S_TOKEN_CAP] + S[S_CASE_CAP]:
        if S[S_CASE_ROWS] + 1 > S[S_CASE_ROW_CAP]:
            return FULL_CASES
        x = case_place(S, (S[S_FLUSHED] - S[S_TOKEN_CAP]) * S[S_CASE_WIDTH])
        if S[x + X_ALIVE]:
            write_case(S, x, NONE, NONE, NONE)
        S[S_FLUSHED] += 1
    return ENDED
