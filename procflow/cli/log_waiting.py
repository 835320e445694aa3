"""``procflow log waiting``: where the cases of a log wait, and for what."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from procflow.cli.app import command
from procflow.cli.language import spoken
from procflow.cli.log import clock, group
from procflow.cli.options import JsonOption, LangOption
from procflow.cli.output import print_json, print_table, say
from procflow.text import Language, Text

if TYPE_CHECKING:
    import polars as pl

    from procflow.logs.batches import Batch
    from procflow.logs.waiting import WaitingSplit

_COLUMNS = {"transition": ("from_activity", "activity"), "activity": ("activity",), "person": ("resource",)}


@command(group=group, name="waiting")
def log_waiting(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Event log: XES, CSV or Parquet, with starts and people.")
    ],
    calendars: Annotated[
        Path | None, typer.Option("--calendars", help="Work calendars (JSON); found in the log by default.")
    ] = None,
    by: Annotated[
        Literal["transition", "activity", "person"], typer.Option("--by", help="What the rows of the table are.")
    ] = "transition",
    pool: Annotated[
        Literal["role", "person"],
        typer.Option("--pool", help="Who could have done it: everybody of the role, or the person who did."),
    ] = "role",
    zone: Annotated[
        str | None, typer.Option("--zone", help="Time zone of times that name none, such as Asia/Shanghai.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="Rows of the table, the longest waits first.")] = 20,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Split the waiting of a log into its causes; roles, hours, holidays and batches are found in it."""
    from procflow.logs import read_log
    from procflow.logs.waiting import waiting_split
    from procflow.logs.work_calendars import read_calendars

    log = read_log(file, zone=zone)
    people = log.events["resource"].drop_nulls().unique()
    given = None if calendars is None else read_calendars(calendars, people, zone=log.zone)
    split = waiting_split(log, given, pool=pool)
    table = split.by(*_COLUMNS[by]).head(top)
    for note in (*log.notes, *split.notes):
        say(note, spoken(lang))
    if as_json:
        print_json(_data(split, table))
    else:
        _print(split, table, len(_COLUMNS[by]), spoken(lang))


def _data(split: "WaitingSplit", table: "pl.DataFrame") -> dict[str, Any]:
    return {
        "hours": split.total(),
        "rows": table.to_dicts(),
        "batches": [
            {
                "activity": batch.activity,
                "sessions": batch.sessions,
                "cases": batch.cases,
                "at": [clock(at) for at in batch.at_minutes],
                "median_gap_hours": batch.median_gap_us / 3.6e9,
            }
            for batch in split.batches
        ],
        "pools": {activity: list(people) for activity, people in split.pools.items()},
        "notes": [{"en": note.get("en"), "zh": note.get("zh")} for note in split.notes],
    }


def _print(split: "WaitingSplit", table: "pl.DataFrame", keys: int, lang: Language) -> None:
    from procflow.analysis.log_waiting import CAUSE_TEXTS

    total = split.total()
    wait = total.pop("wait")
    causes = {"en": ("waiting for", "hours", "share"), "zh": ("等待原因", "小时", "占比")}[lang]
    print_table(causes, [(CAUSE_TEXTS[c].get(lang), f"{h:,.1f}", _share(h, wait)) for c, h in total.items()])
    heads = {"en": ("count", "hours", "mostly", "share"), "zh": ("次数", "小时", "主要原因", "占比")}[lang]
    typer.echo("")
    names = {"en": ("from", "to"), "zh": ("自", "至")}[lang] if keys > 1 else ("",)
    print_table([*names, *heads], _rows(table, keys, lang))
    for batch in split.batches:
        typer.echo(_told(batch).get(lang))


def _told(batch: "Batch") -> Text:
    times = "、".join(clock(at) for at in batch.at_minutes)
    return Text(
        en=f"batch: {batch.activity}, {batch.sessions} times, {batch.cases} cases"
        + (f", at {times.replace('、', ', ')}" if times else ""),
        zh=f"批次：{batch.activity}，共 {batch.sessions} 批、{batch.cases} 件" + (f"，时间 {times}" if times else ""),
    )


def _rows(table: "pl.DataFrame", keys: int, lang: Language) -> list[tuple[str, ...]]:
    """Return the rows of the table with what each waits for mostly."""
    from procflow.analysis.log_waiting import CAUSE_TEXTS

    shown = []
    for row in table.iter_rows(named=True):
        names = [value or "–" for value in list(row.values())[:keys]]
        main = max(CAUSE_TEXTS, key=lambda cause: row[f"{cause}_hours"])
        hours, share = row["wait_hours"], _share(row[f"{main}_hours"], row["wait_hours"])
        shown.append((*names, str(row["count"]), f"{hours:,.1f}", CAUSE_TEXTS[main].get(lang) if hours else "–", share))
    return shown


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"
