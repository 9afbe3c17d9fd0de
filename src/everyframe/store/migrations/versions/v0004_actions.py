"""Messages to be delivered, decisions of rules, and what rules remember."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(36), nullable=False),
        sa.Column("destination", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("camera", sa.String(200), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("retain", sa.Boolean(), nullable=False),
        sa.Column("slot", sa.String(320), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_utc", sa.Double(), nullable=False),
        sa.Column("from_utc", sa.Double(), nullable=False),
        sa.Column("due_utc", sa.Double(), nullable=False),
        sa.Column("expires_utc", sa.Double(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("ended_utc", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("uid", name="uq_message_uid"),
    )
    for column in ("destination", "slot", "state", "due_utc"):
        op.create_index(f"ix_message_{column}", "message", [column])
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(36), nullable=False),
        sa.Column("utc", sa.Double(), nullable=False),
        sa.Column("rule", sa.String(100), nullable=False),
        sa.Column("camera", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(24), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("measures", sa.JSON(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
    )
    for column in ("uid", "utc", "rule"):
        op.create_index(f"ix_decision_{column}", "decision", [column])
    op.create_table(
        "rule_state",
        sa.Column("rule", sa.String(100), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("saved_utc", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("rule", name="pk_rule_state"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("rule_state", "decision", "message"):
        op.drop_table(table)
