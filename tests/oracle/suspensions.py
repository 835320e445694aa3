"""Legal suspensions of a case, and the time-outs that they stop (rule 14)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from procflow.definition.limits import Instant, Suspension
from procflow.machine.graph import resolve
from tests.oracle.calendar import Calendar

if TYPE_CHECKING:
    from tests.oracle.cases import Case, Token


@dataclass(eq=False)
class Timer:
    """A time-out that suspensions stop; ``used`` of its time had passed when it last began to run, at ``since``."""

    token: "Token"
    generation: int
    calendar: Calendar
    amount: int
    plan: Callable[[int], None]
    used: int = 0
    since: int | None = None
    version: int = 0
    fired: bool = False

    def run(self, now: int) -> None:
        """Run from now on."""
        self.since = now
        self.version += 1
        self.plan(self.calendar.complete(now, self.amount - self.used))

    def stand(self, now: int) -> None:
        """Stand still from now on, unless its time is up."""
        assert self.since is not None
        passed = self.calendar.duty(now) - self.calendar.duty(self.since)
        if self.used + passed < self.amount:
            self.used += passed
            self.since = None
            self.version += 1


@dataclass
class Suspensions:
    """What of a case's time is suspended: how many of its states do so, and which stretches between instants are on."""

    case: "Case"
    inside: int = 0
    open: set[int] = field(default_factory=set)
    timers: list[Timer] = field(default_factory=list)

    @property
    def on(self) -> bool:
        return self.inside > 0 or bool(self.open)

    def start(self, timer: Timer, now: int) -> None:
        """Take on a timer; one whose time is up at once is not stopped."""
        self.timers = [known for known in self.timers if known.token.generation == known.generation]
        self.timers.append(timer)
        if not self.on or timer.amount == 0:
            timer.run(now)

    def come_in(self, name: str, now: int) -> None:
        self._change(now, self.inside + self._holding(name), self.open)
        self.happen("enter", name, now)

    def come_out(self, name: str, now: int) -> None:
        self._change(now, self.inside - self._holding(name), self.open)

    def happen(self, event: str, name: str, now: int) -> None:
        """Begin and end the stretches for which an instant is the first or last."""
        for number, suspension in enumerate(self._all()):
            if suspension.since and suspension.until:
                if self._is(suspension.since, event, name):
                    self._change(now, self.inside, self.open | {number})
                if self._is(suspension.until, event, name):
                    self._change(now, self.inside, self.open - {number})

    def _all(self) -> list[Suspension]:
        limits = self.case.model.process.definition.limits.values()
        return [suspension for limit in limits for suspension in limit.suspend]

    def _holding(self, name: str) -> int:
        nodes = self.case.model.graph.nodes
        return sum(s.in_state is not None and resolve(s.in_state, "", nodes) == name for s in self._all())

    def _is(self, instant: Instant, event: str, name: str) -> bool:
        if instant.event != event or (event == "fire" and instant.name != name):
            return False
        return event == "fire" or resolve(instant.name, "", self.case.model.graph.nodes) == name

    def _change(self, now: int, inside: int, stretches: set[int]) -> None:
        before = self.on
        self.inside, self.open = inside, stretches
        if before == self.on:
            return
        for timer in self.timers:
            if timer.token.generation == timer.generation and not timer.fired:
                if self.on and timer.since is not None:
                    timer.stand(now)
                elif not self.on and timer.since is None:
                    timer.run(now)
