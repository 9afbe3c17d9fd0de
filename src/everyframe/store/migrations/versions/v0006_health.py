"""What was wrong with a camera, and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "health",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("camera_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("start_utc", sa.Double(), nullable=False),
        sa.Column("end_utc", sa.Double(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_health"),
        sa.ForeignKeyConstraint(
            ["camera_id"], ["camera.id"], name="fk_health_camera_id_camera", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("camera_id", "kind", "start_utc", name="uq_health_camera_id_kind_start_utc"),
    )
    op.create_index("ix_health_camera_id", "health", ["camera_id"])


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("health")
