"""Finds full-width punctuation where a half-width one is meant, the commonest slip of Chinese input methods.

Says nothing of texts for people, in which such punctuation is right: its callers ask only about what cannot be read.
"""

import re
from typing import Any, Final

from procflow.definition.base import Path
from procflow.definition.distributions import ARGUMENTS
from procflow.text import Text

_CHINESE: Final = {
    0x3000: " ",
    0x3001: ",",
    0x3002: ".",
    0x3010: "[",
    0x3011: "]",
    0x2018: "'",
    0x2019: "'",
    0x201C: '"',
    0x201D: '"',
}
PLAIN: Final[dict[int, str]] = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | _CHINESE
"""The half-width character for each full-width one, for ``str.translate``."""

_ANY: Final = re.compile("[" + "".join(map(chr, PLAIN)) + "]")
_COLON, _COMMAS, _DASH = chr(0xFF1A), chr(0xFF0C) + chr(0x3001), chr(0xFF0D)
_OPENING: Final = "".join(map(chr, (0xFF5B, 0xFF3B, 0x3010, 0x201C, 0x2018, 0xFF02, 0xFF07, 0xFF03)))
_QUOTED: Final = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|(?:^|(?<=\s))#.*")
_SLIPS: Final = (
    re.compile("^[ \t]*(\u3000)"),
    re.compile(rf"^\s*([{_DASH}])\s"),
    re.compile(rf"(?:^|[{{\[,-])\s*[^\s:{{}}\[\],'\"{_COLON}][^:{{}}\[\],'\"{_COLON}]*({_COLON})"),
    re.compile(rf"(?:^|[:{{\[,-])\s*([{_OPENING}])"),
    re.compile(rf"[{{\[].*?([{_COMMAS}])"),
)
_NUMERIC: Final = frozenset(ARGUMENTS) | {name for names in ARGUMENTS.values() for name in names} | {"first", "again"}


def plain(text: str) -> str:
    """Return a text with half-width characters, of the same length.

    >>> plain("５ ｍｉｎ")
    '5 min'
    """
    return text.translate(PLAIN)


def first(text: str) -> int | None:
    """Return the index of the first full-width character outside quotation marks, None where there is none."""
    match = _ANY.search(_QUOTED.sub(_blank, text))
    return match.start() if match else None


def separator(text: str) -> int | None:
    """Return the index of the first full-width comma or colon, None where there is none."""
    return next((index for index, char in enumerate(text) if char in _COMMAS + _COLON), None)


def in_line(line: str) -> int | None:
    """Return the index of the first character that must be half-width for a line to be YAML; None: no such."""
    if _ANY.search(line) is None:  # looking for where one stands takes long in a line of a hundred thousand brackets
        return None
    bare = _QUOTED.sub(_blank, line)
    found = [match.start(1) for slip in _SLIPS if (match := slip.search(bare))]
    return min(found, default=None)


def in_value(value: Any) -> tuple[Path, int, str] | None:
    """Return (path inside, index, character) of a slip in a value that cannot be read; None where there is none.

    Of a list or mapping, only numbers and spans of distributions are looked at, never texts such as a source.
    """
    if isinstance(value, str):
        index = first(value)
        return None if index is None else ((), index, value[index])
    parts: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        parts = [(key, part) for key, part in value.items() if key in _NUMERIC]
    elif isinstance(value, list) and not any(isinstance(part, dict) for part in value):
        parts = list(enumerate(value))
    for key, part in parts:
        found = in_value(part)
        if found:
            return (key, *found[0]), *found[1:]
    return None


def typed(char: str) -> Text:
    """Return that a full-width character was typed, and what to type instead."""
    if char == "\u3000":
        return Text(
            en="an ideographic space (U+3000) was typed: type ordinary spaces",
            zh="此处输入了全角空格(U+3000),请改为半角空格",
        )
    return Text(
        en=f"a full-width '{char}' (U+{ord(char):04X}) was typed: type {PLAIN[ord(char)]!r}",
        zh=f"此处输入了全角“{char}”,请改为半角“{PLAIN[ord(char)]}”",
    )


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
