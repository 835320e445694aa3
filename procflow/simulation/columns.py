"""Keeps rows of visits and of cases by column, in no more memory than their values need; gives them back as they were.

A row of the kernel has some 20 words, most of which are the same in thousands of rows. Memory that is written for the
first time costs more than the kernel takes to fill it. Knows the columns' order and how instants follow from segments,
not what they mean to a user.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from procflow.kernel import layout as at
from procflow.kernel.arrays import Ints

_WIDTHS = [(np.dtype(f"i{size}"), -(1 << 8 * size - 1), (1 << 8 * size - 1) - 1) for size in (1, 2, 4)]
"""Narrower types than a word's, each with the least and the greatest value that it holds."""

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


class Columns:
    """Rows in the order in which they were added, a column as in the kernel's rows, if in a narrower type."""

    def __init__(self) -> None:
        self._blocks: list[tuple[int, dict[int, Whole]]] = []

    def __len__(self) -> int:
        """Return how many rows there are."""
        return sum(count for count, _ in self._blocks)

    @property
    def nbytes(self) -> int:
        """How much memory the rows take, in bytes."""
        return sum(values.nbytes for _, columns in self._blocks for values in columns.values())

    def add(self, columns: Ints) -> None:
        """Add a copy of rows, shape (columns, rows)."""
        if columns.shape[1]:
            self._blocks.append((columns.shape[1], self._kept(columns)))

    def _kept(self, columns: Ints) -> dict[int, Whole]:
        return dict(enumerate(_narrow(columns)))

    def column(self, number: int) -> Whole:
        """Return one column of all rows."""
        parts = [(count, kept[number]) for count, kept in self._blocks]
        if parts and all(is_alike(values) and values[0] == parts[0][1][0] for _, values in parts):
            return np.broadcast_to(parts[0][1][0], len(self))
        column = np.empty(len(self), dtype=np.result_type(np.int8, *(values for _, values in parts)))
        end = 0
        for count, values in parts:
            column[end : end + count] = values
            end += count
        return column


class Visits(Columns):
    """Rows of visits; ``column`` gives any but a person."""

    def _kept(self, columns: Ints) -> dict[int, Whole]:
        people = columns[at.R_PEOPLE :]
        kept = super()._kept(columns[: at.R_PEOPLE])
        for number, (person, group) in enumerate(
            zip(_narrow(people << 32 >> 32), _narrow(people >> 32), strict=True), at.R_PEOPLE
        ):
            kept[number], kept[-number] = person, group
        return kept

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
        width = max((max(kept) for _, kept in self._blocks), default=at.R_PEOPLE) + 1
        return [(self.column(-number), self.column(number)) for number in range(at.R_PEOPLE, width)]


def is_alike(values: Whole) -> bool:
    """Whether an array is known to hold one value only."""
    return len(values) == 1 or (len(values) > 1 and values.strides == (0,))


def _narrow(columns: Ints) -> Iterator[Whole]:
    """Yield a copy of each column in the narrowest type that holds it; one value alone where all are the same."""
    for values, least, most in zip(columns, columns.min(axis=1).tolist(), columns.max(axis=1).tolist(), strict=True):
        if least == most:
            yield values[:1].copy()
        else:
            yield values.astype(
                next((width for width, low, high in _WIDTHS if low <= least and most <= high), np.int64)
            )
