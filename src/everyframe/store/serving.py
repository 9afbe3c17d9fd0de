"""The tables of the server: who may come in, and which cameras it keeps watching."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from everyframe.store.models import Base


class AccountRow(Base):
    """A person; ``password`` is a salted hash, ``chosen`` says that the person chose it."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    password: Mapped[str] = mapped_column(String(200))
    chosen: Mapped[bool]
    created_utc: Mapped[float]


class SessionRow(Base):
    """A browser that is signed in; of its secret only a digest is kept."""

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_utc: Mapped[float]
    expires_utc: Mapped[float]

    account: Mapped[AccountRow] = relationship(lazy="joined", innerjoin=True)


class TokenRow(Base):
    """A secret for a program; only a digest is kept."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_utc: Mapped[float]
    used_utc: Mapped[float | None]

    account: Mapped[AccountRow] = relationship(lazy="joined", innerjoin=True)


class KeptCameraRow(Base):
    """A camera that the server watches; ``source`` is encrypted, for it may hold a password.

    ``masks`` and ``schedule`` are as the settings file would hold them.
    """

    __tablename__ = "kept_camera"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    source: Mapped[str] = mapped_column(Text)
    budget: Mapped[str] = mapped_column(String(64))
    detector: Mapped[str] = mapped_column(String(64))
    motion: Mapped[str] = mapped_column(String(16))
    learn_for: Mapped[float]
    added_utc: Mapped[float]
    masks: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    schedule: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class KeptRuleRow(Base):
    """A rule made on the page: ``told`` is its table as the settings file would hold it."""

    __tablename__ = "kept_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    told: Mapped[dict[str, Any]] = mapped_column(JSON)
    by: Mapped[str] = mapped_column(String(64))
    changed_utc: Mapped[float]


class KeptZoneRow(Base):
    """A zone drawn on the page: ``told`` is its table as the settings file would hold it."""

    __tablename__ = "kept_zone"
    __table_args__ = (UniqueConstraint("camera", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    camera: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(60))
    told: Mapped[dict[str, Any]] = mapped_column(JSON)
    by: Mapped[str] = mapped_column(String(64))
    changed_utc: Mapped[float]
