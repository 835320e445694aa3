"""Offered load of people and sittings, by hand, by brute force and as a simulation finds it."""

import datetime as dt
import itertools
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import procflow as pf
from procflow.cli.demo import LICENSES, PLAN, POST_CHECKS
from procflow.definition import loads
from procflow.definition.resolved import Process
from procflow.definition.shipped import folder
from procflow.errors import ProcflowWarning
from procflow.simulation import simulate
from procflow.simulation.load import Load, offered_loads
from procflow.simulation.precision import simulate_until
from procflow.simulation.sharing import shares
from tests.unit.statistics.models import MONDAY, plan, process, queue


def load(model: Process, arrivals: Any, **more: Any) -> Load:
    """Return the highest offered load."""
    return offered_loads(model, plan(arrivals, 28, **more))[0]


def warned(model: Process, arrivals: Any, days: int = 14, **more: Any) -> list[str]:
    """Return what a simulation warns of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        simulate(model, plan(arrivals, days, replications=1, **more))
    return [str(each.message) for each in caught if isinstance(each.message, ProcflowWarning)]


CLERK = "roles: [{name: clerk, staff: 1}]"
END = "{name: end, final: true}"
ONE = (
    f"initial: a\nstates: [{{name: a, department: desk, role: clerk, work: 1 h}}, {END}]\n"
    "transitions: [{trigger: go, source: a, dest: end}]\n"
)
TWO = (
    "initial: a\nstates: [{name: a, department: desk, role: clerk, work: 1 h}, "
    f"{{name: b, department: desk, role: reviewer, work: 1 h}}, {END}]\n"
    "transitions: [{trigger: x, source: a, dest: b}, {trigger: y, source: b, dest: end}]\n"
)
POOL = "roles: [{name: clerk}, {name: reviewer}], staff: [{name: pool, roles: [clerk, reviewer], count: 1}]"


def test_an_overloaded_role_is_named_in_both_languages_before_anything_is_simulated():
    model = queue("work: 1 h")
    with pytest.warns(ProcflowWarning) as caught:
        simulate(model, plan("30 per d", 14, replications=1))
    [warning] = caught
    assert str(warning.message).startswith("the people of desk.clerk are offered 125% of the work")
    assert "desk.clerk 的工作量为其人员能力的 125%" in warning.message.text("zh")
    assert warning.filename == __file__


def test_a_run_until_precise_warns_of_an_overload_too():
    with pytest.warns(ProcflowWarning, match="125%") as caught:
        simulate_until(queue("work: 1 h"), plan("30 per d", 14), relative=9.0, least=2)
    assert [warning.filename for warning in caught] == [__file__]


def test_a_role_at_98_percent_is_silent():
    assert warned(queue("work: 1 h"), "23.5 per d") == []


def test_roles_that_are_fine_alone_and_not_together_are_named_together():
    [message] = warned(process(TWO, POOL), "14 per d")
    assert "the people of desk.pool are offered 117%" in message
    assert "as desk.clerk, desk.reviewer together" in message


def test_roles_that_are_just_fine_together_are_silent():
    assert warned(process(TWO, POOL), "11.8 per d") == []


def test_people_who_help_out_count_for_the_role_that_needs_them():
    """1.25 clerks' work: the clerk does 1, and the pool of reviewers the rest beside its own 0.5."""
    helping = (
        "roles: [{name: clerk, staff: 1}, {name: reviewer}], staff: [{name: pool, roles: [clerk, reviewer], count: 1}]"
    )
    text = TWO.replace("work: 1 h}, {name: b", "work: 75 min}, {name: b").replace(
        "reviewer, work: 1 h", "reviewer, work: 30 min"
    )
    found = load(process(text, helping), "24 per d")
    assert (found.names, found.groups) == (("desk.clerk", "desk.reviewer"), ("desk.clerk", "desk.pool"))
    assert found.offered == pytest.approx((1.25 + 0.5) / 2)


def test_a_sitting_with_too_few_seats_is_named():
    meeting = queue('delay: 1 h, batch: {every: "weekly wed 09:00", max: 6}')
    [message] = warned(meeting, "1 per d", days=60)
    assert message.startswith("the sittings at example/a are offered 117% of their seats")


def test_a_sitting_whose_seats_are_nearly_all_taken_is_silent():
    meeting = queue('delay: 1 h, batch: {every: "weekly wed 09:00", max: 7}')
    assert warned(meeting, "0.98 per d", days=60) == []
    assert load(meeting, "0.98 per d").offered == pytest.approx(0.98)


