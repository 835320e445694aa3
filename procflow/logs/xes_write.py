"""An event log as XES (IEEE 1849), part by part. Names follow the standard extensions.

An instance becomes the events ``schedule``, ``start`` and ``complete`` for the instants that it has. What XES has no
word for is kept under keys ``procflow:…``: the time zone's name, the number of an instance that overlaps another of
its activity, a department where no role is known.
"""

import re
from collections.abc import Iterator

import polars as pl

from procflow.errors import LogError
from procflow.logs.log import CASE, EVENT, EventLog
from procflow.logs.zones import digits, written
from procflow.text import Text

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="nested-attributes" xmlns="http://www.xes-standard.org/">
\t<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
\t<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
\t<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
\t<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
"""
_ESCAPES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
}
_FORBIDDEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"  # no XML 1.0 file can hold these, escaped or not
_Path = tuple[str, ...]
_EVENTS_A_PART = 20_000
_TRANSITION = EVENT + "lifecycle:transition"


def xes_parts(log: EventLog) -> Iterator[bytes]:
    """Yield the file in parts.

    Raises LogError, before the first part, where a text holds a character that XML cannot.
    """
    _check(log.events)
    _check(log.cases)
    return _parts(log)


def _check(frame: pl.DataFrame) -> None:
    for name, kind in frame.schema.items():
        if kind != pl.String:
            continue
        bad = frame.filter(pl.col(name).str.contains(_FORBIDDEN))
        if bad.height:
            value, case = bad[name][0], bad["case"][0]
            raise LogError(
                Text(
                    en=f"{name} of case {case!r} is {value!r}: XML cannot hold this character; remove it or write .csv",
                    zh=f"办件 {case!r} 的 {name} 为 {value!r}：XML 不能包含该字符；请删去或写为 .csv",
                )
            )


def _parts(log: EventLog) -> Iterator[bytes]:
    zone = f'\t<string key="procflow:zone" value="{_plain(log.zone)}"/>\n'
    yield (_HEAD + zone).encode()
    traces = log.cases.select(
        "case",
        pl.concat_str(
            pl.lit("\t<trace>\n"),
            _element("string", "concept:name", pl.col("case"), 2),
            _attributes(log.cases, CASE, log.zone, 2),
        ).alias("trace"),
    )
    events = _events(log)
    element = pl.concat_str(pl.lit("\t\t<event>\n"), *_event(log, events), pl.lit("\t\t</event>\n"))
    table = traces.join(events, on="case", how="left", maintain_order="left").with_columns(
        first=pl.col("case").ne_missing(pl.col("case").shift(1)),
        last=pl.col("case").ne_missing(pl.col("case").shift(-1)),
    )
    line = pl.concat_str(
        pl.when("first").then("trace").otherwise(pl.lit("")),
        pl.when(pl.col("rank").is_not_null()).then(element).otherwise(pl.lit("")),
        pl.when("last").then(pl.lit("\t</trace>\n")).otherwise(pl.lit("")),
    )
    # in parts, so that the text of a large log is never held as a whole
    for part in table.iter_slices(_EVENTS_A_PART):
        yield part.select(line).to_series().str.join("").item().encode()
    yield b"</log>\n"


def _events(log: EventLog) -> pl.DataFrame:
    """Return the events of each case in order of time: ``at``, ``transition``, and what the log knows of each."""
    rows = log.events.with_row_index("row").with_columns(
        _numbers(log.events),
        ended=pl.col(_TRANSITION) if _TRANSITION in log.events.columns else pl.lit(None, pl.String),
    )
    kinds = (("enabled", "schedule", 0), ("start", "start", 1), ("end", "complete", 2))
    alike = [
        rows.filter(pl.col(column).is_not_null()).with_columns(
            at=pl.col(column), transition=pl.lit(transition), rank=pl.lit(rank)
        )
        for column, transition, rank in kinds
    ]
    table = pl.concat(alike).with_columns(
        transition=pl.when(pl.col("rank") == 2).then(pl.coalesce("ended", "transition")).otherwise("transition")
    )
    return table.sort("case", "at", "row", "rank")


def _event(log: EventLog, table: pl.DataFrame) -> list[pl.Expr]:
    role, department = (table[name].null_count() < table.height for name in ("role", "department"))
    keys = {
        "concept:name": "activity",
        "lifecycle:transition": "transition",
        "org:resource": "resource",
        "org:role" if role and department else "org:group": "role",
        "org:group" if role and department else "procflow:department": "department",
    }
    parts = [_element("string", key, pl.col(column), 3) for key, column in keys.items()]
    parts.append(
        _element("date", "time:timestamp", written(pl.col("at"), log.zone, digits=max(3, digits(table["at"]))), 3)
    )
    parts.append(_element("int", "procflow:instance", pl.col("own").cast(pl.String), 3))
    parts.append(_attributes(table.drop(_TRANSITION, strict=False), EVENT, log.zone, 3))
    return parts


def _numbers(events: pl.DataFrame) -> pl.Series:
    """Return, as ``own``, a number for each instance of a case and activity that a reader could mistake for another."""
    named = EVENT + "concept:instance"
    keys = ["case", "activity", named] if named in events.columns else ["case", "activity"]
    rows = events.select(*keys, "enabled", "start", "end").with_row_index("row")
    several = rows.filter(pl.len().over(keys) > 1)
    first = pl.coalesce("enabled", "start", "end")
    last = pl.coalesce("end", "start", "enabled")
    only = pl.col("start").is_null() & pl.col("enabled").is_null()
    plain = only.all().over(keys)
    overlap = (first.sort_by(first).shift(-1) <= last.sort_by(first)).fill_null(False).any().over(keys)
    odd = pl.col("end").is_null().any().over(keys) | only.any().over(keys)
    number = pl.when(~plain & (overlap | odd)).then(pl.int_range(pl.len()).over(keys))
    found = several.select("row", own=number)
    return rows.select("row").join(found, on="row", how="left", maintain_order="left")["own"]


def _attributes(frame: pl.DataFrame, prefix: str, zone: str, depth: int) -> pl.Expr:
    """Return further columns as one text; paths such as ``parent/child`` become nested attributes."""
    paths = {tuple(name.removeprefix(prefix).split("/")): name for name in frame.columns if name.startswith(prefix)}
    return _nested(frame, paths, (), zone, depth)


def _nested(
    frame: pl.DataFrame, paths: dict[tuple[str, ...], str], at: tuple[str, ...], zone: str, depth: int
) -> pl.Expr:
    keys = dict.fromkeys(path[len(at)] for path in paths if path[: len(at)] == at and len(path) > len(at))
    parts = []
    for key in keys:
        path = (*at, key)
        inside = _nested(frame, paths, path, zone, depth + 1)
        kind, value = _value(frame, paths[path], zone) if path in paths else ("container", None)
        has_inside = any(other[: len(path)] == path and len(other) > len(path) for other in paths)
        name = key.replace("~1", "/").replace("~0", "~")
        parts.append(_element(kind, name, value, depth, inside if has_inside else None))
    return pl.concat_str(parts) if parts else pl.lit("")


def _value(frame: pl.DataFrame, column: str, zone: str) -> tuple[str, pl.Expr]:
    """Return the type of an attribute and its value as text."""
    kind, value = frame.schema[column], pl.col(column)
    if isinstance(kind, pl.Datetime):
        return "date", written(value, zone, digits=max(3, digits(frame[column])))
    if kind.is_integer():
        return "int", value.cast(pl.String)
    if kind.is_float():
        return "float", value.cast(pl.String)
    if kind == pl.Boolean:
        return "boolean", pl.when(value).then(pl.lit("true")).when(~value).then(pl.lit("false"))
    return "string", value.cast(pl.String)


def _element(kind: str, key: str, value: pl.Expr | None, depth: int, inside: pl.Expr | None = None) -> pl.Expr:
    """Return an attribute as text: nothing where it has neither a value nor anything nested."""
    tabs, head = "\t" * depth, f'<{kind} key="{_plain(key)}"'
    escaped = (
        pl.lit(None, pl.String) if value is None else value.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
    )
    valued = pl.concat_str(pl.lit(' value="'), escaped, pl.lit('"'))
    if inside is None:
        return pl.concat_str(pl.lit(tabs + head), valued, pl.lit("/>\n")).fill_null("")
    nothing = (inside == "") & valued.is_null()
    # XES has no attribute without a value but containers, so a parent without one becomes a container
    bare = pl.lit(f'<container key="{_plain(key)}"')
    opened = pl.coalesce(pl.concat_str(pl.lit(head), valued), bare)
    closing = pl.when(valued.is_null()).then(pl.lit("container")).otherwise(pl.lit(kind))
    whole = pl.concat_str(pl.lit(tabs), opened, pl.lit(">\n"), inside, pl.lit(tabs + "</"), closing, pl.lit(">\n"))
    return pl.when(nothing).then(pl.lit("")).otherwise(whole)


def _plain(text: str) -> str:
    return re.sub('[&<>"\t\n\r]', lambda found: _ESCAPES[found[0]], text)
