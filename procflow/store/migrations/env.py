"""Alembic's entry point: runs the revisions on the connection that ``database.upgrade`` hands over."""

from alembic import context

from procflow.store.tables import Base

# SQLite cannot alter a column in place: batch mode copies the table instead
context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
