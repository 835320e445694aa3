"""What happens to a case: its visits, ways out, transfers, time-outs, regions, cancellation (rules 7, 10, 12 to 18)."""

import math
from bisect import bisect_left
from functools import partial
from typing import TYPE_CHECKING, Any

from procflow.definition.quantities import Durations
from procflow.machine.graph import Edge
from tests.oracle.agenda import Phase
from tests.oracle.calendar import ALWAYS, Calendar
from tests.oracle.calls import decided
from tests.oracle.cases import Token
from tests.oracle.clock import NEVER, ticks_of
from tests.oracle.desks import queue_order, release
from tests.oracle.random import Purpose, absorb, name_hash, unit
from tests.oracle.rows import Row
from tests.oracle.sampling import sample
from tests.oracle.staff import Crew
from tests.oracle.suspensions import Timer

if TYPE_CHECKING:
    from tests.oracle.simulator import Run


class Visits:
    """Moves tokens from state to state."""

    def __init__(self, run: "Run") -> None:
        self.run = run

    def due(self, t: int, phase: Phase, token: Token, do: Any, state: str = "") -> None:
        """Plan something for a token, with the tie (case, node)."""
        node = token.case.model.node[state or token.state]
        self.run.agenda.add(t, phase, (token.case.key, node), token, do)

    # entering

    def enter(self, token: Token, name: str) -> None:
        """Enter a state, counting the visit; time-outs run from here (rules 7, 14 and 15)."""
        case = token.case
        token.state, token.exited = name, None
        if case.model.state(name).final:
            case.suspensions.happen("enter", name, self.run.now)
            self._finish(token)
            return
        token.visit = case.visits[name] = case.visits.get(name, 0) + 1
        token.is_inside = True
        case.suspensions.come_in(name, self.run.now)
        self._set_timers(token)
        if name in case.model.graph.regions:
            self._enter_regions(token)
        else:
            self._enter_leaf(token)

    def _enter_leaf(self, token: Token) -> None:
        case, state = token.case, token.case.model.state(token.state)
        office = case.model.office(token.state, case.region)
        process = case.model.process.name
        token.row = Row(process, case.ordinal, token.path, token.state, token.visit, self.run.now, office)
        self.run.rows.append(token.row)
        if state.call is not None:
            self.run.calls.begin(token)
        elif state.batch is None:
            self.ready(token)
        else:
            token.priority = case.priority(token.state)
            self.run.sittings.wait(token)

    def _finish(self, token: Token) -> None:
        """A final state ends the case, or its region; the join comes in phase 4 (rule 15)."""
        if token.outer is None:
            token.case.end = self.run.now
            state = token.case.model.state(token.state)
            token.case.outcome = state.outcome or state.name
            if token.case.caller is not None:
                self.run.calls.ended(token.case)
            return
        token.finished = self.run.now
        outer = token.outer
        finished = sum(inner.finished is not None for inner in outer.inner)
        if outer.fired is None and finished >= token.case.model.graph.needed(outer.state):
            outer.fired = token
            self.due(self.run.now, Phase.JOIN, outer, partial(self._join, outer))

    # the segments of a visit

    def ready(self, token: Token) -> None:
        case, row = token.case, token.row
        assert row is not None
        row.ready = self.run.now
        token.priority = case.priority(token.state)
        state = case.model.state(token.state)
        if state.work is None:
            row.start = row.ready
            self.due(self.run.now, Phase.COMPLETION, token, partial(self._done, token))
        elif state.who == "staff" and not self.run.scenario.unlimited_staff:
            self.run.desks.queue(token)
        else:
            self._await_calendar(token)

    def _await_calendar(self, token: Token) -> None:
        """Work at which nobody is counted starts at ``next_on(ready)``, in phase 6 (rules 6 and 10)."""
        calendar, speed = self.uncounted(token)
        row = token.row
        assert row is not None
        row.off_duty = lambda since, until: until - since
        start = partial(self.start, token, calendar, speed, None)
        self.run.agenda.add(calendar.next_on(self.run.now), Phase.DISPATCH, queue_order(token), token, start)

    def uncounted(self, token: Token) -> tuple[Calendar, float]:
        """Return the calendar and speed of work at which nobody is counted (rule 10)."""
        model = token.case.model
        state = model.state(token.state)
        if state.who == "staff":
            assert token.row is not None
            tried = self.run.desks.tried((*model.work_key(token.state), token.row.office))
            if tried:
                return tried[0].calendar, tried[0].speed
        role = model.process.role(state) if state.who == "staff" else None
        return self.run.calendars[model.process.work_calendar(state)], role.speed if role else 1.0

    def start(self, token: Token, calendar: Calendar, speed: float, crew: Crew | None) -> None:
        """Start the work: it lasts the sampled time by the speed of the slowest, on the calendar (rule 10)."""
        state, row = token.case.model.state(token.state), token.row
        assert row is not None and state.work is not None
        row.start, token.crew = self.run.now, crew
        if crew is not None:
            row.group, row.people = crew.groups, crew.people
        work = ticks_of(self._seconds(state.work, token, Purpose.WORK, calendar) / speed)
        row.work_calendar = None if state.overtime else calendar
        end = self.run.now + work if state.overtime else calendar.complete(self.run.now, work)
        self.due(end, Phase.COMPLETION, token, partial(self._done, token))

    def _done(self, token: Token) -> None:
        state, row = token.case.model.state(token.state), token.row
        assert row is not None
        row.done = self.run.now
        token.case.suspensions.happen("done", token.state, self.run.now)
        self._release(token)
        end = self.run.now
        if state.delay is not None:
            working = state.delay.at(token.visit).is_working
            calendar = self.run.calendars[token.case.model.process.delay_calendar(state, working=working)]
            end = calendar.complete(end, ticks_of(self._seconds(state.delay, token, Purpose.DELAY, calendar)))
        self.due(end, Phase.COMPLETION, token, partial(self._exit, token))

    def _seconds(self, durations: Durations, token: Token, purpose: Purpose, calendar: Calendar) -> float:
        u = token.case.draws(token.state, token.visit, purpose)
        return sample(durations.at(token.visit), u, calendar.day_seconds)

    def _release(self, token: Token) -> None:
        """Let the people of a visit go, and count what they worked in the window of the statistics (rule 25)."""
        if token.joint is not None:
            token.joint.drop_out(token)
            return
        crew, row = token.crew, token.row
        token.crew = None
        release(crew)
        if crew is not None and row is not None and row.start is not None:
            self.count_busy(crew, row.start, row.work_calendar)

    def count_busy(self, crew: Crew, start: int, calendar: Calendar | None) -> None:
        """Count the time that people worked until now; ``calendar`` is None where nothing pauses them."""
        since, until = max(start, self.run.warmup), min(self.run.now, self.run.horizon)
        if until > since:
            ticks = until - since if calendar is None else calendar.duty(until) - calendar.duty(since)
            for group, numbers in crew.taken:
                group.busy_ticks += ticks * len(numbers)

    # leaving

    def _exit(self, token: Token) -> None:
        if not _is_being_left(token):  # otherwise it is cancelled with the rest (rule 16)
            self._take(token, self._way_out(token))

    def _way_out(self, token: Token) -> Edge:
        """Choose the exit: by guards in file order, else among those with a probability (rule 12)."""
        model, values = token.case.model, token.case.values
        edges = [e for e in model.graph.out(token.state) if e.transition.timeout is None]
        if model.state(token.state).call is not None:
            edges = [e for e in edges if e.trigger == decided(token)]
        holding = [e for e in edges if e.transition.when is None or model.holds(e.transition.when, values)]
        for edge in holding:
            if edge.transition.when is not None and edge.transition.probability is None:
                return edge
        chances = _chances([e for e in holding if e.transition.when is None or e.transition.probability], token.visit)
        if not chances:
            raise RuntimeError(f"no way out of state {token.state!r}")
        return min(chances, key=lambda chance: (self._clock(token, chance[0]) / chance[1], chance[0].index))[0]

    def _clock(self, token: Token, edge: Edge) -> float:
        """Return −ln(uₜ) of an exit (rules 12 and 20)."""
        same = [e.index for e in token.case.model.graph.out(token.state) if e.trigger == edge.trigger]
        z = token.case.draws(token.state, token.visit, Purpose.EXIT).hashed(same.index(edge.index))
        return -math.log(unit(absorb(z, name_hash(edge.trigger))))

    def _take(self, token: Token, edge: Edge, end: str = "completed") -> None:
        """Take an exit now: ``set`` takes effect, an early leave cancels in phase 2, the transfer begins."""
        case = token.case
        case.values = case.model.assigned(edge, case.values)
        token.generation += 1
        token.exited, token.is_inside = self.run.now, False
        case.suspensions.happen("exit", token.state, self.run.now)
        case.suspensions.come_out(token.state, self.run.now)
        case.suspensions.happen("fire", edge.trigger, self.run.now)
        if token.row is not None:
            token.row.exit, token.row.end = self.run.now, end
            token.row.trigger, token.row.dest = edge.trigger, edge.dest
        if edge.leaves:
            _outermost(token, edge).leaving = True
            self.due(self.run.now, Phase.CANCELLATION, token, partial(self._leave, token, edge))
        else:
            self._travel(token, edge)

    def _leave(self, token: Token, edge: Edge) -> None:
        """Cancel all else in the outermost composite left; the case goes on from there (rule 16)."""
        outermost = _outermost(token, edge)
        staying, last_row = token, token.last_row
        for around in token.around():
            self._cancel_inner(around, spared=staying)
            around.add_time(staying.time)
            staying.generation += 1  # the timers of a composite on the way are left with it
            token.case.suspensions.happen("exit", around.state, self.run.now)
            token.case.suspensions.come_out(around.state, self.run.now)
            around.is_inside = False
            last_row = last_row or around.last_row
            staying = around
            if around is outermost:
                break
        outermost.row, outermost.last_row = token.row, last_row
        outermost.state, outermost.visit, outermost.exited = token.state, token.visit, token.exited
        outermost.inner, outermost.leaving, outermost.fired = [], False, None
        outermost.generation += 1
        self._travel(outermost, edge)

    def _travel(self, token: Token, edge: Edge) -> None:
        """Let the transfer begin (rule 13)."""
        self.due(self._arrival(token, edge), Phase.COMPLETION, token, partial(self._arrive, token, edge))

    def _arrival(self, token: Token, edge: Edge) -> int:
        transfer, model = edge.transition.transfer, token.case.model
        state, process = model.state(edge.source), model.process
        if transfer is not None and transfer.every is not None:
            named = transfer.calendar or process.work_calendar(state)
            times = self.run.calendars.instants(transfer.every, transfer.if_closed, named)
            return next(iter(times[bisect_left(times, self.run.now) :]), NEVER)
        if transfer is None or transfer.delay is None:
            return self.run.now
        calendar = self._elapsed_calendar(transfer.calendar, token, edge, working=transfer.delay.is_working)
        rank = [e.index for e in model.graph.out(edge.source)].index(edge.index)
        draws = token.case.draws(edge.source, token.visit, Purpose.TRANSFER)
        seconds = sample(transfer.delay, lambda index: draws(rank + index), calendar.day_seconds)
        return calendar.complete(self.run.now, ticks_of(seconds))

    def _elapsed_calendar(self, named: str | None, token: Token, edge: Edge, *, working: bool) -> Calendar:
        """Return the calendar of a transfer's delay or of a time-out (rule 4)."""
        process = token.case.model.process
        source = token.case.model.state(edge.source)
        own = process.delay_calendar(source, working=True) if working else ALWAYS
        return self.run.calendars[named or own]

    def _arrive(self, token: Token, edge: Edge) -> None:
        if token.row is not None:
            token.row.arrive = self.run.now
        self._close(token)
        self.due(self.run.now, Phase.ENTER, token, partial(self.enter, token, edge.dest), edge.dest)

    def _close(self, token: Token, end: str | None = None) -> None:
        """Close what a token does now: its row, or the transfer after a composite, which has no row (rule 15)."""
        if token.row is not None:
            token.row.close(self.run.now)
            token.row.end = end or token.row.end
            token.add_time(token.row.segments)
            token.last_row, token.row = token.row, None
        elif token.exited is not None:
            token.time["transfer"] += self.run.now - token.exited
        token.exited = None

    # time-outs

    def _set_timers(self, token: Token) -> None:
        """Rule 14: at one instant the first in file order comes first."""
        for edge in token.case.model.graph.out(token.state):
            timeout = edge.transition.timeout
            if timeout is not None:
                working = timeout.after.is_working
                calendar = self._elapsed_calendar(timeout.calendar, token, edge, working=working)
                amount = ticks_of(timeout.after.seconds(calendar.day_seconds))
                if timeout.suspended:
                    self._set_stoppable(token, edge, calendar, amount)
                    continue
                at = calendar.complete(self.run.now, amount)
                self.due(at, Phase.CANCELLATION, token, partial(self._time_out, token, edge))

    def _set_stoppable(self, token: Token, edge: Edge, calendar: Calendar, amount: int) -> None:
        """Set a timer that a legal suspension stops: what was planned before it stood still no longer counts."""

        def plan(at: int) -> None:
            version = timer.version
            self.due(at, Phase.CANCELLATION, token, partial(fire, version))

        def fire(version: int) -> None:
            if version == timer.version:
                timer.fired = True
                self._time_out(token, edge)

        timer = Timer(token, token.generation, calendar, amount, plan)
        token.case.suspensions.start(timer, self.run.now)

    def _time_out(self, token: Token, edge: Edge) -> None:
        guard = edge.transition.when
        if _is_being_left(token) or (guard and not token.case.model.holds(guard, token.case.values)):
            return
        self._release(token)
        self.run.calls.cancel(token)
        if token.inner:
            self._cancel_inner(token)
            self._follow(token, min(token.inner, key=lambda inner: inner.node))
        self._take(token, edge, "timed_out")

    # regions

    def _enter_regions(self, token: Token) -> None:
        """Enter the initial state of every region, each with a token of its own (rule 15)."""
        model = token.case.model
        token.fired, token.leaving, token.inner, token.row = None, False, [], None
        for index, region in enumerate(model.graph.regions[token.state]):
            inner = Token(token.case, model.region_path(token.state, index), token, region.initial)
            token.inner.append(inner)
            self.due(self.run.now, Phase.ENTER, inner, partial(self.enter, inner, region.initial))

    def _join(self, token: Token) -> None:
        """Cancel the unfinished, follow the token that fired the join, and choose the way out (rules 15 and 18)."""
        assert token.fired is not None
        self._cancel_inner(token)
        token.case.suspensions.happen("done", token.state, self.run.now)
        self._follow(token, token.fired)
        self._exit(token)

    def _follow(self, token: Token, inner: Token) -> None:
        """The case's time is that of one of the tokens within (rule 18)."""
        token.add_time(inner.time)
        token.last_row = inner.last_row or token.last_row
        token.inner = []

    def _cancel_inner(self, token: Token, spared: Token | None = None) -> None:
        for inner in token.inner:
            if inner is not spared:
                self._cancel(inner)

    def _cancel(self, token: Token, end: str = "cancelled") -> None:
        """End a token wherever it is; a finished one has waited for the others (rules 17 and 18)."""
        token.generation += 1
        if token.finished is not None:
            waited = self.run.now - token.finished
            token.time["sync"] += waited
            if token.last_row is not None:
                token.last_row.segments["sync"] += waited
            return
        self._release(token)
        self.run.calls.cancel(token, end)
        if end == "cancelled" and token.is_inside:
            token.case.suspensions.come_out(token.state, self.run.now)
        self._close(token, end)
        if token.inner:
            for inner in token.inner:
                self._cancel(inner, end)
            self._follow(token, min(token.inner, key=lambda inner: inner.node))

    def cancel(self, token: Token, end: str) -> None:
        """End a called case before its time."""
        self._cancel(token, end)

    def leave_call(self, token: Token) -> None:
        """Let a token whose call is over exit."""
        self.due(self.run.now, Phase.COMPLETION, token, partial(self._exit, token))

    def joint_done(self, token: Token) -> None:
        """The joint work is done for one of those who took part."""
        self._done(token)

    def cut(self) -> None:
        """Cut what is open when the run stops (rule 5)."""
        for case in self.run.cases:
            if case.end is None and not case.called_off:
                self._cancel(case.main, "cut")


def _chances(edges: list[Edge], visit: int) -> list[tuple[Edge, float]]:
    """Return the exits that compete with their probability; a bare one has what is left of 1 (rule 12)."""
    given = [(e, e.transition.probability.at(visit)) for e in edges if e.transition.probability is not None]
    left = 1 - math.fsum(p for _, p in given)
    bare = [(e, left) for e in edges if e.transition.probability is None]
    return [(edge, p) for edge, p in given + bare if p > 0]


def _is_being_left(token: Token) -> bool:
    caller = token.case.caller
    return any(outer.leaving for outer in token.around()) or (caller is not None and _is_being_left(caller.token))


def _outermost(token: Token, edge: Edge) -> Token:
    """Return the token that stands in the outermost composite that an early leave leaves."""
    return next(outer for outer in token.around() if outer.state == edge.leaves[-1])
