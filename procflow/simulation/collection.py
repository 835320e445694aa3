"""Gathers replications as they come into a run, in memory or in a folder; keeps what is finished when it ends early."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.errors import OutOfRoomError, cannot_write
from procflow.simulation.compile import Compiled
from procflow.simulation.frames import joined, tables_of
from procflow.simulation.provenance import provenance
from procflow.simulation.replicate import Keep, Replication
from procflow.simulation.run import Interrupted, Run
from procflow.simulation.streaming import WRITING_FAILS, Stream
from procflow.simulation.watch import Growing
from procflow.text import Text
from procflow.version import __version__

Tables = dict[str, pl.LazyFrame]
Part = Tables | Replication
"""What is kept of a replication: its tables, or where they are streamed what else is known of it."""


class Collection:
    """Replications 0, 1, 2, … of processes under a scenario, as many as there were so far.

    ``made`` turns their rows into tables on the threads that simulate; all else is called in the order of the numbers
    by one thread.
    """

    def __init__(
        self,
        processes: tuple[Process, ...],
        scenario: Scenario,
        compiled: Compiled,
        into: str | Path | None = None,
        *,
        workers: int = 1,
    ) -> None:
        self.processes, self.scenario, self.compiled = processes, scenario, compiled
        self.stream = None if into is None else Stream(compiled, into, writers=workers)
        self.growing: Mapping[str, Growing] = {}
        self.parts: list[Tables] = []
        self.streamed: list[Replication] = []

    @property
    def keep(self) -> Callable[[int], Keep] | None:
        """What gives for the number of a replication what takes its rows as they come."""
        return None if self.stream is None else self.stream.keep

    def made(self, replication: Replication) -> Part:
        """Return what is kept of a replication; its rows are those of the stream already, where there is one."""
        return tables_of(self.compiled, [replication]) if self.stream is None else replication

    def add(self, part: Part) -> None:
        """Take what is kept of the next replication."""
        if isinstance(part, Replication):
            self.streamed.append(part)
        else:
            self.parts.append(part)

    def run(self) -> Run:
        """Return the run of the replications so far, however many the scenario asks for."""
        if self.stream is None:
            return self._run(joined(self.parts), len(self.parts))
        kept = self.stream.intact(self.streamed)
        if self.stream.failure is not None:
            raise self.stream.failure
        return self.stream.settled(self._run({}, len(kept)), kept)

    def _run(self, tables: Tables, count: int) -> Run:
        scenario = self.scenario.model_copy(update={"replications": count})
        return Run(self.processes, scenario, tables, provenance(self.processes, scenario, __version__))

    def finished(self) -> Run | None:
        """Return the run of what is finished when no more can come; None, and nothing in the folder, without any."""
        if self.stream is None:
            return self._run(joined(self.parts), len(self.parts)) if self.parts else None
        kept = self.stream.intact(self.streamed)
        if not kept:
            self.discard()
            return None
        return self.stream.settled(self._run({}, len(kept)), kept)

    def discard(self) -> None:
        """Leave nothing in the folder."""
        if self.stream is not None:
            self.stream.discard()


@contextmanager
def collecting(collection: Collection) -> Iterator[Collection]:
    """Yield a collection; on Ctrl-C raise Interrupted with what is finished, on a full disk or memory tell of it."""
    try:
        yield collection
    except KeyboardInterrupt as interrupt:
        run = collection.finished()
        raise interrupt if run is None else Interrupted(run) from None
    except WRITING_FAILS as error:
        if collection.stream is None and not isinstance(error, MemoryError):
            raise
        raise _full(collection, error) from error
    except BaseException:
        collection.discard()
        raise


def _full(collection: Collection, error: BaseException) -> OutOfRoomError:
    """Return the error that tells of it, with what was finished: in memory, or in the folder."""
    total = collection.scenario.replications
    try:
        run = collection.finished()
    except WRITING_FAILS:
        collection.discard()
        run = None
    count = 0 if run is None else run.scenario.replications
    if collection.stream is None:
        what = Text(
            en=f"memory ran out after {count} of {total} replications: simulate into a folder (into=…, --into), "
            "or with fewer workers",
            zh=f"完成 {total} 次重复中的 {count} 次后内存不足：请将结果写入文件夹（into=…、--into），或减少 workers",
        )
        return OutOfRoomError(_with_queues(what, collection.growing), run)
    place = collection.stream.place
    reason = (
        cannot_write(place, error)
        if isinstance(error, OSError)
        else Text(en=f"{place} cannot be written: {error}", zh=f"{place} 无法写入：{error}")
    )
    if run is None:
        kept = Text(en="no replication was finished", zh="尚无已完成的重复")
    else:
        kept = Text(
            en=f"it holds the first {count} of {total} replications",
            zh=f"其中保存了 {total} 次重复中已完成的前 {count} 次",
        )
    what = Text(en=f"{reason.get('en')}; {kept.get('en')}", zh=f"{reason.get('zh')}；{kept.get('zh')}")
    return OutOfRoomError(_with_queues(what, collection.growing), run)


def _with_queues(what: Text, growing: Mapping[str, Growing]) -> Text:
    """Return what is to be said with the queues that were seen to grow: the likely cause."""
    seen = [queue.text() for queue in growing.values()]
    return Text(
        en="; ".join([what.get("en"), *(text.get("en") for text in seen)]),
        zh="；".join([what.get("zh"), *(text.get("zh") for text in seen)]),
    )
