"""The oracle against cases worked by hand. 2025-03-03 is a Monday; the office works 09:00-12:00 and 13:00-17:00."""

import datetime as dt
from pathlib import Path

import pytest
import yaml

from procflow.definition.scenario import Scenario
from tests.oracle import simulate
from tests.oracle.rows import SEGMENTS
from tests.oracle.small import HOUR, OFFICE, instants, process, row, run, segments, wall


def one_step(state: str, ways: str = "", more: str = "") -> str:
    """Return a process of the state ``a`` and the end."""
    return f"""
initial: a
{more}
states:
  - {{name: a, {state}}}
  - {{name: b, delay: 1 h}}
  - {{name: end, final: true, outcome: granted}}
transitions:
  - {{trigger: go, source: a, dest: end}}
  - {{trigger: go, source: b, dest: end}}
{ways}
"""


CLERK = "department: desk, role: clerk"

# --- calendars and work


def test_work_pauses_at_lunch_and_overnight():
    found = run(one_step(f"{CLERK}, work: 8 h"), "03-03 09:00")
    # 7 h on Monday, the eighth on Tuesday; paused 1 h at lunch and 17:00-09:00
    a = row(found, 0, "a")
    assert instants(a) == "03-03 09:00 | 03-03 09:00 | 03-03 09:00 | 03-04 10:00 | 03-04 10:00 | 03-04 10:00"
    assert segments(a) == {"work": "8:00", "paused": "17:00"}
    assert (a["group"], a["people"], a["trigger"], a["dest"], a["end"]) == ("desk.clerk", "1", "go", "end", "completed")


def test_work_that_fills_the_day_ends_with_the_day():
    found = run(one_step(f"{CLERK}, work: 1 wd"), "03-03 09:00")
    assert wall(row(found, 0, "a")["done_us"]) == "03-03 17:00"
    assert found.cases[0]["cycle_wd"] == 1


def test_overtime_goes_on_past_the_shift():
    found = run(one_step(f"{CLERK}, work: 5 h, overtime: true"), "03-03 15:00", "03-03 15:00")
    # 15:00-20:00 without a pause; the next case waits 2 h for the clerk, then until the morning
    assert wall(row(found, 0, "a")["done_us"]) == "03-03 20:00"
    assert segments(row(found, 0, "a")) == {"work": "5:00"}
    assert wall(row(found, 1, "a")["start_us"]) == "03-04 09:00"
    assert segments(row(found, 1, "a")) == {"contention": "2:00", "off_duty": "16:00", "work": "5:00"}


def test_holidays_close_and_make_up_days_open():
    chinese = OFFICE.replace("working_calendar", "holidays: CN\nworking_calendar")
    found = run(one_step(f"{CLERK}, work: 2 h"), "04-25 16:00", "04-30 16:00", organization=chinese, days=90)
    # Sunday 27 April is a make-up day for the holidays of 1 to 5 May
    assert wall(row(found, 0, "a")["done_us"]) == "04-27 10:00"
    assert wall(row(found, 1, "a")["done_us"]) == "05-06 10:00"


def test_no_holiday_closes_in_a_year_without_published_ones():
    chinese = OFFICE.replace("working_calendar", "holidays: CN\nworking_calendar")
    start = dt.date(2027, 1, 1)  # a Friday, and New Year's Day
    found = run(one_step(f"{CLERK}, work: 2 h"), "01-01 09:00", organization=chinese, start=start)
    assert wall(row(found, 0, "a")["done_us"], start) == "01-01 11:00"


def test_summer_time_takes_an_hour_of_duty():
    berlin = OFFICE.replace("working_calendar", "timezone: Europe/Berlin\nworking_calendar")
    berlin = berlin.replace('mon-fri: ["09:00-12:00", "13:00-17:00"]', 'sun: ["01:00-04:00"], mon: ["01:00-04:00"]')
    sunday = dt.date(2025, 3, 30)  # 02:00-03:00 does not exist
    found = run(one_step(f"{CLERK}, work: 3 h"), "03-30 01:00", organization=berlin, start=sunday)
    # 2 h of duty on Sunday, the third on Monday from 01:00, which is 24 h after Sunday's 01:00 less the lost hour
    assert row(found, 0, "a")["done_us"] == (24 + 1) * HOUR
    assert found.cases[0]["arrival_us"] == HOUR


