"""Rules made on the page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "kept_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("changed_utc", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kept_rule"),
        sa.UniqueConstraint("name", name="uq_kept_rule_name"),
    )


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("kept_rule")
