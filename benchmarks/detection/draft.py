"""A process as plain data that can be altered, and where its steps stand. Knows nothing of rules or findings."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from procflow.definition.catalog import Catalog
from procflow.definition.organization import Organization
from procflow.definition.process import ProcessDefinition
from procflow.definition.resolved import Process

Data = dict[str, Any]


@dataclass
class Draft:
    """The three files of a process as plain data, and further processes of the same organization and catalog."""

    organization: Data
    catalog: Data
    process: Data
    others: list[Data] = field(default_factory=list)

    def copy(self) -> "Draft":
        """Return a copy that shares nothing with this one."""
        return copy.deepcopy(self)

    def build(self) -> Process:
        """Return the process, validated field by field; whether it is sound is not looked at."""
        return self._built(self.process)

    def build_all(self) -> list[Process]:
        """Return the process and the further ones."""
        return [self._built(process) for process in (self.process, *self.others)]

    def _built(self, process: Data) -> Process:
        return Process(
            ProcessDefinition.model_validate(process),
            Organization.model_validate(self.organization),
            Catalog.model_validate(self.catalog),
        )

    @property
    def lead(self) -> str:
        """The department that leads."""
        return str(self.organization["departments"][0]["name"])

    def level(self, department: str) -> str:
        """Return the level of a department."""
        return next(str(d["level"]) for d in self.organization["departments"] if d["name"] == department)

    def system(self, department: str) -> str | None:
        """Return the system in which a department's steps work, None where it has none."""
        return next((s.state.get("system") for s in steps(self) if s.state.get("department") == department), None)

    def fresh(self, stem: str) -> str:
        """Return a name that no state, item, document, system or department has yet."""
        taken = {place.state["name"] for place in steps(self)} | {item["name"] for item in self.catalog["items"]}
        taken |= {m["name"] for m in self.catalog["materials"]}
        taken |= {d["name"] for d in (*self.organization["departments"], *self.organization["systems"])}
        return next(name for n in range(1, 10_000) if (name := f"{stem}{n}") not in taken)

    def item(self, stem: str, **fields: Any) -> str:
        """Add an item to the catalog; return its name."""
        subject, _, rest = stem.rpartition(".")
        name = self.fresh(f"{subject}.{rest}" if subject else f"case.{rest}")
        self.catalog["items"].append({"name": name, **fields})
        return name

    def document(self, stem: str, **fields: Any) -> str:
        """Add a document to the catalog; return its name."""
        name = self.fresh(stem)
        self.catalog["materials"].append({"name": name, **fields})
        return name


@dataclass(frozen=True)
class Place:
    """A leaf state: its data, the states and transitions beside it, and what leads to its scope."""

    state: Data
    scope: Data
    prefix: str

    @property
    def name(self) -> str:
        """The qualified name."""
        return self.prefix + str(self.state["name"])

    @property
    def ways(self) -> list[Data]:
        """The transitions that leave the state."""
        return [t for t in self.scope["transitions"] if t["source"] == self.state["name"]]

    @property
    def sources(self) -> list[Data]:
        """The transitions of its scope that lead to the state."""
        return [t for t in self.scope["transitions"] if t["dest"] == self.state["name"]]

    @property
    def onward(self) -> Data | None:
        """The one way that is taken where nothing else is; None where guards or a choice decide."""
        bare = [t for t in self.ways if not ({"probability", "when", "timeout"} & set(t))]
        return bare[0] if len(bare) == 1 and not any("when" in t for t in self.ways) else None


def scopes(draft: Draft) -> Iterator[tuple[str, Data]]:
    """Yield every scope with the prefix of its states: the process, then what composites contain."""
    yield from _scopes("", draft.process)


def _scopes(prefix: str, scope: Data) -> Iterator[tuple[str, Data]]:
    yield prefix, scope
    for state in scope["states"]:
        name = f"{prefix}{state['name']}/"
        if state.get("states"):
            yield from _scopes(name, state)
        for region in state.get("regions", ()):
            yield from _scopes(f"{name}{region['name']}/", region)


def steps(draft: Draft) -> Iterator[Place]:
    """Yield every leaf state that is not final."""
    for prefix, scope in scopes(draft):
        for state in scope["states"]:
            if not (state.get("final") or state.get("states") or state.get("regions")):
                yield Place(state, scope, prefix)


def insert(draft: Draft, before: Place, state: Data, **way: Any) -> Place:
    """Put a state on the onward way of another one; ``way`` are fields of the new way out."""
    onward = before.onward
    assert onward is not None
    before.scope["states"].append(state)
    before.scope["transitions"].append(
        {"trigger": f"{state['name']}_done", "source": state["name"], "dest": onward["dest"], **way}
    )
    onward["dest"] = state["name"]
    return Place(state, before.scope, before.prefix)


def after(draft: Draft, place: Place) -> Place | None:
    """Return the leaf to which the onward way leads inside the scope, None where it is no leaf."""
    if place.onward is None:
        return None
    dest = place.onward["dest"]
    return next((p for p in steps(draft) if p.scope is place.scope and p.state["name"] == dest), None)


def reads(place: Place) -> list[str]:
    """Return the names of what a state reads."""
    return [read["item"] if isinstance(read, dict) else read for read in place.state.get("reads", ())]


def written(place: Place) -> str:
    """Return the item that a step of staff writes."""
    return str(place.state["writes"][0])
