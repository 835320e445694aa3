"""Event logs in tables: CSV (plain or gzip) and Parquet, one row per event.

A row is an activity, or a start or a completion of one where a column of transitions (``lifecycle:transition``) tells
them apart. Which column holds what is guessed by name, told in the log's notes, and can be given. Other columns are
kept as ``event_<name>``, those named ``case:<name>`` or ``case_<name>`` as attributes of the case.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

import polars as pl

from procflow.errors import LogError
from procflow.logs.columns import FIELDS, Mapped, aliases, guessed, mapping
from procflow.logs.lifecycles import instances, is_lifecycle
from procflow.logs.log import CASE, EVENT, INSTANT, EventLog, event_log
from procflow.logs.reading import Reading
from procflow.logs.text_file import LINE, read_text_table
from procflow.logs.times import Times, iso_times, read_times
from procflow.logs.zones import checked_zone, fitting_zone
from procflow.text import Text

ZONE_KEY = "procflow:zone"
"""What Parquet files keep the zone under."""

_CHINA = "Asia/Shanghai"
_LACKING = {"case": "办件编号", "activity": "环节名称", "time": "时间"}
_INSTANTS = ("enabled", "start", "end")


def read_csv(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    time_format: str | None = None,
    zone: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    skip_bad: bool = False,
) -> EventLog:
    """Return the event log of a CSV file.

    Parameters
    ----------
    path
        A text file with a line of column names, plain or compressed by gzip.
    columns
        Which column holds a field of the log (``{"case": "No."}``); the others are guessed by their names.
    time_format
        How times are written, as for ``strftime``; by default found out by the values.
    zone
        The time zone of times without an offset; by default Asia/Shanghai where the column names are Chinese, else
        UTC, and that is told. For times with offsets by default the zone that they fit.
    encoding, separator
        By default found out: UTF-8, UTF-16 with a mark, or GB18030; comma, semicolon, tab or bar.
    skip_bad
        Leave rows that are wrong out, counting and telling them, instead of refusing the file.

    Raises
    ------
    LogError
        The file cannot be read, a needed column is missing, or (unless ``skip_bad``) rows are wrong; all at once.
    """
    reading = Reading(str(path), skip_bad)
    table = read_text_table(Path(path), reading, encoding=encoding, separator=separator)
    return _log(table, reading, columns, time_format, zone)


def read_parquet(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    time_format: str | None = None,
    zone: str | None = None,
    skip_bad: bool = False,
) -> EventLog:
    """Return the event log of a Parquet file; parameters and errors are those of ``read_csv``."""
    reading = Reading(str(path), skip_bad)
    try:
        table = pl.read_parquet(path)
        kept = pl.read_parquet_metadata(path).get(ZONE_KEY)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise LogError(
            Text(en=f"{path} cannot be read as Parquet: {error}", zh=f"{path} 不能按 Parquet 读取：{error}")
        ) from error
    table = table.select(pl.int_range(1, pl.len() + 1).alias(LINE), pl.all())
    return _log(table, reading, columns, time_format, zone or kept)


def _log(
    table: pl.DataFrame,
    reading: Reading,
    columns: Mapping[str, str] | None,
    time_format: str | None,
    zone: str | None,
) -> EventLog:
    header = [name for name in table.columns if name != LINE]
    names = dict(aliases()["log"])
    if not _has_lifecycle(table, guessed(header, names) | dict(columns or {}), columns):
        del names["transition"]
    fields = mapping(header, columns, names, reading)
    _check_fields(fields, header, reading)
    if "transition" in fields and "start" in fields:
        raise reading.fail(
            1,
            "a row is either an activity with start and end, or one transition with one time: leave out start or "
            "transition",
            "一行要么是含开始与结束时间的环节，要么是只含一个时间的状态变化：start 与 transition 只能指明其一",
        )
    times = {field: _times(table, fields[field], reading, time_format) for field in _INSTANTS if field in fields}
    found = _zone(times.values(), fields, zone, reading)
    wanted = [
        pl.col(fields[field]).cast(pl.String).alias(field) for field in FIELDS if field in fields and field not in times
    ]
    instants = [each.utc(found).alias(field) for field, (each, _) in times.items()]
    rest = [name for name in header if name not in fields.values()]
    others = [pl.col(name).alias(_own(name)) for name in rest]
    events = table.select(pl.col(LINE).alias("line"), *wanted, *instants, *others)
    events = _typed_others(events, found)
    _tell_missing(events, reading)
    kept = events.filter(~_wrong(events)).drop("line")
    reading.settle()
    if "transition" in fields:
        kept = instances(kept.rename({"end": "at", EVENT + "concept:instance": "instance"}, strict=False), reading)
    return _with_cases(kept, found, reading)


def _has_lifecycle(table: pl.DataFrame, fields: Mapped, given: Mapping[str, str] | None) -> bool:
    """Whether the rows are events, a start and a completion for each activity, not the activities themselves."""
    if "transition" in (given or {}):
        return True
    if "transition" not in fields or "start" in fields or "end" not in fields:
        return False
    return is_lifecycle(table[fields["transition"]].cast(pl.String))


def _own(name: str) -> str:
    """Return the log's name of a further column."""
    for prefix in (CASE, "case:"):
        if name.startswith(prefix):
            return CASE + name.removeprefix(prefix)
    return name if name.startswith(EVENT) else EVENT + name


