"""What a run does not do, or cannot do with what it was given, is said in both languages."""

import warnings
from collections.abc import Callable
from dataclasses import replace

import pytest

from procflow.errors import SimulationError
from procflow.simulation import simulate
from procflow.simulation.loops import LoopWatch
from tests.unit.simulation.small import ORGANIZATION, PERMIT, permit, plan, ran

STEP = """
initial: a
attributes: {{risk: {{categorical: {{low: 0.5, high: 0.5}}}}, floors: {{integer: 3}}, urgent: {{boolean: 0.5}}}}
states: [{{name: a, {}}}, {{name: end, final: true}}]
transitions: {}
"""
TO_END = "[{trigger: go, source: a, dest: end}]"
CLERK = "department: hall, role: clerk, work: 1 h"


def step(state: str = CLERK, ways: str = TO_END) -> str:
    return STEP.format(state, ways)


def refused(make: Callable[[], object], kind: type[SimulationError] = SimulationError) -> tuple[str, str]:
    with pytest.raises(kind) as caught:
        make()
    return caught.value.text("en"), caught.value.text("zh")


def test_a_call_of_a_process_that_was_not_loaded_is_refused() -> None:
    english, chinese = refused(lambda: ran(permit(text=step("call: {process: appeal.yaml}"))))
    assert "state 'a' of example calls 'appeal.yaml', which was not loaded with it" in english
    assert "调用 'appeal.yaml'" in chinese


def test_two_processes_of_one_name_are_refused() -> None:
    caller = permit(text=step("call: {process: appeal.yaml}"))
    caller = replace(caller, called={"appeal.yaml": permit(text=step())})
    english, _ = refused(lambda: ran(caller))
    assert "two different processes are called 'example'" in english


def test_a_call_of_too_many_instances_is_refused() -> None:
    called = permit(text="process: appeal\n" + step())
    caller = permit(text=step("call: {process: appeal.yaml, instances: floors * 1000000}"))
    english, chinese = refused(lambda: ran(replace(caller, called={"appeal.yaml": called})))
    assert "state 'a' calls more than 1,000,000 instances" in english
    assert "实例" in chinese


@pytest.mark.parametrize(
    ("name", "hint"), [("hall.clerks", "did you mean 'hall.clerk'?"), ("xyz", "write 'department.role'")]
)
def test_an_override_that_names_no_group_is_refused_with_a_suggestion(name: str, hint: str) -> None:
    english, chinese = refused(lambda: ran(staffing={name: 3}))
    assert f"staffing names {name!r}" in english
    assert hint in english
    assert f"staffing 中的 {name!r} 不是任何岗位" in chinese


def test_processes_of_different_organizations_are_refused() -> None:
    other = permit(text=PERMIT.replace("process: permit", "process: other"),
                   organization=ORGANIZATION.replace("county", "city"))  # fmt: skip
    both = [{"process": name, "arrivals": "1 per wd"} for name in ("a", "b")]
    english, chinese = refused(lambda: simulate([permit(), other], plan(arrivals=None, processes=both)))
    assert "share one organization file" in english
    assert "同一个组织文件" in chinese


def test_two_variants_of_one_process_are_refused_in_one_run() -> None:
    both = [{"process": name, "arrivals": "1 per wd"} for name in ("a", "b")]
    english, chinese = refused(lambda: simulate([permit(), permit()], plan(arrivals=None, processes=both)))
    assert "'permit' appears twice" in english
    assert "出现了两次" in chinese


def test_a_scenario_without_arrivals_is_refused() -> None:
    english, chinese = refused(lambda: ran(arrivals=None))
    assert "says nothing of how cases arrive" in english
    assert "arrivals" in chinese


def test_a_scenario_with_arrivals_of_another_number_of_processes_is_refused() -> None:
    english, chinese = refused(lambda: simulate([permit(), permit()], plan()))
    assert "2 processes are simulated, but the scenario gives arrivals of 0" in english
    assert "要仿真 2 个流程" in chinese


def test_a_case_without_a_way_out_ends_the_run_and_shows_state_and_attributes() -> None:
    ways = '[{trigger: go, source: a, dest: end, when: risk == "low" and floors > 5}]'
    english, chinese = refused(lambda: ran(permit(text=step(ways=ways))))
    assert "example: case 0 has no way out of state 'a' (risk = " in english
    assert "floors = 3, urgent = " in english
    assert "give it an exit without guard or probability" in english
    assert "在状态 'a' 没有可走的出口" in chinese


