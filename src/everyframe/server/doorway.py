"""What every request passes first: headers that protect, sizes that are bounded, a line in the log."""

from __future__ import annotations

import logging
import time
from typing import Any

from anyio.to_thread import run_sync
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from everyframe.server.guard import COOKIE, from_elsewhere
from everyframe.server.house import KEY, House
from everyframe.server.metrics import Metrics

_log = logging.getLogger("everyframe.server.requests")

_HUNG_UP = 499  # what nginx calls it; nobody is there to read it

LARGEST = 1_000_000
"""Bytes that a request's body may have."""

# The page's toolkit compiles its templates in the browser, which asks for unsafe-eval; nothing from another
# host is ever loaded, and nobody may frame the page.
_PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self' ws: wss:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Doorway:
    """The outermost layer of the application.

    Args:
        app: What answers.
        house: What it is about; it lies in the scope of each request.
        metrics: What counts requests.
    """

    def __init__(self, app: ASGIApp, house: House, metrics: Metrics) -> None:
        self._app, self._house, self._metrics = app, house, metrics
        self._secure = bool(house.settings.tls_certificate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        scope[KEY] = self._house
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, status, gone = time.perf_counter(), 500, False
        length = Headers(scope=scope).get("content-length", "0")

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._protect(scope["path"], MutableHeaders(scope=message))
            await send(message)

        async def receiving() -> Message:
            nonlocal gone
            message = await receive()
            gone = gone or message["type"] == "http.disconnect"
            return message

        try:
            if not length.isascii() or not length.isdigit() or int(length) > LARGEST:
                await JSONResponse({"detail": f"More than {LARGEST} bytes were sent; send less."}, 413)(
                    scope, receive, sending
                )
            else:
                await self._app(scope, _bounded(receiving), sending)
        except RuntimeError:
            if not gone:
                raise
            status = _HUNG_UP  # the toolkit calls it an error when a browser goes on before it has an answer
        finally:
            seconds = time.perf_counter() - begun
            self._metrics.answered(scope["method"], status, seconds)
            # Without the query: it is no place for secrets, but people put them there.
            fields = {"method": scope["method"], "path": scope["path"], "status": status}
            level = logging.DEBUG if status < 400 and scope["method"] == "GET" else logging.INFO
            _log.log(level, "%s %s %s", *fields.values(), extra={**fields, "seconds": round(seconds, 4)})

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a page's connection in only from this very site, and only for who is signed in."""
        connection = HTTPConnection(scope)
        secret = connection.cookies.get(COOKIE)
        ours = secret is not None and not from_elsewhere(connection.headers)
        if not ours or await run_sync(self._house.accounts.of_session, secret or "") is None:
            await receive()
            await send({"type": "websocket.close", "code": 4401, "reason": "Sign in."})
            return
        await self._app(scope, receive, send)

    def _protect(self, path: str, headers: MutableHeaders) -> None:
        for name, value in _HEADERS.items():
            headers[name] = value
        headers["Content-Security-Policy"] = _DATA_POLICY if path.startswith("/api/") else _PAGE_POLICY
        headers.setdefault("Cache-Control", "no-store")
        if self._secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"


def _bounded(receive: Receive) -> Receive:
    """Hang up on a body without a length that goes on and on."""
    taken = 0

    async def receiving() -> Any:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return {"type": "http.disconnect"} if taken > LARGEST else message

    return receiving
