"""The elements of an XES file as columns: the innermost loop of reading a log. Knows no meaning of any attribute.

What is written regularly is read at a stroke. Otherwise expat calls back for each element, which is faster than a tree
and knows every line. Refuses any DOCTYPE, and with it every entity; fetches nothing.
"""

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from procflow.errors import LogError
from procflow.logs.reading import Reading
from procflow.logs.regular_xes import regular_traces
from procflow.logs.xes_columns import Columns, Values, escaped, put
from procflow.text import Text

KINDS = frozenset({"string", "date", "int", "float", "boolean", "id", "list", "container"})
"""The types of attributes."""

_IN_LOG, _IN_TRACE, _IN_EVENT, _ATTRIBUTE = 1, 2, 3, 4
"""The depths at which elements stand: the log, its traces, their events, the events' attributes."""

_DEEPEST = 100
_NATIVE = ("utf-8", "utf-16", "iso8859-1", "ascii")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']""")


@dataclass
class Parsed:
    """What stands in a file: attributes of events and of traces by column, the trace and line of each event.

    ``lines`` is empty where they are not known.
    """

    reading: Reading
    events: Columns = field(default_factory=Columns)
    traces: Columns = field(default_factory=Columns)
    trace_of: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    classifiers: dict[str, list[str]] = field(default_factory=dict)
    zone: str | None = None
    whole_attributes: int = 0


def parse_regular(path: Path, reading: Reading) -> Parsed | None:
    """Return what stands in a regular XES file, without lines; None where it is not regular, or wrong in any way."""
    parsed = Parsed(reading)
    try:
        with _opened(path) as opened:
            stream, encoding = _recoded(opened)
            found = regular_traces(stream)
        if found is None or (encoding or _declared(found.header) or "utf-8") != "utf-8":
            return None
        _Walk(parsed).follow(io.BytesIO(found.header + b"</log>"), encoding)
    except (LogError, expat.ExpatError, EOFError, zlib.error, UnicodeDecodeError, OSError):
        return None
    if parsed.traces.height:
        return None
    parsed.events = Columns(len(found.trace_of), found.events, found.event_kinds)
    parsed.traces = Columns(found.count, found.traces, found.trace_kinds)
    parsed.trace_of = found.trace_of.tolist()
    return parsed


def parse(path: Path, reading: Reading) -> Parsed:
    """Return what stands in an XES file; of a file that breaks off, the whole traces, and that it does is told."""
    parsed = Parsed(reading)
    try:
        with _opened(path) as stream:
            _Walk(parsed).follow(*_recoded(stream))
    except expat.ExpatError as error:
        _broken(parsed, error.lineno, expat.ErrorString(error.code))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        _broken(parsed, 0, f"gzip: {error}")
    except UnicodeDecodeError as error:
        _broken(parsed, 0, str(error))
    except OSError as error:
        reason = error.strerror or str(error)
        raise LogError(Text(en=f"{path} cannot be read: {reason}", zh=f"{path} 无法读取：{reason}")) from error
    return parsed


def _opened(path: Path) -> Any:
    with path.open("rb") as stream:
        compressed = stream.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if compressed else path.open("rb")


def _broken(parsed: Parsed, line: int, reason: str) -> None:
    """Record that the file breaks off before its end; the trace that it breaks off in is left out."""
    whole = parsed.traces.height
    if not whole:
        raise parsed.reading.fail(line, f"this is no XES file ({reason})", f"不是 XES 文件（{reason}）")
    count = parsed.events.height
    del parsed.trace_of[count:], parsed.lines[count:]
    parsed.reading.bad(
        line,
        f"the file breaks off here ({reason}): {whole} cases were whole before; get the whole file",
        f"文件在此处中断（{reason}）：此前完整的办件有 {whole} 件；请取得完整文件",
    )


