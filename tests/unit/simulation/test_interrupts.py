"""Ctrl-C: a run stops at once, whatever its threads do, and keeps the replications that were finished."""

import os
import signal
import threading
import time
from typing import Any

import pytest

from procflow.simulation import Interrupted, simulate
from procflow.simulation.precision import simulate_until
from procflow.simulation.replicate import replicate
from tests.unit.simulation.small import assert_same_tables, permit, plan


@pytest.fixture
def interrupts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Ctrl-C strike when replication 2 begins; it does not finish before the run is stopped."""

    def struck(compiled: Any, seed: int, number: int, tick: Any, *more: Any) -> Any:
        if number == 2:
            if threading.current_thread() is threading.main_thread():
                raise KeyboardInterrupt
            time.sleep(0.3)  # until the others, which the main thread has to take over, are finished
            os.kill(os.getpid(), signal.SIGINT)
            while True:
                time.sleep(0.01)
                tick(0.0)  # ends it as soon as the run is stopped
        return replicate(compiled, seed, number, tick, *more)

    monkeypatch.setattr("procflow.simulation.replications.replicate", struck)


@pytest.mark.usefixtures("interrupts")
@pytest.mark.parametrize("workers", [1, 3])
def test_a_run_that_is_stopped_has_the_replications_before_the_first_unfinished_one(workers: int) -> None:
    with pytest.raises(Interrupted) as stopped:
        simulate(permit(), plan(replications=9), workers=workers)
    run = stopped.value.run
    assert run.scenario.replications == run.provenance.replications == 2
    assert_same_tables(run, simulate(permit(), plan(replications=2)))


@pytest.mark.usefixtures("interrupts")
@pytest.mark.parametrize("workers", [1, 3])
def test_a_run_until_it_is_precise_can_be_stopped_alike(workers: int) -> None:
    with pytest.raises(Interrupted) as stopped:
        simulate_until(permit(), plan(), relative=1e-9, workers=workers)
    assert_same_tables(stopped.value.run, simulate(permit(), plan(replications=2)))


def test_a_run_that_is_stopped_before_anything_is_finished_is_a_plain_interrupt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def struck(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("procflow.simulation.replications.replicate", struck)
    with pytest.raises(KeyboardInterrupt) as stopped:
        simulate(permit(), plan(), workers=1)
    assert not isinstance(stopped.value, Interrupted)


def test_no_thread_is_left_after_an_interrupt(interrupts: None) -> None:
    with pytest.raises(Interrupted):
        simulate(permit(), plan(replications=9), workers=3)
    deadline = time.monotonic() + 2
    while any(thread.name == "procflow" for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not [thread for thread in threading.enumerate() if thread.name == "procflow"]


def test_an_error_of_one_replication_ends_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []

    def failing(compiled: Any, seed: int, number: int, *more: Any) -> Any:
        begun.append(number)
        if number == 1:
            raise RuntimeError("broken")
        return replicate(compiled, seed, number, *more)

    monkeypatch.setattr("procflow.simulation.replications.replicate", failing)
    with pytest.raises(RuntimeError, match="broken"):
        simulate(permit(), plan(replications=200), workers=2)
    assert len(begun) < 100
