"""From a state graph to a drawing as data. A composite becomes two bars with its content framed between them.

A composite may cross lanes, so it is no box of its own: a bar opens it, a bar closes it, and what is between them
belongs to a frame. Without lanes a frame is drawn around its nodes, with lanes its name is written in each of them.
"""

import hashlib
import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from procflow.machine.graph import Edge, StateGraph
from procflow.render import facts
from procflow.render.lanes import APPLICANT, is_department, lanes, placement
from procflow.render.legend import legend
from procflow.render.model import Arrow, ArrowKind, Diagram, DrawnNode, Frame, Heat, Shape
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.finding import Finding
    from procflow.simulation.run import Run

View = Literal["swimlane", "machine"]

_DECISIONS = frozenset({"approval", "decision", "meeting"})
_DOCUMENTS = frozenset({"notice", "certificate", "delivery", "archive"})
VARIANTS = {"as_is": Text(en="as is", zh="现状"), "to_be": Text(en="to be", zh="再造后")}
"""What people call the usual variants; others go by their own names."""
_START = Text(en="Start", zh="开始")
_END = Text(en="End", zh="结束")
_JOINS = {
    "all": Text(en="all regions done", zh="全部完成后汇合"),
    "any": Text(en="first region done", zh="任一完成即汇合"),
}


def state_id(name: str) -> str:
    """Return the id of a state in SVG and HTML: ASCII, the same in every drawing, whatever the script of its name.

    >>> state_id("application"), state_id("受理")
    ('state-application-1fe28920', 'state-6a47ff0f')
    """
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-")
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"state-{slug}-{digest}" if slug else f"state-{digest}"


def diagram(
    graph: StateGraph,
    *,
    lang: Language,
    view: View,
    findings: "Iterable[Finding] | None" = None,
    run: "Run | None" = None,
) -> Diagram:
    """Return the drawing of a state graph as data."""
    return _Builder(graph, lang, view, facts.flags(graph, findings), facts.waiting(graph, run, lang)).diagram()


