"""What would be gained if a step, a handoff or the closing hours vanished: by simulation, never by subtraction."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from procflow.analysis.run_tables import process_of
from procflow.analysis.what_if.alternatives import Alternative, Gain, Progress, gains
from procflow.analysis.what_if.changes import never_closed, with_calendar, with_state, with_transition
from procflow.analysis.what_if.sensitivity import staff_calendars
from procflow.definition.process import State, Transition
from procflow.definition.resolved import Process
from procflow.machine.graph import state_graph
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.simulation.run import Run


def vanishing(
    run: "Run",
    *,
    process: Process | str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> tuple[Gain, ...]:
    """Return what would be gained in cycle time if each part of a process took no time, the greatest gain first.

    Parameters
    ----------
    run : a run of a process, with at least two replications for intervals.
    process : which one, where the run has several.
    workers : threads of each simulation.
    progress : is called with (simulations done, simulations in all).

    Returns
    -------
    tuple[Gain, ...]
        One for each state that takes time (its sittings, work and delay become nothing; it stays, with its ways out),
        one for each transfer, and one for each calendar of staff (it never closes). What a part takes on the path of
        a case (``critical_path``) and what its end would give differ: behind a join another region takes over, before
        a sitting the case comes no earlier, and people who are freed serve others.

    Examples
    --------
    >>> import procflow as pf
    >>> from procflow.definition.shipped import folder
    >>> permit = pf.load(folder() / "processes" / "food_license" / "to_be.yaml")
    >>> run = pf.simulate(permit, pf.Scenario(arrivals="2 per wd", days=60, replications=3, seed=7))
    >>> vanishing(run)[0].difference.mean < 0
    True
    """
    return gains(run, parts(run, process), process=process, workers=workers, progress=progress)


def parts(run: "Run", process: Process | str | None = None) -> Iterator[Alternative]:
    """Yield the alternatives that ``vanishing`` simulates: states, then transfers, then calendars."""
    whole = process_of(run, process)
    graph = state_graph(whole)
    for name in graph.leaves:
        node = graph.nodes[name]
        if node.state.work is None and node.state.delay is None and node.state.batch is None:
            continue
        title = Text(en=f"without {node.label('en')}", zh=f"若「{node.label('zh')}」不耗时")
        yield Alternative("state", name, title, _in(run, with_state(whole, node.path, _instant)), run.scenario)
    for edge in graph.edges:
        if edge.transition.transfer is None:
            continue
        title = Text(en=f"without the transfer {edge.name}", zh=f"若 {edge.name} 即时移送")
        changed = with_transition(whole, edge.path, _immediate)
        yield Alternative("handoff", edge.name, title, _in(run, changed), run.scenario)
    for name in staff_calendars(whole):
        title = Text(en=f"if {name} never closed", zh=f"若 {name} 全天候办公")
        yield Alternative("calendar", name, title, with_calendar(run.processes, name, never_closed), run.scenario)


def _instant(state: State) -> State:
    """Return a state that is passed in no time, and in which nobody of its people is needed."""
    nothing = {"work": None, "delay": None, "batch": None, "overtime": False, "priority": None, "staff": 1}
    return state.model_copy(update=nothing)


def _immediate(transition: Transition) -> Transition:
    return transition.model_copy(update={"transfer": None})


def _in(run: "Run", changed: Process) -> tuple[Process, ...]:
    return tuple(changed if each.name == changed.name else each for each in run.processes)
