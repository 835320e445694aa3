"""Reads when cases arrived, where and with which attributes, from a CSV or Parquet file. Judges none of it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procflow.definition.arrivals import Arrivals, Log
from procflow.definition.base import Path as Place
from procflow.definition.references import refusal
from procflow.definition.scenario import Scenario
from procflow.errors import UnitError
from procflow.text import Text

if TYPE_CHECKING:
    import polars as pl

_FORMS = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y/%m/%d %H:%M")
_MOST_ROWS = 5_000_000


def replayed(arrivals: Arrivals, folder: str | os.PathLike[str] = ".") -> Arrivals:
    """Return arrivals with the rows of their log, whose path starts at ``folder``; as they are where they have none.

    A row without a time is left out; an empty attribute or region is sampled. Times are local, to the microsecond.

    Raises UnitError where the file cannot be read or lacks a column.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "march.csv").write_text("time,area\\n2025-03-03 09:05,120\\n2025-03-03 10:40,\\n")
    ...     found = replayed(Arrivals(log={"file": "march.csv", "attributes": {"area": "area"}}), folder)
    >>> str(found.times[0]), found.attributes["area"]
    ('2025-03-03 09:05:00', ('120', None))
    """
    log = arrivals.log
    if log is None:
        return arrivals
    table = _table(Path(folder) / log.file)
    wanted = [log.time, *([log.region] if log.region else []), *log.attributes.values()]
    for column in wanted:
        if column not in table.columns:
            raise _unreadable(
                log.file,
                f"it has no column {column!r}, only {', '.join(table.columns)}",
                f"没有列 {column!r}，只有 {'、'.join(table.columns)}",
            )
    times = _times(log, table)
    table = table.filter(times.is_not_null())
    columns: dict[str, Any] = {"times": tuple(times.drop_nulls().to_list())}
    if log.region:
        columns["regions"] = _texts(table[log.region])
    columns["attributes"] = {name: _texts(table[column]) for name, column in log.attributes.items()}
    return Arrivals.model_validate({**{name: getattr(arrivals, name) for name in Arrivals.model_fields}, **columns})


def with_logs(scenario: Scenario, file: Path, root: Path | None) -> tuple[Scenario, list[tuple[Place, Text]]]:
    """Return the scenario of a file with the rows of its logs, and where and why one cannot be read.

    ``root`` is the folder in which logs must lie, None where they may lie anywhere.
    """
    faults: list[tuple[Place, Text]] = []

    def read(arrivals: Arrivals, place: Place) -> Arrivals:
        if arrivals.log is None:
            return arrivals
        refused = refusal(arrivals.log.file, file.parent / arrivals.log.file, root)
        try:
            if refused is None:
                return replayed(arrivals, file.parent)
        except UnitError as error:
            refused = error.message
        faults.append(((*place, "log"), refused))
        return arrivals

    alone = scenario.arrivals and read(scenario.arrivals, ("arrivals",))
    several = tuple(
        entry.model_copy(update={"arrivals": read(entry.arrivals, ("processes", number, "arrivals"))})
        for number, entry in enumerate(scenario.processes)
    )
    return scenario.model_copy(update={"arrivals": alone, "processes": several}), faults


def _table(path: Path) -> "pl.DataFrame":
    import polars as pl  # imported here: most scenarios have no log

    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path, n_rows=_MOST_ROWS)
        return pl.read_csv(path, infer_schema=False, n_rows=_MOST_ROWS)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _unreadable(path.name, str(error), str(error)) from error


def _times(log: Log, table: "pl.DataFrame") -> "pl.Series":
    """Return the times of a log, null where a row has none."""
    import polars as pl

    written = table[log.time]
    if isinstance(written.dtype, pl.Datetime):
        return written.dt.replace_time_zone(None).cast(pl.Datetime("us"))
    text = written.cast(pl.String).str.strip_chars()
    text = text.set(text == "", None)
    found = pl.Series([None] * len(text), dtype=pl.Datetime("us"))
    for form in _FORMS:
        found = found.fill_null(text.str.to_datetime(form, time_unit="us", strict=False))
    wrong = text.filter(found.is_null() & text.is_not_null())
    if len(wrong):
        raise _unreadable(
            log.file,
            f"{wrong[0]!r} in column {log.time!r} is no time: write for instance 2025-03-03 09:00",
            f"列 {log.time!r} 中的 {wrong[0]!r} 不是时间：例如写 2025-03-03 09:00",
        )
    return found


def _texts(column: "pl.Series") -> tuple[str | None, ...]:
    import polars as pl

    texts = column.cast(pl.String).str.strip_chars()
    return tuple(texts.set(texts == "", None).to_list())


def _unreadable(file: str, en: str, zh: str) -> UnitError:
    return UnitError(Text(en=f"the log {file!r} cannot be read: {en}", zh=f"无法读取到达记录 {file!r}:{zh}"))
