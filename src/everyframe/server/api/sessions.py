"""Signing in and out, and one's own password."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response

from everyframe.server import passwords
from everyframe.server.accounts import Visitor
from everyframe.server.api.forms import Credentials, NewPassword, Session
from everyframe.server.guard import COOKIE, Anybody, TheHouse, from_elsewhere
from everyframe.server.house import House
from everyframe.server.signing_in import sign_in

router = APIRouter(prefix="/session", tags=["session"])


def give_cookie(response: Response, house: House, secret: str) -> None:
    """Put a session into the browser: out of reach of scripts and of other sites."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(house.settings.session_hours * 3600),
        httponly=True,
        secure=bool(house.settings.tls_certificate),
        samesite="strict",
    )


def take_cookie(response: Response) -> None:
    """Take it out again."""
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


def address_of(request: Request) -> str:
    """Return where a request comes from."""
    return request.client.host if request.client is not None else "unknown"


@router.post("")
def begin(form: Credentials, request: Request, response: Response, house: TheHouse) -> Session:
    """Sign in; the session is in a cookie."""
    if from_elsewhere(request.headers):
        raise HTTPException(403, "Another site's page sent this; sign in on the page of Everyframe.")
    found = sign_in(house, form.name, form.password, address_of(request))
    if found is None:
        raise HTTPException(401, "Name and password do not go together.")
    account, secret = found
    give_cookie(response, house, secret)
    return _told(Visitor(account, account.role, passwords.csrf_of(secret)))


@router.get("")
def who(visitor: Anybody) -> Session:
    """Say who is signed in."""
    return _told(visitor)


@router.delete("", status_code=204)
def end(visitor: Anybody, request: Request, response: Response, house: TheHouse) -> None:  # noqa: ARG001
    """Sign out."""
    secret = request.cookies.get(COOKIE)
    if secret:
        house.accounts.sign_out(secret)
    take_cookie(response)


@router.put("/password", status_code=204)
def change_password(
    form: NewPassword, visitor: Anybody, request: Request, response: Response, house: TheHouse
) -> None:
    """Change one's own password; every other browser is signed out."""
    if visitor.csrf is None:
        raise HTTPException(403, "A token cannot change a password; sign in.")
    change_own(house, visitor, form.old, form.new, address_of(request))
    give_cookie(response, house, house.accounts.sign_in(visitor.account))


def change_own(house: House, visitor: Visitor, old: str, new: str, address: str) -> None:
    """Change one's own password.

    Raises:
        HTTPException: The old one is wrong, or the new one is the old one.
        TooManyTries: It has been wrong too often.
    """
    found = sign_in(house, visitor.account.name, old, address)
    if found is None:
        raise HTTPException(403, "The old password is not right.")
    if old == new:
        raise HTTPException(422, "The new password is the old one; choose another.")
    house.accounts.set_password(visitor.account.name, new, chosen=True)


def _told(visitor: Visitor) -> Session:
    account = visitor.account
    return Session(name=account.name, role=visitor.role, chosen=account.chosen, csrf=visitor.csrf)
