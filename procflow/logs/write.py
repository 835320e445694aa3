"""Writes event logs as XES, CSV or Parquet, in the time zone of their source. A file appears whole or not at all."""

import gzip
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import polars as pl

from procflow.errors import LogError, cannot_write
from procflow.logs.log import COLUMNS, EventLog
from procflow.logs.tables_read import ZONE_KEY
from procflow.logs.xes_write import xes_parts
from procflow.logs.zones import checked_zone, digits, offset_minutes, written
from procflow.text import Text

SUFFIXES = (".xes", ".xes.gz", ".csv", ".csv.gz", ".parquet")
"""The endings of files that can be written."""

_INSTANTS = ("enabled", "start", "end")


def write_log(log: EventLog, path: str | Path, *, encoding: str = "utf-8") -> None:
    """Write a log to a file, as its ending says: ``.xes``, ``.csv``, both also with ``.gz``, or ``.parquet``.

    Times are written in the log's zone. XES keeps everything; CSV and Parquet have a row per event, with the
    attributes of its case repeated, and cannot hold a case without events.

    Parameters
    ----------
    log
        What to write.
    path
        Where to; a file that is there is replaced when the new one is whole.
    encoding
        Of CSV: ``utf-8-sig`` opens in Excel, ``gb18030`` in older Chinese programs.

    Raises
    ------
    LogError
        The ending is unknown, the place cannot be written to, or the log has what the kind of file cannot hold.
    """
    place = Path(path)
    ending = next((each for each in reversed(SUFFIXES) if place.name.lower().endswith(each)), None)
    if ending is None:
        raise LogError(
            Text(
                en=f"{path}: no log is written with this ending: use {', '.join(SUFFIXES)}",
                zh=f"{path}：不能按此后缀写出日志：可用 {'、'.join(SUFFIXES)}",
            )
        )
    checked_zone(log.zone)
    if ending == ".parquet":
        table = _table(log, path)
        _replace(place, lambda stream: _parquet(table, log.zone, stream))
    elif ending.startswith(".csv"):
        text = _csv(_table(log, path), log.zone, encoding, path)
        _replace(place, lambda stream: stream.write(text), compress=ending.endswith(".gz"))
    else:
        parts = xes_parts(log)
        _replace(place, lambda stream: stream.writelines(parts), compress=ending.endswith(".gz"))


def _table(log: EventLog, path: str | Path) -> pl.DataFrame:
    """Return a row per event with the attributes of its case; refuse to lose cases that have none."""
    idle = log.cases.join(log.events, on="case", how="anti")
    if idle.height:
        raise LogError(
            Text(
                en=f"{path}: {idle.height} cases have no events ({idle['case'][0]!r} …), which a table of events "
                "cannot hold: write .xes",
                zh=f"{path}：有 {idle.height} 件没有环节记录（{idle['case'][0]!r} 等），事件表无法保存：请写为 .xes",
            )
        )
    empty = [name for name in COLUMNS if log.events[name].null_count() == log.events.height and name != "end"]
    return log.events.drop(empty).join(log.cases, on="case", how="left", maintain_order="left")


def _csv(table: pl.DataFrame, zone: str, encoding: str, path: str | Path) -> bytes:
    times = [name for name, kind in table.schema.items() if isinstance(kind, pl.Datetime)]
    shown = table.with_columns(_readable(table, name, zone) for name in times)
    text = shown.write_csv(quote_style="necessary")
    try:
        return text.encode(encoding)
    except (UnicodeEncodeError, LookupError) as error:
        raise LogError(
            Text(
                en=f"{path} cannot be written as {encoding} ({error}): use utf-8-sig or gb18030",
                zh=f"{path} 不能按 {encoding} 编码写出（{error}）：可用 utf-8-sig 或 gb18030",
            )
        ) from error


def _readable(table: pl.DataFrame, name: str, zone: str) -> pl.Expr:
    """Return instants as text, with as many digits as they need."""
    return written(pl.col(name), zone, digits=digits(table[name]), between=" ").alias(name)


def _parquet(table: pl.DataFrame, zone: str, stream: IO[bytes]) -> None:
    if offset_minutes(zone) is None:
        instants = [name for name in table.columns if isinstance(table.schema[name], pl.Datetime)]
        table = table.with_columns(pl.col(instants).dt.convert_time_zone(zone))
    table.write_parquet(stream, compression="zstd", metadata={ZONE_KEY: zone})


def _replace(place: Path, fill: Callable[[Any], object], *, compress: bool = False) -> None:
    """Write a file under a name for the time being, and put it in its place when it is whole."""
    try:
        number, partial = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
        try:
            with os.fdopen(number, "wb") as raw:
                if compress:
                    with gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as stream:
                        fill(stream)
                else:
                    fill(raw)
            Path(partial).chmod(0o666 & ~_umask())
            Path(partial).replace(place)
        finally:
            Path(partial).unlink(missing_ok=True)
    except OSError as error:
        raise LogError(cannot_write(place, error)) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