@pytest.mark.parametrize(("rule", "per_day"), [("daily 09:00,14:00", 2), ("fortnightly wed 09:00", 1 / 14)])
def test_the_load_of_a_sitting_counts_from_one_to_the_next(rule: str, per_day: float):
    meeting = queue(f'delay: 1 h, batch: {{every: "{rule}", max: 10}}')
    assert load(meeting, "5 per d").offered == pytest.approx(5 / per_day / 10, rel=0.01)


def test_sittings_without_seats_or_held_once_have_no_load():
    free = queue('delay: 1 h, batch: {every: "weekly wed 09:00"}')
    assert offered_loads(free, plan("100 per d", 28)) == ()


def test_unlimited_staff_take_any_work_and_seats_stay_limited():
    both = queue('work: 10 h, batch: {every: "daily 09:00", max: 5}')
    assert [each.kind for each in offered_loads(both, plan("10 per d", 28, unlimited_staff=True))] == ["sitting"]


@pytest.mark.parametrize(
    "arrivals",
    [
        "12 per d",
        "0.5 per h",
        {"interval": {"gamma": {"mean": "2 h", "sd": "3 h"}}},
        {"every": "daily 09:00", "size": 12},
        {
            "times": [
                str(dt.datetime.combine(MONDAY, dt.time(9)) + dt.timedelta(hours=2 * n)) for n in range(12 * 28 - 5)
            ]
        },
    ],
)
def test_every_kind_of_arrivals_gives_the_same_load_at_the_same_rate(arrivals: Any):
    assert load(queue("work: 1 h"), arrivals).offered == pytest.approx(0.5, rel=0.02)


def test_a_few_cases_listed_for_one_day_are_no_overload():
    assert load(queue("work: 5 h"), {"times": [f"{MONDAY} 09:00"] * 9}).offered < 0.1


def test_the_load_counts_people_speed_and_how_many_a_step_needs():
    alone = load(queue("work: 1 h", clerks=6), "24 per d").offered
    assert alone == pytest.approx(1 / 6)
    assert load(queue("work: 1 h, staff: 3", clerks=6), "24 per d").offered == pytest.approx(3 * alone)
    fast = process(
        ONE,
        "roles: [{name: clerk, staff: 6, speed: 2.0}]",
    )
    assert load(fast, "24 per d").offered == pytest.approx(alone / 2)


def test_the_load_counts_the_time_on_duty():
    days = "calendars: [{name: open, holidays: false, hours: {mon-fri: ['09:00-12:00', '13:00-18:00']}}]"
    organization = (
        f"procflow: 1\norganization: town\n{days}\nlevels: [{{name: town}}]\n"
        f"departments: [{{name: desk, level: town, {CLERK}}}]\n"
    )
    model = in_town(ONE, organization)
    assert load(model, "4 per wd").offered == pytest.approx(0.5)
    assert load(model, "4 per d").offered == pytest.approx(0.5 * 7 / 5)
    assert load(model, "10 per wd").is_overload
    stays = in_town(ONE.replace("work: 1 h", "work: 1 h, overtime: true"), organization)
    assert load(stays, "10 per wd").offered == pytest.approx(10 / (8 + 2))  # two shifts a day, each an hour longer


def in_town(text: str, organization: str) -> Process:
    return loads(f"procflow: 1\nprocess: example\norganization: town.yaml\n{text}", organization=organization)


def test_offices_carry_the_load_of_their_region():
    organization = (
        "procflow: 1\norganization: town\ncalendars: [{name: open, holidays: false, hours: {mon-sun: '00:00-24:00'}}]\n"
        "levels: [{name: town}]\nregions: [{name: east, share: 3.0}, {name: west}]\n"
        f"departments: [{{name: desk, level: town, per: region, {CLERK}}}]\n"
    )
    found = offered_loads(in_town(ONE, organization), plan("32 per d", 28))
    assert [(each.names, round(each.offered, 9)) for each in found] == [
        (("desk.clerk@east",), 1.0),
        (("desk.clerk@west",), round(1 / 3, 9)),
    ]
    assert found[0].is_overload


LOOP = (
    "initial: a\nstates: [{name: a, department: desk, role: clerk, work: {first: 1 h, again: 15 min}}, "
    f"{{name: fix, delay: 1 d}}, {END}]\n"
    "transitions:\n"
    "  - {trigger: go, source: a, dest: end, probability: 0.5}\n"
    "  - {trigger: mend, source: a, dest: fix, probability: 0.5}\n"
    "  - {trigger: back, source: fix, dest: a}\n"
)


