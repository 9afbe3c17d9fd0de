"""Zones made on the page; masks and times of cameras."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
# The step before this one: where other steps are merged between, this line is all that changes.
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, and add what cameras have."""
    op.create_table(
        "kept_zone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("camera", sa.String(200), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("changed_utc", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kept_zone"),
        sa.UniqueConstraint("camera", "name", name="uq_kept_zone_camera_name"),
    )
    op.add_column("kept_camera", sa.Column("masks", sa.JSON(), nullable=True))
    op.add_column("kept_camera", sa.Column("schedule", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("kept_camera", "schedule")
    op.drop_column("kept_camera", "masks")
    op.drop_table("kept_zone")
