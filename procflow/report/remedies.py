"""Which remedies give how much: ranked, with what small changes of means and the end of each part would give."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from procflow.analysis.finding import SEVERITIES, Finding, Remedy, Severity, severity_text
from procflow.analysis.what_if.alternatives import Gain, Kind
from procflow.report.findings import rule_name
from procflow.report.model import Amount, Cell, Link, Section, Table
from procflow.report.sides import Sides, columns
from procflow.report.views import finding_id
from procflow.text import Language, Text

_MEANS: dict[str, Kind] = {
    "align_cadence": "sitting",
    "on_demand": "sitting",
    "restaff": "person",
    "shift_hours": "hour",
}
"""Which change of means shows what a remedy gives."""

_ENDS = frozenset({"eliminate", "merge", "direct", "automate", "delegate", "parallelize"})
"""Remedies that can give at most what the end of the step or handoff gives, where that is all the finding is about."""


def remedies_section(sides: Sides, lang: Language) -> Section | None:
    """Return the remedies ranked by what they give, and what each small change and each part's end would give."""
    ranked = _remedies(sides, lang)
    if not ranked.rows and not sides.gains:
        return None
    title = Text(en="Remedies, ranked", zh="整改措施排序").get(lang)
    tables = [ranked]
    if sides.gains:
        small = _gains(sides, ("person", "sitting", "hour"), "sensitivity", lang)
        ends = _gains(sides, ("state", "handoff", "calendar"), "vanishing", lang)
        tables += [table for table in (small, ends) if table.rows]
    note = Text(
        en="Changes are simulated, pairwise under the same luck, in calendar days of lead time. Where a step or "
        "handoff is simulated as taking no time, that is the most that its remedy can give. Remedies that nothing "
        "simulated shows follow, in the order of the findings, by their cost.",
        zh="变化为同一随机条件下配对仿真所得的全程用时变化（自然日）。以环节或移送“不耗时”仿真的，为相应整改收益的"
        "上限。未做仿真的措施列于其后，按问题的成本排序。",
    ).get(lang)
    return Section("remedies", title, tuple(tables), note=note)


@dataclass(frozen=True)
class Ranked:
    """A remedy, the findings that name it with their numbers, and the greatest simulated gain that it may bring."""

    text: str
    findings: tuple[tuple[int, Finding], ...]
    gain: Gain | None

    @property
    def severity(self) -> Severity:
        """The greatest severity of its findings."""
        return max((finding.severity for _, finding in self.findings), key=SEVERITIES.index)


def ranked(sides: Sides, lang: Language) -> list[Ranked]:
    """Return the remedies of the findings, each once: by what they gain beyond doubt, then by their findings."""
    named: dict[str, dict[int, Finding]] = {}
    gains: dict[str, list[Gain]] = {}
    for number, finding in enumerate(sides.findings or (), start=1):
        for remedy in finding.remedies:
            text = remedy.text.get(lang)
            named.setdefault(text, {})[number] = finding
            gain = gain_of(sides.gains, finding, remedy)
            gains.setdefault(text, []).extend([gain] if gain is not None else [])
    found = [
        Ranked(text, tuple(each.items()), min(gains[text], key=lambda gain: gain.difference.mean, default=None))
        for text, each in named.items()
    ]
    return sorted(found, key=lambda each: each.gain.difference.mean if each.gain and each.gain.clear else 0.0)


def _remedies(sides: Sides, lang: Language) -> Table:
    heads = [("remedy", Text(en="Remedy", zh="整改措施"))]
    if sides.gains:
        heads += [
            ("gain", Text(en="Change of lead time", zh="全程用时变化")),
            ("shown_by", Text(en="Simulated as", zh="仿真方式")),
        ]
    heads += [
        ("findings", Text(en="Findings that it mends, and what leaving them costs", zh="解决的问题及不整改的成本")),
        ("severity", Text(en="Severity", zh="程度")),
        ("blocked", Text(en="Blocked by", zh="受制于")),
    ]
    rows = tuple(_row(sides, each, lang) for each in ranked(sides, lang))
    title = Text(en="Remedies of the findings", zh="问题整改措施").get(lang)
    sheet = Text(en="remedies", zh="整改措施").get(lang)
    return Table("remedies", title, columns(lang, *heads), rows, sheet, whiskers="gain" if sides.gains else "")


def _row(sides: Sides, each: Ranked, lang: Language) -> tuple[Cell, ...]:
    gain: tuple[Cell, ...] = ()
    if sides.gains:
        change = Amount.of(each.gain.difference, "d", signed=True) if each.gain else None
        gain = change, each.gain.alternative.title.get(lang) if each.gain else None
    links = tuple(_mended(sides, number, finding, lang) for number, finding in each.findings)
    blocked = dict.fromkeys(text.get(lang) for _, finding in each.findings for text in finding.blocked_by)
    return each.text, *gain, links, severity_text(each.severity, lang), tuple(blocked) or None


def _mended(sides: Sides, number: int, finding: Finding, lang: Language) -> Link:
    cost = finding.cost[0].amount(lang) if finding.cost else ""
    between = ("：" if lang == "zh" else ": ") if cost else ""
    name = rule_name(finding.rule, lang) or finding.rule
    return Link(f"⚑{number} {name}{between}{cost}", finding_id(sides.before_side, finding))


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
