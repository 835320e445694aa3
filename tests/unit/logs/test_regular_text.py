"""Tables that polars reads at a stroke are those that a row-by-row reader reads alike; all others are left to it."""

import csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procflow.logs.regular_text import regular_rows


def _row_by_row(raw: bytes) -> list[tuple[int, list[str]]]:
    """Return the rows that Python's reader finds, with the line at which each begins."""
    reader = csv.reader(io.StringIO(raw.decode(), newline=""), strict=True)
    found, begin = [], 1
    for row in reader:
        if row:
            found.append((begin, row))
        begin = reader.line_num + 1
    return found


FIELDS = st.text(st.sampled_from(["a", "受", ",", "\n", '"', " ", "1"]), max_size=4)


@given(
    st.lists(st.tuples(FIELDS, FIELDS, FIELDS), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n"]), st.booleans()
)
def test_every_table_that_a_writer_of_csv_writes_is_regular(rows, ending: str, all_quoted: bool):
    text = io.StringIO()
    csv.writer(text, lineterminator=ending, quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL).writerows(rows)
    raw = text.getvalue().encode()
    found = regular_rows(raw, ",")
    assert found is not None
    assert [row for _, row in _row_by_row(raw)] == [list(row) for row in found[0].fill_null("").iter_rows()]
    assert found[1].tolist() == [line for line, _ in _row_by_row(raw)]


@given(st.lists(st.sampled_from(["a", "受", ",", ",", "\n", "\n", "\r\n", '"', '""', " ", "1"]), max_size=40))
def test_a_table_is_read_as_row_by_row_or_not_at_all(signs: list[str]):
    raw = "".join(signs).encode()
    found = regular_rows(raw, ",") if raw.strip() else None
    if found is None:
        return
    table, lines = found
    expected = _row_by_row(raw)
    assert [list(row) for row in table.fill_null("").iter_rows()] == [row for _, row in expected]
    assert lines.tolist() == [line for line, _ in expected]


def test_quoted_fields_hold_separators_quotation_marks_and_new_lines():
    found = regular_rows(b'case,note\r\n1,"a, ""b""\nc"\r\n2,d\r\n', ",")
    assert found is not None
    table, lines = found
    assert table.rows() == [("case", "note"), ("1", 'a, "b"\nc'), ("2", "d")]
    assert lines.tolist() == [1, 2, 4]


@pytest.mark.parametrize(
    "raw",
    [b"a,b\n1\n", b"a,b\n1,2,3\n", b"a,b\n\n1,2\n", b'a,b\n"1,2\n', b'a,b\n1"x",2\n', b"a,b\r1,2\r", b"a\n1\n"],
    ids=["short", "long", "empty line", "open quote", "quote inside", "lone returns", "one column"],
)
def test_what_is_irregular_is_left_to_the_reader_that_tells_lines(raw: bytes):
    assert regular_rows(raw, ",") is None


def test_a_separator_of_several_bytes_is_left_to_the_other_reader():
    assert regular_rows("a，b\n1，2\n".encode(), "，") is None


def test_numbers_stay_the_texts_that_they_are():
    found = regular_rows(b"case;end\n007;1e5\n", ";")
    assert found is not None
    assert found[0].dtypes == [pl.String, pl.String]
    assert found[0].row(1) == ("007", "1e5")
