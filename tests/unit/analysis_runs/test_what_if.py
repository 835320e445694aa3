"""What changes of means and the end of single parts give, where the answer is known beforehand."""

import datetime as dt
from itertools import pairwise
from typing import Any

import handmade as hm
import pytest

import procflow as pf
from procflow.analysis.what_if.alternatives import Gain
from procflow.analysis.what_if.changes import never_closed, one_hour_longer, with_calendar
from procflow.analysis.what_if.sensitivity import more_often, one_more, sensitivity
from procflow.analysis.what_if.vanishing import critical_path, parts, vanishing
from procflow.definition.organization import Calendar
from procflow.definition.recurrence import Recurrence
from procflow.errors import AnalysisError
from procflow.simulation.staffing import staffing


def run(of: Any, rate: str = "2 per wd", **facts: Any) -> Any:
    plan = {"days": 60, "replications": 3, "seed": 5, "unlimited_staff": True, **facts}
    return pf.simulate(of, pf.Scenario(arrivals=rate, **plan))


def by_subject(gains: tuple[Gain, ...], kind: str) -> dict[str, Gain]:
    return {gain.alternative.subject: gain for gain in gains if gain.alternative.kind == kind}


def waiting(name: str, delay: str, **facts: Any) -> dict[str, Any]:
    return hm.state(name, "a", work=None, role=None, delay=delay, **facts)


def serial(*states: dict[str, Any], transfer: str | None = None) -> Any:
    every = [*states, hm.state("end")]
    ways = [hm.go(a["name"], b["name"]) for a, b in pairwise(every)]
    if transfer is not None:
        ways[0]["transfer"] = {"delay": transfer}
    return hm.process(every, ways)


# --- what vanishes ---


def test_without_queues_a_state_and_a_transfer_give_what_they_take_exactly():
    gains = vanishing(run(serial(waiting("first", "3 d"), waiting("second", "5 d"), transfer="2 d")))
    states = by_subject(gains, "state")
    assert [states[name].difference.mean for name in ("first", "second")] == pytest.approx([-3, -5])
    assert by_subject(gains, "handoff")["first --to_second→ second"].difference.mean == pytest.approx(-2)
    assert gains[0].alternative.subject == "second"


def test_the_end_of_the_quicker_region_gives_nothing_though_it_takes_three_days():
    regions = [
        {"name": name, "initial": "check", "transitions": [hm.go("check", "ok")],
         "states": [waiting("check", delay), hm.state("ok")]} for name, delay in (("quick", "3 d"), ("slow", "5 d"))
    ]  # fmt: skip
    of = hm.process([{"name": "joint", "regions": regions}, hm.state("end")], [hm.go("joint", "end")])
    states = by_subject(vanishing(run(of)), "state")
    assert states["joint/quick/check"].difference.mean == 0
    assert states["joint/slow/check"].difference.mean == pytest.approx(-2)  # the quicker one remains


def test_a_step_before_a_sitting_gives_whole_periods_or_nothing():
    meeting = hm.state("meeting", "b", work=None, role=None, batch={"every": "daily 12:00", "if_closed": "skip"})
    before = by_subject(vanishing(run(serial(waiting("first", "1 s"), meeting))), "state")
    assert before["first"].difference.mean == pytest.approx(0, abs=0.02)


def test_closing_hours_vanish_with_the_waits_that_they_make():
    of = serial(hm.state("intake", "a", work="1 h"))
    gain = by_subject(vanishing(run(of, "1 per h")), "calendar")["office"]
    assert gain.after.mean == pytest.approx(1 / 24)
    assert gain.difference.mean < 0


def test_parts_that_take_no_time_are_not_listed():
    listed = [part.subject for part in parts(run(serial(hm.state("intake", "a"), {"name": "mark"})))]
    assert listed == ["intake", "office"]


def test_parts_sum_to_the_cycle_time_exactly_and_name_what_the_path_runs_through():
    regions = [
        {"name": name, "initial": "check", "transitions": [hm.go("check", "ok")],
         "states": [waiting("check", delay), hm.state("ok")]} for name, delay in (("quick", "3 d"), ("slow", "5 d"))
    ]  # fmt: skip
    states = [{"name": "joint", "regions": regions}, hm.state("sign", "a", work="2 h"), hm.state("end")]
    of = hm.process(states, [hm.go("joint", "sign", transfer={"delay": "1 d"}), hm.go("sign", "end")])
    done = run(of)
    found = {(part.kind, part.subject): part for part in critical_path(done)}
    assert sum(part.mean_days for part in found.values()) == pytest.approx(done.cohort["cycle_us"].mean() / 86_400e6)
    assert found["state", "joint/slow/check"].mean_days == pytest.approx(5)
    assert found["handoff", "joint --to_sign→ sign"].mean_days == pytest.approx(1)
    assert found["state", "sign"].mean_days == pytest.approx(2 / 24)
    assert found["calendar", "office"].mean_days > 0
    # off the path, but listed with what its end would give
    quick = found["state", "joint/quick/check"]
    assert (quick.mean_days, quick.gain.difference.mean if quick.gain else None) == (0, 0)


