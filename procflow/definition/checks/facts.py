"""What the checks of a process look up again and again: its states by qualified name, and the known names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from procflow.definition.base import Path
from procflow.definition.checks.common import Fault, Names, calendars
from procflow.definition.expressions import Expression, Kind, parse, parse_assignment
from procflow.definition.process import Attribute, State, Transition
from procflow.definition.resolved import Process, nested_states, resolve, scopes
from procflow.errors import ExpressionError


@dataclass(frozen=True)
class Way:
    """A transition from one of its sources, ends resolved; None where there is no such state."""

    path: Path
    transition: Transition
    source: str | None
    dest: str | None


@dataclass(frozen=True)
class Facts:
    """A process as its checks see it."""

    process: Process

    @cached_property
    def states(self) -> dict[str, tuple[State, Path]]:
        """All states with their path in the file, by qualified name."""
        return {name: (state, path) for name, state, path in nested_states(self.process.definition.states)}

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """All transitions, one per source."""
        return tuple(
            Way(
                (*path, "transitions", index),
                transition,
                resolve(source, prefix, self.states),
                resolve(transition.dest, prefix, self.states),
            )
            for prefix, _, transitions, _, path in scopes(self.process.definition)
            for index, transition in enumerate(transitions)
            for source in transition.source
        )

    @cached_property
    def attributes(self) -> Mapping[str, Attribute]:
        """The attributes of a case."""
        return self.process.definition.attributes

    @cached_property
    def departments(self) -> Names:
        """The departments of the organization."""
        return Names("department", "department", "部门", [d.name for d in self.process.organization.departments])

    @cached_property
    def systems(self) -> Names:
        """The systems of the organization."""
        return Names("system", "system", "系统", [s.name for s in self.process.organization.systems])

    @cached_property
    def calendars(self) -> Names:
        """The calendars of the organization."""
        return calendars(calendar.name for calendar in self.process.organization.calendars)

    @cached_property
    def triggers(self) -> Names:
        """The triggers of all transitions."""
        return Names("trigger", "trigger", "触发事件", sorted({way.transition.trigger for way in self.ways}))

    @cached_property
    def state_names(self) -> Names:
        """All states by qualified name."""
        return Names("state", "state", "状态", list(self.states))

    @cached_property
    def items(self) -> Names:
        """The data items of the catalog."""
        return Names("item", "data item", "数据项", [item.name for item in self.process.catalog.items])

    @cached_property
    def documents(self) -> Names:
        """The materials of the catalog."""
        return Names("document", "document", "材料", [material.name for material in self.process.catalog.materials])

    @cached_property
    def subjects(self) -> frozenset[str]:
        """What items are about: the first part of their names, and the process's own words for these."""
        known = {name.partition(".")[0] for name in self.items.known}
        return frozenset(known | set(self.process.definition.subjects))

    def unknown_item(self, path: Path, name: str) -> Iterator[Fault]:
        """Yield a fault where the catalog has no such data item, by any of its subjects' names."""
        if self.process.item(name) is None:
            yield from self.items.unknown(path, name)

    def unknown_document(self, path: Path, name: str) -> Iterator[Fault]:
        """Yield a fault where the catalog has no such material."""
        yield from self.documents.unknown(path, name)

    def unknown_thing(self, path: Path, name: str, *, subject: bool = False) -> Iterator[Fault]:
        """Yield a fault where the catalog has neither such an item nor such a material (nor such a ``subject``)."""
        if self.process.item(name) is None and not (subject and name in self.subjects):
            known = [*self.items.known, *self.documents.known, *(sorted(self.subjects) if subject else ())]
            yield from Names("item", "data item or document", "数据项或材料", known).unknown(path, name)

    def wrong_expression(self, path: Path, text: str, kind: Kind) -> Iterator[Fault]:
        """Yield a fault where a text is no expression of a kind."""
        try:
            parse(text, self.attributes, kind=kind)
        except ExpressionError as error:
            yield Fault(path, "expression", error.message, error.column)

    def wrong_assignment(self, path: Path, attribute: str, value: Any) -> Iterator[Fault]:
        """Yield a fault where ``set`` cannot set an attribute to a value."""
        try:
            parse_assignment(attribute, value, self.attributes)
        except ExpressionError as error:
            yield Fault(path, "expression", error.message, error.column)

    def read_by(self, expression: str | float | None) -> frozenset[str]:
        """Return the attributes that an expression reads; none where it is a number or wrong."""
        if not isinstance(expression, str):
            return frozenset()
        try:
            parsed: Expression = parse(expression, self.attributes)
        except ExpressionError:
            return frozenset()
        return parsed.names
