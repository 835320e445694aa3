"""Findings that somebody has accepted, with a reason and until a day: they stay visible and no longer count.

Reads the file beside the process file; never writes one.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from procflow.analysis.finding import Finding, Findings, Place, text_data
from procflow.analysis.registry import rules
from procflow.definition.accepted import Acceptance, AcceptedFindings
from procflow.definition.diagnostics import did_you_mean
from procflow.definition.loader import read_accepted
from procflow.definition.resolved import Process
from procflow.definition.source import SourceMap
from procflow.errors import DefinitionError, Problem
from procflow.text import Language, Text


@dataclass(frozen=True)
class AcceptedFinding:
    """A finding that somebody has accepted: why, until which day, by whom, and where that is written."""

    finding: Finding
    reason: Text
    until: dt.date
    by: str | None
    place: Place

    def text(self, lang: Language = "en") -> str:
        """Return the finding in short with the reason, on two lines."""
        found, by = self.finding, f" ({self.by})" if self.by else ""
        if lang == "zh":
            by = f"（{self.by}）" if self.by else ""
            return (
                f"{found.place}: {found.rule} [已接受] {found.statement.get(lang)}\n"
                f"  至 {self.until}{by}：{self.reason.get(lang)}（{self.place}）"
            )
        return (
            f"{found.place}: {found.rule} [accepted] {found.statement.get(lang)}\n"
            f"  until {self.until}{by}: {self.reason.get(lang)} ({self.place})"
        )

    def to_data(self) -> dict[str, Any]:
        """Return the finding as plain data for JSON, with what accepts it under ``accepted``."""
        where = {"file": self.place.file, "line": self.place.line, "column": self.place.column}
        accepted = {"reason": text_data(self.reason), "until": self.until.isoformat(), "by": self.by, "place": where}
        return {**self.finding.to_data(), "accepted": accepted}


@dataclass(frozen=True)
class Accepted:
    """What a file accepts, with the place of each entry."""

    content: AcceptedFindings
    source: SourceMap

    def place(self, index: int) -> Place:
        """Return where the entry with an index stands."""
        return Place(self.source.file, *self.source.locate(("findings", index)))


def accepted_path(process: Process) -> Path | None:
    """Return where a process's accepted findings are: ``as_is.accepted.yaml`` beside ``as_is.yaml``.

    None for a process that was built in memory. The file need not exist.
    """
    file = process.origin.process.file
    return None if file.startswith("<") else Path(file).with_suffix(".accepted.yaml")


def load_accepted(process: Process, path: str | Path | None = None) -> Accepted | None:
    """Return what is accepted of a process, by default in the file beside its own; None where there is none.

    Raises DefinitionError where a file that is named or there cannot be read, is of another process or variant, or
    accepts a finding of an unknown rule.

    >>> from procflow.definition.shipped import folder
    >>> from procflow.machine.loading import load
    >>> load_accepted(load(folder() / "processes" / "food_license" / "as_is.yaml")) is None
    True
    """
    place = Path(path) if path is not None else accepted_path(process)
    if place is None or (path is None and not place.exists()):
        return None
    accepted = Accepted(*read_accepted(place))
    problems = _problems(process, accepted)
    if problems:
        raise DefinitionError(problems)
    return accepted


def _problems(process: Process, accepted: Accepted) -> list[Problem]:
    content, found = accepted.content, []
    for field, said, meant in (
        ("accepted", content.accepted, process.name),
        ("variant", content.variant, process.variant),
    ):
        if said != meant:
            message = Text(
                en=f"this accepts findings of {field_text(field, 'en')} {said!r}, and the one analyzed is {meant!r}",
                zh=f"本文件针对{field_text(field, 'zh')} {said!r}，而所分析的是 {meant!r}",
            )
            found.append(accepted.source.problem((field,), message, code="another_process"))
    known = [rule.id for rule in rules()]
    for index, entry in enumerate(content.findings):
        if entry.rule not in known:
            hint = did_you_mean(entry.rule, known)
            message = Text(en=f"no rule {entry.rule!r}{hint.en}", zh=f"没有规则 {entry.rule!r}{hint.zh}")
            found.append(accepted.source.problem(("findings", index, "rule"), message, code="unknown_rule"))
    return found


def field_text(field: str, lang: str) -> str:
    """Return what one of the head's two fields names."""
    return {"accepted": {"en": "process", "zh": "流程"}, "variant": {"en": "variant", "zh": "方案"}}[field][lang]


def settle(findings: Findings, accepted: Accepted, *, applied: Collection[str], today: dt.date) -> Findings:
    """Return findings without those that are accepted, which it keeps apart, and notes on entries that do nothing.

    ``applied`` are the rules that were run: an entry of another rule may still be needed. An entry that has expired
    or matches nothing is told with its place.
    """
    entries = {entry.key: (index, entry) for index, entry in enumerate(accepted.content.findings)}
    counted, kept, notes, used = [], [], [], set()
    for finding in findings:
        index, entry = entries.get(finding.key, (-1, None))
        used.add(index)
        if entry is None or entry.until < today:
            counted.append(finding)
        else:
            kept.append(AcceptedFinding(finding, entry.reason, entry.until, entry.by, accepted.place(index)))
    for index, entry in entries.values():
        if index not in used and entry.rule in applied:
            notes.append(_unmatched(accepted.place(index), entry))
        elif index in used and entry.until < today:
            notes.append(_expired(accepted.place(index), entry))
    return Findings(counted, skipped=findings.skipped, accepted=kept, notes=notes, reasons=findings.reasons)


def _unmatched(place: Place, entry: Acceptance) -> Text:
    en, zh = ", ".join(entry.about), "、".join(entry.about)
    return Text(
        en=f"{place}: {entry.rule} about {en} is accepted but not found: remove the entry, or see whether the subjects "
        "of the finding have changed",
        zh=f"{place}：已接受的 {entry.rule}（{zh}）未再发现：请删去该条，或核对所涉对象是否已变",
    )


def _expired(place: Place, entry: Acceptance) -> Text:
    en, zh = ", ".join(entry.about), "、".join(entry.about)
    return Text(
        en=f"{place}: {entry.rule} about {en} was accepted until {entry.until} and counts again: decide anew",
        zh=f"{place}：{entry.rule}（{zh}）的接受期限至 {entry.until}，现重新计入：请重新决定",
    )


def entry_text(finding: Finding, reason: str, until: dt.date, by: str | None) -> str:
    """Return a finding's entry as the lines of a file of accepted findings.

    >>> from procflow.definition.shipped import folder
    >>> from procflow.machine.loading import load
    >>> from procflow.analysis.registry import analyze
    >>> (found,) = analyze(load(folder() / "processes" / "food_license" / "as_is.yaml"), rules=["R8"])
    >>> print(entry_text(found, "until the new system is there", dt.date(2026, 12, 31), None))
      - rule: R8
        about: [dispatch]
        reason: until the new system is there
        until: 2026-12-31
    """
    about = list(dict.fromkeys(subject.name for subject in finding.subjects))
    lines = [
        f"  - rule: {finding.rule}",
        f"    about: [{', '.join(map(_scalar, about))}]",
        f"    reason: {_scalar(reason)}",
        f"    until: {until}",
    ]
    return "\n".join(lines + ([f"    by: {_scalar(by)}"] if by else []))


def _scalar(text: str) -> str:
    """Return a text as a YAML scalar, in quotes where it needs them."""
    import yaml

    written = yaml.safe_dump([text], allow_unicode=True, default_flow_style=True, width=10**9).strip()
    return written[1:-1]
