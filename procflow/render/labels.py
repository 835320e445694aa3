"""Texts for labels: escaped for Graphviz, measured, and wrapped into short lines. Knows no diagram."""

import re
import unicodedata
from collections.abc import Iterator

_MOST_LINES = 4
_NEVER_FIRST = frozenset("）)”’」』》〉】、，。；：？！%…·,.;:?!")
_DOT = " · "
_NUMBER = r"第?\d[\d.,]* ?(?:个工作日|个自然日|个月|小时|分钟|周|次|人|件|条)"
_PART = re.compile(_NUMBER + r"|[!-~]+\s*|\s+|[（《“‘「『〈【]?.")
"""What a line is not broken inside of: a number with its unit, a word, a sign that opens with what follows it."""

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def escape(text: str) -> str:
    """Return text for an HTML-like label: no character keeps a meaning of its own.

    A backslash is doubled, since Graphviz reads ``\\N`` and its like in every label once the entities are gone.
    """
    text = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\\", "&#92;&#92;")):
        text = text.replace(character, entity)
    return text.replace("\r", "").replace("\n", "&#10;")


def escape_tooltip(text: str) -> str:
    """Return text for a quoted tooltip, in which Graphviz reads backslashes twice."""
    return escape(text.replace("\\", "\\\\"))


def width(text: str) -> int:
    """Return how wide a text is in halves of a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def wrap(text: str, limit: int, most: int = _MOST_LINES) -> list[str]:
    """Return a text in lines of at most ``limit`` half-widths, at most ``most`` of them; '…' ends a cut text.

    >>> wrap("receive and register", 12)
    ['receive and', 'register']
    >>> wrap("核查人员 · 办理 1.75 小时 · 历时 5.42 个工作日", 26)
    ['核查人员 · 办理 1.75 小时 ·', '历时 5.42 个工作日']
    """
    lines = [line for part in _parts(text, limit) for line in _wrapped(part, limit)]
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][: limit // 2 - 1] + "…"]


def _parts(text: str, limit: int) -> Iterator[str]:
    """Yield a text in parts to be wrapped each by itself: as many of those between the dots as fit into a line."""
    line, *others = text.split(_DOT)
    for part in others:
        if width(line + _DOT + part) <= limit:
            line += _DOT + part
        else:
            yield line + _DOT
            line = part
    yield line


def _wrapped(text: str, limit: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in _PART.findall(text):
        while width(word.rstrip()) > limit:
            head = word[:limit] if not line else ""
            lines, line, word = [*lines, line or head], "", word[len(head) :]
        if width(line + word.rstrip()) > limit and word not in _NEVER_FIRST:
            lines, line = [*lines, line.rstrip()], ""
        line += word
    return [part for part in [*lines, line.rstrip()] if part.strip()]
