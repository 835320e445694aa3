"""``procflow log hours``: when cases arrive and people work, as a log shows it, and which holidays they keep."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from procflow.cli.app import command
from procflow.cli.language import spoken
from procflow.cli.log import clock, group
from procflow.cli.options import JsonOption, LangOption
from procflow.cli.output import print_json, print_table, say
from procflow.text import Language, Text

if TYPE_CHECKING:
    from procflow.logs.office_hours import Holidays, OfficeHours
    from procflow.logs.work_calendars import WeekCalendar

_DAYS = {"en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "zh": tuple("一二三四五六日")}
_NAMES = 4
_DATES = 12


@command(group=group, name="hours")
def log_hours(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Event log: XES, CSV or Parquet, with people.")],
    country: Annotated[
        str | None,
        typer.Option("--country", help="Whose public holidays to look for, such as CN; by default those of the zone."),
    ] = None,
    zone: Annotated[
        str | None, typer.Option("--zone", help="Time zone of times that name none, such as Asia/Shanghai.")
    ] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Show when cases arrive and people work, found in a log, and which public holidays they keep."""
    from procflow.logs import read_log
    from procflow.logs.office_hours import country_of, holidays_in, office_hours

    log = read_log(file, zone=zone)
    found = office_hours(log)
    known = country or country_of(log.zone)
    holidays = None if known is None else holidays_in(found.office, known, found.first, found.last)
    for note in log.notes:
        say(note, spoken(lang))
    if as_json:
        print_json(_data(found, holidays, log.zone))
    else:
        _print(found, holidays, spoken(lang))


def _data(found: "OfficeHours", holidays: "Holidays | None", zone: str) -> dict[str, Any]:
    return {
        "zone": zone,
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "arriving": None if found.arriving is None else _calendar(found.arriving),
        "office": _calendar(found.office),
        "people": [{"people": list(names)} | _calendar(calendar) for names, calendar in found.people],
        "holidays": None
        if holidays is None
        else {"country": holidays.country}
        | {name: _iso(days) for name, days in vars(holidays).items() if name != "country"},
    }


def _calendar(calendar: "WeekCalendar") -> dict[str, Any]:
    return {
        "week": [[[clock(start), clock(end)] for start, end in hours] for hours in calendar.week],
        "closed": _iso(sorted(calendar.closed)),
        "opened": _iso(sorted(calendar.opened)),
    }


def _iso(days: Sequence[dt.date]) -> list[str]:
    return [day.isoformat() for day in days]


def _print(found: "OfficeHours", holidays: "Holidays | None", lang: Language) -> None:
    heads = {"en": ("who", "hours", "days closed", "out of turn"), "zh": ("对象", "时间", "停办日", "调休上班")}[lang]
    rows = (
        [] if found.arriving is None else [_row(Text(en="cases arrive", zh="办件到达").get(lang), found.arriving, lang)]
    )
    rows.append(_row(Text(en="all people", zh="全体人员").get(lang), found.office, lang))
    rows += [_row(_named(names, lang), calendar, lang) for names, calendar in found.people]
    print_table(heads, rows)
    if holidays is not None:
        for line in _told(holidays):
            typer.echo(line.get(lang))


def _row(who: str, calendar: "WeekCalendar", lang: Language) -> tuple[str, ...]:
    return who, _week(calendar, lang), str(len(calendar.closed)), str(len(calendar.opened))


def _named(names: Sequence[str], lang: Language) -> str:
    more = len(names) - _NAMES
    rest = Text(en=f" and {more} more", zh=f" 等 {len(names)} 人").get(lang) if more > 0 else ""
    return Text(en=", ", zh="、").get(lang).join(names[:_NAMES]) + rest


def _week(calendar: "WeekCalendar", lang: Language) -> str:
    """Return the hours of a week, days with the same hours together."""
    shown: list[tuple[list[int], str]] = []
    for day, hours in enumerate(calendar.week):
        text = ", ".join(f"{clock(start)}–{clock(end)}" for start, end in hours)
        if shown and shown[-1][1] == text:
            shown[-1][0].append(day)
        else:
            shown.append(([day], text))
    names = _DAYS[lang]
    parts = [
        f"{names[days[0]]}–{names[days[-1]]} {text}" if len(days) > 1 else f"{names[days[0]]} {text}"
        for days, text in shown
        if text
    ]
    return "; ".join(parts) or "–"


def _told(holidays: "Holidays") -> list[Text]:
    """Return what the days closed and worked out of turn are."""
    country, kept, public = holidays.country, len(holidays.kept), len(holidays.kept) + len(holidays.worked)
    told = [
        Text(
            en=f"{kept} of {public} public holidays of {country} on days usually worked were closed",
            zh=f"在通常工作的日子里，{country} 的 {public} 个公众假日中有 {kept} 天停办",
        )
    ]
    kinds = (
        (holidays.worked, "worked all the same", "照常办理"),
        (holidays.make_up, "make-up days worked", "调休工作日"),
        (holidays.other_closed, "closed, and no public holiday", "停办而非公众假日"),
        (holidays.other_opened, "worked out of turn, and no make-up day", "非调休而加班"),
    )
    return told + [Text(en=f"{en}: {_dates(days)}", zh=f"{zh}：{_dates(days)}") for days, en, zh in kinds if days]


def _dates(days: Sequence[dt.date]) -> str:
    shown = ", ".join(_iso(days[:_DATES]))
    return shown if len(days) <= _DATES else f"{shown} … ({len(days)})"
