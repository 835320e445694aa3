"""Ends tokens before their time, with all below them: inner regions and called cases. Rule 17 of the semantics."""

from procflow.kernel.arrays import Ints
from procflow.kernel.jit import compiled
from procflow.kernel.joint import part
from procflow.kernel.layout import (
    ARRIVED,
    BETWEEN,
    CANCELLED,
    FINISHED,
    N_FREE,
    N_PER_REGION,
    N_ROLE,
    NONE,
    QUEUED,
    SPLIT,
    SYNCHRONIZED,
    T_CASE,
    T_CHILD,
    T_END,
    T_HELD,
    T_JOINT,
    T_NODE,
    T_PARENT,
    T_SEGMENTS,
    T_STATUS,
    WORKING,
    X_REGION,
)
from procflow.kernel.staff import mark_dirty, release
from procflow.kernel.suspensions import come_out, is_inside, is_marked
from procflow.kernel.tokens import (
    case_place,
    close_case,
    close_segment,
    drop_token,
    node_place,
    place,
    unlink,
    write_row,
)


@compiled
def let_go(S: Ints, i: int) -> None:
    """Free the people of token ``i``, called off, or its place in a line; joint work goes on for the others."""
    t = place(S, i)
    n = node_place(S, S[t + T_NODE])
    if S[t + T_STATUS] == QUEUED and S[n + N_FREE] == 0:  # it may have been a head that could not start
        mark_dirty(S, S[n + N_ROLE] + (S[case_place(S, S[t + T_CASE]) + X_REGION] if S[n + N_PER_REGION] else 0))
    if S[t + T_JOINT] != NONE:
        part(S, i)
    elif S[t + T_STATUS] == WORKING:
        release(S, t)


@compiled
def retire(S: Ints, i: int, end: int) -> None:
    """End a token now, cancelled or cut: close its segment, free its people, write its row, give it back."""
    t = place(S, i)
    status = S[t + T_STATUS]
    if status != SPLIT and status != BETWEEN:
        close_segment(S, t)
        let_go(S, i)
        if status != FINISHED and status != ARRIVED:
            S[t + T_END] = end
        write_row(S, t)
    if end == CANCELLED and is_inside(status) and is_marked(S, S[t + T_NODE]):
        come_out(S, i, NONE)
    if S[t + T_HELD] != NONE:
        waited = S[t + T_SEGMENTS + SYNCHRONIZED] if status == FINISHED else 0
        write_held(S, S[t + T_HELD], waited)
    drop_token(S, i)


@compiled
def take_held(S: Ints, t: int) -> int:
    """Take away the row that the token at ``t`` holds, and return the token that has it; NONE where there is none."""
    held = S[t + T_HELD]
    S[t + T_HELD] = NONE
    return held


@compiled
def write_held(S: Ints, i: int, waited: int) -> None:
    """Write the row of token ``i``, held back because it is the last one of a region, and give the token back."""
    S[place(S, i) + T_SEGMENTS + SYNCHRONIZED] += waited
    write_row(S, place(S, i))
    drop_token(S, i)


@compiled
def cancel_below(S: Ints, root: int, keep: int) -> None:
    """Cancel everything below the token ``root``, except that ``keep`` is only taken out of its list."""
    i = root
    while True:
        child = S[place(S, i) + T_CHILD]
        if child != NONE:
            i = child
            continue
        if i == root:
            return
        parent, case = S[place(S, i) + T_PARENT], S[place(S, i) + T_CASE]
        unlink(S, i)
        if i != keep:
            retire(S, i, CANCELLED)
            if case != S[place(S, parent) + T_CASE]:
                close_case(S, case, NONE, NONE, NONE)
        i = parent
