"""The tables of a case library (办件库): acceptance 受理, process 过程, special procedures 特别程序, result 办结.

Tables are known by the names of their files, columns by ``aliases.yaml``, so that a library with other names needs no
code. What a push sent again counts once. Who handled a step is replaced by a pseudonym. The tables of materials and
evaluations are not read.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from procflow.errors import LogError
from procflow.logs.columns import Mapped, aliases, guessed, mapping, plain
from procflow.logs.log import CASE, EVENT, SPECIAL, EventLog, event_log
from procflow.logs.personal import pseudonyms
from procflow.logs.reading import Reading
from procflow.logs.text_file import LINE, read_text_table
from procflow.logs.times import read_times
from procflow.logs.zones import checked_zone
from procflow.text import Text

_ENDINGS = (".csv", ".tsv", ".txt")
_CHINA = "Asia/Shanghai"
_INSTANTS = ("start", "end", "applied", "accepted", "deadline")
_EXTENDS = ("1", "01", "A", "a", "延长审批")
_DELETES = ("d", "delete", "删除")


def read_case_library(
    folder: str | Path,
    *,
    zone: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    time_format: str | None = None,
    key: str | None = None,
    skip_bad: bool = False,
) -> EventLog:
    """Return the event log of a folder with the tables of a case library, as text files.

    The table of the process is needed, the others are taken where they are there. Special procedures become rows
    whose ``event_special`` is ``suspend`` (停表) or ``extend`` (延长审批): the clock's business, not steps. Cases have
    ``case_applied``, ``case_accepted``, ``case_deadline`` (promised), ``case_end``, ``case_outcome`` where known.

    Parameters
    ----------
    folder
        Holds ``up_pro_process.csv`` or ``办件过程信息.csv`` and the like.
    zone
        The time zone of the times, by default Asia/Shanghai.
    encoding, separator, time_format
        By default found out for each table.
    key
        With it, handlers are replaced by keyed hashes, which are the same in every log; without, by numbers.
    skip_bad
        Leave out what is wrong, counting and telling it.

    Raises
    ------
    LogError
        There is no table of the process, or (unless ``skip_bad``) rows are wrong; all at once, table by table.
    """
    place = Path(folder)
    zone = checked_zone(zone or _CHINA)
    notes: list[Text] = []
    tables: dict[str, pl.DataFrame] = {}
    for name, path in _files(place).items():
        reading = Reading(str(path), skip_bad)
        texts = read_text_table(path, reading, encoding=encoding, separator=separator)
        tables[name] = _table(name, texts, reading, zone, time_format)
        reading.settle()
        notes += reading.notes
    steps = _steps(tables["process"], key, notes)
    events = pl.concat([steps, _special(tables["special"])], how="diagonal") if "special" in tables else steps
    return event_log(events, _cases(tables, notes), zone=zone, notes=notes)


def _files(folder: Path) -> dict[str, Path]:
    """Return the file of each table that is there; raise LogError where that of the process is not."""
    names = {plain(alias): table for table, known in aliases()["tables"].items() for alias in known}
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        stem = path.name.removesuffix(".gz")
        table = names.get(plain(Path(stem).stem)) if stem.lower().endswith(_ENDINGS) else None
        if table is None:
            continue
        if table in found:
            raise LogError(
                Text(
                    en=f"{path} and {found[table].name} are both the table '{table}': keep one of them in the folder",
                    zh=f"{path} 与 {found[table].name} 同为“{table}”表：文件夹中只保留其一",
                )
            )
        found[table] = path
    if "process" not in found:
        known = ", ".join(aliases()["tables"]["process"])
        raise LogError(
            Text(
                en=f"{folder} has no table of the process of cases: name its file one of {known} (.csv)",
                zh=f"{folder} 中没有办件过程信息表：文件名应为 {known} 之一（.csv）",
            )
        )
    return found


def _table(name: str, texts: pl.DataFrame, reading: Reading, zone: str, time_format: str | None) -> pl.DataFrame:
    """Return a table with the log's names, its times read and what was pushed again left out."""
    header = [column for column in texts.columns if column != LINE]
    sync = guessed(header, aliases()["sync"])
    fields = mapping([column for column in header if column not in sync.values()], None, aliases()[name], reading)
    _need(fields, {"process": ("case", "activity"), "result": ("case", "end")}.get(name, ("case",)), header, reading)
    texts = _latest(name, texts, fields, sync, reading)
    taken = []
    for field, column in fields.items():
        series = texts[column]
        if field in _INSTANTS:
            series = read_times(series, texts[LINE], reading, time_format).utc(zone)
        taken.append(series.alias(field))
    rest = [
        texts[column].alias(EVENT + column) for column in header if column not in (*fields.values(), *sync.values())
    ]
    frame = pl.DataFrame([texts[LINE].alias("line"), *taken, *rest])
    wrong = frame.filter(pl.col("case").is_null())
    for line in wrong["line"]:
        reading.bad(
            line, "the row has no number of the case: give it one or leave it out", "该行缺少办件编号：请补全或删去"
        )
    return _in_order(frame.filter(pl.col("case").is_not_null()), reading)


