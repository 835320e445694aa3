"""``procflow due``: when a legal limit ends that runs from a given day."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from procflow.cli.app import command
from procflow.cli.calendars import calendar_of
from procflow.cli.language import spoken
from procflow.cli.options import JsonOption, LangOption
from procflow.cli.output import print_json, print_table
from procflow.errors import ArgumentError
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.definition.organization import Organization

Boundary = Literal["last", "first", "both", "neither"]


@command()
def due(
    accepted: Annotated[
        str, typer.Argument(metavar="DATE", help="Day (or instant, for hours) that starts the clock: 2025-01-23.")
    ],
    limit: Annotated[
        str, typer.Argument(metavar="LIMIT", help="Limit with its unit: '20 wd', '30 d', '1 month', '24 h'.")
    ],
    country: Annotated[str, typer.Option("--country", help="Country whose public holidays count, such as CN.")] = "CN",
    organization: Annotated[
        Path | None, typer.Option("--organization", help="Organization file whose working days count instead.")
    ] = None,
    suspend: Annotated[
        list[str] | None, typer.Option("--suspend", help="Suspension FIRST..LAST; may be given several times.")
    ] = None,
    extend: Annotated[
        list[str] | None,
        typer.Option("--extend", help="Lawful extension, such as '10 wd'; may be given several times."),
    ] = None,
    roll: Annotated[bool, typer.Option(help="Move a last day that is no working day on to the next one.")] = True,
    suspension_days: Annotated[
        Boundary | None,
        typer.Option(
            "--suspension-days", help="On which of its first and last days a suspension stops a limit; by default last."
        ),
    ] = None,
    if_silent: Annotated[
        str | None,
        typer.Option("--if-silent", help="Time to answer, such as '5 wd': silence accepts as of DATE, the receipt."),
    ] = None,
    answered: Annotated[
        str | None, typer.Option("--answered", help="Day of the first answer (acceptance, or all that is missing).")
    ] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Day for which to say how the clock stands.")] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Say when a legal limit ends: working days, holidays, suspensions and extensions counted."""
    calendar = calendar_of(country, organization)
    start, today = _moment("DATE", accepted), _moment("--as-of", as_of) if as_of is not None else None
    given = _Given(limit, calendar, [_stretch(text, today) for text in suspend or ()], extend or [], roll)
    row: dict[str, object] = {"accepted": accepted}
    if if_silent is not None:
        replied = _moment("--answered", answered) if answered is not None else None
        start = _start(start, if_silent, calendar, replied, today)
        row = {"received": accepted, "accepted": start.isoformat(), "deemed": start.isoformat() == accepted}
    row |= _ends(start, given, suspension_days)
    if today is not None:
        row |= _stands(start, given, suspension_days, today)
    if as_json:
        print_json(row)
        return
    print_table(
        ("", ""), [(_NAMES[key].get(spoken(lang)), _shown(key, value).get(spoken(lang))) for key, value in row.items()]
    )


@dataclass(frozen=True)
class _Given:
    """What the options say of a limit."""

    limit: str
    calendar: "Organization"
    stops: list[tuple[dt.date, dt.date]]
    extensions: list[str]
    roll: bool


def _start(
    received: dt.date, if_silent: str, calendar: "Organization", answered: dt.date | None, today: dt.date | None
) -> dt.date:
    """Return the day that starts the clock: of receipt where nothing was said in time, else of the answer."""
    from procflow.analysis.clocks import clock_start

    if answered is None and today is None:
        raise ArgumentError(
            Text(
                en="--if-silent: say with --answered when the office first answered, or with --as-of up to when it has "
                "not",
                zh="--if-silent：请用 --answered 给出首次答复之日，或用 --as-of 给出至何日仍未答复",
            )
        )
    deemed = clock_start(received, if_silent, calendar, answered=answered, as_of=today or received)
    if deemed is not None:
        return deemed
    if answered is None:
        raise ArgumentError(
            Text(
                en=f"--if-silent: the clock has not started: on {today} the office may still answer in time",
                zh=f"--if-silent：时限尚未起算：至 {today} 仍在答复期限之内",
            )
        )
    return answered