def test_a_time_that_does_not_exist_moves_forward_by_the_gap():
    berlin = OFFICE.replace("working_calendar", "timezone: Europe/Berlin\nworking_calendar")
    sunday = dt.date(2025, 3, 30)
    found = run(one_step("delay: 1 h"), "03-30 02:30", organization=berlin, start=sunday)
    assert found.cases[0]["arrival_us"] == 2.5 * HOUR  # 03:30 of summer time


def test_waiting_is_off_duty_before_the_shift_and_contention_in_it():
    found = run(one_step(f"{CLERK}, work: 2 h"), "03-03 08:00", "03-03 08:00")
    # equal times of ready: the lower ordinal first
    assert segments(row(found, 0, "a")) == {"off_duty": "1:00", "work": "2:00"}
    # 09:00-11:00 contention; 11:00-12:00 and 13:00-14:00 work
    assert segments(row(found, 1, "a")) == {"off_duty": "1:00", "contention": "2:00", "work": "2:00", "paused": "1:00"}
    assert wall(row(found, 1, "a")["done_us"]) == "03-03 14:00"


def test_applicants_work_needs_nobody_and_runs_on_their_calendar():
    found = run(one_step("actor: applicant, work: 2 h, calendar: late"), "03-03 09:00", "03-03 19:00")
    assert instants(row(found, 0, "a")).startswith("03-03 09:00 | 03-03 09:00 | 03-03 10:00 | 03-03 12:00")
    assert segments(row(found, 1, "a")) == {"work": "2:00", "paused": "14:00"}
    assert row(found, 0, "a")["group"] == ""


def test_with_unlimited_staff_nobody_waits_for_anybody():
    text = one_step("department: desk, role: night, work: 1 h")
    found = run(text, "03-03 08:00", "03-03 08:00", "03-03 08:00", unlimited_staff=True)
    # the only group of the role is the pool, in the office's hours
    assert [wall(r["start_us"]) for r in found.events] == ["03-03 09:00"] * 3
    assert segments(found.events[2]) == {"off_duty": "1:00", "work": "1:00"}


def test_delay_in_working_days_runs_on_the_office_and_in_days_on_always():
    found = run(one_step("department: desk, delay: 1 wd"), "03-07 16:00")
    assert wall(row(found, 0, "a")["exit_us"]) == "03-10 16:00"  # 1 h on Friday, 6 h on Monday
    found = run(one_step("department: desk, delay: 1 d"), "03-07 16:00")
    assert wall(row(found, 0, "a")["exit_us"]) == "03-08 16:00"


# --- queues


def test_the_greater_priority_goes_first_and_priority_reaches_across_processes():
    p = process(one_step(f"{CLERK}, work: 1 h", more="priority: 1"))
    q = process(one_step(f"{CLERK}, work: 1 h, priority: 2", more="process: q"))
    shared = Scenario.model_validate(
        {
            "start": "2025-03-03",
            "days": 30,
            "processes": [
                {"process": "p", "arrivals": {"times": ["2025-03-03 09:00", "2025-03-03 09:05"]}},
                {"process": "q", "arrivals": {"times": ["2025-03-03 09:10"]}},
            ],
        }
    )
    found = simulate([p, q], shared, 0)
    started = [(r["process"], r["case"], wall(r["start_us"])) for r in found.events]
    assert started == [("p", 0, "03-03 09:00"), ("p", 1, "03-03 11:00"), ("q", 0, "03-03 10:00")]


CREWS = """
initial: gate
states:
  - {name: gate}
  - {name: two, department: desk, role: pair, staff: 2, work: 1 h}
  - {name: one, department: desk, role: pair, work: 1 h}
  - {name: end, final: true}
transitions:
  - {trigger: first, source: gate, dest: two}
  - {trigger: go, source: two, dest: one}
  - {trigger: go, source: one, dest: end}
"""


