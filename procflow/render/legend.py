"""The legend of a drawing: only what occurs in it. Draws nothing itself."""

from collections.abc import Iterator

from procflow.render.model import Arrow, ArrowKind, DrawnNode, LegendEntry, Shape
from procflow.text import Language, Text

_MARKS = {
    "⏲": Text(en="sittings: cases wait for the next one", zh="批次：等待下一次集中办理"),
    "⏳": Text(en="time limit of the step", zh="环节时限"),
    "⏸": Text(en="the statutory clock stands still", zh="停表（不计入法定时限）"),
    "🚶": Text(en="visits of the applicant", zh="申请人跑动"),
    "⚖": Text(en="legal basis or order that law demands", zh="法律依据或法定先后"),
    "🖥": Text(en="IT system", zh="办理系统"),
    "⧉": Text(en="calls another process", zh="调用其他流程"),
}
_SHAPES: dict[Shape, tuple[str, Text]] = {
    "applicant": ("▢", Text(en="rounded: step of the applicant", zh="圆角框：申请人环节")),
    "decision": ("◇", Text(en="cut corners: decision or meeting", zh="切角框：审批、决定、会审")),
    "document": ("🗎", Text(en="folded corner: document issued", zh="折角框：出具文书、送达")),
    "wait": ("┄", Text(en="dashed box: elapsed time, nobody works", zh="虚线框：只计历时、无人办理")),
    "bar": ("▬", Text(en="bars: begin and end of a composite step", zh="横杠：组合环节的开始与汇合")),
}
_ARROWS: dict[ArrowKind, tuple[str, Text]] = {
    "handoff": ("❶→", Text(en="numbered: handoff between departments", zh="带编号粗线：跨部门移交")),
    "applicant": ("⇢", Text(en="dashed: to or from the applicant", zh="虚线：与申请人往来")),
    "timeout": ("⏰", Text(en="dotted: taken when time runs out", zh="点线：到期自动流转")),
    "leave": ("✕", Text(en="leaves the parallel part early", zh="提前退出并联")),
}
_FLAG = Text(en="number of the finding in the list", zh="问题清单中的编号")
_HEAT = Text(en="the darker and the thicker, the longer cases wait", zh="颜色越深、边框越粗，平均等待越长")


def legend(nodes: tuple[DrawnNode, ...], arrows: tuple[Arrow, ...], lang: Language) -> tuple[LegendEntry, ...]:
    """Return the legend's entries for what these nodes and arrows show."""
    return tuple(_entries(nodes, arrows, lang))


def _entries(nodes: tuple[DrawnNode, ...], arrows: tuple[Arrow, ...], lang: Language) -> Iterator[LegendEntry]:
    shapes = {node.shape for node in nodes}
    yield from (LegendEntry(s, text.get(lang)) for shape, (s, text) in _SHAPES.items() if shape in shapes)
    kinds = {arrow.kind for arrow in arrows} | ({"handoff"} if any(arrow.number for arrow in arrows) else set())
    yield from (LegendEntry(s, text.get(lang)) for kind, (s, text) in _ARROWS.items() if kind in kinds)
    symbols = {mark.symbol for node in nodes for mark in node.marks}
    yield from (LegendEntry(symbol, text.get(lang)) for symbol, text in _MARKS.items() if symbol in symbols)
    if any(node.flags for node in nodes) or any(arrow.flags for arrow in arrows):
        yield LegendEntry("⚑1", _FLAG.get(lang))
    if any(node.heat for node in nodes):
        yield LegendEntry("▇", _HEAT.get(lang))
