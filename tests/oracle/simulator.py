"""The run: one instant after another, each in the order of its phases."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from procflow.definition.arrivals import Arrivals
from procflow.definition.resolved import Process
from procflow.definition.scenario import Scenario
from tests.oracle import arrivals, random, staff, tables
from tests.oracle.agenda import Agenda, Phase
from tests.oracle.calendar import Calendars
from tests.oracle.calls import Calls
from tests.oracle.cases import Case, Model
from tests.oracle.clock import DAY, NEVER, Clock
from tests.oracle.desks import Desks
from tests.oracle.rows import Row
from tests.oracle.sittings import Sittings
from tests.oracle.visits import Visits

FAR_DAYS = 1_500
"""A run that counts cases has them within so many days, or fails."""

MAX_EVENTS = 2_000_000
"""A run that does more than this is taken for one that never ends."""


@dataclass(frozen=True)
class OracleRun:
    """The tables of one replication, with the columns of docs/architecture.md but ``replication``."""

    events: list[dict[str, Any]]
    cases: list[dict[str, Any]]
    staff: list[dict[str, Any]]
    stopped_us: int


def simulate(processes: Sequence[Process], scenario: Scenario, replication: int) -> OracleRun:
    """Return the run of processes that share one organization."""
    return Run(processes, scenario, replication).run()


class Run:
    """The state of a run, which its parts share."""

    def __init__(self, processes: Sequence[Process], scenario: Scenario, replication: int) -> None:
        self.scenario, self.organization = scenario, processes[0].organization
        self.horizon, self.warmup = (scenario.days or 0) * DAY, scenario.warmup_days * DAY
        days = scenario.days or FAR_DAYS
        cap_days = days + max(3 * days, 1_100)  # rule 5
        self.cap = cap_days * DAY
        clock = Clock(scenario.start, ZoneInfo(self.organization.timezone))
        self.calendars = Calendars(self.organization, clock, cap_days)
        self.now = 0
        self.cases: list[Case] = []
        self.models: dict[str, Model] = {}
        self.rows: list[Row] = []
        self.agenda = Agenda()
        self.groups = staff.groups(self.organization, scenario, self.calendars)
        self._open_models(processes, replication)

    def _open_models(self, processes: Sequence[Process], replication: int) -> None:
        everyone = {process.name: process for given in processes for process in _family(given)}
        for rank, name in enumerate(sorted(everyone)):
            stream = random.stream(self.scenario.seed, replication, name)
            self.models[name] = Model(everyone[name], rank, stream)
        models = [self.models[process.name] for process in processes]
        self.desks = Desks(self)
        self.sittings = Sittings(self, list(self.models.values()))
        self.visits = Visits(self)
        self.calls = Calls(self)
        several = _arrivals(processes, self.scenario)
        if self.scenario.cases is not None:
            self._window_of_cases(models, several, self.scenario.cases)
        for model, one in zip(models, several, strict=True):
            self._await(model, enumerate(self._instants(model, one)))
            model.given = arrivals.given(one, self.calendars)

    def _instants(self, model: Model, stream: Arrivals) -> Iterator[int]:
        return arrivals.instants(stream, self.organization, self.calendars, model.stream)

    def _window_of_cases(self, models: list[Model], several: list[Arrivals], cases: int) -> None:
        """The window begins and ends with arrivals, those of the last process to have them (rules 5 and 24)."""
        first = self.scenario.warmup_cases
        for model, one in zip(models, several, strict=True):
            times = list(islice(self._instants(model, one), cases))
            self.horizon = max(self.horizon, times[cases - 1])
            self.warmup = max(self.warmup, times[first] if first else 0)
        self.cap = min(self.cap, self.horizon + max(3 * self.horizon, 1_100 * DAY))

    def run(self) -> OracleRun:
        """Go from instant to instant until rule 5 stops the run, then cut what is open."""
        done = 0
        while (t := self._next_instant()) < self.cap:
            self.now = t
            done += self._settle()
            if done > MAX_EVENTS:
                raise RuntimeError(f"more than {MAX_EVENTS} events until {t}")
            arrived = (case for case in self.cases if case.caller is None)
            if t >= self.horizon and all(case.end is not None for case in arrived if self.in_cohort(case)):
                break
        else:
            self.now = self.cap
        self.visits.cut()
        return OracleRun(tables.events(self.rows), tables.cases(self), tables.staff(self), self.now)

    def in_cohort(self, case: Case) -> bool:
        """Rule 24."""
        if case.caller is not None:
            return self.in_cohort(case.caller.token.case)
        if self.scenario.cases is not None:
            return self.scenario.warmup_cases <= case.ordinal < self.scenario.cases
        return self.warmup <= case.arrival < self.horizon

    def _next_instant(self) -> int:
        horizon = self.horizon if self.now < self.horizon else NEVER
        return min(self.agenda.next_time(), self.desks.next_opening(), horizon)

    def _settle(self) -> int:
        """Do what is due now, always the least by (phase, tie), until nothing is left (rule 6)."""
        done = 0
        while True:
            planned, head = self.agenda.first(self.now), self.desks.first_head()
            if planned is None and head is None:
                return done
            if head is None or (planned is not None and planned < (Phase.DISPATCH, head.order)):
                self.agenda.pop()()
            else:
                self.desks.start(head)
            done += 1

    def _await(self, model: Model, stream: Any) -> None:
        """Let the next case of a stream enter when it arrives: phase 3, with the tie of the initial state."""
        for ordinal, t in stream:
            tie = ((model.rank, ordinal), model.node[model.graph.initial])
            self.agenda.add(t, Phase.ENTER, tie, None, partial(self._arrive, model, ordinal, stream))
            return

    def _arrive(self, model: Model, ordinal: int, stream: Any) -> None:
        case = Case(model, ordinal, self.now, random.absorb(model.stream, ordinal))
        self.cases.append(case)
        self._await(model, stream)
        self.visits.enter(case.main, model.graph.initial)


def _family(process: Process) -> Iterator[Process]:
    yield process
    for called in process.called.values():
        yield from _family(called)


def _arrivals(processes: Sequence[Process], scenario: Scenario) -> list[Arrivals]:
    if scenario.arrivals is not None:
        if len(processes) > 1:
            raise ValueError("several processes need arrivals of their own")
        return [scenario.arrivals]
    return [listed.arrivals for _, listed in zip(processes, scenario.processes, strict=True)]
