"""The attributes of XES elements, gathered by column as they come and typed at the end.

A nested attribute is named by its path, ``parent/child``; ``~`` and ``/`` in keys are escaped as ``~0`` and ``~1``
(RFC 6901), so that no key is taken for a path.
"""

from typing import Any

import polars as pl

from procflow.logs.reading import Reading

Values = list[str | None]
Dates = tuple[pl.Series, pl.Series]

_DATE = r"^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)\s*(Z|z|[+-]\d\d:?\d\d)?$"

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class Columns:
    """Attributes by key, as text, padded with null where an element has none."""

    def __init__(self) -> None:
        self.height = 0
        self.offsets: list[Dates] = []
        self._values: dict[str, Values] = {}
        self._kinds: dict[str, set[str]] = {}
        self._by_tag: dict[tuple[str, str], Values] = {}
        self._locals: dict[Any, str] = {}

    def local(self, tag: Any) -> str:
        """Return a tag without its namespace."""
        found = self._locals.get(tag)
        if found is None:
            found = self._locals[tag] = str(tag).rpartition("}")[2]
        return found

    def take_all(self, parent: Any, row: int) -> None:
        """Take the attributes of an element: the innermost loop of reading a log."""
        by_tag = self._by_tag
        for child in parent:
            key, value = child.get("key"), child.get("value")
            column = by_tag.get((child.tag, key))
            if column is None or value is None:
                self.take(child, self.local(child.tag), row)
                continue
            missing = row - len(column)
            if missing > 0:
                column.extend([None] * missing)
            column[row:] = (value,)
            if len(child):
                self._inside(child, key, row)

    def take(self, element: Any, kind: str, row: int, inside: str = "") -> None:
        """Take an attribute and what is nested in it."""
        key = _escaped(element.get("key") or kind)
        path = f"{inside}/{key}" if inside else key
        value = element.get("value")
        if value is not None:
            column = self._values.setdefault(path, [])
            self._kinds.setdefault(path, set()).add(kind)
            if not inside and key == element.get("key"):
                self._by_tag[element.tag, key] = column
            column.extend([None] * (row - len(column)))
            column[row:] = (value,)
        if len(element):
            self._inside(element, path, row)

    def _inside(self, element: Any, path: str, row: int) -> None:
        for child in element:
            kind = self.local(child.tag)
            if kind == "values":
                self._inside(child, path, row)
            else:
                self.take(child, kind, row, path)

    def frame(self, reading: Reading) -> pl.DataFrame:
        """Return the columns as a table, each of its type; what is no such value is told."""
        columns = []
        for path, values in self._values.items():
            values.extend([None] * (self.height - len(values)))
            column = self._typed(path, pl.Series(path, values, dtype=pl.String), reading)
            columns.append(column)
            values.clear()
        return pl.DataFrame(columns or [pl.Series("concept:name", [None] * self.height, dtype=pl.String)])

    def _typed(self, path: str, texts: pl.Series, reading: Reading) -> pl.Series:
        kinds = self._kinds[path]
        if len(kinds) > 1:
            reading.note(
                f"the attribute {path} is of several types ({', '.join(sorted(kinds))}); it is kept as text",
                f"属性 {path} 有多种类型（{'、'.join(sorted(kinds))}），按文本保存",
            )
            return texts
        [kind] = kinds
        if kind == "date":
            typed = self._dates(texts)
        elif kind == "int":
            typed = texts.str.strip_chars().cast(pl.Int64, strict=False)
        elif kind == "float":
            typed = texts.str.strip_chars().cast(pl.Float64, strict=False)
        elif kind == "boolean":
            plain = texts.str.strip_chars().str.to_lowercase()
            typed = plain.replace_strict(_BOOLEANS, default=None, return_dtype=pl.Boolean)
        else:
            return texts
        wrong = texts.is_not_null() & typed.is_null()
        for value in texts.filter(wrong):
            reading.bad(
                0,
                f"the attribute {path} is {value!r}: it is declared to be of type {kind}",
                f"属性 {path} 的值为 {value!r}：其声明的类型是 {kind}",
            )
        return typed

    def _dates(self, texts: pl.Series) -> pl.Series:
        """Return dates as instants; the offsets in which they were written are remembered."""
        distinct = texts.unique().drop_nulls()
        parts = distinct.str.extract_groups(_DATE).struct
        local = parts.field("1").str.replace(" ", "T").str.replace(",", ".")
        offset = parts.field("2").fill_null("Z").str.to_uppercase().str.replace(":", "")
        sign = pl.when(pl.col("offset").str.starts_with("-")).then(-1).otherwise(1)
        hours, minutes = pl.col("offset").str.slice(1, 2), pl.col("offset").str.slice(3, 2)
        east = sign * (hours.cast(pl.Int64, strict=False) * 60 + minutes.cast(pl.Int64, strict=False))
        table = pl.DataFrame({"text": distinct, "local": local, "offset": offset}).with_columns(
            minutes=pl.when(pl.col("offset") == "Z").then(0).otherwise(east)
        )
        naive = pl.coalesce(
            pl.col("local").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False),
            pl.col("local").str.to_datetime("%Y-%m-%dT%H:%M", time_unit="us", strict=False),
        )
        instant = (naive - pl.duration(minutes="minutes")).dt.replace_time_zone("UTC")
        table = table.with_columns(instant.alias("at"))
        found = pl.DataFrame({"text": texts}).join(table, on="text", how="left", maintain_order="left")
        self.offsets.append((found["at"], found["minutes"]))
        return found["at"].alias(texts.name)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key