def test_work_of_two_takes_both_and_a_head_that_cannot_start_blocks_its_queue():
    found = run(CREWS, "03-03 09:00", "03-03 09:10")
    # 09:00 both with case 0; 10:00 the slow one of the late calendar comes, too few for two, and case 1 is first by
    # ready (09:10 before 10:00): it takes the pair; case 0's single work goes to the slow one, at half speed
    assert [(r["case"], r["group"], r["people"]) for r in found.events if r["state"] == "two"] == [
        (0, "desk.pair", "1,2"),
        (1, "desk.pair", "1,2"),
    ]
    assert instants(row(found, 1, "two")).startswith("03-03 09:10 | 03-03 09:10 | 03-03 10:00 | 03-03 11:00")
    slow = row(found, 0, "one")
    assert (slow["group"], slow["people"]) == ("desk.slow", "1")
    assert segments(slow) == {"work": "2:00"}
    assert segments(row(found, 1, "two")) == {"contention": "0:50", "work": "1:00"}


def test_people_of_one_calendar_come_from_the_groups_with_fewest_roles_first():
    found = run(one_step("department: desk, role: mixed, staff: 2, work: 1 h"), "03-03 09:00", "03-03 09:00")
    assert (row(found, 0, "a")["group"], row(found, 0, "a")["people"]) == ("desk.mixed;desk.pool", "1;1")
    # one person of the pool is left, too few until 10:00
    assert wall(row(found, 1, "a")["start_us"]) == "03-03 10:00"


def test_staffing_overrides_a_headcount():
    found = run(one_step(f"{CLERK}, work: 1 h"), "03-03 09:00", "03-03 09:00", staffing={"desk.clerk": 2})
    assert [r["people"] for r in found.events] == ["1", "2"]
    assert next(g for g in found.staff if g["group"] == "desk.clerk")["people"] == 2


def test_busy_and_on_duty_time_count_inside_the_window():
    found = run(one_step(f"{CLERK}, work: 3 h"), "03-03 09:00", "03-04 15:00", "03-04 16:00", days=2, warmup_days=1)
    # in the window there is Tuesday only: case 1 works 15:00-17:00 of it
    clerk = next(g for g in found.staff if g["group"] == "desk.clerk")
    assert (clerk["on_duty_us"], clerk["busy_us"]) == (7 * HOUR, 2 * HOUR)
    assert [case["in_cohort"] for case in found.cases] == [False, True, True]


def test_the_region_of_a_case_picks_the_office():
    times = ["03-03 09:00"] * 12
    found = run(one_step("department: branch, role: clerk, work: 1 h"), *times)
    regions = [case["region"] for case in found.cases]
    assert set(regions) == {"north", "south"}
    assert [r["office"] for r in found.events] == regions
    assert {r["group"] for r in found.events} == {"branch.clerk@north", "branch.clerk@south"}
    # each office has a queue of its own, in the order of the cases: 09:00, 10:00, 11:00, 13:00, …
    for region in ("north", "south"):
        begun = [r["start_us"] for r in found.events if r["office"] == region]
        hours = [9, 10, 11, 13, 14, 15, 16, 33, 34, 35, 37]
        assert begun == [hour * HOUR for hour in hours[: len(begun)]]


# --- sittings and transfers


def test_a_sitting_takes_those_in_time_for_its_cutoff_up_to_its_seats():
    batch = "batch: {every: weekly wed 14:00, cutoff: 1 d, max: 2}"
    times = ["03-03 09:00", "03-03 10:00", "03-04 14:00", "03-04 14:01"]
    found = run(one_step(f"{CLERK}, {batch}"), *times)
    assert [wall(r["ready_us"]) for r in found.events] == ["03-05 14:00", "03-05 14:00", "03-12 14:00", "03-12 14:00"]
    # case 2 was in time, at the last instant, and found no seat; case 3 was late
    assert segments(row(found, 2, "a")) == {"batch": "24:00", "batch_full": "168:00"}
    assert segments(row(found, 3, "a")) == {"batch": "191:59"}