class _Builder:
    def __init__(
        self, graph: StateGraph, lang: Language, view: View, flags: facts.Flags, heat: dict[str, Heat]
    ) -> None:
        self.graph, self.lang, self.view, self.flags, self.heat = graph, lang, view, flags, heat
        self.placed = placement(graph)
        self.keys = {name: f"n{index}" for index, name in enumerate(graph.nodes, start=1)}
        self.frames: dict[tuple[str, int], Frame] = {}

    def diagram(self) -> Diagram:
        nodes = tuple(self._nodes())
        arrows = self._numbered(list(self._arrows()))
        shown = lanes(self.graph, self.placed, self.lang) if self.view == "swimlane" else ()
        process = self.graph.process
        variant = VARIANTS[process.variant].get(self.lang) if process.variant in VARIANTS else process.variant
        title = f"{process.label(self.lang)} · {variant}"
        entries = legend(nodes, arrows, self.lang)
        return Diagram(title, shown, tuple(self.frames.values()), nodes, arrows, entries)

    def _nodes(self) -> Iterator[DrawnNode]:
        initial = self.graph.initial
        yield DrawnNode("n0", "start", "", "start", self._lane(initial), "", _START.get(self.lang))
        for name in self.graph.nodes:
            if name in self.graph.regions:
                yield from self._bars(name)
            else:
                yield self._leaf(name)

    def _leaf(self, name: str) -> DrawnNode:
        node = self.graph.nodes[name]
        title = node.label(self.lang)
        if node.state.final and not node.parent:
            outcome = node.state.outcome
            shown = "" if outcome is None or outcome == title else outcome
            title, subtitle = title, f"{_END.get(self.lang)} · {shown}" if shown else _END.get(self.lang)
        else:
            subtitle = facts.subtitle(self.graph, name, self.lang)
        return DrawnNode(
            key=self.keys[name],
            id=state_id(name),
            state=name,
            shape=self._shape(name),
            lane=self._lane(name),
            frame=self._frame(name),
            title=title,
            subtitle=subtitle,
            marks=facts.marks(self.graph, name, self.lang),
            flags=self.flags.states.get(name, ()),
            heat=self.heat.get(name),
            tooltip=facts.tooltip(self.graph, name, self.lang),
        )

    def _bars(self, name: str) -> Iterator[DrawnNode]:
        node, regions = self.graph.nodes[name], self.graph.regions[name]
        lane, frame = self._lane(name), self._frame(name)
        parallel = len(regions) > 1
        shown = node.label(self.lang)
        if parallel:
            shown = f"并联：{shown}" if self.lang == "zh" else f"in parallel: {shown}"
        tooltip, flags = facts.tooltip(self.graph, name, self.lang), self.flags.states.get(name, ())
        marks = facts.marks(self.graph, name, self.lang)
        key, anchor = self.keys[name], state_id(name)
        yield DrawnNode(key, anchor, name, "bar", lane, frame, shown, "", marks, flags, None, tooltip)
        closing = self._join(name) if parallel else node.label(self.lang) + ("：结束" if self.lang == "zh" else ": end")
        yield DrawnNode(f"{key}j", f"{anchor}-join", "", "bar", lane, frame, closing, tooltip=tooltip)

    def _join(self, name: str) -> str:
        join = self.graph.nodes[name].state.join
        if isinstance(join, str):
            return _JOINS[join].get(self.lang)
        return f"{join.at_least}个完成后汇合" if self.lang == "zh" else f"{join.at_least} regions done"

    def _shape(self, name: str) -> Shape:
        state, lane = self.graph.nodes[name].state, self.placed[name]
        if state.final:
            return "region_end" if self.graph.nodes[name].parent else "end"
        if state.who == "nobody" and state.delay is not None:
            return "wait"
        if lane == APPLICANT:
            return "applicant"
        if state.kind in _DECISIONS:
            return "decision"
        return "document" if state.kind in _DOCUMENTS else "step"

    def _lane(self, name: str) -> str:
        return self.placed[name] if self.view == "swimlane" else ""

    def _frame(self, name: str) -> str:
        """Return the key of the frame around a node, and make it and those around it where they are missing."""
        node = self.graph.nodes[name]
        if not node.parent:
            return ""
        return self._make_frame(node.parent, node.region)

    def _make_frame(self, composite: str, region: int) -> str:
        place = (composite, region)
        if place not in self.frames:
            outer = self.graph.nodes[composite]
            parent = self._make_frame(outer.parent, outer.region) if outer.parent else ""
            title = outer.label(self.lang)
            if outer.state.regions:
                title += f" · {outer.state.regions[region].label(self.lang)}"
            self.frames[place] = Frame(f"f{len(self.frames)}", title, parent)
        return self.frames[place].key

    def _arrows(self) -> Iterator[Arrow]:
        yield Arrow("arrow-start", "n0", self.keys[self.graph.initial], "start")
        for edge in self.graph.edges:
            yield self._transition(edge)
        for name, regions in self.graph.regions.items():
            key, anchor = self.keys[name], state_id(name)
            for region in regions:
                number = int(self._crosses(name, region.initial))
                inner = f"{anchor}-{state_id(region.initial)}"
                yield Arrow(f"fork-{inner}", key, self.keys[region.initial], "fork", number=number)
                for ended in (n for n in region.nodes if self.graph.nodes[n].state.final):
                    number = int(self._crosses(ended, name))
                    yield Arrow(f"join-{state_id(ended)}", self._exit(ended), f"{key}j", "fork", number=number)

    def _transition(self, edge: Edge) -> Arrow:
        lines = facts.arrow_lines(self.graph, edge, self.lang)
        basis = edge.transition.basis
        tooltip = "\n".join([edge.name, *lines, *([f"⚖ {basis}"] if basis else [])])
        return Arrow(
            id=f"arrow-{edge.index}",
            tail=self._exit(edge.source),
            head=self.keys[edge.dest],
            kind=self._kind(edge),
            transition=edge.index,
            lines=lines,
            number=int(self._crosses(edge.source, edge.dest)),
            flags=self.flags.edges.get(edge.index, ()),
            tooltip=tooltip,
        )

    def _kind(self, edge: Edge) -> ArrowKind:
        if edge.transition.timeout:
            return "timeout"
        if edge.leaves:
            return "leave"
        if self._crosses(edge.source, edge.dest):
            return "handoff"
        return "applicant" if APPLICANT in (self.placed[edge.source], self.placed[edge.dest]) else "flow"

    def _exit(self, name: str) -> str:
        return f"{self.keys[name]}j" if name in self.graph.regions else self.keys[name]

    def _crosses(self, source: str, dest: str) -> bool:
        """Whether a case goes from one department to another; a final state receives nothing."""
        one, other = self.placed[source], self.placed[dest]
        final = self.graph.nodes[dest].state.final
        return one != other and is_department(one) and is_department(other) and not final

    def _numbered(self, arrows: list[Arrow]) -> tuple[Arrow, ...]:
        """Number the handoffs in the order in which a case first meets them."""
        rank = _ranks(arrows)
        order = sorted((a for a in arrows if a.number), key=lambda a: rank.get(a.tail, len(rank)))
        numbers = {arrow.id: number for number, arrow in enumerate(order, start=1)}
        return tuple(
            Arrow(**{**vars(arrow), "number": numbers.get(arrow.id, 0)}) if arrow.number else arrow for arrow in arrows
        )


def _ranks(arrows: Iterable[Arrow]) -> dict[str, int]:
    """Return the order in which nodes are first met from the start, breadth first."""
    heads: dict[str, list[str]] = {}
    for arrow in arrows:
        heads.setdefault(arrow.tail, []).append(arrow.head)
    rank, queue = {"n0": 0}, deque(["n0"])
    while queue:
        for head in heads.get(queue.popleft(), ()):
            if head not in rank:
                rank[head] = len(rank)
                queue.append(head)
    return rank
