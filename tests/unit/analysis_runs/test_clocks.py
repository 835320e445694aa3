"""The statutory clock by dates: published golden cases, and cases worked by hand on the 2025 calendar."""

import datetime as dt

import pytest

from procflow.analysis.clocks import clock_start, due, used
from procflow.definition.holidays import UnpublishedHolidaysError
from procflow.definition.organization import Organization
from procflow.errors import AnalysisError


def office(country: str) -> Organization:
    return Organization.model_validate(
        {"procflow": 1, "organization": "o", "holidays": country, "levels": [{"name": "county"}]}
    )


CN, NL, GB = office("CN"), office("NL"), office("GB")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2025-{text}")


def pairs(*spans: tuple[str, str]) -> list[tuple[dt.date, dt.date]]:
    return [(day(first), day(last)) for first, last in spans]


REVIEW = pairs(("09-26", "10-15"))


def test_spring_festival_is_not_counted() -> None:
    assert due(day("01-23"), "20 wd", CN) == day("02-26")
    assert due(day("01-23"), "20 wd", lambda d: d.weekday() < 5) == day("02-20")


def test_an_expert_review_stops_the_clock() -> None:
    assert due(day("09-22"), "20 wd", CN) == day("10-24")
    assert due(day("09-22"), "20 wd", CN, suspensions=REVIEW) == day("11-06")
    assert used(day("09-22"), day("11-06"), "wd", CN) - used(
        day("09-22"), day("11-06"), "wd", CN, suspensions=REVIEW
    ) == pytest.approx(9)


def test_calendar_days_that_end_in_national_day_move_on() -> None:
    assert due(day("09-05"), "30 d", CN) == day("10-09")
    assert due(day("09-05"), "30 d", CN, roll=False) == day("10-05")


def test_silence_accepts_from_the_day_of_receipt() -> None:
    started = clock_start(day("04-28"), "5 wd", CN, answered=None, as_of=day("05-09"))
    assert started == day("04-28")
    assert due(day("04-28"), "5 wd", CN) == day("05-08")
    assert due(started, "20 wd", CN) == day("05-29")
    assert due(day("05-08"), "20 wd", CN) == day("06-06")


def test_an_answer_on_the_last_day_is_no_silence() -> None:
    assert clock_start(day("04-28"), "5 wd", CN, answered=day("05-08"), as_of=day("06-01")) is None
    assert clock_start(day("04-28"), "5 wd", CN, answered=day("05-09"), as_of=day("06-01")) == day("04-28")
    assert clock_start(day("04-28"), "5 wd", CN, answered=None, as_of=day("05-08")) is None


def test_an_extension_adds_working_days() -> None:
    assert due(day("03-03"), "20 wd", CN) == day("03-31")
    assert due(day("03-03"), "20 wd", CN, extensions=["10 wd"]) == day("04-15")


def test_a_notice_of_seven_days_takes_four_working_days() -> None:
    assert due(day("04-02"), "7 d", CN) == day("04-09")
    assert used(day("04-02"), day("04-09"), "wd", CN) == 4


def test_dutch_weeks_with_suspension_and_extension() -> None:
    fortnight = [(day("03-10"), day("03-24"))]
    assert due(day("03-03"), "8 week", NL) == day("04-28")
    assert due(day("03-03"), "8 week", NL, suspensions=fortnight) == day("05-12")
    # 2025-06-09 is Whit Monday; terms of more than twelve weeks do not roll (Algemene termijnenwet art. 4)
    assert due(day("03-03"), "8 week", NL, extensions=["6 week"], roll=False) == day("06-09")
    assert due(day("03-03"), "8 week", NL, extensions=["6 week"]) == day("06-10")
    assert due(day("03-03"), "8 week", NL, extensions=["6 week"], suspensions=fortnight) == day("06-23")


def test_english_weeks() -> None:
    assert due(day("06-02"), "8 week", GB) == day("07-28")


def test_overlapping_suspensions_count_once() -> None:
    both = pairs(("06-05", "06-12"), ("06-10", "06-17"))
    assert due(day("06-03"), "10 wd", CN, suspensions=both) == day("06-27")
    assert due(day("06-03"), "10 wd", CN, suspensions=reversed(both)) == day("06-27")


