"""Runs one replication: calls the kernel until it is over, empties its buffers, lets its state grow."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from procflow.errors import SimulationError
from procflow.kernel import layout as at
from procflow.kernel.arrays import Floats, Ints
from procflow.kernel.loop import advance, flush, start
from procflow.kernel.state import GROWING, Model, grown, new_state
from procflow.simulation.compile import Compiled
from procflow.simulation.naming import absorb, signed
from procflow.text import Text

BUDGET = 2_000_000
"""Events between two looks at whether somebody wants the run to stop."""

ROWS = 1 << 16
Tick = Callable[[float], None]


@dataclass(frozen=True)
class Replication:
    """The rows of one replication: visits, cases, busy ticks of each group; and when it stopped."""

    number: int
    visits: Ints
    cases: Ints
    busy: Ints
    stopped: int


def replicate(compiled: Compiled, seed: int, number: int, tick: Tick | None = None) -> Replication:
    """Return replication ``number`` (from 0) of a model; ``tick`` is told now and then how far it is, from 0 to 1.

    Raises SimulationError where a case has no way out, or a loop takes no time.
    """
    model = compiled.model
    state = new_state(model, signed(absorb(absorb(0, seed), number)))
    room = model.word(at.M_HEADROOM)
    visits = np.empty((ROWS + room, at.R_PEOPLE + model.word(at.M_PEOPLE)), dtype=np.int64)
    cases = np.empty((ROWS + room, at.Z_VALUES + model.values), dtype=np.int64)
    chunks = _Chunks(visits, cases)
    with np.errstate(over="ignore"):
        start(model.ints, model.floats, state)
        code = at.SPENT
        while code != at.ENDED:
            code = advance(model.ints, model.floats, state, state.view(np.float64), visits, cases, BUDGET)
            state = _answer(compiled, state, code, chunks, tick)
        stopped = int(state[at.S_NOW])
        while flush(model.ints, state, visits, cases) == at.FULL:
            chunks.empty(state)
    chunks.empty(state)
    return Replication(number, *chunks.all(), _busy(model, state), stopped)


class _Chunks:
    """Full buffers, copied away."""

    def __init__(self, visits: Ints, cases: Ints) -> None:
        self.buffers = (visits, cases)
        self.kept: tuple[list[Ints], list[Ints]] = ([], [])

    def empty(self, state: Ints) -> None:
        """Copy what is in the buffers and let them start anew."""
        for buffer, kept, word in zip(self.buffers, self.kept, (at.S_ROWS, at.S_CASE_ROWS), strict=True):
            kept.append(buffer[: state[word]].copy())
            state[word] = 0

    def all(self) -> tuple[Ints, Ints]:
        """Return all rows of visits and of cases."""
        visits, cases = (np.concatenate(kept) for kept in self.kept)
        return visits, cases


def _answer(compiled: Compiled, state: Ints, code: int, chunks: _Chunks, tick: Tick | None) -> Ints:
    """Do what the kernel asks for, and return the state."""
    if tick is not None:
        tick(min(1.0, int(state[at.S_NOW]) / max(1, compiled.model.word(at.M_HORIZON))))
    if code in GROWING:
        return grown(state, code)
    if code == at.FULL:
        chunks.empty(state)
    elif code == at.STUCK:
        raise _stuck(compiled, state)
    elif code == at.LOOPING:
        raise SimulationError(
            Text(
                en="cases go round a loop that takes no time: give one of its states work or a delay",
                zh="案件在一个不耗时的环路中无限循环:请给环路中的某个状态设置 work 或 delay",
            )
        )
    return state


def _stuck(compiled: Compiled, state: Ints) -> SimulationError:
    stream, name = compiled.nodes[int(state[at.S_FAULT_NODE])]
    x = int(state[at.S_CASES]) + int(state[at.S_FAULT_CASE]) * int(state[at.S_CASE_WIDTH])
    values = attribute_values(compiled, stream, state.view(np.float64)[x + at.X_VALUES :])
    process = compiled.graphs[stream].process.name
    shown = ", ".join(f"{key} = {value}" for key, value in values.items()) or "no attributes"
    return SimulationError(
        Text(
            en=f"{process}: case {state[x + at.X_ORDINAL]} has no way out of state {name!r} ({shown}): "
            "give it an exit without guard or probability",
            zh=f"{process}:案件 {state[x + at.X_ORDINAL]} 在状态 {name!r} 没有可走的出口({shown}):"
            "请增加一个既无条件也无概率的默认出口",
        )
    )


def attribute_values(compiled: Compiled, stream: int, values: Floats) -> dict[str, object]:
    """Return the values of a case's attributes as a user knows them."""
    return {
        name: decode(column[0])
        for (name, decode), column in zip(decoders(compiled, stream), values[:, None], strict=False)
    }


def decoders(compiled: Compiled, stream: int) -> list[tuple[str, Callable[[float], object]]]:
    """Return for each attribute of a stream its name and what turns the kernel's number into its value."""
    from procflow.definition.expressions import category_codes

    codes = category_codes(compiled.attributes(stream))
    return [
        (name, _decoder(attribute.kind, codes.get(name, {}))) for name, attribute in compiled.attributes(stream).items()
    ]


def _decoder(kind: str, codes: dict[str, int]) -> Callable[[float], object]:
    names = {code: name for name, code in codes.items()}
    if kind == "categorical":
        return lambda value: names[int(value)]
    if kind == "boolean":
        return lambda value: value != 0
    return (lambda value: int(value)) if kind == "integer" else float


def _busy(model: Model, state: Ints) -> Ints:
    groups = np.arange(model.word(at.M_GROUP_COUNT))
    busy: Ints = state[int(state[at.S_GROUP]) + groups * at.GROUP_STATE + at.GS_BUSY].copy()
    return busy
