"""The statutory clock of a log with special procedures: golden cases, and against the clock by dates case by case."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from procflow.analysis.clocks import due, used
from procflow.analysis.log_limits import log_limits
from procflow.definition.holidays import UnpublishedHolidaysError
from procflow.logs import EventLog, event_log

CHINA = ZoneInfo("Asia/Shanghai")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"2025-{text}").replace(tzinfo=CHINA)


def utc(text: str) -> dt.datetime:
    return at(text).astimezone(dt.UTC)


def library(*cases: tuple[str, str | None, list[tuple[str, str, str | None]]]) -> EventLog:
    """A case library of cases ``(accepted, ended, specials)``; a special is ``(kind, from, to)``."""
    events, facts = [], []
    for number, (accepted, ended, specials) in enumerate(cases):
        name = str(number)
        events.append((name, "review", utc(accepted), utc(accepted), None))
        events += [(name, "special", utc(a), utc(b) if b else None, kind) for kind, a, b in specials]
        facts.append((name, utc(accepted) - dt.timedelta(days=2), utc(accepted), utc(ended) if ended else None))
    table = pl.DataFrame(events, schema=["case", "activity", "start", "end", "event_special"], orient="row")
    columns = ["case", "case_applied", "case_accepted", "case_enddate"]
    return event_log(table, pl.DataFrame(facts, schema=columns, orient="row"), zone="Asia/Shanghai")


REVIEW = [("suspend", "09-26 09:00", "10-15 17:00")]


@pytest.mark.parametrize(("ended", "kept"), [("11-06 16:00", True), ("11-07 09:00", False)])
def test_an_expert_review_among_the_special_procedures_stops_the_clock(ended: str, kept: bool) -> None:
    row = log_limits(library(("09-22 10:00", ended, REVIEW)), "20 wd", "CN").to_dicts()[0]
    assert (row["net"], row["suspended"], row["kept"]) == (20 + (not kept), 9, kept)
    assert row["lived_days"] == pytest.approx((at(ended) - at("09-20 10:00")).total_seconds() / 86_400)


def test_overlapping_suspensions_count_once_and_an_open_one_until_the_log_ends() -> None:
    both = [("suspend", "06-05 09:00", "06-12 09:00"), ("suspend", "06-10 09:00", "06-17 09:00")]
    late = ("07-01 09:00", None, [("suspend", "07-03 09:00", None)])
    log = library(("06-03 09:00", "06-27 17:00", both), late, ("07-01 09:00", "07-10 09:00", []))
    found = log_limits(log, "10 wd", "CN")
    assert found.select("net", "suspended", "kept", "censored").rows()[:2] == [(10, 8, True, False), (2, 5, None, True)]


@pytest.mark.parametrize(("granted", "taken", "kept"), [("03-31 16:00", 1, True), ("04-01 09:00", 0, False)])
def test_an_extension_counts_where_it_came_in_time(granted: str, taken: int, kept: bool) -> None:
    log = library(("03-03 09:00", "04-15 09:00", [("extend", granted, granted)]))
    row = log_limits(log, "20 wd", "CN", extension="10 wd").to_dicts()[0]
    assert (row["extensions"], row["kept"]) == (taken, kept)
    assert log_limits(log, "20 wd", "CN")["kept"].to_list() == [False]


def test_days_begin_in_the_zone_of_the_log() -> None:
    # 23:30 in China is 15:30 UTC of the same day, 00:30 the day before: accepted Friday 03-07, ended Saturday 03-15
    log = library(("03-07 23:30", "03-15 00:30", []))
    assert log_limits(log, "5 wd", "CN")["net"].to_list() == [5]
    assert log_limits(log, "5 wd", "CN")["kept"].to_list() == [False]
    elsewhere = EventLog(log.events, log.cases, "UTC")  # there it ended on Friday 03-14
    assert log_limits(elsewhere, "5 wd", "CN")["kept"].to_list() == [True]


def test_shifting_the_time_zone_changes_nothing() -> None:
    log = library(("09-22 10:00", "11-06 16:00", REVIEW), ("09-30 23:30", "10-15 00:30", []), ("09-22 08:00", None, []))
    earlier = pl.col(pl.Datetime("us", "UTC")) - pl.duration(hours=1)  # the same wall clocks in Tokyo
    tokyo = EventLog(log.events.with_columns(earlier), log.cases.with_columns(earlier), "Asia/Tokyo")
    assert log_limits(tokyo, "20 wd", "CN").equals(log_limits(log, "20 wd", "CN"))


def test_a_year_that_is_not_covered_stops_the_count() -> None:
    log = event_log(pl.DataFrame({"case": "1", "activity": "a", "end": [dt.datetime(1995, 5, 1)]}))
    with pytest.raises(UnpublishedHolidaysError):
        log_limits(log, "5 wd", "CN")


@pytest.mark.parametrize("limit", ["10 wd", "20 d", "3 week", "1 month"])
def test_the_count_is_that_by_dates_whatever_the_order_of_the_cases(limit: str) -> None:
    rng = np.random.default_rng(11)
    cases = []
    for _ in range(120):
        begin = at("01-06 10:00") + dt.timedelta(days=int(rng.integers(0, 250)), hours=int(rng.integers(0, 8)))
        lows = begin + np.array([dt.timedelta(days=int(d)) for d in rng.integers(0, 20, 2)])
        stops = [(low, low + dt.timedelta(days=int(rng.integers(0, 9)))) for low in lows]
        cases.append((begin, begin + dt.timedelta(days=int(rng.integers(0, 45))), stops))
    log = library(*((f"{a:%m-%d %H:%M}", f"{b:%m-%d %H:%M}", [("suspend", f"{x:%m-%d %H:%M}", f"{y:%m-%d %H:%M}")
                    for x, y in stops]) for a, b, stops in cases if b.year == 2025))  # fmt: skip
    found = log_limits(log, limit, "CN").sort(pl.col("case").cast(pl.Int64))
    assert found.height > 100
    for row, (begin, end, stops) in zip(found.to_dicts(), (c for c in cases if c[1].year == 2025), strict=True):
        days = [(low.date(), high.date()) for low, high in stops]
        assert row["kept"] == (end.date() <= due(begin.date(), limit, "CN", suspensions=days))
        if row["unit"] != "month":
            assert row["net"] == pytest.approx(used(begin.date(), end.date(), row["unit"], "CN", suspensions=days))
            whole = used(begin.date(), end.date(), row["unit"], "CN")
            assert row["net"] + row["suspended"] == pytest.approx(whole)
    turned = EventLog(log.events.reverse(), log.cases.reverse(), log.zone)
    assert log_limits(turned, limit, "CN").sort("case").equals(log_limits(log, limit, "CN").sort("case"))
