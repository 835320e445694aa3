"""Opening the store's database: the engine, SQLite's settings, migrations, and errors that say what to do.

Knows nothing of runs.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from procflow.errors import StoreError
from procflow.text import Text

_MIGRATIONS = Path(__file__).parent / "migrations"
_UPGRADE_LOCK = 0x70726F63666C6F77  # "procflow": PostgreSQL's advisory locks are numbers


def parse(url: str) -> sa.URL:
    """Return the URL of a database; what has no ``://`` is the path of an SQLite file.

    >>> parse("runs.db").render_as_string()
    'sqlite:///runs.db'
    """
    if "://" not in url:
        return sa.URL.create("sqlite", database=url)
    try:
        return sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise StoreError(
            Text(
                en=f"{url!r} is no database URL: write for instance 'sqlite:///procflow.db'",
                zh=f"{url!r} 不是数据库地址：例如写 'sqlite:///procflow.db'",
            )
        ) from error


def open_engine(url: sa.URL, *, busy_seconds: float = 30.0) -> sa.Engine:
    """Return an engine on an up-to-date database, created or upgraded where needed.

    ``busy_seconds`` is how long to wait for another process that writes to the same SQLite file. Raises StoreError
    where the file cannot be opened, is no database, stays locked, or was written by a newer procflow.
    """
    with errors(url):
        engine = _engine(url, busy_seconds)
        try:
            if url.get_backend_name() == "sqlite":
                _use_wal(engine, busy_seconds)
            upgrade(engine)
        except BaseException:
            engine.dispose()
            raise
    return engine


def upgrade(engine: sa.Engine) -> None:
    """Bring the tables to this version of procflow; raise StoreError where they are newer."""
    scripts = ScriptDirectory(str(_MIGRATIONS))
    with writing(engine) as connection:  # takes a lock first: of two processes, the second finds the work done
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        current = MigrationContext.configure(connection).get_current_revision()
        if current == scripts.get_current_head():
            return
        known = {script.revision for script in scripts.walk_revisions()}
        if current is not None and current not in known:
            raise StoreError(
                Text(
                    en=f"{shown(engine.url)} was written by a newer procflow (tables {current}): upgrade procflow",
                    zh=f"{shown(engine.url)} 由更新版本的 procflow 写成(表结构 {current})：请升级 procflow",
                )
            )
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Yield a connection in a transaction that may write: on SQLite it holds the write lock from the start."""
    with engine.execution_options(procflow_write=True).begin() as connection:
        yield connection


@contextmanager
def errors(url: sa.URL) -> Iterator[None]:
    """Turn the database's errors into StoreErrors that say what to do."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise StoreError(_missing_driver(url, error)) from error
    except sa.exc.NoSuchModuleError as error:
        raise StoreError(
            Text(
                en=f"no database of the kind {url.drivername!r} is known: use 'sqlite' or 'postgresql+psycopg'",
                zh=f"不支持 {url.drivername!r} 类数据库：请用 'sqlite' 或 'postgresql+psycopg'",
            )
        ) from error
    except (sa.exc.SQLAlchemyError, sqlite3.Error) as error:
        raise StoreError(_explained(url, error)) from error


def shown(url: sa.URL) -> str:
    """Return a URL for messages, without its password."""
    return url.database or "memory" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def _engine(url: sa.URL, busy_seconds: float) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url)
    engine = sa.create_engine(url, connect_args={"timeout": busy_seconds})
    sa.event.listen(engine, "connect", _sqlite_connected)
    sa.event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_connected(connection: Any, _record: Any) -> None:
    # the driver's own transactions commit behind one's back before DDL: _sqlite_begin starts them instead
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")


def _sqlite_begin(connection: sa.Connection) -> None:
    write = connection.get_execution_options().get("procflow_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _use_wal(engine: sa.Engine, busy_seconds: float) -> None:
    """Let readers and a writer work at once; the switch itself ignores SQLite's waiting time, so wait here."""
    patience = time.monotonic() + busy_seconds
    raw = engine.raw_connection()
    try:
        while True:
            try:
                raw.cursor().execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > patience:
                    raise
                time.sleep(0.02)
    finally:
        raw.close()


def _missing_driver(url: sa.URL, error: ModuleNotFoundError) -> Text:
    extra = " (pip install 'procflow[postgresql]')" if url.get_backend_name() == "postgresql" else ""
    return Text(
        en=f"{shown(url)} needs the driver {error.name!r}, which is not installed{extra}",
        zh=f"{shown(url)} 需要驱动 {error.name!r}，尚未安装{extra}",
    )


def _explained(url: sa.URL, error: Exception) -> Text:
    place, cause = shown(url), str(getattr(error, "orig", None) or error)
    if "not a database" in cause:
        return Text(
            en=f"{place} is not an SQLite database: name another file, or move this one away",
            zh=f"{place} 不是 SQLite 数据库：请换一个文件名，或移走该文件",
        )
    if "locked" in cause:
        return Text(
            en=f"{place} is locked by another program: try again when that one has finished",
            zh=f"{place} 正被其他程序占用：请待其结束后重试",
        )
    if "unable to open" in cause:
        return Text(
            en=f"{place} cannot be opened: does its folder exist, and may you write there?",
            zh=f"{place} 无法打开：请确认所在文件夹存在且有写入权限",
        )
    if "readonly" in cause:
        return Text(
            en=f"{place} may not be written: change its permissions, or copy it",
            zh=f"{place} 不可写：请修改权限或复制一份",
        )
    return Text(en=f"{place}: {cause}", zh=f"{place}：{cause}")
