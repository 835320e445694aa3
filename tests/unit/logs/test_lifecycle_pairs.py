"""Starts and completions paired at once are those that following the log row by row pairs."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from procflow.logs.lifecycle_pairs import BEGIN, FINISH, SCHEDULE, paired

PARTS = (SCHEDULE, BEGIN, FINISH)


def followed(parts: list[tuple[str, int]]) -> set[tuple[int | None, int | None, int | None]]:
    """Pair by hand: a completion takes the earliest open start of its group, a start the earliest open scheduling."""
    waiting: list[tuple[int, int]] = []
    working: list[tuple[int, int | None, int]] = []
    found: set[tuple[int | None, int | None, int | None]] = set()
    for row, (part, group) in enumerate(parts):
        scheduled = next((each for each in waiting if each[0] == group), None)
        open_ = next((each for each in working if each[0] == group), None)
        if part == SCHEDULE:
            waiting.append((group, row))
        elif part == BEGIN:
            working.append((group, scheduled and scheduled[1], row))
            waiting = [each for each in waiting if each != scheduled]
        elif open_ is not None:
            found.add((open_[1], open_[2], row))
            working.remove(open_)
        else:
            found.add((scheduled and scheduled[1], None, row))
            waiting = [each for each in waiting if each != scheduled]
    found |= {(scheduled, begin, None) for _, scheduled, begin in working}
    return found | {(row, None, None) for _, row in waiting}


@given(st.lists(st.tuples(st.sampled_from(PARTS), st.integers(0, 2)), min_size=1, max_size=25))
def test_pairs_are_those_that_following_row_by_row_finds(parts: list[tuple[str, int]]):
    rows = pl.DataFrame(parts, schema={"part": pl.String, "group": pl.Int64}, orient="row")
    table = paired(rows)
    assert table.height == len(set(table.rows()))
    assert set(table.rows()) == followed(parts)


def test_the_first_open_start_belongs_to_the_first_completion():
    rows = pl.DataFrame({"part": [BEGIN, BEGIN, FINISH, FINISH], "group": [1, 1, 1, 1]})
    assert set(paired(rows).rows()) == {(None, 0, 2), (None, 1, 3)}


def test_a_completion_without_a_start_does_not_take_a_later_one():
    rows = pl.DataFrame({"part": [FINISH, BEGIN, FINISH], "group": [1, 1, 1]})
    assert set(paired(rows).rows()) == {(None, None, 0), (None, 1, 2)}
