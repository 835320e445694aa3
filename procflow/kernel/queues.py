"""Waiting lines, ordered by (greater priority, time, case, node): pairing heaps and lists, in one arena of nodes.

Who comes to a role's line usually comes after all others there: it is added to a list, and to a heap otherwise.
A cancelled token stays in its line until it comes to the head; its generation then tells that it is gone.
Pairing heap: Fredman, Sedgewick, Sleator, Tarjan, Algorithmica 1, 1986 (two-pass).
"""

from procflow.kernel.arrays import Floats, Ints
from procflow.kernel.jit import compiled, inlined
from procflow.kernel.layout import (
    NONE,
    Q_CHILD,
    Q_GENERATION,
    Q_KEY,
    Q_PRIORITY,
    Q_RANK,
    Q_SIBLING,
    Q_TIME,
    Q_TOKEN,
    QUEUE_WIDTH,
    RS_FIRST,
    RS_HEAP,
    RS_LAST,
    S_QUEUE,
    S_QUEUE_FREE,
    S_QUEUE_LEFT,
    S_TOKENS,
    T_GENERATION,
)


@compiled
def take_node(S: Ints, A: Floats, priority: float, time: int, key: int, rank: int, token: int) -> int:
    """Return the place of a fresh node for a token."""
    i = S[S_QUEUE_FREE]
    q = S[S_QUEUE] + i * QUEUE_WIDTH
    S[S_QUEUE_FREE] = S[q + Q_SIBLING]
    S[S_QUEUE_LEFT] -= 1
    A[q + Q_PRIORITY] = priority
    S[q + Q_TIME], S[q + Q_KEY], S[q + Q_RANK] = time, key, rank
    S[q + Q_TOKEN] = token
    S[q + Q_GENERATION] = S[S[S_TOKENS] + token + T_GENERATION]
    S[q + Q_CHILD] = S[q + Q_SIBLING] = NONE
    return i


@compiled
def drop_node(S: Ints, i: int) -> None:
    """Give a node back."""
    S[S[S_QUEUE] + i * QUEUE_WIDTH + Q_SIBLING] = S[S_QUEUE_FREE]
    S[S_QUEUE_FREE] = i
    S[S_QUEUE_LEFT] += 1


@compiled
def token_of(S: Ints, i: int) -> int:
    """Return the token of a node, or NONE where it has been cancelled since."""
    q = S[S_QUEUE] + i * QUEUE_WIDTH
    token = S[q + Q_TOKEN]
    if S[S[S_TOKENS] + token + T_GENERATION] != S[q + Q_GENERATION]:
        return NONE
    return token


@compiled
def before(S: Ints, A: Floats, i: int, j: int) -> bool:
    """Whether node ``i`` comes before node ``j``."""
    a, b = S[S_QUEUE] + i * QUEUE_WIDTH, S[S_QUEUE] + j * QUEUE_WIDTH
    if A[a + Q_PRIORITY] != A[b + Q_PRIORITY]:
        return A[a + Q_PRIORITY] > A[b + Q_PRIORITY]
    if S[a + Q_TIME] != S[b + Q_TIME]:
        return S[a + Q_TIME] < S[b + Q_TIME]
    if S[a + Q_KEY] != S[b + Q_KEY]:
        return S[a + Q_KEY] < S[b + Q_KEY]
    return S[a + Q_RANK] < S[b + Q_RANK]


@compiled
def meld(S: Ints, A: Floats, i: int, j: int) -> int:
    """Join two heaps and return the root."""
    if i == NONE:
        return j
    if j == NONE:
        return i
    if before(S, A, j, i):
        i, j = j, i
    a, b = S[S_QUEUE] + i * QUEUE_WIDTH, S[S_QUEUE] + j * QUEUE_WIDTH
    S[b + Q_SIBLING] = S[a + Q_CHILD]
    S[a + Q_CHILD] = j
    return i


@compiled
def without_root(S: Ints, A: Floats, root: int) -> int:
    """Return the root of the heap without its first node, which is given back."""
    base = S[S_QUEUE]
    child = S[base + root * QUEUE_WIDTH + Q_CHILD]
    drop_node(S, root)
    pairs = NONE
    while child != NONE:
        second = S[base + child * QUEUE_WIDTH + Q_SIBLING]
        rest = NONE
        S[base + child * QUEUE_WIDTH + Q_SIBLING] = NONE
        if second != NONE:
            rest = S[base + second * QUEUE_WIDTH + Q_SIBLING]
            S[base + second * QUEUE_WIDTH + Q_SIBLING] = NONE
        pair = meld(S, A, child, second)
        S[base + pair * QUEUE_WIDTH + Q_SIBLING] = pairs
        pairs = pair
        child = rest
    merged = NONE
    while pairs != NONE:
        rest = S[base + pairs * QUEUE_WIDTH + Q_SIBLING]
        S[base + pairs * QUEUE_WIDTH + Q_SIBLING] = NONE
        merged = meld(S, A, merged, pairs)
        pairs = rest
    return merged


@inlined
def join_queue(S: Ints, A: Floats, r: int, i: int) -> None:
    """Add node ``i`` to the line of the role whose state is at ``r``."""
    last = S[r + RS_LAST]
    if last == NONE:
        S[r + RS_FIRST] = S[r + RS_LAST] = i
    elif _is_later(S, A, i, last) or not _overtakes(S, A, r, i, last):
        S[S[S_QUEUE] + last * QUEUE_WIDTH + Q_SIBLING] = i
        S[r + RS_LAST] = i


@compiled
def _overtakes(S: Ints, A: Floats, r: int, i: int, last: int) -> bool:
    """Whether node ``i`` comes before the last one of a list; it is added to the heap then."""
    if not before(S, A, i, last):
        return False
    S[r + RS_HEAP] = meld(S, A, S[r + RS_HEAP], i)
    return True


@inlined
def _is_later(S: Ints, A: Floats, i: int, last: int) -> bool:
    """Whether node ``i`` plainly comes after another one: of the same priority, and later."""
    a, b = S[S_QUEUE] + i * QUEUE_WIDTH, S[S_QUEUE] + last * QUEUE_WIDTH
    return A[a + Q_PRIORITY] == A[b + Q_PRIORITY] and S[a + Q_TIME] > S[b + Q_TIME]


@inlined
def first_in_queue(S: Ints, A: Floats, r: int) -> int:
    """Return the first node of the line of the role whose state is at ``r``, or NONE."""
    first, root = S[r + RS_FIRST], S[r + RS_HEAP]
    if root == NONE or (first != NONE and before(S, A, first, root)):
        return first
    return root


@inlined
def leave_queue(S: Ints, A: Floats, r: int, i: int) -> None:
    """Take node ``i``, the first one, out of the line of the role whose state is at ``r``, and give it back."""
    if i != S[r + RS_FIRST]:
        S[r + RS_HEAP] = without_root(S, A, i)
        return
    S[r + RS_FIRST] = S[S[S_QUEUE] + i * QUEUE_WIDTH + Q_SIBLING]
    if S[r + RS_FIRST] == NONE:
        S[r + RS_LAST] = NONE
    drop_node(S, i)


@inlined
def is_empty(S: Ints, r: int) -> bool:
    """Whether nobody stands in the line of the role whose state is at ``r``."""
    return S[r + RS_FIRST] == NONE and S[r + RS_HEAP] == NONE
