"""Columns of tables from whole numbers: one value alone where all rows have the same, texts as categories.

A text is a number into a list of texts, and a column that says one thing in every row is that thing once: such a
column takes a byte of memory a row, or none. ``as_text`` turns categories into text when somebody asks for them.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from procflow.simulation.columns import Whole, is_alike

Column = pl.Series | pl.Expr
"""A column of a table; an expression where it has one value."""


def table(columns: Mapping[str, Column]) -> pl.DataFrame:
    """Return a table of columns, of which one at least is a series."""
    series = {name: column for name, column in columns.items() if isinstance(column, pl.Series)}
    chosen = [pl.col(name) if name in series else column.alias(name) for name, column in columns.items()]
    return pl.DataFrame(series).select(chosen)


def as_text(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Return a table with its categories as text."""
    return frame.with_columns(pl.selectors.enum().cast(pl.String))


def whole(values: Whole, kind: type[pl.DataType] | None = None) -> Column:
    """Return a column of whole numbers, by default of 64 bits."""
    if is_alike(values):
        return pl.lit(int(values[0]), dtype=kind or pl.Int64)
    return pl.Series(values.astype(np.int32 if kind is pl.Int32 else np.int64, copy=False))


def nullable(values: Whole, kind: type[pl.DataType] | None = None) -> Column:
    """Return a column of whole numbers, null where they are negative."""
    if is_alike(values):
        return pl.lit(None if values[0] < 0 else int(values[0]), dtype=kind or pl.Int64)
    column = whole(values, kind)
    assert isinstance(column, pl.Series)
    return column if not len(values) or values.min() >= 0 else column.set(column < 0, None)


def picked(texts: Sequence[str], numbers: Whole, *, otherwise: str | None = None) -> Column:
    """Return the texts of these numbers; for -1 ``otherwise``, null where it is not given."""
    kind = pl.Enum(list(dict.fromkeys(texts if otherwise is None else (*texts, otherwise))))
    listed = pl.Series([otherwise, *texts], dtype=kind)
    if is_alike(numbers):
        return pl.lit(listed[int(numbers[0]) + 1], dtype=kind)
    if otherwise is None and len(numbers) and numbers.min() >= 0:
        return listed[1:].gather(pl.Series(numbers.astype(np.uint32)))  # what may be null takes longer
    return listed.gather(pl.Series(np.add(numbers, 1, dtype=np.int64).astype(np.uint32)))
