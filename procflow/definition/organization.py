"""The organization file: levels, regions, departments with roles and staff, calendars, IT systems and interfaces."""

from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_serializer, field_validator, model_serializer, model_validator

from procflow.definition.base import (
    Date,
    Flag,
    Fraction,
    Frozen,
    Name,
    PositiveCount,
    PositiveNumber,
    Reference,
    Sourced,
    Titled,
)
from procflow.definition.quantities import Distribution, Span
from procflow.errors import UnitError
from procflow.text import Text

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _shift(value: str) -> str:
    """Check 'HH:MM-HH:MM' (the end may be 24:00) and return it with two-digit hours."""
    try:
        on, off = (_minutes(part) for part in value.split("-"))
    except ValueError:
        on, off = 1, 0
    if not 0 <= on < off <= 1440:
        raise UnitError(
            Text(
                en=f"{value!r} is no shift: write for instance '09:00-12:00', the end after the start, at most 24:00",
                zh=f"{value!r} 不是时段:例如写 '09:00-12:00',结束晚于开始,最晚 24:00",
            )
        )
    return f"{on // 60:02d}:{on % 60:02d}-{off // 60:02d}:{off % 60:02d}"


def _minutes(clock: str) -> int:
    hours, minutes = clock.strip().split(":")
    if not 0 <= int(minutes) < 60:
        raise ValueError(clock)
    return int(hours) * 60 + int(minutes)


Shift = Annotated[str, AfterValidator(_shift)]


