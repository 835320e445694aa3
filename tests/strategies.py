"""Hypothesis strategies for random processes that are valid and sound by construction.

A process is grown from a grammar: a block is a step, a sequence, a choice, a correction loop, parallel regions or
nested states, and every block leads to one given state. So every case can end, whatever is drawn.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from procflow.definition.catalog import Catalog
from procflow.definition.organization import Organization
from procflow.definition.process import ProcessDefinition
from procflow.definition.resolved import Process

FEATURES = frozenset(
    {
        "batches",  # sittings with seats and a cutoff
        "choices",  # several ways out, by probability (or by guards, with "guards")
        "crews",  # work of two people at once
        "delays",  # elapsed time that occupies nobody, of the office, an applicant or an external party
        "departments",  # up to three departments, staff groups, several calendars; without it one desk, always open
        "distributions",  # random durations; without it all are fixed
        "guards",  # ways out by attributes
        "joins",  # joins of any region or at least k; without it all
        "leaves",  # transitions out of a composite before its join
        "loops",  # corrections, at most so many times
        "nested",  # composites with plain nested states
        "offices",  # a department with an office in each region
        "overtime",  # work that is finished after hours
        "parallel",  # composites with two or three regions
        "priorities",
        "sets",  # attributes assigned on leaving
        "timeouts",
        "transfers",  # with a delay or a dispatch every so often
        "visits",  # probabilities and durations that depend on the visit
    }
)
"""What a generated process may use. A simulator that cannot do one of them asks for ``FEATURES - {...}``."""

_CALENDARS = (
    {"name": "office", "hours": {"mon-fri": ["09:00-12:00", "13:00-17:00"]}},
    {"name": "window", "hours": {"mon-fri": ["08:30-18:00"], "sat": ["09:00-12:00"]}},
    {"name": "half_days", "hours": {"mon": ["09:00-12:00"], "wed-thu": ["14:00-18:00"]}},
    {"name": "round_the_clock", "holidays": False, "hours": {"mon-sun": ["00:00-24:00"]}},
)
_RECURRENCES = ("daily 09:00", "weekly wed 14:00", "daily 10:00,15:00", "fortnightly tue 09:30", "monthly 15 09:00")
_CATEGORIES = ("low", "general", "high")


@dataclass(frozen=True)
class _Scope:
    """Where states are being written: the process or a region, and what may be used there.

    ``outside`` are the qualified states to which the composites around may be left early; ``readable`` and
    ``settable`` are the attributes that no sibling region sets, or touches.
    """

    prefix: str = ""
    outside: tuple[str, ...] = ()
    readable: tuple[str, ...] = ()
    settable: tuple[str, ...] = ()
    states: list[dict[str, Any]] = field(default_factory=list)
    transitions: list[dict[str, Any]] = field(default_factory=list)

    def fresh_name(self) -> str:
        return f"{'step' if self.prefix else 's'}{len(self.states) + 1}"


@st.composite
def processes(
    draw: DrawFn, *, features: frozenset[str] = FEATURES, min_states: int = 3, max_states: int = 15
) -> Process:
    """Draw a sound process of ``min_states`` to ``max_states`` leaf states that uses only ``features``."""
    if not features <= FEATURES:
        raise ValueError(f"unknown features: {sorted(features - FEATURES)}")
    organization = draw(organizations(features=features))
    data = draw(process_data(organization, features=features, min_states=min_states, max_states=max_states))
    catalog = Catalog.model_validate({"procflow": 1, "catalog": "examples"})
    return Process(ProcessDefinition.model_validate(data), organization, catalog)


@st.composite
def organizations(draw: DrawFn, *, features: frozenset[str] = FEATURES) -> Organization:
    """Draw an organization: one desk that never closes, or one to three departments with calendars."""
    data: dict[str, Any] = {"procflow": 1, "organization": "county", "levels": [{"name": "county"}]}
    if "departments" not in features:
        data["calendars"] = [_CALENDARS[-1]]
        roles = [{"name": "clerk", "staff": draw(st.integers(1, 3))}]
        data["departments"] = [{"name": "desk", "level": "county", "roles": roles}]
        return Organization.model_validate(data)
    data["calendars"] = list(_CALENDARS)
    data["working_calendar"] = "office"
    if "offices" in features:
        data["regions"] = [{"name": "north", "share": 2}, {"name": "south"}]
    count = draw(st.integers(1, 3))
    data["departments"] = [_department(draw, features, index) for index in range(count)]
    return Organization.model_validate(data)


def _department(draw: DrawFn, features: frozenset[str], index: int) -> dict[str, Any]:
    calendars = st.sampled_from([calendar["name"] for calendar in _CALENDARS])
    roles: list[dict[str, Any]] = [{"name": "clerk", "staff": draw(st.integers(1, 4))}, {"name": "reviewer"}]
    group = {"name": "pool", "roles": ["reviewer"], "count": draw(st.integers(1, 3))}
    if draw(st.booleans()):
        group["roles"] = ["clerk", "reviewer"]
    if draw(st.booleans()):
        group |= {"calendar": draw(calendars), "speed": draw(st.sampled_from([0.5, 1.0, 1.25]))}
    written = {"name": f"bureau{index + 1}", "level": "county", "roles": roles, "staff": [group]}
    if draw(st.booleans()):
        written["calendar"] = draw(calendars)
    if "offices" in features and draw(st.booleans()):
        written["per"] = "region"
    return written


@st.composite
def process_data(
    draw: DrawFn,
    organization: Organization,
    *,
    features: frozenset[str] = FEATURES,
    min_states: int = 3,
    max_states: int = 15,
) -> dict[str, Any]:
    """Draw the plain data of a process file whose cases are handled by ``organization``."""
    attributes = _attributes(draw) if features & {"guards", "sets"} else {}
    names = tuple(attributes)
    scope = _Scope(readable=names, settable=names, outside=())
    size = draw(st.integers(min_states, max_states)) - 2
    grower = _Grower(draw, features, organization)
    initial = grower.block(scope, "granted", max(size, 1))
    scope.states.append({"name": "granted", "final": True, "outcome": "granted"})
    scope.states.append({"name": "refused", "final": True})
    grower.refuse(scope, initial)
    data = {
        "procflow": 1,
        "process": "example",
        "organization": "organization.yaml",
        "attributes": attributes,
        "initial": initial,
        "states": scope.states,
        "transitions": scope.transitions,
    }
    if "priorities" in features and draw(st.booleans()):
        data["priority"] = draw(st.sampled_from([1.0, 2.5]))
    return data


def _attributes(draw: DrawFn) -> dict[str, Any]:
    known = {
        "risk": {"categorical": {"low": 0.5, "general": 0.375, "high": 0.125}},
        "urgent": {"boolean": 0.25},
        "amount": {"number": {"uniform": [0, 100]}},
        "copies": {"integer": {"triangular": [0, 2, 9]}},
    }
    chosen = draw(st.sets(st.sampled_from(sorted(known)), min_size=1))
    return {name: known[name] for name in known if name in chosen}


@dataclass
class _Grower:
    """Writes blocks of states and transitions into scopes."""

    draw: DrawFn
    features: frozenset[str]
    organization: Organization
    composites: int = 0
    triggers: int = 0

    def block(self, scope: _Scope, dest: str, size: int) -> str:
        """Write a block of about ``size`` leaf states, all ways of which lead to ``dest``; return its first state."""
        kinds = ["step"]
        kinds += ["sequence", "sequence"] if size >= 2 else []
        kinds += ["choice"] if size >= 2 and self.features & {"choices", "guards"} else []
        kinds += ["loop"] if size >= 2 and "loops" in self.features else []
        kinds += ["nested"] if size >= 2 and "nested" in self.features else []
        kinds += ["parallel", "parallel"] if size >= 4 and "parallel" in self.features else []
        kind = self.draw(st.sampled_from(kinds[1:] or kinds))
        return str(getattr(self, f"_{kind}")(scope, dest, size))

    def refuse(self, scope: _Scope, initial: str) -> None:
        """Lead to the second final state from the first state, where nothing else does."""
        if any(t["dest"] == "refused" for t in _every_transition(scope.states, scope.transitions)):
            return
        ways = [t for t in scope.transitions if t["source"] == initial]
        bare = [t for t in ways if not _is_conditional(t)]
        way = {"trigger": "refuse", "source": initial, "dest": "refused"}
        if bare and "choices" in self.features and not any("probability" in t for t in ways):
            scope.transitions.append(way | {"probability": 0.125})
        elif "timeouts" in self.features and not any("timeout" in t for t in scope.transitions):
            scope.transitions.append(way | {"timeout": "30 d", "basis": "an act"})
        else:
            del scope.states[-1]

    def _step(self, scope: _Scope, dest: str, size: int) -> str:
        name = self._leaf(scope)
        self._leave(scope, name, [dest])
        return name

    def _sequence(self, scope: _Scope, dest: str, size: int) -> str:
        first = self.draw(st.integers(1, size - 1))
        return self.block(scope, self.block(scope, dest, size - first), first)

    def _choice(self, scope: _Scope, dest: str, size: int) -> str:
        gate, rest = self._gate(scope, dest, size)
        branches = []
        while rest > 0 and len(branches) < 3:
            part = self.draw(st.integers(1, rest))
            branches.append(self.block(scope, dest, part))
            rest -= part
        if len(branches) == 1 or self.draw(st.booleans()):
            branches.append(dest)
        self._leave(scope, gate, branches)
        return gate

    def _loop(self, scope: _Scope, dest: str, size: int) -> str:
        check = self._leaf(scope)
        body = self.block(scope, check, size - 1)
        rounds = self.draw(st.integers(1, 3))
        again = [self.draw(_tenths) for _ in range(rounds)] + [0.0]
        onward = [round(1 - p, 4) for p in again]
        scope.transitions.append(self._way(scope, check, body) | {"probability": again})
        scope.transitions.append(self._way(scope, check, dest) | {"probability": onward})
        return self.draw(st.sampled_from([check, body]))

    def _gate(self, scope: _Scope, dest: str, size: int) -> tuple[str, int]:
        """Write the state that a choice follows, a composite at times; return it and the size that is left."""
        if size >= 6 and "parallel" in self.features and self.draw(st.booleans()):
            return self._regions(scope, dest, 4), size - 4
        return self._leaf(scope), size - 1

    def _parallel(self, scope: _Scope, dest: str, size: int) -> str:
        name = self._regions(scope, dest, size)
        self._leave(scope, name, [dest])
        return name

    def _regions(self, scope: _Scope, dest: str, size: int) -> str:
        """Write a composite with two or three regions, without its ways out; return its name."""
        name = self._composite_name()
        count = 3 if size >= 6 and self.draw(st.booleans()) else 2
        owners = {a: self.draw(st.sampled_from([None, *range(count)])) for a in scope.settable}
        regions: list[dict[str, Any]] = []
        for index in range(count):
            free = tuple(a for a in scope.readable if owners.get(a) in (None, index))
            own = tuple(a for a in scope.settable if owners[a] == index)
            region = f"region{index + 1}"
            inner = self._inner(scope, f"{name}/{region}/", dest, free, own)
            first = self.block(inner, "done", max(size // count - 1, 1))
            self._finish(inner)
            regions.append({"name": region, "initial": first, "states": inner.states, "transitions": inner.transitions})
        join: Any = "all"
        if "joins" in self.features:
            join = self.draw(st.sampled_from(["all", "any", {"at_least": self.draw(st.integers(1, count))}]))
        scope.states.append({"name": name, "regions": regions, "join": join})
        return name

    def _nested(self, scope: _Scope, dest: str, size: int) -> str:
        name = self._composite_name()
        inner = self._inner(scope, f"{name}/", dest, scope.readable, scope.settable)
        first = self.block(inner, "done", max(size - 1, 1))
        self._finish(inner)
        written = {"name": name, "initial": first, "states": inner.states, "transitions": inner.transitions}
        scope.states.append(written)
        self._leave(scope, name, [dest])
        return name

    def _inner(
        self, scope: _Scope, name: str, dest: str, readable: tuple[str, ...], settable: tuple[str, ...]
    ) -> _Scope:
        outside = (*scope.outside, scope.prefix + dest, "refused")
        return replace(
            scope,
            prefix=scope.prefix + name,
            outside=tuple(dict.fromkeys(outside)),
            readable=readable,
            settable=settable,
            states=[],
            transitions=[],
        )

    def _finish(self, inner: _Scope) -> None:
        inner.states.append({"name": "done", "final": True})

    def _composite_name(self) -> str:
        self.composites += 1
        return f"part{self.composites}"

    def _leaf(self, scope: _Scope) -> str:
        """Write a leaf state without its ways out; return its name."""
        state: dict[str, Any] = {"name": scope.fresh_name()}
        who = self.draw(st.sampled_from(["staff", "staff", "nobody", *(["other"] if self._has("delays") else [])]))
        if who == "staff":
            state |= self._work(scope)
        elif who == "other":
            state |= {"actor": self.draw(st.sampled_from(["applicant", "external"])), "delay": self._durations()}
        if "work" in state and self._has("delays") and self.draw(st.booleans()):
            state["delay"] = self._durations()
        scope.states.append(state)
        return str(state["name"])

    def _work(self, scope: _Scope) -> dict[str, Any]:
        department = self.draw(st.sampled_from(self.organization.departments))
        role = self.draw(st.sampled_from(department.roles))
        state: dict[str, Any] = {"department": department.name, "role": role.name, "work": self._durations()}
        if self._has("batches") and self.draw(st.integers(0, 3)) == 3:
            state["batch"] = self._batch()
        if self._has("overtime") and self.draw(st.integers(0, 3)) == 3:
            state["overtime"] = True
        if self._has("crews") and _crew(department, role.name) > 1 and self.draw(st.booleans()):
            state["staff"] = 2
        if self._has("priorities") and self.draw(st.integers(0, 2)) == 2:
            numbers = [a for a in scope.readable if a in ("amount", "copies")]
            state["priority"] = self.draw(st.sampled_from([3.0, *numbers]))
        return state

    def _batch(self) -> dict[str, Any]:
        batch: dict[str, Any] = {"every": self.draw(st.sampled_from(_RECURRENCES))}
        batch["if_closed"] = self.draw(st.sampled_from(["next", "skip", "previous"]))
        if self.draw(st.booleans()):
            batch["max"] = self.draw(st.integers(2, 20))
        if self.draw(st.booleans()):
            batch["cutoff"] = self.draw(st.sampled_from(["2 h", "1 d", "0.5 wd"]))
        return batch

    def _durations(self) -> Any:
        if self._has("visits") and self.draw(st.integers(0, 3)) == 3:
            return {"first": self._duration(), "again": self._duration()}
        return self._duration()

    def _duration(self) -> Any:
        minutes = self.draw(st.integers(1, 240))
        if not self._has("distributions"):
            return f"{minutes} min"
        low, mean, high = f"{minutes} min", f"{2 * minutes} min", f"{5 * minutes} min"
        return self.draw(
            st.sampled_from(
                [
                    mean,
                    {"uniform": [low, high]},
                    {"exponential": mean},
                    {"triangular": [low, mean, high]},
                    {"lognormal": {"mean": mean, "sd": low}},
                    {"gamma": [mean, low]},
                    {"erlang": [3, mean]},
                    {"weibull": [1.5, mean]},
                    {"normal": [mean, low]},
                    {"pert": [low, mean, high]},
                    {"empirical": [low, mean, high]},
                ]
            )
        )

    def _leave(self, scope: _Scope, source: str, dests: list[str]) -> None:
        """Write the ways out of a state: to each of ``dests``, perhaps also early or by a timer."""
        ways = [self._way(scope, source, dest) for dest in dests]
        if len(ways) > 1 and self.draw(st.booleans()):
            ways = [way | {"trigger": ways[0]["trigger"]} for way in ways] if _differ(ways) else ways
        if scope.outside and self._has("leaves") and self.draw(st.integers(0, 3)) == 3:
            ways.insert(0, self._way(scope, source, self.draw(st.sampled_from(scope.outside))))
        self._decide(scope, ways)
        if self._has("timeouts") and self.draw(st.integers(0, 3)) == 3:
            dest = self.draw(st.sampled_from([*dests, *scope.outside]))
            after = self.draw(st.sampled_from(["10 min", "6 h", "3 d", "2 wd"]))
            ways.append(self._way(scope, source, dest) | {"timeout": after, "basis": "an act"})
        scope.transitions.extend(ways)

    def _decide(self, scope: _Scope, ways: list[dict[str, Any]]) -> None:
        """Say when each of several ways is taken: by guards first, the others by chance, the last one otherwise."""
        rest = list(ways)
        while len(rest) > 1 and self._has("guards") and scope.readable:
            if self._has("choices") and self.draw(st.booleans()):
                break
            rest.pop(0)["when"] = self._guard(scope)
        if len(rest) < 2:
            return
        visits = self.draw(st.integers(1, 3)) if self._has("visits") else 1
        shares = [[self.draw(st.integers(1, 8)) for _ in range(visits)] for _ in rest]
        totals = [sum(column) for column in zip(*shares, strict=True)]
        parts = [[round(s / total, 3) for s, total in zip(row, totals, strict=True)] for row in shares[:-1]]
        for way, part in zip(rest, parts, strict=False):
            way["probability"] = part if visits > 1 else part[0]
        if self.draw(st.booleans()):  # otherwise the last one stays bare: the default, with what is left of 1
            left = [round(1 - sum(column), 3) for column in zip(*parts, strict=True)]
            rest[-1]["probability"] = left if visits > 1 else left[0]

    def _way(self, scope: _Scope, source: str, dest: str) -> dict[str, Any]:
        self.triggers += 1
        trigger = "proceed" if self.draw(st.integers(0, 3)) == 3 else f"t{self.triggers}"
        way: dict[str, Any] = {"trigger": trigger, "source": source, "dest": dest}
        if self._has("transfers") and self.draw(st.integers(0, 3)) == 3:
            every = {"every": self.draw(st.sampled_from(_RECURRENCES)), "channel": "paper"}
            way["transfer"] = self.draw(st.sampled_from([{"delay": "1 h"}, {"delay": "1 wd"}, every]))
        if self._has("sets") and scope.settable and self.draw(st.integers(0, 3)) == 3:
            name = self.draw(st.sampled_from(scope.settable))
            way["set"] = {name: self.draw(st.sampled_from(_VALUES[name]))}
        return way

    def _guard(self, scope: _Scope) -> str:
        atoms = [atom for name in scope.readable for atom in _ATOMS[name]]
        first = self.draw(st.sampled_from(atoms))
        if self.draw(st.booleans()):
            return first
        return f"{first} {self.draw(st.sampled_from(['and', 'or']))} {self.draw(st.sampled_from(atoms))}"

    def _has(self, feature: str) -> bool:
        return feature in self.features


_tenths = st.integers(1, 9).map(lambda tenths: tenths / 10)
_ATOMS: dict[str, tuple[str, ...]] = {
    "risk": ('risk == "low"', 'risk != "high"', 'risk in ["low", "general"]'),
    "urgent": ("urgent", "not urgent"),
    "amount": ("amount > 50", "amount <= 12.5"),
    "copies": ("copies >= 3", "copies == 0"),
}
_VALUES: dict[str, tuple[Any, ...]] = {
    "risk": _CATEGORIES,
    "urgent": (True, False),
    "amount": (25.0, "amount / 2"),
    "copies": (0, "copies + 1"),
}


def _crew(department: Any, role: str) -> int:
    """Return how many people of a role stand on one calendar at the least."""
    own = [r.staff.value for r in department.roles if r.name == role and r.staff]
    return max([*own, *(group.count.value for group in department.staff if role in group.roles)])


def _differ(ways: list[dict[str, Any]]) -> bool:
    return len({way["dest"] for way in ways}) == len(ways)


def _is_conditional(transition: dict[str, Any]) -> bool:
    return not {"when", "probability", "timeout"}.isdisjoint(transition)


def _every_transition(states: list[dict[str, Any]], transitions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = list(transitions)
    for state in states:
        for scope in (state, *state.get("regions", ())):
            if "states" in scope:
                found += _every_transition(scope["states"], scope.get("transitions", []))
    return found
