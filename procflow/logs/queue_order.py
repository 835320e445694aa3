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
    total = np.zeros(len(order))
    pools = [np.flatnonzero((chain.kind == k) & ~prompt[order]) for k in np.unique(chain.kind[~prompt[order]])]
    learned = [rows[learned_from(telling[rows])] for rows in pools]
    samples = [rows[:: -(-len(rows) // _SAMPLE)] for rows in learned]
    ready = _initial(chain, prompt[order], first_guess[order].astype(np.float64), pools, learned)
    turns = [[rows[movable[rows] & (chain.group[rows] % 2 == parity)] for rows in pools] for parity in (0, 1)]
    for sweep in range(_SWEEPS):
        known = [np.sort(ready[rows] - chain.enabled[rows]) for rows in samples]
        for turn in turns:
            low, high = chain.bounds(ready)
            for mine, delays in zip(turn, known, strict=True):
                since = chain.enabled[mine]
                ready[mine] = since + _drawn(delays, low[mine] - since, high[mine] - since, rng)
        if sweep >= _BURN_IN:
            total += ready
    delay = np.empty(len(order), dtype=np.int64)
    delay[order] = np.rint(total / (_SWEEPS - _BURN_IN) - chain.enabled).astype(np.int64)
    return np.clip(delay, queue.low - queue.enabled, queue.start - queue.enabled)


@dataclass(frozen=True)
class _Chain:
    """A queue in the order of starts; instants since the first, so that they are exact as floats.

    ``group`` numbers the rows that start together; ``first`` is where each group begins.
    """

    enabled: Floats
    earliest: Floats
    latest: Floats
    kind: Ints
    group: Ints
    first: Ints

    @classmethod
    def of(cls, queue: Queue) -> "_Chain":
        zero = queue.enabled.min()
        first = np.flatnonzero(np.diff(queue.start, prepend=queue.start[:1] - 1))
        group = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(queue.start))))
        enabled, low, start = ((each - zero).astype(np.float64) for each in (queue.enabled, queue.low, queue.start))
        return cls(enabled, low, start, queue.kind, group, first)

    def bounds(self, ready: Floats) -> tuple[Floats, Floats]:
        """Return between what instants each row became ready, by the neighbors' in the order of starts."""
        latest, earliest = np.maximum.reduceat(ready, self.first), np.minimum.reduceat(ready, self.first)
        before = np.concatenate([[-np.inf], latest[:-1]])[self.group]
        after = np.concatenate([earliest[1:], [np.inf]])[self.group]
        low, high = np.maximum(self.earliest, before), np.minimum(self.latest, after)
        wrong = low > high  # an exception to the order: let neither neighbor bound it
        return np.where(wrong, self.earliest, low), np.where(wrong, self.latest, high)


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


def _drawn(delays: Floats, low: Floats, high: Floats, rng: np.random.Generator) -> Floats:
    """Draw from the empirical distribution of sorted delays, each between its bounds; evenly where it has nothing."""
    from_, to = _places(delays, low), _places(delays, high)
    u = rng.random(len(low))
    place = from_ + u * (to - from_)
    below = place.astype(np.int64)
    drawn = delays[below] + (place - below) * np.diff(delays, append=delays[-1:])[below]
    even = low + u * (high - low)
    return np.clip(np.where(to > from_, drawn, even), low, high)


def _places(delays: Floats, bounds: Floats) -> Floats:
    """Return where bounds stand among sorted delays, between two by their distance.

    Many bounds are looked up in a table of even cells, which is ten times as fast as searching each.
    """
    places = np.arange(len(delays), dtype=np.float64)
    span = delays[-1] - delays[0]
    if len(bounds) < _CELLS // 4 or span <= 0:
        return np.interp(bounds, delays, places)
    table = np.interp(np.linspace(delays[0], delays[-1], _CELLS + 1), delays, places)
    at = np.clip((bounds - delays[0]) * (_CELLS / span), 0, np.nextafter(_CELLS, 0))
    cell = at.astype(np.int64)
    found: Floats = table[cell] + (at - cell) * (table[cell + 1] - table[cell])
    return found
