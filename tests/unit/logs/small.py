"""Small logs for the tests of logs."""

import datetime as dt
from pathlib import Path

import polars as pl

from procflow.logs import EventLog, event_log

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0" xmlns="http://www.xes-standard.org/">\n'


def at(text: str) -> dt.datetime:
    """Return ``3 09:30`` as an instant of March 2025, UTC."""
    day, _, time = text.partition(" ")
    return dt.datetime.fromisoformat(f"2025-03-{int(day):02d}T{time or '00:00'}+00:00")


def log(*rows: tuple[str, str, str | None, str | None], **columns: list[object]) -> EventLog:
    """Return a log of rows ``(case, activity, start, end)``, with further columns."""
    table = {
        "case": [row[0] for row in rows],
        "activity": [row[1] for row in rows],
        "start": [row[2] and at(row[2]) for row in rows],
        "end": [row[3] and at(row[3]) for row in rows],
    }
    return event_log(pl.DataFrame(table | columns))


def xes_event(name: str, time: str, transition: str | None = None, **more: str) -> str:
    """Return an event of an XES file; ``more`` are attributes, ``_`` in their names standing for ``:``."""
    parts = [f'<string key="concept:name" value="{name}"/>', f'<date key="time:timestamp" value="{time}"/>']
    if transition:
        parts.append(f'<string key="lifecycle:transition" value="{transition}"/>')
    parts += [f'<string key="{key.replace("_", ":")}" value="{value}"/>' for key, value in more.items()]
    return "<event>\n" + "\n".join(parts) + "\n</event>\n"


def xes_trace(name: str, *events: str) -> str:
    """Return a trace of an XES file."""
    return f'<trace>\n<string key="concept:name" value="{name}"/>\n{"".join(events)}</trace>\n'


def xes_file(folder: Path, *traces: str, head: str = HEAD, foot: str = "</log>\n") -> Path:
    """Return an XES file of traces."""
    path = folder / "log.xes"
    path.write_text(head + "".join(traces) + foot, encoding="utf-8")
    return path


def csv_file(folder: Path, text: str, encoding: str = "utf-8", name: str = "log.csv") -> Path:
    """Return a CSV file of this text."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path
