"""What a report says, as plain data for its template: sentences, rows and drawings. Knows no HTML but the drawings'."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from procflow.analysis.finding import SEVERITIES, Finding
from procflow.definition import words
from procflow.definition.citations import cited
from procflow.definition.resolved import Process
from procflow.machine.graph import StateGraph, state_graph
from procflow.render import draw, state_id
from procflow.render.build import VARIANTS
from procflow.render.facts import flagged_edges, flagged_states
from procflow.report import chart
from procflow.report.besides import besides
from procflow.report.evidence import evidence_text
from procflow.report.figures import difference_row, is_idle, reduction_row
from procflow.report.headline import headline
from procflow.report.measured import limit_rows, time_bar
from procflow.report.numbers import number_rows
from procflow.report.places import Folder, common_folder
from procflow.report.provenance import provenance
from procflow.text import Language

if TYPE_CHECKING:
    from procflow.analysis.compare import Comparison
    from procflow.simulation.run import Run

_SHOWN_SEVERITIES = {
    "high": ("high", "高"),
    "medium": ("medium", "中"),
    "low": ("low", "低"),
    "info": ("info", "提示"),
}


@dataclass(frozen=True)
class Sides:
    """What a report is about: a process before a reform, and perhaps after it."""

    process: Process
    run: "Run | None"
    findings: "Sequence[Finding] | None"
    comparison: "Comparison | None"
    after: Process | None
    after_run: "Run | None"
    after_findings: "Sequence[Finding] | None"


@dataclass(frozen=True)
class _Side:
    key: str
    process: Process
    run: "Run | None"
    findings: "Sequence[Finding] | None"


def content(sides: Sides, lang: Language) -> dict[str, Any]:
    """Return everything that the template shows, by name."""
    known = list(_sides(sides))
    comparison, folder = sides.comparison, _folder(known)
    rows = [row for side in known for row in _findings(side, folder, lang)]
    bars = [time_bar(s.process, s.run, _variant(s.process, lang)) for s in known if s.run is not None]
    return {
        "title": sides.process.label(lang),
        "headline": headline(
            sides.process,
            sides.after,
            sides.findings,
            comparison,
            lang,
            after_findings=sides.after_findings,
            besides=tuple(besides(sides.run, sides.after_run, sides.after)),
        ),
        "drawings": [_drawing(side, lang) for side in known],
        "findings": rows,
        "has_findings": any(side.findings is not None for side in known),
        "accepted": [row for side in known for row in _accepted(side, folder, lang)],
        "notes": [n.get(lang) for side in known for n in getattr(side.findings, "notes", ())],
        "skipped": _skipped(known),
        "rules": sorted({row["rule"] for row in rows}, key=_natural),
        "departments": sorted({name for row in rows for name in row["departments"]}),
        "severities": [(s, _severity(s, lang)) for s in reversed(SEVERITIES) if any(r["severity"] == s for r in rows)],
        "chart": chart.stacked(bars, lang),
        "time_table": _time_table(bars, lang),
        "bar_names": [bar.label for bar in bars],
        "reductions": [reduction_row(r, lang) for r in comparison.reductions] if comparison else [],
        "differences": _differences(sides, lang),
        "comparison": comparison,
        "limits": [row for s in known for row in limit_rows(s.process, s.run, _variant(s.process, lang), lang)],
        "numbers": [(_variant(s.process, lang), number_rows(s.process, lang, folder)) for s in known],
        "provenance": provenance([s.process for s in known], [s.run for s in known if s.run is not None], folder, lang),
        "data": _data(known, comparison),
    }


def _folder(known: list[_Side]) -> Folder:
    ran = [process for side in known if side.run is not None for process in side.run.processes]
    return common_folder([*(side.process for side in known), *ran])


def _differences(sides: Sides, lang: Language) -> list[dict[str, str]]:
    found = sides.comparison.differences if sides.comparison else ()
    return [difference_row(d, sides.process.organization, lang) for d in found if not is_idle(d)]


def _sides(sides: Sides) -> Iterator[_Side]:
    yield _Side("before", sides.process, sides.run, sides.findings)
    if sides.after is not None:
        yield _Side("after", sides.after, sides.after_run, sides.after_findings)


def _drawing(side: _Side, lang: Language) -> dict[str, Any]:
    drawing = draw(side.process, lang=lang, findings=side.findings, run=side.run)
    name = _variant(side.process, lang)
    # the text is Graphviz's and every label in it was escaped by procflow.render
    return {"key": side.key, "name": name, "svg": Markup(drawing.svg(prefix=f"{side.key}-"))}


def _findings(side: _Side, folder: Folder, lang: Language) -> Iterator[dict[str, Any]]:
    graph = state_graph(side.process)
    for number, finding in enumerate(side.findings or (), start=1):
        yield {
            "number": number,
            "id": f"{side.key}-finding-{finding.id}",
            "variant": _variant(side.process, lang),
            "rule": finding.rule,
            "severity": finding.severity,
            "severity_name": _severity(finding.severity, lang),
            "departments": _departments(graph, finding, lang),
            "statement": finding.statement.get(lang),
            "evidence": [evidence_text(graph, evidence, lang) for evidence in finding.evidence],
            "cost": [cost.text(lang) for cost in finding.cost],
            "legal_hook": cited(finding.legal_hook or "", lang),
            "blocked_by": [text.get(lang) for text in finding.blocked_by],
            "remedies": [(remedy.operator, remedy.text.get(lang)) for remedy in finding.remedies],
            "thresholds": [f"{name} = {value:g}" for name, value in sorted(finding.thresholds.items())],
            "place": folder.place(finding.place),
            "links": _links(side, graph, finding, lang),
        }


def _accepted(side: _Side, folder: Folder, lang: Language) -> Iterator[dict[str, str]]:
    """Yield the findings that somebody has accepted: they do not count, and stay visible."""
    for each in getattr(side.findings, "accepted", ()):
        yield {
            "variant": _variant(side.process, lang),
            "rule": each.finding.rule,
            "statement": each.finding.statement.get(lang),
            "reason": each.reason.get(lang),
            "until": words.date(each.until, lang),
            "by": each.by or "",
            "place": folder.place(each.place),
        }


def _departments(graph: StateGraph, finding: Finding, lang: Language) -> list[str]:
    named = [graph.process.organization.department(name) for name in finding.names("department")]
    named += [graph.process.department(graph.nodes[name].state) for name in flagged_states(graph, finding)]
    edges = set(flagged_edges(graph, finding))
    named += [graph.process.department(graph.nodes[e.source].state) for e in graph.edges if e.index in edges]
    return list(dict.fromkeys(department.label(lang) for department in named if department))


def _links(side: _Side, graph: StateGraph, finding: Finding, lang: Language) -> list[tuple[str, str]]:
    """Return (id in the page, label) of the places in the diagram where a finding is flagged."""
    states = [(f"{side.key}-{state_id(n)}", graph.nodes[n].label(lang)) for n in flagged_states(graph, finding)]
    edges = [
        (f"{side.key}-arrow-{index}", graph.edges[index].transition.label(lang))
        for index in flagged_edges(graph, finding)
    ]
    return states + edges


def _time_table(bars: list[chart.Bar], lang: Language) -> list[dict[str, Any]]:
    used = [part for part in chart.parts() if any(bar.hours.get(part) for bar in bars)]
    return [
        {
            "name": chart.part_name(part, lang),
            "swatch": chart.swatch(part),
            "cells": [_time_cell(bar, part, lang) for bar in bars],
        }
        for part in used
    ]


def _time_cell(bar: chart.Bar, part: str, lang: Language) -> str:
    hours = bar.hours.get(part, 0.0)
    share = 100 * hours / bar.total if bar.total else 0.0
    elapsed, percent = words.elapsed(hours * 3600, lang), f"{words.number(share, 2)}%"
    return f"{elapsed}（{percent}）" if lang == "zh" else f"{elapsed} ({percent})"


def _variant(process: Process, lang: Language) -> str:
    return VARIANTS[process.variant].get(lang) if process.variant in VARIANTS else process.variant


def _severity(severity: str, lang: Language) -> str:
    en, zh = _SHOWN_SEVERITIES[severity]
    return zh if lang == "zh" else en


def _skipped(sides: list[_Side]) -> list[str]:
    return sorted({rule for side in sides for rule in getattr(side.findings, "skipped", ())}, key=_natural)


def _natural(rule: str) -> tuple[str, int, str]:
    letters = rule.rstrip("0123456789abcdefghijklmnopqrstuvwxyz")
    digits = "".join(c for c in rule[len(letters) :] if c.isdigit())
    return letters, int(digits or 0), rule


def _data(sides: list[_Side], comparison: "Comparison | None") -> dict[str, Any]:
    return {
        "findings": [finding.to_data() for side in sides for finding in side.findings or ()],
        "accepted": [each.to_data() for side in sides for each in getattr(side.findings, "accepted", ())],
        "comparison": comparison.to_data() if comparison else None,
    }
