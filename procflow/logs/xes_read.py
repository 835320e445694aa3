"""XES event logs (IEEE 1849), plain or compressed by gzip, as logs.

Starts and completions are joined into activity instances by ``lifecycles``. Lists and containers keep what is in them
under paths such as ``parent/child``, not their order; attributes of the whole log are not kept.
"""

from pathlib import Path

import polars as pl

from procflow.errors import LogError
from procflow.logs.lifecycles import instances
from procflow.logs.log import CASE, EVENT, EventLog, event_log
from procflow.logs.reading import Reading
from procflow.logs.xes_parse import Parsed, parse, parse_regular
from procflow.logs.zones import checked_zone, fitting_zone

_MARK = "@"


def read_xes(
    path: str | Path, *, classifier: str | None = None, zone: str | None = None, skip_bad: bool = False
) -> EventLog:
    """Return the event log of an XES file.

    Parameters
    ----------
    path
        A ``.xes`` or ``.xes.gz`` file.
    classifier
        The name of one of the file's classifiers: activities are then named by its keys, joined by ``+`` and
        without the lifecycle. By default the activity is ``concept:name``.
    zone
        The time zone to remember, by default the one that the offsets in the file fit.
    skip_bad
        Leave out events without a time or name, and what follows where the file breaks off; ``notes`` count it.

    Raises
    ------
    LogError
        The file cannot be read, is no XES, or (unless ``skip_bad``) something in it is wrong; all at once.
    """
    log, events, cases = _regular(Path(path), classifier) or _any(Path(path), classifier, skip_bad)
    log.reading.settle()
    found = checked_zone(zone or log.zone or _zone(log))
    return event_log(events, cases, zone=found, notes=log.reading.notes)


def _regular(path: Path, classifier: str | None) -> tuple[Parsed, pl.DataFrame, pl.DataFrame] | None:
    """Return what a regular file holds, and its tables; None for other files and those in which anything is wrong."""
    log = parse_regular(path, Reading(str(path)))
    try:
        found = (log, *_tables(log, classifier)) if log else None
    except LogError:
        return None
    return None if found is None or found[0].reading.bad_count else found


def _any(path: Path, classifier: str | None, skip_bad: bool) -> tuple[Parsed, pl.DataFrame, pl.DataFrame]:
    """Return what any file holds, and its tables; what is wrong is told with its line."""
    log = parse(path, Reading(str(path), skip_bad))
    return log, *_tables(log, classifier)


