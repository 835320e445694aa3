# ruff: noqa: N806 - the arrays have their names from the layout
"""Calendars by search against the same questions answered step by step.

A calendar is drawn as the quarters of an hour in which it is open, over three days.
"""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procflow.simulation.calendars import Intervals, merged, union
from tests.unit.kernel.plain import calendars, layout

STEP, STEPS = 900_000_000, 3 * 96
Open = list[bool]


@st.composite
def hours(draw: st.DrawFn) -> Open:
    """Draw when a calendar is open: a few spans, of which some touch midnight, a day's end or each other."""
    edges = sorted(draw(st.sets(st.integers(0, STEPS) | st.sampled_from([0, 96, 192, STEPS]), max_size=12)))
    is_open = [False] * STEPS
    for first, (on, off) in enumerate(pairwise(edges)):
        is_open[on:off] = [first % 2 == 0] * (off - on)
    return is_open


times = st.integers(0, STEPS + 100)


def intervals(is_open: Open) -> Intervals:
    """Return the calendar as the simulation knows it, made of single quarters of an hour."""
    return merged(iter([(k * STEP, (k + 1) * STEP) for k in range(STEPS) if is_open[k]]))


def model(is_open: Open) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Return a model that holds this calendar as number 1."""
    found, spans = intervals(is_open), 7
    header, n = 400, len(found.on)
    first_of_span = [int(np.sum(found.off <= span << layout.SPAN_SHIFT)) for span in range(spans)]
    M = np.zeros(header + 3 * n + spans, dtype=np.int64)
    M[layout.M_CALENDARS] = header - 2 * layout.CALENDAR_WIDTH
    row = header - layout.CALENDAR_WIDTH
    M[row + layout.C_N], M[row + layout.C_SPANS] = n, spans
    place = header
    for column, values in (
        (layout.C_ON, found.on),
        (layout.C_OFF, found.off),
        (layout.C_BEFORE, found.before),
        (layout.C_INDEX, first_of_span),
    ):
        M[row + column], M[place : place + len(values)] = place, values
        place += len(values)
    return M


def ticks(step: int | None) -> int:
    return layout.NEVER if step is None else step * STEP


def first_open(is_open: Open, t: int) -> int | None:
    return next((k for k in range(t, STEPS) if is_open[k]), None)


def first_opening(is_open: Open, t: int) -> int | None:
    return next((k for k in range(t + 1, STEPS) if is_open[k] and not is_open[k - 1]), None)


def completion(is_open: Open, t: int, amount: int) -> int | None:
    while amount > 0 and t < STEPS:
        amount -= is_open[t]
        t += 1
    return t if amount == 0 else None


@given(hours(), times, times)
def test_duty_is_the_time_that_the_calendar_is_open(is_open: Open, a: int, b: int) -> None:
    M, low, high = model(is_open), min(a, b), max(a, b)
    assert calendars.duty_before(M, 1, a * STEP) == sum(is_open[:a]) * STEP
    assert calendars.duty(M, 1, low * STEP, high * STEP) == sum(is_open[low:high]) * STEP
    assert intervals(is_open).duty_before(a * STEP) == sum(is_open[:a]) * STEP


@given(hours(), times, st.integers(1, STEP - 1))
def test_duty_counts_parts_of_a_step(is_open: Open, t: int, part: int) -> None:
    inside = part if t < STEPS and is_open[t] else 0
    assert calendars.duty_before(model(is_open), 1, t * STEP + part) == sum(is_open[:t]) * STEP + inside
    assert intervals(is_open).duty_before(t * STEP + part) == sum(is_open[:t]) * STEP + inside


@given(hours(), times)
def test_the_next_instant_on_duty_is_the_first_not_before(is_open: Open, t: int) -> None:
    assert calendars.next_on(model(is_open), 1, t * STEP) == ticks(first_open(is_open, t))


@given(hours(), times)
def test_the_next_opening_comes_after_this_instant(is_open: Open, t: int) -> None:
    assert calendars.next_opening(model(is_open), 1, t * STEP) == ticks(first_opening(is_open, t))


@given(hours(), times, st.integers(0, 120))
def test_work_is_complete_at_the_earliest_instant_with_enough_duty(is_open: Open, t: int, amount: int) -> None:
    assert calendars.complete(model(is_open), 1, t * STEP, amount * STEP) == ticks(completion(is_open, t, amount))


@given(hours(), times, st.integers(1, 120 * STEP))
def test_what_is_complete_has_just_its_amount_of_duty(is_open: Open, t: int, amount: int) -> None:
    M = model(is_open)
    done = calendars.complete(M, 1, t * STEP, amount)
    if done == layout.NEVER:
        assert sum(is_open[t:]) * STEP < amount
    else:
        assert calendars.duty(M, 1, t * STEP, done) == amount
        assert calendars.duty(M, 1, t * STEP, done - 1) == amount - 1


@given(hours(), st.integers(-5, 120))
def test_the_latest_instant_with_some_duty_before_it_is_found(is_open: Open, amount: int) -> None:
    """Where a whole interval ends with that amount, the next one's begin is the latest instant."""
    found = intervals(is_open).latest_with(amount * STEP)
    if amount < 0 or not any(is_open):
        assert found == -1
    elif amount < sum(is_open):
        assert found == max(t for t in range(STEPS) if sum(is_open[:t]) == amount) * STEP
    else:
        assert found >= STEP * max(t + 1 for t in range(STEPS) if is_open[t])


@given(hours(), hours())
def test_the_union_of_calendars_is_open_where_one_of_them_is(one: Open, other: Open) -> None:
    both = union([intervals(one), intervals(other)])
    wanted = intervals([a or b for a, b in zip(one, other, strict=True)])
    assert (both.on.tolist(), both.off.tolist()) == (wanted.on.tolist(), wanted.off.tolist())


def test_calendar_0_never_closes() -> None:
    M = model([False] * STEPS)
    assert calendars.next_on(M, 0, 5) == 5
    assert calendars.complete(M, 0, 5, 7) == 12
    assert calendars.duty(M, 0, 5, 12) == 7
    assert calendars.next_opening(M, 0, 5) == layout.NEVER


@given(st.lists(st.integers(0, 50)).map(sorted), st.integers(-1, 51))
def test_the_first_instant_not_before_another_is_found(instants: list[int], t: int) -> None:
    M = np.array([0, *instants], dtype=np.int64)
    assert calendars.first_not_before(M, 1, len(instants), t) == sum(x < t for x in instants)


@pytest.mark.parametrize("empty", [[], [(5, 5)], [(7, 3)]])
def test_a_calendar_that_never_opens_has_no_intervals(empty: list[tuple[int, int]]) -> None:
    assert len(merged(iter(empty)).on) == 0
