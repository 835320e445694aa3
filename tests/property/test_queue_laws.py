"""What more people, a lower priority, another order in a file or another name do to a run, for random models.

12 examples of each, always the same; 300 others each time with PROCFLOW_SOAK=1.
"""

import datetime as dt
import os
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from procflow.definition import Process, loads
from procflow.definition.organization import Organization
from procflow.definition.process import ProcessDefinition
from procflow.definition.scenario import Scenario
from procflow.simulation import Run, simulate
from tests.property.test_simulation import plans
from tests.strategies import processes

SOAK = os.environ.get("PROCFLOW_SOAK") == "1"
MIDNIGHT = dt.datetime(2025, 3, 3)
ORGANIZATION = """
procflow: 1
organization: town
calendars: [{{name: open, holidays: false, hours: {{mon-fri: ["09:00-12:00", "13:00-17:00"]}}}}]
working_calendar: {calendar}
levels: [{{name: town}}]
departments: [{{name: desk, level: town, roles: [{{name: clerk, staff: 1}}]}}]
"""
QUEUE = """
procflow: 1
process: example
organization: town.yaml
attributes: {{urgency: {{integer: 0}}}}
initial: a
states:
  - {{name: a, department: desk, role: clerk, work: {work}, priority: urgency}}
  - {{name: end, final: true}}
transitions: [{{trigger: go, source: a, dest: end}}]
"""
WORK = ("2 h", "{exponential: 1 h}", "{uniform: [0 h, 4 h]}", "{empirical: [0 h, 1 h, 5 h]}", "1 d")
examples = settings(
    max_examples=300 if SOAK else 12, derandomize=not SOAK, deadline=None, suppress_health_check=list(HealthCheck)
)


@st.composite
def queues(draw: DrawFn) -> tuple[Process, dict[str, Any]]:
    """Draw a single queue with up to 30 cases, many at one instant, and what its scenario says."""
    calendar = draw(st.sampled_from(["open", "always"]))
    process = loads(QUEUE.format(work=draw(st.sampled_from(WORK))), organization=ORGANIZATION.format(calendar=calendar))
    times = sorted(draw(st.lists(st.integers(0, 80), min_size=2, max_size=30)))
    urgency = draw(st.lists(st.integers(0, 3), min_size=len(times), max_size=len(times)))
    fields = {
        "arrivals": {
            "times": [MIDNIGHT + dt.timedelta(hours=hour) for hour in times],
            "attributes": {"urgency": urgency},
        },
        "start": MIDNIGHT.date(),
        "days": 5,
        "replications": 1,
        "seed": draw(st.integers(0, 1000)),
        "staffing": {"desk.clerk": draw(st.integers(1, 3))},
    }
    return process, fields


def starts(process: Process, fields: dict[str, Any]) -> list[int]:
    """Return when each case starts, in the order of arrival."""
    found: list[int] = ran(process, fields).events.sort("case")["start_us"].to_list()
    return found


def ran(process: Process, fields: dict[str, Any] | Scenario) -> Run:
    return simulate(process, fields if isinstance(fields, Scenario) else Scenario.model_validate(fields), workers=1)


@examples
@given(queues(), st.integers(1, 3))
def test_with_more_equal_people_no_case_of_one_class_starts_later(
    drawn: tuple[Process, dict[str, Any]], more: int
) -> None:
    """So the mean wait is no longer either (J. Kiefer and J. Wolfowitz, Trans. AMS 78, 1955: the ordered workloads)."""
    process, fields = drawn
    fields["arrivals"] |= {"attributes": {}}
    before = starts(process, fields)
    after = starts(process, fields | {"staffing": {"desk.clerk": fields["staffing"]["desk.clerk"] + more}})
    assert all(later <= sooner for later, sooner in zip(after, before, strict=True))


@examples
@given(queues(), st.data())
def test_a_lower_priority_never_lets_a_case_start_sooner(
    drawn: tuple[Process, dict[str, Any]], data: st.DataObject
) -> None:
    """Up to its start nothing changes but that others may go before it: each case keeps its own work."""
    process, fields = drawn
    urgency = fields["arrivals"]["attributes"]["urgency"]
    case = data.draw(st.integers(0, len(urgency) - 1))
    before = starts(process, fields)
    lowered = [*urgency[:case], urgency[case] - data.draw(st.integers(1, 4)), *urgency[case + 1 :]]
    after = starts(process, fields | {"arrivals": fields["arrivals"] | {"attributes": {"urgency": lowered}}})
    assert after[case] >= before[case]


