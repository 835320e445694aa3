"""A token's way through a state: enter, ready, start, done, exit, arrive. Rules 7–10, 12 and 13 of the semantics.

Each instant is a stage. Where the next stage falls on this very instant and nothing else is due, it follows at once,
which saves the way through the loop and changes nothing; otherwise it becomes an event.
"""

import numpy as np

from procflow.kernel.arrays import Floats, Ints
from procflow.kernel.calendars import complete, first_not_before
from procflow.kernel.calls import answer, begin_call
from procflow.kernel.cancellation import write_held
from procflow.kernel.draws import DELAY, TRANSFER, absorb, word
from procflow.kernel.exits import apply_set, choose_exit
from procflow.kernel.heap import follow, is_quiet, push
from procflow.kernel.jit import compiled, fused, inlined
from procflow.kernel.layout import (
    ARRIVED,
    BETWEEN,
    CADENCE_WIDTH,
    CANCELLATION,
    CD_N,
    CD_TIMES,
    COMPOSITE,
    D_AT,
    D_CALENDAR,
    D_KIND,
    D_N,
    DELAYED,
    DELAYED_FOR,
    DISTRIBUTION_WIDTH,
    E_AFTER,
    E_CADENCE,
    E_CLOCK,
    E_DEST,
    E_LEAVES,
    E_MARKS,
    E_PAUSED,
    E_RANK,
    E_ROW,
    E_SETS,
    E_SPECIAL,
    E_TRANSFER,
    END,
    ENTER_PHASE,
    FINISHED,
    JOIN_PHASE,
    M_CADENCES,
    M_CAP,
    M_DISTRIBUTIONS,
    MARK_DONE,
    MARK_ENTER,
    MARK_EXIT,
    N_BATCH,
    N_CALL,
    N_DELAY,
    N_DELAYS,
    N_INITIAL,
    N_INITIALS,
    N_KEY,
    N_KIND,
    N_LOCAL,
    N_MARKS,
    N_NEEDED,
    N_OUTCOME,
    N_SPECIAL,
    N_TIMER,
    N_TIMERS,
    N_TRIGGER,
    NEVER,
    NONE,
    REGION_END,
    ROW_AT_ARRIVAL,
    ROW_AT_JOIN,
    S_FAULT_CASE,
    S_FAULT_NODE,
    S_NOW,
    SPLIT,
    T_ARRIVE,
    T_BARE,
    T_CASE,
    T_DONE,
    T_EDGE,
    T_EXIT,
    T_FINISHED,
    T_FIRED,
    T_HELD,
    T_LEAVING,
    T_NODE,
    T_PARENT,
    T_SEGMENTS,
    T_STATUS,
    T_SUMS,
    T_VISIT,
    TIMER_SHIFT,
    TRANSFERRED,
    TRAVELING,
    V_ADJOURN,
    V_ARRIVE,
    V_DONE,
    V_ENTER,
    V_EXIT,
    V_JOIN,
    V_LEAVE,
    V_TIMEOUT,
    X_KEY,
    X_SUSPENDED,
    X_VALUES,
)
from procflow.kernel.sampling import sample, ticks
from procflow.kernel.sittings import join_line
from procflow.kernel.staff import release
from procflow.kernel.suspensions import come_in, come_out, is_marked, pass_by, strike, timer_word
from procflow.kernel.tokens import (
    add_segments,
    aux_of,
    begin_visit,
    case_place,
    close_case,
    drop_token,
    edge_place,
    end_visit,
    key_of,
    new_token,
    node_place,
    place,
    put_by,
    ref_of,
    unlink,
    write_row,
)
from procflow.kernel.work import later, make_ready, priority_of, sampled


