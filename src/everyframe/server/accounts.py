"""Who may come in: people with passwords, their browsers and their programs."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from everyframe.errors import AccountError
from everyframe.server import passwords
from everyframe.server.roles import Role
from everyframe.store import Store
from everyframe.store.serving import AccountRow, SessionRow, TokenRow

TOKEN_PREFIX = "ef_"  # noqa: S105 - what such a secret begins with, so that a leaked one is recognised
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII)
_USED_EVERY = 60.0  # seconds between two notes of a token's use: reading shall not write each time


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody.

    Attributes:
        id: Their number.
        name: How they sign in.
        role: What they may do.
        chosen: Whether they chose their password themselves; until then they can do nothing else.
        created_utc: POSIX seconds.
    """

    id: int
    name: str
    role: Role
    chosen: bool
    created_utc: float


@dataclass(frozen=True, slots=True)
class Token:
    """A program's way in, without its secret.

    Attributes:
        id: Its number.
        account: The name of whose it is.
        name: What it is for.
        role: What it may do.
        created_utc: POSIX seconds.
        used_utc: POSIX seconds when it was last used, to the minute; ``None`` for never.
    """

    id: int
    account: str
    name: str
    role: Role
    created_utc: float
    used_utc: float | None


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever asks.

    Attributes:
        account: Who it is.
        role: What they may do this way; a token may do less than its owner.
        csrf: What must come with whatever changes anything; ``None`` where no cookie is involved.
    """

    account: Account
    role: Role
    csrf: str | None


class Accounts:
    """The people of one store. Safe to use from several threads.

    Args:
        store: Where they are kept.
        session_seconds: How long a browser stays signed in.
        clock: POSIX seconds.
    """

    def __init__(self, store: Store, session_seconds: float, clock: Callable[[], float] = time.time) -> None:
        self._store, self._session_seconds, self._clock = store, session_seconds, clock
        # Each hash takes 32 MB: a flood of logins shall not take all the memory.
        self._hashing = threading.BoundedSemaphore(2)

    def first_password(self, name: str = "admin") -> str | None:
        """Make the first administrator, where there is nobody yet.

        Returns:
            Their password, to be told once; ``None`` where there are people already.
        """
        password = passwords.new_password()
        with self._store.writing() as session:
            if session.scalar(select(func.count(AccountRow.id))):
                return None
            session.add(self._row(name, password, Role.ADMIN, chosen=False))
        return password

    def add(self, name: str, password: str, role: Role, *, chosen: bool = False) -> Account:
        """Let somebody in.

        Raises:
            AccountError: The name is taken or cannot be one, or the password is too short.
        """
        if not _NAME.fullmatch(name):
            raise AccountError(
                "A name has 1 to 64 letters, digits, dots, dashes, underscores or @, and begins with a "
                "letter or digit; choose another one."
            )
        row = self._row(name, password, role, chosen=chosen)
        with self._store.writing() as session:
            if session.scalar(select(AccountRow.id).where(AccountRow.name == name)) is not None:
                raise AccountError(f"There is somebody called {name} already; choose another name.")
            session.add(row)
            session.flush()
            return _account(row)

    def all(self) -> list[Account]:
        """Return everybody, by name."""
        with self._store.reading() as session:
            return [_account(row) for row in session.scalars(select(AccountRow).order_by(AccountRow.name))]

    def remove(self, name: str) -> None:
        """Send somebody away, with all their sessions and tokens.

        Raises:
            AccountError: There is nobody of that name, or it is the last administrator.
        """
        with self._store.writing() as session:
            row = _known(session, name)
            if row.role == Role.ADMIN:
                self._keep_an_admin(session)
            session.delete(row)

    def set_role(self, name: str, role: Role) -> Account:
        """Say what somebody may do from now on; tokens of theirs never do more.

        Raises:
            AccountError: There is nobody of that name, or it is the last administrator.
        """
        with self._store.writing() as session:
            row = _known(session, name)
            if row.role == Role.ADMIN and role is not Role.ADMIN:
                self._keep_an_admin(session)
            row.role = role.value
            return _account(row)

    def set_password(self, name: str, password: str, *, chosen: bool) -> None:
        """Change a password; every browser of theirs is signed out.

        Raises:
            AccountError: There is nobody of that name, or the password is too short.
        """
        with self._hashing:
            stored = passwords.hashed(password)
        with self._store.writing() as session:
            row = _known(session, name)
            row.password, row.chosen = stored, chosen
            session.execute(delete(SessionRow).where(SessionRow.account_id == row.id))

    def check(self, name: str, password: str) -> Account | None:
        """Return who that is, or ``None`` where name and password do not go together."""
        with self._store.reading() as session:
            row = (
                session.scalar(select(AccountRow).where(AccountRow.name == name))
                if _NAME.fullmatch(name)
                else None
            )
        with self._hashing:
            if len(password) > passwords.LONGEST:
                return None
            if row is None:
                passwords.waste_time(password)
                return None
            return _account(row) if passwords.matches(password, row.password) else None

    def sign_in(self, account: Account) -> str:
        """Begin a session; return its secret, which goes into the cookie."""
        secret, now = passwords.new_secret(), self._clock()
        with self._store.writing() as session:
            session.execute(delete(SessionRow).where(SessionRow.expires_utc <= now))
            session.add(
                SessionRow(
                    account_id=account.id,
                    digest=passwords.digest(secret),
                    created_utc=now,
                    expires_utc=now + self._session_seconds,
                )
            )
        return secret

    def sign_out(self, secret: str) -> None:
        """End a session; one that has ended stays so."""
        with self._store.writing() as session:
            session.execute(delete(SessionRow).where(SessionRow.digest == passwords.digest(secret)))

    def of_session(self, secret: str) -> Visitor | None:
        """Return whose session that is, or ``None`` where it has ended or never was."""
        query = select(SessionRow).where(SessionRow.digest == passwords.digest(secret))
        with self._store.reading() as session:
            row = session.scalar(query)
            if row is None or row.expires_utc <= self._clock():
                return None
            account = _account(row.account)
        return Visitor(account, account.role, passwords.csrf_of(secret))

    def add_token(self, owner: Account, name: str, role: Role) -> tuple[Token, str]:
        """Make a token; its secret is told this once.

        Raises:
            AccountError: It should do more than its owner may, or the name is too long.
        """
        if not owner.role.may(role):
            raise AccountError(f"A token may do at most what its owner may; ask for {owner.role.value}.")
        secret = passwords.new_secret(TOKEN_PREFIX)
        row = TokenRow(
            account_id=owner.id,
            name=name,
            role=role.value,
            digest=passwords.digest(secret),
            created_utc=self._clock(),
            used_utc=None,
        )
        with self._store.writing() as session:
            session.add(row)
            session.flush()
            token = Token(row.id, owner.name, name, role, row.created_utc, None)
        return token, secret

    def tokens(self, owner: Account | None = None) -> list[Token]:
        """Return somebody's tokens, or all."""
        query = select(TokenRow).order_by(TokenRow.id)
        if owner is not None:
            query = query.where(TokenRow.account_id == owner.id)
        with self._store.reading() as session:
            return [_token(row) for row in session.scalars(query)]

    def remove_token(self, number: int, owner: Account | None = None) -> None:
        """Make a token worthless.

        Raises:
            AccountError: There is none of that number, or it is not the owner's.
        """
        with self._store.writing() as session:
            row = session.get(TokenRow, number)
            if row is None or (owner is not None and row.account_id != owner.id):
                raise AccountError(f"There is no token {number}; look at the list of tokens.")
            session.delete(row)

    def of_token(self, secret: str) -> Visitor | None:
        """Return whose token that is, or ``None`` where there is none like it."""
        if not secret.startswith(TOKEN_PREFIX):
            return None
        now = self._clock()
        with self._store.reading() as session:
            row = session.scalar(select(TokenRow).where(TokenRow.digest == passwords.digest(secret)))
            if row is None:
                return None
            account, role, number, used = _account(row.account), Role(row.role), row.id, row.used_utc
        if used is None or now - used > _USED_EVERY:
            with self._store.writing() as session:
                session.execute(update(TokenRow).where(TokenRow.id == number).values(used_utc=now))
        return Visitor(account, role if account.role.may(role) else account.role, None)

    def _row(self, name: str, password: str, role: Role, *, chosen: bool) -> AccountRow:
        with self._hashing:
            stored = passwords.hashed(password)
        return AccountRow(
            name=name, password=stored, role=role.value, chosen=chosen, created_utc=self._clock()
        )

    @staticmethod
    def _keep_an_admin(session: Session) -> None:
        if session.scalar(select(func.count(AccountRow.id)).where(AccountRow.role == Role.ADMIN.value)) == 1:
            raise AccountError("That is the last administrator; make somebody else one first.")


def _known(session: Session, name: str) -> AccountRow:
    row = session.scalar(select(AccountRow).where(AccountRow.name == name))
    if row is None:
        raise AccountError("There is nobody of that name; look at the list of people.")
    return row


def _account(row: AccountRow) -> Account:
    return Account(row.id, row.name, Role(row.role), row.chosen, row.created_utc)


def _token(row: TokenRow) -> Token:
    return Token(row.id, row.account.name, row.name, Role(row.role), row.created_utc, row.used_utc)
