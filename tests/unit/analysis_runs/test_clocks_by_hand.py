"""Sixty limits counted by hand on the Chinese working calendar of 2024–2026, which is drawn below.

A ``w`` is a working day, a ``-`` none (weekends, public holidays); the days of a month stand in tens. The first day is
not counted, a suspension's first day is and its last day is not.
"""

import calendar
import datetime as dt

import pytest

from procflow.analysis.clocks import due
from procflow.definition.holidays import is_working_day
from procflow.definition.organization import Organization

CALENDAR = """
2024-01 -wwww--www ww--wwwww- -wwwww--www
2024-02 ww-wwwwww- -------www www--wwww
2024-03 w--wwwww-- wwwww--www ww--wwwww--
2024-04 www---wwww ww--wwwww- -wwwww-www
2024-05 -----wwwww w-wwwww--w wwww--wwwww
2024-06 --wwwww--- wwww--wwww w--wwwww--
2024-07 wwwww--www ww--wwwww- -wwwww--www
2024-08 ww--wwwww- -wwwww--ww www--wwwww-
2024-09 -wwwww--ww wwww---www --wwwww-ww
2024-10 -------www ww-wwwww-- wwwww--wwww
2024-11 w--wwwww-- wwwww--www ww--wwwww-
2024-12 -wwwww--ww www--wwwww --wwwww--ww
2025-01 -ww--wwwww --wwwww--w wwww-ww----
2025-02 ----wwww-w wwww--wwww w--wwwww
2025-03 --wwwww--w wwww--wwww w--wwwww--w
2025-04 www---wwww w--wwwww-- wwwww-wwww
2025-05 -----wwww- -wwwww--ww www--wwwww-
2025-06 --wwww--ww www--wwwww --wwwww--w
2025-07 wwww--wwww w--wwwww-- wwwww--wwww
2025-08 w--wwwww-- wwwww--www ww--wwwww--
2025-09 wwwww--www ww--wwwww- -wwwww-www
2025-10 --------ww w-wwwww--w wwww--wwwww
2025-11 --wwwww--w wwww--wwww w--wwwww--
2025-12 wwwww--www ww--wwwww- -wwwww--www
2026-01 ---wwwwww- -wwwww--ww www--wwwww-
2026-02 -wwwww--ww wwww------ ---wwwww
2026-03 -wwwww--ww www--wwwww --wwwww--ww
2026-04 www---wwww --wwwww--w wwww--wwww
2026-05 -----wwww- wwwww--www ww--wwwww--
2026-06 wwwww--www ww--wwww-- -wwwww--ww
2026-07 www--wwwww --wwwww--w wwww--wwwww
2026-08 --wwwww--w wwww--wwww w--wwwww--w
2026-09 wwww--wwww w--wwwww-w wwww---www
2026-10 -------www -wwwww--ww www--wwwww-
2026-11 -wwwww--ww www--wwwww --wwwww--w
2026-12 wwww--wwww w--wwwww-- wwwww--wwww
"""