def test_a_cutoff_in_working_days_counts_duty_back():
    batch = "batch: {every: weekly wed 14:00, cutoff: 0.5 wd}"
    found = run(one_step(f"{CLERK}, {batch}"), "03-05 09:30", "03-05 09:31")
    # 3.5 h of duty before 14:00: 13:00-14:00 and 09:30-12:00
    assert [wall(r["ready_us"]) for r in found.events] == ["03-05 14:00", "03-12 14:00"]


def test_who_enters_at_the_very_instant_of_a_sitting_takes_it():
    found = run(one_step(f"{CLERK}, batch: {{every: weekly wed 14:00}}, work: 1 h"), "03-05 14:00")
    assert wall(row(found, 0, "a")["start_us"]) == "03-05 14:00"


def test_who_enters_after_the_sitting_of_that_instant_has_begun_waits_for_the_next():
    text = """
initial: z
states:
  - {name: z, batch: {every: weekly wed 14:00}}
  - {name: a, batch: {every: weekly wed 14:00}}
  - {name: zz, batch: {every: weekly wed 14:00}}
  - {name: end, final: true}
transitions:
  - {trigger: go, source: z, dest: zz}
  - {trigger: go, source: zz, dest: a}
  - {trigger: go, source: a, dest: end}
"""
    found = run(text, "03-03 09:00")
    # sittings begin in the order of the states: a, z, zz. From z the case is in time for zz, but no longer for a
    assert [(r["state"], wall(r["ready_us"])) for r in sorted(found.events, key=lambda r: r["ready_us"])] == [
        ("z", "03-05 14:00"),
        ("zz", "03-05 14:00"),
        ("a", "03-12 14:00"),
    ]


def test_a_sitting_calls_by_priority_then_enter():
    text = """
initial: draw
attributes: {n: {integer: 0}}
states:
  - {name: draw, delay: {first: 1 h, again: 2 h}}
  - {name: a, batch: {every: weekly wed 14:00, max: 1}, priority: n}
  - {name: end, final: true}
transitions:
  - {trigger: loop, source: draw, dest: draw, when: n == 0, set: {n: 1}}
  - {trigger: go, source: draw, dest: a}
  - {trigger: back, source: a, dest: a, when: n == 1, set: {n: 2}}
  - {trigger: out, source: a, dest: end}
"""
    found = run(text, "03-03 09:00", "03-05 11:00")
    # case 0 enters 'a' on Monday with 1, sits on 03-05, and comes back at once with 2; case 1 enters on 03-05 at
    # 14:00 with 1, after which there is one seat a week: 03-12 goes to case 0 for its priority, 03-19 and 03-26 to 1
    sat = [(r["case"], r["visit"], wall(r["ready_us"])) for r in found.events if r["state"] == "a"]
    assert sat == [(0, 1, "03-05 14:00"), (0, 2, "03-12 14:00"), (1, 1, "03-19 14:00"), (1, 2, "03-26 14:00")]


def test_every_office_has_sittings_and_seats_of_its_own():
    times = ["03-03 09:00"] * 12
    found = run(one_step("department: branch, batch: {every: weekly wed 14:00, max: 1}"), *times)
    for region in ("north", "south"):
        sat = [wall(r["ready_us"]) for r in found.events if r["office"] == region]
        assert sat[:2] == ["03-05 14:00", "03-12 14:00"]


@pytest.mark.parametrize(
    ("if_closed", "expected"), [("next", "03-10 10:00"), ("previous", "03-07 10:00"), ("skip", "-")]
)
def test_a_sitting_on_a_closed_day_moves_or_falls_out(if_closed, expected):
    batch = f"batch: {{every: weekly sat 10:00, if_closed: {if_closed}}}"
    found = run(one_step(f"{CLERK}, {batch}"), "03-06 09:00")
    assert wall(row(found, 0, "a")["ready_us"]) == expected


