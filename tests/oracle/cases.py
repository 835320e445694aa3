"""What is known of a case, its tokens and the process that it is in: plain data and look-ups."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from procflow.definition import expressions
from procflow.definition.process import State
from procflow.definition.resolved import Process
from procflow.machine.graph import Edge, StateGraph, state_graph
from tests.oracle import random, suspensions
from tests.oracle.arrivals import Given
from tests.oracle.random import Purpose
from tests.oracle.rows import Row, no_time
from tests.oracle.sampling import sample
from tests.oracle.staff import offices

CaseKey = tuple[int, int]
"""The tie of a case: (rank of its process by name, ordinal)."""


class Model:
    """A process with what the rules ask of it."""

    def __init__(self, process: Process, rank: int, stream: int) -> None:
        self.process, self.rank, self.stream = process, rank, stream
        self.graph: StateGraph = state_graph(process)
        self.attributes = process.definition.attributes
        self.given: list[Given] = []
        ordered = sorted(self.graph.nodes, key=lambda name: (self.token_path(name), name))
        self.node = {name: place for place, name in enumerate(ordered)}

    def state(self, name: str) -> State:
        return self.graph.nodes[name].state

    def token_path(self, name: str) -> str:
        """Return '' on the main line, else the path of the innermost region around a state."""
        node = self.graph.nodes[name]
        return self.region_path(node.parent, node.region) if node.parent else ""

    def region_path(self, composite: str, region: int) -> str:
        name = self.graph.regions[composite][region].name
        return f"{composite}/{name}" if name else composite

    def draw_key(self, name: str) -> str:
        """Rule 20: ``same_as``, else the own name where it is unique, else the qualified name."""
        state = self.state(name)
        namesakes = [node for node in self.graph.nodes.values() if node.state.name == state.name]
        return state.same_as or (state.name if len(namesakes) == 1 else name)

    def work_key(self, name: str) -> tuple[str, str]:
        """Return the department and role that work in a state."""
        state = self.state(name)
        if state.department is None or state.role is None:
            raise LookupError(f"state {name!r} has work of staff but no role")
        return state.department, state.role

    def office(self, name: str, region: str) -> str:
        department = self.process.department(self.state(name))
        return region if department and department.per else ""

    def offices(self, name: str) -> tuple[str, ...]:
        """Return the offices of a state's department, ('',) where it has none of its own."""
        department = self.process.department(self.state(name))
        return offices(self.process.organization, department) if department else ("",)

    def regions_of_cases(self) -> list[tuple[str, float]]:
        """Return the regions, with their shares, in which every department per region has an office (rule 23)."""
        organization = self.process.organization
        owners = {node.state.department for node in self.graph.nodes.values() if node.state.department}
        split = [d for d in organization.departments if d.name in owners and d.per]
        served = [set(offices(organization, department)) for department in split]
        return [(r.name, r.share) for r in organization.regions if served and all(r.name in s for s in served)]

    def holds(self, guard: str, values: dict[str, Any]) -> bool:
        return expressions.parse(guard, self.attributes, kind="boolean").evaluate(values) is True

    def priority(self, name: str, values: dict[str, Any], inherited: float) -> float:
        """Rule 9: the state's, else the process's, else the caller's; what is not a number is 0 (rule 12)."""
        written = self.state(name).priority
        written = self.process.definition.priority if written is None else written
        if written is None:
            return inherited
        if isinstance(written, int | float):
            return float(written)
        value = float(expressions.parse(written, self.attributes, kind="number").evaluate(values))
        return value if value == value else 0.0

    def assigned(self, edge: Edge, values: dict[str, Any]) -> dict[str, Any]:
        """Return the attributes after ``set``, all assignments from the values before (rule 12)."""
        written = edge.transition.set
        new = {
            name: expressions.parse_assignment(name, value, self.attributes).evaluate(values)
            for name, value in written.items()
        }
        return {**values, **new}


