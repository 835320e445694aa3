"""The state of a run as one arena: laid out, and laid out anew when a part must grow. Plain numpy, not compiled."""

from dataclasses import dataclass

import numpy as np

from procflow.kernel import layout as at
from procflow.kernel.arrays import Ints

GROWING = {
    at.GROW_HEAP: (at.S_HEAP, at.S_HEAP_CAP, at.HEAP_WIDTH),
    at.GROW_TOKENS: (at.S_TOKENS, at.S_TOKEN_CAP, at.S_TOKEN_WIDTH),
    at.GROW_QUEUE: (at.S_QUEUE, at.S_QUEUE_CAP, at.QUEUE_WIDTH),
    at.GROW_CASES: (at.S_CASES, at.S_CASE_CAP, at.S_CASE_WIDTH),
    at.GROW_CASE_ROWS: (at.S_CASE_BUFFER, at.S_CASE_ROW_CAP, at.S_CASE_ROW_WIDTH),
    at.GROW_ROWS: (at.S_ROW_BUFFER, at.S_ROW_CAP, at.S_ROW_WIDTH),  # the largest last: what grows moves what follows
}
"""What ``advance`` may ask for: the header words of the part's place and capacity, and the width of its records."""

BUFFERS = {at.GROW_CASE_ROWS: at.S_CASE_ROWS, at.GROW_ROWS: at.S_ROWS}
"""The parts that hold finished rows, of cases and of visits, and the words that count them; they come last."""


ROWS = 16_384
"""How many finished rows a buffer holds before it is emptied: so few that they mostly stay in a processor's cache."""


CASES = 1_024
"""How many cases in progress there is room for at first."""


@dataclass(frozen=True)
class Model:
    """The words of a model, headers first (see ``layout``), and what the state needs to know of it.

    ``values`` is the number of attributes of a case, ``visited`` the greatest number of nodes of a process, ``stack``
    and ``most_set`` the room that guards and assignments need.
    """

    words: Ints
    values: int
    visited: int
    stack: int
    most_set: int

    def word(self, place: int) -> int:
        """Return a word of the header."""
        return int(self.words[place])


def new_state(model: Model, key: int) -> Ints:
    """Return the arena before the first event; ``key`` is the hash of seed and replication (uint64 as int64)."""
    people = model.word(at.M_PEOPLE)
    groups, group_table = model.word(at.M_GROUP_COUNT), model.word(at.M_GROUPS)
    counts = [int(model.words[group_table + g * at.GROUP_WIDTH + at.G_COUNT]) for g in range(groups)]
    roles, batches = model.word(at.M_ROLE_COUNT), model.word(at.M_BATCH_COUNT)
    room = model.word(at.M_HEADROOM)
    widths = {
        at.S_ROLE: roles * at.ROLE_STATE,
        at.S_GROUP: groups * at.GROUP_STATE,
        at.S_BATCH: batches * at.BATCH_STATE,
        at.S_STREAM: model.word(at.M_STREAM_COUNT) * at.STREAM_STATE,
        at.S_DIRTY: roles + 1,
        at.S_STACK: model.stack + 1,
        at.S_SCRATCH: model.most_set + 1,
    }
    header = np.zeros(at.STATE_HEADER, dtype=np.int64)
    header[at.S_TOKEN_WIDTH] = at.TOKEN_WIDTH + people + model.word(at.M_TIMERS)
    header[at.S_CASE_WIDTH] = at.X_VALUES + model.values + model.visited
    header[at.S_KEY] = key
    header[at.S_PASSED_TIME], header[at.S_DUE] = at.NONE, at.NEVER
    header[at.S_ROW_WIDTH], header[at.S_CASE_ROW_WIDTH] = at.R_PEOPLE + 2 * people, at.Z_VALUES + model.values
    place = len(model.words)
    for part, width in widths.items():
        header[part] = place
        place += width
    flags = place
    place += sum(counts)
    header[[at.S_TOKEN_FREE, at.S_QUEUE_FREE, at.S_CASE_FREE, at.S_DIRECT]] = at.NONE
    for part, (place_word, capacity_word, _) in GROWING.items():
        capacity = ROWS + 2 * at.STRETCH * room if part in BUFFERS else 24 * room
        if part == at.GROW_CASES:
            capacity = CASES  # an event makes one at most, and a case has a word for every state
        header[place_word], header[capacity_word] = place, capacity
        place += capacity * _width(header, part)
    state = np.zeros(place, dtype=np.int64)
    state[: len(model.words)] = model.words
    state[: at.STATE_HEADER] = header
    _fill(state, model, counts, flags)
    for part in GROWING:
        _join_free_list(state, part, 0)
    return state


