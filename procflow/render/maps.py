"""Handoff maps: who gives cases to whom, between departments, levels or IT systems. Counts as the analysis does.

A map is a drawing like any other: the parties are its nodes, how often per case one follows another its arrows.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from procflow.analysis.handoffs import axis_value, flows
from procflow.analysis.registry import Context
from procflow.analysis.run_handoffs import handoffs
from procflow.analysis.run_tables import CASE, cases_of, events_of, process_of
from procflow.definition import words
from procflow.definition.organization import Level, Organization, System
from procflow.machine.graph import StateGraph, state_graph
from procflow.render.build import titled
from procflow.render.legend import width_entry
from procflow.render.model import Arrow, Diagram, DrawnNode, Frame, LegendEntry, Mark, Shape
from procflow.render.names import state_id
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.simulation.run import Run

_TITLES = {
    "department": Text(en="handoffs between departments", zh="部门间移交"),
    "level": Text(en="handoffs between levels", zh="层级间移交"),
    "system": Text(en="IT systems", zh="系统关系"),
}
_MEASURED = Text(en="handoffs per case, measured", zh="每件移交次数（实测）")
_EXPECTED = Text(en="handoffs per case, expected from the definition", zh="每件移交次数（按定义推算）")
_COUNTED = Text(
    en="ways from one to the other; the definition does not say how often they are taken",
    zh="流转路径条数（定义未给出各路径的比例）",
)
_SYSTEM_LEGEND = (
    ("→", Text(en="blue, solid: interface; the share of cases that it serves", zh="蓝色实线：接口及其覆盖率")),
    ("⇢", Text(en="red, dashed: cases go on without an interface", zh="红色虚线：无接口的流转")),
    ("┄", Text(en="orange, dotted: the same item is keyed into both", zh="橙色点线：同一数据项重复录入")),
    ("▢", Text(en="dashed red border: island, no interface at all", zh="红色虚框：信息孤岛（没有任何接口）")),
)


@dataclass(frozen=True)
class Flow:
    """How often per case cases go from one party to another, by their names, and how that is known."""

    often: Mapping[tuple[str, str], float]
    known: Text


def handoff_map(graph: StateGraph, axis: str, lang: Language, run: "Run | None" = None) -> Diagram:
    """Return the map of one axis, ``department`` or ``level``: its parties, and handoffs per case as arrows.

    From a run where one is given (the finished cases of its cohort), else expected from the definition's
    probabilities; where these are not all given, the number of ways.
    """
    flow = _measured(graph, axis, run) if run is not None else _expected(graph, axis)
    parties = _parties(graph, axis, flow)
    keys = {name: f"n{number}" for number, name in enumerate(parties)}
    frames = _levels(graph, parties) if axis == "department" else {}
    nodes = tuple(_party(graph, axis, name, keys[name], frames, lang) for name in parties)
    arrows = tuple(_arrows(flow, keys, lang))
    used = {node.frame for node in nodes}
    shown = tuple(Frame(key, level.label(lang), "") for level, key in _keyed_levels(graph) if key in used)
    title = f"{titled(graph.process, lang)} · {_TITLES[axis].get(lang)}"
    return Diagram(title, (), shown, nodes, arrows, (LegendEntry("→", flow.known.get(lang)), width_entry(lang)))


def _measured(graph: StateGraph, axis: str, run: "Run") -> Flow:
    import polars as pl

    process = process_of(run, graph.process.name)
    cases = cases_of(run, process).filter(pl.col("in_cohort") & pl.col("outcome").is_not_null())
    found = handoffs(state_graph(process), events_of(run, process)).join(cases.select(CASE), on=CASE, how="semi")
    table = found.filter(pl.col("axis") == axis).group_by("from", "to").len()
    return Flow({(row[0], row[1]): row[2] / cases.height for row in table.iter_rows()}, _MEASURED)


def _expected(graph: StateGraph, axis: str) -> Flow:
    context = Context(graph.process)
    value, expected = axis_value(context, axis), context.shared(flows)
    often: Counter[tuple[str, str]] = Counter()
    if expected is None:
        for edge in graph.edges:
            ends = (value(edge.source), value(edge.dest)) if _both_leaves(graph, edge.source, edge.dest) else ("", "")
            _count(often, ends, 1.0)
        return Flow(often, _COUNTED)
    acts = axis_value(context, "department")
    for (source, dest), times in expected.pairs(lambda name: acts(name) is not None).items():
        _count(often, (value(source), value(dest)), times)
    return Flow(often, _EXPECTED)


def _both_leaves(graph: StateGraph, *names: str) -> bool:
    return all(name in graph.leaves for name in names)


def _count(often: Counter[tuple[str, str]], ends: tuple[str | None, str | None], times: float) -> None:
    source, dest = ends
    if source and dest and source != dest:
        often[source, dest] += times  # type: ignore[assignment]


def _parties(graph: StateGraph, axis: str, flow: Flow) -> tuple[str, ...]:
    """Return who acts in the process or takes part in a handoff, from the highest level down."""
    value = axis_value(Context(graph.process), axis)
    acting = {value(name) for name in graph.leaves} | {name for pair in flow.often for name in pair}
    organization = graph.process.organization
    departments = sorted(organization.departments, key=lambda d: organization.rank(d.level))
    order = [d.name for d in departments] if axis == "department" else [level.name for level in organization.levels]
    return tuple(name for name in order if name in acting)


def _keyed_levels(graph: StateGraph) -> Iterator[tuple[Level, str]]:
    yield from ((level, f"f{number}") for number, level in enumerate(graph.process.organization.levels))


def _levels(graph: StateGraph, parties: Iterable[str]) -> dict[str, str]:
    """Return the key of the frame of each department: its level's."""
    keys = {level.name: key for level, key in _keyed_levels(graph)}
    organization = graph.process.organization
    return {name: keys[d.level] for name in parties if (d := organization.department(name)) is not None}


