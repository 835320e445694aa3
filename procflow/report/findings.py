"""Findings as a report shows them: rows of the list, and the same as a table for Excel and JSON. Judges nothing."""

from collections.abc import Iterator, Mapping

from procflow.analysis.finding import Finding, severity_text
from procflow.analysis.registry import descriptions
from procflow.analysis.threshold_words import thresholds_text
from procflow.definition import words
from procflow.definition.citations import cited
from procflow.machine.graph import StateGraph
from procflow.render.facts import flagged_edges, flagged_states
from procflow.report.evidence import evidence_text
from procflow.report.model import Cell, FindingRow, Link, Section, Table
from procflow.report.places import Folder
from procflow.report.sides import Side, columns
from procflow.report.views import finding_id
from procflow.text import Language, Text


def rule_name(rule: str, lang: Language) -> str:
    """Return what a rule is called, '' where it is none of the analysis's own.

    >>> rule_name("R16", "zh")
    '一刀切'
    """
    known = descriptions().get(rule)
    return known[0].name.get(lang) if known else ""


def costs(finding: Finding, lang: Language) -> tuple[str, ...]:
    """Return the costs of a finding, a line each, and how they were computed: once where all were alike."""
    if len({cost.basis for cost in finding.cost}) != 1:
        return tuple(cost.text(lang) for cost in finding.cost)
    basis = finding.cost[0].basis.get(lang)
    return *(cost.amount(lang) for cost in finding.cost), f"（{basis}）" if lang == "zh" else f"({basis})"


def finding_row(
    side: Side,
    number: int,
    finding: Finding,
    folder: Folder,
    lang: Language,
    *,
    others: Mapping[str, StateGraph] | None = None,
) -> FindingRow:
    """Return a finding about one variant as it is shown, under a number; ``others`` are processes that it names too."""
    return FindingRow(
        number=number,
        id=finding_id(side, finding),
        variant=side.name(lang),
        rule=finding.rule,
        rule_name=rule_name(finding.rule, lang),
        severity=finding.severity,
        severity_name=severity_text(finding.severity, lang),
        departments=_departments(side, finding, lang),
        statement=finding.statement.get(lang),
        evidence=tuple(evidence_text(side.graph, each, lang, others=others) for each in finding.evidence),
        cost=costs(finding, lang),
        legal_hook=cited(finding.legal_hook or "", lang),
        blocked_by=tuple(text.get(lang) for text in finding.blocked_by),
        remedies=tuple((remedy.operator, remedy.text.get(lang)) for remedy in finding.remedies),
        thresholds=thresholds_text(finding.thresholds, lang),
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
        f"{row.rule} {row.rule_name}".strip(),
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


def accepted_rows(side: Side, folder: Folder, lang: Language) -> Iterator[tuple[Cell, ...]]:
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


def natural(rule: str) -> tuple[str, int, str]:
    """Return by what rules are ordered: their letters, their number, what follows it.

    >>> sorted(["R10", "R2", "D1", "R1c"], key=natural)
    ['D1', 'R1c', 'R2', 'R10']
    """
    letters = rule.rstrip("0123456789abcdefghijklmnopqrstuvwxyz")
    digits = "".join(c for c in rule[len(letters) :] if c.isdigit())
    return letters, int(digits or 0), rule