CASES = [
    # what it shows, accepted, limit, suspensions, extensions, last day
    ("an ordinary week", "2025-03-03", "5 wd", "", "", "2025-03-10"),
    ("over one weekend", "2025-03-05", "5 wd", "", "", "2025-03-12"),
    ("accepted on a Friday", "2025-03-07", "3 wd", "", "", "2025-03-12"),
    ("accepted on a Saturday", "2025-03-08", "3 wd", "", "", "2025-03-12"),
    ("accepted on a Sunday", "2025-03-09", "3 wd", "", "", "2025-03-12"),
    ("accepted on a worked Sunday", "2025-01-26", "1 wd", "", "", "2025-01-27"),
    ("over the Spring Festival of 2025", "2025-01-24", "3 wd", "", "", "2025-02-05"),
    ("accepted in the Spring Festival", "2025-01-31", "2 wd", "", "", "2025-02-06"),
    ("ends on a worked Saturday", "2025-02-06", "2 wd", "", "", "2025-02-08"),
    ("over the Spring Festival of 2024", "2024-02-08", "5 wd", "", "", "2024-02-21"),
    ("over the Spring Festival of 2026", "2026-02-12", "5 wd", "", "", "2026-02-26"),
    ("over Tomb-Sweeping Day", "2025-04-02", "3 wd", "", "", "2025-04-08"),
    ("over Labor Day with its worked Sunday", "2025-04-25", "5 wd", "", "", "2025-05-06"),
    ("over Labor Day to its worked Saturday", "2026-04-29", "6 wd", "", "", "2026-05-11"),
    ("over the Dragon Boat Festival", "2025-05-30", "1 wd", "", "", "2025-06-03"),
    ("over National Day 2025, eight days", "2025-09-27", "5 wd", "", "", "2025-10-10"),
    ("over National Day 2024", "2024-09-27", "5 wd", "", "", "2024-10-10"),
    ("over National Day 2026", "2026-09-30", "3 wd", "", "", "2026-10-10"),
    ("over Mid-Autumn 2024 and its worked Saturday", "2024-09-13", "3 wd", "", "", "2024-09-19"),
    ("over the New Year", "2025-12-30", "3 wd", "", "", "2026-01-05"),
    ("over the New Year to its worked Sunday", "2026-01-02", "1 wd", "", "", "2026-01-04"),
    ("over a leap day", "2024-02-27", "3 wd", "", "", "2024-03-01"),
    ("twenty working days in an ordinary month", "2025-03-03", "20 wd", "", "", "2025-03-31"),
    ("twenty over Labor Day", "2025-04-14", "20 wd", "", "", "2025-05-14"),
    ("twenty over National Day", "2025-09-15", "20 wd", "", "", "2025-10-17"),
    ("forty-five over the Spring Festival", "2025-01-06", "45 wd", "", "", "2025-03-14"),
    ("sixty over spring", "2025-02-10", "60 wd", "", "", "2025-05-08"),
    ("seven days to a Monday", "2025-03-10", "7 d", "", "", "2025-03-17"),
    ("seven days to a Saturday", "2025-03-08", "7 d", "", "", "2025-03-17"),
    ("seven days to a Sunday", "2025-03-09", "7 d", "", "", "2025-03-17"),
    ("seven days to a worked Saturday", "2025-02-01", "7 d", "", "", "2025-02-08"),
    ("ten days into the Spring Festival", "2025-01-20", "10 d", "", "", "2025-02-05"),
    ("fifteen days into Labor Day", "2025-04-17", "15 d", "", "", "2025-05-06"),
    ("thirty days into Tomb-Sweeping Day", "2025-03-05", "30 d", "", "", "2025-04-07"),
    ("thirty days over a leap day", "2024-01-31", "30 d", "", "", "2024-03-01"),
    ("sixty days over the New Year", "2025-11-10", "60 d", "", "", "2026-01-09"),
    ("two weeks to a holiday", "2025-04-18", "2 week", "", "", "2025-05-06"),
    ("eight weeks", "2025-06-02", "8 week", "", "", "2025-07-28"),
    ("a month to a Saturday", "2025-05-14", "1 month", "", "", "2025-06-16"),
    ("a month from the last of May", "2025-05-31", "1 month", "", "", "2025-06-30"),
    ("a month from the last of January in a leap year", "2024-01-31", "1 month", "", "", "2024-02-29"),
    ("three months into National Day", "2025-07-03", "3 month", "", "", "2025-10-09"),
    ("a year of months", "2024-02-29", "12 month", "", "", "2025-02-28"),
    ("a suspension over a weekend", "2025-03-03", "5 wd", "2025-03-06...2025-03-10", "", "2025-03-12"),
    ("a suspension of one day", "2025-03-03", "5 wd", "2025-03-04...2025-03-05", "", "2025-03-11"),
    (
        "two suspensions apart",
        "2025-03-03",
        "10 wd",
        "2025-03-04...2025-03-06 2025-03-11...2025-03-13",
        "",
        "2025-03-21",
    ),
    (
        "two suspensions that overlap",
        "2025-03-03",
        "10 wd",
        "2025-03-04...2025-03-10 2025-03-07...2025-03-13",
        "",
        "2025-03-26",
    ),
    (
        "one suspension inside another",
        "2025-03-03",
        "10 wd",
        "2025-03-04...2025-03-14 2025-03-06...2025-03-07",
        "",
        "2025-03-27",
    ),
    (
        "two suspensions that adjoin",
        "2025-03-03",
        "10 wd",
        "2025-03-04...2025-03-06 2025-03-06...2025-03-10",
        "",
        "2025-03-21",
    ),
    ("a suspension over National Day", "2025-09-22", "10 wd", "2025-09-26...2025-10-15", "", "2025-10-23"),
    (
        "a suspension that begins on the day of acceptance",
        "2025-03-03",
        "5 wd",
        "2025-03-03...2025-03-06",
        "",
        "2025-03-13",
    ),
    ("a suspension on holidays only", "2025-09-29", "5 wd", "2025-10-01...2025-10-08", "", "2025-10-13"),
    ("a suspension after the last day", "2025-03-03", "5 wd", "2025-03-11...2025-03-20", "", "2025-03-10"),
    ("a suspension of days, then rolled", "2025-03-03", "10 d", "2025-03-05...2025-03-10", "", "2025-03-18"),
    ("a suspended week", "2025-03-03", "2 week", "2025-03-10...2025-03-17", "", "2025-03-24"),
    ("an extension by ten", "2025-03-03", "20 wd", "", "10 wd", "2025-04-15"),
    ("two extensions", "2025-03-03", "5 wd", "", "5 wd,3 wd", "2025-03-20"),
    ("an extension into Labor Day", "2025-04-14", "10 wd", "", "5 wd", "2025-05-07"),
    ("an extension and a suspension", "2025-03-03", "10 wd", "2025-03-06...2025-03-11", "5 wd", "2025-03-27"),
    ("weeks and days together", "2025-03-03", "2 week", "", "3 d", "2025-03-20"),
]

