"""The legend of a drawing: only what occurs in it. Draws nothing itself."""

from collections.abc import Iterator

from procflow.render.model import Arrow, ArrowKind, Change, DrawnNode, LegendEntry, Shape
from procflow.text import Language, Text

_MARKS = {
    "▦": Text(en="sittings: cases wait for the next one", zh="批次：等待下一次集中办理"),
    "◷": Text(en="time limit of the step", zh="环节时限"),
    "❚❚": Text(en="the statutory clock stands still", zh="停表（不计入法定时限）"),
    "♟": Text(en="visits of the applicant", zh="申请人跑动"),
    "⚖": Text(en="legal basis or order that law demands", zh="法律依据或法定先后"),
    "⌨": Text(en="IT system", zh="办理系统"),
    "▣": Text(en="calls another process", zh="调用其他流程"),
}
_SHAPES: dict[Shape, tuple[str, Text]] = {
    "applicant": ("▢", Text(en="rounded: step of the applicant", zh="圆角框：申请人环节")),
    "decision": ("◇", Text(en="cut corners: decision or meeting", zh="切角框：审批、决定、会审")),
    "document": ("◹", Text(en="folded corner: document issued", zh="折角框：出具文书、送达")),
    "wait": ("┄", Text(en="dashed box: elapsed time, nobody works", zh="虚线框：只计历时、无人办理")),
    "bar": ("▬", Text(en="bars: begin and end of a composite step", zh="横杠：组合环节的开始与汇合")),
    "final": ("◉", Text(en="final state: the case ends", zh="终止状态：办件结束")),
    "region_end": ("◉", Text(en="end of a region", zh="分支结束")),
    "sync": ("▬", Text(en="fork and join of parallel regions", zh="并联分支的分叉与汇合")),
    "entry": ("○", Text(en="entry point of a composite state", zh="组合状态入口")),
    "exit": ("⊗", Text(en="exit point of a composite state", zh="组合状态出口")),
    "terminator": ("◖◗", Text(en="terminator: start or end", zh="端点符：开始或结束")),
    "process": ("▭", Text(en="process, in an IT system", zh="处理：在系统中办理或自动进行")),
    "manual": ("▽", Text(en="manual operation: staff outside of any system", zh="人工操作：工作人员在系统外办理")),
    "data": ("▱", Text(en="data: the applicant hands in", zh="数据：申请人提交、补充")),
    "paper": ("◹", Text(en="document issued or served", zh="文件：出具文书、送达")),
    "predefined": ("◫", Text(en="predefined process, described elsewhere", zh="既定处理：另有定义的流程")),
    "branch": ("◇", Text(en="decision: which way the case goes on", zh="判断：决定去向")),
    "parallel": ("═", Text(en="parallel mode: begin and end", zh="并行方式：开始与汇合")),
    "connector": ("○", Text(en="connector: way into or out of a part", zh="连接符：进入或离开一段")),
}
_ARROWS: dict[ArrowKind, tuple[str, Text]] = {
    "handoff": ("❶→", Text(en="numbered: handoff between departments", zh="带编号粗线：跨部门移交")),
    "applicant": ("⇢", Text(en="dashed: to or from the applicant", zh="虚线：与申请人往来")),
    "timeout": ("◔", Text(en="dotted: taken when time runs out", zh="点线：到期自动流转")),
    "leave": ("✕", Text(en="leaves the parallel part early", zh="提前退出并联")),
}
_FLAG = Text(en="number of the finding in the list", zh="问题清单中的编号")
_WIDTH = Text(en="the wider, the more", zh="线越粗，数量越多")
_SYSTEM = Text(en="from one IT system to another", zh="跨系统流转")
_CHANGES: dict[Change, tuple[str, Text]] = {
    "added": ("＋", Text(en="added: thick green border, double line", zh="新增：绿色粗框、双线")),
    "removed": ("－", Text(en="removed: gray, dashed, struck out", zh="取消：灰色虚线、删除线")),
    "moved": ("⇄", Text(en="moved: another department or part, or led elsewhere", zh="移动：改换部门、组合或去向")),
    "changed": ("△", Text(en="changed in what it names", zh="调整：所列内容有变")),
}  # fmt: skip


def legend(nodes: tuple[DrawnNode, ...], arrows: tuple[Arrow, ...], lang: Language) -> tuple[LegendEntry, ...]:
    """Return the legend's entries for what these nodes and arrows show."""
    return (*_entries(nodes, arrows, lang), *_marked(nodes, arrows, lang), *_compared(nodes, arrows, lang))


def width_entry(lang: Language) -> LegendEntry:
    """Return the entry that says what the width of a map's arrows means."""
    return LegendEntry("━", _WIDTH.get(lang))


def _entries(nodes: tuple[DrawnNode, ...], arrows: tuple[Arrow, ...], lang: Language) -> Iterator[LegendEntry]:
    shapes = {node.shape for node in nodes}
    yield from (LegendEntry(s, text.get(lang)) for shape, (s, text) in _SHAPES.items() if shape in shapes)
    kinds = {arrow.kind for arrow in arrows} | ({"handoff"} if any(arrow.number for arrow in arrows) else set())
    yield from (LegendEntry(s, text.get(lang)) for kind, (s, text) in _ARROWS.items() if kind in kinds)


def _marked(nodes: tuple[DrawnNode, ...], arrows: tuple[Arrow, ...], lang: Language) -> Iterator[LegendEntry]:
    symbols = {mark.symbol for node in nodes for mark in node.marks}
    yield from (LegendEntry(symbol, text.get(lang)) for symbol, text in _MARKS.items() if symbol in symbols)
    if any(line.startswith("⇥") for arrow in arrows for line in arrow.lines):
        yield LegendEntry("⇥", _SYSTEM.get(lang))
    if any(node.flags for node in nodes) or any(arrow.flags for arrow in arrows):
        yield LegendEntry("⚑1", _FLAG.get(lang))


def _compared(nodes: tuple[DrawnNode, ...], arrows: tuple[Arrow, ...], lang: Language) -> Iterator[LegendEntry]:
    changes = {node.change for node in nodes} | {arrow.change for arrow in arrows}
    for change, (symbol, text) in _CHANGES.items():
        if change in changes:
            yield LegendEntry(symbol, text.get(lang), change=change)
