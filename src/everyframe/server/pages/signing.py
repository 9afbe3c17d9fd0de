"""The doors of the page: signing in, choosing a password, signing out. Plain forms that need no script."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from everyframe.errors import AccountError
from everyframe.server import passwords
from everyframe.server.accounts import Visitor
from everyframe.server.api.sessions import address_of, change_own, give_cookie, take_cookie
from everyframe.server.guard import COOKIE, TheHouse, from_elsewhere, visitor_of
from everyframe.server.signing_in import TooManyTries, sign_in

router = APIRouter(include_in_schema=False)
_templates = Environment(
    loader=PackageLoader("everyframe.server.pages"), autoescape=True, undefined=StrictUndefined
)
Text = Annotated[str, Form(max_length=1000)]


@router.get("/login")
def ask(request: Request) -> Response:
    """Ask for name and password."""
    return _home(visitor) if (visitor := visitor_of(request)) else _login()


@router.post("/login")
def login(request: Request, house: TheHouse, name: Text = "", password: Text = "") -> Response:
    """Sign in."""
    if from_elsewhere(request.headers):
        return _login("Another site's page sent this; sign in here.", name, 403)
    try:
        found = sign_in(house, name, password, address_of(request))
    except TooManyTries as error:
        return _login(str(error), name, 429)
    if found is None:
        return _login("Name and password do not go together.", name, 401)
    account, secret = found
    response = _home(Visitor(account, account.role, None))
    give_cookie(response, house, secret)
    return response


@router.get("/password")
def ask_password(request: Request) -> Response:
    """Ask for a password of one's own."""
    visitor = visitor_of(request)
    return _login() if visitor is None else _password(visitor)


@router.post("/password")
def choose(
    request: Request, house: TheHouse, csrf: Text = "", old: Text = "", new: Text = "", again: Text = ""
) -> Response:
    """Choose a password of one's own."""
    visitor = visitor_of(request)
    if visitor is None:
        return RedirectResponse("/login", 303)
    if visitor.csrf is None or from_elsewhere(request.headers) or not passwords.same(csrf, visitor.csrf):
        return _password(visitor, "This form has expired; send it again.", 403)
    if new != again:
        return _password(visitor, "The two are not the same; type both again.", 422)
    try:
        change_own(house, visitor, old, new, address_of(request))
    except AccountError as error:
        return _password(visitor, str(error), 422)
    except HTTPException as error:
        return _password(visitor, error.detail, error.status_code)
    response = RedirectResponse("/" if visitor.account.chosen else "/start", 303)
    give_cookie(response, house, house.accounts.sign_in(visitor.account))
    return response


@router.post("/logout")
def logout(request: Request, house: TheHouse, csrf: Text = "") -> Response:
    """Sign out."""
    visitor = visitor_of(request)
    response = RedirectResponse("/login", 303)
    if visitor is not None and visitor.csrf is not None and passwords.same(csrf, visitor.csrf):
        house.accounts.sign_out(request.cookies[COOKIE])
        take_cookie(response)
    return response


def _home(visitor: Visitor) -> RedirectResponse:
    return RedirectResponse("/" if visitor.account.chosen else "/password", 303)


def _login(fault: str = "", name: str = "", status: int = 200) -> Response:
    return HTMLResponse(_templates.get_template("login.html").render(fault=fault, name=name), status)


def _password(visitor: Visitor, fault: str = "", status: int = 200) -> Response:
    page = _templates.get_template("password.html").render(
        fault=fault,
        name=visitor.account.name,
        chosen=visitor.account.chosen,
        csrf=visitor.csrf or "",
        shortest=passwords.SHORTEST,
    )
    return HTMLResponse(page, status)
