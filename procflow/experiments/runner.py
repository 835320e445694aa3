"""Runs an experiment: what is not in its folder yet, on any executor, saved as it comes. Tabulates nothing."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Thread

from procflow.errors import SimulationError
from procflow.experiments.design import Experiment
from procflow.experiments.executors import Executor, Kind, opened
from procflow.experiments.folder import Folder
from procflow.experiments.result import ExperimentResult
from procflow.experiments.unit import Outcome, Unit, failure_of, measure, unit_of
from procflow.text import Text

Keep = Callable[[Unit, Outcome], None]
_Result = tuple[Unit, Outcome] | BaseException | None

PATIENCE_SECONDS = 0.2
"""How long Ctrl-C may have to wait at most: the system may hand the signal to a thread that does not look at it."""


def run_experiment(
    experiment: Experiment,
    folder: str | os.PathLike[str],
    *,
    executor: Kind | Executor = "threads",
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ExperimentResult:
    """Run the replications of all cells that the folder does not hold yet, and return the values of all.

    Parameters
    ----------
    experiment:
        What to simulate.
    folder:
        Where finished replications are saved at once. Run again with the same folder to go on after an interruption,
        to try again what failed, or to add cells or replications; what is there is not simulated again.
    executor:
        ``threads`` (the default: the simulator holds no lock), ``processes``, ``dask``, ``ray``, or any executor with
        the contract of ``concurrent.futures``, such as ``distributed.Client(…).get_executor()``.
    workers:
        Threads, processes or local workers, at least 1; by default one for each core. A given executor has its own.
    progress:
        Is called with (replications done, replications in all) in the caller's thread.

    Returns
    -------
    ExperimentResult
        The same for the same experiment, to the last bit, whatever the executor, the number of workers and the
        number of interruptions. A replication that fails is told in it and stops none of the others.

    Raises
    ------
    SimulationError
        Where there is no such executor, or its workers died; what was finished is saved.
    KeyboardInterrupt
        On Ctrl-C, after what was under way has finished and been saved; on a second one at once.

    Examples
    --------
    >>> import tempfile
    >>> import procflow as pf
    >>> from procflow.definition.shipped import folder
    >>> permit = pf.load(folder() / "processes" / "food_license" / "as_is.yaml")
    >>> plan = pf.Scenario(days=30, replications=2, seed=7)
    >>> experiment = Experiment([permit], plan, grid={"arrivals": ["1 per wd", "2 per wd"]})
    >>> with tempfile.TemporaryDirectory() as place:
    ...     result = run_experiment(experiment, place, workers=1)
    >>> result.table().filter(metric="cycle_wd").select("arrivals", "n").rows()
    [('1 per wd', 2), ('2 per wd', 2)]
    """
    place = Folder(folder)
    units = {
        unit.digest: unit
        for cell in experiment.cells
        for unit in (unit_of(cell, number) for number in range(experiment.replications))
    }
    outcomes = {digest: found for digest in units if (found := place.read(digest)) is not None}
    todo = [unit for digest, unit in units.items() if digest not in outcomes]

    def keep(unit: Unit, outcome: Outcome) -> None:
        place.keep(unit, outcome)
        outcomes[unit.digest] = outcome
        if progress is not None:
            progress(len(outcomes), len(units))

    if progress is not None:
        progress(len(outcomes), len(units))
    if todo:
        _run_all(executor, workers, todo, keep)
    return ExperimentResult(experiment, outcomes)


def _run_all(executor: Kind | Executor, workers: int | None, units: Sequence[Unit], keep: Keep) -> None:
    """Run units on an executor and keep what comes; on Ctrl-C start no more, and keep those that are under way.

    A thread of its own handles the executor and its futures. Ctrl-C strikes in the main thread alone, and inside the
    locks of ``concurrent.futures`` it would leave some thread waiting for ever (see ``simulation.replications``).
    """
    handling = _Handling(executor, workers, units)
    Thread(target=handling.run, name="procflow", daemon=True).start()
    try:
        _keep_all(handling.results, keep)
    except BaseException:
        handling.stop = True
        _keep_all(handling.results, keep)
        raise


def _keep_all(results: "SimpleQueue[_Result]", keep: Keep) -> None:
    """Keep results as they come until there are no more; raise what stopped them."""
    while True:
        try:
            found = results.get(timeout=PATIENCE_SECONDS)
        except Empty:
            continue
        if found is None:
            return
        if isinstance(found, BaseException):
            raise found
        keep(*found)


class _Handling:
    """Hands units to an executor, at most as many at once as it can use, and puts what became of them in a queue.

    ``stop`` is set to end it early. Last in the queue is None.
    """

    def __init__(self, executor: Kind | Executor, workers: int | None, units: Sequence[Unit]) -> None:
        self.executor, self.workers = executor, workers
        self.rest = iter(units)
        self.waiting: dict[Future[Outcome], Unit] = {}
        self.results: SimpleQueue[_Result] = SimpleQueue()
        self.stop = False

    def run(self) -> None:
        """Hand out all units and wait for them; an error goes into the queue, after what was finished."""
        try:
            with opened(self.executor, self.workers) as (pool, width):
                try:
                    self._hand_out(pool, width)
                finally:
                    self._finish()
        except BrokenExecutor as error:
            self.results.put(_workers_died(error))
        except BaseException as error:  # whatever it is, it is raised where the results are waited for
            self.results.put(error)
        self.results.put(None)

    def _hand_out(self, pool: Executor, width: int) -> None:
        while not self.stop:
            for unit in islice(self.rest, width - len(self.waiting)):
                self.waiting[pool.submit(measure, unit)] = unit
            if not self.waiting:
                return
            for future in wait(self.waiting, timeout=PATIENCE_SECONDS, return_when=FIRST_COMPLETED).done:
                self.results.put((self.waiting[future], _outcome(future)))
                del self.waiting[future]

    def _finish(self) -> None:
        """Cancel what has not begun, and wait for what has."""
        begun = [future for future in self.waiting if not future.cancel()]
        wait(begun)
        for future in begun:
            if not future.cancelled() and future.exception() is None:
                self.results.put((self.waiting[future], future.result()))


def _workers_died(error: BrokenExecutor) -> SimulationError:
    died = SimulationError(
        Text(
            en="the workers died, perhaps for lack of memory: what was finished is saved, run again to go on",
            zh="工作进程已异常退出(可能内存不足):已完成的结果均已保存,重新运行即可继续",
        )
    )
    died.__cause__ = error
    return died


def _outcome(future: "Future[Outcome]") -> Outcome:
    """Return what a unit gave; an error of the executor's own (a worker lost on the way) is a failure of the unit."""
    try:
        return future.result()
    except BrokenExecutor:
        raise
    except (Exception, CancelledError) as error:
        return {"failure": failure_of(error)}
