"""The sentences at the top of a report. States what the figures say and nothing beyond."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from procflow.analysis.finding import SEVERITIES, Finding
from procflow.definition import words
from procflow.definition.resolved import Process
from procflow.report.besides import Beside
from procflow.report.figures import interval, quantity, rounded, size_interval
from procflow.text import Language

if TYPE_CHECKING:
    from procflow.analysis.compare import Comparison, Difference

_LARGEST = 3
_ALMOST = 0.02
"""Below this share of what it was, a measure is said to be almost zero."""

_KEYS = ("visits", "documents", "handoffs_department", "visible_steps", "staff_hours")


def headline(
    process: Process,
    after: Process | None,
    findings: "Sequence[Finding] | None",
    comparison: "Comparison | None",
    lang: Language,
    *,
    after_findings: "Sequence[Finding] | None" = None,
    besides: Sequence[Beside] = (),
) -> dict[str, list[str]]:
    """Return the conclusion: ``main`` sentences, the ``largest`` findings, and what ``blocks`` their remedies."""
    main = [*_gain(comparison, lang)] if comparison else []
    main += [beside.text(lang) for beside in besides]
    if findings is not None:
        main.append(_count(findings, lang))
    if after_findings is not None:
        main.append(_left(after_findings, lang))
    if not main:
        main.append(_plain(after, lang))
    return {"main": main, "largest": _largest(findings or (), lang), "blocks": _blocks(findings or (), lang)}


def _gain(comparison: "Comparison", lang: Language) -> Iterator[str]:
    found = {difference.key: difference for difference in comparison.differences}
    if "cycle_wd" in found:
        yield _time(found["cycle_wd"], lang)
    parts = [_part(found[key], lang) for key in _KEYS if key in found and found[key].difference.excludes_zero]
    if parts:
        yield "平均每件：" + "；".join(parts) + "。" if lang == "zh" else "Per case: " + "; ".join(parts) + "."


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
    return f"Lead time {verb} from {before} to {after} on average, by {change} ({share}%; {note})."


def _part(found: "Difference", lang: Language) -> str:
    name = found.name.get(lang)
    if lang == "zh":
        before, after = (quantity(e.mean, found.unit, lang) for e in (found.before, found.after))
        if 0 < found.after.mean < _ALMOST * found.before.mean:
            return f"{name}由 {before}降至几乎为零（{rounded(found.after.mean, found.unit, lang)}）"
        verb = "降至" if found.after.mean < found.before.mean else "升至"
        return f"{name}由 {before}{verb} {after}"
    return f"{name} from {words.number(found.before.mean)} to {words.number(found.after.mean, 2)}"  # named by unit


def _count(findings: Sequence[Finding], lang: Language) -> str:
    if not findings:
        return "未发现问题。" if lang == "zh" else "The analysis found nothing to flag."
    counts = Counter(finding.severity for finding in findings)
    zh = {"high": "高", "medium": "中", "low": "低", "info": "提示"}
    parts = [(severity, counts[severity]) for severity in reversed(SEVERITIES) if counts[severity]]
    if lang == "zh":
        return f"共发现问题 {len(findings)} 项：" + "、".join(f"{zh[s]} {n} 项" for s, n in parts) + "。"
    return f"{len(findings)} findings: " + ", ".join(f"{n} {s}" for s, n in parts) + "."


def _left(findings: Sequence[Finding], lang: Language) -> str:
    if lang == "zh":
        return f"再造后仍有问题 {len(findings)} 项。" if findings else "再造后未发现问题。"
    return f"After the reform {len(findings)} remain." if findings else "After the reform none are found."


def _largest(findings: Sequence[Finding], lang: Language) -> list[str]:
    chosen = [finding for finding in findings if finding.severity != "info"][:_LARGEST]
    shown = []
    for finding in chosen:
        price = finding.cost[0].text(lang) if finding.cost else ""
        cost = f"（{price}）" if lang == "zh" else f" ({price})"
        shown.append(f"{finding.rule} {finding.statement.get(lang)}{cost if price else ''}")
    return shown


def _blocks(findings: Sequence[Finding], lang: Language) -> list[str]:
    found = (f"{finding.rule}：{text.get(lang)}" if lang == "zh" else f"{finding.rule}: {text.get(lang)}"
             for finding in findings for text in finding.blocked_by)  # fmt: skip
    return list(dict.fromkeys(found))


def _plain(after: Process | None, lang: Language) -> str:
    if after is not None:
        return "以下为再造前后的流程图，未提供仿真与问题清单。" if lang == "zh" else (
            "The process before and after the reform; no run and no findings were given."
        )  # fmt: skip
    return "以下为流程现状图，未提供仿真与问题清单。" if lang == "zh" else (
        "The process as it is defined; no run and no findings were given."
    )  # fmt: skip
