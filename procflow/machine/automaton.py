"""Live cases of a process: where a case stands, what may be fired, what follows.

Decides joins, cancellations and guards; states and moves are those of the `transitions` machine. Knows no time: a
time-out is a trigger like any other, fired by whoever keeps the clock. A machine serves one thread.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from procflow.definition.expressions import Expression, parse, parse_assignment
from procflow.definition.process import Attribute
from procflow.definition.resolved import Process
from procflow.errors import MachineError
from procflow.machine.graph import Edge, StateGraph, by_outcome, state_graph
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.machine.hierarchy import CaseMachine


@dataclass(frozen=True)
class Step:
    """A transition that a case took; ``automatic`` where a completed join took it and nobody fired it."""

    trigger: str
    source: str
    dest: str
    automatic: bool = False


class Automaton:
    """The state machine of a process, from which any number of cases are opened."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.graph: StateGraph = state_graph(process)

    def open(self, attributes: Mapping[str, Any] | None = None) -> "Case":
        """Return a new case in the initial state.

        ``attributes`` gives a value to each attribute of the process; without it guards are not evaluated and every
        transition is possible. Raises MachineError where a value is missing, unknown or of the wrong kind.
        """
        if attributes is None:
            return Case(self, None)
        declared = self.process.definition.attributes
        _check_names(declared, attributes)
        for name, value in attributes.items():
            _check_value(name, declared[name], value)
        return Case(self, dict(attributes))

    @cached_property
    def machine(self) -> "CaseMachine":
        """The `transitions` machine, built when the first case is opened."""
        from procflow.machine.hierarchy import CaseMachine  # transitions is imported only where cases run

        return CaseMachine(self.graph)

    @cached_property
    def guards(self) -> Mapping[int, Expression]:
        """The guards by index of their transition."""
        attributes = self.process.definition.attributes
        written = ((edge.index, edge.transition.when) for edge in self.graph.edges)
        return {index: parse(when, attributes, kind="boolean") for index, when in written if when is not None}

    @cached_property
    def assignments(self) -> Mapping[int, Mapping[str, Expression]]:
        """What transitions set, by their index and the attribute's name."""
        attributes = self.process.definition.attributes
        return {
            edge.index: {name: parse_assignment(name, value, attributes) for name, value in edge.transition.set.items()}
            for edge in self.graph.edges
            if edge.transition.set
        }


