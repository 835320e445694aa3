"""The store: what goes in comes out, and nothing half-written is ever listed."""

import math
import multiprocessing
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import procflow as pf
from procflow.analysis.finding import Finding, Measurement
from procflow.analysis.metrics import Metric
from procflow.errors import StoreError
from procflow.simulation.statistics import Estimate
from procflow.text import Text
from tests.examples import PERMIT, make_process

PLAN = pf.Scenario(scenario="week", arrivals="3 per wd", days=14, replications=2, seed=5)


@pytest.fixture(scope="module")
def run() -> pf.Run:
    return pf.simulate(make_process(PERMIT), PLAN)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[pf.Store]:
    with pf.Store(str(tmp_path / "runs.db")) as opened:
        yield opened


def finding(rule: str = "T1") -> Finding:
    return Finding(
        rule=rule,
        process="permit",
        variant="as_is",
        severity="low",
        subjects=(),
        statement=Text(en="cases wait", zh="办件等待"),
        evidence=(Measurement(Text(en="wait", zh="等待"), math.nan, "h"),),
    )


def test_a_run_comes_out_as_it_went_in(store: pf.Store, run: pf.Run):
    before = pf.summary(run)
    found = store.run(store.save(run))
    assert (found.scenario, found.seed, found.replications) == ("week", 5, 2)
    assert found.processes == (("permit", "as_is"),)
    assert found.version == pf.__version__
    assert [metric.to_data() for metric in found.summaries["permit"]] == [metric.to_data() for metric in before]


def test_the_tables_of_a_run_come_out_as_they_went_in(store: pf.Store, run: pf.Run):
    loaded = store.load(store.save(run))
    for table in ("events", "cases", "staff"):
        assert getattr(loaded, table).equals(getattr(run, table))
    assert loaded.provenance == run.provenance


def test_the_newest_run_is_listed_first(store: pf.Store, run: pf.Run):
    ids = [store.save(run) for _ in range(3)]
    assert [stored.id for stored in store.runs()] == ids[::-1]


def test_summaries_that_are_given_are_kept_as_they_are(store: pf.Store, run: pf.Run):
    unknown = Metric("odd", Text(en="odd", zh="奇"), "d", Estimate(1.5, math.nan, math.nan, 1, 0.9, "d"))
    found = store.run(store.save(run, {"permit": [unknown]})).summaries["permit"]
    assert [metric.to_data() for metric in found] == [unknown.to_data()]
    assert found[0].estimate.confidence == 0.9


def test_findings_come_out_in_order_and_with_all_they_say(store: pf.Store, run: pf.Run):
    given = [finding("T9"), finding("T1")]
    run_id = store.save(run, {}, given)
    assert store.findings(run_id) == [one.to_data() for one in given]
    assert store.findings() == []


def test_findings_of_a_definition_alone_belong_to_no_run(store: pf.Store, run: pf.Run):
    store.save(run, {}, [finding("T1")])
    store.save_findings([finding("R1")])
    assert [data["rule"] for data in store.findings()] == ["R1"]


def test_a_deleted_run_leaves_nothing(store: pf.Store, run: pf.Run, tmp_path: Path):
    kept, gone = store.save(run, None, [finding()]), store.save(run, None, [finding()])
    store.delete(gone)
    assert [stored.id for stored in store.runs()] == [kept]
    assert [path.name for path in (tmp_path / "runs.db.runs").iterdir()] == [kept]
    with sqlite3.connect(tmp_path / "runs.db") as connection:
        for table in ("run_processes", "summaries", "findings"):
            assert connection.execute(f"SELECT DISTINCT run_id FROM {table}").fetchall() == [(kept,)]


@pytest.mark.parametrize("what", ["run", "load", "findings", "delete"])
def test_an_unknown_run_is_told_as_such(store: pf.Store, what: str):
    with pytest.raises(StoreError, match="no run 'nope'"):
        getattr(store, what)("nope")


def test_tables_that_were_moved_away_are_told_as_such(store: pf.Store, run: pf.Run, tmp_path: Path):
    run_id = store.save(run)
    shutil.rmtree(tmp_path / "runs.db.runs")
    with pytest.raises(StoreError, match="moved away"):
        store.load(run_id)


def test_a_crash_while_tables_are_written_leaves_nothing(
    store: pf.Store, run: pf.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def crash(_table: Any, path: Any, **_options: Any) -> None:
        Path(path).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(pl.DataFrame, "write_parquet", crash)
    with pytest.raises(KeyboardInterrupt):
        store.save(run, {})
    assert store.runs() == []
    assert list((tmp_path / "runs.db.runs").iterdir()) == []


def test_a_database_that_fails_takes_the_tables_with_it(
    store: pf.Store, run: pf.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with sqlite3.connect(tmp_path / "runs.db") as connection:
        connection.execute("DROP TABLE summaries")
    with pytest.raises(StoreError, match="no such table"):
        store.save(run)
    assert list((tmp_path / "runs.db.runs").iterdir()) == []


def test_a_finding_that_cannot_be_saved_takes_the_run_with_it(store: pf.Store, run: pf.Run, tmp_path: Path):
    with sqlite3.connect(tmp_path / "runs.db") as connection:
        connection.execute("DROP TABLE findings")
    with pytest.raises(StoreError):
        store.save(run, None, [finding()])
    assert store.runs() == []


def test_a_folder_that_may_not_be_written_is_told_as_such(run: pf.Run, tmp_path: Path):
    (tmp_path / "file").touch()
    with (
        pf.Store(str(tmp_path / "runs.db"), folder=tmp_path / "file" / "runs") as store,
        pytest.raises(StoreError, match="cannot be written"),
    ):
        store.save(run)


def test_a_database_without_a_file_needs_a_folder_for_the_tables(run: pf.Run, tmp_path: Path):
    with pf.Store("sqlite://") as store, pytest.raises(StoreError, match="folder="):
        store.save(run)
    with pf.Store("sqlite://", folder=tmp_path) as store:
        assert store.load(store.save(run)).events.equals(run.events)


def _save_some(url: str, folder: Path) -> list[str]:
    run = pf.Run.load(folder)
    with pf.Store(url) as store:
        return [store.save(run) for _ in range(5)]


def test_two_processes_may_save_at_once(run: pf.Run, tmp_path: Path):
    run.save(tmp_path / "run")
    url = str(tmp_path / "runs.db")
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        saved = [run_id for ids in pool.map(_save_some, [url] * 2, [tmp_path / "run"] * 2) for run_id in ids]
    with pf.Store(url) as store:
        assert sorted(run.id for run in store.runs()) == sorted(saved)
        assert len(saved) == 10


def test_a_postgresql_store_keeps_runs_too(postgresql: str, run: pf.Run, tmp_path: Path):
    with pf.Store(postgresql, folder=tmp_path) as store:
        run_id = store.save(run, None, [finding()])
        assert store.load(run_id).events.equals(run.events)
        assert [data["rule"] for data in store.findings(run_id)] == ["T1"]
        assert store.run(run_id).created.tzinfo is not None
        store.delete(run_id)
        assert store.runs() == []
