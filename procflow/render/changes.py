"""Before and after in one picture: the later process with what was removed put back, everything else marked.

Added, removed, moved and changed parts differ by sign, words, border and line, not by color alone. What was found and
measured before stands where it is now.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from procflow.machine.diff import Diff, StateChange, TransitionChange
from procflow.render.build import titled
from procflow.render.lanes import lanes
from procflow.render.legend import legend
from procflow.render.model import Arrow, Diagram, DrawnNode, Frame
from procflow.render.names import owner
from procflow.text import Language, Text

_FIELDS = {
    "department": Text(en="department", zh="部门"),
    "role": Text(en="role", zh="岗位"),
    "actor": Text(en="who acts", zh="办理主体"),
    "kind": Text(en="kind of step", zh="环节类型"),
    "work": Text(en="work time", zh="办理用时"),
    "delay": Text(en="elapsed time", zh="历时"),
    "calendar": Text(en="calendar", zh="日历"),
    "staff": Text(en="people needed", zh="所需人数"),
    "overtime": Text(en="overtime", zh="加班"),
    "priority": Text(en="priority", zh="优先级"),
    "batch": Text(en="sittings", zh="批次"),
    "limit": Text(en="time limit", zh="时限"),
    "asks": Text(en="what is asked for", zh="申请材料与填报"),
    "enters": Text(en="what is keyed", zh="录入"),
    "reads": Text(en="what is read", zh="调阅"),
    "writes": Text(en="what is written", zh="产出信息"),
    "issues": Text(en="documents issued", zh="出具文书"),
    "archives": Text(en="archiving", zh="归档"),
    "confirms": Text(en="confirmation", zh="确认"),
    "checks": Text(en="checks", zh="核验"),
    "visits": Text(en="visits", zh="跑动"),
    "visits_basis": Text(en="basis of the visits", zh="跑动依据"),
    "channel": Text(en="channel", zh="办理渠道"),
    "system": Text(en="IT system", zh="办理系统"),
    "basis": Text(en="legal basis", zh="法律依据"),
    "milestone": Text(en="milestone", zh="里程碑"),
    "discretion": Text(en="discretion", zh="裁量"),
    "data": Text(en="completeness of the data", zh="数据完整性"),
    "final": Text(en="whether it is final", zh="是否终止"),
    "outcome": Text(en="outcome", zh="结果"),
    "join": Text(en="join", zh="汇合条件"),
    "call": Text(en="called process", zh="调用流程"),
    "trigger": Text(en="trigger", zh="触发"),
    "when": Text(en="condition", zh="条件"),
    "probability": Text(en="probability", zh="比例"),
    "timeout": Text(en="timer", zh="到期流转"),
    "transfer": Text(en="way of travel", zh="移送方式"),
    "rejects": Text(en="what is rejected", zh="退回内容"),
    "set": Text(en="what it sets", zh="赋值"),
}
_MOST_FIELDS = 4


def merged(change: Diff, before: Diagram, after: Diagram, lang: Language) -> Diagram:
    """Return the drawings of both processes of a diff as one."""
    return _Merger(change, before, after, lang).diagram()


class _Merger:
    def __init__(self, change: Diff, before: Diagram, after: Diagram, lang: Language) -> None:
        self.change, self.before, self.after, self.lang = change, before, after, lang
        self.keys = dict(_keys(change, before, after))
        self.frames = dict(self._frames())
        self.old = {self.keys[node.key]: node for node in before.nodes}

    def diagram(self) -> Diagram:
        nodes = (*self._later_nodes(), *self._removed_nodes())
        arrows = (*self._later_arrows(), *self._removed_arrows())
        shown = {node.lane: node.lane for node in nodes}
        places = lanes(self.change.after, shown, self.lang) if self.after.lanes else ()
        frames = (*self.after.frames, *self._removed_frames(nodes))
        return Diagram(self._title(), places, frames, nodes, arrows, legend(nodes, arrows, self.lang), compared=True)

    def _title(self) -> str:
        first, then = self.change.before.process, self.change.after.process
        shown = titled(then, self.lang)
        if first.label(self.lang) == then.label(self.lang):
            shown = shown.removeprefix(f"{then.label(self.lang)} · ")
        return f"{titled(first, self.lang)} → {shown}"

    def _later_nodes(self) -> Iterator[DrawnNode]:
        changes = {state.after: state for state in self.change.states if state.after is not None}
        owners = {owner(node.key): node.state for node in self.after.nodes if node.state}
        for node in self.after.nodes:
            state = changes.get(node.state or owners.get(owner(node.key), ""))
            old = self.old.get(node.key)
            kept = replace(node, flags=old.flags if old else (), heat=old.heat if old else None)
            if state is None or state.kind == "same":
                yield kept
            elif node.state or state.kind == "added":
                yield replace(kept, change=state.kind, note=self._state_note(state, node))
            else:
                yield kept

    def _removed_nodes(self) -> Iterator[DrawnNode]:
        known = {node.key for node in self.after.nodes}
        for node in self.before.nodes:
            key = self.keys[node.key]
            if key not in known:
                frame = self.frames.get(node.frame, "")
                yield replace(
                    node, key=key, id=f"removed-{node.id}", frame=frame, change="removed", note=self._word("removed")
                )

    def _later_arrows(self) -> Iterator[Arrow]:
        changes = {edge.after: edge for edge in self.change.transitions if edge.after is not None}
        ways = {(self.keys[arrow.tail], self.keys[arrow.head]): arrow for arrow in self.before.arrows}
        old = {arrow.transition: arrow for arrow in self.before.arrows if arrow.transition >= 0}
        for arrow in self.after.arrows:
            edge = changes.get(arrow.transition)
            if edge is None:
                new = (arrow.tail, arrow.head) not in ways and not arrow.id.startswith("branch-")
                yield replace(arrow, change="added" if new else "")
                continue
            earlier = old.get(-2 if edge.before is None else edge.before)
            kept = replace(arrow, flags=earlier.flags if earlier else (), heat=earlier.heat if earlier else None)
            yield kept if edge.kind == "same" else replace(kept, change=edge.kind, note=self._edge_note(edge))

    def _removed_arrows(self) -> Iterator[Arrow]:
        gone = {edge.before for edge in self.change.transitions if edge.kind == "removed"}
        moved = {edge.before for edge in self.change.transitions if edge.kind == "moved"}
        ways = {(arrow.tail, arrow.head) for arrow in self.after.arrows}
        nodes = {node.key for node in self.after.nodes}
        for old in self.before.arrows:
            arrow = replace(old, tail=self.keys[old.tail], head=self.keys[old.head], number=0, transition=-1)
            branch = old.id.startswith("branch-") and arrow.tail in nodes
            elsewhere = (arrow.tail, arrow.head) not in ways and arrow.tail != arrow.head
            if old.transition in gone:
                yield replace(arrow, id=f"removed-{old.id}", change="removed", note=self._word("removed"))
            elif elsewhere and (old.transition in moved or (old.transition < 0 and not branch)):
                # where a transition led before, or an arm of what is gone: a line without words
                bare = replace(arrow, lines=(), flags=(), heat=None)
                yield replace(bare, id=f"removed-{old.id}", change="removed")

    def _frames(self) -> Iterator[tuple[str, str]]:
        """Yield the key of every frame before with that of the same one after, or one of its own."""
        later = {(frame.composite, frame.part): frame.key for frame in self.after.frames}
        for frame in self.before.frames:
            composite = self.change.later.get(frame.composite, "")
            yield frame.key, later.get((composite, frame.part), f"o{frame.key}")

    def _removed_frames(self, nodes: Iterable[DrawnNode]) -> Iterator[Frame]:
        used = {node.frame for node in nodes}
        old = {self.frames[frame.key]: frame for frame in self.before.frames}
        for key in list(used):
            while key in old and key.startswith("o"):
                used.add(key)
                key = self.frames.get(old[key].parent, "")
        for key, frame in old.items():
            if key in used and key.startswith("o"):
                yield replace(frame, key=key, parent=self.frames.get(frame.parent, ""))

    def _state_note(self, state: StateChange, node: DrawnNode) -> str:
        if state.kind == "added":
            return self._word("added")
        old = self.old.get(node.key)
        where, fields = [], state.fields
        if old is not None and old.lane != node.lane:
            fields = tuple(field for field in fields if field not in ("department", "actor"))
            title = next((lane.title for lane in self.before.lanes if lane.key == old.lane), "")
            where.append(f"原在{title}" if self.lang == "zh" else f"was at {title}")
        elif state.kind == "moved" and {"department", "actor"}.isdisjoint(state.fields):
            where.append("改变所属组合环节" if self.lang == "zh" else "in another part")
        return self._listed([*where, *self._words(fields)])

    def _edge_note(self, edge: TransitionChange) -> str:
        if edge.kind == "added":
            return self._word("added")
        where = []
        if edge.kind == "moved" and edge.before is not None:
            earlier = self.change.before.edges[edge.before]
            source = self.change.later.get(earlier.source)
            rerouted = edge.after is not None and source == self.change.after.edges[edge.after].source
            was = self.change.before.nodes[earlier.dest if rerouted else earlier.source].label(self.lang)
            where = [(f"原至“{was}”" if rerouted else f"原自“{was}”") if self.lang == "zh"
                     else (f"led to “{was}”" if rerouted else f"came from “{was}”")]  # fmt: skip
        return self._listed([*where, *self._words(edge.fields)])

    def _words(self, fields: tuple[str, ...]) -> list[str]:
        return [_FIELDS[field].get(self.lang) if field in _FIELDS else field for field in fields]

    def _listed(self, parts: list[str]) -> str:
        comma = "、" if self.lang == "zh" else ", "
        if len(parts) <= _MOST_FIELDS:
            return comma.join(parts)
        shown = comma.join(parts[: _MOST_FIELDS - 1])
        return f"{shown}等{len(parts)}项" if self.lang == "zh" else f"{shown} and {len(parts) - _MOST_FIELDS + 1} more"

    def _word(self, kind: str) -> str:
        zh, en = {"added": ("新增", "added"), "removed": ("取消", "removed")}[kind]
        return zh if self.lang == "zh" else en


def _keys(change: Diff, before: Diagram, after: Diagram) -> Iterator[tuple[str, str]]:
    """Yield the key of every node before with that of the same one after, or one of its own."""
    later = {node.state: node.key for node in after.nodes if node.state}
    known = {node.key for node in after.nodes}
    same: Mapping[str, str] = {
        node.key: later[change.later[node.state]] for node in before.nodes if node.state in change.later
    }
    for node in before.nodes:
        own = owner(node.key)
        key = same.get(own)
        if not node.state and node.shape in ("start", "terminator"):
            yield node.key, node.key
        elif key is None:
            yield node.key, f"o{node.key}"
        else:
            wanted = key + node.key.removeprefix(own)
            yield node.key, wanted if wanted in known else key