def test_a_holiday_does_not_stop_an_hour_clock() -> None:
    assert due(dt.datetime(2025, 9, 30, 16), "24 h", CN) == dt.datetime(2025, 10, 1, 16)


def test_the_first_day_is_not_counted() -> None:
    assert due(day("03-03"), "1 wd", CN) == day("03-04")
    assert used(day("03-03"), day("03-03"), "wd", CN) == 0


def test_a_limit_of_zero_ends_on_the_day_itself() -> None:
    assert due(day("03-03"), "0 wd", CN) == day("03-03")


def test_a_time_of_day_does_not_matter_to_a_limit_in_days() -> None:
    assert due(dt.datetime(2025, 3, 3, 23, 59), "1 wd", CN) == day("03-04")


def test_make_up_days_count_as_working_days() -> None:
    # Sunday 2025-01-26 and Saturday 2025-02-08 are worked
    assert due(day("01-24"), "2 wd", CN) == day("01-27")
    assert due(day("02-07"), "1 wd", CN) == day("02-08")
    assert due(day("02-03"), "5 d", CN) == day("02-08")


def test_acceptance_on_a_holiday_counts_from_the_first_working_day_after_it() -> None:
    assert due(day("10-04"), "1 wd", CN) == day("10-09")


def test_months_end_on_the_day_of_the_same_number() -> None:
    assert due(day("03-14"), "1 month", CN) == day("04-14")
    assert due(dt.date(2025, 11, 14), "3 month", CN) == dt.date(2026, 2, 14)  # a Saturday, worked


def test_a_month_without_that_day_ends_on_its_last_day() -> None:
    assert due(day("01-31"), "1 month", CN) == day("02-28")
    assert due(dt.date(2024, 1, 31), "1 month", CN) == dt.date(2024, 2, 29)


def test_suspended_days_are_added_to_a_month() -> None:
    assert due(day("03-10"), "1 month", CN, suspensions=pairs(("03-20", "03-24"))) == day("04-14")


def test_weeks_roll_over_a_holiday() -> None:
    assert due(day("04-24"), "1 week", CN) == day("05-06")


def test_a_suspension_after_the_end_changes_nothing() -> None:
    assert due(day("03-03"), "5 wd", CN, suspensions=pairs(("03-10", "03-20"))) == day("03-10")


def test_a_suspension_that_began_before_acceptance_counts_from_acceptance_on() -> None:
    assert due(day("03-03"), "5 wd", CN, suspensions=pairs(("02-20", "03-05"))) == day("03-12")


def test_a_suspension_within_one_day_stops_nothing() -> None:
    assert due(day("03-03"), "5 wd", CN, suspensions=pairs(("03-05", "03-05"))) == day("03-10")


def test_the_day_a_suspension_begins_counts_and_the_day_it_ends_does_not() -> None:
    assert used(day("03-03"), day("03-07"), "wd", CN, suspensions=pairs(("03-05", "03-06"))) == 3


def test_a_last_day_that_is_suspended_moves_on() -> None:
    # seven days end on Sunday 03-09, where a suspension until Wednesday has begun
    assert due(day("03-02"), "7 d", CN, suspensions=pairs(("03-09", "03-12"))) == day("03-13")


def test_a_suspension_stops_an_hour_clock_for_its_own_length() -> None:
    pause = [(dt.datetime(2025, 3, 3, 10), dt.datetime(2025, 3, 3, 13))]
    assert due(dt.datetime(2025, 3, 3, 9), "4 h", CN, suspensions=pause) == dt.datetime(2025, 3, 3, 16)
    assert used(dt.datetime(2025, 3, 3, 9), dt.datetime(2025, 3, 3, 14), "h", CN, suspensions=pause) == 2


def test_weeks_used_are_days_over_seven() -> None:
    assert used(day("03-03"), day("03-17"), "week", CN) == 2


def test_dutch_terms_roll_over_king_s_day_weekend() -> None:
    assert due(day("04-12"), "2 week", NL) == day("04-28")  # Saturday is King's Day, then Sunday


def known_year(*closed: str, open_days: tuple[str, ...] = (), **more: object) -> Organization:
    written = {"procflow": 1, "organization": "o", "holidays": "CN", "levels": [{"name": "county"}]}
    return Organization.model_validate({**written, "closed_days": list(closed), "open_days": list(open_days), **more})


