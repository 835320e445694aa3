"""Watches the queues of a replication while it runs, and names one that grows without end. Stops nothing.

It looks whenever the kernel needs room for twice as many tokens: for a queue in a steady state that is soon over, one
that cannot keep up comes to it at times that double, too. Queues below ``FEWEST`` cases are not looked at; whether
those of a short run grow is told by ``procflow.simulation.trend``, from its replications.
"""

import datetime as dt
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from procflow.definition.process import State
from procflow.kernel import layout as at
from procflow.kernel.arrays import Ints
from procflow.simulation.compile import Compiled
from procflow.simulation.staffing import qualified
from procflow.simulation.states import per_region
from procflow.text import Text

FEWEST = 1_000
GROWTH = 1.5
"""How many times as many must wait, after how many times as long."""


@dataclass(frozen=True)
class Growing:
    """A queue that has grown: for a role (``department.role``, with ``@region``) or a sitting (``process/state``)."""

    name: str
    waiting: int
    since: dt.datetime
    before: int
    now: dt.datetime

    def text(self) -> Text:
        """Return what is to be said of it."""
        return Text(
            en=f"{self.waiting:,} cases wait for {self.name} on {self.now:%Y-%m-%d}, {self.before:,} did on "
            f"{self.since:%Y-%m-%d}: it cannot keep up, or takes longer to settle than the run has lasted so far",
            zh=f"{self.now:%Y-%m-%d} 有 {self.waiting:,} 件在等候 {self.name}，"
            f"{self.since:%Y-%m-%d} 为 {self.before:,} 件：其能力不足，或达到稳定所需的时间超过目前的仿真时长",
        )


class QueueWatch:
    """What waited when this replication was last looked at. ``told`` are the queues that have been named."""

    def __init__(self) -> None:
        self.instant = 0
        self.before: dict[str, int] = {}
        self.told: set[str] = set()

    def look(self, compiled: Compiled, state: Ints) -> Iterator[Growing]:
        """Yield the queues that have grown since the last look, each once in a run."""
        now, waiting = int(state[at.S_NOW]), _waiting(compiled, state)
        start = dt.datetime.combine(compiled.clock.start, dt.time())
        if now >= GROWTH * self.instant:
            for name, count in waiting.items():
                before = self.before.get(name, 0)
                if name not in self.told and before and count >= max(FEWEST, GROWTH * before):
                    self.told.add(name)
                    since, until = (start + dt.timedelta(microseconds=t) for t in (self.instant, now))
                    yield Growing(name, count, since, before, until)
            self.instant, self.before = now, waiting


def _waiting(compiled: Compiled, state: Ints) -> dict[str, int]:
    """Return how many tokens wait for each role, and for a sitting beyond the next one's seats."""
    tokens = _records(state, at.S_TOKENS, at.S_TOKEN_CAP, at.S_TOKEN_WIDTH)
    regions = _records(state, at.S_CASES, at.S_CASE_CAP, at.S_CASE_WIDTH)[:, at.X_REGION]
    waiting = tokens[np.isin(tokens[:, at.T_STATUS], (at.QUEUED, at.WAITING))]
    case = waiting[:, at.T_CASE] // int(state[at.S_CASE_WIDTH])
    keys = np.stack([waiting[:, at.T_STATUS], waiting[:, at.T_NODE], regions[case]], axis=1)
    found: dict[str, int] = {}
    for (status, node, region), count in zip(*np.unique(keys, axis=0, return_counts=True), strict=True):
        stream, name = compiled.nodes[node]
        process, own = compiled.graphs[stream].process, compiled.graphs[stream].state(name)
        office = compiled.regions[region] if region >= 0 and per_region(process, own) else ""
        if status == at.QUEUED:
            place, beyond = qualified(own.department or "", own.role or "", office), int(count)
        else:
            place, beyond = f"{process.name}/{name}" + (f"@{office}" if office else ""), int(count) - _seats(own)
        found[place] = found.get(place, 0) + max(0, beyond)
    return found


def _seats(state: State) -> int:
    return sys.maxsize if state.batch is None or state.batch.max is None else state.batch.max


def _records(state: Ints, place: int, capacity: int, width: int) -> Ints:
    first, wide = int(state[place]), int(state[width])
    return state[first : first + int(state[capacity]) * wide].reshape(-1, wide)
