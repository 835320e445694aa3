"""Keeps the personal data of applicants out of logs: left out, or replaced by a keyed hash. Knows columns by name only.

What stands in a column of another name, such as remarks in free text, is not looked at.
"""

import hashlib
import hmac
from dataclasses import replace
from typing import Literal

import polars as pl

from procflow.errors import LogError
from procflow.logs.columns import is_personal
from procflow.logs.log import CASE, EVENT, EventLog
from procflow.text import Text

Personal = Literal["drop", "hash", "keep"]

_DIGITS = 16
"""Hexadecimal digits of a pseudonym: 64 bits, so that a million people hardly ever share one."""


def without_personal(log: EventLog, personal: Personal = "drop", key: str | None = None) -> EventLog:
    """Return a log whose attributes that name applicants are dropped, hashed with a key, or kept.

    Raises LogError where hashes are asked for without a key: a plain hash of a phone number is found by trying all.

    >>> import datetime as dt
    >>> from procflow.logs import event_log
    >>> at = [dt.datetime(2025, 3, 3)]
    >>> log = event_log(pl.DataFrame({"case": ["1"], "activity": ["受理"], "end": at, "event_申请人姓名": ["张三"]}))
    >>> without_personal(log).events.columns[-1]
    'department'
    """
    if personal == "hash" and not key:
        raise LogError(
            Text(
                en="personal data are hashed with a key only: give one, and keep it secret",
                zh="个人信息须使用密钥作散列：请给出密钥并妥善保管",
            )
        )
    events, cases = _named(log.events, EVENT), _named(log.cases, CASE)
    if personal == "keep" or not (events or cases):
        return log
    shown = sorted({name.partition("_")[2] for name in (*events, *cases)})
    key = key or ""
    if personal == "drop":
        done = Text(
            en=f"columns about applicants were left out: {', '.join(shown)}",
            zh=f"涉及申请人个人信息的列已略去：{'、'.join(shown)}",
        )
        tables = log.events.drop(events), log.cases.drop(cases)
    else:
        done = Text(
            en=f"columns about applicants were replaced by keyed hashes: {', '.join(shown)}",
            zh=f"涉及申请人个人信息的列已替换为带密钥的散列值：{'、'.join(shown)}",
        )
        tables = _hashed(log.events, events, key), _hashed(log.cases, cases, key)
    return replace(log, events=tables[0], cases=tables[1], notes=(*log.notes, done))


def pseudonyms(column: pl.Series, key: str) -> pl.Series:
    """Return a column with each value replaced by its HMAC-SHA-256 (RFC 2104) under a key, null staying null."""
    secret = key.encode()
    values = column.cast(pl.String).unique().drop_nulls()
    hashes = [hmac.new(secret, value.encode(), hashlib.sha256).hexdigest()[:_DIGITS] for value in values]
    return column.cast(pl.String).replace_strict(values, pl.Series(hashes, dtype=pl.String), default=None)


def _hashed(frame: pl.DataFrame, names: list[str], key: str) -> pl.DataFrame:
    return frame.with_columns(pseudonyms(frame[name], key) for name in names)


def _named(frame: pl.DataFrame, prefix: str) -> list[str]:
    return [name for name in frame.columns if name.startswith(prefix) and is_personal(name.removeprefix(prefix))]
