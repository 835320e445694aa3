"""The first screen of a report: what the figures say, what to do, why, and what it rests on. States nothing beyond."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from procflow.analysis.finding import SEVERITIES, Finding, severity_text
from procflow.analysis.legal_changes import legal_changes
from procflow.analysis.metrics import summary
from procflow.analysis.run_tables import cases_of
from procflow.definition import words
from procflow.definition.resolved import Process
from procflow.render.facts import flagged_states
from procflow.report.actions import actions
from procflow.report.besides import besides
from procflow.report.figures import interval, quantity, rounded, size_interval
from procflow.report.findings import rule_name
from procflow.report.model import Conclusion, Line
from procflow.report.numbers import number_rows
from procflow.report.sides import Side, Sides
from procflow.report.views import finding_id
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.compare import Comparison, Difference

_LARGEST = 4
_BLOCKS = 3


def conclusion(sides: Sides, lang: Language) -> Conclusion:
    """Return the conclusion of a report."""
    return Conclusion(
        tuple(Line(text) for text in _main(sides, lang)),
        actions(sides, lang),
        tuple(_largest(sides.before_side, lang)),
        tuple(_blocks(sides, lang)),
        tuple(_rests_on(sides, lang)),
    )


def _main(sides: Sides, lang: Language) -> list[str]:
    gained = [_time(found, lang) for found in _gain(sides.comparison)] if sides.comparison else []
    said = gained or [*_today(sides.before_side, lang)]
    said += [beside.text(lang) for beside in besides(sides.run, sides.after_run, sides.after)]
    counted = _count(sides.findings, lang) if sides.findings is not None else ""
    left = _left(sides.after_findings, lang) if sides.after_findings is not None else ""
    if counted or left:
        said.append(counted + ("" if lang == "zh" or not (counted and left) else " ") + left)
    return said or [_plain(sides.after, lang)]


def _today(side: Side, lang: Language) -> Iterator[str]:
    """Yield how long cases take as it is, and how little of that is work."""
    if side.run is None:
        return
    known = {metric.key: metric.estimate.mean for metric in summary(side.run, side.process)}
    mean, late = (rounded(known[key], "wd", lang) for key in ("cycle_wd", "cycle_wd_p90"))
    work, share = rounded(known["work_hours"], "h", lang), quantity(known["efficiency"], "", lang)
    yield Text(
        en=f"A case takes {mean} on average, one in ten {late} or more; only {work} of it ({share}) is hands-on work.",
        zh=f"目前全程用时平均约 {mean}，每十件有一件超过 {late}；其中实际办理仅约 {work}（占 {share}）。",
    ).get(lang)


def _gain(comparison: "Comparison") -> "Iterator[Difference]":
    """Yield the change of lead time, where it was compared."""
    yield from (difference for difference in comparison.differences if difference.key == "cycle_wd")


def _time(found: "Difference", lang: Language) -> str:
    before, after = (rounded(e.mean, found.unit, lang) for e in (found.before, found.after))
    change = rounded(abs(found.difference.mean), found.unit, lang)
    shorter = found.difference.mean < 0
    if not found.difference.excludes_zero:
        note = interval(found.difference, lang)
        if lang == "zh":
            return f"全程用时由平均 {before} 变为 {after}，差异未能与零区分（变化 {note}），不能据此认定提速。"
        return f"Lead time goes from {before} to {after} on average; the change cannot be told from zero ({note})."
    note = size_interval(found.difference, lang)
    share = words.number(100 * abs(found.difference.mean) / found.before.mean) if found.before.mean else "–"
    if lang == "zh":
        verb = "缩短" if shorter else "延长"
        return f"全程用时由平均约 {before}{verb}到约 {after}，{verb}约 {change}（{share}%；{note}）。"
    verb = "falls" if shorter else "rises"
    was = before.partition(" ")[0]
    return f"Lead time {verb} from {was} to {after} on average, by {change} ({share}%; {note})."


def _count(findings: Sequence[Finding], lang: Language) -> str:
    if not findings:
        return "未发现问题。" if lang == "zh" else "The analysis found nothing to flag."
    counts = Counter(finding.severity for finding in findings)
    parts = [(severity, counts[severity]) for severity in reversed(SEVERITIES) if counts[severity]]
    if lang == "zh":
        return (
            f"共发现问题 {len(findings)} 项：" + "、".join(f"{severity_text(s, lang)} {n} 项" for s, n in parts) + "。"
        )
    return f"{len(findings)} findings: " + ", ".join(f"{n} {s}" for s, n in parts) + "."


def _left(findings: Sequence[Finding], lang: Language) -> str:
    if lang == "zh":
        return f"再造后仍有问题 {len(findings)} 项。" if findings else "再造后未发现问题。"
    return f"After the reform {len(findings)} remain." if findings else "After the reform none are found."


def _largest(side: Side, lang: Language) -> Iterator[Line]:
    """Yield the costliest findings, one of each rule: what it is called, where, and what it costs."""
    seen: set[str] = set()
    for number, finding in enumerate(side.findings or (), start=1):
        if finding.severity == "info" or finding.rule in seen or len(seen) == _LARGEST:
            continue
        seen.add(finding.rule)
        yield Line(_short(side, finding, lang), finding_id(side, finding), f"⚑{number}")


def _short(side: Side, finding: Finding, lang: Language) -> str:
    names = [side.graph.nodes[name].label(lang) for name in flagged_states(side.graph, finding)]
    comma, first = ("、" if lang == "zh" else ", "), names[:2]
    where = comma.join(first)
    if len(names) > len(first):
        where += f"等 {len(names)} 个环节" if lang == "zh" else f" and {len(names) - len(first)} more"
    name = rule_name(finding.rule, lang) or finding.rule
    text = f"{name}（{where}）" if lang == "zh" else f"{name} ({where})"
    shown = text if where else name
    if not finding.cost:
        return shown
    cost = finding.cost[0].amount(lang)
    return f"{shown}——{cost}" if lang == "zh" else f"{shown} – {cost}"


def _blocks(sides: Sides, lang: Language) -> Iterator[Line]:
    """Yield what has to be settled first: provisions that the reform touches, and what stands against remedies."""
    if sides.after is not None:
        bases = dict.fromkeys(each.basis for each in legal_changes(sides.process, sides.after))
        if bases:
            text = Text(
                en="The reform touches {n} provisions cited today: have them examined by lawyers",
                zh="改革涉及现行规定 {n} 条：须先经法制审核",
            )
            yield Line(text.get(lang).format(n=len(bases)), "law")
    found = [
        (text.get(lang), number, finding)
        for number, finding in enumerate(sides.findings or (), start=1)
        for text in finding.blocked_by
    ]
    said = list(dict.fromkeys(each for each, _, _ in found))
    for words_of in said[:_BLOCKS]:
        numbers = list(dict.fromkeys(number for each, number, _ in found if each == words_of))
        first = next(finding for each, _, finding in found if each == words_of)
        label = " ".join(f"⚑{number}" for number in numbers[:_LARGEST])
        yield Line(words_of, finding_id(sides.before_side, first), label)
    if len(said) > _BLOCKS:
        more = Text(en="and {n} more", zh="其余 {n} 项").get(lang).format(n=len(said) - _BLOCKS)
        yield Line("", "law", more)


def _rests_on(sides: Sides, lang: Language) -> Iterator[Line]:
    """Yield how many of the numbers have no source, and how much was simulated."""
    rows = [row for side in sides for row in number_rows(side.process, lang, sides.folder)]
    if rows:
        bare = sum(not row.source for row in rows)
        text = Text(
            en="Of {all} numbers in the definitions {bare} are assumed or name no source: check them before deciding",
            zh="定义中的 {all} 个数值有 {bare} 个为假设或未注明来源，决策前应先核实",
        )
        yield Line(text.get(lang).format(all=len(rows), bare=bare), "assumptions")
    if sides.run is not None:
        cases = cases_of(sides.run, sides.process).filter("in_cohort").height
        text = Text(
            en="Simulated {n} times over {days}, {cases} cases counted of each variant; the intervals are those of the "
            "simulation, not of the assumptions",
            zh="独立仿真 {n} 次，每次 {days}，每个方案统计 {cases} 件；所列区间反映仿真误差，不反映假设的误差",
        )
        scenario = sides.run.scenario
        days = words.amount(scenario.days, "d", lang) if scenario.days else "–"
        yield Line(text.get(lang).format(n=scenario.replications, days=days, cases=f"{cases:,}"), "provenance")


def _plain(after: Process | None, lang: Language) -> str:
    if after is not None:
        return "以下为再造前后的流程图，未提供仿真与问题清单。" if lang == "zh" else (
            "The process before and after the reform; no run and no findings were given."
        )  # fmt: skip
    return "以下为流程现状图，未提供仿真与问题清单。" if lang == "zh" else (
        "The process as it is defined; no run and no findings were given."
    )  # fmt: skip
