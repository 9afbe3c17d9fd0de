"""What people say of events, and what of an event they say it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, and add an event's name and its sightings."""
    op.create_table(
        "verdict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("given_utc", sa.Double(), nullable=False),
        sa.Column("undone_utc", sa.Double(), nullable=True),
        sa.Column("undone_by", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_verdict"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name="fk_verdict_event_id_event", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_verdict_event_id", "verdict", ["event_id"])
    op.add_column("event", sa.Column("name", sa.String(200), nullable=True))
    op.add_column("event", sa.Column("sightings", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("event", "sightings")
    op.drop_column("event", "name")
    op.drop_table("verdict")
