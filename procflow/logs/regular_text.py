"""Regular text tables, read by polars at a stroke: every row as long as the header, every quotation mark in its place.

Decides by the bytes alone whether a table is regular. What is not is left to ``text_file``, which reads row by row and
tells what is wrong where.
"""

from typing import Any

import numpy as np
import polars as pl

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bytes = np.ndarray[Any, np.dtype[np.uint8]]

_QUOTE, _NEWLINE, _RETURN = b'"\n\r'


def regular_rows(raw: bytes, separator: str) -> tuple[pl.DataFrame, Ints] | None:
    """Return the rows of a table in UTF-8 as texts, that of the header first, and the line at which each begins.

    None where a row has another number of fields than the first, a quotation mark stands inside of a field or is not
    closed, lines end otherwise than by ``\\n`` or ``\\r\\n``, or the separator is no single byte.
    """
    if len(separator.encode()) != 1:
        return None
    return _quoted(raw.rstrip(b"\r\n"), separator) if b'"' in raw else _plain(raw, separator)


def _plain(raw: bytes, separator: str) -> tuple[pl.DataFrame, Ints] | None:
    """Return the rows of a table without quotation marks: its signs need only be counted."""
    if raw[-3:].count(b"\n") > 1:
        raw = raw.rstrip(b"\r\n")
    count = raw.count(b"\n") + (not raw.endswith(b"\n"))
    separators = raw[: raw.find(b"\n") + 1 or len(raw)].count(separator.encode())
    if separators == 0 or _count(raw, separator) != count * separators:
        return None
    if b"\r" in raw and raw.count(b"\r") != raw.count(b"\r\n"):
        return None
    # polars refuses rows of more fields than the first has; with so many signs in all, none can have fewer
    try:
        table = pl.read_csv(raw, separator=separator, has_header=False, infer_schema=False, quote_char=None)
    except pl.exceptions.PolarsError:
        return None
    return (table, np.arange(1, count + 1)) if table.shape == (count, separators + 1) else None


def _count(raw: bytes, sign: str) -> int:
    return int(np.count_nonzero(np.frombuffer(raw, np.uint8) == ord(sign)))


def _quoted(raw: bytes, separator: str) -> tuple[pl.DataFrame, Ints] | None:
    """Return the rows of a table with quotation marks: signs between them count for nothing."""
    data = np.frombuffer(raw, np.uint8)
    quotes = _places(data, _QUOTE)
    newlines = _places(data, _NEWLINE)
    if not _quoted_well(data, quotes, ord(separator)) or (b"\r" in raw and not _ended_well(data, quotes)):
        return None
    ends = np.append(_outside(newlines, quotes), len(data))
    fields = np.diff(np.searchsorted(_outside(_places(data, ord(separator)), quotes), ends), prepend=0)
    if fields[0] == 0 or (fields != fields[0]).any():
        return None
    table = pl.read_csv(raw, separator=separator, has_header=False, infer_schema=False)
    if table.shape != (len(ends), fields[0] + 1):
        return None
    return table, np.append(1, 2 + np.searchsorted(newlines, ends[:-1]))


def _places(data: Bytes, sign: int) -> Ints:
    return np.flatnonzero(data == sign)


def _outside(places: Ints, quotes: Ints) -> Ints:
    """Return the places that are not between quotation marks."""
    return places[np.searchsorted(quotes, places) % 2 == 0] if len(quotes) else places


def _quoted_well(data: Bytes, quotes: Ints, separator: int) -> bool:
    """Whether quotation marks open and close whole fields; two in a row inside of a field stand for one."""
    if len(quotes) % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    opens = np.isin(data[opening[opening > 0] - 1], (separator, _NEWLINE, _QUOTE))
    closes = np.isin(data[closing[closing < len(data) - 1] + 1], (separator, _NEWLINE, _RETURN, _QUOTE))
    return bool(opens.all() and closes.all())


def _ended_well(data: Bytes, quotes: Ints) -> bool:
    """Whether every carriage return stands before a new line, outside of quotation marks."""
    returns = _places(data, _RETURN)
    return len(_outside(returns, quotes)) == len(returns) and bool((data[returns + 1] == _NEWLINE).all())
