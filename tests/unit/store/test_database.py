"""Opening a database: made, brought up to date, refused; what happens when two processes open it at once."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from procflow.errors import StoreError
from procflow.store.database import open_engine, parse, writing
from procflow.store.tables import Base


def test_a_new_database_gets_the_tables_of_the_models(tmp_path: Path):
    engine = open_engine(parse(str(tmp_path / "runs.db")))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_revision() is not None


def test_opening_again_changes_nothing(tmp_path: Path):
    url = parse(str(tmp_path / "runs.db"))
    open_engine(url).dispose()
    before = _schema(tmp_path / "runs.db")
    open_engine(url).dispose()
    assert _schema(tmp_path / "runs.db") == before


def test_an_empty_file_becomes_a_database(tmp_path: Path):
    (tmp_path / "runs.db").touch()
    engine = open_engine(parse(str(tmp_path / "runs.db")))
    assert "runs" in sa.inspect(engine).get_table_names()


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path):
    place = tmp_path / "runs.db"
    open_engine(parse(str(place))).dispose()
    with sqlite3.connect(place) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = _schema(place)
    with pytest.raises(StoreError, match="newer procflow"):
        open_engine(parse(str(place)))
    assert _schema(place) == before


def test_a_migration_that_fails_halfway_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_args: object) -> None:
        raise RuntimeError("halfway")

    monkeypatch.setattr("alembic.op.create_index", fail)
    with pytest.raises(RuntimeError, match="halfway"):
        open_engine(parse(str(tmp_path / "runs.db")))
    assert _schema(tmp_path / "runs.db") == []


def test_readers_and_a_writer_work_at_once(tmp_path: Path):
    engine = open_engine(parse(str(tmp_path / "runs.db")), busy_seconds=0.1)
    with writing(engine) as writer:
        writer.execute(sa.text("DELETE FROM runs"))
        with engine.connect() as reader:
            assert reader.execute(sa.text("SELECT count(*) FROM runs")).scalar() == 0


def test_foreign_keys_are_enforced(tmp_path: Path):
    engine = open_engine(parse(str(tmp_path / "runs.db")))
    with pytest.raises(sa.exc.IntegrityError), writing(engine) as connection:
        connection.execute(
            sa.text("INSERT INTO run_processes (run_id, position, process, variant) VALUES ('none', 0, 'a', 'b')")
        )


def test_what_is_no_database_is_refused_and_left_alone(tmp_path: Path):
    place = tmp_path / "notes.txt"
    place.write_text("these are my notes " * 100)
    with pytest.raises(StoreError, match=r"notes\.txt is not an SQLite database") as caught:
        open_engine(parse(str(place)))
    assert "不是 SQLite 数据库" in caught.value.text("zh")
    assert place.read_text().startswith("these are my notes")


def test_a_locked_database_is_told_as_such(tmp_path: Path):
    place = tmp_path / "runs.db"
    open_engine(parse(str(place))).dispose()
    other = sqlite3.connect(place, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked by another program"):
        open_engine(parse(str(place)), busy_seconds=0.2)
    other.close()


def test_a_missing_folder_is_told_as_such(tmp_path: Path):
    with pytest.raises(StoreError, match="does its folder exist"):
        open_engine(parse(str(tmp_path / "nowhere" / "runs.db")))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("://", "is no database URL"),
        ("oranges://host/db", "no database of the kind 'oranges'"),
    ],
)
def test_a_wrong_url_is_told_as_such(url: str, words: str):
    with pytest.raises(StoreError, match=words):
        open_engine(parse(url))


def test_a_password_is_never_shown():
    with pytest.raises(StoreError) as caught:
        open_engine(parse("postgresql+psycopg://clerk:secret@127.0.0.1:1/none"))
    assert "secret" not in caught.value.text("en") + caught.value.text("zh")


def test_processes_that_open_a_new_database_at_once_all_succeed(tmp_path: Path):
    script = "import sys; from procflow.store.database import open_engine, parse; open_engine(parse(sys.argv[1]))"
    command = [sys.executable, "-c", script, str(tmp_path / "runs.db")]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    ended = [(process.communicate(timeout=60)[1], process.returncode) for process in started]
    assert ended == [("", 0)] * 3


def _schema(place: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(place) as connection:
        return list(connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name"))
