"""What the lead time is made of, and what would be gained if a part of it vanished: by simulation, never by
subtraction."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from procflow.analysis.path_split import finished_case, path_of
from procflow.analysis.run_tables import DAY_US, cases_of, process_of
from procflow.analysis.what_if.alternatives import Alternative, CaseKey, Gain, Kind, Progress, gains
from procflow.analysis.what_if.changes import never_closed, with_calendar, with_state, with_transition
from procflow.analysis.what_if.sensitivity import staff_calendars
from procflow.definition.process import State, Transition
from procflow.definition.resolved import Process
from procflow.machine.graph import StateGraph, state_graph
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.simulation.run import Run


@dataclass(frozen=True)
class Part:
    """A part of the cycle time: ``mean_days`` per case on the paths of the cases, and what its end would give.

    ``gain`` is None for a part that was not simulated, such as the end of what only the applicant decides.
    """

    kind: Kind
    subject: str
    title: Text
    mean_days: float
    gain: Gain | None

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        title = {"en": self.title.get("en"), "zh": self.title.get("zh")}
        gain = None if self.gain is None else self.gain.to_data()
        return {"kind": self.kind, "subject": self.subject, "title": title, "mean_days": self.mean_days, "gain": gain}


def critical_path(
    run: "Run",
    *,
    process: Process | str | None = None,
    case: CaseKey | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> tuple[Part, ...]:
    """Return what the mean cycle time of a run is made of, the largest part first, and what the end of each would give.

    Parameters are those of ``vanishing``; with ``case`` it is the cycle time of that finished case. Parts are states
    (waiting for their sittings and people, work, delay), handoffs (transfers) and calendars (what closing hours add:
    nobody on duty, and work that pauses), each on the path that decided when a case ended (``path_split``), so that
    their ``mean_days`` sum to the cycle time exactly. What the end of a part would give is simulated; it may be less
    than the part, and even more.
    """
    listed, known = [], path_parts(run, process, case)
    found = {(g.alternative.kind, g.alternative.subject): g for g in
             vanishing(run, process=process, case=case, workers=workers, progress=progress)}  # fmt: skip
    for kind, subject, title, mean_us in known:
        listed.append(Part(kind, subject, title, mean_us / DAY_US, found.pop((kind, subject), None)))
    listed += [Part(kind, subject, g.alternative.title, 0.0, g) for (kind, subject), g in found.items()]
    return tuple(sorted(listed, key=lambda part: (-part.mean_days, part.kind, part.subject)))


def path_parts(
    run: "Run", process: Process | str | None = None, case: CaseKey | None = None
) -> list[tuple[Kind, str, Text, float]]:
    """Return the parts of the mean cycle time, or of one case's, as (kind, subject, title, microseconds per case).

    Raises AnalysisError where there is no such finished case.
    """
    whole = process_of(run, process)
    if case is None:
        cases = cases_of(run, whole).filter("in_cohort", pl.col("outcome").is_not_null())
    else:
        cases = finished_case(run, whole, case[1], replication=case[0])
    path, graph, count = path_of(run, whole, cases), state_graph(whole), max(cases.height, 1)
    closed = pl.col("off_duty_us") + pl.col("paused_us")
    rows = path.with_columns(closed_us=closed, own_us=pl.col("total_us") - pl.col("transfer_us") - closed)
    found: list[tuple[Kind, str, Text, float]] = []
    for name, own_us in rows.group_by("state").agg(pl.col("own_us").sum()).filter(pl.col("own_us") > 0).iter_rows():
        found.append(("state", name, _label(graph, name), own_us / count))
    moved = rows.group_by("state", "trigger", "dest").agg(pl.col("transfer_us").sum()).filter(pl.col("transfer_us") > 0)
    for source, trigger, dest, transfer_us in moved.iter_rows():
        subject = _handoff(graph, source, trigger, dest)
        found.append(("handoff", subject, Text(en=subject, zh=subject), transfer_us / count))
    calendars = {name: whole.work_calendar(graph.state(name)) for name in graph.leaves}
    by_calendar = rows.filter(pl.col("closed_us") > 0).with_columns(
        calendar=pl.col("state").replace_strict(calendars, default=None, return_dtype=pl.String)
    )
    for name, closed_us in by_calendar.group_by("calendar").agg(pl.col("closed_us").sum()).iter_rows():
        title = Text(en=f"closing hours of {name}", zh=f"{name} 的非办公时间")
        found.append(("calendar", name, title, closed_us / count))
    return found


def _label(graph: StateGraph, name: str | None) -> Text:
    if name is None:
        return Text(en="before the first step", zh="首个环节之前")
    node = graph.nodes[name]
    return Text(en=node.label("en"), zh=node.label("zh"))


def _handoff(graph: StateGraph, source: str, trigger: str | None, dest: str | None) -> str:
    """Return the name of a transition; after a composite, whose visits do not tell it, where it is the only one."""
    if trigger is not None:
        edge = next((e for e in graph.out(source) if e.trigger == trigger and e.dest == dest), None)
        return edge.name if edge is not None else f"{source} --{trigger}→ {dest}"
    edges = [edge for edge in graph.out(source) if edge.transition.transfer is not None]
    return edges[0].name if len(edges) == 1 else source


def vanishing(
    run: "Run",
    *,
    process: Process | str | None = None,
    case: CaseKey | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> tuple[Gain, ...]:
    """Return what would be gained in cycle time if each part of a process took no time, the greatest gain first.

    Parameters
    ----------
    run : a run of a process, with at least two replications for intervals.
    process : which one, where the run has several.
    case : (replication, case) of a single case to time instead of all; it has no interval, and the same luck in each
        simulation.
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
    return gains(run, parts(run, process), process=process, case=case, workers=workers, progress=progress)


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
