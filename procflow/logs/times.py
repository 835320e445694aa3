"""Times as tables write them: ISO 8601, compact digits, Chinese, Excel's day numbers, seconds since 1970.

One form is chosen for a column, by what all its values fit; a value that does not fit it is wrong, never guessed
again. Days and months that could be either way round are refused unless a format is given.
"""

from dataclasses import dataclass

import polars as pl

from procflow.logs.reading import Reading
from procflow.logs.zones import to_utc

_NAIVE = (
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M:%S%.f",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y.%m.%d %H:%M:%S",
    "%Y.%m.%d %H:%M",
    "%Y.%m.%d",
    "%Y%m%d%H%M%S",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日 %H时%M分%S秒",
    "%Y年%m月%d日%H时%M分%S秒",
    "%Y年%m月%d日 %H时%M分",
    "%Y年%m月%d日%H时%M分",
    "%Y年%m月%d日",
)
_DAY_FIRST = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y")
_MONTH_FIRST = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y")
_OFFSET = r"(?:Z|z|[+-]\d\d:?\d\d|[+-]\d\d)$"
_OFFSET_SIGNS = len("+08:00")
_EXCEL_ORIGIN_DAYS = 25_569  # 1970-01-01 in Excel, which counts from 1899-12-30 (it takes 1900 for a leap year)
_SAMPLE = 2_000


@dataclass(frozen=True)
class Form:
    """How a column writes times: a pattern of strftime, or ``excel``, ``seconds``, ``milliseconds``.

    ``offsets`` says whether each value names its offset from UTC.
    """

    pattern: str
    offsets: bool = False

    def __str__(self) -> str:
        return self.pattern + (" +hh:mm" if self.offsets else "")


@dataclass(frozen=True)
class Times:
    """A column of times read: naive local times or, with ``minutes`` east of UTC, times of known offset."""

    local: pl.Series
    minutes: pl.Series | None = None

    def utc(self, zone: str) -> pl.Series:
        """Return the instants; those that name no offset are times of ``zone``."""
        if self.minutes is None:
            return self.local.to_frame("at").select(to_utc(pl.col("at"), zone)).to_series()
        table = pl.DataFrame({"at": self.local, "minutes": self.minutes})
        shifted = (pl.col("at") - pl.duration(minutes="minutes")).dt.replace_time_zone("UTC")
        return table.select(shifted).to_series()


def read_times(column: pl.Series, lines: pl.Series, reading: Reading, time_format: str | None = None) -> Times:
    """Return the times of a column of text; null and empty ones are null, wrong ones are told with their line.

    Raises LogError where no form fits, or two forms do that mean different days.
    """
    form = Form(time_format, "%z" in time_format) if time_format else _form(column, lines, reading)
    given = time_format is not None
    local, minutes = _taken(column, form, given)
    wrong = column.is_not_null() & local.is_null()
    for line, value in zip(lines.filter(wrong), column.filter(wrong), strict=True):
        reading.bad(
            line,
            f"the column {column.name} is {value!r}: this is no time of the form {form}",
            f"列 {column.name} 的值为 {value!r}：不符合时间格式 {form}",
        )
    return Times(local, minutes)