def test_a_transfer_by_delay_runs_on_the_offices_days():
    ways = "  - {trigger: send, source: a, dest: b, when: 1 < 2, transfer: {delay: 1 wd}}"
    found = run(one_step(f"{CLERK}, work: 1 h", ways), "03-03 15:00")
    assert wall(row(found, 0, "a")["arrive_us"]) == "03-04 16:00"  # 1 h on Monday, 6 h on Tuesday
    assert wall(row(found, 0, "b")["enter_us"]) == "03-04 16:00"
    assert segments(found.cases[0]) == {"work": "1:00", "delay": "1:00", "transfer": "24:00"}


def test_a_transfer_by_cadence_leaves_at_the_next_time_at_or_after_the_exit():
    ways = "  - {trigger: send, source: a, dest: b, when: 1 < 2, transfer: {every: daily 16:00}}"
    found = run(one_step("department: desk, delay: 1 h", ways), "03-03 15:00", "03-03 15:01", "03-07 15:30")
    # Friday 16:30 misses Friday's; Saturday and Sunday move to Monday
    assert [wall(r["arrive_us"]) for r in found.events if r["state"] == "a"] == [
        "03-03 16:00",
        "03-04 16:00",
        "03-10 16:00",
    ]


# --- ways out


def test_probability_and_duration_depend_on_the_visit():
    text = """
initial: a
states:
  - {name: a, delay: {first: 1 h, again: 2 h}}
  - {name: end, final: true}
transitions:
  - {trigger: again, source: a, dest: a, probability: [1, 1, 0]}
  - {trigger: go, source: a, dest: end, probability: [0, 0, 1]}
"""
    found = run(text, "03-03 00:00")
    assert [(r["visit"], wall(r["exit_us"])) for r in found.events] == [
        (1, "03-03 01:00"),
        (2, "03-03 03:00"),
        (3, "03-03 05:00"),
    ]


def test_guards_hold_in_file_order_and_set_assigns_from_the_values_before():
    text = """
initial: a
attributes: {n: {integer: 0}, x: {number: 1}, y: {number: 2}, risk: {categorical: {low: 1, high: 0}}}
states:
  - {name: a, delay: 1 h}
  - {name: end, final: true}
  - {name: wrong, final: true}
transitions:
  - {trigger: again, source: a, dest: a, when: n < 2, set: {n: n + 1, x: y, y: x}}
  - {trigger: go, source: a, dest: end, when: n == 2 and x == 1, set: {risk: high}}
  - {trigger: fail, source: a, dest: wrong}
"""
    (case,) = run(text, "03-03 00:00").cases
    assert (case["outcome"], case["attribute_n"], case["attribute_x"], case["attribute_risk"]) == ("end", 2, 1, "high")


def test_without_a_way_out_the_run_ends_with_an_error_that_names_the_state():
    way = "{trigger: t, source: a, dest: end, when: 1 > 2}"
    text = f"{{initial: a, states: [{{name: a}}, {{name: end, final: true}}], transitions: [{way}]}}"
    with pytest.raises(RuntimeError, match="'a'"):
        run(text, "03-03 00:00")


# --- time-outs


TIMED = "  - {{trigger: late, source: a, dest: b, timeout: {after}}}"


def test_a_completion_beats_a_time_out_of_the_same_instant():
    found = run(one_step("delay: 2 h", TIMED.format(after="2 h")), "03-03 09:00")
    assert (row(found, 0, "a")["trigger"], row(found, 0, "a")["end"]) == ("go", "completed")


def test_a_time_out_ends_the_visit_and_closes_its_segment():
    found = run(one_step("delay: 3 h", TIMED.format(after="2 h")), "03-03 09:00")
    a = row(found, 0, "a")
    assert (a["trigger"], a["dest"], a["end"]) == ("late", "b", "timed_out")
    assert segments(a) == {"delay": "2:00"}
    assert wall(found.cases[0]["end_us"]) == "03-03 12:00"


def test_a_time_out_beats_a_start_and_releases_the_queue():
    text = one_step(f"{CLERK}, work: 1 h", TIMED.format(after="1 h"))
    found = run(text, "03-03 09:00", "03-03 09:00", "03-03 09:30")
    # at 10:00 the clerk is free, but case 1 has run out of time; case 2 starts
    assert row(found, 0, "a")["end"] == "completed"
    assert instants(row(found, 1, "a")) == "03-03 09:00 | 03-03 09:00 | - | - | 03-03 10:00 | 03-03 10:00"
    assert segments(row(found, 1, "a")) == {"contention": "1:00"}
    assert wall(row(found, 2, "a")["start_us"]) == "03-03 10:00"


