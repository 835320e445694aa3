"""``simulate``: processes and a scenario in, a run out. Replications run on threads; the kernel holds no lock."""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait

from procflow.definition.resolved import Process
from procflow.definition.scenario import Arrivals, Scenario
from procflow.errors import SimulationError
from procflow.simulation.compile import Compiled, compile_scenario
from procflow.simulation.frames import cases_frame, events_frame, staff_frame
from procflow.simulation.provenance import provenance
from procflow.simulation.replicate import Replication, replicate
from procflow.simulation.run import Run, named
from procflow.text import Text
from procflow.version import __version__

Progress = Callable[[int, int], None]
STEPS = 100
"""Steps of progress that a replication counts."""

PATIENCE_SECONDS = 0.2
"""How long Ctrl-C may have to wait at most before somebody looks."""


def simulate(
    process: Process | Sequence[Process],
    scenario: Scenario,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Run:
    """Simulate a process, or several that share their departments, under a scenario.

    Parameters
    ----------
    process:
        One process, whose arrivals are ``scenario.arrivals``; or several in the order of ``scenario.processes``.
    scenario:
        Arrivals, horizon, staffing, replications and seed.
    workers:
        Threads, at least 1; by default as many as there are cores. The result does not depend on it.
    progress:
        Is called with (steps done, steps in all) as the simulation goes on, from whichever thread runs it.

    Returns
    -------
    Run
        The same for the same definitions, scenario and version, to the last bit.

    Raises
    ------
    SimulationError
        Where the scenario does not fit the processes, or a case gets stuck.
    UnsupportedError
        Where a definition uses what a run does not do.

    Examples
    --------
    >>> import procflow as pf
    >>> from procflow.definition.shipped import folder
    >>> permit = pf.load(folder() / "processes" / "food_license" / "as_is.yaml")
    >>> plan = pf.Scenario(arrivals="2 per wd", days=60, replications=2, seed=7)
    >>> run = pf.simulate(permit, plan)
    >>> bool(run.cohort["cycle_wd"].mean() > 10)
    True
    """
    processes = named(process)
    compiled = compile_scenario(processes, _arrivals(processes, scenario), scenario)
    replications = _replicate_all(compiled, scenario, workers or os.cpu_count() or 1, progress)
    return Run(
        processes,
        scenario,
        events_frame(compiled, replications),
        cases_frame(compiled, replications),
        staff_frame(compiled, replications),
        provenance(processes, scenario, __version__),
    )


def _arrivals(processes: Sequence[Process], scenario: Scenario) -> list[Arrivals]:
    if scenario.arrivals is not None and len(processes) == 1:
        return [scenario.arrivals]
    if len(scenario.processes) == len(processes):
        return [each.arrivals for each in scenario.processes]
    if len(processes) == 1:
        raise SimulationError(
            Text(
                en="the scenario says nothing of how cases arrive: give it arrivals, such as '12 per wd'",
                zh="情景没有说明案件如何到达:请给出 arrivals,例如 '12 per wd'",
            )
        )
    raise SimulationError(
        Text(
            en=f"{len(processes)} processes are simulated, but the scenario gives arrivals of "
            f"{len(scenario.processes)}: list them in its 'processes', in the same order",
            zh=f"要仿真 {len(processes)} 个流程,情景却只给出 {len(scenario.processes)} 个流程的到达:"
            "请在 processes 中按相同顺序逐一列出",
        )
    )


class _Stopped(Exception):  # noqa: N818 - not an error: somebody asked the run to stop
    """Ends a replication whose result nobody waits for."""


class _Meter:
    """How far all replications are; also where a thread learns that it shall stop."""

    def __init__(self, replications: int, progress: Progress | None) -> None:
        self.shares = [0.0] * replications
        self.progress = progress
        self.stop = threading.Event()

    def tick(self, number: int, share: float) -> None:
        """Note how far a replication is, from 0 to 1."""
        if self.stop.is_set():
            raise _Stopped
        self.shares[number] = share
        if self.progress is not None:
            self.progress(int(STEPS * sum(self.shares)), STEPS * len(self.shares))


def _replicate_all(
    compiled: Compiled, scenario: Scenario, workers: int, progress: Progress | None
) -> list[Replication]:
    meter = _Meter(scenario.replications, progress)

    def one(number: int) -> Replication:
        done = replicate(compiled, scenario.seed, number, lambda share: meter.tick(number, share))
        meter.tick(number, 1.0)
        return done

    if workers == 1 or scenario.replications == 1:
        return [one(number) for number in range(scenario.replications)]
    with ThreadPoolExecutor(min(workers, scenario.replications)) as pool:
        futures = [pool.submit(one, number) for number in range(scenario.replications)]
        try:
            # in short waits: Ctrl-C does not end a wait where the system hands the signal to another thread
            while not _over(futures):
                wait(futures, timeout=PATIENCE_SECONDS, return_when=FIRST_EXCEPTION)
        finally:
            # an error or Ctrl-C: nobody waits for the others any more
            if not all(future.done() for future in futures):
                _abandon(futures, meter)
        return [future.result() for future in futures]


def _over(futures: Sequence[Future[Replication]]) -> bool:
    return all(future.done() for future in futures) or any(future.done() and future.exception() for future in futures)


def _abandon(futures: Sequence[Future[Replication]], meter: _Meter) -> None:
    failed = [future for future in futures if future.done() and future.exception() is not None]
    meter.stop.set()
    for future in futures:
        future.cancel()
    if failed:
        failed[0].result()
