"""Runs an experiment: what is not in its folder yet, on any executor, saved as it comes. Tabulates nothing."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from itertools import islice

from procflow.errors import SimulationError
from procflow.experiments.design import Experiment
from procflow.experiments.executors import Executor, Kind, opened
from procflow.experiments.folder import Folder
from procflow.experiments.result import ExperimentResult
from procflow.experiments.unit import Outcome, Unit, failure_of, measure, unit_of
from procflow.text import Text

Keep = Callable[[Unit, Outcome], None]


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
        with opened(executor, workers) as (pool, width):
            _run_all(pool, width, todo, keep)
    return ExperimentResult(experiment, outcomes)


def _run_all(pool: Executor, width: int, units: Sequence[Unit], keep: Keep) -> None:
    """Run units, at most ``width`` at once; on Ctrl-C start no more, and keep those that are under way."""
    waiting: dict[Future[Outcome], Unit] = {}
    rest = iter(units)
    try:
        while True:
            for unit in islice(rest, width - len(waiting)):
                waiting[pool.submit(measure, unit)] = unit
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                keep(waiting[future], _outcome(future))
                del waiting[future]
    except BrokenExecutor as error:
        _keep_finished(waiting, keep)
        raise SimulationError(
            Text(
                en="the workers died, perhaps for lack of memory: what was finished is saved, run again to go on",
                zh="工作进程已异常退出(可能内存不足):已完成的结果均已保存,重新运行即可继续",
            )
        ) from error
    except BaseException:
        _keep_finished(waiting, keep)
        raise


def _outcome(future: "Future[Outcome]") -> Outcome:
    """Return what a unit gave; an error of the executor's own (a worker lost on the way) is a failure of the unit."""
    try:
        return future.result()
    except BrokenExecutor:
        raise
    except (Exception, CancelledError) as error:
        return {"failure": failure_of(error)}


def _keep_finished(waiting: dict["Future[Outcome]", Unit], keep: Keep) -> None:
    """Cancel what has not begun, wait for what has, and keep its values."""
    begun = [future for future in waiting if not future.cancel()]
    wait(begun)
    for future in begun:
        if not future.cancelled() and future.exception() is None:
            keep(waiting[future], future.result())