def test_a_single_case_has_its_own_path_and_its_own_gains_under_the_same_luck():
    of = serial(waiting("first", "3 d"), waiting("second", {"uniform": ["1 d", "9 d"]}), transfer="2 d")  # type: ignore[arg-type]
    done = run(of)
    for key in ((0, 3), (2, 5)):
        row = done.cases.filter(replication=key[0], case=key[1]).to_dicts()[0]
        found = {(part.kind, part.subject): part for part in critical_path(done, case=key)}
        assert sum(part.mean_days for part in found.values()) == pytest.approx(row["cycle_us"] / 86_400e6)
        second = found["state", "second"]
        # nobody is waited for: what the case spends there is exactly what the end of the step gives it
        assert second.mean_days == pytest.approx(row["cycle_us"] / 86_400e6 - 5)
        assert second.gain is not None
        assert second.gain.difference.mean == pytest.approx(-second.mean_days)
        assert second.gain.to_data()["difference"]["low"] is None


def test_a_case_that_is_not_there_or_not_finished_has_no_path():
    with pytest.raises(AnalysisError, match="no finished case 99999"):
        critical_path(run(serial(waiting("first", "3 d"))), case=(0, 99_999))


# --- one more of each ---


def test_one_more_person_ends_a_queue_and_is_listed_for_those_who_work_in_the_process_alone():
    of = serial(hm.state("intake", "a", work="1 h"))
    gains = sensitivity(run(of, "7 per wd", unlimited_staff=False, days=200, replications=5))
    people = by_subject(gains, "person")
    assert set(people) == {"a.clerk"}
    assert people["a.clerk"].clear
    assert people["a.clerk"].difference.high < 0


def test_one_more_person_is_there_at_all_times_also_where_staff_changes_on_the_way():
    change = {"who": "a.clerk", "from": "2026-02-01", "people": 3}
    done = run(serial(hm.state("intake", "a")), unlimited_staff=False, start="2026-01-05", staffing_changes=[change])
    plan = next(iter(one_more(done))).scenario
    (group, *_) = staffing(done.processes[0].organization, plan).groups
    assert [group.heads_on(dt.date(2026, month, 9)) for month in (1, 2)] == [2, 4]


def test_no_people_are_added_where_there_is_no_limit_of_staff():
    assert {each.kind for each in one_more(run(serial(hm.state("intake", "a"))))} == {"hour"}


def test_one_more_sitting_a_week_halves_the_wait_at_most():
    meeting = hm.state("meeting", "b", batch={"every": "weekly wed 09:00"})
    gains = sensitivity(run(serial(hm.state("intake", "a"), meeting), days=300))
    gain = by_subject(gains, "sitting")["meeting"]
    # renewal: the mean wait is that of gaps of 7 days, then of gaps of 2 and 5: (4 + 25) / 14; holidays add a little
    assert gain.difference.mean == pytest.approx(29 / 14 - 3.5, rel=0.2)


@pytest.mark.parametrize(
    ("rule", "oftener"),
    [
        ("weekly wed 09:00", "weekly mon,wed 09:00"),
        ("weekly mon,wed 09:00", "weekly mon,wed,fri 09:00"),
        ("weekly mon,tue,wed,thu,fri 09:00", None),
        ("fortnightly odd thu 14:00", "weekly thu 14:00"),
        ("monthly 15 09:00", "fortnightly wed 09:00"),
        ("monthly 2nd tue 09:00", "fortnightly tue 09:00"),
        ("daily 09:00", "daily 09:00,13:00"),
        ("daily 16:00", "daily 12:00,16:00"),
        ("daily 09:00,14:00", None),
    ],
)
def test_the_next_more_frequent_cadence(rule: str, oftener: str | None):
    found = more_often(Recurrence.parse(rule))
    assert (str(found) if found else None) == oftener


@pytest.mark.parametrize(
    ("shifts", "longer"),
    [
        (["09:00-17:00"], ("09:00-18:00",)),
        (["09:00-12:00", "14:00-17:30"], ("09:00-12:00", "14:00-18:30")),
        (["08:00-23:30"], ("07:30-24:00",)),
    ],
)
def test_the_last_shift_of_a_day_is_an_hour_longer(shifts: list[str], longer: tuple[str, ...]):
    calendar = Calendar(name="c", hours={"mon": shifts})
    found = one_hour_longer(calendar)
    assert found.hours["mon"] == longer
    assert found.nominal_day_seconds() == calendar.nominal_day_seconds() + 3600


def test_a_change_of_hours_leaves_work_in_working_days_what_it_was():
    of = serial(hm.state("intake", "a", work="1 wd"), waiting("wait", "2 wd"))
    (changed,) = with_calendar((of,), "office", never_closed)
    work, delay = changed.definition.states[0].work, changed.definition.states[1].delay
    assert work is not None
    assert work.at(1).mean(changed.nominal_day_seconds("office")) == 8 * 3600
    assert delay is not None
    assert delay.at(1).mean(changed.nominal_day_seconds("office")) == 48 * 3600
    assert of.organization.calendars[0].hours["mon"] == ("09:00-17:00",)  # the definition given is not touched
