"""Finds a case that goes round a loop at one instant, and names the loop's states. Looks now and then, from outside.

The kernel stops for a look after many events at one instant. Many cases may well have so many; but one case that
enters one state time and again has a loop that takes no time. What it visited before this instant does not count.
"""

import numpy as np

from procflow.errors import SimulationError
from procflow.kernel import layout as at
from procflow.kernel.arrays import Ints
from procflow.simulation.compile import Compiled
from procflow.text import Text

ROUNDS = 1_000
"""More visits of one case to one state at one instant than this are a loop without end."""


class LoopWatch:
    """What the cases of a replication had visited when the instant at which so much happens was first looked at."""

    def __init__(self) -> None:
        self.instant = at.NONE
        self.before: Ints = np.zeros((0, 1), dtype=np.int64)

    def look(self, compiled: Compiled, state: Ints) -> None:
        """Raise SimulationError where a case goes round and round since the first look at this instant."""
        cases, now = _cases(state), int(state[at.S_NOW])
        if now != self.instant:
            self.instant, self.before = now, cases.copy()
            return
        for stream, graph in enumerate(compiled.graphs):
            names, first = list(graph.nodes), at.X_VALUES + len(compiled.attributes(stream))
            known = cases[: len(self.before)]
            same = (known[:, at.X_ALIVE] != 0) & (known[:, at.X_STREAM] == stream)
            same &= known[:, at.X_KEY] == self.before[:, at.X_KEY]
            entered = (known - self.before)[same, first : first + len(names)]
            rounds = entered.max(axis=1, initial=0)
            if rounds.max(initial=0) > ROUNDS:
                visits = entered[rounds.argmax()]
                looped = [name for name, count in zip(names, visits, strict=True) if count > 0]
                raise _endless(graph.process.name, int(known[same][rounds.argmax(), at.X_ORDINAL]), looped)


def _cases(state: Ints) -> Ints:
    place, width = int(state[at.S_CASES]), int(state[at.S_CASE_WIDTH])
    return state[place : place + int(state[at.S_CASE_CAP]) * width].reshape(-1, width)


def _endless(process: str, case: int, states: list[str]) -> SimulationError:
    listed_en, listed_zh = ", ".join(map(repr, states)), "、".join(map(repr, states))
    return SimulationError(
        Text(
            en=f"{process}: case {case} goes round a loop that takes no time, through {listed_en}: give one of these "
            "states work or a delay, or a way out of the loop",
            zh=f"{process}：案件 {case} 在不耗时的环路中无限循环，经过 {listed_zh}：请给其中某个状态设置 "
            "work 或 delay，或为环路设置出口",
        )
    )
