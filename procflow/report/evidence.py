"""Evidence as a report shows it: paths by the states' titles, measurements with unit, interval and sample."""

from procflow.analysis.finding import Evidence, Measurement, Step
from procflow.definition import words
from procflow.machine.graph import StateGraph
from procflow.report.figures import quantity
from procflow.text import Language


def evidence_text(graph: StateGraph, evidence: Evidence, lang: Language) -> str:
    """Return one piece of evidence in one line."""
    if isinstance(evidence, Measurement):
        return _measurement(evidence, lang)
    return " → ".join(_step(graph, step, lang) for step in evidence.steps)


def _step(graph: StateGraph, step: Step, lang: Language) -> str:
    label = graph.nodes[step.state].label(lang) if step.state in graph.nodes else step.state
    if step.remark is None:
        return label
    remark = step.remark.get(lang)
    return f"{label}（{remark}）" if lang == "zh" else f"{label} ({remark})"


def _measurement(found: Measurement, lang: Language) -> str:
    colon, comma = ("：", "，") if lang == "zh" else (": ", ", ")
    shown = words.number(found.value, 4) if not found.unit else quantity(found.value, found.unit, lang)
    text = found.name.get(lang) + colon + shown
    if found.low is not None and found.high is not None:
        text += f" [{words.number(found.low)}, {words.number(found.high)}]"
    return text if found.n is None else f"{text}{comma}n = {found.n}"
