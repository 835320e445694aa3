"""The same processes in SimPy: waits and cycle times in distribution, and queues with priorities to the microsecond.

Also two faults found in a published simulator, which must not be ours: a priority that breaks causality (arrivals ten
hours apart, an hour of work, and the low class waited 513 hours), and an arrival calendar that drew anew each morning
and so gave 8.95 arrivals a day for 8 (that one is in ``test_arrivals``).
"""

from collections.abc import Callable, Generator
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
import simpy
from scipy.stats import ttest_ind, ttest_rel

from benchmarks import model
from benchmarks.permit_simpy import Office
from procflow.simulation import Run, simulate
from tests.analytic.model import CONFIDENCE, HOUR, queue, run

CASES, REPLICATIONS = 1_500, 20
AFTERWARDS = 300
"""Cases that arrive after those that are looked at, and keep the office busy until these have left."""
VARIANTS = ("always", "office_hours")
POOLS = {"clerk": "office.clerk", "specialist": "office.specialist", "director": "office.director"}
Measure = Callable[[pl.DataFrame], float]
WAIT = pl.col("start") - pl.col("enter")


def waits_of(pool: str, value: pl.Expr) -> Measure:
    return lambda visits: float(visits.filter(pool=pool).select(value.mean()).item())


def cycle_quantile(q: float) -> Measure:
    def measure(visits: pl.DataFrame) -> float:
        cycles = visits.group_by("case").agg(pl.col("end").max() - pl.col("enter").min())
        return float(np.quantile(cycles["end"], q))

    return measure


MEASURES: dict[str, Measure] = {
    **{f"mean wait for a {pool}": waits_of(pool, WAIT) for pool in ("clerk", "specialist")},
    **{f"share that waits for a {pool}": waits_of(pool, WAIT > 1e-6) for pool in POOLS},
    "clerk's wait over an hour": waits_of("clerk", WAIT > 1),
    **{f"cycle time, quantile {q}": cycle_quantile(q) for q in (0.1, 0.5, 0.9)},
}


@cache
def ours(variant: str) -> list[pl.DataFrame]:
    """Return the visits of each replication, in hours."""
    permit = model.permit(variant, CASES)
    counted = {"days": None, "cases": CASES, "replications": REPLICATIONS, "seed": 61}
    found = simulate(permit.processes, permit.scenario.model_copy(update=counted))
    return visits_of(found).partition_by("replication", maintain_order=True)


def visits_of(found: Run) -> pl.DataFrame:
    """Return the visits of the cohort as the peers tell them."""
    rows = found.events.join(found.cohort, on=["replication", "process", "case"], how="semi")
    pools = pl.col("group").replace({group: pool for pool, group in POOLS.items()}).alias("pool")
    hours = [(pl.col(f"{name}_us") / HOUR).alias(name) for name in ("enter", "start")]
    return rows.select("replication", "case", pools, *hours, (pl.col("done_us") / HOUR).alias("end"))


@cache
def theirs(variant: str) -> list[pl.DataFrame]:
    logs = (Office(variant == "office_hours", seed).simulate(CASES + AFTERWARDS) for seed in range(REPLICATIONS))
    return [table(log).filter(pl.col("case") < CASES) for log in logs]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", MEASURES)
def test_waits_and_cycle_times_are_those_of_simpy(variant: str, name: str) -> None:
    """Welch's interval of the difference of means over replications holds 0; a false alarm once in 1,000 seeds each."""
    assert_agree(name, ours(variant), theirs(variant))


def assert_agree(name: str, here: list[pl.DataFrame], there: list[pl.DataFrame], *, shared: bool = False) -> None:
    """Fail where a measure differs, or varies so much that little is proved; one table of visits a replication.

    ``shared`` is for replications that have their arrivals in common: they are compared in pairs, and allowed to vary
    by a third more, since Prosimos brings a higher load.
    """
    first, second = ([MEASURES[name](visits) for visits in side] for side in (here, there))
    test = ttest_rel(first, second) if shared else ttest_ind(first, second, equal_var=False)
    between = test.confidence_interval(CONFIDENCE)
    assert between.low <= 0 <= between.high, f"{name}: {np.mean(first):.4g} here, {np.mean(second):.4g} there"
    assert between.high - between.low < (1.0 if shared else 0.75) * np.mean(second)


def table(visits: list[Any]) -> pl.DataFrame:
    """Return the visits of one replication of another simulator."""
    columns = ["case", "activity", "pool", "enter", "start", "end"]
    return pl.DataFrame(visits, schema=columns, orient="row")


@pytest.mark.parametrize("clerks", [1, 3])
def test_a_queue_with_priorities_serves_at_the_very_instants_at_which_simpy_does(clerks: int) -> None:
    """The same arrivals, classes and work in ``simpy.PriorityResource``: thousands of starts are the same."""
    found = prioritized("{integer: {empirical: [0, 0, 1, 2]}}", clerks, f"{0.8 * clerks} per h", days=208)
    cases = found.cases.select("replication", "case", "attribute_urgency")
    rows = found.events.join(cases, on=["replication", "case"]).sort("ready_us")
    assert rows["contention_us"].max() > HOUR
    jobs = rows.filter(pl.col("done_us").is_not_null())
    starts = served(list(jobs.select("ready_us", "attribute_urgency", "work_us").iter_rows()), clerks)
    # who was cut has no work that SimPy could do, and may stand in the way of others from its arrival on
    known = rows.filter(pl.col("done_us").is_null())["ready_us"].min() or rows["ready_us"].max()
    agree = jobs.select((pl.col("start_us") == pl.Series(starts)) | (pl.col("ready_us") >= known))
    assert agree.to_series().all()
    assert jobs.filter(pl.col("ready_us") < known).height > 3_500


def test_nobody_waits_for_a_free_person_because_of_a_priority() -> None:
    """Arrivals ten hours apart and an hour of work: whatever the class, each starts when it comes."""
    found = prioritized("{integer: {empirical: [0, 1]}}", 1, {"interval": "10 h"}, days=100, work="1 h")
    assert found.events["start_us"].equals(found.events["ready_us"].alias("start_us"))
    assert set(found.cases["attribute_urgency"]) == {0, 1}


def prioritized(urgency: str, clerks: int, arrivals: Any, *, days: int, work: str = "{exponential: 1 h}") -> Run:
    attributes = f"attributes: {{urgency: {urgency}}}\n"
    state = queue(f"work: {work}, priority: urgency", clerks, attributes)
    return run(state, arrivals, days=days, warmup_days=0, seed=62, replications=1)


def served(jobs: list[tuple[int, int, int]], clerks: int) -> list[int]:
    """Return when each job (ready, urgency, work) starts in SimPy; the greater urgency goes first."""
    office = simpy.Environment()
    desk = simpy.PriorityResource(office, clerks)
    starts = [0] * len(jobs)

    def job(number: int, ready: int, urgency: int, work: int) -> Generator[simpy.Event, Any, None]:
        yield office.timeout(ready)
        with desk.request(priority=-urgency) as turn:
            yield turn
            starts[number] = office.now
            yield office.timeout(work)

    for number, each in enumerate(jobs):
        office.process(job(number, *each))
    office.run()
    return starts
