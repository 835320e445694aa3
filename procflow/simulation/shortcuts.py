"""What the kernel can tell at once of most states and ways out: a visit need not ask one question after another.

Derived from the rows of a model when all else in them is there. Adds nothing that they do not say.
"""

from procflow.kernel import layout as at
from procflow.simulation.tables import Row, Tables


def add_shortcuts(tables: Tables, number: int) -> None:
    """Add to the row of a node, and to those of its ways out, what they say together."""
    node = tables.nodes[number]
    first, exits = node[at.N_EDGE], node[at.N_EDGES]
    sole = exits == 1 and tables.edges[first][at.E_KIND] == at.BARE and at.N_CALL not in node
    kinds = {tables.edges[k][at.E_KIND] for k in range(first, first + exits)}
    node |= {
        at.N_SPECIAL: int(_is_special(node)),
        at.N_SOLE: first if sole else at.NONE,
        at.N_CHANCES: int(kinds == {at.CHANCE} and at.N_CALL not in node),
    }
    for edge in tables.edges[first : first + exits + node[at.N_TIMERS]]:
        edge[at.E_SPECIAL] = int(at.N_MARKS in node or _is_special_way(edge))


def _is_special(node: Row) -> bool:
    """Whether an entry asks for more than to be ready."""
    asks = at.N_MARKS in node or node[at.N_TIMERS] > 0 or at.N_CALL in node
    return asks or node[at.N_KIND] == at.COMPOSITE or node.get(at.N_BATCH, at.NONE) != at.NONE


def _is_special_way(edge: Row) -> bool:
    """Whether taking a way out asks for more than to arrive at once where it leads."""
    asks = any(column in edge for column in (at.E_MARKS, at.E_TRANSFER, at.E_CADENCE))
    return asks or edge[at.E_SETS] > 0 or edge[at.E_LEAVES] != at.NONE


def segments_of(tables: Tables) -> int:
    """Return which segments of time the visits of a model can have, a bit each; all else is 0 in every row."""
    kinds = {node[at.N_KIND] for node in tables.nodes}
    has = {
        at.CONTENTION: True,
        at.WORKED: True,
        at.OFF_DUTY: len(tables.calendars) > 1,
        at.PAUSED: len(tables.calendars) > 1,
        at.BATCH: bool(tables.batches),
        at.BATCH_FULL: bool(tables.batches),
        at.DELAYED_FOR: any(node.get(at.N_DELAYS, 0) > 0 for node in tables.nodes),
        at.CALLED: bool(tables.calls),
        at.TRANSFERRED: any(at.E_TRANSFER in edge or at.E_CADENCE in edge for edge in tables.edges),
        at.SYNCHRONIZED: at.COMPOSITE in kinds,
    }
    return sum(1 << segment for segment, found in has.items() if found)
