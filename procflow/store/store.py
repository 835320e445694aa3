"""The store: saves runs with their summaries and findings, lists them, gives them back. Simulates nothing."""

import datetime as dt
import math
import secrets
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import URL, delete, select
from sqlalchemy.orm import Session

from procflow.analysis.finding import Finding
from procflow.analysis.metrics import Metric, summary
from procflow.errors import StoreError
from procflow.simulation.run import Run
from procflow.simulation.statistics import Estimate
from procflow.store.database import errors, open_engine, parse, shown, writing
from procflow.store.tables import FindingRow, RunProcessRow, RunRow, SummaryRow
from procflow.text import Text


@dataclass(frozen=True)
class StoredRun:
    """What the store knows of a run: ``processes`` as (name, variant), ``summaries`` by the name of the process."""

    id: str
    created: dt.datetime
    processes: tuple[tuple[str, str], ...]
    scenario: str
    seed: int
    replications: int
    version: str
    digest: str
    provenance: dict[str, Any] = field(repr=False)
    summaries: dict[str, tuple[Metric, ...]] = field(repr=False)

    def to_data(self) -> dict[str, Any]:
        """Return plain data for JSON, without the provenance; what is not a number becomes null."""
        return {
            "id": self.id,
            "created": self.created.isoformat(timespec="seconds"),
            "processes": [{"process": process, "variant": variant} for process, variant in self.processes],
            "scenario": self.scenario,
            "seed": self.seed,
            "replications": self.replications,
            "version": self.version,
            "digest": self.digest,
            "summaries": {name: [metric.to_data() for metric in found] for name, found in self.summaries.items()},
        }


class Store:
    """A database of runs: an SQLite file, created where it is missing, or a PostgreSQL database.

    Parameters
    ----------
    url : an SQLAlchemy URL, or the path of an SQLite file.
    folder : where the tables of runs go, by default ``<file>.runs`` beside an SQLite file; other databases need it.
    create : whether to create an SQLite file that is missing.
    busy_seconds : how long to wait for another process that is writing to the same SQLite file.

    A run is listed only when all of it has been saved. Several processes may use one store at a time. Raises
    StoreError where the database cannot be opened or was written by a newer procflow.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place, Store(f"{place}/runs.db") as store:
    ...     store.runs()
    []
    """

    def __init__(
        self,
        url: str = "sqlite:///procflow.db",
        *,
        folder: str | Path | None = None,
        create: bool = True,
        busy_seconds: float = 30.0,
    ) -> None:
        self._url = parse(url)
        if not create and _is_missing(self._url):
            raise StoreError(Text(en=f"there is no store {shown(self._url)}", zh=f"没有库 {shown(self._url)}"))
        self._folder = Path(folder) if folder is not None else _beside(self._url)
        self._engine = open_engine(self._url, busy_seconds=busy_seconds)

    def save(
        self,
        run: Run,
        summaries: Mapping[str, Iterable[Metric]] | None = None,
        findings: Iterable[Finding] = (),
    ) -> str:
        """Save a run, its summaries and findings; return the id that it is found by.

        ``summaries`` has the metrics of each process by its name, by default those of ``summary``. The tables are
        written first and the database last, each in one step, so that a crash leaves nothing listed that is not
        whole. Raises StoreError where either cannot be written.
        """
        if summaries is None:
            summaries = {process.name: summary(run, process) for process in run.processes}
        run_id = secrets.token_hex(6)
        row = _run_row(run_id, run, summaries)
        rows = [_finding_row(finding, run_id) for finding in findings]
        place = self._place(run_id)
        _write_tables(run, place)
        try:
            with errors(self._url), writing(self._engine) as connection, Session(connection) as session:
                session.add(row)
                session.flush()  # the run before what refers to it
                session.add_all(rows)
                session.flush()
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        return run_id

    def save_findings(self, findings: Iterable[Finding]) -> None:
        """Save findings of definitions alone, without a run."""
        with errors(self._url), writing(self._engine) as connection, Session(connection) as session:
            session.add_all([_finding_row(finding, None) for finding in findings])
            session.flush()

    def runs(self) -> list[StoredRun]:
        """Return all runs, the newest first."""
        with errors(self._url), Session(self._engine) as session:
            rows = session.scalars(select(RunRow).order_by(RunRow.created.desc(), RunRow.id)).all()
            return [_stored(row) for row in rows]

    def run(self, run_id: str) -> StoredRun:
        """Return a run by its id; raise StoreError where there is none."""
        with errors(self._url), Session(self._engine) as session:
            row = session.get(RunRow, run_id)
            if row is None:
                raise self._unknown(run_id)
            return _stored(row)

    def load(self, run_id: str) -> Run:
        """Return a run with its tables; raise StoreError where the run or its files are missing."""
        self.run(run_id)
        place = self._place(run_id)
        if not place.is_dir():
            raise StoreError(
                Text(
                    en=f"the tables of run {run_id} are not in {place}: were they moved away from the database?",
                    zh=f"{place} 中没有运行 {run_id} 的数据表：是否已与数据库分离？",
                )
            )
        return Run.load(place)

    def findings(self, run_id: str | None = None) -> list[dict[str, Any]]:
        """Return the findings of a run as plain data, in the order saved; of definitions alone for None.

        Raises StoreError for an unknown run.
        """
        if run_id is not None:
            self.run(run_id)
        with errors(self._url), Session(self._engine) as session:
            chosen = select(FindingRow.data).where(FindingRow.run_id == run_id).order_by(FindingRow.id)
            return list(session.scalars(chosen))

    def delete(self, run_id: str) -> None:
        """Delete a run with its summaries, findings and tables; raise StoreError where there is none."""
        with errors(self._url), writing(self._engine) as connection:
            if connection.execute(delete(RunRow).where(RunRow.id == run_id)).rowcount == 0:
                raise self._unknown(run_id)
        shutil.rmtree(self._place(run_id), ignore_errors=True)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Store: {shown(self._url)}>"

    def _place(self, run_id: str) -> Path:
        if self._folder is None:
            raise StoreError(
                Text(
                    en=f"{shown(self._url)} has no folder beside it for tables: give Store(…, folder=…)",
                    zh=f"{shown(self._url)} 旁没有存放数据表的文件夹：请用 Store(…, folder=…) 指定",
                )
            )
        return self._folder / run_id

    def _unknown(self, run_id: str) -> StoreError:
        return StoreError(
            Text(
                en=f"no run {run_id!r} in {shown(self._url)}: 'procflow runs' lists them",
                zh=f"{shown(self._url)} 中没有运行 {run_id!r}：可用 'procflow runs' 查看",
            )
        )


