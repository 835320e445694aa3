"""Runs one replication: calls the kernel until it is over, empties its buffers, lets its state grow."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from procflow.errors import SimulationError
from procflow.kernel import layout as at
from procflow.kernel.arrays import Floats, Ints
from procflow.kernel.calls import MOST
from procflow.kernel.loop import advance, flush, start
from procflow.kernel.state import BUFFERS, GROWING, Model, emptied, grown, new_state
from procflow.simulation.columns import Columns, Visits
from procflow.simulation.compile import Compiled
from procflow.simulation.horizon import too_few
from procflow.simulation.loops import LoopWatch
from procflow.simulation.naming import absorb, signed
from procflow.simulation.watch import Growing, QueueWatch
from procflow.text import Text

BUDGET = 2_000_000
"""Events between two looks at whether somebody wants the run to stop."""

_FULL = {at.FULL: at.GROW_ROWS, at.FULL_CASES: at.GROW_CASE_ROWS}
"""Which buffer is to be emptied."""

CHUNK_ROWS = 32_768
"""Rows of visits that are handed on at once where somebody takes them as they come."""

Tick = Callable[[float], None]
Tell = Callable[[Growing], None]
Keep = Callable[[Visits, Columns], None]
"""Takes rows of visits and of cases, in the order in which they were finished."""


@dataclass(frozen=True)
class Replication:
    """The rows of one replication: visits, cases, busy ticks of each group; when it stopped, and its window."""

    number: int
    visits: Visits
    cases: Columns
    busy: Ints
    stopped: int
    window: tuple[int, int]


def replicate(
    compiled: Compiled,
    seed: int,
    number: int,
    tick: Tick | None = None,
    keep: Keep | None = None,
    tell: Tell | None = None,
) -> Replication:
    """Return replication ``number`` (from 0) of a model; ``tick`` is told now and then how far it is, from 0 to 1.

    ``tell`` is told of each queue that grows without end, as soon as that is seen.

    With ``keep`` the rows go there as they come, so that memory is bounded by the cases in progress, and the
    replication that is returned has none.

    Raises SimulationError where a case has no way out, or a loop takes no time.
    """
    model = compiled.model
    state = new_state(model, signed(absorb(absorb(0, seed), number)))
    rows, loops, queues = _Rows(model, keep), LoopWatch(), QueueWatch()
    with np.errstate(over="ignore"):
        start(state, state.view(np.float64))
        _refuse_too_few(compiled, state)
        code = at.SPENT
        while code != at.ENDED:
            code = advance(state, state.view(np.float64), BUDGET)
            if code == at.GROW_TOKENS and tell is not None:
                for growing in queues.look(compiled, state):
                    tell(growing)
            state = _answer(compiled, state, code, rows, loops, tick)
        stopped = int(state[at.S_NOW])
        while flush(state, state.view(np.float64)) in _FULL:
            rows.take(state)
    rows.take(state)
    return Replication(
        number, *rows.all(), _busy(model, state), stopped, (int(state[at.M_WARMUP]), int(state[at.M_HORIZON]))
    )


class _Rows:
    """Finished rows of visits and of cases, taken out of the kernel's buffers."""

    def __init__(self, model: Model, keep: Keep | None) -> None:
        self.keep = keep
        has = model.word(at.M_SEGMENTS)
        idle = [k for k in range(at.SEGMENTS) if not has & (1 << k)]
        self._same_in_visits = {at.R_SEGMENTS + k: 0 for k in idle}
        self._same_in_cases = {at.Z_SEGMENTS + k: 0 for k in idle}
        if at.CALLED in idle:
            callers = (at.Z_PARENT, at.Z_PARENT_NODE, at.Z_PARENT_VISIT, at.Z_INSTANCE)
            self._same_in_cases |= dict.fromkeys(callers, at.NONE)
        self.visits, self.cases = self._none()

    def take(self, state: Ints, buffers: Iterable[int] = BUFFERS) -> None:
        """Empty buffers; hand on what came before where that is enough."""
        if self.keep is not None and len(self.visits) >= CHUNK_ROWS:
            self.keep(*self._taken())
        for buffer in buffers:
            rows = self.visits if buffer == at.GROW_ROWS else self.cases
            rows.add(emptied(state, buffer))

    def all(self) -> tuple[Visits, Columns]:
        """Return all rows of visits and of cases that were not handed on."""
        visits, cases = self._taken()
        if self.keep is None:
            return visits, cases
        self.keep(visits, cases)
        return self._none()

    def _taken(self) -> tuple[Visits, Columns]:
        taken = self.visits, self.cases
        self.visits, self.cases = self._none()
        return taken

    def _none(self) -> tuple[Visits, Columns]:
        return Visits(self._same_in_visits), Columns(self._same_in_cases)


def _answer(compiled: Compiled, state: Ints, code: int, rows: _Rows, watch: LoopWatch, tick: Tick | None) -> Ints:
    """Do what the kernel asks for, and return the state."""
    if tick is not None:
        tick(min(1.0, int(state[at.S_NOW]) / max(1, int(state[at.M_HORIZON]))))
    if code in _FULL:
        rows.take(state, [_FULL[code]])
    if code in GROWING:
        rows.take(state)
        return grown(state, code)
    if code == at.STUCK:
        raise _stuck(compiled, state)
    if code == at.FLOOD:
        raise _flood(compiled, state)
    if code == at.LOOPING:
        watch.look(compiled, state)
    return state


def _refuse_too_few(compiled: Compiled, state: Ints) -> None:
    """Refuse arrivals that do not bring the cases of the cohort before the end of all calendars."""
    cases = int(state[at.M_COHORT_END])
    if cases != at.NONE and int(state[at.M_HORIZON]) >= compiled.clock.cap:
        raise too_few(cases, ", ".join(graph.process.name for graph in compiled.graphs))


def _flood(compiled: Compiled, state: Ints) -> SimulationError:
    stream, name = compiled.nodes[int(state[at.S_FAULT_NODE])]
    process = compiled.graphs[stream].process.name
    return SimulationError(
        Text(
            en=f"{process}: state {name!r} calls more than {MOST:,} instances at once: mend its 'instances'",
            zh=f"{process}:状态 {name!r} 一次调用超过 {MOST:,} 个实例:请修改 instances",
        )
    )


def _stuck(compiled: Compiled, state: Ints) -> SimulationError:
    stream, name = compiled.nodes[int(state[at.S_FAULT_NODE])]
    x = int(state[at.S_CASES]) + int(state[at.S_FAULT_CASE])
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
