"""Runs with their processes, summaries and findings."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the first tables."""
    op.create_table(
        "runs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scenario", sa.String(300), nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("replications", sa.Integer, nullable=False),
        sa.Column("version", sa.String(50), nullable=False),
        sa.Column("digest", sa.String(128), nullable=False),
        sa.Column("provenance", sa.JSON, nullable=False),
    )
    op.create_index("ix_runs_created", "runs", ["created"])
    op.create_index("ix_runs_digest", "runs", ["digest"])
    op.create_table(
        "run_processes",
        sa.Column("run_id", sa.String(32), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("process", sa.String(300), nullable=False),
        sa.Column("variant", sa.String(300), nullable=False),
    )
    op.create_index("ix_run_processes_process", "run_processes", ["process"])
    op.create_table(
        "summaries",
        sa.Column("run_id", sa.String(32), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("process", sa.String(300), nullable=False),
        sa.Column("metric", sa.String(300), nullable=False),
        sa.Column("name_en", sa.String(1000), nullable=False),
        sa.Column("name_zh", sa.String(1000), nullable=False),
        sa.Column("value", sa.Float),
        sa.Column("low", sa.Float),
        sa.Column("high", sa.Float),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("unit", sa.String(50), nullable=False),
    )
    op.create_index("ix_summaries_metric", "summaries", ["metric"])
    op.create_table(
        "findings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.String(32), sa.ForeignKey("runs.id", ondelete="CASCADE")),
        sa.Column("rule", sa.String(50), nullable=False),
        sa.Column("severity", sa.String(50), nullable=False),
        sa.Column("process", sa.String(300), nullable=False),
        sa.Column("variant", sa.String(300), nullable=False),
        sa.Column("statement_en", sa.Text, nullable=False),
        sa.Column("statement_zh", sa.Text, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
    )
    op.create_index("ix_findings_run_id", "findings", ["run_id"])
    op.create_index("ix_findings_rule", "findings", ["rule"])
    op.create_index("ix_findings_process", "findings", ["process"])


def downgrade() -> None:
    """Drop the tables, what others refer to last."""
    for table in ("findings", "summaries", "run_processes", "runs"):
        op.drop_table(table)