def _party(graph: StateGraph, axis: str, name: str, key: str, frames: Mapping[str, str], lang: Language) -> DrawnNode:
    organization = graph.process.organization
    value = axis_value(Context(graph.process), axis)
    own = [state for state in graph.leaves if value(state) == name]
    count = f"{len(own)} 个环节" if lang == "zh" else f"{len(own)} step{'' if len(own) == 1 else 's'}"
    title = _label(organization, axis, name, lang)
    tooltip = "\n".join([title, *(graph.nodes[state].label(lang) for state in own)])
    return DrawnNode(
        key, f"party-{state_id(name)}", "", "party", "", frames.get(name, ""), title, count, tooltip=tooltip
    )


def _label(organization: Organization, axis: str, name: str, lang: Language) -> str:
    if axis == "department":
        department = organization.department(name)
        return department.label(lang) if department else name
    return next((level.label(lang) for level in organization.levels if level.name == name), name)


def _arrows(flow: Flow, keys: Mapping[str, str], lang: Language) -> Iterator[Arrow]:
    unit = {"zh": "条", "en": "ways"} if flow.known is _COUNTED else {"zh": "次", "en": "per case"}
    most = max(flow.often.values(), default=1.0)
    for number, ((source, dest), times) in enumerate(sorted(flow.often.items())):
        if times <= 0:
            continue
        line = f"{words.number(times)} {unit[lang]}"
        tooltip = f"{source} → {dest}: {line}"
        yield Arrow(
            f"flow-{number}", keys[source], keys[dest], "flow", lines=(line,), tooltip=tooltip, weight=times / most
        )


def system_map(graph: StateGraph, lang: Language) -> Diagram:
    """Return the IT systems that a process touches: their interfaces, what crosses without one, and islands.

    Shown are the systems in which steps work or are keyed, and those where the data that the process asks for are at
    home. A system to or from which no interface of the organization leads is an island (信息孤岛).
    """
    organization = graph.process.organization
    used = _systems(graph)
    names = [system.name for system in organization.systems if system.name in used]
    keys = {name: f"n{number}" for number, name in enumerate(names)}
    linked = {end for interface in organization.interfaces for end in (interface.source, interface.dest)}
    nodes = tuple(
        _system(graph, system, keys[system.name], used[system.name], system.name not in linked, lang)
        for system in organization.systems
        if system.name in keys
    )
    title = f"{titled(graph.process, lang)} · {_TITLES['system'].get(lang)}"
    entries = tuple(LegendEntry(sample, text.get(lang)) for sample, text in _SYSTEM_LEGEND)
    return Diagram(title, (), (), nodes, tuple(_between(graph, keys, lang)), entries)