def _need(fields: Mapped, needed: Sequence[str], header: Sequence[str], reading: Reading) -> None:
    missing = [field for field in needed if field not in fields]
    if missing:
        shown = ", ".join(header)
        raise reading.fail(
            1,
            f"no column is known to hold {', '.join(missing)} (there are: {shown}): rename it, such as to 办件编号",
            f"无法识别 {'、'.join(missing)} 所在的列（现有列：{shown}）：请改为通用列名，例如 办件编号",
        )


def _latest(name: str, texts: pl.DataFrame, fields: Mapped, sync: Mapped, reading: Reading) -> pl.DataFrame:
    """Return what counts of rows that were pushed several times: the latest, and nothing where it deletes."""
    order = [sync[part] for part in ("time", "batch") if part in sync]
    keys = [fields[part] for part in ("case", "activity", "action", "kind", "start") if part in fields]
    if name in ("accept", "result"):
        keys = [fields["case"]]
    ordered = texts.sort(order, maintain_order=True, nulls_last=False) if order else texts
    kept = ordered.unique(keys, keep="last", maintain_order=True).sort(LINE)
    if kept.height < texts.height:
        reading.note(
            f"{texts.height - kept.height} rows were pushed again; the latest of each counts",
            f"{texts.height - kept.height} 行为重复推送，以最后一次为准",
        )
    if "operation" in sync:
        operation = pl.col(sync["operation"]).str.to_lowercase().fill_null("")
        deleted = kept.filter(operation.is_in(_DELETES)).height
        if deleted:
            reading.note(f"{deleted} rows were deleted by a later push", f"{deleted} 行已被后续推送删除")
        kept = kept.filter(~operation.is_in(_DELETES))
    return kept