LOOP = """
initial: a
states: [{name: before}, {name: a}, {name: b}, {name: c}, {name: end, final: true}]
transitions:
  - {trigger: go, source: before, dest: a}
  - {trigger: go, source: a, dest: b}
  - {trigger: on, source: b, dest: c, probability: 0.5}
  - {trigger: back, source: b, dest: a, probability: 0.5}
  - {trigger: over, source: c, dest: end, when: floors > 5}
  - {trigger: again, source: c, dest: b}
"""


def test_a_loop_that_takes_no_time_ends_the_run_soon_and_names_its_states(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the second look, that is after half a million events: a second at most."""
    looks: list[int] = []
    look = LoopWatch.look
    monkeypatch.setattr(LoopWatch, "look", lambda watch, *given: (looks.append(1), look(watch, *given)))
    text = LOOP.replace("initial: a", "initial: before\nattributes: {floors: {integer: 3}}")
    english, chinese = refused(lambda: ran(permit(text=text), replications=1))
    assert "example: case 0 goes round a loop that takes no time, through 'a', 'b', 'c': give one" in english
    assert "不耗时的环路中无限循环，经过 'a'、'b'、'c'" in chinese
    assert len(looks) == 2


def test_a_loop_of_a_called_process_is_named() -> None:
    inner = "initial: s\nstates: [{name: s}, {name: t}, {name: e, final: true}]\ntransitions:\n"
    inner += "  - {trigger: go, source: s, dest: t}\n  - {trigger: back, source: t, dest: s}\n"
    inner += "  - {trigger: out, source: s, dest: e, when: 1 > 2}\n"
    called = permit(text="process: appeal\n" + inner)
    caller = replace(permit(text=step("call: {process: appeal.yaml}")), called={"appeal.yaml": called})
    english, _ = refused(lambda: ran(caller, replications=1))
    assert "appeal: case -1 goes round a loop that takes no time, through 's', 't'" in english


def test_very_many_cases_at_one_instant_are_no_loop() -> None:
    """120,000 cases that pass three states at once: more than a million events."""
    ways = "[{trigger: on, source: a, dest: b}, {trigger: on, source: b, dest: c}, {trigger: on, source: c, dest: end}]"
    text = step("department: hall}, {name: b}, {name: c", ways)
    arrivals = {"times": ["2025-01-21 09:00"], "size": 120_000}
    assert ran(permit(text=text), arrivals=arrivals, replications=1, warmup_days=0).cases["cycle_us"].max() == 0


def test_a_role_that_nobody_holds_is_refused() -> None:
    """The checks of files refuse that too; this is for processes that are made in Python."""
    held = ORGANIZATION.replace("{name: reviewer}", "{name: reviewer}, {name: archivist, staff: 1}")
    text = step("department: hall, role: archivist, work: 1 h")
    empty = permit(organization=held.replace("archivist, staff: 1", "archivist")).organization
    process = replace(permit(text=text, organization=held), organization=empty)
    english, chinese = refused(lambda: ran(process))
    assert "nobody holds the role 'hall.archivist' of state 'a'" in english
    assert "没有人员" in chinese
    assert ran(process, unlimited_staff=True).cohort["end_us"].null_count() == 0


def test_a_crew_that_an_override_makes_impossible_is_refused() -> None:
    text = step("department: hall, role: director, staff: 2, work: 1 h")
    organization = ORGANIZATION.replace("{name: director, staff: 1", "{name: director, staff: 2")
    english, chinese = refused(lambda: ran(permit(text=text, organization=organization), staffing={"hall.director": 1}))
    assert "takes 2 people of role 'director' on one calendar; there are 1" in english
    assert "实际只有 1 人" in chinese


@pytest.mark.parametrize("workers", [1, 3])
def test_an_error_of_one_replication_ends_all_whatever_the_number_of_threads(workers: int) -> None:
    ways = "[{trigger: go, source: a, dest: end, when: floors > 5}]"
    english, _ = refused(lambda: simulate(permit(text=step(ways=ways)), plan(replications=6), workers=workers))
    assert "has no way out" in english


def test_a_horizon_beyond_the_published_holidays_warns_and_goes_on_by_the_week() -> None:
    with pytest.warns(UserWarning, match="2027"):
        run = ran(start="2026-12-20", days=30)
    assert run.cohort.height > 0


def test_a_horizon_within_the_published_holidays_does_not_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ran(days=30, replications=1).cohort.height > 0
