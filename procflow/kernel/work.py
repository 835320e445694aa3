"""Work on a token: ready, in a line, started, and when it will be done. Rules 9 and 10 of the semantics."""

import numpy as np

from procflow.kernel.arrays import Floats, Ints
from procflow.kernel.calendars import complete, next_on
from procflow.kernel.draws import WORK, absorb, word
from procflow.kernel.guards import run_code
from procflow.kernel.heap import follow, is_quiet, push
from procflow.kernel.jit import compiled, inlined
from procflow.kernel.joint import new_work, schedule_end, take_part
from procflow.kernel.layout import (
    A_PROCESS,
    B_KEY,
    B_STREAM,
    BATCH_WIDTH,
    COMPLETION,
    D_AT,
    D_KIND,
    D_N,
    DISPATCH_PHASE,
    DISTRIBUTION_WIDTH,
    M_BATCHES,
    M_CAP,
    M_DISTRIBUTIONS,
    M_STREAMS,
    N_CALENDAR,
    N_CLOCKS,
    N_CLOCKS_N,
    N_FREE,
    N_KEY,
    N_OVERTIME,
    N_PER_REGION,
    N_PRIORITIES,
    N_PRIORITY,
    N_RANK,
    N_ROLE,
    N_SPEED,
    N_STAFF,
    N_WORK,
    N_WORKS,
    NEVER,
    NONE,
    PAUSED,
    Q_TOKEN,
    QUEUE_WIDTH,
    QUEUED,
    ROLE_STATE,
    S_DIRECT,
    S_DIRECT_GROUP,
    S_DIRECT_ROLE,
    S_DIRTY_N,
    S_KEY,
    S_NOW,
    S_QUEUE,
    S_ROLE,
    STREAM_WIDTH,
    T_BEGUN,
    T_BESIDE,
    T_CASE,
    T_ENTER,
    T_JOINT,
    T_NODE,
    T_PEOPLE,
    T_PEOPLE_N,
    T_READY,
    T_SEGMENTS,
    T_SITTING,
    T_START,
    T_STATUS,
    T_VISIT,
    V_DONE,
    V_START,
    WORKED,
    WORKING,
    X_KEY,
    X_PRIORITY,
    X_REGION,
    X_TIE,
    X_VALUES,
)
from procflow.kernel.queues import first_in_queue, is_empty, join_queue, leave_queue, take_node
from procflow.kernel.sampling import EXPONENTIAL, exponential, sample, ticks
from procflow.kernel.sittings import call_next, note_passed
from procflow.kernel.staff import clear_dirty, first_group, mark_dirty, next_start, somebody_idle, take_people
from procflow.kernel.tokens import aux_of, case_place, key_of, node_place, place, ref_of, split_wait


@compiled
def priority_of(S: Ints, A: Floats, t: int, n: int) -> float:
    """Return the priority of the token at ``t`` in a node, computed now; its caller's by default."""
    x = case_place(S, S[t + T_CASE])
    if S[n + N_PRIORITIES] == 0:
        return A[x + X_PRIORITY]
    value = run_code(S, A, S[n + N_PRIORITY], S[n + N_PRIORITIES], x + X_VALUES)
    return value if value == value else 0.0


@inlined
def make_ready(S: Ints, A: Floats, i: int, is_last: bool) -> None:
    """Token ``i`` is ready: it joins the line of its role, starts with nobody counted, or is done at once.

    Where that is the last thing that happens at this instant (``is_last``) and somebody is free for whom nobody waits,
    it is noted to start without standing in line.
    """
    t = place(S, i)
    n = node_place(S, S[t + T_NODE])
    now = S[S_NOW]
    S[t + T_READY] = now
    S[t + T_STATUS] = QUEUED
    if S[n + N_WORKS] == 0 or S[n + N_FREE]:
        _make_ready_alone(S, i, t, n)
        return
    role = S[n + N_ROLE]
    x = case_place(S, S[t + T_CASE])
    if S[n + N_PER_REGION]:
        role += S[x + X_REGION]
    r = S[S_ROLE] + role * ROLE_STATE
    idle = somebody_idle(S, role)
    if idle and is_last and S[S_DIRTY_N] == 0 and is_empty(S, r) and is_quiet(S):
        group = first_group(S, role, S[n + N_STAFF])
        if group != NONE:
            S[S_DIRECT], S[S_DIRECT_ROLE], S[S_DIRECT_GROUP] = i, role, group
            return
    priority = A[x + X_PRIORITY] if S[n + N_PRIORITIES] == 0 else priority_of(S, A, t, n)
    join_queue(S, A, r, take_node(S, A, priority, now, key_of(S, t, 0), S[n + N_RANK], i))
    if idle:  # else whoever is free again marks it
        mark_dirty(S, role)