def _beside(url: URL) -> Path | None:
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database + ".runs")


def _is_missing(url: URL) -> bool:
    return _beside(url) is not None and not Path(url.database or "").exists()


def _write_tables(run: Run, place: Path) -> None:
    """Write a run's tables in a folder of another name, then give them theirs; nothing stays where that fails."""
    unfinished = place.with_name(f".{place.name}.unfinished")
    try:
        run.save(unfinished / "run")
        (unfinished / "run").rename(place)
    except OSError as error:
        raise StoreError(
            Text(en=f"{place} cannot be written: {error.strerror}", zh=f"{place} 无法写入：{error.strerror}")
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _run_row(run_id: str, run: Run, summaries: Mapping[str, Iterable[Metric]]) -> RunRow:
    source = run.provenance
    return RunRow(
        id=run_id,
        created=dt.datetime.now(dt.UTC),
        scenario=source.scenario,
        seed=source.seed,
        replications=source.replications,
        version=source.version,
        digest=source.digest,
        provenance=source.to_data(),
        processes=[
            RunProcessRow(position=index, process=process, variant=variant)
            for index, (process, variant) in enumerate(source.processes)
        ],
        summaries=[
            _summary_row(index, process, metric)
            for index, (process, metric) in enumerate(
                (process, metric) for process, found in summaries.items() for metric in found
            )
        ],
    )


def _summary_row(position: int, process: str, metric: Metric) -> SummaryRow:
    found = metric.estimate
    return SummaryRow(
        position=position,
        process=process,
        metric=metric.key,
        name_en=metric.name.get("en"),
        name_zh=metric.name.get("zh"),
        value=_number(found.mean),
        low=_number(found.low),
        high=_number(found.high),
        n=found.n,
        confidence=found.confidence,
        unit=found.unit,
    )


def _finding_row(finding: Finding, run_id: str | None) -> FindingRow:
    return FindingRow(
        run_id=run_id,
        rule=finding.rule,
        severity=finding.severity,
        process=finding.process,
        variant=finding.variant,
        statement_en=finding.statement.get("en"),
        statement_zh=finding.statement.get("zh"),
        data=finding.to_data(),
    )


def _stored(row: RunRow) -> StoredRun:
    summaries: dict[str, list[Metric]] = {}
    for part in row.summaries:
        summaries.setdefault(part.process, []).append(_metric(part))
    return StoredRun(
        row.id,
        row.created,
        tuple((part.process, part.variant) for part in row.processes),
        row.scenario,
        row.seed,
        row.replications,
        row.version,
        row.digest,
        row.provenance,
        {process: tuple(found) for process, found in summaries.items()},
    )


def _metric(row: SummaryRow) -> Metric:
    value, low, high = (math.nan if number is None else number for number in (row.value, row.low, row.high))
    found = Estimate(value, low, high, row.n, row.confidence, row.unit)
    return Metric(row.metric, Text(en=row.name_en, zh=row.name_zh), row.unit, found)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
