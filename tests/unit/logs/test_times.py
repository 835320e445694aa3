"""Times that are all equally long are read at once, and mean the same as those read one by one."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procflow.errors import LogError
from procflow.logs.reading import Reading
from procflow.logs.times import iso_with_offsets, read_times

DIGITS = ["seconds", "milliseconds", "microseconds"]
INSTANTS = st.lists(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2060, 1, 1)), min_size=1, max_size=5)


def _read(texts: list[str]) -> list[dt.datetime | None]:
    column = pl.Series("at", texts, dtype=pl.String)
    reading = Reading("log.csv")
    found = read_times(column, pl.int_range(2, len(texts) + 2, eager=True), reading).utc("UTC")
    reading.settle()
    return found.dt.replace_time_zone(None).to_list()


@given(
    INSTANTS, st.sampled_from(["seconds", "milliseconds", "microseconds"]), st.sampled_from(["T", " "]), st.booleans()
)
def test_times_mean_the_same_however_many_digits_they_have(instants, digits: str, between: str, offsets: bool):
    texts = [at.isoformat(between, digits) + ("+08:00" if offsets else "") for at in instants]
    expected = [dt.datetime.fromisoformat(text[: len(text) - 6 * offsets]) for text in texts]
    assert _read(texts) == [at - dt.timedelta(hours=8 * offsets) for at in expected]


def test_times_with_more_and_fewer_digits_may_stand_together():
    texts = ["2025-03-03 09:00:00", "2025-03-03 09:00:00.5", "2025-03-03 09:00:00.123456"]
    assert _read(texts) == [dt.datetime(2025, 3, 3, 9, 0, 0, us) for us in (0, 500_000, 123_456)]


@pytest.mark.parametrize("wrong", ["2025-02-30 09:00:00", "2025-03-03 25:00:00", "2025-03-03 09:00:0x"])
def test_a_wrong_time_among_times_of_one_length_is_told_with_its_line(wrong: str):
    with pytest.raises(LogError, match=f"log.csv:3.*{wrong}"):
        _read(["2025-03-03 09:00:00", wrong, "2025-03-03 10:00:00", "2025-03-03 11:00:00"])


def test_offsets_are_iso_only_where_each_time_has_one():
    assert iso_with_offsets(pl.Series(["2025-03-03T09:00:00+01:00", "2025-03-03T09:00:00Z"])) is None
    assert iso_with_offsets(pl.Series(["2025-03-03T09:00+01:00"])) is None
    found = iso_with_offsets(pl.Series(["2025-03-03T09:00:00+01:00", None, "2025-07-03T09:00:00.250-02:30"]))
    assert found is not None
    assert found.minutes is not None
    assert found.minutes.to_list() == [60, None, -150]
