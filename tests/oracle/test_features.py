"""The kernel and the oracle give the same tables for one tiny process per feature."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from procflow.definition.scenario import Scenario
from tests.oracle.compare import assert_same_log
from tests.oracle.small import MONDAY, OFFICE, process

FEATURES: dict[str, str] = yaml.safe_load((Path(__file__).parent / "features.yaml").read_text("utf-8"))
CALLS: dict[str, dict[str, str]] = yaml.safe_load((Path(__file__).parent / "calls.yaml").read_text("utf-8"))
CHINESE = OFFICE.replace("working_calendar", "holidays: CN\nworking_calendar")
BERLIN = OFFICE.replace("working_calendar", "timezone: Europe/Berlin\nworking_calendar")


def plan(arrivals: Any, **more: Any) -> Scenario:
    fields = {"arrivals": arrivals, "start": MONDAY, "days": 15, "seed": 3}
    return Scenario.model_validate({**fields, **more})


FEW = {"times": [f"2025-03-{day:02d} {hour:02d}:00" for day in (3, 4, 4, 5, 8, 10) for hour in (8, 9, 9, 13, 16)]}


@pytest.mark.parametrize("feature", FEATURES)
def test_kernel_and_oracle_agree_on(feature):
    assert_same_log(process(FEATURES[feature]), plan(FEW), replications=3)


@pytest.mark.parametrize("feature", FEATURES)
def test_kernel_and_oracle_agree_with_unlimited_staff_on(feature):
    assert_same_log(process(FEATURES[feature]), plan(FEW, unlimited_staff=True))


@pytest.mark.parametrize("unlimited", [False, True])
@pytest.mark.parametrize("feature", CALLS)
def test_kernel_and_oracle_agree_on_calls(feature, unlimited):
    called = {name: text for name, text in CALLS[feature].items() if name != "caller"}
    assert_same_log(process(CALLS[feature]["caller"], called=called), plan(FEW, unlimited_staff=unlimited), 2)


def test_kernel_and_oracle_agree_on_a_process_that_arrives_and_is_called():
    called = {name: text for name, text in CALLS["one after another"].items() if name != "caller"}
    caller = process(CALLS["one after another"]["caller"], called=called)
    fields = {"start": MONDAY, "days": 15, "warmup_days": 3}
    listed = [{"process": "x", "arrivals": "4 per wd"}, {"process": "y", "arrivals": FEW}]
    scenario = Scenario.model_validate({**fields, "processes": listed})
    assert_same_log([caller, caller.called["consult.yaml"]], scenario, replications=2)


ARRIVALS = {
    "a rate per working day": "8 per wd",
    "a rate per day": "8 per d",
    "a rate per month": "200 per month",
    "a rate on a calendar": {"rate": "2 per h", "calendar": "late"},
    "gaps": {"interval": {"gamma": ["2 h", "3 h"]}},
    "gaps in working days": {"interval": {"uniform": ["0.1 wd", "0.4 wd"]}},
    "gaps on a calendar": {"interval": {"erlang": [2, "1 h"]}, "calendar": "office"},
    "batches of a rate": {"rate": "2 per wd", "size": 3},
    "a profile of hours": {"rate": "6 per wd", "profile": {"hours": {"09:00-10:30": 2.5, "16:00-17:00": 0}}},
    "a profile of days and months": {
        "rate": "4 per d",
        "profile": {"weekdays": {"mon-tue": 0.3}, "months": {3: 2}},
    },
    "a profile of gaps": {"interval": {"gamma": ["2 h", "3 h"]}, "profile": {"hours": {"08:00-20:00": 3}}},
    "a profile on a calendar": {"rate": "2 per h", "calendar": "late", "profile": {"weekdays": {"wed": 0, "fri": 1.7}}},
    "a schedule": {"every": "weekly tue,sat 08:30", "size": 7},
    "unsorted times": {"times": ["2025-03-05 10:00", "2025-03-01 10:00", "2025-03-04 10:00"]},
}


@pytest.mark.parametrize("kind", ARRIVALS)
def test_kernel_and_oracle_agree_on_arrivals_by(kind):
    assert_same_log(process(FEATURES["work of staff"]), plan(ARRIVALS[kind], warmup_days=4))


@pytest.mark.parametrize(
    ("organization", "start"),
    [
        (CHINESE, "2025-01-20"),
        (CHINESE, "2025-04-20"),
        (CHINESE, "2026-12-28"),
        (BERLIN, "2025-03-28"),
        (BERLIN, "2025-10-24"),
    ],
    ids=["spring festival", "labor day", "unpublished", "summer time", "winter time"],
)
@pytest.mark.parametrize(
    "feature", ["work in working days", "sittings with a cutoff", "transfers", "delays on calendars"]
)
def test_kernel_and_oracle_agree_on_the_calendar_of(organization, start, feature):
    chosen = plan({"interval": "7 h"}, start=start)
    assert_same_log(process(FEATURES[feature], organization), chosen)


PROFILE = {"hours": {"00:00-09:00": 0.1, "10:00-12:00": 1.7}, "weekdays": {"sat-sun": 0.3}, "holidays": 0}


@pytest.mark.parametrize(
    ("organization", "start"), [(CHINESE, "2025-04-20"), (CHINESE, "2026-12-28"), (BERLIN, "2025-03-28")]
)
@pytest.mark.parametrize("rate", ["9 per d", "9 per wd"])
def test_kernel_and_oracle_agree_on_a_profile_on_the_calendar_of(organization, start, rate):
    chosen = plan({"rate": rate, "profile": PROFILE}, start=start)
    assert_same_log(process(FEATURES["work of staff"], organization), chosen)


def test_kernel_and_oracle_agree_on_processes_that_share_people():
    one = process(FEATURES["priorities"])
    other = process("process: a\n" + FEATURES["time-outs"])
    fields = {"start": MONDAY, "days": 15, "staffing": {"desk.clerk": 2}}
    listed = [{"process": "x", "arrivals": "4 per wd"}, {"process": "y", "arrivals": FEW}]
    assert_same_log([one, other], Scenario.model_validate({**fields, "processes": listed}), replications=2)


OVERLOAD = """
initial: a
states: [{name: a, department: desk, role: clerk, work: {exponential: 20 h}}, {name: end, final: true}]
transitions:
  - {trigger: t, source: a, dest: end, probability: 0.5}
  - {trigger: again, source: a, dest: a, probability: 0.5}
"""


def test_kernel_and_oracle_agree_on_what_is_cut_at_the_cap():
    assert_same_log(process(OVERLOAD), plan("3 per wd", days=3))