CN = Organization.model_validate({"procflow": 1, "organization": "o", "holidays": "CN", "levels": [{"name": "county"}]})
day = dt.date.fromisoformat
DAY = dt.timedelta(days=1)


def drawn() -> dict[dt.date, bool]:
    days = {}
    for line in CALENDAR.split("\n")[1:-1]:
        month, *tens = line.split()
        days |= {day(f"{month}-{number:02d}"): mark == "w" for number, mark in enumerate("".join(tens), 1)}
    return days


WORKED = drawn()


def suspended(text: str) -> list[tuple[dt.date, dt.date]]:
    return [(day(first), day(last)) for first, _, last in (pair.partition("...") for pair in text.split())]


def test_the_calendar_drawn_is_the_published_one():
    assert len(WORKED) == 366 + 365 + 365
    assert all(is_working_day(CN, date) == worked for date, worked in WORKED.items())


@pytest.mark.parametrize(
    ("accepted", "limit", "stops", "more", "last"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_limit_ends_on_the_day_counted_by_hand(accepted: str, limit: str, stops: str, more: str, last: str):
    extensions = [part for part in more.split(",") if part]
    assert due(day(accepted), limit, CN, suspensions=suspended(stops), extensions=extensions) == day(last)


@pytest.mark.parametrize(
    ("accepted", "limit", "stops", "more", "last"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_finger_on_the_drawn_calendar_comes_to_the_same_day(
    accepted: str, limit: str, stops: str, more: str, last: str
):
    """Moves day by day, as a clerk does, sharing nothing with the code."""
    terms = [term.split() for term in [limit, *[part for part in more.split(",") if part]]]
    here, off = day(accepted), suspended(stops)
    if terms[0][1] == "month":
        total = here.month - 1 + int(terms[0][0])
        year, month = here.year + total // 12, total % 12 + 1
        here = dt.date(year, month, min(here.day, calendar.monthrange(year, month)[1]))
        terms = []
    left = sum(int(amount) * {"wd": 1, "d": 1, "week": 7}[unit] for amount, unit in terms)
    while left:
        here += DAY
        counts = WORKED[here] or limit.split()[1] != "wd"
        left -= counts and not any(first < here <= end for first, end in off)
    while not WORKED[here]:
        here += DAY
    assert here == day(last)
