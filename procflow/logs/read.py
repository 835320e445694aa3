"""Reads event logs of any kind that procflow knows, by the name of the file. What each kind needs is in its module."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from procflow.errors import LogError
from procflow.logs.case_library import read_case_library
from procflow.logs.log import EventLog
from procflow.logs.personal import Personal, without_personal
from procflow.logs.tables_read import read_csv, read_parquet
from procflow.logs.xes_read import read_xes
from procflow.text import Text

_KINDS = {".xes": "xes", ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet", ".pq": "parquet"}
_READERS = {"xes": read_xes, "csv": read_csv, "parquet": read_parquet, "case_library": read_case_library}
_TAKES = {
    "xes": {"classifier"},
    "csv": {"columns", "time_format", "encoding", "separator"},
    "parquet": {"columns", "time_format"},
    "case_library": {"encoding", "separator", "time_format", "key"},
}


def read_log(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    time_format: str | None = None,
    zone: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    classifier: str | None = None,
    personal: Personal = "drop",
    key: str | None = None,
    skip_bad: bool = False,
) -> EventLog:
    """Return the event log of a file, or of a folder with the tables of a case library (办件库).

    Parameters
    ----------
    path
        ``.xes``, ``.csv`` (``.tsv``, ``.txt``), both also with ``.gz``, or ``.parquet``; or a folder.
    columns
        For tables: which column holds a field of the log, such as ``{"case": "No.", "end": "Closed"}``. What is not
        given is guessed by the columns' names, which ``notes`` of the log tell.
    time_format
        For tables: how times are written, as for ``strftime``; found out without.
    zone
        The time zone of the source (an IANA name or an offset); found out without.
    encoding, separator
        For text: found out without (UTF-8, UTF-16, GB18030; comma, semicolon, tab, bar).
    classifier
        For XES: name activities by this classifier of the file.
    personal
        What becomes of columns about applicants: ``drop``, ``hash`` (with ``key``) or ``keep``.
    key
        The secret with which personal data are hashed; the people of a case library too.
    skip_bad
        Leave out what is wrong, counting and telling it, instead of refusing the file.

    Raises
    ------
    LogError
        The file cannot be read, what it holds is wrong (all at once, by line), or an option is not for its kind.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "log.csv")
    ...     _ = file.write_text("办件编号,环节名称,完成时间\\n1,受理,2025-03-03 09:00\\n", encoding="gb18030")
    ...     log = read_log(file)
    >>> print(log)
    EventLog of 1 cases, 1 events, 1 activities, times in Asia/Shanghai
    """
    kind = _kind(Path(path))
    options = {
        "columns": columns,
        "time_format": time_format,
        "encoding": encoding,
        "separator": separator,
        "classifier": classifier,
    }
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    alien = sorted(set(given) - _TAKES[kind])
    if alien:
        raise LogError(
            Text(
                en=f"{path}: {', '.join(alien)} means nothing for a log of this kind ({kind}): leave it out",
                zh=f"{path}：{'、'.join(alien)} 不适用于此类日志（{kind}）：请去掉",
            )
        )
    if key is not None and "key" in _TAKES[kind]:
        given["key"] = key
    reader: Any = _READERS[kind]
    return without_personal(reader(path, zone=zone, skip_bad=skip_bad, **given), personal, key)


def _kind(path: Path) -> str:
    if path.is_dir():
        return "case_library"
    suffix = path.with_suffix("").suffix if path.suffix.lower() == ".gz" else path.suffix
    kind = _KINDS.get(suffix.lower())
    if kind is None:
        raise LogError(
            Text(
                en=f"{path}: no log is known by this ending: use {', '.join(_KINDS)} or a folder of a case library",
                zh=f"{path}：无法由后缀识别日志类型：可用 {'、'.join(_KINDS)} 或办件库文件夹",
            )
        )
    return kind
