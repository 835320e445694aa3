"""What the timing rules say from a definition alone, against simulation, where the assumptions of their formulas hold.

Those are: cases come at random working times, nobody waits for people, ordinary weeks without holidays. Each interval
is of 99.9 %, and narrow enough to prove something. What breaks an assumption is tested to be told apart.
"""

import itertools
from typing import Any

import polars as pl
import pytest

from procflow.analysis.cadence import missed
from procflow.analysis.expected_gap import expected_gap
from procflow.analysis.finding import Finding, Measurement
from procflow.analysis.frequency_gap import Cadence, cadences, expected_wait
from procflow.analysis.one_more_person import wait_left, waiting_probability
from procflow.analysis.profile import Profile
from procflow.analysis.registry import Context, analyze
from procflow.analysis.run_evidence import with_days
from procflow.analysis.timing.stability import yearly_loads
from procflow.definition.resolved import Process
from procflow.simulation import Run
from procflow.simulation.statistics import estimate
from tests.analytic.model import WAIT_HOURS, assert_holds, cohort_rows, mean_of, process, queue, run

OFFICE = """
procflow: 1
organization: county
calendars:
  - {name: office, hours: {mon-fri: "09:00-17:00"}}
  - {name: late, hours: {mon-fri: "13:00-21:00"}}
  - {name: tuesdays, hours: {tue: "09:00-17:00"}}
working_calendar: office
levels: [{name: county}]
departments:
  - {name: desk, level: county, roles: [{name: clerk, staff: 1}]}
  - {name: evening, level: county, calendar: late, roles: [{name: clerk, staff: 1}]}
  - {name: rare, level: county, calendar: tuesdays, roles: [{name: clerk, staff: 1}]}
"""
WD = pl.col("wd")


def serial(*states: str, way: str = "", limits: str = "") -> Process:
    """Return a process of states one after the other; ``way`` belongs to the transition between the first two."""
    names = [*("abcd"[: len(states)]), "end"]
    listed = "".join(f"  - {{name: {name}, {facts}}}\n" for name, facts in zip(names, states, strict=False))
    ways = "".join(
        f"  - {{trigger: to_{dest}, source: {source}, dest: {dest}{way if not number else ''}}}\n"
        for number, (source, dest) in enumerate(itertools.pairwise(names))
    )
    text = f"{limits}initial: a\nstates:\n{listed}  - {{name: end, final: true}}\ntransitions:\n{ways}"
    return process(text, organization=OFFICE)


def simulated(of: Process, days: int = 14 * 12, rate: str = "40 per wd", **more: Any) -> Run:
    """Simulate whole fortnights without limits of staff: warm-up, and then the cohort."""
    return run(of, rate, days=days, seed=21, warmup_days=14, replications=10, unlimited_staff=True, **more)


def only(of: Process) -> tuple[Context, Cadence]:
    context = Context(of)
    return context, list(cadences(context))[-1]


def waited(of: Process, found: Run, state: str, begin: str, end: str) -> pl.DataFrame:
    """Return the visits of a state with the working days between two instants."""
    rows = cohort_rows(found).filter(pl.col("state") == state, pl.col(end).is_not_null())
    return with_days(Context(of, found), rows, begin, end)


INTAKE = "department: desk, role: clerk, work: 30 min"


@pytest.mark.parametrize(
    ("batch", "within"),
    [
        ('every: "weekly wed 09:00"', 0.02),
        ('every: "weekly mon,tue 14:30"', 0.02),
        ('every: "fortnightly thu 11:00"', 0.02),
        ('every: "daily 10:00,15:00"', 0.02),
        ('every: "weekly sat 09:00"', 0.02),  # held on Monday
        ('every: "weekly wed 09:00", cutoff: 1 wd', 0.02),
        ('every: "weekly mon 09:00", cutoff: 2 d', 0.02),  # closes on Saturday: whoever comes on Friday is in time
        ('every: "weekly wed 09:00", cutoff: 6 wd', 0.02),  # longer than the period
    ],
)
def test_t3_the_wait_of_random_arrivals_for_a_sitting_is_what_a_run_shows(batch: str, within: float) -> None:
    of = serial(INTAKE, f"department: desk, role: clerk, batch: {{{batch}}}, work: 5 min")
    expected = expected_wait(*only(of)).now_wd
    assert_holds(expected, mean_of(waited(of, simulated(of), "b", "enter_us", "ready_us"), WD), within=within)


def test_t3_a_monthly_sitting_is_averaged_over_28_years_and_a_run_of_eight_shows_it() -> None:
    of = serial(INTAKE, 'department: desk, role: clerk, batch: {every: "monthly 15 09:00"}, work: 5 min')
    found = simulated(of, days=8 * 365, rate="2 per wd")
    assert_holds(
        expected_wait(*only(of)).now_wd, mean_of(waited(of, found, "b", "enter_us", "ready_us"), WD), within=0.05
    )


