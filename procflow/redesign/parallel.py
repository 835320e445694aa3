"""Steps done one after the other become regions of one composite state (并联审批). Never asks whether that pays."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from procflow.analysis.registry import Context
from procflow.analysis.rules.wording import named
from procflow.analysis.segments import Unit
from procflow.definition.limits import Instant
from procflow.definition.process import ParallelRegion, ProcessDefinition, State, Transition
from procflow.definition.resolved import Process
from procflow.redesign.preconditions import against_parallel, limits_ended, passing, refuse, segment
from procflow.redesign.rewriting import (
    Scope,
    own_name,
    prefix_of,
    rebuilt,
    redefined,
    redirected,
    with_moved_names,
)
from procflow.redesign.verification import verified
from procflow.simulation.naming import draw_keys
from procflow.text import Text


def parallelize(process: Process, states: Sequence[str]) -> Process:
    """Return a process in which steps that normally follow each other are done at once, and joined when all are.

    Each step becomes a region with its own corrections; a refusal leaves all of them early, and ends the work beside.
    A transfer on the way out of a step stays on it, as the way of its result to the join. Every moved state says by
    ``same_as`` under which name its random numbers are drawn, so that a run of the result pairs with one of the
    process. Limits and locks name the states where they now stand.

    Parameters
    ----------
    process : the checked process.
    states : two or more states, by qualified name, in any order.

    Raises
    ------
    RedesignError
        Where they are not one segment, depend on each other by data or law, are done by too few people, where a limit
        counts from one to another or to the end of one, or where the result would lose what the process had:
        soundness, an outcome, a datum where it is read, or an order that law demands. All reasons are told.

    Notes
    -----
    Independence is that of rule R15 (Bernstein, *Analysis of Programs for Parallel Processing*, IEEE Trans. EC-15,
    1966). That each step's data are complete is believed as the definition says it.

    Examples
    --------
    >>> import procflow as pf
    >>> from procflow.definition.shipped import folder
    >>> startup = pf.load(folder() / "processes" / "business_startup" / "as_is.yaml")
    >>> better = parallelize(startup, ["bank_account", "tax"])
    >>> [region.name for state in better.definition.states for region in state.regions]
    ['bank_account', 'tax']
    """
    context = Context(process)
    units = segment(context, states)
    refuse(against_parallel(context, units))
    return verified(process, _parallel(context, units))


@dataclass(frozen=True)
class _Plan:
    """Where everything goes: the new ``composite``, the ``end`` of each step's region, and the states ``moved``."""

    units: tuple[Unit, ...]
    prefix: str
    composite: str
    ends: dict[str, str]
    moved: dict[str, str]

    def dest(self, source: str, dest: str) -> str:
        """Return where a transition leads now."""
        unit = next((unit for unit in self.units if source in unit.states), None)
        if unit is None:
            return self.prefix + self.composite if dest == self.units[0].state else dest
        if dest in passing(unit):
            return f"{self.prefix}{self.composite}/{own_name(unit.state)}/{self.ends[unit.state]}"
        return self.moved.get(dest, dest)


def _planned(context: Context, units: tuple[Unit, ...]) -> _Plan:
    taken = {node.state.name for node in context.graph.nodes.values()}
    own = [own_name(unit.state) for unit in units]
    composite = _fresh(f"{own[0]}_{'and' if len(own) == 2 else 'to'}_{own[-1]}", taken)
    ends = {unit.state: _fresh(f"{name}_done", taken) for unit, name in zip(units, own, strict=True)}
    prefix = prefix_of(units[0].state)
    moved = {
        name: f"{prefix}{composite}/{own_name(unit.state)}/{own_name(name)}" for unit in units for name in unit.states
    }
    return _Plan(units, prefix, composite, ends, moved)


def _fresh(name: str, taken: set[str]) -> str:
    """Return a name that no state has, so that no other one's draws are renamed."""
    names = itertools.chain([name], (f"{name}_{number}" for number in itertools.count(2)))
    found = next(each for each in names if each not in taken)
    taken.add(found)
    return found


def _parallel(context: Context, units: tuple[Unit, ...]) -> Process:
    plan = _planned(context, units)
    composite = _composite(context, plan)

    def change(scope: Scope) -> Scope:
        ways = tuple(_cancelling(plan, scope, redirected(context.graph, scope, plan.dest, plan.moved)))
        if scope.prefix != plan.prefix:
            return replace(scope, transitions=ways)
        first = own_name(units[0].state)
        return Scope(
            scope.prefix,
            plan.composite if scope.initial == first else scope.initial,
            tuple(_placed(scope, plan, composite)),
            (*ways, _joined(context, plan)),
        )

    definition = _clocks(context, plan, rebuilt(context.process.definition, change))
    return redefined(context.process, with_moved_names(definition, plan.moved))


def _clocks(context: Context, plan: _Plan, definition: ProcessDefinition) -> ProcessDefinition:
    """Return a definition in which what stopped as the last step ended stops as all have."""
    joined = Instant(event="done", name=plan.prefix + plan.composite)
    limits = dict(definition.limits)
    for name, ends in limits_ended(context, plan.units).items():
        stops = dict.fromkeys(joined if instant in ends else instant for instant in limits[name].stop)
        limits[name] = limits[name].model_copy(update={"stop": tuple(stops)})
    return definition.model_copy(update={"limits": limits})


def _placed(scope: Scope, plan: _Plan, composite: State) -> Iterator[State]:
    """Yield the states of the scope, the composite where the first of its steps was."""
    for state in scope.states:
        name = scope.prefix + state.name
        if name == plan.units[0].state:
            yield composite
        elif name not in plan.moved:
            yield state


def _cancelling(plan: _Plan, scope: Scope, ways: Iterator[Transition]) -> Iterator[Transition]:
    """Yield transitions; a refusal says that it is meant to end the regions beside."""
    inside = f"{plan.prefix}{plan.composite}/".removeprefix(scope.prefix)
    for way in ways:
        leaves = any(source.startswith(inside) for source in way.source) and not way.dest.startswith(inside)
        yield way.model_copy(update={"cancels": True}) if leaves else way


def _composite(context: Context, plan: _Plan) -> State:
    listed = named(context, [unit.state for unit in plan.units])
    title = Text(en=f"{listed.get('en')}, at once", zh=f"{listed.get('zh')}并联办理")
    keys = draw_keys(context.graph)
    regions = []
    for unit in plan.units:
        states = [context.graph.state(name).model_copy(update={"same_as": keys[name]}) for name in unit.states]
        end = State(name=plan.ends[unit.state], title=_done(context, unit), final=True)
        regions.append(
            ParallelRegion(
                name=own_name(unit.state), title=states[0].title, initial=states[0].name, states=(*states, end)
            )
        )
    return State(name=plan.composite, title=title, regions=tuple(regions))


def _done(context: Context, unit: Unit) -> Text:
    shown = named(context, [unit.state])
    return Text(en=f"{shown.get('en')}: done", zh=f"{shown.get('zh')}已办结")


def _joined(context: Context, plan: _Plan) -> Transition:
    """Return the way on when all is done: to where the last step led."""
    [dest] = passing(plan.units[-1])
    triggers = {edge.trigger for edge in context.graph.edges}
    return Transition(
        trigger=_fresh(f"{plan.composite}_joined", triggers),
        title=Text(en="All done", zh="各环节均已办结"),
        source=(plan.composite,),
        dest=dest.removeprefix(plan.prefix),
    )
