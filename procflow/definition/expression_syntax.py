"""Reads the text of an expression with Python's own parser. What of Python is allowed, ``expressions`` says."""

import ast
import warnings
from typing import Final

from procflow.definition import full_width
from procflow.errors import ExpressionError
from procflow.text import Text

MAX_LENGTH: Final = 500
"""The longest expression, in characters."""


def syntax_tree(text: str) -> ast.expr:
    """Return Python's syntax tree of a text; raise ExpressionError where it has none."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            Text(
                en=f"an expression has at most {MAX_LENGTH} characters, this one {len(text)}",
                zh=f"表达式最多 {MAX_LENGTH} 个字符,此处有 {len(text)} 个",
            ),
            expression=text,
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of strange escapes, which the checker sees as any other text
            return ast.parse(flat(text).strip(), mode="eval").body
    except SyntaxError as error:
        raise _unreadable(text, error.offset or 1) from None
    except (ValueError, MemoryError, RecursionError, UnicodeError):
        raise _unreadable(text, 1) from None


def flat(text: str) -> str:
    """Return a text on one line, of the same length."""
    # line breaks end Python's expressions but not ours
    return "".join(" " if c in "\r\n\t\f\v" else c for c in text)


def indent(text: str) -> int:
    """Return the number of blanks before a text begins."""
    line = flat(text)
    return len(line) - len(line.lstrip())


def _unreadable(text: str, offset: int) -> ExpressionError:
    index = full_width.first(text)
    if index is not None:
        return ExpressionError(full_width.typed(text[index]), expression=text, column=index + 1)
    column = min(max(1, offset + indent(text)), len(text) + 1)
    hint_en, hint_zh = "", ""
    if "&&" in text or "||" in text or "!" in text.replace("!=", ""):
        hint_en, hint_zh = ": write 'and', 'or', 'not'", ":请写 and、or、not"
    elif "=" in text.replace("==", "").replace("<=", "").replace(">=", "").replace("!=", ""):
        hint_en, hint_zh = ": two things are compared by '=='", ":比较是否相等请写“==”"
    return ExpressionError(
        Text(en=f"{text!r} cannot be read as an expression{hint_en}", zh=f"无法读懂表达式 {text!r}{hint_zh}"),
        expression=text,
        column=column,
    )
