"""Which points every path to a point passes, and every path from it to an end; so, which states only lead back.

Source: Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm" (2001).
"""

from collections.abc import Mapping, Sequence

from procflow.analysis.flowgraph import FlowGraph

_LEGS = ("correction", "rectification")


def immediate_dominators(order: Sequence[int], into: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Return the immediate dominator of each node; ``order`` is a reverse postorder from the root, its first node."""
    rank = {node: position for position, node in enumerate(order)}
    found = {order[0]: order[0]}
    changed = True
    while changed:
        changed = False
        for node in order[1:]:
            known = [before for before in into.get(node, ()) if before in found]
            nearest = known[0]
            for before in known[1:]:
                nearest = _common(nearest, before, found, rank)
            if found.get(node) != nearest:
                found[node] = nearest
                changed = True
    return found


def _common(a: int, b: int, found: dict[int, int], rank: dict[int, int]) -> int:
    while a != b:
        while rank[a] > rank[b]:
            a = found[a]
        while rank[b] > rank[a]:
            b = found[b]
    return a


def return_legs(flow: FlowGraph) -> frozenset[str]:
    """Return the states that only lead back: corrections and rectifications, and whatever lies between them.

    A state only leads back where some other point lies both on every path to it and on every path from it to an end
    of the process, time-outs apart.
    """
    root = len(flow.points)
    into, out = _plain_arcs(flow, root)
    forward = immediate_dominators(_postorder(root, out)[::-1], into)
    # reversed: the virtual root stands for the end, too
    ends_in, ends_out = _reversed_arcs(flow, root)
    backward = immediate_dominators(_postorder(root, ends_out)[::-1], ends_in)
    above, below = _chains(root, forward), _chains(root, backward)
    legs = set()
    for state, points in flow.at.items():
        by_kind = flow.graph.nodes[state].state.kind in _LEGS
        if by_kind or all(above[point] & below.get(point, 0) for point in points):
            legs.add(state)
    return frozenset(legs)


def ways_back(flow: FlowGraph) -> frozenset[int]:
    """Return the transitions (``Edge.index``) that lead back: to a state that every path to their source has passed."""
    root = len(flow.points)
    into, out = _plain_arcs(flow, root)
    above = _chains(root, immediate_dominators(_postorder(root, out)[::-1], into))
    back: dict[int, bool] = {}
    for arc in flow.arcs:
        if arc.edge is not None:
            leads_back = arc.dest == arc.source or bool(above[arc.source] >> arc.dest & 1)
            back[arc.edge.index] = back.get(arc.edge.index, True) and leads_back
    return frozenset(index for index, always in back.items() if always)


def _chains(root: int, tree: dict[int, int]) -> dict[int, int]:
    """Return the points between each point of a tree and its root, as bit sets."""
    found = {root: 0}
    for point in tree:
        climbed = []
        while point not in found:
            climbed.append(point)
            point = tree[point]
        for below in reversed(climbed):
            above = tree[below]
            found[below] = found[above] | (1 << above if above != root else 0)
    return found


def _plain_arcs(flow: FlowGraph, root: int) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    into: dict[int, list[int]] = {point: [root] for point in flow.starts}
    out: dict[int, list[int]] = {root: list(flow.starts)}
    for point, following in enumerate(flow.following):
        out[point] = list(following)
        for dest in following:
            into.setdefault(dest, []).append(point)
    return into, out


def _reversed_arcs(flow: FlowGraph, root: int) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    into: dict[int, list[int]] = {}
    out: dict[int, list[int]] = {root: []}
    steps = [(arc.source, arc.dest) for arc in flow.arcs if arc.move in ("edge", "fork")]
    steps += [(end, join) for join, regions in flow.ends.items() for region in regions for end in region]
    for point, here in enumerate(flow.points):
        if flow.graph.nodes[here.state].state.final and not flow.graph.nodes[here.state].parent:
            steps.append((point, root))
    for source, dest in steps:
        out.setdefault(dest, []).append(source)
        into.setdefault(source, []).append(dest)
    return into, out


def _postorder(root: int, out: Mapping[int, Sequence[int]]) -> list[int]:
    seen, found = {root}, []
    stack = [(root, iter(out.get(root, ())))]
    while stack:
        child = next((c for c in stack[-1][1] if c not in seen), None)
        if child is None:
            found.append(stack.pop()[0])
        else:
            seen.add(child)
            stack.append((child, iter(out.get(child, ()))))
    return found
