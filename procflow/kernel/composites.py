"""Composites: joins, early leaves and time-outs, which end the tokens inside. Rules 14–18 of the semantics."""

from procflow.kernel.arrays import Floats, Ints
from procflow.kernel.cancellation import cancel_below, let_go, take_held, write_held
from procflow.kernel.exits import choose_exit, guard_holds
from procflow.kernel.jit import compiled
from procflow.kernel.layout import (
    ARRIVED,
    BETWEEN,
    CANCELLED,
    E_LEAVES,
    E_PAUSED,
    E_ROW,
    FINISHED,
    HELD,
    MARK_DONE,
    MARK_EXIT,
    N_RANK,
    N_TIMER,
    NEVER,
    NONE,
    ROW_AT_ARRIVAL,
    S_NOW,
    S_TOKEN_WIDTH,
    SEGMENTS,
    SPLIT,
    SYNCHRONIZED,
    T_BARE,
    T_CHILD,
    T_EDGE,
    T_ELDER,
    T_END,
    T_EXIT,
    T_FIRED,
    T_GENERATION,
    T_HELD,
    T_LEAVING,
    T_NODE,
    T_PARENT,
    T_SEGMENTS,
    T_SIBLING,
    T_STATUS,
    T_SUMS,
    TIMED_OUT,
    V_ARRIVE,
)
from procflow.kernel.suspensions import come_out, is_inside, is_marked, pass_by, timer_word
from procflow.kernel.tokens import add_segments, close_segment, drop_token, edge_place, end_visit, node_place, place
from procflow.kernel.visits import around, fix_exit, is_being_left, transfer_end
from procflow.kernel.work import later


@compiled
def join(S: Ints, A: Floats, i: int) -> bool:
    """Join the regions of token ``i``, cancel what is not finished, and leave the composite; False where stuck."""
    t = place(S, i)
    fired = S[t + T_FIRED]
    f = place(S, fired)
    for k in range(SEGMENTS):
        S[t + T_SUMS + k] += S[f + T_SUMS + k]
    held = _before(S, fired if S[f + T_BARE] == 0 else take_held(S, f), i)
    cancel_below(S, i, held)
    if is_marked(S, S[t + T_NODE]):
        pass_by(S, i, S[t + T_NODE], MARK_DONE)
    S[t + T_BARE], S[t + T_EXIT] = 1, S[S_NOW]
    edge = choose_exit(S, A, t, S[t + T_NODE])
    if held != NONE and edge != NONE:
        _hold(S, t, held, edge)
    return depart(S, A, i, edge)


@compiled
def depart(S: Ints, A: Floats, i: int, edge: int) -> bool:
    """Fix the edge by which token ``i`` goes on, and let its transfer begin; False where there is none."""
    if fix_exit(S, A, i, edge):
        later(S, i, transfer_end(S, A, place(S, i)), V_ARRIVE)
    return edge != NONE


@compiled
def _before(S: Ints, held: int, i: int) -> int:
    """Return the token with the last row before token ``i`` leaves its composite: ``held``, else the one kept so far.

    NONE where neither is there.
    """
    kept = take_held(S, place(S, i))
    if held == NONE:
        return kept
    if kept != NONE:
        write_held(S, kept, 0)
    return held


@compiled
def _hold(S: Ints, t: int, held: int, edge: int) -> None:
    """Keep a row for the token at ``t`` if its way out may lead to a join: its wait for that belongs there."""
    if S[edge_place(S, edge) + E_ROW] == ROW_AT_ARRIVAL:
        write_held(S, held, 0)
    else:
        S[t + T_HELD] = held
        S[place(S, held) + T_STATUS] = HELD


