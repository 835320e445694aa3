"""What holds for every run: random sound processes under random scenarios, each with a few dozen cases.

40 examples, 20 with calls; always the same; 400 others each time with PROCFLOW_SOAK=1.
"""

import datetime as dt
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, get_args

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from procflow.analysis.metrics import summary
from procflow.analysis.path_split import PATH_SEGMENTS, By, path_of, path_split
from procflow.definition.holidays import duty
from procflow.definition.organization import Organization
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.machine import Automaton
from procflow.machine.graph import state_graph
from procflow.machine.replay import replay
from procflow.simulation import Run, simulate
from procflow.simulation.frames import SEGMENTS
from procflow.simulation.staffing import calendar_on, staffing
from tests.oracle.extended import extended
from tests.oracle.test_scenarios import scenarios
from tests.strategies import processes

SOAK = os.environ.get("PROCFLOW_SOAK") == "1"
DAY, MINUTE = 86_400_000_000, 60_000_000
INSTANTS = ("enter_us", "ready_us", "start_us", "done_us", "exit_us", "arrive_us")
Record = dict[str, Any]
Span = tuple[int, int]


@st.composite
def plans(draw: DrawFn) -> Scenario:
    """Draw a scenario of up to 40 cases that arrive at whole hours, so that many things fall on one instant."""
    start = dt.date(2025, 1, 1) + dt.timedelta(days=draw(st.integers(0, 364)))
    days = draw(st.integers(2, 25))
    midnight = dt.datetime.combine(start, dt.time())
    hours = draw(st.lists(st.integers(0, 24 * days - 1), min_size=1, max_size=40))
    fields = {
        "arrivals": {"times": [midnight + dt.timedelta(hours=hour) for hour in hours]},
        "start": start,
        "days": days,
        "warmup_days": draw(st.integers(0, days - 1)),
        "replications": 1,
        "seed": draw(st.integers(0, 1000)),
        "unlimited_staff": draw(st.sampled_from([False, False, False, True])),
    }
    return Scenario.model_validate(fields)


