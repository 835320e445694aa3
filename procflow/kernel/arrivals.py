"""Arrivals: the next instant of a stream, and a new case with its attributes and office. Rules 20, 22 and 23."""

import math

import numpy as np

from procflow.kernel.arrays import Floats, Ints
from procflow.kernel.calendars import complete, first_not_before
from procflow.kernel.draws import ATTRIBUTE, REGION, absorb, unit, word
from procflow.kernel.heap import push
from procflow.kernel.jit import compiled
from procflow.kernel.layout import (
    A_ATTRIBUTE,
    A_ATTRIBUTES,
    A_GAP,
    A_GIVEN,
    A_GIVEN_REGION,
    A_KEY,
    A_KIND,
    A_NODE,
    A_PROCESS,
    A_PROFILE,
    A_REGION,
    A_REGION_KEY,
    A_REGION_N,
    A_SHARE,
    A_SIZE,
    A_TIMES,
    A_TIMES_N,
    AT_BOOLEAN,
    AT_CATEGORY,
    AT_CODES,
    AT_DISTRIBUTION,
    AT_F,
    AT_KEY,
    AT_KIND,
    AT_N,
    AT_NUMBER,
    AT_SLOT,
    ATTRIBUTE_WIDTH,
    D_AT,
    D_CALENDAR,
    D_KIND,
    D_N,
    DAY,
    DISTRIBUTION_WIDTH,
    ENTER_PHASE,
    M_ATTRIBUTES,
    M_CAP,
    M_COHORT_END,
    M_COHORT_FIRST,
    M_DISTRIBUTIONS,
    M_HORIZON,
    M_STREAM_COUNT,
    M_STREAMS,
    M_WARMUP,
    NEVER,
    NONE,
    P_BEFORE,
    P_N,
    P_OFF,
    P_ON,
    P_TOTAL,
    P_WEIGHT,
    PHASE_SHIFT,
    PROCESS_SHIFT,
    S_CASE_FREE,
    S_CASE_LEFT,
    S_CASE_WIDTH,
    S_COHORT_OPEN,
    S_KEY,
    S_NOW,
    S_STREAM,
    ST_ORDINAL,
    ST_SUM,
    ST_TIME,
    STREAM_CALLED,
    STREAM_GAPS,
    STREAM_STATE,
    STREAM_WIDTH,
    V_ARRIVAL,
    X_ALIVE,
    X_ARRIVAL,
    X_COHORT,
    X_INSTANCE,
    X_KEY,
    X_NEXT,
    X_ORDINAL,
    X_PARENT,
    X_PARENT_NODE,
    X_PARENT_VISIT,
    X_PRIORITY,
    X_REGION,
    X_STREAM,
    X_STRETCHES,
    X_SUSPENDED,
    X_TIE,
    X_VALUES,
)
from procflow.kernel.sampling import sample, ticks
from procflow.kernel.tokens import aux_of, case_place, new_token


@compiled
def schedule_arrival(S: Ints, A: Floats, stream: int) -> None:
    """Schedule the next case of a stream, if it comes before the cap."""
    at = _next_arrival(S, A, stream)
    if at < S[M_CAP]:
        a, ordinal = S[M_STREAMS] + stream * STREAM_WIDTH, S[S[S_STREAM] + stream * STREAM_STATE + ST_ORDINAL]
        key = (ENTER_PHASE << PHASE_SHIFT) + (stream << PROCESS_SHIFT) + ordinal
        push(S, at, key, aux_of(S, S[a + A_NODE], V_ARRIVAL), stream)


@compiled
def set_window(S: Ints, A: Floats) -> None:
    """Set the window of a run whose cohort is counted in cases: it begins and ends with an arrival.

    That of the last case of the last process that has arrivals; so long may the run go on as one of as many days.
    """
    warmup = horizon = 0
    for stream in range(S[M_STREAM_COUNT]):
        if S[S[M_STREAMS] + stream * STREAM_WIDTH + A_KIND] == STREAM_CALLED:
            continue
        if S[M_COHORT_FIRST] > 0:
            warmup = max(warmup, _arrival_of(S, A, stream, S[M_COHORT_FIRST]))
        horizon = max(horizon, _arrival_of(S, A, stream, S[M_COHORT_END] - 1))
    S[M_WARMUP], S[M_HORIZON] = warmup, horizon
    if horizon < S[M_CAP]:
        S[M_CAP] = min(S[M_CAP], horizon + max(3 * horizon, 1_100 * DAY))


