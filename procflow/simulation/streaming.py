"""Writes the rows of a run to a folder while it is simulated, so that memory is bounded by the cases in progress.

Some threads write, as many chunks and one more at most wait for them, and whoever has another one waits. The folder has
a part of the events and of the cases per chunk (``events/000003-000017.parquet``: replication, part), each renamed when
it is whole, and takes its own name when all is there. Never computes what the rows say.
"""

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

import numpy as np
import polars as pl

from procflow.simulation.columns import Columns, Visits
from procflow.simulation.compile import Compiled
from procflow.simulation.frames import cases_frame, events_frame, staff_frame
from procflow.simulation.replicate import Keep, Replication
from procflow.simulation.run import Run, fresh_folder, scanned, settle

WRITERS = 2
"""Threads that write, at least: a chunk takes longer to write than to simulate."""

COMPRESSION: Mapping[str, Any] = {"compression": "zstd", "compression_level": 1}
"""The least effort: files of a tenth more in two thirds of the time."""

PATIENCE_SECONDS = 0.2
"""How long to wait before looking whether the writer failed."""

WRITING_FAILS = (OSError, MemoryError, pl.exceptions.PolarsError)
"""What comes of a disk or a memory that is full."""

_Chunk = tuple[int, int, Visits, Columns]
"""Number of a replication and of its part, with rows of visits and of cases."""

_Item = TypeVar("_Item")


class Stream:
    """A folder that fills while a run goes on. Shares with its threads what ``replications`` does, and nothing else.

    ``failure`` is why no more can be written, None while all is well.
    """

    def __init__(self, compiled: Compiled, folder: str | Path, *, writers: int = WRITERS) -> None:
        self.compiled = compiled
        self.place, self.partial = fresh_folder(folder)
        for name in ("events", "cases"):
            (self.partial / name).mkdir()
        self.handed: Counter[int] = Counter()
        self.written: Counter[int] = Counter()
        self.failure: BaseException | None = None
        self.writing = max(WRITERS, writers)
        self.closed = False
        self.done: SimpleQueue[int | None] = SimpleQueue()
        self.free: SimpleQueue[None] = SimpleQueue()
        self.filled: SimpleQueue[_Chunk | None] = SimpleQueue()
        for _ in range(self.writing + 1):
            self.free.put(None)
        for _ in range(self.writing):
            Thread(target=self._write_all, name="procflow", daemon=True).start()

    def keep(self, number: int) -> Keep:
        """Return what takes the rows of a replication; it waits while the writer is behind, and raises its failure."""

        def take(visits: Visits, cases: Columns) -> None:
            self._wait()
            self.filled.put((number, self.handed[number], visits, cases))
            self.handed[number] += 1

        return take

    def intact(self, finished: list[Replication]) -> list[Replication]:
        """End the writing; return the finished replications up to the first that is not on the disk as a whole."""
        self._close()
        kept = 0
        while kept < len(finished) and self.written[kept] == self.handed[kept]:
            kept += 1
        return finished[:kept]

    def settled(self, run: Run, finished: list[Replication]) -> Run:
        """Leave in the folder what these replications wrote, give it its name, and return the run with its tables."""
        for name in ("events", "cases"):
            for part in sorted((self.partial / name).iterdir()):
                if int(part.name.lstrip(".").partition("-")[0]) >= len(finished) or part.name.startswith("."):
                    part.unlink()
        staff_frame(self.compiled, finished).write_parquet(self.partial / "staff.parquet", **COMPRESSION)
        run.save_meaning(self.partial)
        settle(self.partial, self.place)
        return replace(run, tables=scanned(self.place), folder=self.place)

    def discard(self) -> None:
        """Leave nothing behind."""
        self._close()
        shutil.rmtree(self.partial, ignore_errors=True)

    def _close(self) -> None:
        """Take no more chunks, and wait until those that were taken are written."""
        if not self.closed:
            self.closed = True
            for _ in range(self.writing):
                self.filled.put(None)
        while self.writing:
            for number in _got(self.done):
                if number is None:
                    self.writing -= 1
                else:
                    self.written[number] += 1

    def _wait(self) -> None:
        """Wait for a free buffer; raise what keeps the writer from writing."""
        while not self.closed and self.failure is None:
            for _ in _got(self.free):
                return
        raise self.failure or RuntimeError("nobody takes rows any more")

    def _write_all(self) -> None:
        while (chunk := self.filled.get()) is not None:
            try:
                if self.failure is None:
                    self._write(chunk)
                    self.done.put(chunk[0])
            except BaseException as error:  # whatever it is, it is raised where rows are handed over
                self.failure = error
            del chunk  # its memory is free before the next one is waited for
            self.free.put(None)
        self.done.put(None)

    def _write(self, chunk: _Chunk) -> None:
        number, part, visits, cases = chunk
        rows = Replication(number, visits, cases, np.zeros(0, dtype=np.int64), 0, (0, 0))
        for name, frame in (("events", events_frame), ("cases", cases_frame)):
            place = self.partial / name / f"{number:06}-{part:06}.parquet"
            unfinished = place.with_name(f".{place.name}")
            frame(self.compiled, [rows]).write_parquet(unfinished, **COMPRESSION)
            unfinished.rename(place)


def _got(queue: SimpleQueue[_Item]) -> list[_Item]:
    """Wait a little for something in a queue, and return it if it came."""
    try:
        return [queue.get(timeout=PATIENCE_SECONDS)]
    except Empty:
        return []
