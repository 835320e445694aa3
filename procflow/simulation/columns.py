"""Keeps rows of visits and of cases by column, in no more memory than their values need; gives them back as they were.

A row of the kernel has some 20 words, most of which are the same in thousands of rows. Memory that is written for the
first time costs more than the kernel takes to fill it. Knows the columns' order and how instants follow from segments,
not what they mean to a user.
"""

from collections.abc import Iterator, Mapping
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from procflow.kernel import layout as at
from procflow.kernel.arrays import Ints

_WIDTHS = [(np.dtype(f"i{size}"), -(1 << 8 * size - 1), (1 << 8 * size - 1) - 1) for size in (1, 2, 4, 8)]
"""Types by width, each with the least and the greatest value that it holds."""

_LINE, _LARGE_PAGE = 64, 1 << 21
"""Bytes of a line of the processor's cache, where each copy begins, and of a large page."""

_FIRST_PIECE, _LARGEST_PIECE = 1 << 16, 1 << 24
"""Bytes of the first piece of memory, and of the largest."""

_UP_TO = {
    "ready": (at.REACHED_READY, (at.BATCH, at.BATCH_FULL)),
    "start": (at.REACHED_START, (at.OFF_DUTY, at.CONTENTION)),
    "done": (at.REACHED_DONE, (at.WORKED, at.PAUSED, at.CALLED)),
    "exit": (at.REACHED_EXIT, (at.DELAYED_FOR,)),
    "arrive": (at.REACHED_ARRIVE, (at.TRANSFERRED,)),
}
"""For an instant after ``enter`` the bit that tells whether it was reached, and the segments from the one before it."""

Whole = NDArray[np.signedinteger]
"""Whole numbers of any width; where all are the same, perhaps one of them with stride 0."""


class _Room:
    """Memory for what is kept, in few pieces: of a large one the system gives large pages, at a third of the cost.

    What is not written of a piece is not there for the system.
    """

    def __init__(self) -> None:
        self._piece = np.empty(0, dtype=np.uint8)
        self._used, self._next = 0, _FIRST_PIECE

    def copy(self, values: Ints, width: np.dtype[np.signedinteger]) -> Whole:
        """Return a copy of an array in a type that holds its values."""
        size = values.size * width.itemsize
        if self._used + size > len(self._piece):
            self._piece = _aligned(max(size, self._next))
            self._used, self._next = 0, min(16 * self._next, _LARGEST_PIECE)
        kept: Whole = self._piece[self._used : self._used + size].view(width)
        self._used += -(-size // _LINE) * _LINE
        kept[:] = values
        return kept


def _aligned(size: int) -> NDArray[np.uint8]:
    """Return memory that begins where a large page does."""
    memory = np.empty(size + _LARGE_PAGE, dtype=np.uint8)
    before = -memory.ctypes.data % _LARGE_PAGE
    return memory[before : before + size]


class Columns:
    """Rows in the order in which they were added, a column as in the kernel's rows, if in a narrower type.

    ``same`` has for the number of a column what stands in all its rows; such a column is not looked at.
    """

    def __init__(self, same: Mapping[int, int] | None = None) -> None:
        self._same = {number: np.array([value]) for number, value in (same or {}).items()}
        self._blocks: list[tuple[int, list[Whole]]] = []
        self._room = _Room()

    def __len__(self) -> int:
        """Return how many rows there are."""
        return sum(rows for rows, _ in self._blocks)

    @property
    def nbytes(self) -> int:
        """How much memory the rows take, in bytes."""
        return sum(values.nbytes for _, columns in self._blocks for values in columns)

    def add(self, columns: Ints) -> None:
        """Add a copy of rows, shape (columns, rows)."""
        if columns.shape[1]:
            kept: list[Whole] = []
            for known, span in groupby(range(len(columns)), self._same.__contains__):
                numbers = [*span]
                if known:
                    kept += [self._same[number] for number in numbers]
                else:
                    kept += self._narrow(columns[numbers[0] : numbers[-1] + 1])
            self._blocks.append((columns.shape[1], kept))

    def _narrow(self, columns: Ints) -> Iterator[Whole]:
        """Yield a copy of each column in the narrowest type that holds it; one value alone where all are the same."""
        for values, least, most in zip(
            columns, columns.min(axis=1).tolist(), columns.max(axis=1).tolist(), strict=True
        ):
            if least == most:
                yield values[:1].copy()
            else:
                yield self._room.copy(values, next(w for w, low, high in _WIDTHS if low <= least and most <= high))

    def column(self, number: int) -> Whole:
        """Return one column of all rows."""
        parts = [(rows, kept[number]) for rows, kept in self._blocks]
        if parts and all(is_alike(values) and values[0] == parts[0][1][0] for _, values in parts):
            return np.broadcast_to(parts[0][1][0], len(self))
        column = np.empty(len(self), dtype=np.result_type(np.int8, *(values for _, values in parts)))
        end = 0
        for rows, values in parts:
            column[end : end + rows] = values
            end += rows
        return column


class Visits(Columns):
    """Rows of visits."""

    def instants(self) -> dict[str, Ints]:
        """Return the six instants by name, NONE where one was not reached; of two that are the same, one array."""
        instant: Ints = self.column(at.R_ENTER).astype(np.int64)
        found, reached = {"enter": instant}, self.column(at.R_REACHED)
        for name, (bit, segments) in _UP_TO.items():
            for added in (self.column(at.R_SEGMENTS + segment) for segment in segments):
                instant = instant if is_alike(added) and not added[:1].any() else instant + added
            missed = reached & bit == 0
            found[name] = np.where(missed, at.NONE, instant) if missed.any() else instant
        return found

    def people(self) -> list[tuple[Whole, Whole]]:
        """Return for each person who can take part in a visit two columns: group and person, -1 where there is none."""
        width = max((len(kept) for _, kept in self._blocks), default=at.R_PEOPLE + 2)
        return [(self.column(number), self.column(number + 1)) for number in range(at.R_PEOPLE, width, 2)]


def is_alike(values: Whole) -> bool:
    """Whether an array is known to hold one value only."""
    return len(values) == 1 or (len(values) > 1 and values.strides == (0,))