def _ends(start: dt.date, given: _Given, boundary: "Boundary | None") -> dict[str, object]:
    from procflow.analysis.clocks import due, total_limit

    chosen = boundary or given.calendar.suspension_days
    end = due(
        start, given.limit, given.calendar, suspensions=given.stops, extensions=given.extensions, roll=given.roll,
        suspension_days=chosen,
    )  # fmt: skip
    row: dict[str, object] = {"limit": str(total_limit(given.limit, given.extensions)), "due": end.isoformat()}
    if given.stops:
        plain = due(start, given.limit, given.calendar, extensions=given.extensions, roll=given.roll)
        row["without_suspension"] = plain.isoformat()
        if not isinstance(end, dt.datetime):
            row["suspension_days"] = chosen
    return row


def _stands(start: dt.date, given: _Given, boundary: "Boundary | None", today: dt.date) -> dict[str, object]:
    from procflow.analysis.clock_status import clock_status

    status = clock_status(
        start, given.limit, given.calendar, as_of=today, suspensions=given.stops, extensions=given.extensions,
        roll=given.roll, suspension_days=boundary,
    )  # fmt: skip
    row: dict[str, object] = {"reminder": status.reminder.isoformat()} if status.reminder else {}
    row |= {"lived_days": status.lived_days, "used": status.used, "suspended": status.suspended, "unit": status.unit}
    return row | {"light": status.light, "overdue": status.overdue}


_NAMES = {
    "received": Text(en="received", zh="收件"),
    "accepted": Text(en="accepted", zh="受理"),
    "deemed": Text(en="deemed accepted", zh="视为受理"),
    "limit": Text(en="limit", zh="时限"),
    "due": Text(en="last day", zh="届满"),
    "without_suspension": Text(en="without suspension", zh="不停表则届满"),
    "suspension_days": Text(en="suspension", zh="停表口径"),
    "reminder": Text(en="reminder on", zh="提醒日"),
    "lived_days": Text(en="elapsed, days", zh="已经过（自然日）"),
    "used": Text(en="used", zh="已用"),
    "suspended": Text(en="suspended", zh="停表"),
    "unit": Text(en="unit of used and suspended", zh="已用、停表单位"),
    "light": Text(en="light", zh="灯号"),
    "overdue": Text(en="overdue", zh="是否超期"),
}


def _shown(key: str, value: object) -> Text:
    from procflow.analysis.clock_status import LIGHT_TEXTS
    from procflow.analysis.clocks import BOUNDARY_TEXTS

    words = {"light": LIGHT_TEXTS, "suspension_days": BOUNDARY_TEXTS}
    if key in words:
        return words[key][str(value)]
    if isinstance(value, bool):
        return Text(en="yes" if value else "no", zh="是" if value else "否")
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return Text(en=shown, zh=shown)


def _stretch(text: str, today: dt.date | None) -> tuple[dt.date, dt.date]:
    """Return a suspension; one without an end goes on until ``--as-of``."""
    first, dots, last = text.partition("..")
    if not dots or (not last and today is None):
        raise ArgumentError(
            Text(
                en=f"--suspend {text!r}: write first and last day with two dots, such as 2025-09-26..2025-10-15; with "
                "--as-of also 2025-09-26.. for one that goes on",
                zh=f"--suspend {text!r}：请写起止日期，中间两个点，如 2025-09-26..2025-10-15；给出 --as-of 时，"
                "仍在停表的可写 2025-09-26..",
            )
        )
    begun = _moment("--suspend", first)
    if last or today is None:
        return begun, _moment("--suspend", last)
    return begun, max(begun, today)


def _moment(name: str, text: str) -> dt.date:
    """Return a date, or an instant where a time of day is given."""
    try:
        return dt.date.fromisoformat(text) if len(text) <= len("2025-01-01") else dt.datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentError(
            Text(
                en=f"{name}: {text!r} is no date: write 2025-01-23, or 2025-09-30T16:00 for limits in hours",
                zh=f"{name}：{text!r} 不是日期：请写 2025-01-23；按小时计的时限写 2025-09-30T16:00",
            )
        ) from None
