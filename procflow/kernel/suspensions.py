"""Legal suspensions and the timers that they stop. Rule 14 of the semantics.

A case counts how many suspensions are on. The first one stops the timers of the case that heed them, the end of the
last one lets them go on. Such a timer has a word in its token: when it is due, or -1 less what is left while it stands.
"""

from procflow.kernel.arrays import Ints
from procflow.kernel.calendars import complete, duty
from procflow.kernel.heap import push
from procflow.kernel.jit import compiled
from procflow.kernel.layout import (
    CALLING,
    CANCELLATION,
    DELAYED,
    E_CLOCK,
    E_PAUSED,
    M_CAP,
    M_PEOPLE,
    MARK_ENTER,
    MARK_INSIDE,
    N_MARKS,
    N_TIMER,
    N_TIMERS,
    NEVER,
    NONE,
    QUEUED,
    S_NOW,
    SPLIT,
    T_CASE,
    T_CHILD,
    T_NODE,
    T_PARENT,
    T_PEOPLE,
    T_SIBLING,
    T_STATUS,
    TIMER_SHIFT,
    V_TIMEOUT,
    WAITING,
    WORKING,
    X_STRETCHES,
    X_SUSPENDED,
)
from procflow.kernel.tokens import aux_of, case_place, edge_place, key_of, node_place, place, ref_of


@compiled
def is_inside(status: int) -> bool:
    """Whether a token of this status is in its state, not on the way."""
    return status in (WAITING, QUEUED, WORKING, DELAYED, SPLIT, CALLING)


@compiled
def timer_word(S: Ints, t: int, slot: int) -> int:
    """Return the place of the word of a timer that suspensions stop."""
    return t + T_PEOPLE + S[M_PEOPLE] + slot


@compiled
def is_marked(S: Ints, node: int) -> bool:
    """Whether a suspension begins or ends at a state, for a timer that it stops."""
    return S[node_place(S, node) + N_MARKS] != NONE


@compiled
def come_in(S: Ints, i: int) -> None:
    """Token ``i`` has entered its state: suspensions in it begin, and those that begin or end with entering it."""
    marks = S[node_place(S, S[place(S, i) + T_NODE]) + N_MARKS]
    _shift(S, i, S[marks + MARK_INSIDE])
    strike(S, i, S[marks + MARK_ENTER])


@compiled
def come_out(S: Ints, i: int, moment: int) -> None:
    """Token ``i`` leaves its state: by its exit (``MARK_EXIT``), or because it is called off (NONE)."""
    marks = S[node_place(S, S[place(S, i) + T_NODE]) + N_MARKS]
    if moment != NONE:
        strike(S, i, S[marks + moment])
    _shift(S, i, -S[marks + MARK_INSIDE])


@compiled
def pass_by(S: Ints, i: int, node: int, moment: int) -> None:
    """Token ``i`` enters or has done ``node``: suspensions that begin or end then do so."""
    strike(S, i, S[S[node_place(S, node) + N_MARKS] + moment])


@compiled
def strike(S: Ints, i: int, marks: int) -> None:
    """Begin and end the suspensions of a list: its length, then twice the number of each, one more where it ends."""
    x = case_place(S, S[place(S, i) + T_CASE])
    for k in range(S[marks]):
        bit, ends = 1 << (S[marks + 1 + k] >> 1), S[marks + 1 + k] & 1
        if ends == 1 and S[x + X_STRETCHES] & bit:
            S[x + X_STRETCHES] ^= bit
            _shift(S, i, -1)
        elif ends == 0 and not S[x + X_STRETCHES] & bit:
            S[x + X_STRETCHES] |= bit
            _shift(S, i, 1)


@compiled
def _shift(S: Ints, i: int, by: int) -> None:
    if by == 0:
        return
    x = case_place(S, S[place(S, i) + T_CASE])
    before = S[x + X_SUSPENDED]
    S[x + X_SUSPENDED] = before + by
    if before == 0 or before + by == 0:
        _turn_all(S, i)


@compiled
def _turn_all(S: Ints, i: int) -> None:
    """Stop the timers of the case of token ``i``, or let them go on: from its outermost token down."""
    case = S[place(S, i) + T_CASE]
    root = i
    while S[place(S, root) + T_PARENT] != NONE and S[place(S, S[place(S, root) + T_PARENT]) + T_CASE] == case:
        root = S[place(S, root) + T_PARENT]
    i = root
    while True:
        t = place(S, i)
        if is_inside(S[t + T_STATUS]):
            _turn(S, i)
        child = S[t + T_CHILD]
        if child != NONE and S[place(S, child) + T_CASE] == case:
            i = child
            continue
        while i != root and S[place(S, i) + T_SIBLING] == NONE:
            i = S[place(S, i) + T_PARENT]
        if i == root:
            return
        i = S[place(S, i) + T_SIBLING]


@compiled
def _turn(S: Ints, i: int) -> None:
    t = place(S, i)
    now, n = S[S_NOW], node_place(S, S[t + T_NODE])
    stopped = S[case_place(S, S[t + T_CASE]) + X_SUSPENDED] > 0
    for k in range(S[n + N_TIMERS]):
        e = edge_place(S, S[n + N_TIMER] + k)
        if S[e + E_PAUSED] == NONE:
            continue
        at = timer_word(S, t, S[e + E_PAUSED])
        if stopped and now < S[at] < NEVER:
            S[at] = -1 - duty(S, S[e + E_CLOCK], now, S[at])
        elif not stopped and S[at] < 0:
            S[at] = complete(S, S[e + E_CLOCK], now, -1 - S[at])
            if S[at] < S[M_CAP]:
                aux = aux_of(S, S[t + T_NODE], V_TIMEOUT) + (k << TIMER_SHIFT)
                push(S, S[at], key_of(S, t, CANCELLATION), aux, ref_of(S, i))
