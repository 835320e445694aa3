"""``procflow due``: when a legal limit ends that runs from a given day."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from procflow.cli.app import command
from procflow.cli.language import spoken
from procflow.cli.options import JsonOption, LangOption
from procflow.cli.output import print_json, print_table
from procflow.errors import ArgumentError
from procflow.text import Text

if TYPE_CHECKING:
    from procflow.definition.organization import Organization


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
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Day for which to say how much of the limit is used.")
    ] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Say when a legal limit ends: working days, holidays, suspensions and extensions counted."""
    from procflow.analysis.clocks import due as last_day
    from procflow.analysis.clocks import total_limit, used

    calendar = _organization(country, organization)
    start = _moment("DATE", accepted)
    stops = [_stretch(text) for text in suspend or ()]
    end = last_day(start, limit, calendar, suspensions=stops, extensions=extend or (), roll=roll)
    total = total_limit(limit, extend or ())
    row: dict[str, object] = {"accepted": accepted, "limit": str(total), "due": end.isoformat()}
    if stops:
        plain = last_day(start, limit, calendar, extensions=extend or (), roll=roll)
        row["without_suspension"] = plain.isoformat()
    if as_of is not None:
        moment = _moment("--as-of", as_of)
        row["used"] = used(start, moment, total.unit, calendar, suspensions=stops)
        row["overdue"] = _later(moment, end)
    if as_json:
        print_json(row)
        return
    print_table(
        ("", ""), [(_NAMES[key].get(spoken(lang)), _shown(value).get(spoken(lang))) for key, value in row.items()]
    )


_NAMES = {
    "accepted": Text(en="accepted", zh="受理"),
    "limit": Text(en="limit", zh="时限"),
    "due": Text(en="last day", zh="届满"),
    "without_suspension": Text(en="without suspension", zh="不停表则届满"),
    "used": Text(en="used", zh="已用"),
    "overdue": Text(en="overdue", zh="是否超期"),
}


def _shown(value: object) -> Text:
    if isinstance(value, bool):
        return Text(en="yes" if value else "no", zh="是" if value else "否")
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return Text(en=shown, zh=shown)


def _organization(country: str, path: Path | None) -> "Organization":
    if path is not None:
        from procflow.definition.loader import load_organization

        return load_organization(path)
    from procflow.definition.organization import Organization

    written = {"procflow": 1, "organization": "calendar", "holidays": country, "levels": [{"name": "any"}]}
    return Organization.model_validate(written)


def _stretch(text: str) -> tuple[dt.date, dt.date]:
    first, dots, last = text.partition("..")
    if not dots:
        raise ArgumentError(
            Text(
                en=f"--suspend {text!r}: write first and last day with two dots, such as 2025-09-26..2025-10-15",
                zh=f"--suspend {text!r}：请写起止日期，中间两个点，如 2025-09-26..2025-10-15",
            )
        )
    return _moment("--suspend", first), _moment("--suspend", last)


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


def _later(moment: dt.date, end: dt.date) -> bool:
    """Whether an instant or day lies after a last day or the instant of expiry."""
    if isinstance(end, dt.datetime) and isinstance(moment, dt.datetime):
        return moment > end
    return (moment.date() if isinstance(moment, dt.datetime) else moment) > end
