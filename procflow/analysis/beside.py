"""What may happen meanwhile in the regions beside a point of a flow graph. Knows nothing of what it adds up.

Regions that are cancelled in the end count too: until then they have gone as far as they liked.
"""

from collections.abc import Iterable, Mapping

from procflow.analysis.flowgraph import FlowGraph, Place


class Beside:
    """Bit sets of what states do at their done and transitions when taken, added up by parallel region.

    Only what a case can come to counts, valuation by valuation; final states do nothing. A transition that ends a
    region is not done beside the others of its composite: it ends them.
    """

    def __init__(self, flow: FlowGraph, of_state: Mapping[str, int], of_edge: Mapping[int, int]) -> None:
        self._flow = flow
        self._inside: dict[Place, int] = {}
        nodes = flow.graph.nodes
        for point, places in zip(flow.points, flow.places, strict=True):
            if places and point.kind == "leaf" and not nodes[point.state].state.final:
                self._add(places, of_state.get(point.state, 0))
        for arc in flow.arcs if of_edge else ():
            if arc.edge is not None and (places := flow.places[arc.source]):
                self._add(places[len(flow.left(arc)) :], of_edge.get(arc.edge.index, 0))
        self._around: dict[Place, int] = {}
        for fork in reversed(flow.forks):  # outer ones first
            for region in range(len(fork.ends)):
                others = union(self._inside.get((fork.point, n), 0) for n in range(len(fork.ends)) if n != region)
                self._around[fork.point, region] = others | self.at(fork.point)

    def _add(self, places: Iterable[Place], done: int) -> None:
        if done:
            for place in places:
                self._inside[place] = self._inside.get(place, 0) | done

    def at(self, point: int) -> int:
        """Return what all regions beside a point may do, those beside the composites around it included."""
        places = self._flow.places[point]
        return self._around[places[0]] if places else 0

    def among(self, place: Place) -> int:
        """Return what the regions beside one may do, of the same composite only."""
        fork, region = place
        count = len(self._flow.graph.regions[self._flow.points[fork].state])
        return union(self._inside.get((fork, n), 0) for n in range(count) if n != region)

    def inside(self, place: Place) -> int:
        """Return what a region may do."""
        return self._inside.get(place, 0)


def union(sets: Iterable[int]) -> int:
    """Return the bits that are in some set."""
    facts = 0
    for found in sets:
        facts |= found
    return facts


def at_least(sets: Iterable[int], count: int) -> int:
    """Return the bits that are in at least ``count`` of the sets."""
    held = [-1] + [0] * count
    for facts in sets:
        for number in range(count, 0, -1):
            held[number] |= held[number - 1] & facts
    return held[count]
