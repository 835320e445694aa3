"""Where the time goes, as a stacked bar in SVG. Computes no time itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from procflow.definition import words
from procflow.text import Language, Text

_PARTS: dict[str, tuple[Text, str]] = {
    "work": (Text(en="hands-on work", zh="实际办理"), "#009E73"),
    "contention": (Text(en="waiting for busy staff", zh="排队等人"), "#D55E00"),
    "off_duty": (Text(en="outside office hours", zh="非工作时间"), "#BBBBBB"),
    "paused": (Text(en="work interrupted", zh="办理中断"), "#777777"),
    "batch": (Text(en="waiting for a sitting", zh="等待批次"), "#E69F00"),
    "batch_full": (Text(en="sitting full", zh="批次满额"), "#F0E442"),
    "transfer": (Text(en="transfer", zh="移送在途"), "#CC79A7"),
    "delay_office": (Text(en="elapsed time at the office", zh="机关历时"), "#56B4E9"),
    "delay_applicant": (Text(en="applicant's own time", zh="申请人用时"), "#0072B2"),
    "delay_external": (Text(en="external parties' time", zh="外部机构用时"), "#004466"),
    "sync": (Text(en="waiting for the other regions", zh="等待并联汇合"), "#000000"),
}
"""Parts of a case's time, in the order of the bar; colors of Okabe and Ito and grays, always beside words."""

_LEFT, _WIDTH, _ROW = 90, 900, 46
_DARK = frozenset({"#009E73", "#D55E00", "#777777", "#0072B2", "#004466", "#000000"})


@dataclass(frozen=True)
class Bar:
    """One bar: its label, and hours per case by part."""

    label: str
    hours: dict[str, float]

    @property
    def total(self) -> float:
        """All hours per case."""
        return sum(self.hours.values())


def part_name(part: str, lang: Language) -> str:
    """Return what a part of the time is called."""
    return _PARTS[part][0].get(lang)


def parts() -> tuple[str, ...]:
    """Return the parts of a bar, in order."""
    return tuple(_PARTS)


def stacked(bars: Sequence[Bar], lang: Language) -> Markup:
    """Return the bars as one SVG on a common scale, each part with its name and time as its tooltip."""
    longest = max((bar.total for bar in bars), default=0.0)
    if not longest:
        return Markup("")
    height = _ROW * len(bars) + 8
    drawn = "".join(_bar(bar, index, longest, lang) for index, bar in enumerate(bars))
    title = Text(en="Where the time of a case goes", zh="一件事的时间去向").get(lang)
    return Markup(
        f'<svg class="bars" viewBox="0 0 {_LEFT + _WIDTH + 110} {height}" role="img" aria-label="{title}">{drawn}</svg>'
    )


def swatch(part: str) -> Markup:
    """Return the small square of a part's color for the legend."""
    return Markup(
        f'<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">'
        f'<rect width="12" height="12" fill="{_PARTS[part][1]}" stroke="#333"/></svg>'
    )


def _bar(bar: Bar, index: int, longest: float, lang: Language) -> str:
    top = index * _ROW + 4
    label = f'<text x="{_LEFT - 8}" y="{top + 23}" text-anchor="end">{escape(bar.label)}</text>'
    end = _LEFT + _WIDTH * bar.total / longest + 8
    total = f'<text x="{end:.1f}" y="{top + 23}">{escape(words.elapsed(bar.total * 3600, lang))}</text>'
    return label + "".join(_segments(bar, top, longest, lang)) + total


def _segments(bar: Bar, top: int, longest: float, lang: Language) -> Iterator[str]:
    left = float(_LEFT)
    for part, (name, color) in _PARTS.items():
        hours = bar.hours.get(part, 0.0)
        width = _WIDTH * hours / longest
        if width <= 0:
            continue
        elapsed, percent = words.elapsed(hours * 3600, lang), f"{100 * hours / bar.total:.0f}%"
        time = (
            f"{name.get(lang)}：{elapsed}（{percent}）" if lang == "zh" else f"{name.get(lang)}: {elapsed} ({percent})"
        )
        yield (
            f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="36" fill="{color}" stroke="#fff">'
            f"<title>{escape(time)}</title></rect>"
        )
        if width > 64:
            ink = "#fff" if color in _DARK else "#000"
            yield (
                f'<text x="{left + width / 2:.1f}" y="{top + 23}" text-anchor="middle" fill="{ink}" font-size="12">'
                f"{escape(_fitting(name.get(lang), width))}</text>"
            )
        left += width


def _fitting(text: str, width: float) -> str:
    from procflow.render.labels import wrap

    lines = wrap(text, int(width / 6.5), 1)
    return lines[0] if lines else ""