@dataclass(eq=False)
class Token:
    """Where a case stands: one on the main line, one more in each region of a composite that it is in."""

    case: "Case"
    path: str
    outer: "Token | None" = None
    state: str = ""
    visit: int = 0
    priority: float = 0.0
    row: Row | None = None
    joint: Any = None  # the work of a sitting that it takes part in
    call: "Calling | None" = None
    last_row: Row | None = None
    crew: Any = None
    exited: int | None = None  # since when it travels
    finished: int | None = None  # when it entered the final state of its region
    is_inside: bool = False  # whether it is in its state, not on the way between two
    leaving: bool = False  # whether the composite in which it stands is being left early
    fired: "Token | None" = None  # the token within whose finish fired the join
    generation: int = 0  # what was due for an older one has vanished
    inner: list["Token"] = field(default_factory=list)
    time: dict[str, int] = field(default_factory=no_time)

    @property
    def node(self) -> int:
        return self.case.model.node[self.state]

    def around(self) -> Iterator["Token"]:
        """Yield the tokens that stand in the composites around this one, innermost first."""
        token = self.outer
        while token is not None:
            yield token
            token = token.outer

    def add_time(self, time: dict[str, int]) -> None:
        for name, ticks in time.items():
            self.time[name] += ticks


@dataclass(eq=False)
class Calling:
    """A call that a token makes: the cases begun, the outcomes of those that have ended, how many must (rule 27)."""

    instances: int
    needed: int
    cases: list["Case"] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Caller:
    """Who called a case: the token, in which visit of which state, and as which instance (rule 27)."""

    token: Token
    state: str
    visit: int
    instance: int


@dataclass(eq=False)
class Case:
    """A case with its attributes and its luck (rules 20 and 23)."""

    model: Model
    ordinal: int
    arrival: int
    luck: int
    caller: Caller | None = None
    inherited_priority: float = 0.0
    given: dict[str, Any] = field(default_factory=dict)
    suspensions: Any = None
    region: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)
    end: int | None = None
    outcome: str | None = None
    called_off: bool = False

    def __post_init__(self) -> None:
        given = self.model.given[self.ordinal] if 0 <= self.ordinal < len(self.model.given) else Given()
        self.values = {name: self._attribute(name) for name in self.model.attributes} | self.given
        self.values |= {name: self._as_given(name, value) for name, value in given.values.items()}
        self.region = given.region or self._region()
        self.suspensions = suspensions.Suspensions(self)
        self.main = Token(self, "")

    @property
    def key(self) -> CaseKey:
        number = self.ordinal if self.caller is None else (1 << 47) + -1 - self.ordinal
        return self.model.rank, number

    def draws(self, state: str, visit: int, purpose: Purpose) -> random.Draws:
        return random.draws(self.luck, self.model.draw_key(state), visit, purpose)

    def priority(self, name: str) -> float:
        """Rule 9."""
        return self.model.priority(name, self.values, self.inherited_priority)

    def _as_given(self, name: str, value: Any) -> Any:
        """Return a value as the attribute's kind has it, from a file's text where it comes from one (rule 23)."""
        attribute = self.model.attributes[name]
        if attribute.categorical is not None:
            return str(value)
        if attribute.boolean is not None:
            return str(value).lower() in ("true", "1", "yes", "是", "1.0")
        return float(value)

    def _attribute(self, name: str) -> Any:
        attribute = self.model.attributes[name]
        u = random.draws(self.luck, f"@attribute {name}", 1, Purpose.ATTRIBUTE)
        if attribute.categorical is not None:
            return _chosen(list(attribute.categorical.items()), u(0))
        if attribute.boolean is not None:
            return u(0) < attribute.boolean
        if attribute.number is not None:
            return sample(attribute.number, u)
        assert attribute.integer is not None
        return float(int(sample(attribute.integer, u) + 0.5))

    def _region(self) -> str:
        regions = self.model.regions_of_cases()
        parents = self.caller.token.case.region if self.caller else ""
        if not regions or parents in [name for name, _ in regions]:
            return parents
        total = sum(share for _, share in regions)
        u = random.draws(self.luck, "@region", 1, Purpose.OFFICE)
        return _chosen([(name, share / total) for name, share in regions], u(0))


def _chosen(parts: list[tuple[str, float]], u: float) -> str:
    """Return the name at which the running sum first exceeds ``u``, the last one if rounding leaves none (rule 23)."""
    running = 0.0
    for name, part in parts:
        running += part
        if running > u:
            return name
    return parts[-1][0]