def _check_fields(fields: Mapped, header: list[str], reading: Reading) -> None:
    missing = [field for field in ("case", "activity") if field not in fields]
    if "start" not in fields and "end" not in fields:
        missing.append("end")
    if missing:
        shown = ", ".join(header)
        option = f"columns={{{missing[0]!r}: …}} / --column {missing[0]}=…"
        raise reading.fail(
            1,
            f"no column is known to hold {', '.join(missing)} (there are: {shown}): name it, {option}",
            f"无法识别 {'、'.join(missing)} 所在的列（现有列：{shown}）：请指明，{option}",
        )


def _times(table: pl.DataFrame, name: str, reading: Reading, time_format: str | None) -> tuple[Times, str | None]:
    """Return a column of times, read from text or as the table's own type has them, and the zone of that type."""
    column = table[name]
    if isinstance(column.dtype, pl.Datetime):
        instants = column.dt.cast_time_unit("us")
        if column.dtype.time_zone is None:
            return Times(instants), None
        utc = instants.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        return Times(utc, pl.zeros(column.len(), pl.Int64, eager=True)), column.dtype.time_zone
    if column.dtype == pl.Date:
        return Times(column.cast(pl.Datetime("us"))), None
    return read_times(column.cast(pl.String), table[LINE], reading, time_format), None


def _zone(times: Collection[tuple[Times, str | None]], fields: Mapped, zone: str | None, reading: Reading) -> str:
    """Return the zone of a table: given, that of its own type, that which its offsets fit, or the usual one."""
    typed = next((own for _, own in times if own), None)
    if zone or typed:
        return checked_zone(zone or typed or "")
    named = [(each.utc("UTC"), each.minutes) for each, _ in times if each.minutes is not None]
    if named:
        found = fitting_zone(pl.concat([at for at, _ in named]), pl.concat([minutes for _, minutes in named]))
        if found is None:
            reading.note(
                "the offsets in the file fit no time zone: times are kept as UTC",
                "文件中的时差不符合任何时区：时间按 UTC 保存",
            )
        return found or "UTC"
    found = _CHINA if any(not name.isascii() for name in fields.values()) else "UTC"
    reading.note(f"times name no zone; they are taken as {found}", f"时间未注明时区，按 {found} 处理")
    return found


def _typed_others(events: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Return further columns of text as times, numbers or truth values where all their values are such."""
    found = []
    for name in events.columns:
        kind = events.schema[name]
        if not name.startswith((EVENT, CASE)):
            continue
        if isinstance(kind, pl.Datetime) and kind.time_zone:
            found.append(events[name].dt.convert_time_zone("UTC").cast(INSTANT))
        elif kind == pl.String:
            times = iso_times(events[name])
            found.append(_number(events[name]) if times is None else times.utc(zone).alias(name))
    return events.with_columns(found)


def _number(texts: pl.Series) -> pl.Series:
    """Return texts as numbers where none loses anything by it: codes such as 0012 stay texts."""
    values = texts.drop_nulls()
    if values.is_empty():
        return texts
    words = values.str.to_lowercase()
    if words.is_in(["true", "false"]).all():
        return texts.str.to_lowercase() == "true"
    if values.str.contains(r"^-?(?:0|[1-9]\d{0,17})$").all():
        return texts.cast(pl.Int64)
    if values.str.contains(r"^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$").all():
        return texts.cast(pl.Float64)
    return texts


def _wrong(events: pl.DataFrame) -> pl.Expr:
    ends = [name for name in ("start", "end") if name in events.columns]
    backwards = (pl.col("end") < pl.col("start")).fill_null(False) if len(ends) == 2 else pl.lit(False)
    return (
        pl.col("case").is_null() | pl.col("activity").is_null() | pl.all_horizontal(pl.col(ends).is_null()) | backwards
    )


def _tell_missing(events: pl.DataFrame, reading: Reading) -> None:
    """Tell the rows that lack what a row needs, and those that end before they start."""
    for row in events.filter(_wrong(events)).iter_rows(named=True):
        lacks = next((name for name in ("case", "activity") if row[name] is None), None)
        if lacks is None and row.get("start") is None and row.get("end") is None:
            lacks = "time"
        if lacks:
            reading.bad(
                row["line"],
                f"the row has no {lacks}: give it one or leave it out",
                f"该行缺少{_LACKING[lacks]}：请补全或删去",
            )
        else:
            start, end = (f"{row[name]:%Y-%m-%d %H:%M:%S}" for name in ("start", "end"))
            reading.bad(
                row["line"],
                f"the row ends ({end} UTC) before it starts ({start} UTC): correct one of them",
                f"该行结束时间（{end} UTC）早于开始时间（{start} UTC）：请更正",
            )


def _with_cases(events: pl.DataFrame, zone: str, reading: Reading) -> EventLog:
    """Return the log, attributes of cases apart; one that differs within a case is kept with the events instead."""
    names = [name for name in events.columns if name.startswith(CASE)]
    if not names:
        return event_log(events, zone=zone, notes=reading.notes)
    varying = events.group_by("case").agg(pl.col(names).drop_nulls().n_unique() > 1).select(pl.col(names).any()).row(0)
    for name in [name for name, varies in zip(names, varying, strict=True) if varies]:
        reading.note(
            f"{name} differs within a case; it is kept with the events", f"{name} 在同一办件内不一致，作为环节属性保存"
        )
        events = events.rename({name: EVENT + name})
        names.remove(name)
    cases = events.group_by("case", maintain_order=True).agg(pl.col(names).drop_nulls().first())
    return event_log(events.drop(names), cases, zone=zone, notes=reading.notes)
