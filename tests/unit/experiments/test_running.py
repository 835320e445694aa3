"""Running: the same numbers everywhere, after any interruption, and failures that stop nobody else."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from procflow.analysis.metrics import summary
from procflow.errors import SimulationError
from procflow.experiments import Experiment, ExperimentResult, RayExecutor, load_experiment, run_experiment
from procflow.experiments.executors import Kind
from procflow.experiments.unit import measure, unit_of
from procflow.simulation import simulate
from tests.unit.experiments.small import (
    GRID,
    PACKAGES,
    PLAN,
    REVIEWERS,
    SCENARIO,
    cells_in,
    permit,
    small,
    stuck,
    write_plan,
)

UNITS = 16
"""Replications of all cells of the small experiment."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("experiment")


@pytest.fixture(scope="module")
def alone(place: Path) -> ExperimentResult:
    """The small experiment, run on one thread."""
    return run_experiment(small(), place, workers=1)


class Inline:
    """An executor that runs what it is given at once, and counts."""

    def __init__(self, before: Callable[[int], None] = lambda count: None) -> None:
        self.count = 0
        self.before = before

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> "Future[Any]":
        self.before(self.count)
        self.count += 1
        future: Future[Any] = Future()
        future.set_result(fn(*args))
        return future


def same(result: ExperimentResult, other: ExperimentResult) -> bool:
    """Whether two results agree to the last bit."""
    return result.values().equals(other.values()) and result.table().equals(other.table())


def test_a_cell_says_what_simulating_its_scenario_says(alone: ExperimentResult):
    for cell in alone.experiment.cells[:3]:
        rows = alone.table().filter(**cell.axes)
        found = [(row["metric"], row["mean"], row["low"], row["n"]) for row in rows.iter_rows(named=True)]
        metrics = summary(simulate(cell.processes[0], cell.scenario))
        assert found == [(m.key, m.estimate.mean, m.estimate.low, m.estimate.n) for m in metrics]


def test_two_threads_give_the_same_numbers_as_one(alone: ExperimentResult, tmp_path: Path):
    assert same(run_experiment(small(), tmp_path, workers=2), alone)


def test_two_processes_give_the_same_numbers_as_one_thread(alone: ExperimentResult, tmp_path: Path):
    assert same(run_experiment(small(), tmp_path, executor="processes", workers=2), alone)


def test_a_dask_cluster_gives_the_same_numbers_as_one_thread(alone: ExperimentResult, tmp_path: Path):
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(processes=True, n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert same(run_experiment(small(), tmp_path / "executor", executor=client.get_executor()), alone)
        # a client will do, too
        assert same(run_experiment(small(), tmp_path / "client", executor=client), alone)


def test_ray_gives_the_same_numbers_as_one_thread(alone: ExperimentResult, tmp_path: Path):
    ray = pytest.importorskip("ray")
    assert same(run_experiment(small(), tmp_path / "local", executor="ray", workers=2), alone)
    # a program that has joined a cluster stays in it
    with ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False):
        assert same(run_experiment(small(), tmp_path / "joined", executor=RayExecutor()), alone)
        assert ray.is_initialized()


def test_an_executor_given_is_used_and_left_open(alone: ExperimentResult, tmp_path: Path):
    with ThreadPoolExecutor(1) as pool:
        assert same(run_experiment(small(), tmp_path, executor=pool), alone)
        assert pool.submit(int, "3").result() == 3


def test_the_order_of_axes_and_values_does_not_matter_to_the_values(alone: ExperimentResult, place: Path):
    turned = small(grid={REVIEWERS: [2, 1], "arrivals": ["6 per wd", "4 per wd"]})
    pool = Inline()
    found = run_experiment(turned, place, executor=pool)
    assert pool.count == 0
    keys = ["processes", "arrivals", REVIEWERS, "process", "metric"]
    assert found.table().select(alone.table().columns).sort(keys).equals(alone.table().sort(keys))


def test_a_list_of_cells_gives_the_same_numbers_as_the_grid(alone: ExperimentResult, tmp_path: Path):
    rows = [{"arrivals": rate, REVIEWERS: people} for rate in GRID["arrivals"] for people in GRID[REVIEWERS]]
    assert same(run_experiment(small(grid=None, cells=rows), tmp_path), alone)


