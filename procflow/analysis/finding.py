"""What an analysis says: findings with their evidence, price and remedies, and how they are shown. Decides nothing."""

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, overload

from procflow.definition import words
from procflow.definition.base import Path
from procflow.definition.citations import cited
from procflow.definition.expecting import expect_one_of
from procflow.definition.resolved import Process
from procflow.definition.shown import Shown
from procflow.errors import AnalysisError
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.analysis.acceptance import AcceptedFinding

Severity = Literal["info", "low", "medium", "high"]
SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high")
"""From the least to the greatest; a finding's severity follows its cost, never its rule."""

SubjectKind = Literal[
    "state", "transition", "item", "document", "system", "department", "limit", "role", "process", "check"
]
CostKind = Literal["visits", "keyed_items", "materials", "minutes", "working_days"]

_SEVERITY_TEXTS = {
    "info": Text(en="info", zh="提示"),
    "low": Text(en="low", zh="低"),
    "medium": Text(en="medium", zh="中"),
    "high": Text(en="high", zh="高"),
}
_COST_TEXTS: dict[CostKind, tuple[Text, str]] = {
    "visits": (Text(en="visits", zh="跑动"), "visits"),
    "keyed_items": (Text(en="filling in and keying", zh="填写录入"), "entries"),
    "materials": (Text(en="materials", zh="材料"), "materials"),
    "minutes": (Text(en="work", zh="人工"), "min"),
    "working_days": (Text(en="time", zh="用时"), "wd"),
}
"""What each kind of cost is called, and its unit."""

_MANY_MINUTES = 600
"""From so many minutes a year on they are told in hours."""


def severity_text(severity: Severity, lang: Language = "en") -> str:
    """Return a severity as a word for people."""
    return _SEVERITY_TEXTS[severity].get(lang)


@dataclass(frozen=True, order=True)
class Subject:
    """What a finding is about: a state by its qualified name, an item, a system …"""

    kind: SubjectKind
    name: str


@dataclass(frozen=True)
class Step:
    """One state on a witness path, by qualified name, and what happens there."""

    state: str
    remark: Text | None = None


@dataclass(frozen=True)
class Witness:
    """A path through the process that proves a finding."""

    steps: tuple[Step, ...]

    def text(self, lang: Language = "en") -> str:
        """Return the path as one line: ``application (asks a) → review → …``."""
        shape = "{}（{}）" if lang == "zh" else "{} ({})"
        shown = (shape.format(s.state, s.remark.get(lang)) if s.remark else s.state for s in self.steps)
        return " → ".join(shown)

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {"kind": "witness", "steps": [{"state": s.state, "remark": text_data(s.remark)} for s in self.steps]}


SHARE = "share"
"""The unit of a part of 1."""


@dataclass(frozen=True)
class Measurement:
    """A number that proves a finding: ``low`` and ``high`` bound its interval, ``n`` is the size of the sample.

    ``unit`` is a unit of time, a word for what is counted, or ``share`` for a part of 1, which people read in percent.
    """

    name: Text
    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    n: int | None = None

    def __post_init__(self) -> None:
        if not self.unit:
            raise AnalysisError(
                Text(
                    en=f"{self.name.get('en')}: a measurement needs its unit, 'share' for a part of 1",
                    zh=f"{self.name.get('zh')}：数据须注明单位，比例用 share",
                )
            )

    def text(self, lang: Language = "en") -> str:
        """Return ``name: value unit [low, high], n = …``."""
        colon, comma = ("：", "，") if lang == "zh" else (": ", ", ")
        scale = 100 if self.unit == SHARE else 1
        unit = "%" if self.unit == SHARE else words.unit(self.unit, lang) if lang == "zh" else self.unit
        shown = f"{self.name.get(lang)}{colon}{scale * self.value:.4g}{' ' + unit if unit else ''}"
        if self.low is not None and self.high is not None:
            shown += f" [{scale * self.low:.4g}, {scale * self.high:.4g}]"
        return shown if self.n is None else f"{shown}{comma}n = {self.n}"

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON; what is not a number becomes null."""
        return {
            "kind": "measurement",
            "name": text_data(self.name),
            "value": _number(self.value),
            "unit": self.unit,
            "low": _number(self.low),
            "high": _number(self.high),
            "n": self.n,
        }


Evidence = Witness | Measurement


@dataclass(frozen=True)
class Cost:
    """What a finding costs per case, and per year where the number of cases is known; ``basis`` says how computed."""

    kind: CostKind
    per_case: float
    per_year: float | None
    basis: Text

    def text(self, lang: Language = "en") -> str:
        """Return the cost in one line, with how it was computed."""
        basis = self.basis.get(lang)
        return f"{self.amount(lang)}（{basis}）" if lang == "zh" else f"{self.amount(lang)} ({basis})"

    def amount(self, lang: Language = "en") -> str:
        """Return the cost in one line: ``work: 154 minutes per case, 5,144 hours per year``."""
        name, unit = _COST_TEXTS[self.kind]
        case, year = f"{words.number(self.per_case)} {words.unit(unit, lang)}", self.per_year
        if lang == "zh":
            return f"{name.get(lang)}：每件 {case}" + (f"，每年 {self._yearly(year, lang)}" if year is not None else "")
        return f"{name.get(lang)}: {case} per case" + (
            f", {self._yearly(year, lang)} per year" if year is not None else ""
        )

    def _yearly(self, year: float, lang: Language) -> str:
        unit = _COST_TEXTS[self.kind][1]
        if unit == "min" and year >= _MANY_MINUTES:
            unit, year = "h", year / 60
        return f"{year:,.0f} {words.unit(unit, lang)}"

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "kind": self.kind,
            "per_case": _number(self.per_case),
            "per_year": _number(self.per_year),
            "basis": text_data(self.basis),
        }


@dataclass(frozen=True)
class Remedy:
    """A way to mend a finding: the name of a redesign operator, or '' where the definition or rule itself changes."""

    operator: str
    text: Text


@dataclass(frozen=True)
class Place:
    """Where in a file a finding stands; line and column count from 1, 0 where unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


