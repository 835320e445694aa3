"""Columns give back the rows that were added, whatever they hold, and take little room for what is alike."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from procflow.kernel import layout as at
from procflow.kernel.arrays import Ints
from procflow.simulation.columns import Columns

WORDS = st.integers(-(2**63), 2**63 - 1) | st.integers(-1, 300)


def rows_of(chunk: list[list[int]]) -> Ints:
    return np.array(chunk, dtype=np.int64).reshape(len(chunk), -1)


@given(
    st.integers(1, 3).flatmap(
        lambda people: st.lists(
            st.lists(
                st.lists(WORDS, min_size=at.R_PEOPLE + people, max_size=at.R_PEOPLE + people), min_size=1, max_size=4
            ),
            min_size=1,
            max_size=3,
        )
    )
)
def test_every_row_comes_back_as_it_was(chunks: list[list[list[int]]]) -> None:
    columns = Columns()
    for chunk in chunks:
        columns.add(rows_of(chunk))
    rows = np.concatenate([rows_of(chunk) for chunk in chunks])
    assert len(columns) == len(rows)
    instants = columns.instants()
    for number in range(at.R_PEOPLE):
        assert instants.get(number, columns.column(number)).tolist() == rows[:, number].tolist()
    whole = [
        (group.astype(np.int64) << 32) + (person.astype(np.int64) & 0xFFFFFFFF) for group, person in columns.people()
    ]
    assert np.stack(whole, axis=1).tolist() == rows[:, at.R_PEOPLE :].tolist()


def test_columns_keep_a_copy_of_the_rows() -> None:
    rows = np.arange(2 * (at.R_PEOPLE + 1), dtype=np.int64).reshape(2, -1)
    columns = Columns()
    columns.add(rows)
    rows[:] = 0
    assert columns.column(at.R_VISIT).tolist() == [at.R_VISIT, at.R_PEOPLE + 1 + at.R_VISIT]


def test_no_rows_are_no_rows() -> None:
    columns = Columns()
    columns.add(np.zeros((0, at.R_PEOPLE + 1), dtype=np.int64))
    assert len(columns) == 0
    assert columns.column(at.R_CASE).tolist() == []
    assert [(group.tolist(), person.tolist()) for group, person in columns.people()] == [([], [])]
    assert all(instant.tolist() == [] for instant in columns.instants().values())


def test_instants_that_the_segments_tell_take_no_room() -> None:
    rows = np.zeros((1000, at.R_PEOPLE + 1), dtype=np.int64)
    rows[:, at.R_ENTER] = np.arange(1000) * 10**9
    rows[:, at.R_SEGMENTS + at.WORKED] = np.arange(1000) * 10**8
    rows[:, [at.R_READY, at.R_START]] = rows[:, [at.R_ENTER]]
    done = rows[:, at.R_ENTER] + rows[:, at.R_SEGMENTS + at.WORKED]
    rows[:, at.R_DONE] = rows[:, at.R_EXIT] = rows[:, at.R_ARRIVE] = done
    columns = Columns()
    columns.add(rows)
    assert columns.nbytes < 1.1 * 2 * 8 * 1000
    instants = columns.instants()
    assert instants[at.R_START] is instants[at.R_ENTER]
    assert instants[at.R_ARRIVE] is instants[at.R_DONE]
    assert instants[at.R_DONE].tolist() == done.tolist()