def test_repeated_visits_count_with_the_work_of_the_repetition():
    assert load(process(LOOP, CLERK), "12 per d").offered == pytest.approx(12 * (1 + 0.25) / 24)


def test_a_time_out_does_not_hide_an_overload():
    """All who wait for more than an hour give up, so that the queue stays short; the clerk cannot keep up."""
    impatient = process(
        f"initial: a\nstates: [{{name: a, department: desk, role: clerk, work: 1 h}}, {END}]\n"
        "transitions:\n  - {trigger: go, source: a, dest: end}\n"
        "  - {trigger: leave, source: a, dest: end, timeout: 1 h}\n",
        CLERK,
    )
    assert load(impatient, "36 per d").offered == pytest.approx(1.5)


def test_nothing_is_said_of_a_process_whose_probabilities_are_not_known():
    unknown = process(
        "attributes: {x: {number: {uniform: [0, 1]}}, y: {number: {uniform: [0, 1]}}}\n"
        "initial: a\nstates: [{name: a, department: desk, role: clerk, work: 1 h}, "
        f"{END}, {{name: other, final: true}}]\n"
        "transitions:\n  - {trigger: go, source: a, dest: end, when: x + y > 1}\n"
        "  - {trigger: stop, source: a, dest: other}\n",
        CLERK,
    )
    assert offered_loads(unknown, plan("100 per d", 28)) == ()


@pytest.mark.parametrize(("join", "counted"), [("all", ["desk.clerk", "desk.reviewer"]), ("any", ["desk.reviewer"])])
def test_regions_that_others_can_cut_short_do_not_count(join: str, counted: list[str]):
    region = "{{name: {0}, initial: do, states: [{1}, {{name: over, final: true}}], transitions: [{2}]}}"
    work = "{name: do, department: desk, role: clerk, work: 1 h}"
    step = "{trigger: go, source: do, dest: over}"
    regions = ", ".join(region.format(name, work, step) for name in ("one", "two"))
    model = process(
        f"initial: both\nstates:\n  - {{name: both, regions: [{regions}], join: {join}}}\n"
        f"  - {{name: b, department: desk, role: reviewer, work: 1 h}}\n  - {END}\n"
        "transitions: [{trigger: x, source: both, dest: b}, {trigger: y, source: b, dest: end}]\n",
        "roles: [{name: clerk, staff: 1}, {name: reviewer, staff: 1}]",
    )
    found = {each.names[0]: each.offered for each in offered_loads(model, plan("6 per d", 28))}
    assert sorted(found) == counted
    assert found.get("desk.clerk", 0.5) == pytest.approx(0.5)
    assert found["desk.reviewer"] == pytest.approx(0.25)


def test_the_work_of_several_processes_adds_up():
    models = [queue("work: 1 h", name="one"), queue("work: 30 min", name="two")]
    listed = [
        {"process": each.name, "arrivals": rate} for each, rate in zip(models, ("12 per d", "12 per d"), strict=True)
    ]
    scenario = pf.Scenario.model_validate({"processes": listed, "start": MONDAY, "days": 28})
    [found] = offered_loads(models, scenario)
    assert found.offered == pytest.approx(0.75)


def test_staffing_of_the_scenario_counts():
    assert load(queue("work: 1 h"), "36 per d", staffing={"desk.clerk": 2}).offered == pytest.approx(0.75)


@pytest.mark.parametrize(("model", "arrivals"), [(process(LOOP, CLERK), "17 per d"), (process(TWO, POOL), "10 per d")])
def test_the_offered_load_is_what_a_long_simulation_finds_people_busy(model: Process, arrivals: str):
    """Mean utilization over 20 replications of 200 days; its standard deviation is below 0.4 %, so 2 % is 5 of them."""
    run = simulate(model, plan(arrivals, 220, warmup_days=20, replications=20, seed=9))
    assert run.staff["utilization"].mean() == pytest.approx(load(model, arrivals).offered, abs=0.02)


