"""Keeps rows of visits by column, in no more memory than their values need; gives them back as they were.

A row of the kernel has some 24 words, of which most can be told from the others or are the same in thousands of rows.
Memory that is written for the first time costs more than the kernel takes to fill it. Knows the order of the columns,
not what they mean to a user.
"""

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

_Packed = NDArray[np.signedinteger]


class Columns:
    """Rows in the order in which they were added; ``column(k)`` is what ``rows[:, k]`` was."""

    def __init__(self) -> None:
        self._blocks: list[tuple[int, dict[int, _Packed]]] = []

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

    def column(self, number: int) -> Ints:
        """Return one column of all rows."""
        column = np.empty(len(self), dtype=np.int64)
        end = 0
        for count, kept in self._blocks:
            column[end : end + count] = _value(kept, number)
            end += count
        return column

    def people(self) -> Ints:
        """Return the columns of the people, a row for each row."""
        width = max((max(kept) for _, kept in self._blocks), default=at.R_PEOPLE) + 1
        return np.stack([self.column(number) for number in range(at.R_PEOPLE, width)], axis=1)


def _after(instant: Ints, segments: tuple[int, ...], columns: Ints) -> Ints:
    for segment in segments:
        instant = instant + columns[at.R_SEGMENTS + segment]
    return instant


def _narrow(values: Ints) -> _Packed:
    """Return values in the narrowest type that holds them; one alone where they are all the same."""
    least, most = int(values.min()), int(values.max())
    if least == most:
        return values[:1].copy()
    for width in _WIDTHS:
        if np.iinfo(width).min <= least and most <= np.iinfo(width).max:
            return values.astype(width)
    return values.copy()


def _value(kept: dict[int, _Packed], number: int) -> Ints:
    value: Ints = kept[number].astype(np.int64)
    if number >= at.R_PEOPLE:
        return (value & 0xFFFFFFFF) + (kept[-number].astype(np.int64) << 32)
    if number in _SEGMENTS_BEFORE:
        before, segments = _SEGMENTS_BEFORE[number]
        value = value + _value(kept, before)
        for segment in segments:
            value = value + kept[at.R_SEGMENTS + segment]
    return value
