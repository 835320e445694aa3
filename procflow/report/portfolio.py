"""The report on many processes of one organization: how far they are written down, what they share, where to begin."""

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from procflow.analysis.coverage import Coverage, asked_by_several, coverage, shared_staff
from procflow.analysis.finding import Findings
from procflow.analysis.portfolio import analyze_portfolio
from procflow.analysis.registry import analyze
from procflow.analysis.what_if.alternatives import cycle_days
from procflow.definition.resolved import Process
from procflow.report.content import plain_findings
from procflow.report.document import Report
from procflow.report.figures import group_title
from procflow.report.findings import finding_row, findings_section
from procflow.report.model import Amount, Cell, Conclusion, Content, Line, Section, Table
from procflow.report.places import common_folder
from procflow.report.provenance import provenance
from procflow.report.sides import Side, columns
from procflow.simulation.statistics import estimate
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.simulation.run import Run


def portfolio(processes: Sequence[Process], run: "Run | None" = None, *, lang: Language = "zh") -> Report:
    """Return the report on several processes of one organization.

    Parameters
    ----------
    processes : two or more, each under a name of its own.
    run : a run of all of them at once, for the people they share and the time that they take.
    lang : the language of the report, ``'zh'`` or ``'en'``.

    Raises AnalysisError where two are variants of one process or belong to different organizations.

    >>> from procflow.definition import load
    >>> names = ["business_startup", "food_license"]
    >>> made = portfolio([load(f"process_defs/processes/{name}/as_is.yaml") for name in names], lang="en")
    >>> [table.key for table in made.content.tables]
    ['findings', 'coverage', 'ranking', 'captured']
    """
    across = analyze_portfolio(processes)
    each = {process.name: analyze(process, run if _ran(run, process) else None) for process in processes}
    sides = {process.name: Side("before", process, run, ()) for process in processes}
    folder = common_folder(processes)
    graphs = {name: side.graph for name, side in sides.items()}
    rows = tuple(
        finding_row(sides[found.process], number, found, folder, lang, others=graphs)
        for number, found in enumerate(across, start=1)
    )
    covered = coverage(processes, [finding for found in each.values() for finding in found])
    ranking = _ranking(processes, each, run, lang)
    sections = [
        findings_section(rows, (), lang),
        _coverage(covered, processes, lang),
        ranking,
        *_bottlenecks(processes, run, lang),
        _captured(processes, lang),
    ]
    colon = "：" if lang == "zh" else ": "
    title = processes[0].organization
    named = title.title.get(lang) if title.title else title.organization
    main = [_said(covered, len(processes), lang), _found(across, lang)]
    return Report(
        Content(
            lang=lang,
            title=Text(en=f"Portfolio of processes: {named}", zh=f"{named}流程总览").get(lang),
            conclusion=Conclusion(
                tuple(Line(text) for text in main),
                tuple(_first(covered, ranking.tables[0], lang)),
                tuple(Line(f"{row.rule_name}{colon}{row.statement}", row.id, f"⚑{row.number}") for row in rows[:4]),
            ),
            tiles=(),
            views=(),
            findings=rows,
            notes=(),
            skipped=(),
            sections=tuple(sections),
            replays={},
            provenance=provenance(processes, [run] if run is not None else [], folder, lang),
            data={**plain_findings([across], folder), "comparison": None, "gains": []},
        )
    )


def _first(covered: tuple[Coverage, ...], ranking: Table, lang: Language) -> Iterator[Line]:
    """Yield what to do: with which process to begin, and which departments have processes to write down."""
    name, _, _, waited, high, found = ranking.rows[0]
    begin = Text(en="Begin with “{name}”: {why}", zh="先从“{name}”入手：{why}").get(lang)
    if isinstance(waited, Amount):
        why = Text(en="{} of applicants' time in a year", zh="全年群众等候共 {}").get(lang).format(waited.short(lang))
    else:
        why = (
            Text(en="{} findings, {} of them of high severity", zh="问题 {} 项，其中严重 {} 项")
            .get(lang)
            .format(found, high)
        )
    yield Line(begin.format(name=name, why=why), "ranking")
    lacking = [row.department.label(lang) for row in covered if not row.mapped]
    if lacking:
        shown = ("、" if lang == "zh" else ", ").join(lacking[:4])
        text = Text(
            en="Write down the processes of {n} departments: {names}", zh="补全 {n} 个部门的流程梳理：{names}等"
        )
        yield Line(text.get(lang).format(n=len(lacking), names=shown), "coverage")


def _ran(run: "Run | None", process: Process) -> bool:
    return run is not None and any(each.name == process.name for each in run.processes)


def _said(rows: tuple[Coverage, ...], processes: int, lang: Language) -> str:
    mapped, share = sum(row.mapped for row in rows), Amount(sum(row.mapped for row in rows) / max(len(rows), 1))
    return (
        Text(
            en="{mapped} of {all} departments lead processes that are written down without gaps ({share}); "
            "{n} processes in all.",
            zh="{all} 个部门中，{mapped} 个部门牵头的流程已完整梳理（{share}），共 {n} 个流程。",
        )
        .get(lang)
        .format(mapped=mapped, all=len(rows), share=share.text(lang), n=processes)
    )


def _found(findings: Findings, lang: Language) -> str:
    said = Text(en="{} findings across processes.", zh="跨流程问题 {} 项。").get(lang)
    return said.format(len(findings))


