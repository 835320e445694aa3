"""Runs that are written to a folder while they go on: the same tables, whatever is interrupted or full."""

import errno
import resource
import subprocess
import sys
import time
from pathlib import Path
from threading import Semaphore
from typing import Any

import polars as pl
import pytest

from procflow.analysis.metrics import summary
from procflow.definition.shipped import folder
from procflow.errors import OutOfRoomError, SimulationError
from procflow.simulation import Interrupted, Run, simulate
from procflow.simulation import replicate as replicate_module
from procflow.simulation.collection import Collection
from tests.unit.simulation.small import assert_same_tables, permit, plan


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hand rows on so early that a small run has several parts."""
    monkeypatch.setattr(replicate_module, "CHUNK_ROWS", 100)
    monkeypatch.setattr("procflow.kernel.state.ROWS", 64)


def parts(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "events").iterdir())


@pytest.mark.parametrize("workers", [1, 3])
def test_a_streamed_run_has_the_tables_of_one_in_memory(tmp_path: Path, workers: int) -> None:
    streamed = simulate(permit(), plan(), workers=workers, into=tmp_path / "run")
    assert_same_tables(streamed, simulate(permit(), plan()))
    assert len(parts(tmp_path / "run")) > 2 * streamed.scenario.replications
    assert summary(streamed) == summary(simulate(permit(), plan()))


def test_a_streamed_run_is_read_lazily_and_loads_again(tmp_path: Path) -> None:
    streamed = simulate(permit(), plan(), into=tmp_path / "run")
    assert not {"events", "cases", "staff"} & vars(streamed).keys()
    counted = streamed.tables["events"].select(pl.len()).collect().item()
    assert f"{counted} visits" in str(streamed)
    assert "events" not in vars(streamed)
    assert counted == streamed.events.height
    loaded = Run.load(tmp_path / "run")
    assert_same_tables(loaded, streamed)
    assert (loaded.scenario, loaded.provenance) == (streamed.scenario, streamed.provenance)


def test_a_run_that_was_killed_leaves_no_half_a_run_and_nothing_after_the_next_one(tmp_path: Path) -> None:
    permit_file = str(folder() / "processes" / "food_license" / "as_is.yaml")
    words = ["simulate", permit_file, "--arrivals", "20 per wd", "--days", "3000", "--replications", "50"]
    with subprocess.Popen(
        [sys.executable, "-m", "procflow", *words, "--into", str(tmp_path / "run")], stderr=subprocess.DEVNULL
    ) as running:
        partial, deadline = tmp_path / ".run.writing" / "events", time.monotonic() + 120
        while not (partial.is_dir() and any(partial.iterdir())) and time.monotonic() < deadline:
            time.sleep(0.01)
        running.kill()
    assert [path.name for path in tmp_path.iterdir()] == [".run.writing"]
    assert_same_tables(simulate(permit(), plan(), into=tmp_path / "run"), simulate(permit(), plan()))
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_streamed_run_saves_to_another_folder(tmp_path: Path) -> None:
    streamed = simulate(permit(), plan(), into=tmp_path / "run")
    streamed.save(tmp_path / "copy")
    assert_same_tables(Run.load(tmp_path / "copy"), streamed)


def test_a_run_is_not_streamed_into_a_folder_that_has_something(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(SimulationError, match="not an empty folder"):
        simulate(permit(), plan(), into=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException, *, at: int) -> None:
    """Let writing fail from a replication on."""
    write = pl.DataFrame.write_parquet

    def written(self: pl.DataFrame, file: Any, **options: Any) -> None:
        if "replication" in self.columns and "state" in self.columns and self["replication"].max() == at:
            raise error
        write(self, file, **options)

    monkeypatch.setattr(pl.DataFrame, "write_parquet", written)


@pytest.mark.parametrize(
    ("error", "said"), [(OSError(errno.ENOSPC, "No space left"), "no space is left"), (MemoryError("19 GB"), "19 GB")]
)
def test_a_full_disk_leaves_what_was_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, said: str
) -> None:
    failing(monkeypatch, error, at=2)
    with pytest.raises(OutOfRoomError, match=f"{said}.*it holds the first 2 of 4 replications"):
        simulate(permit(), plan(replications=4), workers=1, into=tmp_path / "run")
    monkeypatch.undo()
    left = Run.load(tmp_path / "run")
    assert left.scenario.replications == 2
    assert_same_tables(left, simulate(permit(), plan(replications=2)))
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_disk_on_which_nothing_fits_is_told_and_left_as_it_was(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        with pytest.raises(SimulationError, match=r"cannot be written: .*no replication was finished"):
            simulate(permit(), plan(), into=tmp_path / "run")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def full(monkeypatch: pytest.MonkeyPatch, *, at: int) -> None:
    """Let memory run out in a replication, once those before it are kept."""
    whole, add, added = replicate_module.replicate, Collection.add, Semaphore(0)

    def replicated(compiled: Any, seed: int, number: int, *more: Any) -> Any:
        if number == at:
            for _ in range(at):
                added.acquire(timeout=30)
            raise MemoryError
        return whole(compiled, seed, number, *more)

    def noted(self: Collection, *more: Any) -> None:
        add(self, *more)
        added.release()

    monkeypatch.setattr(Collection, "add", noted)
    monkeypatch.setattr("procflow.simulation.replications.replicate", replicated)


@pytest.mark.parametrize("workers", [1, 2])
def test_memory_that_runs_out_is_told_with_the_way_out_and_leaves_what_was_finished(
    monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    full(monkeypatch, at=2)
    with pytest.raises(OutOfRoomError, match=r"memory ran out after 2 of 4 replications: .*--into") as caught:
        simulate(permit(), plan(replications=4), workers=workers)
    monkeypatch.undo()
    left = caught.value.run
    assert left.scenario.replications == 2
    assert_same_tables(left, simulate(permit(), plan(replications=left.scenario.replications)))


def test_memory_that_runs_out_before_anything_is_finished_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    full(monkeypatch, at=0)
    with pytest.raises(OutOfRoomError, match="after 0 of 3 replications") as caught:
        simulate(permit(), plan(), workers=1)
    assert caught.value.run is None


QUEUE = """
import resource
from procflow.simulation import simulate
from tests.unit.statistics.models import plan, queue
model = queue("work: 10 h")
simulate(model, plan("1 per d", 2, replications=1))
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 400 * 2**20, resource.RLIM_INFINITY))
try:
    simulate(model, plan("3000 per d", 10_000, replications=1), workers=1)
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited by /proc")
def test_a_queue_that_eats_all_memory_is_named() -> None:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", QUEUE], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("OutOfRoomError memory ran out after 0 of 1 replications")
    assert "cases wait for desk.clerk on" in done.stdout


def test_an_interrupt_leaves_the_finished_replications_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, KeyboardInterrupt(), at=2)
    with pytest.raises(Interrupted) as stopped:
        simulate(permit(), plan(replications=4), workers=1, into=tmp_path / "run")
    monkeypatch.undo()
    assert stopped.value.run.scenario.replications == 2
    assert_same_tables(Run.load(tmp_path / "run"), simulate(permit(), plan(replications=2)))


def test_an_error_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, ValueError("broken"), at=1)
    with pytest.raises(ValueError, match="broken"):
        simulate(permit(), plan(), workers=1, into=tmp_path / "run")
    assert list(tmp_path.iterdir()) == []
