"""The capture matrix: which data item is asked of the applicant, keyed into which system, and where it is at home."""

from collections.abc import Iterator
from dataclasses import replace

from procflow.analysis.sharing import contents
from procflow.definition.process import State
from procflow.machine.graph import StateGraph
from procflow.render.build import titled
from procflow.render.model import Cell, LegendEntry, Matrix
from procflow.render.names import state_id
from procflow.text import Language, Text

_TITLE = Text(en="data items and systems", zh="数据项采集矩阵")
_ITEM = Text(en="data item", zh="数据项")
_ASKED = Text(en="applicant asked", zh="申请人填报")
_IN_DOCUMENTS = Text(en="in documents", zh="材料中包含")
_LEGEND = (
    ("●", Text(en="asked of the applicant, with how many times", zh="要求申请人填报（次数）")),
    ("▤", Text(en="contained in a document asked for", zh="已含于要求提交的材料")),
    ("✎", Text(en="keyed by staff, with how many times", zh="工作人员录入（次数）")),
    ("⌂", Text(en="at home: the system holds it already", zh="数据源：该系统已有此数据")),
)
_AGAIN = Text(
    en="the darker and the thicker, the more often it is captured again", zh="颜色越深、边框越粗，重复采集越多"
)


def capture_matrix(graph: StateGraph, lang: Language) -> Matrix:
    """Return the data items that a process asks for or keys, against the applicant, documents and systems."""
    counted = _Count(graph)
    organization = graph.process.organization
    held = {name: (entry.held_by if (entry := graph.process.item(name)) else ()) for name in counted.items}
    used = {place for _, place in counted.keyed} | {system for systems in held.values() for system in systems}
    systems = [system for system in organization.systems if system.name in used]
    columns = (_ASKED.get(lang), _IN_DOCUMENTS.get(lang), *(system.label(lang) for system in systems))
    cells: dict[tuple[int, int], Cell] = {}
    for row, item in enumerate(counted.items):
        times = [counted.asked.get(item, []), counted.documents.get(item, [])]
        cells |= {(row, n): _cell("●▤"[n], steps, graph, lang) for n, steps in enumerate(times) if steps}
        entries = sum(len(steps) for (name, _), steps in counted.keyed.items() if name == item)
        for column, system in enumerate(systems, start=2):
            steps = counted.keyed.get((item, system.name), [])
            sign = "✎" if steps else ""
            home = "⌂" if system.name in held[item] else ""
            if sign or home:
                cell = _cell(f"{home}{sign}", steps, graph, lang)
                cells[row, column] = replace(cell, grade=min(4, entries) if steps else 0)
    rows = tuple(_label(graph, item, lang) for item in counted.items)
    legend = [LegendEntry(sample, text.get(lang)) for sample, text in _LEGEND]
    legend.append(LegendEntry("▇", _AGAIN.get(lang)))
    title = f"{titled(graph.process, lang)} · {_TITLE.get(lang)}"
    ids = tuple(f"item-{state_id(item)}" for item in counted.items)
    return Matrix(title, _ITEM.get(lang), rows, columns, cells, tuple(legend), ids)


class _Count:
    """Where each item is captured, by the states in which it is."""

    def __init__(self, graph: StateGraph) -> None:
        self.asked: dict[str, list[str]] = {}
        self.documents: dict[str, list[str]] = {}
        self.keyed: dict[tuple[str, str], list[str]] = {}
        for name in graph.leaves:
            state = graph.state(name)
            for item in _asked(state):
                self.asked.setdefault(item, []).append(name)
            for document in (ask.document for ask in state.asks if ask.document):
                for item in contents(graph.process, document):
                    self.documents.setdefault(item, []).append(name)
            for entry in state.enters:
                for system in entry.into:
                    self.keyed.setdefault((entry.item, system), []).append(name)
        captured = dict.fromkeys([*self.asked, *(item for item, _ in self.keyed)])
        self.items = tuple(captured)


def _asked(state: State) -> Iterator[str]:
    yield from (ask.item for ask in state.asks if ask.item)


def _cell(sign: str, steps: list[str], graph: StateGraph, lang: Language) -> Cell:
    shown = f"{sign}{len(steps)}" if len(steps) > 1 else sign
    tooltip = "\n".join(graph.nodes[name].label(lang) for name in steps)
    return Cell(shown, tooltip, grade=min(4, len(steps)) if steps else 0)


def _label(graph: StateGraph, item: str, lang: Language) -> str:
    entry = graph.process.item(item)
    return entry.label(lang) if entry else item
