"""What a reform changes, as a report shows it: the four reductions, materials, cadences, all measures."""

from collections.abc import Iterator

from procflow.analysis.compare import Comparison, Reduction
from procflow.analysis.frequency_table import FrequencyRow, frequency_table
from procflow.analysis.materials_list import Demand, MaterialRow, materials_list
from procflow.definition import words
from procflow.definition.citations import cited
from procflow.report.figures import is_idle, measure_name
from procflow.report.model import Amount, Cell, Section, Table
from procflow.report.sides import Side, Sides, columns
from procflow.text import Language, Text

_BEFORE, _AFTER = Text(en="Before", zh="再造前"), Text(en="After", zh="再造后")
_CHANGES = {
    "kept": Text(en="kept", zh="保留"),
    "dropped": Text(en="no longer asked", zh="取消"),
    "added": Text(en="new", zh="新增"),
    "less_often": Text(en="asked less often", zh="减少次数"),
}
_FORMS = {
    "original": Text(en="original", zh="原件"),
    "copy": Text(en="copy", zh="复印件"),
    "electronic": Text(en="electronic", zh="电子件"),
    "shown": Text(en="shown only", zh="验原件"),
}


def comparison_section(sides: Sides, lang: Language) -> Section | None:
    """Return what the reform changes in numbers; None where nothing was compared."""
    comparison = sides.comparison
    if comparison is None:
        return None
    lead = Text(
        en="Paired replications under the same arrivals and the same luck: {}",
        zh="到件与随机因素相同的配对仿真次数：{}",
    )
    note = Text(
        en="A change in bold has an interval without zero. People who do nothing before or after are left out.",
        zh="加粗的变化其置信区间不含零。前后均无工作量的人员不列。",
    )
    tables = (_four(comparison, lang), _measures(sides, comparison, lang))
    title = Text(en="Before and after", zh="再造前后对比").get(lang)
    return Section(
        "comparison", title, tables, lead=lead.get(lang).format(comparison.replications), note=note.get(lang)
    )


def demands_section(sides: Sides, lang: Language) -> Section:
    """Return what the process asks of applicants, and how often it takes their cases."""
    title = Text(en="Materials and cadences", zh="材料与频次").get(lang)
    return Section("materials", title, (_materials(sides, lang), _frequency(sides, lang)))


def _four(comparison: Comparison, lang: Language) -> Table:
    heads = (
        ("name", Text(en="Reduction", zh="四减")),
        ("before", _BEFORE),
        ("after", _AFTER),
        ("less", Text(en="Less by", zh="压减比例")),
    )
    rows = tuple(_reduction(each, lang) for each in comparison.reductions)
    title = Text(en="The four reductions", zh="四减对比表").get(lang)
    return Table("reductions", title, columns(lang, *heads), rows, Text(en="reductions", zh="四减").get(lang))


def _reduction(found: Reduction, lang: Language) -> tuple[Cell, ...]:
    before, after = (Amount(value, found.unit) for value in (found.before, found.after))
    if found.share is None:
        return found.name.get(lang), before, after, None
    share = Amount(found.share, "", found.low, found.high, estimated=not found.exact, official=True)
    return found.name.get(lang), before, after, share


def _measures(sides: Sides, comparison: Comparison, lang: Language) -> Table:
    heads = (
        ("name", Text(en="Measure", zh="指标")),
        ("before", _BEFORE),
        ("after", _AFTER),
        ("change", Text(en="Change", zh="变化")),
    )
    rows = tuple(
        (
            measure_name(found, sides.process.organization, lang),
            Amount.of(found.before, found.unit),
            Amount.of(found.after, found.unit),
            Amount.of(found.difference, found.unit, signed=True),
        )
        for found in comparison.differences
        if not is_idle(found)
    )
    title = Text(en="All measures", zh="全部指标").get(lang)
    return Table("measures", title, columns(lang, *heads), rows, Text(en="measures", zh="全部指标").get(lang))


def _materials(sides: Sides, lang: Language) -> Table:
    heads = [("document", Text(en="Material", zh="材料")), ("issuer", Text(en="Issued by", zh="出具单位"))]
    compared = sides.after_side is not None
    if compared:
        heads += [("before", _BEFORE), ("after", _AFTER), ("change", Text(en="Change", zh="变化"))]
    else:
        heads += [("asked", Text(en="Asked at", zh="索要环节"))]
    heads += [("basis", Text(en="Legal basis", zh="依据"))]
    rows = tuple(_material(sides, row, lang) for row in materials_list(sides.process, sides.after))
    title = (
        Text(en="Materials before and after", zh="材料清单对比表") if compared else Text(en="Materials", zh="材料清单")
    )
    sheet = Text(en="materials", zh="材料清单").get(lang)
    return Table("materials", title.get(lang), columns(lang, *heads), rows, sheet)


def _material(sides: Sides, row: MaterialRow, lang: Language) -> tuple[Cell, ...]:
    head: tuple[Cell, ...] = (row.title.get(lang), row.issuer.get(lang) if row.issuer else None)
    bases = tuple(cited(basis, lang) for each in (row.before or row.after,) if each for basis in each.bases)
    before = _asked(sides.before_side, row.before, lang)
    if sides.after_side is None:
        return (*head, before, bases or None)
    return (*head, before, _asked(sides.after_side, row.after, lang), _CHANGES[row.change].get(lang), bases or None)


def _asked(side: Side, demand: Demand | None, lang: Language) -> Cell:
    if demand is None:
        return None
    forms = ("、" if lang == "zh" else ", ").join(_FORMS[form].get(lang) for form in demand.forms)
    steps = tuple(side.graph.nodes[name].label(lang) for name in demand.steps)
    return tuple(f"{step}（{forms}）" if lang == "zh" else f"{step} ({forms})" for step in steps)


def _frequency(sides: Sides, lang: Language) -> Table:
    heads = (
        ("variant", Text(en="Variant", zh="方案")),
        ("step", Text(en="Step or transfer", zh="环节或移送")),
        ("rule", Text(en="How often", zh="频次")),
        ("expected", Text(en="Expected wait", zh="推算平均等待")),
        ("measured", Text(en="Measured wait", zh="仿真平均等待")),
        ("saved", Text(en="Saved if twice as often", zh="频次加倍可节省")),
    )
    rows = tuple(_cadence(side, row, lang) for side in sides for row in _cadences(side))
    title = Text(en="Frequency gaps: what cases wait for sittings and couriers", zh="频率差表：等待批次与定时移送")
    sheet = Text(en="frequency", zh="频率差").get(lang)
    return Table("frequency", title.get(lang), columns(lang, *heads), rows, sheet)


def _cadences(side: Side) -> Iterator[FrequencyRow]:
    """Yield each cadence once: several transfers of one step on the same round wait alike."""
    seen = set()
    for row in frequency_table(side.process, side.run):
        name = (row.title, str(row.rule))
        if name not in seen:
            seen.add(name)
            yield row


def _cadence(side: Side, row: FrequencyRow, lang: Language) -> tuple[Cell, ...]:
    link = side.link(row.state, lang)
    step = type(link)(row.title.get(lang), link.target) if not isinstance(link, str) else row.title.get(lang)
    measured = None if row.measured is None or row.measured.n == 0 else Amount.of(row.measured, "wd")
    saved = Amount(row.expected.saved_wd, "wd")
    every = words.recurrence(row.rule, lang)
    return side.name(lang), step, every, Amount(row.expected.now_wd, "wd"), measured, saved
