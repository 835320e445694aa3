"""What a reform changed: two runs of variants of one process, paired replication by replication. Runs nothing."""

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from procflow.analysis.metrics import replication_means
from procflow.analysis.run_tables import midnights_us, process_of
from procflow.definition.expecting import expect_run
from procflow.definition.limits import Limit
from procflow.definition.resolved import Process
from procflow.definition.shown import Shown
from procflow.errors import AnalysisError
from procflow.simulation.statistics import Estimate, estimate, paired_difference, paired_reduction
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.simulation.run import Run


@dataclass(frozen=True)
class Difference:
    """One metric before and after, with the paired difference ``after − before`` and its interval."""

    key: str
    name: Text
    unit: str
    before: Estimate
    after: Estimate
    difference: Estimate

    def cells(self, lang: Language = "en") -> tuple[str, str, str, str]:
        """Return name, before, after and difference as text."""
        return _with_unit(self.name, self.unit, lang), _number(self.before), _number(self.after), _bounds(self, lang)

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON; an unknown bound is null."""
        estimates = {name: _estimate_data(getattr(self, name)) for name in ("before", "after", "difference")}
        return {"key": self.key, "name": _text_data(self.name), "unit": self.unit, **estimates}


_EXACT = Text(en=" (exact)", zh="（规定值，无区间）")


@dataclass(frozen=True)
class Reduction:
    """One of the four reductions (四减): ``share`` is (before − after) ÷ before, None where that has no meaning.

    ``low`` and ``high`` bound the share of what was measured; a limit is declared, not measured, and has no interval,
    nor has a single replication.
    """

    key: str
    name: Text
    unit: str
    before: float
    after: float
    share: float | None
    low: float | None = None
    high: float | None = None

    @property
    def exact(self) -> bool:
        """Whether the share is of limits: exact numbers of the definition, which have no interval."""
        return self.key.startswith("limit_")

    def share_text(self, lang: Language = "en") -> str:
        """Return the share with its interval, '–' where that is unknown; says that one of limits is exact."""
        if self.share is None:
            return "–"
        if self.exact:
            return percent(self.share) + _EXACT.get(lang)
        if self.low is None or self.high is None:
            return f"{percent(self.share)} [–]"
        return f"{percent(self.share)} [{percent(self.low)}, {percent(self.high)}]"

    def cells(self, lang: Language = "en") -> tuple[str, str, str, str]:
        """Return name, before, after and share as text."""
        return _with_unit(self.name, self.unit, lang), f"{self.before:.4g}", f"{self.after:.4g}", self.share_text(lang)

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        numbers = {name: _finite(getattr(self, name)) for name in ("before", "after", "share", "low", "high")}
        return {"key": self.key, "name": _text_data(self.name), "unit": self.unit, **numbers, "exact": self.exact}


@dataclass(frozen=True)
class Comparison(Shown):
    """Two runs of one process beside each other: all differences, and the four reductions."""

    process: str
    before: str
    after: str
    replications: int
    confidence: float
    differences: tuple[Difference, ...]
    reductions: tuple[Reduction, ...]

    def __getitem__(self, key: str) -> Difference:
        """Return the difference of a metric by its key, such as ``cycle_wd``; raise AnalysisError for none."""
        found = next((d for d in self.differences if d.key == key), None)
        if found is None:
            known = ", ".join(d.key for d in self.differences)
            raise AnalysisError(
                Text(en=f"nothing was compared as {key!r}; there are {known}", zh=f"没有指标 {key!r}；可用：{known}")
            )
        return found

    def text(self, lang: Language = "en") -> str:
        """Return the comparison as two tables of plain text."""
        words = _WORDS[lang]
        n = self.replications
        title = f"{self.process}: {self.before} → {self.after} ({words['pairs'].format(n=n, c=self.confidence)})"
        head = (words["metric"], words["before"], words["after"], words["change"])
        rows = [d.cells(lang) for d in self.differences]
        four = (words["reduction"], words["before"], words["after"], words["share"])
        reductions = [r.cells(lang) for r in self.reductions]
        tables = [*_table([head, *rows]), "", *_table([four, *reductions])]
        return "\n".join([title, *tables])

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "process": self.process,
            "before": self.before,
            "after": self.after,
            "replications": self.replications,
            "confidence": self.confidence,
            "differences": [d.to_data() for d in self.differences],
            "reductions": [r.to_data() for r in self.reductions],
        }

    def __str__(self) -> str:
        return self.text("en")


def compare(
    before: "Run", after: "Run", *, process: Process | str | None = None, confidence: float = 0.95
) -> Comparison:
    """Return what changed from one run to another, paired by replication.

    Both are runs of one process (of two variants, say) under the same scenario and seed, so that replication *i* of
    both meets the same arrivals with the same luck; staffing may differ. The cohort of both begins after the longer
    warm-up. ``process`` names which one of several. The interval shown is the paired one that came out: common
    random numbers usually narrow it, and promise nothing (Law, *Simulation Modeling and Analysis*, 10.2.1 and 11.2).

    Raises AnalysisError where seed, start, length, arrivals or replications differ, or a process is missing.
    """
    expect_run(before, argument="before")
    expect_run(after, argument="after")
    old = process_of(before, process)
    check_same_process(old, after.processes)
    new = process_of(after, old.name)
    _check_pair(before, after, old, new)
    warmup_days = max(before.scenario.warmup_days, after.scenario.warmup_days)
    earlier = replication_means(before, old, from_us=_day_us(before, old, warmup_days))
    later = replication_means(after, new, from_us=_day_us(after, new, warmup_days))
    count = len(earlier["cycle_wd"][2])
    differences = tuple(
        _difference(key, text, unit, _values(earlier, key, count), _values(later, key, count), confidence)
        for key, (text, unit, _) in {**earlier, **later}.items()
    )
    pairs = {key: (_values(earlier, key, count), _values(later, key, count)) for key in _FOUR}
    reductions = (*_measured(pairs, confidence), *_declared(old, new))
    return Comparison(old.name, _label(old, new, "before"), _label(old, new, "after"), count, confidence,
                      differences, reductions)  # fmt: skip


def check_same_process(old: Process, others: Sequence[Process]) -> None:
    """Raise AnalysisError where none of the others is a variant of a process."""
    names = [process.name for process in others]
    if old.name in names:
        return
    raise AnalysisError(
        Text(
            en=f"{old.name!r} cannot be compared with {', '.join(map(repr, names))}: both files need the same "
            "'process' name, and differ by their 'variant'",
            zh=f"{old.name!r} 不能与 {'、'.join(map(repr, names))} 对比：两个文件的 process 须相同，"
            "以 variant 区分方案",
        )
    )


def reduction_share(before: float, after: float) -> float | None:
    """Return (before − after) ÷ before; None where there was nothing before.

    This is how 减环节、减材料、减时限、减跑动 are stated (优化营商环境条例 art. 35 names the first three).

    >>> [percent(reduction_share(b, a)) for b, a in ((16, 3), (9, 2), (32, 5), (4, 1))]
    ['81.3%', '77.8%', '84.4%', '75.0%']
    """
    return (before - after) / before if before > 0 and math.isfinite(after) else None


def percent(share: float) -> str:
    """Return a share in per cent with one decimal, a half rounded away from zero as official figures are.

    >>> percent(0.8125)
    '81.3%'
    """
    return f"{math.copysign(math.floor(abs(share) * 1000 + 0.5 + 1e-9) / 10, share):.1f}%"


def declared_limit(process: Process, kind: str, names: frozenset[str] | None = None) -> tuple[float, str] | None:
    """Return the sum of a process's outermost limits and its unit; None where units differ or one is missing.

    ``kind`` is ``statutory`` or ``promised``, where a limit without a promise counts with its statutory length. A
    limit ``within`` another is part of that one. ``names`` are those to add, all by default.
    """
    limits = process.definition.limits.items()
    spans = [_term(limit, kind) for name, limit in limits if limit.within is None and (not names or name in names)]
    units = {span.unit for span in spans if span is not None}
    if None in spans or len(units) != 1:
        return None
    return sum(span.amount for span in spans if span is not None), units.pop()


def _term(limit: Limit, kind: str) -> Any:
    term = (limit.promised or limit.statutory) if kind == "promised" else limit.statutory
    return term.value if term else None


def _values(means: dict[str, tuple[Text, str, tuple[float, ...]]], key: str, count: int) -> tuple[float, ...]:
    """Return a metric of each replication: staff without work are 0 % busy, a limit that is not there is unknown."""
    missing = 0.0 if key.startswith("utilization:") else math.nan
    return means[key][2] if key in means else (missing,) * count


def _difference(
    key: str, name: Text, unit: str, before: tuple[float, ...], after: tuple[float, ...], confidence: float
) -> Difference:
    return Difference(
        key,
        name,
        unit,
        estimate(before, confidence=confidence, unit=unit),
        estimate(after, confidence=confidence, unit=unit),
        paired_difference(before, after, confidence=confidence, unit=unit),
    )


_FOUR = {
    "visible_steps": (Text(en="steps of the applicant", zh="减环节"), "steps"),
    "documents": (Text(en="materials", zh="减材料"), "materials"),
    "visits": (Text(en="visits", zh="减跑动"), "visits"),
}
_LANGUAGES: tuple[Language, ...] = ("en", "zh")
_LIMITS = {
    "statutory": Text(en="statutory limits", zh="法定"),
    "promised": Text(en="promised limits", zh="承诺"),
}


def _measured(pairs: dict[str, tuple[tuple[float, ...], tuple[float, ...]]], confidence: float) -> Iterator[Reduction]:
    """Yield the reductions of what was measured, each with its paired interval."""
    for key, (name, unit) in _FOUR.items():
        before, after = (estimate(values).mean for values in pairs[key])
        found = paired_reduction(*pairs[key], confidence=confidence)
        yield Reduction(
            key, name, unit, before, after, reduction_share(before, after), _finite(found.low), _finite(found.high)
        )


def _declared(old: Process, new: Process) -> Iterator[Reduction]:
    """Yield the reductions of declared limits, which are exact."""
    both = frozenset(old.definition.limits) & frozenset(new.definition.limits)
    for kind, name in _LIMITS.items() if both else ():
        # a limit that one variant does not declare is no reduction of it
        first, second = declared_limit(old, kind, both), declared_limit(new, kind, both)
        if first and second and first[1] == second[1]:
            share = reduction_share(first[0], second[0])
            yield Reduction(f"limit_{kind}", _sum_of(name, old, both), first[1], first[0], second[0], share)


def _sum_of(kind: Text, process: Process, names: frozenset[str]) -> Text:
    """Return what the sum of the limits that both variants declare is called, with the limits that it adds."""
    added = [(n, limit) for n, limit in process.definition.limits.items() if n in names and limit.within is None]
    en, zh = ([limit.title.get(lang) if limit.title else n for n, limit in added] for lang in _LANGUAGES)
    return Text(
        en=f"{kind.en}, sum of those that both declare: {', '.join(en)}",
        zh=f"减时限（{kind.zh}，双方均有的各时限合计：{'＋'.join(f'“{title}”' for title in zh)}）",
    )


def _check_pair(before: "Run", after: "Run", old: Process, new: Process) -> None:
    pairs: dict[str, tuple[Any, Any]] = {
        name: (getattr(before.scenario, name), getattr(after.scenario, name))
        for name in ("seed", "start", "days", "cases", "warmup_cases")
    }
    pairs["arrivals"] = _arrivals(before, old), _arrivals(after, new)
    pairs["replications"] = before.cases["replication"].n_unique(), after.cases["replication"].n_unique()
    for name, (first, second) in pairs.items():
        if first != second:
            raise AnalysisError(
                Text(
                    en=f"the runs cannot be paired: {name} is {first} before and {second} after; "
                    "simulate both under the same scenario",
                    zh=f"两次仿真无法配对：{name} 前为 {first}，后为 {second}；请用同一情景仿真",
                )
            )


def _arrivals(run: "Run", process: Process) -> str:
    """Return how the cases of a process arrive, in a form that two scenarios can be compared by."""
    if run.scenario.arrivals is not None:
        return str(run.scenario.arrivals.model_dump())
    position = run.processes.index(process)
    return str(run.scenario.processes[position].arrivals.model_dump()) if run.scenario.processes else ""


def _day_us(run: "Run", process: Process, days: int) -> int:
    start: dt.date = run.scenario.start
    return int(midnights_us(process.organization.timezone, start, days)[-1])


def _label(old: Process, new: Process, which: str) -> str:
    process = old if which == "before" else new
    return process.variant if old.variant != new.variant else which


_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "pairs": "{n} paired replications, {c:.0%} intervals",
        "metric": "metric",
        "before": "before",
        "after": "after",
        "change": "after − before",
        "reduction": "reduction",
        "share": "less by",
    },
    "zh": {
        "pairs": "{n} 次配对仿真，{c:.0%} 置信区间",
        "metric": "指标",
        "before": "前",
        "after": "后",
        "change": "变化（后 − 前）",
        "reduction": "四减",
        "share": "压减比例",
    },
}


_UNITS_ZH = {
    "wd": "工作日",
    "d": "自然日",
    "week": "周",
    "month": "月",
    "h": "小时",
    "min": "分钟",
    "handoffs": "次",
    "turns": "次",
    "visits": "次",
    "materials": "份",
    "items": "项",
    "entries": "项次",
    "steps": "个",
}


def unit_name(unit: str, lang: Language) -> str:
    """Return a unit of a metric as tables show it: the symbol in English, a word in Chinese.

    >>> unit_name("wd", "en"), unit_name("wd", "zh")
    ('wd', '工作日')
    """
    return _UNITS_ZH.get(unit, unit) if lang == "zh" else unit


def _with_unit(name: Text, unit: str, lang: Language) -> str:
    shown = unit_name(unit, lang)
    return f"{name.get(lang)} ({shown})" if shown else name.get(lang)


def _number(value: Estimate) -> str:
    return "–" if math.isnan(value.mean) else f"{value.mean:.4g}"


def _bounds(found: Difference, lang: Language) -> str:
    change = found.difference
    if math.isnan(change.mean):
        return "–"
    if math.isnan(change.low):
        return f"{change.mean:+.4g} " + ("(no interval)" if lang == "en" else "（无区间）")
    return f"{change.mean:+.4g} [{change.low:+.4g}, {change.high:+.4g}]"


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    padded = ([cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)] for row in rows)
    return ["  ".join(cells).rstrip() for cells in padded]


def _width(text: str) -> int:
    """Return how many columns a terminal gives a text: Chinese characters take two."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _estimate_data(value: Estimate) -> dict[str, Any]:
    return {"mean": _finite(value.mean), "low": _finite(value.low), "high": _finite(value.high), "n": value.n}


def _text_data(text: Text) -> dict[str, str]:
    return {"en": text.get("en"), "zh": text.get("zh")}


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value
