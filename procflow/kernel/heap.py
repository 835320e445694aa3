"""The event heap: 4-ary, ordered by (time, phase and case, node); and the register for what follows in zero time.

The place of the least event stays empty once that is taken, until the next one is added, which mostly is soon. So the
least one is at the root, or one of the root's children: ``S_LEAST`` is its number, NONE where nothing else is left, and
``S_DUE`` its time, NEVER where there is none.
"""

from procflow.kernel.arrays import Ints
from procflow.kernel.jit import compiled, inlined
from procflow.kernel.layout import (
    H_AUX,
    H_KEY,
    H_REF,
    H_TIME,
    HEAP_WIDTH,
    NEVER,
    NONE,
    S_DUE,
    S_HEAP,
    S_HEAP_N,
    S_LEAST,
    S_NEXT,
    S_NEXT_AUX,
    S_NEXT_KEY,
    S_NEXT_REF,
    S_NOW,
)


@compiled
def push(S: Ints, time: int, key: int, aux: int, ref: int) -> None:
    """Add an event; ``key`` holds phase, process and case, ``aux`` the node's rank and the kind of event."""
    base, least, i = S[S_HEAP], S[S_LEAST], 0
    if least == 0:
        i = S[S_HEAP_N]
        S[S_HEAP_N] = i + 1
        while i > 0:
            p = (i - 1) >> 2
            at = base + p * HEAP_WIDTH
            if not _less(time, key, aux, S[at + H_TIME], S[at + H_KEY], S[at + H_AUX]):
                break
            _move(S, at, base + i * HEAP_WIDTH)
            i = p
    elif least != NONE:
        at = base + least * HEAP_WIDTH
        if not _less(time, key, aux, S[at + H_TIME], S[at + H_KEY], S[at + H_AUX]):
            _move(S, at, base)
            i = _sunk(S, least, time, key, aux)
    to = base + i * HEAP_WIDTH
    S[to + H_TIME], S[to + H_KEY], S[to + H_AUX], S[to + H_REF] = time, key, aux, ref
    S[S_LEAST], S[S_DUE] = 0, S[base + H_TIME]


@inlined
def take_least(S: Ints) -> None:
    """Take the least event out, which has been read."""
    base, least, n = S[S_HEAP], S[S_LEAST], S[S_HEAP_N]
    if least > 0:  # the root is empty already: the last event goes where the least one was
        n -= 1
        S[S_HEAP_N] = n
        if least < n:
            last = base + n * HEAP_WIDTH
            _move(S, last, base + _sunk(S, least, S[last + H_TIME], S[last + H_KEY], S[last + H_AUX]) * HEAP_WIDTH)
    if n < 2:
        S[S_LEAST], S[S_DUE] = NONE, NEVER
    else:
        best = _least_child(S, base, 1, n)
        S[S_LEAST], S[S_DUE] = (best - base) // HEAP_WIDTH, S[best + H_TIME]


@compiled
def _sunk(S: Ints, i: int, time: int, key: int, aux: int) -> int:
    """Return where below the empty place ``i`` an event belongs; what comes before it has moved up."""
    base, n = S[S_HEAP], S[S_HEAP_N]
    while 4 * i + 1 < n:
        best = _least_child(S, base, 4 * i + 1, n)
        if not _less(S[best + H_TIME], S[best + H_KEY], S[best + H_AUX], time, key, aux):
            break
        _move(S, best, base + i * HEAP_WIDTH)
        i = (best - base) // HEAP_WIDTH
    return i


@compiled
def _move(S: Ints, at: int, to: int) -> None:
    S[to], S[to + 1], S[to + 2], S[to + 3] = S[at], S[at + 1], S[at + 2], S[at + 3]


@inlined
def _least_child(S: Ints, base: int, c: int, n: int) -> int:
    """Return the place of the least event among those from number ``c`` on that have one parent."""
    a = base + c * HEAP_WIDTH
    if c + 4 > n:
        return _least_of(S, a, n - c)
    # choices, not branches: the processor could not guess them
    b, d = a + 2 * HEAP_WIDTH, a + 3 * HEAP_WIDTH
    t0, t1, t2, t3 = S[a], S[a + HEAP_WIDTH], S[b], S[d]
    left, right = min(t0, t1), min(t2, t3)
    if (t0 == t1) | (t2 == t3) | (left == right):
        return _least_of(S, a, 4)
    first = a if t0 < t1 else a + HEAP_WIDTH
    second = b if t2 < t3 else d
    return first if left < right else second


@compiled
def _least_of(S: Ints, best: int, count: int) -> int:
    for at in range(best + HEAP_WIDTH, best + count * HEAP_WIDTH, HEAP_WIDTH):
        if _less(S[at], S[at + 1], S[at + 2], S[best], S[best + 1], S[best + 2]):
            best = at
    return best


@compiled
def is_quiet(S: Ints) -> bool:
    """Whether nothing else is due at this instant, dispatch aside, so that what follows may be done at once."""
    return S[S_NEXT] == 0 and S[S_DUE] > S[S_NOW]


@compiled
def follow(S: Ints, key: int, aux: int, ref: int) -> None:
    """Add an event of this very instant: into the register if it is the least that is due now, else into the heap."""
    now = S[S_NOW]
    if S[S_NEXT]:
        if not _less(now, key, aux, now, S[S_NEXT_KEY], S[S_NEXT_AUX]):
            push(S, now, key, aux, ref)
            return
        push(S, now, S[S_NEXT_KEY], S[S_NEXT_AUX], S[S_NEXT_REF])
    elif S[S_DUE] <= now:
        first = S[S_HEAP] + S[S_LEAST] * HEAP_WIDTH
        if not _less(now, key, aux, S[first + H_TIME], S[first + H_KEY], S[first + H_AUX]):
            push(S, now, key, aux, ref)
            return
    S[S_NEXT], S[S_NEXT_KEY], S[S_NEXT_AUX], S[S_NEXT_REF] = 1, key, aux, ref


@compiled
def _less(t1: int, k1: int, a1: int, t2: int, k2: int, a2: int) -> bool:
    if t1 != t2:
        return t1 < t2
    if k1 != k2:
        return k1 < k2
    return a1 < a2
