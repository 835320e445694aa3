"""Gathers what a report says: conclusion, drawings, findings, tables, charts, provenance. Writes no format."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from procflow.analysis.finding import Finding, severity_text
from procflow.analysis.metrics import summary
from procflow.definition import words
from procflow.definition.citations import cited
from procflow.render.facts import flagged_edges, flagged_states
from procflow.report.basis_tables import assumptions_section
from procflow.report.besides import besides
from procflow.report.clocks import limits_section
from procflow.report.comparison_tables import comparison_section, demands_section
from procflow.report.decision_tables import law_section, people_section, remedies_section
from procflow.report.evidence import evidence_text
from procflow.report.headline import headline
from procflow.report.model import Amount, Cell, Content, FindingRow, Link, Section, Table, Tile
from procflow.report.places import Folder
from procflow.report.provenance import provenance
from procflow.report.replay import replay
from procflow.report.sides import Side, Sides, columns
from procflow.report.time_tables import time_section
from procflow.report.views import finding_id, views
from procflow.text import Language, Text

_TILES = ("cycle_wd", "cycle_wd_p90", "visits", "documents", "handoffs_department", "staff_hours")


def content(sides: Sides, lang: Language) -> Content:
    """Return everything that a report says, in one language."""
    findings = tuple(
        finding_row(side, number, finding, sides.folder, lang)
        for side in sides
        for number, finding in enumerate(side.findings or (), start=1)
    )
    runs = [side.run for side in sides if side.run is not None]
    replays: dict[str, Any] = {side.key: found for side in sides if (found := replay(side)) is not None}
    sections = _sections(sides, findings, lang)
    return Content(
        lang=lang,
        title=sides.process.label(lang),
        headline=headline(
            sides.process,
            sides.after,
            sides.findings,
            sides.comparison,
            lang,
            after_findings=sides.after_findings,
            besides=tuple(besides(sides.run, sides.after_run, sides.after)),
        ),
        tiles=tuple(_tiles(sides, lang)),
        views=tuple(views(sides, lang)),
        findings=findings,
        notes=tuple(_note(n, lang, sides.folder) for side in sides for n in getattr(side.findings, "notes", ())),
        skipped=_skipped(sides),
        sections=sections,
        replays=replays,
        provenance=provenance([side.process for side in sides], runs, sides.folder, lang),
        data=plain_findings([side.findings or () for side in sides], sides.folder)
        | {
            "comparison": sides.comparison.to_data() if sides.comparison else None,
            "gains": [gain.to_data() for gain in sides.gains],
        },
    )


def _sections(sides: Sides, findings: tuple[FindingRow, ...], lang: Language) -> tuple[Section, ...]:
    accepted = tuple(row for side in sides for row in _accepted(side, sides.folder, lang))
    analyzed = any(side.findings is not None for side in sides)
    found = (
        findings_section(findings, accepted, lang) if analyzed else None,
        time_section(sides, lang),
        comparison_section(sides, lang),
        limits_section(sides, lang),
        demands_section(sides, lang),
        people_section(sides, lang),
        law_section(sides, lang),
        remedies_section(sides, lang),
        assumptions_section(sides, lang),
    )
    return tuple(section for section in found if section is not None)


def _tiles(sides: Sides, lang: Language) -> Iterator[Tile]:
    """Yield the few figures of the first screen."""
    if sides.comparison is not None:
        compared = {found.key: found for found in sides.comparison.differences}
        for key in _TILES:
            if key in compared:
                found = compared[key]
                before, after = (Amount.of(value, found.unit) for value in (found.before, found.after))
                yield Tile(found.name.get(lang), before, after)
    elif sides.run is not None:
        measured = {metric.key: metric for metric in summary(sides.run, sides.process)}
        for key in _TILES:
            if key in measured:
                metric = measured[key]
                yield Tile(metric.name.get(lang), Amount.of(metric.estimate, metric.unit))


def finding_row(side: Side, number: int, finding: Finding, folder: Folder, lang: Language) -> FindingRow:
    """Return a finding about one variant as it is shown, under a number."""
    return FindingRow(
        number=number,
        id=finding_id(side, finding),
        variant=side.name(lang),
        rule=finding.rule,
        severity=finding.severity,
        severity_name=severity_text(finding.severity, lang),
        departments=_departments(side, finding, lang),
        statement=finding.statement.get(lang),
        evidence=tuple(evidence_text(side.graph, evidence, lang) for evidence in finding.evidence),
        cost=tuple(cost.text(lang) for cost in finding.cost),
        legal_hook=cited(finding.legal_hook or "", lang),
        blocked_by=tuple(text.get(lang) for text in finding.blocked_by),
        remedies=tuple((remedy.operator, remedy.text.get(lang)) for remedy in finding.remedies),
        thresholds=tuple(f"{name} = {value:g}" for name, value in sorted(finding.thresholds.items())),
        place=folder.place(finding.place),
        links=tuple(_links(side, finding, lang)),
    )


def _departments(side: Side, finding: Finding, lang: Language) -> tuple[str, ...]:
    graph, process = side.graph, side.process
    named = [process.organization.department(name) for name in finding.names("department")]
    named += [process.department(graph.nodes[name].state) for name in flagged_states(graph, finding)]
    edges = set(flagged_edges(graph, finding))
    named += [process.department(graph.nodes[e.source].state) for e in graph.edges if e.index in edges]
    return tuple(dict.fromkeys(department.label(lang) for department in named if department))


def _links(side: Side, finding: Finding, lang: Language) -> Iterator[Link]:
    """Yield the places in the diagram where a finding is flagged."""
    for name in flagged_states(side.graph, finding):
        link = side.link(name, lang)
        if isinstance(link, Link):
            yield link
    for index in flagged_edges(side.graph, finding):
        yield Link(side.graph.edges[index].transition.label(lang), f"{side.key}-arrow-{index}")


def findings_section(
    findings: tuple[FindingRow, ...], accepted: tuple[tuple[Cell, ...], ...], lang: Language
) -> Section:
    """Return the findings as a table for Excel and JSON, with those that are accepted; the page shows them richer."""
    heads = columns(
        lang,
        ("number", Text(en="Finding", zh="问题序号")),
        ("variant", Text(en="Variant", zh="方案")),
        ("rule", Text(en="Rule", zh="规则")),
        ("severity", Text(en="Severity", zh="严重程度")),
        ("departments", Text(en="Departments", zh="涉及部门")),
        ("statement", Text(en="What was found", zh="问题")),
        ("evidence", Text(en="Evidence", zh="证据")),
        ("cost", Text(en="Cost", zh="成本")),
        ("legal_hook", Text(en="Law", zh="法律依据")),
        ("blocked_by", Text(en="Blocked by", zh="受制于")),
        ("remedies", Text(en="Remedies", zh="整改措施")),
        ("place", Text(en="In the file", zh="文件位置")),
    )
    rows = tuple(_finding_cells(each) for each in findings)
    title = Text(en="Findings", zh="问题清单").get(lang)
    tables = [Table("findings", title, heads, rows, title)]
    if accepted:
        tables.append(_accepted_table(accepted, lang))
    return Section("findings", title, tuple(tables))


def _finding_cells(row: FindingRow) -> tuple[Cell, ...]:
    return (
        row.number,
        row.variant,
        row.rule,
        row.severity_name,
        row.departments or None,
        row.statement,
        row.evidence,
        row.cost or None,
        row.legal_hook or None,
        row.blocked_by or None,
        tuple(text for _, text in row.remedies) or None,
        row.place,
    )


def _accepted_table(rows: tuple[tuple[Cell, ...], ...], lang: Language) -> Table:
    heads = columns(
        lang,
        ("rule", Text(en="Rule", zh="规则")),
        ("variant", Text(en="Variant", zh="方案")),
        ("statement", Text(en="What was found", zh="问题")),
        ("reason", Text(en="Reason", zh="接受理由")),
        ("by", Text(en="By", zh="接受人")),
        ("until", Text(en="Until", zh="有效期至")),
        ("place", Text(en="In the file", zh="文件位置")),
    )
    title = Text(en="Accepted findings", zh="已接受的问题").get(lang)
    lead = Text(
        en="Found, but accepted by whoever answers for the process; they do not count above until the day named.",
        zh="已发现但由流程责任人接受的问题；在所列日期前不计入上表。",
    ).get(lang)
    return Table("accepted", title, heads, rows, Text(en="accepted", zh="已接受").get(lang), lead=lead)


def _accepted(side: Side, folder: Folder, lang: Language) -> Iterator[tuple[Cell, ...]]:
    """Yield the findings that somebody has accepted: they do not count, and stay visible."""
    for each in getattr(side.findings, "accepted", ()):
        yield (
            each.finding.rule,
            side.name(lang),
            each.finding.statement.get(lang),
            each.reason.get(lang),
            each.by,
            words.date(each.until, lang),
            folder.place(each.place),
        )


def _note(note: Text, lang: Language, folder: Folder) -> str:
    shown = note.get(lang)
    return shown.replace(f"{folder.path}/", "") if folder.path else shown


def _skipped(sides: Sides) -> tuple[str, ...]:
    return tuple(sorted({rule for side in sides for rule in getattr(side.findings, "skipped", ())}, key=natural))


def natural(rule: str) -> tuple[str, int, str]:
    """Return by what rules are ordered: their letters, their number, what follows it.

    >>> sorted(["R10", "R2", "D1", "R1c"], key=natural)
    ['D1', 'R1c', 'R2', 'R10']
    """
    letters = rule.rstrip("0123456789abcdefghijklmnopqrstuvwxyz")
    digits = "".join(c for c in rule[len(letters) :] if c.isdigit())
    return letters, int(digits or 0), rule


def plain_findings(every: Iterable[Iterable[Finding]], folder: Folder) -> dict[str, Any]:
    """Return findings and accepted findings as plain data, files named inside the folder."""
    listed = list(every)
    return {
        "findings": [_inside(finding.to_data(), folder) for findings in listed for finding in findings],
        "accepted": [_inside(a.to_data(), folder) for findings in listed for a in getattr(findings, "accepted", ())],
    }


def _inside(data: Mapping[str, Any], folder: Folder) -> dict[str, Any]:
    """Return a finding's data with the files of its places named inside the folder, or by their name alone."""

    def named(place: Mapping[str, Any]) -> dict[str, Any]:
        return {**place, "file": folder.inside(place["file"])}

    found = {**data, "place": named(data["place"])}
    if "accepted" in found:
        found["accepted"] = {**found["accepted"], "place": named(found["accepted"]["place"])}
    return found