@compiled
def _arrival_of(S: Ints, A: Floats, stream: int, ordinal: int) -> int:
    """Return when a case of a stream will arrive; the stream stands at its beginning, before and after."""
    s = S[S_STREAM] + stream * STREAM_STATE
    at = 0
    for k in range(ordinal + 1):
        S[s + ST_ORDINAL] = k
        at = _next_arrival(S, A, stream)
        if at >= S[M_CAP]:
            break  # further gaps might add up to more than a word holds
    S[s + ST_ORDINAL] = S[s + ST_TIME] = S[s + ST_SUM] = 0
    return at


@compiled
def _next_arrival(S: Ints, A: Floats, stream: int) -> int:
    """Return when the next case of a stream arrives, and go on to there."""
    a, s = S[M_STREAMS] + stream * STREAM_WIDTH, S[S_STREAM] + stream * STREAM_STATE
    if S[a + A_KIND] == STREAM_CALLED:
        return NEVER
    ordinal, size = S[s + ST_ORDINAL], S[a + A_SIZE]
    k = ordinal // size
    at = S[s + ST_TIME]
    if ordinal % size != 0:
        pass  # of the same instant as the one before
    elif S[a + A_KIND] == STREAM_GAPS:
        d = S[M_DISTRIBUTIONS] + S[a + A_GAP] * DISTRIBUTION_WIDTH
        base = absorb(absorb(np.uint64(S[S_KEY]), np.uint64(S[a + A_PROCESS])), np.uint64(S[a + A_KEY]))
        gap = ticks(sample(A, S[d + D_KIND], S[d + D_AT], S[d + D_N], base, np.uint64(k << 24)))
        if S[a + A_PROFILE] == NONE:
            at = complete(S, S[d + D_CALENDAR], at, gap)
        else:
            S[s + ST_SUM] += gap
            at = profile_complete(S, A, S[a + A_PROFILE], S[s + ST_SUM])
    else:
        at = S[S[a + A_TIMES] + k] if k < S[a + A_TIMES_N] else NEVER
    S[s + ST_TIME] = at
    return at


@compiled
def profile_complete(S: Ints, A: Floats, p: int, amount: int) -> int:
    """Return when a profile's rate has amounted to ``amount`` ticks at factor 1 since the start; NEVER if it does not.

    The profile at ``S[p]`` is a calendar whose intervals have factors; ``before`` is what they amount to so far.
    """
    if amount > S[p + P_TOTAL]:
        return NEVER
    before = S[p + P_BEFORE]
    i = max(0, first_not_before(S, before, S[p + P_N], amount) - 1)
    on = S[S[p + P_ON] + i]
    return min(S[S[p + P_OFF] + i], on + int(math.floor((amount - S[before + i]) / A[S[p + P_WEIGHT] + i])))  # noqa: RUF046


@compiled
def new_case(S: Ints, A: Floats, stream: int) -> int:
    """Let the next case of a stream begin now: sample its attributes and office, and return its token."""
    a, s = S[M_STREAMS] + stream * STREAM_WIDTH, S[S_STREAM] + stream * STREAM_STATE
    ordinal = S[s + ST_ORDINAL]
    S[s + ST_ORDINAL] = ordinal + 1
    key = absorb(absorb(np.uint64(S[S_KEY]), np.uint64(S[a + A_PROCESS])), np.uint64(ordinal))
    c = open_case(S, stream, ordinal, (stream << PROCESS_SHIFT) + ordinal, np.int64(key))  # type: ignore[arg-type]
    x = case_place(S, c)
    if S[M_COHORT_END] == NONE:
        S[x + X_COHORT] = 1 if S[M_WARMUP] <= S[S_NOW] < S[M_HORIZON] else 0
    else:
        S[x + X_COHORT] = 1 if S[M_COHORT_FIRST] <= ordinal < S[M_COHORT_END] else 0
    S[S_COHORT_OPEN] += S[x + X_COHORT]
    S[x + X_REGION] = S[S[a + A_GIVEN_REGION] + ordinal] if S[a + A_GIVEN_REGION] != NONE else NONE
    if S[x + X_REGION] == NONE and S[a + A_REGION_N] > 0:
        S[x + X_REGION] = office(S, A, key, a)
    draw_attributes(S, A, x, a)
    if S[a + A_GIVEN] != NONE:
        _give_attributes(S, A, x, a, ordinal)
    return new_token(S, c, NONE)


