"""Turns what the YAML parser says into plain words, with line and column. Reads nothing itself."""

from typing import Final

import yaml

from procflow.definition import full_width
from procflow.text import Text

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAB: Final = Text(
    en="a tab indents this line: indent with spaces, not tabs", zh="此行用制表符缩进:请改用空格,不用制表符"
)
MAX_DEPTH: Final = 64
"""The deepest nesting of lists and mappings; the parser gives up by itself further down."""

_WORDS: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "mapping values are not allowed",
        "a ':' stands where no field can begin: check the indentation, or put text that contains ': ' into quotes",
        "此处不应出现冒号:请检查缩进,含有“: ”的文字须加引号",
    ),
    (
        "expected ',' or ']'",
        "a list in brackets is not closed: a ',' or ']' is missing before this place",
        "方括号列表没有结束:此处之前缺少“,”或“]”",
    ),
    (
        "expected ',' or '}'",
        "a mapping in braces is not closed: a ',' or '}' is missing before this place",
        "花括号没有结束:此处之前缺少“,”或“}”",
    ),
    (
        "expected key",
        "a field is expected here: check that it is indented like the fields before it",
        "此处应为字段:请检查缩进是否与前面的字段一致",
    ),
    (
        "expected '-' indicator",
        "an entry that begins with '- ' is expected here: check the indentation",
        "此处应为以“- ”开头的条目:请检查缩进",
    ),
    (
        "block sequence entries are not allowed",
        "a list entry '- ' cannot begin here: put it on a line of its own, below the field",
        "列表条目“- ”不能从此处开始:请在字段下另起一行",
    ),
    (
        "could not find expected ':'",
        "a ':' is missing after a field's name",
        "字段名后缺少冒号“:”",
    ),
    (
        "that cannot start any token",
        "this character cannot begin a value: put the text into quotes (and indent with spaces, not tabs)",
        "值不能以此字符开头:请给文字加引号(缩进请用空格,不用制表符)",
    ),
    ("tab character", "indent with spaces, not with tabs", "缩进请用空格,不用制表符"),
    (
        "unexpected end of stream",
        "a quotation mark that was opened is not closed before the end of the file",
        "引号没有配对,直到文件结束",
    ),
    ("unexpected document indicator", "a quotation mark is not closed", "引号没有配对"),
    (
        "unknown escape character",
        "unknown escape after '\\': write '\\\\', or use single quotes",
        "反斜杠后的转义无法识别:请写 '\\\\',或改用单引号",
    ),
    ("undefined tag handle", "tags such as '!name' are not allowed: remove it", "不允许使用“!名称”标签:请删去"),
    (
        "expected <document start>",
        "the document ends before this place: check the indentation",
        "文档在此处之前已经结束:请检查缩进",
    ),
    ("exceeded maximum nesting depth", f"nested deeper than {MAX_DEPTH} levels", f"嵌套超过 {MAX_DEPTH} 层"),
    (
        "control characters are not allowed",
        "a control character is not allowed in a definition file: delete it",
        "定义文件中不允许控制字符:请删去",
    ),
)


def explain(error: yaml.YAMLError, text: str) -> tuple[int, int, Text]:
    """Return (line, column, message) of what the parser found wrong in ``text``; line and column count from 1."""
    if isinstance(error, yaml.MarkedYAMLError):
        return _slip(error, text) or _early_quote(error, text) or _marked(error)
    if isinstance(error, yaml.reader.ReaderError):
        return *_line_column(text, error), _message(str(error.reason))
    return 0, 0, _message(str(error))


def _marked(error: yaml.MarkedYAMLError) -> tuple[int, int, Text]:
    # a quotation mark is told where it opens, a missing ':' at the field, not where the parser gave up
    is_open = "quoted scalar" in str(error.context) and "escape" not in str(error.problem)
    is_field = "could not find expected ':'" in str(error.problem)
    mark = (error.context_mark if is_open or is_field else None) or error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    return line, column, _message(str(error.problem or error.context or ""))


def _early_quote(error: yaml.MarkedYAMLError, text: str) -> tuple[int, int, Text] | None:
    """Return where a quotation mark opens that a later one, meant to open, closed: text follows right after it."""
    end = error.problem_mark
    if end is None:
        return None
    last = None
    try:
        for token in yaml.scan(text, Loader=_LOADER):
            if token.start_mark.index >= end.index:
                break
            last = token if isinstance(token, yaml.ScalarToken) and token.style in ("'", '"') else None
    except yaml.YAMLError:
        pass  # the error that is being explained
    if last is None or last.start_mark.line == last.end_mark.line:
        return None
    line = last.end_mark.line + 1
    message = Text(
        en=f"a quotation mark that opens here is closed only at line {line}: close it where its text ends",
        zh=f"此处的引号直到第 {line} 行才结束:请在文字末尾补上引号",
    )
    return last.start_mark.line + 1, last.start_mark.column + 1, message


def _slip(error: yaml.MarkedYAMLError, text: str) -> tuple[int, int, Text] | None:
    """Return a full-width character or a tab that explains the error: in its line, else in those just before it."""
    marks = [mark for mark in (error.problem_mark, error.context_mark) if mark is not None]
    lines = text.splitlines()
    last = min(max((mark.line for mark in marks), default=-1), len(lines) - 1)
    first = max(0, min([last - 2, *(mark.line for mark in marks if mark.line > last - 10)]))
    for number in range(last, first - 1, -1):
        line = lines[number]
        blank = line[: len(line) - len(line.lstrip())]
        if "\t" in blank and number >= last - 1:
            return number + 1, blank.index("\t") + 1, _TAB
        index = full_width.in_line(line)
        if index is not None:
            return number + 1, index + 1, full_width.typed(line[index])
    return None


def _line_column(text: str, error: yaml.reader.ReaderError) -> tuple[int, int]:
    # libyaml counts bytes, the parser in Python counts characters: both are found by the character itself
    code = error.character if isinstance(error.character, int) else 0
    position = text.find(chr(code)) if 0 <= code < 0x110000 else -1
    if position < 0:
        position = min(int(error.position), len(text))
    before = text[:position]
    return before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1


def _message(words: str) -> Text:
    for part, en, zh in _WORDS:
        if part in words:
            return Text(en=en, zh=zh)
    return Text(en=f"this is not YAML: {words}", zh=f"此处不是合法的 YAML:{words}")