def _systems(graph: StateGraph) -> dict[str, list[str]]:
    """Return the systems that a process touches, each with the steps that use it, none where only data are at home."""
    found: dict[str, list[str]] = {}
    for name in graph.leaves:
        state = graph.state(name)
        for system in dict.fromkeys([state.system, *(s for entry in state.enters for s in entry.into)]):
            if system:
                found.setdefault(system, []).append(name)
        for ask in state.asks:
            entry = graph.process.item(ask.item) if ask.item else graph.process.material(ask.document or "")
            for system in entry.held_by if entry else ():
                found.setdefault(system, [])
    return found


def _system(graph: StateGraph, system: System, key: str, steps: list[str], island: bool, lang: Language) -> DrawnNode:
    zh = lang == "zh"
    titles = [graph.nodes[name].label(lang) for name in steps]
    owner = graph.process.organization.department(system.owner) if system.owner else None
    marks = [Mark("⌂", owner.label(lang))] if owner else []
    if island:
        marks.append(Mark("✕", "信息孤岛" if zh else "island"))
    if not steps:
        marks.append(Mark("◇", "数据来源，流程中未使用" if zh else "holds data, unused in the process"))
    count = (f"{len(steps)} 个环节" if zh else f"{len(steps)} step{'' if len(steps) == 1 else 's'}") if steps else ""
    tooltip = "\n".join([system.label(lang), *titles])
    shape: Shape = "island" if island else "party"
    return DrawnNode(key, f"system-{state_id(system.name)}", "", shape, "", "", system.label(lang), count, tuple(marks),
                     tooltip=tooltip)  # fmt: skip


def _between(graph: StateGraph, keys: Mapping[str, str], lang: Language) -> Iterator[Arrow]:
    interfaces = {
        (i.source, i.dest): i for i in graph.process.organization.interfaces if i.source in keys and i.dest in keys
    }
    for number, ((source, dest), interface) in enumerate(interfaces.items()):
        share = f"{words.number(100 * interface.coverage)}%"
        moved = ", ".join(interface.items)
        yield Arrow(f"interface-{number}", keys[source], keys[dest], "interface", lines=(share,), tooltip=moved)
    often = _expected(graph, "system") if graph.edges else Flow({}, _COUNTED)
    crossing = {pair: times for pair, times in sorted(often.often.items()) if pair not in interfaces and times > 0}
    for number, ((source, dest), times) in enumerate(crossing.items()):
        shown = words.number(times)
        lines = (f"每件 {shown} 次" if lang == "zh" else f"{shown} per case",) if often.known is _EXPECTED else ()
        yield Arrow(f"carried-{number}", keys[source], keys[dest], "carried", lines=lines)
    for number, (pair, items) in enumerate(_keyed_twice(graph).items()):
        count = len(items)
        line = f"{count} 项" if lang == "zh" else f"{count} item{'' if count == 1 else 's'}"
        yield Arrow(f"keyed-{number}", keys[pair[0]], keys[pair[1]], "keyed", lines=(line,), tooltip="\n".join(items))


def _keyed_twice(graph: StateGraph) -> dict[tuple[str, str], list[str]]:
    """Return the items that staff key into both of two systems, by the pair in the order of keying."""
    into: dict[str, list[str]] = {}
    for name in graph.leaves:
        for entry in graph.state(name).enters:
            known = into.setdefault(entry.item, [])
            known += [system for system in entry.into if system not in known]
    pairs: dict[tuple[str, str], list[str]] = {}
    for item, systems in into.items():
        for first, then in pairwise(systems):
            pairs.setdefault((first, then), []).append(item)
    return pairs