def _in_order(frame: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Return rows that do not end before they start, the others being told."""
    if not {"start", "end"} <= set(frame.columns):
        return frame
    backwards = (pl.col("end") < pl.col("start")).fill_null(False)
    for line, case in frame.filter(backwards).select("line", "case").iter_rows():
        reading.bad(
            line,
            f"a row of case {case!r} ends before it starts: correct one of the times",
            f"办件 {case!r} 的一行结束时间早于开始时间：请更正",
        )
    return frame.filter(~backwards)


def _steps(table: pl.DataFrame, key: str | None, notes: list[Text]) -> pl.DataFrame:
    """Return the steps of cases; handlers under pseudonyms, ends that only repeat the start as no known start."""
    steps = table.drop("line").rename({"action": EVENT + "action", "status": EVENT + "status"}, strict=False)
    if "resource" in steps.columns:
        steps = steps.with_columns(_hidden(steps["resource"], key))
        notes.append(Text(en="names of handlers were replaced by pseudonyms", zh="办理人姓名已替换为代号"))
    if {"start", "end"} <= set(steps.columns):
        instant = (pl.col("start") == pl.col("end")).fill_null(False)
        count = steps.filter(instant).height
        if count:
            notes.append(
                Text(
                    en=f"{count} steps end at the instant at which they start, as libraries write where the start is "
                    "not known; only their end is taken",
                    zh=f"{count} 个环节的结束时间与开始时间相同（办件库在时间不明时的写法），只取其结束时间",
                )
            )
        steps = steps.with_columns(start=pl.when(~instant).then("start"))
    lacking = steps.filter(pl.col("activity").is_null() | _timeless(steps)).height
    if lacking:
        notes.append(
            Text(
                en=f"{lacking} rows without a step's name or any time were left out",
                zh=f"{lacking} 行没有环节名称或时间，已略去",
            )
        )
    return steps.filter(pl.col("activity").is_not_null() & ~_timeless(steps))


def _timeless(frame: pl.DataFrame) -> pl.Expr:
    return pl.all_horizontal(pl.col(name).is_null() for name in ("start", "end") if name in frame.columns)


def _hidden(people: pl.Series, key: str | None) -> pl.Series:
    """Return people under pseudonyms: keyed hashes, or numbers in the order in which they first appear."""
    if key:
        return pseudonyms(people, key)
    names = people.unique(maintain_order=True).drop_nulls()
    numbers = pl.Series([f"person {number}" for number in range(1, names.len() + 1)], dtype=pl.String)
    return people.replace_strict(names, numbers, default=None)


def _special(table: pl.DataFrame) -> pl.DataFrame:
    """Return special procedures as rows of events, told apart by ``SPECIAL``."""
    kind = pl.col("kind") if "kind" in table.columns else pl.lit(None, pl.String)
    extends = kind.is_in(_EXTENDS).fill_null(False)
    name = pl.col("name") if "name" in table.columns else pl.lit(None, pl.String)
    default = pl.when(extends).then(pl.lit("延长审批")).otherwise(pl.lit("特别程序"))
    rows = table.filter(~_timeless(table)).with_columns(
        pl.when(extends).then(pl.lit("extend")).otherwise(pl.lit("suspend")).alias(SPECIAL),
        activity=pl.coalesce(name, default),
    )
    kept = [column for column in ("case", "activity", "start", "end", SPECIAL) if column in rows.columns]
    reason = [pl.col("reason").alias(EVENT + "reason")] if "reason" in rows.columns else []
    return rows.select(*kept, *reason)


def _cases(tables: dict[str, pl.DataFrame], notes: list[Text]) -> pl.DataFrame:
    """Return the cases with what their acceptance and result say."""
    parts = [_case_part(tables[name]) for name in ("accept", "result") if name in tables]
    cases = tables["process"].select("case").unique()
    for part in parts:
        cases = cases.join(part, on="case", how="full", coalesce=True)
    _tell_odd_cases(cases, notes)
    return cases.rename({name: CASE + name for name in cases.columns if name != "case"}).sort("case")


def _case_part(table: pl.DataFrame) -> pl.DataFrame:
    return table.drop("line").rename({name: name.removeprefix(EVENT) for name in table.columns})


def _tell_odd_cases(cases: pl.DataFrame, notes: list[Text]) -> None:
    """Tell cases accepted before they were applied for, and those without a promised time."""
    known = set(cases.columns)
    if {"applied", "accepted"} <= known:
        early = cases.filter(pl.col("accepted") < pl.col("applied")).height
        if early:
            notes.append(
                Text(
                    en=f"{early} cases were accepted before they were applied for",
                    zh=f"{early} 件的受理时间早于申请时间",
                )
            )
    if "deadline" in known and cases["deadline"].null_count():
        count = cases["deadline"].null_count()
        notes.append(Text(en=f"{count} cases have no promised time", zh=f"{count} 件没有承诺办结时间"))
