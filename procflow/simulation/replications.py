"""Replications on threads, one after the other in their order whichever finishes first; and how far they are."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice

from procflow.simulation.compile import Compiled
from procflow.simulation.replicate import Replication, replicate

Progress = Callable[[int, int], None]
STEPS = 100
"""Steps of progress that a replication counts."""

PATIENCE_SECONDS = 0.2
"""How long Ctrl-C may have to wait at most before somebody looks."""


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
        self.stop = threading.Event()

    def tick(self, number: int, share: float) -> None:
        """Note how far a replication is, from 0 to 1."""
        if self.stop.is_set():
            raise _Stopped
        self.shares[number] = share
        self._tell()

    def end(self, count: int) -> None:
        """Note that ``count`` replications are enough."""
        self.expected = count
        self._tell()

    def _tell(self) -> None:
        if self.progress is not None:
            total = STEPS * self.expected
            self.progress(min(total, int(STEPS * sum(self.shares))), total)


def in_order(compiled: Compiled, seed: int, workers: int, meter: Meter, *, ahead: int) -> Iterator[Replication]:
    """Yield replications 0, 1, 2, … of a model, as many as the meter has room for, until nobody asks for more.

    They run on ``workers`` threads, at most ``ahead`` of them before they are asked for; with one worker on the
    caller's own thread, when asked for.
    """

    def one(number: int) -> Replication:
        done = replicate(compiled, seed, number, lambda share: meter.tick(number, share))
        meter.tick(number, 1.0)
        return done

    numbers = iter(range(len(meter.shares)))
    if workers == 1 or len(meter.shares) == 1:
        yield from map(one, numbers)
        return
    with ThreadPoolExecutor(min(workers, ahead)) as pool:
        futures = deque(pool.submit(one, number) for number in islice(numbers, ahead))
        try:
            while futures:
                yield _first(futures)
                futures.popleft()
                futures.extend(pool.submit(one, number) for number in islice(numbers, 1))
        finally:
            # an error, Ctrl-C or enough: nobody waits for the others any more
            meter.stop.set()
            for future in futures:
                future.cancel()


def _first(futures: deque[Future[Replication]]) -> Replication:
    """Wait for the first of several; raise at once where any of them fails."""
    while not futures[0].done():
        for future in futures:
            if future.done() and future.exception() is not None:
                future.result()
        pending = [future for future in futures if not future.done()]
        # in short waits: Ctrl-C does not end a wait where the system hands the signal to another thread
        wait(pending, timeout=PATIENCE_SECONDS, return_when=FIRST_COMPLETED)
    return futures[0].result()