@compiled
def leave(S: Ints, A: Floats, i: int) -> None:
    """Token ``i`` leaves a composite early: all else inside is cancelled and the composite's token goes on for it."""
    t = place(S, i)
    outer = around(S, i, S[edge_place(S, S[t + T_EDGE]) + E_LEAVES])
    o = place(S, outer)
    parent = i
    while parent != outer:
        parent = S[place(S, parent) + T_PARENT]
        p = place(S, parent)
        for k in range(SEGMENTS):
            S[t + T_SUMS + k] += S[p + T_SUMS + k]
        if is_marked(S, S[p + T_NODE]):
            come_out(S, parent, MARK_EXIT)
        S[p + T_STATUS] = BETWEEN
        if S[t + T_BARE]:
            S[t + T_HELD] = _before(S, S[t + T_HELD], parent)
        elif S[p + T_HELD] != NONE:
            write_held(S, take_held(S, p), 0)
    if S[t + T_BARE] and S[t + T_HELD] != NONE:
        _hold(S, t, take_held(S, t), S[t + T_EDGE])
    cancel_below(S, outer, i)
    generation = (S[o + T_GENERATION] + 1) & 0x7FFFFFFF
    parent, elder, sibling = S[o + T_PARENT], S[o + T_ELDER], S[o + T_SIBLING]
    for k in range(1, S[S_TOKEN_WIDTH]):
        S[o + k] = S[t + k]
    S[o + T_GENERATION], S[o + T_CHILD], S[o + T_LEAVING] = generation, NONE, 0
    S[o + T_PARENT], S[o + T_ELDER], S[o + T_SIBLING] = parent, elder, sibling
    drop_token(S, i)
    later(S, outer, transfer_end(S, A, o), V_ARRIVE)


@compiled
def time_out(S: Ints, A: Floats, i: int, k: int) -> bool:
    """Timer ``k`` of the state of token ``i`` fires, unless a composite around it is being left; False where stuck."""
    t = place(S, i)
    edge = S[node_place(S, S[t + T_NODE]) + N_TIMER] + k
    slot = S[edge_place(S, edge) + E_PAUSED]
    if slot != NONE:
        if S[timer_word(S, t, slot)] != S[S_NOW]:
            return True  # it stands still, or has been put off since
        S[timer_word(S, t, slot)] = NEVER
    if is_being_left(S, t) or not guard_holds(S, A, t, edge):
        return True
    if S[t + T_STATUS] == SPLIT:
        least = _add_least(S, i)
        held = _last_row(S, least)
        while held == NONE and S[place(S, least) + T_PARENT] != i:
            least = S[place(S, least) + T_PARENT]
            held = take_held(S, place(S, least))
        held = _before(S, held, i)
        cancel_below(S, i, held)
        S[t + T_BARE] = 1
        if held != NONE:
            _hold(S, t, held, edge)
    else:
        close_segment(S, t)
        let_go(S, i)
        cancel_below(S, i, NONE)  # the cases that it calls
        S[t + T_END] = TIMED_OUT
    S[t + T_EXIT] = S[S_NOW]
    return depart(S, A, i, edge)


@compiled
def _last_row(S: Ints, i: int) -> int:
    """End token ``i``, which is called off, but for its row, and return the token that has it; NONE where none has."""
    t = place(S, i)
    status, held = S[t + T_STATUS], i
    if S[t + T_BARE]:
        held = take_held(S, t)
        if held != NONE and status == FINISHED:
            S[place(S, held) + T_SEGMENTS + SYNCHRONIZED] += S[t + T_SEGMENTS + SYNCHRONIZED]
    elif status == BETWEEN:
        held = NONE
    else:
        let_go(S, i)
        if status != FINISHED and status != ARRIVED:
            S[t + T_END] = CANCELLED
        if is_inside(status) and is_marked(S, S[t + T_NODE]):
            come_out(S, i, NONE)
        end_visit(S, t)
    return held


@compiled
def _add_least(S: Ints, i: int) -> int:
    """Add to the sums of token ``i`` those of the least token by node inside it, up to now; return that.

    Where the least one stands in a composite itself, it is the least one inside that.
    """
    least = _least_below(S, i)
    found = least
    t, status = place(S, least), S[place(S, least) + T_STATUS]
    close_segment(S, t)
    if status == FINISHED:
        S[t + T_SUMS + SYNCHRONIZED] += S[t + T_SEGMENTS + SYNCHRONIZED]
    elif status != BETWEEN and status != ARRIVED:
        add_segments(S, t)
    root = place(S, i)
    while least != i:
        t = place(S, least)
        for k in range(SEGMENTS):
            S[root + T_SUMS + k] += S[t + T_SUMS + k]
        least = S[t + T_PARENT]
    return found


@compiled
def _least_below(S: Ints, root: int) -> int:
    i = root
    while S[place(S, i) + T_STATUS] == SPLIT and S[place(S, i) + T_CHILD] != NONE:
        child, least_rank = S[place(S, i) + T_CHILD], NEVER
        while child != NONE:
            t = place(S, child)
            node = S[t + T_NODE] if S[t + T_NODE] != NONE else S[t + T_EDGE]
            if S[node_place(S, node) + N_RANK] < least_rank:
                i, least_rank = child, S[node_place(S, node) + N_RANK]
            child = S[t + T_SIBLING]
    return i