class Case:
    """A live case: where it stands and what it has been through.

    >>> from procflow.definition.shipped import folder
    >>> from procflow.machine.loading import load
    >>> case = Automaton(load(folder() / "processes/food_license/as_is.yaml")).open()
    >>> case.states, case.triggers()
    (('application',), ('return_for_correction', 'accept'))
    >>> for trigger in ("accept", "hand_down", "fail", "notify_refusal"):
    ...     case.fire(trigger)
    >>> case.finished, case.outcome
    (True, 'refused')
    """

    def __init__(self, automaton: Automaton, attributes: dict[str, Any] | None) -> None:
        self._automaton, self._graph = automaton, automaton.graph
        self._attributes = attributes
        self._taken: tuple[Edge, ...] = ()
        self._automatic: tuple[bool, ...] = ()
        self.standing: Any = None  # kept by the machine
        automaton.machine.place(self, self._graph.entered(self._graph.initial))
        self.settle()

    @property
    def states(self) -> tuple[str, ...]:
        """The states in which it stands, qualified: one per region; a composite where its join waits for a trigger.

        A region that has finished stands in its final state until the join completes.
        """
        return tuple(_flat(self.standing))

    @property
    def attributes(self) -> Mapping[str, Any] | None:
        """The values of its attributes, or None where it was opened without."""
        return None if self._attributes is None else MappingProxyType(self._attributes)

    @property
    def history(self) -> tuple[Step, ...]:
        """The transitions that it took, in order."""
        taken = zip(self._taken, self._automatic, strict=True)
        return tuple(Step(edge.trigger, edge.source, edge.dest, automatic) for edge, automatic in taken)

    @property
    def taken(self) -> tuple[Edge, ...]:
        """The same transitions as edges of the state graph."""
        return self._taken

    @property
    def finished(self) -> bool:
        """Whether it has entered a final state of the process."""
        return self._end is not None

    @property
    def outcome(self) -> str | None:
        """The outcome of its final state, by default that state's name; None while it is in progress."""
        end = self._end
        return None if end is None else self._graph.nodes[end].state.outcome or end

    def triggers(self) -> tuple[str, ...]:
        """Return the triggers that may be fired now, each once, those of time-outs included."""
        return tuple(dict.fromkeys(edge.trigger for edge in self.available()))

    def available(self) -> Iterator[Edge]:
        """Yield the transitions that may be taken now."""
        around: dict[str, None] = {}
        for name in self.states:
            yield from self.possible(name)
            around.update(dict.fromkeys(self._graph.ancestors(name)))
        for composite in around:
            yield from (edge for edge in self.possible(composite) if edge.transition.timeout)

    def possible(self, state: str) -> tuple[Edge, ...]:
        """Return the transitions by which a state in which the case stands can be left.

        The first guard that holds, in file order, decides; else those with a probability whose guard holds, and one
        without any condition; after a call, for each outcome by itself. Time-outs come on top.
        """
        edges = self._graph.out(state)
        if self._attributes is None:
            return edges
        timers = tuple(edge for edge in edges if edge.transition.timeout and self._holds(edge))
        groups = by_outcome(self._graph.nodes[state].state, [e for e in edges if e.transition.timeout is None])
        return (*(edge for group in groups for edge in self._open(group)), *timers)

    def _open(self, edges: Sequence[Edge]) -> list[Edge]:
        """Return those of competing ways out that can be taken."""
        ways = [edge for edge in edges if self._holds(edge)]
        decided = next((e for e in ways if e.transition.when is not None and e.transition.probability is None), None)
        return ways if decided is None else [decided]

    def fire(self, trigger: str, *, source: str | None = None, dest: str | None = None) -> None:
        """Take the transition of a trigger, and then those of the joins that it completes.

        ``source`` (a qualified state) says in which region, ``dest`` where to, where the trigger leaves that open.
        Raises MachineError, which lists what is possible, where the trigger is unknown, impossible or ambiguous.
        """
        found = {
            (edge.source, edge.dest): edge
            for edge in reversed(tuple(self.available()))
            if edge.trigger == trigger and source in (None, edge.source) and dest in (None, edge.dest)
        }
        if len(found) != 1:
            raise self._refusal(trigger, source, dest, list(found))
        self.take(next(iter(found.values())))
        self.settle()

    def take(self, edge: Edge, *, automatic: bool = False) -> None:
        """Take one transition without completing joins (see ``settle``), whatever guards say.

        Raises MachineError where the case does not stand in its source.
        """
        if not any(name == edge.source or name.startswith(edge.source + "/") for name in self.states):
            raise self._refusal(edge.trigger, edge.source, edge.dest, [])
        self._assign(edge)
        self._automaton.machine.take(self, edge)
        self._taken += (edge,)
        self._automatic += (automatic,)

    def settle(self, *, transfers: bool = True) -> bool:
        """Complete the joins that are due, cancel what they leave over, and go on where there is but one way.

        Returns whether there was anything to do. Without ``transfers`` the case stays in a composite that it would
        leave by a transfer, for whoever knows when that arrives.
        """
        done = False
        while composite := self._completed():
            done = True
            prefix = composite + "/"
            leaves = [composite if name.startswith(prefix) else name for name in self.states]
            self._automaton.machine.place(self, dict.fromkeys(leaves))
            ways = [edge for edge in self.possible(composite) if edge.transition.timeout is None]
            if len(ways) == 1 and (transfers or ways[0].transition.transfer is None):
                self.take(ways[0], automatic=True)
        return done

    def _completed(self) -> str | None:
        """Return a composite whose join is complete and that is still being stood in, or None."""
        finished: dict[str, int] = {}
        for name in self.states:
            node = self._graph.nodes[name]
            if node.state.final and node.parent:
                finished[node.parent] = finished.get(node.parent, 0) + 1
        return next((name for name, count in finished.items() if count >= self._graph.needed(name)), None)

    @property
    def _end(self) -> str | None:
        """The final state of the process in which it stands, or None."""
        name = self.states[0]
        node = self._graph.nodes[name]
        return name if node.state.final and not node.parent else None

    def _holds(self, edge: Edge) -> bool:
        guard = self._automaton.guards.get(edge.index)
        return guard is None or self._attributes is None or bool(guard.evaluate(self._attributes))

    def _assign(self, edge: Edge) -> None:
        assignments = self._automaton.assignments.get(edge.index)
        if assignments and self._attributes is not None:
            before = self._attributes
            self._attributes = before | {name: each.evaluate(before) for name, each in assignments.items()}

    def _refusal(
        self, trigger: str, source: str | None, dest: str | None, found: list[tuple[str, str]]
    ) -> MachineError:
        asked = repr(trigger) + (f" from {source!r}" if source else "") + (f" to {dest!r}" if dest else "")
        if found:
            ways = ", ".join(f"{a} → {b}" for a, b in reversed(found))
            return MachineError(
                Text(
                    en=f"{asked} is ambiguous: it can take {ways}; name the source or the dest",
                    zh=f"{asked} 有歧义:可以是 {ways};请指明 source 或 dest",
                )
            )
        if self.finished:
            return MachineError(
                Text(
                    en=f"{asked} cannot be fired: the case has ended in {self._end!r}",
                    zh=f"不能触发 {asked}:该件已在 {self._end!r} 办结",
                )
            )
        ways = ", ".join(f"{edge.trigger} ({edge.source} → {edge.dest})" for edge in self.available()) or "-"
        return MachineError(
            Text(
                en=f"{asked} cannot be fired in {', '.join(self.states)}; possible are: {ways}",
                zh=f"在 {'、'.join(self.states)} 不能触发 {asked};目前可以触发:{ways}",
            )
        )


def _flat(standing: Any) -> Iterator[str]:
    if isinstance(standing, str):
        yield standing
    else:
        for each in standing:
            yield from _flat(each)


def _check_names(declared: Mapping[str, Attribute], given: Mapping[str, Any]) -> None:
    unknown, missing = sorted(set(given) - set(declared)), sorted(set(declared) - set(given))
    if unknown:
        raise MachineError(
            Text(
                en=f"unknown attribute {unknown[0]!r}; the process has {', '.join(declared) or 'none'}",
                zh=f"未知属性 {unknown[0]!r};该流程的属性有:{'、'.join(declared) or '无'}",
            )
        )
    if missing:
        raise MachineError(
            Text(
                en=f"give a value to the attribute {missing[0]!r}",
                zh=f"请为属性 {missing[0]!r} 赋值",
            )
        )


def _check_value(name: str, attribute: Attribute, value: Any) -> None:
    if attribute.categorical is not None:
        fits, en, zh = (
            value in attribute.categorical,
            ", ".join(attribute.categorical),
            "、".join(attribute.categorical),
        )
    elif attribute.boolean is not None:
        fits, en, zh = isinstance(value, bool), "true or false", "真假值"
    else:
        fits, en, zh = isinstance(value, int | float) and not isinstance(value, bool), "a number", "数字"
    if not fits:
        raise MachineError(Text(en=f"{name} cannot be {value!r}: it is {en}", zh=f"{name} 不能取 {value!r}:应为{zh}"))
