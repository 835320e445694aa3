"""Offered load before a run: what arrives ÷ what people and sittings can take. Simulates nothing.

Work is that of the expected visits. Time-outs are taken never to fire: they would hide an overload, not mend it; where
one takes cases away as a matter of routine, the work behind it counts too much. Not counted is what is not known: a
process whose probabilities do not follow from its definition, parallel regions that others can cut short, and calls of
a number of instances that attributes decide, or of which some can be called off. Joint work counts once for a sitting.
"""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from procflow.definition.arrivals import Arrivals
from procflow.definition.process import Batch
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from procflow.errors import warn_user
from procflow.kernel.layout import DAY
from procflow.machine.expectation import Visits, expected_visits
from procflow.machine.graph import StateGraph, state_graph
from procflow.machine.valuations import valuations
from procflow.simulation.calendars import Clock, Ticks
from procflow.simulation.horizon import cap_days, expected_arrivals, horizon_days
from procflow.simulation.hours import headcounts, on_duty
from procflow.simulation.run import named
from procflow.simulation.sharing import Share, shares
from procflow.simulation.staffing import Group, Staffing, plain_calendar, qualified, staffing
from procflow.simulation.streams import arrivals_of, region_shares
from procflow.text import Text
from procflow.units import MICROSECONDS

FULL = 1 - 1e-9
"""The load from which a queue grows without end; below 1 by what rounding may take."""

_LEAST_DAYS = 364
_LEAST_LISTED_DAYS = 28
_LEAST_PERIOD_DAYS = 14
_MOST_STEPS = 50_000
"""Of unrolling a process: a second or so. Beyond it nothing is said of the process."""


