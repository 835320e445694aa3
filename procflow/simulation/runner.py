"""``simulate``: processes and a scenario in, a run out. Replications run on threads; the kernel holds no lock."""

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from procflow.definition.expecting import expect
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.simulation.collection import Collection, collecting
from procflow.simulation.compile import Compiled, compile_scenario
from procflow.simulation.load import loads_of, warn_of_overload
from procflow.simulation.replications import Meter, Progress, in_order
from procflow.simulation.run import Run, named
from procflow.simulation.streams import arrivals_of


def simulate(
    process: Process | Sequence[Process],
    scenario: Scenario,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    into: str | Path | None = None,
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
    into:
        A new folder into which the tables are written as they come: memory is then bounded by the cases in progress,
        and the tables of the run are read from there when they are asked for (``Run.tables``).

    Returns
    -------
    Run
        The same for the same definitions, scenario and version, to the last bit, in memory or in a folder.

    Raises
    ------
    SimulationError
        Where the scenario does not fit the processes, or a case gets stuck; where ``into`` is a file or a folder that
        is not empty.
    OutOfRoomError
        Where the disk or the memory is full: a SimulationError whose ``run`` has the replications that were finished,
        in the folder where there is one; None where none has finished.
    ArgumentError
        Where ``process`` or ``scenario`` is something else.
    Interrupted
        On Ctrl-C: a KeyboardInterrupt whose ``run`` has the replications finished so far, as if no more of them had
        been asked for. A plain KeyboardInterrupt where none has finished.

    Warns
    -----
    ProcflowWarning
        Before the run of each role, group of roles or sitting whose offered load is 1 or more
        (``procflow.simulation.load``); during it of each that more than a thousand cases wait for, more and more of
        them (``procflow.simulation.watch``).

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
    count, threads = scenario.replications, workers or cores()
    with collecting(Collection(processes, scenario, compiled, into, workers=threads)) as collection:
        meter, made, keep = Meter(count, progress), collection.made, collection.keep
        collection.growing = meter.growing
        with closing(in_order(compiled, scenario.seed, threads, meter, made, ahead=count, keep=keep)) as parts:
            for part in parts:
                collection.add(part)
        return collection.run()


def compiled_with_warnings(processes: tuple[Process, ...], scenario: Scenario) -> Compiled:
    """Return the model of processes under a scenario; warn of what cannot keep up, before anything is simulated."""
    expect(scenario, Scenario, argument="scenario")
    arrivals = arrivals_of(processes, scenario)
    compiled = compile_scenario(processes, arrivals, scenario)
    each = {process.name: how for process, how in zip(processes, arrivals, strict=True)}
    streams = [(graph, each[graph.process.name]) for graph in compiled.graphs if graph.process.name in each]
    warn_of_overload(loads_of(streams, scenario, compiled.clock, compiled.staffing, compiled.days))
    return compiled


def cores() -> int:
    """Return how many threads to take where nobody says."""
    return os.cpu_count() or 1
