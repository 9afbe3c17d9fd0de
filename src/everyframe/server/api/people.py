"""People and their programs' tokens."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from everyframe.errors import AccountError
from everyframe.server.accounts import Account, Token
from everyframe.server.api.forms import (
    Key,
    NewToken,
    PasswordForm,
    Person,
    PersonForm,
    PersonName,
    RoleForm,
    TokenForm,
    TokenOut,
)
from everyframe.server.guard import Admin, TheHouse, Viewer
from everyframe.server.house import House
from everyframe.server.roles import Role

router = APIRouter(tags=["people"])

Name = Annotated[PersonName, Path(description="The person's name")]


@router.get("/users")
def everybody(house: TheHouse, visitor: Admin) -> list[Person]:  # noqa: ARG001
    """Return everybody who may come in."""
    return [_person(account) for account in house.accounts.all()]


@router.post("/users", status_code=201)
def add(form: PersonForm, house: TheHouse, visitor: Admin) -> Person:  # noqa: ARG001
    """Let somebody in; they choose another password when they first sign in."""
    return _person(house.accounts.add(form.name, form.password, form.role))


@router.patch("/users/{name}")
def set_role(name: Name, form: RoleForm, house: TheHouse, visitor: Admin) -> Person:  # noqa: ARG001
    """Say what somebody may do from now on."""
    _known(house, name)
    return _person(house.accounts.set_role(name, form.role))


@router.put("/users/{name}/password", status_code=204)
def set_password(name: Name, form: PasswordForm, house: TheHouse, visitor: Admin) -> None:
    """Give somebody a password, which they replace when they next sign in."""
    if name == visitor.account.name:
        raise HTTPException(422, "Change your own password with the old one: PUT /api/v1/session/password.")
    _known(house, name)
    house.accounts.set_password(name, form.password, chosen=False)


@router.delete("/users/{name}", status_code=204)
def remove(name: Name, house: TheHouse, visitor: Admin) -> None:  # noqa: ARG001
    """Send somebody away, with their sessions and tokens."""
    _known(house, name)
    house.accounts.remove(name)


@router.get("/tokens")
def tokens(house: TheHouse, visitor: Viewer) -> list[TokenOut]:
    """Return one's own tokens; an administrator sees all."""
    owner = None if visitor.role is Role.ADMIN else visitor.account
    return [_token(token) for token in house.accounts.tokens(owner)]


@router.post("/tokens", status_code=201)
def add_token(form: TokenForm, house: TheHouse, visitor: Viewer) -> NewToken:
    """Make a token; its secret is told this once."""
    if visitor.csrf is None:
        raise HTTPException(403, "A token cannot make another; sign in.")
    token, secret = house.accounts.add_token(visitor.account, form.name, form.role)
    return NewToken(**asdict(token), secret=secret)


@router.delete("/tokens/{number}", status_code=204)
def remove_token(number: Annotated[Key, Path()], house: TheHouse, visitor: Viewer) -> None:
    """Make a token worthless."""
    try:
        house.accounts.remove_token(number, None if visitor.role is Role.ADMIN else visitor.account)
    except AccountError as error:
        raise HTTPException(404, str(error)) from None


def _known(house: House, name: str) -> None:
    if all(account.name != name for account in house.accounts.all()):
        raise HTTPException(404, "There is nobody of that name; look at the list of people.")


def _person(account: Account) -> Person:
    return Person(
        name=account.name, role=account.role, chosen=account.chosen, created_utc=account.created_utc
    )


def _token(token: Token) -> TokenOut:
    return TokenOut(**asdict(token))
