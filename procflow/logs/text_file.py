"""Tables in text files: their encoding, their separator, their rows with line numbers. Knows no meaning of a column.

A row with fewer or more fields than the header is wrong, never filled up or cut.
"""

import codecs
import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from procflow.errors import LogError
from procflow.logs.reading import Reading
from procflow.logs.regular_text import Ints, regular_rows
from procflow.text import Text

_SEPARATORS = ",;\t|，"
_CHUNK = 50_000
_HEAD = 100_000

LINE = "\0line"
"""The column of the line of each row: no column of a text file can have this name."""


def read_text_table(path: Path, reading: Reading, *, encoding: str | None, separator: str | None) -> pl.DataFrame:
    """Return a table of texts (empty ones null), the line of each row in the column ``LINE``; detections are told.

    Raises LogError where the file cannot be read, decoded or has no header.
    """
    raw = _utf8(path, reading, encoding)
    if not raw.strip():
        raise reading.fail(1, "the file is empty: it needs a line of column names", "文件为空：首行应为列名")
    separator = separator or _separator(raw[:_HEAD].decode(errors="ignore"), reading)
    regular = regular_rows(raw, separator)
    if regular is not None:
        texts, lines = regular
        header = [(name or "").strip() for name in texts.row(0)]
        _check_header(header, reading)
        return _cleaned(texts.slice(1).rename(dict(zip(texts.columns, header, strict=True))), lines[1:])
    rows = _rows(raw.decode(), separator, reading)
    header = [name.strip() for name in next(rows)[1]]
    _check_header(header, reading)
    frames = list(_frames(rows, header, reading))
    return pl.concat(frames) if frames else _frame([], [], header)


def _utf8(path: Path, reading: Reading, encoding: str | None) -> bytes:
    """Return what stands in a text file, in UTF-8 without a mark."""
    raw = _bytes(path, reading)
    found = encoding or _encoding(raw, reading)
    if encoding or found != "utf-8":
        raw = _decoded(raw, found, reading).encode()
    if b"\0" in raw:
        line = raw.count(b"\n", 0, raw.index(b"\0")) + 1
        raise reading.fail(line, "there is a null character: this is no text file", "含有空字符：这不是文本文件")
    return raw.removeprefix(codecs.BOM_UTF8)


def _decoded(raw: bytes, encoding: str, reading: Reading) -> str:
    try:
        return raw.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        line = raw.count(b"\n", 0, error.start) + 1 if isinstance(error, UnicodeDecodeError) else 0
        raise reading.fail(
            line,
            f"the file cannot be read as {encoding}: give its encoding, such as gb18030 or cp1252",
            f"文件不能按 {encoding} 读取：请给出其编码，例如 gb18030 或 cp1252",
        ) from error


def _bytes(path: Path, reading: Reading) -> bytes:
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise reading.fail(
            0, f"the compressed file is damaged ({error}): get it again", f"压缩文件已损坏（{error}）：请重新取得"
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise LogError(Text(en=f"{path} cannot be read: {reason}", zh=f"{path} 无法读取：{reason}")) from error


def _encoding(raw: bytes, reading: Reading) -> str:
    """Return the encoding of a text: by its mark, else UTF-8 where that fits, else GB18030 where it looks like it."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if raw.isascii():
        return "utf-8"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    if _looks_chinese(raw):
        reading.note("the file is read as GB18030", "文件按 GB18030 编码读取")
        return "gb18030"
    bad = next(number for number, line in enumerate(raw.split(b"\n"), 1) if not _is_utf8(line))
    raise reading.fail(
        bad,
        "the file is neither UTF-8 nor Chinese GB18030: give its encoding, such as cp1252",
        "文件既非 UTF-8 也非 GB18030 编码：请给出其编码，例如 cp1252",
    )


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _looks_chinese(raw: bytes) -> bool:
    """Whether bytes decode as GB18030 to mostly common Chinese characters, which Western texts hardly ever do."""
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        return False
    beyond = [sign for sign in text if ord(sign) > 127]
    # both bytes of a common character (GB 2312) are above A0; an accented letter is followed by a plain one
    common = sum(1 for sign in beyond if min(sign.encode("gb18030")[:2]) > 0xA0)
    return common > 0.7 * len(beyond)


def _separator(text: str, reading: Reading) -> str:
    """Return the sign that parts the columns: the one that the first lines have equally often, most often."""
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    counts = {sign: Counter(_fields(line, sign) for line in lines) for sign in _SEPARATORS}
    fits = {sign: count.most_common(1)[0] for sign, count in counts.items()}
    best = max(fits, key=lambda sign: (fits[sign][0] > 1, fits[sign][1], fits[sign][0]))
    if fits[best][0] < 2:
        raise reading.fail(
            1,
            "the first line has one column only: give the separator",
            "首行只有一列：请给出分隔符",
        )
    if best != ",":
        shown = {"\t": "a tab"}.get(best, best)
        reading.note(f"the columns are parted by {shown!r}", f"列分隔符为 {'制表符' if best == chr(9) else best}")
    return best


def _fields(line: str, separator: str) -> int:
    return len(next(csv.reader([line], delimiter=separator), []))


def _rows(text: str, separator: str, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty with the line at which they begin."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begin = 1
    try:
        for row in reader:
            if row:
                yield begin, row
            begin = reader.line_num + 1
    except csv.Error as error:
        reading.bad(
            begin,
            f"the row that begins here cannot be read ({error}): look for a quotation mark that is not closed",
            f"自此开始的一行无法读取（{error}）：请检查未闭合的引号",
        )


def _check_header(header: list[str], reading: Reading) -> None:
    for name in header:
        if not name:
            raise reading.fail(1, "a column has no name: give it one", "有一列没有列名：请补上")
        if header.count(name) > 1:
            raise reading.fail(1, f"two columns are named {name!r}: rename one", f"有两列同名 {name!r}：请更名其一")


def _frames(rows: Iterator[tuple[int, list[str]]], header: list[str], reading: Reading) -> Iterator[pl.DataFrame]:
    lines: list[int] = []
    kept: list[list[str]] = []
    for line, row in rows:
        if len(row) != len(header):
            reading.bad(
                line,
                f"the row has {len(row)} fields, the header has {len(header)}: look for a missing or a bare separator",
                f"该行有 {len(row)} 个字段，而表头有 {len(header)} 个：请检查缺少或多余的分隔符",
            )
            continue
        lines.append(line)
        kept.append(row)
        if len(kept) == _CHUNK:
            yield _frame(lines, kept, header)
            lines, kept = [], []
    if kept:
        yield _frame(lines, kept, header)


def _frame(lines: list[int], rows: list[list[str]], header: list[str]) -> pl.DataFrame:
    columns = zip(*rows, strict=True) if rows else ((),) * len(header)
    table = {name: pl.Series(list(values), dtype=pl.String) for name, values in zip(header, columns, strict=True)}
    return _cleaned(pl.DataFrame(table), lines)


def _cleaned(texts: pl.DataFrame, lines: Sequence[int] | Ints) -> pl.DataFrame:
    """Return a table without blanks around its texts, empty ones null, with the line of each row."""
    cleaned = texts.with_columns(pl.all().str.strip_chars().replace("", None))
    return cleaned.select(pl.Series(LINE, lines, dtype=pl.Int64), pl.all())
