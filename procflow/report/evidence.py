"""Evidence as a report shows it: paths by the states' titles, measurements with unit, interval and sample."""

from collections.abc import Mapping

from procflow.analysis.finding import SHARE, Evidence, Measurement, Step
from procflow.definition import words
from procflow.machine.graph import StateGraph
from procflow.report.figures import quantity
from procflow.text import Language


def evidence_text(
    graph: StateGraph, evidence: Evidence, lang: Language, *, others: Mapping[str, StateGraph] | None = None
) -> str:
    """Return one piece of evidence in one line; ``others`` are the graphs of processes that a path names, by name."""
    if isinstance(evidence, Measurement):
        return _measurement(evidence, lang)
    return " → ".join(_step(graph, step, lang, others or {}) for step in evidence.steps)


def _step(graph: StateGraph, step: Step, lang: Language, others: Mapping[str, StateGraph]) -> str:
    label = graph.nodes[step.state].label(lang) if step.state in graph.nodes else step.state
    process, _, state = step.state.partition(": ")
    if process in others and state in others[process].nodes:
        other = others[process]
        label = f"{other.process.label(lang)}{'：' if lang == 'zh' else ': '}{other.nodes[state].label(lang)}"
    if step.remark is None:
        return label
    remark = step.remark.get(lang)
    return f"{label}（{remark}）" if lang == "zh" else f"{label} ({remark})"


def _measurement(found: Measurement, lang: Language) -> str:
    zh, unit = lang == "zh", "" if found.unit == SHARE else found.unit
    text = f"{found.name.get(lang)}{'：' if zh else ': '}{quantity(found.value, unit, lang)}"
    more = []
    if found.low is not None and found.high is not None:
        scale = 100 if found.unit == SHARE else 1
        low, high = words.number(found.low * scale), words.number(found.high * scale)
        more.append(f"区间 {low} 至 {high}" if zh else f"interval {low} to {high}")
    if found.n is not None:
        more.append(f"样本 {found.n:,}" if zh else f"sample {found.n:,}")
    if not more:
        return text
    return f"{text}（{'，'.join(more)}）" if zh else f"{text} ({', '.join(more)})"
