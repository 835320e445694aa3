"""Random processes of composites in regions of composites, whose time-outs fall on the instants of all else.

Every duration is a whole number of hours, so tokens leave, travel, arrive, join and time out at the same instants. The
regions ``r`` and ``r-`` are in another order than what is nested in them: '-' comes before '/'.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from procflow.definition.resolved import Process
from tests.oracle.small import process_of

Data = dict[str, Any]

_AFTER = ("0 h", "1 h", "2 h", "3 h", "4 h", "5 h", "7 h")
_JOINS = ("all", "any", {"at_least": 2})


@st.composite
def nested(draw: DrawFn) -> Process:
    """Draw a process whose first state is a composite with regions, two or three levels deep."""
    scope = _scope(draw, "", 3, first="composite")
    scope["states"].append({"name": "late", "final": True})
    whole = scope["states"][0]["name"]
    if draw(st.booleans()):
        scope["transitions"].append(_timeout(draw, whole, "late"))
    return process_of(scope)


def _scope(draw: DrawFn, prefix: str, depth: int, *, first: str = "") -> Data:
    """Write one to three states in a row, each a leaf or, above the ground, a composite, and a final one."""
    kinds = [first or draw(_kinds(depth))] + [draw(_kinds(depth)) for _ in range(draw(st.integers(0, 2)))]
    names = [f"{'abc'[k]}{prefix}" for k in range(len(kinds))]
    states = [_state(draw, name, kind, depth) for name, kind in zip(names, kinds, strict=True)]
    ways: list[Data] = []
    for k, name in enumerate(names):
        following = [*names[k + 1 :], f"end{prefix}"]
        ways.append(_way(draw, name, following[0]))
        if draw(st.integers(0, 1)) and (kinds[k] != "leaf" or draw(st.booleans())):
            ways.append(_timeout(draw, name, draw(st.sampled_from(following))))
        if prefix and draw(st.integers(0, 7)) == 7:
            ways.append(_timeout(draw, name, "late"))
    states.append({"name": f"end{prefix}", "final": True})
    return {"initial": names[0], "states": states, "transitions": ways}


def _kinds(depth: int) -> st.SearchStrategy[str]:
    return st.sampled_from(["leaf", "leaf", "composite"] if depth > 0 else ["leaf"])


def _state(draw: DrawFn, name: str, kind: str, depth: int) -> Data:
    if kind == "leaf":
        if draw(st.integers(0, 3)) == 3:
            return {"name": name, "department": "desk", "role": "clerk", "work": f"{draw(st.integers(0, 3))} h"}
        return {"name": name, "delay": f"{draw(st.integers(0, 4))} h"}
    if draw(st.integers(0, 2)) == 2:
        return {"name": name, **_scope(draw, f"{name}x", depth - 1)}
    regions = [{"name": "r" + "-" * k, **_scope(draw, f"{name}{k}", depth - 1)} for k in range(draw(st.integers(2, 3)))]
    return {"name": name, "regions": regions, "join": draw(st.sampled_from(_JOINS))}


def _way(draw: DrawFn, source: str, dest: str) -> Data:
    way: Data = {"trigger": f"go {source}", "source": source, "dest": dest}
    return way | ({"transfer": {"delay": f"{draw(st.integers(1, 3))} h"}} if draw(st.integers(0, 2)) == 2 else {})


def _timeout(draw: DrawFn, source: str, dest: str) -> Data:
    after = draw(st.sampled_from(_AFTER))
    return _way(draw, source, dest) | {"trigger": f"late {source}", "timeout": after}
