"""Queues of roles, and who starts next (rules 9 and 10)."""

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.oracle.cases import Token
from tests.oracle.clock import NEVER
from tests.oracle.staff import Crew, Group, find_crew, off_duty

if TYPE_CHECKING:
    from tests.oracle.simulator import Run

QueueKey = tuple[str, str, str]
"""(department, role, office)."""


@dataclass(frozen=True, order=True)
class Waiting:
    """A visit in a queue; ``order`` is (−priority, ready, case, node)."""

    order: tuple[Any, ...]
    generation: int
    token: Any = field(compare=False)  # or the joint work of a sitting
    staff: int = field(compare=False)

    @property
    def is_there(self) -> bool:
        return self.token.generation == self.generation


class Desks:
    """All queues of a run."""

    def __init__(self, run: "Run") -> None:
        self.run = run
        self.queues: dict[QueueKey, list[Waiting]] = {}

    def tried(self, key: QueueKey) -> list[Group]:
        """Return the groups that hold a role, in the order in which they are tried."""
        return [group for group in self.run.groups if group.holds(*key)]

    def queue(self, token: Token) -> None:
        """Put a visit that has just become ready into the queue of its role."""
        row, case = token.row, token.case
        assert row is not None
        needed = case.model.state(token.state).staff
        key = (*case.model.work_key(token.state), row.office)
        tried = self.tried(key)
        row.off_duty = lambda since, until: off_duty(tried, needed, since, until)
        waiting = Waiting(queue_order(token), token.generation, token, needed)
        heapq.heappush(self.queues.setdefault(key, []), waiting)

    def queue_joint(self, work: Any, order: tuple[Any, ...]) -> None:
        """Put the one piece of work of a sitting into the queue of its role."""
        key = (*work.model.work_key(work.name), work.office)
        tried = self.tried(key)
        for token in work.tokens:
            token.row.off_duty = lambda since, until: off_duty(tried, work.state.staff, since, until)
        heapq.heappush(self.queues.setdefault(key, []), Waiting(order, work.generation, work, work.state.staff))

    def first_head(self) -> Waiting | None:
        """Return the least of all heads that can start now, or None."""
        able = [head for key, head in self._heads() if self._can_start(key, head)]
        return min(able, default=None)

    def start(self, head: Waiting) -> None:
        key = next(key for key, other in self._heads() if other is head)
        heapq.heappop(self.queues[key])
        crew = find_crew(self.tried(key), head.staff, self.run.now)
        assert crew is not None
        if isinstance(head.token, Token):
            self.run.visits.start(head.token, crew.calendar, crew.speed, crew)
        else:
            head.token.start(crew.calendar, crew.speed, crew)

    def next_opening(self) -> int:
        """Return when the next calendar opens of those for whom somebody waits."""
        calendars = [group.calendar for key, _ in self._heads() for group in self.tried(key)]
        opening = min((calendar.opens_after(self.run.now) for calendar in calendars), default=NEVER)
        changes = [t for key, _ in self._heads() for group in self.tried(key) for t in group.heads.changes]
        return min([opening, *(t for t in changes if t > self.run.now)])

    def _heads(self) -> list[tuple[QueueKey, Waiting]]:
        for queue in self.queues.values():
            while queue and not queue[0].is_there:
                heapq.heappop(queue)
        return [(key, queue[0]) for key, queue in self.queues.items() if queue]

    def _can_start(self, key: QueueKey, head: Waiting) -> bool:
        crew = find_crew(self.tried(key), head.staff, self.run.now)
        if crew is not None:
            crew.release()  # only asked
        return crew is not None


def queue_order(token: Token) -> tuple[Any, ...]:
    """Return (−priority, ready, case, node) of a visit (rule 9)."""
    assert token.row is not None
    return -token.priority, token.row.ready, token.case.key, token.node


def release(crew: Crew | None) -> None:
    """Let people go, if there are any (rule 17)."""
    if crew is not None:
        crew.release()