def test_a_time_out_in_the_midst_of_work_releases_the_clerk():
    text = one_step(f"{CLERK}, work: 3 h", TIMED.format(after="1 h"))
    found = run(text, "03-03 09:00", "03-03 09:45")
    # case 1 starts when case 0 runs out of time, and has done 45 min when its own hour is over
    assert segments(row(found, 0, "a")) == {"work": "1:00"}
    assert instants(row(found, 1, "a")).endswith("| 03-03 10:00 | - | 03-03 10:45 | 03-03 10:45")
    assert segments(row(found, 1, "a")) == {"contention": "0:15", "work": "0:45"}


def test_a_time_out_in_working_days_runs_on_the_offices_hours():
    found = run(one_step("department: desk, delay: 9 d", TIMED.format(after="1 wd")), "03-07 16:00")
    assert wall(row(found, 0, "a")["exit_us"]) == "03-10 16:00"


def test_a_timer_with_a_guard_that_does_not_hold_does_not_come_back():
    ways = "  - {trigger: late, source: a, dest: b, timeout: 1 h, when: 1 > 2}"
    found = run(one_step("delay: 3 h", ways), "03-03 09:00")
    assert row(found, 0, "a")["end"] == "completed"


# --- regions


def parallel(join: str, more: str = "", fire: str = "delay: 1 h", ways: str = "") -> str:
    return f"""
initial: both
states:
  - name: both
    join: {join}
    regions:
      - name: fire
        initial: check
        states: [{{name: check, {fire}}}, {{name: end, final: true}}]
        transitions: [{{trigger: go, source: check, dest: end}}]
      - name: plan
        initial: check
        states: [{{name: check, {CLERK}, work: 3 h}}, {{name: end, final: true}}]
        transitions: [{{trigger: go, source: check, dest: end}}]
{more}
  - {{name: end, final: true}}
  - {{name: refused, final: true}}
transitions:
  - {{trigger: joined, source: both, dest: end}}
{ways}
"""


FIRE, PLAN = "both/fire/check", "both/plan/check"


def test_a_join_of_all_waits_for_the_last_and_the_first_synchronizes():
    found = run(parallel("all"), "03-03 09:00")
    assert segments(row(found, 0, FIRE)) == {"delay": "1:00", "sync": "2:00"}
    assert segments(found.cases[0]) == {"work": "3:00"}
    assert [r["token"] for r in found.events] == ["both/fire", "both/plan"]
    assert row(found, 0, FIRE)["dest"] == "both/fire/end"


def test_a_join_of_any_cancels_the_others_and_releases_their_people():
    found = run(parallel("any"), "03-03 09:00", "03-03 09:30")
    plan = row(found, 0, PLAN)
    assert (plan["end"], plan["trigger"], plan["dest"]) == ("cancelled", None, None)
    assert instants(plan) == "03-03 09:00 | 03-03 09:00 | 03-03 09:00 | - | - | -"
    assert segments(plan) == {"work": "1:00"}
    assert segments(found.cases[0]) == {"delay": "1:00"}
    assert segments(row(found, 1, PLAN)) == {"contention": "0:30", "work": "0:30"}


def test_tokens_that_finish_at_the_instant_of_the_join_all_count():
    found = run(parallel("any", fire="delay: 3 h"), "03-03 09:00")
    assert [r["end"] for r in found.events] == ["completed", "completed"]
    # the fire region comes first by node, so that it fires the join
    assert segments(found.cases[0]) == {"delay": "3:00"}


