"""Checks of an organization file: every name that it uses is defined in it, once."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from zoneinfo import ZoneInfo

from procflow.definition.base import Path
from procflow.definition.checks.common import Fault, Names, calendars, fault, located
from procflow.definition.organization import DAYS, Calendar, Department, Organization
from procflow.definition.recurrence import Recurrence
from procflow.definition.resolved import ALWAYS
from procflow.definition.source import SourceMap
from procflow.errors import Problem, UnitError
from procflow.units import SECONDS


def check_organization(organization: Organization, source: SourceMap) -> list[Problem]:
    """Return what is wrong in an organization."""
    return located(_faults(organization), source)


def _faults(organization: Organization) -> Iterator[Fault]:
    kinds = _kinds(organization)
    yield from kinds["level"].twice(("levels",), (level.name for level in organization.levels))
    yield from kinds["region"].twice(("regions",), (region.name for region in organization.regions))
    yield from kinds["department"].twice(("departments",), (each.name for each in organization.departments))
    yield from kinds["system"].twice(("systems",), (system.name for system in organization.systems))
    yield from kinds["calendar"].twice(("calendars",), (calendar.name for calendar in organization.calendars))
    yield from kinds["calendar"].unknown(("working_calendar",), organization.working_calendar)
    yield from _time_zone(organization.timezone)
    yield from _country(organization.holidays)
    yield from _days(organization)
    for who, actor in organization.actors.items():
        yield from kinds["calendar"].unknown(("actors", who, "calendar"), actor.calendar)
    for index, calendar in enumerate(organization.calendars):
        yield from _calendar(calendar, ("calendars", index))
    yield from _regions(organization, kinds)
    for index, department in enumerate(organization.departments):
        yield from _department(organization, department, ("departments", index), kinds)
    yield from _circles("departments", {d.name: d.reports_to for d in organization.departments}, "reports_to")
    yield from _systems(organization, kinds)


def _kinds(organization: Organization) -> dict[str, Names]:
    return {
        "level": Names("level", "level", "层级", [level.name for level in organization.levels]),
        "region": Names("region", "region", "区域", [region.name for region in organization.regions]),
        "department": Names("department", "department", "部门", [each.name for each in organization.departments]),
        "system": Names("system", "system", "系统", [system.name for system in organization.systems]),
        "calendar": calendars(calendar.name for calendar in organization.calendars),
    }


def _time_zone(name: str) -> Iterator[Fault]:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        yield fault(
            ("timezone",),
            "time_zone",
            f"{name!r} is no time zone: use an IANA name such as Asia/Shanghai",
            f"{name!r} 不是时区:请用 IANA 名称,例如 Asia/Shanghai",
        )


def _country(code: str | None) -> Iterator[Fault]:
    if code is not None and re.fullmatch("[A-Z]{2,3}", code) is None:
        yield fault(
            ("holidays",),
            "country",
            f"{code!r} is no country: use a code of two capital letters, such as CN",
            f"{code!r} 不是国家代码:请用两个大写字母,例如 CN",
        )


def _days(organization: Organization) -> Iterator[Fault]:
    for index, day in enumerate(organization.open_days):
        if day in organization.closed_days:
            yield fault(
                ("open_days", index),
                "open_and_closed",
                f"{day} is both open and closed: remove it from one of the lists",
                f"{day} 既列为工作日又列为休息日:请从其中一处删去",
            )


def _calendar(calendar: Calendar, path: Path) -> Iterator[Fault]:
    if calendar.name == ALWAYS:
        yield fault(
            (*path, "name"),
            "reserved",
            "'always' is the calendar that never closes: choose another name",
            "'always' 专指全天候日历:请换一个名称",
        )
    if not any(calendar.minutes(day) for day in DAYS):
        yield fault(
            (*path, "hours"),
            "never_open",
            f"nobody is ever on duty in calendar {calendar.name!r}: give the shifts of at least one weekday",
            f"日历 {calendar.name!r} 没有任何上班时段:请至少给出一天",
        )
    if calendar.day is not None and calendar.day.unit not in SECONDS:
        yield fault(
            (*path, "day"),
            "day_length",
            f"the length of a working day cannot be given in {calendar.day.unit!r}: write hours, such as '7 h'",
            f"工作日的长度不能以 {calendar.day.unit!r} 为单位:请写小时,例如 '7 h'",
        )
    for day in DAYS:
        minutes = calendar.minutes(day)
        for (on, off), (later, _) in pairwise(minutes):
            if later < off:
                yield fault(
                    (*path, "hours", day),
                    "overlap",
                    f"two shifts overlap: one begins at {_clock(later)}, before the one from {_clock(on)} ends",
                    f"时段重叠:{_clock(on)} 开始的时段尚未结束,{_clock(later)} 又开始一个",
                )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _regions(organization: Organization, kinds: Mapping[str, Names]) -> Iterator[Fault]:
    for index, region in enumerate(organization.regions):
        yield from kinds["region"].unknown(("regions", index, "within"), region.within)
        yield from kinds["level"].unknown(("regions", index, "level"), region.level)
    yield from _circles("regions", {region.name: region.within for region in organization.regions}, "within")


def _circles(field: str, above: Mapping[str, str | None], key: str) -> Iterator[Fault]:
    """Yield a fault for everything that stands above itself."""
    for index, name in enumerate(above):
        step, seen = above[name], {name}
        while step is not None and step not in seen:
            seen.add(step)
            step = above.get(step)
        if step == name:
            yield fault(
                (field, index, key),
                "circle",
                f"{name!r} stands above itself: end the chain of {key!r} somewhere",
                f"{name!r} 的 {key!r} 关系形成循环:请在某处断开",
            )


def _department(
    organization: Organization, department: Department, path: Path, kinds: Mapping[str, Names]
) -> Iterator[Fault]:
    yield from kinds["level"].unknown((*path, "level"), department.level)
    yield from kinds["region"].unknown((*path, "region"), department.region)
    yield from kinds["department"].unknown((*path, "reports_to"), department.reports_to)
    yield from kinds["calendar"].unknown((*path, "calendar"), department.calendar)
    yield from kinds["region"].each_unknown((*path, "regions"), department.regions)
    if department.per == "region" and not organization.regions:
        yield fault(
            (*path, "per"),
            "no_regions",
            "one office per region, but the organization has no regions: list them under 'regions'",
            "按区域设机构,但组织没有区域:请在 regions 中列出",
        )
    if department.regions and department.per is None:
        yield fault(
            (*path, "regions"),
            "idle_regions",
            "'regions' are those with an office of their own: write 'per: region' too, or 'region' for the only one",
            "regions 指分别设有机构的区域:请同时写 per: region;若只有一处,请写 region",
        )
    roles = Names(
        "role", "role", "岗位", [r.name for r in department.roles], repr(department.name), f"{department.name!r} "
    )
    yield from roles.twice((*path, "roles"), roles.known)
    for index, role in enumerate(department.roles):
        yield from kinds["calendar"].unknown((*path, "roles", index, "calendar"), role.calendar)
    groups = [*roles.known, *(group.name for group in department.staff)]
    for index, group in enumerate(department.staff):
        place = (*path, "staff", index)
        yield from roles.each_unknown((*place, "roles"), group.roles)
        yield from kinds["calendar"].unknown((*place, "calendar"), group.calendar)
        if groups.count(group.name) > 1:
            yield fault(
                (*place, "name"),
                "duplicate",
                f"{group.name!r} is already a role or group of {department.name!r}: rename the group",
                f"{group.name!r} 已是 {department.name!r} 的岗位或人员组:请改名",
            )


def _systems(organization: Organization, kinds: Mapping[str, Names]) -> Iterator[Fault]:
    for index, system in enumerate(organization.systems):
        yield from kinds["department"].unknown(("systems", index, "owner"), system.owner)
        yield from kinds["level"].unknown(("systems", index, "level"), system.level)
    for index, interface in enumerate(organization.interfaces):
        yield from kinds["system"].unknown(("interfaces", index, "source"), interface.source)
        yield from kinds["system"].unknown(("interfaces", index, "dest"), interface.dest)
        if interface.every is not None:
            try:
                Recurrence.parse(interface.every)
            except UnitError as error:
                yield Fault(("interfaces", index, "every"), "recurrence", error.message)
