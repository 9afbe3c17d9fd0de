from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.errors import AccountError
from everyframe.server import passwords
from everyframe.server.accounts import Accounts
from everyframe.server.roles import Role
from everyframe.store import Store

PASSWORD = "correct horse battery"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(store: Store, clock: Clock) -> Accounts:
    return Accounts(store, 3600.0, clock)


def test_a_password_costs_memory_and_its_hash_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    stored = passwords.hashed(PASSWORD)
    assert stored.startswith("scrypt$32768$8$1$")
    assert PASSWORD not in stored
    assert stored != passwords.hashed(PASSWORD)
    assert passwords.matches(PASSWORD, stored)
    assert not passwords.matches(PASSWORD + "x", stored)


@given(st.text(min_size=10, max_size=40), st.text(max_size=40))
def test_only_the_same_password_matches(password: str, other: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_N", 2)
        stored = passwords.hashed(password)
        assert passwords.matches(password, stored)
        assert passwords.matches(other, stored) == (other == password)


@pytest.mark.parametrize("password", ["", "short", "x" * 257])
def test_a_password_that_is_too_short_or_too_long_is_refused(accounts: Accounts, password: str) -> None:
    with pytest.raises(AccountError, match="10 to 256 characters"):
        accounts.add("ada", password, Role.VIEWER)


def test_the_first_password_is_told_once(accounts: Accounts) -> None:
    password = accounts.first_password()
    assert password is not None
    assert accounts.first_password() is None
    account = accounts.check("admin", password)
    assert account is not None
    assert (account.role, account.chosen) == (Role.ADMIN, False)


def test_a_name_or_password_that_is_wrong_opens_nothing(accounts: Accounts) -> None:
    accounts.add("ada", PASSWORD, Role.VIEWER)
    assert accounts.check("ada", PASSWORD) is not None
    for name, password in (
        ("ada", "x"),
        ("bob", PASSWORD),
        ("' OR 1=1 --", "x"),
        ("ada", "x" * 100_000),
        ("\ud800", "\ud800"),
    ):
        assert accounts.check(name, password) is None


@pytest.mark.parametrize("name", ["", " ", "a b", "-a", "a" * 65, "a\n", "<b>"])
def test_a_name_that_could_not_be_typed_or_shown_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(AccountError, match="choose another"):
        accounts.add(name, PASSWORD, Role.VIEWER)


def test_two_of_one_name_are_refused(accounts: Accounts) -> None:
    accounts.add("ada", PASSWORD, Role.VIEWER)
    with pytest.raises(AccountError, match="called ada already"):
        accounts.add("ada", PASSWORD, Role.ADMIN)


def test_a_session_lasts_until_it_expires_or_is_ended(accounts: Accounts, clock: Clock) -> None:
    account = accounts.add("ada", PASSWORD, Role.REVIEWER)
    first, second = accounts.sign_in(account), accounts.sign_in(account)
    visitor = accounts.of_session(first)
    assert visitor is not None
    assert (visitor.account, visitor.csrf) == (account, passwords.csrf_of(first))
    accounts.sign_out(first)
    assert accounts.of_session(first) is None
    clock.now += 3599
    assert accounts.of_session(second) is not None
    clock.now += 2
    assert accounts.of_session(second) is None


def test_a_new_password_ends_every_session(accounts: Accounts) -> None:
    account = accounts.add("ada", PASSWORD, Role.VIEWER)
    secret = accounts.sign_in(account)
    accounts.set_password("ada", PASSWORD + "2", chosen=True)
    assert accounts.of_session(secret) is None
    assert accounts.check("ada", PASSWORD) is None
    assert accounts.check("ada", PASSWORD + "2") is not None


def test_a_token_does_at_most_what_its_owner_may(accounts: Accounts) -> None:
    ada = accounts.add("ada", PASSWORD, Role.ADMIN)
    accounts.add("eve", PASSWORD, Role.ADMIN)
    bob = accounts.add("bob", PASSWORD, Role.VIEWER)
    with pytest.raises(AccountError, match="at most what its owner may; ask for viewer"):
        accounts.add_token(bob, "script", Role.ADMIN)
    _, secret = accounts.add_token(ada, "script", Role.REVIEWER)
    visitor = accounts.of_token(secret)
    assert visitor is not None
    assert (visitor.role, visitor.csrf) == (Role.REVIEWER, None)
    accounts.set_role("ada", Role.VIEWER)
    visitor = accounts.of_token(secret)
    assert visitor is not None
    assert visitor.role is Role.VIEWER


def test_a_token_that_was_taken_back_is_worthless(accounts: Accounts) -> None:
    ada = accounts.add("ada", PASSWORD, Role.VIEWER)
    bob = accounts.add("bob", PASSWORD, Role.VIEWER)
    token, secret = accounts.add_token(ada, "script", Role.VIEWER)
    with pytest.raises(AccountError, match="no token"):
        accounts.remove_token(token.id, bob)
    accounts.remove_token(token.id, ada)
    assert accounts.of_token(secret) is None
    assert accounts.of_token("ef_nonsense") is None


def test_the_use_of_a_token_is_noted_once_a_minute(accounts: Accounts, clock: Clock) -> None:
    ada = accounts.add("ada", PASSWORD, Role.VIEWER)
    _, secret = accounts.add_token(ada, "script", Role.VIEWER)
    accounts.of_token(secret)
    began = clock.now
    clock.now += 30
    accounts.of_token(secret)
    assert accounts.tokens()[0].used_utc == began
    clock.now += 31
    accounts.of_token(secret)
    assert accounts.tokens(ada)[0].used_utc == clock.now


def test_the_last_administrator_stays(accounts: Accounts) -> None:
    accounts.add("ada", PASSWORD, Role.ADMIN)
    for change in (lambda: accounts.remove("ada"), lambda: accounts.set_role("ada", Role.VIEWER)):
        with pytest.raises(AccountError, match="last administrator"):
            change()
    accounts.add("eve", PASSWORD, Role.ADMIN)
    accounts.remove("ada")
    assert [account.name for account in accounts.all()] == ["eve"]


def test_whoever_is_sent_away_leaves_no_session_or_token(accounts: Accounts) -> None:
    ada = accounts.add("ada", PASSWORD, Role.VIEWER)
    session, (_, token) = accounts.sign_in(ada), accounts.add_token(ada, "script", Role.VIEWER)
    accounts.remove("ada")
    assert accounts.of_session(session) is None
    assert accounts.of_token(token) is None


def test_no_secret_is_in_the_database(accounts: Accounts, tmp_path: Path) -> None:
    ada = accounts.add("ada", PASSWORD, Role.VIEWER)
    session, (_, token) = accounts.sign_in(ada), accounts.add_token(ada, "script", Role.VIEWER)
    with sqlite3.connect(tmp_path / "data" / "everyframe.db") as database:
        written = "\n".join(database.iterdump())
    database.close()
    assert "ada" in written
    for secret in (PASSWORD, session, token):
        assert secret not in written


@given(st.sampled_from(Role), st.sampled_from(Role))
def test_roles_are_in_order(role: Role, needed: Role) -> None:
    assert role.may(needed) == (list(Role).index(role) >= list(Role).index(needed))
