"""Staff that changes during a run, worked by hand: who works until when, and how each wait and duty is counted."""

import datetime as dt
from typing import Any

import pytest

from procflow.definition import Process, loads
from procflow.definition.scenario import Scenario
from procflow.errors import SimulationError
from procflow.simulation import Run, simulate
from procflow.simulation.staffing import calendar_on, spliced, staffing

HOUR = 3_600_000_000
TOWN = """
procflow: 1
organization: town
calendars:
  - {name: office, hours: {mon-fri: "09:00-17:00"}}
  - {name: early, hours: {mon-fri: "07:00-15:00"}}
working_calendar: office
levels: [{name: town}]
regions: [{name: north}, {name: south}]
departments:
  - {name: desk, level: town, roles: [{name: clerk, staff: 2}]}
  - {name: branch, level: town, per: region, roles: [{name: clerk, staff: 1}]}
"""


def queue(work: str, department: str = "desk", more: str = "") -> Process:
    text = (
        f"procflow: 1\nprocess: example\norganization: town.yaml\ninitial: a\nstates:\n"
        f"  - {{name: a, department: {department}, role: clerk, work: {work}{more}}}\n  - {{name: end, final: true}}\n"
        "transitions: [{trigger: go, source: a, dest: end}]\n"
    )
    return loads(text, organization=TOWN)


def ran(process: Process, changes: list[dict[str, Any]], *times: str, days: int = 7, **more: Any) -> Run:
    """Simulate cases that arrive at times such as '03 09:00' of March 2025; the 3rd is a Monday."""
    arrivals = {"times": [f"2025-03-{time}" for time in times], **more}
    fields = {"arrivals": arrivals, "start": "2025-03-03", "days": days, "replications": 1}
    return simulate(process, Scenario.model_validate({**fields, "staffing_changes": changes}))


def instants(run: Run, column: str) -> list[str]:
    midnight = dt.datetime.combine(run.scenario.start, dt.time())
    return [(midnight + dt.timedelta(microseconds=us)).strftime("%d %H:%M") for us in run.events[column]]


def hours(run: Run, column: str) -> list[float]:
    return [us / HOUR for us in run.events[column]]


def duty(run: Run, group: str = "desk.clerk") -> dict[str, Any]:
    [row] = run.staff.filter(group=group).to_dicts()
    return {"people": row["people"], "on_duty": row["on_duty_us"] / HOUR, "busy": row["busy_us"] / HOUR}


def change(**fields: Any) -> dict[str, Any]:
    names = {"since": "from"}
    return {"who": "desk.clerk", **{names.get(name, name): value for name, value in fields.items()}}


def test_leave_of_one_takes_the_highest_number_and_gives_it_back():
    run = ran(queue("6 h"), [change(absent=1, since="2025-03-04", until="2025-03-04")], *["04 09:00"] * 2, "05 09:00")
    assert run.events["people"].to_list() == ["1", "1", "2"]
    assert instants(run, "start_us") == ["04 09:00", "04 15:00", "05 09:00"]
    assert duty(run) == {"people": 2, "on_duty": 2 * 40 - 8, "busy": 18}


def test_people_who_are_taken_away_finish_what_they_hold_and_then_take_no_more():
    run = ran(queue("6 h"), [change(people=1, since="2025-03-04")], *["03 15:00"] * 4)
    assert run.events["people"].to_list() == ["1", "2", "1", "1"]
    assert instants(run, "done_us") == ["04 13:00", "04 13:00", "05 11:00", "05 17:00"]
    assert duty(run) == {"people": 2, "on_duty": 2 * 8 + 4 * 8, "busy": 24}


def test_the_wait_while_all_are_on_leave_is_off_duty_and_the_rest_contention():
    run = ran(queue("4 h"), [change(absent="all", since="2025-03-04", until="2025-03-05")], *["04 10:00"] * 3)
    assert instants(run, "start_us") == ["06 09:00", "06 09:00", "06 13:00"]
    assert hours(run, "off_duty_us") == [47, 47, 47]
    assert hours(run, "contention_us") == [0, 0, 4]


