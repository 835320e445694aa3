"""The permit process in SimPy, with every visit kept in memory. Prints one JSON object.

Usage: ``python -m benchmarks.permit_simpy CASES always|office_hours SEED``
"""

import json
import random
import sys
from collections.abc import Generator
from typing import Any, NamedTuple

import simpy

from benchmarks.check import BATCHES
from benchmarks.measure import peak_mb, timed

BACK, SIGNED = 0.3, 0.8
Steps = Generator[simpy.Event, Any, None]


class Activity(NamedTuple):
    """A step of the process: whose work it is and how many hours it takes on average."""

    name: str
    pool: str
    mean_hours: float


INTAKE = Activity("intake", "clerk", 1.12)
COMPLETENESS = Activity("completeness", "clerk", 1.12)
LEGAL = Activity("legal_review", "specialist", 1.2)
SITE = Activity("inspection", "specialist", 1.2)
SIGN = Activity("sign", "director", 2.0)

Visit = tuple[int, str, str, float, float, float]
"""Case, activity, pool, enter, start, end."""


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


class Office:
    """The office with its pools and its log."""

    def __init__(self, office_hours: bool, seed: int) -> None:
        self.env = simpy.Environment()
        self.pools = {"clerk": simpy.Resource(self.env, 4), "specialist": simpy.Resource(self.env, 3)}
        self.pools["director"] = simpy.Resource(self.env, 2)
        self.office_hours = office_hours
        self.random = random.Random(seed)
        self.log: list[Visit] = []

    def simulate(self, cases: int) -> list[Visit]:
        """Return every visit of so many cases."""
        self.env.process(self.arrivals(cases))
        self.env.run()
        return self.log

    def arrivals(self, cases: int) -> Steps:
        """Let cases arrive, one an open hour on average."""
        worked = 0.0
        for number in range(cases):
            worked += self.random.expovariate(1.0)
            yield self.env.timeout((clock_of(worked) if self.office_hours else worked) - self.env.now)
            self.env.process(self.case(number))

    def case(self, number: int) -> Steps:
        """Lead a case from its intake to its end."""
        while True:
            yield from self.visit(number, INTAKE)
            yield from self.visit(number, COMPLETENESS)
            if self.random.random() >= BACK:
                break
        yield self.env.process(self.visit(number, LEGAL)) & self.env.process(self.visit(number, SITE))
        if self.random.random() < SIGNED:
            yield from self.visit(number, SIGN)

    def visit(self, number: int, activity: Activity) -> Steps:
        """Queue for a person, be worked on, and be logged."""
        entered = self.env.now
        with self.pools[activity.pool].request() as turn:
            yield turn
            started = self.env.now
            work = self.random.expovariate(1 / activity.mean_hours)
            if self.office_hours:
                work = clock_of(worked_at(started) + work) - started
            yield self.env.timeout(work)
        self.log.append((number, activity.name, activity.pool, entered, started, self.env.now))


def waits(log: list[Visit], cases: int, office_hours: bool) -> list[float]:
    """Return the clerks' mean waits in open hours over equal batches of cases."""
    total, rows = [0.0] * BATCHES, [0] * BATCHES
    for number, _, pool, entered, started, _ in log:
        if pool == "clerk":
            batch = number * BATCHES // cases
            total[batch] += worked_at(started) - worked_at(entered) if office_hours else started - entered
            rows[batch] += 1
    return [t / n if n else 0.0 for t, n in zip(total, rows, strict=True)]


def main(cases: int, variant: str, seed: int) -> None:
    """Print the time, the memory and the waits of one run."""
    office = Office(variant == "office_hours", seed)
    log, wall, cpu = timed(lambda: office.simulate(cases))
    found = {"cases": cases, "visits": len(log), "wall_s": wall, "cpu_s": cpu, "peak_mb": peak_mb()}
    print(json.dumps(found | {"waits_h": waits(log, cases, office.office_hours)}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