def test_a_join_of_at_least_two_takes_the_second():
    text = """
initial: c
states:
  - name: c
    join: {at_least: 2}
    regions:
      - name: x
        initial: s
        states: [{name: s, delay: 3 h}, {name: e, final: true}]
        transitions: [{trigger: t, source: s, dest: e}]
      - name: y
        initial: s
        states: [{name: s, delay: 2 h}, {name: e, final: true}]
        transitions: [{trigger: t, source: s, dest: e}]
      - name: z
        initial: s
        states: [{name: s, delay: 1 h}, {name: e, final: true}]
        transitions: [{trigger: t, source: s, dest: e}]
  - {name: end, final: true}
transitions: [{trigger: go, source: c, dest: end, transfer: {delay: 30 min}}]
"""
    found = run(text, "03-03 00:00")
    assert [r["end"] for r in found.events] == ["cancelled", "completed", "completed"]
    assert segments(row(found, 0, "c/x/s")) == {"delay": "2:00"}
    assert segments(row(found, 0, "c/z/s")) == {"delay": "1:00", "sync": "1:00"}
    # the composite's own transfer has no row, but counts for the case
    assert segments(found.cases[0]) == {"delay": "2:00", "transfer": "0:30"}
    assert wall(found.cases[0]["end_us"]) == "03-03 02:30"


LEAVING = parallel("all").replace(
    "transitions: [{trigger: go, source: check, dest: end}]",
    "transitions: [{trigger: stop, source: check, dest: refused, transfer: {delay: 1 h}}]",
    1,
)


def test_leaving_early_cancels_the_rest_and_then_travels():
    found = run(LEAVING, "03-03 09:00", "03-03 09:30")
    fire, plan = row(found, 0, FIRE), row(found, 0, PLAN)
    assert (fire["end"], fire["dest"], fire["token"]) == ("completed", "refused", "both/fire")
    assert instants(fire).endswith("03-03 10:00 | 03-03 11:00")
    assert (plan["end"], segments(plan)) == ("cancelled", {"work": "1:00"})
    assert wall(row(found, 1, PLAN)["start_us"]) == "03-03 10:00"
    assert segments(found.cases[0]) == {"delay": "1:00", "transfer": "1:00"}
    assert found.cases[0]["outcome"] == "refused"


def test_an_exit_of_that_instant_inside_a_composite_being_left_is_not_taken():
    found = run(LEAVING.replace("delay: 1 h}, {name: end", "delay: 3 h}, {name: end"), "03-03 09:00")
    # both end at 12:00; the fire region comes first and leaves
    plan = row(found, 0, PLAN)
    assert (plan["end"], plan["trigger"]) == ("cancelled", None)
    assert instants(plan).endswith("| 03-03 12:00 | - | -")


def test_a_time_out_of_a_composite_cancels_all_inside():
    found = run(parallel("all", ways="  - {trigger: late, source: both, dest: refused, timeout: 2 h}"), "03-03 09:00")
    assert found.cases[0]["outcome"] == "refused"
    # fire, the least by node, had finished at 10:00 and waited
    assert segments(row(found, 0, FIRE)) == {"delay": "1:00", "sync": "1:00"}
    assert segments(row(found, 0, PLAN)) == {"work": "2:00"}
    assert segments(found.cases[0]) == {"delay": "1:00", "sync": "1:00"}


def test_nested_composites_have_tokens_of_their_own_and_sum_exactly():
    text = """
initial: outer
states:
  - name: outer
    regions:
      - name: left
        initial: inner
        states:
          - name: inner
            initial: x
            states: [{name: x, delay: 1 h}, {name: y, delay: 1 h}, {name: done, final: true}]
            transitions: [{trigger: t, source: x, dest: y}, {trigger: t, source: y, dest: done}]
          - {name: done, final: true}
        transitions: [{trigger: out, source: inner, dest: done, transfer: {delay: 1 h}}]
      - name: right
        initial: z
        states: [{name: z, delay: 5 h}, {name: done, final: true}]
        transitions: [{trigger: t, source: z, dest: done}]
  - {name: end, final: true}
transitions: [{trigger: go, source: outer, dest: end}]
"""
    found = run(text, "03-03 00:00")
    assert [(r["token"], r["state"], wall(r["arrive_us"])) for r in found.events] == [
        ("outer/left/inner", "outer/left/inner/x", "03-03 01:00"),
        ("outer/right", "outer/right/z", "03-03 05:00"),
        ("outer/left/inner", "outer/left/inner/y", "03-03 02:00"),
    ]
    # the left token ends at 03:00, after inner's transfer; its last row is that of y
    assert segments(row(found, 0, "outer/left/inner/y")) == {"delay": "1:00", "sync": "2:00"}
    assert segments(found.cases[0]) == {"delay": "5:00"}