def test_what_is_there_is_not_run_again_and_what_is_missing_is(alone: ExperimentResult, tmp_path: Path):
    first = Inline()
    run_experiment(small(), tmp_path, executor=first)
    names = cells_in(tmp_path)
    assert (first.count, len(names)) == (UNITS, UNITS)
    (tmp_path / "cells" / names[3]).unlink()
    (tmp_path / "cells" / names[5]).write_text('{"values": ', encoding="utf-8")  # torn
    again = Inline()
    assert same(run_experiment(small(), tmp_path, executor=again), alone)
    assert again.count == 2


def test_more_replications_keep_those_that_are_there(alone: ExperimentResult, place: Path):
    pool = Inline()
    more = small(scenario=SCENARIO.model_copy(update={"replications": 3}))
    result = run_experiment(more, place, executor=pool)
    assert pool.count == UNITS // 2
    assert result.values().filter(replication=0).equals(alone.values().filter(replication=0))


@pytest.mark.parametrize("change", [{"seed": 8}, {"days": 21}, {"warmup_days": 1}, {"unlimited_staff": True}])
def test_another_scenario_is_another_cell(change: dict[str, Any]):
    other = small(scenario=SCENARIO.model_copy(update=change))
    digests = [{cell.digest for cell in experiment.cells} for experiment in (small(), other)]
    assert digests[0].isdisjoint(digests[1])


def test_a_name_of_a_scenario_makes_no_other_cell():
    other = small(scenario=SCENARIO.model_copy(update={"scenario": "renamed"}))
    assert [cell.digest for cell in other.cells] == [cell.digest for cell in small().cells]


def test_progress_counts_what_is_there_and_ends_with_all(tmp_path: Path):
    seen: list[tuple[int, int]] = []
    run_experiment(small(), tmp_path, workers=1, progress=lambda *pair: seen.append(pair))
    assert seen == [(done, UNITS) for done in range(UNITS + 1)]
    seen.clear()
    run_experiment(small(), tmp_path, progress=lambda *pair: seen.append(pair))
    assert seen == [(UNITS, UNITS)]


