"""The tables of the store. Events, cases and staff are not here: they stand in Parquet files beside the database."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, DateTime, Float, ForeignKey, Integer, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware instant, stored in UTC; SQLite keeps no time zone, so it is taken off there and put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Return the instant as the database keeps it."""
        return value if value is None else value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Return the instant with its time zone, UTC."""
        return value if value is None else value.replace(tzinfo=value.tzinfo or dt.UTC)


class Base(DeclarativeBase):
    """What all tables of the store share."""


class RunRow(Base):
    """A simulated run; ``digest`` is that of its definitions, ``version`` that of procflow."""

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    created: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    scenario: Mapped[str] = mapped_column(String(300))
    seed: Mapped[int] = mapped_column(Integer)
    replications: Mapped[int] = mapped_column(Integer)
    version: Mapped[str] = mapped_column(String(50))
    digest: Mapped[str] = mapped_column(String(128), index=True)
    provenance: Mapped[dict[str, Any]] = mapped_column(JSON)

    processes: Mapped[list["RunProcessRow"]] = relationship(
        order_by="RunProcessRow.position", cascade="all, delete-orphan", passive_deletes=True, lazy="selectin"
    )
    summaries: Mapped[list["SummaryRow"]] = relationship(
        order_by="SummaryRow.position", cascade="all, delete-orphan", passive_deletes=True, lazy="selectin"
    )


class RunProcessRow(Base):
    """A process that was simulated in a run, in which variant."""

    __tablename__ = "run_processes"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    process: Mapped[str] = mapped_column(String(300), index=True)
    variant: Mapped[str] = mapped_column(String(300))


class SummaryRow(Base):
    """A metric of one process of a run with its interval; what is unknown is null."""

    __tablename__ = "summaries"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    process: Mapped[str] = mapped_column(String(300))
    metric: Mapped[str] = mapped_column(String(300), index=True)
    name_en: Mapped[str] = mapped_column(String(1000))
    name_zh: Mapped[str] = mapped_column(String(1000))
    value: Mapped[float | None] = mapped_column(Float)
    low: Mapped[float | None] = mapped_column(Float)
    high: Mapped[float | None] = mapped_column(Float)
    n: Mapped[int] = mapped_column(Integer)
    confidence: Mapped[float] = mapped_column(Float)
    unit: Mapped[str] = mapped_column(String(50))


class FindingRow(Base):
    """A finding, of a run or (``run_id`` null) of a definition alone; ``data`` holds all of it."""

    __tablename__ = "findings"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    rule: Mapped[str] = mapped_column(String(50), index=True)
    severity: Mapped[str] = mapped_column(String(50))
    process: Mapped[str] = mapped_column(String(300), index=True)
    variant: Mapped[str] = mapped_column(String(300))
    statement_en: Mapped[str] = mapped_column(Text)
    statement_zh: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
