"""Event logs survive being written and read again, whatever is in them, in every kind of file."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from procflow.logs import EventLog, event_log, read_log, write_log

# no surrogates, no control characters (XML has none), and no blanks around (tables are read without them)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=6)
NAMES = st.sampled_from(["受理", "check", "a/b", 'say "no"', "x,y;z", "<&>", "~1"])
INSTANTS = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=dt.UTC))
ZONES = st.sampled_from(["UTC", "+08:00", "-03:30", "Asia/Shanghai", "Europe/Amsterdam", "America/New_York"])


@st.composite
def instances(draw: st.DrawFn) -> dict[str, object]:
    """Draw a row: what is there of enabling, start and end, in this order of time."""
    times = sorted(draw(st.lists(INSTANTS, min_size=3, max_size=3)))
    has_start, has_end = draw(st.sampled_from([(True, True), (False, True), (True, False)]))
    return {
        "case": draw(st.sampled_from(["1", "2", "案 3"])),
        "activity": draw(NAMES),
        "enabled": times[0] if draw(st.booleans()) else None,
        "start": times[1] if has_start else None,
        "end": times[2] if has_end else None,
        "resource": draw(st.none() | TEXTS),
        "role": draw(st.none() | NAMES),
        "department": draw(st.none() | NAMES),
        "event_note": draw(st.none() | NAMES),
        "event_cost": draw(st.none() | st.floats(-1e6, 1e6)),
        "event_seen": draw(st.none() | INSTANTS),
    }


@st.composite
def logs(draw: st.DrawFn) -> EventLog:
    """Draw a log of up to eight events of three cases, with attributes of cases."""
    rows = draw(st.lists(instances(), min_size=1, max_size=8))
    kinds = {"event_note": pl.String, "event_cost": pl.Float64, "event_seen": pl.Datetime("us", "UTC")}
    events = pl.DataFrame(rows, infer_schema_length=None, schema_overrides=kinds)
    names = events["case"].unique().sort()
    cases = pl.DataFrame({"case": names, "case_risk": [draw(NAMES) for _ in names]})
    return event_log(events, cases, zone=draw(ZONES))


def whole(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table without columns that hold nothing: no file remembers them."""
    kept = [name for name in frame.columns if frame[name].null_count() < frame.height]
    return frame.select(sorted(kept))


@pytest.mark.parametrize("ending", [".xes", ".csv", ".parquet"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=logs())
def test_a_log_survives_being_written_and_read(tmp_path, ending: str, log: EventLog):
    path = tmp_path / f"log{ending}"
    write_log(log, path)
    again = read_log(path, zone=log.zone if ending == ".csv" else None)
    assert_frame_equal(whole(again.events), whole(log.events))
    assert_frame_equal(whole(again.cases), whole(log.cases))
    assert again.zone == log.zone
