"""Which column of a table holds what, guessed by name from ``aliases.yaml``. A guess is always shown.

Reads no file but the list of names; looks at no value.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from procflow.logs.reading import Reading

Mapped = dict[str, str]
"""Which column holds each field of the log."""

Names = Mapping[str, Sequence[Sequence[str]]]
"""The names that the column of each field goes by, in groups, the surest first."""

FIELDS = ("case", "activity", "enabled", "start", "end", "resource", "role", "department", "transition")


@cache
def aliases() -> Any:
    """Return the names that columns go by."""
    return yaml.safe_load(files("procflow.logs").joinpath("aliases.yaml").read_text(encoding="utf-8"))


def plain(name: str) -> str:
    """Return a column's name without what writers of names differ in.

    >>> plain("Case_ID") == plain("case id") == plain("case:ID")
    True
    """
    return re.sub(r"[\s_\-:.（）()]+", "", name).casefold()


def guessed(header: Sequence[str], names: Names) -> Mapped:
    """Return which column holds each field: for each the surest name that is there; no column serves twice.

    >>> guessed(["Case ID", "Task", "Timestamp"], aliases()["log"])
    {'case': 'Case ID', 'activity': 'Task', 'end': 'Timestamp'}
    """
    columns = {plain(name): name for name in reversed(header)}
    found: Mapped = {}
    for field, groups in names.items():
        ranked = (plain(alias) for group in groups for alias in group)
        column = next((columns[alias] for alias in ranked if columns.get(alias) not in (None, *found.values())), None)
        if column is not None:
            found[field] = column
    return found


def mapping(
    header: Sequence[str],
    given: Mapping[str, str] | None,
    names: Mapping[str, Sequence[Sequence[str]]],
    reading: Reading,
) -> Mapped:
    """Return which column holds each field: as given, the rest guessed, and what was guessed told.

    Raises LogError where a given field or column is not there.
    """
    given = dict(given or {})
    for field, column in given.items():
        if field not in names:
            known = ", ".join(names)
            raise reading.fail(
                0, f"there is no field {field!r}; a log has {known}", f"没有字段 {field!r}；可用字段：{known}"
            )
        if column not in header:
            raise reading.fail(
                1,
                f"there is no column {column!r} for {field}; the file has {', '.join(header)}",
                f"没有列 {column!r}（字段 {field}）；文件中的列为 {'、'.join(header)}",
            )
    free = [name for name in header if name not in given.values()]
    found = guessed(free, {field: groups for field, groups in names.items() if field not in given})
    if found:
        shown = ", ".join(f"{field} = {column}" for field, column in found.items())
        reading.note(f"columns taken by their names: {shown}", f"按列名识别：{shown}")
    return {field: (given | found)[field] for field in names if field in given or field in found}


def is_personal(name: str) -> bool:
    """Whether a column's name says that it is about the applicant or another private person.

    >>> is_personal("applyer_name"), is_personal("申请人姓名"), is_personal("apply_date")
    (True, True, False)
    """
    known, short = aliases()["personal"], plain(name)
    if short.startswith(tuple(plain(each) for each in known["prefixes"])):
        return True
    return short in {plain(each) for each in known["names"]} or any(word in name for word in known["chinese"])