@fused
def proceed(S: Ints, A: Floats, i: int, kind: int) -> bool:
    """Token ``i`` is done, leaves its state, arrives or enters; False where no way out is open."""
    t = place(S, i)
    if kind in (V_DONE, V_ADJOURN):
        if kind == V_DONE:
            release(S, t)
        at = _finish_work(S, A, t)
        if is_marked(S, S[t + T_NODE]):
            pass_by(S, i, S[t + T_NODE], MARK_DONE)
        if at != S[S_NOW] or not is_quiet(S):
            return _wait(S, i, at, V_EXIT)
        kind = V_EXIT
    if kind == V_EXIT:
        if is_being_left(S, t):
            return True
        edge = _leave_state(S, A, t)
        if not fix_exit(S, A, i, edge):
            return edge != NONE
        at = transfer_end(S, A, t)
        if at != S[S_NOW] or not is_quiet(S):
            return _wait(S, i, at, V_ARRIVE)
        kind = V_ARRIVE
    if kind == V_ARRIVE:
        node = _end_transfer(S, t)
        if not is_quiet(S):
            return _wait(S, i, S[S_NOW], V_ENTER)
    else:
        node = _due_at(S, t)
    enter(S, A, i, node)
    return True


@compiled
def _wait(S: Ints, i: int, at: int, kind: int) -> bool:
    """Let the next step of token ``i`` happen at an instant, in its turn there. Always True."""
    if kind == V_ENTER:
        t = place(S, i)
        follow(S, key_of(S, t, ENTER_PHASE), aux_of(S, _due_at(S, t), V_ENTER), ref_of(S, i))
    else:
        later(S, i, at, kind)
    return True


@inlined
def _finish_work(S: Ints, A: Floats, t: int) -> int:
    """The work on the token at ``t`` is done; return when its delay ends."""
    n = node_place(S, S[t + T_NODE])
    now = S[S_NOW]
    S[t + T_DONE] = now
    S[t + T_STATUS] = DELAYED
    return now if S[n + N_DELAYS] == 0 else _delayed(S, A, t, n)


@compiled
def _delayed(S: Ints, A: Floats, t: int, n: int) -> int:
    """Return when the delay of the token at ``t``, which begins now, ends."""
    delay = sampled(S, A, t, n, S[n + N_DELAY], S[n + N_DELAYS], DELAY, 1.0)
    d = S[n + N_DELAY] + min(S[t + T_VISIT], S[n + N_DELAYS]) - 1
    return complete(S, S[S[M_DISTRIBUTIONS] + d * DISTRIBUTION_WIDTH + D_CALENDAR], S[S_NOW], delay)


@inlined
def _leave_state(S: Ints, A: Floats, t: int) -> int:
    """The token at ``t`` exits; return the edge that it takes, or NONE."""
    S[t + T_EXIT] = S[S_NOW]
    S[t + T_SEGMENTS + DELAYED_FOR] = S[S_NOW] - S[t + T_DONE]
    return choose_exit(S, A, t, S[t + T_NODE])


@inlined
def fix_exit(S: Ints, A: Floats, i: int, edge: int) -> bool:
    """Fix the edge by which token ``i`` goes on; True where its transfer begins now.

    It does not where there is no edge, which is noted as a fault, nor where the edge leaves a composite early: that
    happens in the next phase of this instant.
    """
    t = place(S, i)
    if edge == NONE:
        S[S_FAULT_NODE], S[S_FAULT_CASE] = S[t + T_NODE], S[t + T_CASE]
        return False
    S[t + T_EDGE], S[t + T_STATUS] = edge, TRAVELING
    end_visit(S, t)
    return S[edge_place(S, edge) + E_SPECIAL] == 0 or _fix_specially(S, A, i, t, edge)


@compiled
def _fix_specially(S: Ints, A: Floats, i: int, t: int, edge: int) -> bool:
    if S[edge_place(S, edge) + E_SETS] > 0:
        apply_set(S, A, t, edge)
    if is_marked(S, S[t + T_NODE]):
        come_out(S, i, MARK_EXIT)
    if S[edge_place(S, edge) + E_MARKS] != NONE:
        strike(S, i, S[edge_place(S, edge) + E_MARKS])
    composite = S[edge_place(S, edge) + E_LEAVES]
    if composite == NONE:
        return True
    S[place(S, around(S, i, composite)) + T_LEAVING] = 1
    follow(S, key_of(S, t, CANCELLATION), aux_of(S, S[t + T_NODE], V_LEAVE), ref_of(S, i))
    return False