class _Walk:
    """Follows the elements of a file."""

    def __init__(self, parsed: Parsed) -> None:
        self._parsed = parsed
        self._in_event = self._in_trace = False
        self._row = -1
        self._paths = [""] * (_DEEPEST + 2)
        self._known: dict[tuple[str, str], Values] = {}
        self._locals: dict[str, str] = {}
        self._parser: Any = None

    def follow(self, stream: IO[bytes], encoding: str | None) -> None:
        """Read a stream to its end, in an encoding where that is not what it declares."""
        self._parser = expat.ParserCreate(encoding)
        self._parser.ordered_attributes = True
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._handlers()
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.ParseFile(stream)

    def _handlers(self) -> tuple[Callable[[str, list[str]], None], Callable[[str], None]]:
        """Return what expat calls for each element: closures, since a million events are many million calls."""
        depth, in_event, row = 0, False, -1
        known, begin, paths = self._known, self._begin, self._paths
        parsed, parser = self._parsed, self._parser

        def start(name: str, attributes: list[str]) -> None:
            nonlocal depth, in_event, row
            depth += 1
            if in_event and depth == _ATTRIBUTE and len(attributes) == 4 and attributes[0] == "key":
                values = known.get((name, attributes[1]))
                if values is not None and len(values) == row:
                    paths[depth] = attributes[1]
                    values.append(attributes[3])
                    return
            elif depth == _IN_EVENT and name == "event" and self._in_trace:
                in_event = self._in_event = True
                row += 1
                self._row = row
                parsed.trace_of.append(parsed.traces.height)
                parsed.lines.append(parser.CurrentLineNumber)
                return
            begin(name, depth, dict(zip(attributes[::2], attributes[1::2], strict=True)))
            in_event, row = self._in_event, self._row

        def end(_name: str) -> None:
            nonlocal depth, in_event
            depth -= 1
            if depth < _IN_EVENT:
                self._end(depth + 1)
                in_event = False

        return start, end

    def _begin(self, name: str, depth: int, attributes: dict[str, str]) -> None:
        """Take an element that is no attribute of an event known from before."""
        kind = self._local(name)
        if depth == _IN_LOG:
            self._check_root(kind)
        elif depth > _DEEPEST:
            raise self._refusal(f"elements are nested deeper than {_DEEPEST}", f"元素嵌套超过 {_DEEPEST} 层")
        elif depth == _IN_TRACE and kind == "trace":
            self._in_trace = True
        elif depth == _IN_TRACE:
            self._take_header(kind, attributes)
        elif self._in_trace and depth == _IN_EVENT and kind == "event":
            self._in_event = True
            self._row += 1
            self._parsed.trace_of.append(self._parsed.traces.height)
            self._parsed.lines.append(self._parser.CurrentLineNumber)
        elif self._in_trace:
            self._take_attribute(name, depth, kind, attributes)

    def _take_attribute(self, name: str, depth: int, kind: str, attributes: dict[str, str]) -> None:
        """Take an attribute of a trace or an event, at any depth; ``values`` of a list only wraps others."""
        around = self._paths[depth - 1]
        if kind not in KINDS:
            self._paths[depth] = around
            return
        key = attributes.get("key", kind)
        base = _IN_EVENT if self._in_event else _IN_TRACE
        path = self._paths[depth] = f"{around}/{escaped(key)}" if depth > base + 1 and around else escaped(key)
        value = attributes.get("value")
        if value is None:
            return
        parsed = self._parsed
        columns, row = (parsed.events, self._row) if self._in_event else (parsed.traces, parsed.traces.height)
        values = columns.column(path, kind)
        put(values, row, value)
        if self._in_event and depth == base + 1 and path == key:
            self._known[name, key] = values

    def _end(self, depth: int) -> None:
        """End an event, a trace or the log."""
        if depth == _IN_EVENT:
            self._in_event = False
        elif depth == _IN_TRACE and self._in_trace:
            self._in_trace = False
            self._parsed.traces.height += 1
            self._parsed.events.height = len(self._parsed.trace_of)

    def _take_header(self, kind: str, attributes: dict[str, str]) -> None:
        if kind == "classifier":
            self._parsed.classifiers[attributes.get("name", "")] = attributes.get("keys", "").split()
        elif attributes.get("key") == "procflow:zone":
            self._parsed.zone = attributes.get("value")
        elif kind in KINDS:
            self._parsed.whole_attributes += 1

    def _check_root(self, kind: str) -> None:
        if kind != "log":
            raise self._refusal(
                f"the root is <{kind}>, not <log>: this is no XES file", f"根元素为 <{kind}> 而非 <log>：不是 XES 文件"
            )

    def _refuse_doctype(self, *_declared: Any) -> None:
        raise self._refusal(
            "the file has a DOCTYPE, which logs do not need and attacks use: remove it",
            "文件含有 DOCTYPE 声明（日志不需要，且可能被用于攻击）：请删去",
        )

    def _refusal(self, en: str, zh: str) -> LogError:
        return self._parsed.reading.fail(self._parser.CurrentLineNumber, en, zh)

    def _local(self, name: str) -> str:
        found = self._locals.get(name)
        if found is None:
            found = self._locals[name] = name.rpartition(":")[2]
        return found


def _recoded(stream: Any) -> tuple[Any, str | None]:
    """Return a stream in an encoding that expat reads, and its name where that is not what the file declares."""
    name = _declared(stream.peek(200)[:200])
    if name is None or name in _NATIVE:
        return stream, None
    # GB2312 and GBK are parts of GB18030, and files that declare them often use more of it
    source = "gb18030" if name in ("gb2312", "gbk") else name
    return codecs.EncodedFile(stream, "utf-8", source), "utf-8"


def _declared(head: bytes) -> str | None:
    """Return the encoding that a file declares, None where that is none that is known."""
    found = _DECLARED.match(head.removeprefix(codecs.BOM_UTF8))
    try:
        return codecs.lookup(found[1].decode()).name if found else None
    except LookupError:
        return None
