"""Sittings: when they fall, which cases take them, and calling them (rule 8)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from procflow.definition.process import Batch, State
from tests.oracle import random
from tests.oracle.agenda import Phase
from tests.oracle.calendar import Calendar
from tests.oracle.cases import Model, Token
from tests.oracle.clock import ticks_of
from tests.oracle.desks import queue_order
from tests.oracle.sampling import sample
from tests.oracle.staff import Crew

if TYPE_CHECKING:
    from tests.oracle.simulator import Run

Place = tuple[str, int, str]
"""Where cases sit: (qualified name of the state, rank of its process, office)."""
_Seat = tuple[Token, int]
"""A visit that waits: the token and its generation."""


@dataclass
class _Bench:
    """The sittings of a state in an office, and the cases that wait for one."""

    batch: Batch
    calendar: str
    instants: list[int]
    tie: tuple[int, int, int]
    begun: set[int] = field(default_factory=set)
    waiting: list[_Seat] = field(default_factory=list)


class Sittings:
    """All sittings of a run."""

    def __init__(self, run: "Run", models: Sequence[Model]) -> None:
        self.run = run
        self.benches: dict[Place, _Bench] = {}
        for model in models:
            for name in model.graph.leaves:
                if model.state(name).batch is not None:
                    self._open(model, name)

    def wait(self, token: Token) -> None:
        """Let a visit that has just entered wait for a sitting."""
        assert token.row is not None
        bench = self.benches[(token.state, token.case.model.rank, token.row.office)]
        bench.waiting.append((token, token.generation))
        may_take = (s for s in bench.instants if s not in bench.begun and self._in_time(bench, token.row.enter, s))
        token.row.first_sitting = next(may_take, None)

    def _open(self, model: Model, name: str) -> None:
        batch = model.state(name).batch
        assert batch is not None
        calendar = model.process.work_calendar(model.state(name))
        instants = self.run.calendars.instants(batch.every, batch.if_closed, calendar)
        for number, office in enumerate(model.offices(name)):
            bench = _Bench(batch, calendar, instants, (model.rank, model.node[name], number))
            self.benches[(name, model.rank, office)] = bench
            for s in instants:
                self.run.agenda.add(s, Phase.SITTING, bench.tie, None, partial(self._begin, bench, s))

    def _in_time(self, bench: _Bench, enter: int, sitting: int) -> bool:
        """Whether a case entered at or before a sitting less its cutoff."""
        cutoff = bench.batch.cutoff
        if cutoff is None:
            return enter <= sitting
        calendar = self.run.calendars[bench.calendar]
        ticks = ticks_of(cutoff.seconds(calendar.day_seconds))
        if not cutoff.is_working:
            return enter <= sitting - ticks
        return enter <= sitting and calendar.duty(sitting) - calendar.duty(enter) >= ticks

    def _begin(self, bench: _Bench, s: int) -> None:
        """Fix the cases of a sitting, and call the first."""
        bench.begun.add(s)
        bench.waiting = [seat for seat in bench.waiting if _is_there(seat)]
        able = [seat for seat in bench.waiting if self._in_time(bench, _enter(seat), s)]
        called = sorted(able, key=_seat_order)[: bench.batch.max]
        bench.waiting = [seat for seat in bench.waiting if seat not in called]
        if bench.batch.joint and called:
            self._sit_jointly(bench, [token for token, _ in called])
        else:
            self._call(bench, called)

    def _sit_jointly(self, bench: _Bench, tokens: list[Token]) -> None:
        """All are ready at once, and wait for one piece of work in the place of the first of them."""
        first = tokens[0]
        assert first.row is not None
        work = JointWork(self.run, first.case.model, first.state, first.row.office, self.run.now, tokens)
        for token in tokens:
            assert token.row is not None
            token.row.ready, token.joint = self.run.now, work
            token.priority = token.case.priority(token.state)
        order = min(queue_order(token) for token in tokens)
        if work.state.who == "staff" and not self.run.scenario.unlimited_staff:
            self.run.desks.queue_joint(work, order)
        else:
            calendar, speed = self.run.visits.uncounted(first)
            for token in tokens:
                assert token.row is not None
                token.row.off_duty = lambda since, until: until - since
            begin = partial(work.start, calendar, speed, None)
            self.run.agenda.add(calendar.next_on(self.run.now), Phase.DISPATCH, order, None, begin)

    def _call(self, bench: _Bench, called: list[_Seat]) -> None:
        """Call one case; the next one when what follows in zero time from it has taken place."""
        called = [seat for seat in called if _is_there(seat)]
        if called:
            (token, _), *others = called
            self.run.agenda.add(self.run.now, Phase.SITTING, bench.tie, None, partial(self._call, bench, others))
            self.run.visits.ready(token)


@dataclass(eq=False)
class JointWork:
    """The one piece of work of a joint sitting, for those who still take part."""

    run: "Run"
    model: Model
    name: str
    office: str
    sitting: int
    tokens: list[Token]
    crew: Crew | None = None
    started: int | None = None
    calendar: Calendar | None = None
    generation: int = 0

    @property
    def state(self) -> State:
        return self.model.state(self.name)

    def start(self, calendar: Calendar, speed: float, crew: Crew | None) -> None:
        """Start for all at once; the time is drawn by state and sitting (rule 20)."""
        if not self.tokens:
            return
        assert self.state.work is not None
        self.crew, self.started = crew, self.run.now
        self.calendar = None if self.state.overtime else calendar
        u = random.sitting_draws(self.model.stream, self.office, self.sitting, self.model.draw_key(self.name))
        work = ticks_of(sample(self.state.work.at(1), u, calendar.day_seconds) / speed)
        end = self.run.now + work if self.state.overtime else calendar.complete(self.run.now, work)
        for token in self.tokens:
            assert token.row is not None
            token.row.start, token.row.work_calendar = self.run.now, self.calendar
            if crew is not None:
                token.row.group, token.row.people = crew.groups, crew.people
            self.run.visits.due(end, Phase.COMPLETION, token, partial(self.run.visits.joint_done, token))

    def drop_out(self, token: Token) -> None:
        """One takes part no longer; with the last one the people are free."""
        self.tokens.remove(token)
        token.joint = None
        if self.tokens:
            return
        self.generation += 1
        if self.crew is not None:
            assert self.started is not None
            self.crew.release()
            self.run.visits.count_busy(self.crew, self.started, self.calendar)


def _is_there(seat: _Seat) -> bool:
    return seat[0].generation == seat[1]


def _enter(seat: _Seat) -> int:
    row = seat[0].row
    assert row is not None
    return row.enter


def _seat_order(seat: _Seat) -> tuple[float, int, tuple[int, int], int]:
    token = seat[0]
    return -token.priority, _enter(seat), token.case.key, token.node
