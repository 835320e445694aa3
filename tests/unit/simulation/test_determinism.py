"""A run is a function of definitions, scenario and seed; variants meet the same cases with the same luck."""

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from procflow.simulation import Run, simulate
from tests.unit.simulation.small import assert_same_tables, draws, permit, plan, ran, renamed

SECOND = """
process: appeal
attributes: {area: {number: {exponential: 3}}}
initial: hear
states: [{name: hear, department: hall, role: reviewer, work: {exponential: 2 h}}, {name: end, final: true}]
transitions: [{trigger: go, source: hear, dest: end}]
"""
TWO = {"arrivals": None, "days": 30}
APPEALS, PERMITS = {"process": "a", "arrivals": "1 per wd"}, {"process": "p", "arrivals": "3 per wd"}


def test_two_runs_are_the_same_to_the_last_bit() -> None:
    assert_same_tables(ran(), ran())


def test_the_number_of_threads_changes_nothing() -> None:
    one, two = (simulate(permit(), plan(replications=6), workers=workers) for workers in (1, 3))
    assert_same_tables(one, two)


def test_the_order_in_which_processes_are_given_changes_nothing() -> None:
    first = simulate([permit(), permit(text=SECOND)], plan(processes=[PERMITS, APPEALS], **TWO))
    second = simulate([permit(text=SECOND), permit()], plan(processes=[APPEALS, PERMITS], **TWO))
    assert_same_tables(first, second)


def test_another_seed_and_another_replication_are_other_luck() -> None:
    run = ran(replications=2)
    first, second = (run.cases.filter(replication=number)["arrival_us"].to_list() for number in (0, 1))
    assert first != second
    assert ran(seed=10, replications=1).cases["arrival_us"].to_list() not in (first, second)


def test_more_replications_leave_the_first_ones_as_they_were() -> None:
    few, more = ran(replications=2), ran(replications=4)
    assert few.events.equals(more.events.filter(pl.col("replication") < 2))


def test_another_work_in_one_state_leaves_all_other_draws_alone() -> None:
    before = ran()
    after = ran(permit("work: {gamma: [1 h, 40 min]}", "work: {gamma: [30 min, 40 min]}"))
    states = ("intake", "review/site/visit", "sign")
    first, second = draws(before, "work_us", *states), draws(after, "work_us", *states)
    shared = first.keys() & second.keys()
    assert len(shared) > 0.99 * len(first)
    assert all(first[visit] == second[visit] for visit in shared)
    read = "review/file/read"
    assert draws(before, "work_us", read) != draws(after, "work_us", read)
    assert before.cases["arrival_us"].to_list() == after.cases["arrival_us"].to_list()


def test_a_state_renamed_with_same_as_changes_no_number() -> None:
    before = ran()
    after = ran(renamed("sign", "z_signature", same_as="sign"))
    numbers = [name for name in before.events.columns if name not in ("state", "dest")]
    assert "z_signature" in after.events["state"].to_list()
    assert before.events.select(numbers).equals(after.events.select(numbers))
    assert before.cases.equals(after.cases)


def test_a_state_renamed_without_same_as_draws_anew() -> None:
    before, after = ran(), ran(renamed("intake", "window"))
    first, second = draws(before, "work_us", "intake"), draws(after, "work_us", "window")
    assert list(first.values()) != list(second.values())


def test_a_new_exit_takes_cases_from_the_others_and_moves_none_between_them() -> None:
    """Exits race by -ln(u)/p: a further one can only win over the winner (5 % of 300 visits, at most 12 %)."""
    text = "  - {trigger: issue, source: sign, dest: issued, probability: 0.9}\n"
    added = "  - {trigger: issue, source: sign, dest: issued, probability: 0.85}\n"
    added += "  - {trigger: hold, source: sign, dest: issued, probability: 0.05}\n"
    before, after = taken(ran(days=90)), taken(ran(permit(text, added), days=90))
    moved = [(before[visit], after[visit]) for visit in before.keys() & after.keys() if before[visit] != after[visit]]
    assert moved
    assert len(moved) < 0.12 * len(before)
    assert {to for _, to in moved} <= {"hold", "refuse"}
    assert sum(to == "hold" for _, to in moved) > len(moved) / 2


def taken(run: Run) -> dict[tuple[int, ...], str]:
    """Return the trigger by which each visit left ``sign``."""
    rows = run.events.filter(state="sign", end="completed").select("replication", "case", "visit", "trigger").rows()
    return {row[:3]: row[3] for row in rows}


PLAIN = """
import sys
from pathlib import Path
from procflow.kernel.jit import COMPILED
from tests.unit.simulation.small import ran
assert not COMPILED
run = ran(replications=1, days=15, warmup_days=3)
for name in ("events", "cases", "staff"):
    getattr(run, name).write_parquet(Path(sys.argv[1]) / f"{name}.parquet")
"""


def test_the_kernel_gives_the_same_tables_compiled_and_as_plain_python(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    path = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": path}
    subprocess.run([sys.executable, "-c", PLAIN, tmp_path], check=True, env=environment, cwd=root)
    run = ran(replications=1, days=15, warmup_days=3)
    assert run.events.height > 100
    for name in ("events", "cases", "staff"):
        assert getattr(run, name).equals(pl.read_parquet(tmp_path / f"{name}.parquet"), null_equal=True)


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_ends_at_all_steps_and_never_goes_back_with_one_thread(workers: int) -> None:
    told: list[tuple[int, int]] = []
    simulate(permit(), plan(replications=4), workers=workers, progress=lambda done, total: told.append((done, total)))
    assert {total for _, total in told} == {400}
    assert max(told) == (400, 400)
    assert workers > 1 or told == sorted(told)
