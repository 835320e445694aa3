"""Offered load before a run: what arrives ÷ what people and sittings can take. Simulates nothing.

Work is that of the expected visits. Time-outs are taken never to fire: they would hide an overload, not mend it; where
one takes cases away as a matter of routine, the work behind it counts too much. Not counted is what is not known: a
process whose probabilities do not follow from its definition, and parallel regions that others can cut short.
"""

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from procflow.definition.arrivals import Arrivals
from procflow.definition.resolved import ALWAYS, Process
from procflow.definition.scenario import Scenario
from procflow.errors import ProcflowWarning
from procflow.kernel.layout import DAY
from procflow.machine.expectation import Visits, expected_visits
from procflow.machine.graph import StateGraph, state_graph
from procflow.machine.valuations import valuations
from procflow.simulation.calendars import Clock, Ticks
from procflow.simulation.compile import cap_days
from procflow.simulation.run import named
from procflow.simulation.sharing import Share, shares
from procflow.simulation.staffing import Group, Staffing, qualified, staffing
from procflow.simulation.streams import arrivals_of, gap, region_shares
from procflow.text import Text
from procflow.units import MICROSECONDS

FULL = 1 - 1e-9
"""The load from which a queue grows without end; below 1 by what rounding may take."""

_LEAST_DAYS = 364
_LEAST_LISTED_DAYS = 28
_MOST_STEPS = 50_000
"""Of unrolling a process: a second or so. Beyond it nothing is said of the process."""


@dataclass(frozen=True)
class Load:
    """How much is offered to people or to a sitting for each unit that they can take; from 1 on their queue grows.

    ``names`` are roles (``department.role``, with ``@region`` for an office), which ``groups`` of people hold
    together; or the one state whose sittings have seats, as ``process/state``.
    """

    kind: Literal["staff", "sitting"]
    names: tuple[str, ...]
    groups: tuple[str, ...]
    offered: float

    @property
    def is_overload(self) -> bool:
        """Whether more arrives than can be done."""
        return self.offered >= FULL

    def text(self) -> Text:
        """Return the load as a sentence."""
        names_en, names_zh = ", ".join(self.names), "、".join(self.names)
        share = f"{self.offered:.0%}" if math.isfinite(self.offered) else "∞"
        if self.kind == "sitting":
            return Text(
                en=f"the sittings at {names_en} are offered {share} of their seats: hold them more often, or with more "
                "seats",
                zh=f"{names_zh} 各批次的来件为席位的 {share}:请增加批次或席位",
            )
        if len(self.names) == 1:
            return Text(
                en=f"the people of {names_en} are offered {share} of the work that they can do: give them more staff, "
                "or less work",
                zh=f"{names_zh} 的工作量为其人员能力的 {share}:请增加人手或减少工作量",
            )
        groups_en, groups_zh = ", ".join(self.groups), "、".join(self.groups)
        return Text(
            en=f"the people of {groups_en} are offered {share} of the work that they can do as {names_en} together: "
            "give them more staff, or less work",
            zh=f"{groups_zh} 的人员兼任 {names_zh},合计工作量为其能力的 {share}:请增加人手或减少工作量",
        )

    def __str__(self) -> str:
        return self.text().get("en")


def offered_loads(process: Process | Sequence[Process], scenario: Scenario) -> tuple[Load, ...]:
    """Return the offered load of all people and sittings under a scenario, the highest first.

    For people: expected visits × mean work × people needed, per case, × cases, ÷ people × speed × time on duty. Roles
    that share people are taken together: the load is the least factor on all capacities at which the work can be
    divided among the groups (a linear program), and the roles and groups named are those that make it so high.
    ``overtime`` adds at most one piece of work per person and shift. For sittings with ``max``: expected visits per
    sitting ÷ seats. Means are taken over the horizon, over a year at least.

    An offered load below 1 is necessary for a steady state, and nearly sufficient: work that needs several people at
    once, or priorities across roles, may lose some capacity. Source: Law, *Simulation Modeling and Analysis*, 5th
    ed., 1.4; Kleinrock, *Queueing Systems* I, 2.1 (ρ < 1).

    Raises SimulationError where scenario and processes do not fit together.

    >>> import procflow as pf
    >>> from procflow.definition.shipped import folder
    >>> permit = pf.load(folder() / "processes" / "food_license" / "as_is.yaml")
    >>> highest = offered_loads(permit, pf.Scenario(arrivals="8 per wd"))[0]
    >>> highest.names, highest.is_overload
    (('market_office.inspector',), False)
    """
    processes = named(process)
    organization = processes[0].organization
    clock = Clock(organization, scenario.start, cap_days(scenario.days) * DAY)
    streams = [(state_graph(each), how) for each, how in zip(processes, arrivals_of(processes, scenario), strict=True)]
    return loads_of(streams, scenario, clock, staffing(organization, scenario.staffing))


def loads_of(
    streams: Sequence[tuple[StateGraph, Arrivals]], scenario: Scenario, clock: Clock, staff: Staffing
) -> tuple[Load, ...]:
    """Return the offered loads of processes whose cases arrive as said, in an organization with this staff."""
    offer = _Offer(clock, staff, _window(scenario))
    for graph, arrivals in streams:
        offer.add(graph, arrivals, scenario)
    people = () if scenario.unlimited_staff else offer.people()
    return tuple(sorted([*people, *offer.sittings], key=lambda load: (-load.offered, load.names)))


def warn_of_overload(loads: Sequence[Load]) -> None:
    """Warn whoever calls ``simulate`` of each load of 1 or more."""
    for load in loads:
        if load.is_overload:
            warnings.warn(ProcflowWarning(load.text()), stacklevel=4)


