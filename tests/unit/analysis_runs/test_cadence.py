"""Waiting for something periodic: closed forms against hands, enumeration and random arrivals."""

import datetime as dt
import itertools

import handmade as hm
import numpy as np
import pytest

from procflow.analysis.cadence import paced_arrivals, random_arrivals, residual_wait
from procflow.analysis.working_clock import WorkingClock, ordinary_weeks
from procflow.definition.organization import Organization
from procflow.definition.recurrence import Recurrence

ORGANIZATION = Organization.model_validate(hm.ORGANIZATION)
WEEKS = ordinary_weeks(ORGANIZATION, "office")
DAYS = 2 * 1461
NO_LAG = np.zeros(1)


def falls(text: str, if_closed: str = "next") -> np.ndarray:
    return WEEKS.occurrences_us(Recurrence.parse(text), DAYS, if_closed)  # type: ignore[arg-type]


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
    found = random_arrivals(falls(rule), WEEKS)
    assert found.now_wd == pytest.approx(wait_wd, rel=2e-3)
    assert found.twice_as_often_wd == pytest.approx(wait_wd / 2, rel=2e-3)


def test_the_wait_agrees_with_random_arrivals_drawn_one_by_one() -> None:
    rng = np.random.default_rng(3)  # 200,000 draws: the error of the mean is below 0.01 with 99.9 %
    rule = falls("monthly 15 14:00")
    taken = WEEKS.duty_us(rule) / WEEKS.day_us
    came = rng.uniform(taken[0], taken[-1], 200_000)
    waits = taken[np.searchsorted(taken, came)] - came
    assert random_arrivals(rule, WEEKS).now_wd == pytest.approx(waits.mean(), abs=0.08)


def test_a_cutoff_is_waited_on_top() -> None:
    assert random_arrivals(falls("weekly wed 09:00"), WEEKS, 1.0).now_wd == pytest.approx(3.5, rel=2e-3)


def test_equal_gaps_wait_half_a_gap_and_exponential_ones_a_whole_one() -> None:
    assert residual_wait(np.full(9, 4.0)) == 2
    gaps = np.random.default_rng(1).exponential(3.0, 400_000)
    assert residual_wait(gaps) == pytest.approx(3.0, rel=0.02)


def test_aligned_phases_do_not_wait() -> None:
    wait = paced_arrivals(falls("weekly wed 09:00"), falls("weekly wed 09:00"), WEEKS, lags_wd=NO_LAG)
    assert wait.now_wd == pytest.approx(0)


def test_a_daily_courier_into_a_weekly_sitting_is_enumerated_exactly() -> None:
    # 16:00 is 7/8 of a day; to Wednesday 09:00 remain 1/8 (from Tuesday), 1⅛, 2⅛ (Friday), 3⅛, 4⅛ (Wednesday) days
    wait = paced_arrivals(falls("daily 16:00"), falls("weekly wed 09:00"), WEEKS, lags_wd=NO_LAG)
    assert wait.now_wd == pytest.approx(2 + 1 / 8, rel=2e-3)


def test_a_lag_past_the_sitting_waits_for_the_next_one() -> None:
    lag = np.array([0.5])
    wait = paced_arrivals(falls("weekly wed 09:00"), falls("weekly wed 09:00"), WEEKS, lags_wd=lag)
    assert wait.now_wd == pytest.approx(4.5)


def test_enumeration_agrees_with_brute_force_over_the_common_cycle() -> None:
    producer, consumer = falls("weekly mon,thu 10:00"), falls("fortnightly tue,fri 15:00")
    released, taken = (WEEKS.duty_us(t) / WEEKS.day_us for t in (producer, consumer))
    total = weight = 0.0
    for before, after in itertools.pairwise(released):
        later = [t for t in taken if t >= after + 0.25 - 1e-9]
        if later:
            total += (after - before) * (later[0] - after - 0.25)
            weight += after - before
    found = paced_arrivals(producer, consumer, WEEKS, lags_wd=np.array([0.25]))
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
