"""The archive: footage, moments, and an index of their words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
# The step before this one: where other steps are merged between, this line is all that changes.
down_revision = "0008"
branch_labels = None
depends_on = None

_NAMED = ("label", "player", "team", "opponent", "competition")


def _of(table: str, column: str, whole: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{whole}"
    return sa.ForeignKeyConstraint([column], [f"{whole}.id"], name=name, ondelete=ondelete)


def upgrade() -> None:
    """Create the tables, and the index of words as each database has it."""
    op.create_table(
        "footage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("fps", sa.Double(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("changed_ns", sa.BigInteger(), nullable=True),
        sa.Column("date", sa.String(10), nullable=True),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("indexed_utc", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_footage"),
        sa.UniqueConstraint("digest", name="uq_footage_digest"),
    )
    op.create_index("ix_footage_folded", "footage", ["folded"])
    op.create_table(
        "telling",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("indexed_utc", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_telling"),
        sa.UniqueConstraint("path", name="uq_telling_path"),
    )
    op.create_index("ix_telling_digest", "telling", ["digest"])
    op.create_table(
        "archive_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_archive_name"),
        sa.UniqueConstraint("kind", "folded", name="uq_archive_name_kind_folded"),
    )
    _subjects()
    _moments()


def _subjects() -> None:
    columns = [sa.Column(f"{kind}_id", sa.Integer(), nullable=kind != "label") for kind in _NAMED]
    op.create_table(
        "subject",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        *columns,
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("newest", sa.Double(), nullable=True),
        sa.Column("oldest", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_subject"),
        sa.UniqueConstraint("uid", name="uq_subject_uid"),
        *(_of("subject", f"{kind}_id", "archive_name") for kind in _NAMED),
    )
    for kind in _NAMED:
        op.create_index(f"ix_subject_{kind}_id", "subject", [f"{kind}_id"])
    if op.get_context().dialect.name == "sqlite":
        # Words are folded and stemmed before they are kept: the same on every database.
        op.execute(
            "CREATE VIRTUAL TABLE subject_words USING fts5("
            "words, content='subject', content_rowid='id', tokenize='unicode61 remove_diacritics 0')"
        )
        op.execute(
            "CREATE TRIGGER subject_told AFTER INSERT ON subject BEGIN "
            "INSERT INTO subject_words(rowid, words) VALUES (new.id, new.words); END"
        )
        op.execute(
            "CREATE TRIGGER subject_gone AFTER DELETE ON subject BEGIN "
            "INSERT INTO subject_words(subject_words, rowid, words) VALUES ('delete', old.id, old.words); END"
        )
    else:
        op.execute("CREATE INDEX subject_words ON subject USING gin (CAST(words AS tsvector))")


def _moments() -> None:
    op.create_table(
        "moment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("footage_id", sa.Integer(), nullable=True),
        sa.Column("telling_id", sa.Integer(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("start_time", sa.Double(), nullable=False),
        sa.Column("end_time", sa.Double(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("said_by", sa.String(16), nullable=False),
        sa.Column("period", sa.String(64), nullable=False),
        sa.Column("clock", sa.String(32), nullable=False),
        sa.Column("about", sa.JSON(), nullable=True),
        sa.Column("strip", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_moment"),
        sa.UniqueConstraint("uid", name="uq_moment_uid"),
        _of("moment", "subject_id", "subject"),
        _of("moment", "footage_id", "footage", "CASCADE"),
        _of("moment", "telling_id", "telling"),
    )
    op.create_index("ix_moment_subject_id_at", "moment", ["subject_id", "at"])
    for column in ("footage_id", "telling_id", "at"):
        op.create_index(f"ix_moment_{column}", "moment", [column])
    op.create_table(
        "moment_vector",
        sa.Column("moment_id", sa.Integer(), nullable=False),
        sa.Column("maker", sa.String(32), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("moment_id", name="pk_moment_vector"),
        _of("moment_vector", "moment_id", "moment", "CASCADE"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("moment_vector")
    op.drop_table("moment")
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TABLE subject_words")
    for table in ("subject", "archive_name", "telling", "footage"):
        op.drop_table(table)
