"""People: who can start what, who is taken, who is free again; and the dispatch of the roles' lines. Rules 9–11."""

import numpy as np

from procflow.kernel.arrays import Floats, Ints
from procflow.kernel.calendars import duty, next_on, next_opening
from procflow.kernel.heap import push
from procflow.kernel.jit import compiled, inlined
from procflow.kernel.layout import (
    AWAY,
    CH_AWAY,
    CH_GROUP,
    CH_PERSON,
    CH_TIME,
    CHANGE_WIDTH,
    DISPATCH_PHASE,
    G_CALENDAR,
    G_ROLES,
    G_ROLES_N,
    G_SPEED,
    GROUP_STATE,
    GROUP_WIDTH,
    GS_BUSY,
    GS_FLAGS,
    GS_IDLE,
    GS_LOWEST,
    M_CAP,
    M_CHANGE_COUNT,
    M_CHANGES,
    M_GROUPS,
    M_HORIZON,
    M_NODES,
    M_ROLES,
    M_WARMUP,
    N_OVERTIME,
    N_STAFF,
    NEVER,
    NODE_WIDTH,
    NONE,
    O_GROUPS,
    O_N,
    PAUSED,
    PHASE_SHIFT,
    Q_TOKEN,
    QUEUE_WIDTH,
    RANK_SHIFT,
    ROLE_STATE,
    ROLE_WIDTH,
    RS_DIRTY,
    RS_WAKE,
    S_DIRTY,
    S_DIRTY_N,
    S_GROUP,
    S_NOW,
    S_QUEUE,
    S_ROLE,
    S_TOKENS,
    T_NODE,
    T_PEOPLE,
    T_PEOPLE_N,
    T_SEGMENTS,
    T_START,
    TAKEN,
    V_STAFF,
    V_WAKE,
    WORKED,
)
from procflow.kernel.queues import before, first_in_queue, is_empty, leave_queue, token_of


@compiled
def mark_dirty(S: Ints, role: int) -> None:
    """Note that a role's line must be looked at in this instant."""
    r = S[S_ROLE] + role * ROLE_STATE
    if S[r + RS_DIRTY] == 0:
        S[r + RS_DIRTY] = 1
        S[S[S_DIRTY] + S[S_DIRTY_N]] = role
        S[S_DIRTY_N] += 1


@inlined
def clear_dirty(S: Ints, role: int) -> None:
    """Note that a role's line need not be looked at any more, if it is the last one that must be."""
    last = S[S_DIRTY_N] - 1
    if last >= 0 and S[S[S_DIRTY] + last] == role:
        S[S[S_ROLE] + role * ROLE_STATE + RS_DIRTY] = 0
        S[S_DIRTY_N] = last


@inlined
def somebody_idle(S: Ints, role: int) -> bool:
    """Whether anybody of a role is idle, on duty or not."""
    o = S[M_ROLES] + role * ROLE_WIDTH
    idle = S[S[S_GROUP] + S[S[o + O_GROUPS]] * GROUP_STATE + GS_IDLE] > 0
    return idle or (S[o + O_N] > 1 and _others_idle(S, o))


@compiled
def _others_idle(S: Ints, o: int) -> bool:
    for k in range(1, S[o + O_N]):  # noqa: SIM110 - compiled
        if S[S[S_GROUP] + S[S[o + O_GROUPS] + k] * GROUP_STATE + GS_IDLE] > 0:
            return True
    return False


@inlined
def line_head(S: Ints, A: Floats, role: int) -> int:
    """Return the first node of a role's line that is not cancelled, or NONE; cancelled ones are removed."""
    r = S[S_ROLE] + role * ROLE_STATE
    head = first_in_queue(S, A, r)
    while head != NONE and token_of(S, head) == NONE:
        leave_queue(S, A, r, head)
        head = first_in_queue(S, A, r)
    return head


@inlined
def first_group(S: Ints, role: int, staff: int) -> int:
    """Return the rank, among the role's groups, of the one with which its calendar has enough people, or NONE."""
    o = S[M_ROLES] + role * ROLE_WIDTH
    if S[o + O_N] == 1:
        group = S[S[o + O_GROUPS]]
        if S[S[S_GROUP] + group * GROUP_STATE + GS_IDLE] < staff:
            return NONE
        calendar = S[S[M_GROUPS] + group * GROUP_WIDTH + G_CALENDAR]
        return 0 if calendar == 0 or next_on(S, calendar, S[S_NOW]) == S[S_NOW] else NONE
    return _first_of_groups(S, o, staff)


