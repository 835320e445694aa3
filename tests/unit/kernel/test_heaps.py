# ruff: noqa: N803, N806 - the arrays have their names from the layout
"""The event heap and the waiting lines give their least first, as sorting does."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.kernel.plain import heap, layout, queues

HEADER = 400
few = st.integers(0, 3)
events = st.lists(st.tuples(few, few, few))
waiting = st.lists(st.tuples(st.sampled_from([0.0, 1.5, -1.0]), few, few, st.integers(0, 99)), max_size=40)
"""What waits: (priority, time, key, rank); the number of entries stays below that of ranks."""


def pushed(S: Any, event: tuple[int, int, int], ref: int) -> None:
    heap.push(S, *event, ref)


def popped(S: Any) -> tuple[int, int, int]:
    at = S[layout.S_HEAP] + S[layout.S_LEAST] * layout.HEAP_WIDTH
    first = tuple(int(S[at + k]) for k in (layout.H_TIME, layout.H_KEY, layout.H_AUX))
    heap.take_least(S)
    return first  # type: ignore[return-value]


@given(events)
def test_events_come_in_the_order_of_time_key_and_node(found: list[tuple[int, int, int]]) -> None:
    S = np.zeros(HEADER + layout.HEAP_WIDTH * (len(found) + 1), dtype=np.int64)
    S[layout.S_HEAP], S[layout.S_DUE] = HEADER, layout.NEVER
    for ref, event in enumerate(found):
        pushed(S, event, ref)
    assert S[layout.S_HEAP_N] == len(found)
    assert [popped(S) for _ in found] == sorted(found)
    assert S[layout.S_DUE] == layout.NEVER


@given(events, st.randoms(use_true_random=False))
def test_events_come_in_order_while_others_are_added(found: list[tuple[int, int, int]], random: Any) -> None:
    S = np.zeros(HEADER + layout.HEAP_WIDTH * (len(found) + 1), dtype=np.int64)
    S[layout.S_HEAP], S[layout.S_DUE], waiting_now = HEADER, layout.NEVER, []
    for ref, event in enumerate(found):
        pushed(S, event, ref)
        waiting_now.append(event)
        if random.random() < 0.5:
            waiting_now.sort()
            assert popped(S) == waiting_now.pop(0)
            assert S[layout.S_DUE] == min((time for time, _, _ in waiting_now), default=layout.NEVER)


def lines(room: int) -> Any:
    """Return a state with room for so many entries of waiting lines, and a token for each."""
    tokens = HEADER + layout.QUEUE_WIDTH * room
    width = layout.TOKEN_WIDTH + 1
    S = np.zeros(tokens + width * room, dtype=np.int64)
    S[layout.S_QUEUE], S[layout.S_TOKENS], S[layout.S_TOKEN_WIDTH] = HEADER, tokens, width
    for i in range(room):
        S[HEADER + i * layout.QUEUE_WIDTH + layout.Q_SIBLING] = i + 1
    S[layout.S_QUEUE_FREE], S[layout.S_QUEUE_LEFT] = 0, room
    return S


def joined(S: Any, root: int, entry: tuple[float, int, int, int], token: int) -> int:
    node = queues.take_node(S, S.view(np.float64), *entry, token)
    return int(queues.meld(S, S.view(np.float64), root, node))


def order(entry: tuple[float, int, int, int]) -> tuple[float, int, int, int]:
    return (-entry[0], *entry[1:])


@given(waiting)
def test_a_line_calls_the_greater_priority_then_the_earlier_then_the_lesser_case_and_node(entries: list[Any]) -> None:
    S, root = lines(len(entries) + 1), layout.NONE
    for token, entry in enumerate(entries):
        root = joined(S, root, entry, token)
    called = []
    while root != layout.NONE:
        called.append(entries[queues.token_of(S, root)])
        root = queues.without_root(S, S.view(np.float64), root)
    assert called == sorted(entries, key=order)
    assert S[layout.S_QUEUE_LEFT] == len(entries) + 1


@given(waiting, st.randoms(use_true_random=False))
def test_a_line_keeps_its_order_while_others_join(entries: list[Any], random: Any) -> None:
    S, root, here = lines(len(entries) + 1), layout.NONE, []
    for token, entry in enumerate(entries):
        root = joined(S, root, entry, token)
        here.append(entry)
        if random.random() < 0.5:
            here.sort(key=order)
            assert entries[queues.token_of(S, root)] == here.pop(0)
            root = queues.without_root(S, S.view(np.float64), root)


def test_a_cancelled_token_is_gone_from_its_line() -> None:
    S = lines(2)
    root = joined(S, layout.NONE, (0.0, 1, 1, 1), 0)
    S[S[layout.S_TOKENS] + layout.T_GENERATION] += 1
    assert queues.token_of(S, root) == layout.NONE
