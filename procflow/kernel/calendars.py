"""Duty calendars as arrays: how much duty lies before an instant, and when an amount of it is done; by search.

A calendar is a row of the model's table: number of intervals, then the places of its ``on``, ``off`` and ``before``
(duty before each interval) and of an index by day, all in the model array. Calendar 0 is always open.
"""

from procflow.kernel.arrays import Ints
from procflow.kernel.jit import compiled
from procflow.kernel.layout import C_BEFORE, C_DAYS, C_INDEX, C_N, C_OFF, C_ON, CALENDAR_WIDTH, DAY, M_CALENDARS, NEVER


@compiled
def interval(M: Ints, calendar: int, t: int) -> int:
    """Return the index of the first interval that ends after ``t``; the number of intervals where none does."""
    row = M[M_CALENDARS] + calendar * CALENDAR_WIDTH
    n, off = M[row + C_N], M[row + C_OFF]
    day = t // DAY
    if day >= M[row + C_DAYS]:
        return n
    i = M[M[row + C_INDEX] + day]
    while i < n and M[off + i] <= t:
        i += 1
    return i


@compiled
def next_on(M: Ints, calendar: int, t: int) -> int:
    """Return the first instant not before ``t`` at which the calendar is open."""
    if calendar == 0:
        return t
    row = M[M_CALENDARS] + calendar * CALENDAR_WIDTH
    i = interval(M, calendar, t)
    if i >= M[row + C_N]:
        return NEVER
    return max(t, M[M[row + C_ON] + i])


@compiled
def next_opening(M: Ints, calendar: int, t: int) -> int:
    """Return the first instant after ``t`` at which the calendar opens."""
    if calendar == 0:
        return NEVER
    row = M[M_CALENDARS] + calendar * CALENDAR_WIDTH
    i = interval(M, calendar, t)
    n, on = M[row + C_N], M[row + C_ON]
    if i < n and M[on + i] <= t:
        i += 1
    return M[on + i] if i < n else NEVER


@compiled
def duty_before(M: Ints, calendar: int, t: int) -> int:
    """Return the duty time in [0, t)."""
    if calendar == 0:
        return t
    row = M[M_CALENDARS] + calendar * CALENDAR_WIDTH
    n, on = M[row + C_N], M[row + C_ON]
    i = interval(M, calendar, t)
    if i >= n:
        if n == 0:
            return 0
        return M[M[row + C_BEFORE] + n - 1] + M[M[row + C_OFF] + n - 1] - M[on + n - 1]
    return M[M[row + C_BEFORE] + i] + max(0, t - M[on + i])


@compiled
def duty(M: Ints, calendar: int, a: int, b: int) -> int:
    """Return the duty time in [a, b)."""
    if calendar == 0:
        return b - a
    return duty_before(M, calendar, b) - duty_before(M, calendar, a)


@compiled
def complete(M: Ints, calendar: int, t: int, amount: int) -> int:
    """Return the earliest instant at which ``amount`` of duty has passed since ``t``; NEVER past the calendar's end."""
    if calendar == 0 or amount == 0:
        return t + amount
    row = M[M_CALENDARS] + calendar * CALENDAR_WIDTH
    n, on, off, before = M[row + C_N], M[row + C_ON], M[row + C_OFF], M[row + C_BEFORE]
    i = interval(M, calendar, t)
    if i >= n:
        return NEVER
    at = max(t, M[on + i])
    if at + amount <= M[off + i]:
        return at + amount
    target = M[before + i] + at - M[on + i] + amount
    # gallop, then halve: the interval sought is the last one with less than `target` before it
    step = 1
    while i + step < n and M[before + i + step] < target:
        i += step
        step *= 2
    while step > 0:
        if i + step < n and M[before + i + step] < target:
            i += step
        step //= 2
    at = M[on + i] + target - M[before + i]
    return at if at <= M[off + i] else NEVER


@compiled
def first_not_before(M: Ints, times: int, n: int, at: int) -> int:
    """Return the index of the first of ``n`` sorted instants at ``M[times]`` that is not before ``at``, or ``n``."""
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if M[times + middle] < at:
            low = middle + 1
        else:
            high = middle
    return low
