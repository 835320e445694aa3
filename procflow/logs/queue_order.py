"""Delays narrowed by the order of a queue: where work is begun in the order in which it became ready.

Who began after another became ready after; so each start bounds the delays of its neighbors in the order of starts.
Decides whether a pool keeps the order at all, and estimates; knows neither log nor calendars.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from procflow.logs.delays import learned_from
from procflow.logs.overtaking import overtaken_work

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

OVERTAKEN = 0.02
"""A pool of which a larger share of the queue is overtaken does not keep the order."""
GIVES_WAY = 0.05
"""Work that goes before waiting work in a smaller share of its starts gives way to it: priority, not delay."""
UNEXPLAINED = 0.05
"""Share of the delays that may be longer than is to be expected, before the order of the queue is doubted."""
_CERTAIN, _ENOUGH = 0.95, 20
_SWEEPS, _BURN_IN = 60, 20
_SAMPLE, _CELLS = 4096, 32768
_LAST = np.nextafter(_CELLS, 0)
_BLOCK = 16384
_CERTAIN_WEIGHT = 1e6
_SEED = 20_260_101


@dataclass(frozen=True)
class Queue:
    """What waits for one pool: when it was enabled, ready at the earliest, and begun; ``kind`` is the transition.

    ``telling`` marks what was enabled while somebody of the pool was free: its delay can be seen, however long it is.
    """

    enabled: Ints
    low: Ints
    start: Ints
    kind: Ints
    telling: Flags

    def of(self, chosen: Flags | Ints) -> "Queue":
        """Return a part of the queue."""
        return Queue(
            self.enabled[chosen], self.low[chosen], self.start[chosen], self.kind[chosen], self.telling[chosen]
        )


def overtaken_share(queue: Queue) -> float:
    """Return which share of what queued was overtaken by what was enabled later; 0 where nothing queued."""
    queued = queue.start > queue.enabled
    if not queued.any():
        return 0.0
    later = overtaken_work(queue.enabled, queue.start, np.ones(len(queued))) > 0
    return float(later[queued].mean())


def prompt_kinds(queue: Queue, delayed: Flags) -> Flags | None:
    """Return which rows are of kinds without delay, if with them the pool keeps the order; None if it does not.

    ``delayed`` marks rows of kinds known to have delays. Another kind that is overtaken is taken for delayed too, as
    long as it goes before waiting work often enough: what gives way whenever others wait has a lower priority.
    """
    prompt = ~delayed
    while overtaken_share(queue.of(prompt)) > OVERTAKEN:
        worst = _most_overtaken(queue, prompt)
        if worst is None:
            return None
        prompt = prompt & (queue.kind != worst)
    return prompt


def explained_by_delays(queue: Queue, prompt: Flags) -> bool:
    """Return whether delays of usual length explain why work was overtaken; if not, the pool does not keep the order.

    Who was overtaken by what was ready at some instant at the earliest was not ready before. Where many delays would
    have to be longer than those seen while nobody queued, it was not for a delay that they were overtaken. Kinds of
    which too few did not queue are given the benefit of the doubt.
    """
    order = np.lexsort((queue.low, queue.start))
    ready = np.empty_like(queue.low)
    ready[order] = np.maximum.accumulate(queue.low[order])
    longest = _longest_seen(queue, ~prompt)
    judged = (queue.start > queue.enabled) & (longest > 0)
    too_long = (ready - queue.enabled > longest) & judged
    return bool(too_long.sum() <= UNEXPLAINED * judged.sum())


def _longest_seen(queue: Queue, delayed: Flags) -> Ints:
    """Return by row twice the 95th percentile of its kind's delays that ended while somebody was free; 0 if unknown."""
    found = np.zeros(len(queue.start), dtype=np.int64)
    wait, low = queue.start - queue.enabled, queue.low - queue.enabled
    seen = delayed & (low >= _CERTAIN * wait)
    for kind in np.unique(queue.kind[delayed]):
        own = queue.kind == kind
        if (own & seen).sum() >= _ENOUGH:
            found[own] = 2 * np.quantile(low[own & seen], 0.95)
    return found


def _most_overtaken(queue: Queue, prompt: Flags) -> int | None:
    """Return the kind of which most is overtaken and which does not just give way; None where there is none."""
    part = queue.of(prompt)
    queued = part.start > part.enabled
    late = (overtaken_work(part.enabled, part.start, np.ones(len(queued))) > 0) & queued
    ahead = _goes_ahead(part)
    kinds = np.unique(part.kind)
    if len(kinds) < 2:
        return None
    shares = [(late[own].sum() / max(queued[own].sum(), 1), int(k)) for k in kinds for own in [part.kind == k]]
    for share, kind in sorted(shares, reverse=True):
        own = (part.kind == kind) & queued
        if share > OVERTAKEN and ahead[own].mean() > GIVES_WAY:
            return kind
    return None