@pytest.mark.parametrize("every", ["daily 16:00", "weekly fri 16:00", "daily 09:30,12:00"])
def test_t3_the_wait_for_a_courier_is_what_a_run_shows(every: str) -> None:
    of = serial(INTAKE, INTAKE, way=f', transfer: {{every: "{every}"}}')
    rows = waited(of, simulated(of), "a", "exit_us", "arrive_us")
    assert_holds(expected_wait(*only(of)).now_wd, mean_of(rows, WD), within=0.02)


@pytest.mark.parametrize("every", ["weekly wed 09:00", "fortnightly mon,thu 11:00", "weekly mon,tue,fri 11:00"])
@pytest.mark.parametrize("courier", ["daily 16:00", "weekly fri 16:00"])
def test_t3_cases_that_a_courier_brings_to_a_sitting_are_enumerated_over_the_common_cycle(
    courier: str, every: str
) -> None:
    """Arrivals are one and the same for each working day, so that a release carries what the formula says."""
    sitting = f'department: desk, role: clerk, batch: {{every: "{every}"}}, work: 5 min'
    of = serial(INTAKE, sitting, way=f', transfer: {{every: "{courier}"}}')
    context = Context(of)
    cadence = next(each for each in cadences(context) if each.edge is None)
    rows = waited(of, simulated(of), "b", "enter_us", "ready_us")
    assert_holds(expected_wait(context, cadence).now_wd, mean_of(rows, WD), within=0.03)


@pytest.mark.parametrize(
    "work", ["3 h", "{uniform: [0 h, 16 h]}", "{triangular: [1 h, 5 h, 30 h]}", "{exponential: 9 h}"]
)
def test_t3_work_between_two_sittings_shifts_the_phase_by_its_whole_distribution(work: str) -> None:
    of = serial(
        f'department: desk, role: clerk, batch: {{every: "weekly tue 09:00"}}, work: {work}',
        'department: desk, role: clerk, batch: {every: "weekly mon,wed,thu 13:00"}, work: 5 min',
    )
    rows = waited(of, simulated(of, rate="80 per wd"), "b", "enter_us", "ready_us")
    assert_holds(expected_wait(*only(of)).now_wd, mean_of(rows, WD), within=0.03)


@pytest.mark.parametrize("cutoff", ["1 wd", "2 d", "3 h"])
def test_t6_the_chance_to_miss_a_sitting_and_the_wait_then_are_what_a_run_shows(cutoff: str) -> None:
    sitting = f'{{every: "weekly wed 14:00", cutoff: {cutoff}}}'
    of = serial(INTAKE, f"department: desk, role: clerk, batch: {sitting}, work: 5 min")
    expected = missed(only(of)[1].cycle)
    rows = waited(of, simulated(of, rate="80 per wd"), "b", "enter_us", "ready_us")
    late = WD > 5  # a period: whoever waits longer did not get the next sitting
    assert_holds(expected.chance, mean_of(rows, late), within=0.08)
    assert_holds(expected.wait_wd, mean_of(rows.filter(late), WD), within=0.02)


@pytest.mark.parametrize("taker", ["evening", "rare"])
def test_t5_the_wait_for_the_takers_hours_is_what_a_run_shows(taker: str) -> None:
    of = serial(INTAKE, f"department: {taker}, role: clerk, work: 1 min")
    (finding,) = analyze(of, rules=["T5"], profile=Profile(hours_overlap=1.0))
    rows = waited(of, simulated(of), "b", "enter_us", "start_us")
    assert_holds(finding.cost[0].per_case, mean_of(rows, WD), within=0.03)


@pytest.mark.parametrize(
    ("first", "way", "taker"),
    [
        (INTAKE, ", transfer: {delay: {uniform: [1 wd, 3 wd]}}", "rare"),
        (INTAKE, ", transfer: {delay: {triangular: [2 h, 20 h, 90 h]}}", "rare"),
        (f"{INTAKE}, delay: {{uniform: [2 h, 30 h]}}", "", "evening"),
        (f"{INTAKE}, delay: 1 wd", ", transfer: {delay: 9 h}", "rare"),
        (INTAKE, ', transfer: {every: "daily 16:00"}', "rare"),
        (INTAKE, ', transfer: {every: "weekly wed 10:00"}', "evening"),
    ],
)
def test_t2_the_wait_for_the_takers_hours_after_a_transfer_is_what_a_run_shows(
    first: str, way: str, taker: str
) -> None:
    of = serial(first, f"department: {taker}, role: clerk, work: 1 min", way=way)
    context = Context(of)
    expected = expected_gap(context, context.graph.out("a")[0])
    assert expected is not None
    rows = waited(of, simulated(of), "b", "enter_us", "start_us")
    assert_holds(expected, mean_of(rows, WD), within=0.03)


