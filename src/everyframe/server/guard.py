"""Who asks, and whether they may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import Headers

from everyframe.server import passwords
from everyframe.server.accounts import Visitor
from everyframe.server.house import KEY, House
from everyframe.server.roles import Role

COOKIE = "everyframe_session"
CSRF_HEADER = "X-CSRF-Token"
_HARMLESS = {"GET", "HEAD", "OPTIONS"}


def house_of(request: Request) -> House:
    """Return what the request is about."""
    house = request.scope[KEY]
    assert isinstance(house, House)
    return house


def visitor_of(request: Request) -> Visitor | None:
    """Return who asks, by token or by cookie; ``None`` for a stranger."""
    house = house_of(request)
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return house.accounts.of_token(token.strip())
    secret = request.cookies.get(COOKIE)
    return house.accounts.of_session(secret) if secret else None


def from_elsewhere(headers: Headers) -> bool:
    """Say whether another site's page sent this; a browser says so itself, and no page can change that."""
    if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def check_csrf(request: Request, visitor: Visitor) -> None:
    """Refuse what changes something unless a page of this session sent it.

    Raises:
        HTTPException: 403.
    """
    if visitor.csrf is None or request.method in _HARMLESS:
        return
    sent = request.headers.get(CSRF_HEADER, "")
    if from_elsewhere(request.headers) or not passwords.same(sent, visitor.csrf):
        raise HTTPException(
            403, f"This did not come from a page of yours; send the session's csrf as {CSRF_HEADER}."
        )


def anybody(request: Request) -> Visitor:
    """Ask for somebody who is signed in, whether or not they have chosen a password yet.

    Raises:
        HTTPException: 401 or 403.
    """
    visitor = visitor_of(request)
    if visitor is None:
        raise HTTPException(
            401, "Sign in, or send Authorization: Bearer with a token.", {"WWW-Authenticate": "Bearer"}
        )
    check_csrf(request, visitor)
    return visitor


def _needing(role: Role) -> Callable[[Visitor], Visitor]:
    def check(visitor: Annotated[Visitor, Depends(anybody)]) -> Visitor:
        if not visitor.account.chosen:
            raise HTTPException(403, "Choose a password of your own first.")
        if not visitor.role.may(role):
            raise HTTPException(403, f"That is for a {role.value}; you are a {visitor.role.value}.")
        return visitor

    return check


Anybody = Annotated[Visitor, Depends(anybody)]
Viewer = Annotated[Visitor, Depends(_needing(Role.VIEWER))]
Reviewer = Annotated[Visitor, Depends(_needing(Role.REVIEWER))]
Admin = Annotated[Visitor, Depends(_needing(Role.ADMIN))]
TheHouse = Annotated[House, Depends(house_of)]
