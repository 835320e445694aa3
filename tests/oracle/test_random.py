"""The kernel and the oracle give the same tables for random processes and scenarios.

60 examples, always the same, 40 of nested composites; 600 others each time with PROCFLOW_SOAK=1, or as many as
PROCFLOW_EXAMPLES says.
"""

import datetime as dt
import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from tests.oracle.compare import assert_same_log
from tests.oracle.extended import extended
from tests.oracle.nested import nested
from tests.oracle.small import scenario as small_scenario
from tests.strategies import processes

SOAK = os.environ.get("PROCFLOW_SOAK") == "1"
MANY = int(os.environ.get("PROCFLOW_EXAMPLES", "600"))


@st.composite
def scenarios(draw: DrawFn) -> Scenario:
    """Draw a scenario of one process with few enough cases for the oracle."""
    start = dt.date(2025, 1, 1) + dt.timedelta(days=draw(st.integers(0, 364)))
    days = draw(st.integers(2, 25))
    fields = {
        "arrivals": draw(arrivals(start, days)),
        "start": start,
        "days": days,
        "warmup_days": draw(st.integers(0, days - 1)),
        "seed": draw(st.integers(0, 1000)),
        "unlimited_staff": draw(st.sampled_from([False, False, False, True])),
    }
    return Scenario.model_validate(fields)


@st.composite
def arrivals(draw: DrawFn, start: dt.date, days: int) -> object:
    """Draw arrivals: mostly at whole hours, so that many things fall on one instant."""
    if draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(["1 per wd", "1 per d", {"interval": {"gamma": ["20 h", "20 h"]}, "size": 2}]))
    midnight = dt.datetime.combine(start, dt.time())
    hours = draw(st.lists(st.integers(0, 24 * (days + 2)), min_size=1, max_size=40))
    return {"times": [midnight + dt.timedelta(hours=hour) for hour in hours]}


@settings(
    max_examples=MANY if SOAK else 60,
    derandomize=not SOAK,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(processes(), scenarios())
def test_kernel_and_oracle_give_the_same_tables(process: Process, scenario: Scenario) -> None:
    assert_same_log(process, scenario)


@settings(
    max_examples=MANY if SOAK else 60,
    derandomize=not SOAK,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(extended(), scenarios())
def test_kernel_and_oracle_give_the_same_tables_with_calls(process: Process, scenario: Scenario) -> None:
    assert_same_log(process, scenario)


@settings(
    max_examples=MANY if SOAK else 40,
    derandomize=not SOAK,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(nested(), st.lists(st.sampled_from(["03-03 08:00", "03-03 11:00", "03-04 10:00"]), min_size=1, max_size=3))
def test_kernel_and_oracle_give_the_same_tables_of_nested_composites(process: Process, arrivals: list[str]) -> None:
    assert_same_log(process, small_scenario(*arrivals, days=4))
