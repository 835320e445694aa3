"""Time zones of logs: which zone a set of offsets fits, instants to local time and back. Asks no network."""

import datetime as dt
import re
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import polars as pl

from procflow.errors import LogError
from procflow.text import Text

_FAMILIAR = (
    "Asia/Shanghai",
    "Europe/Amsterdam",
    "Europe/London",
    "Europe/Helsinki",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "Australia/Sydney",
)
"""Zones tried first: of several that fit, a familiar name says more than the first of the alphabet."""

_OFFSET = re.compile(r"^([+-])(\d\d):?(\d\d)$")


def offset_minutes(zone: str) -> int | None:
    """Return the minutes east of UTC of a fixed offset such as ``+08:00``; None for a named zone.

    >>> offset_minutes("-03:30"), offset_minutes("UTC"), offset_minutes("Asia/Shanghai")
    (-210, 0, None)
    """
    if zone in ("UTC", "Z", "z"):
        return 0
    found = _OFFSET.match(zone)
    if found is None:
        return None
    sign, hours, minutes = found.groups()
    return (1 if sign == "+" else -1) * (int(hours) * 60 + int(minutes))


def checked_zone(zone: str) -> str:
    """Return a zone's name, or raise LogError where there is none of that name."""
    if offset_minutes(zone) is None and zone not in _names():
        raise LogError(
            Text(
                en=f"there is no time zone {zone!r}: write a name such as Asia/Shanghai or an offset such as +08:00",
                zh=f"没有时区 {zone!r}：请写 IANA 名称（如 Asia/Shanghai）或偏移量（如 +08:00）",
            )
        )
    return zone


def written_offset(minutes: int) -> str:
    """Return minutes east of UTC as ``+hh:mm``.

    >>> written_offset(-210)
    '-03:30'
    """
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def to_utc(local: pl.Expr, zone: str) -> pl.Expr:
    """Return naive local times as UTC: the earlier one where a clock is set back, null where it was set forward."""
    minutes = offset_minutes(zone)
    if minutes is not None:
        return (local - pl.duration(minutes=minutes)).dt.replace_time_zone("UTC").dt.cast_time_unit("us")
    aware = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return aware.dt.convert_time_zone("UTC").dt.cast_time_unit("us")


def to_local(instant: pl.Expr, zone: str) -> pl.Expr:
    """Return instants as naive local times of a zone."""
    minutes = offset_minutes(zone)
    if minutes is not None:
        return instant.dt.replace_time_zone(None) + pl.duration(minutes=minutes)
    return instant.dt.convert_time_zone(zone).dt.replace_time_zone(None)


def written(instant: pl.Expr, zone: str, *, digits: int = 3, between: str = "T") -> pl.Expr:
    """Return instants as ISO 8601 text in a zone, with their offset; ``digits`` of the second are 0, 3 or 6."""
    fraction = {0: "", 3: "%.3f", 6: "%.6f"}[digits]
    pattern = f"%Y-%m-%d{between}%H:%M:%S{fraction}"
    minutes = offset_minutes(zone)
    if minutes is None:
        return instant.dt.convert_time_zone(zone).dt.strftime(pattern + "%:z")
    return to_local(instant, zone).dt.strftime(pattern) + written_offset(minutes)


def digits(instants: pl.Series) -> int:
    """Return how many digits of the second instants need: 0, 3 or 6."""
    micros = instants.drop_nulls().dt.timestamp("us")
    if (micros % 1_000_000 == 0).all():
        return 0
    return 3 if (micros % 1000 == 0).all() else 6


def fitting_zone(instants: pl.Series, minutes: pl.Series) -> str | None:
    """Return the zone of a source whose instants (UTC) were written with these offsets, in minutes.

    One offset is returned as such; several as the first zone whose clocks showed all of them at these instants,
    None where no zone did.
    """
    pairs = pl.DataFrame({"at": instants, "minutes": minutes}).drop_nulls()
    if pairs.is_empty():
        return "UTC"
    offsets = pairs["minutes"].unique().sort().to_list()
    if len(offsets) == 1:
        return "UTC" if offsets[0] == 0 else written_offset(offsets[0])
    hours = pairs.with_columns(pl.col("at").dt.truncate("1h")).unique().sort("at", "minutes")
    sample = hours.gather_every(max(1, hours.height // 200)).rows()
    for name in (*_FAMILIAR, *sorted(_names())):
        zone = ZoneInfo(name)
        if all(_shows(zone, at, minutes) for at, minutes in sample) and _all_fit(pairs, name):
            return name
    return None


def _shows(zone: ZoneInfo, at: dt.datetime, minutes: int) -> bool:
    # clocks change on the hour, so within the hour truncated from either offset may be right
    hour = dt.timedelta(hours=1)
    return any(when.astimezone(zone).utcoffset() == dt.timedelta(minutes=minutes) for when in (at, at + hour))


def _all_fit(pairs: pl.DataFrame, zone: str) -> bool:
    shown = pl.col("at").dt.convert_time_zone(zone)
    total = (shown.dt.base_utc_offset() + shown.dt.dst_offset()).dt.total_minutes()
    return bool(pairs.select((total == pl.col("minutes")).all()).item())


@cache
def _names() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if not name.startswith(("Etc/", "SystemV/")))
