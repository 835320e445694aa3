"""From a state graph to a drawing as data. A composite becomes two bars with its content framed between them.

A composite may cross lanes, so it is no box of its own: a bar opens it, a bar closes it, and what is between them
belongs to a frame. Without lanes a frame is drawn around its nodes, with lanes its name is written in each of them.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from procflow.definition.citations import cited
from procflow.definition.glossary import said
from procflow.definition.resolved import Process
from procflow.machine.graph import Edge, StateGraph
from procflow.render import facts, shapes
from procflow.render.lanes import APPLICANT, is_department, lanes, placement
from procflow.render.legend import legend
from procflow.render.model import Arrow, ArrowKind, Diagram, DrawnNode, FlowView, Frame
from procflow.render.names import owner, state_id
from procflow.render.overlay import Overlay
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.finding import Finding

VARIANTS = {"as_is": Text(en="as is", zh="现状"), "to_be": Text(en="to be", zh="再造后")}
"""What people call the usual variants; others go by their own names."""
_START = Text(en="Start", zh="开始")
_END = Text(en="End", zh="结束")
_OUTCOME = Text(en="outcome?", zh="结果？")
_WHOLE = -1
"""The place of a frame around a whole composite, where a region's frame has the region's number."""

_JOINS = {
    "all": Text(en="all regions done", zh="全部完成后汇合"),
    "any": Text(en="first region done", zh="任一完成即汇合"),
}


def titled(process: Process, lang: Language) -> str:
    """Return the title of a process with its variant, as people call the two usual ones."""
    variant = VARIANTS[process.variant].get(lang) if process.variant in VARIANTS else process.variant
    return f"{process.label(lang)} · {variant}"


def diagram(
    graph: StateGraph,
    *,
    lang: Language,
    view: FlowView,
    findings: "Iterable[Finding] | None" = None,
    overlay: Overlay | None = None,
    links: Mapping[str, str] | None = None,
) -> Diagram:
    """Return the drawing of a state graph as data; ``links`` gives states (by name) an address."""
    builder = _Builder(graph, lang, view, facts.flags(graph, findings), overlay)
    built = builder.diagram()
    if overlay is not None:
        built = replace(built, legend=(*built.legend, *overlay.legend(lang)))
    if links:
        built = replace(built, nodes=tuple(replace(n, link=links.get(n.state, "")) for n in built.nodes))
    return built


def in_lanes(graph: StateGraph, drawn: Diagram, lang: Language) -> Diagram:
    """Return a drawing with the lanes that its nodes would stand in; what is drawn without lanes can be parted so."""
    placed = placement(graph)
    first = placed[graph.initial]  # for what belongs to no state that is still there
    homes = {node.key: placed.get(node.state, first) for node in drawn.nodes if node.state}
    nodes = tuple(replace(node, lane=homes.get(owner(node.key), first)) for node in drawn.nodes)
    return replace(drawn, lanes=lanes(graph, placed, lang), nodes=nodes)


class _Builder:
    def __init__(
        self, graph: StateGraph, lang: Language, view: FlowView, flags: facts.Flags, overlay: Overlay | None
    ) -> None:
        self.graph, self.lang, self.view, self.flags, self.overlay = graph, lang, view, flags, overlay
        self.placed = placement(graph)
        self.keys = {name: f"n{index}" for index, name in enumerate(graph.nodes, start=1)}
        self.frames: dict[tuple[str, int], Frame] = {}
        self.branching = frozenset(name for name in graph.nodes if view == "flowchart" and _branches(graph, name))

    def diagram(self) -> Diagram:
        nodes = tuple(self._nodes())
        arrows = self._numbered(list(self._arrows()))
        shown = lanes(self.graph, self.placed, self.lang) if self.view == "swimlane" else ()
        title = titled(self.graph.process, self.lang)
        entries = legend(nodes, arrows, self.lang)
        return Diagram(title, shown, tuple(self.frames.values()), nodes, arrows, entries)

    def _nodes(self) -> Iterator[DrawnNode]:
        initial, start = self.graph.initial, _START.get(self.lang)
        yield DrawnNode("n0", "start", "", shapes.STARTS[self.view], self._lane(initial), "", start)
        for name in self.graph.nodes:
            if name in self.graph.regions:
                yield from self._bars(name)
            else:
                yield self._leaf(name)
            if name in self.branching:
                key, title = f"{self.keys[name]}d", _OUTCOME.get(self.lang)
                yield DrawnNode(key, f"{state_id(name)}-branch", "", "branch", "", self._frame(name), title)

    def _leaf(self, name: str) -> DrawnNode:
        node = self.graph.nodes[name]
        title = node.label(self.lang)
        if node.state.final and not node.parent:
            outcome = said(node.state.outcome or "", self.lang)
            shown = "" if outcome.lower() in title.lower() else outcome
            subtitle = f"{_END.get(self.lang)} · {shown}" if shown else _END.get(self.lang)
        else:
            subtitle = facts.subtitle(self.graph, name, self.lang)
        return DrawnNode(
            key=self.keys[name],
            id=state_id(name),
            state=name,
            shape=shapes.shape(self.graph, name, self.placed[name], self.view),
            lane=self._lane(name),
            frame=self._frame(name),
            title=title,
            subtitle=subtitle,
            marks=facts.marks(self.graph, name, self.lang),
            flags=self.flags.states.get(name, ()),
            heat=self.overlay.heat(name, self.lang) if self.overlay else None,
            tooltip=facts.tooltip(self.graph, name, self.lang),
        )

    def _bars(self, name: str) -> Iterator[DrawnNode]:
        node, regions = self.graph.nodes[name], self.graph.regions[name]
        lane, frame = self._lane(name), self._frame(name)
        parallel = len(regions) > 1
        shown = node.label(self.lang)
        if parallel:
            shown = f"并联：{shown}" if self.lang == "zh" else f"in parallel: {shown}"
        if self.view == "machine":
            frame = self._make_frame(name)
        opening, shut = shapes.bars(self.view, parallel=parallel)
        tooltip, flags = facts.tooltip(self.graph, name, self.lang), self.flags.states.get(name, ())
        marks = facts.marks(self.graph, name, self.lang)
        key, anchor = self.keys[name], state_id(name)
        yield DrawnNode(key, anchor, name, opening, lane, frame, shown, "", marks, flags, None, tooltip)
        closing = self._join(name) if parallel else node.label(self.lang) + ("：结束" if self.lang == "zh" else ": end")
        yield DrawnNode(f"{key}j", f"{anchor}-join", "", shut, lane, frame, closing, tooltip=tooltip)

    def _join(self, name: str) -> str:
        join = self.graph.nodes[name].state.join
        if isinstance(join, str):
            return _JOINS[join].get(self.lang)
        return f"{join.at_least}个完成后汇合" if self.lang == "zh" else f"{join.at_least} regions done"

    def _lane(self, name: str) -> str:
        return self.placed[name] if self.view == "swimlane" else ""

    def _frame(self, name: str) -> str:
        """Return the key of the frame around a node, and make it and those around it where they are missing."""
        node = self.graph.nodes[name]
        return self._make_frame(node.parent, node.region) if node.parent else ""

    def _make_frame(self, composite: str, region: int = _WHOLE) -> str:
        """Return the key of a frame: of a region, or (``_WHOLE``) of a whole composite."""
        outer = self.graph.nodes[composite]
        if not outer.state.regions and self.view == "machine":
            region = _WHOLE
        place = (composite, region)
        if place not in self.frames:
            parent, title = self._frame(composite), outer.label(self.lang)
            if region != _WHOLE and outer.state.regions:
                inner = outer.state.regions[region].label(self.lang)
                title = inner if self.view == "machine" else f"{title} · {inner}"
            if region != _WHOLE and self.view == "machine":
                parent = self._make_frame(composite)
            part = outer.state.regions[region].name if region != _WHOLE and outer.state.regions else ""
            self.frames[place] = Frame(f"f{len(self.frames)}", title, parent, region != _WHOLE, composite, part)
        return self.frames[place].key

    def _arrows(self) -> Iterator[Arrow]:
        yield Arrow("arrow-start", "n0", self.keys[self.graph.initial], "start")
        for name in self.graph.nodes:
            if name in self.branching:
                yield Arrow(f"branch-{state_id(name)}", self._exit(name), f"{self.keys[name]}d", "flow")
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
        lines = facts.arrow_lines(self.graph, edge, self.lang, uml=self.view == "machine")
        basis = edge.transition.basis
        ends = " → ".join(self.graph.nodes[name].label(self.lang) for name in (edge.source, edge.dest))
        law = [f"⚖ {cited(basis, self.lang)}"] if basis else []
        tooltip = "\n".join([f"{ends} [{edge.trigger}]", *lines, *law])
        from_branch = edge.source in self.branching and _is_choice(edge)
        return Arrow(
            id=f"arrow-{edge.index}",
            tail=f"{self.keys[edge.source]}d" if from_branch else self._exit(edge.source),
            head=self.keys[edge.dest],
            kind=self._kind(edge),
            transition=edge.index,
            lines=lines,
            number=int(self._crosses(edge.source, edge.dest)),
            flags=self.flags.edges.get(edge.index, ()),
            tooltip=tooltip,
            heat=self.overlay.heat(edge.index, self.lang) if self.overlay else None,
        )

    def _kind(self, edge: Edge) -> ArrowKind:
        if edge.transition.timeout:
            return "timeout"
        if edge.leaves:
            return "leave"
        if self.view != "swimlane":
            return "flow"
        if self._crosses(edge.source, edge.dest):
            return "handoff"
        return "applicant" if APPLICANT in (self.placed[edge.source], self.placed[edge.dest]) else "flow"

    def _exit(self, name: str) -> str:
        return f"{self.keys[name]}j" if name in self.graph.regions else self.keys[name]

    def _crosses(self, source: str, dest: str) -> bool:
        """Whether a case goes from one department to another; a final state receives nothing. Seen in lanes only."""
        one, other = self.placed[source], self.placed[dest]
        final = self.graph.nodes[dest].state.final
        return self.view == "swimlane" and one != other and is_department(one) and is_department(other) and not final

    def _numbered(self, arrows: list[Arrow]) -> tuple[Arrow, ...]:
        """Number the handoffs in the order in which a case first meets them."""
        rank = _ranks(arrows)
        order = sorted((a for a in arrows if a.number), key=lambda a: rank.get(a.tail, len(rank)))
        numbers = {arrow.id: number for number, arrow in enumerate(order, start=1)}
        return tuple(replace(arrow, number=numbers.get(arrow.id, 0)) if arrow.number else arrow for arrow in arrows)


def _is_choice(edge: Edge) -> bool:
    """Whether a transition is one of those among which the outcome of a step chooses."""
    return edge.transition.timeout is None


def _branches(graph: StateGraph, name: str) -> bool:
    return sum(map(_is_choice, graph.out(name))) > 1


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