def test_leaving_two_composites_at_once_follows_the_token_that_left():
    text = """
initial: before
states:
  - {name: before, delay: 1 h}
  - name: outer
    regions:
      - name: left
        initial: w
        states:
          - {name: w, delay: 1 h}
          - name: inner
            initial: x
            states: [{name: x, delay: 1 h}, {name: done, final: true}]
            transitions: [{trigger: stop, source: x, dest: end}]
          - {name: done, final: true}
        transitions:
          - {trigger: t, source: w, dest: inner}
          - {trigger: out, source: inner, dest: done}
          - {trigger: late, source: inner, dest: done, timeout: 4 h}
      - name: right
        initial: z
        states: [{name: z, delay: 5 h}, {name: d, final: true}]
        transitions: [{trigger: t, source: z, dest: d}]
  - {name: end, final: true}
transitions: [{trigger: go, source: before, dest: outer}, {trigger: go, source: outer, dest: end}]
"""
    found = run(text, "03-03 00:00")
    assert segments(found.cases[0]) == {"delay": "3:00"}
    assert segments(row(found, 0, "outer/right/z")) == {"delay": "2:00"}
    assert row(found, 0, "outer/right/z")["end"] == "cancelled"


@pytest.mark.parametrize(
    ("feature", "last", "told"),
    [
        ("as its least region goes on", "inner/c", {"delay": "5:00", "sync": "67:00"}),
        ("while its least region travels on from another", "inner/core/c", {"delay": "1:00", "sync": "67:00"}),
        ("before anything in it is entered", "b", {"delay": "2:00", "sync": "70:00"}),
    ],
)
def test_the_wait_of_a_region_whose_composite_times_out_stands_on_its_last_row(feature, last, told):
    features = yaml.safe_load((Path(__file__).parent / "features.yaml").read_text("utf-8"))
    found = run(features[f"a composite in a region that times out {feature}"], "03-03 00:00")
    assert segments(row(found, 0, f"whole/y/{last}")) == told
    assert segments(found.cases[0]) == {"delay": "72:00"}


# --- the end of a run


def test_what_is_open_at_the_cap_is_cut():
    found = run(one_step("delay: 5000 d"), "03-03 09:00", days=10)
    a, (case,) = row(found, 0, "a"), found.cases
    assert found.stopped_us == 1_110 * 24 * HOUR
    assert (a["end"], a["exit_us"], a["delay_us"]) == ("cut", None, found.stopped_us - a["enter_us"])
    assert (case["end_us"], case["outcome"], case["cycle_us"], case["delay_us"]) == (None, None, None, None)
    assert case["in_cohort"]


def test_the_run_goes_on_until_its_cohort_has_finished_and_arrivals_with_it():
    times = ["03-03 09:00", "03-12 23:00", "03-13 08:00", "03-13 23:00", "03-14 00:00"]
    found = run(one_step("delay: 1 d"), *times, days=10, warmup_days=1)
    # the cohort is case 1 alone, done on 03-13 at 23:00; what happens at that instant still does
    assert [case["in_cohort"] for case in found.cases] == [False, True, False, False]
    assert wall(found.stopped_us) == "03-13 23:00"
    assert [r["end"] for r in found.events] == ["completed", "completed", "cut", "cut"]


def test_the_segments_of_finished_cases_sum_to_their_cycle():
    found = run(LEAVING, *["03-03 09:00"] * 5, "03-07 16:45")
    for case in found.cases:
        assert sum(case[f"{name}_us"] for name in SEGMENTS) == case["cycle_us"]
    for r in found.events:
        ended = r["arrive_us"] if r["end"] == "completed" else found.cases[r["case"]]["end_us"] - HOUR
        assert sum(r[f"{name}_us"] for name in SEGMENTS) == ended - r["enter_us"]