def _window(scenario: Scenario) -> int:
    """Return the time over which means are taken, in ticks: whole weeks, as the horizon but a year at least."""
    return math.ceil(max(scenario.days, _LEAST_DAYS) / 7) * 7 * DAY


@dataclass
class _Offer:
    """What arrives in a window of time: seconds of work by role, and the loads of sittings."""

    clock: Clock
    staff: Staffing
    window: int
    work: dict[str, float] = field(default_factory=dict)
    overtime: dict[str, float] = field(default_factory=dict)
    """The longest mean of a piece of work, in seconds, by role whose people stay until it is done."""
    sittings: list[Load] = field(default_factory=list)

    def add(self, graph: StateGraph, arrivals: Arrivals, scenario: Scenario) -> None:
        """Add a process; nothing where its probabilities are not known."""
        apart = {name: len(work.visits) for name in graph.leaves if (work := graph.nodes[name].state.work) is not None}
        visits = expected_visits(graph, valuations(graph), apart=apart, most_steps=_MOST_STEPS)
        if visits is None:
            return
        cases = self._cases(graph.process, arrivals, scenario.days)
        regions = region_shares(graph)
        for name in graph.leaves:
            if any(_is_cut_short(graph, around) for around in graph.ancestors(name)):
                continue
            department = graph.process.department(graph.nodes[name].state)
            places = regions if department is not None and department.per is not None else {"": 1.0}
            by_place = {place: cases * share for place, share in places.items()}
            self._add_work(graph, name, visits, by_place)
            self._add_sittings(graph, name, visits, by_place)

    def _cases(self, process: Process, arrivals: Arrivals, days: int) -> float:
        """Return how many cases arrive in the window; a list of times is taken to go on at its rate."""
        if arrivals.rate is not None or arrivals.interval is not None:
            between, calendar = gap(process, arrivals)
            mean = between.mean(process.nominal_day_seconds(calendar))
            return self._duty(calendar) / mean if mean else 0.0
        if arrivals.every is not None:
            return arrivals.size * len(self._before(self.clock.occurrences(arrivals.every, ALWAYS, "next")))
        listed = sum(0 <= self.clock.ticks(moment) < days * DAY for moment in arrivals.times)
        return arrivals.size * listed * self.window / (max(days, _LEAST_LISTED_DAYS) * DAY)

    def _add_work(self, graph: StateGraph, name: str, visits: Visits, cases: Mapping[str, float]) -> None:
        state = graph.nodes[name].state
        if state.work is None or state.who != "staff":
            return
        for place, count in cases.items():
            role = qualified(state.department or "", state.role or "", place)
            groups = self.staff.of(role)
            if not groups:
                continue
            day = graph.process.nominal_day_seconds(self.staff.groups[groups[0]].calendar)
            means = [each.mean(day) for each in state.work.visits]
            each_case = math.fsum(visits.nth.get((name, n), 0.0) * mean for n, mean in enumerate(means, 1))
            self.work[role] = self.work.get(role, 0.0) + count * each_case * state.staff
            if state.overtime:
                self.overtime[role] = max(self.overtime.get(role, 0.0), *means)

    def _add_sittings(self, graph: StateGraph, name: str, visits: Visits, cases: Mapping[str, float]) -> None:
        batch = graph.nodes[name].state.batch
        if batch is None or batch.max is None:
            return
        calendar = graph.process.work_calendar(graph.nodes[name].state)
        held = self._before(self.clock.occurrences(batch.every, calendar, batch.if_closed))
        if len(held) < 2:
            return  # nothing goes on that could be overloaded
        # from the first to the last one: a window that begins or ends between two would miscount
        each = (int(held[-1]) - int(held[0])) / (len(held) - 1)
        for place, count in cases.items():
            arriving = count * visits.to(name) * each / self.window
            title = f"{graph.process.name}/{name}" + (f"@{place}" if place else "")
            self.sittings.append(Load("sitting", (title,), (), arriving / batch.max))

    def people(self) -> Iterator[Load]:
        """Yield the load of all roles with work, those that share people together."""
        work = {role: seconds for role, seconds in self.work.items() if seconds > 0}
        serving = {role: self.staff.of(role) for role in work}
        capacity = {g: self._capacity(self.staff.groups[g]) for groups in serving.values() for g in groups}
        for share in shares(work, serving, capacity):
            yield Load("staff", share.roles, self._names(share), share.load)

    def _names(self, share: Share) -> tuple[str, ...]:
        return tuple(self.staff.groups[number].name for number in share.groups)

    def _capacity(self, group: Group) -> float:
        """Return how many seconds of work a group can do in the window."""
        stays = max((self.overtime.get(role, 0.0) for role in group.roles), default=0.0) / group.speed
        return group.count * group.speed * (self._duty(group.calendar) + self._shifts(group.calendar) * stays)

    def _duty(self, calendar: str) -> float:
        """Return the time on duty in the window, in seconds."""
        ticks = self.window if calendar == ALWAYS else self.clock.intervals(calendar).duty_before(self.window)
        return ticks / MICROSECONDS

    def _shifts(self, calendar: str) -> int:
        return 0 if calendar == ALWAYS else len(self._before(self.clock.intervals(calendar).off))

    def _before(self, ticks: Ticks) -> Ticks:
        return ticks[ticks < self.window]


def _is_cut_short(graph: StateGraph, composite: str) -> bool:
    """Whether one region of a composite can cancel the others: by an early join, or by leaving it."""
    regions = graph.regions[composite]
    early = graph.needed(composite) < len(regions) or any(composite in edge.leaves for edge in graph.edges)
    return len(regions) > 1 and early
