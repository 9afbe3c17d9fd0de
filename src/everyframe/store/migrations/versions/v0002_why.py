"""A drawing of what deviates, for each event."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("event", sa.Column("why", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take the column away; the files stay."""
    op.drop_column("event", "why")
