"""Reads YAML text into plain data with the position of every node. Knows nothing of processes.

It works on the parser's events, so that nesting, aliases and size are bounded before anything is built. Scalars are
those of YAML 1.2's core schema (YAML 1.2.2, section 10.3.2): ``no`` and ``12:30`` are texts. Keys are always texts.
"""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, Final

import yaml

from procflow.definition.base import Path
from procflow.definition.source import SourceMap
from procflow.definition.yaml_errors import MAX_DEPTH, explain
from procflow.errors import DefinitionError, Problem
from procflow.text import Text

MAX_BYTES: Final = 8_000_000
"""The largest file that is read, in bytes."""

MAX_NODES: Final = 500_000
"""The most values in a file, each alias counted with all that it stands for."""

_MERGE: Final = "<<"
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG: Final = "tag:yaml.org,2002:"
_CORE_TAGS: Final = frozenset(_TAG + name for name in ("str", "int", "float", "bool", "null", "map", "seq"))
_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset({"true", "True", "TRUE"})
_FALSE: Final = frozenset({"false", "False", "FALSE"})
_INTEGER: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL: Final = re.compile(r"([-+]?)\.(?:(inf|Inf|INF)|(nan|NaN|NAN))")


@dataclass(frozen=True)
class Document:
    """The data of one file, where each part of it stands, and what is wrong with it as YAML."""

    data: Any
    source: SourceMap
    problems: tuple[Problem, ...] = ()


def read_file(path: str | FilePath) -> Document:
    """Read a YAML file; raise DefinitionError where it cannot be read at all.

    ``path`` names a UTF-8 file of at most ``MAX_BYTES`` bytes. Duplicate keys and the like, after which reading can
    go on, are left in ``problems`` of the document.
    """
    path = FilePath(path)
    try:
        if path.is_dir():
            raise _failed(str(path), 0, 0, "this is a folder, not a file", "这是文件夹,不是文件")
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _failed(str(path), 0, 0, "there is no such file: check the path", "文件不存在:请核对路径") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _failed(str(path), 0, 0, f"the file cannot be read: {reason}", f"无法读取文件:{reason}") from None
    return read_bytes(content, str(path))


def read_bytes(content: bytes, file: str) -> Document:
    """Read the bytes of a YAML file; ``file`` is its name in messages."""
    if len(content) > MAX_BYTES:
        raise _failed(
            file,
            0,
            0,
            f"the file is larger than {MAX_BYTES // 1_000_000} MB: split it",
            f"文件超过 {MAX_BYTES // 1_000_000} MB:请拆分",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        raise _failed(
            file,
            before.count(b"\n") + 1,
            len(before.rpartition(b"\n")[2].decode("utf-8-sig", "replace")) + 1,
            f"byte 0x{content[error.start]:02x} is not UTF-8: save the file as UTF-8",
            f"字节 0x{content[error.start]:02x} 不是 UTF-8:请将文件另存为 UTF-8 编码",
        ) from None
    return read_text(text, file, digest=hashlib.sha256(content).hexdigest())


def read_text(text: str, file: str = "<text>", *, digest: str | None = None) -> Document:
    """Read YAML text; raise DefinitionError where it is no YAML, empty, more than one document, or too large.

    >>> read_text("a: {b: [1, no]}").data
    {'a': {'b': [1, 'no']}}
    """
    if digest is None:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        line, column, message = explain(error, text)
        raise DefinitionError([*builder.problems, Problem(file, line, column, message, code="yaml")]) from None
    except UnicodeEncodeError:
        raise _failed(file, 0, 0, "the text is not Unicode", "文本不是合法的 Unicode") from None
    return builder.document(digest)


def _failed(file: str, line: int, column: int, en: str, zh: str) -> DefinitionError:
    return DefinitionError([Problem(file, line, column, Text(en=en, zh=zh), code="file")])


@dataclass
class _Open:
    """A list or mapping that is still being read.

    ``key`` is the key whose value comes next; ``nodes`` and ``height`` measure it with its aliases expanded.
    """

    value: dict[str, Any] | list[Any]
    path: Path
    anchor: str | None
    key: str | None = None
    nodes: int = 1
    height: int = 1
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)


