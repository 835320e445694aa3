"""Joint sittings: one piece of work for all who sit, held by a token of its own. Rule 8 of the semantics.

The token of the work belongs to no region. It waits in the line of the role for all of them, holds the people, and has
the list of those who take part, ordered by case; who is cancelled leaves the list, and the last one ends the work.
"""

from procflow.kernel.arrays import Ints
from procflow.kernel.heap import follow, push
from procflow.kernel.jit import compiled
from procflow.kernel.layout import (
    COMPLETION,
    M_CAP,
    NONE,
    PHASE_SHIFT,
    QUEUED,
    S_NOW,
    T_AHEAD,
    T_BEGUN,
    T_BESIDE,
    T_CASE,
    T_ENTER,
    T_FIRED,
    T_JOINT,
    T_NODE,
    T_READY,
    T_SITTING,
    T_STATUS,
    T_VISIT,
    V_ADJOURN,
    WORKING,
    X_TIE,
)
from procflow.kernel.staff import release
from procflow.kernel.tokens import aux_of, case_place, drop_token, new_token, place, ref_of


@compiled
def take_part(S: Ints, i: int, j: int) -> None:
    """Token ``i``, ready now, takes part in the work of token ``j``."""
    t = place(S, i)
    S[t + T_READY], S[t + T_STATUS], S[t + T_JOINT] = S[S_NOW], QUEUED, j
    tie = _tie(S, i)
    before, after = NONE, S[place(S, j) + T_BEGUN]
    while after != NONE and _tie(S, after) < tie:
        before, after = after, S[place(S, after) + T_BESIDE]
    S[t + T_AHEAD], S[t + T_BESIDE] = before, after
    _link(S, j, before, i)
    if after != NONE:
        S[place(S, after) + T_AHEAD] = i


@compiled
def part(S: Ints, i: int) -> None:
    """Token ``i`` takes part no longer; the work ends with the last one."""
    t = place(S, i)
    j, before, after = S[t + T_JOINT], S[t + T_AHEAD], S[t + T_BESIDE]
    S[t + T_JOINT] = NONE
    _link(S, j, before, after)
    if after != NONE:
        S[place(S, after) + T_AHEAD] = before
    h = place(S, j)
    if S[h + T_BEGUN] == NONE:
        if S[h + T_STATUS] == WORKING:
            release(S, h)
        drop_token(S, j)


@compiled
def _link(S: Ints, j: int, before: int, i: int) -> None:
    """Let token ``i`` come after ``before`` in the list of the work ``j``, or first."""
    if before == NONE:
        S[place(S, j) + T_BEGUN] = i
    else:
        S[place(S, before) + T_BESIDE] = i


@compiled
def _tie(S: Ints, i: int) -> int:
    return S[case_place(S, S[place(S, i) + T_CASE]) + X_TIE]


@compiled
def new_work(S: Ints, node: int, batch: int) -> int:
    """Return a token for the work of the sitting that begins now."""
    j = new_token(S, NONE, NONE)
    h = place(S, j)
    S[h + T_JOINT] = j
    S[h + T_NODE], S[h + T_VISIT], S[h + T_ENTER], S[h + T_SITTING] = node, 1, S[S_NOW], batch
    S[h + T_BEGUN] = NONE
    return j


@compiled
def schedule_end(S: Ints, j: int, at: int) -> None:
    """Let the work of token ``j`` end at an instant: for its participants one by one, in the order of their cases."""
    h = place(S, j)
    S[h + T_FIRED] = _tie(S, S[h + T_BEGUN])
    key, aux = (COMPLETION << PHASE_SHIFT) + S[h + T_FIRED], aux_of(S, S[h + T_NODE], V_ADJOURN)
    if at == S[S_NOW]:
        follow(S, key, aux, ref_of(S, j))
    elif at < S[M_CAP]:
        push(S, at, key, aux, ref_of(S, j))


@compiled
def adjourn(S: Ints, j: int) -> int:
    """The work of token ``j`` ends for its first participant, which is returned; NONE where its turn comes later."""
    h = place(S, j)
    i = S[h + T_BEGUN]
    if _tie(S, i) != S[h + T_FIRED]:
        schedule_end(S, j, S[S_NOW])  # who was first has been cancelled since
        return NONE
    part(S, i)
    if S[h + T_STATUS] == WORKING:  # others still take part
        schedule_end(S, j, S[S_NOW])
    return i
