"""Columns give back the rows that were added, whatever they hold, and take little room for what is alike."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from procflow.kernel import layout as at
from procflow.kernel.arrays import Ints
from procflow.simulation.columns import Columns, Visits

WORDS = st.integers(-(2**63), 2**63 - 1) | st.integers(-1, 300)


def rows_of(chunk: list[list[int]]) -> Ints:
    """Return rows as the kernel hands them on, shape (columns, rows)."""
    return np.array(chunk, dtype=np.int64).reshape(len(chunk), -1).T


@given(
    st.integers(1, 3).flatmap(
        lambda people: st.lists(
            st.lists(
                st.lists(WORDS, min_size=at.R_PEOPLE + 2 * people, max_size=at.R_PEOPLE + 2 * people),
                min_size=1,
                max_size=4,
            ),
            min_size=1,
            max_size=3,
        )
    )
)
def test_every_row_comes_back_as_it_was(chunks: list[list[list[int]]]) -> None:
    columns = Visits()
    for chunk in chunks:
        columns.add(rows_of(chunk))
    rows = np.concatenate([rows_of(chunk) for chunk in chunks], axis=1)
    assert len(columns) == rows.shape[1]
    for number in range(at.R_PEOPLE):
        assert columns.column(number).tolist() == rows[number].tolist()
    people = [column for pair in columns.people() for column in pair]
    assert [column.tolist() for column in people] == rows[at.R_PEOPLE :].tolist()


def test_columns_keep_a_copy_of_the_rows() -> None:
    rows = np.arange(2 * (at.R_PEOPLE + 2), dtype=np.int64).reshape(2, -1).T.copy()
    columns = Visits()
    columns.add(rows)
    rows[:] = 0
    assert columns.column(at.R_VISIT).tolist() == [at.R_VISIT, at.R_PEOPLE + 2 + at.R_VISIT]


def test_no_rows_are_no_rows() -> None:
    columns = Visits()
    columns.add(np.zeros((at.R_PEOPLE + 2, 0), dtype=np.int64))
    assert len(columns) == 0
    assert columns.column(at.R_CASE).tolist() == []
    assert [(group.tolist(), person.tolist()) for group, person in columns.people()] == [([], [])]
    assert all(instant.tolist() == [] for instant in columns.instants().values())


def test_instants_follow_from_the_segments_and_take_no_room() -> None:
    rows = np.zeros((at.R_PEOPLE + 2, 1000), dtype=np.int64)
    rows[at.R_ENTER] = np.arange(1000) * 10**9
    rows[at.R_SEGMENTS + at.WORKED] = np.arange(1000) * 10**8
    rows[at.R_REACHED] = at.REACHED_READY | at.REACHED_START | at.REACHED_DONE | at.REACHED_EXIT | at.REACHED_ARRIVE
    done = rows[at.R_ENTER] + rows[at.R_SEGMENTS + at.WORKED]
    columns = Visits()
    columns.add(rows)
    assert columns.nbytes < 1.1 * 2 * 8 * 1000
    instants = columns.instants()
    assert instants["start"] is instants["enter"]
    assert instants["arrive"] is instants["done"]
    assert instants["done"].tolist() == done.tolist()


def test_an_instant_that_was_not_reached_is_none_though_later_ones_were() -> None:
    rows = np.zeros((at.R_PEOPLE + 2, 2), dtype=np.int64)
    for segment in range(at.SEGMENTS):
        rows[at.R_SEGMENTS + segment] = 10**segment
    every = at.REACHED_READY | at.REACHED_START | at.REACHED_DONE | at.REACHED_EXIT | at.REACHED_ARRIVE
    rows[at.R_REACHED] = every, every ^ at.REACHED_DONE  # the second one timed out
    columns = Visits()
    columns.add(rows)
    instants = {name: values.tolist() for name, values in columns.instants().items()}
    up_to_done = sum(
        10**k for k in (at.BATCH, at.BATCH_FULL, at.OFF_DUTY, at.CONTENTION, at.WORKED, at.PAUSED, at.CALLED)
    )
    assert instants["done"] == [up_to_done, at.NONE]
    assert instants["exit"] == [up_to_done + 10**at.DELAYED_FOR] * 2


def test_rows_of_cases_come_back_too() -> None:
    rows = np.array([[1, 2, 3], [7, 7, 7], [-1, 10**12, 5]], dtype=np.int64)
    columns = Columns()
    columns.add(rows[:, :2])
    columns.add(rows[:, 2:])
    assert [columns.column(number).tolist() for number in range(3)] == rows.tolist()


def test_a_column_that_is_known_beforehand_is_not_looked_at() -> None:
    rows = np.array([[1, 2], [3, 4], [5, 6], [7, 8]], dtype=np.int64)
    columns = Columns({1: -1, 3: 0})
    columns.add(rows)
    columns.add(rows + 8)
    assert [columns.column(number).tolist() for number in range(4)] == [
        [1, 2, 9, 10], [-1, -1, -1, -1], [5, 6, 13, 14], [0, 0, 0, 0]
    ]  # fmt: skip


def test_a_large_chunk_goes_where_earlier_ones_stay() -> None:
    columns, rows = Columns(), np.arange(300_000, dtype=np.int64).reshape(1, -1)
    for first in (0, 10, 300, 20_000, 40_000, 250_000):
        columns.add(rows[:, first:])
    expected = np.concatenate([rows[0, first:] for first in (0, 10, 300, 20_000, 40_000, 250_000)])
    assert columns.column(0).tolist() == expected.tolist()