@pytest.mark.parametrize("executor", ["threads", "processes", "dask", "ray"])
def test_a_killed_experiment_resumes_with_the_numbers_of_an_uninterrupted_one(executor: Kind, tmp_path: Path):
    if executor in PACKAGES:
        pytest.importorskip(PACKAGES[executor])
    plan, killed = write_plan(tmp_path, PLAN.replace("replications: 2", "replications: 3")), tmp_path / "killed"
    words = ["experiment", str(plan), "-o", str(killed), "--workers", "1", "--executor", executor]
    with subprocess.Popen([sys.executable, "-m", "procflow", *words], stderr=subprocess.DEVNULL) as running:
        assert within(120, lambda: len(cells_in(killed)) >= 3)
        started = descendants(running.pid)
        running.send_signal(signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL
    kept = {name: (killed / "cells" / name).read_bytes() for name in cells_in(killed)}
    assert 3 <= len(kept) < 24
    whole, seen = load_experiment(plan), []
    resumed = run_experiment(whole, killed, executor=executor, workers=1, progress=lambda *pair: seen.append(pair))
    assert seen[0] == (len(kept), 24)
    assert same(resumed, run_experiment(whole, tmp_path / "whole"))
    assert {name: (tmp_path / "whole" / "cells" / name).read_bytes() for name in kept} == kept
    assert within(60, lambda: not [pid for pid in started if Path(f"/proc/{pid}").exists()])  # no worker is left behind


def within(seconds: float, reached: Callable[[], bool]) -> bool:
    """Wait until something is reached; whether it was in time."""
    deadline = time.monotonic() + seconds
    while not reached() and time.monotonic() < deadline:
        time.sleep(0.005)
    return reached()


def descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that they have; none where there is no /proc."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # gone meanwhile
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for parent in found:
        found += [child for child, its in parents.items() if its == parent]
    return found[1:]


def test_an_interrupt_keeps_what_is_finished(alone: ExperimentResult, tmp_path: Path):
    def interrupt(count: int) -> None:
        if count == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_experiment(small(), tmp_path, executor=Inline(interrupt))
    assert len(cells_in(tmp_path)) == 5
    assert same(run_experiment(small(), tmp_path), alone)


def test_an_interrupt_waits_for_what_is_under_way_and_cancels_the_rest(tmp_path: Path):
    def interrupt(done: int, total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_experiment(small(), tmp_path, workers=2, progress=interrupt)
    assert 1 <= len(cells_in(tmp_path)) < UNITS


def test_a_failing_cell_is_told_and_takes_no_other_along(alone: ExperimentResult, tmp_path: Path):
    result = run_experiment(small(processes=[permit(), stuck()]), tmp_path, workers=2)
    assert {failure.cell.variant for failure in result.failures} == {"stuck"}
    assert all("has no way out of state 'review'" in failure.message.get("en") for failure in result.failures)
    assert set(result.table()["processes"]) == {"as_is"}
    assert result.table().equals(alone.table().filter(processes="as_is"))
    [*saved] = (tmp_path / "failures").iterdir()
    assert len(saved) == len(result.failures)
    assert "没有可走的出口" in json.loads(saved[0].read_text(encoding="utf-8"))["failure"]["zh"]


def test_a_failure_is_tried_again_and_forgotten_when_it_succeeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def lack_memory(*arguments: object) -> None:
        raise MemoryError("no room")

    with monkeypatch.context() as patched:
        patched.setattr("procflow.simulation.replicate.replicate", lack_memory)
        result = run_experiment(small(), tmp_path, workers=1)
    assert len(result.failures) == UNITS
    assert result.failures[0].message.get("en") == "MemoryError: no room"
    assert "lack_memory" in result.failures[0].trace
    assert result.table().is_empty()
    assert run_experiment(small(), tmp_path, workers=1).failures == ()
    assert list((tmp_path / "failures").iterdir()) == []


def test_an_error_of_the_executor_is_a_failure_of_its_unit(tmp_path: Path):
    class Losing(Inline):
        def submit(self, fn: Callable[..., Any], /, *args: Any) -> "Future[Any]":
            future = super().submit(fn, *args)
            if self.count == 2:
                future = Future()
                future.set_exception(OSError("the worker was lost"))
            return future

    result = run_experiment(small(), tmp_path, executor=Losing())
    assert [failure.message.get("en") for failure in result.failures] == ["OSError: the worker was lost"]


def test_dead_workers_end_the_run_and_keep_what_is_finished(tmp_path: Path):
    def die(count: int) -> None:
        if count == 4:
            raise BrokenProcessPool("a process was terminated")

    with pytest.raises(SimulationError, match="run again to go on"):
        run_experiment(small(), tmp_path, executor=Inline(die))
    assert len(cells_in(tmp_path)) == 4


def test_a_worker_of_another_version_refuses():
    unit = replace(unit_of(small().cells[0], 0), made_by="procflow 0.0.1, holidays 0.1")
    assert "install the same versions everywhere" in measure(unit)["failure"]["en"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"executor": "thread"}, "unknown executor 'thread' (did you mean 'threads'?)"),
        ({"workers": 0}, "workers must be at least 1, not 0"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], words: str, tmp_path: Path):
    with pytest.raises(SimulationError) as caught:
        run_experiment(small(), tmp_path, **options)
    assert words in str(caught.value)


def test_a_missing_package_is_named_with_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SimulationError) as caught:
        run_experiment(small(), tmp_path, executor="ray")
    assert "pip install 'procflow[ray]'" in str(caught.value)


def test_several_processes_share_their_staff(tmp_path: Path):
    appeal = permit().with_definition(permit().definition.model_copy(update={"process": "appeal"}))
    both = {"alone": permit(), "together": [permit(), appeal]}
    experiment = Experiment(both, SCENARIO, grid={"arrivals.appeal": ["1 per wd", "6 per wd"]}, metrics=["cycle_wd"])
    mean = {
        (row["processes"], row["process"], row["arrivals.appeal"]): row["mean"]
        for row in run_experiment(experiment, tmp_path).table().iter_rows(named=True)
    }
    assert mean["alone", "permit", "1 per wd"] == mean["alone", "permit", "6 per wd"]
    assert mean["together", "permit", "1 per wd"] < mean["together", "permit", "6 per wd"]
    assert ("together", "appeal", "1 per wd") in mean
