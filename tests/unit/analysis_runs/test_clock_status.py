"""How one clock stands day by day: its light, its reminder and its three times, on the 2025 calendar."""

import datetime as dt
from typing import Any

import pytest

from procflow.analysis.clock_status import clock_status
from procflow.errors import AnalysisError


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2025-{text}")


def stands(as_of: str, limit: str = "10 wd", **more: Any) -> Any:
    return clock_status(day("03-03"), limit, "CN", as_of=day(as_of), **more)


@pytest.mark.parametrize(
    ("as_of", "used", "light"),
    [
        ("03-03", 0, "green"),
        ("03-12", 7, "green"),
        ("03-13", 8, "yellow"),  # 80 % of ten working days
        ("03-14", 9, "yellow"),  # the last working day before Monday 03-17
        ("03-17", 10, "yellow"),  # the last day itself is in time
        ("03-18", 11, "red"),
    ],
)
def test_the_light_turns_with_what_is_used(as_of: str, used: float, light: str) -> None:
    status = stands(as_of)
    assert (status.used, status.light, status.overdue) == (used, light, light == "red")
    assert (status.due, status.reminder) == (day("03-17"), day("03-14"))


def test_a_short_limit_is_yellow_on_the_last_working_day_before_it_ends() -> None:
    assert [stands(d, "2 wd", warning_share=1.0).light for d in ("03-03", "03-04", "03-05")] == [
        "green", "yellow", "yellow"
    ]  # fmt: skip


def test_a_reminder_comes_before_a_holiday() -> None:
    # seven days to Wednesday 10-01 roll to Thursday 10-09; the last working day before is Tuesday 09-30
    status = clock_status(day("09-24"), "7 d", "CN", as_of=day("09-25"))
    assert (status.due, status.reminder) == (day("10-09"), day("09-30"))


def test_a_suspended_clock_is_grey_and_its_three_times_stand_side_by_side() -> None:
    stop = [(day("03-05"), day("03-12"))]
    status = stands("03-10", suspensions=stop)
    assert status.light == "grey"
    # Tuesday and Wednesday count; Thursday, Friday and Monday do not: what is due later is not known yet
    assert (status.lived_days, status.used, status.suspended, status.unit) == (7, 2, 3, "wd")
    assert status.due == day("03-20")
    assert stands("03-13", suspensions=stop).light == "green"
    assert stands("03-13", suspensions=stop).due == day("03-24")


def test_a_day_before_the_clock_starts_is_refused() -> None:
    with pytest.raises(AnalysisError, match="starts on 2025-03-03, after 2025-03-01"):
        stands("03-01")


def test_what_happens_after_the_day_is_not_looked_at() -> None:
    assert stands("03-18", suspensions=[(day("03-19"), day("03-28"))]).light == "red"


def test_overdue_stays_red_while_suspended() -> None:
    assert stands("03-20", suspensions=[(day("03-18"), day("03-25"))]).light == "red"


def test_months_are_counted_in_days() -> None:
    status = stands("04-01", "1 month")
    assert (status.used, status.unit, status.due, status.light) == (29, "d", day("04-03"), "yellow")
    assert stands("03-10", "1 month").light == "green"


def test_an_hour_clock_has_no_reminder_and_warns_by_its_share() -> None:
    begun = dt.datetime(2025, 9, 30, 16)
    lights = [clock_status(begun, "24 h", "CN", as_of=begun + dt.timedelta(hours=h)).light for h in (19, 20, 24, 24.1)]
    assert lights == ["green", "yellow", "yellow", "red"]
    status = clock_status(begun, "24 h", "CN", as_of=begun + dt.timedelta(hours=6))
    assert (status.reminder, status.used, status.unit, status.lived_days) == (None, 6, "h", 0.25)


def test_a_time_of_day_does_not_matter_to_a_limit_in_days() -> None:
    status = clock_status(dt.datetime(2025, 3, 3, 16), "10 wd", "CN", as_of=dt.datetime(2025, 3, 17, 23))
    assert status.light == "yellow"
