"""The store on PostgreSQL; skipped where no server or no driver is installed."""

import subprocess
import sys

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from procflow.store.database import open_engine, parse
from procflow.store.tables import Base


def test_processes_that_open_a_new_database_at_once_all_succeed_and_make_the_tables_of_the_models(postgresql: str):
    script = "import sys; from procflow.store.database import open_engine, parse; open_engine(parse(sys.argv[1]))"
    command = [sys.executable, "-c", script, postgresql]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in started] == [("", 0)] * 3
    with open_engine(parse(postgresql)).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
