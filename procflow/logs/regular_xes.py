"""Regular XES files, read by polars at a stroke: traces of events, and attributes that hold no others.

Decides by the bytes whether a file is regular: every tag as programs write it, in its place, and closed. What is not
is left to ``xes_parse``, which follows element by element and tells what is wrong where.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
import polars as pl

from procflow.logs.xes_columns import escaped

Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Kinds = dict[str, set[str]]

_BEGIN, _END = b"<trace>", b"</trace>"
_TRACE, _TRACE_END, _EVENT, _EVENT_END, _ATTRIBUTE = range(5)
_KINDS = ("string", "date", "int", "float", "boolean", "id")
_CODES = {"trace>": _TRACE, "/trace>": _TRACE_END, "event>": _EVENT, "/event>": _EVENT_END} | {
    f"{kind} key=": _ATTRIBUTE + number for number, kind in enumerate(_KINDS)
}
_DEPTHS = np.array([0, 1, 1, 2])
"""How many tags are open before each of the first four."""

_COLUMNS = ("tag", "key", "equals", "value", "close")
_OWNER = "\0"
"""A column that no attribute has the name of: it has a row for each trace or event, also where they have nothing."""
_BLANKS = " \t\r\n"
_ODD = "[\0-\x1f\ufffe\uffff]"
"""Signs that XML may not have, and breaks of lines, which it takes for spaces in a value."""
_REFERENCE = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));|&")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}

_PIECE_BYTES = 1 << 23
_LARGEST_TRACE_BYTES = 16 * _PIECE_BYTES


class _IrregularError(Exception):
    """The file is not regular."""


@dataclass
class Regular:
    """What stands before the first trace, the number of traces, the attributes of events and traces, as texts.

    ``trace_of`` is the trace of each event; the types of each attribute are in ``event_kinds`` and ``trace_kinds``.
    """

    header: bytes = b""
    count: int = 0
    events: pl.DataFrame = field(default_factory=pl.DataFrame)
    traces: pl.DataFrame = field(default_factory=pl.DataFrame)
    trace_of: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    event_kinds: Kinds = field(default_factory=dict)
    trace_kinds: Kinds = field(default_factory=dict)


def regular_traces(stream: IO[bytes]) -> Regular | None:
    """Return what stands in a file in UTF-8; None where it is not regular, or breaks off."""
    found = Regular()
    events, traces, trace_of = [], [], [found.trace_of]
    try:
        for piece in _pieces(stream, found):
            tags = _tags(piece)
            code = _codes(tags["tag"])
            depth = _depth(code)
            _check_attributes(tags, code >= _ATTRIBUTE)
            tags = tags.select(pl.Series("code", code), "key", _unescaped(tags["value"]))
            trace, event = np.cumsum(code == _TRACE) - 1, np.cumsum(code == _EVENT) - 1
            traces.append(_by_key(tags, (code >= _ATTRIBUTE) & (depth == 1), trace, found.trace_kinds))
            events.append(_by_key(tags, (code >= _ATTRIBUTE) & (depth == 2), event, found.event_kinds))
            trace_of.append(trace[code == _EVENT] + found.count)
            found.count += int(trace[-1]) + 1
    except (_IrregularError, pl.exceptions.PolarsError):
        return None
    found.traces, found.events = (pl.concat(each, how="diagonal").drop(_OWNER) for each in (traces, events))
    found.trace_of = np.concatenate(trace_of)
    return found


def _pieces(stream: IO[bytes], found: Regular) -> Iterator[bytes]:
    """Yield whole traces, some megabytes at a time; put what stands before them aside."""
    rest = stream.read(_PIECE_BYTES)
    begin = rest.find(_BEGIN)
    if begin < 0:
        raise _IrregularError
    found.header, rest = rest[:begin], rest[begin:]
    more = True
    while more:
        end = rest.rfind(_END) + len(_END)
        if end >= len(_END):
            yield rest[:end]
            rest = rest[end:]
        elif len(rest) > _LARGEST_TRACE_BYTES:
            raise _IrregularError
        block = stream.read(_PIECE_BYTES)
        more, rest = bool(block), rest + block
    if rest.strip(_BLANKS.encode()) != b"</log>":
        raise _IrregularError


def _tags(piece: bytes) -> pl.DataFrame:
    """Return the tags of a piece in fields: each stands before a sign of "less than", and parts at quotation marks."""
    first = '"'.join(_COLUMNS).encode()
    table = pl.read_csv(
        first + piece, separator='"', eol_char="<", quote_char=None, has_header=False, infer_schema=False
    )
    table = table.rename(dict(zip(table.columns, _COLUMNS, strict=True)))
    before_first = table["close"][0].removeprefix("close").strip(_BLANKS)
    if before_first or table.height - 1 != np.count_nonzero(np.frombuffer(piece, np.uint8) == ord("<")):
        raise _IrregularError
    return table.slice(1)


def _codes(tags: pl.Series) -> Ints:
    """Return what tags are; the blanks between them tell nothing."""
    spellings = tags.unique()
    codes = [_CODES.get(tag.rstrip(_BLANKS)) if tag else None for tag in spellings]
    if None in codes:
        raise _IrregularError
    code: Ints = np.array(codes)[tags.cast(pl.Enum(spellings)).to_physical().to_numpy()]
    return code


def _depth(code: Ints) -> Ints:
    """Return how many tags are open before each; attributes stand in a trace or in an event of one."""
    attribute = code >= _ATTRIBUTE
    step = np.where(attribute, 0, np.where((code == _TRACE) | (code == _EVENT), 1, -1))
    depth: Ints = np.cumsum(step) - step
    if (depth[~attribute] != _DEPTHS[code[~attribute]]).any() or (depth[attribute] < 1).any():
        raise _IrregularError
    return depth


def _check_attributes(tags: pl.DataFrame, attribute: Flags) -> None:
    """Refuse attributes that have no key, another field than a value, or hold something, and other tags with fields."""
    for name in ("key", "equals", "close"):
        if (tags[name].is_null().to_numpy() == attribute).any():
            raise _IrregularError
    equals, closes = (tags[name].unique().drop_nulls().to_list() for name in ("equals", "close"))
    if any(each != " value=" for each in equals) or any(each.strip(_BLANKS) != "/>" for each in closes):
        raise _IrregularError
    if tags["key"].unique().str.contains("&|" + _ODD).any() or tags["value"].str.contains(_ODD).any():
        raise _IrregularError


def _unescaped(values: pl.Series) -> pl.Series:
    """Return values with the signs that their references stand for; fields without a sign are empty texts."""
    values = values.fill_null("")
    referring = values.str.contains("&", literal=True)
    if not referring.any():
        return values
    distinct = values.filter(referring).unique()
    return values.replace(distinct, pl.Series([_REFERENCE.sub(_sign, value) for value in distinct]))


def _sign(reference: re.Match[str]) -> str:
    """Return the sign that a reference stands for, where XML may have it."""
    name, decimal, hexadecimal = reference.groups()
    if name:
        return _ENTITIES[name]
    sign = int(decimal) if decimal else int(hexadecimal or "0", 16)
    if sign in (0x9, 0xA, 0xD) or 0x20 <= sign < 0xD800 or 0xE000 <= sign < 0xFFFE or 0x10000 <= sign < 0x110000:
        return chr(sign)
    raise _IrregularError


def _by_key(tags: pl.DataFrame, which: Flags, owner: Ints, kinds: Kinds) -> pl.DataFrame:
    """Return some attributes by key, a row for each owner up to the last, null where one has none.

    Of several with one key the last counts.
    """
    rows, count = np.flatnonzero(which), int(owner[-1]) + 1
    key = tags["key"].gather(rows)
    keys = key.unique(maintain_order=True)
    number = key.cast(pl.Enum(keys)).to_physical().to_numpy()
    columns = [pl.Series(_OWNER, np.zeros(count, dtype=np.bool_))]
    for place, name in enumerate(keys):
        these = rows[number == place]
        at = np.full(count, -1)
        at[owner[these]] = these
        places = pl.Series(at)
        path = escaped(name)
        columns.append(tags["value"].gather(places.set(places < 0, None)).alias(path))
        codes = tags["code"].gather(these).unique()
        kinds.setdefault(path, set()).update(_KINDS[code - _ATTRIBUTE] for code in codes)
    return pl.DataFrame(columns)
