"""Profiles of those who watch, and what they watched and skipped."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
# The step before this one: where other steps are merged between, this line is all that changes.
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("folded", sa.String(200), nullable=False),
        sa.Column("players", sa.JSON(), nullable=False),
        sa.Column("teams", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("changed_utc", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_profile"),
        sa.UniqueConstraint("folded", name="uq_profile_folded"),
    )
    op.create_table(
        "profile_feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("given_utc", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_profile_feedback"),
        sa.UniqueConstraint("profile_id", "uid", name="uq_profile_feedback_profile_id_uid"),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["profile.id"], name="fk_profile_feedback_profile_id_profile", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("profile_feedback")
    op.drop_table("profile")
