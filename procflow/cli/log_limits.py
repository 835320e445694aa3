"""``procflow log limits``: how the cases of a log kept a legal limit, counted as law counts."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from procflow.cli.app import command
from procflow.cli.calendars import calendar_of
from procflow.cli.language import spoken
from procflow.cli.log import group
from procflow.cli.log_verbs import EndOption, LogArgument, SkipOption, ZoneOption
from procflow.cli.options import JsonOption, LangOption
from procflow.cli.output import print_json, print_table, say
from procflow.text import Text

if TYPE_CHECKING:
    import polars as pl


@command(group=group, name="limits")
def log_limits(
    log: LogArgument,
    limit: Annotated[str, typer.Argument(metavar="LIMIT", help="Limit with its unit: '20 wd', '30 d', '1 month'.")],
    extension: Annotated[
        str | None, typer.Option("--extension", help="What each extension (延长审批) adds, such as '10 wd'.")
    ] = None,
    country: Annotated[str, typer.Option("--country", help="Country whose public holidays count, such as CN.")] = "CN",
    organization: Annotated[
        Path | None, typer.Option("--organization", help="Organization file whose working days count instead.")
    ] = None,
    begin: Annotated[
        str, typer.Option("--begin", help="Attribute of cases that holds when their clock starts.")
    ] = "accepted",
    end: EndOption = "enddate",
    roll: Annotated[bool, typer.Option(help="Move a last day that is no working day on to the next one.")] = True,
    top: Annotated[int, typer.Option("--top", min=0, help="Cases to list, the longest net times first.")] = 10,
    zone: ZoneOption = None,
    skip_bad: SkipOption = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Say how the cases of a log kept a legal limit: lived through, on the clock and suspended, side by side."""
    from procflow.analysis.log_limits import log_limits as limits_of
    from procflow.logs import read_log

    given = read_log(log, zone=zone, skip_bad=skip_bad)
    calendar = country if organization is None else calendar_of(country, organization)
    rows = limits_of(given, limit, calendar, extension=extension, begin=begin, end=end, roll=roll)
    for note in given.notes:
        say(note, spoken(lang))
    summary, listed = _summary(rows), rows.sort("net", "case", descending=[True, False]).head(top)
    if as_json:
        print_json({**summary, "rows": listed.to_dicts()})
        return
    print_table(("", ""), [(_NAMES[key].get(spoken(lang)), _shown(value)) for key, value in summary.items()])
    print_table(
        [_NAMES[name].get(spoken(lang)) for name in _LISTED],
        [[_shown(value) for value in row] for row in listed.select(_LISTED).iter_rows()],
    )


def _summary(rows: "pl.DataFrame") -> dict[str, Any]:
    """Return the means of the three times, and how many cases kept the limit, are late, or are open."""
    known = rows["kept"].drop_nulls()
    means = {name: rows[name].mean() for name in ("lived_days", "net", "suspended")}
    late = int((~known).sum())
    return {"cases": rows.height, **means, "unit": rows["unit"][0] if rows.height else None, "late": late,
            "late_share": late / known.len() if known.len() else None, "open": int(rows["censored"].sum())}  # fmt: skip


_LISTED = ("case", "lived_days", "net", "suspended", "extensions", "kept", "censored")
_NAMES = {
    "cases": Text(en="cases", zh="件数"),
    "case": Text(en="case", zh="办件"),
    "lived_days": Text(en="lived through, days", zh="全程（自然日）"),
    "net": Text(en="on the clock", zh="机关计时"),
    "suspended": Text(en="suspended", zh="停表"),
    "unit": Text(en="unit of clock and suspension", zh="计时、停表单位"),
    "late": Text(en="late", zh="超期件数"),
    "late_share": Text(en="share late, of those known", zh="超期比例（可判断者）"),
    "open": Text(en="still open", zh="在办"),
    "extensions": Text(en="extensions", zh="延长"),
    "kept": Text(en="kept", zh="按期"),
    "censored": Text(en="open", zh="在办"),
}


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
