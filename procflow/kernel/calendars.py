"""Duty calendars as arrays: how much duty lies before an instant, and when an amount of it is done; by search.

A calendar is a row of the model's table: number of intervals, then the places of its ``on``, ``off`` and ``before``
(duty before each interval) and of an index by span, all in the model array. Calendar 0 is always open.
"""

from procflow.kernel.arrays import Ints
from procflow.kernel.jit import compiled, inlined
from procflow.kernel.layout import (
    C_BEFORE,
    C_INDEX,
    C_N,
    C_OFF,
    C_ON,
    C_SPANS,
    CALENDAR_WIDTH,
    M_CALENDARS,
    NEVER,
    SPAN_SHIFT,
)


@compiled
def interval(S: Ints, calendar: int, t: int) -> int:
    """Return the index of the first interval that ends after ``t``; the number of intervals where none does."""
    row = S[M_CALENDARS] + calendar * CALENDAR_WIDTH
    n, off = S[row + C_N], S[row + C_OFF]
    span = t >> SPAN_SHIFT
    if span >= S[row + C_SPANS]:
        return n
    i = S[S[row + C_INDEX] + span]
    while i < n and S[off + i] <= t:
        i += 1
    return i


@compiled
def next_on(S: Ints, calendar: int, t: int) -> int:
    """Return the first instant not before ``t`` at which the calendar is open."""
    if calendar == 0:
        return t
    row = S[M_CALENDARS] + calendar * CALENDAR_WIDTH
    i = interval(S, calendar, t)
    if i >= S[row + C_N]:
        return NEVER
    return max(t, S[S[row + C_ON] + i])


@compiled
def next_opening(S: Ints, calendar: int, t: int) -> int:
    """Return the first instant after ``t`` at which the calendar opens."""
    if calendar == 0:
        return NEVER
    row = S[M_CALENDARS] + calendar * CALENDAR_WIDTH
    i = interval(S, calendar, t)
    n, on = S[row + C_N], S[row + C_ON]
    if i < n and S[on + i] <= t:
        i += 1
    return S[on + i] if i < n else NEVER


@compiled
def duty_before(S: Ints, calendar: int, t: int) -> int:
    """Return the duty time in [0, t)."""
    if calendar == 0:
        return t
    row = S[M_CALENDARS] + calendar * CALENDAR_WIDTH
    n, on = S[row + C_N], S[row + C_ON]
    i = interval(S, calendar, t)
    if i >= n:
        if n == 0:
            return 0
        return S[S[row + C_BEFORE] + n - 1] + S[S[row + C_OFF] + n - 1] - S[on + n - 1]
    return S[S[row + C_BEFORE] + i] + max(0, t - S[on + i])


@inlined
def duty(S: Ints, calendar: int, a: int, b: int) -> int:
    """Return the duty time in [a, b)."""
    return b - a if calendar == 0 else _duty_between(S, calendar, a, b)


@compiled
def _duty_between(S: Ints, calendar: int, a: int, b: int) -> int:
    return duty_before(S, calendar, b) - duty_before(S, calendar, a)


@inlined
def complete(S: Ints, calendar: int, t: int, amount: int) -> int:
    """Return the earliest instant at which ``amount`` of duty has passed since ``t``; NEVER past the calendar's end."""
    if calendar == 0 or amount == 0:
        return t + amount
    row = S[M_CALENDARS] + calendar * CALENDAR_WIDTH
    n, on, off, before = S[row + C_N], S[row + C_ON], S[row + C_OFF], S[row + C_BEFORE]
    i = interval(S, calendar, t)
    if i >= n:
        return NEVER
    at = max(t, S[on + i])
    if at + amount <= S[off + i]:
        return at + amount
    target = S[before + i] + at - S[on + i] + amount
    # gallop, then halve: the interval sought is the last one with less than `target` before it
    step = 1
    while i + step < n and S[before + i + step] < target:
        i += step
        step *= 2
    while step > 0:
        if i + step < n and S[before + i + step] < target:
            i += step
        step //= 2
    at = S[on + i] + target - S[before + i]
    return at if at <= S[off + i] else NEVER


@compiled
def first_not_before(S: Ints, times: int, n: int, at: int) -> int:
    """Return the index of the first of ``n`` sorted instants at ``S[times]`` that is not before ``at``, or ``n``."""
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if S[times + middle] < at:
            low = middle + 1
        else:
            high = middle
    return low