class _Builder:
    """Builds data from events one by one, with a stack of its own rather than recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.data: Any = None
        self.documents = 0
        self.nodes = 0
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Any, int, int]] = {}
        self.values: dict[Path, tuple[int, int]] = {}
        self.keys: dict[Path, tuple[int, int]] = {}
        self.quoted: set[Path] = set()

    def document(self, digest: str) -> Document:
        if self.documents == 0:
            raise _failed(self.file, 1, 1, "the file is empty", "文件为空")
        source = SourceMap(self.file, digest, self.values, self.keys, frozenset(self.quoted))
        return Document(self.data, source, tuple(self.problems))

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._document(event)

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            raise self._fatal(
                event, "a file holds one document: remove the '---' here", "一个文件只能有一个文档:请删去此处的 '---'"
            )

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        frame = self.stack[-1] if self.stack else None
        if frame is not None and isinstance(frame.value, dict) and frame.key is None:
            self._key(frame, event)
            return
        self._count(event, 1)
        self._grow(1, 0)
        value = self._resolved(event)
        path = self._place(event, value)
        if event.style in ("'", '"'):
            self.quoted.add(path)
        if event.anchor:
            self.anchors[event.anchor] = (value, 1, 0)

    def _key(self, frame: _Open, event: yaml.ScalarEvent) -> None:
        self._count(event, 1)
        self._grow(1, 0)
        self._check_tag(event)
        key, position = str(event.value), _position(event)
        if key == _MERGE:
            self._report(
                event, "merge keys ('<<') are not used here: repeat the fields", "不支持合并键 '<<':请逐项写出"
            )
        elif key in frame.keys:
            line, column = frame.keys[key]
            self._report(
                event,
                f"{key!r} is given twice, first at line {line}, column {column}: keep one of the two",
                f"{key!r} 重复出现,首次在第 {line} 行第 {column} 列:请只保留一处",
            )
        frame.keys.setdefault(key, position)
        frame.key = key
        self.keys[(*frame.path, key)] = position

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise self._too_deep(event)
        self._refuse_collection_key(event)
        self._check_tag(event)
        self._count(event, 1)
        value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        path = self._place(event, value)
        if event.anchor:
            self.anchors.pop(event.anchor, None)
        self.stack.append(_Open(value, path, event.anchor))

    def _close(self) -> None:
        frame = self.stack.pop()
        if frame.anchor:
            self.anchors[frame.anchor] = (frame.value, frame.nodes, frame.height)
        self._grow(frame.nodes, frame.height)

    def _grow(self, nodes: int, height: int) -> None:
        """Count what was just read into the list or mapping around it."""
        if self.stack:
            self.stack[-1].nodes += nodes
            self.stack[-1].height = max(self.stack[-1].height, height + 1)

    def _alias(self, event: yaml.AliasEvent) -> None:
        self._refuse_collection_key(event)
        if event.anchor not in self.anchors:
            raise self._fatal(
                event,
                f"alias *{event.anchor} refers to nothing that ends before it",
                f"别名 *{event.anchor} 没有指向前文已完整给出的内容",
            )
        value, nodes, height = self.anchors[event.anchor]
        self._count(event, nodes)
        if len(self.stack) + height > MAX_DEPTH:
            raise self._too_deep(event)
        self._grow(nodes, height)
        self._place(event, value)

    def _too_deep(self, event: yaml.Event) -> DefinitionError:
        return self._fatal(event, f"nested deeper than {MAX_DEPTH} levels", f"嵌套超过 {MAX_DEPTH} 层")

    def _refuse_collection_key(self, event: yaml.NodeEvent) -> None:
        if self.stack and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None:
            raise self._fatal(
                event,
                "a field's name must be a plain word: put braces that are text into quotes",
                "字段名须是普通文字:若花括号属于文字,请加引号",
            )

    def _place(self, event: yaml.NodeEvent, value: Any) -> Path:
        if not self.stack:
            self.data = value
            self.values[()] = _position(event)
            return ()
        frame = self.stack[-1]
        if isinstance(frame.value, list):
            path: Path = (*frame.path, len(frame.value))
            frame.value.append(value)
        else:
            path = (*frame.path, str(frame.key))
            if frame.key != _MERGE:
                frame.value.setdefault(str(frame.key), value)
            frame.key = None
        self.values[path] = _position(event)
        return path

    def _count(self, event: yaml.Event, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise self._fatal(
                event,
                f"more than {MAX_NODES} values, aliases expanded: split the file",
                f"展开别名后超过 {MAX_NODES} 个值:请拆分文件",
            )

    def _resolved(self, event: yaml.ScalarEvent) -> Any:
        self._check_tag(event)
        tag = (event.tag or "").removeprefix(_TAG)
        if tag == "str" or (not tag and event.style):
            return str(event.value)
        value = _plain(str(event.value))
        if isinstance(value, _TooLong):
            self._report(event, "a number of this length cannot be read", "数字过长,无法读取")
            return 0
        return value

    def _check_tag(self, event: yaml.NodeEvent) -> None:
        tag = getattr(event, "tag", None)
        if tag not in (None, "!") and tag not in _CORE_TAGS:
            self._report(event, f"tag {tag!r} is not allowed: remove it", f"不允许使用标签 {tag!r}:请删去")

    def _report(self, event: yaml.Event, en: str, zh: str) -> None:
        if len(self.problems) < 100:
            self.problems.append(Problem(self.file, *_position(event), Text(en=en, zh=zh), code="yaml"))

    def _fatal(self, event: yaml.Event, en: str, zh: str) -> DefinitionError:
        self._report(event, en, zh)
        return DefinitionError(self.problems)


class _TooLong:
    """Stands for a whole number of more digits than Python reads."""


def _plain(text: str) -> Any:
    """Return what an unquoted scalar means in YAML 1.2's core schema."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if special := _SPECIAL.fullmatch(text):
        return float(special[1] + "inf") if special[2] else float("nan")
    return text


def _integer(text: str) -> int | _TooLong:
    if len(text) > 300:
        return _TooLong()
    if text.startswith("0o"):
        return int(text[2:], 8)
    return int(text[2:], 16) if text.startswith("0x") else int(text)


def _position(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)