def place(process: Process, path: Path = ()) -> Place:
    """Return where a path of the process's definition stands in its file."""
    return Place(process.origin.process.file, *process.origin.process.locate(path))


@dataclass(frozen=True)
class Finding(Shown):
    """Something in a process that costs more than it needs to, with the evidence for it.

    ``blocked_by`` says what stands against a remedy (a legal lock, a duty); ``thresholds`` are the settings that
    the finding depends on. Raises AnalysisError where it has no evidence.
    """

    rule: str
    process: str
    variant: str
    severity: Severity
    subjects: tuple[Subject, ...]
    statement: Text
    evidence: tuple[Evidence, ...]
    cost: tuple[Cost, ...] = ()
    legal_hook: str | None = None
    blocked_by: tuple[Text, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict, hash=False)
    place: Place = Place("<memory>")

    def __post_init__(self) -> None:
        if not self.evidence:
            raise AnalysisError(
                Text(
                    en=f"{self.rule}: a finding needs evidence, a witness path or a measurement",
                    zh=f"{self.rule}：结论必须有证据（路径或数据）",
                )
            )

    @property
    def id(self) -> str:
        """Twelve hex digits that stay the same as long as rule, process, variant and subjects do."""
        parts = [self.rule, self.process, self.variant, *(f"{s.kind}:{s.name}" for s in self.subjects)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]

    @property
    def key(self) -> tuple[str, frozenset[str]]:
        """By which it is accepted: its rule and the names of its subjects, whatever their order."""
        return self.rule, frozenset(subject.name for subject in self.subjects)

    def names(self, kind: SubjectKind) -> tuple[str, ...]:
        """Return the names of its subjects of one kind, in order."""
        return tuple(subject.name for subject in self.subjects if subject.kind == kind)

    def text(self, lang: Language = "en") -> str:
        """Return the finding over several lines: statement, evidence, cost, hook, what blocks it, remedies."""
        labels = _LABELS[lang]
        lines = [f"{self.place}: {self.rule} [{severity_text(self.severity, lang)}] {self.statement.get(lang)}"]
        lines += [f"  {labels['evidence']}{e.text(lang)}" for e in self.evidence]
        lines += [f"  {labels['cost']}{c.text(lang)}" for c in self.cost]
        lines += [f"  {labels['hook']}{cited(self.legal_hook, lang)}"] if self.legal_hook else []
        lines += [f"  {labels['blocked']}{b.get(lang)}" for b in self.blocked_by]
        lines += [f"  {labels['remedy']}{_remedy(r, lang)}" for r in self.remedies]
        if self.thresholds:
            lines.append(f"  {labels['thresholds']}" + ", ".join(f"{k} = {v:g}" for k, v in self.thresholds.items()))
        return "\n".join(lines)

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON, texts as ``{en, zh}``."""
        return {
            "id": self.id,
            "rule": self.rule,
            "process": self.process,
            "variant": self.variant,
            "severity": self.severity,
            "subjects": [{"kind": s.kind, "name": s.name} for s in self.subjects],
            "statement": text_data(self.statement),
            "evidence": [e.to_data() for e in self.evidence],
            "cost": [c.to_data() for c in self.cost],
            "legal_hook": self.legal_hook,
            "blocked_by": [text_data(b) for b in self.blocked_by],
            "remedies": [{"operator": r.operator, "text": text_data(r.text)} for r in self.remedies],
            "thresholds": dict(self.thresholds),
            "place": {"file": self.place.file, "line": self.place.line, "column": self.place.column},
        }

    def __str__(self) -> str:
        return self.text("en")


_LABELS: dict[Language, dict[str, str]] = {
    "en": {
        "evidence": "evidence: ",
        "cost": "cost: ",
        "hook": "law: ",
        "blocked": "blocked by: ",
        "remedy": "remedy: ",
        "thresholds": "thresholds: ",
    },
    "zh": {
        "evidence": "证据：",
        "cost": "成本：",
        "hook": "法律依据：",
        "blocked": "受制于：",
        "remedy": "改进：",
        "thresholds": "阈值：",
    },
}


class Findings(Shown, Sequence[Finding]):
    """The findings of an analysis, the costliest first.

    ``skipped`` names the rules that were not run, because they need a run and none was given, or because a log lacks
    something, which ``reasons`` tells by rule. ``accepted`` are the findings that a file accepts: not part of the
    sequence, so that they do not count; ``notes`` tells which entries of that file have expired or match nothing.
    """

    def __init__(
        self,
        findings: Iterable[Finding],
        *,
        skipped: Sequence[str] = (),
        accepted: "Sequence[AcceptedFinding]" = (),
        notes: Sequence[Text] = (),
        reasons: Mapping[str, Text] | None = None,
    ) -> None:
        self._findings = tuple(sorted(findings, key=_rank))
        self.skipped = tuple(skipped)
        self.accepted = tuple(accepted)
        self.notes = tuple(notes)
        self.reasons = dict(reasons or {})

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> "Findings": ...
    def __getitem__(self, index: int | slice) -> "Finding | Findings":
        if isinstance(index, slice):
            return self._with(self._findings[index], self.accepted)
        return self._findings[index]

    def __len__(self) -> int:
        return len(self._findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._findings)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Findings):
            return NotImplemented
        return self._all == other._all

    def __hash__(self) -> int:
        return hash((self._findings, self.skipped))

    @property
    def _all(self) -> tuple[object, ...]:
        return self._findings, self.skipped, self.accepted, self.notes, self.reasons

    def of(self, *rules: str) -> "Findings":
        """Return the findings of these rules."""
        return self._where(lambda f: f.rule in rules)

    def about(self, name: str) -> "Findings":
        """Return the findings that have ``name`` (a state, item, system …) among their subjects."""
        return self._where(lambda f: any(s.name == name for s in f.subjects))

    def at_least(self, severity: Severity) -> "Findings":
        """Return the findings of this severity or a greater one; raise ArgumentError for no severity."""
        expect_one_of(severity, SEVERITIES, argument="severity")
        floor = SEVERITIES.index(severity)
        return self._where(lambda f: SEVERITIES.index(f.severity) >= floor)

    def text(self, lang: Language = "en") -> str:
        """Return all findings as text, the costliest first."""
        expect_one_of(lang, ("en", "zh"), argument="lang")
        counted = [finding.text(lang) for finding in self] or [{"en": "no findings", "zh": "没有发现问题"}[lang]]
        return "\n".join(counted + [accepted.text(lang) for accepted in self.accepted])

    def to_data(self) -> list[dict[str, Any]]:
        """Return plain data for JSON."""
        return [finding.to_data() for finding in self]

    def __str__(self) -> str:
        return self.text("en")

    def __repr__(self) -> str:
        return f"<Findings: {len(self)}>"

    def _where(self, keep: Callable[[Finding], bool]) -> "Findings":
        accepted = [each for each in self.accepted if keep(each.finding)]
        return self._with((f for f in self if keep(f)), accepted)

    def _with(self, findings: Iterable[Finding], accepted: "Sequence[AcceptedFinding]") -> "Findings":
        """Return other findings of the same analysis."""
        return Findings(findings, skipped=self.skipped, accepted=accepted, notes=self.notes, reasons=self.reasons)


def _rank(finding: Finding) -> tuple[int, tuple[float, ...], str, tuple[Subject, ...]]:
    heaviest = tuple(sorted(-c.per_case for c in finding.cost))
    return -SEVERITIES.index(finding.severity), heaviest, finding.rule, finding.subjects


def _remedy(remedy: Remedy, lang: Language) -> str:
    return f"{remedy.operator}: {remedy.text.get(lang)}" if remedy.operator else remedy.text.get(lang)


def text_data(text: Text | None) -> dict[str, str] | None:
    """Return a text as plain data for JSON."""
    return None if text is None else {"en": text.get("en"), "zh": text.get("zh")}


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value