def iso_times(texts: pl.Series) -> Times | None:
    """Return the times of a column of which every value is one by ISO 8601, with a time of day; else None."""
    values = texts.drop_nulls()
    if values.is_empty() or not values.str.contains(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d").all():
        return None
    for form in (Form(pattern, offsets) for pattern in _NAIVE[:2] for offsets in (True, False)):
        if _count(values, form) == values.len():
            return Times(*_taken(texts, form, given=False))
    return None


def _form(column: pl.Series, lines: pl.Series, reading: Reading) -> Form:
    """Return the form that most of a column's values fit, and that no other reading contradicts."""
    values = column.drop_nulls()
    if values.is_empty():
        return Form(_NAIVE[0])
    sample = values.gather_every(max(1, values.len() // _SAMPLE))
    forms = [Form(pattern, offsets) for pattern in _NAIVE for offsets in (False, True)]
    forms += [Form(pattern) for pattern in ("excel", "seconds", "milliseconds")]
    counts = {form: _count(sample, form) for form in forms}
    best = max(forms, key=lambda form: counts[form])
    if counts[best] * 2 >= sample.len():
        return best
    return _turned(column, values, lines, reading)


def _turned(column: pl.Series, values: pl.Series, lines: pl.Series, reading: Reading) -> Form:
    """Return whether days or months stand first, where the values show it."""
    first = lines.filter(column.is_not_null())[0]
    day = max((Form(p) for p in _DAY_FIRST), key=lambda form: _count(values, form))
    month = max((Form(p) for p in _MONTH_FIRST), key=lambda form: _count(values, form))
    days, months = _count(values, day), _count(values, month)
    if max(days, months) * 2 <= values.len():
        raise reading.fail(
            first,
            f"the column {column.name} holds no times that are known ({values[0]!r}): give the time format",
            f"列 {column.name} 的值（{values[0]!r}）不是可识别的时间：请给出时间格式",
        )
    if days == months:
        raise reading.fail(
            first,
            f"in the column {column.name} ({values[0]!r}) day and month could be either way round: give the time "
            f"format, such as {day.pattern!r}",
            f"列 {column.name}（{values[0]!r}）的日与月无法分辨先后：请给出时间格式，例如 {day.pattern!r}",
        )
    return day if days > months else month


def _count(values: pl.Series, form: Form) -> int:
    return values.len() - _taken(values, form, given=False)[0].null_count()


def _taken(column: pl.Series, form: Form, given: bool) -> tuple[pl.Series, pl.Series | None]:
    """Return the local times of a form and, where they name it, their minutes east of UTC; null what does not fit."""
    if form.pattern in ("excel", "seconds", "milliseconds"):
        return _numbers(column, form.pattern), None
    if given and form.offsets:
        instants = column.str.to_datetime(form.pattern, time_unit="us", strict=False)
        return instants.dt.replace_time_zone(None), pl.zeros(column.len(), pl.Int64, eager=True)
    if not form.offsets:
        return _parsed(column, form.pattern), None
    bare, named = _parted(column)
    return _parsed(bare, form.pattern), _minutes(named)


def iso_with_offsets(texts: pl.Series) -> Times | None:
    """Return times of which each is ISO 8601 to the second or finer, with an offset ``+hh:mm``; None if one is not."""
    if not _has_usual_offsets(texts):
        return None
    local, minutes = _taken(texts, Form(_NAIVE[0], offsets=True), given=False)
    return None if local.null_count() > texts.null_count() else Times(local, minutes)


def _has_usual_offsets(texts: pl.Series) -> bool:
    offsets = texts.str.tail(_OFFSET_SIGNS).unique().drop_nulls()
    return bool(offsets.str.contains(r"^[+-]\d\d:\d\d$").all())


def _parted(column: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return times without their offsets, null where they have none, and the offsets as ``+hhmm`` or Z."""
    if _has_usual_offsets(column):
        return column.str.head(-_OFFSET_SIGNS), column.str.tail(_OFFSET_SIGNS).str.replace(":", "", literal=True)
    named = column.str.extract("(" + _OFFSET + ")").str.replace(":", "", literal=True)
    return column.str.replace(r"\s*" + _OFFSET, "").set(named.is_null(), None), named


def _parsed(texts: pl.Series, pattern: str) -> pl.Series:
    if "%H" not in pattern:
        return texts.str.to_date(pattern, strict=False).cast(pl.Datetime("us"))
    fixed = _of_one_length(texts, pattern)
    if fixed is not None:
        spaced = bool(texts.drop_nulls().head(1).str.contains(" ", literal=True).any())
        found = texts.str.to_datetime(fixed.replace("T", " ") if spaced else fixed, time_unit="us", strict=False)
        if found.null_count() == texts.null_count():
            return found
    if "T" in pattern and texts.str.contains(" ", literal=True).any():
        texts = texts.str.replace(" ", "T", literal=True)
    return texts.str.to_datetime(pattern, time_unit="us", strict=False)


def _of_one_length(texts: pl.Series, pattern: str) -> str | None:
    """Return the pattern of texts that are all equally long, which takes a sixth of the time; None if they are not."""
    if not pattern.endswith("%S%.f"):
        return None
    lengths = texts.str.len_bytes().drop_nulls()
    fraction = {0: "", 4: ".%3f", 7: ".%6f"}
    if lengths.is_empty() or lengths.min() != lengths.max():
        return None
    digits = fraction.get(int(lengths[0]) - len("2025-03-03T09:00:00"))
    return None if digits is None else pattern.removesuffix("%.f") + digits


def _minutes(named: pl.Series) -> pl.Series:
    """Return the minutes east of UTC of offsets; a log has few different ones."""
    offset = pl.col("offset")
    sign = pl.when(offset.str.starts_with("-")).then(-1).otherwise(1)
    hours = offset.str.slice(1, 2).cast(pl.Int64, strict=False)
    rest = offset.str.slice(3, 2).cast(pl.Int64, strict=False).fill_null(0)
    zulu = offset.str.to_uppercase() == "Z"
    few = named.unique().drop_nulls().to_frame("offset")
    east = few.select(pl.when(zulu).then(0).otherwise(sign * (hours * 60 + rest))).to_series()
    if len(few) == 1 and not named.has_nulls():
        return pl.repeat(east[0], named.len(), dtype=pl.Int64, eager=True)
    return named.replace_strict(few["offset"], east, default=None, return_dtype=pl.Int64)


def _numbers(column: pl.Series, kind: str) -> pl.Series:
    """Return numbers as times: Excel's days between 1954 and 2119, seconds and milliseconds from 2001 to 2286."""
    number = column.cast(pl.Float64, strict=False)
    low, high = {"excel": (2e4, 8e4), "seconds": (1e9, 1e10), "milliseconds": (1e12, 1e13)}[kind]
    number = number.set(~number.is_between(low, high).fill_null(False), None)
    scale = {"excel": 0.0, "seconds": 1e6, "milliseconds": 1e3}[kind]
    micros = (number * scale).round()
    if kind == "excel":  # fractions of a day, rounded to the second that cells show
        micros = ((number - _EXCEL_ORIGIN_DAYS) * 86_400).round() * 1e6
    return micros.cast(pl.Int64).cast(pl.Datetime("us"))
