"""The comparison itself: a difference is found, and shown."""

from tests.oracle.compare import first_difference

KEY = ("case",)
ROWS = [{"case": 0, "end_us": 5, "cycle_wd": 0.1 + 0.2}, {"case": 1, "end_us": None, "cycle_wd": None}]


def test_equal_tables_have_no_difference_whatever_their_order():
    assert first_difference(ROWS[::-1], ROWS, KEY) is None
    assert first_difference([ROWS[0] | {"cycle_wd": 0.3}], ROWS[:1], KEY) is None


def test_a_value_off_by_one_tick_is_shown():
    difference = first_difference([ROWS[0] | {"end_us": 6}, ROWS[1]], ROWS, KEY)
    assert difference is not None
    assert difference.startswith("row 0: end_us: kernel 6, oracle 5")


def test_nothing_is_not_zero():
    assert first_difference(ROWS, [ROWS[0], ROWS[1] | {"end_us": 0}], KEY) is not None


def test_a_missing_row_and_a_missing_column_are_differences():
    assert first_difference(ROWS[:1], ROWS, KEY) is not None
    assert first_difference([ROWS[0] | {"more": 1}, ROWS[1]], ROWS, KEY) is not None