@given(
    st.dictionaries(
        st.sampled_from("abcde"), st.tuples(st.integers(1, 20), st.sets(st.integers(0, 3), min_size=1)), min_size=1
    ),
    st.lists(st.integers(0, 12), min_size=4, max_size=4),
)
def test_the_highest_share_is_the_highest_ratio_over_all_sets_of_roles(roles, able):
    work = {role: float(amount) for role, (amount, _) in roles.items()}
    serving = {role: sorted(groups) for role, (_, groups) in roles.items()}
    capacity = dict(enumerate(map(float, able)))
    found = list(shares(work, serving, capacity))

    def ratio(some: tuple[str, ...]) -> float:
        total = sum(capacity[g] for g in {g for role in some for g in serving[role]})
        return sum(work[role] for role in some) / total if total else float("inf")

    sets = [some for n in range(1, len(work) + 1) for some in itertools.combinations(sorted(work), n)]
    assert max(each.load for each in found) == pytest.approx(max(map(ratio, sets)))
    for each in found:
        assert each.load == pytest.approx(ratio(each.roles))


def _silent(processes: list[Process], scenario: pf.Scenario) -> None:
    found = offered_loads(processes, scenario)
    assert found
    assert [each for each in found if each.is_overload] == []


@pytest.mark.parametrize("name", ["county", "county_reformed"])
def test_the_shipped_scenarios_are_not_overloaded(name: str):
    place = folder() / "scenarios" / f"{name}.yaml"
    scenario = pf.load_scenario(place)
    _silent([pf.load(place.parent / each.process) for each in scenario.processes], scenario)


def test_the_demonstration_is_not_overloaded():
    names = ("food_license/as_is", "food_license/to_be", "food_license_post_check/to_be")
    today, reformed, check = (pf.load(folder() / "processes" / f"{name}.yaml") for name in names)
    _silent([today], pf.Scenario.model_validate({**PLAN, "arrivals": LICENSES}))
    both = [{"process": reformed.name, "arrivals": LICENSES}, {"process": check.name, "arrivals": POST_CHECKS}]
    _silent([reformed, check], pf.Scenario.model_validate({**PLAN, "processes": both}))


LEAVE = {"who": "desk.clerk", "absent": 2, "from": "2025-05-05", "until": "2025-06-01"}
SUMMER = {"rate": "30 per d", "profile": {"months": {7: 2.0}}}


def test_a_leave_that_overloads_a_group_for_a_while_is_told_with_its_dates():
    found = offered_loads(queue("work: 1 h", 3), plan("30 per d", 200, staffing_changes=[LEAVE]))
    [usual, leave] = found
    assert usual.offered == pytest.approx(30 / 24 / (3 - 2 * 28 / 364), rel=0.01)
    assert (leave.since, leave.until) == (dt.date(2025, 5, 5), dt.date(2025, 6, 1))
    assert leave.offered == pytest.approx(30 / 24)
    assert leave.text().get("en").startswith("from 2025-05-05 to 2025-06-01 the people of desk.clerk are offered 125%")
    assert leave.text().get("zh").startswith("2025-05-05 至 2025-06-01 期间")


def test_a_season_that_overloads_a_group_is_told_with_its_dates():
    [usual, season] = offered_loads(queue("work: 1 h", 2), plan(SUMMER, 200))
    assert not usual.is_overload
    assert (season.since, season.until) == (dt.date(2025, 7, 1), dt.date(2025, 7, 31))
    assert season.offered == pytest.approx(2 * 30 / 24 / 2)


def test_a_profile_counts_at_its_mean():
    profile = {"hours": {"08:00-20:00": 1.5, "20:00-24:00": 0}, "weekdays": {"sat-sun": 0.5}}
    mean = (8 + 12 * 1.5) / 24 * (5 + 2 * 0.5) / 7
    found = load(queue("work: 1 h", 2), {"rate": "24 per d", "profile": profile})
    assert found.offered == pytest.approx(mean / 2, rel=1e-6)


def test_a_new_window_counts_from_its_day_on():
    changes = [{"who": "desk.clerk", "add": 1, "from": MONDAY + dt.timedelta(days=182)}]
    assert load(queue("work: 1 h"), "12 per d", staffing_changes=changes).offered == pytest.approx(0.5 / 1.5)


def test_a_replayed_log_is_offered_as_its_moved_times_are():
    times = [dt.datetime(2023, 3, 6) + dt.timedelta(hours=n) for n in range(24 * 28)]
    moved = {"times": times, "since": dt.date(2023, 3, 6)}
    assert load(queue("work: 30 min"), moved).offered == pytest.approx(0.5)


def test_a_run_counted_in_cases_is_warned_of_like_one_of_days():
    fields = {"arrivals": "30 per d", "start": MONDAY, "cases": 100, "replications": 1}
    with pytest.warns(ProcflowWarning, match="offered 125%"):
        simulate(queue("work: 1 h"), pf.Scenario.model_validate(fields))
