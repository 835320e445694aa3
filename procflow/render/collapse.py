"""Large processes: one picture of the departments, and one of each department with what leads into and out of it.

Graphviz needs time that grows faster than the square of a drawing (2,000 states: half a minute), and nobody reads
that. Takes a drawing of everything and makes smaller ones of it; lays nothing out.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from procflow.render.legend import legend, width_entry
from procflow.render.model import Arrow, Diagram, DrawnNode, Frame, Heat, Lane, LegendEntry, Matrix
from procflow.render.names import owner
from procflow.text import Language, Text

MOST_STATES = 500
"""Up to so many states a process is drawn whole."""

_COUNTS = Text(en="transitions from one to the other", zh="两者间的流转条数")
_OPEN = Text(en="departments instead of their steps: the process is too large for one picture",
             zh="流程过大，以部门代替其环节")  # fmt: skip
_OTHERS_LANE = "others"
_OTHERS = Text(en="Other parts", zh="其他部分")
_STUB = Text(en="gray: step of another part", zh="灰色框：其他部分的环节")


@dataclass(frozen=True)
class Part:
    """A part of a large drawing: a lane, or about as many states of one as its others have; ``key`` names its file."""

    key: str
    lane: Lane
    title: str
    nodes: frozenset[str]


def parts(diagram: Diagram, lang: Language, *, most: int = MOST_STATES) -> tuple[Part, ...]:
    """Return the parts of a drawing with lanes, in the order of the lanes; a lane of too many states in several."""
    return tuple(part for lane in diagram.lanes for part in _of_lane(diagram, lane, lang, most))


def _of_lane(diagram: Diagram, lane: Lane, lang: Language, most: int) -> Iterator[Part]:
    inside = [node for node in diagram.nodes if node.lane == lane.key]
    order = {node.key: number for number, node in enumerate(node for node in inside if node.state)}
    pages: list[list[str]] = [[] for _ in range(max(1, math.ceil(len(order) / most)))]
    each = max(1, math.ceil(len(order) / len(pages)))
    for node in inside:  # what belongs to a state stands with it
        pages[order.get(node.key, order.get(owner(node.key), 0)) // each].append(node.key)
    for number, page in enumerate(pages, start=1):
        title = lane.title if len(pages) == 1 else f"{lane.title} {number}/{len(pages)}"
        digest = hashlib.sha256(f"{lane.key} {number}".encode()).hexdigest()[:8]
        yield Part(f"part-{digest}", lane, title, frozenset(page))


def collapsed(diagram: Diagram, found: tuple[Part, ...], lang: Language) -> Diagram:
    """Return a drawing of the parts: how many states each has, and how many transitions lead from one to another."""
    home = {key: part.key for part in found for key in part.nodes}
    keys = {part.key: f"n{number}" for number, part in enumerate(found)}
    levels = {title: f"f{number}" for number, title in enumerate(dict.fromkeys(part.lane.subtitle for part in found))}
    nodes = tuple(_whole(part, diagram, keys[part.key], levels, lang) for part in found)
    ways = Counter((home[arrow.tail], home[arrow.head]) for arrow in diagram.arrows)
    arrows = tuple(_ways(ways, keys, lang))
    frames = tuple(Frame(key, title, "") for title, key in levels.items() if title)
    entries = (LegendEntry("▭", _OPEN.get(lang)), LegendEntry("→", _COUNTS.get(lang)), width_entry(lang))
    return Diagram(diagram.title, (), frames, nodes, arrows, (*entries, *_scale(diagram)))


def _whole(part: Part, diagram: Diagram, key: str, levels: Mapping[str, str], lang: Language) -> DrawnNode:
    inside = [node for node in diagram.nodes if node.key in part.nodes and node.state]
    flags = tuple(sorted({flag for node in inside for flag in node.flags}))
    heats = [node.heat for node in inside if node.heat]
    hottest = max(heats, key=lambda heat: heat.grade, default=None)
    count = f"{len(inside)} 个状态" if lang == "zh" else f"{len(inside)} states"
    most = f"最高：{hottest.text}" if lang == "zh" and hottest else f"most: {hottest.text}" if hottest else ""
    return DrawnNode(
        key=key,
        id=part.key,
        state="",
        shape="party",
        lane="",
        frame=levels[part.lane.subtitle] if part.lane.subtitle else "",
        title=part.title,
        subtitle=count,
        flags=flags,
        heat=Heat(hottest.grade, most) if hottest else None,
        tooltip="\n".join([part.title, count, *(node.title for node in inside[:20])]),
        part=part.key,
    )


def _ways(ways: Counter[tuple[str, str]], keys: Mapping[str, str], lang: Language) -> Iterator[Arrow]:
    between = {pair: count for pair, count in ways.items() if pair[0] != pair[1]}
    most = max(between.values(), default=1)
    for number, ((tail, head), count) in enumerate(between.items()):
        yield Arrow(f"ways-{number}", keys[tail], keys[head], "flow", lines=(str(count),), weight=count / most)


def detail(diagram: Diagram, part: Part, found: tuple[Part, ...], ranks: Mapping[str, int], lang: Language) -> Diagram:
    """Return the drawing of one part; a step of another part that an arrow leads to or from is only named.

    ``ranks`` are those of the whole drawing: what stands above there stands above here.
    """
    home = {key: each for each in found for key in each.nodes}
    inside = {node.key for node in diagram.nodes if owner(node.key) in part.nodes}
    arrows = tuple(arrow for arrow in diagram.arrows if arrow.tail in inside or arrow.head in inside)
    near = {end for arrow in arrows for end in (arrow.tail, arrow.head)} - inside
    nodes = tuple(
        node if node.key in inside else _stub(node, home[owner(node.key)])
        for node in diagram.nodes
        if node.key in inside or node.key in near
    )
    frames = _kept(diagram.frames, {node.frame for node in nodes})
    entries = (*legend(nodes, arrows, lang), LegendEntry("▭", _STUB.get(lang)), *_scale(diagram))
    return Diagram(
        title=f"{diagram.title} · {part.title}",
        lanes=(part.lane, Lane(_OTHERS_LANE, _OTHERS.get(lang))),
        frames=frames,
        nodes=nodes,
        arrows=arrows,
        legend=entries,
        compared=diagram.compared,
        ranks=_dense(ranks, nodes, arrows),
    )


def _dense(ranks: Mapping[str, int], nodes: tuple[DrawnNode, ...], arrows: tuple[Arrow, ...]) -> dict[str, int]:
    """Return the ranks of the steps of a part in their order; a step of another stands above or below one of them.

    Never beside it: Graphviz cannot place the label of an arrow between two nodes of one rank that are not neighbors.
    """
    stubs = {node.key for node in nodes if node.shape == "stub"}
    used = sorted({ranks[node.key] for node in nodes if node.key not in stubs})
    order = {rank: 2 * number + 1 for number, rank in enumerate(used)}
    placed = {node.key: order[ranks[node.key]] for node in nodes if node.key not in stubs}
    for arrow in arrows:
        for end, other, step in ((arrow.tail, arrow.head, -1), (arrow.head, arrow.tail, 1)):
            if end in stubs:
                placed.setdefault(end, placed[other] + step)
    return placed


def _stub(node: DrawnNode, home: Part) -> DrawnNode:
    return DrawnNode(f"{node.key}", f"outside-{node.id}", "", "stub", _OTHERS_LANE, "", node.title, home.title,
                     tooltip=node.tooltip, part=home.key)  # fmt: skip


def _kept(frames: tuple[Frame, ...], used: set[str]) -> tuple[Frame, ...]:
    around = {frame.key: frame.parent for frame in frames}
    for key in list(used):
        while key:
            used.add(key)
            key = around.get(key, "")
    return tuple(frame for frame in frames if frame.key in used)


def _scale(diagram: Diagram) -> tuple[LegendEntry, ...]:
    """Return the scale of the overlay, where there is one: it begins with the only entry before the grades."""
    first = next((n for n, entry in enumerate(diagram.legend) if entry.grade is not None), None)
    return diagram.legend[first - 1 :] if first is not None else ()


def linked(diagram: Diagram | Matrix, addresses: Mapping[str, str]) -> Diagram | Matrix:
    """Return a drawing whose nodes or rows that stand for parts lead to the addresses of these."""
    if isinstance(diagram, Matrix):
        return replace(diagram, links=tuple(addresses.get(name, "#") for name in diagram.ids))
    nodes = tuple(replace(node, link=addresses[node.part]) if node.part else node for node in diagram.nodes)
    return replace(diagram, nodes=nodes)
