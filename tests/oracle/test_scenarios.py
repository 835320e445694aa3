"""The kernel and the oracle give the same tables under what scenarios change: staff on the way, cases, lists."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from procflow.definition.process import ProcessDefinition
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from tests.oracle.compare import assert_same_log
from tests.oracle.extended import extended
from tests.oracle.small import MONDAY, process
from tests.oracle.test_features import BERLIN, CALLS, FEATURES, FEW, plan
from tests.oracle.test_random import SOAK
from tests.strategies import process_data, processes

CHANGES: dict[str, list[dict[str, Any]]] = {
    "leave of one": [{"who": "desk.pair", "absent": 1, "from": "2025-03-04", "until": "2025-03-06"}],
    "leave of all": [{"who": "desk.clerk", "absent": "all", "from": "2025-03-04", "until": "2025-03-05"}],
    "a new window": [{"who": "desk.clerk", "add": 2, "from": "2025-03-05"}],
    "another headcount": [
        {"who": "desk.pool", "people": 1, "from": "2025-03-04"},
        {"who": "desk.pool", "people": 4, "from": "2025-03-06", "until": "2025-03-09"},
    ],
    "since before the start": [{"who": "desk.clerk", "people": 3, "from": "2025-01-01", "until": "2025-03-04"}],
    "other shifts": [{"who": "desk.clerk", "calendar": "late", "from": "2025-03-04", "until": "2025-03-07"}],
    "round the clock": [{"who": "desk.slow", "calendar": "always", "from": "2025-03-05"}],
    "several at once": [
        {"who": "desk.slow", "calendar": "office", "from": "2025-03-04"},
        {"who": "desk.slow", "add": 1, "from": "2025-03-04"},
        {"who": "desk.pair", "absent": 1, "from": "2025-03-05", "until": "2025-03-05"},
        {"who": "desk.pool", "absent": "all", "from": "2025-03-04", "until": "2025-03-04"},
    ],
    "of one office": [
        {"who": "branch.clerk", "office": "south", "absent": 1, "from": "2025-03-04", "until": "2025-03-06"}
    ],
}
STAFFED = (
    "work of two",
    "a role of several groups",
    "overtime",
    "offices per region",
    "priorities",
    "sittings with seats",
    "time-outs",
    "leaving early",
)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("feature", STAFFED)
def test_kernel_and_oracle_agree_on(feature: str, change: str) -> None:
    assert_same_log(process(FEATURES[feature]), plan(FEW, staffing_changes=CHANGES[change]))


def test_kernel_and_oracle_agree_on_changes_when_clocks_change() -> None:
    changes = [{"who": "desk.clerk", "absent": "all", "from": "2025-03-30", "until": "2025-03-31"}]
    chosen = plan({"interval": "7 h"}, start="2025-03-28", staffing_changes=changes)
    assert_same_log(process(FEATURES["work of staff"], BERLIN), chosen)


ARRIVALS: dict[str, Any] = {
    "a rate": "4 per wd",
    "a profile": {"rate": "4 per wd", "profile": {"weekdays": {"mon": 3, "wed": 0}}},
    "gaps": {"interval": {"gamma": ["3 h", "5 h"]}},
    "a schedule": {"every": "weekly tue,thu 09:30", "size": 3},
    "a list": FEW,
}


@pytest.mark.parametrize("kind", ARRIVALS)
def test_kernel_and_oracle_agree_on_a_cohort_of_cases_by(kind: str) -> None:
    fields = {"arrivals": ARRIVALS[kind], "start": MONDAY, "cases": 25, "warmup_cases": 7, "seed": 3}
    assert_same_log(process(FEATURES["work of staff"]), Scenario.model_validate(fields), replications=2)


def test_kernel_and_oracle_agree_on_a_cohort_of_cases_of_two_processes() -> None:
    one, other = process(FEATURES["priorities"]), process("process: a\n" + FEATURES["time-outs"])
    listed = [{"process": "x", "arrivals": "4 per wd"}, {"process": "y", "arrivals": "9 per week"}]
    fields = {"start": MONDAY, "cases": 20, "warmup_cases": 3, "processes": listed}
    changes = [{"who": "desk.clerk", "add": 2, "from": "2025-03-06"}]
    assert_same_log([one, other], Scenario.model_validate({**fields, "staffing_changes": changes}), replications=2)


@pytest.mark.parametrize("feature", ["one after another", "several at once", "calls of calls in regions"])
def test_kernel_and_oracle_agree_on_a_cohort_of_cases_that_call_others(feature: str) -> None:
    called = {name: text for name, text in CALLS[feature].items() if name != "caller"}
    scenario = {"arrivals": "4 per wd", "start": MONDAY, "cases": 12, "warmup_cases": 2}
    assert_same_log(process(CALLS[feature]["caller"], called=called), Scenario.model_validate(scenario), 2)


ATTRIBUTES = """
attributes: {risk: {categorical: {low: 0.5, high: 0.5}}, area: {number: {uniform: [0, 9]}}, floors: {integer: 2},
  urgent: {boolean: 0.5}}