@inlined
def transfer_end(S: Ints, A: Floats, t: int) -> int:
    """Return when the transfer of the token at ``t``, which begins now, ends."""
    e = edge_place(S, S[t + T_EDGE])
    if S[e + E_SPECIAL] == 0:
        return S[S_NOW]
    if S[e + E_TRANSFER] != NONE:
        return _transferred(S, A, t, e)
    if S[e + E_CADENCE] == NONE:
        return S[S_NOW]
    c = S[M_CADENCES] + S[e + E_CADENCE] * CADENCE_WIDTH
    k = first_not_before(S, S[c + CD_TIMES], S[c + CD_N], S[S_NOW])
    return S[S[c + CD_TIMES] + k] if k < S[c + CD_N] else NEVER


@inlined
def _end_transfer(S: Ints, t: int) -> int:
    """The token at ``t`` arrives; return the node that it enters. Its row may be kept till then, or for a join."""
    S[t + T_ARRIVE] = S[S_NOW]
    S[t + T_SEGMENTS + TRANSFERRED] = S[S_NOW] - S[t + T_EXIT]
    add_segments(S, t)
    e = edge_place(S, S[t + T_EDGE])
    if S[e + E_ROW] == ROW_AT_ARRIVAL:
        write_row(S, t)
        S[t + T_STATUS] = BETWEEN
    else:  # finished until it has entered; nothing can come between but a cancellation
        S[t + T_STATUS] = FINISHED if S[e + E_ROW] == ROW_AT_JOIN else ARRIVED
    return S[e + E_DEST]


@inlined
def _due_at(S: Ints, t: int) -> int:
    """Return the node that the token at ``t`` is about to enter; a fresh token of a region has it in its edge."""
    return S[t + T_EDGE] if S[t + T_NODE] == NONE else S[edge_place(S, S[t + T_EDGE]) + E_DEST]


@inlined
def enter(S: Ints, A: Floats, i: int, node: int) -> None:
    """Token ``i`` enters ``node``: it ends there, splits, waits for a sitting, or is ready."""
    t = place(S, i)
    n = node_place(S, node)
    kind = S[n + N_KIND]
    if kind == END:
        end_case(S, A, i, n)
        return
    if kind == REGION_END:
        if is_marked(S, node):
            pass_by(S, i, node, MARK_ENTER)
        finish_region(S, i)
        return
    visits = case_place(S, S[t + T_CASE]) + X_VALUES + S[n + N_LOCAL]
    S[visits] += 1
    kept = _last_row_of(S, i, kind) if S[t + T_STATUS] == ARRIVED else NONE
    begin_visit(S, t, node, S[visits])
    S[t + T_HELD] = kept
    if not (S[n + N_SPECIAL] and _enter_specially(S, A, i, n)):
        make_ready(S, A, i, True)


@compiled
def _last_row_of(S: Ints, i: int, kind: int) -> int:
    """Write the row kept back at the arrival of token ``i``, which enters a state of some kind now.

    At a composite it is kept on, by a token that is returned, since this may time out before anything in it is entered.
    """
    t = place(S, i)
    held = S[t + T_HELD] if S[t + T_BARE] else NONE
    if kind == COMPOSITE:
        return held if S[t + T_BARE] else put_by(S, t)
    if held != NONE:
        write_held(S, held, 0)
    write_row(S, t)
    return NONE


@compiled
def _enter_specially(S: Ints, A: Floats, i: int, n: int) -> bool:
    """Do what few states ask for at their entry; True where the token is not ready by it."""
    if S[n + N_MARKS] != NONE:
        come_in(S, i)
    if S[n + N_TIMERS] > 0:
        _set_timers(S, i, n)
    if S[n + N_KIND] == COMPOSITE:
        _split(S, i, n)
    elif S[n + N_BATCH] != NONE:
        join_line(S, A, i, priority_of(S, A, place(S, i), n))
    elif S[n + N_CALL] != NONE:
        begin_call(S, A, i)
    else:
        return False
    return True


