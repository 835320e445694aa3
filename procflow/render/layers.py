"""How far down each node stands: longest paths from the start once the returns are left out. Knows no lanes."""

from procflow.render.model import Diagram


def layers(diagram: Diagram) -> dict[str, int]:
    """Return the layer of each node by key, 0 for the start; arrows that lead back to an earlier node count nothing."""
    heads: dict[str, list[str]] = {node.key: [] for node in diagram.nodes}
    for arrow in diagram.arrows:
        if arrow.head not in heads[arrow.tail] and arrow.head != arrow.tail:
            heads[arrow.tail].append(arrow.head)
    order, forward = _forward(heads)
    layer = dict.fromkeys(heads, 0)
    for key in order:
        for head in forward[key]:
            layer[head] = max(layer[head], layer[key] + 1)
    return layer


def _forward(heads: dict[str, list[str]]) -> tuple[list[str], dict[str, list[str]]]:
    """Return the nodes in topological order and the arrows that do not close a cycle, found depth first."""
    done: list[str] = []
    state = dict.fromkeys(heads, "new")
    forward: dict[str, list[str]] = {key: [] for key in heads}
    for root in heads:
        stack = [(root, iter(heads[root]))] if state[root] == "new" else []
        state[root] = "open" if stack else state[root]
        while stack:
            key, rest = stack[-1]
            head = next(rest, None)
            if head is None:
                state[key] = "done"
                done.append(key)
                stack.pop()
                continue
            if state[head] != "open":
                forward[key].append(head)
            if state[head] == "new":
                state[head] = "open"
                stack.append((head, iter(heads[head])))
    return done[::-1], forward
