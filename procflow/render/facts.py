"""What a node or an arrow says: marks, labels, tooltips, findings. Decides nothing about their looks."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from procflow.definition import words
from procflow.definition.base import Titled
from procflow.definition.citations import cited
from procflow.definition.glossary import said
from procflow.definition.limits import Instant
from procflow.definition.process import Kind, State, Transition
from procflow.machine.graph import Edge, StateGraph, resolve
from procflow.render.model import Mark
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.finding import Finding

KINDS: dict[Kind, Text] = {
    "application": Text(en="application", zh="申请"),
    "intake": Text(en="intake", zh="受理"),
    "registration": Text(en="registration", zh="登记"),
    "dispatch": Text(en="dispatch", zh="分办"),
    "review": Text(en="review", zh="审查"),
    "inspection": Text(en="inspection", zh="勘验"),
    "consultation": Text(en="consultation", zh="征求意见"),
    "meeting": Text(en="meeting", zh="会审"),
    "approval": Text(en="approval", zh="审批"),
    "decision": Text(en="decision", zh="决定"),
    "notice": Text(en="notice", zh="公示告知"),
    "certificate": Text(en="certificate", zh="制证"),
    "delivery": Text(en="delivery", zh="送达"),
    "payment": Text(en="payment", zh="缴费"),
    "correction": Text(en="correction", zh="补正"),
    "rectification": Text(en="rectification", zh="整改"),
    "archive": Text(en="archive", zh="归档"),
    "other": Text(en="step", zh="环节"),
}
_CHANNELS = {
    "paper": Text(en="paper", zh="纸质移送"),
    "file": Text(en="file", zh="文件摆渡"),
    "system": Text(en="same system", zh="系统内流转"),
    "interface": Text(en="interface", zh="接口推送"),
    "applicant": Text(en="carried by the applicant", zh="申请人自送"),
    "courier": Text(en="courier", zh="邮寄"),
}


_NAME = re.compile(r"[A-Za-z_]\w*")
_SIGNS = (("==", "＝"), ("!=", "≠"), (">=", "≥"), ("<=", "≤"), (" and ", " 且 "), (" or ", " 或 "), ("not ", "非 "))
_LINKED = Text(en="⇥ to another system, by interface", zh="⇥ 跨系统（有接口）")
_UNLINKED = Text(en="⇥ to another system, no interface", zh="⇥ 跨系统（无接口）")


@dataclass(frozen=True)
class Flags:
    """The numbers of findings (from 1, in their order) by state and by index of the edge."""

    states: dict[str, tuple[int, ...]] = field(default_factory=dict)
    edges: dict[int, tuple[int, ...]] = field(default_factory=dict)


def marks(graph: StateGraph, name: str, lang: Language) -> tuple[Mark, ...]:
    """Return the marks of a state: sittings, limit, suspension, visits, law, system, called process."""
    return tuple(dict.fromkeys(_marks(graph, name, graph.nodes[name].state, lang)))  # two limits may stop alike


def subtitle(graph: StateGraph, name: str, lang: Language) -> str:
    """Return who works in a state and for how long in the mean, on the first visit."""
    state = graph.nodes[name].state
    role = graph.process.role(state)
    who = role.label(lang) if role else ""
    if state.staff > 1:
        who += f"（{state.staff}人）" if lang == "zh" else f" ({state.staff} people)"
    parts = [who]
    if state.work:
        time = words.mean_time(state.work.at(1), lang)
        parts.append(f"办理 {time}" if lang == "zh" else f"work {time}")
    if state.delay:
        time = words.mean_time(state.delay.at(1), lang)
        parts.append(f"历时 {time}" if lang == "zh" else f"takes {time}")
    return " · ".join(part for part in parts if part)


def tooltip(graph: StateGraph, name: str, lang: Language) -> str:
    """Return the facts of a state over several lines."""
    node = graph.nodes[name]
    state, process = node.state, graph.process
    department = process.department(state)
    lines = [f"{node.label(lang)} [{name}]", KINDS[state.kind].get(lang)]
    if department:
        lines.append(department.label(lang))
    lines += [subtitle(graph, name, lang), *(f"{mark.symbol} {mark.text}" for mark in marks(graph, name, lang))]
    return "\n".join(line for line in lines if line)


def arrow_lines(graph: StateGraph, edge: Edge, lang: Language, *, uml: bool = False) -> tuple[str, ...]:
    """Return the label of a transition: name, probability, guard, timer, way of travel, change of system.

    In UML (2.5.1, 14.2.4.9) it is ``trigger [guard] / effect`` on one line, a timer ``after (time)``.
    """
    transition = edge.transition
    lines = [_uml(transition, lang)] if uml else list(_plain(transition, lang))
    if transition.transfer:
        lines.append(_transfer(transition, lang))
    boundary = _boundary(graph, edge)
    if boundary:
        lines.append(boundary.get(lang))
    if edge.leaves and len(graph.regions[edge.leaves[-1]]) > 1:
        lines.append("✕ 中止其余并联" if lang == "zh" else "✕ stops the other regions")
    return tuple(lines)


def _plain(transition: Transition, lang: Language) -> Iterator[str]:
    first = transition.label(lang)
    if transition.probability:
        first += f" {words.probability(transition.probability, lang)}"
    yield first
    if transition.when:
        yield f"[{_condition(str(transition.when), lang)}]"
    if transition.timeout:
        after = words.span(transition.timeout.after, lang)
        yield f"◔ 满{after}未办" if lang == "zh" else f"◔ after {after}"


def _condition(guard: str, lang: Language) -> str:
    """Return a guard as people read it in Chinese: what it compares by the words that are known, ＝ and ≠ for signs."""
    if lang != "zh":
        return guard
    shown = _NAME.sub(lambda found: said(found[0], lang), guard.replace('"', "").replace("'", ""))
    for sign, word in _SIGNS:
        shown = shown.replace(sign, word)
    return shown


def _uml(transition: Transition, lang: Language) -> str:
    trigger = transition.label(lang)
    if transition.timeout:
        trigger = f"after ({words.span(transition.timeout.after, lang)}): {trigger}"
    guards = [transition.when] if transition.when else []
    if transition.probability:
        guards.append(words.probability(transition.probability, lang))
    effects = [f"{name} := {value}" for name, value in transition.set.items()]
    guard = f" [{'; '.join(guards)}]" if guards else ""
    return f"{trigger}{guard}{' / ' + ', '.join(effects) if effects else ''}"


def flags(graph: StateGraph, findings: "Iterable[Finding] | None") -> Flags:
    """Return where each finding is flagged: at its states and transitions, else where its witness path ends."""
    states: dict[str, list[int]] = {}
    edges: dict[int, list[int]] = {}
    for number, finding in enumerate(findings or (), start=1):
        for name in flagged_states(graph, finding):
            states.setdefault(name, []).append(number)
        for index in flagged_edges(graph, finding):
            edges.setdefault(index, []).append(number)
    return Flags({k: tuple(v) for k, v in states.items()}, {k: tuple(v) for k, v in edges.items()})


def flagged_states(graph: StateGraph, finding: "Finding") -> tuple[str, ...]:
    """Return the states at which a finding is flagged, each once."""
    named = [name for name in finding.names("state") if name in graph.nodes]
    if not named and not flagged_edges(graph, finding):
        paths = [evidence.steps for evidence in finding.evidence if hasattr(evidence, "steps")]
        named = [path[-1].state for path in paths if path and path[-1].state in graph.nodes]
    return tuple(dict.fromkeys(named))


def flagged_edges(graph: StateGraph, finding: "Finding") -> tuple[int, ...]:
    """Return the indices of the transitions at which a finding is flagged."""
    names = set(finding.names("transition"))
    return tuple(edge.index for edge in graph.edges if names & {edge.name, edge.trigger})


def _marks(graph: StateGraph, name: str, state: State, lang: Language) -> Iterator[Mark]:
    zh = lang == "zh"
    if state.batch:
        text = words.recurrence(state.batch.every, lang)
        if state.batch.max:
            text += f"，每次≤{state.batch.max}件" if zh else f", ≤{state.batch.max} cases"
        yield Mark("▦", text)
    if state.limit:
        limit = words.span(state.limit.value, lang)
        yield Mark("◷", f"时限 {limit}" if zh else f"limit {limit}")
    yield from _suspensions(graph, name, lang)
    if state.visits and state.visits.value:
        count = words.number(state.visits.value)
        yield Mark("♟", f"跑动 {count} 次" if zh else f"{count} visit{'' if count == '1' else 's'}")
    yield from _law(graph, name, state, lang)
    if state.system:
        yield Mark("⌨", _titled(graph.process.organization.system(state.system), state.system, lang))
    if state.call:
        yield Mark("▣", f"调用流程 {state.call.process}" if zh else f"calls {state.call.process}")


def _suspensions(graph: StateGraph, name: str, lang: Language) -> Iterator[Mark]:
    found = [s for limit in graph.process.definition.limits.values() for s in limit.suspend]
    for suspension in found:
        at = {
            "in": suspension.in_state,
            "since": _state_of(suspension.since),
            "until": _state_of(suspension.until),
        }
        for role, reference in at.items():
            if reference and resolve(reference, "", graph.nodes) == name:
                text = {"in": ("停表", "clock stops"), "since": ("停表起", "clock stops from here"),
                        "until": ("停表止", "clock resumes here")}[role]  # fmt: skip
                cause = said(suspension.cause, lang)
                yield Mark("❚❚", f"{text[0]}（{cause}）" if lang == "zh" else f"{text[1]} ({cause})")


def _state_of(instant: Instant | None) -> str | None:
    return instant.name if instant is not None and instant.event != "fire" else None


def _law(graph: StateGraph, name: str, state: State, lang: Language) -> Iterator[Mark]:
    for lock in graph.process.definition.locks:
        first, then = (resolve(_state_of(i) or "", "", graph.nodes) for i in (lock.first, lock.then))
        if name == first and then:
            other = graph.nodes[then].label(lang)
            yield Mark("⚖", f"法定先于“{other}”" if lang == "zh" else f"by law before “{other}”")
        if name == then and first:
            other = graph.nodes[first].label(lang)
            yield Mark("⚖", f"法定后于“{other}”" if lang == "zh" else f"by law after “{other}”")
    if state.basis:
        yield Mark("⚖", cited(state.basis, lang))


def _transfer(transition: Transition, lang: Language) -> str:
    transfer = transition.transfer
    assert transfer is not None
    parts: Sequence[str] = [
        _CHANNELS[transfer.channel].get(lang) if transfer.channel else "",
        words.mean_time(transfer.delay, lang) if transfer.delay else "",
        words.recurrence(transfer.every, lang) if transfer.every else "",
    ]
    return "✉ " + " ".join(part for part in parts if part)


def _boundary(graph: StateGraph, edge: Edge) -> Text | None:
    """Return what an arrow says that leads from one IT system to another: whether an interface carries the data."""
    source, dest = graph.state(edge.source).system, graph.state(edge.dest).system
    if not source or not dest or source == dest:
        return None
    linked = any((i.source, i.dest) == (source, dest) for i in graph.process.organization.interfaces)
    return _LINKED if linked else _UNLINKED


def _titled(thing: Titled | None, name: str, lang: Language) -> str:
    return thing.label(lang) if thing else name
