"""The working week of the permit process, Monday to Friday from nine to five, and waits in its hours."""

from collections.abc import Sequence

from benchmarks.check import BATCHES

Visit = tuple[int, str, str, float, float, float]
"""Case, activity, pool, enter, start, end: hours since Monday midnight."""


def clock_of(worked: float) -> float:
    """Return the hours since Monday midnight at which so many working hours have passed."""
    days, left = divmod(worked, 8)
    weeks, days = divmod(days, 5)
    return weeks * 168 + days * 24 + 9 + left


def worked_at(clock: float) -> float:
    """Return the working hours that have passed so many hours after Monday midnight."""
    weeks, left = divmod(clock, 168)
    days, hours = divmod(left, 24)
    return weeks * 40 + (40 if days >= 5 else days * 8 + min(max(hours - 9, 0), 8))


def waits(log: Sequence[Visit], cases: int, office_hours: bool) -> list[float]:
    """Return the clerks' mean waits in open hours over equal batches of cases."""
    total, rows = [0.0] * BATCHES, [0] * BATCHES
    for number, _, pool, entered, started, _ in log:
        if pool == "clerk":
            batch = number * BATCHES // cases
            total[batch] += worked_at(started) - worked_at(entered) if office_hours else started - entered
            rows[batch] += 1
    return [t / n if n else 0.0 for t, n in zip(total, rows, strict=True)]