@compiled
def _make_ready_alone(S: Ints, i: int, t: int, n: int) -> None:
    """Token ``i`` needs nobody who is counted, or no work at all."""
    now = S[S_NOW]
    if S[n + N_WORKS] == 0:
        S[t + T_STATUS], S[t + T_START] = WORKING, now
        follow(S, key_of(S, t, COMPLETION), aux_of(S, S[t + T_NODE], V_DONE), ref_of(S, i))
        return
    at = next_on(S, S[n + N_CALENDAR], now)
    key, aux = key_of(S, t, DISPATCH_PHASE), aux_of(S, S[t + T_NODE], V_START)
    if at == now:
        follow(S, key, aux, ref_of(S, i))
    elif at < S[M_CAP]:
        push(S, at, key, aux, ref_of(S, i))


@inlined
def start_next(S: Ints, A: Floats) -> None:
    """Start whoever starts next: who is ready and need not stand in line, else the head of a line, if any can."""
    i, role, first = S[S_DIRECT], S[S_DIRECT_ROLE], S[S_DIRECT_GROUP]
    if i == NONE:
        role, first = next_start(S, A)
        if role == NONE:
            return
        r = S[S_ROLE] + role * ROLE_STATE
        head = first_in_queue(S, A, r)
        i = S[S[S_QUEUE] + head * QUEUE_WIDTH + Q_TOKEN]
        leave_queue(S, A, r, head)
    S[S_DIRECT] = NONE
    note_passed(S, NEVER, 0)
    t = place(S, i)
    n = node_place(S, S[t + T_NODE])
    speed, calendar = take_people(S, A, t, role, first, S[n + N_STAFF])
    if is_empty(S, S[S_ROLE] + role * ROLE_STATE) or not somebody_idle(S, role):
        clear_dirty(S, role)
    _begin_work(S, A, i, calendar, speed)


@compiled
def start_free(S: Ints, A: Floats, i: int) -> None:
    """Work on token ``i`` by people who are not counted starts."""
    n = node_place(S, S[place(S, i) + T_NODE])
    _begin_work(S, A, i, S[n + N_CALENDAR], A[S[n + N_SPEED]])


@inlined
def _begin_work(S: Ints, A: Floats, i: int, calendar: int, speed: float) -> None:
    t = place(S, i)
    n = node_place(S, S[t + T_NODE])
    now = S[S_NOW]
    if S[t + T_JOINT] != NONE:
        _begin_joint_work(S, A, i, calendar, speed)
        return
    S[t + T_STATUS], S[t + T_START] = WORKING, now
    if S[t + T_READY] != now:
        split_wait(S, t, S[t + T_NODE], now)
    first = S[n + N_WORK]
    if S[n + N_CLOCKS_N] > 1:
        first += _variant(S, n, calendar) * S[n + N_WORKS]
    work = sampled(S, A, t, n, first, S[n + N_WORKS], WORK, speed)
    done = now + work if S[n + N_OVERTIME] else complete(S, calendar, now, work)
    S[t + T_SEGMENTS + WORKED], S[t + T_SEGMENTS + PAUSED] = work, done - now - work
    later(S, i, done, V_DONE)