class Calendar(Titled):
    """When people are on duty, or when elapsed time runs.

    ``hours`` gives the shifts of each weekday (``mon`` … ``sun``, or a span such as ``mon-fri``); ``day`` is the
    nominal length of a working day, by default the hours of the longest weekday; ``holidays`` says whether the
    organization's public holidays close it and its make-up days open it (a make-up day has the hours of the
    weekday named in ``make_up_as``); ``exceptions`` override single dates: a list of shifts, empty for closed.
    """

    hours: dict[str, tuple[Shift, ...]]
    day: Span | None = None
    holidays: Flag = True
    make_up_as: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = "mon"
    exceptions: dict[Date, tuple[Shift, ...]] = {}

    @field_validator("hours", mode="before")
    @classmethod
    def _weekdays(cls, hours: Any) -> Any:
        if not isinstance(hours, dict):
            return hours
        spread: dict[str, Any] = {}
        for key, shifts in hours.items():
            first, _, last = str(key).partition("-")
            if first not in DAYS or (last and last not in DAYS) or (last and DAYS.index(last) < DAYS.index(first)):
                raise UnitError(
                    Text(
                        en=f"{key!r} is no weekday: use {', '.join(DAYS)} or a span such as mon-fri",
                        zh=f"{key!r} 不是星期:可用 {'、'.join(DAYS)},或 mon-fri 这样的区间",
                    )
                )
            for day in DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]:
                spread[day] = [shifts] if isinstance(shifts, str) else shifts
        return {day: spread[day] for day in DAYS if day in spread}

    @field_serializer("hours")
    def _written_hours(self, hours: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
        """Write days with the same shifts that follow each other as a span."""
        spans: list[tuple[str, str]] = []
        for day in hours:
            first, last = spans[-1] if spans else ("", "")
            if last and hours[last] == hours[day] and DAYS.index(day) == DAYS.index(last) + 1:
                spans[-1] = (first, day)
            else:
                spans.append((day, day))
        return {a if a == b else f"{a}-{b}": list(hours[a]) for a, b in spans}

    def minutes(self, day: str) -> tuple[tuple[int, int], ...]:
        """Return the shifts of a weekday as minutes after midnight, sorted."""
        return shift_minutes(self.hours.get(day, ()))

    def nominal_day_seconds(self) -> float:
        """Return the length of one working day (``wd``) in seconds."""
        if self.day is not None:
            return self.day.seconds()
        return 60.0 * max((sum(off - on for on, off in self.minutes(day)) for day in self.hours), default=0)


@lru_cache(maxsize=1024)  # asked for each date of a run
def shift_minutes(shifts: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Return shifts such as '09:00-12:00' as sorted pairs of minutes after midnight."""
    return tuple(sorted((_minutes(on), _minutes(off)) for on, off in (shift.split("-") for shift in shifts)))


class Level(Titled):
    """An administrative level; the file lists them from the highest to the lowest."""


class Region(Titled):
    """A territory (块), inside another one or none; ``share`` is its share of the cases of offices per region."""

    within: Reference | None = None
    level: Reference | None = None
    share: Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)] = 1.0


class StaffCount(Sourced):
    """A headcount with its source: ``4`` or ``{value: 4, assumed: true}``."""

    value: PositiveCount

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        return data if isinstance(data, dict | StaffCount) else {"value": data}

    @model_serializer
    def _written(self) -> Any:
        return self._with_source(self.value)


class Role(Titled):
    """A role in a department; ``staff`` people hold this role alone (further groups may hold it too)."""

    staff: StaffCount | None = None
    calendar: Reference | None = None
    speed: PositiveNumber = 1.0


class StaffGroup(Titled):
    """Identical people who hold several roles of a department: a group with a counter."""

    roles: Annotated[tuple[Reference, ...], Field(min_length=1)]
    count: StaffCount
    calendar: Reference | None = None
    speed: PositiveNumber = 1.0


class Department(Titled):
    """A department (部门) at a level, in a line (条) and a block (块).

    ``kind`` says what sort of body it is; only ``government`` and ``public`` bodies can share data by duty.
    ``per: region`` means one office with its own people in every region of ``regions`` (all regions by default).
    """

    level: Reference
    region: Reference | None = None
    line: str | None = None
    block: str | None = None
    kind: Literal["government", "public", "bank", "enterprise", "intermediary", "community"] = "government"
    reports_to: Reference | None = None
    calendar: Reference | None = None
    per: Literal["region"] | None = None
    regions: tuple[Reference, ...] = ()
    roles: tuple[Role, ...] = ()
    staff: tuple[StaffGroup, ...] = ()

    def role(self, name: str) -> Role | None:
        """Return the role called ``name``, or None."""
        return next((role for role in self.roles if role.name == name), None)


class System(Titled):
    """An IT system. ``owner`` is a department; ``level`` the level that operates it; ``network`` where it runs."""

    owner: Reference | None = None
    level: Reference | None = None
    network: Literal["internet", "government", "line", "classified"] | None = None
    shared: Flag = False
    base_library: Flag = False
    built_by: Reference | None = None
    basis: str | None = None


class Interface(Frozen):
    """A working interface that moves data items from one system to another.

    ``items`` empty means all items; ``coverage`` is the share of cases that it serves; where it fails or does not
    cover, ``fallback`` says what happens instead.
    """

    source: Reference
    dest: Reference
    items: tuple[Reference, ...] = ()
    coverage: Fraction = 1.0
    latency: Distribution | None = None
    every: str | None = None
    fallback: Literal["manual", "none"] = "manual"
    basis: str | None = None


class Actor(Frozen):
    """The calendar on which an applicant's or an external party's time runs; ``always`` by default."""

    calendar: Reference | None = None


SuspensionDays = Literal["last", "first", "both", "neither"]
"""Which of its first and last days a suspension stops the clock on; all days in between it does."""


class Organization(Frozen):
    """The content of an organization file.

    ``timezone`` is an IANA name; ``holidays`` a country code of the holidays package (such as ``CN``) or null;
    ``working_calendar`` is the calendar of departments that name none, and the one on which cycle times in
    working days are counted. ``closed_days`` and ``open_days`` override published holidays; ``known_years`` are the
    years beyond these whose holidays and make-up days they give in full. ``suspension_days`` says which of the days on
    which a suspension of a limit begins and ends it stops: the ``last``, the ``first``, ``both`` or ``neither``.
    """

    procflow: Literal[1]
    organization: Name
    title: Text | None = None
    timezone: str = "Asia/Shanghai"
    holidays: str | None = None
    closed_days: tuple[Date, ...] = ()
    open_days: tuple[Date, ...] = ()
    known_years: tuple[Annotated[int, Field(strict=True, ge=1900, le=2200)], ...] = ()
    suspension_days: SuspensionDays = "last"
    calendars: tuple[Calendar, ...] = ()
    working_calendar: Reference | None = None
    actors: dict[Literal["applicant", "external"], Actor] = {}
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]
    regions: tuple[Region, ...] = ()
    departments: tuple[Department, ...] = ()
    systems: tuple[System, ...] = ()
    interfaces: tuple[Interface, ...] = ()

    @property
    def name(self) -> str:
        """The organization's name."""
        return self.organization

    def department(self, name: str) -> Department | None:
        """Return the department called ``name``, or None."""
        return next((d for d in self.departments if d.name == name), None)

    def calendar(self, name: str) -> Calendar | None:
        """Return the calendar called ``name``, or None."""
        return next((c for c in self.calendars if c.name == name), None)

    def system(self, name: str) -> System | None:
        """Return the system called ``name``, or None."""
        return next((s for s in self.systems if s.name == name), None)

    def rank(self, level: str) -> int:
        """Return the rank of a level, 0 for the highest."""
        return [known.name for known in self.levels].index(level)

    @property
    def default_calendar(self) -> str:
        """The name of the calendar for whoever names none: ``working_calendar``, else the first, else ``always``."""
        return self.working_calendar or (self.calendars[0].name if self.calendars else "always")