@examples
@given(processes(), plans(), st.randoms(use_true_random=False))
def test_the_order_of_states_and_departments_in_a_file_changes_no_number(
    process: Process, plan: Scenario, random: Random
) -> None:
    """All orders but that of the ways out of one state, among which guards hold in the order of the file."""
    definition = process.definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    shuffled_process(definition, random)
    organization = process.organization.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for department in shuffle(organization["departments"], random):
        shuffle(department.get("roles", []), random)
        shuffle(department.get("staff", []), random)
    shuffle(organization.get("calendars", []), random)
    other = Process(
        ProcessDefinition.model_validate(definition), Organization.model_validate(organization), process.catalog
    )
    assert_same(ran(process, plan), ran(other, plan))


def shuffle(listed: list[Any], random: Random) -> list[Any]:
    random.shuffle(listed)
    return listed


def shuffled_process(data: dict[str, Any], random: Random) -> None:
    """Put states, regions and transitions of a process or region in another order, those within them too."""
    for state in shuffle(data["states"], random):
        for region in shuffle(state.get("regions", []), random):
            shuffled_process(region, random)
        if "states" in state:
            shuffled_process(state, random)
    places: dict[str, float] = {}
    data["transitions"].sort(key=lambda way: places.setdefault(str(way["source"]), random.random()))
    if "attributes" in data:
        data["attributes"] = dict(shuffle(list(data["attributes"].items()), random))


@examples
@given(processes(), plans())
def test_renaming_every_state_with_same_as_changes_no_number(process: Process, plan: Scenario) -> None:
    """New names in the order of the old ones, nested ones too: ties go by the names."""
    data = process.definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    other = process.with_definition(ProcessDefinition.model_validate(renamed(data)))
    names = ("state", "dest", "token")
    assert_same(ran(process, plan), ran(other, plan), without=names)


def leaves(part: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the qualified names of the leaf states that are no final ones."""
    for state in part["states"]:
        inner = (
            [(state, "")] if "states" in state else [(each, each["name"] + "/") for each in state.get("regions", [])]
        )
        for each, region in inner:
            yield from leaves(each, f"{prefix}{state['name']}/{region}")
        if not inner and not state.get("final"):
            yield prefix + state["name"]


def renamed(data: dict[str, Any]) -> dict[str, Any]:
    """Return a process in which all leaf states are called otherwise: as before, with an ``s`` before it."""
    known = set(leaves(data))
    count = Counter(name.rpartition("/")[2] for name in known)

    def new(name: str, prefix: str) -> str:
        if name not in known and prefix + name not in known:
            return name
        within, slash, own = name.rpartition("/")
        return f"{within}{slash}s{own}"

    def changed(state: dict[str, Any], prefix: str) -> dict[str, Any]:
        inside = f"{prefix}{state['name']}/"
        if "regions" in state:
            regions = [part(region, f"{inside}{region['name']}/") for region in state["regions"]]
            return state | {"regions": regions}
        if "states" in state:
            return part(state, inside)
        if prefix + state["name"] not in known:
            return state
        key = state["name"] if count[state["name"]] == 1 else prefix + state["name"]
        return state | {"name": new(state["name"], prefix), "same_as": key}

    def part(whole: dict[str, Any], prefix: str) -> dict[str, Any]:
        ways = [
            way | {"source": [new(name, prefix) for name in listed(way["source"])], "dest": new(way["dest"], prefix)}
            for way in whole["transitions"]
        ]
        states = [changed(state, prefix) for state in whole["states"]]
        return whole | {"initial": new(whole["initial"], prefix), "states": states, "transitions": ways}

    return part(data, "")


def listed(source: str | list[str]) -> list[str]:
    return [source] if isinstance(source, str) else source


def assert_same(one: Run, other: Run, *, without: tuple[str, ...] = ()) -> None:
    for name in ("events", "cases", "staff"):
        first, second = getattr(one, name), getattr(other, name)
        columns = sorted(set(first.columns) - set(without))
        assert first.select(columns).equals(second.select(columns), null_equal=True), f"the {name} tables differ"