initial: a
states:
  - {name: a, department: branch, role: clerk, work: 2 h}
  - {name: low, final: true}
  - {name: high, final: true}
transitions:
  - {trigger: l, source: a, dest: low, when: 'risk == "low"'}
  - {trigger: h, source: a, dest: high}
"""


def test_kernel_and_oracle_agree_on_attributes_and_regions_that_are_given() -> None:
    times = ["2023-05-03 10:00", "2023-05-01 10:00", "2023-04-30 10:00", "2023-05-02 10:30", "2023-05-02 10:00"]
    arrivals = {
        "times": times,
        "since": "2023-05-01",
        "regions": ["south", None, "north", "south", None],
        "attributes": {
            "risk": ["high", "low", None, "high", None],
            "area": ["1.5", None, 3.0, 4.0, None],
            "urgent": ["true", None, False, True, None],
            "floors": [None, 7, 1, "3", None],
        },
    }
    assert_same_log(process(ATTRIBUTES), plan(arrivals), replications=2)


@st.composite
def scenarios(draw: DrawFn, process: Process) -> Scenario:
    """Draw a scenario of a process with changes of its staff, arrivals by a profile or a list, days or cases."""
    start = dt.date(2025, 1, 1) + dt.timedelta(days=draw(st.integers(0, 364)))
    people = [f"{d.name}.{g.name}" for d in process.organization.departments for g in d.staff]
    people += [f"{d.name}.{r.name}" for d in process.organization.departments for r in d.roles if r.staff]
    fields: dict[str, Any] = {"start": start, "seed": draw(st.integers(0, 1000))}
    fields["staffing_changes"] = [draw(_change(start, people, process)) for _ in range(draw(st.integers(0, 5)))]
    factors = st.sampled_from([0.0, 0.5, 1.0, 2.5])
    profile = {
        "hours": draw(st.dictionaries(st.sampled_from(["00:00-09:00", "10:30-12:00", "14:00-24:00"]), factors)),
        "weekdays": draw(st.dictionaries(st.sampled_from(["mon", "wed", "sat"]), factors)),
        "months": draw(st.dictionaries(st.sampled_from(["1-4", "9"]), st.just(1.7))),
    }
    gaps = st.sampled_from([{"rate": "2 per d"}, {"rate": "2 per wd"}, {"interval": {"gamma": ["14 h", "20 h"]}}])
    fields["arrivals"] = draw(gaps) | {"profile": profile}
    if draw(st.booleans()):
        fields |= {"cases": draw(st.integers(5, 25)), "warmup_cases": draw(st.integers(0, 4))}
    else:
        fields["days"] = draw(st.integers(2, 15))
    return Scenario.model_validate(fields)


@st.composite
def _change(draw: DrawFn, start: dt.date, people: list[str], process: Process) -> dict[str, Any]:
    since = start + dt.timedelta(days=draw(st.integers(-2, 12)))
    change: dict[str, Any] = {"who": draw(st.sampled_from(people)), "from": since}
    if draw(st.booleans()):
        change["until"] = since + dt.timedelta(days=draw(st.integers(0, 6)))
    calendars = [calendar.name for calendar in process.organization.calendars]
    kinds = {"people": st.integers(1, 4), "add": st.integers(1, 2), "calendar": st.sampled_from(calendars)}
    if "until" in change:
        kinds["absent"] = st.sampled_from([1, 2, "all"])
    kind = draw(st.sampled_from(sorted(kinds)))
    return change | {kind: draw(kinds[kind])}


@settings(
    max_examples=400 if SOAK else 40,
    derandomize=not SOAK,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.data())
def test_kernel_and_oracle_agree_on_random_scenarios(data: st.DataObject) -> None:
    drawn = data.draw(processes(max_states=8))
    assert_same_log(drawn, data.draw(scenarios(drawn)))


@settings(
    max_examples=400 if SOAK else 8,
    derandomize=not SOAK,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.data())
def test_kernel_and_oracle_agree_on_all_at_once(data: st.DataObject) -> None:
    """A process with calls, joint work and suspended time-outs, and one that takes the same people, as they change."""
    one = data.draw(extended())
    written = data.draw(process_data(one.organization, max_states=6)) | {"process": "another"}
    other = Process(ProcessDefinition.model_validate(written), one.organization, one.catalog)
    plan = data.draw(scenarios(one))
    rate = data.draw(st.sampled_from(["3 per d", "2 per wd", {"every": "daily 10:00"}]))
    listed = [{"process": "x", "arrivals": plan.arrivals}, {"process": "y", "arrivals": rate}]
    fields = plan.model_dump(by_alias=True, exclude_defaults=True, exclude={"arrivals"})
    assert_same_log([one, other], Scenario.model_validate({**fields, "processes": listed}))
