"""``simulate``: processes and a scenario in, a run out. Replications run on threads; the kernel holds no lock."""

import os
from collections.abc import Sequence
from contextlib import closing

from procflow.definition.expecting import expect
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.simulation.compile import Compiled, compile_scenario
from procflow.simulation.frames import cases_frame, events_frame, staff_frame
from procflow.simulation.load import loads_of, warn_of_overload
from procflow.simulation.provenance import provenance
from procflow.simulation.replicate import Replication
from procflow.simulation.replications import Meter, Progress, in_order
from procflow.simulation.run import Interrupted, Run, named
from procflow.simulation.streams import arrivals_of
from procflow.version import __version__


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
    ArgumentError
        Where ``process`` or ``scenario`` is something else.
    UnsupportedError
        Where a definition uses what a run does not do.
    Interrupted
        On Ctrl-C: a KeyboardInterrupt whose ``run`` has the replications finished so far, as if no more of them had
        been asked for. A plain KeyboardInterrupt where none has finished.

    Warns
    -----
    ProcflowWarning
        Of each role, group of roles or sitting whose offered load is 1 or more (``procflow.simulation.load``).

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
    compiled = compiled_with_warnings(processes, scenario)
    count = scenario.replications
    kept: list[Replication] = []
    try:
        with closing(
            in_order(compiled, scenario.seed, workers or cores(), Meter(count, progress), ahead=count)
        ) as each:
            kept.extend(each)
    except KeyboardInterrupt as interrupt:
        raise with_finished(interrupt, processes, scenario, compiled, kept) from None
    return run_of(processes, scenario, compiled, kept)


def compiled_with_warnings(processes: tuple[Process, ...], scenario: Scenario) -> Compiled:
    """Return the model of processes under a scenario; warn of what cannot keep up, before anything is simulated."""
    expect(scenario, Scenario, argument="scenario")
    arrivals = arrivals_of(processes, scenario)
    compiled = compile_scenario(processes, arrivals, scenario)
    each = {process.name: how for process, how in zip(processes, arrivals, strict=True)}
    streams = [(graph, each[graph.process.name]) for graph in compiled.graphs]
    warn_of_overload(loads_of(streams, scenario, compiled.clock, compiled.staffing, compiled.days))
    return compiled


def cores() -> int:
    """Return how many threads to take where nobody says."""
    return os.cpu_count() or 1


def run_of(
    processes: tuple[Process, ...], scenario: Scenario, compiled: Compiled, replications: Sequence[Replication]
) -> Run:
    """Return the run that replications of a compiled scenario make, however many the scenario asks for."""
    scenario = scenario.model_copy(update={"replications": len(replications)})
    return Run(
        processes,
        scenario,
        events_frame(compiled, replications),
        cases_frame(compiled, replications),
        staff_frame(compiled, replications),
        provenance(processes, scenario, __version__),
    )


def with_finished(
    interrupt: KeyboardInterrupt,
    processes: tuple[Process, ...],
    scenario: Scenario,
    compiled: Compiled,
    finished: Sequence[Replication],
) -> KeyboardInterrupt:
    """Return Ctrl-C with the run that the finished replications make; as it is where none has finished."""
    return Interrupted(run_of(processes, scenario, compiled, finished)) if finished else interrupt
