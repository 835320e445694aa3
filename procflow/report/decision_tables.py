"""What there is to decide: who does what, which rules stand in the way, which remedies give how much."""

from collections.abc import Sequence

from procflow.analysis.legal_changes import LegalChange, legal_changes
from procflow.analysis.responsibility import PARTS, Part, responsibilities
from procflow.definition.citations import cited
from procflow.report.findings import rule_name
from procflow.report.model import Cell, Link, Section, Table
from procflow.report.sides import Side, Sides, columns
from procflow.report.views import finding_id
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
            Link(f"⚑{number}", finding_id(side, f)),
            f"{rule_name(f.rule, lang)} {f.rule}".strip(),
            f.statement.get(lang),
            tuple(b.get(lang) for b in f.blocked_by),
            cited(f.legal_hook or "", lang),
        )
        for number, f in enumerate(side.findings or (), start=1)
        if f.blocked_by
    )
    title = Text(en="Findings whose remedy something stands against", zh="整改受制约的问题").get(lang)
    return Table("blocked", title, columns(lang, *heads), rows, Text(en="blocked", zh="受制约").get(lang))
