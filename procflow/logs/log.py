"""The event log: one row per activity instance of real cases. Reads and writes no file.

Instants are UTC with microseconds; ``zone`` remembers what the source was written in, so that it can be written back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from procflow.errors import LogError
from procflow.text import Text

INSTANT = pl.Datetime("us", "UTC")

COLUMNS: dict[str, pl.DataType] = {
    "case": pl.String(),
    "activity": pl.String(),
    "enabled": INSTANT,
    "start": INSTANT,
    "end": INSTANT,
    "resource": pl.String(),
    "role": pl.String(),
    "department": pl.String(),
}
"""The columns that every log has, in order; the other columns of events are ``event_<name>``."""

EVENT, CASE = "event_", "case_"
"""What the names of further columns of events and of cases begin with."""

SPECIAL = EVENT + "special"
"""The column that tells special procedures (特别程序) from steps: ``suspend`` or ``extend``, null for a step."""

_INSTANTS = ("enabled", "start", "end")


@dataclass(frozen=True)
class EventLog:
    """What happened to real cases: a row of ``events`` per activity instance, a row of ``cases`` per case.

    ``events`` has ``case`` and ``activity``; ``start`` and ``end`` (UTC, microseconds; ``start`` is null where the
    log has only completions, ``end`` where an activity was under way when the log ends); ``enabled``, when the case
    was ready for the activity (null where the log does not say); ``resource`` (the person), ``role`` (the group) and
    ``department``, null where unknown; then ``event_<name>`` for further attributes. Rows are ordered by case, then
    start (end where there is none), then as in the source. ``cases`` has ``case`` and ``case_<name>``.

    ``zone`` is the time zone of the source, an IANA name or an offset such as ``+01:00``. ``notes`` say what reading
    dropped, guessed or mended.
    """

    events: pl.DataFrame = field(repr=False)
    cases: pl.DataFrame = field(repr=False)
    zone: str = "UTC"
    notes: tuple[Text, ...] = ()

    @property
    def activities(self) -> tuple[str, ...]:
        """The names of the activities in alphabetical order."""
        return tuple(self.events["activity"].unique().sort())

    @property
    def steps(self) -> pl.DataFrame:
        """The events that are steps of the case: without special procedures, which are the clock's business."""
        return self.events.filter(pl.col(SPECIAL).is_null()) if SPECIAL in self.events.columns else self.events

    @property
    def has_starts(self) -> bool:
        """Whether every row says when work began, so that waiting and work can be told apart."""
        return not self.steps["start"].has_nulls()

    def __str__(self) -> str:
        return (
            f"EventLog of {self.cases.height} cases, {self.events.height} events, {len(self.activities)} activities, "
            f"times in {self.zone}"
        )

    def __repr__(self) -> str:
        return f"<{self}>"


def in_case(value: pl.Expr, rows: int) -> pl.Expr:
    """Return a value so many rows before (below 0: after) in the same case, null where that is another case's.

    For rows ordered by case, as those of a log are: a shift over all of them costs less than one in each group.
    """
    case = pl.col("case")
    return pl.when(case == case.shift(rows)).then(value.shift(rows))


def event_log(
    events: pl.DataFrame, cases: pl.DataFrame | None = None, *, zone: str = "UTC", notes: Sequence[Text] = ()
) -> EventLog:
    """Return a log of a table of events, with the columns that it lacks added as null and the rows in order.

    Parameters
    ----------
    events
        Needs ``case``, ``activity`` and ``end`` or ``start``. Columns besides those of ``EventLog`` are named
        ``event_<name>``. Instants without a zone are taken as UTC.
    cases
        ``case`` and ``case_<name>``; without it, the cases of the events. Cases without an event are kept.
    zone
        The time zone of the source.
    notes
        What is to be told about the source.

    Raises
    ------
    LogError
        A needed column is missing, a column has another type, or a case or activity is null.

    >>> import datetime as dt
    >>> at = [dt.datetime(2025, 3, 3, 9), dt.datetime(2025, 3, 3, 8)]
    >>> log = event_log(pl.DataFrame({"case": ["1", "1"], "activity": ["decide", "accept"], "end": at}))
    >>> log.events["activity"].to_list()
    ['accept', 'decide']
    """
    _check(events)
    extra = [pl.col(name) for name in events.columns if name not in COLUMNS]
    kept = [_typed(events, name) for name in COLUMNS]
    ordered = events.select(*kept, *extra).sort("case", pl.coalesce("start", "end"), maintain_order=True)
    known = ordered.select("case").unique().sort("case")
    if cases is None:
        return EventLog(ordered, known, zone, tuple(notes))
    cases = cases.with_columns(pl.col("case").cast(pl.String))
    every = pl.concat([known, cases.select("case")]).unique().sort("case")
    return EventLog(ordered, every.join(cases, on="case", how="left", maintain_order="left"), zone, tuple(notes))


def _check(events: pl.DataFrame) -> None:
    columns = set(events.columns)
    missing = [name for name in ("case", "activity") if name not in columns]
    if not columns & {"start", "end"}:
        missing.append("end")
    if missing:
        _refuse(
            f"the events have no column {', '.join(missing)}: name what holds it",
            f"事件表缺少列 {'、'.join(missing)}：请指明对应的列",
        )
    alien = [name for name in events.columns if name not in COLUMNS and not name.startswith(EVENT)]
    if alien:
        _refuse(
            f"the events have the columns {', '.join(alien)}: name further columns event_<name>",
            f"事件表有列 {'、'.join(alien)}：其他列须命名为 event_<名称>",
        )
    for name in ("case", "activity"):
        if events[name].has_nulls():
            row = events[name].is_null().arg_max()
            _refuse(
                f"row {row} of the events (from 0) has no {name}: give it one or leave the row out",
                f"事件表第 {row} 行（从 0 起）缺少 {name}：请补全或删去该行",
            )


def _typed(events: pl.DataFrame, name: str) -> pl.Expr:
    """Return a column as the log's type."""
    wanted = COLUMNS[name]
    if name not in events.columns:
        return pl.lit(None, dtype=wanted).alias(name)
    given: Any = events.schema[name]
    if name not in _INSTANTS:
        return pl.col(name).cast(pl.String)
    if given == pl.Null:
        return pl.col(name).cast(wanted)
    if not isinstance(given, pl.Datetime):
        _refuse(
            f"the column {name} of the events is {given}: it must hold instants (Datetime)",
            f"事件表的列 {name} 为 {given}：应为时间（Datetime）",
        )
    instant = pl.col(name).dt.replace_time_zone("UTC") if given.time_zone is None else pl.col(name)
    return instant.dt.convert_time_zone("UTC").dt.cast_time_unit("us")


def _refuse(en: str, zh: str) -> None:
    raise LogError(Text(en=en, zh=zh))
