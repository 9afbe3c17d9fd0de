"""Accounts, sessions, tokens, and the cameras that a server keeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
# The step before this one: where other steps are merged between, this line is all that changes.
down_revision = "0004"
branch_labels = None
depends_on = None


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"], ["account.id"], name=f"fk_{table}_account_id_account", ondelete="CASCADE"
    )


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password", sa.String(200), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("created_utc", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("name", name="uq_account_name"),
    )
    op.create_table(
        "login_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_utc", sa.Double(), nullable=False),
        sa.Column("expires_utc", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_login_session"),
        sa.UniqueConstraint("digest", name="uq_login_session_digest"),
        _of_account("login_session"),
    )
    op.create_index("ix_login_session_account_id", "login_session", ["account_id"])
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_utc", sa.Double(), nullable=False),
        sa.Column("used_utc", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.UniqueConstraint("digest", name="uq_api_token_digest"),
        _of_account("api_token"),
    )
    op.create_index("ix_api_token_account_id", "api_token", ["account_id"])
    op.create_table(
        "kept_camera",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("budget", sa.String(64), nullable=False),
        sa.Column("detector", sa.String(64), nullable=False),
        sa.Column("motion", sa.String(16), nullable=False),
        sa.Column("learn_for", sa.Double(), nullable=False),
        sa.Column("added_utc", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kept_camera"),
        sa.UniqueConstraint("name", name="uq_kept_camera_name"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("kept_camera", "api_token", "login_session", "account"):
        op.drop_table(table)
