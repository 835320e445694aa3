"""The permit process in SimPy, with every visit kept in memory. Prints one JSON object.

Usage: ``python -m benchmarks.permit_simpy CASES always|office_hours SEED``
"""

import json
import random
import sys
from collections.abc import Generator
from typing import Any, NamedTuple

import simpy

from benchmarks.measure import peak_mb, timed
from benchmarks.week import Visit, clock_of, waits, worked_at

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


def main(cases: int, variant: str, seed: int) -> None:
    """Print the time, the memory and the waits of one run."""
    office = Office(variant == "office_hours", seed)
    log, wall, cpu = timed(lambda: office.simulate(cases))
    found = {"cases": cases, "visits": len(log), "wall_s": wall, "cpu_s": cpu, "peak_mb": peak_mb()}
    print(json.dumps(found | {"waits_h": waits(log, cases, office.office_hours)}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