def _tables(log: Parsed, classifier: str | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the tables of instances and of cases."""
    if log.whole_attributes:
        count = log.whole_attributes
        log.reading.note(f"{count} attributes of the whole log were not kept", f"日志整体的 {count} 个属性未予保留")
    traces = log.traces.frame(log.reading)
    names = _case_names(traces, log)
    # attributes are marked, so that one named 'case' or 'row' is not taken for ours
    events = log.events.frame(log.reading, log.lines).select(pl.all().name.prefix(_MARK))
    activity = _activity(events, log, classifier)
    lines = pl.Series("line", log.lines, dtype=pl.Int64) if log.lines else pl.lit(None, pl.Int64).alias("line")
    frame = events.with_row_index("row").with_columns(
        names.gather(pl.Series(log.trace_of, dtype=pl.UInt32)).alias("case"),
        activity,
        lines,
    )
    frame = _standard(frame, log)
    frame = _without_bad(frame, log)
    kept = {name: CASE + name for name in traces.columns if name != "concept:name"}
    cases = traces.select([names, *(pl.col(old).alias(new) for old, new in kept.items())])
    return instances(frame, log.reading), cases


def _case_names(traces: pl.DataFrame, log: Parsed) -> pl.Series:
    """Return the cases' names: each one once, so that no two cases become one."""
    nothing = pl.Series([None] * traces.height, dtype=pl.String)
    given = traces["concept:name"].cast(pl.String) if "concept:name" in traces.columns else nothing
    number = pl.int_range(1, pl.len() + 1)
    frame = pl.DataFrame({"case": given}).with_columns(case=pl.coalesce("case", pl.format("trace {}", number)))
    frame = frame.with_columns(nth=number.over("case"))
    unnamed, again = given.null_count(), frame.filter(pl.col("nth") > 1).height
    if unnamed:
        log.reading.note(
            f"{unnamed} traces have no name; they are called 'trace 1' and so on",
            f"{unnamed} 件没有编号，以 trace 1 等代替",
        )
    if again:
        log.reading.note(
            f"{again} traces have the name of an earlier one; they are kept apart as 'name (2)'",
            f"{again} 件与此前某件同号，作为不同办件以“编号 (2)”区分",
        )
    repeated = pl.when(pl.col("nth") > 1).then(pl.format("{} ({})", "case", "nth")).otherwise("case")
    names = frame.select(case=repeated)["case"]
    if names.n_unique() < names.len():
        twice = names.filter(names.is_duplicated())[0]
        raise log.reading.fail(0, f"two cases are named {twice!r}: rename one", f"两件同为 {twice!r}：请更名其一")
    return names


def _activity(events: pl.DataFrame, log: Parsed, classifier: str | None) -> pl.Expr:
    if classifier is None:
        name = _MARK + "concept:name"
        return (pl.col(name).cast(pl.String) if name in events.columns else pl.lit(None, pl.String)).alias("activity")
    keys = log.classifiers.get(classifier)
    if keys is None:
        known = ", ".join(log.classifiers) or "-"
        raise log.reading.fail(
            0,
            f"there is no classifier {classifier!r}; the file has: {known}",
            f"没有分类器 {classifier!r}；文件中有：{known}",
        )
    kept = [_MARK + key for key in keys if key != "lifecycle:transition" and _MARK + key in events.columns]
    parts = [pl.col(name).cast(pl.String) for name in kept]
    return pl.concat_str(parts, separator="+").alias("activity") if parts else pl.lit(None, pl.String).alias("activity")


def _standard(frame: pl.DataFrame, log: Parsed) -> pl.DataFrame:
    """Return the events with the log's own names for what the standard extensions name."""
    columns = set(frame.columns)
    two = {_MARK + "org:role", _MARK + "org:group"} <= columns
    names = {
        "time:timestamp": "at",
        "lifecycle:transition": "transition",
        "org:resource": "resource",
        "org:group": "department" if two else "role",
        "org:role": "role",
        "procflow:department": "department",
        "concept:instance": "instance",
        "procflow:instance": "own_instance",
    }
    kept = {_MARK + old: new for old, new in names.items() if _MARK + old in columns}
    known = {_MARK + "concept:name", *kept}
    others = [name for name in frame.columns if name.startswith(_MARK) and name not in known]
    taken = [pl.col(old).alias(new) for old, new in kept.items()]
    taken += [pl.col(name).alias(EVENT + name.removeprefix(_MARK)) for name in others]
    if "at" not in kept.values():
        taken.append(pl.lit(None, pl.Datetime("us", "UTC")).alias("at"))
    return frame.select("row", "case", "activity", "line", *taken)


def _without_bad(frame: pl.DataFrame, log: Parsed) -> pl.DataFrame:
    """Return the events that have a name and a time, the others being told."""
    if frame.schema["at"] != pl.Datetime("us", "UTC"):
        frame = frame.with_columns(pl.lit(None, pl.Datetime("us", "UTC")).alias("at"))
    wrong = pl.col("activity").is_null() | pl.col("at").is_null()
    told = pl.col("activity").is_not_null() & pl.col("row").is_in(log.events.unreadable.get("time:timestamp", []))
    lacking = frame.filter(wrong & ~told).select("case", "activity", "line")
    for row in lacking.iter_rows(named=True):
        en, zh = ("time (time:timestamp)", "时间（time:timestamp）")
        if row["activity"] is None:
            en, zh = ("name (concept:name)", "名称（concept:name）")
        log.reading.bad(
            row["line"],
            f"an event of case {row['case']!r} has no {en}: give it one or leave the event out",
            f"办件 {row['case']!r} 的一个事件缺少{zh}：请补全或删去该事件",
        )
    return frame.filter(~wrong).drop("row")


def _zone(log: Parsed) -> str:
    """Return the zone that the offsets of all dates fit."""
    instants, minutes = log.events.offsets + log.traces.offsets, None
    if not instants:
        return "UTC"
    at = pl.concat([each[0] for each in instants])
    minutes = pl.concat([each[1] for each in instants])
    found = fitting_zone(at, minutes)
    if found is None:
        log.reading.note(
            "the offsets in the file fit no time zone: times are kept as UTC; give the zone to write them back in it",
            "文件中的时差不符合任何时区：时间按 UTC 保存；如需按原时区写回，请给出时区",
        )
        return "UTC"
    if "/" in found:
        log.reading.note(
            f"the offsets in the file fit the time zone {found}, which is taken",
            f"文件中的时差符合时区 {found}，据此采用",
        )
    return found
