"""A process together with the organization and catalog that it refers to. Knows facts, decides nothing."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

from procflow.definition.base import Path, Sourced, Titled, walk
from procflow.definition.catalog import Catalog, DataItem, Material
from procflow.definition.organization import Department, Organization, Role
from procflow.definition.process import ProcessDefinition, State, Transition
from procflow.definition.shown import Shown
from procflow.definition.source import Origin

T = TypeVar("T", bound=Titled)

ALWAYS = "always"
"""The name of the calendar that never closes."""


@dataclass(frozen=True)
class Process(Shown):
    """A checked process: its definition, its organization and its catalog, all frozen.

    Load one with ``procflow.load``. Two processes are equal where their contents are, wherever they came from.
    ``called`` are the processes that its states call, by the paths under which its file names them.
    """

    definition: ProcessDefinition
    organization: Organization
    catalog: Catalog
    origin: Origin = field(default=Origin(), compare=False, repr=False)
    called: Mapping[str, "Process"] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The process's name, the same for all its variants."""
        return self.definition.process

    @property
    def variant(self) -> str:
        """The variant's name, for instance ``as_is``."""
        return self.definition.variant

    def label(self, lang: str = "en") -> str:
        """Return the title in ``lang``, or the name where there is no title."""
        title = self.definition.title
        return title.get("zh" if lang == "zh" else "en") if title else self.name

    def with_definition(self, definition: ProcessDefinition) -> "Process":
        """Return this process with another definition, in the same organization and catalog."""
        return replace(self, definition=definition)

    def without_positions(self) -> "Process":
        """Return this process as content alone: without the positions in files, its own and those of what it calls."""
        called = {reference: process.without_positions() for reference, process in self.called.items()}
        return replace(self, origin=Origin(), called=called)

    def family(self) -> Iterator["Process"]:
        """Yield this process and all that it calls, by however many others; one that is called twice comes twice."""
        yield self
        for process in self.called.values():
            yield from process.family()

    def department(self, state: State) -> Department | None:
        """Return the department that owns a state, or None."""
        return self._departments.get(state.department) if state.department else None

    def role(self, state: State) -> Role | None:
        """Return the role that works in a state, or None."""
        department = self.department(state)
        return department.role(state.role) if department and state.role else None

    def work_calendar(self, state: State) -> str:
        """Return the calendar of a state's staff: of the role, else the department, else the organization.

        An applicant's or external party's work runs on the calendar of that actor, ``always`` by default.
        """
        if state.who in ("applicant", "external"):
            return state.calendar or self._actor_calendar(state)
        role, department = self.role(state), self.department(state)
        named = (role.calendar if role else None) or (department.calendar if department else None)
        return named or self.organization.default_calendar

    def delay_calendar(self, state: State, *, working: bool) -> str:
        """Return the calendar of a state's delay: the state's own, else the office's for working days, else always."""
        if state.calendar is not None:
            return state.calendar
        if not working:
            return ALWAYS
        if state.who in ("applicant", "external"):
            named = self._actor_calendar(state)
            return named if named != ALWAYS else self.organization.default_calendar
        department = self.department(state)
        return (department.calendar if department else None) or self.organization.default_calendar

    def _actor_calendar(self, state: State) -> str:
        actor = next((actor for who, actor in self.organization.actors.items() if who == state.who), None)
        return (actor.calendar if actor else None) or ALWAYS

    def nominal_day_seconds(self, calendar: str) -> float:
        """Return the length in seconds of one working day (``wd``) on a calendar; 24 h on ``always``."""
        return self._day_seconds.get(calendar, 86_400.0)

    @cached_property
    def _departments(self) -> dict[str, Department]:
        return _by_name(self.organization.departments)

    @cached_property
    def _items(self) -> dict[str, DataItem]:
        return _by_name(self.catalog.items)

    @cached_property
    def _materials(self) -> dict[str, Material]:
        return _by_name(self.catalog.materials)

    @cached_property
    def _day_seconds(self) -> dict[str, float]:
        return {calendar.name: calendar.nominal_day_seconds() for calendar in self.organization.calendars}

    def item(self, name: str) -> DataItem | None:
        """Return the catalog's entry for an item; ``buyer.id`` finds ``person.id`` where buyer is a person."""
        subject, dot, rest = name.partition(".")
        return self._items.get(name) or self._items.get(self.definition.subjects.get(subject, subject) + dot + rest)

    def material(self, name: str) -> Material | None:
        """Return the catalog's entry for a document, or None."""
        return self._materials.get(name)

    def numbers(self) -> Iterator[tuple[Path, Sourced]]:
        """Yield every number of the definition that can name a source, with its path in the file."""
        for path, model in walk(self.definition):
            if isinstance(model, Sourced):
                yield path, model

    def __repr__(self) -> str:
        # the whole content would fill pages in every console and failing test
        return f"<Process: {self.name} ({self.variant})>"


def _by_name(entries: Iterable[T]) -> dict[str, T]:
    """Return entries by name; of two with one name, which is a fault, the first."""
    found: dict[str, T] = {}
    for entry in entries:
        found.setdefault(entry.name, entry)
    return found


def nested_states(
    states: tuple[State, ...], prefix: str = "", path: Path = ("states",)
) -> Iterator[tuple[str, State, Path]]:
    """Yield (qualified name, state, path in the file) of all states, a composite before what it contains."""
    for index, state in enumerate(states):
        name, place = prefix + state.name, (*path, index)
        yield name, state, place
        yield from nested_states(state.states, name + "/", (*place, "states"))
        for number, region in enumerate(state.regions):
            yield from nested_states(region.states, f"{name}/{region.name}/", (*place, "regions", number, "states"))


def scopes(
    definition: ProcessDefinition,
) -> Iterator[tuple[str, tuple[State, ...], tuple[Transition, ...], str, Path]]:
    """Yield every scope as (prefix, states, transitions, initial, path): the process, then composites and regions."""
    yield "", definition.states, definition.transitions, definition.initial, ()
    for name, state, path in nested_states(definition.states):
        if state.states:
            yield name + "/", state.states, state.transitions, state.initial or state.states[0].name, path
        for number, region in enumerate(state.regions):
            yield (
                f"{name}/{region.name}/",
                region.states,
                region.transitions,
                region.initial,
                (*path, "regions", number),
            )


def resolve(reference: str, prefix: str, known: Container[str]) -> str | None:
    """Return the qualified name that ``reference`` means in the scope ``prefix``, or None.

    The scope itself is looked at first, then the scopes around it, the whole process last.
    """
    while True:
        if prefix + reference in known:
            return prefix + reference
        if not prefix:
            return None
        prefix = prefix.rstrip("/").rpartition("/")[0]
        prefix = prefix + "/" if prefix else ""