@pytest.mark.parametrize("accepted", ["1994-12-25", "1999-12-20", "2026-12-25", "2100-01-01"])
def test_no_year_that_is_not_covered_is_guessed(accepted: str) -> None:
    with pytest.raises(UnpublishedHolidaysError):
        due(dt.date.fromisoformat(accepted), "20 wd", CN)


def test_years_for_which_a_country_has_no_holidays_at_all_are_not_covered() -> None:
    with pytest.raises(UnpublishedHolidaysError, match="NL for 2150"):
        due(dt.date(2150, 3, 2), "5 wd", NL)


def test_the_organization_file_can_cover_a_year_and_one_closed_day_does_not() -> None:
    closed = ("2027-01-01", "2027-02-08")
    with pytest.raises(UnpublishedHolidaysError, match="known_years"):
        due(dt.date(2026, 12, 30), "2 wd", known_year(*closed))
    whole = known_year(*closed, open_days=("2027-01-02",), known_years=[2027])
    # Thursday 12-31 and, Friday being closed, Saturday 01-02, which is worked
    assert due(dt.date(2026, 12, 30), "2 wd", whole) == dt.date(2027, 1, 2)
    # nothing is guessed of a year that the file covers: what it does not close is worked
    assert due(dt.date(2027, 2, 4), "3 wd", whole) == dt.date(2027, 2, 10)


@pytest.mark.parametrize(("year", "days"), [(2023, 249), (2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_as_many_working_days_as_the_notices_say(year: int, days: int) -> None:
    assert used(dt.date(year - 1, 12, 31), dt.date(year, 12, 31), "wd", CN) == days


def test_a_country_is_named_by_its_code_alone() -> None:
    assert due(day("01-23"), "20 wd", "CN") == day("02-26")
    assert due(day("03-03"), "8 week", "NL") == day("04-28")


@pytest.mark.parametrize(
    ("which", "one_day", "two_days"),
    # five working days from Monday 03-03, stopped on Wednesday 03-05 alone, and from Tuesday 03-04 to Thursday 03-06
    [
        ("last", "03-10", "03-12"),
        ("first", "03-10", "03-12"),
        ("both", "03-11", "03-13"),
        ("neither", "03-10", "03-11"),
    ],
)
def test_which_days_of_a_suspension_count_is_a_named_convention(which: str, one_day: str, two_days: str) -> None:
    office = known_year(suspension_days=which)
    for stop, last in ((("03-05", "03-05"), one_day), (("03-04", "03-06"), two_days)):
        assert due(day("03-03"), "5 wd", office, suspensions=pairs(stop)) == day(last)
        assert due(day("03-03"), "5 wd", CN, suspensions=pairs(stop), suspension_days=which) == day(last)  # type: ignore[arg-type]
        assert used(day("03-03"), day(last), "wd", office, suspensions=pairs(stop)) == 5


def test_an_uncovered_year_stops_the_count() -> None:
    with pytest.raises(UnpublishedHolidaysError, match="2027"):
        due(dt.date(2026, 12, 25), "20 wd", CN)


def test_days_and_weeks_may_be_added_but_working_days_and_weeks_not() -> None:
    assert due(day("03-03"), "8 week", CN, extensions=["3 d"], roll=False) == day("05-01")
    with pytest.raises(AnalysisError, match="cannot be added"):
        due(day("03-03"), "20 wd", CN, extensions=["1 week"])


@pytest.mark.parametrize(
    ("limit", "words"),
    [("2.5 wd", "whole number"), ("24 h", "no time of day")],
)
def test_what_cannot_be_counted_by_dates_is_refused(limit: str, words: str) -> None:
    with pytest.raises(AnalysisError, match=words):
        due(day("03-03"), limit, CN)


def test_months_used_are_refused() -> None:
    with pytest.raises(AnalysisError, match="month"):
        used(day("03-03"), day("04-03"), "month", CN)


def test_a_suspension_cannot_end_before_it_begins() -> None:
    with pytest.raises(AnalysisError, match="cannot end"):
        due(day("03-03"), "5 wd", CN, suspensions=pairs(("03-06", "03-05")))
