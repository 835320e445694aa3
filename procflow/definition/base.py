"""What all definition models share: frozen, closed to unknown fields, and numbers that name their source."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints
from pydantic_core import PydanticCustomError

from procflow.text import Text

Name = Annotated[str, Strict(), StringConstraints(min_length=1, max_length=300, pattern=r"^[^/\s][^/\n]*$")]
"""A name in a definition: any script, no '/', which separates the parts of a qualified name."""

Reference = Annotated[str, Strict(), StringConstraints(min_length=1, max_length=3000)]
"""The name of something defined elsewhere; a nested state as 'composite/region/state'."""


def _date(value: Any) -> Any:
    if isinstance(value, dt.date) or (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)):
        return value
    raise PydanticCustomError("date_parsing", "a date is written 2025-03-31")


def _moment(value: Any) -> Any:
    if isinstance(value, dt.datetime) or (isinstance(value, str) and _MOMENT.fullmatch(value)):
        return value
    raise PydanticCustomError("datetime_parsing", "a time is written 2025-03-31 09:00")


_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?")

Date = Annotated[dt.date, BeforeValidator(_date)]
"""A day written 2025-03-31; a bare number is no date."""

Moment = Annotated[dt.datetime, BeforeValidator(_moment)]
"""A local time written 2025-03-31 09:00, without time zone."""

Count = Annotated[int, Strict(), Field(ge=0)]
PositiveCount = Annotated[int, Strict(), Field(ge=1)]
Fraction = Annotated[float, Strict(), Field(ge=0, le=1, allow_inf_nan=False)]
PositiveNumber = Annotated[float, Strict(), Field(gt=0, allow_inf_nan=False)]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Flag = Annotated[bool, Strict()]


class Frozen(BaseModel):
    """A definition model: frozen, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Titled(Frozen):
    """Something with a name and a title for people."""

    name: Name
    title: Text | None = None

    def label(self, lang: str = "en") -> str:
        """Return the title in ``lang``, or the name where there is no title."""
        return self.title.get("zh" if lang == "zh" else "en") if self.title else self.name


class Sourced(Frozen):
    """A value that says where it comes from: a source, an assumption, or (bare) neither."""

    source: str | None = None
    assumed: Flag = False

    @property
    def is_bare(self) -> bool:
        """Whether it names neither a source nor that it is assumed."""
        return self.source is None and not self.assumed

    def _with_source(self, data: Any, *, key: str = "value") -> Any:
        """Return ``data`` as written in a file: bare where nothing is said of its source."""
        if self.is_bare:
            return data
        written = dict(data) if isinstance(data, dict) else {key: data}
        if self.source is not None:
            written["source"] = self.source
        if self.assumed:
            written["assumed"] = True
        return written


Path = tuple[str | int, ...]
"""A place in the data of a file, for instance ``("states", 2, "work")``."""


_PLAIN = frozenset({str, int, float, bool, type(None)})
"""Types of which no value contains a model."""


def walk(model: Any, path: Path = ()) -> Iterator[tuple[Path, Frozen]]:
    """Yield every definition model inside ``model`` with its path, itself first, in the order of the fields."""
    found: list[tuple[Path, Frozen]] = []
    _collect(model, path, found)
    return iter(found)


def _collect(model: Any, path: Path, found: list[tuple[Path, Frozen]]) -> None:
    inside: Iterable[tuple[str | int, Any]] = ()
    if isinstance(model, Frozen):
        found.append((path, model))
        inside = vars(model).items()
    elif isinstance(model, dict):
        inside = model.items()
    elif isinstance(model, tuple):
        inside = enumerate(model)
    for key, value in inside:
        if type(value) not in _PLAIN:  # most values are, and large definitions have many
            _collect(value, (*path, key), found)


def as_tuple(data: Any) -> Any:
    """Read one entry without brackets as a list of one."""
    return (data,) if isinstance(data, str | dict) or not isinstance(data, list | tuple) else tuple(data)


def one_or_list(values: tuple[Any, ...]) -> Any:
    """Write a list of one as its only entry."""
    written = [value.model_dump() if isinstance(value, Frozen) else value for value in values]
    return written[0] if len(written) == 1 else written