@settings(max_examples=15, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(processes(), plans())
def test_the_parts_of_the_cycle_time_sum_to_it_exactly(process: Process, plan: Scenario) -> None:
    run = simulate(process, plan, workers=1)
    ended = run.cohort.filter(run.cohort["outcome"].is_not_null())
    path = path_of(run, process, ended)
    each = path.group_by("case").agg(pl.col("total_us").sum())
    found = {row["case"]: row["total_us"] for row in each.iter_rows(named=True)}
    assert all(found.get(row["case"], 0) == row["cycle_us"] for row in ended.iter_rows(named=True))
    for by in get_args(By):
        table = path_split(run, by=by)
        assert int(table["total_us"].sum()) == int(ended["cycle_us"].sum())
        assert table["total_us"].equals(table.select(pl.sum_horizontal(PATH_SEGMENTS)).to_series().alias("total_us"))


@settings(
    max_examples=400 if SOAK else 40, derandomize=not SOAK, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(processes(), plans())
def test_every_run_keeps_the_invariants(process: Process, plan: Scenario) -> None:
    run = simulate(process, plan, workers=1)
    rows, cases = run.events.to_dicts(), run.cases.to_dicts()
    every_case_that_arrived_is_finished_or_in_progress(run, plan)
    every_case_replays_in_the_machine(process, rows, cases)
    nobody_is_in_two_places_at_once(process.organization, plan, rows)
    nobody_works_off_duty(process, plan, rows)
    nothing_comes_before_its_cause(rows, cases)
    segments_sum_to_the_time_of_rows_and_cases(rows, cases)
    no_table_has_what_is_no_number(run)


@settings(
    max_examples=400 if SOAK else 20, derandomize=not SOAK, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(st.data())
def test_runs_with_calls_joint_work_and_changes_of_staff_keep_them_too(data: st.DataObject) -> None:
    process = data.draw(extended())
    plan = data.draw(scenarios(process)).model_copy(update={"replications": 1})
    run = simulate(process, plan, workers=1)
    rows, cases = run.events.to_dicts(), run.cases.to_dicts()
    nobody_is_in_two_places_at_once(process.organization, plan, rows)
    nobody_works_off_duty(process, plan, rows)
    nothing_comes_before_its_cause(rows, cases)
    segments_sum_to_the_time_of_rows_and_cases(rows, cases)
    called_cases_begin_and_end_within_the_visit_that_calls_them(rows, cases)
    no_table_has_what_is_no_number(run)
    ended = run.cases.filter(pl.col("end_us").is_not_null()).height
    assert run.cases.height == ended + run.cases["outcome"].null_count()


def every_case_that_arrived_is_finished_or_in_progress(run: Run, plan: Scenario) -> None:
    assert plan.arrivals is not None
    assert run.cases.height == len(plan.arrivals.times)
    assert run.cases["case"].to_list() == list(range(run.cases.height))
    for case in run.cases.iter_rows(named=True):
        finished = case["end_us"] is not None
        assert finished == (case["outcome"] is not None) == (case["cycle_us"] is not None)
        assert case["in_cohort"] == (plan.warmup_days * DAY <= case["arrival_us"] < plan.days * DAY)
    in_progress = set(run.cases.filter(run.cases["end_us"].is_null())["case"])
    assert set(run.events.filter(run.events["end"] == "cut")["case"]) <= in_progress


def every_case_replays_in_the_machine(process: Process, rows: list[Record], cases: list[Record]) -> None:
    automaton, logs = Automaton(process), by_case(rows)
    graph = state_graph(process)
    constant = not any(edge.transition.set for edge in graph.edges)
    for case in cases:
        # attributes are known at the end; where none is set they were the same at arrival
        values = {name: case[f"attribute_{name}"] for name in process.definition.attributes}
        found = replay(automaton, logs[case["process"], case["case"]], values if constant else None)
        assert found.fits, f"case {case['case']}: {found.failure}"


def nobody_is_in_two_places_at_once(organization: Organization, plan: Scenario, rows: list[Record]) -> None:
    most = {group.name: max(heads for _, heads in group.heads) for group in staffing(organization, plan).groups}
    at_work: dict[tuple[str, int], dict[Any, Span]] = defaultdict(dict)
    for row in rows:
        if row["people"]:
            for group, persons in zip(row["group"].split(";"), row["people"].split(";"), strict=True):
                for person in persons.split(","):
                    assert 1 <= int(person) <= most[group]
                    # the rows of a joint piece of work are of one state, office and instant
                    work = tuple(row[name] for name in ("process", "state", "office", "ready_us", "start_us"))
                    start, until = time_at_work(row)
                    before = at_work[group, int(person)].get(work, (start, until))
                    at_work[group, int(person)][work] = start, max(until, before[1])
    for who, works in at_work.items():
        for (_, left), (came, _) in pairwise(sorted(works.values())):
            assert left <= came, f"{who} starts at {came} and is busy until {left}"


def nobody_works_off_duty(process: Process, plan: Scenario, rows: list[Record]) -> None:
    calendars = {group.name: group.calendar for group in staffing(process.organization, plan).groups}
    graphs = {each.name: state_graph(each) for each in [process, *every_called(process)]}
    for row in rows:
        if not row["people"]:
            continue
        start, until = time_at_work(row)
        calendar = calendars[row["group"].split(";")[0]]
        assert on_duty(process.organization, calendar, plan.start, (start, start + 1)) == 1
        if graphs[row["process"]].nodes[row["state"]].state.overtime:
            assert row["paused_us"] == 0
        else:
            assert on_duty(process.organization, calendar, plan.start, (start, until)) == row["work_us"]


def no_table_has_what_is_no_number(run: Run) -> None:
    for table in (run.events, run.cases, run.staff):
        assert all(column.drop_nulls().is_finite().all() for column in table.select(pl.selectors.float()))
    for process in run.processes:
        json.dumps([metric.to_data() for metric in summary(run, process)], allow_nan=False)


def every_called(process: Process) -> Iterator[Process]:
    for each in process.called.values():
        yield each
        yield from every_called(each)


def called_cases_begin_and_end_within_the_visit_that_calls_them(rows: list[Record], cases: list[Record]) -> None:
    visits = {(row["process"], row["case"], row["state"], row["visit"]): row for row in rows}
    for case in cases:
        if case["parent_case"] is not None:
            caller = visits[tuple(case[f"parent_{name}"] for name in ("process", "case", "state", "visit"))]
            assert caller["start_us"] == case["arrival_us"]
            if case["end_us"] is not None and caller["done_us"] is not None:
                assert case["end_us"] <= caller["done_us"]


def nothing_comes_before_its_cause(rows: list[Record], cases: list[Record]) -> None:
    logs = by_case(rows)
    for case in cases:
        log = logs[case["process"], case["case"]]
        ends = {row["arrive_us"] for row in log}
        for row in log:
            reached = [row[name] for name in INSTANTS if row[name] is not None]
            assert reached == sorted(reached)
            assert row["enter_us"] >= case["arrival_us"]
            assert case["end_us"] is None or reached[-1] <= case["end_us"]
        arrived = [row for row in log if row["enter_us"] == case["arrival_us"]]
        assert arrived
        if not any(row["token"] for row in log):  # without composites a visit begins where the one before arrives
            assert all(row["enter_us"] in ends for row in log[1:])


def segments_sum_to_the_time_of_rows_and_cases(rows: list[Record], cases: list[Record]) -> None:
    for row in rows:
        total = sum(row[name] for name in SEGMENTS)
        assert all(row[name] >= 0 for name in SEGMENTS)
        if row["arrive_us"] is not None:
            assert total == row["arrive_us"] - row["enter_us"] + row["sync_us"]
        else:  # it was cut or cancelled, at or after the last instant that it reached
            assert row["end"] in ("cut", "cancelled")
            assert total >= max(row[name] for name in INSTANTS if row[name] is not None) - row["enter_us"]
    for case in cases:
        if case["cycle_us"] is not None:
            assert sum(case[name] for name in SEGMENTS) == case["cycle_us"] == case["end_us"] - case["arrival_us"]


def by_case(rows: list[Record]) -> dict[tuple[str, int], list[Record]]:
    logs: dict[tuple[str, int], list[Record]] = defaultdict(list)
    for row in rows:
        logs[row["process"], row["case"]].append(row)
    return logs


def time_at_work(row: Record) -> Span:
    """Return when the people of a row were occupied; ``done_us`` is null where they were called off."""
    assert row["start_us"] is not None
    until = row["start_us"] + row["work_us"] + row["paused_us"]
    assert row["done_us"] in (None, until)
    return row["start_us"], until


def on_duty(organization: Organization, calendar: str, start: dt.date, span: Span) -> int:
    """Return the time on duty in a span, by looking at every shift of every day. The time zone has no summer time."""
    total = 0
    for day in range(span[0] // DAY, span[1] // DAY + 1):
        date = start + dt.timedelta(days=day)
        known = organization.calendar(calendar_on(calendar, date))
        assert known is not None
        for on, off in duty(organization, known, date):
            total += max(0, min(span[1], day * DAY + off * MINUTE) - max(span[0], day * DAY + on * MINUTE))
    return total
