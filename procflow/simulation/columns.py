"""Keeps rows of visits by column, in no more memory than their values need; gives them back as they were.

A row of the kernel has some 24 words, of which most can be told from the others or are the same in thousands of rows.
Memory that is written for the first time costs more than the kernel takes to fill it. Knows the order of the columns,
not what they mean to a user.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from procflow.kernel import layout as at
from procflow.kernel.arrays import Ints

_WIDTHS = (np.int8, np.int16, np.int32)
_SEGMENTS_BEFORE = {
    at.R_READY: (at.R_ENTER, (at.BATCH, at.BATCH_FULL)),
    at.R_START: (at.R_READY, (at.OFF_DUTY, at.CONTENTION)),
    at.R_DONE: (at.R_START, (at.WORKED, at.PAUSED, at.CALLED)),
    at.R_EXIT: (at.R_DONE, (at.DELAYED_FOR,)),
    at.R_ARRIVE: (at.R_EXIT, (at.TRANSFERRED,)),
}
"""For an instant the one before it and the segments between: kept is what is left over, which is nearly always 0."""

Whole = NDArray[np.signedinteger]
"""Whole numbers of any width; where all are the same, perhaps one of them with stride 0."""


class Columns:
    """Rows in the order in which they were added; ``column(k)`` is what ``rows[:, k]`` was, if in a narrower type."""

    def __init__(self) -> None:
        self._blocks: list[tuple[int, dict[int, Whole]]] = []

    def __len__(self) -> int:
        """Return how many rows there are."""
        return sum(count for count, _ in self._blocks)

    @property
    def nbytes(self) -> int:
        """How much memory the rows take, in bytes."""
        return sum(values.nbytes for _, columns in self._blocks for values in columns.values())

    def add(self, rows: Ints) -> None:
        """Add a copy of rows."""
        if len(rows):
            columns = np.ascontiguousarray(rows.T)
            kept = {number: columns[number] for number in range(len(columns))}
            for instant, (before, segments) in _SEGMENTS_BEFORE.items():
                kept[instant] = columns[instant] - _after(columns[before], segments, columns)
            for number in range(at.R_PEOPLE, len(columns)):
                kept[number], kept[-number] = columns[number] << 32 >> 32, columns[number] >> 32
            self._blocks.append((len(rows), {number: _narrow(values) for number, values in kept.items()}))

    def column(self, number: int) -> Whole:
        """Return one column of all rows, of any but an instant after enter or a person."""
        return self._joined(number)

    def instants(self) -> dict[int, Ints]:
        """Return the columns of the instants by their numbers; of instants that are the same everywhere, one array."""
        found: dict[int, Ints] = {at.R_ENTER: self._joined(at.R_ENTER).astype(np.int64)}
        for instant, (before, segments) in _SEGMENTS_BEFORE.items():
            value = found[before]
            for part in (instant, *(at.R_SEGMENTS + segment for segment in segments)):
                added = self._joined(part)
                value = value if is_alike(added) and not added[:1].any() else value + added
            found[instant] = value
        return found

    def people(self) -> list[tuple[Whole, Whole]]:
        """Return for each person who can take part in a visit two columns: group and person, -1 where there is none."""
        width = max((max(kept) for _, kept in self._blocks), default=at.R_PEOPLE) + 1
        return [(self._joined(-number), self._joined(number)) for number in range(at.R_PEOPLE, width)]

    def _joined(self, number: int) -> Whole:
        """Return what is kept of a column."""
        parts = [(count, kept[number]) for count, kept in self._blocks]
        if parts and all(is_alike(values) and values[0] == parts[0][1][0] for _, values in parts):
            return np.broadcast_to(parts[0][1][0], len(self))
        column = np.empty(len(self), dtype=np.result_type(np.int8, *(values for _, values in parts)))
        end = 0
        for count, values in parts:
            column[end : end + count] = values
            end += count
        return column


def is_alike(values: Whole) -> bool:
    """Whether an array is known to hold one value only."""
    return len(values) == 1 or (len(values) > 1 and values.strides == (0,))


def _after(instant: Ints, segments: Sequence[int], columns: Ints) -> Ints:
    for segment in segments:
        instant = instant + columns[at.R_SEGMENTS + segment]
    return instant


def _narrow(values: Ints) -> Whole:
    """Return values in the narrowest type that holds them; one alone where they are all the same."""
    least, most = int(values.min()), int(values.max())
    if least == most:
        return values[:1].copy()
    for width in _WIDTHS:
        if np.iinfo(width).min <= least and most <= np.iinfo(width).max:
            return values.astype(width)
    return values.copy()