@compiled
def _set_timers(S: Ints, i: int, n: int) -> None:
    t = place(S, i)
    for k in range(S[n + N_TIMERS]):
        e = edge_place(S, S[n + N_TIMER] + k)
        at = complete(S, S[e + E_CLOCK], S[S_NOW], S[e + E_AFTER])
        if S[e + E_PAUSED] != NONE:
            stopped = at > S[S_NOW] and S[case_place(S, S[t + T_CASE]) + X_SUSPENDED] > 0
            S[timer_word(S, t, S[e + E_PAUSED])] = -1 - S[e + E_AFTER] if stopped else at
            if stopped:
                continue
        aux = aux_of(S, S[t + T_NODE], V_TIMEOUT) + (k << TIMER_SHIFT)
        if at == S[S_NOW]:
            follow(S, key_of(S, t, CANCELLATION), aux, ref_of(S, i))
        elif at < S[M_CAP]:
            push(S, at, key_of(S, t, CANCELLATION), aux, ref_of(S, i))


@compiled
def _split(S: Ints, i: int, n: int) -> None:
    S[place(S, i) + T_STATUS] = SPLIT
    for k in range(S[n + N_INITIALS]):
        node = S[S[n + N_INITIAL] + k]
        child = new_token(S, S[place(S, i) + T_CASE], i)
        c = place(S, child)
        S[c + T_EDGE] = node  # where it is about to enter
        follow(S, key_of(S, c, ENTER_PHASE), aux_of(S, node, V_ENTER), ref_of(S, child))


@compiled
def is_being_left(S: Ints, t: int) -> bool:
    """Whether a composite around the token at ``t`` is being left at this instant."""
    parent = S[t + T_PARENT]
    while parent != NONE:
        p = place(S, parent)
        if S[p + T_LEAVING]:
            return True
        parent = S[p + T_PARENT]
    return False


@compiled
def around(S: Ints, i: int, composite: int) -> int:
    """Return the token that stands in ``composite`` around token ``i``."""
    while S[place(S, i) + T_NODE] != composite or S[place(S, i) + T_STATUS] != SPLIT:
        i = S[place(S, i) + T_PARENT]
    return i


@compiled
def _transferred(S: Ints, A: Floats, t: int, e: int) -> int:
    d = S[M_DISTRIBUTIONS] + S[e + E_TRANSFER] * DISTRIBUTION_WIDTH
    n = node_place(S, S[t + T_NODE])
    base = absorb(np.uint64(S[case_place(S, S[t + T_CASE]) + X_KEY]), np.uint64(S[n + N_KEY]))
    draw = word(S[t + T_VISIT], TRANSFER, S[e + E_RANK])
    amount = ticks(sample(A, S[d + D_KIND], S[d + D_AT], S[d + D_N], base, draw))
    return complete(S, S[d + D_CALENDAR], S[S_NOW], amount)


@compiled
def finish_region(S: Ints, i: int) -> None:
    """Token ``i`` has finished its region; the join is due when enough have."""
    parent = S[place(S, i) + T_PARENT]
    p = place(S, parent)
    S[p + T_FINISHED] += 1
    if S[p + T_FINISHED] == S[node_place(S, S[p + T_NODE]) + N_NEEDED]:
        S[p + T_FIRED] = i
        follow(S, key_of(S, p, JOIN_PHASE), aux_of(S, S[p + T_NODE], V_JOIN), ref_of(S, parent))


@compiled
def end_case(S: Ints, A: Floats, i: int, n: int) -> None:
    """The case of token ``i`` ends in the state at ``n``: its caller hears of it, token and case are given back."""
    t = place(S, i)
    c, parent = S[t + T_CASE], S[t + T_PARENT]
    if parent != NONE:
        unlink(S, i)
        answer(S, A, parent, case_place(S, c), S[n + N_TRIGGER])
    close_case(S, c, t + T_SUMS, S[S_NOW], S[n + N_OUTCOME])
    drop_token(S, i)
