"""What a node or an arrow says: marks, labels, tooltips, waiting, findings. Decides nothing about their looks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from procflow.definition import words
from procflow.definition.base import Titled
from procflow.definition.citations import cited
from procflow.definition.limits import Instant
from procflow.definition.process import Kind, State, Transition
from procflow.machine.graph import Edge, StateGraph, resolve
from procflow.render.model import Heat, Mark
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.finding import Finding
    from procflow.simulation.run import Run

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
_WAITING = ("batch_us", "batch_full_us", "off_duty_us", "contention_us", "paused_us")


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


def arrow_lines(graph: StateGraph, edge: Edge, lang: Language) -> tuple[str, ...]:
    """Return the label of a transition: name, probability, guard, timer, way of travel."""
    transition = edge.transition
    first = transition.label(lang)
    if transition.probability:
        first += f" {words.probability(transition.probability, lang)}"
    lines = [first]
    if transition.when:
        lines.append(f"[{transition.when}]")
    if transition.timeout:
        after = words.span(transition.timeout.after, lang)
        lines.append(f"⏰ 满{after}未办" if lang == "zh" else f"⏰ after {after}")
    if transition.transfer:
        lines.append(_transfer(transition, lang))
    if edge.leaves and len(graph.regions[edge.leaves[-1]]) > 1:
        lines.append("✕ 中止其余并联" if lang == "zh" else "✕ stops the other regions")
    return tuple(lines)


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


def waiting(graph: StateGraph, run: "Run | None", lang: Language) -> dict[str, Heat]:
    """Return the mean waiting per finished visit of every state that a run visited, graded by the longest."""
    if run is None:
        return {}
    seconds = _mean_waits(graph, run)
    longest = max(seconds.values(), default=0.0)
    return {name: Heat(_grade(value, longest), _heat_text(value, lang)) for name, value in seconds.items()}


def _mean_waits(graph: StateGraph, run: "Run") -> dict[str, float]:
    import polars as pl  # imported here: a drawing without a run needs no tables

    done = pl.col("end").is_in(["completed", "timed_out"]) & (pl.col("process") == graph.process.name)
    wait = sum((pl.col(column) for column in _WAITING), start=pl.lit(0))
    table = run.events.filter(done).group_by("state").agg(wait.mean().alias("wait_us"))
    return {row[0]: row[1] / 1e6 for row in table.sort("state").iter_rows() if row[0] in graph.nodes}


def _grade(seconds: float, longest: float) -> int:
    share = seconds / longest if longest else 0.0
    return sum(share > bound for bound in (0.05, 0.25, 0.5, 0.75))


def _heat_text(seconds: float, lang: Language) -> str:
    if seconds < 30:
        return "几乎无等待" if lang == "zh" else "hardly any wait"
    return f"平均等待 {words.elapsed(seconds, lang)}" if lang == "zh" else f"mean wait {words.elapsed(seconds, lang)}"


def _marks(graph: StateGraph, name: str, state: State, lang: Language) -> Iterator[Mark]:
    zh = lang == "zh"
    if state.batch:
        text = words.recurrence(state.batch.every, lang)
        if state.batch.max:
            text += f"，每次≤{state.batch.max}件" if zh else f", ≤{state.batch.max} cases"
        yield Mark("⏲", text)
    if state.limit:
        limit = words.span(state.limit.value, lang)
        yield Mark("⏳", f"时限 {limit}" if zh else f"limit {limit}")
    yield from _suspensions(graph, name, lang)
    if state.visits and state.visits.value:
        count = words.number(state.visits.value)
        yield Mark("🚶", f"跑动 {count} 次" if zh else f"{count} visit{'' if count == '1' else 's'}")
    yield from _law(graph, name, state, lang)
    if state.system:
        yield Mark("🖥", _titled(graph.process.organization.system(state.system), state.system, lang))
    if state.call:
        yield Mark("⧉", f"调用流程 {state.call.process}" if zh else f"calls {state.call.process}")


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
                yield Mark(
                    "⏸", f"{text[0]}（{suspension.cause}）" if lang == "zh" else f"{text[1]} ({suspension.cause})"
                )


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


def _titled(thing: Titled | None, name: str, lang: Language) -> str:
    return thing.label(lang) if thing else name
