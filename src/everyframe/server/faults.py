"""From what went wrong to an answer of one line."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from everyframe.errors import AccountError, BaselineError, EveryframeError, SourceError, StorageError
from everyframe.server.signing_in import TooManyTries

_STATUS: tuple[tuple[type[EveryframeError], int], ...] = (
    (TooManyTries, 429),
    (StorageError, 503),
    (SourceError, 422),
    (BaselineError, 422),
    (AccountError, 400),
    (EveryframeError, 400),
)


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def handle(app: FastAPI) -> None:
    """Have an application answer in one line wherever something went wrong that a person can mend."""
    app.add_exception_handler(EveryframeError, _said)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(405, _not_so)


def status_of(error: EveryframeError) -> int:
    """Return the HTTP status of an error."""
    return next(status for kind, status in _STATUS if isinstance(error, kind))


def _said(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001 - the signature of a handler
    assert isinstance(error, EveryframeError)
    headers = {"Retry-After": str(error.seconds)} if isinstance(error, TooManyTries) else None
    return JSONResponse({"detail": " ".join(str(error).split())}, status_of(error), headers)


def _misread(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001 - likewise
    assert isinstance(error, RequestValidationError)
    # Never what was sent: it may be a password.
    return JSONResponse({"detail": "; ".join(_fault(entry) for entry in error.errors())}, 422)


def _not_so(request: Request, error: Exception) -> JSONResponse:
    """Name every method of the place; the router names those of the first of its routes alone."""
    assert isinstance(error, HTTPException)
    routes = request.app.router.routes
    allowed = [
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    return JSONResponse({"detail": error.detail}, 405, {"Allow": ", ".join(allowed)})


def _fault(entry: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in entry["loc"][1:]) or str(entry["loc"][0])
    return f"{place[:100].encode('ascii', 'replace').decode()}: {entry['msg']}"
