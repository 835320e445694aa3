"""What is told of visits that wait for several people at once while those keep starting other work."""

import random
from typing import Any

import numpy as np
import pytest

from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.simulation import Run, simulate
from procflow.simulation.starvation import _at_most, starvation
from tests.oracle.small import HOUR, MONDAY, process

TOWN = """
procflow: 1
organization: town
levels: [{name: town}]
calendars: [{name: open, holidays: false, hours: {mon-sun: ["00:00-24:00"]}}]
working_calendar: open
departments:
  - name: desk
    level: town
    roles: [{name: crew}, {name: single}, {name: other, staff: 1}]
    staff: [{name: pool, roles: [crew, single], count: 2}]
"""


def one(name: str, role: str, work: str, more: str = "") -> Process:
    text = f"""
process: {name}
attributes: {{size: {{integer: 1}}}}
initial: {name} it
states: [{{name: {name} it, department: desk, role: {role}, work: {work}{more}}}, {{name: end, final: true}}]
transitions: [{{trigger: go, source: {name} it, dest: end}}]
"""
    return process(text, TOWN)


INSPECT = one("inspect", "crew", "1 h", ", staff: 2")
FILE = one("file", "single", "2 h")

# A files 9-11 and 11-13, B 10-12 and 12-14; the inspection of 10:15 needs both: A is free at 11:00, B at 12:00,
# but each time a file that came later (10:30, 11:30) is taken; both are free at 14:00
FILES = ("09:00", "10:00", "10:30", "11:30")
INSPECTIONS = ("10:15",)


def together(processes: list[Process], times: list[tuple[str, ...]], **more: Any) -> Run:
    listed = [{"process": "x", "arrivals": {"times": [f"2025-03-03 {time}" for time in each]}} for each in times]
    fields = {"start": MONDAY, "days": 5, "replications": 1, "processes": listed}
    return simulate(processes, Scenario.model_validate({**fields, **more}))


def test_a_visit_that_later_work_passes_twice_is_told_with_how_long_it_stood_aside():
    run = together([INSPECT, FILE], [INSPECTIONS, FILES])
    inspection = run.events.filter(process="inspect")
    assert inspection["start_us"].to_list() == [14 * HOUR]
    [found] = starvation(run, passes=2)
    assert (found.process, found.state, found.role) == ("inspect", "inspect it", "desk.crew")
    assert (found.visits, found.starved, found.most, found.longest_us) == (1, 1, 2, 3 * HOUR)
    assert (found.staff, found.by) == (2, ("desk.single",))
    assert starvation(run, passes=3) == () == run.starvation


def test_every_visit_behind_a_head_that_cannot_start_is_passed_over_too():
    call = one("call", "crew", "5 min")  # one person would do, but the queue is that of the inspection
    run = together([call, INSPECT, FILE], [("10:20",), INSPECTIONS, FILES])
    found = {each.process: (each.starved, each.most, each.longest_us) for each in starvation(run, passes=1)}
    assert found == {"inspect": (1, 2, 3 * HOUR), "call": (1, 2, 4 * HOUR)}


@pytest.mark.parametrize(
    ("own", "theirs", "told"),
    [("2", "1", (1, 3)), ("1", "2", None), ("1", "1", (1, 2)), ("size", "2", (1, 2))],
    ids=["lower work passes", "higher work goes before", "equal", "computed"],
)
def test_work_of_a_higher_priority_passes_nobody(own, theirs, told):
    # the file of 10:10 came before the inspection and waits until 11:00: of a lower priority it passes it all the same
    inspect = one("inspect", "crew", "1 h", f", staff: 2, priority: {own}")
    file = one("file", "single", "2 h", f", priority: {theirs}")
    run = together([inspect, file], [INSPECTIONS, ("09:00", "10:00", "10:10", "11:30", "12:30")])
    found = [(each.starved, each.most) for each in starvation(run, passes=1)]
    assert found == ([told] if told else [])


def test_who_needs_one_person_or_people_of_no_other_role_never_starves():
    alone = one("inspect", "crew", "1 h")
    assert starvation(together([alone, FILE], [INSPECTIONS, FILES]), passes=1) == ()
    elsewhere = one("file", "other", "2 h")
    assert starvation(together([INSPECT, elsewhere], [INSPECTIONS, FILES]), passes=1) == ()
    assert starvation(together([INSPECT, FILE], [INSPECTIONS, FILES], unlimited_staff=True), passes=1) == ()


def test_what_waits_when_the_run_is_cut_counts_and_what_came_in_the_warm_up_does_not():
    files = tuple(f"{hour:02d}:{minute}" for hour in range(24) for minute in ("00", "30"))
    run = together([INSPECT, FILE], [INSPECTIONS, files])
    [found] = run.starvation
    assert found.starved == 1
    assert found.most >= 20
    assert starvation(together([INSPECT, FILE], [INSPECTIONS, files], warmup_days=1)) == ()


def test_starvation_is_told_in_both_languages():
    [found] = starvation(together([INSPECT, FILE], [INSPECTIONS, FILES]), passes=2)
    assert "1 of 1 visits" in str(found)
    assert "2 people at once" in str(found)
    assert "desk.single" in found.text().get("zh")
    assert "2 人同时" in found.text().get("zh")


def test_the_whole_is_that_of_looking_at_each_pair_of_visits():
    crew = one("inspect", "crew", "{exponential: 50 min}", ", staff: 2")
    files = one("file", "single", "{exponential: 45 min}")
    listed = [{"process": "x", "arrivals": "5 per d"}, {"process": "y", "arrivals": "40 per d"}]
    fields = {"start": MONDAY, "days": 30, "warmup_days": 3, "replications": 2, "processes": listed, "seed": 5}
    run = simulate([crew, files], Scenario.model_validate(fields))
    rows = [row | {"until": row["ready_us"] + row["contention_us"]} for row in run.events.to_dicts()]
    works = [row for row in rows if row["process"] == "file" and row["start_us"] is not None]
    starved, most, longest = 0, 0, 0
    for visit in rows:
        if visit["process"] == "inspect" and 3 * 24 * HOUR <= visit["ready_us"] < 30 * 24 * HOUR:
            passed = [
                work["start_us"]
                for work in works
                if work["replication"] == visit["replication"]
                and work["ready_us"] > visit["ready_us"]
                and work["start_us"] < visit["until"]
            ]
            if len(passed) >= 2:
                starved, most = starved + 1, max(most, len(passed))
                longest = max(longest, visit["until"] - min(passed))
    [found] = starvation(run, passes=2)
    assert (found.starved, found.most, found.longest_us) == (starved, most, longest)
    assert starved > 5


def test_the_count_by_blocks_is_that_of_looking_at_each():
    draw = random.Random(7)
    for _ in range(200):
        values = np.array([draw.randint(0, 9) for _ in range(draw.randint(0, 20))], dtype=np.int64)
        upto = np.array([draw.randint(0, len(values)) for _ in range(5)], dtype=np.int64)
        bounds = np.array([draw.randint(-1, 10) for _ in range(5)], dtype=np.int64)
        wanted = [int((values[:n] <= bound).sum()) for n, bound in zip(upto, bounds, strict=True)]
        assert _at_most(values, upto, bounds).tolist() == wanted
