"""What is due when, in the order of rule 6. Knows neither cases nor staff."""

import heapq
from collections.abc import Callable
from enum import IntEnum
from itertools import count
from typing import Any

from tests.oracle.cases import Token
from tests.oracle.clock import NEVER


class Phase(IntEnum):
    """The phases of one instant (rule 6)."""

    COMPLETION = 1
    CANCELLATION = 2
    ENTER = 3
    JOIN = 4
    SITTING = 5
    DISPATCH = 6


Order = tuple[int, tuple[Any, ...]]
"""(phase, tie)."""
_Due = tuple[int, int, tuple[Any, ...], int, Token | None, int, Callable[[], None]]


class Agenda:
    """A heap of things to do. What was due for a token that has moved on since is dropped."""

    def __init__(self) -> None:
        self._heap: list[_Due] = []
        self._number = count()  # only so that two with equal ties of one visit keep the order of the file

    def add(self, t: int, phase: Phase, tie: tuple[Any, ...], token: Token | None, do: Callable[[], None]) -> None:
        generation = token.generation if token else 0
        if t < NEVER:
            heapq.heappush(self._heap, (t, int(phase), tie, next(self._number), token, generation, do))

    def next_time(self) -> int:
        self._drop_vanished()
        return self._heap[0][0] if self._heap else NEVER

    def first(self, now: int) -> Order | None:
        """Return (phase, tie) of the first thing due now, or None."""
        return self._heap[0][1:3] if self.next_time() == now else None

    def pop(self) -> Callable[[], None]:
        return heapq.heappop(self._heap)[-1]

    def _drop_vanished(self) -> None:
        while self._heap and (token := self._heap[0][4]) and token.generation != self._heap[0][5]:
            heapq.heappop(self._heap)