@compiled
def _give_attributes(S: Ints, A: Floats, x: int, a: int, ordinal: int) -> None:
    """Replace what was sampled by what is given for a case; NaN where nothing is."""
    given = S[a + A_GIVEN] + ordinal * S[a + A_ATTRIBUTES]
    for k in range(S[a + A_ATTRIBUTES]):
        if A[given + k] == A[given + k]:
            A[x + X_VALUES + k] = A[given + k]


@compiled
def open_case(S: Ints, process: int, number: int, tie: int, key: int) -> int:
    """Return a fresh case of a process, which arrives now; its office and attributes are for the caller to give."""
    c = S[S_CASE_FREE]
    x = case_place(S, c)
    S[S_CASE_FREE] = S[x + X_NEXT]
    S[S_CASE_LEFT] -= 1
    S[x + X_ALIVE], S[x + X_TIE], S[x + X_KEY] = 1, tie, key
    S[x + X_ORDINAL], S[x + X_STREAM], S[x + X_ARRIVAL] = number, process, S[S_NOW]
    S[x + X_PARENT_NODE] = S[x + X_PARENT] = S[x + X_PARENT_VISIT] = S[x + X_INSTANCE] = NONE
    S[x + X_PRIORITY] = S[x + X_SUSPENDED] = S[x + X_STRETCHES] = 0
    for k in range(S[S_CASE_WIDTH] - X_VALUES):
        S[x + X_VALUES + k] = 0
    return c


@compiled
def draw_attributes(S: Ints, A: Floats, x: int, a: int) -> None:
    """Draw the attributes of the case at ``x``, which is of the process at ``a``."""
    key = np.uint64(S[x + X_KEY])
    for k in range(S[a + A_ATTRIBUTES]):
        at = S[M_ATTRIBUTES] + (S[a + A_ATTRIBUTE] + k) * ATTRIBUTE_WIDTH
        A[x + X_VALUES + S[at + AT_SLOT]] = _attribute(S, A, key, at)


@compiled
def office(S: Ints, A: Floats, key: np.uint64, a: int) -> int:
    """Draw the office of a case of the process at ``a``, which has departments per region."""
    u = unit(absorb(absorb(key, np.uint64(S[a + A_REGION_KEY])), word(1, REGION, 0)))
    return S[S[a + A_REGION] + _category(A, S[a + A_SHARE], S[a + A_REGION_N], u)]


@compiled
def _category(A: Floats, at: int, n: int, u: float) -> int:
    """Return the index at which the running sum of ``n`` probabilities at ``A[at]`` first exceeds ``u``."""
    total = 0.0
    for k in range(n):
        total += A[at + k]
        if u < total:
            return k
    return n - 1


@compiled
def _attribute(S: Ints, A: Floats, key: np.uint64, at: int) -> float:
    base, first = absorb(key, np.uint64(S[at + AT_KEY])), word(1, ATTRIBUTE, 0)
    kind = S[at + AT_KIND]
    if kind == AT_CATEGORY:
        k = _category(A, S[at + AT_F], S[at + AT_N], unit(absorb(base, first)))
        return float(S[S[at + AT_CODES] + k])
    if kind == AT_BOOLEAN:
        return 1.0 if unit(absorb(base, first)) < A[S[at + AT_F]] else 0.0
    d = S[M_DISTRIBUTIONS] + S[at + AT_DISTRIBUTION] * DISTRIBUTION_WIDTH
    value = sample(A, S[d + D_KIND], S[d + D_AT], S[d + D_N], base, first)
    return value if kind == AT_NUMBER else math.floor(value + 0.5)
