"""What there is to decide: who does what, which rules stand in the way, which remedies give how much."""

from collections.abc import Iterator, Sequence

from procflow.analysis.finding import Finding, Remedy, severity_text
from procflow.analysis.legal_changes import LegalChange, legal_changes
from procflow.analysis.responsibility import PARTS, Part, responsibilities
from procflow.analysis.what_if.alternatives import Gain, Kind
from procflow.definition.citations import cited
from procflow.report.model import Amount, Cell, Section, Table
from procflow.report.sides import Side, Sides, columns
from procflow.text import Language, Text

_PART_WORDS: dict[Part, Text] = {
    "does": Text(en="does", zh="办理"),
    "leads": Text(en="leads", zh="牵头"),
    "supplies": Text(en="supplies", zh="供数"),
    "receives": Text(en="receives", zh="接件"),
}
_CHANGES = {
    "step_dropped": Text(en="step dropped", zh="取消环节"),
    "step_moved": Text(en="step given to another body", zh="办理主体变更"),
    "material_dropped": Text(en="material no longer asked", zh="取消材料"),
    "order_dropped": Text(en="order no longer kept", zh="取消先后次序"),
    "limit_changed": Text(en="statutory limit changed", zh="法定时限变更"),
}
_MEANS: dict[str, Kind] = {
    "align_cadence": "sitting",
    "on_demand": "sitting",
    "restaff": "person",
    "shift_hours": "hour",
}
"""Which change of means shows what a remedy gives."""

_ENDS = frozenset({"eliminate", "merge", "direct", "automate", "delegate", "parallelize"})
"""Remedies that can give at most what the end of the step or handoff gives, where that is all the finding is about."""


def people_section(sides: Sides, lang: Language) -> Section:
    """Return who does what in each variant."""
    title = Text(en="Who does what", zh="责任分工").get(lang)
    lead = Text(
        en="Does: works in the step. Leads: answers for the whole process. Supplies: issues what the step asks, reads "
        "or keys. Receives: has the case next.",
        zh="办理：承担该环节；牵头：对全流程负责；供数：出具该环节所需材料或数据；接件：承接下一环节。",
    ).get(lang)
    return Section("people", title, tuple(_matrix(side, lang) for side in sides), lead=lead)


def _matrix(side: Side, lang: Language) -> Table:
    duties = responsibilities(side.process)
    organization = side.process.organization
    used = [d for d in organization.departments if any(d.name in row.parts for row in duties)]
    rows = tuple(
        (side.link(row.state, lang), *(_duty(row.parts.get(department.name, ()), lang) for department in used))
        for row in duties
    )
    heads = [("step", Text(en="Step", zh="环节"))]
    heads += [(d.name, Text(en=d.label("en"), zh=d.label("zh"))) for d in used]
    sheet = f"{Text(en='who does what', zh='责任分工').get(lang)} {side.name(lang)}"
    return Table(f"responsibility_{side.key}", side.name(lang), columns(lang, *heads), rows, sheet)


def _duty(parts: Sequence[Part], lang: Language) -> str | None:
    shown = [_PART_WORDS[part].get(lang) for part in PARTS if part in parts]
    return ("、" if lang == "zh" else ", ").join(shown) or None


def law_section(sides: Sides, lang: Language) -> Section:
    """Return which provisions the reform touches, and what stands against remedies of findings."""
    tables = []
    if sides.after is not None:
        tables.append(_touched(sides, sides.after_side or sides.before_side, lang))
    tables.append(_blocked(sides.before_side, lang))
    title = Text(en="What needs a change of rules", zh="需修法修规清单").get(lang)
    lead = Text(
        en="What the definitions cite. Whether a provision forbids the change, a lawyer decides.",
        zh="依据为定义中的引注；相关规定是否构成障碍，以法制审核意见为准。",
    ).get(lang)
    return Section("law", title, tuple(tables), lead=lead)


def _touched(sides: Sides, after: Side, lang: Language) -> Table:
    heads = (
        ("change", Text(en="What the reform does", zh="改革举措")),
        ("subject", Text(en="To what", zh="对象")),
        ("basis", Text(en="Provision cited today", zh="现行依据")),
    )
    rows = tuple(_law_row(sides.before_side, each, lang) for each in legal_changes(sides.process, after.process))
    title = Text(en="Provisions that the reform touches", zh="改革涉及的现行规定").get(lang)
    return Table("legal_changes", title, columns(lang, *heads), rows, Text(en="law", zh="修法修规").get(lang))


def _law_row(side: Side, found: LegalChange, lang: Language) -> tuple[Cell, ...]:
    subject: Cell = side.link(found.state, lang) if found.kind.startswith("step_") else found.subject.get(lang)
    return _CHANGES[found.kind].get(lang), subject, cited(found.basis, lang)


def _blocked(side: Side, lang: Language) -> Table:
    heads = (
        ("number", Text(en="Finding", zh="问题序号")),
        ("rule", Text(en="Rule", zh="规则")),
        ("statement", Text(en="What was found", zh="问题")),
        ("blocked_by", Text(en="What stands against a remedy", zh="制约因素")),
        ("basis", Text(en="Law", zh="法律依据")),
    )
    rows = tuple(
        (
            number,
            f.rule,
            f.statement.get(lang),
            tuple(b.get(lang) for b in f.blocked_by),
            cited(f.legal_hook or "", lang),
        )
        for number, f in enumerate(side.findings or (), start=1)
        if f.blocked_by
    )
    title = Text(en="Findings whose remedy something stands against", zh="整改受制约的问题").get(lang)
    return Table("blocked", title, columns(lang, *heads), rows, Text(en="blocked", zh="受制约").get(lang))