def _coverage(rows: tuple[Coverage, ...], processes: Sequence[Process], lang: Language) -> Section:
    titles = {process.name: process.label(lang) for process in processes}
    levels = {level.name: level.label(lang) for level in processes[0].organization.levels}
    heads = (
        ("department", Text(en="Department", zh="部门")),
        ("level", Text(en="Level", zh="层级")),
        ("leads", Text(en="Leads", zh="牵头流程")),
        ("takes_part", Text(en="Takes part in", zh="参与流程")),
        ("gaps", Text(en="Gaps", zh="梳理缺口（处）")),
        ("mapped", Text(en="Written down", zh="是否完整梳理")),
    )
    yes, no = Text(en="yes", zh="是").get(lang), Text(en="no", zh="否").get(lang)
    cells: tuple[tuple[Cell, ...], ...] = tuple(
        (
            row.department.label(lang),
            levels.get(row.department.level, row.department.level),
            tuple(titles[name] for name in row.leads) or None,
            tuple(titles[name] for name in row.takes_part) or None,
            row.gaps,
            yes if row.mapped else no,
        )
        for row in rows
    )
    title = Text(en="How far processes are written down", zh="梳理进度").get(lang)
    note = Text(
        en="A department counts as written down where it leads a process of these files and none that it leads has a "
        "gap. What else is its business these files do not know.",
        zh="牵头的流程在本次文件中且均无梳理缺口的部门，计为已完整梳理；未列入文件的业务无从判断。",
    ).get(lang)
    table = Table("coverage", title, columns(lang, *heads), cells, title, note=note)
    return Section("coverage", title, (table,))


def _ranking(processes: Sequence[Process], each: dict[str, Findings], run: "Run | None", lang: Language) -> Section:
    heads = (
        ("process", Text(en="Process", zh="流程")),
        ("lead_time", Text(en="Lead time", zh="全程用时")),
        ("cases", Text(en="Cases a year", zh="年办件量（件）")),
        ("years", Text(en="Time of applicants in a year", zh="全年群众等候总时长")),
        ("high", Text(en="Findings of high severity", zh="严重问题（项）")),
        ("findings", Text(en="Findings", zh="问题（项）")),
    )
    rows = sorted((_rank(process, each[process.name], run, lang) for process in processes), key=_order)
    title = Text(en="Where to begin", zh="优先次序").get(lang)
    note = Text(
        en="Ranked by the time that all applicants of a year live through; without a simulation by findings.",
        zh="按全年群众等候总时长排序；未做仿真的按问题数量排序。",
    ).get(lang)
    table = Table("ranking", title, columns(lang, *heads), tuple(rows), title, note=note)
    return Section("ranking", title, (table,))


def _rank(process: Process, findings: Findings, run: "Run | None", lang: Language) -> tuple[Cell, ...]:
    cases = process.definition.cases_per_year
    days = _lead_time(process, run)
    total = Amount(days.value * cases.value, "d") if days is not None and cases is not None else None
    high = len(findings.at_least("high"))
    return process.label(lang), days, int(cases.value) if cases else None, total, high, len(findings)


def _order(row: tuple[Cell, ...]) -> tuple[float, float, float]:
    total, high, findings = row[3], row[4], row[5]
    known = total.value if isinstance(total, Amount) and math.isfinite(total.value) else -1.0
    return -known, -float(high if isinstance(high, int) else 0), -float(findings if isinstance(findings, int) else 0)


def _lead_time(process: Process, run: "Run | None") -> Amount | None:
    if run is None or not _ran(run, process):
        return None
    return Amount.of(estimate(cycle_days(run, process), unit="d"), "d")


def _bottlenecks(processes: Sequence[Process], run: "Run | None", lang: Language) -> Iterator[Section]:
    if run is None:
        return
    titles, organization = {p.name: p.label(lang) for p in processes}, processes[0].organization
    heads = (
        ("people", Text(en="People", zh="人员")),
        ("utilization", Text(en="Utilization", zh="负荷率")),
        ("processes", Text(en="Processes that they serve", zh="承担的流程")),
    )
    rows = tuple(
        (group_title(row.name, organization, lang), Amount.of(row.utilization, ""),
         tuple(titles.get(name, name) for name in row.processes))
        for row in shared_staff(run)
    )  # fmt: skip
    title = Text(en="People whom several processes share", zh="多流程共用人员（共同瓶颈）").get(lang)
    sheet = Text(en="shared people", zh="共用人员").get(lang)
    yield Section("shared", title, (Table("shared", title, columns(lang, *heads), rows, sheet),))


def _captured(processes: Sequence[Process], lang: Language) -> Section:
    heads = [("thing", Text(en="Item or material", zh="数据项或材料"))]
    heads += [("processes", Text(en="Processes", zh="流程数（个）"))]
    heads += [(process.name, Text(en=process.label(lang))) for process in processes]
    rows = []
    for thing, by_process in asked_by_several(processes).items():
        counts = (by_process.get(process.name) for process in processes)
        rows.append((_thing(thing, processes, lang), len(by_process), *counts))
    title = Text(en="What several processes ask of applicants", zh="多流程重复采集的数据项和材料").get(lang)
    lead = Text(en="The number of steps that ask, by process.", zh="表中为各流程中索要该项的环节个数。").get(lang)
    sheet = Text(en="captured", zh="重复采集").get(lang)
    return Section("captured", title, (Table("captured", title, columns(lang, *heads), tuple(rows), sheet, lead=lead),))


def _thing(name: str, processes: Sequence[Process], lang: Language) -> str:
    entries = (process.item(name) or process.material(name) for process in processes)
    return next((entry.label(lang) for entry in entries if entry is not None), name)