@compiled
def _begin_joint_work(S: Ints, A: Floats, j: int, calendar: int, speed: float) -> None:
    """The one piece of work of a sitting starts, for all who take part; its time is drawn by state and sitting."""
    h, now = place(S, j), S[S_NOW]
    n, b = node_place(S, S[h + T_NODE]), S[M_BATCHES] + S[h + T_SITTING] * BATCH_WIDTH
    S[h + T_STATUS], S[h + T_START] = WORKING, now
    process = S[S[M_STREAMS] + S[b + B_STREAM] * STREAM_WIDTH + A_PROCESS]
    key = absorb(absorb(np.uint64(S[S_KEY]), np.uint64(process)), np.uint64(S[b + B_KEY]))
    base = absorb(absorb(key, np.uint64(S[h + T_ENTER])), np.uint64(S[n + N_KEY]))
    d = S[M_DISTRIBUTIONS] + (S[n + N_WORK] + _variant(S, n, calendar) * S[n + N_WORKS]) * DISTRIBUTION_WIDTH
    work = ticks(sample(A, S[d + D_KIND], S[d + D_AT], S[d + D_N], base, word(1, WORK, 0)) / speed)
    done = now + work if S[n + N_OVERTIME] else complete(S, calendar, now, work)
    i = S[h + T_BEGUN]
    while i != NONE:
        t = place(S, i)
        S[t + T_STATUS], S[t + T_START], S[t + T_PEOPLE_N] = WORKING, now, S[h + T_PEOPLE_N]
        split_wait(S, t, S[t + T_NODE], now)
        S[t + T_SEGMENTS + WORKED], S[t + T_SEGMENTS + PAUSED] = work, done - now - work
        for k in range(S[h + T_PEOPLE_N]):
            S[t + T_PEOPLE + k] = S[h + T_PEOPLE + k]
        i = S[t + T_BESIDE]
    schedule_end(S, j, done)


@compiled
def assemble(S: Ints, A: Floats, batch: int) -> int:
    """Return a token for the joint work of all whom the sitting in progress calls, NONE where there is nobody.

    It has the place in the line of the first of them.
    """
    i = call_next(S, batch)
    if i == NONE:
        return NONE
    node = S[place(S, i) + T_NODE]
    n = node_place(S, node)
    j = new_work(S, node, batch)
    best, case = 0.0, NONE
    while i != NONE:
        take_part(S, i, j)
        t = place(S, i)
        priority, c = priority_of(S, A, t, n), S[t + T_CASE]
        earlier = case != NONE and S[case_place(S, c) + X_TIE] < S[case_place(S, case) + X_TIE]
        if case == NONE or priority > best or (priority == best and earlier):
            best, case = priority, c
        i = call_next(S, batch)
    S[place(S, j) + T_CASE] = case
    return j


@compiled
def _variant(S: Ints, n: int, calendar: int) -> int:
    """Return which of a node's distributions of work is that of a calendar: a working day differs between them."""
    for k in range(S[n + N_CLOCKS_N]):
        if S[S[n + N_CLOCKS] + k] == calendar:
            return k
    return 0


@inlined
def sampled(S: Ints, A: Floats, t: int, n: int, first: int, count: int, purpose: int, speed: float) -> int:
    """Return the ticks of a duration that depends on the visit, divided by a speed."""
    visit = S[t + T_VISIT]
    d = S[M_DISTRIBUTIONS] + (first + min(visit, count) - 1) * DISTRIBUTION_WIDTH
    base = absorb(np.uint64(S[case_place(S, S[t + T_CASE]) + X_KEY]), np.uint64(S[n + N_KEY]))
    first_word = word(visit, purpose, 0)
    if S[d + D_KIND] == EXPONENTIAL:  # the most common one, without a call
        seconds = exponential(A[S[d + D_AT]], base, first_word)
    else:
        seconds = sample(A, S[d + D_KIND], S[d + D_AT], S[d + D_N], base, first_word)
    return ticks(seconds if speed == 1.0 else seconds / speed)


@inlined
def later(S: Ints, i: int, at: int, kind: int) -> None:
    """Let a completion of token ``i`` happen at an instant, not before now; one at or past the cap never does."""
    t = place(S, i)
    key, aux = key_of(S, t, COMPLETION), aux_of(S, S[t + T_NODE], kind)
    if at == S[S_NOW]:
        follow(S, key, aux, ref_of(S, i))
    elif at < S[M_CAP]:
        push(S, at, key, aux, ref_of(S, i))