def _fill(state: Ints, model: Model, counts: list[int], flags: int) -> None:
    for group, count in enumerate(counts):
        s = int(state[at.S_GROUP]) + group * at.GROUP_STATE
        state[s + at.GS_IDLE], state[s + at.GS_FLAGS] = count, flags
        flags += count
    for role in range(model.word(at.M_ROLE_COUNT)):
        r = int(state[at.S_ROLE]) + role * at.ROLE_STATE
        state[[r + at.RS_HEAP, r + at.RS_FIRST, r + at.RS_LAST, r + at.RS_WAKE]] = at.NONE
    for batch in range(model.word(at.M_BATCH_COUNT)):
        b = int(state[at.S_BATCH]) + batch * at.BATCH_STATE
        for field in (at.BS_MAIN, at.BS_FIRST, at.BS_LAST, at.BS_SCHEDULED, at.BS_CALLED, at.BS_BEGUN):
            state[b + field] = at.NONE


def grown(state: Ints, part: int) -> Ints:
    """Return a copy of the state in which a part has room for twice as many records.

    The records keep their numbers, and fresh ones join the free list of their part; the buffers of rows must be empty.
    """
    place_word, capacity_word, _ = GROWING[part]
    old = int(state[capacity_word])
    added = old * _width(state, part)
    end = int(state[place_word]) + added
    rows = min(int(state[GROWING[buffer][0]]) for buffer in BUFFERS)
    bigger = np.zeros(len(state) + added, dtype=np.int64)
    kept = min(end, rows)  # what is in the buffers is not: memory that is not touched costs nothing
    bigger[:kept] = state[:kept]
    bigger[end + added : rows + added] = state[end:rows]
    for other_place, _, _ in GROWING.values():
        if state[other_place] >= end and other_place != place_word:
            bigger[other_place] += added
    bigger[capacity_word] = 2 * old
    _join_free_list(bigger, part, old)
    return bigger


def _width(header: Ints, part: int) -> int:
    """Return how many words a record of a part takes."""
    width = GROWING[part][2]
    return width if part in (at.GROW_HEAP, at.GROW_QUEUE) else int(header[width])


def _join_free_list(state: Ints, part: int, first: int) -> None:
    """Put the records of a part from number ``first`` on into its free list, where it has one."""
    lists = {
        at.GROW_TOKENS: (at.S_TOKEN_FREE, at.S_TOKEN_LEFT, at.T_NEXT),
        at.GROW_QUEUE: (at.S_QUEUE_FREE, at.S_QUEUE_LEFT, at.Q_SIBLING),
        at.GROW_CASES: (at.S_CASE_FREE, at.S_CASE_LEFT, at.X_NEXT),
    }
    if part not in lists:
        return
    place_word, capacity_word, _ = GROWING[part]
    free_word, left_word, link = lists[part]
    end, width = int(state[capacity_word]), _width(state, part)
    unit = 1 if part == at.GROW_QUEUE else width  # tokens and cases are known by how far they lie from the first one
    state[int(state[place_word]) + np.arange(first, end) * width + link] = np.append(
        np.arange(first + 1, end) * unit, state[free_word]
    )
    state[free_word] = first * unit
    state[left_word] += end - first


def emptied(state: Ints, buffer: int) -> Ints:
    """Empty a buffer and return its rows, shape (columns, rows), which the kernel will overwrite."""
    place, capacity, width = (int(state[word]) for word in GROWING[buffer])
    columns: Ints = state[place : place + capacity * width].reshape(width, capacity)[:, : int(state[BUFFERS[buffer]])]
    state[BUFFERS[buffer]] = 0
    return columns