@dataclass(frozen=True)
class Load:
    """How much is offered to people or to a sitting for each unit that they can take; from 1 on their queue grows.

    ``names`` are roles (``department.role``, with ``@region`` for an office), which ``groups`` of people hold
    together; or the one state whose sittings have seats, as ``process/state``. ``since`` and ``until`` are the first
    and last date where this holds for a part of the run only.
    """

    kind: Literal["staff", "sitting"]
    names: tuple[str, ...]
    groups: tuple[str, ...]
    offered: float
    since: dt.date | None = None
    until: dt.date | None = None

    @property
    def is_overload(self) -> bool:
        """Whether more arrives than can be done."""
        return self.offered >= FULL

    def text(self) -> Text:
        """Return the load as a sentence."""
        text = self._of_period()
        if self.since is None:
            return text
        return Text(
            en=f"from {self.since} to {self.until} {text.get('en')}",
            zh=f"{self.since} 至 {self.until} 期间，{text.get('zh')}",
        )

    def _of_period(self) -> Text:
        names_en, names_zh = ", ".join(self.names), "、".join(self.names)
        share = f"{self.offered:.0%}" if math.isfinite(self.offered) else "∞"
        if self.kind == "sitting":
            return Text(
                en=f"the sittings at {names_en} are offered {share} of their seats: hold them more often, or with more "
                "seats",
                zh=f"{names_zh} 各批次的来件为席位的 {share}：请增加批次或席位",
            )
        if len(self.names) == 1:
            return Text(
                en=f"the people of {names_en} are offered {share} of the work that they can do: give them more staff, "
                "or less work",
                zh=f"{names_zh} 的工作量为其人员能力的 {share}：请增加人手或减少工作量",
            )
        groups_en, groups_zh = ", ".join(self.groups), "、".join(self.groups)
        return Text(
            en=f"the people of {groups_en} are offered {share} of the work that they can do as {names_en} together: "
            "give them more staff, or less work",
            zh=f"{groups_zh} 的人员兼任 {names_zh}，合计工作量为其能力的 {share}：请增加人手或减少工作量",
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
    arrivals = arrivals_of(processes, scenario)
    days = horizon_days(processes, arrivals, scenario)
    clock = Clock(organization, scenario.start, cap_days(days) * DAY)
    streams = [(state_graph(each), how) for each, how in zip(processes, arrivals, strict=True)]
    return loads_of(streams, scenario, clock, staffing(organization, scenario), days)


def loads_of(
    streams: Sequence[tuple[StateGraph, Arrivals]], scenario: Scenario, clock: Clock, staff: Staffing, days: int
) -> tuple[Load, ...]:
    """Return the offered loads of processes whose cases arrive as said, in an organization with this staff."""
    known = [(graph, how, visits) for graph, how in streams if (visits := _visits(graph)) is not None]
    loads = _loads(known, scenario, _Offer(clock, staff, 0, _window(days), days))
    overloaded = {load.names for load in loads if load.is_overload}
    for since, until in _periods(streams, scenario, days):
        first, last = clock.at(since, 0), clock.at(until + dt.timedelta(days=1), 0)
        found = _loads(known, scenario, _Offer(clock, staff, max(0, first), last, days))
        fresh = [load for load in found if load.is_overload and load.names not in overloaded]
        loads += [replace(load, since=since, until=until) for load in fresh]
    return tuple(loads)


Known = Sequence[tuple[StateGraph, Arrivals, Visits]]


def _loads(known: Known, scenario: Scenario, offer: "_Offer") -> list[Load]:
    for graph, arrivals, visits in known:
        offer.add(graph, offer.arriving(graph.process, arrivals), visits)
    people = () if scenario.unlimited_staff else offer.people()
    return sorted([*people, *offer.sittings], key=lambda load: (-load.offered, load.names))


def warn_of_overload(loads: Sequence[Load]) -> None:
    """Warn whoever calls ``simulate`` of each load of 1 or more."""
    for load in loads:
        if load.is_overload:
            warn_user(load.text())


def _window(days: int) -> int:
    """Return the time over which means are taken, in ticks: whole weeks, as the horizon but a year at least."""
    return math.ceil(max(days, _LEAST_DAYS) / 7) * 7 * DAY


def _periods(
    streams: Sequence[tuple[StateGraph, Arrivals]], scenario: Scenario, days: int
) -> Iterator[tuple[dt.date, dt.date]]:
    """Yield the first and last date of each period between changes of staffing or of a season, two weeks at least."""
    end = scenario.start + dt.timedelta(days=days)
    cuts = {change.from_ for change in scenario.staffing_changes}
    cuts |= {change.until + dt.timedelta(days=1) for change in scenario.staffing_changes if change.until is not None}
    if any(how.profile is not None and how.profile.months for _, how in streams):
        cuts |= {day for n in range(days) if (day := scenario.start + dt.timedelta(days=n)).day == 1}
    bounds = [scenario.start, *sorted(cut for cut in cuts if scenario.start < cut < end), end]
    for since, until in pairwise(bounds):
        if len(bounds) > 2 and (until - since).days >= _LEAST_PERIOD_DAYS:
            yield since, until - dt.timedelta(days=1)


def _visits(graph: StateGraph) -> Visits | None:
    apart = {name: len(work.visits) for name in graph.leaves if (work := graph.nodes[name].state.work) is not None}
    return expected_visits(graph, valuations(graph), apart=apart, most_steps=_MOST_STEPS)


@dataclass
class _Offer:
    """What arrives from one instant to another: seconds of work by role, and the loads of sittings.

    ``days`` is the length of the run: a list of times is taken to go on at its rate, where it is shorter than the
    window that begins with it.
    """

    clock: Clock
    staff: Staffing
    first: int
    last: int
    days: int
    work: dict[str, float] = field(default_factory=dict)
    overtime: dict[str, float] = field(default_factory=dict)
    """The longest mean of a piece of work, in seconds, by role whose people stay until it is done."""
    sittings: list[Load] = field(default_factory=list)

    def add(self, graph: StateGraph, cases: float, visits: Visits) -> None:
        """Add a process with so many cases by its expected visits, and what it calls."""
        regions = region_shares(graph)
        for name in graph.leaves:
            if any(_is_cut_short(graph, around) for around in graph.ancestors(name)):
                continue
            department = graph.process.department(graph.nodes[name].state)
            places = regions if department is not None and department.per is not None else {"": 1.0}
            by_place = {place: cases * share for place, share in places.items()}
            self._add_called(graph, name, cases * visits.to(name))
            self._add_work(graph, name, visits, by_place)
            self._add_sittings(graph, name, visits, by_place)

    def _add_called(self, graph: StateGraph, name: str, calls: float) -> None:
        call = graph.nodes[name].state.call
        if call is None or isinstance(call.instances, str) or call.needed(call.instances) < call.instances:
            return  # how many there will be, or how much of them is done, is not known
        called = state_graph(graph.process.called[call.process])
        visits = _visits(called)
        if visits is not None:
            self.add(called, calls * call.instances, visits)

    def arriving(self, process: Process, arrivals: Arrivals) -> float:
        """Return how many cases arrive in the window."""
        if not arrivals.times:
            return expected_arrivals(self.clock, process, arrivals, self.first, self.last)
        ticks = [self.clock.ticks(moment) for moment in arrivals.instants(self.clock.start)]
        horizon = self.days * DAY
        if self.last <= horizon:
            return float(sum(self.first <= t < self.last for t in ticks))
        return sum(0 <= t < horizon for t in ticks) * self.last / (max(self.days, _LEAST_LISTED_DAYS) * DAY)

    def _add_work(self, graph: StateGraph, name: str, visits: Visits, cases: Mapping[str, float]) -> None:
        state = graph.nodes[name].state
        if state.work is None or state.who != "staff":
            return
        for place, count in cases.items():
            role = qualified(state.department or "", state.role or "", place)
            groups = self.staff.of(role)
            if not groups:
                continue
            day = graph.process.nominal_day_seconds(plain_calendar(self.staff.groups[groups[0]].calendar))
            means = [each.mean(day) for each in state.work.visits]
            each_case = math.fsum(visits.nth.get((name, n), 0.0) * mean for n, mean in enumerate(means, 1))
            work = count * each_case
            if state.batch is not None and state.batch.joint:
                work = min(count * visits.to(name), self._sittings(graph, name)) * means[0]
            self.work[role] = self.work.get(role, 0.0) + work * state.staff
            if state.overtime:
                self.overtime[role] = max(self.overtime.get(role, 0.0), *means)

    def _add_sittings(self, graph: StateGraph, name: str, visits: Visits, cases: Mapping[str, float]) -> None:
        batch = graph.nodes[name].state.batch
        if batch is None or batch.max is None:
            return
        held = self._held(graph, name, batch)
        if len(held) < 2:
            return  # nothing goes on that could be overloaded
        # from the first to the last one: a window that begins or ends between two would miscount
        each = (int(held[-1]) - int(held[0])) / (len(held) - 1)
        for place, count in cases.items():
            arriving = count * visits.to(name) * each / (self.last - self.first)
            title = f"{graph.process.name}/{name}" + (f"@{place}" if place else "")
            self.sittings.append(Load("sitting", (title,), (), arriving / batch.max))

    def _held(self, graph: StateGraph, name: str, batch: Batch) -> Ticks:
        calendar = graph.process.work_calendar(graph.nodes[name].state)
        return self._before(self.clock.occurrences(batch.every, calendar, batch.if_closed))

    def _sittings(self, graph: StateGraph, name: str) -> int:
        """Return how many sittings a state has in the window, whether anybody comes or not."""
        batch = graph.nodes[name].state.batch
        return 0 if batch is None else len(self._held(graph, name, batch))

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
        duty = on_duty(self.clock, group, self.first, self.last) / MICROSECONDS
        steps = headcounts(self.clock, group, self.first, self.last) if stays else ()
        ends = self.clock.intervals(group.calendar).off
        shifts = sum(people * int(((ends > a) & (ends <= b)).sum()) for a, b, people in steps)
        return group.speed * (duty + shifts * stays)

    def _before(self, ticks: Ticks) -> Ticks:
        return ticks[(ticks >= self.first) & (ticks < self.last)]


def _is_cut_short(graph: StateGraph, composite: str) -> bool:
    """Whether one region of a composite can cancel the others: by an early join, or by leaving it."""
    regions = graph.regions[composite]
    early = graph.needed(composite) < len(regions) or any(composite in edge.leaves for edge in graph.edges)
    return len(regions) > 1 and early
