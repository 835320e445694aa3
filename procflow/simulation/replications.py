"""Replications on threads, one after the other in their order whichever finishes first; and how far they are.

Made so that Ctrl-C always ends a run. Python raises KeyboardInterrupt in the main thread between any two instructions,
also right after a lock of ``threading`` or ``concurrent.futures`` was taken and before it is sure to be released; a
thread that needs that lock would then wait for ever. So the main thread shares nothing with the others but plain
flags and two ``queue.SimpleQueue``, which are made in C and safe to interrupt.
"""

import time
from collections.abc import Callable, Generator
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

from procflow.errors import warn_user
from procflow.simulation.compile import Compiled
from procflow.simulation.replicate import Keep, Replication, replicate
from procflow.simulation.watch import Growing

Progress = Callable[[int, int], None]
STEPS = 100
"""Steps of progress that a replication counts."""

PATIENCE_SECONDS = 0.2
"""How long Ctrl-C may have to wait at most: the system may hand the signal to a thread that does not look at it."""

FAREWELL_SECONDS = 2.0
"""How long to wait at most for threads to notice that nobody wants their results any more."""

_Made = TypeVar("_Made")
_Result = tuple[int, _Made | BaseException | None]
"""The number of a replication with what was made of it, or its failure; None from a thread that leaves."""


class _Stopped(Exception):  # noqa: N818 - not an error: somebody asked the run to stop
    """Ends a replication whose result nobody waits for."""


class Meter:
    """How far all replications are; also where a thread learns that it shall stop.

    ``most`` is how many there may be, ``expected`` how many there will probably be.
    """

    def __init__(self, most: int, progress: Progress | None) -> None:
        self.shares = [0.0] * most
        self.expected = most
        self.progress = progress
        self.stop = False
        self.growing: dict[str, Growing] = {}
        self._news: SimpleQueue[Growing] = SimpleQueue()

    def tick(self, number: int, share: float) -> None:
        """Note how far a replication is, from 0 to 1."""
        if self.stop:
            raise _Stopped
        self.shares[number] = share
        self._tell()

    def end(self, count: int) -> None:
        """Note that ``count`` replications are enough."""
        self.expected = count
        self._tell()

    def grows(self, queue: Growing) -> None:
        """Note that a queue grows without end, from whichever thread."""
        self._news.put(queue)

    def warn(self) -> None:
        """Warn whoever simulates of each queue that grows, once; in the thread that waits."""
        while not self._news.empty():
            queue = self._news.get()
            if queue.name not in self.growing:
                self.growing[queue.name] = queue
                warn_user(queue.text())

    def _tell(self) -> None:
        if self.progress is not None:
            total = STEPS * self.expected
            self.progress(min(total, int(STEPS * sum(self.shares))), total)


def in_order(
    compiled: Compiled,
    seed: int,
    workers: int,
    meter: Meter,
    made: Callable[[Replication], _Made],
    *,
    ahead: int,
    keep: Callable[[int], Keep] | None = None,
) -> Generator[_Made]:
    """Yield what is made of replications 0, 1, 2, … of a model, as many as the meter has room for.

    They run on ``workers`` threads, at most ``ahead`` of them before they are asked for; with one worker on the
    caller's own thread, when asked for. Whoever stops before the end closes the iterator. ``keep`` gives for the
    number of a replication what takes its rows as they come.
    """

    def one(number: int, warn: bool = False) -> _Made:
        def tick(share: float) -> None:
            meter.tick(number, share)
            if warn:
                meter.warn()

        kept = keep(number) if keep is not None else None
        done = made(replicate(compiled, seed, number, tick, kept, meter.grows))
        meter.tick(number, 1.0)
        return done

    count = len(meter.shares)
    if workers == 1 or count == 1:
        yield from (one(number, warn=True) for number in range(count))
    else:
        yield from _on_threads(one, count, min(workers, ahead, count), meter, ahead)


def _on_threads(one: Callable[[int], _Made], count: int, threads: int, meter: Meter, ahead: int) -> Generator[_Made]:
    todo: SimpleQueue[int | None] = SimpleQueue()
    done: SimpleQueue[_Result[_Made]] = SimpleQueue()
    for number in range(min(ahead, count)):
        todo.put(number)
    try:
        for _ in range(threads):
            Thread(target=_work, args=(one, todo, done, meter), name="procflow", daemon=True).start()
        finished: dict[int, _Made] = {}
        for number in range(count):
            while number not in finished:
                finished.update(_finished(done))
                meter.warn()
            yield finished.pop(number)
            if number + ahead < count:
                todo.put(number + ahead)
    finally:
        # an error, Ctrl-C or enough: nobody waits for the others any more
        meter.stop = True
        _dismiss(threads, todo, done)


def _work(
    one: Callable[[int], _Made], todo: SimpleQueue[int | None], done: SimpleQueue[_Result[_Made]], meter: Meter
) -> None:
    """Run one replication after the other, until told to stop."""
    while (number := todo.get()) is not None and not meter.stop:
        try:
            done.put((number, one(number)))
        except _Stopped:
            break
        except BaseException as error:  # whatever it is, it is raised where the result is waited for
            done.put((number, error))
    done.put((0, None))


def _finished(done: SimpleQueue[_Result[_Made]]) -> dict[int, _Made]:
    """Wait a little for a replication to finish; raise at once where one failed."""
    try:
        number, result = done.get(timeout=PATIENCE_SECONDS)
    except Empty:
        return {}
    if isinstance(result, BaseException):
        raise result
    return {} if result is None else {number: result}


def _dismiss(threads: int, todo: SimpleQueue[int | None], done: SimpleQueue[_Result[_Made]]) -> None:
    """Send the threads away, and wait a little until they left: compiled code should not run while Python ends."""
    for _ in range(threads):
        todo.put(None)
    patience = time.monotonic() + FAREWELL_SECONDS
    while threads and (left := patience - time.monotonic()) > 0:
        try:
            threads -= done.get(timeout=left)[1] is None
        except Empty:
            return