@compiled
def _first_of_groups(S: Ints, o: int, staff: int) -> int:
    groups, n, now = S[o + O_GROUPS], S[o + O_N], S[S_NOW]
    for k in range(n):
        group = S[groups + k]
        idle = S[S[S_GROUP] + group * GROUP_STATE + GS_IDLE]
        if staff > 1:
            idle = _idle_with(S, groups, k + 1, S[S[M_GROUPS] + group * GROUP_WIDTH + G_CALENDAR])
        if idle >= staff:
            calendar = S[S[M_GROUPS] + group * GROUP_WIDTH + G_CALENDAR]
            if calendar == 0 or next_on(S, calendar, now) == now:
                return k
    return NONE


@compiled
def _idle_with(S: Ints, groups: int, n: int, calendar: int) -> int:
    idle = 0
    for k in range(n):
        group = S[groups + k]
        if S[S[M_GROUPS] + group * GROUP_WIDTH + G_CALENDAR] == calendar:
            idle += S[S[S_GROUP] + group * GROUP_STATE + GS_IDLE]
    return idle


@inlined
def take_people(S: Ints, A: Floats, t: int, role: int, first: int, staff: int) -> tuple[float, int]:
    """Take ``staff`` people for the token at ``t``; return the speed of the slowest, and their calendar."""
    o = S[M_ROLES] + role * ROLE_WIDTH
    groups, n = S[o + O_GROUPS], S[o + O_N]
    g = S[M_GROUPS] + S[groups + first] * GROUP_WIDTH
    calendar = S[g + G_CALENDAR]
    S[t + T_PEOPLE_N] = staff
    if staff == 1:
        S[t + T_PEOPLE] = (S[groups + first] << 32) + _lowest(S, S[S_GROUP] + S[groups + first] * GROUP_STATE)
        return A[S[g + G_SPEED]], calendar
    taken, speed = 0, np.inf
    for k in range(n):
        group = S[groups + k]
        g = S[M_GROUPS] + group * GROUP_WIDTH
        if S[g + G_CALENDAR] != calendar:
            continue
        s = S[S_GROUP] + group * GROUP_STATE
        while taken < staff and S[s + GS_IDLE] > 0:
            S[t + T_PEOPLE + taken] = (group << 32) + _lowest(S, s)
            taken += 1
            speed = min(speed, A[S[g + G_SPEED]])
        if taken == staff:
            break
    return speed, calendar


@compiled
def _lowest(S: Ints, s: int) -> int:
    """Take the idle person with the lowest number of a group and return the number, from 1."""
    flags, p = S[s + GS_FLAGS], S[s + GS_LOWEST]
    while S[flags + p] != 0:
        p += 1
    S[flags + p] = TAKEN
    S[s + GS_LOWEST] = p + 1
    S[s + GS_IDLE] -= 1
    return p + 1


@inlined
def release(S: Ints, t: int) -> None:
    """Free the people of the token at ``t``, who have worked since its start, and note how long they were busy."""
    for k in range(S[t + T_PEOPLE_N]):
        group, person = S[t + T_PEOPLE + k] >> 32, (S[t + T_PEOPLE + k] & 0xFFFFFFFF) - 1
        s, g = S[S_GROUP] + group * GROUP_STATE, S[M_GROUPS] + group * GROUP_WIDTH
        S[S[s + GS_FLAGS] + person] &= AWAY
        if S[S[s + GS_FLAGS] + person] == 0:  # else a change of staffing has taken the person away meanwhile
            S[s + GS_IDLE] += 1
            S[s + GS_LOWEST] = min(S[s + GS_LOWEST], person)
        S[s + GS_BUSY] += _busy(S, t, S[g + G_CALENDAR])
        for r in range(S[g + G_ROLES_N]):
            role = S[S[g + G_ROLES] + r]
            if not is_empty(S, S[S_ROLE] + role * ROLE_STATE):  # whoever joins an empty line marks it
                mark_dirty(S, role)