def test_work_of_two_is_off_duty_while_one_of_them_is_on_leave():
    run = ran(queue("1 h", more=", staff: 2"), [change(absent=1, since="2025-03-04", until="2025-03-04")], "04 10:00")
    assert instants(run, "start_us") == ["05 09:00"]
    assert (hours(run, "off_duty_us"), hours(run, "contention_us")) == ([23], [0])


def test_a_new_window_opens_at_its_first_hour_on_duty_and_serves_who_waits():
    run = ran(queue("8 h"), [change(add=1, since="2025-03-04")], *["03 09:00"] * 3)
    assert instants(run, "start_us") == ["03 09:00", "03 09:00", "04 09:00"]
    assert run.events["people"].to_list() == ["1", "2", "1"]
    assert duty(run) == {"people": 3, "on_duty": 2 * 8 + 3 * 32, "busy": 24}


def test_other_shifts_move_work_in_progress_to_their_hours():
    run = ran(queue("6 h"), [change(calendar="early", since="2025-03-04")], "03 15:00")
    assert instants(run, "done_us") == ["04 11:00"]
    assert hours(run, "paused_us") == [14]
    assert duty(run)["on_duty"] == 2 * 40


def test_a_change_of_one_office_leaves_the_others_alone():
    gone = {"who": "branch.clerk", "office": "south", "absent": "all", "from": "2025-03-03", "until": "2025-03-04"}
    run = ran(queue("1 h", "branch"), [gone], *["03 10:00"] * 2, regions=["north", "south"])
    assert instants(run, "start_us") == ["03 10:00", "05 09:00"]
    assert hours(run, "off_duty_us") == [0, 47]
    assert duty(run, "branch.clerk@north")["on_duty"] == 40
    assert duty(run, "branch.clerk@south")["on_duty"] == 24


def test_the_last_headcount_in_force_holds_and_additions_and_absences_come_on_top():
    changes = [
        change(people=5, since="2025-03-01"),
        change(people=3, since="2025-03-10", until="2025-03-20"),
        change(add=2, since="2025-03-15"),
        change(absent=1, since="2025-03-18", until="2025-03-18"),
    ]
    scenario = Scenario.model_validate({"staffing_changes": changes})
    [group] = [g for g in staffing(queue("1 h").organization, scenario).groups if g.name == "desk.clerk"]
    march = {day: group.heads_on(dt.date(2025, 3, day)) for day in (1, 9, 10, 15, 18, 19, 21)}
    assert march == {1: 5, 9: 5, 10: 3, 15: 5, 18: 4, 19: 5, 21: 7}
    assert group.heads_on(dt.date(2025, 2, 28)) == 2
    assert group.count == 7


def test_a_spliced_calendar_holds_the_right_one_on_each_date():
    summer = Scenario.model_validate(
        {"staffing_changes": [change(calendar="early", since="2025-07-01", until="2025-08-31")]}
    ).staffing_changes
    name = spliced("office", summer)
    found = [calendar_on(name, day) for day in (dt.date(2025, 6, 30), dt.date(2025, 7, 1), dt.date(2025, 9, 1))]
    assert found == ["office", "early", "office"]
    assert spliced("office", ()) == "office"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"who": "desk.clrk", "add": 1}, "did you mean 'desk.clerk'"),
        ({"who": "desk.clerk", "office": "north", "add": 1}, "has no office 'north'"),
        ({"who": "desk.clerk", "calendar": "nights"}, "no calendar 'nights'"),
    ],
)
def test_a_change_that_names_nothing_is_refused(wrong: dict[str, Any], words: str):
    with pytest.raises(SimulationError, match=words):
        ran(queue("1 h"), [wrong | {"from": "2025-03-04"}], "03 09:00")


def test_too_few_people_at_all_times_for_joint_work_are_refused():
    with pytest.raises(SimulationError, match="takes 2 people of role 'clerk' on one calendar; there are 1"):
        ran(queue("1 h", more=", staff: 2"), [change(people=1, since="2025-01-01")], "03 09:00", days=3)
