"""Which facts are live where: on some way on, used before they are overwritten. Backward data-flow analysis.

Exact: a fact is claimed after a point if, and only if, some execution goes on to use it, in whatever order parallel
regions go on.

Source: Aho, Lam, Sethi, Ullman, *Compilers*, 2nd ed., 9.2.5 (live variables); the regions are this project's own
(``passages``).
"""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field

from procflow.analysis.beside import Beside
from procflow.analysis.flowgraph import Arc, FlowGraph
from procflow.analysis.passages import Passages, Writes


@dataclass(frozen=True)
class Uses:
    """What states use of facts on being entered, and what they overwrite at their done, as bit sets.

    ``edge_kill``: what transitions (by ``Edge.index``) refuse, so that it is not used afterwards.
    """

    use: Mapping[str, int]
    kill: Mapping[str, int] = field(default_factory=dict)
    edge_kill: Mapping[int, int] = field(default_factory=dict)


@dataclass
class _Entry:
    """What entering a composite with parallel regions makes live: what gets through to somebody who uses it.

    ``used``: inside; ``past``: what gets through to the ``join``; ``ways``: to arcs out of it, with where they lead.
    """

    used: int
    join: int | None
    past: int
    ways: list[tuple[int, int]]


def live(flow: FlowGraph, uses: Uses) -> tuple[int, ...]:
    """Return the facts that are live after each point."""
    beside = Beside(flow, uses.use, {})
    entries = _entries(flow, uses)
    before, after = [0] * len(flow.points), [0] * len(flow.points)
    kept, cut = _arcs_out(flow)
    earlier = _sources(flow, kept, cut, entries)
    rank = {point: -position for position, point in enumerate(flow.order)}
    waiting = sorted((place, point) for point, place in rank.items())  # sorted, so a heap
    queued = set(rank)
    while waiting:
        _, point = heapq.heappop(waiting)
        queued.discard(point)
        here = flow.points[point]
        out = beside.at(point)
        if point in entries:
            entry = entries[point]
            out |= entry.used | (0 if entry.join is None else before[entry.join] & entry.past)
            for dest, past in entry.ways:
                out |= before[dest] & past
        else:
            for arc in kept[point]:
                out |= before[arc.dest] & ~_refused(uses, arc)
        for join in flow.joins_after[point]:
            out |= before[join]
        interrupted = 0
        for arc in cut[point]:
            interrupted |= before[arc.dest] & ~_refused(uses, arc)
        for join in flow.joined_beside[point]:
            interrupted |= before[join]
        after[point] = out = out | interrupted  # a timer may also end the delay after the work
        came = out & ~uses.kill.get(here.state, 0) | uses.use.get(here.state, 0) if here.kind == "leaf" else out
        came |= interrupted | beside.at(point)
        if came != before[point]:
            before[point] = came
            for source in earlier[point]:
                if source not in queued:
                    queued.add(source)
                    heapq.heappush(waiting, (rank[source], source))
    return tuple(after)


def _entries(flow: FlowGraph, uses: Uses) -> dict[int, _Entry]:
    if not flow.forks:
        return {}
    ways = Passages(flow, Writes(kill=uses.kill, edge_kill=uses.edge_kill), outside=False)
    entries: dict[int, _Entry] = {}
    for fork in flow.forks:  # inner ones first
        used = 0
        for point in ways.inside[fork.point]:
            inner = entries[point].used if point in entries else uses.use.get(flow.points[point].state, 0)
            used |= inner & ways.kept[point]
        entries[fork.point] = _Entry(used, fork.join, ways.past[fork.point], [])
    for arc in flow.arcs:
        for level, (fork_point, _) in enumerate(flow.left(arc)):
            entries[fork_point].ways.append((arc.dest, ways.along(arc, level)[0]))
    return entries


def _sources(
    flow: FlowGraph, kept: list[list[Arc]], cut: list[list[Arc]], entries: dict[int, _Entry]
) -> list[set[int]]:
    """Return for each point those whose liveness depends on its own."""
    found: list[set[int]] = [set() for _ in flow.points]
    for point in flow.order:
        if point in entries:
            dests = [dest for dest, _ in entries[point].ways]
            dests += [] if (join := entries[point].join) is None else [join]
        else:
            dests = [arc.dest for arc in kept[point]]
        cut_off = (arc.dest for arc in cut[point])
        for dest in (*dests, *cut_off, *flow.joins_after[point], *flow.joined_beside[point]):
            found[dest].add(point)
    return found


def _refused(uses: Uses, arc: Arc) -> int:
    return uses.edge_kill.get(arc.edge.index, 0) if arc.edge is not None else 0


def _arcs_out(flow: FlowGraph) -> tuple[list[list[Arc]], list[list[Arc]]]:
    """Return the arcs by which each point is left: after it is done; and cut off meanwhile, by a timer or beside."""
    kept: list[list[Arc]] = [[] for _ in flow.points]
    cut: list[list[Arc]] = [[] for _ in flow.points]
    for arc in flow.arcs:
        (cut if arc.move in ("timer", "abandon") else kept)[arc.source].append(arc)
    for point, arcs in enumerate(flow.interrupting):
        cut[point] += arcs
    return kept, cut
