"""The attributes of XES elements, gathered by column as they come, or all at once, and typed at the end.

A nested attribute is named by its path, ``parent/child``; ``~`` and ``/`` in keys are escaped as ``~0`` and ``~1``
(RFC 6901), so that no key is taken for a path.
"""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from procflow.logs.reading import Reading
from procflow.logs.times import iso_with_offsets

Values = list[str | None]
Dates = tuple[pl.Series, pl.Series]

_DATE = r"^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)\s*(Z|z|[+-]\d\d:?\d\d)?$"

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class Columns:
    """Attributes by key, as text, padded with null where an element has none.

    ``texts`` are those of all elements, where they are known already, and ``kinds`` the types of each.
    """

    def __init__(
        self, height: int = 0, texts: pl.DataFrame | None = None, kinds: Mapping[str, set[str]] | None = None
    ) -> None:
        self.height = height
        self.offsets: list[Dates] = []
        self.unreadable: dict[str, list[int]] = {}
        self._texts = pl.DataFrame() if texts is None else texts
        self._values: dict[str, Values] = {}
        self._kinds: dict[str, set[str]] = dict(kinds or {})

    def column(self, path: str, kind: str) -> Values:
        """Return the values of an attribute, to which one more is added by ``put``."""
        self._kinds.setdefault(path, set()).add(kind)
        return self._values.setdefault(path, [])

    def frame(self, reading: Reading, lines: Sequence[int] = ()) -> pl.DataFrame:
        """Return the columns as a table, each of its type; what is no such value is told.

        ``lines`` are those at which the elements begin, where they are known.
        """
        columns = [self._typed(texts, reading, lines) for texts in self._as_texts()]
        return pl.DataFrame(columns or [pl.Series("concept:name", [None] * self.height, dtype=pl.String)])

    def _as_texts(self) -> Iterator[pl.Series]:
        yield from self._texts
        for path, values in self._values.items():
            values[self.height :] = [None] * (self.height - len(values))
            yield pl.Series(path, values, dtype=pl.String)
            values.clear()

    def _typed(self, texts: pl.Series, reading: Reading, lines: Sequence[int]) -> pl.Series:
        path = texts.name
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
        self.unreadable[path] = wrong.arg_true().to_list()
        for row in self.unreadable[path]:
            value = texts[row]
            reading.bad(
                lines[row] if lines else 0,
                f"the attribute {path} is {value!r}: it is declared to be of type {kind}",
                f"属性 {path} 的值为 {value!r}：其声明的类型是 {kind}",
            )
        return typed

    def _dates(self, texts: pl.Series) -> pl.Series:
        """Return dates as instants; the offsets in which they were written are remembered."""
        usual = iso_with_offsets(texts)
        if usual is not None and usual.minutes is not None:
            at = usual.utc("UTC").alias(texts.name)
            self.offsets.append((at, usual.minutes))
            return at
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


def put(values: Values, row: int, value: str) -> None:
    """Put a value into a row of a column; rows before it that have none become null."""
    missing = row - len(values)
    if missing > 0:
        values.extend([None] * missing)
    values[row:] = (value,)


def escaped(key: str) -> str:
    """Return a key as a part of a path."""
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key