@inlined
def _busy(S: Ints, t: int, calendar: int) -> int:
    """Return how much of the time from the start of the token's work until now was at work, inside the window."""
    start, until = max(S[t + T_START], S[M_WARMUP]), min(S[S_NOW], S[M_HORIZON])
    if start >= until:
        return 0
    if calendar == 0 or S[S[M_NODES] + S[t + T_NODE] * NODE_WIDTH + N_OVERTIME]:
        return until - start
    if start == S[t + T_START] and until == S[t + T_START] + S[t + T_SEGMENTS + WORKED] + S[t + T_SEGMENTS + PAUSED]:
        return S[t + T_SEGMENTS + WORKED]
    return duty(S, calendar, start, until)


@compiled
def change_staff(S: Ints, k: int) -> None:
    """Let people come or go as the changes of staffing from number ``k`` on say that are due now."""
    row = S[M_CHANGES] + k * CHANGE_WIDTH
    while k < S[M_CHANGE_COUNT] and S[row + CH_TIME] <= S[S_NOW]:
        s, g = S[S_GROUP] + S[row + CH_GROUP] * GROUP_STATE, S[M_GROUPS] + S[row + CH_GROUP] * GROUP_WIDTH
        flag = S[s + GS_FLAGS] + S[row + CH_PERSON]
        before = S[flag]
        S[flag] = (before & TAKEN) | (AWAY if S[row + CH_AWAY] else 0)
        if before == 0:
            S[s + GS_IDLE] -= 1
        if S[flag] == 0:
            S[s + GS_IDLE] += 1
            S[s + GS_LOWEST] = min(S[s + GS_LOWEST], S[row + CH_PERSON])
            for r in range(S[g + G_ROLES_N]):
                mark_dirty(S, S[S[g + G_ROLES] + r])
        k += 1
        row += CHANGE_WIDTH
    schedule_change(S, k)


@compiled
def schedule_change(S: Ints, k: int) -> None:
    """Schedule the changes of staffing from number ``k`` on: they come before all else of their instant."""
    if k < S[M_CHANGE_COUNT]:
        at = S[S[M_CHANGES] + k * CHANGE_WIDTH + CH_TIME]
        if at < S[M_CAP]:
            push(S, at, 0, V_STAFF, k)


@inlined
def next_start(S: Ints, A: Floats) -> tuple[int, int]:
    """Return the role whose head starts next and the rank of its first group, or (NONE, NONE).

    Lines whose head cannot start are put aside until something changes.
    """
    best, best_head, best_group = NONE, NONE, NONE
    k = 0
    while k < S[S_DIRTY_N]:
        role = S[S[S_DIRTY] + k]
        head = line_head(S, A, role)
        group = NONE
        if head != NONE:
            t = S[S_TOKENS] + S[S[S_QUEUE] + head * QUEUE_WIDTH + Q_TOKEN]
            group = first_group(S, role, S[S[M_NODES] + S[t + T_NODE] * NODE_WIDTH + N_STAFF])
        if group == NONE:
            if head != NONE and S[S[S_ROLE] + role * ROLE_STATE + RS_WAKE] <= S[S_NOW]:
                _wake_later(S, role)
            S[S[S_ROLE] + role * ROLE_STATE + RS_DIRTY] = 0
            S[S_DIRTY_N] -= 1
            S[S[S_DIRTY] + k] = S[S[S_DIRTY] + S[S_DIRTY_N]]
            continue
        if best == NONE or before(S, A, head, best_head):
            best, best_head, best_group = role, head, group
        k += 1
    return best, best_group


@compiled
def _wake_later(S: Ints, role: int) -> None:
    """See to it that a line is looked at again when one of its calendars opens."""
    r, now = S[S_ROLE] + role * ROLE_STATE, S[S_NOW]
    o = S[M_ROLES] + role * ROLE_WIDTH
    opening = NEVER
    for k in range(S[o + O_N]):
        group = S[S[o + O_GROUPS] + k]
        opening = min(opening, next_opening(S, S[S[M_GROUPS] + group * GROUP_WIDTH + G_CALENDAR], now))
    S[r + RS_WAKE] = opening
    if opening < S[M_CAP]:
        push(S, opening, DISPATCH_PHASE << PHASE_SHIFT, (role << RANK_SHIFT) + V_WAKE, role)
