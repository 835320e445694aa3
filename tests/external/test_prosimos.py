"""The permit process as a BPMN model in Prosimos: where ``PROCFLOW_PROSIMOS`` names a Python in which it is installed.

``python -m venv F && F/bin/pip install prosimos``, then ``PROCFLOW_PROSIMOS=F/bin/python``. Prosimos takes no seed, so
each claim has a false alarm once in 1,000 runs of this test. In office hours Prosimos 2.1.0 lets 8.9 cases a day arrive
for 8, so there the very instants of its arrivals are given to procflow.
"""

import datetime as dt
import json
import os
from functools import cache

import polars as pl
import pytest

from benchmarks import measure, model
from procflow.definition.arrivals import Arrivals
from procflow.simulation import simulate
from tests.analytic.test_peers import (
    AFTERWARDS,
    CASES,
    MEASURES,
    REPLICATIONS,
    assert_agree,
    ours,
    table,
    visits_of,
)

PYTHON = os.environ.get("PROCFLOW_PROSIMOS")
pytestmark = pytest.mark.skipif(PYTHON is None, reason="PROCFLOW_PROSIMOS names no Python with Prosimos")


@cache
def theirs(variant: str) -> list[pl.DataFrame]:
    """Return the visits of all cases, those that arrive after the ones that are looked at too."""
    words = ["-m", "benchmarks.permit_prosimos", str(CASES + AFTERWARDS), variant, str(REPLICATIONS)]
    done = measure.run([str(PYTHON), *words], one_core=False)
    return [table(visits) for visits in json.loads(done.splitlines()[-1])]


@cache
def with_their_arrivals() -> list[pl.DataFrame]:
    permit = model.permit("office_hours", CASES)
    midnight = dt.datetime.combine(permit.scenario.start, dt.time())
    found = []
    for seed, visits in enumerate(theirs("office_hours")):
        hours = visits.group_by("case").agg(pl.col("enter").min())["enter"].sort()
        arrivals = Arrivals(times=tuple(midnight + dt.timedelta(hours=hour) for hour in hours))
        counted = {"days": None, "cases": CASES, "seed": seed, "arrivals": arrivals}
        found.append(visits_of(simulate(permit.processes, permit.scenario.model_copy(update=counted))))
    return found


@pytest.mark.parametrize("name", MEASURES)
def test_waits_and_cycle_times_are_those_of_prosimos(name: str) -> None:
    assert_agree(name, ours("always"), looked_at("always"))


@pytest.mark.parametrize("name", MEASURES)
def test_waits_and_cycle_times_in_office_hours_are_those_of_prosimos_for_its_arrivals(name: str) -> None:
    assert_agree(name, with_their_arrivals(), looked_at("office_hours"), shared=True)


def looked_at(variant: str) -> list[pl.DataFrame]:
    return [visits.filter(pl.col("case") < CASES) for visits in theirs(variant)]