def remedies_section(sides: Sides, lang: Language) -> Section | None:
    """Return the remedies ranked by what they give, and what each small change and each part's end would give."""
    ranked = _remedies(sides, lang)
    if not ranked.rows and not sides.gains:
        return None
    title = Text(en="Remedies, ranked", zh="整改措施排序").get(lang)
    tables = [ranked]
    if sides.gains:
        tables.append(_gains(sides, ("person", "sitting", "hour"), "sensitivity", lang))
        tables.append(_gains(sides, ("state", "handoff", "calendar"), "vanishing", lang))
    note = Text(
        en="Changes are simulated, pairwise under the same luck, in calendar days of lead time. Where a step or "
        "handoff is simulated as taking no time, that is the most that its remedy can give. Remedies that nothing "
        "simulated shows follow, in the order of the findings, by their cost.",
        zh="变化为同一随机条件下配对仿真所得的全程用时变化（自然日）。以环节或移送“不耗时”仿真的，为相应整改收益的"
        "上限。未做仿真的措施列于其后，按问题的成本排序。",
    ).get(lang)
    return Section("remedies", title, tuple(tables), note=note)


def _remedies(sides: Sides, lang: Language) -> Table:
    heads = (
        ("remedy", Text(en="Remedy", zh="整改措施")),
        ("gain", Text(en="Change of lead time", zh="全程用时变化")),
        ("shown_by", Text(en="Simulated as", zh="仿真方式")),
        ("number", Text(en="Finding", zh="问题序号")),
        ("rule", Text(en="Rule", zh="规则")),
        ("severity", Text(en="Severity", zh="严重程度")),
        ("cost", Text(en="Cost of leaving it", zh="不整改的成本")),
        ("blocked", Text(en="Blocked by", zh="受制于")),
    )
    found = [
        (gain_of(sides.gains, finding, remedy), number, finding, remedy)
        for number, finding in enumerate(sides.findings or (), start=1)
        for remedy in finding.remedies
    ]
    found.sort(key=lambda each: (each[0].difference.mean if each[0] else 0.0, each[1]))
    rows = tuple(
        (
            remedy.text.get(lang),
            Amount.of(gain.difference, "d", signed=True) if gain else None,
            gain.alternative.title.get(lang) if gain else None,
            number,
            finding.rule,
            severity_text(finding.severity, lang),
            tuple(cost.text(lang) for cost in finding.cost) or None,
            tuple(text.get(lang) for text in finding.blocked_by) or None,
        )
        for gain, number, finding, remedy in found
    )
    title = Text(en="Remedies of the findings", zh="问题整改措施").get(lang)
    sheet = Text(en="remedies", zh="整改措施").get(lang)
    return Table("remedies", title, columns(lang, *heads), rows, sheet, whiskers="gain" if sides.gains else "")


def gain_of(gains: Sequence[Gain], finding: Finding, remedy: Remedy) -> Gain | None:
    """Return the greatest simulated gain that shows what a remedy can give; None where none does.

    The end of a step says nothing of a remedy that changes what is asked or keyed there and leaves the step.
    """
    kinds: tuple[Kind, ...] = (_MEANS[remedy.operator],) if remedy.operator in _MEANS else ()
    if remedy.operator in _ENDS and {subject.kind for subject in finding.subjects} <= {"state", "transition"}:
        kinds = ("state", "handoff")
    about = {subject.name for subject in finding.subjects}
    mine = [each for each in gains if each.alternative.kind in kinds and _names(each.alternative.subject) & about]
    return min(mine, key=lambda each: each.difference.mean, default=None)


def _names(subject: str) -> set[str]:
    """Return the names by which a finding can be about the subject of a change: of people, their role too."""
    return {subject, subject.rpartition(".")[2], subject.rpartition(".")[0]} - {""}


def _gains(sides: Sides, kinds: tuple[Kind, ...], key: str, lang: Language) -> Table:
    heads = (
        ("change", Text(en="Change", zh="调整")),
        ("gain", Text(en="Change of lead time", zh="全程用时变化")),
        ("before", _LEAD_TIME),
        ("findings", Text(en="Findings about it", zh="相关问题序号")),
    )
    titles = {
        "sensitivity": Text(en="What small changes of means would give", zh="敏感性：增加一人、一次、一小时的效果"),
        "vanishing": Text(en="What the end of each part would give", zh="各环节若不耗时的效果"),
    }
    rows = tuple(_gain_row(sides, each, lang) for each in sides.gains if each.alternative.kind in kinds)
    sheet = {"sensitivity": Text(en="sensitivity", zh="敏感性"), "vanishing": Text(en="vanishing", zh="环节贡献")}[key]
    return Table(key, titles[key].get(lang), columns(lang, *heads), rows, sheet.get(lang), whiskers="gain")


_LEAD_TIME = Text(en="Lead time before", zh="调整前全程用时")


def _gain_row(sides: Sides, gain: Gain, lang: Language) -> tuple[Cell, ...]:
    numbers = _about(sides.findings or (), gain.alternative.subject)
    shown = ("、" if lang == "zh" else ", ").join(str(number) for number in numbers) or None
    change = Amount.of(gain.difference, "d", signed=True)
    return gain.alternative.title.get(lang), change, Amount.of(gain.before, "d"), shown


def _about(findings: Sequence[Finding], subject: str) -> Iterator[int]:
    names = _names(subject)
    for number, finding in enumerate(findings, start=1):
        if names & {each.name for each in finding.subjects}:
            yield number