def test_t2_and_t5_leave_no_handover_to_both_and_sittings_to_t3() -> None:
    def gap(second: str, way: str = "") -> float | None:
        context = Context(serial(INTAKE, second, way=way))
        return expected_gap(context, context.graph.out("a")[0])

    rare = "department: rare, role: clerk, work: 1 min"
    assert gap(rare) is None
    assert gap(f'{rare}, batch: {{every: "weekly tue 10:00"}}', ", transfer: {delay: 1 wd}") is None
    assert gap(INTAKE, ", transfer: {delay: 1 d}") == 0


def value(finding: Finding, words: str) -> float:
    return next(e.value for e in finding.evidence if isinstance(e, Measurement) and words in e.name.get("en"))


@pytest.mark.parametrize(
    ("first", "way", "unit"),
    [
        ("department: desk, delay: {uniform: [6 wd, 9 wd]}", "", "wd"),
        ("department: desk, delay: {triangular: [2 d, 3 d, 9 d]}", ", transfer: {delay: 4 d}", "d"),
        (f"{INTAKE}, delay: 5 wd", ", transfer: {delay: 1 wd}", "wd"),
    ],
)
def test_t7_the_least_net_time_is_a_bound_that_the_quickest_of_many_cases_comes_near_to(
    first: str, way: str, unit: str
) -> None:
    """Elapsed: no case is quicker, and the quickest of 2,000 is within 2 % and a night and a weekend of it."""
    limits = f"limits: {{all: {{statutory: 1 {unit}, start: {{enter: a}}, stop: {{done: b}}}}}}\n"
    of = serial(first, INTAKE, way=way, limits=limits)
    (finding,) = (f for f in analyze(of, rules=["T7"]) if "cannot be kept" in str(f.statement))
    found = run(of, "20 per wd", days=28, seed=3, warmup_days=14, replications=8, unlimited_staff=True)
    rows = cohort_rows(found)
    begun = rows.filter(state="a").select("replication", "case", "enter_us")
    ended = rows.filter(state="b").select("replication", "case", "done_us")
    both = with_days(Context(of, found), begun.join(ended, on=["replication", "case"]), "enter_us", "done_us")
    days = WD if unit == "wd" else (pl.col("done_us") - pl.col("enter_us")) / 86_400e6
    least, quickest = value(finding, "least net time"), both.select(days.min()).item()
    # half an hour of work counts as 0.5/8 of a day where days are counted, and takes 0.5/24 of one
    assert least - (0.05 if unit == "d" else 1e-6) <= quickest <= 1.02 * least + (0.05 if unit == "d" else 0.01)


@pytest.mark.parametrize(("clerks", "rate"), [(1, 0.8), (2, 1.6), (3, 2.4)])
def test_t12_the_wait_left_with_one_more_person_is_what_a_run_with_one_more_shows(clerks: int, rate: float) -> None:
    """Poisson arrivals, exponential work of an hour, one queue: W = C(c, a)/(c - a) hours, before and after."""
    before, left = waiting_probability(clerks, rate) / (clerks - rate), wait_left(clerks, rate / clerks)
    assert left is not None
    for people, expected in ((clerks, before), (clerks + 1, before * left)):
        found = run(queue("work: {exponential: 1 h}", people), f"{rate} per h", days=150, seed=8)
        assert_holds(expected, mean_of(cohort_rows(found), WAIT_HOURS), within=0.25)


def test_t17_the_load_that_a_year_brings_is_how_busy_a_run_finds_people() -> None:
    """Expected visits, work by visit and holidays come in; the interval is that of the measured utilization."""
    of = process(
        """cases_per_year: 2000
initial: a
states:
  - {name: a, department: desk, role: clerk, work: {first: {uniform: [10 min, 40 min]}, again: 8 min}}
  - {name: b, department: desk, delay: 1 wd}
  - {name: end, final: true}
transitions:
  - {trigger: back, source: a, dest: b, probability: [0.4, 0.1]}
  - {trigger: again, source: b, dest: a}
  - {trigger: go, source: a, dest: end}
""",
        organization=OFFICE.replace("working_calendar", "holidays: CN\nworking_calendar"),
    )
    (load,) = (each for each in yearly_loads(Context(of)) if each.kind == "staff")
    found = run(of, f"{2000 / 365.2425} per d", days=364, seed=4, warmup_days=28, replications=20)
    used = estimate(
        found.staff.filter(department="desk").sort("replication")["utilization"].to_list(), confidence=0.999
    )
    assert_holds(load.offered, used, within=0.05)
