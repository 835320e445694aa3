"""Runs, their summaries and findings in a database, their tables in Parquet files beside it."""

from procflow.store.store import Store, StoredRun

__all__ = ["Store", "StoredRun"]
