"""Waiting for something periodic: closed forms against hands, enumeration and random arrivals."""

import datetime as dt
import itertools

import handmade as hm
import numpy as np
import pytest

from procflow.analysis.cadence import Cycle, paced_arrivals, random_arrivals
from procflow.analysis.working_clock import WorkingClock, ordinary_weeks
from procflow.definition.organization import Organization
from procflow.definition.recurrence import Recurrence

ORGANIZATION = Organization.model_validate(hm.ORGANIZATION)
DAYS = 28 * 1461 // 4
PAD = 56
NO_LAG = np.zeros(1)


def falls(text: str, if_closed: str = "next", days: int = 28) -> np.ndarray:
    clock = ordinary_weeks(ORGANIZATION, "office", days)
    return clock.occurrences_us(Recurrence.parse(text), days, if_closed)  # type: ignore[arg-type]


def cycle(text: str, *, days: int = 14, cutoff_wd: float = 0.0) -> Cycle:
    clock = ordinary_weeks(ORGANIZATION, "office", days + 2 * PAD)
    times = falls(text, days=days + 2 * PAD)
    closings = clock.earlier_us(times, round(cutoff_wd * clock.day_us))
    return Cycle.of(times, closings, clock, PAD * hm.DAY, days * hm.DAY)


@pytest.mark.parametrize(
    ("rule", "wait_wd"),
    [
        ("weekly wed 09:00", 2.5),
        ("fortnightly wed 09:00", 5.0),
        ("daily 16:00", 0.5),
        ("weekly mon,tue 09:00", (1**2 + 4**2) / 10),  # gaps of one and four working days
    ],
)
def test_the_wait_of_random_arrivals_follows_from_the_gaps(rule: str, wait_wd: float) -> None:
    found = random_arrivals(cycle(rule))
    assert found.now_wd == pytest.approx(wait_wd, rel=1e-12)
    assert found.twice_as_often_wd == pytest.approx(wait_wd / 2, rel=1e-12)


def test_the_wait_agrees_with_random_arrivals_drawn_one_by_one() -> None:
    rng = np.random.default_rng(3)  # 400,000 draws: the standard error of the mean is 0.01
    monthly = cycle("monthly 15 14:00", days=DAYS)
    assert len(monthly.times_wd) == 28 * 12
    came = rng.uniform(0, monthly.times_wd[-1], 400_000)
    waits = monthly.times_wd[np.searchsorted(monthly.times_wd, came)] - came
    assert random_arrivals(monthly).now_wd == pytest.approx(waits.mean(), abs=0.05)


def test_a_cutoff_is_waited_on_top() -> None:
    assert random_arrivals(cycle("weekly wed 09:00", cutoff_wd=1.0)).now_wd == pytest.approx(3.5, rel=1e-12)
    assert random_arrivals(cycle("weekly wed 09:00", cutoff_wd=7.0)).now_wd == pytest.approx(9.5, rel=1e-12)


def test_exponential_gaps_wait_a_whole_gap() -> None:
    times = np.random.default_rng(1).exponential(3.0, 400_000).cumsum()
    known = Cycle(times, np.zeros(len(times)), float(times[-1]))
    assert random_arrivals(known).now_wd == pytest.approx(3.0, rel=0.02)


def test_a_sitting_at_the_very_end_of_the_cycle_is_the_first_of_the_next() -> None:
    known = Cycle(np.array([0.0, 2.0]), np.zeros(2), 5.0)
    assert known.following(np.array([0.0, 0.5, 2.0, 2.5, 5.0, 7.5])).tolist() == [0, 2, 2, 5, 5, 10]


def test_aligned_phases_do_not_wait() -> None:
    wait = paced_arrivals(cycle("weekly wed 09:00"), cycle("weekly wed 09:00"), lags_wd=NO_LAG)
    assert wait.now_wd == pytest.approx(0)


def test_a_daily_courier_into_a_weekly_sitting_is_enumerated_exactly() -> None:
    # 16:00 is 7/8 of a day; to Wednesday 09:00 remain 1/8 (from Tuesday), 1⅛, 2⅛ (Friday), 3⅛, 4⅛ (Wednesday) days
    wait = paced_arrivals(cycle("daily 16:00"), cycle("weekly wed 09:00"), lags_wd=NO_LAG)
    assert wait.now_wd == pytest.approx(2 + 1 / 8, rel=1e-12)


def test_a_lag_past_the_sitting_waits_for_the_next_one() -> None:
    wait = paced_arrivals(cycle("weekly wed 09:00"), cycle("weekly wed 09:00"), lags_wd=np.array([0.5]))
    assert wait.now_wd == pytest.approx(4.5)


def test_enumeration_agrees_with_brute_force_over_the_common_cycle() -> None:
    producer, consumer = cycle("weekly mon,thu 10:00"), cycle("fortnightly tue,fri 15:00")
    released = np.concatenate((producer.times_wd[-1:] - 10, producer.times_wd))
    taken = [t + 10 * turn for turn in range(3) for t in consumer.times_wd]
    total = weight = 0.0
    for before, after in itertools.pairwise(released):
        total += (after - before) * (next(t for t in taken if t >= after + 0.25 - 1e-9) - after - 0.25)
        weight += after - before
    found = paced_arrivals(producer, consumer, lags_wd=np.array([0.25]))
    assert found.now_wd == pytest.approx(total / weight)


def test_a_closed_day_moves_or_drops_a_sitting() -> None:
    saturday = "weekly sat 09:00"
    monday = falls("weekly mon 09:00")
    assert falls(saturday)[:3].tolist() == monday[1:4].tolist()
    assert falls(saturday, "previous")[:3].tolist() == falls("weekly fri 09:00")[:3].tolist()
    assert len(falls(saturday, "skip")) == 0


def test_working_time_is_counted_with_holidays_and_make_up_days() -> None:
    clock = WorkingClock.of(ORGANIZATION, "office", dt.date(2025, 1, 20), 30)
    noon = 12 * hm.HOUR
    # Thursday 01-23 noon to Wednesday 02-05 noon: 01-24, 26, 27 worked whole; 01-28 to 02-04 is Spring Festival
    begin, end = np.array([3 * hm.DAY + noon]), np.array([16 * hm.DAY + noon])
    assert clock.days_between(begin, end)[0] == pytest.approx(5 / 8 + 3 + 3 / 8)


def test_an_always_open_calendar_never_stops() -> None:
    clock = WorkingClock.of(ORGANIZATION, "always", dt.date(2025, 1, 1), 9)
    assert clock.days_between(np.array([0]), np.array([36 * hm.HOUR]))[0] == 1.5