def _goes_ahead(queue: Queue) -> Flags:
    """Return which rows were begun while work of another kind, enabled before the start, went on waiting."""
    found = np.zeros(len(queue.start), dtype=bool)
    for kind in np.unique(queue.kind):
        own, other = queue.kind == kind, queue.kind != kind
        at = queue.start[own]
        enabled = np.searchsorted(np.sort(queue.enabled[other]), at, side="left")
        begun = np.searchsorted(np.sort(queue.start[other]), at, side="right")
        found[own] = enabled > begun
    return found


def ordered_delays(queue: Queue, prompt: Flags, first_guess: Ints) -> Ints:
    """Return the expected delay of each row of a queue that is served in the order of becoming ready.

    Rows of kinds without delay were ready when enabled. The others' delays are drawn again and again from the
    distribution of their kind, between the instants at which their neighbors in the order of starts were ready, the
    distribution being that of the last draws: a stochastic EM algorithm (G. Celeux, J. Diebolt, "The SEM algorithm",
    1985) by Gibbs sampling. The answer is the mean of the draws after the first twenty; its seed is fixed.

    Where enough of a kind are telling, the distribution is that of their draws: those of a long queue fit as well when
    all are moved together, and would drift. It is taken from about four thousand rows where a kind has more, which
    gives its quantiles to within two in a hundred in each draw.
    """
    # what is told of rows that start together must not depend on the names of cases
    order = np.lexsort((queue.telling, queue.kind, queue.low, queue.enabled, queue.start))
    chain, telling = _Chain.of(queue.of(order)), queue.telling[order]
    movable = ~prompt[order] & (chain.latest > chain.earliest)
    if not movable.any():
        return queue.low - queue.enabled
    rng = np.random.default_rng(_SEED)
    pools = [np.flatnonzero((chain.kind == k) & ~prompt[order]) for k in np.unique(chain.kind[~prompt[order]])]
    learned = [rows[learned_from(telling[rows])] for rows in pools]
    samples = [rows[:: -(-len(rows) // _SAMPLE)] for rows in learned]
    first = _initial(chain, prompt[order], first_guess[order].astype(np.float64), pools, learned)
    ready = chain.with_marks(first)
    drawn = [rows[movable[rows]] for rows in pools]
    turns = [[chain.blocks(rows[chain.group[rows] % 2 == odd]) for rows in drawn] for odd in (0, 1)]
    moved = np.flatnonzero(movable)
    total = np.zeros(len(moved))
    for sweep in range(_SWEEPS):
        laws = [
            _Law.of(np.sort(ready[known] - chain.enabled[known]), len(rows) >= _CELLS // 2)
            for known, rows in zip(samples, drawn, strict=True)
        ]
        for turn in turns:
            chain.mark(ready)
            for law, blocks in zip(laws, turn, strict=True):
                for block in blocks:
                    ready[block.row] = block.drawn(ready, law, rng)
        if sweep >= _BURN_IN:
            total += ready[moved]
    ready = ready[: len(order)]
    ready[moved] = total / (_SWEEPS - _BURN_IN)
    delay = np.empty(len(order), dtype=np.int64)
    delay[order] = np.rint(ready - chain.enabled).astype(np.int64)
    return np.clip(delay, queue.low - queue.enabled, queue.start - queue.enabled)


@dataclass(frozen=True)
class _Chain:
    """A queue in the order of starts; instants since the first, so that they are exact as floats.

    ``group`` numbers the rows that start together, ``first`` is where each group begins. Behind what is known of rows
    stand marks: for each group of more than one row (``shared``) of its latest and of its earliest, then for none
    before and none after. ``before`` and ``after`` are where to look for the neighbors of each group.
    """

    enabled: Floats
    earliest: Floats
    latest: Floats
    kind: Ints
    group: Ints
    first: Ints
    shared: Ints
    before: Ints
    after: Ints

    @classmethod
    def of(cls, queue: Queue) -> "_Chain":
        """Return the chain of a queue that is in the order of starts."""
        zero, rows = queue.enabled.min(), len(queue.start)
        first = np.flatnonzero(np.diff(queue.start, prepend=queue.start[:1] - 1))
        size = np.diff(np.append(first, rows))
        shared = np.flatnonzero(size > 1)
        mark = rows + np.cumsum(size > 1) - 1
        before = np.append(rows + 2 * len(shared), np.where(size > 1, mark, first))
        after = np.append(np.where(size > 1, mark + len(shared), first), rows + 2 * len(shared) + 1)
        group = np.repeat(np.arange(len(first)), size)
        enabled, low, start = ((each - zero).astype(np.float64) for each in (queue.enabled, queue.low, queue.start))
        return cls(enabled, low, start, queue.kind, group, first, shared, before[:-1], after[1:])

    def with_marks(self, ready: Floats) -> Floats:
        """Return when rows became ready, with room for the marks behind."""
        return np.concatenate([ready, np.zeros(2 * len(self.shared)), [-np.inf, np.inf]])

    def mark(self, ready: Floats) -> None:
        """Write when the latest and when the earliest row of each shared group became ready."""
        if not len(self.shared):
            return
        rows, shared = len(self.group), len(self.shared)
        ends = np.append(self.first, rows)[self.shared + 1]
        edges = np.stack([self.first[self.shared], ends], axis=1).reshape(-1)
        ready[rows : rows + shared] = np.maximum.reduceat(ready, edges)[::2]
        ready[rows + shared : rows + 2 * shared] = np.minimum.reduceat(ready, edges)[::2]

    def blocks(self, rows: Ints) -> list["_Block"]:
        """Return some of the rows in parts that fit into the cache of a processor."""
        parts = (rows[begin : begin + _BLOCK] for begin in range(0, len(rows), _BLOCK))
        return [
            _Block(
                part,
                self.enabled[part],
                self.earliest[part],
                self.latest[part],
                self.before[self.group[part]],
                self.after[self.group[part]],
            )
            for part in parts
        ]


@dataclass(frozen=True)
class _Block:
    """Some rows of a chain and where to look for their neighbors."""

    row: Ints
    enabled: Floats
    earliest: Floats
    latest: Floats
    before: Ints
    after: Ints

    def drawn(self, ready: Floats, law: "_Law", rng: np.random.Generator) -> Floats:
        """Return when the rows may have become ready, each between its neighbors in the order of starts."""
        low, high = np.maximum(self.earliest, ready[self.before]), np.minimum(self.latest, ready[self.after])
        wrong = low > high  # an exception to the order: let neither neighbor bound it
        if wrong.any():
            low, high = np.where(wrong, self.earliest, low), np.where(wrong, self.latest, high)
        return self.enabled + law.drawn(low - self.enabled, high - self.enabled, rng)


def _initial(chain: _Chain, prompt: Flags, guess: Floats, pools: Sequence[Ints], learned: Sequence[Ints]) -> Floats:
    """Return a first guess in the order of the queue: the usual delays of each kind, moved as little as that takes.

    The isotonic regression on the usual delays of the kinds, each weighed by how little they vary: kinds that always
    take alike hold the others in their place. Rows without delay, and those whose bounds meet, weigh most.
    """
    from scipy.optimize import isotonic_regression  # imported here: scipy is slow to load

    usual, weight = np.zeros_like(guess), np.full_like(guess, _CERTAIN_WEIGHT)
    for rows, known in zip(pools, learned, strict=True):
        usual[rows] = guess[known].mean()
        weight[rows] = 1 / max(guess[known].var(), 1.0)
    certain = prompt | (chain.latest <= chain.earliest)
    ready = np.where(prompt, chain.enabled, np.clip(chain.enabled + usual, chain.earliest, chain.latest))
    nearest = isotonic_regression(ready, weights=np.where(certain, _CERTAIN_WEIGHT, weight)).x
    return np.where(prompt, chain.enabled, np.clip(nearest, chain.earliest, chain.latest))


@dataclass(frozen=True)
class _Law:
    """An empirical distribution: sorted delays, the steps between them, and where even cells of time stand in them.

    Many bounds are looked up in the cells, which is ten times as fast as searching each; few need no cells.
    """

    delays: Floats
    step: Floats
    cells: Floats | None
    cell_step: Floats

    @classmethod
    def of(cls, delays: Floats, many: bool) -> "_Law":
        """Return the distribution of sorted delays; ``many`` says that it will be asked for many bounds."""
        step = np.diff(delays, append=delays[-1:])
        if not many or delays[-1] <= delays[0]:
            return cls(delays, step, None, step)
        even = np.linspace(delays[0], delays[-1], _CELLS + 1)
        cells = np.interp(even, delays, np.arange(len(delays), dtype=np.float64))
        return cls(delays, step, cells, np.diff(cells))

    def drawn(self, low: Floats, high: Floats, rng: np.random.Generator) -> Floats:
        """Draw delays, each between its bounds; evenly where the distribution has nothing."""
        from_, to = self._places(low), self._places(high)
        u = rng.random(len(low))
        place = from_ + u * (to - from_)
        below = place.astype(np.int64)
        drawn = self.delays[below] + (place - below) * self.step[below]
        even = low + u * (high - low)
        return np.minimum(np.maximum(np.where(to > from_, drawn, even), low), high)

    def _places(self, bounds: Floats) -> Floats:
        """Return where bounds stand among the delays, between two by their distance."""
        if self.cells is None:
            return np.interp(bounds, self.delays, np.arange(len(self.delays), dtype=np.float64))
        span = self.delays[-1] - self.delays[0]
        at = np.minimum(np.maximum((bounds - self.delays[0]) * (_CELLS / span), 0), _LAST)
        cell = at.astype(np.int64)
        found: Floats = self.cells[cell] + (at - cell) * self.cell_step[cell]
        return found
